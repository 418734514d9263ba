package inventory

import (
	"slices"
	"strings"
	"testing"
)

// A rule of a security group stays one where AWS Config says nothing of its source, so
// that nobody takes the group for closed.
func TestConfigRulesWithoutASource(t *testing.T) {
	for permission, want := range map[string]string{
		`{"ipProtocol":"tcp","fromPort":22,"toPort":22}`:                                                  `[{"IpProtocol":"tcp","FromPort":22,"ToPort":22}]`,
		`{"ipProtocol":"-1","ipv4Ranges":[{}],"ipv6Ranges":[],"userIdGroupPairs":[]}`:                     `[{"IpProtocol":"-1"}]`,
		`{"ipProtocol":"-1","ipv4Ranges":[{"cidrIp":null},{"cidrIp":"10.0.0.0/8"}]}`:                      `[{"IpProtocol":"-1"},{"IpProtocol":"-1","CidrIp":"10.0.0.0/8"}]`,
		`{"ipProtocol":"-1","userIdGroupPairs":[{"groupId":null,"groupName":"old"}]}`:                     `[{"IpProtocol":"-1","SourceSecurityGroupName":"old"}]`,
		`{"ipProtocol":"-1","ipv4Ranges":[{"cidrIp":"10.0.0.0/8"}],"ipRanges":["10.0.0.0/8"]}`:            `[{"IpProtocol":"-1","CidrIp":"10.0.0.0/8"}]`,
		`{"ipProtocol":"-1","ipv4Ranges":[],"prefixListIds":[{"prefixListId":null}],"ipv6Ranges":[null]}`: `[{"IpProtocol":"-1"},{"IpProtocol":"-1"}]`,
	} {
		f := decodeText(t, configItem("AWS::EC2::SecurityGroup", `{"groupId":"sg-1","ipPermissions":[`+permission+`],"ipPermissionsEgress":[]}`, ``))
		if len(f.Resources) != 1 || !strings.Contains(f.Resources[0].Body, `"SecurityGroupIngress":`+want) {
			t.Errorf("%s: got %+v %q, want %s", permission, f.Resources, f.Problems, want)
		}
	}
}

// What items always have was not read where it is absent or null.
func TestConfigItemsWithoutWhatTheyAlwaysHave(t *testing.T) {
	for _, test := range []struct{ kind, configuration, unread string }{
		{"AWS::EC2::SecurityGroup", `{"groupId":"sg-1"}`, "properties.SecurityGroupIngress"},
		{"AWS::EC2::SecurityGroup", `{"groupId":"sg-1","ipPermissions":null}`, "properties.SecurityGroupIngress"},
		{"AWS::IAM::Role", `{"roleName":"r"}`, "properties.Policies"},
		{"AWS::IAM::User", `{"userName":"u","userPolicyList":null}`, "properties.Policies"},
		{"AWS::RDS::DBInstance", `{"dBInstanceIdentifier":"d"}`, "properties.BackupRetentionPeriod"},
		{"AWS::RDS::DBInstance", `{"dBInstanceIdentifier":"d"}`, "properties.AutoMinorVersionUpgrade"},
	} {
		f := decodeText(t, configItem(test.kind, test.configuration, ``))
		if len(f.Resources) != 1 || !slices.Contains(f.Resources[0].Unread, test.unread) {
			t.Errorf("%s %s: got %+v, want %s unread", test.kind, test.configuration, f.Resources, test.unread)
		}
	}
	for _, configuration := range []string{`{"userName":"u","userPolicyList":[]}`, `{"userName":"u","userPolicyList":[{"policyName":"p","policyDocument":"%7B%7D"}]}`} {
		if f := decodeText(t, configItem("AWS::IAM::User", configuration, ``)); slices.Contains(f.Resources[0].Unread, "properties.Policies") {
			t.Errorf("%s: the policies are unread", configuration)
		}
	}
}

// The ACL of a bucket is as the API has it.
func TestConfigACL(t *testing.T) {
	const all, owner = `{"Grantee":{"Type":"Group","URI":"http://acs.amazonaws.com/groups/global/AllUsers"},"Permission":"READ_ACP"}`, `{"Grantee":{"Type":"CanonicalUser","ID":"x"},"Permission":"FULL_CONTROL"}`
	for list, want := range map[string]string{
		`[{\"grantee\":\"AllUsers\",\"permission\":\"ReadAcp\"},{\"grantee\":{\"id\":\"x\",\"displayName\":null},\"permission\":\"FullControl\"}]`: `"Acl":{"Grants":[` + all + "," + owner + `]}`,
		`[]`: `"Acl":{"Grants":[]}`,
		`[{\"grantee\":\"AllMartians\",\"permission\":\"Read\"}]`: ``,
		`[{\"grantee\":\"AllUsers\",\"permission\":\"Do\"}]`:      ``,
		`null`: ``,
	} {
		f := decodeText(t, configItem(bucketType, `{"name":"b"}`, `"AccessControlList":"{\"grantSet\":null,\"grantList\":`+list+`}"`))
		if body := f.Resources[0].Body; !strings.Contains(body, want) || want == "" && strings.Contains(body, "Grants") {
			t.Errorf("%s: got %s, want %s", list, body, want)
		}
	}
}

// The policy of a bucket may be in a string once more, or as in a URL.
func TestConfigBucketPolicyInStrings(t *testing.T) {
	for _, policy := range []string{`{\"Statement\":[]}`, `\"{\\\"Statement\\\":[]}\"`, `%7B%22Statement%22%3A%5B%5D%7D`} {
		f := decodeText(t, configItem(bucketType, `{"name":"b"}`, `"BucketPolicy":{"policyText":"`+policy+`"}`))
		if !slices.ContainsFunc(f.Resources, func(r thing) bool {
			return r.Type == bucketPolicyType && strings.Contains(r.Body, `"PolicyDocument":{"Statement":[]}`)
		}) {
			t.Errorf("%s: got %+v %q", policy, f.Resources, f.Problems)
		}
	}
}
