package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// TestCompliance_by_assignment: checks count for a control of an initiative where one of
// its assignments makes them, with its own parameters and overrides, not where something
// else does, in every scope, in queries and in history, as in assess.
func TestCompliance_by_assignment(t *testing.T) {
	definition := func(name string) string { return govern.PolicyID(ledger.Definition, "own", name) }
	set := govern.PolicyID(ledger.Initiative, "own", "set")
	wanted := func(value string) string { return `,"parameters":{"wanted":{"value":"` + value + `"}}` }
	disables := func(member, selectors string) string {
		return `,"overrides":[{"kind":"policyEffect","value":"Disabled","selectors":[{"kind":"policyDefinitionReferenceId","in":["` + member + `"]}` + selectors + `]}]`
	}
	const north, accounts = `,{"kind":"resourceLocation","in":["northeurope"]}`, `,{"kind":"resourceType","notIn":["` + storageType + `"]}`
	tests := map[string]struct{ here, there, more string }{
		"parameters":            {wanted("TLS1_2"), wanted("TLS1_0"), ""},
		"parameters elsewhere":  {wanted("TLS1_2"), wanted("TLS1_0"), assigning(gapA, "alone", definition("wanted"), wanted("TLS1_0"))},
		"disabled in one":       {wanted("TLS1_2"), wanted("TLS1_2") + disables("r-strict", ""), assigning(gapB, "alone", definition("strict"), "")},
		"disabled in the north": {wanted("TLS1_2"), wanted("TLS1_2") + disables("r-strict", north), assigning(gapB, "alone", definition("strict"), "")},
		"disabled for others":   {wanted("TLS1_2") + disables("r-strict", accounts), wanted("TLS1_2") + disables("r-wanted", north), assigning("own", "alone", definition("strict"), "")},
		"not everywhere":        {wanted("TLS1_0") + `,"notScopes":["` + gapA + `/resourceGroups/not"]`, wanted("TLS1_2"), assigning("own", "alone", definition("wanted"), wanted("TLS1_0"))},
	}
	for name, test := range tests {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			r := newRunning(t)
			owner := r.token("owner", access.Owner, "/")
			from := r.now
			text := gapResource(gapA, "g", storageType, "a", "westeurope") + gapResource(gapA, "not", storageType, "b", "northeurope") +
				gapResource(gapB, "g", storageType, "c", "westeurope") + gapResource(gapB, "g", storageType, "d", "northeurope")
			r.imported(owner, "root=own", text)
			var instants []time.Time
			write := func(noun, body string) {
				r.now = r.now.Add(time.Hour)
				instants = append(instants, r.now)
				r.writes(http.MethodPost, "/api/v1/"+noun, owner, body)
			}
			write("definitions", strings.Replace(gapDefinition("wanted", storageType, tlsField, `,"parameters":{"wanted":{"type":"String"}}`), `"notEquals":"TLS1_2"`, `"notEquals":"[parameters('wanted')]"`, 1))
			write("definitions", strings.Replace(gapDefinition("strict", storageType, tlsField, ""), "TLS1_2", "TLS1_3", 1))
			write("initiatives", `{"id":"`+set+`","properties":{"parameters":{"wanted":{"type":"String"}},"policyDefinitionGroups":[{"name":"G1"},{"name":"G2"}],"policyDefinitions":[`+
				strings.Replace(gapMembers("wanted=G1", "strict=G2"), `"groupNames":["G1"]`, `"groupNames":["G1"],"parameters":{"wanted":{"value":"[parameters('wanted')]"}}`, 1)+`]}}`)
			write("assignments", assigning(gapA, "here", set, test.here))
			write("assignments", assigning(gapB, "there", set, test.there))
			if test.more != "" {
				write("assignments", test.more)
			}
			r.saysAsAssess(owner, text, []string{"set"})
			r.queriesAgree(owner)
			r.now = r.now.Add(time.Hour)
			instants = append(instants, r.now)
			r.imported(owner, "root=own&complete=all", strings.ReplaceAll(text[:strings.LastIndex(text[:len(text)-1], "\n")+1], "TLS1_2", "TLS1_0"))
			r.now = r.now.Add(time.Hour)
			for _, scopes := range []string{"", "&scope=" + url.QueryEscape(gapA), "&scope=" + url.QueryEscape(gapB)} {
				asker := complianceAsker{owner, "set", scopes}
				asker.holds(t, r, from, instants)
			}
		})
	}
}
