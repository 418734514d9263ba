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

// A policy document of another form than AWS has says nothing, least of all that
// nobody is let in: it is named with its place, whatever is judged, and the checks
// that read it are unknown.
func TestPolicyDocumentsOfAnotherForm(t *testing.T) {
	const everybody = `{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`
	holders := map[string]struct{ of, head, field, properties string }{
		"kms-key-policy-not-public":          {"AWS::KMS::Key", `"id":"arn:aws:kms:eu-west-1:111122223333:key/k"`, "KeyPolicy", `{"KeyId":"k","KeyPolicy":%s}`},
		"iam-attached-policy-not-admin":      {"AWS::IAM::ManagedPolicy", `"id":"arn:aws:iam::111122223333:policy/p"`, "PolicyDocument", `{"ManagedPolicyName":"p","AttachmentCount":1,"PolicyDocument":%s}`},
		"iam-aws-managed-admin-not-attached": {"AWS::IAM::ManagedPolicy", `"id":"arn:aws:iam::aws:policy/AdministratorAccess"`, "PolicyDocument", `{"ManagedPolicyName":"AdministratorAccess","AttachmentCount":1,"PolicyDocument":%s}`},
		"sns-topic-not-public":               {"AWS::SNS::TopicPolicy", `"id":"t"`, "PolicyDocument", `{"Topics":["arn:aws:sns:eu-west-1:111122223333:t"],"PolicyDocument":%s}`},
		"opensearch-domain-not-public":       {"AWS::OpenSearchService::Domain", `"id":"d"`, "AccessPolicies", `{"DomainName":"d","AccessPolicies":%s}`},
		"iam-inline-policy-not-admin":        {"AWS::IAM::User", `"id":"u"`, "Policies[0].PolicyDocument", `{"UserName":"u","Policies":[{"PolicyName":"p","PolicyDocument":%s}]}`},
		"s3-bucket-policy-no-public-write":   {"AWS::S3::BucketPolicy", `"id":"b"`, "PolicyDocument", `{"Bucket":"b","PolicyDocument":%s}`},
		"s3-bucket-policy-own-account-only":  {"AWS::S3::BucketPolicy", `"id":"b"`, "PolicyDocument", `{"Bucket":"b","PolicyDocument":%s}`},
	}
	documents := map[string]struct{ document, told string }{
		"as_it_is":        {`{"Statement":[` + everybody + `]}`, ""},
		"text":            {`{"Statement":` + asText("["+everybody+"]") + `}`, ".Statement is string, want array or object"},
		"texts":           {`{"Statement":[` + asText(everybody) + `]}`, ".Statement[0] is string, want object"},
		"number":          {`{"Statement":5}`, ".Statement is number, want array or object"},
		"action_in_text":  {`{"Statement":[` + strings.Replace(everybody, `"*","Resource"`, `"[\"*\"]","Resource"`, 1) + `]}`, ".Statement[0].Action is a string with JSON, want array or string"},
		"effect_in_array": {`{"Statement":[` + strings.Replace(everybody, `"Allow"`, `["Allow"]`, 1) + `]}`, `.Statement[0].Effect is array, want "Allow" or "Deny"`},
	}
	// Those that do not ask what everybody may do.
	anyAction := []string{"kms-key-policy-not-public", "sns-topic-not-public", "s3-bucket-policy-own-account-only"}
	bucket := `{"type":"AWS::S3::Bucket","id":"b","account":"111122223333","region":"eu-west-1","properties":{"BucketName":"b","PublicAccessBlockConfiguration":{"RestrictPublicBuckets":false},"AccountPublicAccessBlockConfiguration":{"IgnorePublicAcls":false,"RestrictPublicBuckets":false}}}`
	account := `{"type":"AWS::::Account","id":"111122223333","account":"111122223333","properties":{"AccountId":"111122223333","CanonicalUserId":"c"}}`
	for id, holder := range holders {
		for name, document := range documents {
			t.Run(id+"/"+name, func(t *testing.T) {
				line := fmt.Sprintf(`{"type":%q,%s,"account":"111122223333","region":"eu-west-1","properties":`+holder.properties+`}`, holder.of, holder.head, document.document)
				o := assess.Options{Inputs: []assess.Input{text("in.jsonl", bucket, account, line)}, BuiltIn: builtIn(t), Now: now, Policies: []string{id}}
				state := func(want posture.State) {
					t.Helper()
					_, checks := run(t, o)
					if len(checks) != 1 || checks[0].State != want || want == posture.Unknown && checks[0].Reason != posture.Failed {
						t.Errorf("got %v, want %v", lines(checks), want)
					}
				}
				switch {
				case document.told == "":
					state(posture.Unhealthy)
				case name == "action_in_text" && slices.Contains(anyAction, id):
					state(posture.Unhealthy)
				default:
					state(posture.Unknown)
				}
				o.Policies = []string{"iam-access-key-age-90d"} // reads none of them
				result, _ := run(t, o)
				var got []string
				for _, p := range result.Problems {
					got = append(got, p.Place()+": "+p.Reason)
				}
				var want []string
				if document.told != "" {
					_, head, _ := strings.Cut(holder.head, ":")
					want = []string{"in.jsonl:3: " + holder.of + " " + head + ": properties." + holder.field + document.told}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("told (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// Each place is told once, also where rules go through it, and is among the unread
// paths of those who only show bodies.
func TestPlacesOfAnotherKindAreToldOnce(t *testing.T) {
	user := `{"type":"AWS::IAM::User","id":"u","account":"111122223333","properties":{"UserName":"u","Policies":{"PolicyName":"p"}}}`
	own := definition("own", `"if": {"allOf": [{"field": "type", "equals": "AWS::IAM::User"}, {"field": "AWS::IAM::User/Policies[*].PolicyName", "equals": "p"}]}, "then": {"effect": "Audit"}`, "")
	o := options(t, []string{own}, user)
	o.BuiltIn = builtIn(t)
	result, checks := run(t, o)
	if len(result.Problems) != 1 || result.Problems[0].Reason != `AWS::IAM::User "u": properties.Policies is object, want array` {
		t.Errorf("told %v, want the place once", result.Problems)
	}
	for _, state := range []string{"iam-inline-policy-not-admin u unknown error", "own u unknown error"} {
		if !slices.Contains(lines(checks), state) {
			t.Errorf("got %v, want %s", lines(checks), state)
		}
	}
}

// An object around the one that is meant has none of the provider's members: it is
// named with its place, and what rules read of it is unknown and not the default.
func TestObjectsOfOtherMembers(t *testing.T) {
	project := func(environment string) string {
		return `{"type":"AWS::CodeBuild::Project","id":"p","account":"111122223333","region":"eu-west-1","properties":{"Name":"p","Environment":` + environment + `}}`
	}
	tests := map[string]struct {
		environment, told string
		want              posture.State
	}{
		"wrapped":                 {`{"value":{"EnvironmentVariables":[{"Name":"DB_PASSWORD","Value":"hunter2"}]}}`, "properties.Environment is an object of other members, want object", posture.Unknown},
		"item_wrapped":            {`{"EnvironmentVariables":[{"x":{"Name":"DB_PASSWORD","Value":"hunter2"}}]}`, "properties.Environment.EnvironmentVariables[0] is an object of other members, want object", posture.Unknown},
		"of_others_that_it_has":   {`{"ComputeType":"BUILD_GENERAL1_SMALL"}`, "", posture.Healthy},
		"one_of_them_is_not_ours": {`{"Image":"standard:7.0","value":{}}`, "", posture.Healthy},
		"empty":                   {`{}`, "", posture.Healthy},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			const id = "codebuild-project-no-secrets-variables"
			o := assess.Options{Inputs: []assess.Input{text("in.jsonl", project(test.environment))}, BuiltIn: builtIn(t), Now: now, Policies: []string{id}}
			result, checks := run(t, o)
			if len(checks) != 1 || checks[0].State != test.want || test.want == posture.Unknown && checks[0].Reason != posture.Failed {
				t.Errorf("got %v, want %v", lines(checks), test.want)
			}
			var got []string
			for _, p := range result.Problems {
				got = append(got, p.Reason)
			}
			var want []string
			if test.told != "" {
				want = []string{`AWS::CodeBuild::Project "p": ` + test.told}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
		})
	}
}
