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

// addTwin adds a member by its twin, if it has one.
func (b *libraryBook) addTwin(s *policy.Initiative, m *policy.Member) {
	twin := b.twinOf(m.DefinitionID)
	if twin < 0 {
		return
	}
	b.references = append(b.references, reference{initiative: s, member: m.ReferenceID, groups: m.Groups, variants: []variant{{rule: twin}}})
	b.warnings = append(b.warnings, fmt.Sprintf("member %s of %s is not in the catalog; recommendation %s, which checks the same, is judged for it", m.ReferenceID, s.Name, b.rules[twin].id))
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
