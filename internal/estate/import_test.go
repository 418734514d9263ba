package estate_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/contoso"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/store"
)

// kept is an estate in a data directory of its own.
type kept struct {
	t       testing.TB
	store   *store.Store
	estate  *estate.Estate
	catalog *catalog.Catalog
	now     time.Time
}

func newKept(t testing.TB) *kept {
	t.Helper()
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	k := &kept{t: t, catalog: c, now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	k.store, err = store.Open(t.Context(), store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.store.Close(); err != nil {
			t.Error(err)
		}
	})
	k.reopen()
	return k
}

// reopen reads the estate anew from the store.
func (k *kept) reopen() { k.t.Helper(); k.reopenWith(nil, nil) }

// reopenWith does so with a file of what is known.
func (k *kept) reopenWith(known []byte, note func(string)) {
	k.t.Helper()
	e, err := estate.Open(k.t.Context(), k.store, estate.Options{
		Catalog: k.catalog, Key: []byte("key"), Workers: 2, Known: known, Note: note,
		Now: func() time.Time { k.now = k.now.Add(time.Second); return k.now },
	})
	if err != nil {
		k.t.Fatal(err)
	}
	k.estate = e
}

func (k *kept) imports(inputs ...intake.Input) *estate.Answer {
	k.t.Helper()
	a, err := k.estate.Import(k.t.Context(), estate.ImportOptions{Inputs: inputs, Actor: "tester"})
	if err != nil {
		k.t.Fatal(err)
	}
	return a
}

// dump is everything that is kept, without numbers and times.
func (k *kept) dump() string {
	k.t.Helper()
	var b bytes.Buffer
	head, err := k.store.Head(k.t.Context())
	if err == nil {
		err = k.store.Dump(k.t.Context(), &b, head)
	}
	if err != nil {
		k.t.Fatal(err)
	}
	return b.String()
}

func input(name, text string) intake.Input {
	return intake.Input{Name: name, Size: int64(len(text)), Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

func demo(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := contoso.Estate(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// counts adds up the verdicts that are kept, by rule and state.
func (k *kept) counts() map[string]int {
	k.t.Helper()
	ctx := k.t.Context()
	head, err := k.store.Head(ctx)
	if err != nil {
		k.t.Fatal(err)
	}
	rules := map[uint32]string{}
	evaluations, err := k.store.Evaluations(ctx)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, e := range evaluations {
		rules[e.Number] = e.Rule
	}
	tuples := map[int64][]ledger.Verdict{}
	for tuple, err := range k.store.Tuples(ctx, 0) {
		if err != nil {
			k.t.Fatal(err)
		}
		tuples[tuple.Number] = tuple.Verdicts
	}
	counts := map[string]int{}
	for j, err := range k.store.Judged(ctx, head) {
		if err != nil {
			k.t.Fatal(err)
		}
		for _, v := range tuples[j.Tuple] {
			counts[fmt.Sprint(rules[v.Evaluation], " ", v.State, " ", v.Reason)]++
		}
	}
	return counts
}

// What is kept of an import is what assess finds in the same files.
func TestImport_keeps_what_assess_finds(t *testing.T) {
	k, text := newKept(t), demo(t)
	answer := k.imports(input("demo.jsonl", text))
	if answer.New != answer.Read || answer.Read < 800 || answer.Unchanged+answer.Changed+answer.Deleted+len(answer.Rejected) > 0 {
		t.Errorf("answer %+v", answer)
	}
	result, checks, err := assess.Run(t.Context(), assess.Options{
		Inputs:  []assess.Input{{Name: "demo.jsonl", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}},
		BuiltIn: k.catalog, Partial: true, Bare: true, Now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{}
	for c, err := range checks {
		if err != nil {
			t.Fatal(err)
		}
		if c.Type != "unit" { // a manual control's
			want[fmt.Sprint(c.Rule, " ", c.Judged, " ", c.Reason)]++
		}
	}
	if diff := cmp.Diff(want, k.counts()); diff != "" {
		t.Errorf("-assess +kept:\n%s", diff)
	}
	scores, err := k.store.UnitScores(t.Context(), k.estate.Head())
	if err != nil {
		t.Fatal(err)
	}
	kept := map[string]ledger.UnitScore{}
	for _, u := range scores {
		kept[u.Unit] = u
	}
	for _, u := range result.Score.Units {
		got := kept[u.Scope]
		if int(got.Weight) != u.Weight {
			t.Errorf("%s weighs %d, want %d", u.Scope, got.Weight, u.Weight)
		}
		counts := map[string]ledger.ControlCount{}
		for _, c := range got.Controls {
			counts[c.Control] = c
		}
		for _, c := range u.Controls {
			if g := counts[c.ID]; int(g.Healthy) != c.Healthy || int(g.Unhealthy) != c.Unhealthy || int(g.Unknown) != c.Unknown {
				t.Errorf("%s %s: %+v, want %d healthy, %d unhealthy, %d unknown", u.Scope, c.ID, g, c.Healthy, c.Unhealthy, c.Unknown)
			}
		}
	}
}

// The same import again writes nothing, whether the estate was open all the
// time or is opened anew.
func TestImport_of_the_same_writes_nothing(t *testing.T) {
	k, text := newKept(t), demo(t)
	k.imports(input("demo.jsonl", text))
	head, dump := k.estate.Head(), k.dump()
	for _, when := range []string{"still open", "opened anew"} {
		answer := k.imports(input("demo.jsonl", text))
		if answer.Commits != 0 || answer.Unchanged != answer.Read || answer.New+answer.Changed+answer.Deleted > 0 {
			t.Errorf("%s: answer %+v", when, answer)
		}
		if k.estate.Head() != head || k.dump() != dump {
			t.Errorf("%s: commit %d, want none after %d", when, k.estate.Head(), head)
		}
		k.reopen()
	}
}

// Thirty daily imports of the same, each with the times of its own reading, add
// less than a hundredth to the database.
func TestImport_grows_with_changes(t *testing.T) {
	k, text, dir := newKept(t), demo(t), t.TempDir()
	if err := k.store.Close(); err != nil {
		t.Fatal(err)
	}
	size := func(days ...int) int64 {
		s, err := store.Open(t.Context(), store.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		k.store = s
		k.reopen()
		for _, day := range days {
			k.now = k.now.Add(24 * time.Hour)
			k.imports(input("demo.jsonl", strings.ReplaceAll(text, `"startedAt":"2026-11-22`, fmt.Sprintf(`"startedAt":"2026-12-%02d`, day))))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(filepath.Join(dir, "*.db*"))
		if err != nil {
			t.Fatal(err)
		}
		var sum int64
		for _, file := range files {
			info, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			sum += info.Size()
		}
		return sum
	}
	first := size(1)
	var days []int
	for day := range 30 {
		days = append(days, day+2)
	}
	if again := size(days...); first == 0 || (again-first)*100 >= first {
		t.Errorf("%d bytes after an import, %d after thirty more", first, again)
	}
}

const (
	unit  = "/subscriptions/0a1b2c3d-0000-4000-8000-00000000000a"
	group = unit + "/resourceGroups/rg"
	whole = `{"bartizan":"read","scope":"` + unit + `","type":"*","complete":true}` + "\n"
	part  = `{"bartizan":"read","scope":"` + unit + `","type":"*","complete":false,"throttled":[{"type":"Microsoft.Network/virtualNetworks"}]}` + "\n"
)

func account(name, https string) string {
	return fmt.Sprintf(`{"id":"%s/providers/Microsoft.Storage/storageAccounts/%s","name":"%s","type":"Microsoft.Storage/storageAccounts","location":"westeurope","properties":{"supportsHttpsTrafficOnly":%s,"minimumTlsVersion":"TLS1_2","allowBlobPublicAccess":false}}`+"\n",
		group, name, name, https)
}

// state is the judged state of a rule on an account, "" if it has none.
func (k *kept) state(name, rule string) string {
	k.t.Helper()
	ctx := k.t.Context()
	id := group + "/providers/Microsoft.Storage/storageAccounts/" + name
	found, err := k.store.Find(ctx, posture.IdentityOf(id, "Microsoft.Storage/storageAccounts", unit, ""))
	if err != nil {
		k.t.Fatal(err)
	}
	evaluations, err := k.store.Evaluations(ctx)
	if err != nil {
		k.t.Fatal(err)
	}
	for j, err := range k.store.Judged(ctx, k.estate.Head()) {
		if err != nil {
			k.t.Fatal(err)
		}
		if len(found) == 0 || j.Resource != found[0].Number {
			continue
		}
		tuples, err := k.store.TuplesOf(ctx, []int64{j.Tuple})
		if err != nil {
			k.t.Fatal(err)
		}
		for _, v := range tuples[0].Verdicts {
			if evaluations[v.Evaluation-1].Rule == rule {
				return strings.TrimSpace(fmt.Sprint(v.State, " ", v.Reason))
			}
		}
	}
	return ""
}

func TestImport_step_by_step(t *testing.T) {
	const rule = "storage-secure-transfer"
	k := newKept(t)
	steps := []struct {
		name, text string
		want       estate.Answer
		states     map[string]string
	}{
		{"two accounts", account("a", "true") + account("b", "false"), estate.Answer{Read: 2, New: 2, Commits: 2}, map[string]string{"a": "healthy", "b": "unhealthy"}},
		{"one is mended", account("b", "true"), estate.Answer{Read: 1, Changed: 1, Commits: 1}, map[string]string{"a": "healthy", "b": "healthy"}},
		{"a part deletes nothing", account("b", "true"), estate.Answer{Read: 1, Unchanged: 1}, map[string]string{"a": "healthy", "b": "healthy"}},
		{"what was read incompletely deletes nothing", part + account("b", "true"), estate.Answer{Read: 1, Unchanged: 1, Commits: 1}, map[string]string{"a": "healthy", "b": "healthy"}},
		{"a whole read with a broken line deletes nothing", whole + account("b", "true") + "{\n", estate.Answer{Read: 1, Unchanged: 1, Commits: 2}, map[string]string{"a": "healthy", "b": "healthy"}},
		{"a whole read deletes", whole + account("b", "true"), estate.Answer{Read: 1, Unchanged: 1, Deleted: 1, Commits: 2}, map[string]string{"a": "", "b": "healthy"}},
		{"a body in part does not replace a whole one", strings.Replace(account("b", "true"), `,"properties":{"supportsHttpsTrafficOnly":true,"minimumTlsVersion":"TLS1_2","allowBlobPublicAccess":false}`, "", 1), estate.Answer{Read: 1, Unchanged: 1}, map[string]string{"b": "healthy"}},
		{"it comes back", account("a", "false"), estate.Answer{Read: 1, New: 1, Commits: 1}, map[string]string{"a": "unhealthy", "b": "healthy"}},
	}
	for _, step := range steps {
		answer := k.imports(input("in.jsonl", step.text))
		answer.Reads, answer.Rejected, answer.Notices = nil, nil, nil
		if diff := cmp.Diff(step.want, *answer); diff != "" {
			t.Errorf("%s: -want +got:\n%s", step.name, diff)
		}
		for name, want := range step.states {
			if got := k.state(name, rule); got != want {
				t.Errorf("%s: %s is %q, want %q", step.name, name, got, want)
			}
		}
	}
	k.effectsAddUp()
}

// effectsAddUp holds the effects of all commits against the score that they led
// to.
func (k *kept) effectsAddUp() {
	k.t.Helper()
	effects, err := k.store.Effects(k.t.Context(), 0, k.estate.Head())
	if err != nil {
		k.t.Fatal(err)
	}
	sum := map[string]float64{}
	for _, e := range effects {
		sum[e.Unit] += e.Points
	}
	if len(sum) == 0 {
		k.t.Error("no effects")
	}
	for u, points := range sum {
		if percent := k.estate.UnitScore(u).Percent; math.Abs(points-percent) > 1e-9 {
			k.t.Errorf("%s: effects add up to %v, the score is %v", u, points, percent)
		}
	}
}

// An import that ends in the middle has whole units; repeated it comes to the
// same as one that was never disturbed.
func TestImport_that_ends_early_goes_on(t *testing.T) {
	text := demo(t)
	undisturbed := newKept(t)
	undisturbed.imports(input("demo.jsonl", text))
	k := newKept(t)
	for at := 1; at < 10; at++ {
		ctx, cancel := context.WithCancel(t.Context())
		judged := 0
		_, err := k.estate.Import(ctx, estate.ImportOptions{
			Inputs: []intake.Input{input("demo.jsonl", text)}, Actor: "tester",
			Progress: func(stage string, _, _ int64) {
				if stage == "judging" {
					if judged++; judged == 4*at {
						cancel()
					}
				}
			},
		})
		cancel()
		if err == nil {
			if at == 1 {
				t.Error("the import was not disturbed")
			}
			break
		}
		k.reopen()
	}
	if diff := cmp.Diff(undisturbed.dump(), k.dump()); diff != "" {
		t.Errorf("-undisturbed +disturbed:\n%s", diff)
	}
}

// What is kept, as a stream, is the same estate.
func TestStream_is_the_same_estate(t *testing.T) {
	k, other := newKept(t), newKept(t)
	k.imports(input("demo.jsonl", demo(t)))
	stream := estate.Stream(t.Context(), k.store, k.estate.Head())
	text, err := io.ReadAll(stream)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := estate.Hierarchy(t.Context(), k.store, k.estate.Head())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.estate.Import(t.Context(), estate.ImportOptions{Inputs: []intake.Input{input("stream.jsonl", string(text))}, Hierarchy: tree, Actor: "tester"}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(k.dump(), other.dump()); diff != "" {
		t.Errorf("-kept +kept of the stream:\n%s", diff)
	}
}

// What stands above units is judged anew as well.
func TestImport_above_units(t *testing.T) {
	folder := func(state string) string {
		return fmt.Sprintf(`{"name":"//cloudresourcemanager.googleapis.com/folders/1","assetType":"cloudresourcemanager.googleapis.com/Folder","resource":{"data":{"name":"folders/1","parent":"organizations/2","displayName":"shop","state":%q}}}`+"\n", state)
	}
	k := newKept(t)
	k.imports(input("a.jsonl", folder("ACTIVE")))
	if a := k.imports(input("b.jsonl", folder("DELETE_REQUESTED"))); a.Changed != 1 {
		t.Errorf("answer %+v", a)
	}
	other := strings.ReplaceAll(folder("ACTIVE"), "folders/1", "folders/3")
	if a := k.imports(input("c.jsonl", other)); a.New != 1 {
		t.Errorf("answer %+v", a)
	}
}
