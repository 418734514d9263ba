package server

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/follow"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// complianceAsker asks for standards at scopes.
type complianceAsker struct {
	token    string
	standard string
	scopes   string // as parameters
}

func (a *complianceAsker) history(r *running, from time.Time, limit int) (all ComplianceHistory, pages int) {
	path := fmt.Sprintf("/api/v1/compliance/%s/history?limit=%d&from=%s%s", a.standard, limit, url.QueryEscape(from.Format(time.RFC3339)), a.scopes)
	for cursor := ""; ; {
		page := get[ComplianceHistory](r, path+cursor, a.token)
		pages++
		all.Points = append(all.Points, page.Points...)
		if cursor = "&cursor=" + page.Cursor; page.Cursor == "" {
			return all, pages
		}
	}
}

// told is what compliance says as of an instant: rate and the states of controls.
type told struct {
	Rate     *float64
	Controls map[string]compliance.State
}

// at asks for compliance as of an instant; nothing is told of a standard that was not.
func (a *complianceAsker) at(r *running, at time.Time) told {
	path := fmt.Sprintf("/api/v1/compliance/%s?at=%s%s", a.standard, url.QueryEscape(at.Format(time.RFC3339Nano)), a.scopes)
	status, _ := r.ask(http.MethodGet, path, a.token, "")
	t := told{Controls: map[string]compliance.State{}}
	if status == http.StatusNotFound {
		return t
	}
	one := get[struct {
		Rate     *float64
		Controls []ControlRow
	}](r, path, a.token)
	t.Rate = one.Rate
	for _, c := range one.Controls {
		if !c.Group {
			t.Controls[c.ID] = c.State
		}
	}
	return t
}

func printed(rate *float64) float64 {
	if rate == nil {
		return 0
	}
	return math.RoundToEven(*rate*10000) / 100
}

// holds goes through the history of what is asked, and holds it against compliance as
// of the instants of its points and of others.
func (a *complianceAsker) holds(t *testing.T, r *running, from time.Time, instants []time.Time) {
	t.Helper()
	whole, _ := a.history(r, from, 1000)
	if len(whole.Points) == 0 && len(a.at(r, r.now).Controls) > 0 {
		t.Errorf("%s%s: no point", a.standard, a.scopes)
	}
	now := a.at(r, from)
	for i, p := range whole.Points {
		for len(instants) > 0 && instants[0].Before(p.Time) {
			if diff := cmp.Diff(a.at(r, instants[0]), now); diff != "" {
				t.Errorf("%s%s: a change is missing before commit %d, %s: -as of then +history\n%s", a.standard, a.scopes, p.Commit, p.Time, diff)
			}
			instants = instants[1:]
		}
		sum := p.Rest
		for _, c := range p.Causes {
			of := 0.0
			for _, step := range c.Controls {
				of += step.Points
				if now.Controls[step.ID] != step.Before || step.Before == step.After {
					t.Errorf("%s%s, commit %d, %s %s: %s was %s, before it is said %s, after it %s", a.standard, a.scopes, p.Commit, c.Kind, c.Object, step.ID, now.Controls[step.ID], step.Before, step.After)
				}
				if now.Controls[step.ID] = step.After; step.After == 0 {
					delete(now.Controls, step.ID)
				}
			}
			if math.Abs(of-c.Points) > 1e-9 || c.Kind == "" || c.Object == "" {
				t.Errorf("%s%s, commit %d: cause %+v", a.standard, a.scopes, p.Commit, c)
			}
			sum += c.Points
		}
		if i > 0 && (len(p.Causes) == 0 || math.Abs(printed(now.Rate)+sum-printed(p.Rate)) > 1e-9) {
			t.Errorf("%s%s, commit %d: from %v to %v by %+v", a.standard, a.scopes, p.Commit, printed(now.Rate), printed(p.Rate), p.Causes)
		}
		now.Rate = p.Rate
		if diff := cmp.Diff(a.at(r, p.Time), now); diff != "" {
			t.Errorf("%s%s: as of commit %d, %s (-) is not what its history says (+) by %+v:\n%s", a.standard, a.scopes, p.Commit, p.Time, p.Causes, diff)
		}
		counts := [8]int{}
		for _, state := range now.Controls {
			counts[state]++
		}
		if got := [8]int{0, p.Failed, p.Unknown, p.Manual, p.Passed, p.NotApplicable, p.NotCovered}; got != counts {
			t.Errorf("%s%s, commit %d: counts %v, want %v", a.standard, a.scopes, p.Commit, got, counts)
		}
	}
	for _, at := range append(instants, r.now) {
		if diff := cmp.Diff(a.at(r, at), now); diff != "" {
			t.Errorf("%s%s: a change is missing before %s: -as of then +history\n%s", a.standard, a.scopes, at, diff)
		}
	}
	paged, pages := a.history(r, from, 1)
	if diff := cmp.Diff(whole.Points, paged.Points); diff != "" || pages < 2 && len(whole.Points) > 2 {
		t.Errorf("%s%s: %d pages: -whole +pages\n%s", a.standard, a.scopes, pages, diff)
	}
}

// complianceMonth is a month of a server.
type complianceMonth struct {
	*running
	rand  *rand.Rand
	owner string
}

func pick[T any](m *complianceMonth, of ...T) T { return of[m.rand.IntN(len(of))] }

// TestComplianceHistory_month: whatever is imported, exempted, attested, disabled,
// assigned, withdrawn or ends, the history of compliance at any scope says what
// compliance was, its causes add up, and nothing is missing.
func TestComplianceHistory_month(t *testing.T) {
	if testing.Short() {
		t.Skip("long under the race detector, and nothing runs at once")
	}
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed_", seed), func(t *testing.T) {
			m := &complianceMonth{running: newRunning(t), rand: rand.New(rand.NewPCG(seed, 6))}
			m.owner = m.token("owner", access.Owner, "/")
			begin := m.now // with the first commits
			m.sends("foreign", strings.Replace(storageAccount(foreignID), "false", "true", 1))
			m.sends("own", strings.Replace(storageAccount(ownID), "/g/", "/h/", 1)+"\n"+storageAccount(ownID))
			for day := range 40 {
				m.now = m.now.Add(time.Duration(m.rand.IntN(20)) * time.Hour)
				m.owner = m.token(fmt.Sprint("owner", day), access.Owner, "/") // that of the day before ends
				switch m.rand.IntN(10) {
				case 0, 1, 2, 3:
					m.imports()
				case 4, 5, 6:
					m.governs()
				case 7:
					m.withdraws()
				default:
					m.assigns()
				}
				if pick(m, true, false) {
					if _, err := m.server.Estate.Tick(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				if err := m.server.Follower.CatchUp(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			m.look(begin)
		})
	}
}

func (m *complianceMonth) look(begin time.Time) {
	t := m.t.(*testing.T)
	commits, err := m.store.Commits(t.Context(), 0, m.server.Follower.Head())
	if err != nil {
		t.Fatal(err)
	}
	var instants []time.Time
	for at := begin.Add(time.Hour); at.Before(m.now); at = at.Add(31 * time.Hour) {
		instants = append(instants, at)
	}
	for i, c := range commits {
		if (c.Kind == ledger.Import || c.Kind == ledger.Document || c.Kind == ledger.Judge) && i%5 == 0 {
			instants = append(instants, c.At)
		}
	}
	slices.SortFunc(instants, time.Time.Compare)
	reader := m.token("reader", access.Reader, ownUnit)
	ofGroup := m.token("ofGroup", access.SecurityReader, ownUnit+"/resourceGroups/g")
	for _, a := range []complianceAsker{
		{m.owner, "mcsb-v1", ""},
		{m.owner, "cis-azure-3.0", "&scope=own&scope=" + url.QueryEscape(foreignUnit)},
		{m.owner, "mcsb-v1", "&scope=" + url.QueryEscape("/providers/Microsoft.Management/managementGroups/own1")},
		{m.owner, "cis-azure-3.0", "&scope=" + url.QueryEscape("/providers/Microsoft.Management/managementGroups/own2")},
		{reader, "cis-azure-3.0", ""},
		{ofGroup, "mcsb-v1", ""},
		{m.owner, "mcsb-v1", "&scope=" + url.QueryEscape("tag:env=prod")},
		{m.owner, "house", ""},
		{reader, "set", ""},
	} {
		if status, _ := m.ask(http.MethodGet, "/api/v1/compliance/"+a.standard+"/history?"+strings.TrimPrefix(a.scopes, "&"), a.token, ""); status == http.StatusNotFound {
			continue
		}
		a.holds(t, m.running, begin, instants)
	}
}

// imports sends some accounts, vaults and subscriptions of one root.
func (m *complianceMonth) imports() {
	root := pick(m, "own", "foreign")
	unit := map[string]string{"own": ownUnit, "foreign": foreignUnit}[root]
	var text strings.Builder
	if pick(m, true, false) {
		fmt.Fprintf(&text, `{"bartizan":"read","scope":%q,"type":"*","complete":true}`+"\n", unit)
	}
	if pick(m, true, false, false) {
		fmt.Fprintf(&text, `{"bartizan":"read","scope":%q,"type":"Microsoft.Storage/storageAccounts","complete":true,"denied":[{"type":"Microsoft.Storage/storageAccounts","id":%q}]}`+"\n", unit, unit+"/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/b")
	}
	if pick(m, true, false) {
		fmt.Fprintf(&text, `{"id":%q,"name":"x","type":"Microsoft.Resources/subscriptions","properties":{"state":"Enabled"}}`+"\n", unit)
	}
	if group := "/providers/Microsoft.Management/managementGroups/" + root; pick(m, true, false, false) { // it moves
		fmt.Fprintf(&text, `{"id":%q,"parent":%q,"kind":"subscription","name":%q}`+"\n", unit, pick(m, root, group+"1", group+"2"), pick(m, "Shop", "Store"))
		fmt.Fprintf(&text, `{"id":%q,"parent":%q,"kind":"managementGroup"}`+"\n", group+"1", pick(m, root, group+"2"))
	}
	for _, name := range []string{"a", "b", "c"} {
		if pick(m, true, false) {
			tag := pick(m, "prod", "dev")
			fmt.Fprintf(&text, `{"id":%q,"name":%q,"type":"Microsoft.Storage/storageAccounts","location":"westeurope","tags":{"env":%q},"kind":"StorageV2","properties":{"supportsHttpsTrafficOnly":%s,"minimumTlsVersion":%s}}`+"\n",
				unit+pick(m, "/resourceGroups/g", "/resourceGroups/h")+"/providers/Microsoft.Storage/storageAccounts/"+name, name, tag, pick(m, "true", "true", "false", "null"), pick(m, `"TLS1_2"`, `"TLS1_0"`))
		}
	}
	if pick(m, true, false) {
		fmt.Fprintf(&text, `{"id":%q,"name":"v","type":"Microsoft.KeyVault/vaults","location":"westeurope","properties":{"enableSoftDelete":true,"enablePurgeProtection":%s}}`+"\n",
			unit+"/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v", pick(m, "true", "false", "null"))
	}
	if pick(m, true, false, false, false) {
		fmt.Fprintf(&text, `{"Type":"AWS::S3::Bucket","identifier":"b","type":"AWS::S3::Bucket","account":"111122223333","region":"eu-west-1","properties":{}}`+"\n")
	}
	if text.Len() == 0 {
		return
	}
	m.sends(root, text.String())
}

func (m *complianceMonth) sends(root, text string) {
	m.t.Helper()
	if status, answer := m.ask(http.MethodPost, "/api/v1/inventory?root="+root, m.owner, text+"\n"); status != http.StatusOK {
		m.t.Fatalf("import: %d %s", status, answer)
	}
}

// governs writes an exemption, an attestation or a disabling.
func (m *complianceMonth) governs() {
	ends := ""
	if pick(m, true, true, false) {
		ends = fmt.Sprintf(`,"expiresOn":%q`, pick(m, m.now.Add(time.Duration(1+m.rand.IntN(60))*time.Hour), m.now.Truncate(24*time.Hour).Add(48*time.Hour)).Format(time.RFC3339))
	}
	scope := fmt.Sprintf(`"scope":%q`, pick(m, "/", "own", ownUnit, foreignUnit, ownUnit+"/resourceGroups/g"))
	const control = "cis-azure-3.0:2.1.4"
	switch m.rand.IntN(4) {
	case 0:
		m.writes(http.MethodPost, "/api/v1/attestations", m.owner, fmt.Sprintf(`{%s,"recommendation":%q,"state":%q,"text":"x"%s}`, scope, pick(m, manualRule, control), pick(m, "healthy", "unhealthy"), ends))
	case 1:
		m.writes(http.MethodPost, "/api/v1/disablings", m.owner, fmt.Sprintf(`{%s,"recommendation":%q,"reason":"x"}`, scope, pick(m, storageRule, manualRule, control)))
	default:
		more := pick(m, "", `,"recommendations":["`+storageRule+`"]`, `,"recommendations":["`+control+`"]`, `,"selector":{"tags":[{"key":"env","value":"prod"}]}`)
		m.writes(http.MethodPost, "/api/v1/exemptions", m.owner, fmt.Sprintf(`{%s%s,"category":%q,"reason":"x"%s}`, scope, more, pick(m, "waiver", "mitigated"), ends))
	}
}

// withdraws ends a document.
func (m *complianceMonth) withdraws() {
	noun := pick(m, "exemptions", "attestations", "disablings", "disablings")
	if all := rows(m.running, "/api/v1/"+noun+"?", m.owner); len(all) > 0 {
		m.writes(http.MethodDelete, "/api/v1/"+noun+"?id="+url.QueryEscape(pick(m, all...)["id"].(string)), m.owner, "")
	}
}

// assigns writes a definition, an initiative or a standard and assigns it, or takes an
// assignment back.
func (m *complianceMonth) assigns() {
	id := govern.PolicyID(ledger.Definition, ownUnit, "house")
	m.writes(http.MethodPost, "/api/v1/definitions", m.owner, definition(ownUnit, "house", pick(m, "audit", "deny")))
	switch m.rand.IntN(4) {
	case 0:
		m.writes(http.MethodPost, "/api/v1/assignments", m.owner, assigning(ownUnit, "house", id, pick(m, "", `,"parameters":{"wanted":{"value":"false"}}`)))
	case 1:
		m.writes(http.MethodPost, "/api/v1/standards?id=house&scope="+url.QueryEscape(ownUnit), m.owner, fmt.Sprintf(
			`{"title":"House","authority":"us","version":"1","clouds":["azure"],"controls":[{"id":"H-1","title":"HTTPS","policies":[%q]},{"id":"H-2","title":"Asked","manual":%s},{"id":"H-3","title":"TLS","recommendations":[%q]}]}`,
			id, pick(m, "true", "false"), pick(m, storageRule, "storage-shared-key-off")))
		m.writes(http.MethodPost, "/api/v1/assignments", m.owner, assigning(ownUnit, "standard", govern.PolicyID(ledger.Standard, ownUnit, "house"), pick(m, "", `,"notScopes":["`+ownUnit+`/resourceGroups/g"]`)))
	case 2:
		m.writes(http.MethodPost, "/api/v1/initiatives", m.owner, `{"id":"`+govern.PolicyID(ledger.Initiative, ownUnit, "set")+`","properties":{"displayName":"Set","policyDefinitionGroups":[{"name":"G1"}],"policyDefinitions":[
			{"policyDefinitionId":"`+id+`","policyDefinitionReferenceId":"house","groupNames":["G1"]},{"policyDefinitionId":"/providers/Microsoft.Authorization/policyDefinitions/404c3081-a854-4457-ae30-26a93ef643f9","policyDefinitionReferenceId":"twin"}]}}`)
		m.writes(http.MethodPost, "/api/v1/assignments", m.owner, assigning(ownUnit, "set", govern.PolicyID(ledger.Initiative, ownUnit, "set"), ""))
	default:
		if all := rows(m.running, "/api/v1/assignments?", m.owner); len(all) > 0 {
			m.writes(http.MethodDelete, "/api/v1/assignments?id="+url.QueryEscape(pick(m, all...)["id"].(string)), m.owner, "")
		}
	}
}

// TestComplianceHistory_causes: every change has the cause that it had, and words for
// those who see all of it.
func TestComplianceHistory_causes(t *testing.T) {
	r := &complianceMonth{running: newRunning(t)}
	owner := r.token("owner", access.Owner, "/")
	r.owner = owner
	begin := r.now
	sends := r.sends
	const control = "cis-azure-3.0:2.1.4"
	mine := storageAccount(ownID)
	good := strings.Replace(mine, "false", "true", 1)
	unread := mine[:strings.Index(mine, `,"properties"`)] + "}"
	id := "none"
	end := r.now.Add(10 * time.Hour)
	steps := []struct {
		name string
		do   func()
		want string // of control 4.1, and of 2.1.4
	}{
		{"a unit comes", func() { sends("own", unread) }, "scope " + ownUnit + ": 4.1 Not applicable > Unknown"},
		{"it is read", func() { sends("own", mine) }, "coverage Microsoft.Storage/storageAccounts: 4.1 Unknown > Failed"},
		{"another, which shows nothing", func() { sends("foreign", storageAccount(foreignID)) }, ""},
		{"and turns good itself", func() { sends("foreign", strings.Replace(storageAccount(foreignID), "false", "true", 1)) }, ""},
		{"it turns good", func() { sends("own", good) }, "estate Microsoft.Storage/storageAccounts: 4.1 Failed > Passed"},
		{"and bad", func() { sends("own", mine) }, "estate Microsoft.Storage/storageAccounts: 4.1 Passed > Failed"},
		{"it is exempt for a time", func() {
			id = r.writes(http.MethodPost, "/api/v1/exemptions", owner, fmt.Sprintf(`{"scope":%q,"recommendations":[%q],"category":"waiver","reason":"x","expiresOn":%q}`, ownUnit, storageRule, end.Format(time.RFC3339))).ID
		}, "exemption ID: 4.1 Failed > Passed"},
		{"a control is attested", func() {
			id = r.writes(http.MethodPost, "/api/v1/attestations", owner, fmt.Sprintf(`{"scope":"/","recommendation":%q,"state":"healthy","text":"x"}`, control)).ID
		}, "attestation ID: 2.1.4 Manual > Passed"},
		{"the exemption ends", func() { r.now = end.Add(time.Hour) }, "exemption ended: 4.1 Passed > Failed"},
		{"it is disabled", func() {
			id = r.writes(http.MethodPost, "/api/v1/disablings", owner, fmt.Sprintf(`{"scope":%q,"recommendation":%q,"reason":"x"}`, ownUnit, storageRule)).ID
		}, "rules ID: 4.1 Failed > Passed"},
		{"the other unit goes", func() { sends("foreign", `{"bartizan":"read","scope":"`+foreignUnit+`","type":"*","complete":true}`) }, "scope " + foreignUnit + ": 4.1 Passed > Not applicable"},
	}
	a := complianceAsker{owner, "cis-azure-3.0", ""}
	known := 0
	for _, step := range steps {
		step.do()
		if err := r.server.Follower.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		history, _ := a.history(r.running, begin, 1000)
		got := ""
		for _, p := range history.Points[max(known, 1):] {
			for _, c := range p.Causes {
				for _, turn := range c.Controls {
					if turn.ID != "4.1" && turn.ID != "2.1.4" {
						continue
					}
					object := strings.NewReplacer(id, "ID").Replace(c.Object)
					if c.Words == "exemption ended" {
						object = "ended"
					}
					got = fmt.Sprintf("%s %s: %s %s > %s", c.Kind, object, turn.ID, turn.Before, turn.After)
				}
				if c.Words == "" {
					t.Errorf("%s: no words for who sees all: %+v", step.name, c)
				}
			}
		}
		if known = len(history.Points); got != step.want {
			t.Errorf("%s: %q, want %q", step.name, got, step.want)
		}
	}
	var few []CompliancePoint // where a page looks through few commits
	in, from, to := &complianceHistoryInput{Standard: a.standard, Limit: 1000}, follow.Moment{At: begin}, follow.Moment{Commit: r.server.Follower.Head(), At: r.now}
	for {
		of, page := &askedStandard{server: r.server, name: a.standard}, ComplianceHistory{}
		err := of.page(t.Context(), in, from, to, 3, &page)
		if err != nil {
			t.Fatal(err)
		}
		few = append(few, page.Points...)
		if in.Cursor = page.Cursor; in.Cursor == "" {
			break
		}
		if from, err = momentOf(in.Cursor); err != nil {
			t.Fatal(err)
		}
	}
	if whole, _ := a.history(r.running, begin, 1000); len(few) != len(whole.Points) || few[len(few)-1].Commit != whole.Points[len(few)-1].Commit {
		t.Errorf("by few commits: %d points, want %d: %+v", len(few), len(whole.Points), few)
	}
	reader := complianceAsker{r.token("reader", access.Reader, ownUnit), "cis-azure-3.0", ""}
	history, _ := reader.history(r.running, begin, 1000)
	words := map[string]bool{}
	for _, p := range history.Points {
		for _, c := range p.Causes {
			words[fmt.Sprint(c.Kind, " ", c.Words)] = true
			if strings.Contains(c.Object+c.Scope, foreignUnit) {
				t.Errorf("who sees one unit is told of another: %+v", c)
			}
		}
	}
	if got := strings.Join(slices.Sorted(maps.Keys(words)), ", "); !strings.Contains(got, "attestation ,") || !strings.Contains(got, "exemption exemption granted") {
		t.Errorf("words for who sees one unit: %s", got)
	}
}

// TestComplianceHistory_refused: what is not there, not kept, or no range.
func TestComplianceHistory_refused(t *testing.T) {
	r, _ := twoCompanies(t)
	kept := r.now
	r.now = r.now.Add(48 * time.Hour)
	owner, reader := r.token("anna", access.Owner, "/"), r.token("reader", access.Reader, ownUnit)
	r.writes(http.MethodPost, "/api/v1/standards?id=house&scope="+url.QueryEscape(foreignUnit), owner, strings.Replace(bodies["write-standard"], `"policies":["`+govern.PolicyID(ledger.Definition, foreignUnit, "house")+`"]`, `"manual":true`, 1))
	if _, err := r.store.Keep(t.Context(), ledger.Commit{At: r.now, Actor: "system", Object: "history"}, r.server.Follower.Head()); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		token, path string
		status      int
		want        string
	}{
		"no_standard":         {owner, "none/history", 404, "there is no standard none"},
		"one_of_another_unit": {reader, "house/history", 404, "there is no standard house"},
		"the_same_seen":       {owner, "house/history", 200, `"manual":1`},
		"given_up":            {owner, "mcsb-v1/history?from=" + kept.Format("2006-01-02T15:04:05Z"), 410, "history begins at"},
		"ends_given_up":       {owner, "mcsb-v1/history?to=" + kept.Format("2006-01-02T15:04:05Z"), 410, "history begins at"},
		"as_far_as_kept":      {owner, "mcsb-v1/history", 200, `"points":[{`},
		"a_range_turned":      {owner, "mcsb-v1/history?from=" + r.now.Format("2006-01-02") + "&to=2026-11-23", 422, "not behind the end"},
		"no_instant":          {owner, "mcsb-v1/history?to=x", 422, "want a day"},
		"a_cursor":            {owner, "mcsb-v1/history?cursor=5", 422, "cursor"},
		"a_cursor_given_up":   {owner, "mcsb-v1/history?cursor=1.1795348800000", 410, "given up"},
		"a_cursor_of_later":   {owner, "mcsb-v1/history?cursor=900.1795348800000", 200, `"points":[]`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if status, text := r.ask(http.MethodGet, "/api/v1/compliance/"+test.path, test.token, ""); status != test.status || !strings.Contains(string(text), test.want) {
				t.Errorf("%d %s, want %d %s", status, text, test.status, test.want)
			}
		})
	}
}
