package server

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// azures is an exemption as Azure writes it.
func azures(scope, name, assignment, more string) string {
	return fmt.Sprintf(`{"id":%q,"name":%q,"type":"Microsoft.Authorization/policyExemptions","systemData":{"createdBy":"anna"},"properties":{"policyAssignmentId":%q,"exemptionCategory":"Waiver","displayName":"Devices","metadata":{"ticket":7}%s}}`,
		scope+"/providers/Microsoft.Authorization/policyExemptions/"+name, name, assignment, more)
}

// TestExemption_of_an_assignment: a check is exempt while each way in which it is judged
// is; what another assignment makes of that is previewed, told in history, and undone.
// Azure's form is kept under its id, changed by it, and ends by itself.
func TestExemption_of_an_assignment(t *testing.T) {
	r := newRunning(t)
	owner := r.token("owner", access.Owner, "/")
	from := r.now
	r.imported(owner, "root=own", strings.ReplaceAll(gapResource(gapA, "g", storageType, "s", "westeurope"), "TLS1_2", "TLS1_0"))
	tls := govern.PolicyID(ledger.Definition, "own", "tls")
	r.writes(http.MethodPost, "/api/v1/definitions", owner, gapDefinition("tls", storageType, tlsField, ""))
	r.writes(http.MethodPost, "/api/v1/standards?id=house&scope=own", owner, `{"title":"House","authority":"us","version":"1","clouds":["azure"],"controls":[{"id":"H1","title":"one","policies":["`+tls+`"]}]}`)
	r.writes(http.MethodPost, "/api/v1/assignments", owner, assigning("own", "house", govern.PolicyID(ledger.Standard, "own", "house"), ""))
	r.writes(http.MethodPost, "/api/v1/assignments", owner, assigning(gapA, "first", tls, ""))
	first, second := govern.PolicyID(ledger.Assignment, gapA, "first"), govern.PolicyID(ledger.Assignment, gapA+"/resourceGroups/g", "second")

	const path = "/api/v1/exemptions"
	group := gapA + "/resourceGroups/g"
	stands := func(want string) {
		t.Helper()
		text := ""
		for _, row := range get[struct{ Rows []CheckRow }](r, "/api/v1/checks?recommendation="+url.QueryEscape(tls), owner).Rows {
			text += row.State.String()
			if row.State == posture.Exempt {
				text += fmt.Sprintf(" %s %v %d", row.Exemption.Reason, row.Exemption.ExpiresOn, len(row.Exemption.IDs))
			}
			for _, ref := range row.References {
				text += fmt.Sprint(", ", ref.Assignment[strings.LastIndexByte(ref.Assignment, '/')+1:], " ", ref.Exempt, ref.Category)
			}
		}
		if text != want {
			t.Errorf("it stands %q, want %q", text, want)
		}
	}
	stands("unhealthy, first false")
	expires := r.now.Add(5 * time.Hour).UTC().Truncate(time.Second)
	until := `,"expiresOn":"` + expires.Format(time.RFC3339) + `"`
	written := r.writes(http.MethodPost, path, owner, azures(group, "X", first, until))
	id := strings.ToLower(group + "/providers/Microsoft.Authorization/policyExemptions/X")
	if written.ID != id || written.Checks != 1 || len(written.Warnings) > 0 {
		t.Fatalf("written: %+v", written)
	}
	stands("exempt Devices " + fmt.Sprint(&expires) + " 1, first truewaiver")
	if list := rows(r, path+"?", owner); len(list) != 1 || list[0]["id"] != id || list[0]["assignment"] != first || list[0]["scope"] != group {
		t.Errorf("listed: %v", list)
	}
	if entries := get[struct{ Rows []AuditRow }](r, "/api/v1/audit?action=exemption.", owner).Rows; len(entries) != 1 || !strings.Contains(string(entries[0].Detail), first) || entries[0].Scope != group {
		t.Errorf("audit log: %+v", entries)
	}

	// One that says the same under another name judges nothing else, and yet is another.
	twin := assigning(gapA, "twin", tls, "")
	if preview := r.writes(http.MethodPost, "/api/v1/assignments?dryRun=true", owner, twin); preview.Checks != 1 {
		t.Errorf("preview of the same assignment: %+v", preview)
	}
	r.undo(owner, r.writes(http.MethodPost, "/api/v1/assignments", owner, twin))
	stands("exempt Devices " + fmt.Sprint(&expires) + " 1, first truewaiver")

	// Another assignment judges it too: it is exempt no longer, as its preview says.
	other := assigning(group, "second", tls, "")
	preview := r.writes(http.MethodPost, "/api/v1/assignments?dryRun=true", owner, other)
	if stands("exempt Devices " + fmt.Sprint(&expires) + " 1, first truewaiver"); preview.Checks != 1 || preview.Resources != 1 {
		t.Errorf("preview of the other assignment: %+v", preview)
	}
	added := r.writes(http.MethodPost, "/api/v1/assignments", owner, other)
	stands("unhealthy, first truewaiver, second false")
	if none := r.writes(http.MethodPost, path+"?dryRun=true", owner, azures(gapA, "Y", first, "")); none.Checks != 0 || len(none.Warnings) != 1 || !strings.Contains(none.Warnings[0], "judged in another way too") {
		t.Errorf("one that exempts no check: %+v", none)
	}
	both := r.writes(http.MethodPost, path, owner, fmt.Sprintf(`{"resources":[{"id":%q}],"assignment":%q,"category":"mitigated","reason":"a proxy"}`, group+"/providers/"+storageType+"/s", second))
	stands("exempt a proxy " + fmt.Sprint(&expires) + " 2, first truewaiver, second truemitigated")
	r.undo(owner, both)
	r.undo(owner, added)
	stands("exempt Devices " + fmt.Sprint(&expires) + " 1, first truewaiver")

	history := get[ComplianceHistory](r, "/api/v1/compliance/house/history?from="+url.QueryEscape(from.Format(time.RFC3339)), owner)
	var turns []string
	for _, p := range history.Points {
		for _, c := range p.Causes {
			for _, turn := range c.Controls {
				turns = append(turns, fmt.Sprint(c.Kind, " ", c.Object[strings.LastIndexByte(c.Object, '/')+1:], " ", turn.After))
			}
		}
	}
	last := turns[max(0, len(turns)-7):]
	if want := fmt.Sprintf("[exemption x %[1]v rules twin %[2]v rules twin %[1]v rules second %[2]v exemption %[3]s %[1]v exemption %[3]s %[2]v rules second %[1]v]", compliance.NotApplicable, compliance.Failed, both.ID); fmt.Sprint(last) != want {
		t.Errorf("history: %v, want %s", last, want)
	}

	// It is changed by its id, ends at its instant, and is removed.
	changed := r.writes(http.MethodPost, path, owner, strings.Replace(azures(group, "X", first, until), `"Waiver"`, `"Mitigated"`, 1))
	if changed.ID != id || changed.Undo.Method != http.MethodPost {
		t.Errorf("changed: %+v", changed)
	}
	stands("exempt Devices " + fmt.Sprint(&expires) + " 1, first truemitigated")
	r.undo(owner, changed)
	stands("exempt Devices " + fmt.Sprint(&expires) + " 1, first truewaiver")
	r.now = expires
	for range 2 {
		if err := r.server.tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := r.server.Follower.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	stands("unhealthy, first false")
	r.writes(http.MethodDelete, path+"?id="+url.QueryEscape(strings.ToUpper(id)), owner, "")
	if list := rows(r, path+"?", owner); len(list) != 0 {
		t.Errorf("left are %v", list)
	}
}

// TestExemption_of_an_assignment_moves_the_score: where an assignment that goes leaves a
// check exempt under all the others, the score's history says so, though nothing is
// judged again.
func TestExemption_of_an_assignment_moves_the_score(t *testing.T) {
	r := newRunning(t)
	owner := r.token("owner", access.Owner, "/")
	r.imported(owner, "root=own", storageAccount(ownID)+"\n")
	const builtIn = "/providers/Microsoft.Authorization/policyDefinitions/404c3081-a854-4457-ae30-26a93ef643f9"
	r.writes(http.MethodPost, "/api/v1/definitions", owner, `{"id":"`+builtIn+`","properties":{"policyType":"BuiltIn","policyRule":{"if":{"field":"type","equals":"`+storageType+`"},"then":{"effect":"audit"}}}}`)
	first := r.writes(http.MethodPost, "/api/v1/assignments", owner, assigning(ownUnit, "first", builtIn, ""))
	r.writes(http.MethodPost, "/api/v1/assignments", owner, assigning(ownUnit, "twin", builtIn, ""))
	r.writes(http.MethodPost, "/api/v1/exemptions", owner, azures(ownUnit, "x", first.ID, ""))
	score := "/api/v1/score/history?scope=" + url.QueryEscape(ownUnit)
	before := get[struct{ Points []ScorePoint }](r, score, owner).Points
	gone := "/api/v1/assignments?id=" + url.QueryEscape(govern.PolicyID(ledger.Assignment, ownUnit, "twin"))
	preview := r.writes(http.MethodDelete, gone+"&dryRun=true", owner, "")
	r.writes(http.MethodDelete, gone, owner, "")
	after := get[struct{ Points []ScorePoint }](r, score, owner).Points
	now := get[Score](r, "/api/v1/score?scope="+url.QueryEscape(ownUnit), owner)
	if last := after[len(after)-1]; len(after) != len(before)+1 || last.Weight != before[len(before)-1].Weight-1 || last.Weight != now.Units[0].Weight || preview.Checks != 1 {
		t.Errorf("history %+v, then %+v; the preview said %d checks, the weight is %d", before, after, preview.Checks, now.Units[0].Weight)
	}
}

// TestExemption_of_an_assignment_refused: all that is wrong with what an exemption names
// is told at once, and nothing of what one does not see.
func TestExemption_of_an_assignment_refused(t *testing.T) {
	r := newRunning(t)
	owner := r.token("owner", access.Owner, "/")
	r.imported(owner, "root=own", gapResource(gapA, "g", storageType, "s", "westeurope")+gapResource(gapA, "not", storageType, "t", "westeurope")+gapResource(gapB, "g", storageType, "s", "westeurope"))
	r.writes(http.MethodPost, "/api/v1/definitions", owner, gapDefinition("tls", storageType, tlsField, ""))
	tls, set := govern.PolicyID(ledger.Definition, "own", "tls"), govern.PolicyID(ledger.Initiative, "own", "set")
	r.writes(http.MethodPost, "/api/v1/initiatives", owner, `{"id":"`+set+`","properties":{"policyDefinitions":[`+gapMembers("tls")+`]}}`)
	r.writes(http.MethodPost, "/api/v1/assignments", owner, assigning(gapA, "set", set, `,"notScopes":["`+gapA+`/resourceGroups/not"]`))
	r.writes(http.MethodPost, "/api/v1/assignments", owner, assigning(gapB, "alone", tls, ""))
	r.writes(http.MethodPost, "/api/v1/assignments", owner, assigning("own", "cis", "nist-800-53-r5", ""))
	assignment, alone := govern.PolicyID(ledger.Assignment, gapA, "set"), govern.PolicyID(ledger.Assignment, gapB, "alone")
	own := r.token("admin", access.SecurityAdmin, gapA)
	below := r.token("below", access.SecurityAdmin, gapA+"/resourceGroups/g")
	reader := r.token("reader", access.Reader, gapA)
	of := func(scope, more string) string {
		return `{"scope":"` + scope + `","category":"waiver","reason":"x",` + more + `}`
	}
	tests := map[string]struct {
		token, body string
		status      int
		want        []string
	}{
		"no_such_assignment":   {own, of(gapA, `"assignment":"`+assignment+`s"`), 422, []string{"body.assignment", "there is no assignment", `did you mean \"` + assignment + `\"?`}},
		"not_seen":             {own, of(gapA, `"assignment":"`+alone+`"`), 422, []string{"there is no assignment"}},
		"no_such_member":       {own, of(gapA, `"assignment":"`+assignment+`","members":["r-tsl","R-TLS","x"]`), 422, []string{"body.members[0]", `did you mean \"r-tls\"?`, "body.members[2]"}},
		"member_and_scope":     {owner, of(gapB, `"assignment":"`+assignment+`","members":["x"]`), 422, []string{"body.members[0]", "body.scope", "the assignment is for " + gapA}},
		"member_of_definition": {owner, of(gapB, `"assignment":"`+alone+`","members":["x"]`), 422, []string{"body.members", "a definition alone"}},
		"standard":             {owner, of(gapB, `"assignment":"own/providers/microsoft.authorization/policyassignments/cis"`), 422, []string{"makes no checks of its own"}},
		"both":                 {own, of(gapA, `"assignment":"`+assignment+`","recommendations":["`+storageRule+`"]`), 422, []string{"body.recommendations", "not both"}},
		"members_alone":        {own, of(gapA, `"members":["x"]`), 422, []string{"body.members", "want the assignment too"}},
		"selectors":            {own, of(gapA, `"assignment":"`+assignment+`","resourceSelectors":[{"selectors":[{"kind":"resourceTyp","in":["a"]}]}]`), 422, []string{"body.resourceSelectors", "resourceTyp"}},
		"azures_without_id":    {own, `{"properties":{"policyAssignmentId":"` + assignment + `"}}`, 422, []string{"exemptionCategory", `without an \"id\"`}},
		"azures_outside":       {owner, azures(gapB, "x", assignment, ""), 422, []string{"the assignment is for " + gapA}},
		"azures_own_id":        {own, strings.Replace(azures(gapA, "x", assignment, ""), "policyExemptions/x", "policyExemptions/x/y", 1), 422, []string{"body.id"}},
		"elsewhere":            {own, azures(gapB, "x", assignment, ""), 404, []string{"there is no scope"}},
		"reads_only":           {reader, azures(gapA, "x", assignment, ""), 403, nil},
		"above":                {below, azures(gapA, "x", assignment, ""), 404, nil},
		"below":                {below, azures(gapA+"/resourceGroups/g", "x", assignment, `,"policyDefinitionReferenceIds":["r-tls"]`), 200, []string{`"checks":1`}},
		"excluded":             {own, azures(gapA+"/resourceGroups/not", "x", assignment, ""), 200, []string{"the assignment is not for", "no check is exempt"}},
		"not_validated":        {owner, azures(gapB, "x", assignment, `,"assignmentScopeValidation":"DoNotValidate"`), 200, []string{"outside of which nothing is exempt"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			status, text := r.ask(http.MethodPost, "/api/v1/exemptions?dryRun=true", test.token, test.body)
			if status != test.status {
				t.Errorf("%d %s, want %d", status, text, test.status)
			}
			for _, want := range test.want {
				if !strings.Contains(string(text), want) {
					t.Errorf("%s, want %s", text, want)
				}
			}
		})
	}
}
