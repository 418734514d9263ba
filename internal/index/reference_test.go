package index

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

func drawReferences(t *rapid.T) (all []Reference) {
	var parts []*Part
	for range rapid.IntRange(0, 3).Draw(t, "parts") {
		p := &Part{Scope: rapid.SampledFrom(scopes).Draw(t, "assigned at")}
		if rapid.IntRange(0, 2).Draw(t, "excludes") == 0 {
			p.Not = []string{rapid.SampledFrom(scopes[1:]).Draw(t, "but not at")}
		}
		if rapid.IntRange(0, 2).Draw(t, "selects") == 0 {
			p.Selectors = drawResourceSelectors(t)
		}
		parts = append(parts, p)
	}
	for range rapid.IntRange(0, 2*len(parts)).Draw(t, "references") {
		all = append(all, Reference{
			Assignment: rapid.SampledFrom([]string{"a1", "a2"}).Draw(t, "by"), Member: rapid.SampledFrom([]string{"", "m1", "M2"}).Draw(t, "member"),
			Rule: rapid.SampledFrom(ruleIDs).Draw(t, "rule"), Part: rapid.SampledFrom(parts).Draw(t, "part"),
		})
	}
	return all
}

func drawResourceSelectors(t *rapid.T) []policy.ResourceSelector {
	s := policy.Selector{Kind: "resourceType", In: []string{"t/x", "a/b"}}
	if rapid.Bool().Draw(t, "by location") {
		s = policy.Selector{Kind: "resourceLocation", NotIn: []string{"west"}}
	}
	return []policy.ResourceSelector{{Name: "s", Selectors: []policy.Selector{s}}}
}

// admitted reports whether there are no selectors, or one that admits a thing.
func admitted(selectors []policy.ResourceSelector, r *thing) bool {
	is := func(of []string, value string) bool {
		return slices.ContainsFunc(of, func(o string) bool { return strings.EqualFold(o, value) })
	}
	for _, s := range selectors {
		if one := s.Selectors[0]; one.In != nil && is(one.In, r.Type) || one.NotIn != nil && !is(one.NotIn, r.facts.Location) {
			return true
		}
	}
	return len(selectors) == 0
}

// refer gives a check what exemptions of references make of it: its verdict has the mark
// of what lies over its rule.
func (m *model) refer(c *check) {
	mark, rule := c.verdict.Mark, c.rule
	var named []Laying
	for _, l := range m.layings {
		if l.Assignment != "" && m.lies(&l, c.thing) {
			named = append(named, l)
		}
	}
	most, all, none := mark, rule.Policy != "" || mark > Attested, true
	for _, r := range m.content.References {
		if r.Rule != rule.ID || !m.inPart(c.thing, r.Part) || len(named) == 0 {
			continue
		}
		under := Under{Assignment: r.Assignment, Member: r.Member}
		if mark > Attested {
			under.Mark = mark
		}
		for _, l := range named {
			if strings.EqualFold(l.Assignment, r.Assignment) && (l.Members == nil || slices.ContainsFunc(l.Members, func(m string) bool { return strings.EqualFold(m, r.Member) })) {
				under.Mark = max(under.Mark, l.Mark)
			}
		}
		none, most, all = false, max(most, under.Mark), all && under.Mark != NoMark
		c.unders = append(c.unders, under)
	}
	switch {
	case none:
	case all:
		c.verdict.Mark = most
	default:
		c.verdict.Mark = min(mark, Attested)
	}
	as := c.verdict.Mark
	if as == Attested {
		as = NoMark
	}
	if c.verdict.Judged == posture.NotApplicable || !slices.ContainsFunc(c.unders, func(u Under) bool { return u.Mark != as }) {
		c.unders = nil
	}
}

func (m *model) inPart(r *thing, p *Part) bool {
	return m.in(r, p.Scope) && admitted(p.Selectors, r) && !slices.ContainsFunc(p.Not, func(scope string) bool { return m.in(r, scope) })
}

// judgeBy makes other rules judge, and holds what is told of that against what shows.
func (m *model) judgeBy(t *rapid.T, x *Index) {
	m.drawContent(t)
	rules := m.content
	rules.References = x.Content().References
	x.SetContent(rules)
	before := map[uint32]string{}
	for _, r := range m.things[1:] {
		before[r.Number] = shownText(x, x.Laid(r.Number))
	}
	var got, want []string
	for _, r := range x.SetContent(m.content) {
		got = append(got, fmt.Sprint(r.Resource, shownText(x, r.Before), shownText(x, r.Now)))
	}
	for _, r := range m.things[1:] {
		if now := shownText(x, x.Laid(r.Number)); now != before[r.Number] {
			want = append(want, fmt.Sprint(r.Number, before[r.Number], now))
		}
	}
	same(t, "relaid by references", got, want)
}

// shownText is a tuple as it shows, with how its checks stand under references.
func shownText(x *Index, tuple uint32) string {
	var text strings.Builder
	for _, v := range x.Shown(tuple) {
		fmt.Fprint(&text, v.Verdict, x.Under(v.Under), " ")
	}
	return text.String()
}

// compareUnder holds how checks stand under references against the model.
func (m *model) compareUnder(t *rapid.T, x *Index) {
	want := map[string]int{}
	e := x.Select(Filter{}).Excerpt()
	for _, r := range m.things[1:] {
		if !r.there {
			continue
		}
		for _, c := range m.checks(r) {
			same(t, "under references", sortedUnders(x.UnderOf(r.Number, c.verdict.Evaluation)), sortedUnders(c.unders))
			same(t, "under references, of an excerpt", sortedUnders(e.UnderOf(r.Number, c.verdict.Evaluation)), sortedUnders(c.unders))
			if c.unders != nil {
				want[underText(m.place(c.rule.ID), &c.verdict, c.unders)]++
			}
		}
	}
	tally := x.Select(Filter{}).Tally()
	same(t, "checks under references", countedUnder(&tally), want)
	parts := map[string]int{}
	for _, part := range e.Units() {
		for text, n := range countedUnder(&part.Tally) {
			parts[text] += n
		}
	}
	same(t, "checks under references, unit by unit", parts, want)
}

func sortedUnders(list []Under) []Under {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Under) int {
		return cmp.Or(cmp.Compare(a.Assignment, b.Assignment), cmp.Compare(a.Member, b.Member), cmp.Compare(a.Mark, b.Mark))
	})
	return list
}

func underText(rule int, v *Verdict, unders []Under) string {
	mark := v.Mark
	if v.State != posture.Exempt {
		mark = NoMark
	}
	return fmt.Sprint(rule, v.State, mark, sortedUnders(unders))
}

func countedUnder(t *Tally) map[string]int {
	all := map[string]int{}
	for c, n := range t.Under {
		all[underText(c.Rule, &Verdict{State: c.State, Mark: c.Mark}, t.UnderOf(c))] += n
	}
	return all
}
