package assess_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// evidenceOf writes the evidence of a check, a piece a line, ids cut short.
func evidenceOf(c *posture.Check) []string {
	var all []string
	for _, e := range c.Evidence {
		where := ""
		if e.Resource != "" {
			where = " in " + e.Resource[strings.LastIndex(e.Resource, "/storageAccounts/")+len("/storageAccounts/"):]
		}
		all = append(all, fmt.Sprintf("%s%s: %v, %s", e.Path, where, e.Found, e.Wanted))
	}
	return all
}

func settingTo(of, name, workspace string) string {
	return fmt.Sprintf(`{"id":"%s/providers/Microsoft.Storage/storageAccounts/%s/providers/Microsoft.Insights/diagnosticSettings/%s","name":"%s","type":"Microsoft.Insights/diagnosticSettings","properties":{"workspaceId":"%s"}}`,
		groupA, of, name, name, workspace)
}

// A failed existence check says what the closest related resource lacks, in
// whatever order and place the input has it.
func TestEvidence_of_related_resources(t *testing.T) {
	rule := func(name, more string) string {
		return definition(name, `"if": {"field": "type", "equals": "Microsoft.Storage/storageAccounts"}, "then": {"effect": "AuditIfNotExists",
			"details": {"type": "Microsoft.Insights/diagnosticSettings", `+more+`}}`, "")
	}
	const to = `{"field": "Microsoft.Insights/diagnosticSettings/workspaceId", "equals": %s}`
	central := `"existenceCondition": ` + fmt.Sprintf(to, `"central"`)
	tests := map[string]struct {
		rule  string
		lines []string
		want  []string
	}{
		"fixed": {rule("r", central), []string{settingTo("one", "log", "other")}, []string{
			"related Microsoft.Insights/diagnosticSettings: 1, at least one on it with Microsoft.Insights/diagnosticSettings/workspaceId equals central",
			`properties.workspaceId in one/providers/Microsoft.Insights/diagnosticSettings/log: other, equals "central"`,
		}},
		"none": {rule("r", central), []string{settingTo("two", "log", "other")}, []string{
			"related Microsoft.Insights/diagnosticSettings: 0, at least one on it with Microsoft.Insights/diagnosticSettings/workspaceId equals central",
		}},
		"being_there_is_enough": {rule("r", `"name": "log"`), []string{settingTo("one", "b", "other")}, []string{
			`related Microsoft.Insights/diagnosticSettings: 0, at least one named "log" on it`,
		}},
		"named": {rule("r", `"name": "b", `+central), []string{settingTo("one", "a", "other"), settingTo("one", "b", "else")}, []string{
			`related Microsoft.Insights/diagnosticSettings: 1, at least one named "b" on it with Microsoft.Insights/diagnosticSettings/workspaceId equals central`,
			`properties.workspaceId in one/providers/Microsoft.Insights/diagnosticSettings/b: else, equals "central"`,
		}},
		"computed_name": {rule("r", `"name": "[concat('to-', field('name'))]", `+central), []string{settingTo("one", "a", "other"), settingTo("one", "to-one", "else")}, []string{
			`related Microsoft.Insights/diagnosticSettings: 1, at least one named "to-one" on it with Microsoft.Insights/diagnosticSettings/workspaceId equals central`,
			`properties.workspaceId in one/providers/Microsoft.Insights/diagnosticSettings/to-one: else, equals "central"`,
		}},
		"depends_on_both": {rule("r", `"existenceCondition": `+fmt.Sprintf(to, `"[field('name')]"`)), []string{settingTo("one", "b", "x"), settingTo("one", "a", "y")}, []string{
			"related Microsoft.Insights/diagnosticSettings: 2, at least one on it with Microsoft.Insights/diagnosticSettings/workspaceId equals [field('name')]",
			`properties.workspaceId in one/providers/Microsoft.Insights/diagnosticSettings/a: y, equals "one"`,
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			read := `{"bartizan":"read","scope":"` + unitA + `","type":"*","complete":true}`
			for _, first := range []bool{true, false} {
				input := append([]string{read, account(groupA, "one", secure)}, test.lines...)
				if !first {
					input = append(append([]string{read}, test.lines...), account(groupA, "one", secure))
				}
				o := options(t, []string{test.rule}, input...)
				_, checks := run(t, o)
				if len(checks) != 1 || checks[0].State != posture.Unhealthy {
					t.Fatalf("checks %v, want one that is unhealthy", lines(checks))
				}
				if diff := cmp.Diff(test.want, evidenceOf(checks[0])); diff != "" {
					t.Errorf("account first %v (-want +got):\n%s", first, diff)
				}
				e, err := assess.Explain(t.Context(), o, "one", "r")
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff([]posture.Check{*checks[0]}, e.Checks); diff != "" {
					t.Errorf("explain is another (-checks +explain):\n%s", diff)
				}
			}
		})
	}
}

// TestEvidence_counts_what_it_looks_for: a check that passes tells no number that
// takes in related resources of other names or kinds.
func TestEvidence_counts_what_it_looks_for(t *testing.T) {
	of := func(kind string) string { return fmt.Sprintf(`,"kind":"%s","properties":{}`, kind) }
	for name, test := range map[string]struct{ details, want string }{
		"any":           {`"type": "Microsoft.Storage/storageAccounts"`, "2"},
		"name":          {`"type": "Microsoft.Storage/storageAccounts", "name": "one"`, "1"},
		"name_anywhere": {`"type": "Microsoft.Storage/storageAccounts", "name": "one", "existenceScope": "subscription"`, "at least 1 of 2"},
		"computed_name": {`"type": "Microsoft.Storage/storageAccounts", "name": "[replace(field('name'), 'kv', 'one')]", "existenceScope": "subscription"`, "1"},
		"kind":          {`"type": "Microsoft.Storage/storageAccounts", "kind": "BlobStorage"`, "at least 1 of 2"},
	} {
		t.Run(name, func(t *testing.T) {
			rule := definition("r", `"if": {"field": "type", "equals": "Microsoft.KeyVault/vaults"}, "then": {"effect": "AuditIfNotExists", "details": {`+test.details+`}}`, "")
			vault := fmt.Sprintf(`{"id":"%s/providers/Microsoft.KeyVault/vaults/kv","name":"kv","type":"Microsoft.KeyVault/vaults","properties":{}}`, groupA)
			_, checks := run(t, options(t, []string{rule}, vault, account(groupA, "one", of("BlobStorage")), account(groupA, "two", of("StorageV2"))))
			if len(checks) != 1 || checks[0].State != posture.Healthy || len(checks[0].Evidence) != 1 {
				t.Fatalf("checks %+v, want one that is healthy, with one piece of evidence", checks)
			}
			if got := fmt.Sprint(checks[0].Evidence[0].Found); got != test.want {
				t.Errorf("found %s, want %s", got, test.want)
			}
		})
	}
}

// What was not read of a related resource that may pass is named, also where
// others certainly fail, and where the check computes what it looks for.
func TestEvidence_of_what_was_denied(t *testing.T) {
	rule := func(name, more string) string {
		return definition(name, `"if": {"field": "type", "equals": "Microsoft.Storage/storageAccounts"}, "then": {"effect": "AuditIfNotExists",
			"details": {"type": "Microsoft.Insights/diagnosticSettings", `+more+`}}`, "")
	}
	const to = `"existenceCondition": {"field": "Microsoft.Insights/diagnosticSettings/workspaceId", "equals": %s}`
	central, own := fmt.Sprintf(to, `"central"`), fmt.Sprintf(to, `"[field('name')]"`)
	const unread = `properties.workspaceId in one/providers/Microsoft.Insights/diagnosticSettings/b: unknown (denied), equals `
	const ofIt = "a related Microsoft.Insights/diagnosticSettings, or a part of it, was not read: denied"
	tests := map[string]struct{ rule, found, want, detail string }{
		"fixed":           {rule("r", central), "2", unread + `"central"`, ofIt},
		"named":           {rule("r", `"name": "b", `+central), "1", unread + `"central"`, ofIt},
		"computed_name":   {rule("r", `"name": "[take('beta', 1)]", `+central), "1", unread + `"central"`, ofIt},
		"depends_on_both": {rule("r", own), "2", unread + `"one"`, ofIt},
		"of_the_account": {
			rule("r", fmt.Sprintf(to, `"[field('Microsoft.Storage/storageAccounts/supportsHttpsTrafficOnly')]"`)), "2",
			"properties.supportsHttpsTrafficOnly: unknown (denied), Microsoft.Insights/diagnosticSettings/workspaceId equals field('Microsoft.Storage/storageAccounts/supportsHttpsTrafficOnly')",
			"a part of the resource could not be read: denied",
		},
	}
	lines := []string{
		account(groupA, "one", secure), settingTo("one", "a", "other"),
		strings.Replace(settingTo("one", "b", ""), `"workspaceId":""`, `"x":1`, 1),
		`{"bartizan":"read","scope":"` + unitA + `","type":"*","complete":true,"denied":[{"id":"` + groupA +
			`/providers/Microsoft.Storage/storageAccounts/one/providers/Microsoft.Insights/diagnosticSettings/b","path":"properties.workspaceId","action":"r"},{"id":"` + groupA + `/providers/Microsoft.Storage/storageAccounts/one","path":"properties.supportsHttpsTrafficOnly","action":"r"}]}`,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{test.rule}, lines...)
			_, checks := run(t, o)
			if len(checks) != 1 || checks[0].State != posture.Unknown || checks[0].Reason != posture.Denied {
				t.Fatalf("checks %+v, want one that is unknown (denied)", checks)
			}
			got := evidenceOf(checks[0])
			if len(got) != 2 || !strings.HasPrefix(got[0], "related Microsoft.Insights/diagnosticSettings: "+test.found+",") || got[1] != test.want {
				t.Errorf("got %q, want %s and %q", got, test.found, test.want)
			}
			if checks[0].Detail != test.detail {
				t.Errorf("detail %q, want %q", checks[0].Detail, test.detail)
			}
			e, err := assess.Explain(t.Context(), o, "one", "r")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]posture.Check{*checks[0]}, e.Checks); diff != "" {
				t.Errorf("explain is another (-checks +explain):\n%s", diff)
			}
			if len(e.Evidence) != 2 || e.Evidence[0].Found.String() != test.found || !strings.HasPrefix(got[1], e.Evidence[1].Path) {
				t.Errorf("explained: %+v, want %q", e.Evidence, got)
			}
		})
	}
}

// Outside Azure, where there are no groups, a check looks in all of the unit, also where
// it does not say so and where the name is computed; and evidence tells of what is there.
func TestExistenceOutsideAzure(t *testing.T) {
	lines := []string{
		`{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::logs","account":"111122223333","properties":{"BucketName":"logs"}}`,
		`{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::media","account":"111122223333","properties":{"BucketName":"media"}}`,
		`{"type":"AWS::S3::BucketPolicy","id":"logs","name":"logs","account":"111122223333","properties":{"Bucket":"logs","PolicyDocument":{}}}`,
	}
	for name, details := range map[string]string{
		"any":       `"existenceCondition": {"field": "AWS::S3::BucketPolicy/Bucket", "equals": "[field('AWS::S3::Bucket/BucketName')]"}`,
		"of_a_name": `"name": "[field('AWS::S3::Bucket/BucketName')]"`,
		"computed":  `"existenceScope": "[if(equals(1, 2), 'subscription', 'resourceGroup')]", "existenceCondition": {"field": "AWS::S3::BucketPolicy/Bucket", "equals": "[field('name')]"}`,
	} {
		t.Run(name, func(t *testing.T) {
			rule := definition("p", `"if": {"field": "type", "equals": "AWS::S3::Bucket"}, "then": {"effect": "AuditIfNotExists", "details": {"type": "AWS::S3::BucketPolicy", `+details+`}}`, "")
			o := options(t, []string{rule}, lines...)
			o.Complete = []assess.Completeness{{All: true}}
			_, checks := run(t, o)
			var got []string
			for _, c := range checks {
				got = append(got, fmt.Sprint(c.Name, " ", c.State, " ", c.Evidence[0].Found))
			}
			slices.Sort(got)
			want := []string{"logs healthy 1", "media unhealthy 1"}
			if name == "of_a_name" {
				want[1] = "media unhealthy 0"
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
