//go:build unix

package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// state is what holds at one commit, in the simplest way to say it.
type state struct {
	bodies    map[string]string // by id of the resource
	units     map[string]string // by id of a bucket, whose identity does not name it: that of its last number
	facts     map[string]string // location
	verdicts  map[string]string
	reads     map[string]string
	losses    map[string]string
	scopes    map[string]string
	documents map[string]string
	scores    map[string]string
}

func (s state) clone() state {
	return state{maps.Clone(s.bodies), maps.Clone(s.units), maps.Clone(s.facts), maps.Clone(s.verdicts), maps.Clone(s.reads), maps.Clone(s.losses), maps.Clone(s.scopes), maps.Clone(s.documents), maps.Clone(s.scores)}
}

func newState() state {
	return state{map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}, map[string]string{}}
}

var (
	modelUnits = []string{"/subscriptions/A", "111122223333", "projects/p"}
	modelTypes = []string{"Microsoft.Storage/storageAccounts", "AWS::S3::Bucket", "machine"}
)

// modelGroup is the group of the resource of a number: every other one has none.
func modelGroup(unit string, n int) string {
	if n%2 == 1 {
		return ""
	}
	return unit + "/resourceGroups/G"
}

func modelResource(n int) ledger.Resource {
	unit := modelUnits[n%3]
	return ledger.Resource{ID: fmt.Sprintf("%s/x/%d", unit, n), Type: modelTypes[n/3%3], Name: fmt.Sprint(n), Cloud: posture.Azure, Unit: unit, Group: modelGroup(unit, n)}
}

// TestModel makes random commits and compares every read as of every commit with
// a model that keeps whole copies.
func TestModel(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		s := open(t, where)
		states := []state{newState()}
		commit := func(r rapid.TB, work func(ctx context.Context, tx ledger.Tx, to state) error) {
			next := states[len(states)-1].clone()
			c, err := s.Write(t.Context(), commitOf(ledger.Import), func(tx ledger.Tx) error { return work(t.Context(), tx, next) })
			if err != nil {
				r.Fatal(err)
			}
			if c.Number == 0 {
				return // it may have noted times of reads
			}
			if int(c.Number) != len(states) {
				r.Fatalf("commit %d, want %d", c.Number, len(states))
			}
			states = append(states, next)
		}
		rapid.Check(t, func(r *rapid.T) {
			for range rapid.IntRange(1, 4).Draw(r, "commits") {
				commit(r, func(ctx context.Context, tx ledger.Tx, to state) error { return randomCommit(ctx, r, tx, to) })
			}
		})
		// However few the random ones were, there is something of each kind at the end.
		commit(t, func(ctx context.Context, tx ledger.Tx, to state) error {
			for _, work := range modelWork {
				if err := work(ctx, tx, to, 0, "1"); err != nil {
					return err
				}
			}
			return nil
		})
		for n, want := range states {
			if diff := gocmp.Diff(want, stateAt(t, s, ledger.Number(n)), gocmp.AllowUnexported(state{})); diff != "" {
				t.Fatalf("commit %d: -want +got\n%s", n, diff)
			}
		}
		followModel(t, s)
	})
}

// randomCommit changes the store and the model alike.
func randomCommit(ctx context.Context, r *rapid.T, tx ledger.Tx, to state) error {
	for range rapid.IntRange(1, 5).Draw(r, "changes") {
		n := rapid.IntRange(0, 8).Draw(r, "thing")
		value := rapid.SampledFrom([]string{"1", "2", "3"}).Draw(r, "value")
		work := rapid.SampledFrom(modelWork).Draw(r, "work")
		if err := work(ctx, tx, to, n, value); err != nil {
			return err
		}
	}
	return nil
}

var modelWork = []func(ctx context.Context, tx ledger.Tx, to state, n int, value string) error{
	func(ctx context.Context, tx ledger.Tx, to state, n int, value string) error {
		resources := []ledger.Resource{modelResource(n), modelResource(n), modelResource((n + 1) % 9)}
		if err := tx.NewResources(ctx, resources); err != nil {
			return err
		}
		var versions []ledger.Version
		for _, r := range resources {
			bodies, err := tx.PutBodies(ctx, []ledger.Body{{Type: r.Type, Record: []byte(value)}})
			if err != nil {
				return err
			}
			facts, err := tx.PutFacts(ctx, []ledger.Facts{{Location: value, Partial: value == "2"}})
			if err != nil {
				return err
			}
			versions = append(versions, ledger.Version{Resource: r.Number, Body: bodies[0], Facts: facts[0]})
			to.bodies[r.ID], to.facts[r.ID] = value, value
		}
		return tx.SetVersions(ctx, versions)
	},
	func(ctx context.Context, tx ledger.Tx, to state, n int, _ string) error {
		r := []ledger.Resource{modelResource(n)}
		if err := tx.NewResources(ctx, r); err != nil {
			return err
		}
		for _, of := range []map[string]string{to.bodies, to.facts, to.verdicts} {
			delete(of, r[0].ID)
		}
		return tx.Delete(ctx, []uint32{r[0].Number})
	},
	func(ctx context.Context, tx ledger.Tx, to state, n int, value string) error {
		r := []ledger.Resource{modelResource(n)}
		if err := tx.NewResources(ctx, r); err != nil {
			return err
		}
		evaluations := []ledger.Evaluation{{Rule: "a"}, {Rule: "b", Parameters: value, Definition: ledger.HashOf([]byte(value))}}
		if err := tx.Evaluations(ctx, evaluations); err != nil {
			return err
		}
		verdicts := []ledger.Verdict{
			{Evaluation: evaluations[1].Number, State: posture.Unknown, Reason: posture.NotEvaluable}, {Evaluation: evaluations[0].Number, State: posture.Healthy},
		}
		tuples, err := tx.Tuples(ctx, [][]ledger.Verdict{verdicts, verdicts[:1]})
		if err != nil {
			return err
		}
		to.verdicts[r[0].ID] = "a healthy , b" + value + " unknown notEvaluable"
		return tx.SetVerdicts(ctx, []ledger.Judged{{Resource: r[0].Number, Tuple: tuples[1]}, {Resource: r[0].Number, Tuple: tuples[0]}})
	},
	func(ctx context.Context, tx ledger.Tx, to state, n int, value string) error {
		r := bucketIn(modelUnits[n%3], fmt.Sprint(n/3))
		to.units[r.ID], to.bodies[r.ID], to.facts[r.ID], to.verdicts[r.ID] = r.Unit, value, value, "a healthy "
		_, err := moveTo(ctx, tx, r.Unit, r.Name, value)
		return err
	},
	func(ctx context.Context, tx ledger.Tx, to state, n int, value string) error {
		read := ledger.Read{Record: posture.ReadRecord{Scope: modelUnits[n%3], Type: modelTypes[n/3], Complete: value == "1", StartedAt: noon}}
		key := read.Record.Scope + " " + read.Record.Type
		if value == "3" {
			delete(to.reads, key)
			return tx.RemoveReads(ctx, []ledger.Read{read})
		}
		if value == "2" {
			read.Record.Gaps = []posture.Gap{{Reason: posture.Denied, Type: "t", ID: "i", Path: "p", Action: "a", Body: true}}
			read.Stale, read.StaleSince, read.Missed = posture.Throttled, noon, ledger.NumbersOf([]uint32{1, 2, 5})
		}
		to.reads[key] = fmt.Sprint(read.Record.Complete, read.Record.Gaps, read.Stale, read.StaleSince, read.Missed)
		return tx.SetReads(ctx, []ledger.Read{read})
	},
	func(ctx context.Context, tx ledger.Tx, to state, n int, value string) error {
		loss := ledger.Loss{Scope: modelUnits[n%3], Type: []string{"*", modelTypes[n/3]}[n%2], At: noon.Add(time.Duration(n) * time.Hour), Total: 300}
		key := loss.Scope + " " + loss.Type
		if value == "3" {
			delete(to.losses, key)
			return tx.RemoveLosses(ctx, []ledger.Loss{loss})
		}
		loss.Places = []ledger.LostPlace{{File: value, Line: 7, Reason: "r \u00e9", IDs: []string{"i", "j"}, Key: 1<<63 + 1}, {Reason: "s"}}
		to.losses[key] = fmt.Sprint(loss.Total, loss.Places)
		return tx.SetLosses(ctx, []ledger.Loss{loss})
	},
	func(ctx context.Context, tx ledger.Tx, to state, n int, value string) error {
		scope := posture.Scope{ID: fmt.Sprintf("/subscriptions/A/resourceGroups/%d", n), Parent: "/subscriptions/A", Kind: posture.Group, Name: value, Cloud: posture.Azure, Named: posture.NameDerived}
		if value == "3" {
			delete(to.scopes, scope.ID)
			return tx.RemoveScopes(ctx, []string{scope.ID})
		}
		to.scopes[scope.ID] = fmt.Sprint(scope)
		return tx.SetScopes(ctx, []posture.Scope{scope})
	},
	func(ctx context.Context, tx ledger.Tx, to state, n int, value string) error {
		d := ledger.DocumentVersion{Kind: ledger.Definition, ID: fmt.Sprint(n), Scope: modelUnits[n%3], Text: []byte(value)}
		if value == "3" {
			delete(to.documents, d.ID)
			return tx.RemoveDocuments(ctx, []ledger.DocumentVersion{d})
		}
		to.documents[d.ID] = d.Scope + " " + value
		return tx.SetDocuments(ctx, []ledger.DocumentVersion{d})
	},
	func(ctx context.Context, tx ledger.Tx, to state, n int, value string) error {
		score := ledger.UnitScore{Unit: modelUnits[n%3]}
		if value == "3" {
			delete(to.scores, score.Unit)
			return tx.SetUnitScores(ctx, []ledger.UnitScore{score})
		}
		score.Weight = uint32(300 * n)
		score.Controls = []ledger.ControlCount{{Control: value, Healthy: uint32(n), Unhealthy: 300}, {Control: "Enable MFA", Unknown: 70000}}
		to.scores[score.Unit] = fmt.Sprint(score.Weight, score.Controls)
		return tx.SetUnitScores(ctx, []ledger.UnitScore{score})
	},
	func(ctx context.Context, tx ledger.Tx, _ state, n int, value string) error {
		return tx.AddEffects(ctx, []ledger.Effect{{Unit: modelUnits[n%3], Cause: ledger.Estate, Object: value, Points: float64(n) / 8, Weight: int(n) - 3}})
	},
}

// stateAt asks the store by all of its reads.
func stateAt(t *testing.T, s *Store, n ledger.Number) state {
	t.Helper()
	ctx := t.Context()
	got, counted := newState(), 0
	ids := map[uint32]string{}
	for _, r := range all(t, s.Resources(ctx, n)) {
		if ids[r.Number] = r.ID; strings.HasPrefix(r.ID, "arn:") {
			got.units[r.ID] = r.Unit
		}
		if r.Key != ledger.KeyOf(r.Identity()) {
			t.Fatalf("commit %d: another key than its identity's: %+v", n, r)
		}
	}
	for _, v := range all(t, s.Versions(ctx, n, "")) {
		body, facts := must(s.Bodies(ctx, []int64{v.Body}))(t), must(s.Facts(ctx, []int64{v.Facts}))(t)
		got.bodies[ids[v.Resource]], got.facts[ids[v.Resource]] = string(body[0].Record), facts[0].Location
	}
	for _, r := range all(t, s.Records(ctx, n)) {
		if body := got.bodies[ids[r.Resource]]; r.Hash != ledger.HashOf([]byte(body)) || r.Partial != (body == "2") {
			t.Fatalf("commit %d: record of %s: %+v, its body is %q", n, ids[r.Resource], r, body)
		}
		counted++
	}
	byUnit := 0
	for _, unit := range modelUnits {
		part := ledger.Neighbourhood{Types: modelTypes[:1], Groups: []string{posture.Fold(modelGroup(unit, 0))}, TypesInGroup: []string{"aws::S3::bucket", "unheard/of"}}
		near := map[uint32]bool{}
		for _, b := range all(t, s.Neighbours(ctx, n, unit, part)) {
			near[b.Resource.Number] = true
		}
		for _, b := range all(t, s.UnitBodies(ctx, n, unit)) {
			r := b.Resource
			if want := r.Type == modelTypes[0] || r.Type == modelTypes[1] && r.Group == modelGroup(unit, 0); near[r.Number] != want {
				t.Fatalf("commit %d: %s %s in %q is near: %v, want %v", n, r.Type, r.ID, r.Group, near[r.Number], want)
			}
			delete(near, r.Number)
		}
		if len(near) > 0 {
			t.Fatalf("commit %d: near %v are not in %s", n, near, unit)
		}
		versions := all(t, s.Versions(ctx, n, unit))
		var resources []uint32
		for _, v := range slices.Backward(versions) {
			resources = append(resources, v.Resource)
		}
		records := must(s.RecordsOf(ctx, n, resources))(t)
		for i, b := range all(t, s.UnitBodies(ctx, n, unit)) {
			if record := records[len(records)-1-i]; string(record) != string(b.Record) {
				t.Fatalf("commit %d: record of resource %d: %q, want %q", n, b.Resource.Number, record, b.Record)
			}
			if b.Version != versions[i] || b.Resource.Unit != unit || string(b.Record) != got.bodies[b.Resource.ID] {
				t.Fatalf("commit %d: body %d of %s: %+v %q", n, i, unit, b.Version, b.Record)
			}
			byUnit++
		}
	}
	if byUnit != len(got.bodies) || counted != len(got.bodies) {
		t.Fatalf("commit %d: %d bodies by unit and %d records, want %d", n, byUnit, counted, len(got.bodies))
	}
	words := wordsOfTuples(t, s)
	for _, j := range all(t, s.Judged(ctx, n)) {
		got.verdicts[ids[j.Resource]] = words[j.Tuple]
	}
	for _, r := range must(s.Reads(ctx, n))(t) {
		got.reads[r.Record.Scope+" "+r.Record.Type] = fmt.Sprint(r.Record.Complete, r.Record.Gaps, r.Stale, r.StaleSince, r.Missed)
	}
	if some := must(s.ReadsOf(ctx, n, scopesOf(got.reads)))(t); len(some) != len(got.reads) {
		t.Fatalf("commit %d: %d reads of all scopes, want %d", n, len(some), len(got.reads))
	}
	for _, l := range must(s.Losses(ctx, n))(t) {
		got.losses[l.Scope+" "+l.Type] = fmt.Sprint(l.Total, l.Places)
	}
	for _, c := range must(s.Scopes(ctx, n))(t) {
		got.scopes[c.ID] = fmt.Sprint(c.Scope)
	}
	for _, d := range must(s.Documents(ctx, n, ledger.Definition))(t) {
		got.documents[d.ID] = d.Scope + " " + string(d.Text)
	}
	for _, u := range must(s.UnitScores(ctx, n))(t) {
		got.scores[u.Unit] = fmt.Sprint(u.Weight, u.Controls)
	}
	return got
}

func wordsOfTuples(t *testing.T, s *Store) map[int64]string {
	evaluations := must(s.Evaluations(t.Context()))(t)
	words := map[int64]string{}
	for _, tuple := range all(t, s.Tuples(t.Context(), 0)) {
		text := ""
		for _, v := range tuple.Verdicts {
			e := evaluations[v.Evaluation-1]
			if text != "" {
				text += ", "
			}
			text += fmt.Sprint(e.Rule, e.Parameters, " ", v.State, " ", v.Reason)
		}
		words[tuple.Number] = text
	}
	return words
}

// followModel builds the newest state from the changes of all commits.
func followModel(t *testing.T, s *Store) {
	t.Helper()
	ctx := t.Context()
	versions, judged, scopes, losses := map[uint32]ledger.Version{}, map[uint32]ledger.Judged{}, map[string]ledger.ScopeVersion{}, map[string]ledger.Loss{}
	resources, effects, begun := 0, 0, 0
	n := ledger.Number(0)
	for _, c := range all(t, s.Changed(ctx, 0)) {
		if n++; c.Commit.Number != n {
			t.Fatalf("commit %d came where %d was due", c.Commit.Number, n)
		}
		resources, effects = resources+len(c.Resources), effects+len(c.Effects)
		for _, v := range c.Versions {
			take(t, versions, v.Resource, v, v.Interval, n)
		}
		for _, j := range c.Judged {
			take(t, judged, j.Resource, j, j.Interval, n)
		}
		for _, l := range c.Losses {
			take(t, losses, l.Scope+" "+l.Type, l, l.Interval, n)
		}
		for _, sc := range c.Scopes {
			take(t, scopes, sc.ID, sc, sc.Interval, n)
		}
		if diff := gocmp.Diff(c.Effects, must(s.Effects(ctx, n-1, n))(t)); diff != "" {
			t.Errorf("effects of commit %d: -change +read\n%s", n, diff)
		}
		if diff := gocmp.Diff(c.Scores, must(s.ScoresChanged(ctx, n-1, n))(t)); diff != "" {
			t.Errorf("scores of commit %d: -change +read\n%s", n, diff)
		}
		if diff := gocmp.Diff(c.Scopes, must(s.ScopesChanged(ctx, n-1, n))(t)); diff != "" {
			t.Errorf("scopes of commit %d: -change +read\n%s", n, diff)
		}
		begun += len(slices.DeleteFunc(c.Scores, func(u ledger.UnitScore) bool { return u.Since != n }))
	}
	head := must(s.Head(ctx))(t)
	if n != head || resources != len(all(t, s.Resources(ctx, head))) || effects != len(must(s.Effects(ctx, 0, head))(t)) {
		t.Errorf("%d commits, %d resources and %d effects came", n, resources, effects)
	}
	if got := must(s.ScoresChanged(ctx, 0, head))(t); len(got) != begun {
		t.Errorf("%d scores changed, want %d", len(got), begun)
	}
	sorted := func(got []ledger.Version) []ledger.Version {
		return slices.SortedFunc(slices.Values(got), func(a, b ledger.Version) int { return cmp.Compare(a.Resource, b.Resource) })
	}
	if diff := gocmp.Diff(all(t, s.Versions(ctx, head, "")), sorted(slices.Collect(maps.Values(versions))), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("versions: -read +followed\n%s", diff)
	}
	if got := all(t, s.Judged(ctx, head)); len(got) != len(judged) {
		t.Errorf("%d judged, want %d", len(judged), len(got))
	}
	if got := must(s.Losses(ctx, head))(t); len(got) != len(losses) || len(got) == 0 {
		t.Errorf("%d losses, want %d and some", len(losses), len(got))
	}
	if got := must(s.Scopes(ctx, head))(t); len(got) != len(scopes) {
		t.Errorf("%d scopes, want %d", len(scopes), len(got))
	}
}

// take follows a row: what ends comes before what begins. Its end may be known
// already when it begins; the model keeps rows as the newest state has them.
func take[K comparable, R any](t *testing.T, held map[K]R, key K, row R, holds ledger.Interval, n ledger.Number) {
	t.Helper()
	switch {
	case holds.Since == n:
		held[key] = row
	case holds.Until == n:
		if _, there := held[key]; !there {
			t.Fatalf("commit %d ends what never began: %v", n, row)
		}
		delete(held, key)
	default:
		t.Fatalf("commit %d has nothing to do with %v", n, row)
	}
}

// scopesOf lists the scopes of reads, whose keys are "scope type".
func scopesOf(reads map[string]string) (scopes []string) {
	for key := range reads {
		scope, _, _ := strings.Cut(key, " ")
		scopes = append(scopes, scope)
	}
	return scopes
}
