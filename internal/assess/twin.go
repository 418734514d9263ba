package assess

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/policy"
)

// An initiative that is asked for names definitions by their ids. Where one is
// not in the catalog, but a recommendation checks the same, that gives the
// evidence: its twin.

// twinOf gives the rule of the recommendation that checks what a built-in
// definition does; -1 if none that is judged does.
func (b *ruleBook) twinOf(definition string) int {
	guid := guidOf(definition)
	return slices.IndexFunc(b.rules, func(r rule) bool {
		return r.recommendation != nil && slices.Contains(r.recommendation.AzurePolicies, guid)
	})
}

// addTwin adds a member by its twin, if it has one, where the assignment is for;
// nil is for everywhere. Of the effects that the initiative and the assignment
// may give the member only Disabled changes anything.
func (b *libraryBook) addTwin(s *policy.Initiative, m *policy.Member, a *policy.Assignment, resolved map[string]policy.Value) {
	off := disables(m, resolved)
	twin := b.twinOf(m.DefinitionID)
	if twin < 0 {
		if _, there := b.library.Definition(m.DefinitionID); !there && !off && b.chosen.wants(nil, s) {
			b.couldNot(unjudged{
				id: m.DefinitionID, why: "not in the catalog", initiative: s, controls: controlsOf(m.Groups, m.ReferenceID), assignment: a,
			})
		}
		return
	}
	r := reference{assignment: a, initiative: s, member: m.ReferenceID, groups: m.Groups}
	r.vary(func(o *policy.Override) int {
		if o == nil && off || o != nil && strings.EqualFold(o.Value, "Disabled") {
			return -1
		}
		return twin
	})
	b.references = append(b.references, r)
	if !slices.ContainsFunc(r.variants, func(v variant) bool { return v.rule >= 0 }) {
		b.leaveOut(m.DefinitionID, m.ReferenceID, "disabled")
		return
	}
	told := fmt.Sprintf("member %s of %s is not in the catalog; recommendation %s, which checks the same, is judged for it", m.ReferenceID, s.Name, b.rules[twin].id)
	if !slices.Contains(b.warnings, told) {
		b.warnings = append(b.warnings, told)
	}
}

// disables reports whether an initiative gives a member the effect Disabled, by
// the parameter that built-in definitions have for it.
func disables(m *policy.Member, resolved map[string]policy.Value) bool {
	values, err := m.Resolve(resolved)
	if err != nil {
		return false
	}
	for name, v := range values {
		if strings.EqualFold(name, "effect") && strings.EqualFold(v.Text(), "Disabled") {
			return true
		}
	}
	return false
}

// chooseTwins chooses the recommendations that stand for members of a chosen
// initiative.
func (c *choice) chooseTwins(o *Options, s *policy.Initiative) error {
	if o.BuiltIn == nil {
		return nil
	}
	var all []*catalog.Recommendation
	for i := range s.Members {
		if _, ok := o.Library.Definition(s.Members[i].DefinitionID); ok {
			continue
		}
		if all == nil {
			var err error
			if all, err = o.BuiltIn.Recommendations(); err != nil {
				return err
			}
		}
		for _, r := range all {
			if slices.Contains(r.AzurePolicies, guidOf(s.Members[i].DefinitionID)) {
				c.recommendations[r.ID] = true
			}
		}
	}
	return nil
}

// guidOf gives the name at the end of a definition's id.
func guidOf(definition string) string {
	return strings.ToLower(definition[strings.LastIndexByte(definition, '/')+1:])
}
