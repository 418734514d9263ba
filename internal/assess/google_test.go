package assess_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// public is unhealthy where a bucket is open to everyone.
var public = definition("public", `"if": {"allOf": [{"field": "type", "equals": "storage.googleapis.com/Bucket"},
	{"not": {"field": "storage.googleapis.com/Bucket/iamPolicy.bindings[*].members[*]", "notEquals": "allUsers"}}]}, "then": {"effect": "Audit"}`, "")

func asset(name, kind, rest string) string {
	return fmt.Sprintf(`{"name":"//%s","assetType":"%s"%s}`, name, kind, rest)
}

const (
	bucketType = "storage.googleapis.com/Bucket"
	openBucket = `,"iamPolicy":{"bindings":[{"role":"roles/storage.objectViewer","members":["allUsers"]}]}`
	shutBucket = `,"iamPolicy":{"bindings":[]}`
	inNumber   = `,"ancestors":["projects/42","folders/7","organizations/1"]`
)

// The two exports of one asset come in either order. Without its IAM policy a
// bucket is unknown, never healthy.
func TestHalvesOfAssets(t *testing.T) {
	data := asset("storage.googleapis.com/b", bucketType, `,"resource":{"data":{"name":"b"}}`+inNumber)
	policyOf := func(bindings string) string {
		return asset("storage.googleapis.com/b", bucketType, bindings+inNumber)
	}
	const older, newer = `,"updateTime":"2026-02-01T00:00:00Z"`, `,"updateTime":"2026-03-01T00:00:00Z"`
	both := func(rest string) string {
		return asset("storage.googleapis.com/b", bucketType, `,"resource":{"data":{"name":"b"}}`+rest+inNumber)
	}
	tests := map[string]struct {
		files [][]string
		want  string
	}{
		"policy_newer_than_whole":      {[][]string{{both(shutBucket + older)}, {policyOf(openBucket + newer)}}, "public b unhealthy"},
		"whole_older_than_policy":      {[][]string{{policyOf(openBucket + newer)}, {both(shutBucket + older)}}, "public b unhealthy"},
		"whole_newer_than_policy":      {[][]string{{both(shutBucket + newer)}, {data}, {policyOf(openBucket + older)}}, "public b healthy"},
		"policy_unlike_whole":          {[][]string{{policyOf(openBucket), both(shutBucket)}}, "public b unknown error"},
		"policy_unlike_whole_and_data": {[][]string{{both(shutBucket)}, {policyOf(openBucket)}, {data}}, "public b unknown error"},
		"two_spellings":                {[][]string{{both(shutBucket + strings.Replace(openBucket, "iamPolicy", "iam_policy", 1))}}, "public b unknown error"},
		"two_spellings_without_data":   {[][]string{{policyOf(shutBucket + strings.Replace(openBucket, "iamPolicy", "iam_policy", 1))}, {data}}, "public b unknown error"},
		"two_spellings_and_one_newer":  {[][]string{{both(older + shutBucket + strings.Replace(openBucket, "iamPolicy", "iam_policy", 1))}, {policyOf(shutBucket + newer)}}, "public b healthy"},
		"wholes_differ":                {[][]string{{both(shutBucket)}, {both(openBucket)}}, "public b unknown error"},
		"only_the_older_has_a_policy":  {[][]string{{both(newer)}, {both(shutBucket + older)}}, "public b healthy"},
		"the_other_way_round":          {[][]string{{both(shutBucket + older)}, {both(newer)}}, "public b healthy"},
		"resource_first":               {[][]string{{data}, {policyOf(openBucket)}}, "public b unhealthy"},
		"policy_first":                 {[][]string{{policyOf(openBucket)}, {data}}, "public b unhealthy"},
		"nobody_has_a_role":            {[][]string{{data}, {policyOf(shutBucket)}}, "public b healthy"},
		"system_beside_it":             {[][]string{{both(shutBucket + older)}, {policyOf(`,"osInventory":{"name":"x"}` + newer)}}, "public b healthy"},
		"system_alone":                 {[][]string{{policyOf(`,"osInventory":{"name":"x"}`)}}, "public b unknown notCollected"},
		"without_policy":               {[][]string{{data}}, "public b unknown notCollected"},
		"without_data":                 {[][]string{{policyOf(openBucket)}}, "public b unhealthy"},
		"data_twice":                   {[][]string{{data}, {data}, {policyOf(openBucket)}}, "public b unhealthy"},
		"data_twice_one_gap":           {[][]string{{data, policyOf(openBucket)}, {data}}, "public b unhealthy"},
	}
	for name, test := range tests {
		for _, workers := range []int{1, 4} {
			t.Run(name, func(t *testing.T) {
				o := options(t, []string{public})
				o.Inputs, o.Workers = nil, workers
				for i, lines := range test.files {
					o.Inputs = append(o.Inputs, text(string(rune('a'+i)), lines...))
				}
				want(t, o, test.want)
				// What reads again says the same.
				e, err := assess.Explain(t.Context(), o, "//storage.googleapis.com/b", "public")
				if err != nil || len(e.Checks) != 1 || verdict(&e.Checks[0]) != test.want {
					t.Errorf("explained %v, %v, want %s", e, err, test.want)
				}
			})
		}
	}
}

// A project is one unit, whether a record names its number or its id, and in
// whatever order that becomes known.
func TestProjectsAreOneUnit(t *testing.T) {
	watched := definition("networked", `"if": {"field": "type", "equals": "storage.googleapis.com/Bucket"},
		"then": {"effect": "AuditIfNotExists", "details": {"type": "compute.googleapis.com/Network"}}`, "")
	bucket := asset("storage.googleapis.com/b", bucketType, `,"resource":{"data":{"name":"b"}}`+shutBucket+inNumber)
	network := asset("compute.googleapis.com/projects/web/global/networks/n", "compute.googleapis.com/Network", `,"resource":{"data":{"name":"n"}}`)
	project := asset("cloudresourcemanager.googleapis.com/projects/42", "cloudresourcemanager.googleapis.com/Project",
		`,"resource":{"data":{"projectId":"web","projectNumber":"42"}}`+inNumber)
	tests := map[string][]string{
		"project_first":  {project, bucket, network},
		"project_last":   {bucket, network, project},
		"project_middle": {network, project, bucket},
	}
	for name, lines := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{watched}, lines...)
			result, checks := run(t, o)
			if len(checks) != 1 || verdict(checks[0]) != "networked b healthy" || checks[0].Unit != "projects/web" {
				t.Errorf("got %v in %v, want the bucket healthy in projects/web", verdict(checks[0]), checks[0].Unit)
			}
			if result.Units != 1 {
				t.Errorf("%d units, want 1", result.Units)
			}
		})
	}
	// Without the network, what is said of the number is said of the project.
	o := options(t, []string{watched}, project, bucket, read("projects/42", "*", "true"))
	want(t, o, "networked b unhealthy")
	o = options(t, []string{watched}, project, bucket)
	o.Complete = []assess.Completeness{{Scope: "projects/42"}}
	want(t, o, "networked b unhealthy")
	o.Complete = []assess.Completeness{{Scope: "folders/7"}}
	want(t, o, "networked b unhealthy")
}

// A policy that comes when its bucket no longer waits is there in a second
// reading.
func TestLatePolicies(t *testing.T) {
	policy := asset("storage.googleapis.com/b0", bucketType, openBucket+inNumber)
	padding := strings.Repeat("x", 1<<20)
	n := inventory.DefaultHold>>20 + 2
	o := options(t, []string{public})
	o.Inputs = []assess.Input{{Name: "in", Open: func() (io.ReadCloser, error) {
		var parts []io.Reader
		for i := range n {
			parts = append(parts, strings.NewReader(asset(fmt.Sprintf("storage.googleapis.com/b%d", i), bucketType,
				`,"resource":{"data":{"name":"b","padding":"`+padding+`"}}`+inNumber)+"\n"))
		}
		return io.NopCloser(io.MultiReader(append(parts, strings.NewReader(policy))...)), nil
	}}}
	result, checks := run(t, o)
	if checks[0].Name != "b0" || checks[0].State != posture.Unhealthy || checks[1].State != posture.Unknown || len(checks) != n {
		t.Errorf("%d checks, first %s and %s", len(checks), verdict(checks[0]), verdict(checks[1]))
	}
	if len(result.Problems) > 0 {
		t.Errorf("problems %v", result.Problems)
	}
	e, err := assess.Explain(t.Context(), o, "//storage.googleapis.com/b0", "public")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]posture.Check{*checks[0]}, e.Checks); diff != "" {
		t.Errorf("-checks +explain:\n%s", diff)
	}
}

// A related resource of which the asked part was not read is unknown also where
// the condition reads both resources.
func TestUnreadPartOfRelatedResource(t *testing.T) {
	granted := definition("granted", `"if": {"field": "type", "equals": "storage.googleapis.com/Bucket"},
		"then": {"effect": "AuditIfNotExists", "details": {"type": "compute.googleapis.com/Network", "existenceScope": "subscription",
		"existenceCondition": {"allOf": [
			{"field": "compute.googleapis.com/Network/bucket", "equals": "[field('storage.googleapis.com/Bucket/name')]"},
			{"not": {"field": "compute.googleapis.com/Network/iamPolicy.bindings[*].role", "notEquals": "admin"}}]}}}`, "")
	bucket := asset("storage.googleapis.com/b", bucketType, `,"resource":{"data":{"name":"b"}}`+shutBucket+inNumber)
	network := func(rest string) string {
		return asset("compute.googleapis.com/projects/web/global/networks/n", "compute.googleapis.com/Network", `,"resource":{"data":{"bucket":"b"}}`+rest+inNumber)
	}
	for name, test := range map[string]struct{ network, want string }{
		"the_policy_has_it":       {network(`,"iamPolicy":{"bindings":[{"role":"admin","members":["a"]}]}`), "granted b healthy"},
		"the_policy_lacks_it":     {network(`,"iamPolicy":{"bindings":[{"role":"viewer","members":["a"]}]}`), "granted b unhealthy"},
		"the_policy_was_not_read": {network(""), "granted b unknown notCollected"},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, options(t, []string{granted}, bucket, test.network), test.want)
		})
	}
}

// An asset of which nothing but its name was exported is there, and loses nothing of
// what else there is.
func TestAssetsOfANameOnly(t *testing.T) {
	planned := definition("planned", `"if": {"field": "type", "equals": "Microsoft.Resources/subscriptions"}, "then": {"effect": "AuditIfNotExists",
		"details": {"type": "Microsoft.Security/pricings", "existenceScope": "subscription", "existenceCondition": {"field": "name", "equals": "KeyVaults"}}}`, "")
	pricing := `{"id":"` + unitA + `/providers/Microsoft.Security/pricings/Arm","name":"Arm","type":"Microsoft.Security/pricings","properties":{"pricingTier":"Free"}}`
	o := options(t, []string{planned}, subscription(unitA), pricing,
		asset("compute.googleapis.com/projects/p/zones/z/instances/i", "compute.googleapis.com/Instance", `,"osInventory":{"name":"x"},"ancestors":["projects/1"]`))
	result, checks := run(t, o)
	if len(checks) != 1 || checks[0].State != posture.Unhealthy || result.Coverage.Rejected > 0 {
		t.Errorf("%d rejected, checks %+v, want one that is unhealthy", result.Coverage.Rejected, checks)
	}
}

// Rows of AWS and of machines with an id alone lose nothing either, and are there for
// whoever looks for them.
func TestRowsOfAnIDAlone(t *testing.T) {
	const vpc = `{"type":"AWS::EC2::VPC","id":"vpc-b","account":"111122223333","region":"eu-west-1","properties":{"VpcId":"vpc-b"}}`
	log := func(id, properties string) string {
		return `{"type":"AWS::EC2::FlowLog","id":"` + id + `","account":"111122223333"` + properties + `}`
	}
	rule := func(condition string) string {
		return definition("logged", `"if": {"field": "type", "equals": "AWS::EC2::VPC"}, "then": {"effect": "AuditIfNotExists", "details": {"type": "AWS::EC2::FlowLog"`+condition+`}}`, "")
	}
	working, any := rule(`, "existenceCondition": {"field": "AWS::EC2::FlowLog/DeliverLogsStatus", "equals": "SUCCESS"}`), rule("")
	failed := log("fl-1", `,"properties":{"DeliverLogsStatus":"FAILED"}`)
	for name, test := range map[string]struct {
		rule  string
		lines []string
		want  string
	}{
		"of_another_account": {working, []string{failed, `{"type":"AWS::SQS::Queue","id":"arn:aws:sqs:eu-west-1:444455556666:jobs"}`}, "unhealthy"},
		"of_a_machine":       {working, []string{failed, `{"type":"machine","id":"till-3"}`}, "unhealthy"},
		"of_what_is_wanted":  {working, []string{log("fl-9", "")}, "unknown partial"},
		"that_is_enough":     {any, []string{log("fl-9", "")}, "healthy"},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{test.rule}, append(test.lines, vpc)...)
			if strings.HasPrefix(name, "of_what") || name == "that_is_enough" {
				o.Complete = []assess.Completeness{{All: true}}
			}
			result, checks := run(t, o)
			if len(checks) != 1 || result.Coverage.Rejected > 0 {
				t.Fatalf("%d rejected, %d checks, want one", result.Coverage.Rejected, len(checks))
			}
			c := checks[0]
			if got := strings.TrimSpace(fmt.Sprint(c.State, " ", c.Reason)); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}
