package estate_test

import (
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/follow"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

func TestMain(m *testing.M) {
	flag.Parse()
	// A month of an estate is slow for a property test: a few do for every day.
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		_ = f.Value.Set("6")
	}
	os.Exit(m.Run())
}

// month is an estate over which a random month goes, with somebody who follows it.
type month struct {
	*kept
	r         *rapid.T
	follower  *follow.Follower
	documents map[string]ledger.DocumentKind // by id
	said      map[ledger.Number]moment
}

// moment is what was said at a time.
type moment struct {
	at   time.Time
	text string
}

const folder = "/providers/Microsoft.Management/managementGroups/a"

// otherFolder is another management group, which stands below the first one or beside it.
const otherFolder = "/providers/Microsoft.Management/managementGroups/b"

var otherUnit = strings.Replace(unit, "00000000000a", "00000000000b", 1)

// TestMonth: whatever is imported, moved, exempted, attested, disabled, assigned,
// withdrawn or expires, verdicts are those that one judging of everything finds, the effects of every commit add up to the change of each kept score, the
// kept score is that of the index, the history of the score of every scope adds up and
// has the score that the index had, and what is said later of then is what was said
// then.
func TestMonth(t *testing.T) {
	if testing.Short() {
		t.Skip("long under the race detector, and nothing runs at once")
	}
	rapid.Check(t, func(r *rapid.T) {
		m := &month{kept: newKept(t), r: r, documents: map[string]ledger.DocumentKind{}, said: map[ledger.Number]moment{}}
		m.follow()
		for range 30 {
			m.now = m.now.Add(time.Duration(rapid.IntRange(1, 24).Draw(r, "hours")) * time.Hour)
			if rapid.IntRange(0, 3).Draw(r, "restarted") == 0 {
				m.reopen()
			}
			switch rapid.IntRange(0, 11).Draw(r, "what") {
			case 0, 1, 2:
				m.importSome()
			case 3, 4, 5, 6:
				m.write()
			case 7:
				m.withdraw()
			default:
				m.writePolicy()
			}
			if _, err := m.estate.Tick(t.Context()); err != nil {
				r.Fatal(err)
			}
			m.hear()
		}
		m.look()
	})
}

func (m *month) follow() { m.open(m.r.Fatal) }

func (m *month) open(fail func(...any)) {
	judges, err := estate.NewJudges(m.catalog)
	if err != nil {
		fail(err)
	}
	m.follower, err = follow.Open(m.t.Context(), m.store, follow.Options{
		Content: judges.Content, ContentID: judges.ID(), Now: func() time.Time { return m.now }, Layings: govern.Layings,
	})
	if err != nil {
		fail(err)
	}
}

// importSome sends some accounts of the two units, of one of them all.
func (m *month) importSome() {
	var text strings.Builder
	if rapid.Bool().Draw(m.r, "all") {
		text.WriteString(whole)
	}
	for range rapid.IntRange(0, 2).Draw(m.r, "reads") {
		text.WriteString(m.read())
	}
	text.WriteString(subscription)
	for _, name := range []string{"a", "b", "c", "d"} {
		if rapid.Bool().Draw(m.r, "there") {
			record := account(name, rapid.SampledFrom([]string{"true", "false", "null"}).Draw(m.r, "https"))
			if rapid.Bool().Draw(m.r, "tagged") {
				record = strings.Replace(record, `"location"`, `"tags":{"env":"prod"},"location"`, 1)
			}
			if rapid.Bool().Draw(m.r, "in the other unit") {
				record = strings.ReplaceAll(record, unit, otherUnit)
			}
			text.WriteString(record)
		}
	}
	if rapid.Bool().Draw(m.r, "with a blob service") {
		text.WriteString(fmt.Sprintf(`{"id":%q,"name":"default","type":"Microsoft.Storage/storageAccounts/blobServices","properties":{}}`+"\n", accountID("a")+"/blobServices/default"))
	}
	o := estate.ImportOptions{Inputs: []intake.Input{input("month.jsonl", text.String())}, Actor: "tester"}
	above := func(id string) string {
		return rapid.SampledFrom([]string{folder, otherFolder, "default", ""}).Draw(m.r, "above "+id)
	}
	o.Hierarchy = []posture.Scope{
		{ID: folder, Kind: posture.Folder, Cloud: posture.Azure, Parent: "default"},
		{ID: otherFolder, Kind: posture.Folder, Cloud: posture.Azure, Parent: rapid.SampledFrom([]string{folder, "default"}).Draw(m.r, "above a folder")},
		{ID: otherUnit, Kind: posture.Unit, Cloud: posture.Azure, Parent: above(otherUnit), Name: rapid.SampledFrom([]string{"Shop", "Store"}).Draw(m.r, "name")},
	}
	if rapid.Bool().Draw(m.r, "both units stand elsewhere") {
		o.Hierarchy = append(o.Hierarchy, posture.Scope{ID: unit, Kind: posture.Unit, Cloud: posture.Azure, Parent: above(unit)})
	}
	if _, err := m.estate.Import(m.t.Context(), o); err != nil {
		m.r.Fatal(err)
	}
}

// read is a read record: of everything or accounts, whole or not, now or before.
func (m *month) read() string {
	scope := rapid.SampledFrom([]string{unit, otherUnit, group, folder, "/"}).Draw(m.r, "read scope")
	id := accountID("b")
	if scope == otherUnit {
		id = strings.Replace(id, unit, otherUnit, 1)
	}
	return fmt.Sprintf(`{"bartizan":"read","scope":%q,"type":%q,"complete":%t,"startedAt":%q%s}`+"\n",
		scope, rapid.SampledFrom([]string{"*", storage}).Draw(m.r, "read type"),
		rapid.Bool().Draw(m.r, "complete"), m.now.Add(-time.Duration(rapid.IntRange(0, 40).Draw(m.r, "hours ago"))*time.Hour).Format(time.RFC3339),
		rapid.SampledFrom([]string{"", "", `,"denied":[{"type":"` + storage + `"}]`, `,"error":[{"id":"` + id + `"}]`, `,"throttled":[{"type":"` + storage + `/blobServices"}]`}).Draw(m.r, "lists"))
}

// write writes a document, or another one over it.
func (m *month) write() {
	id := rapid.SampledFrom([]string{"x", "y", "z", "u", "v"}).Draw(m.r, "id")
	kind, known := m.documents[id]
	if !known {
		kind = rapid.SampledFrom([]ledger.DocumentKind{ledger.ExemptionOf, ledger.ExemptionOf, ledger.AttestationOf, ledger.Disabling}).Draw(m.r, "kind")
	}
	scope := fmt.Sprintf(`"scope":%q`, rapid.SampledFrom([]string{"/", "default", folder, unit, otherUnit, group}).Draw(m.r, "scope"))
	expires := ""
	if rapid.Bool().Draw(m.r, "expires") {
		expires = fmt.Sprintf(`,"expiresOn":%q`, m.now.Add(time.Duration(rapid.IntRange(-2, 90).Draw(m.r, "after"))*time.Hour).Format(time.RFC3339))
	}
	var text string
	switch kind {
	case ledger.Disabling:
		text = fmt.Sprintf(`{%s,"recommendation":%q,"reason":"x"}`, scope, rapid.SampledFrom([]string{secureTransfer, emergency}).Draw(m.r, "rule"))
	case ledger.AttestationOf:
		text = fmt.Sprintf(`{%s,"recommendation":%q,"text":"x","state":%q%s}`, scope, emergency, rapid.SampledFrom([]string{"healthy", "unhealthy"}).Draw(m.r, "state"), expires)
	default:
		more := rapid.SampledFrom([]string{"", `,"selector":{"tags":[{"key":"env"}]}`, `,"selector":{"text":"/a"}`, `,"recommendations":["` + secureTransfer + `"]`}).Draw(m.r, "more")
		if rapid.Bool().Draw(m.r, "resources") {
			scope = fmt.Sprintf(`"resources":[{"id":%q},{"id":%q}]`, accountID("a"), accountID("b"))
		}
		text = fmt.Sprintf(`{%s%s,"reason":"x","category":"waiver"%s}`, scope, more, expires)
	}
	if _, err := m.estate.SetDocument(m.t.Context(), anna, kind, id, []byte(text)); err != nil {
		m.r.Fatalf("%s: %v", text, err)
	}
	m.documents[id] = kind
}

func (m *month) withdraw() {
	if len(m.documents) == 0 {
		return
	}
	id := rapid.SampledFrom(sorted(m.documents)).Draw(m.r, "withdrawn")
	if _, err := m.estate.RemoveDocument(m.t.Context(), anna, m.documents[id], id); err != nil {
		m.r.Fatal(err)
	}
	delete(m.documents, id)
}

func sorted(documents map[string]ledger.DocumentKind) []string {
	return slices.Sorted(maps.Keys(documents))
}

// hear lets the one who follows catch up, holds the scores against those that are
// kept, and notes what is said.
func (m *month) hear() {
	if err := m.follower.CatchUp(m.t.Context()); err != nil {
		m.r.Fatal(err)
	}
	if diff := cmp.Diff(m.judgedAtOnce(), m.verdicts()); diff != "" {
		m.r.Fatalf("commit %d: -judged at once +kept:\n%s", m.estate.Head(), diff)
	}
	if m.follower.Head() != m.estate.Head() {
		m.r.Fatalf("the follower is at commit %d, the estate at %d", m.follower.Head(), m.estate.Head())
	}
	if err := m.follower.Read(func(x *index.Index) error {
		for _, u := range []string{unit, otherUnit} {
			if got, kept := x.UnitScore(u), m.estate.UnitScore(u); got.HasScore && cmp.Diff(kept, got) != "" || got.Percent != kept.Percent {
				m.r.Fatalf("commit %d: %s has %+v, kept is %+v", m.follower.Head(), u, got, kept)
			}
		}
		m.said[m.follower.Head()] = moment{m.now, says(x)}
		return nil
	}); err != nil {
		m.r.Fatal(err)
	}
}

// says is what an index says of every check.
func says(x *index.Index) string {
	var b strings.Builder
	for _, row := range x.Select(index.Filter{}).Page(true, []index.Order{{By: index.ByName}}, nil, 1000) {
		fmt.Fprintln(&b, row.Resource, row.Rule, row.Verdict)
	}
	return b.String()
}

// look goes through all commits once more.
func (m *month) look() {
	ctx := m.t.Context()
	commits, err := m.store.Commits(ctx, 0, m.estate.Head())
	if err != nil {
		m.r.Fatal(err)
	}
	if complaints, err := m.estate.Complaints(ctx, m.store); err != nil || len(complaints) > 0 {
		m.r.Fatal(complaints, err)
	}
	before, histories := map[string]float64{}, m.histories(commits[0].Number, "/", "default", folder, otherFolder, unit, otherUnit)
	for _, c := range commits {
		now := m.keptAt(c.Number)
		effects, err := m.store.Effects(ctx, c.Number-1, c.Number)
		if err != nil {
			m.r.Fatal(err)
		}
		for _, e := range effects {
			before[e.Unit] += e.Points
		}
		for _, u := range []string{unit, otherUnit} {
			if math.Abs(before[u]-now[u]) > 1e-9 {
				m.r.Fatalf("commit %+v: effects %+v lead to %v, kept is %v", c, effects, before, now)
			}
			before[u] = now[u]
		}
		at, text := c.At, ""
		if said, ok := m.said[c.Number]; ok {
			at, text = said.at, said.text
		}
		if err := m.follower.ReadAt(ctx, c.Number, at, func(x *index.Index) error {
			for _, u := range []string{unit, otherUnit} {
				if got := x.UnitScore(u).Percent; got != now[u] {
					m.r.Fatalf("as of commit %+v: %s has %v, kept is %v", c, u, got, now[u])
				}
			}
			for scope, history := range histories {
				history.holds(m.r, scope, c.Number, x)
			}
			if diff := cmp.Diff(text, says(x)); text != "" && diff != "" {
				m.r.Fatalf("as of commit %d at %s (+) is not what was said then (-):\n%s", c.Number, at, diff)
			}
			return nil
		}); err != nil {
			m.r.Fatal(err)
		}
	}
}

// keptAt gives the percentages that are kept as of a commit, by unit.
func (m *month) keptAt(n ledger.Number) map[string]float64 {
	scores, err := m.store.UnitScores(m.t.Context(), n)
	if err != nil {
		m.t.Fatal(err)
	}
	judges, err := estate.NewJudges(m.catalog)
	if err != nil {
		m.t.Fatal(err)
	}
	documents, err := m.store.Documents(m.t.Context(), n, "")
	if err != nil {
		m.t.Fatal(err)
	}
	content, err := judges.Content(documents)
	if err != nil {
		m.t.Fatal(err)
	}
	percents := map[string]float64{}
	for _, u := range scores {
		percents[u.Unit] = estate.ScoreOf(content.Controls, u).Percent
	}
	return percents
}

// past is the history of the score of one scope.
type past struct {
	moves map[ledger.Number]estate.ScoreMove
	last  estate.ScoreMove // so far
}

// histories are those of some scopes, from a commit on.
func (k *kept) histories(from ledger.Number, scopes ...string) map[string]*past {
	judges, err := estate.NewJudges(k.catalog)
	if err != nil {
		k.t.Fatal(err)
	}
	content, err := judges.Content(nil)
	if err != nil {
		k.t.Fatal(err)
	}
	histories := map[string]*past{}
	for _, scope := range scopes {
		h := estate.ScoreHistory{Rows: k.store, Controls: content.Controls, Scope: scope, Sees: func(string, *access.Tree) bool { return true }}
		p := &past{moves: map[ledger.Number]estate.ScoreMove{}}
		for move, err := range h.Moves(k.t.Context(), from, k.estate.Head()) {
			if err != nil {
				k.t.Fatal(err)
			}
			p.moves[move.Commit.Number] = move
		}
		histories[scope] = p
	}
	return histories
}

// holds the history against what an index of a commit says, and the causes of the
// commit against what they led to.
func (p *past) holds(r interface{ Fatalf(string, ...any) }, scope string, n ledger.Number, x *index.Index) {
	want := x.Select(index.Filter{Scopes: []string{scope}}).ScoreModel().Score()
	if move, changed := p.moves[n]; changed {
		var points, exact float64
		for _, c := range move.Causes {
			points, exact = points+c.Points, exact+c.Exact
			if math.Abs(c.Points-c.Exact) > 0.01+1e-9 || c.Unit == "" || c.Object == "" || c.Kind == ledger.NoCause {
				r.Fatalf("commit %d: a cause of %s: %+v", n, scope, c)
			}
		}
		if change := move.Percent - p.last.Percent; len(p.moves) > 0 && p.last.Commit.Number > 0 && (math.Abs(points-change) > 1e-9 || math.Abs(exact-change) > 0.01+1e-9) {
			r.Fatalf("commit %d: the score of %s went from %v to %v by %+v", n, scope, p.last.Percent, move.Percent, move.Causes)
		}
		p.last = move
	}
	if p.last.Has != want.HasScore || p.last.Percent != want.Percent {
		r.Fatalf("commit %d: the score of %s is %v, its history says %+v", n, scope, want.Percent, p.last)
	}
}
