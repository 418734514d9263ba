package index

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// compareOver holds what lies over each check against the layings that there are.
func (m *model) compareOver(t *rapid.T, x *Index) {
	for _, r := range m.things[1:] {
		n, there := x.Find(r.Key)
		if !there || !x.Here(n) {
			continue
		}
		for _, c := range m.checks(r) {
			var got []string
			laid := x.LaidOver(n, c.verdict)
			for _, list := range laid.Exempt {
				text := "one of"
				for _, l := range list {
					text += fmt.Sprint(*l)
				}
				got = append(got, text)
			}
			if slices.Sort(got); laid.Attested != nil {
				got = append(got, fmt.Sprint(*laid.Attested))
			}
			if want := m.over(&c); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("over %s of %s lie %v, want %v", c.rule.ID, r.ID, got, want)
			}
		}
	}
}

// over lists what exempts a check, each time the exemptions of which one is needed,
// then the last attestation of one that waits for a person.
func (m *model) over(c *check) (all []string) {
	attested, of, none := "", "one of", true
	var named []Laying
	for _, l := range m.layings {
		switch {
		case !m.lies(&l, c.thing) || l.Mark == NoMark:
		case l.Assignment != "":
			named = append(named, l)
		case l.Rules != nil && l.Rules[0] != c.rule.ID && l.Rules[0] != c.rule.Policy:
		case l.Mark == Attested:
			attested = fmt.Sprint(l)
		default:
			of += fmt.Sprint(l)
		}
	}
	if c.verdict.State == posture.NotApplicable || c.verdict.Mark == NoMark {
		return nil
	}
	concerned := slices.ContainsFunc(m.content.References, func(r Reference) bool {
		return r.Rule == c.rule.ID && slices.ContainsFunc(m.layings, func(l Laying) bool { return l.Assignment != "" && l.refersTo(&r) })
	})
	for _, r := range m.content.References {
		if r.Rule != c.rule.ID || !m.inPart(c.thing, r.Part) || len(named) == 0 || !concerned {
			continue
		}
		none = false
		text := "one of"
		for _, l := range m.layings {
			switch {
			case !m.lies(&l, c.thing) || l.Mark <= Attested:
			case l.Assignment == "" && (l.Rules == nil || l.Rules[0] == c.rule.ID || l.Rules[0] == c.rule.Policy), l.Assignment != "" && l.refersTo(&r):
				text += fmt.Sprint(l)
			}
		}
		all = append(all, text)
	}
	if none || c.rule.Policy == "" {
		all = append(all, of)
	}
	if c.verdict.Mark <= Attested {
		all = nil
	}
	slices.Sort(all)
	for _, v := range c.thing.verdicts {
		if v.Evaluation == c.verdict.Evaluation && v.State == posture.Manual && attested != "" {
			all = append(all, attested)
		}
	}
	return all
}
