package index

import (
	"cmp"
	"iter"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Column is what a list is ordered by. Rows that are equal in it come by the
// resource's name, ignoring case, and then by its number; checks of one resource
// by severity and rule.
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

// Order is how a list is ordered.
type Order struct {
	By   Column
	Desc bool
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
	Rank     int    `json:"k"`
	Text     string `json:"t"`
	Name     string `json:"n"`
	Resource uint32 `json:"r"`
	Unit     string `json:"u,omitempty"`
	Rule     string `json:"c"`
}

// bucket is the resources that are equal in the column that a list is ordered by.
type bucket struct {
	rank int
	text string
	sets []*roaring.Bitmap // together
	rule int               // of checks of one rule, otherwise -1
	size int               // of checks of one rule: how many there are in all
}

func (b *bucket) set() *roaring.Bitmap {
	if len(b.sets) == 1 {
		return b.sets[0]
	}
	return roaring.FastOr(b.sets...)
}

func (b *bucket) compare(rank int, text string) int {
	return cmp.Or(cmp.Compare(b.rank, rank), compareFolded(b.text, text), compare(b.text, text))
}

// Page gives up to limit rows behind a place, nil for the first. They are checks
// that are meant, or else resources.
func (s *Selection) Page(checks bool, o Order, after *Place, limit int) []Row {
	rows := s.page(checks, o, after, limit)
	if checks && len(s.units) > 0 {
		return s.mix(rows, o, after, limit)
	}
	return rows
}

func (s *Selection) page(checks bool, o Order, after *Place, limit int) []Row {
	var rows []Row
	for _, b := range s.buckets(checks, o) {
		if after != nil {
			at := b.compare(after.Rank, after.Text)
			if o.Desc && o.By != ByName {
				at = -at
			}
			if at < 0 {
				continue
			}
			if at > 0 {
				after = nil
			}
		}
		s.walk(&b, o.Desc && o.By == ByName, after, func(n uint32) bool {
			rows = s.appendRows(rows, n, checks, b.rule, after, limit)
			return len(rows) < limit
		})
		if after = nil; len(rows) >= limit {
			break
		}
	}
	return rows
}

// PlaceOf is where a row stands.
func (s *Selection) PlaceOf(o Order, row Row) Place {
	if row.Unit != "" {
		return s.placeOfUnit(o, &row)
	}
	x := s.index
	p := Place{Name: x.resources.name(row.Resource), Resource: row.Resource, Rule: row.Rule}
	c := &x.resources
	switch o.By {
	case ByState:
		state := x.tuples.rollUp[c.laid[row.Resource]]
		if row.Rule != "" {
			state = row.Verdict.State
			p.Text = row.Rule
		}
		p.Rank = rankOfState(state)*rankOfSeverities + rankOf(x.rules, row.Rule)
	case ByType:
		p.Text = x.types.texts[c.kind[row.Resource]]
	case ByUnit:
		p.Text = x.units.texts[c.unit[row.Resource]]
	case ByLocation:
		p.Text = x.locations.texts[x.facts.locations[c.facts[row.Resource]]]
	case ByCloud:
		p.Text = posture.Cloud(c.cloud[row.Resource]).String()
	case BySeverity:
		p.Rank, p.Text = rankOf(x.rules, row.Rule), row.Rule
	case ByRule:
		p.Text = row.Rule
	}
	return p
}

// rankOfSeverities is more than any rank of a severity.
const rankOfSeverities = 16

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

// list is the buckets of an order, in it.
type list struct {
	checks  bool
	order   Order
	buckets []bucket
}

// buckets lists the buckets of an order, in it.
func (s *Selection) buckets(checks bool, o Order) []bucket {
	if s.list == nil || s.list.checks != checks || s.list.order != o {
		s.list = &list{checks, o, s.bucketsOf(checks, o)}
	}
	return s.list.buckets
}

func (s *Selection) bucketsOf(checks bool, o Order) []bucket {
	x := s.index
	var all []bucket
	words := func(sets byWord, text func(int) string) {
		for n, set := range sets {
			if set != nil && !set.IsEmpty() {
				all = append(all, bucket{text: text(n), sets: []*roaring.Bitmap{set}, rule: -1})
			}
		}
	}
	switch o.By {
	case ByType:
		words(x.facetSets(TypeFacet))
	case ByUnit:
		words(x.facetSets(UnitFacet))
	case ByLocation:
		words(x.facetSets(LocationFacet))
	case ByCloud:
		words(x.facetSets(CloudFacet))
	case ByState:
		if checks {
			all = s.checkBuckets(func(severity int, state posture.State) int { return rankOfState(state)*rankOfSeverities + severity })
			break
		}
		for state, set := range x.sets.states {
			if set != nil {
				all = append(all, bucket{rank: rankOfState(posture.State(state)) * rankOfSeverities, sets: []*roaring.Bitmap{set}, rule: -1})
			}
		}
	case BySeverity:
		all = s.checkBuckets(func(severity int, _ posture.State) int { return severity })
	case ByRule:
		all = s.checkBuckets(func(int, posture.State) int { return 0 })
	default:
		all = []bucket{{sets: []*roaring.Bitmap{x.sets.here}, rule: -1}}
	}
	slices.SortFunc(all, func(a, b bucket) int {
		if o.Desc && o.By != ByName {
			a, b = b, a
		}
		return a.compare(b.rank, b.text)
	})
	return all
}

// checkBuckets groups the checks that are meant by rule and by a rank that follows
// from the rank of its severity and the state.
func (s *Selection) checkBuckets(rankOf func(severity int, state posture.State) int) []bucket {
	x := s.index
	type place struct{ rule, rank int }
	var all []bucket
	found := make(map[place]int, len(x.rules.content.Rules))
	for at, count := range x.sets.perCheck {
		if !s.wanted[at] || count == 0 {
			continue
		}
		number := x.rules.number(uint32(at / statesEach))
		rule := &x.rules.content.Rules[number]
		rank := rankOf(rankOfSeverity(rule.Severity), posture.State(at%statesEach))
		n, known := found[place{number, rank}]
		if !known {
			n = len(all)
			found[place{number, rank}] = n
			all = append(all, bucket{rank: rank, text: rule.ID, rule: number})
		}
		all[n].sets = append(all[n].sets, x.sets.checks[at])
		all[n].size += int(count)
	}
	return all
}

// Skip gives the place behind which a page begins that leaves out so many rows;
// nil for the beginning. There are as many.
func (s *Selection) Skip(checks bool, o Order, rows int) *Place {
	if checks && rows > 0 && len(s.units) > 0 {
		tally := s.Tally()
		return s.skipMixed(o, rows, tally.All.Total()-len(s.units))
	}
	return s.skip(checks, o, rows)
}

func (s *Selection) skip(checks bool, o Order, rows int) *Place {
	if rows <= 0 {
		return nil
	}
	var last Row
	for _, b := range s.buckets(checks, o) {
		count, ok := s.rowsOf(&b, checks)
		if ok && count < rows {
			rows -= count
			continue
		}
		each := func(n uint32) int { return len(s.appendRows(nil, n, checks, b.rule, nil, rows)) }
		switch {
		case ok:
			each = func(uint32) int { return 1 }
		case b.rule < 0:
			weights, laid := s.weights(true), s.index.resources.laid
			each = func(n uint32) int { return int(weights[laid[n]]) }
		}
		if n, of := s.pass(&b, o.Desc && o.By == ByName, each, &rows); of > 0 {
			own := s.appendRows(nil, n, checks, b.rule, nil, of)
			last = own[len(own)-1]
			break
		}
	}
	at := s.PlaceOf(o, last)
	return &at
}

// rowsOf counts the rows of a bucket, where that is to be had from its set alone.
func (s *Selection) rowsOf(b *bucket, checks bool) (int, bool) {
	if checks && (b.rule < 0 || len(s.reasons.Values) > 0) {
		return 0, false
	}
	if checks && s.all {
		return b.size, true
	}
	count := 0
	for _, set := range b.sets { // no two states of one check
		count += s.common(set)
	}
	return count, true
}
