package index

import (
	"fmt"

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
			for _, l := range x.LaidOver(n, c.verdict) {
				got = append(got, fmt.Sprint(*l))
			}
			if want := m.over(&c); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("over %s of %s lie %v, want %v", c.rule.ID, r.ID, got, want)
			}
		}
	}
}

// over lists the exemptions over a check, then the last attestation of one that waits
// for a person.
func (m *model) over(c *check) (exemptions []string) {
	var attested []string
	for _, l := range m.layings {
		if l.Rules != nil && l.Rules[0] != c.rule.ID && l.Rules[0] != c.rule.Policy || !m.lies(&l, c.thing) || l.Mark == NoMark {
			continue
		}
		if l.Mark == Attested {
			attested = []string{fmt.Sprint(l)}
		} else {
			exemptions = append(exemptions, fmt.Sprint(l))
		}
	}
	for _, v := range c.thing.verdicts {
		switch {
		case v.Evaluation != c.verdict.Evaluation:
		case v.State == posture.NotApplicable:
			return nil
		case v.State == posture.Manual:
			exemptions = append(exemptions, attested...)
		}
	}
	return exemptions
}
