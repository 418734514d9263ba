package inventory

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// A read record that is not as it should be is named, counts as rejected and
// promises nothing, but what it says of gaps holds.
func TestDecodeReadMalformed(t *testing.T) {
	const head = `{"bartizan":"read","scope":"111122223333","type":"*","complete":true`
	tests := map[string]struct {
		in, problem string
		gaps        []posture.Gap
	}{
		"list_that_is_none": {
			head + `,"denied":"x"}`,
			`read record: denied is a string, want an array of {type, id, path, action}; taken as all of its type`,
			[]posture.Gap{{Reason: posture.Denied}},
		},
		"entries_that_are_none": {
			head + `,"denied":["foo",5,{"id":"b"}]}`,
			`read record: denied[0] is a string, want an object; taken as all of its type; denied[1] is a number, want an object; taken as all of its type`,
			[]posture.Gap{{Reason: posture.Denied}, {Reason: posture.Denied}, {Reason: posture.Denied, ID: "b"}},
		},
		"texts_that_name_something": {
			head + `,"throttled":["arn:aws:s3:::b","AWS::S3::Bucket","A.B/c/read"]}`,
			`read record: throttled[0] is a string, want an object; taken as an id; throttled[1] is a string, want an object; taken as a type; ` +
				`throttled[2] is a string, want an object; taken as all of its type`,
			[]posture.Gap{{Reason: posture.Throttled, ID: "arn:aws:s3:::b"}, {Reason: posture.Throttled, Type: "AWS::S3::Bucket"}, {Reason: posture.Throttled}},
		},
		"one_entry_without_a_list": {
			head + `,"error":{"id":"b"}}`,
			`read record: error is an object, want an array of {type, id, path, action}`,
			[]posture.Gap{{Reason: posture.Failed, ID: "b"}},
		},
		"keys_in_odd_case": {
			head + `,"denied":[{"ID":"b","Path":"properties.x"}]}`,
			`read record: denied[0]: key "ID", want "id"; denied[0]: key "Path", want "path"`,
			[]posture.Gap{{Reason: posture.Denied, ID: "b", Path: "properties.x"}},
		},
		"other_keys": {
			head + `,"denied":[{"resource":"b"}]}`,
			`read record: denied[0]: it has "resource", want type, id, path or action`,
			[]posture.Gap{{Reason: posture.Denied}},
		},
		"path_that_is_no_string": {
			head + `,"denied":[{"id":"b","path":["x"]}]}`,
			`read record: denied[0]: path is an array, want a string`,
			wholeBody(posture.Gap{Reason: posture.Denied, ID: "b"}, posture.AWS),
		},
		"odd_case": {
			head + `,"Denied":[{"id":"b"}]}`,
			`read record: key "Denied", want "denied"`,
			[]posture.Gap{{Reason: posture.Denied, ID: "b"}},
		},
		"pattern_as_type": {
			head + `,"denied":[{"type":"Microsoft.Insights/*"}]}`,
			`read record: denied[0]: type "Microsoft.Insights/*" is no resource type, want one such as Microsoft.Storage/storageAccounts; taken as every type`,
			[]posture.Gap{{Reason: posture.Denied, Type: "*"}},
		},
		"last_part_of_type": {
			head + `,"denied":[{"type":"diagnosticSettings"}]}`,
			`read record: denied[0]: type "diagnosticSettings" is no resource type, want one such as Microsoft.Storage/storageAccounts; taken as every type`,
			[]posture.Gap{{Reason: posture.Denied, Type: "*"}},
		},
		"unknown_list": {
			head + `,"forbidden":[{"id":"b"}]}`,
			`read record: list "forbidden", want denied, throttled or error; what it names is taken as not read`,
			[]posture.Gap{{Reason: posture.Failed, ID: "b"}},
		},
		"unknown_list_of_texts": {
			head + `,"regions":["eu-west-1","arn:aws:s3:::b",5,{"name":"x"}]}`,
			`read record: list "regions", want denied, throttled or error; what it names is taken as not read`,
			[]posture.Gap{{Reason: posture.Failed, ID: "arn:aws:s3:::b"}},
		},
		"time_that_is_none": {
			head + `,"startedAt":"today","denied":[{"id":"b"}]}`,
			`read record: startedAt "today", want a time as 2026-01-31T10:00:00Z`,
			[]posture.Gap{{Reason: posture.Denied, ID: "b"}},
		},
		"text_as_path": {
			head + `,"error":[{"id":"b","path":"some text"}]}`,
			`read record: error[0]: path "some text" is no path of a body, want names with dots such as properties.minimumTlsVersion; taken as the whole body, also what is there`,
			everyGap(posture.Failed),
		},
		"alias_as_path": {
			head + `,"throttled":[{"id":"b","path":"Microsoft.Storage/storageAccounts/a"}]}`,
			`read record: throttled[0]: path "Microsoft.Storage/storageAccounts/a" is no path of a body, want names with dots such as properties.minimumTlsVersion; taken as the whole body, also what is there`,
			everyGap(posture.Throttled),
		},
		"complete_that_is_no_boolean": {
			strings.Replace(head, "true", `"yes"`, 1) + `}`,
			`read record: complete is a string, want true or false`, nil,
		},
		"id_that_is_no_string": {
			head + `,"denied":[{"id":5,"type":"N.S/t"}]}`,
			`read record: denied[0]: id is a number, want a string`,
			[]posture.Gap{{Reason: posture.Denied, Type: "N.S/t"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := decodeText(t, test.in)
			if diff := cmp.Diff([]string{"in.json:1: " + test.problem}, f.Problems); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			want := []posture.ReadRecord{{Scope: "111122223333", Type: "*", Gaps: test.gaps}}
			if diff := cmp.Diff(want, f.Reads); diff != "" {
				t.Errorf("read (-want +got):\n%s", diff)
			}
			if f.seen.Rejected != 1 {
				t.Errorf("%d rejected, want 1", f.seen.Rejected)
			}
		})
	}
}

// wholeBody are the gaps that a path that is none comes to.
func wholeBody(gap posture.Gap, cloud posture.Cloud) []posture.Gap {
	body := gap
	body.Body = true
	all := []posture.Gap{body}
	for _, gap.Path = range bodyMembers(cloud) {
		all = append(all, gap)
	}
	return all
}

// What a record without a scope names is not read all the same; without that it
// says nothing.
func TestDecodeReadNameless(t *testing.T) {
	f := decodeText(t, `{"bartizan":"read","complete":true,"denied":[{"id":"b"}]}`)
	want := []posture.ReadRecord{{Scope: "/", Type: "*", Gaps: []posture.Gap{{Reason: posture.Denied, ID: "b"}}}}
	if diff := cmp.Diff(want, f.Reads); diff != "" || f.seen.Rejected != 1 {
		t.Errorf("%d rejected; read (-want +got):\n%s", f.seen.Rejected, diff)
	}
	if f := decodeText(t, `{"bartizan":"read","type":"*","complete":true}`); f.Reads != nil || f.seen.Rejected != 1 {
		t.Errorf("%+v", f)
	}
}

// Paths may name tags with slashes, and a list may be null.
func TestDecodeReadPaths(t *testing.T) {
	f := decodeText(t, `{"bartizan":"read","scope":"s","type":"N.S/t","error":null,"note":"n","denied":[{"path":"tags.a/b"},{"path":"properties.rules[*].x"}]}`)
	want := []posture.Gap{{Reason: posture.Denied, Path: "tags.a/b"}, {Reason: posture.Denied, Path: "properties.rules[*].x"}}
	if len(f.Reads) != 1 || f.Problems != nil {
		t.Fatalf("%+v", f)
	}
	if diff := cmp.Diff(want, f.Reads[0].Gaps); diff != "" {
		t.Error(diff)
	}
}

// What no shape is says what it lacks.
func TestDecodeRefuses(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"policy_state": {
			`{"timestamp":"2026-01-01T00:00:00Z","resourceId":"` + unitA + `/resourceGroups/g/providers/A.B/c/d","resourceType":"/A.B/c","complianceState":"NonCompliant"}`,
			`not a shape that is known: resourceType "/A.B/c" is none of AWS Config's, want one such as AWS::S3::Bucket`,
		},
		"number_as_id":   {`{"id":5,"type":"A.B/c","properties":{}}`, `id is a number, want a string`},
		"object_as_id":   {`{"id":{},"name":"n","properties":{}}`, `id is an object, want a string`},
		"number_as_type": {`{"id":"x","type":7,"properties":{}}`, `type is a number, want a string`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := decodeText(t, test.in)
			if diff := cmp.Diff([]string{"in.json:1: " + test.want}, f.Problems); diff != "" || len(f.Resources) > 0 {
				t.Errorf("%d resources; problems (-want +got):\n%s", len(f.Resources), diff)
			}
		})
	}
}

// A member in two spellings with different values is told, and counts in neither;
// with the same, or none in one, it counts as in one.
func TestDecodeTwoSpellings(t *testing.T) {
	const name, kind = `{"name":"//storage.googleapis.com/b"`, `,"assetType":"storage.googleapis.com/Bucket"`
	broken := func(path string) []string { return []string{path} }
	tests := map[string]struct {
		in, problem  string
		resources    int
		broken       []string
		body, absent string // parts of the body
	}{
		"policies": {
			name + kind + `,"data":{"a":1},"iamPolicy":{"bindings":[]},"iam_policy":{"bindings":[{"role":"r"}]}}`,
			`asset "//storage.googleapis.com/b": keys "iamPolicy" and "iam_policy" have different values; its iamPolicy is unknown`, 1, broken("iamPolicy"), `"a":1`, "bindings",
		},
		"policies_turned": {
			name + kind + `,"iam_policy":{"bindings":[{"role":"r"}]},"iamPolicy":{"bindings":[]}}`,
			`asset "//storage.googleapis.com/b": keys "iam_policy" and "iamPolicy" have different values; its iamPolicy is unknown`, 1, broken("iamPolicy"), "", "bindings",
		},
		"of_one_of": {
			name + kind + `,"data":{},"accessLevel":{"title":"a"},"accessPolicy":{"title":"b"}}`,
			`asset "//storage.googleapis.com/b": keys "accessLevel" and "accessPolicy" have different values; its accessPolicy is unknown`, 1, broken("accessPolicy"), "", "title",
		},
		"inside": {
			name + kind + `,"data":{},"iamPolicy":{"bindings":[],"auditConfigs":[{"logTypes":[{"logType":1,"log_type":"DATA_READ"}]}]}}`,
			`asset "//storage.googleapis.com/b": iamPolicy.auditConfigs[0].logTypes[0].logType is there in two spellings with different values; its iamPolicy is unknown`,
			1, broken("iamPolicy"), "", "bindings",
		},
		"same":        {name + kind + `,"iamPolicy":{"auditConfigs":[{"logType":"DATA_READ","a":1}]},"iam_policy":{"audit_configs":[{"a":1,"log_type":3}]}}`, "", 1, nil, "DATA_READ", ""},
		"null":        {name + kind + `,"iamPolicy":null,"iam_policy":{"bindings":[]}}`, "", 1, nil, "bindings", ""},
		"null_behind": {name + kind + `,"iam_policy":{"bindings":[]},"iamPolicy":null}`, "", 1, nil, "bindings", ""},
		"type":        {name + kind + `,"asset_type":"storage.googleapis.com/Other","data":{}}`, `keys "assetType" and "asset_type" have different values`, 0, nil, "", ""},
		"time":        {name + kind + `,"update_time":"2026-01-01T00:00:00Z","updateTime":"2026-01-02T00:00:00Z","data":{}}`, `keys "update_time" and "updateTime" have different values`, 0, nil, "", ""},
		"window": {
			`{"window":{"startTime":"2026-01-01T00:00:00Z","start_time":"2026-01-02T00:00:00Z"},"asset":` + name + kind + `,"data":{}}}`,
			`keys "window.startTime" and "window.start_time" have different values`, 0, nil, "", "",
		},
		"account":        {`{"type":"AWS::SQS::Queue","id":"q","account":"111122223333","accountId":"444455556666","properties":{"a":1}}`, `keys "account" and "accountId" have different values`, 0, nil, "", ""},
		"same_account":   {`{"type":"AWS::SQS::Queue","id":"q","account":"111122223333","accountId":"111122223333","properties":{"a":1}}`, "", 1, nil, `"a":1`, ""},
		"around_records": {`{"region":"eu-west-1","awsRegion":"us-east-1","value":[{"type":"AWS::SQS::Queue","id":"q","properties":{"a":1}}]}`, "", 1, nil, `"a":1`, ""},
		"another_occurs": {name + kind + `,"iamPolicy":{},"iam_policy":{},"name":"//storage.googleapis.com/c"}`, `key "name" occurs twice`, 0, nil, "", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := decodeText(t, test.in)
			var problems []string
			if test.problem != "" {
				problems = []string{"in.json:1: " + test.problem}
			}
			if diff := cmp.Diff(problems, f.Problems); diff != "" || len(f.Resources) != test.resources || f.seen.Rejected != len(problems) {
				t.Fatalf("%d resources, %d rejected; problems (-want +got):\n%s", len(f.Resources), f.seen.Rejected, diff)
			}
			if test.resources == 0 {
				return
			}
			r := f.Resources[0]
			if diff := cmp.Diff(test.broken, r.Broken); diff != "" {
				t.Errorf("broken (-want +got):\n%s", diff)
			}
			if !strings.Contains(r.Body, test.body) || test.absent != "" && strings.Contains(r.Body, test.absent) {
				t.Errorf("body %s", r.Body)
			}
		})
	}
}

// A group or subscription without anything but its identity is not whole.
func TestDecodeBareContainers(t *testing.T) {
	tests := map[string]struct {
		in    string
		whole bool
	}{
		"bare_group":              {`{"id":"` + unitA + `/resourceGroups/g","name":"g","type":"Microsoft.Resources/resourceGroups"}`, false},
		"bare_graph_group":        {`{"id":"` + unitA + `/resourceGroups/g","name":"g","type":"microsoft.resources/subscriptions/resourcegroups","resourceGroup":"g","subscriptionId":"0a1b2c3d-0000-4000-8000-00000000000a"}`, false},
		"group_with_location":     {`{"id":"` + unitA + `/resourceGroups/g","name":"g","type":"Microsoft.Resources/resourceGroups","location":"w"}`, true},
		"bare_subscription":       {`{"id":"` + unitA + `","name":"s","type":"Microsoft.Resources/subscriptions"}`, false},
		"subscription_by_get":     {`{"id":"` + unitA + `","type":"Microsoft.Resources/subscriptions","displayName":"s","state":"Enabled"}`, true},
		"subscription_with_tags":  {`{"id":"` + unitA + `","type":"Microsoft.Resources/subscriptions","tags":{}}`, true},
		"bare_management_group":   {`{"id":"` + managementGroupPrefix + `m","name":"m","type":"Microsoft.Management/managementGroups"}`, false},
		"listed_management_group": {`{"id":"` + managementGroupPrefix + `m","name":"m","type":"Microsoft.Management/managementGroups","properties":{}}`, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := decodeText(t, test.in)
			if len(f.Resources) != 1 || len(f.Scopes) == 0 || f.Problems != nil {
				t.Fatalf("%+v", f)
			}
			if f.Resources[0].Whole != test.whole {
				t.Errorf("whole %t, want %t", f.Resources[0].Whole, test.whole)
			}
		})
	}
}

// everyGap is all of a body of AWS, with what it has.
func everyGap(reason posture.Reason) []posture.Gap {
	gaps := []posture.Gap{{Reason: reason, ID: "b", Body: true}}
	for _, path := range []string{"properties", "tags", "location", "iamPolicy", "orgPolicy", "accessPolicy", "ancestors"} {
		gaps = append(gaps, posture.Gap{Reason: reason, ID: "b", Path: path})
	}
	return gaps
}

// AWS::::Account and AWS::::Region, which are no service's, are types as well.
func TestTypeNames(t *testing.T) {
	for name, want := range map[string]bool{
		"*": true, "machine": true, "Microsoft.Storage/storageAccounts": true, "AWS::S3::Bucket": true, "AWS::::Account": true, "AWS::::Region": true,
		"AWS::S3::": false, "::S3::Bucket": false, "AWS::::::Region": false, "AWS": false, "Microsoft.Storage//x": false, "": false,
	} {
		if got := isTypeName(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}
