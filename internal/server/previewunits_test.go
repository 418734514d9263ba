package server

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// TestPreviewOfStandards: what a preview of a standard or its assignment counts is what
// the difference is once it is written, with the checks of manual controls.
func TestPreviewOfStandards(t *testing.T) {
	r, owner := twoCompanies(t)
	admin := r.token("admin", access.SecurityAdmin, ownUnit)
	house := func(controls string) string {
		all := ""
		for _, id := range strings.Split(controls, "") {
			all += fmt.Sprintf(`,{"id":%q,"title":"what people know %s","manual":true}`, id, id)
		}
		return `{"title":"House","authority":"us","version":"1","clouds":["azure"],"controls":[` + all[1:] + `]}`
	}
	standards := "/api/v1/standards?id=house&scope=" + url.QueryEscape(ownUnit)
	kept := govern.PolicyID(ledger.Standard, ownUnit, "house")
	gone := func(kind ledger.DocumentKind, name string) string {
		return "/api/v1/" + kind.Plural() + "?id=" + url.QueryEscape(govern.PolicyID(kind, ownUnit, name))
	}
	steps := []struct {
		name, token, method, path, body string
		checks                          int
	}{
		{"a standard that nobody assigned", admin, "POST", standards, house("AB"), 0},
		{"assigned", admin, "POST", "/api/v1/assignments", assigning(ownUnit, "house", kept, ""), 2},
		{"assigned again", owner, "POST", "/api/v1/assignments", assigning(ownUnit, "twice", kept, ""), 0},
		{"another version", admin, "POST", standards, house("ACD"), 3},
		{"the same", admin, "POST", standards, house("ACD"), 0},
		{"one of two assignments gone", admin, "DELETE", gone(ledger.Assignment, "twice"), "", 0},
		{"and the other", owner, "DELETE", gone(ledger.Assignment, "house"), "", 3},
		{"what comes with the product", admin, "POST", "/api/v1/assignments", assigning(ownUnit, "nist", "nist-800-53-r5", ""), -1},
	}
	for _, step := range steps {
		then := url.QueryEscape(r.now.Format(time.RFC3339))
		r.now = r.now.Add(time.Hour)
		more := "?"
		if strings.Contains(step.path, "?") {
			more = "&"
		}
		preview := r.writes(step.method, step.path+more+"dryRun=true", step.token, step.body)
		if step.name == "assigned" { // who may not look into the unit hears nothing of it
			if status, text := r.ask(http.MethodPost, step.path+"?dryRun=true", r.token("other", access.SecurityAdmin, foreignUnit), step.body); status < 400 {
				t.Errorf("%s: %d %s", step.name, status, text)
			}
		}
		did := r.writes(step.method, step.path, step.token, step.body)
		sum := get[DifferenceBody](r, "/api/v1/difference?before="+then, owner).Sum
		if preview.Checks != sum.Checks || did.Checks != sum.Checks || preview.Resources != did.Resources || (did.Checks > 0) != (did.Resources > 0) {
			t.Errorf("%s: a preview of %d checks of %d resources, done with %d of %d; the difference is %+v", step.name, preview.Checks, preview.Resources, did.Checks, did.Resources, sum)
		}
		if step.checks >= 0 && did.Checks != step.checks || step.checks < 0 && did.Checks < 100 {
			t.Errorf("%s: %d checks, want %d", step.name, did.Checks, step.checks)
		}
	}
}

// TestControlsOfOneName: two companies call their standards alike, and each control of
// either has its check in the units of its own, whoever looks: in lists, coverage, KQL
// and what was before.
func TestControlsOfOneName(t *testing.T) {
	r, owner := twoCompanies(t)
	manual := func(scope, controls string) {
		t.Helper()
		all := ""
		for _, id := range strings.Split(controls, "") {
			all += fmt.Sprintf(`,{"id":%q,"title":"what people know %s","manual":true}`, id, id)
		}
		r.writes(http.MethodPost, "/api/v1/standards?id=house&scope="+url.QueryEscape(scope), owner, `{"title":"House of `+scope+`","authority":"us","version":"1","clouds":["azure"],"controls":[`+all[1:]+`]}`)
	}
	said := func(at string) string {
		t.Helper()
		var all []string
		for _, scope := range []string{"/", ownUnit, foreignUnit} {
			query := "?limit=1&scope=" + url.QueryEscape(scope)
			if at != "" {
				query += "&at=" + url.QueryEscape(at)
			}
			told := get[struct{ Coverage struct{ Manual int } }](r, "/api/v1/checks"+query+"&state=manual", owner).Coverage.Manual
			house := get[struct{ Total int }](r, "/api/v1/checks"+query+"&recommendation=house:A,house:B,house:C", owner).Total
			asked := r.answered(owner, QueryRequest{Query: `securityresources | where type == 'microsoft.security/assessments' and name startswith 'house:' | count`, Scopes: []string{scope}, At: at}).Rows[0][0]
			counted := r.answered(owner, QueryRequest{Query: `securityresources | where type == 'microsoft.security/securescores' | summarize n = sum(tolong(properties.bartizan.coverage.manual))`, Scopes: []string{scope}, At: at}).Rows[0][0]
			all = append(all, fmt.Sprint(told, " manual, of house ", house, ", KQL ", asked, ", in its scores ", counted))
		}
		return strings.Join(all, "; ")
	}
	number := func(text string) (n int) { _, _ = fmt.Sscan(text, &n); return n }
	manual(ownUnit, "A")
	manual(foreignUnit, "AB")
	apart := strings.Split(said(""), "; ")
	if !strings.Contains(apart[1], "KQL 1,") || !strings.Contains(apart[2], "KQL 2,") || !strings.Contains(apart[0], "KQL 3,") { // as what is not assigned shows there
		t.Errorf("nothing is assigned: %q", apart)
	}
	for scope, want := range map[string]int{ownUnit: 1, foreignUnit: 2} {
		did := r.writes(http.MethodPost, "/api/v1/assignments", owner, assigning(scope, "house", govern.PolicyID(ledger.Standard, scope, "house"), ""))
		if did.Checks != want {
			t.Errorf("assigned at %s: %d checks, want %d", scope, did.Checks, want)
		}
	}
	then := r.now.Format(time.RFC3339)
	both := said("")
	for i, of := range strings.Split(both, "; ") {
		want := []int{3, 1, 2}[i]
		if got := number(of) - number(apart[i]); got != want || !strings.Contains(of, fmt.Sprintf("of house %d, KQL %d, in its scores %d", want, want, number(of))) {
			t.Errorf("%d more, want %d: %s", got, want, of)
		}
	}
	r.now = r.now.Add(time.Hour)
	if gone := r.writes(http.MethodDelete, "/api/v1/assignments?id="+url.QueryEscape(govern.PolicyID(ledger.Assignment, ownUnit, "house")), owner, ""); gone.Checks != 1 {
		t.Errorf("one assignment gone: %d checks", gone.Checks)
	}
	if before := said(then); before != both {
		t.Errorf("as of then %s, was %s", before, both)
	}
}

// TestEndOfAManualControl: what was said of a control that waits for a person ends with
// a commit and an entry of the audit log, as all else does.
func TestEndOfAManualControl(t *testing.T) {
	r, owner := twoCompanies(t)
	r.writes(http.MethodPost, "/api/v1/attestations", owner, fmt.Sprintf(`{"scope":%q,"recommendation":"mcsb-v1:IR-1","state":"healthy","text":"x","expiresOn":%q}`,
		ownUnit, r.now.Add(time.Hour).Format(time.RFC3339)))
	ended := func() (entries int, head ledger.Number) {
		t.Helper()
		for e, err := range r.store.AuditLog(t.Context(), ledger.AuditFilter{}) {
			if err != nil {
				t.Fatal(err)
			}
			if e.Action == "attestation.end" {
				entries, head = entries+1, e.Commit
			}
		}
		return entries, head
	}
	before, err := r.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.now = r.now.Add(2 * time.Hour)
	for range 2 { // once is enough
		if _, err := r.server.Estate.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if entries, commit := ended(); entries != 1 || commit != before+1 {
		t.Errorf("%d entries, of commit %d; want 1, of %d", entries, commit, before+1)
	}
}
