package inventory

import (
	"strings"
	"testing"

	"github.com/valyala/fastjson"
)

func TestIsWhole(t *testing.T) {
	tests := map[string]struct {
		kind, body string
		want       bool
	}{
		"properties":       {"A/b", `{"properties":{}}`, true},
		"none":             {"A/b", `{"id":"x","location":"y","sku":{}}`, false},
		"null":             {"A/b", `{"properties":null}`, false},
		"text":             {"A/b", `{"properties":"x"}`, false},
		"group":            {"Microsoft.Resources/resourceGroups", `{"id":"x","tags":{}}`, true},
		"group_without":    {"microsoft.resources/subscriptions/resourcegroups", `{"id":"x","name":"y","type":"z","tags":null}`, false},
		"subscription":     {"Microsoft.Resources/subscriptions", `{"id":"x","displayName":"y"}`, true},
		"outside_of_azure": {"AWS::S3::Bucket", `{"id":"x","tags":{}}`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := IsWhole(test.kind, fastjson.MustParse(test.body)); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// A body of AWS that tells only what its resource is called was not read, whatever
// the record calls it.
func TestIdentifiersAreNoBody(t *testing.T) {
	line := func(kind, id, properties string) string {
		return `{"type":"AWS::` + kind + `","id":"` + id + `","account":"111122223333","region":"eu-west-1","properties":{` + properties + `}}`
	}
	const arn = "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-9"
	tests := map[string]struct {
		line string
		want bool
	}{
		"identifier":            {line("EC2::SecurityGroup", "sg-9", `"GroupId":"sg-9"`), false},
		"identifier_and_id":     {line("EC2::SecurityGroup", "sg-9", `"GroupId":"sg-9","Id":"sg-9"`), false},
		"identifier_of_a_name":  {line("EC2::SecurityGroup", "web", `"GroupId":"sg-9"`), false},
		"identifier_and_name":   {line("EC2::SecurityGroup", "web", `"GroupId":"sg-9","GroupName":"web"`), false},
		"name_of_an_identifier": {line("EC2::SecurityGroup", "sg-9", `"GroupName":"web"`), false},
		"identifiers_of_an_arn": {line("EC2::SecurityGroup", arn, `"GroupId":"sg-9","GroupName":"web"`), false},
		"more":                  {line("EC2::SecurityGroup", "web", `"GroupId":"sg-9","GroupName":"web","VpcId":"vpc-1"`), true},
		"name_alone":            {line("EC2::SecurityGroup", "web", `"GroupName":"web"`), false},
		"instance":              {line("EC2::Instance", "srv", `"InstanceId":"i-2"`), false},
		"instance_read":         {line("EC2::Instance", "srv", `"InstanceId":"i-2","SecurityGroupIds":[]`), true},
		"volume":                {line("EC2::Volume", "data", `"VolumeId":"vol-1"`), false},
		"vpc":                   {line("EC2::VPC", "main", `"VpcId":"vpc-1"`), false},
		"inline_policy":         {line("IAM::Policy", "p", `"PolicyName":"p","Users":["ann"],"Roles":["r"],"Groups":["g"]`), false},
		"inline_policy_read":    {line("IAM::Policy", "p", `"PolicyName":"p","PolicyDocument":{}`), true},
		"users_of_others":       {line("IAM::ManagedPolicy", "p", `"ManagedPolicyName":"p","Users":["ann"]`), true},
		"group":                 {line("IAM::Group", "g", `"GroupName":"g","GroupId":"AGPA"`), false},
		"group_read":            {line("IAM::Group", "g", `"GroupName":"g","Policies":[]`), true},
		"group_with_its_path":   {line("IAM::Group", "g", `"GroupName":"g","Path":"/x/","CreateDate":"2026-01-31T10:00:00Z"`), false},
		"user_with_its_path":    {line("IAM::User", "u", `"UserName":"u","Path":"/","PasswordLastUsed":"2026-01-31T10:00:00Z"`), false},
		"role_with_its_path":    {line("IAM::Role", "r", `"RoleName":"r","Path":"/","CreateDate":"2026-01-31T10:00:00Z"`), false},
		"role_read":             {line("IAM::Role", "r", `"RoleName":"r","Path":"/","AssumeRolePolicyDocument":{}`), true},
		"search_domain":         {line("OpenSearchService::Domain", "c", `"DomainName":"c","Id":"111122223333/c"`), false},
		"own_arn":               {line("IAM::Role", "r", `"RoleName":"r","Arn":"arn:aws:iam::111122223333:role/x/r"`), false},
		"database_by_its_arn":   {line("RDS::DBInstance", "db", `"DBInstanceArn":"arn:aws:rds:eu-west-1:111122223333:db:db"`), false},
		"another_arn":           {line("Lambda::Function", "f", `"Role":"arn:aws:iam::111122223333:role/r"`), true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if f := decodeText(t, test.line); f.Resources[0].Whole != test.want {
				t.Errorf("whole is %v, want %v", f.Resources[0].Whole, test.want)
			}
		})
	}
}

// What az <service> show prints is told, and not whole; what only lacks properties
// is not whole without a word.
func TestFlattened(t *testing.T) {
	const id = `"id":"/subscriptions/00000000-0000-0000-0000-00000000000a/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a"`
	tests := map[string]struct{ line, told string }{
		"flattened":     {`{` + id + `,"accessTier":"Hot","kind":"StorageV2","b":1,"c":2,"d":3,"resourceGroup":"g"}`, "accessTier, b, c, … beside its id"},
		"list":          {`{` + id + `,"location":"x","changedTime":"t","createdTime":"t","provisioningState":"Succeeded","properties":null,"resourceGroup":"g"}`, ""},
		"columns":       {`{` + id + `,"location":"x","resourceGroup":"g","subscriptionId":"00000000-0000-0000-0000-00000000000a","tier":"Hot"}`, ""},
		"whole":         {`{` + id + `,"accessTier":"Hot","properties":{}}`, ""},
		"group":         {`{"id":"/subscriptions/00000000-0000-0000-0000-00000000000a/resourceGroups/g","location":"x","more":1}`, ""},
		"nulls_besides": {`{` + id + `,"location":"x","accessTier":null}`, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := decodeText(t, test.line)
			told := strings.Join(f.Notices, "\n")
			if test.told == "" && told != "" || !strings.Contains(told, test.told) || test.told != "" && f.Resources[0].Whole {
				t.Errorf("told %q, want %q; whole %v", told, test.told, f.Resources[0].Whole)
			}
		})
	}
}
