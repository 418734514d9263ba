package posture

import "strings"

// arnForm says how the ARNs of one type are made of what the other exports call its
// resources: arn:PARTITION:service:REGION:ACCOUNT:prefix and that identifier.
type arnForm struct {
	service, prefix string
	regional        bool
	anywhere        bool // ARNs name no account: an identifier is unique in all
}

// arnForms has the types, in lower case, that are read under an ARN as well as
// under the identifier that CloudFormation returns: by its property names
// BucketName, InstanceId, GroupId, VolumeId, VpcId, UserName, RoleName,
// ManagedPolicyName, DBInstanceIdentifier, KeyId, TrailName and FunctionName.
var arnForms = map[string]arnForm{
	"aws::s3::bucket":         {service: "s3", anywhere: true},
	"aws::ec2::instance":      {service: "ec2", prefix: "instance/", regional: true},
	"aws::ec2::securitygroup": {service: "ec2", prefix: "security-group/", regional: true},
	"aws::ec2::volume":        {service: "ec2", prefix: "volume/", regional: true},
	"aws::ec2::vpc":           {service: "ec2", prefix: "vpc/", regional: true},
	"aws::iam::user":          {service: "iam", prefix: "user/"},
	"aws::iam::role":          {service: "iam", prefix: "role/"},
	"aws::iam::managedpolicy": {service: "iam", prefix: "policy/"},
	"aws::rds::dbinstance":    {service: "rds", prefix: "db:", regional: true},
	"aws::kms::key":           {service: "kms", prefix: "key/", regional: true},
	"aws::cloudtrail::trail":  {service: "cloudtrail", prefix: "trail/", regional: true},
	"aws::lambda::function":   {service: "lambda", prefix: "function:", regional: true},
}

// arnOf gives the ARN of a resource that is called by another identifier, "" where
// too little is known of it. The type is in lower case.
func arnOf(id, typeName, account, region string) string {
	form, ok := arnForms[typeName]
	if at := strings.LastIndex(id, FurtherID); at > 0 && form.service == "ec2" {
		id = id[at+len(FurtherID):]
	}
	if !ok || id == "" || !form.anywhere && !isAccountNumber(account) || form.regional && region == "" {
		return ""
	}
	partition := partitionOf(region)
	if !form.regional {
		region = ""
	}
	if form.anywhere {
		account = ""
	}
	return plainARN("arn:"+partition+":"+form.service+":"+region+":"+account+":"+form.prefix+id, typeName)
}

// InAccount is the id by which an account has what an ARN names: a trail of an
// organisation has the ARN of the account that owns it in all its accounts, so that
// in the others theirs follows. Everything else is the ARN itself.
func InAccount(arn, account string) string {
	if owner := trailOwner(arn); owner == "" || account == owner || !isAccountNumber(account) {
		return arn
	}
	return arn + FurtherID + account
}

// NamesOne reports whether a name is that of one resource alone, whatever that is. The
// ARN of a trail may be what other accounts of an organisation call theirs by, too.
func NamesOne(name string) bool { return SaysAll(name) && trailOwner(name) == "" }

// InItsAccount reports whether an account is that which owns what an ARN names and
// which others may call so too.
func InItsAccount(arn, account string) bool { return account != "" && trailOwner(arn) == account }

// trailOwner is the account in the ARN of a trail, "" for any other id.
func trailOwner(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[2] != "cloudtrail" || !strings.HasPrefix(parts[5], "trail/") || strings.Contains(parts[5], FurtherID) {
		return ""
	}
	return parts[4]
}

// isInEach reports whether an ARN names what each account has its own of: what is
// AWS's, such as its managed policies, whose use is counted in every account, and
// what API Gateway has, whose ARNs name no account.
func isInEach(arn string) bool {
	parts := strings.SplitN(arn, ":", 6)
	return len(parts) == 6 && (parts[4] == "aws" || parts[4] == "" && parts[2] == "apigateway")
}

func isAccountNumber(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

func partitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// iamPaths are the types, in lower case, whose ARNs have a path before the name,
// with what ARNs call them. AWS Config has another name for managed policies.
var iamPaths = map[string]string{
	"aws::iam::user": "user", "aws::iam::role": "role", "aws::iam::managedpolicy": "policy", "aws::iam::policy": "policy",
}

// plainARN is the ARN of a resource of a type, in lower case, without what does not
// tell it from others: the path of a user, role or policy, whose names are unique in
// an account, and the version $LATEST of a function, which is the function.
func plainARN(arn, typeName string) string {
	if typeName == "aws::lambda::function" {
		return strings.TrimSuffix(arn, ":$LATEST")
	}
	kind, hasPath := iamPaths[typeName]
	parts := strings.SplitN(arn, ":", 6)
	if !hasPath || len(parts) < 6 || !isAccountNumber(parts[4]) {
		return arn
	}
	name, ok := strings.CutPrefix(parts[5], kind+"/")
	if !ok {
		return arn
	}
	return arn[:len(arn)-len(name)] + endOf(name)
}

// PlainARN is an ARN without what does not tell its resource from others, by what
// the ARN itself tells of its type: paths in IAM and the version $LATEST.
func PlainARN(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return arn
	}
	switch kind, _, _ := strings.Cut(parts[5], "/"); {
	case parts[2] == "lambda" && strings.HasPrefix(parts[5], "function:"):
		return plainARN(arn, "aws::lambda::function")
	case parts[2] == "iam":
		for typeName, called := range iamPaths {
			if called == kind {
				return plainARN(arn, typeName)
			}
		}
	}
	return arn
}

// Calls reports whether an id may be another name of what an identity tells, as
// far as the id alone shows.
func (i Identity) Calls(id string) bool {
	if i.ID == Fold(id) {
		return true
	}
	id = id[strings.LastIndex(id, FurtherID)+1:]
	return strings.HasPrefix(i.ID, "arn:") && endOf(i.ID) == endOf(strings.TrimSuffix(id, ":$LATEST"))
}

func endOf(id string) string { return id[strings.LastIndexAny(id, "/:")+1:] }
