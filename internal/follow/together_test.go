package follow_test

import (
	"context"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/follow"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/store"
)

// watched is a store that says when documents are read, which a follower does while
// others look at what it has.
type watched struct {
	*store.Store
	read func()
}

func (w *watched) Documents(ctx context.Context, n ledger.Number, kind ledger.DocumentKind) ([]ledger.DocumentVersion, error) {
	documents, err := w.Store.Documents(ctx, n, kind)
	w.read()
	return documents, err
}

// exempt counts what shows as exempt, as of which commit.
func exempt(t *testing.T, f *follow.Follower) (commit ledger.Number, exempt int) {
	t.Helper()
	if err := f.Read(func(x *index.Index) error {
		commit, exempt = x.Commit(), x.Select(index.Filter{}).Tally().All[posture.Exempt]
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return commit, exempt
}

// watchedBy is a follower of a store that calls when documents are read, by a clock.
func (k *kept) watchedBy(t *testing.T, now *time.Time, read func(*follow.Follower)) *follow.Follower {
	t.Helper()
	var f *follow.Follower
	w := &watched{k.store, func() {
		if f != nil {
			read(f)
		}
	}}
	o := k.options
	o.Layings, o.Now = govern.Layings, func() time.Time { return *now }
	f, err := follow.Open(t.Context(), w, o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestFollower_lays_with_the_commit: nobody sees a commit without what it lays over
// verdicts.
func TestFollower_lays_with_the_commit(t *testing.T) {
	k := newKept(t)
	k.imports(t, contosoEstate(t))
	now, looks := noon, 0
	before := k.estate.Head()
	f := k.watchedBy(t, &now, func(f *follow.Follower) {
		looks++
		if commit, laid := exempt(t, f); commit > before != (laid > 0) {
			t.Errorf("as of commit %d, %d are exempt; the exemption came with %d", commit, laid, before+1)
		}
	})
	k.exempt(t, "a", "", 2)
	if err := f.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if commit, laid := exempt(t, f); commit != before+1 || laid == 0 || looks == 0 {
		t.Errorf("in the end as of commit %d, %d are exempt; looked %d times", commit, laid, looks)
	}
}

// TestFollower_lays_by_what_is_there: when something ends while a commit is taken in,
// what that lays stays.
func TestFollower_lays_by_what_is_there(t *testing.T) {
	k := newKept(t)
	k.imports(t, contosoEstate(t))
	k.exempt(t, "a", "", 1)
	now, written := noon, false
	f := k.watchedBy(t, &now, func(f *follow.Follower) {
		if !now.After(noon) || written {
			return
		}
		written = true
		k.exempt(t, "b", "", 5)
		if err := f.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	now = noon.Add(2 * time.Hour)
	if err := f.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if commit, laid := exempt(t, f); !written || commit != k.estate.Head() || laid == 0 {
		t.Errorf("as of commit %d, %d are exempt, want those of the exemption that is left", commit, laid)
	}
}
