package report

import (
	"slices"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// rule is what a format may say about the rule of a check.
type rule struct {
	*assess.RuleResult
	content  catalog.Recommendation // zero for an imported policy
	controls []catalog.StandardRef  // that it gives evidence for
}

// ruleKey tells apart checks of one policy with different parameters.
type ruleKey struct{ id, parametersHash string }

type ruleTable map[ruleKey]rule

func rulesOf(r *assess.Result) ruleTable {
	table, controls := make(ruleTable, len(r.Recommendations)), controlsByRule(r)
	for i := range r.Recommendations {
		found := &r.Recommendations[i]
		key := ruleKey{found.ID, found.ParametersHash}
		entry := rule{RuleResult: found, controls: controls[key]}
		if found.Recommendation != nil {
			entry.content = *found.Recommendation
		}
		table[key] = entry
	}
	for _, s := range r.Compliance {
		for i := range s.Nodes {
			// Controls that a person attests have checks of their own.
			if n := &s.Nodes[i]; !n.Group && n.Title != "" {
				id, ref := s.Standard+":"+n.ID, catalog.StandardRef{Standard: s.Standard, Control: n.ID}
				table[ruleKey{id, ""}] = rule{RuleResult: &assess.RuleResult{ID: id, Title: n.Title}, controls: []catalog.StandardRef{ref}}
			}
		}
	}
	return table
}

// controlsByRule finds the controls that each rule gives evidence for: those that
// a recommendation names, and those of initiatives and standards of one's own.
func controlsByRule(r *assess.Result) map[ruleKey][]catalog.StandardRef {
	within := map[ruleKey][]catalog.StandardRef{}
	for i := range r.Recommendations {
		if rule := &r.Recommendations[i]; rule.Recommendation != nil {
			within[ruleKey{rule.ID, rule.ParametersHash}] = slices.Clip(rule.Recommendation.Standards)
		}
	}
	for _, c := range r.Compliance {
		for _, n := range c.Nodes {
			for _, rule := range n.Rules {
				key, ref := ruleKey{rule.ID, rule.ParametersHash}, catalog.StandardRef{Standard: c.Standard, Control: n.ID}
				if !slices.Contains(within[key], ref) {
					within[key] = append(within[key], ref)
				}
			}
		}
	}
	return within
}

// of gives the rule of a check; one that the result does not list, because a
// filter left it out of the sums, has its id for a title.
func (t ruleTable) of(c *posture.Check) rule {
	key := ruleKey{c.Rule, c.ParametersHash}
	if _, ok := t[key]; !ok {
		t[key] = rule{RuleResult: &assess.RuleResult{ID: c.Rule, Title: c.Rule, Severity: c.Severity}}
	}
	return t[key]
}

// account is a unit with what is known of its place in the tree.
type account struct {
	id           string // as its cloud's people write it: without /subscriptions/ or projects/
	name         string
	folder       posture.Scope // the nearest management group, OU or folder
	organization posture.Scope
}

type accountTable struct {
	scopes map[string]posture.Scope // by folded id
	known  map[string]account       // by unit, filled on the way
}

func accountsOf(scopes []posture.Scope) accountTable {
	t := accountTable{make(map[string]posture.Scope, len(scopes)), map[string]account{}}
	for _, s := range scopes {
		t.scopes[posture.Fold(s.ID)] = s
	}
	return t
}

func (t accountTable) of(unit string) account {
	a, ok := t.known[unit]
	if !ok {
		a = t.find(unit)
		t.known[unit] = a
	}
	return a
}

// find walks up from the unit. Trees are finite, but a file's need not be:
// the walk ends after as many steps as there are scopes.
func (t accountTable) find(unit string) account {
	at := t.scopes[posture.Fold(unit)]
	a := account{id: last(unit), name: at.Name}
	for range t.scopes {
		if at.Parent == "" {
			break
		}
		up, ok := t.scopes[posture.Fold(at.Parent)]
		if !ok {
			up = posture.Scope{ID: at.Parent}
		}
		switch {
		case up.Kind == posture.Tenant:
			a.organization = up
		case a.folder.ID == "":
			a.folder = up
		}
		at = up
	}
	return a
}
