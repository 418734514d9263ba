package resourcegraph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/resourcegraph"
)

// TestNotRead: what read records say was not read is told of queries whose tables,
// types and units it is about, and of no other; what is read better elsewhere, or of
// which there is no record, is not.
func TestNotRead(t *testing.T) {
	const a, b, group = "/subscriptions/00000000-0000-0000-0000-00000000000a", "/subscriptions/00000000-0000-0000-0000-00000000000b", "/providers/Microsoft.Management/managementGroups/mg"
	const storage, roles = "Microsoft.Storage/storageAccounts", "Microsoft.Authorization/roleAssignments"
	site := `{"id":"` + a + `/resourceGroups/g/providers/Microsoft.Web/sites/s","name":"s","type":"Microsoft.Web/sites","properties":{}}`
	read := func(scope, typ, more string) string {
		return `{"bartizan":"read","scope":"` + scope + `","type":"` + typ + `",` + more + `}`
	}
	denied := func(gaps string) string { return `"complete":true,"denied":[` + gaps + `]` }
	byType := read(a, "*", denied(`{"type":"`+storage+`"},{"type":"`+roles+`"},{"type":"Microsoft.Web/sites/config"}`))
	const bucket, instance = "AWS::S3::Bucket", "AWS::EC2::Instance"
	gone := func(reason string, names ...string) string {
		var gaps []string
		for _, name := range names {
			gaps = append(gaps, `{"id":"`+a+`/resourceGroups/g/providers/`+storage+`/`+name+`"}`)
		}
		return `"complete":true,"` + reason + `":[` + strings.Join(gaps, ",") + `]`
	}
	const later = `,"startedAt":"2026-01-02T00:00:00Z"`
	tests := map[string]struct {
		records []string
		query   string
		want    []string
	}{
		"no_record":          {nil, "union resources, authorizationresources", nil},
		"its_table":          {[]string{byType}, "authorizationresources", []string{"authorizationresources microsoft.authorization/roleassignments " + a + " denied"}},
		"another_table":      {[]string{byType}, "resourcecontainers", nil},
		"its_type":           {[]string{byType}, "resources | where type =~ '" + storage + "'", []string{"resources microsoft.storage/storageaccounts " + a + " denied"}},
		"another_type":       {[]string{byType}, "resources | where type == 'microsoft.compute/disks'", nil},
		"beginning":          {[]string{byType}, "resources | where type startswith 'Microsoft.St'", []string{"resources microsoft.storage/storageaccounts " + a + " denied"}},
		"in_any_case":        {[]string{byType}, "resources | where type in~ ('Microsoft.Compute/disks', 'Microsoft.Web/sites')", nil},
		"word":               {[]string{byType}, "resources | where type has 'storageAccounts'", []string{"resources microsoft.storage/storageaccounts " + a + " denied"}},
		"another_word":       {[]string{byType}, "resources | where type has 'disks'", nil},
		"another_word_cs":    {[]string{byType}, "resources | where type has_cs 'disks' and type contains 'microsoft'", nil},
		"piece":              {[]string{byType}, "resources | where type contains 'STORAGE'", []string{"resources microsoft.storage/storageaccounts " + a + " denied"}},
		"another_piece":      {[]string{byType}, "resources | where type contains 'compute'", nil},
		"another_piece_cs":   {[]string{byType}, "resources | where type contains_cs 'compute'", nil},
		"another_beginning":  {[]string{byType}, "resources | where type startswith 'Microsoft.Co'", nil},
		"another_end":        {[]string{byType}, "resources | where type endswith '/disks'", nil},
		"end_of_others":      {[]string{byType}, "resources | where type endswith '/config'", nil},
		"not_that_piece":     {[]string{byType}, "resources | where not(type contains 'storage')", []string{"resources microsoft.storage/storageaccounts " + a + " denied"}},
		"one_of_two_pieces":  {[]string{byType}, "resources | where type contains 'compute' or name == 's'", []string{"resources microsoft.storage/storageaccounts " + a + " denied"}},
		"piece_of_every":     {[]string{read(a, "*", `"complete":false`)}, "resources | where type contains 'compute'", []string{"resources * " + a + " partial"}},
		"in_a_join":          {[]string{byType}, "resources | where type == 'microsoft.web/sites' | join kind=leftouter (appserviceresources | where type == 'microsoft.web/sites/config') on name", []string{"appserviceresources microsoft.web/sites/config " + a + " denied"}},
		"its_unit":           {[]string{byType}, "authorizationresources | where subscriptionId =~ '00000000-0000-0000-0000-00000000000A'", []string{"authorizationresources microsoft.authorization/roleassignments " + a + " denied"}},
		"another_unit":       {[]string{byType}, "authorizationresources | where subscriptionId == '00000000-0000-0000-0000-00000000000b'", nil},
		"checks":             {[]string{byType}, "securityresources | where type == 'microsoft.security/securescores'", []string{"securityresources microsoft.authorization/roleassignments " + a + " denied", "securityresources microsoft.storage/storageaccounts " + a + " denied", "securityresources microsoft.web/sites/config " + a + " denied"}},
		"documents":          {[]string{byType}, "policyresources", nil},
		"reasons":            {[]string{read(a, storage, `"complete":true,"throttled":[{}]`), read(b, storage, `"complete":true,"error":[{}]`)}, "resources", []string{"resources microsoft.storage/storageaccounts " + a + " throttled", "resources microsoft.storage/storageaccounts " + b + " error"}},
		"in_part":            {[]string{read(a, storage, `"complete":false`)}, "resources", []string{"resources microsoft.storage/storageaccounts " + a + " partial"}},
		"every_type":         {[]string{read(a, "*", `"complete":false`)}, "union resources, authorizationresources", []string{"authorizationresources,resources * " + a + " partial"}},
		"every_type_but":     {[]string{read(a, "*", `"complete":false`), read(a, storage, `"complete":true`)}, "resources | where type == 'microsoft.storage/storageaccounts'", nil},
		"other_clouds":       {[]string{read("111122223333", "*", `"complete":false`)}, "union dnsresources, (resources | where type startswith 'microsoft.')", nil},
		"of_a_body":          {[]string{read(a, storage, denied(`{"path":"properties.x"}`))}, "resources", nil},
		"of_one_there":       {[]string{read(a, "Microsoft.Web/sites", denied(`{"id":"`+a+`/resourcegroups/G/providers/microsoft.web/sites/S","path":"tags"}`)), read(a, bucket, denied(`{"id":"b"}`)), read(a, instance, denied(`{"id":"i-1"}`))}, "resources", nil},
		"one":                {[]string{read(a, storage, gone("throttled", "one"))}, "resources", []string{"resources microsoft.storage/storageaccounts " + a + " throttled 1 one"}},
		"one_of_every_type":  {[]string{read(a, "*", gone("denied", "one"))}, "resources | where type =~ '" + storage + "'", []string{"resources microsoft.storage/storageaccounts " + a + " denied 1 one"}},
		"several":            {[]string{read(a, storage, gone("throttled", "two", "one")), read(b, "Microsoft.Web/sites", `"complete":true,"error":[{"id":"`+b+`/resourceGroups/g/providers/Microsoft.Web/sites/s"}]`), read(a+"/resourceGroups/g", storage, gone("throttled", "three", "ONE"))}, "resources", []string{"resources microsoft.storage/storageaccounts " + a + " throttled 3 ONE three two", "resources microsoft.web/sites " + b + " error 1 s"}},
		"one_of_another":     {[]string{read(a, storage, gone("throttled", "one"))}, "union (resources | where type =~ 'microsoft.web/sites'), authorizationresources, (resources | where subscriptionId =~ '00000000-0000-0000-0000-00000000000b')", nil},
		"one_read_again":     {[]string{read(a, storage, gone("throttled", "one")), read(a, storage, `"complete":true`+later)}, "resources", nil},
		"one_and_all":        {[]string{read(a, storage, gone("denied", "one")), read(a, storage, denied(`{}`))}, "resources", []string{"resources microsoft.storage/storageaccounts " + a + " denied", "resources microsoft.storage/storageaccounts " + a + " denied 1 one"}},
		"one_to_be_judged":   {[]string{read(a, storage, gone("throttled", "one"))}, "securityresources | where type == 'microsoft.security/assessments'", []string{"securityresources microsoft.storage/storageaccounts " + a + " throttled 1 one"}},
		"one_elsewhere":      {[]string{read("111122223333", bucket, denied(`{"id":"c"}`)), read("111122223333", instance, denied(`{"id":"i-2"}`))}, "resources", []string{"resources aws::ec2::instance 111122223333 denied 1 i-2", "resources aws::s3::bucket 111122223333 denied 1 c"}},
		"many":               {[]string{read(a, storage, gone("denied", strings.Fields("a b c d e f g h i j k l")...))}, "resources", []string{"resources microsoft.storage/storageaccounts " + a + " denied 12 a b c d e f g h i j"}},
		"read_again":         {[]string{read(a, storage, denied(`{}`)), read(a, storage, `"complete":true`+later)}, "resources", nil},
		"denied_again":       {[]string{read(a, storage, `"complete":true`), read(a, storage, denied(`{}`)+later)}, "resources", []string{"resources microsoft.storage/storageaccounts " + a + " denied"}},
		"above":              {[]string{read(group, storage, denied(`{}`))}, "resources", []string{"resources microsoft.storage/storageaccounts " + group + " denied"}},
		"above_but_below":    {[]string{read(group, storage, denied(`{}`)), read(a, storage, `"complete":true`), read(b, "*", `"complete":true`), read(b, storage, `"complete":true`)}, "resources", nil},
		"above_and_below":    {[]string{read(group, storage, denied(`{}`)), read(a, storage, `"complete":true`)}, "resources", []string{"resources microsoft.storage/storageaccounts " + group + " denied"}},
		"roles_above":        {[]string{read(group, roles, denied(`{}`)), read(a, roles, `"complete":true`), read(b, roles, `"complete":true`)}, "authorizationresources", []string{"authorizationresources microsoft.authorization/roleassignments " + group + " denied"}},
		"a_resource_group":   {[]string{read(a+"/resourceGroups/g", storage, denied(`{}`)), read(a, "*", `"complete":true`)}, "resources", []string{"resources microsoft.storage/storageaccounts " + a + "/resourceGroups/g denied"}},
		"a_collection":       {[]string{read(a, "*", denied(`{"id":"`+a+`/resourceGroups/g/providers/Microsoft.Web/sites/s/config"}`))}, "appserviceresources", []string{"appserviceresources microsoft.web/sites/config " + a + "/resourceGroups/g/providers/Microsoft.Web/sites/s/config denied"}},
		"what_belongs_to_it": {[]string{read(a, "*", denied(`{"type":"Microsoft.Insights/diagnosticSettings","id":"`+a+`/resourceGroups/g/providers/Microsoft.Web/sites/s"}`))}, "resources", []string{"resources microsoft.insights/diagnosticsettings " + a + "/resourceGroups/g/providers/Microsoft.Web/sites/s denied"}},
		"groups":             {[]string{read(a, "Microsoft.Resources/resourceGroups", denied(`{}`))}, "resourcecontainers", []string{"resourcecontainers microsoft.resources/subscriptions/resourcegroups " + a + " denied"}},
		"cut_short":          {[]string{byType}, "resources | take 1", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := lines(t, append([]string{
				site, `{"type":"` + bucket + `","id":"b","account":"111122223333","region":"eu-west-1","properties":{"BucketName":"b"}}`,
				`{"type":"` + instance + `","id":"i-1","account":"111122223333","region":"eu-west-1","properties":{}}`,
			}, test.records...)...)
			for _, unit := range []string{a, b} {
				o.Hierarchy = append(o.Hierarchy, posture.Scope{ID: unit, Parent: group, Kind: posture.Unit, Cloud: posture.Azure})
			}
			e := resourcegraph.New(o)
			for range 2 { // the second time of what the first one learnt
				ask(t, e, test.query)
				if diff := cmp.Diff(test.want, notRead(t, e)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

func notRead(t *testing.T, e *resourcegraph.Estate) []string {
	t.Helper()
	all, err := e.NotRead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, n := range all {
		text := fmt.Sprint(strings.Join(n.Tables, ","), " ", n.Type, " ", n.Scope, " ", n.Reason)
		if n.Count > 0 {
			text += fmt.Sprintf(" %d", n.Count)
		}
		for _, id := range n.Resources {
			text += " " + id[strings.LastIndexByte(id, '/')+1:]
		}
		told = append(told, text)
	}
	return told
}
