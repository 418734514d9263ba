package server

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
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
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/files"
	"github.com/bartizan-dev/bartizan/internal/follow"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/oidc"
)

// ending is a server whose documents end, and what is known of them.
type ending struct {
	*running
	t     *testing.T
	rand  *rand.Rand
	owner string
	begin time.Time
	ends  map[string]time.Time // of the documents that there are, by kind and id; zero for never
}

const (
	endsScore   = "/api/v1/score?"
	endsControl = "cis-azure-3.0:2.1.4"
)

// endsLists are what has to be the same now, as of the instant, and after a start.
var endsLists = []string{
	"/api/v1/checks?", "/api/v1/checks?state=exempt&", "/api/v1/recommendations?", "/api/v1/resources?", "/api/v1/exemptions?state=active&",
	"/api/v1/attestations?state=active&", endsScore, "/api/v1/compliance?", "/api/v1/compliance/cis-azure-3.0?", "/api/v1/resource?id=" + ownUnit + "&",
	"/api/v1/resource?id=" + ownID + "&",
}

// TestEnds: several exemptions and attestations lie over one another and end, some at
// one instant, others under something that holds longer. Each instant is one commit
// with an entry of the audit log for each that ended, the histories name that commit and
// those documents, and lists are right after it as they are as of it, and after a start.
func TestEnds(t *testing.T) {
	seeds := uint64(6)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed_", seed), func(t *testing.T) {
			e := &ending{running: newRunning(t), t: t, rand: rand.New(rand.NewPCG(seed, 9)), ends: map[string]time.Time{}}
			e.owner = e.token("owner", access.Owner, "/")
			good := func(id string) string { return strings.Replace(storageAccount(id), "false", "true", 1) }
			for root, text := range map[string]string{
				"own":     storageAccount(ownID) + "\n" + good(ownID+"2") + "\n" + fmt.Sprintf(`{"id":%q,"name":"own","type":"Microsoft.Resources/subscriptions","properties":{"state":"Enabled"}}`, ownUnit),
				"foreign": good(foreignID),
			} {
				if status, answer := e.ask(http.MethodPost, "/api/v1/inventory?root="+root, e.owner, text+"\n"); status != http.StatusOK {
					t.Fatalf("import: %d %s", status, answer)
				}
			}
			e.begin = e.now
			var instants []time.Time
			for n := range 5 {
				instants = append(instants, e.begin.Truncate(time.Hour).Add(time.Duration(2+3*n)*time.Hour))
			}
			for range 8 {
				e.governs(instants)
			}
			for i, at := range instants {
				e.steps(at)
				for range 2 {
					e.governs(instants[i+1:])
				}
			}
			e.agrees()
		})
	}
}

func draw[T any](e *ending, of ...T) T { return of[e.rand.IntN(len(of))] }

// governs writes a document that may end at one of some instants, or another one in
// its place, or takes one away.
func (e *ending) governs(instants []time.Time) {
	e.running.t.Helper()
	id, kind := "", draw(e, ledger.ExemptionOf, ledger.ExemptionOf, ledger.AttestationOf)
	if known := slices.Sorted(maps.Keys(e.ends)); len(known) > 2 && e.rand.IntN(4) == 0 {
		word, name, _ := strings.Cut(draw(e, known...), " ")
		if kind, id = ledger.DocumentKind(word), name; e.rand.IntN(3) == 0 {
			e.writes(http.MethodDelete, "/api/v1/"+kind.Plural()+"?id="+id, e.owner, "")
			delete(e.ends, word+" "+name)
			return
		}
	}
	var ends time.Time
	switch n := e.rand.IntN(10); {
	case n == 0: // it has ended already
		ends = e.now.Add(-time.Hour)
	case n > 1 && len(instants) > 0:
		ends = draw(e, instants...)
	}
	more := ""
	if !ends.IsZero() {
		more = fmt.Sprintf(`,"expiresOn":%q`, ends.Format(time.RFC3339))
	}
	if id != "" {
		more += fmt.Sprintf(`,"id":%q`, id)
	}
	place := draw(e, `"scope":"/"`, fmt.Sprintf(`"scope":%q`, ownUnit), fmt.Sprintf(`"scope":%q`, ownUnit), fmt.Sprintf(`"resources":[{"id":%q}]`, ownUnit))
	var body string
	if kind == ledger.AttestationOf {
		body = fmt.Sprintf(`{%s,"recommendation":%q,"state":%q,"text":"x%d"%s}`, place, draw(e, manualRule, manualRule, endsControl), draw(e, "healthy", "unhealthy"), e.rand.IntN(100), more)
	} else {
		if e.rand.IntN(3) == 0 {
			place = fmt.Sprintf(`"resources":[{"id":%q}]`, ownID)
		}
		rule := draw(e, "", fmt.Sprintf(`,"recommendations":[%q]`, storageRule), fmt.Sprintf(`,"recommendations":[%q]`, manualRule), fmt.Sprintf(`,"recommendations":[%q]`, endsControl))
		if strings.Contains(rule, endsControl) {
			place = fmt.Sprintf(`"scope":%q`, ownUnit)
		}
		body = fmt.Sprintf(`{%s%s,"category":%q,"reason":"x%d"%s}`, place, rule, draw(e, "waiver", "mitigated"), e.rand.IntN(100), more)
	}
	written := e.writes(http.MethodPost, "/api/v1/"+kind.Plural(), e.owner, body)
	if !ends.After(e.now) && !ends.IsZero() {
		ends = time.Time{}
	}
	e.ends[string(kind)+" "+written.ID] = ends
}

// said is what a server says in all lists, as of an instant or, without one, now.
func (e *ending) said(r *running, at time.Time) map[string]string {
	e.running.t.Helper()
	said := map[string]string{}
	for _, path := range endsLists {
		asked := path
		if !at.IsZero() {
			asked += "at=" + url.QueryEscape(at.Format(time.RFC3339Nano))
		}
		status, text := r.ask(http.MethodGet, asked, e.owner, "")
		var body map[string]any
		if err := json.Unmarshal(text, &body); err != nil || status != http.StatusOK {
			e.t.Fatalf("GET %s: %d %s", asked, status, text)
		}
		for _, aside := range []string{"asOf", "query", "hidden"} { // how it was asked
			delete(body, aside)
		}
		indented, err := json.MarshalIndent(body, "", " ")
		if err != nil {
			e.t.Fatal(err)
		}
		said[path] = string(indented)
	}
	return said
}

// steps takes the clock to an instant, and holds against each other what everything
// says of it.
func (e *ending) steps(at time.Time) {
	t := e.t
	t.Helper()
	before, head := e.said(e.running, time.Time{}), e.server.Follower.Head()
	versions := get[map[string]any](e.running, "/api/v1/resource/versions?id="+url.QueryEscape(ownUnit), e.owner)
	e.now = at
	if err := e.server.tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := e.server.Follower.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	var ended []string
	for name, ends := range e.ends {
		if ends.Equal(at) {
			ended = append(ended, name)
			e.ends[name] = time.Time{}
		}
	}
	slices.Sort(ended)
	now := e.said(e.running, time.Time{})
	for what, other := range map[string]map[string]string{
		"as of then": e.said(e.running, at), "after a start": e.said(e.started(), time.Time{}),
	} {
		if diff := cmp.Diff(now, other); diff != "" {
			t.Errorf("%s: right after %v ended (-), %s (+)\n%s", at, ended, what, diff)
		}
	}
	if diff := cmp.Diff(before, e.said(e.running, at.Add(-time.Millisecond))); diff != "" {
		t.Errorf("%s: before %v ended (-), as of before (+)\n%s", at, ended, diff)
	}
	if same := get[map[string]any](e.running, "/api/v1/resource/versions?id="+url.QueryEscape(ownUnit), e.owner); cmp.Diff(versions, same) != "" {
		t.Errorf("%s: the subscription became another as %v ended: %v", at, ended, same)
	}
	commits, err := e.store.Commits(t.Context(), head, e.server.Follower.Head()+1)
	if err != nil {
		t.Fatal(err)
	}
	if len(ended) == 0 {
		if len(commits) > 0 || cmp.Diff(before, now) != "" {
			t.Errorf("%s: nothing ended, but there are commits %+v, or lists are others", at, commits)
		}
		return
	}
	if len(commits) != 1 || commits[0].Kind != ledger.Judge || commits[0].Object != "expiries" || !commits[0].At.Equal(at) {
		t.Fatalf("%s: commits %+v, want one at which %v ended", at, commits, ended)
	}
	e.told(commits[0], ended, scoreIn(before) != scoreIn(now))
}

// scoreIn is the score in what lists said, and the weights that it is made of.
func scoreIn(said map[string]string) string {
	var score Score
	if err := json.Unmarshal([]byte(said[endsScore]), &score); err != nil {
		return err.Error()
	}
	text := fmt.Sprint(printedPercent(score.Percent))
	for _, u := range score.Units {
		text += fmt.Sprint(" ", u.Scope, u.Weight)
	}
	return text
}

func printedPercent(percent *float64) float64 {
	if percent == nil {
		return -1
	}
	return *percent
}

// told holds the audit log and the histories against what a commit ended.
func (e *ending) told(c ledger.Commit, ended []string, moved bool) {
	e.t.Helper()
	entries := map[string]bool{}
	for entry, err := range e.store.AuditLog(e.t.Context(), ledger.AuditFilter{Since: c.At}) {
		if err != nil {
			e.t.Fatal(err)
		}
		if kind, _, ok := strings.Cut(entry.Action, ".end"); ok && entry.Commit == c.Number {
			entries[kind+" "+entry.Object] = true
		}
	}
	if diff := cmp.Diff(ended, slices.Sorted(maps.Keys(entries))); diff != "" {
		e.t.Errorf("commit %d: -ended +audit log\n%s", c.Number, diff)
	}
	from := "&from=" + url.QueryEscape(e.begin.Format(time.RFC3339))
	is := func(kind, object string) bool {
		if object == "weight" {
			return slices.ContainsFunc(ended, func(name string) bool { return strings.HasPrefix(name, kind+" ") })
		}
		return slices.Contains(ended, kind+" "+object)
	}
	scored := false
	for _, p := range get[ScoreHistory](e.running, historyPath("/")+from, e.owner).Points {
		if p.Time.Equal(c.At) || p.Commit == int64(c.Number) {
			scored = true
			for _, cause := range p.Causes {
				if p.Commit != int64(c.Number) || !p.Time.Equal(c.At) || !is(cause.Kind, cause.Object) {
					e.t.Errorf("commit %d, of %v: the score's history has %d, %s, with cause %+v", c.Number, ended, p.Commit, p.Time, cause)
				}
			}
		}
	}
	if moved && !scored {
		e.t.Errorf("commit %d, of %v: the score changed, its history has no such point", c.Number, ended)
	}
	for _, standard := range []string{"cis-azure-3.0", "mcsb-v1"} {
		for _, p := range get[ComplianceHistory](e.running, "/api/v1/compliance/"+standard+"/history?limit=1000"+from, e.owner).Points {
			if !p.Time.Equal(c.At) && p.Commit != int64(c.Number) {
				continue
			}
			for _, cause := range p.Causes {
				if p.Commit != int64(c.Number) || !p.Time.Equal(c.At) || !is(cause.Kind, cause.Object) {
					e.t.Errorf("commit %d, of %v: the history of %s has %d, %s, with cause %+v", c.Number, ended, standard, p.Commit, p.Time, cause)
				}
			}
		}
	}
}

// started is a server that has just started on what is kept.
func (e *ending) started() *running {
	e.t.Helper()
	now := func() time.Time { return e.now }
	kept, err := estate.Open(e.t.Context(), e.store, estate.Options{Catalog: e.server.Catalog, Key: []byte("key"), Now: now})
	if err != nil {
		e.t.Fatal(err)
	}
	if _, err := kept.Tick(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	if kept.Head() != e.server.Follower.Head() {
		e.t.Errorf("who starts writes commit %d after %d", kept.Head(), e.server.Follower.Head())
	}
	for _, unit := range []string{ownUnit, foreignUnit} {
		was, is := e.server.Estate.UnitScore(unit), kept.UnitScore(unit)
		if was.Percent != is.Percent || was.HasScore != is.HasScore || was.Weight != is.Weight {
			e.t.Errorf("%s: score %+v, after a start %+v", unit, was, is)
		}
	}
	judges, err := estate.NewJudges(e.server.Catalog)
	if err != nil {
		e.t.Fatal(err)
	}
	follower, err := follow.Open(e.t.Context(), e.store, follow.Options{Content: judges.Content, ContentID: judges.ID(), Now: now, Layings: govern.Layings})
	if err != nil {
		e.t.Fatal(err)
	}
	other := *e.running
	other.server, err = New(Options{
		Store: e.store, Follower: follower, Accounts: e.accounts, Catalog: e.server.Catalog, Estate: kept, Version: "test", Now: now,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), SignOn: oidc.New(now), Unpack: files.Unpack,
	})
	if err != nil {
		e.t.Fatal(err)
	}
	return &other
}

// agrees holds the histories as a whole against what was.
func (e *ending) agrees() {
	from := "&from=" + url.QueryEscape(e.begin.Format(time.RFC3339))
	for _, scope := range []string{"/", ownUnit} {
		before := -1.0
		for _, p := range get[ScoreHistory](e.running, historyPath(scope)+from, e.owner).Points {
			sum := max(before, 0) + p.Rest
			for _, cause := range p.Causes {
				sum += cause.Points
			}
			if is := printedPercent(p.Percent); before >= 0 && math.Abs(sum-max(is, 0)) > 1e-9 {
				e.t.Errorf("%s, commit %d: from %v to %v by %+v", scope, p.Commit, before, is, p.Causes)
			}
			before = max(printedPercent(p.Percent), 0)
		}
	}
	a := complianceAsker{e.owner, "cis-azure-3.0", ""}
	a.holds(e.t, e.running, e.begin, nil)
	if complaints, err := e.server.Estate.Complaints(e.t.Context(), e.store); err != nil || len(complaints) > 0 {
		e.t.Error(complaints, err)
	}
}

// TestComplianceHistory_of_late_ends: what ended before another commit, which came
// before anybody looked, is told as of its instant, with the commit that tells of it
// once there is one.
func TestComplianceHistory_of_late_ends(t *testing.T) {
	r, owner := twoCompanies(t)
	begin := r.now
	var ends []time.Time
	for n, rule := range []string{storageRule, endsControl} {
		ends = append(ends, begin.Add(time.Duration(1+n)*time.Hour).Truncate(time.Minute))
		r.writes(http.MethodPost, "/api/v1/exemptions", owner, fmt.Sprintf(`{"scope":"/","recommendations":[%q],"category":"waiver","reason":"x","expiresOn":%q}`, rule, ends[n].Format(time.RFC3339)))
	}
	before := r.server.Follower.Head()
	r.now = begin.Add(3 * time.Hour)
	r.token("late", access.Reader, "/")
	if err := r.server.Follower.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	a := complianceAsker{owner, "cis-azure-3.0", ""}
	for _, want := range [][]int64{{int64(before), int64(before)}, nil} {
		if want == nil {
			if err := r.server.tick(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := r.server.Follower.CatchUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			want = []int64{0, 0}
			for e, err := range r.store.AuditLog(t.Context(), ledger.AuditFilter{Action: "exemption.end"}) { // the newest first
				if err != nil {
					t.Fatal(err)
				}
				want[0], want[1] = int64(e.Commit), want[0]
			}
		}
		whole, _ := a.history(r, begin, 1000)
		pages, _ := a.history(r, begin, 1)
		var commits []int64
		for _, p := range whole.Points {
			if n := slices.IndexFunc(ends, p.Time.Equal); n >= 0 {
				commits = append(commits, p.Commit)
			}
		}
		if !slices.Equal(commits, want) {
			t.Errorf("the points of %v are of commits %v, want %v", ends, commits, want)
		}
		if diff := cmp.Diff(whole.Points, pages.Points); diff != "" {
			t.Errorf("-whole +pages\n%s", diff)
		}
	}
}
