package server

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// TestPolicyStatesOfEveryReference: a policy that judges a resource by several
// references, at our own root, above all and at a unit, alone and in initiatives, has a
// row of each in queries, and each with its check.
func TestPolicyStatesOfEveryReference(t *testing.T) {
	r, owner := twoCompanies(t)
	write := func(noun, body string) {
		t.Helper()
		if status, text := r.ask(http.MethodPost, "/api/v1/"+noun, owner, body); status != http.StatusOK {
			t.Fatalf("%s: %d %s", noun, status, text)
		}
	}
	house, set := govern.PolicyID(ledger.Definition, "own", "house"), govern.PolicyID(ledger.Initiative, "own", "set")
	write("definitions", `{"id":"`+house+`","properties":{"policyRule":{"if":{"allOf":[{"field":"type","equals":"Microsoft.Storage/storageAccounts"},{"field":"kind","notEquals":"Hot"}]},"then":{"effect":"audit"}}}}`)
	write("initiatives", `{"id":"`+set+`","properties":{"policyDefinitions":[
		{"policyDefinitionReferenceId":"one","policyDefinitionId":"`+house+`"},{"policyDefinitionReferenceId":"two","policyDefinitionId":"`+house+`"}]}}`)
	var want []string
	overrides := ""
	assign := func(scope, name, definition string, members ...string) {
		id := govern.PolicyID(ledger.Assignment, scope, name)
		write("assignments", `{"id":"`+id+`","properties":{"scope":"`+scope+`","policyDefinitionId":"`+definition+`"`+overrides+`}}`)
		for _, m := range members {
			want = append(want, fmt.Sprint(id, " ", scope, " ", m))
		}
	}
	told := func(when string) {
		t.Helper()
		a := r.answered(owner, QueryRequest{Query: `policyresources | where type == 'microsoft.policyinsights/policystates'
			| project strcat(properties.policyAssignmentId, ' ', properties.policyAssignmentScope, ' ', properties.policyDefinitionReferenceId)`})
		var states, references []string
		for _, row := range a.Rows {
			states = append(states, row[0].(string))
		}
		for _, row := range get[struct{ Rows []CheckRow }](r, "/api/v1/checks?recommendation="+url.QueryEscape(house), owner).Rows {
			for _, ref := range row.References {
				scope, _, _ := govern.SplitPolicyID(ledger.Assignment, ref.Assignment)
				references = append(references, fmt.Sprint(ref.Assignment, " ", scope, " ", ref.Reference))
			}
		}
		for _, got := range [][]string{want, states, references} {
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", when, got, want)
			}
		}
	}
	assign("own", "alone", house, "")
	told("at our own root")
	assign("own", "together", set, "one", "two")
	told("in an initiative")
	assign(ownUnit, "below", house, "")
	told("at a subscription too")
	overrides = `,"overrides":[{"kind":"policyEffect","value":"audit","selectors":[{"kind":"resourceLocation","in":["westeurope"]}]}]`
	assign(ownUnit, "overridden", house, "")
	told("with the effect that it has anyway in some places")
}
