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
	frankfurt    = "eu-central-1"
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
	e.addCertificates()
	e.addBuilds()
	e.addContainersOfAWS()
	e.addStreams()
	e.addWarehouses()
	e.addSecrets()
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

// addAccountFacts adds what the APIs say about an account as a whole. Only the
// account of security has a hardware token for its root user.
func (e *estate) addAccountFacts(a awsAccount) {
	strict, kept := a.id == awsRoot.id, a.id != awsAnalytics.id
	devices := list{}
	if kept && !strict {
		devices = append(devices, mfaDevice(a, "root-account-mfa-device", "root"))
	}
	for _, u := range userRows {
		if u.account.id == a.id && u.is('m') {
			devices = append(devices, mfaDevice(a, u.name, "user/"+u.name))
		}
	}
	e.inAWS(a, virginia, "AWS::::Account", arn("iam", "", a.id, "root"), object{
		{"AccountId", a.id},
		{"AccountName", a.name},
		{"AccountSummary", object{
			{"AccountMFAEnabled", choiceOf(kept, 1, 0)},
			{"AccountAccessKeysPresent", choiceOf(kept, 0, 1)},
			{"AccountPasswordPresent", 1},
			{"AccountSigningCertificatesPresent", 0},
			{"Users", usersOf(a)},
		}},
		{"VirtualMFADevices", devices},
		{"CredentialReport", credentialReport(a)},
	})
	if kept {
		e.inAWS(a, virginia, "AWS::IAM::AccountPasswordPolicy", arn("iam", "", a.id, "account-password-policy"), object{
			{"MinimumPasswordLength", choiceOf(strict, 16, 8)},
			{"RequireSymbols", strict},
			{"RequireNumbers", true},
			{"RequireUppercaseCharacters", strict},
			{"RequireLowercaseCharacters", true},
			{"AllowUsersToChangePassword", true},
			{"ExpirePasswords", true},
			{"MaxPasswordAge", choiceOf(strict, 90, 365)},
			{"PasswordReusePrevention", choiceOf(strict, 24, 3)},
		})
	}
	e.inAWS(a, virginia, "AWS::S3::AccountPublicAccessBlock", arn("s3", "", a.id, "account-public-access-block"),
		object{{"AccountId", a.id}}.with(a.publicAccessBlock()...))
	for _, r := range regionRows {
		if r.account.id == a.id {
			e.addRegion(r)
		}
	}
}

// publicAccessBlock is that of the whole account.
func (a awsAccount) publicAccessBlock() object { return publicAccessBlock(a.id == awsRoot.id) }

func publicAccessBlock(closed bool) object {
	return object{
		{"BlockPublicAcls", closed},
		{"IgnorePublicAcls", closed},
		{"BlockPublicPolicy", closed},
		{"RestrictPublicBuckets", closed},
	}
}

func mfaDevice(a awsAccount, name, of string) object {
	return object{
		{"SerialNumber", arn("iam", "", a.id, "mfa/"+name)},
		{"EnableDate", "2025-02-03T09:00:00Z"},
		{"User", object{{"Arn", arn("iam", "", a.id, of)}}},
	}
}

// regionRow is one region of an account, of the three that Contoso uses: a
// policy of the organisation closes all others. Letters in good: e new volumes
// are encrypted, r the recorder runs, f it fails all the same, g GuardDuty
// watches; d has a detector that was switched off.
type regionRow struct {
	account      awsAccount
	region, good string
}

var regionRows = []regionRow{
	{awsRoot, ireland, "erg"},
	{awsRoot, frankfurt, "erg"},
	{awsRoot, virginia, "erg"},
	{awsShop, ireland, "erg"},
	{awsShop, frankfurt, "rfg"}, // the recorder's bucket was renamed
	{awsShop, virginia, "d"},
	{awsAnalytics, ireland, ""},
	{awsAnalytics, frankfurt, ""},
	{awsAnalytics, virginia, ""},
}

func (e *estate) addRegion(r regionRow) {
	is := func(letter byte) bool { return hasLetter(r.good, letter) }
	recorders := list{}
	if is('r') {
		recorders = append(recorders, object{
			{"name", "default"},
			{"recording", true},
			{"lastStatus", choose(is('f'), "FAILURE", "SUCCESS")},
			{"lastErrorCode", when(is('f'), "NoSuchBucket")},
		})
		e.inAWS(r.account, r.region, "AWS::Config::ConfigurationRecorder", arn("config", r.region, r.account.id, "configuration-recorder/default"), object{
			{"Name", "default"},
			{"RoleARN", arn("iam", "", r.account.id, "role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig")},
			{"RecordingGroup", object{{"AllSupported", !is('f')}, {"IncludeGlobalResourceTypes", is('e') && r.region == virginia}}},
		})
	}
	e.inAWS(r.account, r.region, "AWS::::Region", r.account.id+"/"+r.region, object{
		{"RegionName", r.region},
		{"OptInStatus", "opt-in-not-required"},
		{"EbsEncryptionByDefault", is('e')},
		{"ConfigurationRecordersStatus", recorders},
	})
	if is('g') || is('d') {
		id := digest("detector/"+r.account.id+"/"+r.region, 32)
		e.inAWS(r.account, r.region, "AWS::GuardDuty::Detector", arn("guardduty", r.region, r.account.id, "detector/"+id), object{
			{"Id", id},
			{"Enable", is('g')},
			{"FindingPublishingFrequency", "FIFTEEN_MINUTES"},
		})
	}
}

func choiceOf(holds bool, yes, no int) int {
	if holds {
		return yes
	}
	return no
}
