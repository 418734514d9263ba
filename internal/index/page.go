package index

import (
	"cmp"
	"iter"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Column is what a list is ordered by. Rows that are equal in all columns of a list
// come by the resource's name, ignoring case, and then by its number; checks of one
// resource by severity and rule.
type Column string

// The columns. State is the worst first; BySeverity and ByRule are of checks.
const (
	ByName     Column = "name"
	ByState    Column = "state"
	ByType     Column = "type"
	ByUnit     Column = "unit"
	ByLocation Column = "location"
	ByCloud    Column = "cloud"
	BySeverity Column = "severity"
	ByRule     Column = "recommendation"
)

// Order is a column by which a list is ordered. Of several the first counts most;
// ByName is the last.
type Order struct {
	By   Column
	Desc bool
}

// ofCheck reports whether checks have the column, not their resources.
func (o Order) ofCheck() bool { return o.By == ByState || o.By == BySeverity || o.By == ByRule }

// Expand gives all columns that decide where rows stand before their names do, and
// whether names come backwards: with one of checks go the others that it leaves open.
func Expand(checks bool, by []Order) (keys []Order, backwards bool) {
	keys = slices.Clone(by)
	if last := len(keys) - 1; last >= 0 && keys[last].By == ByName {
		keys, backwards = keys[:last], keys[last].Desc
	}
	if !checks {
		return keys, backwards
	}
	has := map[Column]bool{}
	var last Order // of the columns of checks
	for _, o := range keys {
		if has[o.By] = true; o.ofCheck() {
			last = o
		}
	}
	if has[ByState] && !has[BySeverity] && !has[ByRule] {
		keys = append(keys, Order{BySeverity, last.Desc})
	}
	if last.By != "" && !has[ByRule] {
		keys = append(keys, Order{ByRule, last.Desc})
	}
	return keys, backwards
}

// Row is a row of a list. Of a resource it is the Resource alone; a check on a unit as
// a whole has the Unit instead.
type Row struct {
	Resource uint32
	Unit     string
	Rule     string
	Verdict  Verdict
}

// Place is where in a list a row stands: the next page begins behind it, also
// when the row is no longer there.
type Place struct {
	Keys     []Key  `json:"k"` // by the columns of Expand
	Name     string `json:"n"`
	Resource uint32 `json:"r"`
	Unit     string `json:"u,omitempty"`
	Rule     string `json:"c"`
}

// Key is where a row stands in a column.
type Key struct {
	Rank int    `json:"r,omitempty"`
	Text string `json:"t,omitempty"`
}

func (k Key) compare(other Key) int {
	return cmp.Or(cmp.Compare(k.Rank, other.Rank), compareFolded(k.Text, other.Text), compare(k.Text, other.Text))
}

// atom is the checks of one rule and state.
type atom struct {
	set   *roaring.Bitmap // their resources
	rule  int
	state posture.State
}

// bucket is the resources that are equal in some of the columns that a list is
// ordered by.
type bucket struct {
	key    Key               // in the last of these columns
	atoms  []atom            // of checks that are ordered by columns of checks
	within []*roaring.Bitmap // that they are in, all of them
}

// sets gives the resources, in parts that have none in common: those of the states of
// one rule's checks.
func (b *bucket) sets() (sets []*roaring.Bitmap) {
	if b.atoms == nil {
		return []*roaring.Bitmap{inAll(b.within)}
	}
	for _, a := range b.atoms {
		set := a.set
		if len(b.within) > 0 {
			set = and(set, inAll(b.within))
		}
		sets = append(sets, set)
	}
	return sets
}

func inAll(sets []*roaring.Bitmap) *roaring.Bitmap {
	if len(sets) == 1 {
		return sets[0]
	}
	return roaring.FastAnd(sets...)
}

func (b *bucket) set() *roaring.Bitmap {
	sets := b.sets()
	if len(sets) == 1 {
		return sets[0]
	}
	return roaring.FastOr(sets...)
}

// rule is that of the checks, -1 for whatever rule.
func (b *bucket) rule() int {
	if b.atoms == nil {
		return -1
	}
	return b.atoms[0].rule
}

// Page gives up to limit rows behind a place, nil for the first. They are checks
// that are meant, or else resources.
func (s *Selection) Page(checks bool, by []Order, after *Place, limit int) []Row {
	rows := s.page(checks, by, after, limit)
	if checks && len(s.units) > 0 {
		return s.mix(rows, by, after, limit)
	}
	return rows
}

func (s *Selection) page(checks bool, by []Order, after *Place, limit int) []Row {
	var rows []Row
	_, backwards := Expand(checks, by)
	s.buckets(checks, by, after, func(b *bucket, after *Place) bool {
		s.walk(b, backwards, after, func(n uint32) bool {
			rows = s.appendRows(rows, n, checks, b.rule(), after, limit)
			return len(rows) < limit
		})
		return len(rows) < limit
	})
	return rows
}

// PlaceOf is where a row stands.
func (s *Selection) PlaceOf(by []Order, row Row) Place {
	if row.Unit != "" {
		return placeOfUnit(by, &row)
	}
	p := Place{Name: s.index.resources.name(row.Resource), Resource: row.Resource, Rule: row.Rule}
	keys, _ := Expand(row.Rule != "", by)
	for _, o := range keys {
		p.Keys = append(p.Keys, s.keyOf(o.By, row))
	}
	return p
}

// keyOf is where a row stands in a column.
func (s *Selection) keyOf(by Column, row Row) Key {
	x := s.index
	c := &x.resources
	switch by {
	case ByState:
		if row.Rule != "" {
			return Key{Rank: rankOfState(row.Verdict.State)}
		}
		return Key{Rank: rankOfState(x.tuples.rollUp[c.laid[row.Resource]])}
	case ByType:
		return Key{Text: x.types.texts[c.kind[row.Resource]]}
	case ByUnit:
		return Key{Text: x.units.texts[c.unit[row.Resource]]}
	case ByLocation:
		return Key{Text: x.locations.texts[x.facts.locations[c.facts[row.Resource]]]}
	case ByCloud:
		return Key{Text: posture.Cloud(c.cloud[row.Resource]).String()}
	case BySeverity:
		return Key{Rank: rankOf(x.rules, row.Rule)}
	}
	return Key{Text: row.Rule}
}

// rankOf is the rank of a rule's severity, 0 for the worst; 0 without a rule.
func rankOf(r *rules, rule string) int {
	if rule == "" {
		return 0
	}
	n, ok := r.byID[rule]
	if !ok { // it is in a place that somebody remembers
		return int(posture.Critical)
	}
	return rankOfSeverity(r.content.Rules[n].Severity)
}

func rankOfSeverity(s posture.Severity) int { return int(posture.Critical) - int(s) }

// rankOfState is 0 for the worst.
func rankOfState(state posture.State) int {
	for i, s := range posture.States {
		if s == state {
			return i
		}
	}
	return len(posture.States)
}

// appendRows appends the rows of a resource, up to limit in all.
func (s *Selection) appendRows(rows []Row, n uint32, checks bool, rule int, after *Place, limit int) []Row {
	if !checks {
		return append(rows, Row{Resource: n})
	}
	var own []Row
	for _, v := range s.index.tuples.of(s.index.resources.laid[n]) {
		number := s.index.rules.number(v.Evaluation)
		if s.wants(v) && (rule < 0 || rule == number) {
			own = append(own, Row{Resource: n, Rule: s.index.rules.content.Rules[number].ID, Verdict: v})
		}
	}
	r := s.index.rules
	slices.SortFunc(own, func(a, b Row) int { return s.compareRules(a.Rule, b.Rule) })
	for _, row := range own {
		behind := after == nil || after.Resource != n || compareRanked(r, row.Rule, after.Rule) > 0
		if behind && len(rows) < limit {
			rows = append(rows, row)
		}
	}
	return rows
}

func (s *Selection) compareRules(a, b string) int { return compareRanked(s.index.rules, a, b) }

// compareRanked orders rules by severity, the worst first, then by id. A rule
// that there is no more has no severity.
func compareRanked(r *rules, a, b string) int {
	return cmp.Or(cmp.Compare(rankOf(r, a), rankOf(r, b)), compare(a, b))
}

// named is the resources of the selection in a bucket, run by run of the order of
// names.
type named struct {
	in      *order
	columns *columns
	set     *roaring.Bitmap
	bits    []uint64 // of the set, if that is quicker to ask; nil otherwise

	members, ends []uint32 // by run, see order.among; nil if all resources are gone through instead
}

// walked is how the resources are found of which those behind a place are wanted:
// a page of them is close together if they are many, and soon put in order if not.
func (s *Selection) walked(b *bucket) *named {
	r := &named{in: &s.index.names, columns: &s.index.resources, set: s.inBucket(b)}
	if m := r.set.GetCardinality(); m*m < 64*uint64(len(r.in.names)) {
		r.members, r.ends = r.in.among(r.set)
	}
	return r
}

// passed is how they are found of which many are left behind.
func (s *Selection) passed(b *bucket) *named {
	r := &named{in: &s.index.names, columns: &s.index.resources, set: s.inBucket(b)}
	if r.set.GetCardinality() < uint64(len(r.in.names)/8) {
		r.members, r.ends = r.in.among(r.set)
	} else {
		r.bits = r.set.ToDense()
	}
	return r
}

func (s *Selection) inBucket(b *bucket) *roaring.Bitmap {
	if s.all {
		return b.set()
	}
	return and(b.set(), s.resources)
}

func (r *named) contains(n uint32) bool {
	if r.bits == nil {
		return r.set.Contains(n)
	}
	word := int(n >> 6)
	return word < len(r.bits) && r.bits[word]>>(n&63)&1 != 0
}

// run calls with the resources of a run, in any order.
func (r *named) run(run int, call func(uint32)) {
	if r.ends != nil {
		for _, n := range r.some(run) {
			call(n)
		}
		return
	}
	for _, n := range r.in.members(run) {
		if r.contains(n) {
			call(n)
		}
	}
}

// some are those of a run, where all are known.
func (r *named) some(run int) []uint32 {
	begin := uint32(0)
	if run > 0 {
		begin = r.ends[run-1]
	}
	return r.members[begin:r.ends[run]]
}

// ordered calls with the resources of a run by name until told to stop, and reports
// whether it was.
func (r *named) ordered(run int, backwards bool, call func(uint32) bool) (stopped bool) {
	in, all := r.in.members(run), false
	if r.ends != nil {
		in, all = r.some(run), true
		slices.SortFunc(in, r.columns.byName)
	}
	for i := range in {
		n := in[i]
		if backwards {
			n = in[len(in)-1-i]
		}
		if (all || r.contains(n)) && !call(n) {
			return true
		}
	}
	return false
}

// toward gives the runs from one on, in the direction of a list.
func (r *named) toward(from int, backwards bool) iter.Seq[int] {
	return func(yield func(int) bool) {
		step := 1
		if backwards {
			step = -1
		}
		for run := from; run >= 0 && run < r.in.runs() && yield(run); run += step {
		}
	}
}

// first is the run at which a list begins.
func (r *named) first(backwards bool) int {
	if backwards {
		return r.in.runs() - 1
	}
	return 0
}

// walk calls with the resources of the selection in a bucket by name, from that
// of a place on, until told to stop.
func (s *Selection) walk(b *bucket, backwards bool, from *Place, call func(uint32) bool) {
	r := s.walked(b)
	begin := r.first(backwards)
	compare := func(n uint32, p *Place) int {
		return cmp.Or(compareFolded(r.columns.name(n), p.Name), cmp.Compare(n, p.Resource))
	}
	if from != nil && len(r.in.names) > 0 {
		at, _ := slices.BinarySearchFunc(r.in.names, from, compare)
		begin = min(at, len(r.in.names)-1) / runOf
	}
	for run := range r.toward(begin, backwards) {
		stopped := r.ordered(run, backwards, func(n uint32) bool {
			if from != nil {
				switch at := compare(n, from); {
				case at == 0 && from.Rule == "", at < 0 && !backwards, at > 0 && backwards:
					return true // other checks of the same resource may still follow; a resource itself not
				}
			}
			return call(n)
		})
		if stopped {
			return
		}
	}
}

// pass goes over the resources of the selection in a bucket by name until so many
// rows are left behind, of which each counts some. It gives the resource at which
// they are, and how many rows of it; 0 for the bucket's end.
func (s *Selection) pass(b *bucket, backwards bool, count func(uint32) int, rows *int) (at uint32, of int) {
	r := s.passed(b)
	for run := range r.toward(r.first(backwards), backwards) {
		sum := 0
		r.run(run, func(n uint32) { sum += count(n) })
		if sum < *rows {
			*rows -= sum
			continue
		}
		r.ordered(run, backwards, func(n uint32) bool {
			if each := count(n); each < *rows {
				*rows -= each
				return true
			}
			at, of, *rows = n, *rows, 0
			return false
		})
		return at, of
	}
	return 0, 0
}

// buckets calls with the buckets of a list from that of a place on, in its order,
// until told to stop; with the place while its own bucket is at hand. A bucket of the
// first columns is taken apart by the next only when it is reached.
func (s *Selection) buckets(checks bool, by []Order, after *Place, call func(b *bucket, after *Place) bool) {
	keys, _ := Expand(checks, by)
	all := bucket{within: []*roaring.Bitmap{s.index.sets.here}}
	if checks && slices.ContainsFunc(keys, Order.ofCheck) {
		all = bucket{atoms: s.atoms()}
		if len(all.atoms) == 0 {
			return
		}
	}
	var descend func(b *bucket, level int, after *Place) bool
	descend = func(b *bucket, level int, after *Place) bool {
		if level == len(keys) {
			return call(b, after)
		}
		for _, part := range s.parts(b, checks, keys[level], level > 0) {
			if after != nil && level < len(after.Keys) {
				at := part.key.compare(after.Keys[level])
				if keys[level].Desc {
					at = -at
				}
				if at < 0 {
					continue
				}
				if at > 0 {
					after = nil
				}
			}
			if !descend(&part, level+1, after) {
				return false
			}
			after = nil
		}
		return true
	}
	descend(&all, 0, after)
}

// parts takes a bucket apart by a column. Only where it was taken apart before it is
// worth to leave out at once what has nothing of it.
func (s *Selection) parts(b *bucket, checks bool, o Order, before bool) []bucket {
	x := s.index
	var all []bucket
	words := func(sets byWord, key func(int) Key) {
		whole := x.sets.here
		if before {
			whole = b.set()
		}
		within := b.within
		if b.atoms == nil && !before { // all that are there
			within = nil
		}
		for n, set := range sets {
			if set != nil && !set.IsEmpty() && (!before || whole.Intersects(set)) {
				all = append(all, bucket{key: key(n), atoms: b.atoms, within: append(slices.Clip(within), set)})
			}
		}
	}
	texts := func(sets byWord, text func(int) string) {
		words(sets, func(n int) Key { return Key{Text: text(n)} })
	}
	switch {
	case checks && o.ofCheck():
		found := map[Key]int{}
		for _, a := range b.atoms {
			rule := &x.rules.content.Rules[a.rule]
			key := map[Column]Key{ByState: {Rank: rankOfState(a.state)}, BySeverity: {Rank: rankOfSeverity(rule.Severity)}, ByRule: {Text: rule.ID}}[o.By]
			n, known := found[key]
			if !known {
				n = len(all)
				found[key] = n
				all = append(all, bucket{key: key, within: b.within})
			}
			all[n].atoms = append(all[n].atoms, a)
		}
	case o.By == ByState:
		words(x.sets.states, func(state int) Key { return Key{Rank: rankOfState(posture.State(state))} })
	case o.By == ByType:
		texts(x.facetSets(TypeFacet))
	case o.By == ByUnit:
		texts(x.facetSets(UnitFacet))
	case o.By == ByLocation:
		texts(x.facetSets(LocationFacet))
	case o.By == ByCloud:
		texts(x.facetSets(CloudFacet))
	}
	slices.SortFunc(all, func(a, b bucket) int {
		if o.Desc {
			a, b = b, a
		}
		return a.key.compare(b.key)
	})
	return all
}

// atoms lists the checks that are meant by rule and state.
func (s *Selection) atoms() []atom {
	x := s.index
	var all []atom
	for at, count := range x.sets.perCheck {
		if s.wanted[at] && count > 0 {
			all = append(all, atom{x.sets.checks[at], x.rules.number(uint32(at / statesEach)), posture.State(at % statesEach)})
		}
	}
	return all
}

// Skip gives the place behind which a page begins that leaves out so many rows;
// nil for the beginning. There are as many.
func (s *Selection) Skip(checks bool, by []Order, rows int) *Place {
	if checks && rows > 0 && len(s.units) > 0 {
		tally := s.Tally()
		return s.skipMixed(by, rows, tally.All.Total()-len(s.units))
	}
	return s.skip(checks, by, rows)
}

func (s *Selection) skip(checks bool, by []Order, rows int) *Place {
	if rows <= 0 {
		return nil
	}
	var last Row
	_, backwards := Expand(checks, by)
	s.buckets(checks, by, nil, func(b *bucket, _ *Place) bool {
		count, ok := s.rowsOf(b, checks)
		if ok && count < rows {
			rows -= count
			return true
		}
		rule := b.rule()
		each := func(n uint32) int { return len(s.appendRows(nil, n, checks, rule, nil, rows)) }
		switch {
		case ok:
			each = func(uint32) int { return 1 }
		case rule < 0:
			weights, laid := s.weights(true), s.index.resources.laid
			each = func(n uint32) int { return int(weights[laid[n]]) }
		}
		n, of := s.pass(b, backwards, each, &rows)
		if of > 0 {
			own := s.appendRows(nil, n, checks, rule, nil, of)
			last = own[len(own)-1]
		}
		return of == 0
	})
	at := s.PlaceOf(by, last)
	return &at
}

// rowsOf counts the rows of a bucket, where that is to be had from its sets alone.
func (s *Selection) rowsOf(b *bucket, checks bool) (count int, ok bool) {
	if checks && (b.atoms == nil || len(s.reasons.Values) > 0) {
		return 0, false
	}
	for _, set := range b.sets() {
		count += s.common(set)
	}
	return count, true
}
