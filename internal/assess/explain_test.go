package assess_test

import (
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/assess"
)

func TestExplain(t *testing.T) {
	same := account(unitB+"/resourceGroups/app", "one", secure)
	lines := []string{account(groupA, "one", plain), account(groupA, "two", ""), account(groupA, "three", secure), setting("three")}
	oneID := groupA + "/providers/Microsoft.Storage/storageAccounts/one"
	tests := map[string]struct {
		more           string
		resource, rule string
		want, err      string
	}{
		"by_id":             {"", upper(oneID), "https", "compliance in Azure's words: NonCompliant", ""},
		"by_name":           {"", "ONE", idOf + "https", "compliance in Azure's words: NonCompliant", ""},
		"unknown":           {"", "two", "https", "NoData (partial)", ""},
		"related":           {"", "three", "logged", "compliance in Azure's words: Compliant", ""},
		"related_not_there": {"", "one", "logged", "compliance in Azure's words: NonCompliant", ""},
		"ambiguous":         {same, "one", "https", "", "2 resources are named"},
		"by_id_among_names": {same, oneID, "https", "compliance in Azure's words: NonCompliant", ""},
		"no_resource":       {"", "four", "https", "", `no resource "four"`},
		"no_rule":           {"", "one", "nothing", "", `policy "nothing"`},
		"not_evaluated":     {"", "one", "off", "", "not evaluated: disabled"},
		"first_of_one_line": {"[" + account(groupA, "five", secure) + "," + account(groupA, "five", plain) + "]", "five", "https", "compliance in Azure's words: Compliant", ""},
	}
	off := definition("off", `"if": {"field": "type", "equals": "A/b"}, "then": {"effect": "Disabled"}`, "")
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			// An assignment says where a policy is judged, not whether it can be explained.
			o := options(t, []string{https, logged, off, assignment("x", unitB, "policyDefinitions/https", "")}, append(lines, test.more)...)
			e, err := assess.Explain(t.Context(), o, test.resource, test.rule)
			switch {
			case test.err != "":
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("error %v, want %q", err, test.err)
				}
			case err != nil:
				t.Error(err)
			case !strings.Contains(e.Text(), test.want):
				t.Errorf("want %s in:\n%s", test.want, e.Text())
			}
		})
	}
}
