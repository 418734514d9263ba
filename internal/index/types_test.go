package index

import (
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// drawPart draws a part of the tree, with selectors or without.
func drawPart(t *rapid.T) Part {
	p := Part{Scope: rapid.SampledFrom(scopes).Draw(t, "part"), Not: rapid.SliceOfN(rapid.SampledFrom(scopes), 0, 1).Draw(t, "but for")}
	for range rapid.IntRange(0, 2).Draw(t, "selectors") {
		p.Selectors = append(p.Selectors, policy.ResourceSelector{Selectors: []policy.Selector{
			{Kind: "resourceLocation", In: rapid.SliceOfN(rapid.SampledFrom([]string{"west", "East"}), 1, 2).Draw(t, "location")},
			{Kind: "resourceType", NotIn: rapid.SliceOfN(rapid.SampledFrom([]string{"T/X", "A::B"}), 1, 2).Draw(t, "not of type")},
		}})
	}
	looks := func(name string) []policy.Selector {
		return []policy.Selector{{Kind: "resourceLocation", In: rapid.SliceOfN(rapid.SampledFrom([]string{"west", "East"}), 1, 2).Draw(t, name)}, {Kind: "policyDefinitionReferenceId", In: []string{"other"}}}
	}
	if rapid.Bool().Draw(t, "with overrides") {
		p.If = looks("where this holds")
	}
	for range rapid.IntRange(0, 2).Draw(t, "overrides before") {
		p.Unless = append(p.Unless, looks("where this does not"))
	}
	return p
}

// isSelected reports whether one of the selectors that drawPart makes admits a thing.
func (p *Part) isSelected(r *thing) bool {
	among := func(all []string, text string) bool {
		return slices.ContainsFunc(all, func(one string) bool { return strings.EqualFold(one, text) })
	}
	there := func(s []policy.Selector) bool { return among(s[0].In, r.facts.Location) }
	if len(p.If) > 0 && !there(p.If) || slices.ContainsFunc(p.Unless, there) {
		return false
	}
	return len(p.Selectors) == 0 || slices.ContainsFunc(p.Selectors, func(s policy.ResourceSelector) bool {
		return among(s.Selectors[0].In, r.facts.Location) && !among(s.Selectors[1].NotIn, r.Type)
	})
}

// compareTypes holds the types that an index has in a part against the model.
func (m *model) compareTypes(t *rapid.T, x *Index) {
	p := drawPart(t)
	want, byUnit := map[string]bool{}, map[string]bool{}
	for _, r := range m.things[1:] {
		if m.matches(&Filter{Parts: []Part{p}}, r) {
			want[strings.ToLower(r.Type)] = true
			byUnit[posture.Fold(r.Unit)+" "+strings.ToLower(r.Type)] = true
		}
	}
	found, units := map[string]bool{}, map[string]bool{}
	for _, name := range x.Select(Filter{}).TypesIn(p) {
		found[strings.ToLower(name)] = true
	}
	for unit, names := range x.Select(Filter{Parts: []Part{p}}).Excerpt().TypesByUnit() {
		for _, name := range names {
			units[posture.Fold(unit)+" "+strings.ToLower(name)] = true
		}
	}
	same(t, "types in a part", found, want)
	in, tally := x.Select(Filter{}).In([]Part{p}), x.Select(Filter{Parts: []Part{p}}).Tally()
	same(t, "checks in a part", in.Tally().Rules, tally.Rules)
	same(t, "types by unit", units, byUnit)
}
