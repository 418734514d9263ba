package assess_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
)

// A definition of Microsoft's is about Azure unless it names a type of another
// cloud; a custom one is about all of them.
func TestDefinitionsOfMicrosoft(t *testing.T) {
	const unnamed, named = `{"field": "location", "notIn": ["westeurope"]}`, `{"allOf": [{"field": "type", "in": ["AWS::S3::Bucket"]}, {"field": "location", "notIn": ["westeurope"]}]}`
	azure := groupA + "/providers/Microsoft.Storage/storageAccounts/a"
	tests := map[string]struct {
		policyType, condition string
		want                  []string
	}{
		"built_in":              {"BuiltIn", unnamed, []string{azure + " healthy"}},
		"built_in_names_a_type": {"BuiltIn", named, []string{firstAccount + "/AWS::S3::Bucket/logs unhealthy"}},
		"static":                {"Static", unnamed, nil},
		"custom":                {"Custom", unnamed, []string{azure + " healthy", firstAccount + "/AWS::S3::Bucket/logs unhealthy", "machines/plant/machine/srv unhealthy"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			rule := definition("rule", `"if": `+test.condition+`, "then": {"effect": "Audit"}`, "")
			rule = strings.Replace(rule, `"policyType": "Custom"`, `"policyType": "`+test.policyType+`"`, 1)
			o := options(t, []string{rule}, account(groupA, "a", secure), aws("AWS::S3::Bucket", "logs", firstAccount, "eu-west-1", true),
				`{"type":"machine","id":"srv","group":"plant","location":"hall","properties":{"kernel":"x"}}`)
			if diff := cmp.Diff(test.want, judgedAs(t, o)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			e, err := assess.Explain(t.Context(), o, firstAccount+"/AWS::S3::Bucket/logs", "rule")
			if test.policyType == "BuiltIn" && err == nil && test.condition == unnamed && !strings.Contains(e.Text(), "is about Azure") {
				t.Errorf("explained as\n%s", e.Text())
			}
		})
	}
}
