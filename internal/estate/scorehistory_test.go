package estate_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// told are commits that nobody but a test made, as rows.
type told struct {
	commits   []ledger.Commit
	effects   []ledger.Effect
	scores    []ledger.UnitScore
	scopes    []ledger.ScopeVersion
	snapshots []snapshot // by commit
	reads     int        // rows that were asked for
}

// snapshot is what is as of a commit.
type snapshot struct {
	scores map[string]ledger.UnitScore
	parent map[string]string
}

func (h *told) clone() snapshot {
	last := h.snapshots[len(h.snapshots)-1]
	return snapshot{maps.Clone(last.scores), maps.Clone(last.parent)}
}

var toldControls = []score.Control{{ID: "c", Max: 6}, {ID: "zero"}}

// commit makes a commit after which things are so, and the rows that lead there.
func (h *told) commit(now snapshot, kind ledger.Kind) {
	before, n := h.snapshots[len(h.snapshots)-1], ledger.Number(len(h.snapshots))
	h.commits = append(h.commits, ledger.Commit{Number: n, Kind: kind})
	h.snapshots = append(h.snapshots, now)
	for unit := range now.scores {
		was, is := estate.ScoreOf(toldControls, before.scores[unit]).Percent, estate.ScoreOf(toldControls, now.scores[unit]).Percent
		if was != is { // in two steps
			h.effects = append(h.effects, ledger.Effect{Commit: n, Unit: unit, Cause: ledger.Estate, Object: "t", Points: 50 - was},
				ledger.Effect{Commit: n, Unit: unit, Cause: ledger.Coverage, Object: "t", Points: is - 50})
		}
		if fmt.Sprint(before.scores[unit]) != fmt.Sprint(now.scores[unit]) {
			for i := range h.scores {
				if h.scores[i].Unit == unit && h.scores[i].Until == ledger.Open {
					h.scores[i].Until = n
				}
			}
			if u := now.scores[unit]; u.Weight > 0 {
				u.Interval = ledger.Interval{Since: n, Until: ledger.Open}
				h.scores = append(h.scores, u)
			}
		}
	}
	ids := maps.Clone(before.parent)
	maps.Copy(ids, now.parent)
	for id := range ids {
		was, known := before.parent[id]
		is, left := now.parent[id]
		if known == left && was == is {
			continue
		}
		for i := range h.scopes {
			if h.scopes[i].ID == id && h.scopes[i].Until == ledger.Open {
				h.scopes[i].Until = n
			}
		}
		if left {
			h.scopes = append(h.scopes, ledger.ScopeVersion{Scope: posture.Scope{ID: id, Parent: is, Kind: posture.Folder}, Interval: ledger.Interval{Since: n, Until: ledger.Open}})
		}
	}
}

func rowsOf[R any](h *told, all []R, wanted func(R) bool) []R {
	var some []R
	for _, r := range all {
		if wanted(r) {
			some = append(some, r)
		}
	}
	h.reads += len(some)
	return some
}

func within(i ledger.Interval, from, to ledger.Number) bool {
	return from < i.Since && i.Since <= to || from < i.Until && i.Until <= to
}

func (h *told) UnitScores(_ context.Context, n ledger.Number) ([]ledger.UnitScore, error) {
	return rowsOf(h, h.scores, func(u ledger.UnitScore) bool { return u.Holds(n) }), nil
}

func (h *told) ScoresChanged(_ context.Context, from, to ledger.Number) ([]ledger.UnitScore, error) {
	return rowsOf(h, h.scores, func(u ledger.UnitScore) bool { return within(u.Interval, from, to) }), nil
}

func (h *told) Scopes(_ context.Context, n ledger.Number) ([]ledger.ScopeVersion, error) {
	return rowsOf(h, h.scopes, func(s ledger.ScopeVersion) bool { return s.Holds(n) }), nil
}

func (h *told) ScopesChanged(_ context.Context, from, to ledger.Number) ([]ledger.ScopeVersion, error) {
	return rowsOf(h, h.scopes, func(s ledger.ScopeVersion) bool { return within(s.Interval, from, to) }), nil
}

func (h *told) Documents(context.Context, ledger.Number, ledger.DocumentKind) ([]ledger.DocumentVersion, error) {
	return nil, nil
}

func (h *told) Commits(_ context.Context, from, to ledger.Number) ([]ledger.Commit, error) {
	return rowsOf(h, h.commits, func(c ledger.Commit) bool { return from < c.Number && c.Number <= to }), nil
}

func (h *told) Effects(_ context.Context, from, to ledger.Number) ([]ledger.Effect, error) {
	return rowsOf(h, h.effects, func(e ledger.Effect) bool { return from < e.Commit && e.Commit <= to }), nil
}

// beneath says whether a scope is, or stands below, another in a snapshot.
func (s snapshot) beneath(id, scope string) bool {
	for range len(s.parent) + 2 {
		if id == scope || scope == "/" {
			return true
		}
		id = s.parent[id]
	}
	return false
}

// scoreOf is the score of a scope by a snapshot.
func (s snapshot) scoreOf(scope string) (percent float64, has bool) {
	var weighted, weight float64
	for unit, u := range s.scores {
		if now := estate.ScoreOf(toldControls, u); now.HasScore && s.beneath(unit, scope) && unit != "unseen" {
			weighted, weight = weighted+math.RoundToEven(now.Percent*100)*float64(now.Weight), weight+float64(now.Weight)
		}
	}
	if weight == 0 {
		return 0, false
	}
	return math.RoundToEven(weighted/weight/100*100) / 100, true
}

// scores draws what a unit counts.
func scores(r *rapid.T, unit string) ledger.UnitScore {
	u := ledger.UnitScore{Unit: unit, Weight: uint32(rapid.IntRange(0, 40).Draw(r, "weight"))}
	if u.Weight > 0 {
		id := rapid.SampledFrom([]string{"c", "c", "c", "zero"}).Draw(r, "control")
		u.Controls = []ledger.ControlCount{{Control: id, Healthy: uint32(rapid.IntRange(0, 9).Draw(r, "healthy")), Unhealthy: uint32(rapid.IntRange(0, 9).Draw(r, "unhealthy"))}}
	}
	return u
}

// TestScoreHistory: whatever units come to and wherever they and what stands above them
// goes, the score of every scope is that of the moment, and the causes of each commit
// add up to its change, also from the middle on.
func TestScoreHistory(t *testing.T) {
	units, folders := []string{"u", "v", "w", "unseen"}, []string{"a", "b", "c"}
	rapid.Check(t, func(r *rapid.T) {
		h := &told{snapshots: []snapshot{{map[string]ledger.UnitScore{}, map[string]string{}}}}
		for range rapid.IntRange(1, 40).Draw(r, "commits") {
			now := h.clone()
			for range rapid.IntRange(0, 3).Draw(r, "scores") {
				unit := rapid.SampledFrom(units).Draw(r, "unit")
				now.scores[unit] = scores(r, unit)
			}
			for range rapid.IntRange(0, 2).Draw(r, "moves") {
				id := rapid.SampledFrom(slices.Concat(units, folders)).Draw(r, "moved")
				parent := rapid.SampledFrom(append(folders, "/", "gone")).Draw(r, "to")
				switch {
				case parent == "gone":
					delete(now.parent, id)
				case !now.beneath(parent, id):
					now.parent[id] = parent
				}
			}
			h.commit(now, ledger.Import)
		}
		from := ledger.Number(rapid.IntRange(0, len(h.commits)-1).Draw(r, "from"))
		for _, scope := range slices.Concat([]string{"/"}, folders, units[:3]) {
			h.adds(r, scope, from)
		}
	})
}

// adds holds the history of a scope against the snapshots.
func (h *told) adds(r *rapid.T, scope string, from ledger.Number) {
	last, at := estate.ScoreMove{}, from
	check := func(to ledger.Number) {
		for ; at < to; at++ {
			if percent, has := h.snapshots[at].scoreOf(scope); percent != last.Percent || has != last.Has {
				r.Fatalf("commit %d: the score of %s is %v (%t), its history says %+v", at, scope, percent, has, last)
			}
		}
	}
	history := estate.ScoreHistory{Rows: h, Controls: toldControls, Scope: scope, Sees: func(unit string, _ *access.Tree) bool { return unit != "unseen" }}
	for move, err := range history.Moves(r.Context(), from, ledger.Number(len(h.commits))) {
		if err != nil {
			r.Fatal(err)
		}
		check(move.Commit.Number)
		var sum float64
		for _, c := range move.Causes {
			sum += c.Points
			if math.Abs(c.Points-c.Exact) > 0.01+1e-9 {
				r.Fatalf("commit %d: a cause of %s: %+v", move.Commit.Number, scope, c)
			}
		}
		if move.Commit.Number > from && math.Abs(sum-(move.Percent-last.Percent)) > 1e-9 {
			r.Fatalf("commit %d: the score of %s went from %v to %v by %+v", move.Commit.Number, scope, last.Percent, move.Percent, move.Causes)
		}
		last = move
	}
	check(ledger.Number(len(h.commits)) + 1)
}

// TestScoreHistory_causes: which cause a change has, and how much of it.
func TestScoreHistory_causes(t *testing.T) {
	counts := func(unit string, weight, healthy, unhealthy uint32) ledger.UnitScore {
		return ledger.UnitScore{Unit: unit, Weight: weight, Controls: []ledger.ControlCount{{Control: "c", Healthy: healthy, Unhealthy: unhealthy}}}
	}
	tests := map[string]struct {
		change func(s snapshot)
		want   []string
	}{
		"share_of_a_unit_s_own_effects":    {func(s snapshot) { s.scores["u"] = counts("u", 10, 2, 0) }, []string{"estate t u 0.00 (0.00)", "coverage t u 5.00 (50.00)"}},
		"checks_came":                      {func(s snapshot) { s.scores["u"] = counts("u", 110, 1, 1) }, []string{"estate weight u -22.50 10-110"}},
		"a_unit_came":                      {func(s snapshot) { s.scores["w"] = counts("w", 100, 0, 1); s.parent["w"] = "a" }, []string{"scope w w -47.50 0-100"}},
		"a_unit_moved_out":                 {func(s snapshot) { s.parent["u"] = "b" }, []string{"scope u u 5.00 10-0"}},
		"a_unit_moved_in":                  {func(s snapshot) { s.parent["v2"] = "a" }, []string{"scope v2 v2 -42.22 0-80"}},
		"a_folder_went_with_its_units":     {func(s snapshot) { s.parent["a"] = "b" }, nil},
		"somebody_else_changed":            {func(s snapshot) { s.scores["v2"] = counts("v2", 10, 2, 0) }, nil},
		"all_units_went":                   {func(s snapshot) { s.parent["u"], s.parent["v"] = "b", "b" }, []string{"scope u u -5.00 10-0", "scope v v -90.00 90-0"}},
		"nothing_of_it_is_judged_any_more": {func(s snapshot) { s.scores["u"] = ledger.UnitScore{Unit: "u"} }, []string{"estate t u 5.00 10-0"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h := &told{snapshots: []snapshot{{map[string]ledger.UnitScore{}, map[string]string{}}}}
			now := h.clone()
			now.parent = map[string]string{"a": "/", "b": "/", "u": "a", "v": "a", "v2": "b"}
			now.scores = map[string]ledger.UnitScore{"u": counts("u", 10, 1, 1), "v": counts("v", 90, 1, 0), "v2": counts("v2", 80, 0, 1)}
			h.commit(now, ledger.Import)
			now = h.clone()
			test.change(now)
			h.commit(now, ledger.Import)
			var got []string
			history := estate.ScoreHistory{Rows: h, Controls: toldControls, Scope: "a", Sees: func(string, *access.Tree) bool { return true }}
			for move, err := range history.Moves(t.Context(), 1, 2) {
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range move.Causes {
					more := fmt.Sprintf("(%.2f)", c.UnitPoints)
					if c.Before != c.Now {
						more = fmt.Sprintf("%d-%d", c.Before, c.Now)
					}
					got = append(got, fmt.Sprintf("%s %s %s %.2f %s", c.Kind, c.Object, c.Unit, c.Points, more))
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("causes %q, want %q", got, test.want)
			}
		})
	}
}

// TestScoreHistory_cost: what is read does not grow with the units that nothing
// happened to, but for what they are when the history begins.
func TestScoreHistory_cost(t *testing.T) {
	reads := func(units int) int {
		h := &told{snapshots: []snapshot{{map[string]ledger.UnitScore{}, map[string]string{}}}}
		now := h.clone()
		for n := range units {
			id := fmt.Sprint("unit", n)
			now.scores[id] = ledger.UnitScore{Unit: id, Weight: 1, Controls: []ledger.ControlCount{{Control: "c", Healthy: 1}}}
		}
		h.commit(now, ledger.Import)
		for n := range 50 {
			now := h.clone()
			now.scores["unit0"] = ledger.UnitScore{Unit: "unit0", Weight: 2, Controls: []ledger.ControlCount{{Control: "c", Healthy: uint32(n % 2), Unhealthy: 1}}}
			h.commit(now, ledger.Import)
		}
		history := estate.ScoreHistory{Rows: h, Controls: toldControls, Scope: "/", Sees: func(string, *access.Tree) bool { return true }}
		moves := 0
		for _, err := range history.Moves(t.Context(), 1, ledger.Number(len(h.commits))) {
			if err != nil {
				t.Fatal(err)
			}
			moves++
		}
		if moves != 51 {
			t.Errorf("%d units: %d moves, want 51", units, moves)
		}
		return h.reads - units
	}
	if few, many := reads(10), reads(500); few != many {
		t.Errorf("%d rows are read beside 10 units, %d beside 500", few, many)
	}
}

// TestScoreHistory_another_catalogue: what one does that judges otherwise and has other
// points is told, and a history that begins while it judges again says the same as one
// that began before.
func TestScoreHistory_another_catalogue(t *testing.T) {
	same := func(_, text string) string { return text }
	points := regexp.MustCompile(`(?s)(id: encrypt-data-in-transit.*?max: )\d+`)
	k := newKept(t)
	k.catalog = storageCatalogue(t, same)
	k.reopen()
	k.imports(input("a.jsonl", account("a", "true")+strings.ReplaceAll(account("c", "false"), unit, otherUnit)))
	if err := k.estate.Rejudge(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	from := k.estate.Head()
	k.catalog = storageCatalogue(t, func(name, text string) string {
		if name == "controls.yaml" {
			text = points.ReplaceAllString(text, "${1}10")
		}
		return strings.Replace(text, "supportsHttpsTrafficOnly, notEquals: true", "supportsHttpsTrafficOnly, notEquals: false", 1)
	})
	k.reopen()
	if err := k.estate.Rejudge(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if complaints, err := k.estate.Complaints(t.Context(), k.store); err != nil || len(complaints) > 0 {
		t.Error(complaints, err)
	}
	m := &month{kept: k}
	m.open(t.Fatal)
	var now score.Score
	if err := m.follower.Read(func(x *index.Index) error {
		now = x.Select(index.Filter{}).ScoreModel().Score()
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	h := estate.ScoreHistory{Rows: k.store, Scope: "/", Sees: func(string, *access.Tree) bool { return true }}
	var percents []float64
	for n := from; n <= k.estate.Head(); n++ {
		var began, last float64
		first := true
		for move, err := range h.Moves(t.Context(), n, k.estate.Head()) {
			if err != nil {
				t.Fatal(err)
			}
			if first {
				began, first = move.Percent, false
			}
			last = move.Percent
		}
		if last != now.Percent {
			t.Errorf("from commit %d on it ends with %v, the score is %v", n, last, now.Percent)
		}
		percents = append(percents, began)
	}
	if len(percents) != 4 || percents[0] == percents[1] || percents[1] == percents[2] {
		t.Errorf("scores %v, want one that two units change, and then the points", percents)
	}
}

// TestScoreHistory_of_what_is_exempt_at_zero: a unit of which nothing is healthy has the
// same number without what is exempt; the exemption is told to have taken its weight,
// and to have given it back.
func TestScoreHistory_of_what_is_exempt_at_zero(t *testing.T) {
	k := newKept(t)
	k.imports(input("a.jsonl", strings.NewReplacer("TLS1_2", "TLS1_0", `"allowBlobPublicAccess":false`, `"allowBlobPublicAccess":true`).Replace(account("a", "false"))))
	begin := k.estate.Head()
	u := k.estate.UnitScore(unit)
	if !u.HasScore || u.Percent != 0 || u.Weight == 0 {
		t.Fatalf("score %+v, want 0 of something", u)
	}
	if _, err := k.estate.SetDocument(t.Context(), anna, ledger.ExemptionOf, "x", []byte(fmt.Sprintf(`{"scope":%q,"category":"waiver","reason":"old"}`, unit))); err != nil {
		t.Fatal(err)
	}
	if _, err := k.estate.RemoveDocument(t.Context(), anna, ledger.ExemptionOf, "x"); err != nil {
		t.Fatal(err)
	}
	var got []string
	history := estate.ScoreHistory{Rows: k.store, Scope: unit, Sees: func(string, *access.Tree) bool { return true }}
	for move, err := range history.Moves(t.Context(), begin, k.estate.Head()) {
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range move.Causes {
			got = append(got, fmt.Sprintf("%s %s %v %d-%d", c.Kind, c.Object, c.Points, c.Before, c.Now))
		}
	}
	want := []string{fmt.Sprintf("exemption x 0 %d-0", u.Weight), fmt.Sprintf("exemption x 0 0-%d", u.Weight)}
	if !slices.Equal(got, want) {
		t.Errorf("causes %q, want %q", got, want)
	}
}
