package assess

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// Reads are read records and the tree in which their scopes stand, for those who
// show resources without judging them. They serve several goroutines; all records
// and scopes must be told before the first question.
type Reads struct {
	known *knowledge

	laying sync.Once
	at     map[string][]statement // by folded scope: what its records say of whole types
	inner  []string               // the scopes of at, in order
	open   []openRead
	named  []namedRead
	units  []string
	there  func([]NamedResource) []bool

	mu    sync.Mutex
	about map[string][]statement // by unit or scope: see statements
}

// openRead is what a record says of a type, or of what belongs to one resource: that
// not all of it was read.
type openRead struct {
	scope string // as the record writes it; of one resource its id
	said  statement
	of    string // the record's scope, where that is another
}

// namedRead is a resource that a record names as not read, in all or in part.
type namedRead struct {
	NamedResource
	openRead
}

// A NamedResource is one whose body, or a part of it, a read record says was not read.
type NamedResource struct {
	ID   string // as the record writes it
	Type string // folded, "" where nobody says
	Unit string
}

// Hashes are those by which [HashResource] or [HashName] of the resource may know it.
func (n *NamedResource) Hashes() [2]uint64 {
	return [2]uint64{hashID(n.ID), hashIdentity(posture.IdentityOf(n.ID, n.Type, n.Unit, ""))}
}

// MissingReads are resources of a type that read records name as not read and of
// which nothing else is known.
type MissingReads struct {
	FailedRead          // Scope is the unit
	IDs        []string // as the records write them, in order
}

// A FailedRead says that not all of a type was read in a scope, or below a resource.
type FailedRead struct {
	Type   string // folded, "" for every type of which no record says more
	Scope  string
	Reason posture.Reason
}

// A ReadQuestion asks for failed reads.
type ReadQuestion struct {
	Types  []string                          // folded; nil for any
	Admits func(typeName, scope string) bool // a type, folded or "", where it was not read
	Unit   func(unit string) bool            // nil for any
	// Shows tells the scopes that may be named; of one that may not, what it says is
	// told of those Below that lie in it.
	Shows func(scope string) bool
	Below func() []string
}

// NewReads knows of no record.
func NewReads() *Reads { return &Reads{known: newKnowledge()} }

// Scope takes a node of the tree in which the scopes of read records stand.
func (r *Reads) Scope(s posture.Scope) { r.known.scope(s) }

// Read takes a read record.
func (r *Reads) Read(record posture.ReadRecord) { r.known.read(record, "", 0) }

// Failed lists what records say was denied, throttled, failed or read in part, by
// type and scope, unless another one says better that it was read: see
// docs/decisions/0006-completeness.md. What no record is about is not in it.
func (r *Reads) Failed(q *ReadQuestion) []FailedRead { return failedInOrder(r.failed(q)) }

// Present takes who tells which resources are there. Without, none is missing.
func (r *Reads) Present(there func([]NamedResource) []bool) { r.there = there }

// Missing lists the resources that records name as denied, throttled, failed or read
// in part, and that are not there, unless another record says better that all of the
// type was read.
func (r *Reads) Missing(q *ReadQuestion) []MissingReads {
	r.laying.Do(r.lay)
	found := map[FailedRead]map[string]string{} // ids by folded id
	for i := range r.named {
		n := &r.named[i]
		if !q.wants(n.Type) || !q.Admits(n.Type, n.scope) || !r.mayBeAskedFor(q, n.Unit) || !q.Shows(n.scope) || !r.leftOpen(&n.openRead, n.Unit, n.Type) {
			continue
		}
		f := FailedRead{n.Type, n.Unit, n.said.reason}
		if found[f] == nil {
			found[f] = map[string]string{}
		}
		if id := posture.Fold(n.ID); found[f][id] == "" || n.ID < found[f][id] {
			found[f][id] = n.ID
		}
	}
	var all []MissingReads
	for _, f := range failedInOrder(found) {
		all = append(all, MissingReads{f, slices.Sorted(maps.Values(found[f]))})
	}
	return all
}

// wants reports whether a resource of a type may be asked for.
func (q *ReadQuestion) wants(name string) bool {
	return q.Types == nil || name == "" && len(q.Types) > 0 || slices.Contains(q.Types, name)
}

// failed is Failed with the types, of those asked for, that each leaves open.
func (r *Reads) failed(q *ReadQuestion) map[FailedRead][]string {
	r.laying.Do(r.lay)
	found := map[FailedRead][]string{}
	for i := range r.open {
		o := &r.open[i]
		for _, name := range q.typesOf(o.said.typeName) {
			if q.Admits(name, o.scope) && r.mayBeAskedFor(q, o.scope) {
				r.add(found, q, o, name)
			}
		}
	}
	return found
}

// failing lists the types of which a record says that not all was read, whatever
// others say, with "" for every type.
func (r *Reads) failing() []string {
	r.laying.Do(r.lay)
	types := map[string]bool{}
	for i := range r.open {
		types[r.open[i].said.typeName] = true
	}
	return slices.Collect(maps.Keys(types))
}

func failedInOrder[V any](found map[FailedRead]V) []FailedRead {
	return slices.SortedFunc(maps.Keys(found), func(a, b FailedRead) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Reason, b.Reason))
	})
}

// typesOf are the types for which a statement about one, or about every type, matters.
func (q *ReadQuestion) typesOf(said string) []string {
	switch {
	case q.Types == nil, said != "" && slices.Contains(q.Types, said):
		return []string{said}
	case said == "":
		return q.Types
	}
	return nil
}

// add tells of a type that was not read, where the statement counts.
func (r *Reads) add(found map[FailedRead][]string, q *ReadQuestion, o *openRead, name string) {
	tell := func(f FailedRead) { found[f] = append(found[f], name) }
	switch place := r.place(o.scope); {
	case !q.Shows(o.scope):
		for _, scope := range q.Below() {
			if !r.known.tree.Within(scope, r.known.tree.Unit(o.scope)) {
				continue
			}
			if s := r.best(r.place(scope), name); s != nil && s.reason != posture.NoReason {
				tell(FailedRead{s.typeName, scope, s.reason})
			}
		}
	case o.of != "":
		if r.leftOpen(o, place, name) {
			tell(FailedRead{o.said.typeName, o.scope, o.said.reason})
		}
	default:
		s := cmp.Or(r.best(place, name), &o.said) // of a scope whose place its id does not tell
		if s.reason != posture.NoReason && s.distance == 0 && s.typeName == o.said.typeName && !r.readBelow(place, name) {
			tell(FailedRead{s.typeName, o.scope, s.reason})
		}
	}
}

// leftOpen reports whether what is said of one resource counts for a type: no other
// record says better that all of it was read in the place.
func (r *Reads) leftOpen(o *openRead, place, name string) bool {
	best := r.best(place, name)
	if best == nil || best.reason != posture.NoReason {
		return true
	}
	distance := slices.Index(r.above(place), r.key(o.of))
	if distance < 0 && r.known.tree.Within(o.of, place) {
		distance = 0 // said of a part of the unit
	}
	return distance >= 0 && !best.before(&statement{o.said.typeName, distance, o.said.at, o.said.reason})
}

// readBelow reports whether all units below a scope say that a type was read that
// stands in units only.
func (r *Reads) readBelow(place, name string) bool {
	if isUnit(place) || policy.IsExtensionType(name) || strings.HasPrefix(name, "microsoft.authorization/") {
		return false
	}
	found := false
	for _, unit := range r.units {
		if !r.known.tree.Within(unit, place) {
			continue
		}
		if s := r.best(unit, name); s != nil && s.reason != posture.NoReason {
			return false
		}
		found = true
	}
	return found
}

// mayBeAskedFor reports whether a scope is in, or holds, a unit that is asked for. What
// stands above units has none.
func (r *Reads) mayBeAskedFor(q *ReadQuestion, scope string) bool {
	if q.Unit == nil {
		return true
	}
	place := r.place(scope)
	if isUnit(place) {
		return q.Unit(place)
	}
	return q.Unit("") || slices.ContainsFunc(r.units, func(unit string) bool { return q.Unit(unit) && r.known.tree.Within(unit, place) })
}

// place is the unit of a scope, or the scope itself.
func (r *Reads) place(scope string) string {
	return r.known.tree.Unit(cmp.Or(unitOfID(scope), scope))
}

// Unit is the unit that a scope is, or lies in; "" for what stands above units.
func (r *Reads) Unit(scope string) string {
	if unit := r.place(scope); isUnit(unit) {
		return unit
	}
	return ""
}

func isUnit(id string) bool {
	return policy.UnitOf(id) != "" || !posture.IsARM(id) && posture.CloudOfUnit(id) != posture.NoCloud
}

func (r *Reads) key(scope string) string { return posture.Fold(r.known.tree.Unit(scope)) }

// above are the keys of a place and of what stands above it.
func (r *Reads) above(place string) []string {
	keys := []string{r.key(place)}
	for _, scope := range r.known.tree.Ancestors(place) {
		keys = append(keys, r.key(scope))
	}
	return keys
}

// best is what counts of what records say of a type in a place; nil where none is
// about it.
func (r *Reads) best(place, name string) *statement {
	var best *statement
	statements := r.statements(place)
	for i := range statements {
		s := &statements[i]
		if (s.typeName == "" || s.typeName == name) && (best == nil || s.before(best)) {
			best = s
		}
	}
	return best
}

// statements are what records of a place and of what stands above it say. That a part
// of a unit was not read leaves the unit open.
func (r *Reads) statements(place string) []statement {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known, ok := r.about[place]; ok {
		return known
	}
	var all []statement
	keys := r.above(place)
	for distance, key := range keys {
		for _, s := range r.at[key] {
			s.distance = distance
			all = append(all, s)
		}
	}
	if isUnit(place) {
		first, _ := slices.BinarySearch(r.inner, keys[0]+"/")
		for _, scope := range r.inner[first:] {
			if !strings.HasPrefix(scope, keys[0]+"/") {
				break
			}
			for _, s := range r.at[scope] {
				if s.distance = 0; s.reason != posture.NoReason {
					all = append(all, s)
				}
			}
		}
	}
	r.about[place] = all
	return all
}

// lay lays out what records say of whole types.
func (r *Reads) lay() {
	r.at, r.about = map[string][]statement{}, map[string][]statement{}
	for i := range r.known.reads {
		record := &r.known.reads[i].ReadRecord
		whole := *record
		whole.Gaps = slices.DeleteFunc(slices.Clone(record.Gaps), func(g posture.Gap) bool { return g.ID != "" })
		key := r.key(record.Scope)
		for _, s := range (&completeness{}).appendStatements(nil, &whole, "", 0) {
			r.at[key] = append(r.at[key], s)
			if s.reason != posture.NoReason {
				r.open = append(r.open, openRead{scope: record.Scope, said: s})
			}
		}
		for n := range record.Gaps {
			if g := &record.Gaps[n]; g.ID != "" {
				r.layGap(record, g)
			}
		}
	}
	for key := range r.at {
		r.inner = append(r.inner, key)
	}
	slices.Sort(r.inner)
	r.layMissing()
	for _, s := range r.known.tree.All() {
		if s.Kind == posture.Unit {
			r.units = append(r.units, s.ID)
		}
	}
}

// layGap lays out that a resource, a collection below one, or what else belongs to
// one, was not read.
func (r *Reads) layGap(record *posture.ReadRecord, g *posture.Gap) {
	id := strings.TrimRight(g.ID, "/")
	name := gapType(record, g)
	o := openRead{id, statement{name, 0, record.StartedAt, g.Reason}, record.Scope}
	switch {
	case isCollection(posture.Fold(id)):
		if o.said.typeName = policy.TypeOfID(id); g.Path == "" && !g.Body {
			r.open = append(r.open, o)
		}
	case ofBody(record, g):
		name = cmp.Or(name, policy.TypeOfID(id))
		if g.Path != "" || g.Body {
			name = cmp.Or(policy.TypeOfID(id), name)
		}
		if o.said.typeName = name; !posture.IsARM(id) {
			o.scope = record.Scope // where its id says nothing to those who decide what shows
		}
		r.named = append(r.named, namedRead{NamedResource{id, name, r.place(o.scope)}, o})
	default:
		r.open = append(r.open, o)
	}
}

// layMissing leaves of the resources that records name those that are not there.
func (r *Reads) layMissing() {
	if r.there == nil || len(r.named) == 0 {
		r.named = nil
		return
	}
	names := make([]NamedResource, len(r.named))
	for i := range r.named {
		names[i] = r.named[i].NamedResource
	}
	var missing []namedRead
	for i, there := range r.there(names) {
		if !there {
			missing = append(missing, r.named[i])
		}
	}
	r.named, r.there = missing, nil
}
