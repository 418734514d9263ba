package contoso

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// dangling are the references that lead nowhere on purpose.
var dangling = []string{
	"log-old",            // the workspace of sb-orders' diagnostic settings was deleted
	"contoso-build-logs", // the bucket of the build project's sink is gone
}

// TestReferencesResolve follows every text that looks like an id of the
// estate.
func TestReferencesResolve(t *testing.T) {
	known := knownIDs(t)
	var lost []string
	for _, r := range resources(t) {
		texts(r, "", func(path, s string) {
			for _, want := range wanted(path, s) {
				if !known[strings.ToLower(want)] {
					lost = append(lost, fmt.Sprintf("%s %s: %s", idOf(r), path, want))
				}
			}
		})
	}
	var expected []string
	lost = slices.DeleteFunc(lost, func(l string) bool {
		for _, name := range dangling {
			if strings.Contains(l[strings.LastIndex(l, ": "):], name) {
				expected = append(expected, name)
				return true
			}
		}
		return false
	})
	if len(lost) > 0 {
		t.Errorf("%d references lead nowhere:\n%s", len(lost), strings.Join(lost, "\n"))
	}
	slices.Sort(expected)
	want := slices.Sorted(slices.Values(dangling))
	if diff := cmp.Diff(want, slices.Compact(expected)); diff != "" {
		t.Errorf("dangling on purpose (-want +got):\n%s", diff)
	}
}

// knownIDs gives, in lower case, the ids of all resources and the other names
// under which bodies speak of them.
func knownIDs(t *testing.T) map[string]bool {
	known := map[string]bool{}
	add := func(id string) { known[strings.ToLower(id)] = true }
	for _, r := range resources(t) {
		add(idOf(r))
		if _, vault, ok := strings.Cut(idOf(r), "/Microsoft.KeyVault/vaults/"); ok {
			add("key " + strings.Replace(vault, "/keys/", "/", 1))
		}
		properties, _ := r["properties"].(map[string]any)
		for _, key := range []string{"InstanceId", "VpcId", "SubnetId", "GroupId", "VolumeId", "RouteTableId", "InternetGatewayId", "KeyId"} {
			if id, ok := properties[key].(string); ok && strings.HasSuffix(idOf(r), id) {
				add(id)
			}
		}
		asset, _ := r["resource"].(map[string]any)
		data, _ := asset["data"].(map[string]any)
		for _, key := range []string{"selfLink", "email", "name"} {
			if s, ok := data[key].(string); ok {
				add(s)
			}
		}
	}
	return known
}

// wanted gives the ids that a text names and that the estate must hold.
func wanted(path, s string) []string {
	if path == ".id" || path == ".name" || path == ".assetType" {
		return nil
	}
	if host, key, ok := strings.Cut(s, ".vault.azure.net/keys/"); ok && !strings.HasSuffix(path, ".keyUri") && !strings.HasSuffix(path, ".kid") {
		return []string{"key " + strings.TrimPrefix(host, "https://") + "/" + key}
	}
	switch {
	case strings.HasPrefix(s, "/subscriptions/") && strings.Contains(s, "/providers/"):
		return armWanted(s)
	case strings.HasPrefix(s, "arn:aws:"):
		return arnWanted(s)
	case strings.HasPrefix(s, "https://www.googleapis.com/compute/"):
		if strings.Contains(s, "/machineTypes/") || strings.Contains(s, "/diskTypes/") || !strings.Contains(s[len(computeLink):], "/global/") && strings.Count(s[len(computeLink):], "/") < 4 {
			return nil
		}
		return []string{s}
	case strings.HasSuffix(s, ".iam.gserviceaccount.com") && !strings.Contains(s, "service-"):
		return []string{strings.TrimPrefix(s[strings.LastIndexByte(s, '/')+1:], "serviceAccount:")}
	case strings.HasPrefix(s, "storage.googleapis.com/"):
		return []string{"//" + s}
	case strings.HasSuffix(path, ".logBucket"):
		return []string{"//storage.googleapis.com/" + s}
	case strings.Contains(s, "/cryptoKeys/") && strings.HasPrefix(s, "projects/"):
		return []string{"//cloudkms.googleapis.com/" + s}
	}
	return awsWanted(path, s)
}

// inside are the parts of bodies that have ids but are no resources of their own.
var inside = []string{
	"ipConfigurations", "frontendIPConfigurations", "backendAddressPools", "azureFirewallIpConfigurations",
	"bastionHostIpConfigurations", "gatewayIPConfigurations", "defaultSecurityRules",
}

// armWanted gives the resource that an id names a part of, or that it names.
func armWanted(s string) []string {
	segments := strings.Split(s, "/")
	for i, segment := range segments {
		if slices.Contains(inside, segment) {
			return []string{strings.Join(segments[:i], "/")}
		}
	}
	return []string{s}
}

// arnWanted leaves out what AWS itself owns, devices, wildcards and other
// accounts.
func arnWanted(s string) []string {
	for _, outside := range []string{":iam::aws:", "999999999999", "aws-service-role", ":root", ":mfa/"} {
		if strings.Contains(s, outside) {
			return nil
		}
	}
	if strings.HasPrefix(s, "arn:aws:s3:::") {
		bucket, _, _ := strings.Cut(s, "/")
		return []string{bucket}
	}
	if key, _, child := strings.Cut(s, "|"); child {
		return []string{key}
	}
	return []string{strings.TrimSuffix(s, "/*")}
}

// awsWanted knows the properties that hold short ids.
func awsWanted(path, s string) []string {
	for _, prefix := range []string{"vpc-0", "subnet-0", "sg-0", "vol-0", "rtb-0", "igw-0"} {
		if strings.HasPrefix(s, prefix) {
			return []string{s}
		}
	}
	if strings.HasSuffix(path, ".S3BucketName") || strings.HasSuffix(path, ".DestinationBucketName") {
		return []string{bucketARN(s)}
	}
	return nil
}

// TestRelationsOfNames checks what is named without an id.
func TestRelationsOfNames(t *testing.T) {
	profiles, groups, subnetGroups := map[string]bool{}, map[string]bool{}, map[string]bool{}
	roles, logGroups, users := map[string]bool{}, map[string]bool{}, map[string]bool{}
	buckets, settings := map[string]bool{}, map[string]bool{}
	sets := map[string]struct {
		property string
		into     map[string]bool
	}{
		"AWS::IAM::InstanceProfile": {"InstanceProfileName", profiles},
		"AWS::IAM::Group":           {"GroupName", groups},
		"AWS::RDS::DBSubnetGroup":   {"DBSubnetGroupName", subnetGroups},
		"AWS::IAM::Role":            {"RoleName", roles},
		"AWS::Logs::LogGroup":       {"LogGroupName", logGroups},
		"AWS::IAM::User":            {"UserName", users},
		"AWS::S3::Bucket":           {"BucketName", buckets},

		"AWS::Redshift::ClusterParameterGroup": {"ParameterGroupName", settings},
	}
	all := resources(t)
	for _, r := range all {
		if set, ok := sets[kindOf(r)]; ok {
			set.into[fmt.Sprint(r["account"], " ", property(r, set.property))] = true
		}
	}
	tests := map[string]struct {
		property string
		in       map[string]bool
	}{
		"AWS::EC2::Instance":        {"IamInstanceProfile", profiles},
		"AWS::IAM::User":            {"Groups", groups},
		"AWS::RDS::DBInstance":      {"DBSubnetGroupName", subnetGroups},
		"AWS::IAM::InstanceProfile": {"Roles", roles},
		"AWS::Logs::MetricFilter":   {"LogGroupName", logGroups},
		"AWS::IAM::AccessKey":       {"UserName", users},
		"AWS::S3::AccessPoint":      {"Bucket", buckets},
		"AWS::S3::BucketPolicy":     {"Bucket", buckets},
		"AWS::Redshift::Cluster":    {"ClusterParameterGroupName", settings},
	}
	for kind, test := range tests {
		checked := 0
		for _, r := range all {
			if kindOf(r) != kind {
				continue
			}
			texts(property(r, test.property), "", func(_, name string) {
				checked++
				if !test.in[fmt.Sprint(r["account"], " ", name)] {
					t.Errorf("%s %s: %s is not there", idOf(r), test.property, name)
				}
			})
		}
		if checked == 0 {
			t.Errorf("%s: no %s seen", kind, test.property)
		}
	}
}

// property gives a property of an AWS or Azure resource, a machine's fact, or
// a member of an asset's data.
func property(r map[string]any, path string) any {
	at := r["properties"]
	if asset, ok := r["resource"].(map[string]any); ok {
		at = asset["data"]
	}
	if rest, ok := strings.CutPrefix(path, "^"); ok {
		at, path = any(r), rest
	}
	for key := range strings.SplitSeq(path, ".") {
		o, _ := at.(map[string]any)
		at = o[key]
	}
	return at
}
