package posture

import "testing"

// Ids that say all are compared alone; the others with what they are unique in.
func TestIdentity(t *testing.T) {
	type resource struct{ id, typeName, unit, location string }
	same := func(r resource) Identity { return IdentityOf(r.id, r.typeName, r.unit, r.location) }
	tests := map[string]struct {
		a, b  resource
		equal bool
		named string // a
	}{
		"arm": {
			resource{"/subscriptions/1/resourceGroups/G/", "a/b", "/subscriptions/1", "x"},
			resource{"/subscriptions/1/resourcegroups/g", "A/B", "", ""},
			true,
			"/subscriptions/1/resourceGroups/G/",
		},
		"arn":            {resource{"arn:aws:s3:::b", "AWS::S3::Bucket", "1", "x"}, resource{"arn:aws:s3:::b", "AWS::S3::Bucket", "", ""}, true, "arn:aws:s3:::b"},
		"google":         {resource{"//x/a", "x/A", "projects/1", ""}, resource{"//x/a", "x/A", "projects/p", "eu"}, true, "//x/a"},
		"unit":           {resource{"111122223333", "unit", "111122223333", ""}, resource{"111122223333", "unit", "", ""}, true, "111122223333"},
		"other_account":  {resource{"Admin", "AWS::IAM::Role", "1", ""}, resource{"Admin", "AWS::IAM::Role", "2", ""}, false, "1/AWS::IAM::Role/Admin"},
		"other_type":     {resource{"Admin", "AWS::IAM::Role", "1", ""}, resource{"Admin", "AWS::IAM::InstanceProfile", "1", ""}, false, "1/AWS::IAM::Role/Admin"},
		"type_in_case":   {resource{"Admin", "AWS::IAM::Role", "1", ""}, resource{"Admin", "aws::iam::role", "1", ""}, true, "1/AWS::IAM::Role/Admin"},
		"id_in_case":     {resource{"q", "AWS::SQS::Queue", "1", "x"}, resource{"Q", "AWS::SQS::Queue", "1", "x"}, false, "1/x/AWS::SQS::Queue/q"},
		"other_region":   {resource{"q", "AWS::SQS::Queue", "1", "x"}, resource{"q", "AWS::SQS::Queue", "1", "y"}, false, "1/x/AWS::SQS::Queue/q"},
		"no_region":      {resource{"q", "AWS::SQS::Queue", "1", ""}, resource{"q", "AWS::SQS::Queue", "1", "y"}, false, "1/AWS::SQS::Queue/q"},
		"global_service": {resource{"Admin", "AWS::IAM::Role", "1", "us-east-1"}, resource{"Admin", "AWS::IAM::Role", "1", ""}, true, "1/AWS::IAM::Role/Admin"},
		"bucket":         {resource{"b", "AWS::S3::Bucket", "1", "x"}, resource{"b", "AWS::S3::Bucket", "1", ""}, true, "1/AWS::S3::Bucket/b"},
		"bucket_policy":  {resource{"b", "AWS::S3::Bucket", "", ""}, resource{"b", "AWS::S3::BucketPolicy", "", ""}, false, "AWS::S3::Bucket/b"},
		"machine":        {resource{"srv", "machine", "machines/a", ""}, resource{"srv", "machine", "machines/b", ""}, false, "machines/a/machine/srv"},
		"full_machine":   {resource{"machines/a/srv", "machine", "machines/a", ""}, resource{"machines/a/srv", "machine", "machines/b", ""}, false, "machines/a/srv"},
		"moved_machine":  {resource{"srv", "machine", "machines/a", "hall"}, resource{"srv", "Machine", "machines/a", "yard"}, true, "machines/a/machine/srv"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := same(test.a) == same(test.b); got != test.equal {
				t.Errorf("%+v and %+v: equal is %v, want %v", same(test.a), same(test.b), got, test.equal)
			}
			if got := Qualified(test.a.id, test.a.typeName, test.a.unit, test.a.location); got != test.named {
				t.Errorf("named %s, want %s", got, test.named)
			}
		})
	}
}
