package contoso

import "strings"

// userRow is one IAM user. Letters in habits: p has a password, m has MFA, a
// is an administrator, k has an access key, o the key is old, i direct policy.
type userRow struct {
	account      awsAccount
	name, habits string
	lastUsed     string
	group        string
}

var userRows = []userRow{
	{awsRoot, "emergency-access", "pma", "2026-06-02T08:00:00Z", "administrators"},
	{awsRoot, "auditor", "pm", "2026-11-10T09:30:00Z", "auditors"},
	{awsShop, "ci-deployer", "koi", "2026-11-19T23:10:00Z", ""},
	{awsShop, "erik.holm", "pmk", "2026-11-18T07:45:00Z", "developers"},
	{awsShop, "agency-support", "pk", "2026-02-03T15:20:00Z", "developers"},
	{awsAnalytics, "maria.costa", "pm", "2026-11-17T10:05:00Z", "analysts"},
	{awsAnalytics, "old-etl", "kaoi", "2025-08-30T02:00:00Z", ""},
}

// policiesOfAWS is how the names of the policies begin that AWS keeps.
const policiesOfAWS = "arn:aws:iam::aws:policy/"

const administratorAccess = policiesOfAWS + "AdministratorAccess"

func (u userRow) is(letter byte) bool { return hasLetter(u.habits, letter) }
func (u userRow) arn() string         { return arn("iam", "", u.account.id, "user/"+u.name) }

// statement is one statement of a policy document.
func statement(effect string, actions list, resources any, more ...member) object {
	return object{{"Effect", effect}, {"Action", actions}, {"Resource", resources}}.with(more...)
}

// document is a policy document.
func document(statements ...object) object {
	l := list{}
	for _, s := range statements {
		l = append(l, s)
	}
	return object{{"Version", "2012-10-17"}, {"Statement", l}}
}

// userGroups are the groups of users with what they may do.
var userGroups = []struct {
	account awsAccount
	name    string
	policy  string
}{
	{awsRoot, "administrators", administratorAccess},
	{awsRoot, "auditors", policiesOfAWS + "SecurityAudit"},
	{awsShop, "developers", policiesOfAWS + "PowerUserAccess"},
	{awsAnalytics, "analysts", arn("iam", "", awsAnalytics.id, "policy/analyst-access")},
}

func (e *estate) addUsers() {
	for _, g := range userGroups {
		e.inAWS(g.account, virginia, "AWS::IAM::Group", arn("iam", "", g.account.id, "group/"+g.name), object{
			{"GroupName", g.name},
			{"Arn", arn("iam", "", g.account.id, "group/"+g.name)},
			{"Path", "/"},
			{"ManagedPolicyArns", words(g.policy)},
		})
	}
	for _, u := range userRows {
		e.addUser(u)
	}
}

func (e *estate) addUser(u userRow) {
	managed, inline := words(), list{}
	if u.is('a') {
		managed = words(administratorAccess)
	}
	if u.is('i') {
		inline = append(inline, object{
			{"PolicyName", u.name + "-inline"},
			{"PolicyDocument", document(statement("Allow", words("s3:*", "lambda:UpdateFunctionCode", "iam:PassRole"), "*"))},
		})
	}
	groups := words()
	if u.group != "" {
		groups = words(u.group)
	}
	e.inAWS(u.account, virginia, "AWS::IAM::User", u.arn(), object{
		{"UserName", u.name},
		{"Arn", u.arn()},
		{"Path", "/"},
		{"Groups", groups},
		{"ManagedPolicyArns", managed},
		{"Policies", inline},
		{"CredentialReport", u.credentials()},
		{"Tags", labels("owner", "identity-team@contoso.com")},
	})
	if u.is('k') {
		e.inAWS(u.account, virginia, "AWS::IAM::AccessKey", u.arn()+"/access-key/example-1", object{
			{"Id", "example-key-" + digest("key/"+u.name, 8)},
			{"UserName", u.name},
			{"Status", "Active"},
			{"CreateDate", u.keyMade()},
			{"AccessKeyLastUsed", object{{"LastUsedDate", u.lastUsed}, {"ServiceName", "s3"}, {"Region", ireland}}},
		})
	}
}

func (u userRow) keyMade() string {
	return choose(u.is('o'), "2023-04-17T10:00:00Z", "2026-10-05T10:00:00Z")
}

// credentials gives the user's row of the credential report.
func (u userRow) credentials() object {
	return credentialRow{
		user: u.name, arn: u.arn(), made: "2022-05-02T08:00:00Z",
		password: u.is('p'), passwordUsed: u.lastUsed, passwordSet: "2026-08-17T08:00:00Z",
		mfa: u.is('m'), key: u.is('k'), keyMade: u.keyMade(), keyUsed: u.lastUsed,
	}.row()
}

// credentialRow is one row of a credential report.
type credentialRow struct {
	user, arn, made           string
	password                  bool
	passwordUsed, passwordSet string
	mfa, key                  bool
	keyMade, keyUsed          string
}

// row gives the row as text, as the report is CSV, with times as it writes
// them.
func (c credentialRow) row() object {
	written := func(at string) string { return strings.Replace(at, "Z", "+00:00", 1) }
	told := func(holds bool, value string) string { return choose(holds, written(value), "N/A") }
	word := func(holds bool) string { return choose(holds, "true", "false") }
	root := c.user == rootUser
	return object{
		{"user", c.user},
		{"arn", c.arn},
		{"user_creation_time", written(c.made)},
		{"password_enabled", choose(root, "not_supported", word(c.password))},
		{"password_last_used", told(c.password, c.passwordUsed)},
		{"password_last_changed", choose(root, "not_supported", told(c.password, c.passwordSet))},
		{"password_next_rotation", choose(root, "not_supported", "N/A")},
		{"mfa_active", word(c.mfa)},
		{"access_key_1_active", word(c.key)},
		{"access_key_1_last_rotated", told(c.key, c.keyMade)},
		{"access_key_1_last_used_date", told(c.key, c.keyUsed)},
		{"access_key_2_active", "false"},
		{"access_key_2_last_rotated", "N/A"},
		{"access_key_2_last_used_date", "N/A"},
	}
}

// rootUser is how the report calls the root user.
const rootUser = "<root_account>"

// credentialReport gives the rows of an account's credential report. In the
// analytics account somebody works as root, with a key of its own.
func credentialReport(a awsAccount) list {
	kept := a.id != awsAnalytics.id
	out := list{credentialRow{
		user: rootUser, arn: arn("iam", "", a.id, "root"), made: "2019-03-11T09:00:00Z",
		password: true, passwordUsed: choose(kept, "2024-01-15T12:00:00Z", "2026-11-21T21:40:00Z"),
		mfa: kept, key: !kept, keyMade: "2021-07-08T13:00:00Z", keyUsed: "2026-11-21T21:52:00Z",
	}.row()}
	for _, u := range userRows {
		if u.account.id == a.id {
			out = append(out, u.credentials())
		}
	}
	return out
}

func usersOf(a awsAccount) int {
	n := 0
	for _, u := range userRows {
		if u.account.id == a.id {
			n++
		}
	}
	return n
}

// documentsOfAWS are the policies that AWS keeps and that somebody has here,
// shortened to their first lines.
var documentsOfAWS = []struct {
	name    string
	actions []string
}{
	{"AdministratorAccess", []string{"*"}},
	{"SecurityAudit", []string{"acm:Describe*", "cloudtrail:Get*", "iam:Get*", "s3:GetBucket*"}},
	{"PowerUserAccess", nil},
	{"ReadOnlyAccess", []string{"cloudwatch:Get*", "ec2:Describe*", "s3:Get*"}},
	{"service-role/AWSLambdaBasicExecutionRole", []string{"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"}},
	{"AmazonEKSClusterPolicy", []string{"ec2:CreateTags", "elasticloadbalancing:*"}},
	{"AmazonEKSWorkerNodePolicy", []string{"ec2:DescribeInstances", "eks:DescribeCluster"}},
}

// addPoliciesOfAWS adds, for each account, the policies of AWS that are
// attached there. One policy is in many accounts, so its id here begins with
// the account's.
func (e *estate) addPoliciesOfAWS() {
	for _, a := range awsAccounts {
		for _, d := range documentsOfAWS {
			id := policiesOfAWS + d.name
			n := attachments(a, id)
			if n == 0 {
				continue
			}
			says := statement("Allow", words(d.actions...), "*")
			if d.actions == nil {
				says = object{{"Effect", "Allow"}, {"NotAction", words("iam:*", "organizations:*", "account:*")}, {"Resource", "*"}}
			}
			e.inAWS(a, virginia, "AWS::IAM::ManagedPolicy", a.id+"/"+id, object{
				{"PolicyArn", id},
				{"ManagedPolicyName", lastName(d.name)},
				{"Path", choose(lastName(d.name) == d.name, "/", "/service-role/")},
				{"AttachmentCount", n},
				{"DefaultVersionId", "v1"},
				{"PolicyDocument", document(says)},
			})
		}
	}
}

// attachments counts the groups, users and roles of an account with a policy.
func attachments(a awsAccount, policy string) int {
	n := 0
	count := func(in awsAccount, name string) {
		if in.id == a.id && name == policy {
			n++
		}
	}
	for _, g := range userGroups {
		count(g.account, g.policy)
	}
	for _, u := range userRows {
		if u.is('a') {
			count(u.account, administratorAccess)
		}
	}
	for _, r := range trustRows {
		for _, name := range r.managed {
			count(r.account, name)
		}
	}
	return n
}

// trustRow is one role with who may take it.
type trustRow struct {
	account  awsAccount
	name     string
	trusts   object // principal
	external bool   // wants an external id
	managed  []string
	inline   []object // statements of its inline policy
	profile  bool     // has an instance profile of the same name
}

func service(name string) object { return object{{"Service", name + ".amazonaws.com"}} }

var trustRows = []trustRow{
	{account: awsRoot, name: "security-audit", trusts: object{{"AWS", arn("iam", "", awsRoot.id, "user/auditor")}}, managed: []string{policiesOfAWS + "SecurityAudit"}},
	{account: awsShop, name: "shop-web", trusts: service("ec2"), managed: []string{arn("iam", "", awsShop.id, "policy/shop-media-read")}, profile: true},
	// The search servers may do far more than search: from the internet to every bucket in two steps.
	{account: awsShop, name: "shop-search", trusts: service("ec2"), managed: []string{administratorAccess}, profile: true},
	{account: awsShop, name: "order-events", trusts: service("lambda"), managed: []string{policiesOfAWS + "service-role/AWSLambdaBasicExecutionRole"}, inline: []object{
		statement("Allow", words("sqs:ReceiveMessage", "sqs:DeleteMessage"), arn("sqs", ireland, awsShop.id, "orders")),
	}},
	{account: awsShop, name: "image-resize", trusts: service("lambda"), inline: []object{statement("Allow", words("*"), "*")}},
	{account: awsShop, name: "shop-build", trusts: service("codebuild"), inline: []object{statement("Allow", words("codebuild:*", "logs:PutLogEvents"), "*")}},
	{account: awsShop, name: "shop-dax", trusts: service("dax"), inline: []object{statement("Allow", words("dynamodb:GetItem", "dynamodb:Query"), arn("dynamodb", ireland, awsShop.id, "table/shop-wishlists"))}},
	{account: awsShop, name: "eks-shop", trusts: service("eks"), managed: []string{policiesOfAWS + "AmazonEKSClusterPolicy"}},
	{account: awsShop, name: "eks-shop-nodes", trusts: service("ec2"), managed: []string{policiesOfAWS + "AmazonEKSWorkerNodePolicy"}, profile: true},
	{account: awsShop, name: "monitoring-vendor", trusts: object{{"AWS", "arn:aws:iam::999999999999:root"}}, external: true, managed: []string{policiesOfAWS + "ReadOnlyAccess"}},
	{account: awsAnalytics, name: "etl-runner", trusts: service("ec2"), managed: []string{arn("iam", "", awsAnalytics.id, "policy/etl-everything")}, profile: true},
	{account: awsAnalytics, name: "report-builder", trusts: service("lambda"), managed: []string{arn("iam", "", awsAnalytics.id, "policy/analyst-access")}},
	{account: awsAnalytics, name: "etl-build", trusts: service("codebuild"), inline: []object{statement("Allow", words("codebuild:*", "ecr:*"), "*")}},
	{account: awsAnalytics, name: "notebooks", trusts: service("sagemaker"), managed: []string{arn("iam", "", awsAnalytics.id, "policy/analyst-access")}},
	// Anyone may take this role: the condition was left for later.
	{account: awsAnalytics, name: "partner-exchange", trusts: object{{"AWS", "*"}}, managed: []string{arn("iam", "", awsAnalytics.id, "policy/analyst-access")}},
}

// policyRows are the customer managed policies.
var policyRows = []struct {
	account  awsAccount
	name     string
	attached int
	says     []object
}{
	{awsShop, "shop-media-read", 1, []object{statement("Allow", words("s3:GetObject", "s3:ListBucket"), words("arn:aws:s3:::contoso-shop-media", "arn:aws:s3:::contoso-shop-media/*"))}},
	{awsShop, "deny-without-mfa", 0, []object{
		statement("Deny", words("*"), "*", member{"Condition", object{{"BoolIfExists", object{{"aws:MultiFactorAuthPresent", "false"}}}}}),
	}},
	{awsShop, "old-admin", 0, []object{statement("Allow", words("*"), "*")}},
	{awsAnalytics, "analyst-access", 4, []object{statement("Allow", words("athena:*", "glue:Get*", "s3:GetObject"), "*")}},
	{awsAnalytics, "etl-everything", 1, []object{statement("Allow", words("*"), words("*"))}},
}

func roleARN(a awsAccount, name string) string { return arn("iam", "", a.id, "role/"+name) }

func profileARN(a awsAccount, name string) string {
	return arn("iam", "", a.id, "instance-profile/"+name)
}

func (e *estate) addAWSRoles() {
	for _, r := range trustRows {
		e.addAWSRole(r)
	}
	e.addPoliciesOfAWS()
	for _, p := range policyRows {
		id := arn("iam", "", p.account.id, "policy/"+p.name)
		e.inAWS(p.account, virginia, "AWS::IAM::ManagedPolicy", id, object{
			{"PolicyArn", id},
			{"ManagedPolicyName", p.name},
			{"Path", "/"},
			{"AttachmentCount", p.attached},
			{"DefaultVersionId", "v1"},
			{"PolicyDocument", document(p.says...)},
		})
	}
}

func (e *estate) addAWSRole(r trustRow) {
	trust := object{{"Effect", "Allow"}, {"Principal", r.trusts}, {"Action", "sts:AssumeRole"}}
	if r.external {
		trust = trust.with(member{"Condition", object{{"StringEquals", object{{"sts:ExternalId", "contoso-" + digest("external/"+r.name, 8)}}}}})
	}
	inline := list{}
	if len(r.inline) > 0 {
		inline = append(inline, object{{"PolicyName", r.name + "-inline"}, {"PolicyDocument", document(r.inline...)}})
	}
	e.inAWS(r.account, virginia, "AWS::IAM::Role", roleARN(r.account, r.name), object{
		{"RoleName", r.name},
		{"Arn", roleARN(r.account, r.name)},
		{"RoleId", "example-role-" + digest("role/"+r.name, 10)},
		{"Path", "/"},
		{"AssumeRolePolicyDocument", document(trust)},
		{"ManagedPolicyArns", words(r.managed...)},
		{"Policies", inline},
		{"MaxSessionDuration", 3600},
		{"Tags", labels("owner", "identity-team@contoso.com")},
	})
	if r.profile {
		e.inAWS(r.account, virginia, "AWS::IAM::InstanceProfile", profileARN(r.account, r.name), object{
			{"InstanceProfileName", r.name},
			{"Arn", profileARN(r.account, r.name)},
			{"Path", "/"},
			{"Roles", words(r.name)},
		})
	}
}
