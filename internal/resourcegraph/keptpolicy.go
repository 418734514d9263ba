package resourcegraph

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// laws are the policies that are kept, as the makers of rows want them.
type laws struct {
	*KeptPolicies
	library     *policy.Library // all that is kept
	assignments []*policy.Assignment
	references  map[ruleKey][]reference // by rule: the ways in which it is assigned
}

// reference is one way in which a rule is assigned.
type reference struct {
	of   int // among those that are assigned
	rule int // among the rules that are assigned
}

func (k *kept) makeLaws() (*laws, error) {
	found, err := k.Policies()
	if err != nil {
		return nil, err
	}
	l := &laws{KeptPolicies: found, references: map[ruleKey][]reference{}}
	var ds []*policy.Definition
	var ss []*policy.Initiative
	for _, p := range found.Documents.Of(ledger.Definition) {
		ds = append(ds, p.Definition)
	}
	for _, p := range found.Documents.Of(ledger.Initiative) {
		ss = append(ss, p.Initiative)
	}
	for _, p := range found.Documents.Of(ledger.Assignment) {
		l.assignments = append(l.assignments, p.Assignment)
	}
	l.library = policy.LibraryOf(ds, ss)
	for n := range found.Assigned.References {
		for _, rule := range found.Assigned.References[n].Rules {
			r := &found.Assigned.Rules[rule]
			key := ruleKey{r.ID, r.ParametersHash}
			l.references[key] = append(l.references[key], reference{n, rule})
		}
	}
	return l, nil
}

func (k *kept) policies() (*policy.Library, []*policy.Assignment, error) {
	l, err := k.laws()
	if err != nil {
		return nil, nil, err
	}
	return l.library, l.assignments, nil
}

// aliasTable is that of what is kept with the catalogue's.
func (k *kept) aliasTable() (*policy.Aliases, error) {
	switch l, err := k.laws(); {
	case err != nil:
		return nil, err
	case l.Aliases != nil:
		return l.Aliases, nil
	}
	return k.estate.aliasTable()
}

// referencesOf gives the references by which a check is judged, each as the check
// stands under it: those that it has say where that is otherwise than as such.
func (k *kept) referencesOf(c *posture.Check) (all []posture.Reference) {
	l, err := k.laws()
	if err != nil {
		return nil // those who ask have had the error
	}
	tree := k.placed()
	place := &policy.Place{
		Within: func(scope string) bool {
			return scope == "/" || posture.Within(c.Resource, scope) || tree.Within(cmp.Or(c.Unit, c.Resource), scope)
		},
		Type: c.Type, Location: c.Location, NoGroup: c.Scope == c.Unit && posture.IsARM(c.Resource),
	}
	for _, ref := range l.references[ruleKey{c.Rule, c.ParametersHash}] {
		of := &l.Assigned.References[ref.of]
		if of.At(place) != ref.rule {
			continue
		}
		told := posture.Reference{Assignment: of.Assignment.ID, Member: of.Member, Exempt: c.State == posture.Exempt}
		if told.Exempt {
			told.Category = c.Exempt.Category
		}
		if at := slices.IndexFunc(c.References, func(r posture.Reference) bool { return r.Assignment == told.Assignment && r.Member == told.Member }); at >= 0 {
			told.Exempt, told.Category = c.References[at].Exempt, c.References[at].Category
		}
		all = append(all, told)
	}
	return all
}

// keyOf names a rule of the index as assessments do.
func keyOf(rule *index.Rule) ruleKey {
	if rule.Policy == "" {
		return ruleKey{rule.ID, ""}
	}
	return ruleKey{rule.Policy, strings.TrimPrefix(rule.ID, rule.Policy+"#")}
}

// ruleOf is the id of what judged a check among the rules of an index.
func ruleOf(c *posture.Check) string {
	if c.Recommendation {
		return c.Rule
	}
	return index.PolicyRule(c.Rule, c.ParametersHash)
}

// hasPolicies reports whether policies judged.
func (k *kept) hasPolicies() bool {
	return slices.ContainsFunc(k.Excerpt.Content().Rules, func(r index.Rule) bool { return r.Policy != "" })
}
