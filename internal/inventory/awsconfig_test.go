package inventory

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The golden file shows what every mapped type becomes; its diff is read in
// review.
func TestConfigSnapshot(t *testing.T) {
	in, err := os.Open("testdata/awsconfig.json")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	}()
	f := decodeAll(t, in, "awsconfig.json")
	var got strings.Builder
	for _, r := range f.Resources {
		fmt.Fprintf(&got, "%s %s unit=%s location=%s whole=%v unread=%s\n\t%s\n", r.Type, r.ID, r.Unit, r.Location, r.Whole, r.Unread, r.Body)
	}
	fmt.Fprintf(&got, "deleted %d, not mapped %v, problems %q\n", f.seen.Deleted, f.seen.Unmapped, f.Problems)
	const golden = "testdata/awsconfig.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// The page lists the mapping row by row, so that it cannot fall behind.
func TestConfigMappingIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/inventory.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range slices.Sorted(maps.Keys(configTypes)) {
		if row := mappingRow(kind, configTypes[kind]); !strings.Contains(string(page), row) {
			t.Errorf("docs/inventory.md lacks the row\n%s", row)
		}
	}
}

func mappingRow(kind string, mapping configType) string {
	properties := make([]string, 0, len(mapping.rules))
	for _, rule := range mapping.rules {
		if name := rule.to; !slices.Contains(properties, name) {
			properties = append(properties, name)
		}
	}
	if mapping.kind != "" {
		kind += " → " + mapping.kind
	}
	return "| " + kind + " | " + strings.Join(properties, ", ") + " |"
}

func TestConfigMappingRulesAreWhole(t *testing.T) {
	for kind, mapping := range configTypes {
		if len(mapping.rules) == 0 {
			t.Errorf("%s: no rules", kind)
		}
		for _, rule := range mapping.rules {
			if rule.to == "" || rule.from == "" || strings.HasPrefix(rule.to, "properties") {
				t.Errorf("%s: %+v", kind, rule)
			}
			if slices.Contains(mapping.unread, "properties."+rule.to) {
				t.Errorf("%s: %s is mapped and said to be unread", kind, rule.to)
			}
		}
	}
}

// A query's answer says what it chose only; nothing is known of the rest, also
// where it chose what else tells an item that is whole.
func TestConfigQueryIsNotWhole(t *testing.T) {
	const row = `{"resourceType":"AWS::EC2::Volume","resourceId":"vol-1","accountId":"111122223333",` +
		`"configurationItemStatus":"OK","configurationItemCaptureTime":"2026-01-31T10:00:00Z","configuration":{"encrypted":false}}`
	quoted := `"` + strings.ReplaceAll(row, `"`, `\"`) + `"`
	tests := map[string]struct {
		in    string
		whole bool
	}{
		"strings":            {`{"Results":[` + quoted + `]}`, false},
		"objects":            {`{"Results":[` + row + `]}`, false},
		"objects_on_lines":   {"{\"Results\":[\n" + row + "\n]}", false},
		"with_what_was_read": {`{"QueryInfo":{"SelectFields":[{"Name":"resourceId"}]},"Results":[` + row + `]}`, false},
		"strings_alone":      {quoted, false},
		"list_of_strings":    {`[` + quoted + `]`, false},
		"lines_of_answers":   {`{"Results":[` + row + `]}` + "\n" + `{"Results":[` + row + `]}`, false},
		"items":              {`{"configurationItems":[` + row + `]}`, true},
		"base_items":         {`{"baseConfigurationItems":[` + row + `]}`, true},
		"behind_a_query":     {`{"Results":[` + quoted + `]}` + "\n" + `{"configurationItems":[` + row + `]}`, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := decodeText(t, test.in)
			if len(f.Resources) == 0 || f.Problems != nil {
				t.Fatalf("%+v", f)
			}
			if r := f.Resources[len(f.Resources)-1]; r.Whole != test.whole || r.Unit != "111122223333" {
				t.Errorf("%+v", r)
			}
		})
	}
}

// What AWS Config leaves out of a filled supplementaryConfiguration a bucket does not
// have; without one nothing is known.
func TestConfigBucketIsWhole(t *testing.T) {
	tests := map[string]struct {
		supplementary string
		whole         bool
	}{
		"filled":      {`{"AccessControlList":"{}","BucketVersioningConfiguration":{"status":"Off"}}`, true},
		"with_blocks": {`{"PublicAccessBlockConfiguration":{"blockPublicAcls":true}}`, true},
		"empty":       {`{}`, false},
		"none":        {`null`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := decodeText(t, `{"configurationItems":[{"configurationItemCaptureTime":"2026-01-31T10:00:00Z","configurationItemStatus":"OK","awsAccountId":"111122223333",`+
				`"resourceType":"AWS::S3::Bucket","resourceId":"b","resourceName":"b","configuration":{"name":"b"},"supplementaryConfiguration":`+test.supplementary+`}]}`)
			if r := f.Resources[0]; r.Whole != test.whole || slices.Contains(r.Unread, "properties.PublicAccessBlockConfiguration") {
				t.Errorf("whole %v, unread %q; want whole %v", r.Whole, r.Unread, test.whole)
			}
		})
	}
}

// An item that says a bucket has no policy tells of policies in the account; one that
// says nothing of a policy does not.
func TestConfigBucketHasNoPolicy(t *testing.T) {
	none, open := `{"BucketName":"b","PolicyStatus":{"IsPublic":false}}`, `{"BucketName":"b"}`
	tests := map[string]struct{ supplementary, want string }{
		"null":            {`"BucketPolicy":{"policyText":null}`, none},
		"null_in_a_text":  {`"BucketPolicy":"{\"policyText\": null}"`, none},
		"not_asked_for":   {`"AccessControlList":"{}"`, open},
		"null_altogether": {`"BucketPolicy":null`, open},
		"no_text_in_it":   {`"BucketPolicy":{}`, open},
		"a_policy":        {`"BucketPolicy":{"policyText":"{\"Statement\":[]}"}`, open},
		"cannot_be_read":  {`"BucketPolicy":{"policyText":"{"}`, open},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := decodeText(t, `{"configurationItems":[{"configurationItemCaptureTime":"2026-01-31T10:00:00Z","configurationItemStatus":"OK","awsAccountId":"111122223333",`+
				`"resourceType":"AWS::S3::Bucket","resourceId":"b","resourceName":"b","configuration":{"name":"b"},"supplementaryConfiguration":{`+test.supplementary+`}}]}`)
			got := fastjson.MustParse(f.Resources[0].Body).Get("properties")
			if got.String() != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if told := f.seen.None[TypeIn{"111122223333", "AWS::S3::BucketPolicy"}]; told != (test.want == none) {
				t.Errorf("none told: %v", told)
			}
		})
	}
}

// What an item says in JSON that does not parse is there and unread: it was
// not absent.
func TestConfigBrokenText(t *testing.T) {
	tests := map[string]struct {
		in, kind string
		paths    []string
	}{
		"object": {
			configItem(bucketType, `{"name":"b"}`, `"PublicAccessBlockConfiguration":"{\"blockPublicAcls\":tru"`),
			bucketType,
			[]string{"properties.PublicAccessBlockConfiguration"},
		},
		"below": {
			configItem(bucketType, `{"name":"b"}`, `"BucketVersioningConfiguration":"{\"status\":"`),
			bucketType,
			[]string{"properties.VersioningConfiguration.Status"},
		},
		"policy": {
			configItem(bucketType, `{"name":"b"}`, `"BucketPolicy":"{\"policyText\":"`),
			"AWS::S3::BucketPolicy",
			[]string{"properties.PolicyDocument"},
		},
		"document_of_a_policy": {
			configItem(bucketType, `{"name":"b"}`, `"BucketPolicy":{"policyText":"{"}`),
			"AWS::S3::BucketPolicy",
			[]string{"properties.PolicyDocument"},
		},
		"document": {
			configItem("AWS::IAM::Role", `{"roleName":"b","assumeRolePolicyDocument":"%7B%22"}`, ``),
			"AWS::IAM::Role",
			[]string{"properties.AssumeRolePolicyDocument"},
		},
		"document_in_a_list": {
			configItem("AWS::IAM::Role", `{"roleName":"b","rolePolicyList":[{"policyName":"p","policyDocument":"%7B"}]}`, ``),
			"AWS::IAM::Role",
			[]string{"properties.Policies"},
		},
		"no_list": {
			configItem("AWS::EC2::SecurityGroup", `{"groupId":"b","ipPermissions":{"ipProtocol":"tcp"},"ipPermissionsEgress":[{"ipv4Ranges":"0.0.0.0/0"}]}`, ``),
			"AWS::EC2::SecurityGroup",
			[]string{"properties.SecurityGroupIngress", "properties.SecurityGroupEgress"},
		},
		"no_object_in_a_list": {
			configItem("AWS::IAM::Role", `{"roleName":"b","rolePolicyList":["p"]}`, ``),
			"AWS::IAM::Role",
			[]string{"properties.Policies"},
		},
		"no_object": {
			configItem("AWS::Lambda::Function", `{"functionName":"b","vpcConfig":"none"}`, ``),
			"AWS::Lambda::Function",
			[]string{"properties.VpcConfig"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := decodeText(t, test.in)
			want := failedPaths("111122223333", test.kind, "b", test.paths)
			if diff := cmp.Diff([]posture.ReadRecord{want}, f.Reads); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			problem := fmt.Sprintf("in.json:1: AWS Config: in %q what becomes %s cannot be read: not JSON in its text, or another type than AWS Config writes", "b", strings.Join(test.paths, ", "))
			if diff := cmp.Diff([]string{problem}, f.Problems); diff != "" {
				t.Errorf("problems (-want +got)\n%s", diff)
			}
			last := f.Resources[len(f.Resources)-1]
			if last.Type != test.kind || !last.Whole {
				t.Errorf("%+v", last)
			}
		})
	}
}

// What AWS Config was asked for and did not answer is something that was not read.
func TestUnprocessedKeys(t *testing.T) {
	const item = `{"arn":"arn:aws:sqs:eu-west-1:111122223333:q","configurationItemStatus":"OK","accountId":"111122223333","awsRegion":"eu-west-1","resourceType":"AWS::SQS::Queue","resourceId":"q","configuration":"{\"a\": 1}"}`
	const rest = `"unprocessedResourceKeys":[{"resourceType":"AWS::SQS::QueuePolicy","resourceId":"z"},{"resourceType":"AWS::SQS::Queue","resourceId":"y"}]`
	want := []string{
		`AWS Config did not process "AWS::SQS::QueuePolicy" "z": it was asked for and not read`,
		`AWS Config did not process "AWS::SQS::Queue" "y": it was asked for and not read`,
	}
	tests := map[string]string{
		"behind":   `{"baseConfigurationItems":[` + item + `],` + rest + `}`,
		"in_front": `{` + rest + `,"baseConfigurationItems":[` + item + `]}`,
		"of_lines": `{"baseConfigurationItems":[` + item + `],` + rest + `}` + "\n" + `{"baseConfigurationItems":[]}` + "\n",
	}
	for name, content := range tests {
		t.Run(name, func(t *testing.T) {
			got := decodeText(t, content)
			var reasons []string
			for _, p := range got.Problems {
				reasons = append(reasons, strings.TrimPrefix(p, "in.json:1: "))
			}
			if diff := cmp.Diff(want, reasons); diff != "" || len(got.Resources) != 1 {
				t.Errorf("%d resources, problems (-want +got)\n%s", len(got.Resources), diff)
			}
		})
	}
}

// configItem is an item of AWS Config, of a resource that is called b.
func configItem(kind, configuration, supplementary string) string {
	return `{"configurationItems":[{"configurationItemCaptureTime":"2026-01-31T10:00:00Z","configurationItemStatus":"OK",` +
		`"awsAccountId":"111122223333","resourceType":"` + kind + `","resourceId":"b","resourceName":"b",` +
		`"configuration":` + configuration + `,"supplementaryConfiguration":{` + supplementary + `}}]}`
}
