package index

import (
	"fmt"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
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
	// Assignment, if it is not "", says that an exemption is of references: of an
	// assignment, or of its members that are named.
	Assignment string
	Members    []string // nil for all
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
	// Resources are those of Azure, of which one has to admit it.
	Resources []policy.ResourceSelector
}

func (s *Selector) all() bool {
	return len(s.Types)+len(s.Locations)+len(s.Tags)+len(s.Resources) == 0 && s.Text == ""
}

// lay gives a verdict with what lies over it; it is not kept where it is
// disabled. An exemption counts more than an attestation; of exemptions waiver
// counts less, so that what is said to be mitigated is counted as that. Where some of
// what lies over it is of references, unders are those that judge it there, if it stands
// otherwise under some than as such.
func (c *cover) lay(v Verdict, over []int, rules *rules) (now Verdict, unders []Under, keep bool) {
	rule, manual := rules.of(v.Evaluation), v.Judged == posture.Manual
	var mark Mark
	for _, n := range over {
		if n >= len(c.layings) {
			break
		}
		l := &c.layings[n]
		if l.isOf() || l.Rules != nil && !rule.isAny(l.Rules) {
			continue
		}
		switch {
		case l.Mark == NoMark:
			return v, nil, false
		case l.Mark == Attested && !manual:
			continue
		case l.Mark == Attested:
			v.State, v.Judged = l.State, l.State
		}
		mark = max(mark, l.Mark)
	}
	unders = c.underEach(rule, over, mark)
	v.Mark = together(rule, mark, unders)
	if v.Mark > Attested && v.Judged != posture.NotApplicable {
		v.State = posture.Exempt
	}
	if v.Judged == posture.NotApplicable {
		return v, nil, true // there is nothing to exempt
	}
	return v, underAs(&v, unders), true
}

// underEach gives how a check stands under the references that judge it, where some of
// what lies over it is of such; mark is that of what lies over its rule.
func (c *cover) underEach(rule *Rule, over []int, mark Mark) (unders []Under) {
	for _, r := range c.referencesTo(rule, over) {
		u := Under{Assignment: r.Assignment, Member: r.Member}
		if mark > Attested {
			u.Mark = mark
		}
		for _, n := range over {
			if n >= len(c.layings) {
				break
			}
			if l := &c.layings[n]; l.isOf() && l.refersTo(r) {
				u.Mark = max(u.Mark, l.Mark)
			}
		}
		unders = append(unders, u)
	}
	return unders
}

// together is the mark of a check as such: that of its rule unless references judge it.
// Then it is exempt where it is under each; a recommendation, which is judged on its own
// account too, where it is as such as well.
func together(rule *Rule, mark Mark, unders []Under) Mark {
	most, all := mark, mark > Attested || rule.Policy != ""
	for _, u := range unders {
		most, all = max(most, u.Mark), all && u.Mark != NoMark
	}
	switch {
	case len(unders) == 0:
		return mark
	case all:
		return most
	}
	return min(mark, Attested)
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
	selectors []*selector // by laying, nil for all
	words     int         // how many words selectors know of
	places
	refers bool // some laying is of references
	// parts are those of the references to all rules that such layings are about; in what
	// lies over a resource, where one of such layings does, they have the numbers after
	// the layings.
	parts   []coveredPart
	ofParts places
}

// places have by place what lies there, in order.
type places struct {
	units     map[uint32][]int // by unit: of it and of what is above it
	groups    map[uint32][]int
	resources map[uint32][]int
}

func newPlaces() places {
	return places{units: map[uint32][]int{}, groups: map[uint32][]int{}, resources: map[uint32][]int{}}
}

// selector is one whose words are numbers.
type selector struct {
	kinds, locations map[uint32]bool // nil for all
	tags             []TagFilter
	text             string          // in lower case
	azure            *Part           // that has Azure's selectors, nil for none
	meets            map[uint32]bool // by facts: whether their tags do
}

func (x *Index) selectorOf(s *Selector) *selector {
	if s.all() {
		return nil
	}
	found := &selector{
		kinds: numbersOf(x.types, s.Types), locations: numbersOf(x.locations, s.Locations), tags: s.Tags, text: strings.ToLower(s.Text), meets: map[uint32]bool{},
	}
	if len(s.Resources) > 0 {
		found.azure = &Part{Selectors: s.Resources}
	}
	return found
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
	case s.text != "" && !x.contains(n, s.text), s.azure != nil && !x.admits(s.azure, n):
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

// placed lists what lies over the place of a resource, in order.
func (x *Index) placed(p *places, n uint32) []int {
	all := p.units[x.resources.unit[n]]
	if g := x.resources.group[n]; g != 0 {
		all = joined(all, p.groups[g])
	}
	return joined(all, p.resources[n])
}

// over lists the layings over a resource, in their order, and behind them, where one of
// them is of references, the parts that it is in. Meant reports whether a selector means
// it.
func (x *Index) over(c *cover, n uint32, meant func(*selector, uint32) bool) []int {
	all := x.placed(&c.places, n)
	for i, at := range all {
		if s := c.selectors[at]; s != nil && !meant(s, n) {
			all = x.selected(c, all, i, n, meant)
			break
		}
	}
	if !c.refers || !slices.ContainsFunc(all, func(at int) bool { return c.layings[at].isOf() }) {
		return all
	}
	all = slices.Clone(all)
	for _, at := range x.placed(&c.ofParts, n) {
		if x.isIn(&c.parts[at], n) {
			all = append(all, len(c.layings)+at)
		}
	}
	return all
}

// selected leaves out of layings those whose selectors do not mean a resource;
// those before first do.
func (x *Index) selected(c *cover, all []int, first int, n uint32, meant func(*selector, uint32) bool) []int {
	left := slices.Clone(all[:first])
	for _, at := range all[first+1:] {
		if s := c.selectors[at]; s == nil || meant(s, n) {
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
	return x.tuples.lay(x.resources.judged[n], x.over(x.cover, n, x.selects), x.cover, x.rules)
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

// wordsOfSelectors is how many words there are that selectors may name: with
// another one a cover has to be found anew.
func (x *Index) wordsOfSelectors() int { return len(x.types.texts) + len(x.locations.texts) }
