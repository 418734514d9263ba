package server

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

const (
	gapA = "/subscriptions/aaaaaaaa-0000-4000-8000-00000000000a"
	gapB = "/subscriptions/bbbbbbbb-0000-4000-8000-00000000000b"
)

// gapDefinition is a definition about storage accounts with the given properties in
// place of usual ones.
func gapDefinition(name, about, field string, more string) string {
	return fmt.Sprintf(`{"id":%q,"properties":{"displayName":"about %s"%s,"policyRule":{"if":{"allOf":[{"field":"type","equals":%q},{"field":%q,"notEquals":"TLS1_2"}]},"then":{"effect":"audit"}}}}`,
		govern.PolicyID(ledger.Definition, "own", name), name, more, about, field)
}

const (
	storageType = "Microsoft.Storage/storageAccounts"
	tlsField    = storageType + "/minimumTlsVersion"
)

// gapDefinitions are some that can be evaluated, and of each kind that cannot one.
func gapDefinitions() map[string]string {
	return map[string]string{
		"tls":      gapDefinition("tls", storageType, tlsField, ""),
		"alias":    gapDefinition("alias", storageType, storageType+"/noSuchAlias", ""),
		"machines": gapDefinition("machines", "Microsoft.Compute/virtualMachines", "Microsoft.Compute/virtualMachines/noSuchAlias", ""),
		"vault":    gapDefinition("vault", "Microsoft.KeyVault.Data/vaults/keys", "Microsoft.KeyVault.Data/vaults/keys/keyType", `,"mode":"Microsoft.KeyVault.Data"`),
		"guest": `{"id":"` + govern.PolicyID(ledger.Definition, "own", "guest") + `","properties":{"policyRule":{"if":{"field":"type","equals":"Microsoft.Compute/virtualMachines"},"then":{"effect":"auditIfNotExists","details":
			{"type":"Microsoft.GuestConfiguration/guestConfigurationAssignments","name":"x","existenceCondition":{"field":"Microsoft.GuestConfiguration/guestConfigurationAssignments/complianceStatus","equals":"Compliant"}}}}}}`,
		"needs":    gapDefinition("needs", storageType, tlsField, `,"parameters":{"wanted":{"type":"String"}}`),
		"disabled": strings.ReplaceAll(gapDefinition("disabled", storageType, storageType+"/noSuchAlias", ""), `"audit"`, `"disabled"`),
		"bucket":   gapDefinition("bucket", "AWS::S3::Bucket", "AWS::S3::Bucket/BucketName", `,"mode":"All"`),
	}
}

// gapMembers are members of an initiative, NAME=GROUP, … each.
func gapMembers(members ...string) string {
	var all []string
	for _, m := range members {
		name, groups, _ := strings.Cut(m, "=")
		id := govern.PolicyID(ledger.Definition, "own", name)
		grouped := ""
		if groups != "" {
			grouped = fmt.Sprintf(`,"groupNames":["%s"]`, strings.ReplaceAll(groups, ",", `","`))
		}
		all = append(all, fmt.Sprintf(`{"policyDefinitionReferenceId":"r-%s","policyDefinitionId":%q%s}`, name, id, grouped))
	}
	return strings.Join(all, ",")
}

func (r *running) gapPolicies(owner string) {
	write := func(noun, body string) {
		r.t.Helper()
		if status, text := r.ask(http.MethodPost, "/api/v1/"+noun, owner, body); status != http.StatusOK {
			r.t.Fatalf("%s: %d %s", noun, status, text)
		}
	}
	for _, body := range gapDefinitions() {
		write("definitions", body)
	}
	groups := `"policyDefinitionGroups":[{"name":"G1","category":"Top"},{"name":"G2","category":"Top"},{"name":"G3"},{"name":"G4"},{"name":"G5"},{"name":"A/x"},{"name":"B/x"}]`
	for name, members := range map[string]string{
		"first":  gapMembers("tls=G1,A/x", "alias=g1,G2,B/x", "machines=G3", "vault=G4", "disabled=G5"),
		"second": gapMembers("tls", "guest", "needs", "bucket", "machines", "disabled"),
	} {
		write("initiatives", `{"id":"`+govern.PolicyID(ledger.Initiative, "own", name)+`","properties":{`+groups+`,"policyDefinitions":[`+members+`]}}`)
	}
	set := func(name string) string { return govern.PolicyID(ledger.Initiative, "own", name) }
	write("assignments", assigning("own", "everywhere", set("second"), ""))
	write("assignments", assigning(gapA, "here", set("first"), `,"notScopes":["`+gapA+`/resourceGroups/not"]`))
	write("assignments", assigning(gapB, "there", set("first"), `,"resourceSelectors":[{"name":"n","selectors":[{"kind":"resourceLocation","in":["northeurope"]}]}]`))
	write("assignments", assigning(gapA, "alone", govern.PolicyID(ledger.Definition, "own", "alias"), ""))
	write("standards?id=house&scope=own", `{"title":"House","authority":"us","version":"1","clouds":["azure"],"controls":[
		{"id":"H1","title":"one","policies":["`+govern.PolicyID(ledger.Definition, "own", "alias")+`"]},
		{"id":"H2","title":"two","policies":["`+govern.PolicyID(ledger.Definition, "own", "tls")+`","`+govern.PolicyID(ledger.Definition, "own", "machines")+`"]}]}`)
	write("assignments", assigning("own", "house", govern.PolicyID(ledger.Standard, "own", "house"), ""))
}

func gapResource(unit, group, kind, name, location string) string {
	return fmt.Sprintf(`{"id":"%s/resourceGroups/%s/providers/%s/%s","type":"%s","name":"%s","location":"%s","properties":{"minimumTlsVersion":"TLS1_2"}}`+"\n", unit, group, kind, name, kind, name, location)
}

// gapEstates are inventories that differ in what the policies are about.
func gapEstates() map[string]string {
	const machine, vault = "Microsoft.Compute/virtualMachines", "Microsoft.KeyVault/vaults"
	account := func(unit, group, location string) string {
		return gapResource(unit, group, storageType, "s"+group+unit[15:19], location)
	}
	return map[string]string{
		"storage":        account(gapA, "g", "westeurope") + account(gapB, "g", "westeurope"),
		"in the north":   account(gapA, "g", "westeurope") + account(gapB, "g", "northeurope"),
		"not covered":    account(gapA, "not", "westeurope") + gapResource(gapB, "g", vault, "v", "westeurope"),
		"machines":       account(gapA, "not", "westeurope") + gapResource(gapA, "g", machine, "m", "westeurope") + account(gapB, "g", "northeurope"),
		"machines alone": gapResource(gapA, "not", vault, "v", "westeurope") + gapResource(gapB, "g", machine, "m", "northeurope"),
		"another cloud":  gapResource(gapA, "g", vault, "v", "westeurope") + gapResource(gapB, "g", vault, "v", "westeurope") + `{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::b","account":"333333333333","region":"eu-west-1","properties":{"BucketName":"b"}}` + "\n",
	}
}

// toldControls is what is told of the controls of a standard.
type toldControls struct {
	Rate     *float64
	Controls map[string]string
}

// TestCompliance_is_that_of_assess: what cannot be evaluated leaves a control unknown
// where there is something that it is about, in every scope and in queries, as in assess.
func TestCompliance_is_that_of_assess(t *testing.T) {
	for name, text := range gapEstates() {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			r := newRunning(t)
			owner := r.token("owner", access.Owner, "/")
			r.imported(owner, "root=own", text)
			r.gapPolicies(owner)
			unknown := r.saysAsAssess(owner, text, []string{"first", "second"}, "house")
			if unknown == 0 && name != "another cloud" {
				t.Error("nothing that is not evaluated")
			}
			r.queriesAgree(owner)
		})
	}
}

// saysAsAssess holds what is told of initiatives and standards at every scope against
// what assess says of an inventory, and counts what is not evaluated.
func (r *running) saysAsAssess(owner, text string, initiatives []string, own ...string) (unknown int) {
	r.t.Helper()
	documents, err := r.server.documentsOf(r.t.Context(), r.head(), judgingKinds...)
	if err != nil {
		r.t.Fatal(err)
	}
	o, err := r.server.Estate.Judges().Options(documents, r.now)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, p := range r.server.Estate.Policies().Of(ledger.Standard) {
		o.OwnStandards = append(o.OwnStandards, p.Standard)
	}
	for _, unit := range []string{gapA, gapB, "333333333333"} {
		o.Hierarchy = append(o.Hierarchy, posture.Scope{ID: unit, Parent: "own", Kind: posture.Unit})
	}
	o.Standards = initiatives
	o.Inputs = []assess.Input{{Name: "in.jsonl", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}}
	for _, scope := range []string{"", "own", gapA, gapB, gapA + "/resourceGroups/g", gapA + "/resourceGroups/not", "333333333333"} {
		if scope != "own" && !strings.Contains(text, scope) {
			continue // there is none
		}
		if o.Filter.Scopes = nil; scope != "" {
			o.Filter.Scopes = []string{scope}
		}
		result, _, err := assess.Run(r.t.Context(), o)
		if err != nil {
			r.t.Fatal(err)
		}
		want := map[string]toldControls{}
		for _, c := range result.Compliance {
			of := toldControls{Controls: map[string]string{}}
			if c.HasRate {
				of.Rate = &c.Rate
			}
			for _, n := range c.Nodes {
				of.Controls[n.ID] = fmt.Sprint(n.State, n.Unevaluated, n.Tally.Healthy, n.Tally.Unhealthy, n.Tally.Unknown, n.Tally.NotApplicable)
				unknown += len(n.Unevaluated)
			}
			want[c.Standard] = of
		}
		for standard, of := range r.standardsAt(owner, scope, append(own, initiatives...)...) {
			if diff := cmp.Diff(want[standard], of); diff != "" {
				r.t.Errorf("%s at %q: -assess +server:\n%s", standard, scope, diff)
			}
		}
		filter := ""
		if scope != "" {
			filter = "scope=" + url.QueryEscape(scope)
		}
		list, query := r.listed("compliance", filter, owner)
		if diff := cmp.Diff(list, query); diff != "" {
			r.t.Errorf("at %q: -list +query:\n%s", scope, diff)
		}
	}
	return unknown
}

func (r *running) head() ledger.Number { return r.server.Estate.Head() }

// standardsAt is what is told of some standards at a scope.
func (r *running) standardsAt(token, scope string, standards ...string) map[string]toldControls {
	r.t.Helper()
	asked := ""
	if scope != "" {
		asked = "?scope=" + url.QueryEscape(scope)
	}
	all := map[string]toldControls{}
	for _, standard := range standards {
		one := get[struct {
			Rate     *float64
			Controls []ControlRow
		}](r, "/api/v1/compliance/"+standard+asked, token)
		of := toldControls{one.Rate, map[string]string{}}
		for _, c := range one.Controls {
			of.Controls[c.ID] = fmt.Sprint(c.State, c.NotEvaluated, c.Healthy, c.Unhealthy, c.Unknown, c.NotApplicable)
		}
		all[standard] = of
	}
	return all
}

// queriesAgree holds the states of controls in queries against those of units.
func (r *running) queriesAgree(token string) {
	r.t.Helper()
	a := r.answered(token, QueryRequest{Query: `securityresources | where type == 'microsoft.security/regulatorycompliancestandards/regulatorycompliancecontrols'
		| extend standard = extract('regulatoryComplianceStandards/([^/]+)', 1, tostring(id)) | where standard in ('first', 'second', 'house', 'set')
		| project unit = subscriptionId, standard, extract('regulatoryComplianceControls/(.+)$', 1, tostring(id)), tostring(properties.bartizan.state)`})
	met := 0
	for _, row := range a.Rows {
		unit, standard, control := row[0].(string), row[1].(string), row[2].(string)
		if strings.Contains(unit, "-") {
			unit = "/subscriptions/" + unit
		}
		met++
		if state := r.standardsAt(token, unit, standard)[standard].Controls[control]; !strings.HasPrefix(state, row[3].(string)) {
			r.t.Errorf("%s:%s in %s: %s, a query says %s", standard, control, unit, state, row[3])
		}
	}
	if met == 0 {
		r.t.Errorf("no control of %d rows", len(a.Rows))
	}
}

// TestNotEvaluated: what is assigned and makes no checks is listed with what it lacks,
// for those who see where it is assigned.
func TestNotEvaluated(t *testing.T) {
	r := newRunning(t)
	owner := r.token("owner", access.Owner, "/")
	r.imported(owner, "root=own", gapEstates()["storage"])
	r.imported(owner, "root=foreign", storageAccount(foreignID)+"\n")
	r.gapPolicies(owner)
	told := func(token string) map[string]string {
		why := map[string]string{}
		for _, n := range get[struct{ NotEvaluated []NotEvaluatedPolicy }](r, "/api/v1/coverage", token).NotEvaluated {
			why[n.Policy[strings.LastIndexByte(n.Policy, '/')+1:]] = n.Why
		}
		return why
	}
	all := slices.Sorted(maps.Keys(told(owner)))
	if want := []string{"alias", "disabled", "guest", "machines", "needs", "vault"}; !slices.Equal(all, want) {
		t.Errorf("not evaluated are %q, want %q", all, want)
	}
	if why := told(owner)["alias"]; !strings.Contains(why, "unknown alias") {
		t.Errorf("alias: %s", why)
	}
	if got := told(r.token("foreigner", access.Reader, "foreign")); len(got) > 0 {
		t.Errorf("in another root: %v", got)
	}
	for control, want := range map[string]string{"first:G2": "is not evaluated: unknown alias", "first:G5": "is not covered", "first:G1": "is judged by"} {
		if status, text := r.ask(http.MethodGet, "/api/v1/resource/explain?recommendation="+control+"&id="+url.QueryEscape(gapA), owner, ""); status != http.StatusNotFound || !strings.Contains(string(text), want) {
			t.Errorf("explaining %s: %d %s", control, status, text)
		}
	}
	if got := told(r.token("b", access.Reader, gapB)); len(got) != len(all) { // of the root's assignment and its own
		t.Errorf("in a unit: %v", got)
	}
}

// TestComplianceHistory_of_what_is_not_evaluated: that something comes or goes which a
// policy is about that cannot be evaluated is a point of the history, with its cause.
func TestComplianceHistory_of_what_is_not_evaluated(t *testing.T) {
	if testing.Short() {
		t.Skip("long under the race detector, and nothing runs at once")
	}
	r := newRunning(t)
	owner := r.token("owner", access.Owner, "/")
	from := r.now
	var instants []time.Time
	next := func(query, text string) {
		t.Helper()
		r.now = r.now.Add(time.Hour)
		r.imported(owner, query, text)
		instants = append(instants, r.now.Add(time.Minute))
	}
	estates := gapEstates()
	next("root=own", estates["storage"])
	r.now = r.now.Add(time.Hour)
	r.gapPolicies(owner)
	machines := gapResource(gapA, "g", "Microsoft.Compute/virtualMachines", "m", "westeurope")
	next("root=own", machines)
	next("root=own&complete=all", strings.SplitAfter(estates["storage"], "\n")[0])
	next("root=own", estates["in the north"])
	next("root=own", strings.ReplaceAll(machines, gapA, "/subscriptions/cccccccc-0000-4000-8000-00000000000c"))
	r.now = r.now.Add(time.Hour)
	for _, standard := range []string{"first", "second", "house"} {
		for _, scopes := range []string{"", "&scope=" + url.QueryEscape(gapA), "&scope=" + url.QueryEscape(gapB)} {
			asker := complianceAsker{owner, standard, scopes}
			asker.holds(t, r, from, instants)
		}
	}
	asker := complianceAsker{owner, "first", "&scope=" + url.QueryEscape(gapA)}
	var causes []string
	history, _ := asker.history(r, from, 1000)
	for _, p := range history.Points {
		for _, c := range p.Causes {
			for _, step := range c.Controls {
				if step.ID == "G3" {
					causes = append(causes, fmt.Sprint(c.Kind, " ", strings.ToLower(c.Object), " ", step.After))
				}
			}
		}
	}
	if want := []string{"estate microsoft.compute/virtualmachines Unknown", "estate microsoft.compute/virtualmachines Not covered"}; !slices.Equal(causes[max(len(causes)-2, 0):], want) {
		t.Errorf("causes %q, want %q at the end", causes, want)
	}
}

// TestDisabling_of_what_is_not_evaluated: what is disabled at a scope leaves no control
// unknown there, as what an assignment disables does not in assess, also in queries and
// in history; elsewhere, and once that is withdrawn, it does.
func TestDisabling_of_what_is_not_evaluated(t *testing.T) {
	if testing.Short() {
		t.Skip("long under the race detector, and nothing runs at once")
	}
	r := newRunning(t)
	owner := r.token("owner", access.Owner, "/")
	from := r.now
	r.imported(owner, "root=own", gapEstates()["in the north"])
	r.gapPolicies(owner)
	states := func() string {
		var all []string
		for _, at := range []string{gapA, gapB, gapA + "/resourceGroups/g"} {
			state := r.standardsAt(owner, at, "first")["first"].Controls["G2"]
			state, _, _ = strings.Cut(state, "[")
			house := r.standardsAt(owner, at, "house")["house"].Controls["H1"]
			house, _, _ = strings.Cut(house, "[")
			all = append(all, state+","+house)
		}
		r.queriesAgree(owner)
		return strings.Join(all, " ")
	}
	const before = "Unknown ,Unknown  Unknown ,Unknown  Unknown ,Unknown "
	if got := states(); got != before {
		t.Fatalf("before: %q", got)
	}
	var instants []time.Time
	disable := func(scope string) Written {
		r.now = r.now.Add(time.Hour)
		instants = append(instants, r.now)
		return r.writes(http.MethodPost, "/api/v1/disablings", owner, fmt.Sprintf(`{"scope":%q,"recommendation":%q,"reason":"nobody can tell"}`, scope, govern.PolicyID(ledger.Definition, "own", "Alias")))
	}
	unit := disable(gapA)
	if got, want := states(), "Not covered ,Not covered  Unknown ,Unknown  Not covered ,Not covered "; got != want {
		t.Errorf("disabled in a unit: %q, want %q", got, want)
	}
	r.now = r.now.Add(time.Hour)
	r.undo(owner, unit)
	if got := states(); got != before {
		t.Errorf("enabled again: %q", got)
	}
	disable(gapA + "/resourceGroups/g")
	if got, want := states(), "Not covered ,Not covered  Unknown ,Unknown  Not covered ,Not covered "; got != want {
		t.Errorf("disabled in the group of all that it is about: %q, want %q", got, want)
	}
	disable("/")
	if got, want := states(), "Not covered ,Not covered  Not covered ,Not covered  Not covered ,Not covered "; got != want {
		t.Errorf("disabled everywhere: %q, want %q", got, want)
	}
	for _, standard := range []string{"first", "house"} {
		for _, scopes := range []string{"", "&scope=" + url.QueryEscape(gapA)} {
			asker := complianceAsker{owner, standard, scopes}
			asker.holds(t, r, from, instants)
		}
	}
	causes := map[string]bool{}
	asker := complianceAsker{owner, "first", "&scope=" + url.QueryEscape(gapA)}
	history, _ := asker.history(r, from, 1000)
	for _, p := range history.Points {
		for _, c := range p.Causes {
			causes[c.Kind+" "+c.Object] = true
		}
	}
	if !causes["rules "+unit.ID] {
		t.Errorf("causes %v, want one of %s", causes, unit.ID)
	}
}
