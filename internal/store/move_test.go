//go:build unix

package store

import (
	"context"
	"fmt"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// bucketIn is a resource whose identity does not name its unit.
func bucketIn(unit, name string) ledger.Resource {
	return ledger.Resource{ID: "arn:aws:s3:::" + name, Type: "AWS::S3::Bucket", Name: name, Cloud: posture.AWS, Unit: unit}
}

// moveTo takes a bucket to a unit, whatever it was in before, and gives its number there.
func moveTo(ctx context.Context, tx ledger.Tx, unit, name, value string) (uint32, error) {
	before, r := []ledger.Resource{bucketIn("", name)}, []ledger.Resource{bucketIn(unit, name)}
	if err := tx.NewResources(ctx, before); err != nil {
		return 0, err
	}
	if err := tx.Delete(ctx, []uint32{before[0].Number}); err != nil {
		return 0, err
	}
	if err := tx.NewResources(ctx, r); err != nil {
		return 0, err
	}
	return r[0].Number, setBody(ctx, tx, r[0], value)
}

// setBody gives a resource a body, facts and a verdict.
func setBody(ctx context.Context, tx ledger.Tx, r ledger.Resource, value string) error {
	bodies, err := tx.PutBodies(ctx, []ledger.Body{{Type: r.Type, Record: []byte(value)}})
	if err != nil {
		return err
	}
	facts, err := tx.PutFacts(ctx, []ledger.Facts{{Location: value, Partial: value == "2"}})
	if err != nil {
		return err
	}
	if err := tx.SetVersions(ctx, []ledger.Version{{Resource: r.Number, Body: bodies[0], Facts: facts[0]}}); err != nil {
		return err
	}
	evaluations := []ledger.Evaluation{{Rule: "a"}}
	if err := tx.Evaluations(ctx, evaluations); err != nil {
		return err
	}
	tuples, err := tx.Tuples(ctx, [][]ledger.Verdict{{{Evaluation: evaluations[0].Number, State: posture.Healthy}}})
	if err != nil {
		return err
	}
	return tx.SetVerdicts(ctx, []ledger.Judged{{Resource: r.Number, Tuple: tuples[0]}})
}

// TestNewResources_elsewhere: what comes to other units has a number in each; its
// identity means the newest, in the commits of before the one of then; history that was
// given up takes the old ones with it; and every process reads the same.
func TestNewResources_elsewhere(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		ctx := t.Context()
		stores := handles(t, where, 2)
		s := stores[0]
		key := ledger.KeyOf(posture.IdentityOf("arn:aws:s3:::b", "AWS::S3::Bucket", "", ""))
		var numbers []uint32
		var dumps []string
		for n, unit := range []string{"111122223333", "444455556666", "111122223333", "777788889999"} {
			write(t, s, func(tx ledger.Tx) error {
				number, err := uint32(0), error(nil)
				if n == 0 {
					r := []ledger.Resource{bucketIn(unit, "b"), bucketIn(unit, "stays")}
					if err := tx.NewResources(ctx, r); err != nil {
						return err
					}
					number, err = r[0].Number, setBody(ctx, tx, r[0], "1")
					if err == nil {
						err = setBody(ctx, tx, r[1], "1")
					}
				} else {
					number, err = moveTo(ctx, tx, unit, "b", fmt.Sprint(n))
				}
				numbers = append(numbers, number)
				return err
			})
			dumps = append(dumps, dump(t, s))
		}
		if diff := gocmp.Diff([]uint32{1, 3, 4, 5}, numbers); diff != "" {
			t.Fatalf("numbers: -want +got\n%s", diff)
		}
		for i, s := range stores {
			for n, want := range dumps {
				if diff := gocmp.Diff(want, dumpAt(t, s, ledger.Number(n+1))); diff != "" {
					t.Errorf("store %d, commit %d: -then +now\n%s", i, n+1, diff)
				}
				all := all(t, s.Resources(ctx, ledger.Number(n+1)))
				last := all[len(all)-1]
				if n == 0 {
					last = all[0]
				}
				if last.Number != numbers[n] || last.Key != key {
					t.Errorf("store %d, commit %d: %+v, want number %d", i, n+1, last, numbers[n])
				}
			}
			if found := must(s.Find(ctx, posture.IdentityOf("arn:aws:s3:::b", "AWS::S3::Bucket", "", "")))(t); len(found) != 1 || found[0].Number != numbers[3] || found[0].Unit != "777788889999" || found[0].Key != key {
				t.Errorf("store %d: found %+v", i, found)
			}
			var told []uint32
			for _, c := range all(t, s.Changed(ctx, 0)) {
				for _, r := range c.Resources {
					if r.Key == key {
						told = append(told, r.Number)
					}
				}
			}
			if diff := gocmp.Diff(numbers, told); diff != "" {
				t.Errorf("store %d: -want +followed\n%s", i, diff)
			}
			sound(t, s)
		}
		if n := must(s.Keep(ctx, commitOf(ledger.Retention), 4))(t); n == 0 {
			t.Error("nothing was given up")
		}
		if got := all(t, s.Resources(ctx, must(s.Head(ctx))(t))); len(got) != 2 || got[1].Number != numbers[3] {
			t.Errorf("kept are %+v", got)
		}
		if diff := gocmp.Diff(dumps[3], dump(t, s)); diff != "" {
			t.Errorf("after the retention: -want +got\n%s", diff)
		}
		sound(t, s)
	})
}

// TestCheck_of_what_moved: a resource that is there although its identity has another
// number is found.
func TestCheck_of_what_moved(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		ctx := t.Context()
		s := open(t, where)
		for _, unit := range []string{"111122223333", "444455556666"} {
			write(t, s, func(tx ledger.Tx) error { // which leaves what is in the first where it is
				r := []ledger.Resource{bucketIn(unit, "b")}
				if err := tx.NewResources(ctx, r); err != nil {
					return err
				}
				return setBody(ctx, tx, r[0], "1")
			})
		}
		found := false
		for _, f := range must(s.Check(ctx))(t) {
			found = found || f.Check == "resources" && f.Finding == "resource 1 is there, and its id has another number"
		}
		if !found {
			t.Error("nothing is found")
		}
	})
}
