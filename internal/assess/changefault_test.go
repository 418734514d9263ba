package assess_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
)

// What modify would write and cannot be computed is told, a line for each rule
// and reason, and not of what is healthy, exempt or outside the assignment.
func TestChangesThatCannotBeComputed(t *testing.T) {
	modify := definition("numbered", `"if": {"allOf": [{"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
		{"field": "Microsoft.Storage/storageAccounts/supportsHttpsTrafficOnly", "notEquals": true}]},
		"then": {"effect": "modify", "details": {"roleDefinitionIds": ["x"], "operations": [
			{"operation": "add", "field": "tags.one", "value": "1"},
			{"operation": "add", "field": "tags.number", "value": "[int(field('name'))]"},
			{"operation": "add", "field": "tags.owner", "value": "[resourceGroup().tags.owner]"}]}}`, "")
	group := `{"id":"` + groupA + `","name":"app","type":"Microsoft.Resources/resourceGroups","location":"westeurope","tags":{},"properties":{}}`
	const id = "/providers/Microsoft.Authorization/policyDefinitions/numbered"
	both := []string{
		`policy "` + id + `": what it would change on 2 resources cannot be computed, for example: value of tags.number: int: argument 1: got "one", want a number or a text that is one (in [int(field('name'))])`,
		`policy "` + id + `": what it would change on 3 resources cannot be computed, for example: value of tags.owner: [resourceGroup().tags.owner] is missing`,
	}
	tests := map[string]struct {
		with func(*assess.Options)
		want []string
	}{
		"everywhere": {nil, []string{both[1], both[0]}},
		"exempt":     {func(o *assess.Options) { o.Exemptions = exemption(t, `{"recommendation":"numbered"}`) }, nil},
		"assigned": {
			func(o *assess.Options) {
				o.Assignments = assigned(t, assignment("x", groupA+"/providers/Microsoft.Storage/storageAccounts/3", "policyDefinitions/numbered", ""))
			},
			[]string{`policy "` + id + `": what it would change on 1 resource cannot be computed: value of tags.owner: [resourceGroup().tags.owner] is missing`},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, lines := range [][]string{
				{group, account(groupA, "one", plain), account(groupA, "two", plain), account(groupA, "3", plain), account(groupA, "four", secure)},
				{account(groupA, "four", secure), account(groupA, "one", plain), account(groupA, "two", plain), account(groupA, "3", plain), account(groupA, "3", plain), group},
			} {
				o := options(t, []string{modify}, lines...)
				if test.with != nil {
					test.with(&o)
				}
				result, _ := run(t, o)
				if diff := cmp.Diff(test.want, result.Warnings); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

// TestChangesThatCannotBeComputed_in_large_inputs: of many resources some are
// looked at, the same ones whoever reads them, and the number says so.
func TestChangesThatCannotBeComputed_in_large_inputs(t *testing.T) {
	modify := definition("numbered", `"if": {"field": "type", "equals": "Microsoft.Storage/storageAccounts"},
		"then": {"effect": "modify", "details": {"roleDefinitionIds": ["x"], "operations": [
			{"operation": "add", "field": "tags.number", "value": "[int(field('name'))]"}]}}`, "")
	var lines []string
	for range 6_000 {
		lines = append(lines, account(groupA, "a"+strconv.Itoa(len(lines)), plain))
	}
	for _, workers := range []int{1, 4} {
		o := options(t, []string{modify}, lines...)
		o.Workers = workers
		result, _ := run(t, o)
		want := `what it would change on at least 5015 resources cannot be computed`
		if len(result.Warnings) != 1 || !strings.Contains(result.Warnings[0], want) {
			t.Errorf("%d workers: %q, want %s", workers, result.Warnings, want)
		}
	}
}
