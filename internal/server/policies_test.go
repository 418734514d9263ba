package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// TestPolicies: what is assigned judges as its preview said, shows in all lists and
// in compliance, has versions, and is undone.
func TestPolicies(t *testing.T) {
	r, owner := twoCompanies(t)
	admin := r.token("admin", access.SecurityAdmin, ownUnit)
	id := govern.PolicyID(ledger.Definition, ownUnit, "house")
	of := func(query string) []map[string]any {
		return rows(r, "/api/v1/checks?recommendation="+url.QueryEscape(id)+query, admin)
	}

	standards := func(query, token string) int {
		return len(get[struct{ Rows []StandardRow }](r, "/api/v1/compliance"+query, token).Rows)
	}
	first := r.writes(http.MethodPost, "/api/v1/definitions", admin, definition(ownUnit, "house", "audit"))
	if first.Checks != 0 || first.ID != id || first.Commit == 0 {
		t.Errorf("definition: %+v", first)
	}
	then := r.now
	body := assigning(ownUnit, "house", id, "")
	preview := r.writes(http.MethodPost, "/api/v1/assignments?dryRun=true", admin, body)
	if preview.Checks != 1 || preview.Resources != 1 || preview.Commit != 0 || len(of("")) != 0 {
		t.Errorf("preview %+v, checks %v", preview, of(""))
	}
	assigned := r.writes(http.MethodPost, "/api/v1/assignments", admin, body)
	list := of("")
	if assigned.Checks != 1 || len(list) != 1 || list[0]["policy"] != id || list[0]["title"] != "HTTPS of the house" || list[0]["state"] != "unhealthy" || list[0]["severity"] != "low" || list[0]["parametersHash"] == "" {
		t.Fatalf("assigned %+v, checks %v", assigned, list)
	}
	other := r.writes(http.MethodPost, "/api/v1/assignments", admin, assigning(ownUnit, "lax", id, `,"parameters":{"wanted":{"value":"false"}}`))
	if other.Checks != 1 || len(of("")) != 2 || len(of("&state=healthy")) != 1 {
		t.Errorf("with other parameters %+v: %v", other, of(""))
	}
	for _, path := range []string{"checks?", "recommendations?", "resources?", "difference?before=" + then.UTC().Format(time.RFC3339) + "&", "resource?id=" + url.QueryEscape(ownID) + "&"} {
		type told struct {
			Total  int
			Checks []any
		}
		lower := get[told](r, "/api/v1/"+path+"recommendation="+url.QueryEscape(id), admin)
		upper := get[told](r, "/api/v1/"+path+"recommendation="+url.QueryEscape(strings.ToUpper(id)), admin)
		if lower.Total+len(lower.Checks) == 0 || upper.Total != lower.Total || len(upper.Checks) != len(lower.Checks) {
			t.Errorf("%s: %d and %d rows by the id in two spellings, %d and %d checks", path, lower.Total, upper.Total, len(lower.Checks), len(upper.Checks))
		}
	}
	if both := rows(r, "/api/v1/recommendations?recommendation="+url.QueryEscape(id), admin); len(both) != 2 || both[0]["id"] != id || both[0]["policy"] != true {
		t.Errorf("recommendations: %v", both)
	}
	r.writes(http.MethodPost, "/api/v1/exemptions", admin, fmt.Sprintf(`{"scope":%q,"recommendations":[%q],"category":"waiver","reason":"x"}`, ownUnit, strings.ToUpper(id)))
	if exempt := of("&state=exempt"); len(exempt) != 2 {
		t.Errorf("exempt: %v", exempt)
	}

	standard := "?id=house&scope=" + url.QueryEscape(ownUnit)
	r.writes(http.MethodPost, "/api/v1/standards"+standard, admin, strings.ReplaceAll(bodies["write-standard"], foreignUnit, ownUnit))
	if told := standards("", admin); told != 2 {
		t.Errorf("a standard that is not assigned: %v", told)
	}
	r.writes(http.MethodPost, "/api/v1/assignments", admin, assigning(ownUnit, "standard", govern.PolicyID(ledger.Standard, ownUnit, "house"), ""))
	r.writes(http.MethodPost, "/api/v1/assignments", admin, assigning(ownUnit, "nist", "nist-800-53-r5", ""))
	if told := standards("", admin); told != 4 {
		t.Errorf("standards that are assigned: %v", told)
	}
	if one := get[struct{ Controls []struct{ Exempt int } }](r, "/api/v1/compliance/house", admin); len(one.Controls) != 1 || one.Controls[0].Exempt != 2 {
		t.Errorf("own standard: %+v", one)
	}
	for scope, want := range map[string]int{foreignUnit: 2, "/": 4} {
		if told := standards("?scope="+url.QueryEscape(scope), owner); told != want {
			t.Errorf("%d standards at %s, want %d", told, scope, want)
		}
	}

	changed := r.writes(http.MethodPost, "/api/v1/definitions", admin, definition(ownUnit, "house", "deny"))
	one := get[PolicyBody](r, "/api/v1/definition?id="+url.QueryEscape(strings.ToUpper(id[:40])+id[40:]), admin)
	if len(one.Versions) != 2 || one.Versions[0].Ended == nil || one.Versions[1].Commit != changed.Commit || len(one.NeededBy) != 3 || !strings.Contains(string(one.Document), `"deny"`) {
		t.Errorf("definition: %+v", one)
	}
	if was := get[PolicyBody](r, "/api/v1/definition?id="+url.QueryEscape(id)+"&at="+then.Add(time.Second).UTC().Format(time.RFC3339), admin); !strings.Contains(string(was.Document), `"audit"`) || len(was.NeededBy) != 0 {
		t.Errorf("as of then: %+v", was)
	}
	if was := rows(r, "/api/v1/checks?at="+then.UTC().Format(time.RFC3339)+"&recommendation="+url.QueryEscape(id), admin); len(was) != 0 {
		t.Errorf("checks as of then: %v", was)
	}
	if status, text := r.ask(http.MethodDelete, "/api/v1/definitions?id="+url.QueryEscape(id), admin, ""); status != http.StatusConflict || !strings.Contains(string(text), "needed by") {
		t.Errorf("what is needed is removed: %d %s", status, text)
	}
	back := r.undo(admin, assigned)
	if len(of("")) != 1 || back.Checks != 1 {
		t.Errorf("undone %+v: %v", back, of(""))
	}
	if r.undo(admin, back); len(of("")) != 2 {
		t.Errorf("undone twice: %v", of(""))
	}

	r.writes(http.MethodPost, "/api/v1/initiatives", admin, `{"id":"`+govern.PolicyID(ledger.Initiative, ownUnit, "set")+`","properties":{"displayName":"Set","policyDefinitionGroups":[{"name":"G1","displayName":"Transport"}],"policyDefinitions":[
		{"policyDefinitionId":"`+id+`","policyDefinitionReferenceId":"house","groupNames":["G1"]},{"policyDefinitionId":"/providers/Microsoft.Authorization/policyDefinitions/404c3081-a854-4457-ae30-26a93ef643f9","policyDefinitionReferenceId":"twin"}]}}`)
	r.writes(http.MethodPost, "/api/v1/assignments", admin, assigning(ownUnit, "set", govern.PolicyID(ledger.Initiative, ownUnit, "set"), ""))
	set := get[struct {
		Title    string
		Controls []struct {
			ID                string
			Unhealthy, Exempt int
		}
	}](r, "/api/v1/compliance/set", admin)
	if got := fmt.Sprint(set); got != "{Set [{G1 0 1} {twin 1 0}]}" || standards("", admin) != 5 {
		t.Errorf("initiative: %s, %d standards", got, standards("", admin))
	}
}

// TestExplain_policyByName: a policy that judges the resource is explained by its name,
// where only one of that name does.
func TestExplain_policyByName(t *testing.T) {
	r, owner := twoCompanies(t)
	admin := r.token("admin", access.SecurityAdmin, ownUnit)
	asked := "/api/v1/resource/explain?id=" + url.QueryEscape(ownID) + "&recommendation="
	id, high := govern.PolicyID(ledger.Definition, ownUnit, "house"), govern.PolicyID(ledger.Definition, "/", "house")
	r.writes(http.MethodPost, "/api/v1/definitions", admin, definition(ownUnit, "house", "audit"))
	r.writes(http.MethodPost, "/api/v1/definitions", owner, definition("/", "house", "audit"))
	if status, text := r.ask(http.MethodGet, asked+"house", admin, ""); status != http.StatusNotFound {
		t.Errorf("of what is not assigned: %d %s", status, text)
	}
	r.writes(http.MethodPost, "/api/v1/assignments", admin, assigning(ownUnit, "house", id, ""))
	type told struct{ Text string }
	if by, want := get[told](r, asked+"House", admin), get[told](r, asked+url.QueryEscape(id), admin); by != want || want.Text == "" {
		t.Errorf("by its name %s, want %s", by.Text, want.Text)
	}
	r.writes(http.MethodPost, "/api/v1/assignments", owner, assigning(ownUnit, "high", high, ""))
	status, text := r.ask(http.MethodGet, asked+"house", admin, "")
	if status != http.StatusUnprocessableEntity || !strings.Contains(string(text), "want the id of one: "+high+", "+id) {
		t.Errorf("of two: %d %s", status, text)
	}
}

// TestPolicies_spelling: what is undone is called as it was.
func TestPolicies_spelling(t *testing.T) {
	r, _ := twoCompanies(t)
	admin := r.token("admin", access.SecurityAdmin, ownUnit)
	id := ownUnit + "/providers/Microsoft.Authorization/policySetDefinitions/FooBar"
	set := func(title string) Written {
		return r.writes(http.MethodPost, "/api/v1/initiatives", admin, `{"id":"`+id+`","name":"FooBar","properties":{"displayName":"`+title+`","policyDefinitions":[
			{"policyDefinitionId":"/providers/Microsoft.Authorization/policyDefinitions/404c3081-a854-4457-ae30-26a93ef643f9"}]}}`)
	}
	set("One")
	r.writes(http.MethodPost, "/api/v1/assignments", admin, assigning(ownUnit, "set", id, ""))
	r.undo(admin, set("Two"))
	list := get[struct{ Rows []StandardRow }](r, "/api/v1/compliance", admin).Rows
	if !slices.ContainsFunc(list, func(s StandardRow) bool { return s.ID == "FooBar" && s.Title == "One" }) {
		t.Errorf("compliance: %+v", list)
	}
}

// TestPolicies_that_are_wrong: all that is wrong is told with its place; what is
// only doubtful is kept, and told.
func TestPolicies_that_are_wrong(t *testing.T) {
	r, _ := twoCompanies(t)
	admin := r.token("admin", access.SecurityAdmin, ownUnit)
	good := definition(ownUnit, "house", "audit")
	tests := map[string]struct {
		noun, query, body string
		want              []string // parts of the answer
		ok                bool
	}{
		"two_things":            {"definitions", "", strings.NewReplacer(`"equals"`, `"equal"`, `"effect":"audit"`, `"effect":"adit"`).Replace(good), []string{"body:1:", "equal", `adit`}, false},
		"unknown_alias":         {"definitions", "", strings.ReplaceAll(good, "supportsHttpsTrafficOnly", "supportsHttpsTrafficOnl"), []string{"unknown alias", `did you mean \"Microsoft.Storage/storageAccounts/supportsHttpsTrafficOnly\"`}, true},
		"no_json":               {"definitions", "", "{", []string{"body:1:"}, false},
		"no_place":              {"definitions", "", strings.Replace(good, `"id":`, `"nid":`, 1), []string{"body.name", "want a name"}, false},
		"place_asked_for":       {"definitions", "id=h&scope=" + url.QueryEscape(ownUnit), strings.Replace(good, `"id":`, `"nid":`, 1), []string{`policydefinitions/h"`}, true},
		"assigned_where_asked":  {"assignments", "id=h&scope=" + url.QueryEscape(ownUnit), `{"properties":{"policyDefinitionId":"nist-800-53-r5"}}`, []string{`policyassignments/h"`}, true},
		"assigned_nowhere":      {"assignments", "id=h", `{"properties":{"policyDefinitionId":"nist-800-53-r5"}}`, []string{`body:1:15`, `assignment without \"scope\"`}, false},
		"not_there":             {"assignments", "", assigning(ownUnit, "a", govern.PolicyID(ledger.Definition, foreignUnit, "house"), ""), []string{"there is no definition, initiative or standard"}, false},
		"two_parameters":        {"assignments", "", assigning(ownUnit, "a", "mcsb-v1", `,"parameters":[],"notScopes":"x"`), []string{"parameters", "notScopes"}, false},
		"parameters_twice":      {"assignments", "", assigning(ownUnit, "a", "mcsb-v1", `,"parameters":{"a":{"value":"x"}},"Parameters":{"a":{"value":"y"}}`), []string{`assignment has \"parameters\" twice`}, false},
		"unknown_rules":         {"standards", "id=s&scope=" + url.QueryEscape(ownUnit), "title: Mine\nauthority: us\nversion: '1'\nclouds: [azure]\ncontrols:\n- id: A\n  title: One\n  recommendations: [nothing]\n- id: B\n  title: Two\n  policies: [none]\n", []string{"body:6:", "body:9:", "nothing", "none"}, false},
		"a_standard_in_yaml":    {"standards", "id=s&scope=" + url.QueryEscape(ownUnit), "title: Mine\nauthority: us\nversion: '1'\nclouds: [azure]\ncontrols:\n- id: A\n  title: One\n  recommendations: [" + storageRule + "]\n", []string{`securitystandards/s"`}, true},
		"built_in_one":          {"standards", "id=mcsb-v1&scope=" + url.QueryEscape(ownUnit), "title: Mine\nauthority: us\nversion: '1'\nclouds: [azure]\ncontrols: [{id: A, title: One}]\n", []string{"a built-in standard is called mcsb-v1"}, false},
		"member_not_there":      {"initiatives", "", `{"id":"` + govern.PolicyID(ledger.Initiative, ownUnit, "i") + `","properties":{"policyDefinitions":[{"policyDefinitionId":"x"},{"policyDefinitionId":"y"}]}}`, []string{`member \"x\"`, `member \"y\"`}, false},
		"member_of_catalogue":   {"initiatives", "", `{"id":"` + govern.PolicyID(ledger.Initiative, ownUnit, "i") + `","properties":{"policyDefinitions":[{"policyDefinitionId":"/providers/Microsoft.Authorization/policyDefinitions/404c3081-a854-4457-ae30-26a93ef643f9"}]}}`, []string{`"id"`}, true},
		"for_another_scope":     {"assignments", "", strings.Replace(assigning(ownUnit, "a", "mcsb-v1", ""), `"scope":"`+ownUnit, `"scope":"`+foreignUnit, 1), []string{"and kept at"}, false},
		"of_a_scope_not_known":  {"assignments", "", assigning("/subscriptions/33333333-3333-3333-3333-333333333333", "a", "mcsb-v1", ""), []string{"there is no scope"}, false},
		"several":               {"definitions", "", "[" + good + ",\n" + strings.NewReplacer("/house", "/tin", "supportsHttpsTrafficOnly", "none").Replace(good) + "]", []string{`"documents":2`, `"2:`, `unknown alias`}, true},
		"several_wrong":         {"definitions", "", good + "\n" + strings.ReplaceAll(good, `"equals"`, `"equal"`), []string{"body:2:", "equal"}, false},
		"several_elsewhere":     {"definitions", "", good + "\n" + definition(foreignUnit, "tin", "audit"), []string{"there is no scope " + foreignUnit}, false},
		"of_another_collection": {"definitions", "", strings.Replace(good, "policydefinitions", "policysetdefinitions", 1), []string{"want SCOPE/providers/Microsoft.Authorization/policyDefinitions/NAME"}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			status, text := r.ask(http.MethodPost, "/api/v1/"+test.noun+"?dryRun=true&"+test.query, admin, test.body)
			if test.ok != (status == http.StatusOK) || status >= 500 {
				t.Errorf("%d %s", status, text)
			}
			for _, want := range test.want {
				if !strings.Contains(string(text), want) {
					t.Errorf("%s is not in %s", want, text)
				}
			}
			if !json.Valid(text) {
				t.Errorf("no JSON: %s", text)
			}
		})
	}
}

// TestPolicies_show_everywhere: checks of a policy with two sets of parameters are two
// in files, in the difference of two times, in the history of the resource and on
// its page, with what they were judged on; search finds the policy; the overview
// and the difference have the standard that is assigned. Who sees nothing of it
// hears nothing.
func TestPolicies_show_everywhere(t *testing.T) {
	r, _ := twoCompanies(t)
	admin, other := r.token("admin", access.SecurityAdmin, ownUnit), r.token("other", access.SecurityAdmin, foreignUnit)
	then := url.QueryEscape(r.now.UTC().Format(time.RFC3339))
	id := govern.PolicyID(ledger.Definition, ownUnit, "house")
	r.writes(http.MethodPost, "/api/v1/definitions", admin, definition(ownUnit, "house", "audit"))
	r.writes(http.MethodPost, "/api/v1/assignments", admin, assigning(ownUnit, "strict", id, ""))
	lax := r.writes(http.MethodPost, "/api/v1/assignments", admin, assigning(ownUnit, "lax", id, `,"parameters":{"wanted":{"value":"false"}}`))
	r.writes(http.MethodPost, "/api/v1/standards?id=house&scope="+url.QueryEscape(ownUnit), admin, strings.ReplaceAll(bodies["write-standard"], foreignUnit, ownUnit))
	r.writes(http.MethodPost, "/api/v1/assignments", admin, assigning(ownUnit, "standard", govern.PolicyID(ledger.Standard, ownUnit, "house"), ""))
	of := "recommendation=" + url.QueryEscape(id)

	for _, list := range []string{"checks", "recommendations", "definitions", "assignments", "compliance"} {
		query := map[string]string{"checks": "&" + of, "recommendations": "&" + of}[list]
		_, text := r.ask(http.MethodGet, "/api/v1/exports?format=jsonl&list="+list+query, admin, "")
		file, _ := lines(t, string(text))
		hashes := map[any]bool{}
		for _, row := range file {
			hashes[row["parametersHash"]] = true
		}
		want := map[string]string{"checks": "2 2", "recommendations": "2 2", "definitions": "1 1", "assignments": "3 1", "compliance": "3 1"}[list]
		if got := fmt.Sprint(len(file), len(hashes)); got != want || list == "checks" && file[0]["policy"] != id {
			t.Errorf("file of %s: %s rows and sets of parameters, want %s: %s", list, got, want, text)
		}
	}

	for _, by := range []string{"check", "recommendation"} {
		var found []DifferenceRow
		for cursor := ""; len(found) < 3; {
			page := get[DifferenceBody](r, "/api/v1/difference?limit=1&before="+then+"&by="+by+"&"+of+"&cursor="+cursor, admin)
			found = append(found, page.Rows...)
			if cursor = page.Cursor; cursor == "" {
				break
			}
		}
		if len(found) != 2 || found[0].Policy != id || found[0].ParametersHash == found[1].ParametersHash || found[0].Title != "HTTPS of the house" || found[0].Severity != posture.Low {
			t.Errorf("difference by %s: %+v", by, found)
		}
	}
	turned := get[DifferenceBody](r, "/api/v1/difference?before="+then, admin)
	if c := turned.Compliance; len(c) != 1 || c[0].ID != "house" || c[0].Before != nil || len(c[0].Controls) != 1 || c[0].Controls[0] != (ControlTurn{"H-1", "HTTPS", 0, compliance.Failed}) {
		t.Errorf("difference of compliance: %+v", c)
	}
	if told := get[Overview](r, "/api/v1/overview", admin).Compliance; len(told) != 3 || !slices.ContainsFunc(told, func(row StandardRow) bool { return row.ID == "house" && row.Failed == 1 }) {
		t.Errorf("overview: %+v", told)
	}
	for token, want := range map[string]string{admin: "[recommendations 1 " + id + "] [controls 1 house:H-1] ", other: ""} {
		got := ""
		for _, g := range get[struct{ Groups []SearchGroup }](r, "/api/v1/search?kind=recommendations,controls&limit=50&q=house", token).Groups {
			for _, hit := range g.Rows {
				if strings.Contains(hit.ID, "house") {
					got += fmt.Sprint([]any{g.Kind, g.Total, hit.ID}) + " "
				}
			}
		}
		if got != want {
			t.Errorf("search: %s, want %s", got, want)
		}
	}

	resource := "?id=" + url.QueryEscape(ownID)
	evidence := func(more string) string {
		var all []string
		for _, c := range get[ResourceBody](r, "/api/v1/resource"+resource+"&"+of+more, admin).Checks {
			all = append(all, fmt.Sprint(c.Policy == id, " ", c.State, " ", c.Evidence, c.EvidenceMissing))
		}
		return strings.Join(all, ", ")
	}
	const strict = "true unhealthy [{properties.supportsHttpsTrafficOnly false false equals \"true\"  false}]"
	both := strict + ", true healthy [{properties.supportsHttpsTrafficOnly false false equals \"false\"  false}]"
	if got := evidence(""); got != both {
		t.Errorf("evidence: %s, want %s", got, both)
	}
	told := get[struct{ Text string }](r, "/api/v1/resource/explain"+resource+"&"+of, admin).Text
	if strings.Count(told, "state: ") != 2 || !strings.Contains(told, "state: healthy") || !strings.Contains(told, "supportsHttpsTrafficOnly") {
		t.Errorf("explained: %s", told)
	}
	if status, text := r.ask(http.MethodGet, "/api/v1/resource/explain?id="+url.QueryEscape(foreignID)+"&"+of, other, ""); status != http.StatusNotFound {
		t.Errorf("of a policy that judges elsewhere: %d %s", status, text)
	}
	changes := get[struct{ Checks []CheckChange }](r, fmt.Sprintf("/api/v1/resource/difference%s&before=%d", resource, lax.Commit-1), admin).Checks
	if len(changes) != 1 || changes[0].Policy != id || changes[0].ParametersHash == "" || changes[0].Before != 0 || changes[0].After != posture.Healthy || changes[0].Cause != "rules" {
		t.Errorf("what the second assignment changed: %+v", changes)
	}
	then = "&at=" + url.QueryEscape(r.now.UTC().Format(time.RFC3339))
	r.undo(admin, lax)
	if now, was := evidence(""), evidence(then); now != strict || was != both {
		t.Errorf("evidence without the second: %s; as of before: %s", now, was)
	}
}

// TestPolicies_spell_scopes: however the id of a document spells its scope, the answer
// has the scope as the estate calls it, at once as later.
func TestPolicies_spell_scopes(t *testing.T) {
	r, owner := twoCompanies(t)
	shouted := strings.ToUpper(ownUnit)
	r.writes(http.MethodPost, "/api/v1/definitions", owner, definition(shouted, "house", "audit"))
	r.writes(http.MethodPost, "/api/v1/assignments", owner, assigning(shouted, "house", govern.PolicyID(ledger.Definition, shouted, "house"), ""))
	for _, list := range []string{"definitions", "assignments"} {
		if all := rows(r, "/api/v1/"+list+"?", owner); len(all) != 1 || all[0]["scope"] != ownUnit {
			t.Errorf("%s: %v, want the scope %s", list, all, ownUnit)
		}
	}
}
