package follow_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/contoso"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/follow"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/store"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// kept is an estate in a database and what it takes to follow it.
type kept struct {
	store   *store.Store
	estate  *estate.Estate
	options follow.Options
	actor   string
}

func newKept(t *testing.T) *kept {
	t.Helper()
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	k := &kept{actor: "tester"}
	if k.store, err = store.Open(t.Context(), store.Options{Dir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.store.Close(); err != nil {
			t.Error(err)
		}
	})
	k.estate, err = estate.Open(t.Context(), k.store, estate.Options{Catalog: c, Key: []byte("key"), Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	judges, err := estate.NewJudges(c)
	if err != nil {
		t.Fatal(err)
	}
	k.options = follow.Options{
		Content: judges.Content, ContentID: judges.ID(), Now: func() time.Time { return noon },
		Layings: func([]ledger.DocumentVersion, time.Time) ([]index.Laying, time.Time) { return nil, time.Time{} },
		Note:    func(text string) { t.Log(text) },
	}
	return k
}

func (k *kept) imports(t *testing.T, text string) {
	t.Helper()
	in := intake.Input{Name: "estate.jsonl", Size: int64(len(text)), Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
	if _, err := k.estate.Import(t.Context(), estate.ImportOptions{Inputs: []intake.Input{in}, Actor: k.actor}); err != nil {
		t.Fatal(err)
	}
}

func (k *kept) follower(t *testing.T, change func(*follow.Options)) *follow.Follower {
	t.Helper()
	o := k.options
	if change != nil {
		change(&o)
	}
	f, err := follow.Open(t.Context(), k.store, o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func contosoEstate(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := contoso.Estate(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// said is what an index says, in words.
func said(x *index.Index) string {
	var b strings.Builder
	s := x.Select(index.Filter{})
	fmt.Fprintln(&b, s.Resources(), s.ByState(), s.Tally().All)
	for _, u := range s.Units() {
		fmt.Fprintf(&b, "%+v\n", u)
	}
	for _, row := range s.Page(true, []index.Order{{By: index.ByName}}, nil, 1<<20) {
		r, _ := x.Resource(row.Resource)
		fmt.Fprintln(&b, r.ID, r.Facts, row.Rule, row.Verdict.State, row.Verdict.Reason)
	}
	return b.String()
}

func saidBy(t *testing.T, f *follow.Follower) (text string) {
	t.Helper()
	if err := f.Read(func(x *index.Index) error { text = said(x); return nil }); err != nil {
		t.Fatal(err)
	}
	return text
}

// TestFollower_is_true_to_what_is_kept: one that follows commits, one that is
// built from the rows and one from an old checkpoint say the same, and so does
// one of a past commit then and later.
func TestFollower_is_true_to_what_is_kept(t *testing.T) {
	k := newKept(t)
	f := k.follower(t, nil)
	all := contosoEstate(t)
	k.imports(t, all)
	if err := f.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	first, firstHead := saidBy(t, f), f.Head()
	if diff := cmp.Diff(saidBy(t, k.follower(t, nil)), first); diff != "" {
		t.Errorf("followed (+) is not what is built from the rows (-):\n%s", diff)
	}
	for _, u := range strings.Split(first, "\n")[1:] {
		if !strings.HasPrefix(u, "{Scope:") {
			break
		}
		unit := strings.TrimPrefix(strings.Fields(u)[0], "{Scope:")
		if want := fmt.Sprintf("%+v", k.estate.UnitScore(unit)); u != want {
			t.Errorf("score of a unit: %s, kept is %s", u, want)
		}
	}
	var checkpoint bytes.Buffer
	if err := f.WriteCheckpoint(t.Context(), &checkpoint); err != nil {
		t.Fatal(err)
	}
	k.imports(t, strings.ReplaceAll(all, `"supportsHttpsTrafficOnly":true`, `"supportsHttpsTrafficOnly":false`))
	if err := f.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := saidBy(t, f)
	if first == second {
		t.Fatal("the second import changed nothing")
	}
	for name, other := range map[string]*follow.Follower{
		"built from the rows": k.follower(t, nil),
		"from a checkpoint":   k.follower(t, func(o *follow.Options) { o.Checkpoint = follow.ReadCheckpoint(checkpoint.Bytes(), o.ContentID) }),
		"from a damaged checkpoint": k.follower(t, func(o *follow.Options) {
			o.Checkpoint = follow.ReadCheckpoint(checkpoint.Bytes()[:checkpoint.Len()/2], o.ContentID)
		}),
	} {
		if diff := cmp.Diff(saidBy(t, other), second); diff != "" {
			t.Errorf("followed (+) is not what is %s (-):\n%s", name, diff)
		}
	}
	then := ""
	if err := f.ReadAt(t.Context(), firstHead, noon, func(x *index.Index) error { then = said(x); return nil }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, then); diff != "" {
		t.Errorf("as of commit %d (+) is not what was said then (-):\n%s", firstHead, diff)
	}
}

// TestCheckpoint_of_another_past: a database that went on differently after a
// restore has other commits of the same numbers; a checkpoint of theirs is not used.
func TestCheckpoint_of_another_past(t *testing.T) {
	all := contosoEstate(t)
	other := newKept(t)
	other.imports(t, strings.ReplaceAll(all, `"supportsHttpsTrafficOnly":true`, `"supportsHttpsTrafficOnly":false`))
	var checkpoint bytes.Buffer
	if err := other.follower(t, nil).WriteCheckpoint(t.Context(), &checkpoint); err != nil {
		t.Fatal(err)
	}
	k := newKept(t)
	k.actor = "another tester"
	k.imports(t, all)
	want := saidBy(t, k.follower(t, nil))
	if diff := cmp.Diff(want, saidBy(t, k.follower(t, func(o *follow.Options) { o.Checkpoint = follow.ReadCheckpoint(checkpoint.Bytes(), o.ContentID) }))); diff != "" {
		t.Errorf("with a checkpoint of another past (+) other things are said than without (-):\n%s", diff)
	}
}

// TestFollower_hears: commits are told to who listens, and the clock ends what it
// ends.
func TestFollower_hears(t *testing.T) {
	k := newKept(t)
	now := noon
	f := k.follower(t, func(o *follow.Options) {
		o.Now = func() time.Time { return now }
		o.Layings = func(_ []ledger.DocumentVersion, at time.Time) ([]index.Laying, time.Time) {
			if at.Before(noon.Add(time.Hour)) {
				return []index.Laying{{ID: "all of it", Scope: "/", Mark: index.Waived}}, noon.Add(time.Hour)
			}
			return nil, time.Time{}
		}
	})
	events, stop := f.Hear()
	defer stop()
	k.imports(t, contosoEstate(t))
	now = noon.Add(2 * time.Hour) // what lies over verdicts has ended
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- f.Run(ctx) }()
	var heard []follow.Event
	for !slices.ContainsFunc(heard, func(e follow.Event) bool { return e.Clock }) || f.Head() < k.estate.Head() {
		heard = append(heard, <-events)
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(saidBy(t, f), " unhealthy ") {
		t.Error("nothing is unhealthy, although nothing is exempt any more")
	}
}
