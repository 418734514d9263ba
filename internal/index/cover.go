package index

import (
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// coverOf finds where layings lie.
func (x *Index) coverOf(layings []Laying) *cover {
	w := &covering{index: x, single: map[string][]singly{}, units: map[uint32]bool{}}
	c := &cover{
		layings: layings, selectors: make([]*selector, len(layings)), words: x.wordsOfSelectors(), places: newPlaces(), ofParts: newPlaces(),
	}
	for i := range layings {
		l := &layings[i]
		c.refers = c.refers || l.isOf()
		c.selectors[i] = x.selectorOf(&l.Selector)
		for _, key := range l.Keys {
			if n, ok := x.resources.find(key); ok {
				c.resources[n] = joined(c.resources[n], []int{i})
			}
		}
		if len(l.Keys) == 0 {
			w.put(&c.places, l.Scope, i, nil)
		}
	}
	if c.refers {
		w.references(c)
	}
	w.end()
	return c
}

// covering finds where things lie.
type covering struct {
	index *Index
	// single are what resources and those below them have, by folded id, and units those
	// that they are in: they are looked for at the end, all at once.
	single map[string][]singly
	units  map[uint32]bool
	above  map[string]uint32 // see aboveUnits
}

// singly is what something does to a resource.
type singly func(n uint32)

// put puts something at a scope and below it, but for the units that are not meant.
func (w *covering) put(p *places, scope string, i int, not map[uint32]bool) {
	x := w.index
	units, group := x.within(scope)
	if group != 0 {
		p.groups[group] = append(p.groups[group], i)
	}
	for _, unit := range units {
		if !not[unit] {
			p.units[unit] = append(p.units[unit], i)
		}
	}
	if scope == "/" || group != 0 {
		return
	}
	at := func(n uint32) { p.resources[n] = joined(p.resources[n], []int{i}) }
	for _, n := range w.aboveUnits(scope) {
		at(n)
	}
	if n, known := x.numberOf(scope); known && len(units) == 0 {
		at(n)
	}
	w.within(scope, at)
}

// aboveUnits are the resources of a scope and those below it that stand above units:
// they are called as the scopes are.
func (w *covering) aboveUnits(scope string) (all []uint32) {
	x := w.index
	if w.above == nil {
		w.above = map[string]uint32{}
		for folded, s := range x.tree.scopes {
			if n, known := x.numberOf(s.ID); known && x.resources.unit[n] == 0 {
				w.above[folded] = n
			}
		}
	}
	if len(w.above) == 0 {
		return nil
	}
	for _, id := range x.below(scope) {
		if n, is := w.above[id]; is {
			all = append(all, n)
		}
	}
	return all
}

// within does something to a resource and those below it.
func (w *covering) within(resource string, do singly) {
	unit, ok := w.index.units.find(policy.UnitOf(resource))
	if !ok || unit == 0 || !strings.Contains(strings.ToLower(resource), "/providers/") {
		return
	}
	folded := posture.Fold(resource)
	w.single[folded], w.units[unit] = append(w.single[folded], do), true
}

// end looks for the resources that single ones are about.
func (w *covering) end() {
	if len(w.single) == 0 {
		return
	}
	c := &w.index.resources
	for n, unit := range c.unit {
		if !w.units[unit] {
			continue
		}
		folded := posture.Fold(c.ids.at(uint32(n)))
		for at := len(folded); at > 0; at = strings.LastIndexByte(folded[:at], '/') {
			for _, do := range w.single[folded[:at]] {
				do(uint32(n))
			}
		}
	}
}

// coveredPart is a part with the references that come to something there.
type coveredPart struct {
	*Part
	notUnits, notGroups, notResources map[uint32]bool
	references                        map[string][]*Reference // by rule
}

// references finds the references that count where layings are of some: all those
// to a rule to which one of these refers.
func (w *covering) references(c *cover) {
	all := w.index.rules.content.References
	about := map[string]bool{}
	for i := range all {
		if !about[all[i].Rule] && slices.ContainsFunc(c.layings, func(l Laying) bool { return l.isOf() && l.refersTo(&all[i]) }) {
			about[all[i].Rule] = true
		}
	}
	numbers := map[*Part]int{}
	for i := range all {
		r := &all[i]
		if !about[r.Rule] {
			continue
		}
		n, known := numbers[r.Part]
		if !known {
			n = len(c.parts)
			numbers[r.Part] = n
			c.parts = append(c.parts, w.part(c, r.Part, n))
		}
		by := c.parts[n].references
		by[r.Rule] = append(by[r.Rule], r)
	}
}

// part puts a part where it is.
func (w *covering) part(c *cover, p *Part, number int) coveredPart {
	of := coveredPart{Part: p, notUnits: map[uint32]bool{}, notGroups: map[uint32]bool{}, notResources: map[uint32]bool{}, references: map[string][]*Reference{}}
	x := w.index
	for _, scope := range p.Not {
		units, group := x.within(scope)
		if of.notGroups[group] = group != 0; group != 0 {
			continue
		}
		for _, unit := range units {
			of.notUnits[unit] = true
		}
		for _, n := range w.aboveUnits(scope) {
			of.notResources[n] = true
		}
		if n, known := x.numberOf(scope); known {
			of.notResources[n] = true
		}
		w.within(scope, func(n uint32) { of.notResources[n] = true })
	}
	w.put(&c.ofParts, p.Scope, number, of.notUnits)
	return of
}

// isIn reports whether a resource at the place of a part is in it.
func (x *Index) isIn(p *coveredPart, n uint32) bool {
	c := &x.resources
	return !p.notUnits[c.unit[n]] && !p.notGroups[c.group[n]] && !p.notResources[n] && (!p.looks() || x.admits(p.Part, n))
}

// admits reports whether the selectors of a part may admit a resource.
func (x *Index) admits(p *Part, n uint32) bool {
	c := &x.resources
	return p.Admits(&Resource{
		ID: c.ids.at(n), Type: x.types.texts[c.kind[n]], Group: x.groups.texts[c.group[n]],
		Facts: ledger.Facts{Location: x.locations.texts[x.facts.locations[c.facts[n]]]},
	})
}

// referencesTo lists those to a rule in the parts that are among what lies over a
// resource.
func (c *cover) referencesTo(rule *Rule, over []int) (all []*Reference) {
	for at := len(over) - 1; at >= 0 && over[at] >= len(c.layings); at-- {
		all = append(all, c.parts[over[at]-len(c.layings)].references[rule.ID]...)
	}
	slices.Reverse(all)
	return all
}
