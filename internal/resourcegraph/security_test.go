package resourcegraph_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/resourcegraph"
)

// Every check is a row, with its state in the published word and in ours.
func TestAssessments(t *testing.T) {
	o, _ := demo(t)
	got := ask(t, resourcegraph.New(o), `securityresources | where type == 'microsoft.security/assessments'
		| project name, tostring(properties.resourceDetails.Id), subscriptionId, tostring(properties.status.code), tostring(properties.bartizan.state), tostring(properties.bartizan.reason), array_length(properties.bartizan.evidence)`)
	o.Evidence = true
	_, checks, err := assess.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for c, err := range checks {
		if err != nil {
			t.Fatal(err)
		}
		code := map[posture.State]string{posture.Healthy: "Healthy", posture.Unhealthy: "Unhealthy"}[c.State]
		if code == "" {
			code = "NotApplicable"
		}
		resource := c.Resource
		if name := googleProjects[resource]; name != "" {
			resource = name // a manual control is on the record of the project
		}
		want = append(want, fmt.Sprintf(`["%s","%s","%s","%s","%s","%s",%d]`,
			c.Rule, resource, c.Unit[strings.LastIndexByte(c.Unit, '/')+1:], code, c.State, c.Reason, len(c.Evidence)))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-checks +rows):\n%.3000s", diff)
	}
}

var googleProjects = map[string]string{
	"projects/contoso-shop-prod":      "//cloudresourcemanager.googleapis.com/projects/481500001001",
	"projects/contoso-analytics-prod": "//cloudresourcemanager.googleapis.com/projects/481500001002",
	"projects/contoso-build":          "//cloudresourcemanager.googleapis.com/projects/481500001003",
}

// Assessments lead to the rows that they are about, and have the words that
// published queries group by.
func TestAssessmentsLeadToResources(t *testing.T) {
	o, _ := demo(t)
	e := resourcegraph.New(o)
	const checks = `securityresources | where type == 'microsoft.security/assessments' | extend d = properties.resourceDetails, m = properties.metadata | `
	const manual = checks + `where m.assessmentType == 'ManualBuiltIn' | `
	tests := map[string]struct {
		query string
		want  []string
	}{
		"ids": {checks + `where extract(@'^(.*)/providers/Microsoft.Security/assessments/[^/]*$', 1, id) != tostring(d.Id) or id !endswith strcat('/', name) | project id`, nil},
		"ids_are_resources": {checks + `where m.assessmentType != 'ManualBuiltIn' | extend id = tostring(d.Id) | join kind=leftanti (union resources, resourcecontainers, authorizationresources, policyresources, securityresources
			| project id) on id | where d.Source in ('Aws', 'Gcp') | distinct id`, nil},
		"manual_ids": {manual + `extend id = tostring(d.Id), type = tostring(d.ResourceType), unit = subscriptionId
			| join kind=leftouter (resourcecontainers | project id, type, subscriptionId) on id, type | where id1 != id or subscriptionId != unit or d.ResourceName != unit | project id`, nil},
		"manual_types": {manual + `distinct tostring(d.Source), tostring(d.ResourceType) | order by d_Source asc`, []string{
			`["Aws","aws::organizations::account"]`, `["Azure","microsoft.resources/subscriptions"]`,
			`["Gcp","cloudresourcemanager.googleapis.com/project"]`, `["OnPremise","machinegroup"]`,
		}},
		"words": {checks + `where m.severity !in ('Low', 'Medium', 'High', 'Critical') or array_length(m.categories) != 1 or isempty(m.categories[0]) or isnull(m.preview) | project id`, nil},
		"containers_stand_once": {`resources | where isempty(subscriptionId) or type has 'organizations' or type startswith 'cloudresourcemanager'
			| union (resources | join kind=inner (resourcecontainers | project id) on id) | project id`, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, ask(t, e, test.query)); diff != "" {
				t.Errorf("(-want +got):\n%.2000s", diff)
			}
		})
	}
}

// A manual control's assessment is on the row of the project, whatever is known of it.
func TestManualControlsOfProjects(t *testing.T) {
	const bucket = `{"name":"//storage.googleapis.com/b","assetType":"storage.googleapis.com/Bucket","ancestors":["projects/ANCESTOR"],"resource":{"data":{"name":"b"}}}`
	project := func(name string) string {
		return `{"name":"//cloudresourcemanager.googleapis.com/projects/` + name + `","assetType":"cloudresourcemanager.googleapis.com/Project","resource":{"data":{"projectId":"shop","projectNumber":"42"}}}`
	}
	tests := map[string]struct {
		records []string
		want    string
	}{
		"record_by_number":  {[]string{project("42")}, "projects/42"},
		"no_record":         {[]string{strings.Replace(bucket, "ANCESTOR", "shop", 1)}, "projects/shop"},
		"no_record_but_42":  {[]string{strings.Replace(bucket, "ANCESTOR", "42", 1)}, "projects/42"},
		"record_and_bucket": {[]string{strings.Replace(bucket, "ANCESTOR", "42", 1), project("42")}, "projects/42"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := ask(t, resourcegraph.New(lines(t, test.records...)), `securityresources | where properties.metadata.assessmentType == 'ManualBuiltIn'
				| distinct id = tostring(properties.resourceDetails.Id), subscriptionId
				| join kind=fullouter (resourcecontainers | project id, subscriptionId) on id, subscriptionId | project id, id1`)
			id := `"//cloudresourcemanager.googleapis.com/` + test.want + `"`
			if diff := cmp.Diff([]string{"[" + id + "," + id + "]"}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestScores(t *testing.T) {
	o, _ := demo(t)
	e := resourcegraph.New(o)
	result, _, err := assess.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	var want, controls []string
	for _, u := range result.Score.Units {
		share := math.RoundToEven(u.Percent*100) / 1e4
		want = append(want, fmt.Sprintf("%s %v %v %v %d", u.Scope, u.Max, u.Current, share, u.Weight))
		for _, c := range u.Controls {
			controls = append(controls, fmt.Sprintf("%s %v %v %d %d", c.Name, c.Max, c.Current, c.Healthy, c.Unhealthy))
		}
	}
	quoted := func(rows []string) (all []string) {
		for _, r := range rows {
			all = append(all, strings.Trim(r, `["]`))
		}
		return all
	}
	got := quoted(ask(t, e, `securityresources | where type == 'microsoft.security/securescores'
		| project strcat(extract('(.*)/providers/', 1, id), ' ', properties.score.max, ' ', tostring(todouble(properties.score.current)), ' ', tostring(todouble(properties.score.percentage)), ' ', properties.weight)`))
	for i := range got { // Kusto prints a real with its point
		got[i] = strings.ReplaceAll(got[i], ".0 ", " ")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("scores (-want +got):\n%s", diff)
	}
	got = quoted(ask(t, e, `securityresources | where type == 'microsoft.security/securescores/securescorecontrols'
		| project strcat(properties.displayName, ' ', properties.score.max, ' ', tostring(todouble(properties.score.current)), ' ', properties.healthyResourceCount, ' ', properties.unhealthyResourceCount)`))
	for i := range got {
		got[i] = strings.ReplaceAll(got[i], ".0 ", " ")
	}
	if diff := cmp.Diff(controls, got); diff != "" {
		t.Errorf("controls (-want +got):\n%.3000s", diff)
	}
}

// The coverage of the units, with what belongs to none, adds up to what an
// assessment says.
func TestCoverageAddsUp(t *testing.T) {
	const unit = "/subscriptions/11111111-1111-1111-1111-111111111111"
	const elsewhere = "/subscriptions/33333333-3333-3333-3333-333333333333" // nothing of it is read
	account := unit + "/resourceGroups/a/providers/Microsoft.Storage/storageAccounts/"
	o := lines(
		t,
		`{"id":"`+account+`one","type":"Microsoft.Storage/storageAccounts","properties":{"allowBlobPublicAccess":false}}`,
		`{"id":"`+account+`two","type":"Microsoft.Storage/storageAccounts"}`,
		`{"bartizan":"read","scope":"`+unit+`","type":"Microsoft.Storage/storageAccounts","complete":true,"denied":[{"id":"`+account+`three"}]}`,
		`{"bartizan":"read","scope":"`+elsewhere+`","type":"Microsoft.KeyVault/vaults","complete":true,"denied":[{"id":"`+elsewhere+`/resourceGroups/a/providers/Microsoft.KeyVault/vaults/v"}]}`,
		`{"nothing":"that is known"}`,
		`{"broken":`,
	)
	result, _, err := assess.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	c := result.Coverage
	if c.Rejected == 0 || c.UnseenCount() == 0 || c.Judged == 0 {
		t.Fatalf("%+v: want something of each", c)
	}
	got := ask(t, resourcegraph.New(o), `securityresources | where type == 'microsoft.security/securescores' | extend b = properties.bartizan, c = properties.bartizan.coverage
		| summarize sum(tolong(c.judged)), sum(tolong(c.unknown)) + max(tolong(b.rejected)), sum(tolong(c.unseen)), sum(tolong(c.manual)), sum(tolong(c.exempt))`)
	want := fmt.Sprintf("[%d,%d,%d,%d,%d]", c.Judged, c.Unknown, c.UnseenCount(), c.Manual, c.Exempt)
	if diff := cmp.Diff([]string{want}, got); diff != "" {
		t.Error(diff)
	}
}

// A unit of which records say no more than that nothing of it was read is there, without
// a score, and not as one that is all covered.
func TestUnitsNotRead(t *testing.T) {
	read := func(scope, typ, more string) string {
		return `{"bartizan":"read","scope":"` + scope + `","type":"` + typ + `",` + more + `}`
	}
	const above = "/providers/Microsoft.Management/managementGroups/mg"
	o := lines(
		t, account("app", "good", `{"allowBlobPublicAccess":false}`),
		read(unitA, "Microsoft.KeyVault/vaults", `"complete":true,"denied":[{}]`),
		read(unitB, "*", `"complete":false,"denied":[{"action":"*/read"}]`),
		read("/subscriptions/00000000-0000-0000-0000-00000000000c", "Microsoft.Storage/storageAccounts", `"complete":true`),
		read(above, "Microsoft.Web/sites", `"complete":true,"denied":[{}]`),
	)
	got := ask(t, resourcegraph.New(o), `securityresources | where type == 'microsoft.security/securescores' | extend b = properties.bartizan
		| project subscriptionId, b.hasScore, b.coverage.judged > 0, todouble(b.coverage.percent) > 0, b.coverage.notRead`)
	want := []string{
		`["00000000-0000-0000-0000-00000000000a",true,true,true,1]`,
		`["00000000-0000-0000-0000-00000000000b",false,false,false,1]`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Controls lead to the assessments that they count.
func TestControlsLeadToAssessments(t *testing.T) {
	o, _ := demo(t)
	rows := ask(t, resourcegraph.New(o), `securityresources
		| where type == 'microsoft.security/securescores/securescorecontrols' and toint(properties.unhealthyResourceCount) > 0
		| mv-expand d = properties.definition.properties.assessmentDefinitions
		| project subscriptionId, control = tostring(properties.displayName), unhealthy = toint(properties.unhealthyResourceCount), key = extract('([^/]+)$', 1, tostring(d.id))
		| join kind=leftouter (securityresources | where type == 'microsoft.security/assessments' and properties.status.code == 'Unhealthy' and properties.metadata.preview == false
			| project subscriptionId, key = name, resource = tolower(properties.resourceDetails.Id)) on subscriptionId, key
		| summarize dcountif(resource, resource != '') by subscriptionId, control, unhealthy
		| where unhealthy != dcountif_resource`)
	if len(rows) > 0 {
		t.Errorf("controls count other resources than their assessments: %v", rows)
	}
}

// The counts of every level of compliance add up to those of the level below.
func TestComplianceAddsUp(t *testing.T) {
	o, _ := demo(t)
	e := resourcegraph.New(o)
	tests := map[string]string{
		"standards": `securityresources | where type endswith 'regulatorycompliancestandards'
			| project std = name, subscriptionId, p = toint(properties.passedControls), s = toint(properties.skippedControls), u = toint(properties.unsupportedControls), f = toint(properties.failedControls)
			| join kind=fullouter (securityresources | where type endswith 'regulatorycompliancecontrols'
				| extend std = extract(@'/regulatoryComplianceStandards/([^/]*)', 1, id)
				| summarize p2 = countif(properties.state == 'Passed'), s2 = countif(properties.state == 'Skipped'), u2 = countif(properties.state == 'Unsupported'), f2 = countif(properties.state == 'Failed') by std, subscriptionId) on std, subscriptionId
			| where p != p2 or s != s2 or u != u2 or f != f2 or isnull(p) or isnull(p2)`,
		"states of controls": `securityresources | where type endswith '/regulatorycompliancecontrols'
			| extend b = properties.bartizan, state = tostring(properties.state)
			| extend want = case(b.unhealthy > 0, 'Failed', b.unknown + b.manual > 0, 'Skipped', b.healthy > 0, 'Passed', state)
			| where state != want or state == 'Passed' and b.state != 'Passed' or state == 'Failed' and b.state != 'Failed'`,
		"states of rules": `securityresources | where type endswith '/regulatorycomplianceassessments'
			| extend p = properties
			| where p.state != case(p.failedResources > 0, 'Failed', p.bartizan.unknown + p.bartizan.manual > 0, 'Skipped', p.passedResources > 0, 'Passed', 'Skipped')
				or p.assessmentType != 'AssessmentResult'`,
		"states of standards": `securityresources | where type endswith '/regulatorycompliancestandards'
			| extend p = properties
			| where p.state == 'Passed' and p.bartizan.unknownControls + p.bartizan.manualControls + p.failedControls > 0`,
		"controls": `securityresources | where type endswith '/regulatorycomplianceassessments'
			| extend control = extract('(.*)/regulatoryComplianceAssessments/', 1, id)
			| summarize failed = countif(properties.state == 'Failed'), unhealthy = sum(tolong(properties.failedResources)) by control
			| join kind=inner (securityresources | where type endswith '/regulatorycompliancecontrols'
				| project control = id, f = tolong(properties.failedAssessments), n = tolong(properties.bartizan.unhealthy)) on control
			| where f != failed or n != unhealthy`,
	}
	for name, query := range tests {
		t.Run(name, func(t *testing.T) {
			if rows := ask(t, e, query); len(rows) > 0 {
				t.Errorf("%d rows do not add up, such as %s", len(rows), rows[0])
			}
		})
	}
}

// Our rows have every property that Azure's recorded answers have.
func TestRecordedShapes(t *testing.T) {
	o, _ := demo(t)
	ours := map[string]map[string]bool{}
	rows := ask(t, resourcegraph.New(o), `securityresources | where properties.resourceDetails.Source != 'Aws'
		| partition by type (summarize take_any(properties) by tostring(properties.status.code), type) | project bag_pack('type', type, 'p', properties)`)
	for _, row := range properties(t, rows) {
		typ, _ := row["type"].(string)
		bag, _ := row["p"].(map[string]any)
		if ours[typ] == nil {
			ours[typ] = map[string]bool{}
		}
		for _, path := range paths("", bag) {
			ours[typ][path] = true
		}
	}
	compared := map[string]bool{}
	for _, name := range []string{"security-secure-score", "security-regulatory-compliance", "security-assessments"} {
		for _, r := range recorded(t, shared(t, "recordings/azure-cli/"+name+".jsonl")) {
			typ := strings.ToLower(r.Type)
			if ours[typ] == nil {
				continue // definitions and metadata have no table
			}
			compared[typ] = true
			for _, path := range paths("", r.Properties) {
				if !ours[typ][path] {
					t.Errorf("%s: lacks properties%s", typ, path)
				}
			}
		}
	}
	if len(compared) < 6 {
		t.Errorf("compared %v only", compared)
	}
}

type recordedRow struct {
	Type       string
	Properties map[string]any
}

func recorded(t *testing.T, file string) (rows []recordedRow) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<24)
	for in.Scan() {
		var call struct {
			Response struct {
				Body struct {
					recordedRow
					Value []recordedRow
				}
			}
		}
		if err := json.Unmarshal(in.Bytes(), &call); err != nil {
			continue // an answer that is no object
		}
		rows = append(rows, call.Response.Body.recordedRow)
		rows = append(rows, call.Response.Body.Value...)
	}
	return rows
}

func paths(prefix string, bag map[string]any) (all []string) {
	for key, value := range bag {
		if inner, ok := value.(map[string]any); ok {
			all = append(all, paths(prefix+"."+key, inner)...)
			continue
		}
		all = append(all, prefix+"."+key)
	}
	return all
}
