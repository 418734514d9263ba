package index

import (
	"fmt"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Laying is something that people put over verdicts from outside: an exemption,
// an attestation, a disabling.
type Laying struct {
	ID    string
	Scope string   // "/", a node of the tree, a group
	Keys  []uint64 // of resources, instead of Scope: ledger.KeyOf
	// Selector says which of the resources there are meant; its zero value is all.
	Selector Selector
	Rules    []string // ids, of policies too; nil for all
	// Mark is that of an exemption or attestation; NoMark disables.
	Mark Mark
	// State is what is attested: healthy or unhealthy.
	State posture.State
}

// Selector says which resources of a place are meant: those that meet all of what
// is given. Case does not count, but in the values of tags.
type Selector struct {
	Types     []string // any of them
	Locations []string // any of them
	Tags      []TagFilter
	Text      string // within name or id
}

func (s *Selector) all() bool {
	return len(s.Types)+len(s.Locations)+len(s.Tags) == 0 && s.Text == ""
}

// layOver gives a verdict with what lies over it; it is not kept where it is
// disabled. An exemption counts more than an attestation; of exemptions waiver
// counts less, so that what is said to be mitigated is counted as that.
func layOver(v Verdict, over []int, layings []Laying, rules *rules) (now Verdict, keep bool) {
	rule, manual := rules.of(v.Evaluation), v.Judged == posture.Manual
	var mark Mark
	for _, n := range over {
		l := &layings[n]
		if l.Rules != nil && !rule.isAny(l.Rules) {
			continue
		}
		switch {
		case l.Mark == NoMark:
			return v, false
		case l.Mark == Attested && !manual:
			continue
		case l.Mark == Attested:
			v.State, v.Judged = l.State, l.State
		}
		mark = max(mark, l.Mark)
	}
	v.Mark = mark
	if mark > Attested && v.Judged != posture.NotApplicable {
		v.State = posture.Exempt
	}
	return v, true
}

// disabled lists by rule, or by its policy, the scopes at which layings disable it.
func disabled(layings []Laying) map[string][]string {
	scopes := map[string][]string{}
	for i := range layings {
		if l := &layings[i]; l.Mark == NoMark {
			for _, rule := range l.Rules {
				scopes[rule] = append(scopes[rule], l.Scope)
			}
		}
	}
	return scopes
}

// Disabled lists by rule, or by its policy, the scopes at which it is disabled.
func (s *Selection) Disabled() map[string][]string { return disabled(s.index.cover.layings) }

// Disabled lists by rule, or by its policy, the scopes at which it was disabled.
func (e *Excerpt) Disabled() map[string][]string { return disabled(e.layings) }

// cover tells which layings lie over a resource, by where they were laid.
type cover struct {
	layings   []Laying
	selectors []*selector      // by laying, nil for all
	words     int              // how many words selectors know of
	units     map[uint32][]int // by unit: of it and of what is above it
	groups    map[uint32][]int
	resources map[uint32][]int
}

// selector is one whose words are numbers.
type selector struct {
	kinds, locations map[uint32]bool // nil for all
	tags             []TagFilter
	text             string          // in lower case
	meets            map[uint32]bool // by facts: whether their tags do
}

func (x *Index) selectorOf(s *Selector) *selector {
	if s.all() {
		return nil
	}
	return &selector{
		kinds: numbersOf(x.types, s.Types), locations: numbersOf(x.locations, s.Locations), tags: s.Tags, text: strings.ToLower(s.Text), meets: map[uint32]bool{},
	}
}

func numbersOf(w *words, texts []string) map[uint32]bool {
	if len(texts) == 0 {
		return nil
	}
	numbers := map[uint32]bool{}
	for _, text := range texts {
		if n, ok := w.find(text); ok {
			numbers[n] = true
		}
	}
	return numbers
}

// selects reports whether a selector means a resource.
func (x *Index) selects(s *selector, n uint32) bool {
	c := &x.resources
	facts := c.facts[n]
	switch {
	case s.kinds != nil && !s.kinds[c.kind[n]], s.locations != nil && !s.locations[x.facts.locations[facts]]:
		return false
	case s.text != "" && !x.contains(n, s.text):
		return false
	case len(s.tags) == 0:
		return true
	}
	yes, known := s.meets[facts]
	if !known {
		yes = meets(x.facts.at(facts).Tags, s.tags)
		s.meets[facts] = yes
	}
	return yes
}

// placed lists the layings over the place of a resource, in their order.
func (x *Index) placed(c *cover, n uint32) []int {
	all := c.units[x.resources.unit[n]]
	if g := x.resources.group[n]; g != 0 {
		all = joined(all, c.groups[g])
	}
	return joined(all, c.resources[n])
}

// over lists the layings over a resource, in their order.
func (x *Index) over(c *cover, n uint32) []int {
	all := x.placed(c, n)
	for i, at := range all {
		if s := c.selectors[at]; s != nil && !x.selects(s, n) {
			return x.selected(c, all, i, n)
		}
	}
	return all
}

// selected leaves out of layings those whose selectors do not mean a resource;
// those before first do.
func (x *Index) selected(c *cover, all []int, first int, n uint32) []int {
	left := slices.Clone(all[:first])
	for _, at := range all[first+1:] {
		if s := c.selectors[at]; s == nil || x.selects(s, n) {
			left = append(left, at)
		}
	}
	return left
}

// joined puts layings in their order, each once.
func joined(a, b []int) []int {
	switch {
	case len(b) == 0:
		return a
	case len(a) == 0:
		return b
	}
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// Relaid is a resource that other verdicts show of than before.
type Relaid struct {
	Resource    uint32
	Before, Now uint32 // tuples: see [Index.Tuple]
}

// SetLayings says what lies over verdicts from now on, and gives the resources
// whose verdicts that changed. The rules of the layings are compared exactly. The
// work is that of the resources beneath layings that came or went.
func (x *Index) SetLayings(layings []Laying) []Relaid {
	x.moment.Store(nil)
	before := x.cover
	x.cover = x.coverOf(layings)
	return x.relay(before, others(before.layings, layings), others(layings, before.layings))
}

// relayFrom lays anew what is beneath layings, or was by another cover.
func (x *Index) relayFrom(before *cover) []Relaid {
	all := func(int) bool { return true }
	return x.relay(before, all, all)
}

// others tells which layings are not among others.
func others(layings, among []Laying) func(int) bool {
	known := make(map[string]bool, len(among))
	for i := range among {
		known[fmt.Sprintf("%#v", among[i])] = true
	}
	found := make([]bool, len(layings))
	for i := range layings {
		found[i] = !known[fmt.Sprintf("%#v", layings[i])]
	}
	return func(i int) bool { return found[i] }
}

// relay lays anew what is beneath layings that went and that came.
func (x *Index) relay(before *cover, went, came func(int) bool) []Relaid {
	x.tuples.relayed()
	var touched []Relaid
	beneath := roaring.Or(x.beneath(before, went), x.beneath(x.cover, came))
	beneath.Iterate(func(n uint32) bool {
		if was, now := x.resources.laid[n], x.laidOver(n); now != was {
			x.sets.remove(x, n)
			x.resources.laid[n] = now
			x.sets.add(x, n)
			touched = append(touched, Relaid{n, was, now})
		}
		return true
	})
	return touched
}

// laidOver gives the tuple of a resource with what lies over it.
func (x *Index) laidOver(n uint32) uint32 {
	return x.tuples.lay(x.resources.judged[n], x.over(x.cover, n), x.cover.layings, x.rules)
}

// beneath gives the resources that some of the layings may lie over.
func (x *Index) beneath(c *cover, of func(int) bool) *roaring.Bitmap {
	all := roaring.New()
	for unit, layings := range c.units {
		if slices.ContainsFunc(layings, of) {
			all.Or(x.sets.units.at(unit))
		}
	}
	for group, layings := range c.groups {
		if slices.ContainsFunc(layings, of) {
			all.Or(x.inGroup(group))
		}
	}
	for n, layings := range c.resources {
		if x.sets.here.Contains(n) && slices.ContainsFunc(layings, of) {
			all.Add(n)
		}
	}
	return all
}

// coverOf finds where layings lie.
func (x *Index) coverOf(layings []Laying) *cover {
	c := &cover{
		layings: layings, selectors: make([]*selector, len(layings)), words: x.wordsOfSelectors(),
		units: map[uint32][]int{}, groups: map[uint32][]int{}, resources: map[uint32][]int{},
	}
	for i := range layings {
		l := &layings[i]
		c.selectors[i] = x.selectorOf(&l.Selector)
		for _, key := range l.Keys {
			if n, ok := x.resources.find(key); ok {
				c.resources[n] = joined(c.resources[n], []int{i})
			}
		}
		if len(l.Keys) > 0 {
			continue
		}
		units, group := x.within(l.Scope)
		if group != 0 {
			c.groups[group] = append(c.groups[group], i)
		}
		for _, unit := range units {
			c.units[unit] = append(c.units[unit], i)
		}
	}
	return c
}

// wordsOfSelectors is how many words there are that selectors may name: with
// another one a cover has to be found anew.
func (x *Index) wordsOfSelectors() int { return len(x.types.texts) + len(x.locations.texts) }
