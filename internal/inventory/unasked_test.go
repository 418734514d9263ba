package inventory

import (
	"strings"
	"testing"
)

// An item of a bucket without its supplementary configuration, such as of a query, says
// nothing of a policy; one whose supplementary configuration is a text says what that says.
func TestUnaskedPolicies(t *testing.T) {
	item := func(more string) string {
		return `{"configurationItems":[{"configurationItemCaptureTime":"2026-11-20T10:00:00Z","configurationItemStatus":"OK","awsAccountId":"111122223333","awsRegion":"eu-west-1","resourceType":"AWS::S3::Bucket","resourceId":"b","resourceName":"b","ARN":"arn:aws:s3:::b","configuration":{"name":"b"}` + more + `}]}`
	}
	const policy = `{"BucketPolicy":{"policyText":"{\"Statement\":[]}"}}`
	for name, test := range map[string]struct {
		more     string
		unasked  bool
		policies int
	}{
		"nothing":       {"", true, 0},
		"null":          {`,"supplementaryConfiguration":null`, true, 0},
		"empty":         {`,"supplementaryConfiguration":{}`, true, 0},
		"other":         {`,"supplementaryConfiguration":{"IsRequesterPaysEnabled":false}`, false, 0},
		"nothing of it": {`,"supplementaryConfiguration":{"BucketPolicy":{}}`, true, 0},
		"none":          {`,"supplementaryConfiguration":{"BucketPolicy":{"policyText":null}}`, false, 0},
		"object":        {`,"supplementaryConfiguration":` + policy, false, 1},
		"text":          {`,"supplementaryConfiguration":"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(policy) + `"`, false, 1},
		"broken":        {`,"supplementaryConfiguration":"{"`, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			f := decodeAll(t, strings.NewReader(item(test.more)), "in.json")
			policies := 0
			for _, r := range f.Resources {
				if r.Type == bucketPolicyType {
					policies++
				}
			}
			if got := f.seen.Unasked[TypeIn{"111122223333", bucketPolicyType}]; got != test.unasked || policies != test.policies || len(f.Resources) != 1+policies {
				t.Errorf("unasked %v, %d policies of %d resources; want %v, %d", got, policies, len(f.Resources), test.unasked, test.policies)
			}
			if (name == "broken") != (len(f.Problems) == 1) {
				t.Errorf("problems: %v", f.Problems)
			}
		})
	}
}

// What Cloud Control names is there, also where its properties cannot be read.
func TestUnreadProperties(t *testing.T) {
	for name, description := range map[string]string{
		"none": `{"Identifier":"fl-1"}`, "cut": `{"Identifier":"fl-1","Properties":"{\"Id\":"}`, "a_list": `{"Identifier":"fl-1","Properties":"[]"}`,
	} {
		t.Run(name, func(t *testing.T) {
			f := decodeAll(t, strings.NewReader(`{"TypeName":"AWS::EC2::FlowLog","ResourceDescription":`+description+`}`), "in.json")
			if len(f.Resources) != 1 || f.Resources[0].Whole || len(f.Problems) != 1 || !strings.Contains(f.Problems[0], "unknown") {
				t.Errorf("%+v, problems %v", f.Resources, f.Problems)
			}
		})
	}
}
