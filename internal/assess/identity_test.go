package assess_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/policy"
)

// open is unhealthy where a resource outside Azure is tagged so.
var open = definition("open", `"if": {"field": "tags['open']", "exists": true}, "then": {"effect": "Audit"}`, "")

const (
	firstAccount, otherAccount = "111122223333", "444455556666"

	admin = "arn:aws:iam::aws:policy/AdministratorAccess"

	orgTrail = "arn:aws:cloudtrail:eu-west-1:" + otherAccount + ":trail/org"
)

// aws is a line in CloudFormation's shape.
func aws(typeName, id, account, region string, isOpen bool, properties ...string) string {
	tags := `{"other":"x"}`
	if isOpen {
		tags = `{"open":"x"}`
	}
	return `{"type":"` + typeName + `","id":"` + id + `","account":"` + account + `","region":"` + region + `","tags":` + tags + `,"properties":{` + strings.Join(append(properties, `"A":"b"`), ",") + `}}`
}

// judgedAs lists what tells resources apart, with their states.
func judgedAs(t *testing.T, o assess.Options) []string {
	t.Helper()
	var all []string
	_, checks := run(t, o)
	for _, c := range checks {
		line := c.Qualified() + " " + c.State.String()
		if c.Reason.String() != "" {
			line += " " + c.Reason.String()
		}
		all = append(all, line)
	}
	slices.Sort(all)
	return all
}

// What has one id is one resource only where an id says all, or type, account and
// region are the same too.
func TestSharedIDs(t *testing.T) {
	control := func(typeName, id, properties string) string {
		return `{"TypeName":"` + typeName + `","ResourceDescription":{"Identifier":"` + id + `","Properties":"` + strings.ReplaceAll(properties, `"`, `\"`) + `"}}`
	}
	tests := map[string]struct{ lines, want []string }{
		"roles_of_two_accounts": {
			[]string{aws("AWS::IAM::Role", "Admin", firstAccount, "us-east-1", false), aws("AWS::IAM::Role", "Admin", otherAccount, "us-east-1", true)},
			[]string{firstAccount + "/AWS::IAM::Role/Admin healthy", otherAccount + "/AWS::IAM::Role/Admin unhealthy"},
		},
		"log_groups_of_two_accounts_and_regions": { // whose names begin as paths of Azure do
			[]string{
				aws("AWS::Logs::LogGroup", "/aws/lambda/x", firstAccount, "eu-west-1", false), aws("AWS::Logs::LogGroup", "/aws/lambda/x", otherAccount, "eu-west-1", true),
				aws("AWS::Logs::LogGroup", "/aws/lambda/x", otherAccount, "us-east-1", false),
			},
			[]string{
				firstAccount + "/eu-west-1/AWS::Logs::LogGroup//aws/lambda/x healthy", otherAccount + "/eu-west-1/AWS::Logs::LogGroup//aws/lambda/x unhealthy",
				otherAccount + "/us-east-1/AWS::Logs::LogGroup//aws/lambda/x healthy",
			},
		},
		"role_and_its_profile": {
			[]string{aws("AWS::IAM::InstanceProfile", "web", firstAccount, "", false), aws("AWS::IAM::Role", "web", firstAccount, "", true)},
			[]string{firstAccount + "/AWS::IAM::InstanceProfile/web healthy", firstAccount + "/AWS::IAM::Role/web unhealthy"},
		},
		"databases_of_two_regions": {
			[]string{aws("AWS::RDS::DBInstance", "db", firstAccount, "us-east-1", false), aws("AWS::RDS::DBInstance", "db", firstAccount, "eu-west-1", true)},
			[]string{firstAccount + "/eu-west-1/AWS::RDS::DBInstance/db unhealthy", firstAccount + "/us-east-1/AWS::RDS::DBInstance/db healthy"},
		},
		"role_in_any_region": {
			[]string{aws("AWS::IAM::Role", "Admin", firstAccount, "", true), aws("AWS::IAM::Role", "Admin", firstAccount, "us-east-1", false)},
			[]string{firstAccount + "/AWS::IAM::Role/Admin unhealthy"},
		},
		"bucket_and_its_policy": {
			[]string{control("AWS::S3::Bucket", "logs", `{"Arn":"arn:aws:s3:::logs","BucketEncryption":{}}`), control("AWS::S3::BucketPolicy", "logs", `{"PolicyDocument":{},"Bucket":"logs"}`)},
			[]string{"AWS::S3::Bucket/logs healthy", "AWS::S3::BucketPolicy/logs healthy"},
		},
		"accounts_and_regions_of_arns": {
			[]string{
				control("AWS::RDS::DBInstance", "shop", `{"DBInstanceArn":"arn:aws:rds:eu-west-1:111122223333:db:shop","Engine":"x"}`),
				control("AWS::RDS::DBInstance", "shop", `{"DBInstanceArn":"arn:aws:rds:eu-west-1:444455556666:db:shop","Tags":[{"Key":"open","Value":""}]}`),
				control("AWS::SNS::Topic", "shop", `{"TopicArn":"arn:aws:sns:eu-west-1:444455556666:shop","KmsMasterKeyId":"x"}`),
				control("AWS::IAM::ManagedPolicy", "shop", `{"PolicyArn":"arn:aws:iam::444455556666:policy/shop","Path":"/"}`),
				control("AWS::Lambda::Function", "shop", `{"RoleArn":"arn:aws:iam::444455556666:role/shop","Runtime":"x"}`),
			},
			[]string{
				firstAccount + "/eu-west-1/AWS::RDS::DBInstance/shop healthy", otherAccount + "/AWS::IAM::ManagedPolicy/shop healthy",
				otherAccount + "/eu-west-1/AWS::RDS::DBInstance/shop unhealthy", otherAccount + "/eu-west-1/AWS::SNS::Topic/shop healthy",
				"AWS::Lambda::Function/shop healthy",
			},
		},
		"machines_of_two_groups": {
			[]string{
				`{"type":"machine","id":"srv","group":"a","properties":{"kernel":"x"}}`,
				`{"type":"machine","id":"srv","group":"b","tags":{"open":""},"properties":{"kernel":"x"}}`,
			},
			[]string{"machines/a/machine/srv healthy", "machines/b/machine/srv unhealthy"},
		},
		"same": {
			[]string{aws("AWS::SQS::Queue", "q", firstAccount, "eu-west-1", true), aws("AWS::SQS::Queue", "q", firstAccount, "eu-west-1", false)},
			[]string{firstAccount + "/eu-west-1/AWS::SQS::Queue/q unhealthy"},
		},
		"volume_by_both_names": {
			[]string{aws("AWS::EC2::Volume", "vol-1", firstAccount, "eu-west-1", true), aws("AWS::EC2::Volume", "arn:aws:ec2:eu-west-1:"+firstAccount+":volume/vol-1", firstAccount, "eu-west-1", false)},
			[]string{firstAccount + "/eu-west-1/AWS::EC2::Volume/vol-1 unhealthy"},
		},
		"inline_policies": {
			[]string{
				aws("AWS::IAM::Policy", "p", firstAccount, "", false, `"PolicyName":"p","Users":["bob","ann"]`),
				aws("AWS::IAM::Policy", "p", firstAccount, "", true, `"PolicyName":"p","Roles":["ann"]`),
				aws("AWS::IAM::Policy", "p", firstAccount, "", false, `"PolicyName":"p","Users":["ann","bob"]`),
			},
			[]string{firstAccount + "/AWS::IAM::Policy/p|role/ann unhealthy", firstAccount + "/AWS::IAM::Policy/p|user/ann,user/bob healthy"},
		},
		"security_groups_by_name": {
			[]string{
				aws("AWS::EC2::SecurityGroup", "web", firstAccount, "eu-west-1", false, `"GroupId":"sg-1"`),
				aws("AWS::EC2::SecurityGroup", "web", firstAccount, "eu-west-1", true, `"GroupId":"sg-2"`),
				aws("AWS::EC2::SecurityGroup", "sg-1", firstAccount, "eu-west-1", true, `"GroupId":"sg-1"`),
			},
			[]string{firstAccount + "/eu-west-1/AWS::EC2::SecurityGroup/web|sg-1 healthy", firstAccount + "/eu-west-1/AWS::EC2::SecurityGroup/web|sg-2 unhealthy"},
		},
		"items_without_arn": {
			[]string{
				`{"resourceType":"AWS::IAM::User","resourceId":"AIDAX1","awsAccountId":"` + firstAccount + `","awsRegion":"global","configurationItemStatus":"OK","configuration":{"arn":"arn:aws:iam::` + firstAccount + `:user/div/alice","userName":"alice"}}`,
				aws("AWS::IAM::User", "alice", firstAccount, "", false),
				`{"resourceType":"AWS::RDS::DBInstance","resourceId":"db-ABC","awsAccountId":"` + firstAccount + `","awsRegion":"eu-west-1","configurationItemStatus":"OK","configuration":{"dBInstanceIdentifier":"d1"}}`,
				aws("AWS::RDS::DBInstance", "d1", firstAccount, "eu-west-1", false),
			},
			[]string{firstAccount + "/AWS::IAM::User/alice healthy", firstAccount + "/eu-west-1/AWS::RDS::DBInstance/d1 healthy"},
		},
		"policies_of_aws": {
			[]string{aws("AWS::IAM::ManagedPolicy", admin, firstAccount, "", false), aws("AWS::IAM::ManagedPolicy", admin, otherAccount, "", true)},
			[]string{firstAccount + "/AWS::IAM::ManagedPolicy/" + admin + " healthy", otherAccount + "/AWS::IAM::ManagedPolicy/" + admin + " unhealthy"},
		},
		"trail_of_an_organisation": {
			[]string{
				aws("AWS::CloudTrail::Trail", "arn:aws:cloudtrail:eu-west-1:"+otherAccount+":trail/org", otherAccount, "eu-west-1", true),
				aws("AWS::CloudTrail::Trail", "arn:aws:cloudtrail:eu-west-1:"+otherAccount+":trail/org", firstAccount, "eu-west-1", false),
				aws("AWS::CloudTrail::Trail", "arn:aws:cloudtrail:eu-west-1:"+otherAccount+":trail/org", firstAccount, "us-east-1", false),
			},
			[]string{
				"arn:aws:cloudtrail:eu-west-1:" + otherAccount + ":trail/org unhealthy",
				"arn:aws:cloudtrail:eu-west-1:" + otherAccount + ":trail/org|" + firstAccount + " healthy",
			},
		},
		"trail_of_an_organisation_by_name": {
			[]string{
				aws("AWS::CloudTrail::Trail", "org", firstAccount, "us-east-1", true, `"Arn":"`+orgTrail+`"`),
				aws("AWS::CloudTrail::Trail", orgTrail, firstAccount, "eu-west-1", false),
				`{"resourceType":"AWS::CloudTrail::Trail","resourceId":"org","awsAccountId":"` + firstAccount + `","awsRegion":"eu-west-1","configurationItemStatus":"OK","configuration":{"name":"org","trailARN":"` + orgTrail + `"}}`,
				`{"resourceType":"AWS::CloudTrail::Trail","resourceId":"` + orgTrail + `","awsAccountId":"` + firstAccount + `","awsRegion":"eu-west-1","configurationItemStatus":"OK","configuration":{"name":"org"}}`,
				aws("AWS::CloudTrail::Trail", orgTrail, otherAccount, "eu-west-1", false),
				aws("AWS::CloudTrail::Trail", "org", otherAccount, "us-east-1", true, `"Arn":"`+orgTrail+`"`),
				`{"TypeName":"AWS::CloudTrail::Trail","ResourceDescription":{"Identifier":"org","Properties":"{\"Arn\":\"` + orgTrail + `\",\"IsLogging\":true}"}}`,
				aws("AWS::CloudTrail::Trail", "org", "", "", true, `"Arn":"`+orgTrail+`"`),
			},
			[]string{orgTrail + " healthy", orgTrail + "|" + firstAccount + " unhealthy"},
		},
		"in_another_case": {
			[]string{
				aws("AWS::IAM::Role", "Admin", firstAccount, "", false), aws("AWS::IAM::Role", "admin", firstAccount, "", true),
				aws("AWS::SNS::Topic", "arn:aws:sns:eu-west-1:111122223333:T", firstAccount, "eu-west-1", true), aws("AWS::SNS::Topic", "arn:aws:sns:eu-west-1:111122223333:t", firstAccount, "eu-west-1", false),
			},
			[]string{
				firstAccount + "/AWS::IAM::Role/Admin healthy", firstAccount + "/AWS::IAM::Role/admin unhealthy",
				"arn:aws:sns:eu-west-1:111122223333:T unhealthy", "arn:aws:sns:eu-west-1:111122223333:t healthy",
			},
		},
		"arn": {
			[]string{aws("AWS::S3::Bucket", "arn:aws:s3:::b", firstAccount, "eu-west-1", true), aws("AWS::S3::Bucket", "arn:aws:s3:::b", firstAccount, "", false)},
			[]string{"arn:aws:s3:::b unhealthy"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, judgedAs(t, options(t, []string{open}, test.lines...))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A gap of an id is about the resources of its type in the record's scope, which is
// told where they are several.
func TestGapsOfSharedIDs(t *testing.T) {
	lines := []string{
		aws("AWS::IAM::Role", "Admin", firstAccount, "", false), aws("AWS::IAM::User", "Admin", firstAccount, "", false),
		aws("AWS::IAM::Role", "Admin", otherAccount, "", false), aws("AWS::IAM::Role", "arn:aws:iam::"+firstAccount+":role/ops/Reader", firstAccount, "", false),
	}
	gap := func(scope, typeName, entry string) string {
		return `{"bartizan":"read","scope":"` + scope + `","type":"` + typeName + `","complete":true,"denied":[{"id":"Admin","path":"tags"` + entry + `}]}`
	}
	role, user, other := firstAccount+"/AWS::IAM::Role/Admin", firstAccount+"/AWS::IAM::User/Admin", otherAccount+"/AWS::IAM::Role/Admin"
	reader := "arn:aws:iam::" + firstAccount + ":role/ops/Reader"
	tests := map[string]struct {
		record string
		want   []string
		told   string // notices
	}{
		"type_and_account":  {gap(firstAccount, "AWS::IAM::Role", ""), []string{role + " unknown denied", user + " healthy", other + " healthy", reader + " healthy"}, ""},
		"type_of_the_entry": {gap(firstAccount, "*", `,"type":"AWS::IAM::User"`), []string{role + " healthy", user + " unknown denied", other + " healthy", reader + " healthy"}, ""},
		"every_type":        {gap(firstAccount, "*", ""), []string{role + " unknown denied", user + " unknown denied", other + " healthy", reader + " healthy"}, `read record of 111122223333: 2 resources have the id "Admin", and it is about all of them`},
		"by_arn": {
			`{"bartizan":"read","scope":"/","type":"*","complete":true,"denied":[{"id":"arn:aws:iam::` + firstAccount + `:role/Admin","path":"tags"}]}`,
			[]string{role + " unknown denied", user + " healthy", other + " healthy", reader + " healthy"},
			"",
		},
		"of_an_arn": {
			`{"bartizan":"read","scope":"/","type":"AWS::IAM::Role","complete":true,"denied":[{"id":"Reader","path":"tags"}]}`,
			[]string{role + " healthy", user + " healthy", other + " healthy", reader + " unknown denied"},
			"",
		},
		"other_case": {
			strings.Replace(gap("/", "*", ""), "Admin", "admin", 1),
			[]string{role + " healthy", user + " healthy", other + " healthy", reader + " healthy"},
			"read record of /: admin (denied) is in no input and counts as one check that is unknown (denied); checks that might find it are unknown",
		},
		"elsewhere": {
			gap(otherAccount, "AWS::IAM::User", ""),
			[]string{role + " healthy", user + " healthy", other + " healthy", reader + " healthy"},
			"read record of 444455556666: Admin (denied) is in no input and counts as one check that is unknown (denied); checks that might find it are unknown",
		},
		"every_account": {gap("/", "AWS::IAM::Role", ""), []string{role + " unknown denied", user + " healthy", other + " unknown denied", reader + " healthy"}, `read record of /: 2 resources have the id "Admin", and it is about all of them`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{open}, append(lines, test.record)...)
			if diff := cmp.Diff(test.want, judgedAs(t, o)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			result, _ := run(t, o)
			var told []string
			for _, p := range result.Problems {
				told = append(told, p.Reason)
			}
			if got := strings.Join(told, "\n"); got != test.told {
				t.Errorf("told %q, want %q", got, test.told)
			}
		})
	}
}

// A read record with the ARN of an organisation's trail is about that of its account,
// and only where it names none about all.
func TestGapsOfTrails(t *testing.T) {
	lines := []string{
		aws("AWS::CloudTrail::Trail", orgTrail, otherAccount, "eu-west-1", false), aws("AWS::CloudTrail::Trail", orgTrail, firstAccount, "eu-west-1", false),
	}
	owners, shown := orgTrail, orgTrail+"|"+firstAccount
	tests := map[string]struct {
		lines       []string
		scope, name string
		want        []string
		told        string // a part of the notices, "" for none
	}{
		"owner":      {lines, otherAccount, orgTrail, []string{owners + " unknown denied", shown + " healthy"}, ""},
		"other":      {lines, firstAccount, orgTrail, []string{owners + " healthy", shown + " unknown denied"}, ""},
		"by_its_id":  {lines, "/", shown, []string{owners + " healthy", shown + " unknown denied"}, ""},
		"by_name":    {lines, firstAccount, "org", []string{owners + " healthy", shown + " unknown denied"}, ""},
		"no_account": {lines, "/", orgTrail, []string{owners + " unknown denied", shown + " unknown denied"}, "2 resources have the id"},
		"folder":     {lines, "ou-1", orgTrail, []string{owners + " unknown denied", shown + " unknown denied"}, "2 resources have the id"},
		"not_there":  {lines[:1], firstAccount, orgTrail, []string{owners + " healthy"}, shown + " (denied) is in no input"},
		"no_owner":   {lines[1:], otherAccount, orgTrail, []string{shown + " healthy"}, owners + " (denied) is in no input"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			record := `{"bartizan":"read","scope":"` + test.scope + `","type":"AWS::CloudTrail::Trail","denied":[{"id":"` + test.name + `","path":"tags"}]}`
			for _, all := range [][]string{append(slices.Clone(test.lines), record), append([]string{record}, test.lines...)} {
				o := options(t, []string{open}, all...)
				if diff := cmp.Diff(test.want, judgedAs(t, o)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				result, _ := run(t, o)
				var told []string
				for _, p := range result.Problems {
					if !strings.Contains(p.Reason, "no effect") {
						told = append(told, p.Reason)
					}
				}
				if got := strings.Join(told, "\n"); test.told == "" && got != "" || !strings.Contains(got, test.told) {
					t.Errorf("told %q, want %q", got, test.told)
				}
			}
		})
	}
}

// What was not read of an organisation's trail, and what AWS keeps, leaves the type open
// in the account of the record, not in that of the ARN.
func TestUnseenOfSeveralAccounts(t *testing.T) {
	rule := definition("watched", `"if": {"field": "type", "equals": "AWS::IAM::Role"},
		"then": {"effect": "AuditIfNotExists", "details": {"type": "[parameters('type')]", "existenceScope": "Subscription"}}`,
		`"type": {"type": "String", "defaultValue": "AWS::CloudTrail::Trail"}`)
	for name, of := range map[string]struct{ id, typeName string }{"trail": {orgTrail, "AWS::CloudTrail::Trail"}, "policy": {admin, "AWS::IAM::ManagedPolicy"}} {
		t.Run(name, func(t *testing.T) {
			rule := strings.Replace(rule, "AWS::CloudTrail::Trail", of.typeName, 1)
			record := func(account, denied string) string {
				return `{"bartizan":"read","scope":"` + account + `","type":"` + of.typeName + `","complete":true` + denied + `}`
			}
			o := options(t, []string{rule}, aws("AWS::IAM::Role", "Admin", firstAccount, "", false), aws("AWS::IAM::Role", "Admin", otherAccount, "", false),
				record(firstAccount, `,"denied":[{"id":"`+of.id+`"}]`), record(otherAccount, ""))
			want := []string{firstAccount + "/AWS::IAM::Role/Admin unknown denied", otherAccount + "/AWS::IAM::Role/Admin unhealthy"}
			if diff := cmp.Diff(want, judgedAs(t, o)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What belongs to a resource that shares its id is settled apart for it alone.
func TestRelatedGapsOfSharedIDs(t *testing.T) {
	rule := definition("watched", `"if": {"field": "type", "equals": "AWS::IAM::Role"},
		"then": {"effect": "AuditIfNotExists", "details": {"type": "AWS::Logs::LogGroup", "existenceScope": "Subscription"}}`, "")
	record := func(account string) string {
		return `{"bartizan":"read","scope":"` + account + `","type":"*","complete":true,"denied":[{"id":"Admin"}]}`
	}
	o := options(t, []string{rule}, aws("AWS::IAM::Role", "Admin", firstAccount, "", false), aws("AWS::IAM::Role", "Admin", otherAccount, "", false),
		record(otherAccount), `{"bartizan":"read","scope":"`+firstAccount+`","type":"*","complete":true}`)
	want := []string{firstAccount + "/AWS::IAM::Role/Admin unhealthy", otherAccount + "/AWS::IAM::Role/Admin unknown denied"}
	if diff := cmp.Diff(want, judgedAs(t, o)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// An exemption of a name holds for all that have it, which is told, as the scope of a
// filter does; one of them is named with its account, region and type.
func TestNamesOfSeveral(t *testing.T) {
	const policies, groups = firstAccount + "/AWS::IAM::Policy/", firstAccount + "/eu-west-1/AWS::EC2::SecurityGroup/"
	roles := []string{aws("AWS::IAM::Role", "Admin", firstAccount, "", true), aws("AWS::IAM::Role", "Admin", otherAccount, "", true)}
	role, other := firstAccount+"/AWS::IAM::Role/Admin", otherAccount+"/AWS::IAM::Role/Admin"
	inline := []string{
		aws("AWS::IAM::Policy", "p", firstAccount, "", true, `"PolicyName":"p"`), aws("AWS::IAM::Policy", "p", firstAccount, "", true, `"PolicyName":"p","Users":["ann"]`),
	}
	web := []string{
		aws("AWS::EC2::SecurityGroup", "web", firstAccount, "eu-west-1", true, `"GroupId":"sg-1"`), aws("AWS::EC2::SecurityGroup", "web", firstAccount, "eu-west-1", true, `"GroupId":"sg-2"`),
		aws("AWS::EC2::SecurityGroup", "sg-1", otherAccount, "eu-west-1", true),
	}
	there := otherAccount + "/eu-west-1/AWS::EC2::SecurityGroup/sg-1"
	const third = "777788889999"
	trails := []string{
		aws("AWS::CloudTrail::Trail", "org", firstAccount, "eu-west-1", true, `"Arn":"`+orgTrail+`"`), aws("AWS::CloudTrail::Trail", orgTrail, third, "eu-west-1", true),
		aws("AWS::CloudTrail::Trail", orgTrail, otherAccount, "eu-west-1", true),
	}
	cases := []string{aws("AWS::IAM::Role", "Admin", firstAccount, "", true), aws("AWS::IAM::Role", "admin", firstAccount, "", true)}
	tests := map[string]struct {
		lines []string
		name  string
		named []string // those that have the name, so that they are exempt and in scope
		told  string   // a part of the warnings, "" for none
	}{
		"one_of_them":       {roles, other, []string{other}, ""},
		"by_arn":            {roles, "arn:aws:iam::" + otherAccount + ":role/ops/Admin", []string{other}, ""},
		"by_id":             {roles, "Admin", []string{role, other}, `2 resources have the id "Admin"`},
		"none":              {roles, otherAccount + "/AWS::IAM::User/Admin", nil, "no resource of the input is in scope"},
		"inline":            {inline, policies + "p", []string{policies + "p"}, ""},
		"inline_behind":     {[]string{inline[1], inline[0]}, policies + "p", []string{policies + "p"}, ""},
		"inline_of_user":    {inline, policies + "p|user/ann", []string{policies + "p|user/ann"}, ""},
		"inline_by_name":    {inline, "p", []string{policies + "p", policies + "p|user/ann"}, `2 resources have the id "p"`},
		"given":             {web, groups + "web", []string{groups + "web|sg-1", groups + "web|sg-2"}, "2 resources have the id"},
		"given_to_one":      {web[1:], groups + "web", []string{groups + "web|sg-2"}, ""},
		"identifier":        {web, groups + "sg-1", []string{groups + "web|sg-1"}, ""},
		"trail":             {trails, orgTrail, []string{orgTrail}, ""},
		"trails":            {trails[:2], orgTrail, []string{orgTrail + "|" + firstAccount, orgTrail + "|" + third}, "2 resources have the id"},
		"trail_by_name":     {trails, firstAccount + "/eu-west-1/AWS::CloudTrail::Trail/org", []string{orgTrail + "|" + firstAccount}, ""},
		"case":              {cases, "admin", []string{firstAccount + "/AWS::IAM::Role/admin"}, ""},
		"case_by_arn":       {cases, "arn:aws:iam::" + firstAccount + ":role/Admin", []string{firstAccount + "/AWS::IAM::Role/Admin"}, ""},
		"case_of_none":      {cases, "ADMIN", nil, "no resource of the input is in scope"},
		"identifier_of_two": {web, "sg-1", []string{groups + "web|sg-1", there}, `2 resources have the id "sg-1"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := options(t, []string{open}, test.lines...)
			o.Filter.Scopes = []string{test.name}
			result, checks := run(t, o)
			var shown []string
			for _, c := range checks {
				shown = append(shown, c.Qualified())
			}
			slices.Sort(shown)
			meant(t, "scope", result, test.named, shown, test.told)
			o.Filter.Scopes = nil
			o.Exemptions = []*policy.Exemption{{Scope: test.name, ReferenceIDs: []string{"open"}, Category: "Waiver"}}
			result, _ = run(t, o)
			var exempt []string
			for _, line := range judgedAs(t, o) {
				if is, ok := strings.CutSuffix(line, " exempt"); ok {
					exempt = append(exempt, is)
				}
			}
			meant(t, "exempt", result, test.named, exempt, test.told)
		})
	}
}

// meant looks at which resources were meant by a name, and at what is said of that.
func meant(t *testing.T, what string, result *assess.Result, want, got []string, warning string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
	if all := strings.Join(result.Warnings, "\n"); warning == "" && all != "" || !strings.Contains(all, warning) {
		t.Errorf("%s: warnings %q, want %q", what, all, warning)
	}
}

// A resource is the same by each of its names, wherever one says it: the version
// $LATEST of a function is the function, and others are not; paths of IAM do not
// count; and what is read under its ARN has its identifier too.
func TestOtherNames(t *testing.T) {
	const (
		function = "arn:aws:lambda:eu-west-1:" + firstAccount + ":function:f"
		user     = "arn:aws:iam::" + firstAccount + ":user/"
		alice    = user + "div/alice"
	)
	lines := []string{
		aws("AWS::Lambda::Function", function, firstAccount, "eu-west-1", false), aws("AWS::Lambda::Function", function+":1", firstAccount, "eu-west-1", false),
		aws("AWS::IAM::User", alice, firstAccount, "", false), aws("AWS::IAM::User", user+"bob", firstAccount, "", false),
		aws("AWS::IAM::Policy", "p", firstAccount, "", false, `"PolicyName":"p","Users":["ann"]`),
		aws("AWS::EC2::SecurityGroup", "web", firstAccount, "eu-west-1", false, `"GroupName":"web","GroupId":"sg-1","VpcId":"vpc-1"`),
		aws("AWS::EC2::Instance", "srv", firstAccount, "eu-west-1", false, `"InstanceId":"i-1"`),
	}
	tests := map[string]struct{ name, want string }{
		"latest":               {function + ":$LATEST", function},
		"version":              {function + ":1", function + ":1"},
		"no_path":              {user + "alice", alice},
		"other_path":           {user + "x/y/alice", alice},
		"some_path":            {user + "x/bob", user + "bob"},
		"identifier":           {"alice", alice},
		"qualified_identifier": {firstAccount + "/AWS::IAM::User/alice", alice},
		"f":                    {"f", function},
		"inline":               {"p", "p|user/ann"},
		"inline_as_shown":      {"p|user/ann", "p|user/ann"},
		"qualified_inline":     {firstAccount + "/AWS::IAM::Policy/p|user/ann", "p|user/ann"},
		"given_inline":         {firstAccount + "/AWS::IAM::Policy/p", "p|user/ann"},
		"qualified":            {firstAccount + "/eu-west-1/AWS::Lambda::Function/f:1", function + ":1"},
		"group":                {"sg-1", "web|sg-1"},
		"group_as_shown":       {"web|sg-1", "web|sg-1"},
		"group_as_given":       {"web", "web|sg-1"},
		"qualified_group":      {firstAccount + "/eu-west-1/AWS::EC2::SecurityGroup/sg-1", "web|sg-1"},
		"qualified_shown":      {firstAccount + "/eu-west-1/AWS::EC2::SecurityGroup/web|sg-1", "web|sg-1"},
		"qualified_given":      {firstAccount + "/eu-west-1/AWS::EC2::SecurityGroup/web", "web|sg-1"},
		"group_by_arn":         {"arn:aws:ec2:eu-west-1:" + firstAccount + ":security-group/sg-1", "web|sg-1"},
		"instance":             {"i-1", "srv|i-1"},
		"instance_as_shown":    {"srv|i-1", "srv|i-1"},
	}
	states := func(t *testing.T, o assess.Options) (all []string) {
		t.Helper()
		result, checks := run(t, o)
		for _, c := range checks {
			if c.State.String() != "healthy" {
				all = append(all, c.Resource)
			}
		}
		if len(result.Warnings) > 0 || len(result.Coverage.Unseen) > 0 {
			t.Errorf("warnings %q, unseen %v", result.Warnings, result.Coverage.Unseen)
		}
		return all
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			want := []string{test.want}
			o := options(t, []string{open}, lines...)
			o.Filter.Scopes = []string{test.name}
			_, checks := run(t, o)
			if len(checks) != 1 || checks[0].Resource != test.want {
				t.Errorf("in scope: %v", checks)
			}
			o = options(t, []string{open}, strings.ReplaceAll(strings.Join(lines, "\n"), `{"other"`, `{"open"`))
			o.Exemptions = []*policy.Exemption{{Scope: test.name, ReferenceIDs: []string{"open"}, Category: "Waiver"}}
			exempt := []string(nil)
			result, checks := run(t, o)
			for _, c := range checks {
				if c.State.String() == "exempt" {
					exempt = append(exempt, c.Resource)
				}
			}
			if diff := cmp.Diff(want, exempt); diff != "" || len(result.Warnings) > 0 {
				t.Errorf("warnings %q; exempt (-want +got):\n%s", result.Warnings, diff)
			}
			e, err := assess.Explain(t.Context(), o, test.name, "open")
			if err != nil || e.Checks[0].Resource != test.want {
				t.Errorf("explains %+v, %v", e, err)
			}
			record := `{"bartizan":"read","scope":"` + firstAccount + `","type":"*","complete":true,"denied":[{"id":"` + test.name + `","path":"tags"}]}`
			if diff := cmp.Diff(want, states(t, options(t, []string{open}, append(lines, record)...))); diff != "" {
				t.Errorf("denied (-want +got):\n%s", diff)
			}
		})
	}
}

// What is explained has the name alone: the one thing that it tells from all others,
// else the one that has it as its id or identifier, else the one that is called so.
func TestExplainByName(t *testing.T) {
	const (
		there = otherAccount + "/eu-west-1/AWS::EC2::SecurityGroup/"
		topic = "arn:aws:sns:eu-west-1:" + firstAccount + ":"
	)
	lines := []string{
		aws("AWS::IAM::Role", "Admin", firstAccount, "", true), aws("AWS::IAM::Role", "Admin", otherAccount, "", true),
		aws("AWS::IAM::Policy", "p", firstAccount, "", true, `"PolicyName":"p"`), aws("AWS::IAM::Policy", "p", firstAccount, "", true, `"PolicyName":"p","Users":["ann"]`),
		aws("AWS::IAM::Policy", "q", firstAccount, "", true, `"PolicyName":"q","Roles":["a"]`), aws("AWS::IAM::Policy", "q", firstAccount, "", true, `"PolicyName":"q","Roles":["b"]`),
		aws("AWS::EC2::SecurityGroup", "web", firstAccount, "eu-west-1", true, `"GroupId":"sg-1"`), aws("AWS::EC2::SecurityGroup", "sg-1", otherAccount, "eu-west-1", true),
		aws("AWS::EC2::Instance", "srv", firstAccount, "eu-west-1", true, `"InstanceId":"i-1"`), aws("AWS::EC2::Instance", "i-1", firstAccount, "eu-west-1", false),
		aws("AWS::IAM::User", "Alice", firstAccount, "", true), aws("AWS::IAM::User", "alice", firstAccount, "", true),
		aws("AWS::SNS::Topic", topic+"Jobs", firstAccount, "eu-west-1", true), aws("AWS::SNS::Topic", topic+"jobs", firstAccount, "eu-west-1", true),
		aws("AWS::SNS::Topic", topic+"logs", firstAccount, "eu-west-1", true),
		aws("AWS::CloudTrail::Trail", "org", firstAccount, "eu-west-1", true, `"Arn":"`+orgTrail+`"`), aws("AWS::CloudTrail::Trail", orgTrail, otherAccount, "eu-west-1", true),
	}
	tests := map[string]struct{ name, want, fails string }{
		"case":            {"alice", firstAccount + "/AWS::IAM::User/alice", ""},
		"other_case":      {"Alice", firstAccount + "/AWS::IAM::User/Alice", ""},
		"neither_case":    {"ALICE", "", "2 resources are named \"ALICE\""},
		"case_shown":      {"jobs", topic + "jobs", ""},
		"other_shown":     {"Jobs", topic + "Jobs", ""},
		"case_of_one":     {"LOGS", topic + "logs", ""},
		"trail":           {orgTrail, orgTrail, ""},
		"its_shadow":      {firstAccount + "/eu-west-1/AWS::CloudTrail::Trail/org", orgTrail + "|" + firstAccount, ""},
		"arn":             {"arn:aws:iam::" + otherAccount + ":role/ops/Admin", otherAccount + "/AWS::IAM::Role/Admin", ""},
		"qualified":       {firstAccount + "/AWS::IAM::Policy/p", firstAccount + "/AWS::IAM::Policy/p", ""},
		"id":              {"p", firstAccount + "/AWS::IAM::Policy/p", ""},
		"given_to_two":    {firstAccount + "/AWS::IAM::Policy/q", "", "2 resources have the id \"" + firstAccount + "/AWS::IAM::Policy/q\""},
		"identifiers":     {"sg-1", "", "2 resources have the id \"sg-1\"; give one of them as:\n" + firstAccount + "/eu-west-1/AWS::EC2::SecurityGroup/web|sg-1\n" + there + "sg-1"},
		"identifier":      {there + "sg-1", there + "sg-1", ""},
		"merged":          {"i-1", firstAccount + "/eu-west-1/AWS::EC2::Instance/srv|i-1", ""},
		"merged_as_given": {"srv", firstAccount + "/eu-west-1/AWS::EC2::Instance/srv|i-1", ""},
		"none":            {"sg-3", "", `no resource "sg-3" in the input`},
	}
	for name, test := range tests {
		for order, lines := range map[string][]string{"": lines, "_turned": append(slices.Clone(lines[6:]), lines[5], lines[4], lines[3], lines[2], lines[1], lines[0])} {
			t.Run(name+order, func(t *testing.T) {
				e, err := assess.Explain(t.Context(), options(t, []string{open}, lines...), test.name, "open")
				switch {
				case test.fails != "":
					if err == nil || !strings.Contains(err.Error(), test.fails) {
						t.Errorf("error %v, want %s", err, test.fails)
					}
				case err != nil:
					t.Error(err)
				case e.Checks[0].Qualified() != test.want:
					t.Errorf("got %s, want %s", e.Checks[0].Qualified(), test.want)
				}
			})
		}
	}
}

// A gap of what AWS calls by a path is about the one in the record's account.
func TestGapsOfPaths(t *testing.T) {
	const id, typeName = "/aws/lambda/x", "AWS::Logs::LogGroup"
	lines := []string{
		aws(typeName, id, firstAccount, "eu-west-1", false), aws(typeName, id, otherAccount, "eu-west-1", false),
		`{"bartizan":"read","scope":"` + firstAccount + `","type":"` + typeName + `","complete":true,"denied":[{"id":"` + id + `","path":"tags"}]}`,
	}
	want := []string{firstAccount + "/eu-west-1/" + typeName + "/" + id + " unknown denied", otherAccount + "/eu-west-1/" + typeName + "/" + id + " healthy"}
	if diff := cmp.Diff(want, judgedAs(t, options(t, []string{open}, lines...))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What is attached to something, and has its ARN for an identifier, is another resource.
func TestAttached(t *testing.T) {
	const arn = "arn:aws:lambda:eu-west-1:" + firstAccount + ":function:f"
	function, url := aws("AWS::Lambda::Function", arn, firstAccount, "eu-west-1", true), aws("AWS::Lambda::Url", arn, firstAccount, "eu-west-1", false)
	want := []string{firstAccount + "/eu-west-1/AWS::Lambda::Url/" + arn + " healthy", arn + " unhealthy"}
	for _, lines := range [][]string{{function, url}, {url, function}} {
		if diff := cmp.Diff(want, judgedAs(t, options(t, []string{open}, lines...))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
