package inventory

import (
	"slices"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// ownARN is the ARN that properties give of the resource itself, "" for none: other
// properties hold ARNs of others.
func ownARN(kind string, properties *fastjson.Value) string {
	for _, key := range ownARNKeys(kind) {
		if arn := textAt(properties, key); strings.HasPrefix(arn, "arn:") {
			return arn
		}
	}
	return ""
}

// ownARNKeys are the properties with the ARN of a resource of a type: AWS::RDS::DBInstance
// has DBInstanceArn.
func ownARNKeys(kind string) [5]string {
	name := kind[strings.LastIndexByte(kind, ':')+1:]
	return [...]string{"Arn", "ARN", name + "Arn", name + "ARN", ownARNs[kind]}
}

// ownARNs are the properties with the ARN of a type that are not named after it.
var ownARNs = map[string]string{
	"AWS::IAM::ManagedPolicy": "PolicyArn", "AWS::CloudFormation::Stack": "StackId", "AWS::SecretsManager::Secret": "Id",
	"AWS::CertificateManager::Certificate": "Id",
}

// ownIDs are properties that tell resources of a type from others whatever a record
// calls them.
var ownIDs = map[string]string{
	"AWS::EC2::Instance": "InstanceId", "AWS::EC2::SecurityGroup": "GroupId", "AWS::EC2::Volume": "VolumeId", "AWS::EC2::VPC": "VpcId",
}

const trailType = "AWS::CloudTrail::Trail"

// fullID is the id with what tells the resource from others.
func (a *awsThing) fullID() string {
	if a.kind == trailType {
		if full := posture.InAccount(a.arn, a.account); full != a.arn {
			return full
		}
	}
	if which := furtherID(a); which != "" {
		return a.id + posture.FurtherID + which
	}
	return a.id
}

// furtherID is what an id lacks to tell a resource from others of its type, account
// and region, "" for nothing: inline policies have their names in a user, group or
// role only, and security groups are called by their names too.
func furtherID(a *awsThing) string {
	if strings.HasPrefix(a.id, "arn:") {
		return ""
	}
	if own := textAt(a.properties, ownIDs[a.kind]); ownIDs[a.kind] != "" && own != a.id {
		return own
	}
	if a.kind != "AWS::IAM::Policy" || a.id != textAt(a.properties, "PolicyName") {
		return ""
	}
	var of []string
	for _, kind := range [...]string{"User", "Group", "Role"} {
		for _, name := range a.properties.GetArray(kind + "s") {
			if text(name) != "" {
				of = append(of, strings.ToLower(kind)+"/"+text(name))
			}
		}
	}
	slices.Sort(of)
	return strings.Join(of, ",")
}

// naming are the properties that only say what a resource is called; of inline
// policies whose they are, which their names need, and of users, roles and groups what
// their lists tell beside the name, as IAM has the rest behind calls of its own.
var naming = map[string][]string{
	"AWS::S3::Bucket":         {"BucketName"},
	"AWS::EC2::Instance":      {"InstanceId"},
	"AWS::EC2::SecurityGroup": {"GroupId", "GroupName"},
	"AWS::EC2::Volume":        {"VolumeId"},
	"AWS::EC2::VPC":           {"VpcId"},
	"AWS::IAM::User":          {"UserName", "UserId", "Path", "CreateDate", "PasswordLastUsed"},
	"AWS::IAM::Role":          {"RoleName", "RoleId", "Path", "CreateDate"},
	"AWS::IAM::Group":         {"GroupName", "GroupId", "Path", "CreateDate"},
	"AWS::IAM::Policy":        {"PolicyName", "Users", "Groups", "Roles"},
	"AWS::IAM::ManagedPolicy": {"ManagedPolicyName", "PolicyId"},
	"AWS::RDS::DBInstance":    {"DBInstanceIdentifier", "DbiResourceId"},
	"AWS::KMS::Key":           {"KeyId"},
	"AWS::CloudTrail::Trail":  {"TrailName"},
	"AWS::Lambda::Function":   {"FunctionName"},
	"AWS::EFS::FileSystem":    {"FileSystemId", "OwnerId", "Name"},

	"AWS::OpenSearchService::Domain": {"DomainName", "Id"},
}

// saysMore reports whether the properties hold anything besides what the resource is
// called by: its ids, as the record and as its properties have them, its name, its ARN.
func (a *awsThing) saysMore() bool {
	more := false
	a.properties.GetObject().Visit(func(key []byte, v *fastjson.Value) {
		more = more || !a.isCalledIn(string(key), text(v))
	})
	return more
}

// isCalledIn reports whether a property only says what the resource is called by; value
// is "" where it is no text.
func (a *awsThing) isCalledIn(key, value string) bool {
	if value != "" && (value == a.id || value == a.name || value == a.arn) || slices.Contains(naming[a.kind], key) {
		return true
	}
	own := ownARNKeys(a.kind)
	return strings.HasPrefix(value, "arn:") && slices.Contains(own[:], key)
}
