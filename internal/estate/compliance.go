package estate

import (
	"cmp"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Evidence knows which of the rules of a posture index give evidence for which
// controls of standards.
type Evidence struct {
	catalog *catalog.Catalog
	rules   []index.Rule
	known   map[string]*catalog.Recommendation // by id
}

// NewEvidence is that of some rules.
func NewEvidence(c *catalog.Catalog, rules []index.Rule) (*Evidence, error) {
	all, err := c.Recommendations()
	if err != nil {
		return nil, err
	}
	e := &Evidence{catalog: c, rules: rules, known: make(map[string]*catalog.Recommendation, len(all))}
	for _, r := range all {
		e.known[r.ID] = r
	}
	return e, nil
}

// Of gives the rules of each control of a standard: their numbers among all.
// Recommendations say it of built-in standards, other standards say it themselves.
func (e *Evidence) Of(standard *catalog.Standard) map[string][]int {
	controls := map[string][]string{} // by recommendation or policy
	for _, n := range standard.Nodes {
		for _, name := range n.Recommendations {
			if named, ok := e.catalog.Named(name); ok {
				controls[named.ID] = append(controls[named.ID], n.ID)
			}
		}
		for _, id := range n.Policies {
			id = govern.RuleID(id)
			controls[id] = append(controls[id], n.ID)
		}
	}
	evidence := map[string][]int{}
	for at, rule := range e.rules {
		found := controls[cmp.Or(rule.Policy, rule.ID)]
		if r := e.known[rule.ID]; r != nil {
			for _, ref := range r.Standards {
				if ref.Standard == standard.ID {
					found = append(slices.Clip(found), ref.Control)
				}
			}
		}
		for _, control := range found {
			if !slices.Contains(evidence[control], at) {
				evidence[control] = append(evidence[control], at)
			}
		}
	}
	return evidence
}

// Counted is evidence for a standard's controls, with the checks of the rules where they
// give it.
type Counted struct {
	Evidence map[string][]int // rules by control, as [Evidence.Of] gives it
	Tally    *index.Tally     // nil for no checks
	Own      OwnReferences
}

// OwnReferences are those by which an assigned initiative is evidence for its controls:
// the controls by assignment and member. A check stands in a control as it does under
// these. Nil is for standards, where it stands as it does as such.
type OwnReferences map[[2]string][]string

// RollUp gives a standard's outcome over checks that are counted by rule, with the gaps
// that are open there and what its manual controls' own checks come to: manual gives
// that of STANDARD:CONTROL.
func RollUp(standard *catalog.Standard, rules []index.Rule, counted []Counted, open []OpenGap, manual func(control string) compliance.Tally) compliance.Result {
	left := unevaluated(open)
	nodes := make([]compliance.Node, len(standard.Nodes))
	for i, n := range standard.Nodes {
		nodes[i] = compliance.Node{ID: n.ID, Title: n.Title, Parent: n.Parent, Manual: n.Manual, Unevaluated: left[n.ID]}
		for _, of := range counted {
			for _, rule := range of.Evidence[n.ID] {
				nodes[i].Covered = true
				nodes[i].Rules = append(nodes[i].Rules, compliance.Rule{ID: rules[rule].ID})
				nodes[i].Tally.Add(of.tally(rule, n.ID))
			}
		}
		if n.Manual {
			nodes[i].Tally.Add(manual(standard.ID + ":" + n.ID))
		}
	}
	return compliance.Rollup(standard.ID, standard.Title, nodes)
}

// tally counts the checks of a rule as they stand in a control.
func (of *Counted) tally(rule int, control string) compliance.Tally {
	if of.Tally == nil {
		return compliance.Tally{}
	}
	c := of.Tally.Rules[rule]
	t := compliance.Tally{
		Healthy: c[posture.Healthy], Unhealthy: c[posture.Unhealthy], Unknown: c[posture.Unknown], Manual: c[posture.Manual],
		Exempt: c[posture.Exempt], NotApplicable: c[posture.NotApplicable], Mitigated: of.Tally.Mitigated[rule],
	}
	if of.Own == nil {
		return t
	}
	for key, n := range of.Tally.Under {
		if key.Rule != rule {
			continue
		}
		mark := of.Own.mark(of.Tally.UnderOf(key), control)
		if mark == index.NoMark {
			continue
		}
		switch key.State {
		case posture.Healthy:
			t.Healthy -= n
		case posture.Unhealthy:
			t.Unhealthy -= n
		case posture.Unknown:
			t.Unknown -= n
		case posture.Manual:
			t.Manual -= n
		case posture.Exempt:
			t.Exempt -= n
		}
		t.Exempt += n
		if key.Mark == index.Mitigated {
			t.Mitigated -= n
		}
		if mark == index.Mitigated {
			t.Mitigated += n
		}
	}
	return t
}

// mark is what exempts a check in a control: under each of the references that are
// evidence for it. NoMark is nothing.
func (own OwnReferences) mark(unders []index.Under, control string) (mark index.Mark) {
	for _, u := range unders {
		if !slices.Contains(own[[2]string{u.Assignment, u.Member}], control) {
			continue
		}
		if u.Mark == index.NoMark {
			return index.NoMark
		}
		mark = max(mark, u.Mark)
	}
	return mark
}

// ManualTally counts the checks that a manual control has in some units: of gives
// that of one, false for none.
func ManualTally(units []string, of func(unit string) (index.Verdict, bool)) (t compliance.Tally) {
	for _, unit := range units {
		v, ok := of(unit)
		if !ok {
			continue
		}
		switch v.State {
		case posture.Healthy:
			t.Healthy++
		case posture.Unhealthy:
			t.Unhealthy++
		case posture.Exempt:
			t.Exempt++
			if v.Mark == index.Mitigated {
				t.Mitigated++
			}
		default:
			t.Manual++
		}
	}
	return t
}
