package posture

import (
	"slices"
	"testing"
)

// A resource has as many names as there are ways to write it, each once.
func TestNames(t *testing.T) {
	type resource struct{ id, typeName, unit, location string }
	const account = "111122223333"
	tests := map[string]struct {
		of   resource
		want []Name
	}{
		"arm":     {resource{"/subscriptions/1/resourceGroups/G", "a/b", "/subscriptions/1", "x"}, []Name{{"/subscriptions/1/resourcegroups/g", Alone}}},
		"google":  {resource{"//x/A", "x/A", "projects/p", ""}, []Name{{"//x/A", Alone}}},
		"machine": {resource{"srv", "machine", "machines/a", ""}, []Name{{"srv", InItsPlace}, {"machines/a/machine/srv", Alone}}},
		"log_group": {resource{"/aws/x", "AWS::Logs::LogGroup", account, "eu-west-1"}, []Name{
			{"/aws/x", InItsPlace}, {account + "/eu-west-1/AWS::Logs::LogGroup//aws/x", Alone},
		}},
		"queue": {resource{"q", "AWS::SQS::Queue", account, "eu-west-1"}, []Name{{"q", InItsPlace}, {account + "/eu-west-1/AWS::SQS::Queue/q", Alone}}},
		"role": {resource{"Admin", "AWS::IAM::Role", account, "us-east-1"}, []Name{
			{"Admin", InItsPlace}, {account + "/AWS::IAM::Role/Admin", Alone}, {"arn:aws:iam::" + account + ":role/Admin", Alone},
		}},
		"role_by_arn": {resource{"arn:aws:iam::" + account + ":role/ops/Admin", "AWS::IAM::Role", account, ""}, []Name{
			{"arn:aws:iam::" + account + ":role/ops/Admin", Alone},
			{"Admin", InItsPlace},
			{account + "/AWS::IAM::Role/Admin", Alone},
			{"arn:aws:iam::" + account + ":role/Admin", Alone},
		}},
		"policy_of_aws": {resource{"arn:aws:iam::aws:policy/P", "AWS::IAM::ManagedPolicy", account, ""}, []Name{
			{"arn:aws:iam::aws:policy/P", InItsPlace}, {account + "/AWS::IAM::ManagedPolicy/arn:aws:iam::aws:policy/P", Alone},
		}},
		"trail_of_the_organisation": {resource{"arn:aws:cloudtrail:eu-west-1:999988887777:trail/org|" + account, "AWS::CloudTrail::Trail", account, "eu-west-1"}, []Name{
			{"arn:aws:cloudtrail:eu-west-1:999988887777:trail/org|" + account, Alone},
			{"org", InItsPlace},
			{account + "/eu-west-1/AWS::CloudTrail::Trail/org", Alone},
			{"arn:aws:cloudtrail:eu-west-1:999988887777:trail/org", Given},
		}},
		"inline": {resource{"p|user/ann", "AWS::IAM::Policy", account, ""}, []Name{
			{"p|user/ann", InItsPlace}, {account + "/AWS::IAM::Policy/p|user/ann", Alone}, {"p", Given}, {account + "/AWS::IAM::Policy/p", Given},
		}},
		"group": {resource{"web|sg-1", "AWS::EC2::SecurityGroup", account, "eu-west-1"}, []Name{
			{"web|sg-1", InItsPlace},
			{account + "/eu-west-1/AWS::EC2::SecurityGroup/web|sg-1", Alone},
			{"web", Given},
			{account + "/eu-west-1/AWS::EC2::SecurityGroup/web", Given},
			{"sg-1", InItsPlace},
			{account + "/eu-west-1/AWS::EC2::SecurityGroup/sg-1", Alone},
			{"arn:aws:ec2:eu-west-1:" + account + ":security-group/sg-1", Alone},
		}},
		"group_nowhere": {resource{"web|sg-1", "AWS::EC2::SecurityGroup", "", ""}, []Name{
			{"web|sg-1", InItsPlace},
			{"AWS::EC2::SecurityGroup/web|sg-1", Alone},
			{"web", Given},
			{"AWS::EC2::SecurityGroup/web", Given},
			{"sg-1", InItsPlace},
			{"AWS::EC2::SecurityGroup/sg-1", Alone},
		}},
		"bar_elsewhere": {resource{"a|b", "AWS::SQS::Queue", account, "x"}, []Name{{"a|b", InItsPlace}, {account + "/x/AWS::SQS::Queue/a|b", Alone}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := test.of
			if got := Names(r.id, r.typeName, r.unit, r.location); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
			for _, n := range test.want {
				if got := NamedBy(n.Text, r.id, r.typeName, r.unit, r.location); got != n.As {
					t.Errorf("named by %s as %d, want %d", n.Text, got, n.As)
				}
				if got := NamedBy(n.Text+"x", r.id, r.typeName, r.unit, r.location); got != NotNamed {
					t.Errorf("named by %sx as %d", n.Text, got)
				}
			}
			if i := IdentityOf(r.id, r.typeName, r.unit, r.location); !i.Calls(r.id) {
				t.Errorf("%+v does not call %s", i, r.id)
			}
		})
	}
}
