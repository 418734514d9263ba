package assess

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// completeness says whether all resources of a type in a unit have been read.
// See docs/decisions/0006-completeness.md.
type completeness struct {
	options *Options
	k       *knowledge
	seen    map[unitType]bool
	unended []*unended        // inputs that hold a part of a list only
	unasked map[unitType]bool // see run.unasked
	placed  map[string]bool   // folded types of AWS that are in an account
	present map[string]string // by folded id: resources with a gap that the input has, and their folded types

	// apart are gaps of what belongs to the one resource that is being
	// settled; nobody else settles then.
	apart []relatedGap

	mu    sync.Mutex
	about map[string][]statement // by unit
	reads scopedReads
}

// scopedReads finds read records by the folded id of their scope: of just a scope,
// and of those in one as far as ids tell.
type scopedReads struct{ of, in map[string][]int }

func newScopedReads(k *knowledge) scopedReads {
	s := scopedReads{map[string][]int{}, map[string][]int{}}
	for i := range k.reads {
		scope := posture.Fold(k.tree.Unit(k.reads[i].Scope))
		s.of[scope] = append(s.of[scope], i)
		for at := strings.LastIndexByte(scope, '/'); at > 0; at = strings.LastIndexByte(scope[:at], '/') {
			s.in[scope[:at]] = append(s.in[scope[:at]], i)
		}
	}
	return s
}

// about lists the records about a unit, something above it or something in it, in
// their order. Above are the ids of the unit and what it stands in.
func (s scopedReads) about(unit string, above []string) []int {
	found := slices.Clone(s.in[posture.Fold(unit)])
	for _, id := range above {
		found = append(found, s.of[posture.Fold(id)]...)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func (run *run) completeness(rd *reading) *completeness {
	c := &completeness{
		options: run.options, k: run.known, seen: run.typesSeen(rd), unended: run.unended(rd), placed: map[string]bool{}, unasked: run.unasked(rd),
	}
	for in := range c.seen {
		if in.unit != "" && strings.Contains(in.typeName, "::") {
			c.placed[in.typeName] = true
		}
	}
	return c
}

// namesNoAccount reports whether there is something of AWS that may be of any account.
func (c *completeness) namesNoAccount() bool {
	for in := range c.seen {
		if in.unit == "" && strings.Contains(in.typeName, "::") {
			return true
		}
	}
	return false
}

// unasked are the types that records of a unit say nothing of although they might:
// some of them were not read.
func (run *run) unasked(rd *reading) map[unitType]bool {
	all := map[unitType]bool{}
	for _, input := range rd.seen() {
		for in := range input.Unasked {
			all[unitType{run.known.tree.Unit(in.Unit), policy.FoldType(in.Type)}] = true
		}
	}
	return all
}

type unitType struct{ unit, typeName string } // type folded

// statement is what one read record says about types in a unit.
type statement struct {
	typeName string // folded, "" for every type
	distance int    // from the unit up to the record's scope
	at       time.Time
	reason   posture.Reason // NoReason: complete
}

// ownTypes are the types, folded, of which every account or project has exactly one:
// whoever says that all of them were read, that one exists.
var ownTypes = map[string]bool{policy.FoldType("AWS::::Account"): true, policy.FoldType("cloudresourcemanager.googleapis.com/Project"): true}

// of gives the reason where the answer is no.
func (c *completeness) of(unit, typeName string) (bool, string) {
	folded := policy.FoldType(typeName)
	for _, g := range c.apart {
		if g.typeName == "" || g.typeName == folded {
			return false, g.reason.String()
		}
	}
	reason, said := c.said(unit, folded)
	if ownTypes[folded] && !c.seen[unitType{unit, folded}] && (!said || reason == posture.NoReason) {
		return false, posture.NotCollected.String()
	}
	if unit != "" && c.seen[unitType{"", folded}] && strings.Contains(folded, "::") && (!said || reason == posture.NoReason) {
		return false, posture.Partial.String() // one whose record names no account may be of this one
	}
	if unit == "" && strings.Contains(folded, "::") && (!said || reason == posture.NoReason) {
		// What names no account may be of one that has some, or of which not all was read.
		if open := c.openOf(folded); open != posture.NoReason {
			return false, open.String()
		}
		if c.placed[folded] {
			return false, posture.Partial.String()
		}
	}
	if said {
		return reason == posture.NoReason, reason.String()
	}
	switch {
	case c.seen[unitType{unit, folded}] && c.k.lost.mayBe(unit, folded):
		return false, posture.Failed.String()
	case c.unasked[unitType{unit, folded}]:
		return false, posture.Partial.String()
	case slices.ContainsFunc(c.unended, func(u *unended) bool { return u.units[unit] && u.types[folded] }):
		return false, posture.Partial.String()
	case c.seen[unitType{unit, folded}]:
		return true, ""
	}
	return false, posture.NotCollected.String()
}

// openOf gives why some account of AWS may have more of a type, folded, than was read,
// by the record that counts there; NoReason where none says so.
func (c *completeness) openOf(folded string) posture.Reason {
	for i := range c.k.reads {
		r := &c.k.reads[i].ReadRecord
		if !mayBeOfAWS(r.Scope) {
			continue
		}
		best := c.record(c.k.tree.Unit(r.Scope), folded)
		if best != nil && best.reason != posture.NoReason {
			return best.reason
		}
		for n := range r.Gaps { // of one that is not in the input, which says nothing of its type
			g := &r.Gaps[n]
			name := typeOf(gapType(r, g))
			if g.ID == "" || g.Path != "" || name != "" && name != folded {
				continue
			}
			if best == nil || !best.before(&statement{name, best.distance, r.StartedAt, g.Reason}) {
				return g.Reason
			}
		}
	}
	return posture.NoReason
}

// said gives what read records and options say of a type, folded, in a unit: NoReason
// where all of it was read. False: they do not say.
func (c *completeness) said(unit, folded string) (posture.Reason, bool) {
	if s := c.record(unit, folded); s != nil {
		return s.reason, true
	}
	for _, said := range c.options.Complete {
		if said.All || c.k.tree.Within(unit, c.k.tree.Unit(said.Scope)) && (isEvery(said.Type) || policy.FoldType(said.Type) == folded) {
			if c.k.lost.files {
				return posture.Partial, true
			}
			return posture.NoReason, true
		}
	}
	return posture.Partial, c.options.Partial
}

// record gives the statement that counts among those of read records: one
// about the type itself before one about every type, then the nearest, then
// the newest, then the one that says less; nil if there is none.
func (c *completeness) record(unit, folded string) *statement {
	var best *statement
	statements := c.statements(unit)
	for i := range statements {
		s := &statements[i]
		if (s.typeName == "" || s.typeName == folded) && (best == nil || s.before(best)) {
			best = s
		}
	}
	return best
}

func (s *statement) before(o *statement) bool {
	switch {
	case (s.typeName == "") != (o.typeName == ""):
		return s.typeName != ""
	case s.distance != o.distance:
		return s.distance < o.distance
	case !s.at.Equal(o.at):
		return s.at.After(o.at)
	case (s.reason == posture.NoReason) != (o.reason == posture.NoReason):
		return s.reason != posture.NoReason
	}
	return s.reason < o.reason
}

// statements gives what the records about a unit or something above it say.
func (c *completeness) statements(unit string) []statement {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.about[unit]; ok {
		return known
	}
	if c.reads.of == nil {
		c.reads = newScopedReads(c.k)
	}
	above := append([]string{unit}, c.k.tree.Ancestors(unit)...)
	var all []statement
	for _, i := range c.reads.about(unit, above) {
		r := &c.k.reads[i].ReadRecord
		scope := posture.Fold(c.k.tree.Unit(r.Scope))
		switch distance, inside := c.distance(scope, unit, above); {
		case inside:
			all = c.appendStatements(all, r, unit, distance)
		case distance == 0:
			// That a group was not read leaves the unit open; that it was read
			// says nothing of the rest.
			for _, s := range c.appendStatements(nil, r, unit, 0) {
				if s.reason != posture.NoReason {
					all = append(all, s)
				}
			}
		}
	}
	if c.about == nil {
		c.about = map[string][]statement{}
	}
	c.about[unit] = all
	return all
}

// distance is how far a record's scope stands above a unit, given what does; -1 if
// it does not. Inside says that the unit lies in the scope: of distance 0 are also
// the scopes in the unit.
func (c *completeness) distance(scope, unit string, above []string) (n int, inside bool) {
	n = slices.IndexFunc(above, func(id string) bool { return posture.Fold(id) == scope })
	if n < 0 && posture.Within(scope, unit) {
		return 0, false
	}
	return n, n >= 0
}

// leavesOpen reports whether a gap of an id counts: no other record says better
// that all of its type was read where it stands.
func (c *completeness) leavesOpen(r *posture.ReadRecord, g *posture.Gap) bool {
	unit, typeName := c.k.tree.Unit(unitOfID(g.ID)), gapType(r, g)
	if typeName == "" {
		typeName = policy.TypeOfID(g.ID)
	}
	if unit == "" { // a name of AWS says nothing of its account: the record's scope does
		unit = c.k.tree.Unit(r.Scope)
	}
	best := c.record(unit, typeName)
	if unit == "" || best == nil || best.reason != posture.NoReason {
		return true
	}
	distance, _ := c.distance(posture.Fold(c.k.tree.Unit(r.Scope)), unit, append([]string{unit}, c.k.tree.Ancestors(unit)...))
	return distance >= 0 && !best.before(&statement{typeName, distance, r.StartedAt, g.Reason})
}

// appendStatements adds what a record says: of what it is about, and of types
// that it did not get at all. Gaps of a path say nothing of whole types, nor do
// those of an id that the input has, or that tells which related resource may have
// been missed.
func (c *completeness) appendStatements(all []statement, r *posture.ReadRecord, unit string, distance int) []statement {
	said := statement{typeOf(r.Type), distance, r.StartedAt, posture.NoReason}
	if !r.Complete {
		said.reason = posture.Partial
	}
	for i := range r.Gaps {
		g := &r.Gaps[i]
		name := typeOf(g.Type)
		switch {
		case g.ID != "":
			if !c.mayBeIn(g.ID, unit) {
				continue
			}
			if name = c.leftOpen(r, g); name == none {
				continue
			}
		case g.Path != "":
			continue
		}
		if name != "" && name != said.typeName {
			all = append(all, statement{name, distance, r.StartedAt, g.Reason})
			continue
		}
		if said.reason == posture.NoReason || said.reason > g.Reason {
			said.reason = g.Reason
		}
	}
	return append(all, said)
}

// typeOf folds a record's type; "" is every type.
func typeOf(name string) string {
	if isEvery(name) {
		return ""
	}
	return policy.FoldType(name)
}

func isEvery(typeName string) bool { return typeName == "" || strings.TrimSpace(typeName) == "*" }
