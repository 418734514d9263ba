package contoso

import "strings"

// awsAccount is one account of the organisation.
type awsAccount struct{ id, name, unit string }

// The accounts have the ids that AWS's own documentation uses for examples.
var (
	awsRoot      = awsAccount{"111122223333", "contoso-management", "ou-c0nt-security1"}
	awsShop      = awsAccount{"444455556666", "contoso-shop-prod", "ou-c0nt-workload"}
	awsAnalytics = awsAccount{"777788889999", "contoso-analytics", "ou-c0nt-sandbox1"}

	awsAccounts = []awsAccount{awsRoot, awsShop, awsAnalytics}
)

const (
	organisation = "o-c0nt0s0a1b"
	ireland      = "eu-west-1"
	virginia     = "us-east-1"
)

// awsResource is one AWS resource in the shape of its CloudFormation schema.
type awsResource struct {
	kind, id, region string
	account          string
	properties       object
}

func (r awsResource) line() object {
	return object{
		{"type", r.kind},
		{"id", r.id},
		{"name", r.name()},
		{"account", r.account},
		{"region", r.region},
		{"properties", r.properties},
	}
}

// name is what people call the resource: the last part of its id, but the
// group's name for a security group.
func (r awsResource) name() string {
	if group, ok := r.properties.at("GroupName").(string); ok {
		return group
	}
	return r.id[strings.LastIndexAny(r.id, "/:")+1:]
}

// arn gives an Amazon resource name; region and account may be empty.
func arn(service, region, account, rest string) string {
	return "arn:aws:" + service + ":" + region + ":" + account + ":" + rest
}

func (e *estate) addAWS() {
	e.scope(organisation, "", "organization", "Contoso on AWS")
	for _, u := range [][2]string{
		{"ou-c0nt-security1", "Security"},
		{"ou-c0nt-workload", "Workloads"},
		{"ou-c0nt-sandbox1", "Sandbox"},
	} {
		e.scope(u[0], organisation, "organizationalUnit", u[1])
	}
	for _, a := range awsAccounts {
		e.scope(a.id, a.unit, "account", a.name)
		e.addAccountFacts(a)
	}
	e.addUsers()
	e.addAWSRoles()
	e.addKeys()
	e.addVPCs()
	e.addInstances()
	e.addBuckets()
	e.addRDS()
	e.addTrails()
	e.addFunctions()
	e.addAWSPlatforms()
	e.addMessaging()
	e.addAlarms()
}

// inAWS adds a resource.
func (e *estate) inAWS(a awsAccount, region, kind, id string, properties object) string {
	e.aws = append(e.aws, awsResource{kind, id, region, a.id, properties})
	return id
}

// labels gives CloudFormation tags; empty values are not set.
func labels(pairs ...string) list {
	out := list{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			out = append(out, object{{"Key", pairs[i]}, {"Value", pairs[i+1]}})
		}
	}
	return out
}

func ownerTags(name, app string) list {
	return labels("Name", name, "application", app, "owner", teamOf(app), "environment", "production")
}

// teamOf gives who answers for an application; nobody does for the sandbox.
func teamOf(app string) string {
	if app == "" || app == "experiments" {
		return ""
	}
	return app + "-team@contoso.com"
}

// addAccountFacts adds what the APIs say about an account as a whole.
func (e *estate) addAccountFacts(a awsAccount) {
	root := a.id != awsAnalytics.id
	e.inAWS(a, virginia, "AWS::::Account", arn("iam", "", a.id, "root"), object{
		{"AccountId", a.id},
		{"AccountName", a.name},
		{"AccountSummary", object{
			{"AccountMFAEnabled", choiceOf(root, 1, 0)},
			{"AccountAccessKeysPresent", choiceOf(root, 0, 1)},
			{"Users", choiceOf(root, 4, 3)},
		}},
		{"EbsEncryptionByDefault", root},
		{"CredentialReport", credentialReport(a)},
	})
	strict := a.id == awsRoot.id
	if a.id != awsAnalytics.id {
		e.inAWS(a, virginia, "AWS::IAM::AccountPasswordPolicy", arn("iam", "", a.id, "account-password-policy"), object{
			{"MinimumPasswordLength", choiceOf(strict, 16, 8)},
			{"RequireSymbols", strict},
			{"RequireNumbers", true},
			{"RequireUppercaseCharacters", strict},
			{"RequireLowercaseCharacters", true},
			{"AllowUsersToChangePassword", true},
			{"MaxPasswordAge", choiceOf(strict, 90, 365)},
			{"PasswordReusePrevention", choiceOf(strict, 24, 3)},
		})
	}
	e.inAWS(a, virginia, "AWS::S3::AccountPublicAccessBlock", arn("s3", "", a.id, "account-public-access-block"), object{
		{"AccountId", a.id},
		{"BlockPublicAcls", strict},
		{"IgnorePublicAcls", strict},
		{"BlockPublicPolicy", strict},
		{"RestrictPublicBuckets", strict},
	})
	if a.id != awsAnalytics.id {
		e.inAWS(a, ireland, "AWS::GuardDuty::Detector", arn("guardduty", ireland, a.id, "detector/"+digest("detector/"+a.id, 32)), object{
			{"Enable", true},
			{"FindingPublishingFrequency", "FIFTEEN_MINUTES"},
		})
		e.inAWS(a, ireland, "AWS::Config::ConfigurationRecorder", arn("config", ireland, a.id, "configuration-recorder/default"), object{
			{"Name", "default"},
			{"RoleARN", arn("iam", "", a.id, "role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig")},
			{"RecordingGroup", object{{"AllSupported", strict}, {"IncludeGlobalResourceTypes", strict}}},
		})
	}
}

func choiceOf(holds bool, yes, no int) int {
	if holds {
		return yes
	}
	return no
}
