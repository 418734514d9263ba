package index

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Index is what one commit's lists, scores and compliance are answered from.
// Several goroutines may ask while none changes it.
type Index struct {
	commit ledger.Number
	rules  *rules

	units, groups, types, locations *words

	unitOfGroup map[uint32]uint32
	facts       *facts
	tuples      *tuples
	resources   columns
	names       order
	tree        *tree
	cover       *cover
	sets        *sets
	score       scores

	lazy   sync.Mutex // what is made when asked for
	owner  *owners    // see [Index.owners]
	runs   runSums    // a lock of their own, as they take longer; likewise
	counts keptCounts
	moment atomic.Pointer[moment]
}

func newIndex(c Content) *Index {
	x := &Index{
		rules: newRules(c), units: newWords(posture.Fold), groups: newWords(posture.Fold), types: newWords(strings.ToLower),
		locations: newWords(strings.ToLower), unitOfGroup: map[uint32]uint32{}, facts: newFacts(), tuples: newTuples(), tree: newTree(), sets: newSets(),
	}
	x.cover = x.coverOf(nil)
	return x
}

// Commit is the commit that the index is of.
func (x *Index) Commit() ledger.Number { return x.commit }

// Content is what judged.
func (x *Index) Content() Content { return x.rules.content }

// Scopes gives the tree, in no order.
func (x *Index) Scopes() []posture.Scope {
	all := make([]posture.Scope, 0, len(x.tree.scopes))
	for _, s := range x.tree.scopes {
		all = append(all, s)
	}
	return all
}

// addResource takes in a resource that has a number; whether it is there a
// version says.
func (x *Index) addResource(r *ledger.Resource) {
	c := &x.resources
	c.grow(r.Number)
	for c.ids.len() < int(r.Number) {
		c.ids.add("")
	}
	c.ids.add(r.ID)
	c.setName(r.Number, r.ID, r.Name)
	c.cloud[r.Number] = uint8(r.Cloud)
	c.kind[r.Number] = x.types.number(r.Type)
	c.unit[r.Number] = x.units.number(r.Unit)
	c.group[r.Number] = x.groups.number(r.Group)
	c.region[r.Number] = x.locations.number(r.Region)
	if r.Group != "" {
		x.unitOfGroup[c.group[r.Number]] = c.unit[r.Number]
	}
	c.addKey(r.Key, r.Number)
}

// Contents are what rows refer to by number: see [Index.Lacks].
type Contents struct {
	Evaluations []ledger.Evaluation
	Tuples      []ledger.Tuple
	Facts       map[int64]ledger.Facts
}

// Lacks gives the numbers of the tuples and facts that a change refers to and the
// index does not know.
func (x *Index) Lacks(c *ledger.Change) (tuples, facts []int64) {
	for _, j := range c.Judged {
		if _, ok := x.tuples.find(j.Tuple); !ok && j.Since == c.Commit.Number {
			tuples = append(tuples, j.Tuple)
		}
	}
	for _, v := range c.Versions {
		if _, ok := x.facts.find(v.Facts); !ok && v.Since == c.Commit.Number {
			facts = append(facts, v.Facts)
		}
	}
	slices.Sort(tuples)
	slices.Sort(facts)
	return slices.Compact(tuples), slices.Compact(facts)
}

// Apply takes the index to the commit after its own, with all that the change
// refers to. It gives the resources that came, went, or are judged otherwise.
func (x *Index) Apply(c *ledger.Change, contents Contents) ([]uint32, error) {
	x.moment.Store(nil)
	x.disown()
	if err := x.learn(contents); err != nil {
		return nil, err
	}
	n := c.Commit.Number
	for _, s := range c.Scopes {
		if s.Since == n {
			x.tree.set(s.Scope)
		} else if !slices.ContainsFunc(c.Scopes, func(o ledger.ScopeVersion) bool {
			return o.Since == n && posture.Fold(o.ID) == posture.Fold(s.ID)
		}) {
			x.tree.remove(s.ID)
		}
	}
	for i := range c.Resources {
		x.addResource(&c.Resources[i])
	}
	moved := moves{there: map[uint32]bool{}}
	for _, v := range c.Versions {
		moved.take(x, v.Resource)
		if v.Since == n {
			moved.there[v.Resource] = true
			x.resources.facts[v.Resource], _ = x.facts.find(v.Facts)
		} else if _, said := moved.there[v.Resource]; !said {
			moved.there[v.Resource] = false
		}
	}
	judged := map[uint32]bool{}
	for _, j := range c.Judged {
		moved.take(x, j.Resource)
		if j.Since == n {
			judged[j.Resource] = true
			x.resources.judged[j.Resource], _ = x.tuples.find(j.Tuple)
		} else if !judged[j.Resource] {
			x.resources.judged[j.Resource] = 0
		}
	}
	lay := x.cover
	if len(x.cover.layings) > 0 && (len(c.Resources)+len(c.Scopes) > 0 || x.cover.words != x.wordsOfSelectors()) {
		x.cover = x.coverOf(x.cover.layings)
	}
	added, removed := moved.put(x)
	x.names.update(&x.resources, added, removed)
	x.commit = n
	touched := moved.all
	if len(x.cover.layings) > 0 && len(c.Scopes) > 0 {
		for _, r := range x.relayFrom(lay) {
			touched = append(touched, r.Resource)
		}
		slices.Sort(touched)
		touched = slices.Compact(touched)
	}
	return touched, nil
}

func (x *Index) learn(c Contents) error {
	x.rules.learn(c.Evaluations)
	for _, t := range c.Tuples {
		x.tuples.learn(t, x.rules)
	}
	for n, f := range c.Facts {
		if err := x.facts.learn(n, f, x.locations); err != nil {
			return err
		}
	}
	return nil
}

// moves are the resources that a change touches, out of the sets while it is
// worked in.
type moves struct {
	all    []uint32
	before map[uint32]bool // whether it was there
	there  map[uint32]bool // whether it is, as far as versions say
}

func (m *moves) take(x *Index, n uint32) {
	if _, taken := m.before[n]; taken {
		return
	}
	if m.before == nil {
		m.before = map[uint32]bool{}
	}
	m.all = append(m.all, n)
	if m.before[n] = x.sets.here.Contains(n); m.before[n] {
		x.sets.remove(x, n)
	}
}

func (m *moves) put(x *Index) (added, removed []uint32) {
	for _, n := range m.all {
		there, said := m.there[n]
		if !said {
			there = m.before[n]
		}
		if there {
			x.resources.laid[n] = x.laidOver(n)
			x.sets.add(x, n)
		}
		switch {
		case there && !m.before[n]:
			added = append(added, n)
		case !there && m.before[n]:
			removed = append(removed, n)
		}
	}
	return added, removed
}
