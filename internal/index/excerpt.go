package index

import (
	"encoding/json"
	"iter"
	"maps"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// Excerpt is what a selection had at one moment. It stays as it was while the
// index goes on, so that a question which takes long holds up nobody. Several
// goroutines may ask.
type Excerpt struct {
	*moment
	resources *roaring.Bitmap
	whole     []bool // by unit; see wholeUnits
}

// moment is what excerpts of one state of the index share. Of what only grows it
// has the beginning; of what changes, a copy: eight bytes a resource, and sets by
// type and unit.
type moment struct {
	commit    ledger.Number
	scopes    []posture.Scope
	rules     *rules
	units     []string // words, by number
	groups    []string
	types     []string
	locations []string
	facts     facts
	tuples    tuples
	columns   columns
	kinds     byWord
	members   byWord // by unit
	score     scores // without cells
	layings   []Laying

	owners     *owners
	ownerWords []string
}

// Excerpt keeps what the selection has of resources, whatever checks are meant.
// The first of one state of the index copies; those after it share that.
func (s *Selection) Excerpt() *Excerpt {
	x := s.index
	m := x.moment.Load()
	if m == nil {
		m = x.freeze()
		x.moment.Store(m)
	}
	whole := make([]bool, len(m.units))
	for n, of := 0, s.whole(); n < len(whole); n++ {
		whole[n] = n == 0 || of(uint32(n)) // what stands above units is no unit
	}
	return &Excerpt{m, s.resources.Clone(), whole}
}

func (x *Index) freeze() *moment {
	r, o := *x.rules, x.owners()
	r.of_ = slices.Clone(r.of_)
	m := &moment{
		commit: x.commit, scopes: x.Scopes(), rules: &r, units: x.units.texts, groups: x.groups.texts, types: x.types.texts, locations: x.locations.texts,
		facts: facts{stored: x.facts.stored, locations: x.facts.locations, bodies: x.facts.bodies},
		tuples: tuples{
			verdicts: x.tuples.verdicts, ends: x.tuples.ends, stored: x.tuples.stored, rollUp: x.tuples.rollUp,
			stands: x.tuples.stands, standLists: x.tuples.standLists, unders: unders{lists: x.tuples.unders.lists},
		},
		columns: x.resources, kinds: x.sets.kinds.clone(), members: x.sets.units.clone(), layings: x.cover.layings,
	}
	m.owners, m.ownerWords = &owners{facts: o.facts, groups: o.groups, units: o.units}, o.words.texts
	c := &m.columns
	c.facts, c.laid, c.names = slices.Clone(c.facts), slices.Clone(c.laid), maps.Clone(c.names)
	c.judged, c.keys, c.numbers, c.later, c.moved = nil, nil, nil, nil, nil
	for i := range x.score {
		m.score = append(m.score, unitCount{controls: slices.Clone(x.score[i].controls), weight: x.score[i].weight})
	}
	return m
}

func (b byWord) clone() byWord {
	copied := make(byWord, len(b))
	for i, set := range b {
		if set != nil {
			copied[i] = set.Clone()
		}
	}
	return copied
}

// Commit is the commit that the excerpt is of.
func (e *Excerpt) Commit() ledger.Number { return e.commit }

// Scopes gives the tree, in no order.
func (e *Excerpt) Scopes() []posture.Scope { return e.scopes }

// Content is what judged.
func (e *Excerpt) Content() Content { return e.rules.content }

// Rule gives the rule of an evaluation, nil for one that there is no more.
func (e *Excerpt) Rule(evaluation uint32) *Rule { return e.rules.of(evaluation) }

// Len counts the resources.
func (e *Excerpt) Len() int { return int(e.resources.GetCardinality()) }

// Has reports whether a resource is among them.
func (e *Excerpt) Has(n uint32) bool { return e.resources.Contains(n) }

// Where gives of the excerpt what is wanted.
func (e *Excerpt) Where(wanted func(*Resource) bool) *Excerpt {
	left := roaring.New()
	each(e.resources, func(n uint32) {
		if r := e.Resource(n); wanted(&r) {
			left.Add(n)
		}
	})
	return &Excerpt{e.moment, left, e.whole}
}

// Resources gives the resources whose type and unit are wanted, by number. Nil
// wants all.
func (e *Excerpt) Resources(ofType, inUnit func(string) bool) iter.Seq[uint32] {
	set := e.resources
	if ofType != nil {
		set = and(set, e.kinds.where(e.types, ofType))
	}
	if inUnit != nil {
		set = and(set, e.members.where(e.units, inUnit))
	}
	return func(yield func(uint32) bool) {
		for it := set.Iterator(); it.HasNext(); {
			if !yield(it.Next()) {
				return
			}
		}
	}
}

// where joins the sets whose words are wanted.
func (b byWord) where(words []string, wanted func(string) bool) *roaring.Bitmap {
	var sets []*roaring.Bitmap
	for n, set := range b {
		if set != nil && wanted(words[n]) {
			sets = append(sets, set)
		}
	}
	return roaring.FastOr(sets...)
}

// Resource gives one of the resources, without its facts but for the location.
func (e *Excerpt) Resource(n uint32) Resource {
	c := &e.columns
	return Resource{
		Number: n, ID: c.ids.at(n), Name: c.name(n), Type: e.types[c.kind[n]], Cloud: posture.Cloud(c.cloud[n]), Unit: e.units[c.unit[n]],
		Group: e.groups[c.group[n]], Region: e.locations[c.region[n]],
		Facts: ledger.Facts{Location: e.locations[e.facts.locations[c.facts[n]]]}, State: e.tuples.rollUp[c.laid[n]],
	}
}

// Places gives one of the resources of each group, and of each unit outside of
// groups.
func (e *Excerpt) Places() iter.Seq[Resource] {
	return func(yield func(Resource) bool) {
		met := map[[2]uint32]bool{}
		for it := e.resources.Iterator(); it.HasNext(); {
			n := it.Next()
			place := [2]uint32{e.columns.unit[n], e.columns.group[n]}
			if met[place] {
				continue
			}
			if met[place] = true; !yield(e.Resource(n)) {
				return
			}
		}
	}
}

// FactsOf gives the facts of a resource. They are written in JSON by ledger.Facts.
func (e *Excerpt) FactsOf(n uint32) (of ledger.Facts) {
	if at := e.columns.facts[n]; at > 0 {
		_ = json.Unmarshal([]byte(e.facts.bodies.at(at)), &of)
	}
	return of
}

// Verdicts gives those of a resource with what lies over them, by number of
// evaluation. They are not to be changed.
func (e *Excerpt) Verdicts(n uint32) []Verdict { return e.tuples.of(e.columns.laid[n]) }

// Tuple gives the number of the tuple of a resource's verdicts; there are fewer than
// Tuples of them.
func (e *Excerpt) Tuple(n uint32) uint32 { return e.columns.laid[n] }

// Tuples is how many different lists of verdicts there are.
func (e *Excerpt) Tuples() int { return e.tuples.len() }

// VerdictsOf gives the verdicts of a tuple. They are not to be changed.
func (e *Excerpt) VerdictsOf(tuple uint32) []Verdict { return e.tuples.of(tuple) }

// UnitSize says how much of a unit an excerpt has.
type UnitSize struct {
	Unit  string // id
	Size  int    // all resources of the unit
	Whole bool   // it is in the excerpt as a whole, not a group in it
}

// Sizes gives the units of which the excerpt has a resource, by id; "" is what
// stands above units.
func (e *Excerpt) Sizes() []UnitSize {
	var sizes []UnitSize
	for n, members := range e.members {
		if members == nil {
			continue
		}
		if common := e.resources.AndCardinality(members); common > 0 {
			all := members.GetCardinality()
			sizes = append(sizes, UnitSize{e.units[n], int(all), common == all && e.whole[n]})
		}
	}
	slices.SortFunc(sizes, func(a, b UnitSize) int { return compare(a.Unit, b.Unit) })
	return sizes
}

// UnitPart is what an excerpt has of one unit.
type UnitPart struct {
	Unit  string // id
	Whole bool   // of the unit as a whole, not a group in it
	Tally Tally  // of the checks of those
	Score score.Unit
	// Idle counts, by control of the score, the resources whose scored checks
	// there are neither healthy, unhealthy nor unknown.
	Idle map[string]int
	// Scored says that there is something to score, in a unit; Score is that of
	// all of it, whatever part this is.
	Scored bool
}

// Units gives the units of which the excerpt has a resource, by id; "" is what
// stands above units.
func (e *Excerpt) Units() []UnitPart {
	var parts []UnitPart
	for n, members := range e.members {
		if members == nil {
			continue
		}
		common := and(e.resources, members)
		if common.IsEmpty() {
			continue
		}
		perTuple := map[uint32]int{}
		each(common, func(r uint32) { perTuple[e.columns.laid[r]]++ })
		counted := unitCount{}
		if n < len(e.score) {
			counted = e.score[n]
		}
		parts = append(parts, UnitPart{
			Unit: e.units[n], Whole: common.GetCardinality() == members.GetCardinality() && e.whole[n], Tally: e.tally(perTuple), Idle: e.idle(perTuple),
			Score: e.rules.scoreOf(e.units[n], &counted), Scored: counted.counts() || n > 0 && e.uncounted(perTuple), // what stands above units is none
		})
	}
	slices.SortFunc(parts, func(a, b UnitPart) int { return compare(a.Unit, b.Unit) })
	return parts
}

func (e *Excerpt) tally(perTuple map[uint32]int) Tally {
	t := newTally(e.rules)
	for n, count := range perTuple {
		for _, v := range e.tuples.of(n) {
			t.add(e.rules.number(v.Evaluation), v, count)
		}
		for _, s := range e.tuples.standing(n) {
			t.addUnder(e.rules, &e.tuples, n, s, count)
		}
	}
	t.sum()
	return t
}

// uncounted reports whether some resources have a scored check in a state that no
// control counts.
func (e *Excerpt) uncounted(perTuple map[uint32]int) bool {
	for n := range perTuple {
		for _, v := range e.tuples.of(n) {
			rule := e.rules.of(v.Evaluation)
			if _, known := e.rules.controls[rule.Control]; known && rule.Scored && (v.State == posture.Manual || v.State == posture.NotApplicable) {
				return true
			}
		}
	}
	return false
}

func (e *Excerpt) idle(perTuple map[uint32]int) map[string]int {
	idle := map[string]int{}
	for n, count := range perTuple {
		states := map[string]posture.State{} // by control
		for _, v := range e.tuples.of(n) {
			if rule := e.rules.of(v.Evaluation); rule.Scored {
				states[rule.Control] = worse(v.State, states[rule.Control])
			}
		}
		for control, state := range states {
			if state != posture.Unhealthy && state != posture.Unknown && state != posture.Healthy {
				idle[control] += count
			}
		}
	}
	return idle
}
