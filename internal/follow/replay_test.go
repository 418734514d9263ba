package follow_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/account"
	"github.com/bartizan-dev/bartizan/internal/follow"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// exempt grants an exemption of everything for some hours.
func (k *kept) exempt(t *testing.T, id, more string, hours time.Duration) {
	t.Helper()
	text := fmt.Sprintf(`{"scope":"/","category":"waiver","reason":"x"%s,"expiresOn":%q}`, more, noon.Add(hours*time.Hour).Format(time.RFC3339))
	if _, err := k.estate.SetDocument(t.Context(), account.System, ledger.ExemptionOf, id, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// TestReplay: after every step the index of a replay says what one of then says, and
// the clock ends one thing after another.
func TestReplay(t *testing.T) {
	k := newKept(t)
	k.options.Layings = govern.Layings
	all := contosoEstate(t)
	k.imports(t, all)
	first := k.estate.Head()
	k.exempt(t, "a", `,"recommendations":["storage-secure-transfer"]`, 2)
	k.exempt(t, "b", "", 2)
	k.exempt(t, "c", "", 5)
	k.imports(t, strings.ReplaceAll(all, `"supportsHttpsTrafficOnly":true`, `"supportsHttpsTrafficOnly":false`))
	f := k.follower(t, nil)
	steps, ended := 0, ""
	end := follow.Moment{Commit: k.estate.Head(), At: noon.Add(4 * time.Hour)}
	for step, err := range f.Replay(t.Context(), follow.Moment{Commit: first, At: noon}, end) {
		if err != nil {
			t.Fatal(err)
		}
		steps++
		got, want := said(step.Index), ""
		if err := f.ReadAt(t.Context(), step.Commit, step.At, func(x *index.Index) error { want = said(x); return nil }); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("commit %d, %s: replayed (+) is not what is read (-):\n%s", step.Commit, step.At, diff)
		}
		for _, e := range step.Ended {
			ended += fmt.Sprint(e.Laying.ID, len(e.Relaid) > 0, " ")
		}
		if step.Change == nil && steps > 1 && step.At != noon.Add(2*time.Hour) || step.Change != nil && step.Change.Commit.Number != step.Commit {
			t.Errorf("step %d at %s: commit %+v", steps, step.At, step.Change)
		}
	}
	// Under another exemption of everything that still holds, nothing shows otherwise.
	if want := 1 + int(k.estate.Head()-first) + 1; steps != want || ended != "afalse bfalse " {
		t.Errorf("%d steps, want %d; ended %q", steps, want, ended)
	}
}

// TestReplay_waits: so many go on at a time; who waits may give up, and one that is
// stopped makes room.
func TestReplay_waits(t *testing.T) {
	k := newKept(t)
	k.imports(t, contosoEstate(t))
	f := k.follower(t, nil)
	all := follow.Moment{Commit: k.estate.Head(), At: noon}
	var deeper func(depth int)
	deeper = func(depth int) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if depth == 2 {
			cancel()
		}
		var failed error
		steps := 0
		for _, err := range f.Replay(ctx, follow.Moment{At: noon}, all) {
			if failed = err; err != nil {
				break
			}
			if steps++; steps == 1 && depth < 2 {
				deeper(depth + 1) // while this one is under way
				if depth == 1 {
					cancel()
				}
			}
		}
		if wantFailed := depth > 0; errors.Is(failed, context.Canceled) != wantFailed || wantFailed && steps > 1 {
			t.Errorf("replay %d: %d steps, error %v", depth, steps, failed)
		}
	}
	deeper(0)
}
