package server

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
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
	"github.com/bartizan-dev/bartizan/policy"
)

// wildExemptions is a server with random assignments and exemptions, and the files that
// assess would be given.
type wildExemptions struct {
	*running
	t          *testing.T
	rand       *rand.Rand
	owner      string
	inventory  string
	files      map[string]string // the exemption, as assess takes it, by id on the server
	definition func(string) string
	set        string
	at         map[time.Time]wildAnswer // what was said then
	undos      []Undo
	ids        map[string]string // of what an undo takes back, the file
}

// wildAnswer is what a server, or assess, says.
type wildAnswer struct {
	Checks     map[string]string
	Compliance map[string]map[string]string
	Counts     string
	Score      string
}

const exemptionsWithin = "/providers/Microsoft.Authorization/policyExemptions/"

// TestExemptions_of_references_are_those_of_assess: with random assignments, and random
// exemptions of assignments, their members and policies at random scopes, a server says
// what assess says of the same files: states, references, counts, score and compliance,
// now, as of then and over time; and what a change does is what its preview said.
func TestExemptions_of_references_are_those_of_assess(t *testing.T) {
	seeds := 6
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := newWildExemptions(t, uint64(seed))
			from := w.now
			for range 14 {
				w.now = w.now.Add(time.Hour)
				w.catchUp()
				w.step()
				w.compare()
			}
			var instants []time.Time
			for at, was := range w.at {
				instants = append(instants, at)
				if diff := cmp.Diff(was.Checks, w.checks("&at="+url.QueryEscape(at.Format(time.RFC3339Nano)))); diff != "" {
					t.Errorf("as of %s: -then +as of then\n%s", at, diff)
				}
			}
			slices.SortFunc(instants, time.Time.Compare)
			for _, standard := range []string{"set", "house"} {
				asker := complianceAsker{w.owner, standard, one(w.rand, "", "&scope="+url.QueryEscape(gapA))}
				asker.holds(t, w.running, from, slices.Clone(instants))
			}
			if strings.Contains(fmt.Sprint(w.checks("")), "/policyassignments/set") {
				w.queriesAgree(w.owner)
			}
		})
	}
}

func newWildExemptions(t *testing.T, seed uint64) *wildExemptions {
	w := &wildExemptions{
		running: newRunning(t), t: t, rand: rand.New(rand.NewPCG(seed, 7)), files: map[string]string{}, at: map[time.Time]wildAnswer{}, ids: map[string]string{},
		definition: func(name string) string { return govern.PolicyID(ledger.Definition, "own", name) },
		set:        govern.PolicyID(ledger.Initiative, "own", "set"),
	}
	w.owner = w.token("owner", access.Owner, "/")
	for _, unit := range []string{gapA, gapB} {
		for i, group := range []string{"g", "g", "not"} {
			w.inventory += strings.Replace(gapResource(unit, group, storageType, fmt.Sprintf("s%d%s", i, unit[15:16]), one(w.rand, "westeurope", "northeurope")), "TLS1_2", one(w.rand, "TLS1_0", "TLS1_2"), 1)
		}
		w.inventory += fmt.Sprintf(`{"id":"%s/resourceGroups/g/providers/%s/s0%s/blobServices/default","type":"%s/blobServices","properties":{"isVersioningEnabled":false}}`+"\n", unit, storageType, unit[15:16], storageType)
	}
	w.imported(w.owner, "root=own", w.inventory)
	post := func(noun, body string) { w.writes(http.MethodPost, "/api/v1/"+noun, w.owner, body) }
	post("definitions", strings.Replace(gapDefinition("wanted", storageType, tlsField, `,"parameters":{"wanted":{"type":"String"}}`), `"notEquals":"TLS1_2"`, `"notEquals":"[parameters('wanted')]"`, 1))
	post("definitions", strings.Replace(gapDefinition("strict", storageType, tlsField, ""), "TLS1_2", "TLS1_3", 1))
	post("definitions", `{"id":"`+w.definition("blobs")+`","properties":{"policyRule":{"if":{"field":"type","equals":"`+storageType+`/blobServices"},"then":{"effect":"audit"}}}}`)
	member := func(id, definition, group, wanted string) string {
		if wanted != "" {
			wanted = `,"parameters":{"wanted":{"value":"` + wanted + `"}}`
		}
		return fmt.Sprintf(`{"policyDefinitionReferenceId":"%s","policyDefinitionId":"%s","groupNames":["%s"]%s}`, id, definition, group, wanted)
	}
	members := []string{
		member("one", w.definition("wanted"), "G1", "TLS1_2"), member("same", w.definition("wanted"), "G2", "TLS1_2"), member("other", w.definition("wanted"), "G1", "TLS1_0"),
		member("strict", w.definition("strict"), "G2", ""), member("twin", "/providers/Microsoft.Authorization/policyDefinitions/404c3081-a854-4457-ae30-26a93ef643f9", "G3", ""),
		member("blobs", w.definition("blobs"), "G3", ""),
	}
	post("initiatives", `{"id":"`+w.set+`","properties":{"policyDefinitionGroups":[{"name":"G1"},{"name":"G2"},{"name":"G3"}],"policyDefinitions":[`+strings.Join(members, ",")+`]}}`)
	post("standards?id=house&scope=own", `{"title":"House","authority":"us","version":"1","clouds":["azure"],"controls":[
		{"id":"H1","title":"one","policies":["`+w.definition("wanted")+`"]},{"id":"H2","title":"two","policies":["`+w.definition("strict")+`","`+w.definition("blobs")+`"]}]}`)
	post("assignments", assigning("own", "house", govern.PolicyID(ledger.Standard, "own", "house"), ""))
	post("assignments", assigning(one(w.rand, "own", gapA), "set0", w.set, ""))
	for range 3 {
		w.assign()
		w.exempt()
	}
	return w
}

func one(r *rand.Rand, of ...string) string { return of[r.IntN(len(of))] }

// assign keeps a random assignment.
func (w *wildExemptions) assign() {
	scope := one(w.rand, "own", gapA, gapB, gapA+"/resourceGroups/g")
	more := ""
	if w.rand.IntN(3) == 0 {
		more += `,"notScopes":["` + one(w.rand, gapA+"/resourceGroups/not", gapB, gapA+"/resourceGroups/g/providers/"+storageType+"/s0a") + `"]`
	}
	if w.rand.IntN(4) == 0 {
		more += `,"resourceSelectors":[{"name":"s","selectors":[{"kind":"resourceLocation","in":["westeurope"]}]}]`
	}
	name, what := "set", w.set
	switch w.rand.IntN(5) {
	case 0:
		name, what = "strict", w.definition("strict")
	case 1:
		name, what, more = "alone", w.definition("wanted"), more+`,"parameters":{"wanted":{"value":"`+one(w.rand, "TLS1_0", "TLS1_2")+`"}}`
	default:
		if name += fmt.Sprint(w.rand.IntN(2)); w.rand.IntN(3) == 0 {
			more += `,"overrides":[{"kind":"policyEffect","value":"Disabled","selectors":[{"kind":"policyDefinitionReferenceId","in":["` + one(w.rand, "one", "same", "strict") + `"]},{"kind":"resourceLocation","in":["northeurope"]}]}]`
		}
	}
	body := assigning(scope, name, what, more)
	preview := w.writes(http.MethodPost, "/api/v1/assignments?dryRun=true", w.owner, body)
	before := w.checks("")
	w.writes(http.MethodPost, "/api/v1/assignments", w.owner, body)
	w.moved("assignment", preview, before)
}

// moved holds a preview against what a change did.
func (w *wildExemptions) moved(what string, preview Written, before map[string]string) {
	w.t.Helper()
	moved := 0
	after := w.checks("")
	state := func(text string) string { // without reason, end and references
		text, _, _ = strings.Cut(text, " by\n")
		words := strings.Fields(text)
		return strings.Join(words[:min(len(words), 3)], " ")
	}
	for key, text := range before {
		if state(text) != state(after[key]) {
			moved++
		}
	}
	for key := range after {
		if before[key] == "" {
			moved++
		}
	}
	if moved != preview.Checks {
		w.t.Errorf("%s: the preview said %d checks, %d moved", what, preview.Checks, moved)
	}
}

// assigned are the assignments, but for that of the standard.
func (w *wildExemptions) assigned() []map[string]any {
	return slices.DeleteFunc(rows(w.running, "/api/v1/assignments?limit=200", w.owner), func(a map[string]any) bool { return strings.HasSuffix(a["id"].(string), "/house") })
}

// step changes something.
func (w *wildExemptions) step() {
	switch w.rand.IntN(8) {
	case 0:
		w.assign()
	case 1:
		w.inventory = strings.Replace(w.inventory, "TLS1_0", "TLS1_2", 1)
		w.inventory += gapResource(gapA, one(w.rand, "g", "not"), storageType, fmt.Sprintf("n%d", w.rand.IntN(100)), "westeurope")
		w.imported(w.owner, "root=own", w.inventory)
	case 2:
		if all := w.assigned(); len(all) > 1 {
			id := all[w.rand.IntN(len(all))]["id"].(string)
			target := "/api/v1/assignments?id=" + url.QueryEscape(id)
			preview, before := w.writes(http.MethodDelete, target+"&dryRun=true", w.owner, ""), w.checks("")
			w.writes(http.MethodDelete, target, w.owner, "")
			w.moved("removed assignment", preview, before)
		}
	case 3:
		if len(w.undos) == 0 {
			return
		}
		undo := w.undos[len(w.undos)-1]
		w.undos = w.undos[:len(w.undos)-1]
		w.writes(undo.Method, undo.Path, w.owner, string(undo.Body))
		_, id, _ := strings.Cut(undo.Path, "?id=")
		id, _ = url.QueryUnescape(id)
		delete(w.files, id)
	default:
		w.exempt()
	}
}

// exempt keeps a random exemption, in one of the forms that there are.
func (w *wildExemptions) exempt() {
	scope := one(w.rand, "own", gapA, gapA, gapB, gapA+"/resourceGroups/g", gapA+"/resourceGroups/g/providers/"+storageType+"/s0a", gapA+"/resourceGroups/g/providers/"+storageType+"/s0a")
	category, name := one(w.rand, "Waiver", "Mitigated"), fmt.Sprintf("x%d", w.rand.IntN(1000))
	expires := ""
	if w.rand.IntN(2) == 0 {
		expires = w.now.Add(time.Duration(1+w.rand.IntN(6)) * time.Hour).Format(time.RFC3339)
	}
	reason := fmt.Sprintf("reason %d", w.rand.IntN(1000))
	until := ""
	if expires != "" {
		until = `,"expiresOn":"` + expires + `"`
	}
	if w.rand.IntN(4) == 0 {
		id := w.definition(one(w.rand, "wanted", "strict", "blobs"))
		if w.rand.IntN(3) == 0 {
			id = storageRule
		}
		place, short := fmt.Sprintf(`"scope":%q`, scope), fmt.Sprintf(`"scope":%q`, scope)
		w.write(
			fmt.Sprintf(`{%s,"recommendations":[%q],"category":%q,"reason":%q%s}`, place, id, strings.ToLower(category), reason, until),
			fmt.Sprintf(`{%s,"recommendation":%q,"category":%q,"reason":%q%s}`, short, id, strings.ToLower(category), reason, until),
		)
		return
	}
	all := w.assigned()
	assignment := all[w.rand.IntN(len(all))]["id"].(string)
	var members []string
	if strings.Contains(assignment, "/set") && w.rand.IntN(3) > 0 {
		for range 1 + w.rand.IntN(3) {
			if m := one(w.rand, "one", "Same", "other", "strict", "twin", "blobs"); !slices.Contains(members, m) {
				members = append(members, m)
			}
		}
	}
	selectors := ""
	if w.rand.IntN(4) == 0 {
		selectors = `,"resourceSelectors":[{"name":"s","selectors":[{"kind":"resourceLocation","in":["` + one(w.rand, "westeurope", "North Europe") + `"]}]}]`
	}
	list, _ := json.Marshal(members)
	azure := fmt.Sprintf(`{"id":%q,"name":%q,"type":"Microsoft.Authorization/policyExemptions","properties":{"policyAssignmentId":%q,"policyDefinitionReferenceIds":%s,"exemptionCategory":%q,"displayName":"named","description":%q%s%s,"metadata":{"by":"anna"},"assignmentScopeValidation":"DoNotValidate"}}`,
		scope+exemptionsWithin+name, name, strings.Replace(assignment, "/subs", "/SUBS", 1), strings.ReplaceAll(string(list), "null", "[]"), category, reason, until, selectors)
	if w.rand.IntN(2) == 0 {
		w.write(azure, azure)
		return
	}
	named := ""
	if members != nil {
		named = `,"members":` + string(list)
	}
	w.write(fmt.Sprintf(`{"scope":%q,"assignment":%q%s,"category":%q,"reason":%q%s%s,"assignmentScopeValidation":"DoNotValidate"}`, scope, assignment, named, strings.ToLower(category), reason, until, selectors), azure)
}

// write keeps an exemption, of which file is what assess takes.
func (w *wildExemptions) write(body, file string) {
	preview := w.writes(http.MethodPost, "/api/v1/exemptions?dryRun=true", w.owner, body)
	before := w.checks("")
	written := w.writes(http.MethodPost, "/api/v1/exemptions", w.owner, body)
	w.moved("exemption "+body, preview, before)
	if w.files[written.ID] != "" { // the same id in Azure's form: changed
		w.files[written.ID] = file
		return
	}
	w.files[written.ID] = file
	if written.Undo != nil && written.Undo.Method == http.MethodDelete {
		w.undos = append(w.undos, *written.Undo)
	}
}

func (w *wildExemptions) catchUp() {
	w.t.Helper()
	if err := w.server.tick(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	if err := w.server.Follower.CatchUp(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// checks are those of a server, each with all that is said of it.
func (w *wildExemptions) checks(more string) map[string]string {
	w.t.Helper()
	all := map[string]string{}
	for cursor := ""; ; {
		list := get[struct {
			Rows   []CheckRow
			Cursor string
		}](w.running, "/api/v1/checks?limit=200"+more+cursor, w.owner)
		for _, row := range list.Rows {
			if row.Resource.Type == "unit" || strings.Contains(row.Recommendation, ":") {
				continue
			}
			exempt := ""
			if row.State == posture.Exempt {
				exempt = fmt.Sprintf(" %s %s until %v", row.Category, row.Exemption.Reason, row.Exemption.ExpiresOn)
			}
			var references []string
			for _, ref := range row.References {
				references = append(references, fmt.Sprintln(ref.Assignment, ref.Reference, ref.Exempt, ref.Category))
			}
			hash := row.ParametersHash
			if row.Policy == "" {
				hash = ""
			}
			all[row.Resource.ID+" "+row.Policy+row.Recommendation+hash] = checkText(row.State, row.Judged, exempt, references)
		}
		if list.Cursor == "" {
			return all
		}
		cursor = "&cursor=" + url.QueryEscape(list.Cursor)
	}
}

func checkText(state, judged posture.State, exempt string, references []string) string {
	slices.Sort(references)
	return fmt.Sprintf("%s %s%s by\n%s", state, judged, exempt, strings.Join(references, ""))
}

// compare holds what the server says against assess.
func (w *wildExemptions) compare() {
	w.t.Helper()
	documents, err := w.server.documentsOf(w.t.Context(), w.head(), judgingKinds...)
	if err != nil {
		w.t.Fatal(err)
	}
	o, err := w.server.Estate.Judges().Options(documents, w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	if slices.ContainsFunc(w.assigned(), func(a map[string]any) bool { return strings.Contains(a["id"].(string), "/set") }) { // else assess knows no such policies
		for _, p := range w.server.Estate.Policies().Of(ledger.Standard) {
			o.OwnStandards = append(o.OwnStandards, p.Standard)
		}
	}
	for _, unit := range []string{gapA, gapB} {
		o.Hierarchy = append(o.Hierarchy, posture.Scope{ID: unit, Parent: "own", Kind: posture.Unit})
	}
	for _, file := range w.files {
		o.Exemptions = append(o.Exemptions, exemptionOf(w.t, file))
	}
	w.rand.Shuffle(len(o.Exemptions), func(i, j int) { o.Exemptions[i], o.Exemptions[j] = o.Exemptions[j], o.Exemptions[i] })
	o.Inputs = []assess.Input{{Name: "in.jsonl", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(w.inventory)), nil }}}
	answer := wildAnswer{Checks: w.checks("")}
	for _, scope := range []string{"", gapA, gapB, gapA + "/resourceGroups/g"} {
		if o.Filter.Scopes = nil; scope != "" {
			o.Filter.Scopes = []string{scope}
		}
		result, checks, err := assess.Run(w.t.Context(), o)
		if err != nil {
			w.t.Fatal(err)
		}
		want, got := wildAnswer{Checks: map[string]string{}, Compliance: map[string]map[string]string{}}, wildAnswer{Compliance: map[string]map[string]string{}}
		for c, err := range checks {
			if err != nil {
				w.t.Fatal(err)
			}
			w.tell(want.Checks, c)
		}
		filter := ""
		if scope != "" {
			filter = "&scope=" + url.QueryEscape(scope)
		}
		got.Checks = w.checks(filter)
		for _, c := range result.Compliance {
			if c.Standard != "set" && c.Standard != "house" && c.Standard != "mcsb-v1" {
				continue
			}
			want.Compliance[c.Standard] = map[string]string{"rate": fmt.Sprint(c.HasRate, c.Rate, c.Controls.Exempt, c.Controls.Mitigated)}
			for _, n := range c.Nodes {
				want.Compliance[c.Standard][n.ID] = fmt.Sprint(n.State, n.Tally)
			}
			one := get[struct {
				StandardRow
				Controls []ControlRow
			}](w.running, "/api/v1/compliance/"+c.Standard+"?"+strings.TrimPrefix(filter, "&"), w.owner)
			rate := 0.0
			if one.Rate != nil {
				rate = *one.Rate
			}
			got.Compliance[c.Standard] = map[string]string{"rate": fmt.Sprint(one.Rate != nil, rate, one.Exempt, one.Mitigated)}
			for _, n := range one.Controls {
				tally := result.Compliance[0].Nodes[0].Tally
				tally.Healthy, tally.Unhealthy, tally.Unknown, tally.Manual, tally.Exempt, tally.Mitigated, tally.NotApplicable = n.Healthy, n.Unhealthy, n.Unknown, n.Manual, n.Exempt, n.Mitigated, n.NotApplicable
				got.Compliance[c.Standard][n.ID] = fmt.Sprint(n.State, tally)
			}
		}
		score := get[Score](w.running, "/api/v1/score?"+strings.TrimPrefix(filter, "&"), w.owner)
		want.Counts = fmt.Sprint(result.Coverage.Judged, result.Coverage.Unknown, result.Coverage.Exempt, result.Coverage.Mitigated)
		got.Counts = fmt.Sprint(score.Coverage.Judged, score.Coverage.Unknown, score.Coverage.Exempt, score.Coverage.Mitigated)
		want.Score = fmt.Sprintf("%.6f", result.Score.Percent)
		if score.Percent != nil {
			got.Score = fmt.Sprintf("%.6f", *score.Percent)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			var files []string
			for _, f := range w.files {
				files = append(files, f)
			}
			w.t.Fatalf("at %q: -assess +server\n%s\n%s", scope, diff, strings.Join(files, "\n"))
		}
	}
	w.statesAgree(answer.Checks)
	w.at[w.now] = answer
}

// tell adds what assess says of a check.
func (w *wildExemptions) tell(all map[string]string, c *posture.Check) {
	if strings.Contains(c.Rule, ":") {
		return
	}
	exempt, hash := "", c.ParametersHash
	if c.Exempt != nil {
		var until *time.Time
		if !c.Exempt.ExpiresOn.IsZero() {
			until = &c.Exempt.ExpiresOn
		}
		exempt = fmt.Sprintf(" %s %s until %v", c.Exempt.Category, c.Exempt.Reason, until)
	}
	var references []string
	if c.Recommendation {
		hash = ""
	} else {
		for _, ref := range c.References {
			references = append(references, fmt.Sprintln(ref.Assignment, ref.Member, ref.Exempt, ref.Category))
		}
	}
	all[c.Resource+" "+c.Rule+hash] = checkText(c.State, c.Judged, exempt, references)
}

// statesAgree holds the states of policies in queries against the references of checks.
func (w *wildExemptions) statesAgree(checks map[string]string) {
	w.t.Helper()
	want, got := 0, 0
	for _, text := range checks {
		want += strings.Count(text, " true ")
	}
	a := w.answered(w.owner, QueryRequest{Query: `policyresources | where type == 'microsoft.policyinsights/policystates' | where properties.complianceState == 'Exempt' | count`})
	if len(a.Rows) == 1 {
		n, _ := a.Rows[0][0].(float64)
		got = int(n)
	}
	if got != want {
		w.t.Errorf("%d states of policies are exempt in queries, want %d", got, want)
	}
}

// exemptionOf reads one as assess does.
func exemptionOf(t *testing.T, file string) *policy.Exemption {
	t.Helper()
	if e, _ := policy.ParseExemption("x.json", []byte(file)); e != nil {
		return e
	}
	var short struct{ Scope, Recommendation, Category, Reason, ExpiresOn string }
	if err := json.Unmarshal([]byte(file), &short); err != nil {
		t.Fatal(err)
	}
	return &policy.Exemption{Scope: short.Scope, ReferenceIDs: []string{short.Recommendation}, Category: short.Category, ExpiresOn: short.ExpiresOn, Description: short.Reason}
}
