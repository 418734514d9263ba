package inventory

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

const unitA = "/subscriptions/0a1b2c3d-0000-4000-8000-00000000000a"

func TestDecodeResources(t *testing.T) {
	const vault = unitA + "/resourceGroups/rg-web/providers/Microsoft.KeyVault/vaults/kv-contoso"
	arm := thing{ID: vault, Type: "Microsoft.KeyVault/vaults", Name: "kv-contoso", Cloud: "azure", Unit: unitA, Group: unitA + "/resourceGroups/rg-web", Line: 1}
	with := func(t thing, change func(*thing)) thing { change(&t); return t }
	tests := map[string]struct {
		in   string
		want thing
	}{
		"arm": {
			`{"id":"` + vault + `","name":"kv-contoso","type":"Microsoft.KeyVault/vaults","location":"westeurope","properties":{"enablePurgeProtection":true}}`,
			with(arm, func(r *thing) {
				r.Location, r.Whole = "westeurope", true
				r.Body = `{"id":"` + vault + `","name":"kv-contoso","type":"Microsoft.KeyVault/vaults","location":"westeurope","properties":{"enablePurgeProtection":true}}`
			}),
		},
		"arm_without_properties": {
			`{"id":"` + vault + `","type":"Microsoft.KeyVault/vaults","location":"westeurope","properties":null}`,
			with(arm, func(r *thing) {
				r.Location = "westeurope"
				r.Body = `{"id":"` + vault + `","type":"Microsoft.KeyVault/vaults","location":"westeurope","properties":null}`
			}),
		},
		"arm_without_type": {
			`{"id":"` + vault + `","properties":{}}`,
			with(arm, func(r *thing) {
				r.Whole = true
				r.Body = `{"id":"` + vault + `","properties":{},"type":"Microsoft.KeyVault/vaults","name":"kv-contoso"}`
			}),
		},
		"graph_row": {
			`{"id":"` + vault + `","type":"microsoft.keyvault/vaults","kind":"","managedBy":"","resourceGroup":"rg-web","subscriptionId":"x","properties":{}}`,
			with(arm, func(r *thing) {
				r.Type, r.Whole = "microsoft.keyvault/vaults", true
				r.Body = `{"id":"` + vault + `","type":"microsoft.keyvault/vaults","resourceGroup":"rg-web","subscriptionId":"x","properties":{}}`
			}),
		},
		"graph_table": {
			`{"data":{"columns":[{"name":"id"},{"name":"location"}],"rows":[["` + vault + `","westeurope"]]}}`,
			with(arm, func(r *thing) {
				r.Location = "westeurope"
				r.Body = `{"id":"` + vault + `","location":"westeurope","type":"Microsoft.KeyVault/vaults","name":"kv-contoso"}`
			}),
		},
		"graph_table_backwards": {
			`{"data":{"rows":[["` + vault + `","westeurope"]],"columns":[{"name":"id"},{"name":"location"}]}}`,
			with(arm, func(r *thing) {
				r.Location = "westeurope"
				r.Body = `{"id":"` + vault + `","location":"westeurope","type":"Microsoft.KeyVault/vaults","name":"kv-contoso"}`
			}),
		},
		"resource_group_has_one_type": {
			`{"id":"/SUBSCRIPTIONS/0A1B2C3D-0000-4000-8000-00000000000A/RESOURCEGROUPS/rg","name":"rg","type":"Microsoft.Resources/resourceGroups","location":"x"}`,
			thing{
				ID:   "/SUBSCRIPTIONS/0A1B2C3D-0000-4000-8000-00000000000A/RESOURCEGROUPS/rg",
				Type: groupType, Name: "rg", Cloud: "azure", Unit: unitA, Group: unitA + "/resourceGroups/rg", Location: "x", Whole: true, Line: 1,
				Body: `{"id":"/SUBSCRIPTIONS/0A1B2C3D-0000-4000-8000-00000000000A/RESOURCEGROUPS/rg","name":"rg","type":"Microsoft.Resources/subscriptions/resourceGroups","location":"x"}`,
			},
		},
		"above_units": {
			`{"id":"/providers/Microsoft.Authorization/policyDefinitions/p","properties":{"mode":"All"}}`,
			thing{
				ID: "/providers/Microsoft.Authorization/policyDefinitions/p", Type: "Microsoft.Authorization/policyDefinitions", Name: "p",
				Cloud: "azure", Whole: true, Line: 1,
				Body: `{"id":"/providers/Microsoft.Authorization/policyDefinitions/p","properties":{"mode":"All"},"type":"Microsoft.Authorization/policyDefinitions","name":"p"}`,
			},
		},
		"cloudformation": {
			`{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::contoso-logs","account":"111122223333","region":"eu-west-1","properties":{"BucketName":"contoso-logs","Tags":[{"Key":"owner","Value":"ops"}]}}`,
			thing{
				ID: "arn:aws:s3:::contoso-logs", Type: "AWS::S3::Bucket", Name: "contoso-logs", Cloud: "aws", Unit: "111122223333",
				Location: "eu-west-1", Whole: true, Line: 1,
				Body: `{"id":"arn:aws:s3:::contoso-logs","type":"AWS::S3::Bucket","name":"contoso-logs","location":"eu-west-1","tags":{"owner":"ops"},"properties":{"BucketName":"contoso-logs","Tags":[{"Key":"owner","Value":"ops"}]}}`,
			},
		},
		"cloudformation_id_only_is_not_whole": {
			`{"type":"AWS::SQS::Queue","id":"arn:aws:sqs:eu-west-1:111122223333:jobs","properties":{"QueueName":"jobs"}}`,
			thing{
				ID: "arn:aws:sqs:eu-west-1:111122223333:jobs", Type: "AWS::SQS::Queue", Name: "jobs", Cloud: "aws", Unit: "111122223333",
				Location: "eu-west-1", Line: 1,
				Body: `{"id":"arn:aws:sqs:eu-west-1:111122223333:jobs","type":"AWS::SQS::Queue","name":"jobs","location":"eu-west-1","tags":{},"properties":{"QueueName":"jobs"}}`,
			},
		},
		"cloud_control": {
			`{"TypeName":"AWS::SQS::Queue","ResourceDescription":{"Identifier":"jobs","Properties":"{\"Arn\":\"arn:aws:sqs:eu-west-1:111122223333:jobs\",\"DelaySeconds\":0}"}}`,
			thing{
				ID: "jobs", Type: "AWS::SQS::Queue", Name: "jobs", Cloud: "aws", Unit: "111122223333", Location: "eu-west-1", Whole: true, Line: 1,
				Body: `{"id":"jobs","type":"AWS::SQS::Queue","name":"jobs","location":"eu-west-1","tags":{},"properties":{"Arn":"arn:aws:sqs:eu-west-1:111122223333:jobs","DelaySeconds":0}}`,
			},
		},
		"cloud_control_list_with_type_behind": {
			`{"ResourceDescriptions":[{"Identifier":"jobs","Properties":"{\"DelaySeconds\":0}"}],"TypeName":"AWS::SQS::Queue"}`,
			thing{
				ID: "jobs", Type: "AWS::SQS::Queue", Name: "jobs", Cloud: "aws", Whole: true, Line: 1,
				Body: `{"id":"jobs","type":"AWS::SQS::Queue","name":"jobs","tags":{},"properties":{"DelaySeconds":0}}`,
			},
		},
		"asset": {
			`{"name":"//compute.googleapis.com/projects/contoso-web/zones/europe-west1-b/instances/vm1","assetType":"compute.googleapis.com/Instance","resource":{"version":"v1","parent":"//cloudresourcemanager.googleapis.com/projects/42","data":{"labels":{"env":"prod"},"zone":"https://x/zones/europe-west1-b"}},"iamPolicy":{"bindings":[]},"ancestors":["projects/42","folders/7","organizations/9"]}`,
			thing{
				ID:   "//compute.googleapis.com/projects/contoso-web/zones/europe-west1-b/instances/vm1",
				Type: "compute.googleapis.com/Instance", Name: "vm1", Cloud: "gcp", Unit: "projects/contoso-web", Location: "europe-west1-b",
				Whole: true, Unread: []string{"orgPolicy", "accessPolicy"}, Line: 1,
				Body: `{"id":"//compute.googleapis.com/projects/contoso-web/zones/europe-west1-b/instances/vm1","type":"compute.googleapis.com/Instance","name":"vm1","location":"europe-west1-b","tags":{"env":"prod"},"properties":{"labels":{"env":"prod"},"zone":"https://x/zones/europe-west1-b"},"iamPolicy":{"bindings":[]},"ancestors":["projects/42","folders/7","organizations/9"]}`,
			},
		},
		"asset_in_snake_case": {
			`{"name":"//storage.googleapis.com/contoso-logs","asset_type":"storage.googleapis.com/Bucket","resource":{"data":{"projectNumber":"42","location":"EU"}}}`,
			thing{
				ID: "//storage.googleapis.com/contoso-logs", Type: "storage.googleapis.com/Bucket", Name: "contoso-logs", Cloud: "gcp",
				Unit: "projects/42", Location: "EU", Whole: true, Unread: []string{"iamPolicy", "orgPolicy", "accessPolicy"}, Line: 1,
				Body: `{"id":"//storage.googleapis.com/contoso-logs","type":"storage.googleapis.com/Bucket","name":"contoso-logs","location":"EU","tags":{},"properties":{"projectNumber":"42","location":"EU"}}`,
			},
		},
		"policies_in_snake_case": {
			`{"name":"//cloudresourcemanager.googleapis.com/projects/42","asset_type":"cloudresourcemanager.googleapis.com/Project","iam_policy":{"etag":"e","audit_configs":[{"service":"allServices","audit_log_configs":[{"log_type":1,"exempted_members":["user:a@b.c"]},{"log_type":"DATA_READ"},{"log_type":3},{"log_type":9}]}],"bindings":[{"role":"r","condition":{"title":"a_b"}}]},"org_policy":[{"list_policy":{"all_values":2,"allowed_values":["x_y"],"inherit_from_parent":true}},{"boolean_policy":{"enforced":true},"booleanPolicy":{"enforced":true}}]}`,
			thing{
				ID: "//cloudresourcemanager.googleapis.com/projects/42", Type: "cloudresourcemanager.googleapis.com/Project", Name: "42", Cloud: "gcp",
				Unit: "projects/42", PolicyOnly: true, Unread: []string{"accessPolicy"}, Line: 1,
				Body: `{"id":"//cloudresourcemanager.googleapis.com/projects/42","type":"cloudresourcemanager.googleapis.com/Project","name":"42","tags":{},"iamPolicy":{"etag":"e","bindings":[{"role":"r","condition":{"title":"a_b"}}],"auditConfigs":[{"service":"allServices","auditLogConfigs":[{"logType":"ADMIN_READ","exemptedMembers":["user:a@b.c"]},{"logType":"DATA_READ"},{"logType":"DATA_READ"},{"logType":9}]}]},"orgPolicy":[{"listPolicy":{"allValues":"DENY","allowedValues":["x_y"],"inheritFromParent":true}},{"boolean_policy":{"enforced":true},"booleanPolicy":{"enforced":true}}]}`,
			},
		},
		"dataset_with_its_access": {
			`{"name":"//bigquery.googleapis.com/projects/p/datasets/d","assetType":"bigquery.googleapis.com/Dataset","data":{"access":[]}}`,
			thing{
				ID: "//bigquery.googleapis.com/projects/p/datasets/d", Type: "bigquery.googleapis.com/Dataset", Name: "d", Cloud: "gcp",
				Unit: "projects/p", Whole: true, Unread: []string{"orgPolicy", "accessPolicy"}, Line: 1,
				Body: `{"id":"//bigquery.googleapis.com/projects/p/datasets/d","type":"bigquery.googleapis.com/Dataset","name":"d","tags":{},"properties":{"access":[]}}`,
			},
		},
		"dataset_without_access": {
			`{"name":"//bigquery.googleapis.com/projects/p/datasets/d","assetType":"bigquery.googleapis.com/Dataset","data":{"access":null}}`,
			thing{
				ID: "//bigquery.googleapis.com/projects/p/datasets/d", Type: "bigquery.googleapis.com/Dataset", Name: "d", Cloud: "gcp",
				Unit: "projects/p", Whole: true, Unread: []string{"iamPolicy", "orgPolicy", "accessPolicy"}, Line: 1,
				Body: `{"id":"//bigquery.googleapis.com/projects/p/datasets/d","type":"bigquery.googleapis.com/Dataset","name":"d","tags":{},"properties":{"access":null}}`,
			},
		},
		"asset_search": {
			`{"results":[{"name":"//storage.googleapis.com/contoso-logs","assetType":"storage.googleapis.com/Bucket","project":"projects/42","location":"eu","labels":{"a":"b"}}]}`,
			thing{
				ID: "//storage.googleapis.com/contoso-logs", Type: "storage.googleapis.com/Bucket", Name: "contoso-logs", Cloud: "gcp",
				Unit: "projects/42", Location: "eu", Unread: []string{"iamPolicy", "orgPolicy", "accessPolicy"}, Line: 1,
				Body: `{"id":"//storage.googleapis.com/contoso-logs","type":"storage.googleapis.com/Bucket","name":"contoso-logs","location":"eu","tags":{"a":"b"}}`,
			},
		},
		"policy_of_an_asset": {
			`{"name":"//storage.googleapis.com/contoso-logs","assetType":"storage.googleapis.com/Bucket","iamPolicy":{"bindings":[]}}`,
			thing{
				ID: "//storage.googleapis.com/contoso-logs", Type: "storage.googleapis.com/Bucket", Name: "contoso-logs", Cloud: "gcp",
				PolicyOnly: true, Unread: []string{"orgPolicy", "accessPolicy"}, Line: 1,
				Body: `{"id":"//storage.googleapis.com/contoso-logs","type":"storage.googleapis.com/Bucket","name":"contoso-logs","tags":{},"iamPolicy":{"bindings":[]}}`,
			},
		},
		"machine": {
			`{"type":"machine","id":"srv-17","group":"plant-a","properties":{"os":{"family":"linux"}}}`,
			thing{
				ID: "srv-17", Type: "machine", Name: "srv-17", Cloud: "machine", Unit: "machines/plant-a", Whole: true, Line: 1,
				Body: `{"type":"machine","id":"srv-17","group":"plant-a","properties":{"os":{"family":"linux"}},"name":"srv-17","tags":{}}`,
			},
		},
		"machine_without_group": {
			`{"type":"machine","id":"srv-17","tags":{},"properties":{}}`,
			thing{
				ID: "srv-17", Type: "machine", Name: "srv-17", Cloud: "machine", Unit: "machines/machines", Line: 1,
				Body: `{"type":"machine","id":"srv-17","tags":{},"properties":{},"name":"srv-17"}`,
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := decodeText(t, test.in)
			if diff := cmp.Diff([]thing{test.want}, f.Resources); diff != "" || f.Problems != nil {
				t.Errorf("(-want +got)\n%s\nproblems %q", diff, f.Problems)
			}
		})
	}
}

func TestDecodeProblems(t *testing.T) {
	good := `{"id":"` + unitA + `/resourceGroups/g","location":"x"}`
	tests := map[string]struct{ in, want string }{
		"broken":                 {`{"id":}`, `in.json:2: not JSON: invalid character '}' looking for beginning of value at byte 7`},
		"number":                 {`17`, `in.json:2: found number, want an object`},
		"string":                 {`"x"`, `in.json:2: found string, want an object`},
		"nul_in_a_string":        {"{\"id\":\"a\x00b\"}", `in.json:2: not JSON: invalid character '\x00' in string literal at byte 9`},
		"not_utf8":               {"{\"id\":\"a\xffb\"}", `in.json:2: not UTF-8`},
		"broken_escape":          {`{"id":"a\x41"}`, `in.json:2: not JSON: invalid character 'x' in string escape code at byte 10`},
		"key_twice":              {`{"id":"/subscriptions/a/b","id":"x"}`, `in.json:2: key "id" occurs twice`},
		"value_and_more":         {`{"id":"a"}"b"`, `in.json:2: not JSON: invalid character '"' after top-level value at byte 11`},
		"values_broken":          {`{"id":"a"}{"id":"b"`, `in.json:2: not JSON: invalid character '{' after top-level value at byte 11`},
		"unknown":                {`{"colour":"red","size":2}`, `in.json:2: not a shape that is known: an object with "colour", "size"`},
		"nothing":                {`{}`, `in.json:2: not a shape that is known: an object without keys`},
		"aws_properties_as_text": {`{"type":"AWS::S3::Bucket","id":"b","account":"111122223333","region":"eu-west-1","properties":"{}"}`, `in.json:2: properties of "b" is a string, want an object`},
		"id_only":                {`{"id":"/subscriptions/a/resourceGroups/b/providers/C/d/e","type":"C/d"}`, `in.json:2: resource "/subscriptions/a/resourceGroups/b/providers/C/d/e" has an id only, none of location, tags, sku, kind, identity, properties`},
		"no_type":                {`{"id":"/subscriptions/a/b/c","location":"x"}`, `in.json:2: id "/subscriptions/a/b/c" implies no type, and there is no type`},
		"id_names_nothing": {
			`{"id":"/subscriptions/","location":"x"}`, `in.json:2: id "/subscriptions/" names nothing`,
		},
		"read_without_scope":   {`{"bartizan":"read","type":"*"}`, `in.json:2: read record: it is without scope or type`},
		"read_of_no_type":      {`{"bartizan":"read","scope":"s","type":"*x"}`, `in.json:2: read record: type "*x" is no resource type, want one such as Microsoft.Storage/storageAccounts, or *`},
		"other_record":         {`{"bartizan":"write"}`, `in.json:2: bartizan record "write", want "read" or "resource"`},
		"time":                 {`{"bartizan":"read","scope":"s","type":"*","startedAt":"now"}`, `in.json:2: read record: startedAt "now", want a time as 2026-01-31T10:00:00Z`},
		"asset_name":           {`{"name":"x","assetType":"y","data":{}}`, `in.json:2: asset "x", want a name as //compute.googleapis.com/projects/…`},
		"item_without_type":    {`{"resourceType":"","resourceId":"x"}`, `in.json:2: not a shape that is known: resourceType "" is none of AWS Config's, want one such as AWS::S3::Bucket`},
		"type_a_number":        {`{"id":"` + unitA + `/resourceGroups/g/providers/A/b/c","type":7,"properties":{}}`, `in.json:2: type is a number, want a string`},
		"type_an_object":       {`{"id":"` + unitA + `","type":{}}`, `in.json:2: type is an object, want a string`},
		"two_spellings":        {`{"id":"` + unitA + `/resourceGroups/g/providers/A/b/c","properties":{},"Properties":{}}`, `in.json:2: key "properties" occurs twice, as "Properties" too`},
		"two_spellings_before": {`{"Type":"A/b","id":"` + unitA + `/resourceGroups/g/providers/A/b/c","type":"A/b","properties":{}}`, `in.json:2: key "type" occurs twice, as "Type" too`},
		"two_odd_spellings":    {`{"id":"` + unitA + `/resourceGroups/g/providers/A/b/c","TAGS":{},"Tags":{},"properties":{}}`, `in.json:2: key "TAGS" occurs twice, as "Tags" too`},
		"long_id":              {`{"id":"` + unitA + `/resourceGroups/g/providers/A/b/` + strings.Repeat("q", 3000) + `","type":"A/b","properties":{}}`, `in.json:2: resource with the name "` + unitA + `/resource"…: 3083 bytes, want at most 2000`},
		"nul_in_an_id":         {`{"type":"machine","id":"srv\u0000","group":"g","properties":{"kernel":"x"}}`, `in.json:2: resource with the name "srv\x00": want text without NUL`},
		"nul_in_a_group":       {`{"type":"machine","id":"srv","group":"g\u0000","properties":{"kernel":"x"}}`, `in.json:2: resource with the name "machines/g\x00": want text without NUL`},
		"nul_in_a_type":        {`{"id":"` + unitA + `/resourceGroups/g/providers/A/b/c","type":"A/\u0000","properties":{}}`, `in.json:2: resource with the name "A/\x00": want text without NUL`},
		"nul_in_a_scope":       {`{"id":"/providers/Microsoft.Management/managementGroups/m\u0000x","parent":"/","kind":"folder","name":"m"}`, `in.json:2: scope "/providers/Microsoft.Management/managementGroups/m\x00x": want text without NUL`},
		"nul_in_a_read":        {`{"bartizan":"read","scope":"s\u0000","type":"*"}`, `in.json:2: read record of "s\x00": want text without NUL`},
		"machine_without_id":   {`{"type":"machine"}`, `in.json:2: machine without id`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := decodeText(t, good+"\n"+test.in+"\n"+good+"\n")
			if diff := cmp.Diff([]string{test.want}, f.Problems); diff != "" {
				t.Errorf("problems (-want +got)\n%s", diff)
			}
			if len(f.Resources) != 2 || f.seen.Rejected != 1 {
				t.Errorf("%d resources, %d rejected; want 2 and 1", len(f.Resources), f.seen.Rejected)
			}
		})
	}
}

// A resource whose properties are no object is told, and was not read whole.
func TestDecodeOddProperties(t *testing.T) {
	group := unitA + "/resourceGroups/g"
	account := group + "/providers/Microsoft.Storage/storageAccounts/a"
	tests := map[string]struct{ id, properties, is string }{
		"text":           {account, `"{}"`, "a string"},
		"number":         {account, `5`, "a number"},
		"array":          {account, `[]`, "an array"},
		"resource_group": {group, `"{}"`, "a string"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := decodeText(t, `{"id":"`+test.id+`","location":"x","properties":`+test.properties+`}`)
			want := []string{`in.json:1: properties of "` + test.id + `" is ` + test.is + `, want an object; they count as not read`}
			if diff := cmp.Diff(want, f.Problems); diff != "" || f.seen.Rejected != 1 {
				t.Errorf("%d rejected, problems (-want +got)\n%s", f.seen.Rejected, diff)
			}
			if len(f.Resources) != 1 || f.Resources[0].Whole {
				t.Errorf("resources %+v, want one that was not read whole", f.Resources)
			}
		})
	}
}

// Objects behind one another on a line are records each, as they are where a
// file begins so.
func TestDecodeSeveralOnALine(t *testing.T) {
	object := func(name string) string {
		return `{"id":"` + unitA + `/resourceGroups/g/providers/A/b/` + name + `","properties":{"s":"}{\"{"}}`
	}
	tests := map[string]struct {
		line     string
		ids      []string
		problems []string
	}{
		"two":             {object("x") + object("y"), []string{"a", "x", "y", "z"}, nil},
		"three_apart":     {object("w") + " " + object("x") + "\t, " + object("y") + "\r", []string{"a", "w", "x", "y", "z"}, nil},
		"trailing_comma":  {object("x") + ",", []string{"a", "x", "z"}, nil},
		"one_that_is_bad": {object("x") + `{"id":7}`, []string{"a", "x", "z"}, []string{"in.json:2: id is a number, want a string"}},
		"one_that_is_not": {object("x") + `{"id":}`, []string{"a", "x", "z"}, []string{"in.json:2: not JSON: invalid character '}' looking for beginning of value at byte 7"}},
		"list_behind":     {object("x") + `{"value":[` + object("y") + `]}`, []string{"a", "x", "y", "z"}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := decodeText(t, object("a")+"\n"+test.line+"\n"+object("z"))
			var ids []string
			for _, r := range f.Resources {
				ids = append(ids, r.Name)
			}
			if diff := cmp.Diff(test.ids, ids); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(test.problems, f.Problems); diff != "" {
				t.Errorf("problems (-want +got)\n%s", diff)
			}
			if last := f.Resources[len(f.Resources)-1]; last.Line != 3 {
				t.Errorf("the last stands on line %d, want 3", last.Line)
			}
		})
	}
}

func TestDecodeDepth(t *testing.T) {
	deep := `{"id":"x","properties":`
	for range 400 {
		deep += "["
	}
	for range 400 {
		deep += "]"
	}
	f := decodeText(t, deep+"}")
	if diff := cmp.Diff([]string{"in.json:1: nested deeper than 300 levels"}, f.Problems); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeScopes(t *testing.T) {
	const tenant = "0a1b2c3d-0000-4000-8000-0000000000ff"
	mg := func(name string) string { return managementGroupPrefix + name }
	tests := map[string]struct {
		in   string
		want []posture.Scope
	}{
		"resource": {
			`{"id":"` + unitA + `/resourceGroups/g/providers/A/b/c","properties":{}}`,
			[]posture.Scope{
				{ID: unitA, Kind: posture.Unit, Cloud: posture.Azure},
				{ID: unitA + "/resourceGroups/g", Parent: unitA, Kind: posture.Group, Name: "g", Cloud: posture.Azure, Named: posture.NameDerived},
			},
		},
		"resource_container": {
			`{"id":"` + unitA + `","name":"Shop","type":"microsoft.resources/subscriptions","tenantId":"` + tenant + `","properties":{"managementGroupAncestorsChain":[{"displayName":"Web","name":"mg-web"},{"displayName":"Root","name":"` + tenant + `"}]}}`,
			[]posture.Scope{
				{ID: tenant, Kind: posture.Tenant, Cloud: posture.Azure},
				{ID: mg(tenant), Parent: tenant, Kind: posture.Folder, Name: "Root", Cloud: posture.Azure, Named: posture.NameDerived},
				{ID: mg("mg-web"), Parent: mg(tenant), Kind: posture.Folder, Name: "Web", Cloud: posture.Azure, Named: posture.NameDerived},
				{ID: unitA, Parent: mg("mg-web"), Kind: posture.Unit, Name: "Shop", Cloud: posture.Azure, Named: posture.NameRecorded},
				{ID: unitA, Kind: posture.Unit, Cloud: posture.Azure},
			},
		},
		"management_group": {
			`{"id":"` + mg("mg-web") + `","type":"Microsoft.Management/managementGroups","name":"mg-web","properties":{"tenantId":"` + tenant + `","displayName":"Web","details":{"parent":{"id":"` + mg("top") + `"}}}}`,
			[]posture.Scope{
				{ID: tenant, Kind: posture.Tenant, Cloud: posture.Azure},
				{ID: mg("mg-web"), Parent: mg("top"), Kind: posture.Folder, Name: "Web", Cloud: posture.Azure, Named: posture.NameRecorded},
			},
		},
		"az_account_list": {
			`[{"id":"0A1B2C3D-0000-4000-8000-00000000000a","name":"Shop","state":"Enabled","tenantId":"` + tenant + `"}]`,
			[]posture.Scope{
				{ID: tenant, Kind: posture.Tenant, Cloud: posture.Azure},
				{ID: unitA, Parent: tenant, Kind: posture.Unit, Name: "Shop", Cloud: posture.Azure, Named: posture.NameRecorded},
			},
		},
		"organizations": {
			`{"Accounts":[{"Id":"111122223333","Arn":"arn:aws:organizations::999988887777:account/o-abc/111122223333","Name":"shop"}]}`,
			[]posture.Scope{{ID: "111122223333", Parent: "o-abc", Kind: posture.Unit, Name: "shop", Cloud: posture.AWS, Named: posture.NameRecorded}},
		},
		"organizational_unit": {
			`{"type":"AWS::Organizations::OrganizationalUnit","id":"ou-1","account":"111122223333","properties":{"Id":"ou-1","Name":"prod","ParentId":"r-1"}}`,
			[]posture.Scope{
				{ID: "111122223333", Kind: posture.Unit, Cloud: posture.AWS},
				{ID: "ou-1", Parent: "r-1", Kind: posture.Folder, Name: "prod", Cloud: posture.AWS, Named: posture.NameRecorded},
			},
		},
		"project": {
			`{"name":"//cloudresourcemanager.googleapis.com/projects/42","assetType":"cloudresourcemanager.googleapis.com/Project","resource":{"parent":"//cloudresourcemanager.googleapis.com/folders/7","data":{"projectId":"contoso-web","name":"Web","projectNumber":"42"}}}`,
			[]posture.Scope{
				{ID: "projects/contoso-web", Parent: "folders/7", Kind: posture.Unit, Name: "Web", Cloud: posture.GCP, Named: posture.NameRecorded},
				{ID: "projects/contoso-web", Kind: posture.Unit, Cloud: posture.GCP},
				{ID: "projects/42", Parent: "projects/contoso-web", Kind: posture.Unit, Cloud: posture.GCP},
			},
		},
		"ancestors": {
			`{"name":"//pubsub.googleapis.com/projects/contoso-web/topics/t","assetType":"pubsub.googleapis.com/Topic","resource":{"data":{}},"ancestors":["projects/42","folders/7","organizations/9"]}`,
			[]posture.Scope{
				{ID: "folders/7", Parent: "organizations/9", Kind: posture.Folder, Cloud: posture.GCP},
				{ID: "organizations/9", Kind: posture.Tenant, Cloud: posture.GCP},
				{ID: "projects/contoso-web", Parent: "folders/7", Kind: posture.Unit, Cloud: posture.GCP},
				{ID: "projects/42", Parent: "projects/contoso-web", Kind: posture.Unit, Cloud: posture.GCP},
			},
		},
		"hierarchy_line": {
			`{"id":"` + unitA + `","parent":"` + mg("top") + `","kind":"subscription","name":"Shop"}`,
			[]posture.Scope{{ID: unitA, Parent: mg("top"), Kind: posture.Unit, Name: "Shop", Cloud: posture.Azure}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := decodeText(t, test.in)
			if diff := cmp.Diff(test.want, f.Scopes); diff != "" || f.Problems != nil {
				t.Errorf("(-want +got)\n%s\nproblems %q", diff, f.Problems)
			}
		})
	}
}

func TestDecodeRead(t *testing.T) {
	f := decodeText(t, `{"bartizan":"read","scope":"111122223333","type":"AWS::S3::Bucket","complete":true,"startedAt":"2026-01-31T10:00:00Z","denied":[{"id":"b","path":"properties.Policy","action":"s3:GetBucketPolicy"}],"throttled":[{"type":"AWS::S3::X"}],"error":[{"action":"a"}]}`)
	if len(f.Reads) != 1 || f.Problems != nil {
		t.Fatalf("%+v", f)
	}
	r := f.Reads[0]
	if r.StartedAt.Year() != 2026 || !r.Complete || r.Scope != "111122223333" || r.Type != "AWS::S3::Bucket" {
		t.Errorf("%+v", r)
	}
	want := []posture.Gap{
		{Reason: posture.Denied, ID: "b", Path: "properties.Policy", Action: "s3:GetBucketPolicy"},
		{Reason: posture.Throttled, Type: "AWS::S3::X"},
		{Reason: posture.Failed, Action: "a"},
	}
	if diff := cmp.Diff(want, r.Gaps); diff != "" {
		t.Error(diff)
	}
}

func TestSeenMerges(t *testing.T) {
	a := decodeText(t, `{"type":"machine","id":"a","properties":{"x":1}}`).seen
	b := decodeText(t, `[{"type":"machine","id":"a","properties":{"x":1}},{"bartizan":"read","scope":"s","type":"*"},{}]`).seen
	a.Merge(&b)
	if a.Format != "machines, JSON array; machines, JSON lines; read records, JSON array" {
		t.Errorf("format %q", a.Format)
	}
	if a.Records != 4 || a.Resources != 2 || a.Rejected != 1 || a.File != "in.json" {
		t.Errorf("%+v", a)
	}
}
