package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// asks sends a query.
func (r *running) asks(token string, q QueryRequest) (int, http.Header, []byte) {
	r.t.Helper()
	return r.asksFor(token, "application/json", q)
}

func (r *running) asksFor(token, accept string, q QueryRequest) (int, http.Header, []byte) {
	r.t.Helper()
	text, err := json.Marshal(q)
	if err != nil {
		r.t.Fatal(err)
	}
	request := httptest.NewRequestWithContext(r.t.Context(), http.MethodPost, "/api/v1/query", bytes.NewReader(text))
	request.Host = "127.0.0.1:7410"
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", accept)
	answer := httptest.NewRecorder()
	r.server.ServeHTTP(answer, request)
	return answer.Code, answer.Header(), answer.Body.Bytes()
}

// answered gives the answer to a query that is good.
func (r *running) answered(token string, q QueryRequest) QueryAnswer {
	r.t.Helper()
	status, _, text := r.asks(token, q)
	if status != http.StatusOK {
		r.t.Fatalf("%s: %d %s", q.Query, status, text)
	}
	var a QueryAnswer
	if err := json.Unmarshal(text, &a); err != nil {
		r.t.Fatal(err)
	}
	return a
}

// cell is a value of a row by its column's name.
func (a *QueryAnswer) cell(row int, column string) any {
	return a.Rows[row][slices.IndexFunc(a.Columns, func(c QueryColumn) bool { return c.Name == column })]
}

const webshop = "/subscriptions/8a9a1480-add2-4048-af68-da4dbfcdd912"

// governed is the demo's estate with things laid over verdicts, and a policy that is
// assigned twice.
func governed(t *testing.T) (*running, string) {
	r := newRunning(t)
	owner := r.token("owner", access.Owner, "/")
	r.imports(owner)
	for noun, body := range map[string]string{
		"exemptions":   `{"scope":"` + webshop + `","category":"waiver","reason":"x","recommendations":["storage-secure-transfer"]}`,
		"attestations": `{"scope":"` + webshop + `","recommendation":"` + manualRule + `","state":"healthy","text":"x"}`,
		"disablings":   `{"scope":"/","recommendation":"storage-shared-key-off","reason":"x"}`,
	} {
		status, text := r.ask(http.MethodPost, "/api/v1/"+noun, owner, body)
		if status != http.StatusOK {
			t.Fatalf("%s: %d %s", noun, status, text)
		}
	}
	houseRule := govern.PolicyID(ledger.Definition, webshop, "house")
	r.writes(http.MethodPost, "/api/v1/definitions", owner, definition(webshop, "house", "audit"))
	r.writes(http.MethodPost, "/api/v1/assignments", owner, assigning(webshop, "strict", houseRule, ""))
	r.writes(http.MethodPost, "/api/v1/assignments", owner, assigning(webshop, "lax", houseRule, `,"parameters":{"wanted":{"value":"false"}}`))
	rg := webshop + "/resourceGroups/rg-webshop-prod"
	set := govern.PolicyID(ledger.Initiative, webshop, "set")
	r.writes(http.MethodPost, "/api/v1/initiatives", owner, `{"id":"`+set+`","properties":{"displayName":"Set","policyDefinitionGroups":[{"name":"G1"}],"policyDefinitions":[
		{"policyDefinitionId":"`+houseRule+`","policyDefinitionReferenceId":"house","groupNames":["G1"]},{"policyDefinitionId":"/providers/Microsoft.Authorization/policyDefinitions/404c3081-a854-4457-ae30-26a93ef643f9","policyDefinitionReferenceId":"twin"}]}}`)
	r.writes(http.MethodPost, "/api/v1/assignments", owner, assigning(webshop, "set", set, `,"notScopes":["`+rg+`"]`))
	r.writes(http.MethodPost, "/api/v1/assignments", owner, assigning(rg, "nist", "nist-800-53-r5", ""))
	r.writes(http.MethodPost, "/api/v1/standards?id=house&scope="+url.QueryEscape(webshop), owner, strings.ReplaceAll(bodies["write-standard"], foreignUnit, webshop))
	r.writes(http.MethodPost, "/api/v1/assignments", owner, assigning(webshop, "standard", govern.PolicyID(ledger.Standard, webshop, "house"), ""))
	r.writes(http.MethodPost, "/api/v1/attestations", owner, `{"scope":"`+webshop+`","recommendation":"mcsb-v1:IR-1","state":"healthy","text":"x"}`)
	r.writes(http.MethodPost, "/api/v1/disablings", owner, `{"scope":"/","recommendation":"mcsb-v1:IR-6","reason":"x"}`)
	mitigated := `{"resources":[{"id":"` + first(rows(r, "/api/v1/checks?state=unhealthy&cloud=azure", owner)) + `"}],"category":"mitigated","reason":"y","expiresOn":"` + r.now.Add(240*time.Hour).Format(time.RFC3339) + `"}`
	if status, text := r.ask(http.MethodPost, "/api/v1/exemptions", owner, mitigated); status != http.StatusOK {
		t.Fatalf("exemption: %d %s", status, text)
	}
	return r, owner
}

func first(checks []map[string]any) string {
	return checks[0]["resource"].(map[string]any)["id"].(string)
}

// TestQueriesOfLists: the query that stands on a list gives its rows, whoever asks
// and whatever the conditions, the scope and the time.
func TestQueriesOfLists(t *testing.T) {
	if testing.Short() {
		t.Skip("long under the race detector, and nothing runs at once")
	}
	r, owner := governed(t)
	past := url.QueryEscape(r.now.Format(time.RFC3339))
	r.now = r.now.Add(time.Hour)
	if status, text := r.ask(http.MethodPost, "/api/v1/exemptions", owner, `{"scope":"/","category":"waiver","reason":"z","recommendations":["`+storageRule+`"]}`); status != http.StatusOK {
		t.Fatalf("exemption: %d %s", status, text)
	}
	rg := webshop + "/resourceGroups/rg-webshop-prod"
	tokens := map[string]string{"owner": owner, "group": r.token("group", access.Reader, rg), "google": r.token("google", access.Reader, "folders/481500000022")}
	house := url.QueryEscape(govern.PolicyID(ledger.Definition, webshop, "house"))
	hash := rows(r, "/api/v1/recommendations?recommendation="+house, owner)[0]["parametersHash"].(string)
	tests := []struct{ list, filter string }{
		{"checks", "recommendation=" + house + "&sort=recommendation"},
		{"checks", "recommendation=!" + house + "," + storageRule + "&sort=-recommendation"},
		{"checks", "recommendation=" + house + "%23" + hash},
		{"resources", "state=unhealthy&recommendation=" + house},
		{"recommendations", "recommendation=" + house + ",storage-secure-transfer&sort=unhealthy"},
		{"checks", ""},
		{"checks", "state=unhealthy&severity=high,critical"},
		{"checks", "state=!healthy&cloud=azure&sort=state"},
		{"checks", "state=exempt"},
		{"checks", "state=manual"},
		{"checks", "recommendation=mcsb-v1:AM-1&sort=name"},
		{"checks", "control=mcsb-v1:IR-1,mcsb-v1:AM-1&sort=-type"},
		{"checks", "state=unknown&reason=!denied&sort=-recommendation"},
		{"checks", "type=microsoft.storage/STORAGEaccounts&sort=unit"},
		{"checks", "tag=Owner&tag=!environment%3Dproduction&q=WEB&sort=-name"},
		{"checks", "location=!westeurope&resourceState=unhealthy,unknown&sort=location"},
		{"checks", "recommendation=!storage-secure-transfer&control=!&sort=-severity"},
		{"checks", "scope=" + rg + "&sort=type"},
		{"checks", "state=exempt&at=" + past},
		{"checks", "q=it's%20%5C&sort=cloud"},
		{"resources", ""},
		{"resources", "resourceState=unhealthy&cloud=aws,gcp&sort=-type"},
		{"resources", "state=exempt&sort=name"},
		{"resources", "state=unknown&reason=partial&sort=cloud"},
		{"resources", "type=Machine&q=STORE&sort=-unit"},
		{"resources", "tag=owner%3Dwebshop-team&sort=location"},
		{"resources", "tag=!owner&scope=" + rg},
		{"resources", "severity=high&state=unhealthy&at=" + past},
		{"recommendations", ""},
		{"recommendations", "sort=title&state=unhealthy"},
		{"recommendations", "sort=-unhealthy&cloud=azure"},
		{"recommendations", "sort=severity&scope=" + rg},
		{"recommendations", "sort=-id&at=" + past},
		{"recommendations", "sort=unknown&severity=!low"},
		{"exemptions", ""},
		{"exemptions", "state=active"},
		{"exemptions", "state=expired"},
		{"exemptions", "at=" + past},
		{"exemptions", "scope=" + webshop},
		{"compliance", ""},
		{"compliance", "scope=" + rg},
		{"compliance", "at=" + past},
		{"compliance", "scope=" + webshop},
		{"compliance", "scope=tag:owner%3Dwebshop-team"},
		{"resources", "scope=tag:owner%3Dwebshop-team&sort=name"},
		{"checks", "owner=webshop-team,none&sort=name"},
		{"resources", "owner=!none&region=!westeurope"},
		{"resources", "resourceState=notApplicable&owner=none"},
		{"checks", "unit=" + webshop + "&control=none"},
		{"resources", "unit=!" + webshop + "&severity=critical,none"},
		{"checks", "state=exempt,unknown&reason=none"},
		{"checks", "standard=cis-azure-3.0&recommendation=!storage-secure-transfer"},
		{"recommendations", "standard=!mcsb-v1,nist-800-53-r5&sort=severity,-title"},
		{"checks", "sort=-severity,unit,-name"},
		{"checks", "state=manual&standard=mcsb-v1&sort=unit,-recommendation"},
		{"checks", "state=manual,unhealthy&standard=!mcsb-v1&sort=location,-severity,type"},
		{"checks", "state=manual&unit=!" + webshop + "&owner=none&region=none&sort=-cloud,name"},
		{"checks", "type=unit&standard=!cis-azure-3.0"},
		{"checks", "sort=type,-state&cloud=azure,aws"},
		{"checks", "sort=-state,severity,location"},
		{"resources", "sort=-type,location"},
		{"resources", "sort=state,cloud,-name"},
		{"recommendations", "sort=unknown,-unhealthy,title&owner=!webshop-team"},
	}
	for _, test := range tests {
		for name, token := range tokens {
			if name == "google" && strings.Contains(test.filter, "scope=/") {
				continue // not seen, so not there
			}
			t.Run(test.list+"?"+test.filter+" "+name, func(t *testing.T) {
				r := &running{t: t, server: r.server}
				want, got := r.listed(test.list, test.filter, token)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-list +query):\n%.1500s", diff)
				}
				if name == "owner" && len(want) == 0 && !strings.Contains(test.filter, "expired") && !strings.Contains(test.filter, "q=it") {
					t.Error("the list is empty")
				}
			})
		}
	}
}

// listed gives the rows of a list and those of its query, as lines in their order.
func (r *running) listed(list, filter, token string) (want, got []string) {
	r.t.Helper()
	path := "/api/v1/" + list + "?" + filter
	body := get[struct{ Query string }](r, path, token)
	parameters, _ := url.ParseQuery(filter)
	a := r.answered(token, QueryRequest{Query: body.Query, Scopes: parameters["scope"], At: parameters.Get("at"), Limit: 100_000})
	if list == "compliance" {
		for _, row := range get[struct{ Rows []StandardRow }](r, path, token).Rows {
			want = append(want, fmt.Sprint(row.ID, row.Passed, row.Failed, row.Unknown, row.Manual, row.NotApplicable, row.NotCovered))
		}
		slices.Sort(want)
	} else {
		for _, row := range rows(r, path, token) {
			want = append(want, listLine(list, row))
		}
	}
	for i := range a.Rows {
		got = append(got, queryLine(list, &a, i))
	}
	if list == "compliance" {
		return want, got
	}
	if a.Total == nil || *a.Total != len(want) {
		r.t.Errorf("the query has %v rows, the list %d", a.Total, len(want))
	}
	switch {
	case slices.Equal(want, got) || list == "exemptions":
	case list == "recommendations" && !strings.Contains(filter, "sort="): // by gain, which is in no table
		slices.Sort(want)
		slices.Sort(got)
	default:
		want, got = tied(want), tied(got)
	}
	return want, got
}

// tied sorts lines of one name that stand together: what lists do with those, the
// number of the resource, is in no table.
func tied(lines []string) []string {
	key := func(line string) string { return line[:strings.IndexByte(line, '|')] }
	for begin := 0; begin < len(lines); {
		end := begin
		for end < len(lines) && key(lines[end]) == key(lines[begin]) {
			end++
		}
		slices.Sort(lines[begin:end])
		begin = end
	}
	return lines
}

func listLine(list string, row map[string]any) string {
	switch list {
	case "checks":
		of := row["resource"].(map[string]any)
		return fmt.Sprint(strings.ToLower(of["name"].(string)), "|", row["recommendation"], row["policy"], hashOfPolicy(row), " ", row["state"], " ", of["id"])
	case "resources":
		state, _ := row["state"].(string)
		return fmt.Sprint(strings.ToLower(row["name"].(string)), "|", state, " ", row["id"])
	case "recommendations":
		return fmt.Sprint(row["id"], hashOfPolicy(row), row["unhealthy"], row["unknown"], row["healthy"], row["manual"], row["exempt"], row["notApplicable"], "|")
	}
	return fmt.Sprint(row["id"], row["category"], row["active"], row["scope"])
}

// orNil is what lists have for a text: none for an empty one.
func orNil(text any) any {
	if text == "" {
		return nil
	}
	return text
}

func queryLine(list string, a *QueryAnswer, i int) string {
	cell := func(name string) any { return a.cell(i, name) }
	switch list {
	case "checks":
		return fmt.Sprint(strings.ToLower(cell("name").(string)), "|", orNil(cell("recommendation")), orNil(cell("policy")), orNil(cell("parametersHash")), " ", cell("state"), " ", cell("id"))
	case "resources":
		return fmt.Sprint(strings.ToLower(cell("name").(string)), "|", cell("state"), " ", cell("id"))
	case "recommendations":
		return fmt.Sprint(cell("id"), orNil(cell("parametersHash")), cell("unhealthy"), cell("unknown"), cell("healthy"), cell("manual"), cell("exempt"), cell("notApplicable"), "|")
	case "compliance":
		return fmt.Sprint(cell("id"), cell("passed"), cell("failed"), cell("unknown"), cell("manual"), cell("notApplicable"), cell("notCovered"))
	}
	var scope any
	if text := cell("scope").(string); text != "" {
		scope = text
	}
	return fmt.Sprint(cell("id"), strings.ToLower(cell("category").(string)), cell("active"), scope)
}

// orPolicy is what judged a check of a list.
func orPolicy(row map[string]any) any {
	if row["policy"] != nil {
		return fmt.Sprint(row["policy"], "#", row["parametersHash"])
	}
	return row["recommendation"]
}

// TestQueryStates: states, reasons and marks in rows are those of the list of
// checks, scores and compliance those of their routes.
func TestQueryStates(t *testing.T) {
	r, owner := governed(t)
	want := map[string]int{}
	standards := map[string]bool{} // of controls that wait for a person
	for _, row := range rows(r, "/api/v1/checks?", owner) {
		if id, _ := row["recommendation"].(string); row["resource"].(map[string]any)["type"] == "unit" {
			standard, _, _ := strings.Cut(id, ":")
			standards["'"+standard+"'"] = true
		}
		reason, _ := row["reason"].(string)
		category := ""
		if row["state"] == "exempt" {
			category = "waiver"
		}
		if row["mitigated"] == true {
			category = "mitigated"
		}
		want[fmt.Sprint(orPolicy(row), row["state"], row["judged"], reason, row["attested"] == true, category)]++
	}
	got := map[string]int{}
	a := r.answered(owner, QueryRequest{Limit: 100_000, Query: `securityresources
		| where type == 'microsoft.security/assessments' and (properties.metadata.assessmentType != 'ManualBuiltIn' or tostring(split(name, ':')[0]) in (` +
		strings.Join(slices.Sorted(maps.Keys(standards)), ", ") + `))
		| extend b = properties.bartizan
		| summarize n = count() by line = strcat(iff(isnull(b.policy), name, strcat(b.policy, '#', b.parametersHash)), b.state, iff(isnull(b.judged), tostring(b.state), tostring(b.judged)), b.reason, iff(b.attested == true, 'true', 'false'), b.exempt.category)`})
	for i := range a.Rows {
		got[a.cell(i, "line").(string)] = int(a.cell(i, "n").(float64))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("checks (-list +query):\n%.2000s", diff)
	}
	var scores, found []string
	for _, u := range get[Score](r, "/api/v1/score", owner).Units {
		scores = append(scores, fmt.Sprint(u.Scope, *u.Max, *u.Current, u.Weight))
	}
	a = r.answered(owner, QueryRequest{Query: `securityresources | where type == 'microsoft.security/securescores'
		| project scope = extract('(.*)/providers/', 1, id), m = todouble(properties.score.max), c = todouble(properties.score.current), w = tolong(properties.weight)`})
	for _, row := range a.Rows {
		found = append(found, fmt.Sprint(row...))
	}
	for i := range scores {
		scores[i] = strings.ReplaceAll(scores[i], " ", "")
	}
	for i := range found {
		found[i] = strings.ReplaceAll(found[i], " ", "")
	}
	if diff := cmp.Diff(scores, found); diff != "" {
		t.Errorf("scores (-route +query):\n%s", diff)
	}
}

// TestQueryPolicies: policies that are assigned on the server have rows as those of
// files have: of checks, with evidence; of policy states, one a reference; of
// documents that who asks sees.
func TestQueryPolicies(t *testing.T) {
	r, owner := twoCompanies(t)
	foreign := r.token("foreign", access.Reader, foreignUnit)
	id := govern.PolicyID(ledger.Definition, ownUnit, "house")
	set := govern.PolicyID(ledger.Initiative, ownUnit, "set")
	r.writes(http.MethodPost, "/api/v1/definitions", owner, definition(ownUnit, "house", "audit"))
	r.writes(http.MethodPost, "/api/v1/initiatives", owner, `{"id":"`+set+`","properties":{"displayName":"Set","policyDefinitionGroups":[{"name":"G1"}],"policyDefinitions":[
		{"policyDefinitionId":"`+id+`","policyDefinitionReferenceId":"https","groupNames":["G1"]}]}}`)
	r.writes(http.MethodPost, "/api/v1/assignments", owner, assigning(ownUnit, "alone", id, ""))
	r.writes(http.MethodPost, "/api/v1/assignments", owner, assigning(ownUnit, "together", set, ""))
	r.writes(http.MethodPost, "/api/v1/assignments", owner, assigning(ownUnit, "elsewhere", id, `,"notScopes":["`+ownUnit+`"]`))
	tests := map[string]struct{ query, owner, foreign string }{
		"checks": {
			`securityresources | where type == 'microsoft.security/assessments' and properties.bartizan.policy == '` + id + `'
				| project name, properties.displayName, properties.metadata.assessmentType, properties.metadata.severity, properties.bartizan.state, array_length(properties.bartizan.evidence), properties.bartizan.evidenceMissing`,
			`[["house","HTTPS of the house","CustomPolicy","Low","unhealthy",1,null]]`, `[]`,
		},
		"by_name":     {`securityresources | where name == 'house' and properties.metadata.severity == 'Low' | project properties.bartizan.state`, `[["unhealthy"]]`, `[]`},
		"of_no_other": {`securityresources | where name != 'house' and isnotnull(properties.bartizan.policy) | count`, `[[0]]`, `[[0]]`},
		"states": {
			`policyresources | where type == 'microsoft.policyinsights/policystates' | order by tostring(properties.policyAssignmentName) asc
				| project properties.policyAssignmentName, properties.complianceState, properties.policyDefinitionAction, properties.policyDefinitionReferenceId, properties.policyDefinitionGroupNames, tostring(properties.resourceId) =~ '` + ownID + `'`,
			`[["alone","NonCompliant","audit","",[""],true],["together","NonCompliant","audit","https",["g1"],true]]`, `[]`,
		},
		"states_by_name": {`policyresources | where type == 'microsoft.policyinsights/policystates' and name != 'house' and subscriptionId != '' | count`, `[[2]]`, `[[0]]`},
		"documents": {
			`policyresources | where type startswith 'microsoft.authorization/' | summarize n = count() by type | order by type asc`,
			`[["microsoft.authorization/policyassignments",3],["microsoft.authorization/policydefinitions",1],["microsoft.authorization/policysetdefinitions",1]]`, `[]`,
		},
	}
	for name, test := range tests {
		for who, of := range map[string]struct{ token, want string }{"owner": {owner, test.owner}, "foreign": {foreign, test.foreign}} {
			rows, err := json.Marshal(r.answered(of.token, QueryRequest{Query: test.query}).Rows)
			if err != nil || string(rows) != of.want {
				t.Errorf("%s, %s: %s, want %s", name, who, rows, of.want)
			}
		}
	}
	r.writes(http.MethodPost, "/api/v1/exemptions", owner, fmt.Sprintf(`{"scope":%q,"recommendations":[%q],"category":"waiver","reason":"x"}`, ownUnit, id))
	a := r.answered(owner, QueryRequest{Query: `policyresources | where type == 'microsoft.policyinsights/policystates' | summarize by tostring(properties.complianceState)`})
	if fmt.Sprint(a.Rows) != "[[Exempt]]" {
		t.Errorf("exempt: %v", a.Rows)
	}
}

// TestQuery: what is asked and how comes back as it is documented.
func TestQuery(t *testing.T) {
	r := newRunning(t)
	owner := r.token("owner", access.Owner, "/")
	r.imports(owner)
	r.wholeTables(owner)
	r.server.Queries.Memory = 4 << 20
	const json, lines = "application/json", linesType
	tests := map[string]struct {
		accept string
		asked  QueryRequest
		status int
		want   []string // texts in the answer
	}{
		"rows":         {json, QueryRequest{Query: "print a = 1, b = 'x'"}, 200, []string{`"columns":[{"name":"a","type":"long"},{"name":"b","type":"string"}]`, `"rows":[[1,"x"]]`, `"total":1`, `"truncated":false`}},
		"no_rows":      {json, QueryRequest{Query: "resources | where type == 'none'"}, 200, []string{`"rows":[]`, `"total":0`, `"name":"extendedLocation"`}},
		"cut_off":      {json, QueryRequest{Query: "range x from 1 to 9 step 1", Limit: 2}, 200, []string{`"rows":[[1],[2]]`, `"truncated":true`}},
		"not_cut_off":  {json, QueryRequest{Query: "range x from 1 to 2 step 1", Limit: 2}, 200, []string{`"rows":[[1],[2]]`, `"truncated":false`, `"total":2`}},
		"usual_limit":  {json, QueryRequest{Query: "range x from 1 to 1001 step 1"}, 200, []string{`[1000]]`, `"truncated":true`}},
		"statistics":   {json, QueryRequest{Query: "resources | where type == 'aws::s3::bucket' | take 2 | project properties"}, 200, []string{`"rowsRead":2`, `"bodiesRead":2`, `"milliseconds":`, `"peakBytes":`}},
		"chart":        {json, QueryRequest{Query: "resources | summarize count() by type | render piechart"}, 200, []string{`"visualization":{"kind":"piechart"`}},
		"parameters":   {json, QueryRequest{Query: "declare query_parameters(n:long = 3); print n", Parameters: map[string]string{"n": "7"}}, 200, []string{`"rows":[[7]]`}},
		"no_parameter": {json, QueryRequest{Query: "print 1", Parameters: map[string]string{"b": "7", "a": ""}}, 400, []string{`"token":"a"`, `"token":"b"`, "declares no parameter"}},
		"named_scopes": {json, QueryRequest{Query: "resources | summarize by subscriptionId", Scopes: []string{webshop}}, 200, []string{`"rows":[["` + webshop[15:] + `"]]`}},
		"id":           {json, QueryRequest{Query: "print 1", ID: "mine"}, 200, []string{`"id":"mine"`}},
		"moment":       {json, QueryRequest{Query: "print now()", At: "2026-11-22T12:00:05Z"}, 200, []string{`"2026-11-22T12:00:05`, `"asOf":{"commit":2,"time":"2026-11-22T12:00:05Z"}`}},
		"future":       {json, QueryRequest{Query: "print 1", At: "2036-11-22"}, 422, []string{"is in the future"}},
		"no_query":     {json, QueryRequest{Query: "resources | wher x == 1 | project nonsense("}, 400, []string{`"line":1`, `"column":13`, `"token":"wher"`, `"suggestion":"where"`, "application/problem+json"}},
		"all_problems": {json, QueryRequest{Query: "resources\n| where nme == ''\n| extend y = strlenn(type)"}, 400, []string{`"line":2`, `"suggestion":"name"`, `"line":3`, `"suggestion":"strlen"`}},
		"much_memory":  {json, QueryRequest{Query: "range x from 1 to 10000000 step 1 | order by x desc"}, 422, []string{"holds more than 4"}},
		"stream_ends":  {lines, QueryRequest{Query: "union (print x = 1), (range x from 1 to 10000000 step 1 | order by x desc)"}, 200, []string{"\n[1]\n", `{"error":{"title":"the query ended early","status":422,"detail":`}},
		"stream":       {lines, QueryRequest{Query: "range x from 1 to 1002 step 1", ID: "s"}, 200, []string{`{"id":"s","columns":[{"name":"x","type":"long"}],"asOf"`, "\n[1]\n[2]\n", "\n[1002]\n{", `"total":1002`, "application/x-ndjson"}},
		"stream_cut":   {lines, QueryRequest{Query: "range x from 1 to 9 step 1", Limit: 2}, 200, []string{"\n[1]\n[2]\n{", `"truncated":true`}},
		"stream_no":    {lines, QueryRequest{Query: "nonsense |"}, 400, []string{"application/problem+json", `"problems":[{`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := &running{t: t, server: r.server}
			status, header, text := r.asksFor(owner, test.accept, test.asked)
			all := header.Get("Content-Type") + "\n" + string(text)
			if status != test.status {
				t.Errorf("%d, want %d: %.500s", status, test.status, all)
			}
			for _, want := range test.want {
				if !strings.Contains(all, want) {
					t.Errorf("lacks %s: %.500s", want, all)
				}
			}
		})
	}
	if len(r.server.running.running) != 0 || len(r.server.running.each) != 0 {
		t.Errorf("queries that are over run on: %v", r.server.running.running)
	}
}

// wholeTables asks every table for all of its columns, also those that stand in an
// answer only where a query names them.
func (r *running) wholeTables(owner string) {
	t := r.t
	t.Helper()
	schema := get[struct{ Tables []QueryTable }](r, "/api/v1/query/schema", owner)
	filled := map[string]int{} // rows, by table
	for _, table := range schema.Tables {
		var names []string
		for _, c := range table.Columns {
			names = append(names, c.Name)
		}
		a := r.answered(owner, QueryRequest{Query: table.Table + " | project " + strings.Join(names, ", ") + " | take 20"})
		if filled[table.Table] = len(a.Rows); len(a.Columns) != len(names) {
			t.Errorf("%s: %d columns, want %d", table.Table, len(a.Columns), len(names))
		}
		a = r.answered(owner, QueryRequest{Query: table.Table + " | take 1"})
		if unasked := slices.IndexFunc(a.Columns, func(c QueryColumn) bool { return c.Name == "aliases" || c.Name == "unread" }); unasked >= 0 {
			t.Errorf("%s has %s, which nobody named", table.Table, a.Columns[unasked].Name)
		}
	}
	for _, name := range []string{"resources", "resourcecontainers", "securityresources", "authorizationresources"} {
		if filled[name] == 0 {
			t.Errorf("%s has no rows", name)
		}
	}
	for _, query := range []string{
		"resources | project-away id | take 1",
		"resources | where type startswith 'microsoft.' | extend all = pack_all() | take 1",
		"resources | where * has 'westeurope' | take 1",
		"search 'westeurope' | take 1",
		"resources | where type == 'microsoft.storage/storageaccounts' and aliases['Microsoft.Storage/storageAccounts/supportsHttpsTrafficOnly'] == true | take 1",
	} {
		if a := r.answered(owner, QueryRequest{Query: query}); len(a.Rows) != 1 {
			t.Errorf("%s: %d rows, want 1", query, len(a.Rows))
		}
	}
}

// TestQueryNotRead: what read records say was not read is told with the answer, as far
// as who asks may see where, and marked in the rows that there are.
func TestQueryNotRead(t *testing.T) {
	r := newRunning(t)
	owner := r.token("owner", access.Owner, "/")
	const mg, group = "/providers/Microsoft.Management/managementGroups/mg", ownUnit + "/resourceGroups/g"
	const config = group + "/providers/Microsoft.Web/sites/s/config/web"
	const secretsQuery = "resources | where type == 'microsoft.keyvault/vaults/secrets'"
	const secrets, ownGone, foreignGone = "Microsoft.KeyVault/vaults/secrets", ownUnit + "/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/secrets/Gone", foreignUnit + "/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/secrets/s"
	r.writes(http.MethodPost, "/api/v1/inventory?root=own", owner, strings.Join([]string{
		storageAccount(ownID), storageAccount(foreignID),
		`{"id":"` + ownUnit + `","name":"own","type":"Microsoft.Resources/subscriptions","properties":{"managementGroupAncestorsChain":[{"name":"mg","displayName":"mg"}]}}`,
		`{"id":"` + config + `","name":"web","type":"Microsoft.Web/sites/config","location":"westeurope","properties":{"minTlsVersion":"1.2"}}`,
		`{"bartizan":"read","scope":"` + ownUnit + `","type":"Microsoft.Web/sites/config","complete":true,"denied":[{"id":"` + config + `","path":"properties.minTlsVersion"}]}`,
		`{"bartizan":"read","scope":"` + ownUnit + `","type":"Microsoft.Authorization/roleAssignments","complete":false,"denied":[{}]}`,
		`{"bartizan":"read","scope":"` + foreignUnit + `","type":"Microsoft.Authorization/roleAssignments","complete":false,"throttled":[{}]}`,
		`{"bartizan":"read","scope":"` + ownUnit + `","type":"` + secrets + `","complete":true,"throttled":[{"id":"` + ownGone + `"}]}`,
		`{"bartizan":"read","scope":"` + foreignUnit + `","type":"` + secrets + `","complete":true,"throttled":[{"id":"` + foreignGone + `"}]}`,
		`{"bartizan":"read","scope":"/subscriptions/00000000-0000-0000-0000-0000000000cc","type":"Microsoft.Compute/disks","complete":false,"denied":[{}]}`,
		`{"bartizan":"read","scope":"` + mg + `","type":"Microsoft.Authorization/roleDefinitions","complete":false,"error":[{}]}`,
	}, "\n")+"\n")
	const assignments, definitions = "microsoft.authorization/roleassignments", "microsoft.authorization/roledefinitions"
	told := func(typ, scope string, reason posture.Reason) QueryNotRead {
		return QueryNotRead{Tables: []string{"authorizationresources"}, Type: typ, Scope: scope, Reason: reason}
	}
	gone := func(unit, id string) []QueryNotRead {
		return []QueryNotRead{{Tables: []string{"resources"}, Type: "microsoft.keyvault/vaults/secrets", Scope: unit, Reason: posture.Throttled, Count: 1, Resources: []string{id}}}
	}
	tests := map[string]struct {
		token, query string
		scopes       []string
		want         []QueryNotRead
	}{
		"owner":         {owner, "authorizationresources", nil, []QueryNotRead{told(assignments, ownUnit, posture.Denied), told(assignments, foreignUnit, posture.Throttled), told(definitions, mg, posture.Failed)}},
		"of_a_unit":     {r.token("unit", access.Reader, ownUnit), "authorizationresources", nil, []QueryNotRead{told(assignments, ownUnit, posture.Denied), told(definitions, ownUnit, posture.Failed)}},
		"of_a_group":    {r.token("group", access.Reader, group), "authorizationresources", nil, []QueryNotRead{told(assignments, group, posture.Denied), told(definitions, group, posture.Failed)}},
		"narrowed":      {owner, "authorizationresources", []string{foreignUnit}, []QueryNotRead{told(assignments, foreignUnit, posture.Throttled)}},
		"one_of_a_unit": {r.token("unit2", access.Reader, ownUnit), secretsQuery, nil, gone(ownUnit, ownGone)},
		"one_narrowed":  {owner, secretsQuery, []string{foreignUnit}, gone(foreignUnit, foreignGone)},
		"another_type":  {owner, "resources | where type == 'microsoft.storage/storageaccounts'", nil, nil},
	}
	for name, test := range tests {
		a := r.answered(test.token, QueryRequest{Query: test.query, Scopes: test.scopes})
		if diff := cmp.Diff(test.want, a.NotRead); diff != "" || a.NotReadTotal != len(test.want) {
			t.Errorf("%s: of %d (-want +got):\n%s", name, a.NotReadTotal, diff)
		}
		_, _, lines := r.asksFor(test.token, linesType, QueryRequest{Query: test.query, Scopes: test.scopes})
		if got := strings.Contains(string(lines), `"notReadTotal":`+fmt.Sprint(len(test.want))); got != (test.want != nil) {
			t.Errorf("%s, lines: %s", name, lines)
		}
	}
	for query, want := range map[string]string{
		"securityresources | where type == 'microsoft.security/securescores' and properties.bartizan.hasScore == false | project subscriptionId, properties.bartizan.coverage.percent, properties.bartizan.coverage.notRead": `[["00000000-0000-0000-0000-0000000000cc",0,1]]`,
		"appserviceresources | project unread":                             `[[["properties.minTlsVersion"]]]`,
		"resourcecontainers | where name == 'own' | project unread":        `[[null]]`,
		"resourcecontainers | where name == 'g' | project unread | take 1": `[[["properties","tags","sku","identity"]]]`,
	} {
		if rows, err := json.Marshal(r.answered(owner, QueryRequest{Query: query}).Rows); err != nil || string(rows) != want {
			t.Errorf("%s: %s, want %s", query, rows, want)
		}
	}
}

// TestQueryTools: completion, hover, plan, tables and ready questions.
func TestQueryTools(t *testing.T) {
	r, owner := twoCompanies(t)
	tests := []struct{ method, path, body, want string }{
		{"POST", "query/complete", `{"query":"resources | where subs","offset":22}`, `"label":"subscriptionId"`},
		{"POST", "query/complete", `{"query":"resources | extend x = strlen(","offset":30}`, `"call":{"label":"strlen"`},
		{"POST", "query/complete", `{"query":"x","offset":30}`, `"location":"body.offset"`},
		{"POST", "query/hover", `{"query":"resources | where strlen(name) > 3","offset":20}`, `"label":"strlen"`},
		{"POST", "query/hover", `{"query":"   ","offset":1}`, `"word":null`},
		{"POST", "query/explain", `{"query":"resources | where type == 'x' | take 5"}`, `"plan":"`},
		{"POST", "query/explain", `{"query":"resources | wher"}`, `"suggestion":"where"`},
		{"GET", "query/schema", "", `"table":"resourcecontainers","about":"`},
		{"GET", "queries", "", `"name":"unhealthy-by-severity"`},
	}
	for _, test := range tests {
		if status, text := r.ask(test.method, "/api/v1/"+test.path, owner, test.body); !strings.Contains(string(text), test.want) {
			t.Errorf("%s %s: %d %.400s, want %s", test.path, test.body, status, text, test.want)
		}
	}
}

// TestQueryLimits: no more queries at a time than the limits say, and one can be
// cancelled by who asks it, and by nobody else.
func TestQueryLimits(t *testing.T) {
	r, owner := twoCompanies(t)
	r.server.Queries.AtOnce, r.server.Queries.Each = 3, 2
	ask := func(token, id string) (int, http.Header, string) {
		status, header, text := r.asks(token, QueryRequest{Query: "print 1", ID: id})
		return status, header, string(text)
	}
	principal := func(name string) string {
		for _, p := range get[struct{ Rows []map[string]any }](r, "/api/v1/users", owner).Rows {
			if p["name"] == name {
				return p["id"].(string)
			}
		}
		t.Fatalf("no user %s", name)
		return ""
	}
	other := r.token("other", access.Reader, "/")
	begin := func(name, id string) *runningQuery {
		run, err := r.server.running.begin(t.Context(), &r.server.Queries, principal(name), id, r.server.Accounts.Random)
		if err != nil {
			t.Fatal(err)
		}
		return run
	}
	mine := begin("owner", "mine")
	if status, _, text := ask(owner, "mine"); status != http.StatusConflict {
		t.Errorf("an id that is in use: %d %s", status, text)
	}
	if status, _, text := ask(other, "mine"); status != http.StatusOK {
		t.Errorf("the same id of another: %d %s", status, text)
	}
	second := begin("owner", "second")
	if status, header, text := ask(owner, ""); status != http.StatusTooManyRequests || header.Get("Retry-After") != "2" {
		t.Errorf("a third of one caller: %d %s", status, text)
	}
	third := begin("other", "third")
	if status, _, text := ask(r.token("more", access.Reader, "/"), ""); status != http.StatusTooManyRequests {
		t.Errorf("a fourth of all: %d %s", status, text)
	}
	second.end()
	third.end()
	if status, _ := r.ask(http.MethodDelete, "/api/v1/query/mine", other, ""); status != http.StatusNotFound || mine.ctx.Err() != nil {
		t.Errorf("another cancels it: %d", status)
	}
	if status, _ := r.ask(http.MethodDelete, "/api/v1/query/mine", owner, ""); status != http.StatusNoContent || mine.ctx.Err() == nil {
		t.Errorf("its own cancels it: %d", status)
	}
	mine.end()
	if status, _, text := ask(owner, "mine"); status != http.StatusOK {
		t.Errorf("an id that is free again: %d %s", status, text)
	}
	r.server.Queries.Time = 1
	if status, _, text := ask(owner, ""); status != http.StatusUnprocessableEntity || !strings.Contains(text, "ran for too long") {
		t.Errorf("a query that may take no time: %d %s", status, text)
	}
	if status, text := r.ask(http.MethodPost, "/api/v1/query/explain", owner, `{"query":"print 1"}`); status != http.StatusUnprocessableEntity || !strings.Contains(string(text), "ran for too long") {
		t.Errorf("a query to be explained in no time: %d %s", status, text)
	}
}

// TestQueryTextsAreBounded: what a text says counts towards the memory of a query.
func TestQueryTextsAreBounded(t *testing.T) {
	r, owner := twoCompanies(t)
	r.server.Queries.Memory = 1 << 20
	text := "print 1 in (0" + strings.Repeat(",1", 20_000) + ")"
	for _, path := range []string{"/api/v1/query", "/api/v1/query/explain"} {
		status, answer := r.ask(http.MethodPost, path, owner, `{"query":"`+text+`"}`)
		if status != http.StatusUnprocessableEntity || !strings.Contains(string(answer), "takes more than 1 MB in memory") {
			t.Errorf("%s: %d %.300s", path, status, answer)
		}
	}
}

// TestQueryEnds: a query that has no end is ended by a cancellation, and by the
// connection's end.
func TestQueryEnds(t *testing.T) {
	r, owner := twoCompanies(t)
	for name, end := range map[string]func(stop func()){
		"cancelled": func(func()) {
			if status, text := r.ask(http.MethodDelete, "/api/v1/query/long", owner, ""); status != http.StatusNoContent {
				t.Errorf("cancel: %d %s", status, text)
			}
		},
		"gone": func(stop func()) { stop() },
	} {
		ctx, stop := context.WithCancel(t.Context())
		body := `{"id":"long","query":"range x from 1 to 1000000000000 step 1 | summarize sum(x)"}`
		request := httptest.NewRequestWithContext(ctx, http.MethodPost, "/api/v1/query", strings.NewReader(body))
		request.Host = "127.0.0.1:7410"
		request.Header.Set("Authorization", "Bearer "+owner)
		answer, over := httptest.NewRecorder(), make(chan struct{})
		go func() {
			defer close(over)
			r.server.ServeHTTP(answer, request)
		}()
		for running := false; !running; runtime.Gosched() {
			r.server.running.mu.Lock()
			running = len(r.server.running.running) == 1
			r.server.running.mu.Unlock()
		}
		end(stop)
		<-over
		stop()
		if name == "cancelled" && (answer.Code != http.StatusConflict || !strings.Contains(answer.Body.String(), "cancelled")) {
			t.Errorf("%s: %d %s", name, answer.Code, answer.Body)
		}
		if len(r.server.running.running) != 0 {
			t.Errorf("%s: it runs on", name)
		}
	}
}

// hashOfPolicy is the hash of a row's parameters where queries tell it: a
// recommendation has one set of them.
func hashOfPolicy(row map[string]any) any {
	if row["policy"] == nil {
		return nil
	}
	return row["parametersHash"]
}
