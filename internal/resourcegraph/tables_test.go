package resourcegraph_test

import (
	"compress/gzip"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/resourcegraph"
)

// documented are the tables that Resource Graph's reference lists.
var documented = []string{
	"advisorresources", "aksresources", "alertsmanagementresources", "appserviceresources", "authorizationresources", "awsresources",
	"azurebusinesscontinuityresources", "azuredevopsplatformresources", "batchresources", "capabilityresources", "chaosresources",
	"communitygalleryresources", "computeresources", "deploymentresources", "desktopvirtualizationresources", "dnsresources",
	"edgeorderresources", "elasticsanresources", "extendedlocationresources", "extensibilityresourcechanges", "featureresources",
	"guestconfigurationresources", "healthresourcechanges", "healthresources", "impactreportresources", "insightresources",
	"iotsecurityresources", "kubernetesconfigurationresources", "kustoresources", "maintenanceresourcechanges", "maintenanceresources",
	"managedserviceresources", "mirgateresources", "networkresourcechanges", "networkresources", "orbitalresources",
	"patchassessmentresources", "patchinstallationresources", "policyresources", "quotaresourcechanges", "recoveryservicesresources",
	"resourcechanges", "resourcecontainerchanges", "resourcecontainers", "resources", "securityresources", "servicefabricresources",
	"servicehealthresources", "sportresources", "tagresources",
	// So the page of the query language spells them, or has them besides.
	"insightsresources", "managedservicesresources", "migrateresources", "spotresources", "supportresources", "tagsresources", "workloadmonitorresources",
}

func TestDocumentedTables(t *testing.T) {
	e := resourcegraph.New(lines(t))
	for _, name := range documented {
		if !slices.Contains(e.Names(), name) {
			t.Errorf("%s is not there", name)
		}
		if resourcegraph.About(name) == "" {
			t.Errorf("%s: nothing says what it holds", name)
		}
		ask(t, e, name+" | where type =~ 'x' | project id, properties.a")
	}
}

func TestTypesStandInTheirTables(t *testing.T) {
	record := func(typ string) string {
		return `{"id":"/subscriptions/00000000-0000-0000-0000-00000000000a/resourceGroups/G/providers/` + typ + `/n","name":"n","type":"` + typ + `","location":"West Europe","properties":{}}`
	}
	e := resourcegraph.New(lines(t,
		record("Microsoft.Storage/storageAccounts"), record("Microsoft.Advisor/recommendations"), record("Microsoft.Web/sites/config"),
		record("Microsoft.Network/privateDnsZones"), record("Microsoft.Network/privateDnsZones/A"), record("Microsoft.RecoveryServices/vaults"),
		record("Microsoft.RecoveryServices/vaults/backupPolicies"), record("Microsoft.Security/securityContacts"), record("Microsoft.Security/pricings"),
		record("Microsoft.Authorization/roleAssignments"), record("Microsoft.Authorization/locks"),
	))
	tests := map[string][]string{
		"Resources":                 {"microsoft.authorization/locks", "microsoft.network/privatednszones", "microsoft.recoveryservices/vaults", "microsoft.security/securitycontacts", "microsoft.storage/storageaccounts"},
		"ADVISORRESOURCES":          {"microsoft.advisor/recommendations"},
		"appserviceresources":       {"microsoft.web/sites/config"},
		"dnsresources":              {"microsoft.network/privatednszones/a"},
		"recoveryservicesresources": {"microsoft.recoveryservices/vaults", "microsoft.recoveryservices/vaults/backuppolicies"},
		"authorizationresources":    {"microsoft.authorization/roleassignments"},
		"resourcechanges":           nil,
	}
	for table, want := range tests {
		t.Run(table, func(t *testing.T) {
			var rows []string
			for _, typ := range want {
				rows = append(rows, `["`+typ+`","g","00000000-0000-0000-0000-00000000000a","westeurope"]`)
			}
			if diff := cmp.Diff(rows, ask(t, e, table+" | order by type asc | project type, resourceGroup, subscriptionId, location")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Each resource has one row: that of its newest record, else of the first that was
// wholly read. What shares an id alone is not one resource.
func TestOneRowAResource(t *testing.T) {
	aws := func(id, account, properties string) string {
		return `{"type":"AWS::EC2::Volume","id":"` + id + `","account":"` + account + `","region":"eu-west-1","properties":{` + properties + `}}`
	}
	item := func(time, status, size string) string {
		return `{"configurationItemCaptureTime":"` + time + `","configurationItemStatus":"` + status + `","awsAccountId":"1","resourceType":"AWS::EC2::Volume","resourceId":"v","ARN":"arn:v","configuration":{"size":` + size + `}}`
	}
	const first, second = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
	tests := map[string]struct {
		records []string
		want    []string // sizes
	}{
		"two_accounts": {[]string{aws("v", "1", `"Size":1`), aws("v", "2", `"Size":2`)}, []string{"[1]", "[2]"}},
		"duplicates":   {[]string{aws("v", "1", `"Size":1`), aws("v", "1", `"Size":2`)}, []string{"[1]"}},
		"whole_counts": {[]string{aws("v", "1", ``), aws("v", "1", `"Size":2`)}, []string{"[2]"}},
		"newest":       {[]string{item(first, "OK", "1"), item(second, "OK", "2")}, []string{"[2]"}},
		"newest_first": {[]string{item(second, "OK", "2"), item(first, "OK", "1")}, []string{"[2]"}},
		"gone":         {[]string{item(first, "OK", "1"), item(second, "ResourceDeleted", "0")}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := ask(t, resourcegraph.New(lines(t, test.records...)), "resources | project size=toint(properties.Size) | order by size asc")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestQuestions runs every question that comes with the program over the demo.
func TestQuestions(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	all, err := catalog.Questions()
	if err != nil {
		t.Fatal(err)
	}
	o, _ := demo(t)
	e := resourcegraph.New(o)
	// What a clean part of the demo has nothing of.
	silent := []string{"empty-resource-groups", "exempted-checks", "policy-compliance", "unused-resources"}
	for _, q := range all {
		rows := ask(t, e, q.Text)
		if len(rows) == 0 && !slices.Contains(silent, q.Name) {
			t.Errorf("%s: no rows", q.Name)
		}
	}
}

// groupless are the tables without resources that make a resource group full or count
// as a subscription's, each with the reason.
var groupless = map[string]string{
	"advisorresources":            "recommendations about resources",
	"alertsmanagementresources":   "alerts about resources",
	"authorizationresources":      "who may do what",
	"capabilityresources":         "what a subscription may use",
	"communitygalleryresources":   "what others share",
	"featureresources":            "what a subscription may use",
	"guestconfigurationresources": "assignments to machines",
	"healthresources":             "how resources are",
	"impactreportresources":       "reports about resources",
	"insightresources":            "insightsresources, spelt otherwise",
	"managedserviceresources":     "who may do what",
	"managedservicesresources":    "who may do what",
	"mirgateresources":            "migrateresources, spelt otherwise",
	"patchassessmentresources":    "what machines lack",
	"patchinstallationresources":  "what machines got",
	"policyresources":             "rules and what they found",
	"resourcecontainers":          "the groups themselves",
	"securityresources":           "findings; security connectors stand in resources too",
	"servicehealthresources":      "events of Azure",
	"sportresources":              "prices",
	"spotresources":               "prices",
	"supportresources":            "tickets of a subscription",
	"tagresources":                "names of tags",
	"tagsresources":               "names of tags",
}

// TestAllResources: the questions that look at all resources read every table that
// has some.
func TestAllResources(t *testing.T) {
	all, err := catalog.Questions()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, table := range resourcegraph.Tables() {
		if groupless[table] == "" && resourcegraph.About(table) != "empty" {
			want = append(want, table)
		}
	}
	comment, name := regexp.MustCompile(`(?m)^\s*//.*$`), regexp.MustCompile(`\b[a-z]*resources\b`)
	for _, question := range []string{"empty-resource-groups", "units-and-resources"} {
		at := slices.IndexFunc(all, func(q *catalog.Question) bool { return q.Name == question })
		if at < 0 {
			t.Fatalf("there is no question %s", question)
		}
		q := all[at]
		read := name.FindAllString(comment.ReplaceAllString(q.Text, ""), -1)
		slices.Sort(read)
		if diff := cmp.Diff(want, slices.Compact(read)); diff != "" {
			t.Errorf("%s does not read the tables of resources (-want +got):\n%s", q.Name, diff)
		}
		if diff := cmp.Diff(append([]string{"resourcecontainers"}, want...), q.Tables, cmpopts.SortSlices(strings.Compare)); diff != "" {
			t.Errorf("%s does not name the tables of resources (-want +got):\n%s", q.Name, diff)
		}
	}
}

// TestRecordedEstate asks every question of what Azure really answered.
func TestRecordedEstate(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	file, err := os.Open(shared(t, "estates/recorded-azure/resources.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	e := resourcegraph.New(assess.Options{Inputs: []assess.Input{new(readings).input("recorded", content)}, BuiltIn: builtIn(t), Now: now})
	all, err := catalog.Questions()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range all {
		ask(t, e, q.Text)
	}
	want := []string{`["microsoft.authorization/roleassignments"]`, `["microsoft.authorization/roledefinitions"]`}
	if diff := cmp.Diff(want, ask(t, e, "authorizationresources | distinct type | order by type asc")); diff != "" {
		t.Error(diff)
	}
	if rows := ask(t, e, "securityresources | where isnull(properties.bartizan) | summarize count() by type"); len(rows) == 0 {
		t.Error("nothing of what was recorded of Defender for Cloud")
	}
}

// The column unread names what was not read, by read records wherever they stand.
func TestUnread(t *testing.T) {
	group := `{"type":"AWS::EC2::SecurityGroup","id":"sg-9","account":"111122223333","region":"eu-west-1","properties":{"GroupId":"sg-9","GroupName":"g","VpcId":"vpc-1"}}`
	other := `{"type":"AWS::EC2::SecurityGroup","id":"sg-8","account":"111122223333","region":"eu-west-1","properties":{"GroupId":"sg-8","GroupName":"g","VpcId":"vpc-1"}}`
	listed := `{"id":"` + unitA + `/resourceGroups/a/providers/Microsoft.Cache/redis/r","name":"r","type":"Microsoft.Cache/redis","location":"westeurope"}`
	denied := `{"bartizan":"read","scope":"111122223333","type":"AWS::EC2::SecurityGroup","complete":true,"denied":[{"id":"sg-9","path":"properties.SecurityGroupIngress"}]}`
	odd := `{"type":"AWS::EC2::SecurityGroup","id":"sg-5","account":"111122223333","region":"eu-west-1","properties":{"GroupId":"sg-5","GroupName":"five","SecurityGroupIngress":"broken"}}`
	firewall := `{"name":"//compute.googleapis.com/projects/p/global/firewalls/fw","assetType":"compute.googleapis.com/Firewall","data":{"allowed":"x","sourceRanges":{"a":1}}}`
	bucket := `{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::odd","account":"111122223333","region":"eu-west-1","properties":{"BucketName":"odd","PublicAccessBlockConfiguration":[1]}}`
	user := `{"type":"AWS::IAM::AccessKey","id":"AKIA1","account":"111122223333","region":"us-east-1","properties":{"UserName":"u"}}`
	key := `{"type":"AWS::KMS::Key","id":"k1","account":"111122223333","region":"eu-west-1","properties":{"KeyId":"k1","KeyState":"Enabled","KeyPolicy":{},"EnableKeyRotation":true}}`
	plain := `{"bartizan":"read","scope":"111122223333","type":"AWS::KMS::Key","complete":true,"denied":[{"path":"EnableKeyRotation"}]}`
	project := `{"name":"//storage.googleapis.com/b","assetType":"storage.googleapis.com/Bucket","ancestors":["projects/42"],"resource":{"data":{"name":"b"}},"iamPolicy":{"bindings":[]}}`
	policies := `{"bartizan":"read","scope":"projects/42","type":"storage.googleapis.com/Bucket","complete":true,"denied":[{"path":"data.encryption"},{"path":"iamPolicy"}]}`
	document := `{"type":"AWS::SNS::TopicPolicy","id":"odd-topic","account":"111122223333","region":"eu-west-1","properties":{"PolicyDocument":{"Statement":"[]"}}}`
	e := resourcegraph.New(lines(t, group, other, listed, denied, odd, firewall, bucket, user, key, plain, project, policies, document))
	tests := map[string]struct {
		query string
		want  []string
	}{
		"by_a_record":     {`resources | where name == 'sg-9' | project unread[0]`, []string{`["properties.SecurityGroupIngress"]`}},
		"all_was_read":    {`resources | where name == 'sg-8' | project isnull(unread)`, []string{`[true]`}},
		"not_whole":       {`resources | where name == 'r' | project set_has_element(unread, 'properties')`, []string{`[true]`}},
		"filtered":        {`resources | where unread has 'SecurityGroupIngress' | project name`, []string{`["sg-9"]`, `["sg-5"]`}},
		"unasked":         {`resources | getschema | where ColumnName == 'unread' | count`, []string{`[0]`}},
		"odd_list":        {`resources | where name == 'sg-5' | project unread`, []string{`[["properties.SecurityGroupIngress"]]`}},
		"odd_lists":       {`resources | where name == 'fw' | project array_sort_asc(unread)`, []string{`[["properties.accessPolicy","properties.allowed","properties.iamPolicy","properties.orgPolicy","properties.sourceRanges"]]`}},
		"odd_object":      {`resources | where name == 'odd' | project unread has 'PublicAccessBlockConfiguration'`, []string{`[true]`}},
		"odd_document":    {`resources | where id has 'odd-topic' | project unread`, []string{`[["properties.PolicyDocument.Statement"]]`}},
		"always_returned": {`resources | where id == 'AKIA1' | project array_sort_asc(unread)`, []string{`[["properties.AccessKeyLastUsed","properties.CreateDate"]]`}},
		"one_form":        {`resources | where id == 'k1' | mv-expand unread | project tostring(unread)`, []string{`["properties.EnableKeyRotation"]`}},
		"one_form_google": {`resources | where id endswith '/b' | project array_sort_asc(unread)`, []string{`[["properties.accessPolicy","properties.encryption","properties.iamPolicy","properties.orgPolicy"]]`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, ask(t, e, test.query)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// unreadInTables has things of several tables of which something was not read.
var unreadInTables = []string{
	`{"id":"` + unitA + `","name":"a","type":"Microsoft.Resources/subscriptions","properties":{"state":"Enabled"}}`,
	`{"id":"` + unitA + `/resourceGroups/g","name":"g","type":"Microsoft.Resources/subscriptions/resourceGroups","location":"westeurope","properties":{},"tags":{"owner":"x"}}`,
	`{"id":"` + unitA + `/resourceGroups/g/providers/Microsoft.Web/sites/s/config/web","name":"web","type":"Microsoft.Web/sites/config","location":"westeurope","properties":{"minTlsVersion":"1.2"}}`,
	`{"id":"` + unitA + `/resourceGroups/h/providers/Microsoft.Web/sites/s/config/web","name":"web","type":"Microsoft.Web/sites/config","location":"westeurope","properties":{"minTlsVersion":"1.0"}}`,
	`{"id":"` + unitA + `/providers/Microsoft.Authorization/roleAssignments/r","name":"r","type":"Microsoft.Authorization/roleAssignments","properties":{"principalId":"p"}}`,
	`{"id":"` + unitA + `/providers/Microsoft.Security/pricings/p","name":"p","type":"Microsoft.Security/pricings","properties":{"pricingTier":"Standard"}}`,
	`{"bartizan":"read","scope":"` + unitA + `","type":"*","complete":true,"denied":[{"id":"` + unitA + `/resourceGroups/g/providers/Microsoft.Web/sites/s/config/web","path":"properties.minTlsVersion"},
		{"type":"Microsoft.Authorization/roleAssignments","path":"properties.roleDefinitionId"},{"type":"Microsoft.Security/pricings","path":"properties.extensions"},
		{"type":"Microsoft.Resources/subscriptions/resourceGroups","path":"tags"}]}`,
}

// Every table has the column, also of containers, which are read otherwise, and of
// checks, which have no body.
func TestUnreadInTables(t *testing.T) {
	records := slices.Clone(unreadInTables)
	for i := range records {
		records[i] = strings.ReplaceAll(records[i], "\n", "")
	}
	e := resourcegraph.New(lines(t, records...))
	tests := map[string]struct {
		query string
		want  []string
	}{
		"by_id":          {`appserviceresources | order by id asc | project tostring(unread)`, []string{`["[\"properties.minTlsVersion\"]"]`, `[""]`}},
		"filtered":       {`appserviceresources | where isnotnull(unread) | count`, []string{`[1]`}},
		"by_type":        {`authorizationresources | project name, unread`, []string{`["r",["properties.roleDefinitionId"]]`}},
		"containers":     {`resourcecontainers | order by id asc | project name, tags, unread`, []string{`["a",null,null]`, `["g",{"owner":"x"},["tags"]]`, `["h",null,["properties","tags","sku","identity"]]`}},
		"of_the_inputs":  {`securityresources | where type == 'microsoft.security/pricings' | project unread`, []string{`[["properties.extensions"]]`}},
		"computed":       {`securityresources | where type == 'microsoft.security/securescores' | project unread`, []string{`[null]`}},
		"empty":          {`resourcechanges | project unread`, nil},
		"joined":         {`appserviceresources | join kind=inner (resourcecontainers | where type endswith 'groups') on resourceGroup | order by resourceGroup asc | project isnull(unread), isnull(unread1)`, []string{`[false,false]`, `[true,false]`}},
		"unasked":        {`union appserviceresources, resourcecontainers | getschema | where ColumnName startswith 'un' | count`, []string{`[0]`}},
		"without_others": {`resourcecontainers | where name == 'g' | project unread`, []string{`[["tags"]]`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, ask(t, e, test.query)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The column aliases has values by the names that policies have for them.
func TestAliases(t *testing.T) {
	vm := `{"id":"` + unitA + `/resourceGroups/a/providers/Microsoft.Compute/virtualMachines/v","name":"v","type":"Microsoft.Compute/virtualMachines","properties":{"SecurityProfile":{"encryptionAtHost":true},"secret":"x"}}`
	vault := `{"id":"` + unitA + `/resourceGroups/a/providers/Microsoft.AppConfiguration/configurationStores/c","name":"c","type":"Microsoft.AppConfiguration/configurationStores","sku":{"name":"free"},"properties":{"privateEndpointConnections":[{"properties":{"privateLinkServiceConnectionState":{"status":"Approved"}}},{"properties":{"privateLinkServiceConnectionState":{"status":"Pending"}}}]}}`
	bucket := `{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::b","account":"111122223333","region":"eu-west-1","properties":{"BucketName":"b"}}`
	o := lines(t, vm, vault, bucket)
	o.Library = library(t, `{"namespace":"Microsoft.Compute","resourceTypes":[{"resourceType":"virtualMachines","aliases":[{"name":"Microsoft.Compute/virtualMachines/secret","defaultPath":"properties.secret","type":"Mask"},{"name":"Microsoft.Compute/virtualMachines/osDisk.name","defaultPath":"properties.storageProfile.osDisk.name"}]}]}`)
	e := resourcegraph.New(o)
	const host, status = "Microsoft.Compute/virtualMachines/securityProfile.encryptionAtHost", "Microsoft.AppConfiguration/configurationStores/privateEndpointConnections[*].privateLinkServiceConnectionState.status"
	tests := map[string]struct {
		query string
		want  []string
	}{
		"named":             {`resources | project aliases['` + host + `']`, []string{`[true]`, `[null]`, `[null]`}},
		"filtered":          {`resources | where aliases['` + host + `'] == true | project name`, []string{`["v"]`}},
		"of_an_array":       {`resources | where name == 'c' | project aliases['` + status + `'], aliases['Microsoft.AppConfiguration/configurationStores/sku.name']`, []string{`[["Approved","Pending"],"free"]`}},
		"of_catalog":        {`resources | where name == 'v' | project aliases['Microsoft.Compute/virtualMachines/osDisk.name'], array_length(bag_keys(aliases)) > 3`, []string{`[null,true]`}},
		"secret":            {`resources | where name == 'v' | project aliases['Microsoft.Compute/virtualMachines/secret'], aliases has '"x"'`, []string{`[null,false]`}},
		"all":               {`resources | where name == 'c' | project aliases['Microsoft.AppConfiguration/configurationStores/sku.name'], n = array_length(bag_keys(aliases))`, []string{`["free",3]`}},
		"other_clouds":      {`resources | where name == 'b' | project isnull(aliases)`, []string{`[true]`}},
		"unasked":           {`resources | getschema | where ColumnName == 'aliases' | count`, []string{`[0]`}},
		"of_no_other_table": {`resourcecontainers | project column_ifexists('aliases', 'none') | take 1`, []string{`["none"]`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, ask(t, e, test.query)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestProjectOfNumber: what stands in a Google project has the project's id, where the tree
// that comes with the inputs tells it, in conditions too.
func TestProjectOfNumber(t *testing.T) {
	bucket := func(name string) string {
		return `{"name":"//storage.googleapis.com/` + name + `","assetType":"storage.googleapis.com/Bucket","resource":{"data":{"name":"` + name + `"}},"ancestors":["projects/4` + name + `","organizations/1"]}`
	}
	o := lines(t, bucket("2"), bucket("3"))
	o.Hierarchy = []posture.Scope{
		{ID: "projects/shop", Parent: "organizations/1", Kind: posture.Unit, Cloud: posture.GCP},
		{ID: "projects/42", Parent: "projects/shop", Kind: posture.Unit, Cloud: posture.GCP},
	}
	e := resourcegraph.New(o)
	for query, want := range map[string][]string{
		"resources | project name, subscriptionId":                                                         {`["2","shop"]`, `["3","43"]`},
		"resources | where subscriptionId == 'shop' | project name, tags":                                  {`["2",{}]`},
		"resources | where subscriptionId == '42'":                                                         nil,
		"resourcecontainers | where type has 'project' | project subscriptionId | order by subscriptionId": {`["43"]`, `["shop"]`},
	} {
		rows := ask(t, e, query)
		if slices.Sort(rows); !slices.Equal(rows, want) {
			t.Errorf("%s: %q, want %q", query, rows, want)
		}
	}
}
