//go:build unix

package store

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

func document(id, text string) []ledger.DocumentVersion {
	return []ledger.DocumentVersion{{Kind: ledger.Definition, ID: id, Text: []byte(text)}}
}

func TestWrite(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		ctx := t.Context()
		s := open(t, where)
		first := must(s.Write(ctx, ledger.Commit{At: noon.Add(1500 * time.Microsecond), Actor: "anna", Kind: ledger.Document, Object: "o", Words: "w"}, func(tx ledger.Tx) error {
			return tx.SetDocuments(ctx, document("d", "1"))
		}))(t)
		want := ledger.Commit{Number: 1, At: noon.Add(time.Millisecond), Actor: "anna", Kind: ledger.Document, Object: "o", Words: "w"}
		if diff := cmp.Diff(want, first); diff != "" {
			t.Errorf("first commit: -want +got\n%s", diff)
		}
		// A clock that went back does not turn the order of commits.
		second := must(s.Write(ctx, ledger.Commit{At: noon, Actor: "anna", Kind: ledger.Document}, func(tx ledger.Tx) error {
			return tx.SetDocuments(ctx, document("d", "2"))
		}))(t)
		if second.Number != 2 || !second.At.Equal(first.At) {
			t.Errorf("second commit: %+v, want number 2 at the time of the first", second)
		}
		if diff := cmp.Diff([]ledger.Commit{first, second}, must(s.Commits(ctx, 0, 99))(t)); diff != "" {
			t.Errorf("commits: -want +got\n%s", diff)
		}
		for when, want := range map[time.Time]ledger.Number{noon: 0, first.At: 2, first.At.Add(time.Hour): 2} {
			if got := must(s.At(ctx, when))(t); got != want {
				t.Errorf("commit at %s: %d, want %d", when, got, want)
			}
		}
	})
}

func TestWriteWithoutCommit(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		ctx := t.Context()
		s := open(t, where)
		write(t, s, func(tx ledger.Tx) error { return tx.SetDocuments(ctx, document("d", "1")) })
		works := map[string]func(ledger.Tx) error{
			"nothing":     func(ledger.Tx) error { return nil },
			"equal_value": func(tx ledger.Tx) error { return tx.SetDocuments(ctx, document("d", "1")) },
			"contents_only": func(tx ledger.Tx) error {
				evaluations := []ledger.Evaluation{{Rule: "r"}}
				if err := tx.Evaluations(ctx, evaluations); err != nil {
					return err
				}
				_, err := tx.Tuples(ctx, [][]ledger.Verdict{{{Evaluation: evaluations[0].Number, State: posture.Healthy}}})
				return err
			},
			"none_before": func(tx ledger.Tx) error { return tx.RemoveDocuments(ctx, document("e", "")) },
			"error": func(tx ledger.Tx) error {
				if err := tx.SetDocuments(ctx, document("d", "2")); err != nil {
					return err
				}
				return errOops
			},
		}
		for name, work := range works {
			c, err := s.Write(ctx, commitOf(ledger.Import), work)
			if (name == "error") != errors.Is(err, errOops) || c != (ledger.Commit{}) {
				t.Errorf("%s: commit %+v, error %v", name, c, err)
			}
		}
		func() {
			defer func() {
				if recover() != errOops {
					t.Error("the panic did not come through")
				}
			}()
			_, _ = s.Write(ctx, commitOf(ledger.Import), func(tx ledger.Tx) error {
				if err := tx.SetDocuments(ctx, document("d", "3")); err != nil {
					t.Error(err)
				}
				panic(errOops)
			})
		}()
		if head := must(s.Head(ctx))(t); head != 1 {
			t.Errorf("head %d, want 1", head)
		}
		got := must(s.Documents(ctx, 1, ""))(t)
		want := []ledger.DocumentVersion{{Kind: ledger.Definition, ID: "d", Interval: ledger.Interval{Since: 1, Until: ledger.Open}, Text: []byte("1")}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("documents: -want +got\n%s", diff)
		}
	})
}

// TestWriteTwiceInOne: of what one commit changes twice the last counts, and
// nothing tells of the other.
func TestWriteTwiceInOne(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		ctx := t.Context()
		s := open(t, where)
		write(t, s, func(tx ledger.Tx) error {
			return tx.SetDocuments(ctx, append(document("back", "1"), append(document("gone", "1"), document("twice", "1")...)...))
		})
		write(t, s, func(tx ledger.Tx) error {
			return errors.Join(
				tx.SetDocuments(ctx, append(append(document("back", "2"), document("brief", "2")...), document("twice", "2")...)),
				tx.RemoveDocuments(ctx, document("gone", "")),
				tx.RemoveDocuments(ctx, document("brief", "")),
				tx.SetDocuments(ctx, append(document("back", "1"), document("twice", "3")...)),
			)
		})
		got := map[string][]ledger.Interval{}
		for _, id := range []string{"back", "brief", "gone", "twice"} {
			for _, d := range must(s.DocumentHistory(ctx, ledger.Definition, id))(t) {
				got[id+" "+string(d.Text)] = append(got[id+" "+string(d.Text)], d.Interval)
			}
		}
		want := map[string][]ledger.Interval{
			"back 1": {{Since: 1, Until: ledger.Open}}, "gone 1": {{Since: 1, Until: 2}}, "twice 1": {{Since: 1, Until: 2}}, "twice 3": {{Since: 2, Until: ledger.Open}},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("intervals: -want +got\n%s", diff)
		}
	})
}
