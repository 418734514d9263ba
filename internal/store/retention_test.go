//go:build unix

package store

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// counts gives how many rows each table has.
func counts(t testing.TB, s *Store) map[string]int64 {
	t.Helper()
	got := map[string]int64{}
	for _, table := range []string{
		"commit_log", "resource", "body", "body_dictionary", "facts", "version", "evaluation", "tuple", "judged",
		"read_record", "loss", "scope", "document", "unit_score", "effect", "type_name", "scope_name",
		"principal", "role_assignment", "token", "token_secret", "password", "login", "link", "audit",
	} {
		var n int64
		if err := s.pool.QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		got[table] = n
	}
	return got
}

func TestKeep(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		ctx := t.Context()
		s := open(t, where)
		dumps := map[ledger.Number]string{}
		for round := 1; round <= 5; round++ {
			c := must((testEstate{"/subscriptions/K", 40, round}).importTo(ctx, s))(t)
			dumps[c.Number] = dumpAt(t, s, c.Number)
		}
		if _, err := s.Keep(ctx, commitOf(ledger.Retention), 9); err == nil {
			t.Error("history was kept from a commit that is not there")
		}
		before := counts(t, s)
		if n := must(s.Keep(ctx, commitOf(ledger.Retention), 4))(t); n == 0 {
			t.Error("nothing was given up")
		}
		for _, n := range []ledger.Number{4, 5} {
			if got := dumpAt(t, s, n); got != dumps[n] {
				t.Errorf("the state as of commit %d is another", n)
			}
		}
		for name, err := range map[string]error{
			"versions": first(s.Versions(ctx, 3, "")), "documents": second(s.Documents(ctx, 3, "")), "changes": first(s.Changed(ctx, 3)),
			"effects": second(s.Effects(ctx, 2, 5)), "bodies": first(s.UnitBodies(ctx, 3, "/subscriptions/K")),
		} {
			var forgotten *ForgottenError
			if !errors.As(err, &forgotten) || !errors.Is(err, ledger.ErrForgotten) || forgotten.Oldest != 4 {
				t.Errorf("%s as of commit 3: error %v, want a ForgottenError", name, err)
			}
		}
		sound(t, s)
		after := counts(t, s)
		for _, table := range []string{"version", "judged", "read_record", "loss", "scope", "document", "unit_score", "effect", "body", "resource"} {
			if after[table] >= before[table] {
				t.Errorf("%s: %d rows, %d before", table, after[table], before[table])
			}
		}
		if after["commit_log"] != 7 { // five imports, what is kept, resources that went
			t.Errorf("%d commits are listed, want all 7", after["commit_log"])
		}
		// What is given up is given up.
		if n := must(s.Keep(ctx, commitOf(ledger.Retention), 4))(t); n != 0 || must(s.Head(ctx))(t) != 7 {
			t.Errorf("a second time: %d rows, commit %d", n, must(s.Head(ctx))(t))
		}
		// A resource that comes back after all of it was given up is a new one.
		last := must(s.Keep(ctx, commitOf(ledger.Retention), 6))(t)
		again := []ledger.Resource{(testEstate{"/subscriptions/K", 1, 1}).resources()[0]}
		write(t, s, func(tx ledger.Tx) error { return tx.NewResources(ctx, again) })
		if again[0].Number <= 40 {
			t.Errorf("number %d was given twice, %d rows were given up", again[0].Number, last)
		}
	})
}

func first[T any](rows func(func(T, error) bool)) (err error) {
	for _, err := range rows {
		return err
	}
	return nil
}

func second[T any](_ T, err error) error { return err }

// TestSweep: what was put and is not referred to goes, but not under the feet of
// an import.
func TestSweep(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		ctx := t.Context()
		stores := handles(t, where, 2)
		in := must(stores[0].Intake(ctx))(t)
		put := func() int64 {
			return must(in.PutBodies(ctx, []ledger.Body{{Type: "t", Record: []byte("{}")}}))(t)[0]
		}
		number := put()
		if again := put(); again != number {
			t.Errorf("the same body has numbers %d and %d", number, again)
		}
		for i, s := range stores {
			if _, err := s.Sweep(ctx, commitOf(ledger.Retention)); !errors.Is(err, ErrBusy) {
				t.Errorf("store %d: error %v, want ErrBusy", i, err)
			}
		}
		in.Close()
		in.Close()
		if n := must(stores[1].Sweep(ctx, commitOf(ledger.Retention)))(t); n != 1 {
			t.Errorf("%d rows were swept, want 1", n)
		}
		in = must(stores[0].Intake(ctx))(t)
		defer in.Close()
		r := []ledger.Resource{{ID: "r", Type: "t", Unit: "u"}}
		set := func(body int64) error {
			_, err := stores[0].Write(ctx, commitOf(ledger.Import), func(tx ledger.Tx) error {
				if err := tx.NewResources(ctx, r); err != nil {
					return err
				}
				return tx.SetVersions(ctx, []ledger.Version{{Resource: r[0].Number, Body: body}})
			})
			return err
		}
		if err := set(number); err == nil {
			t.Error("a version refers to a body that was swept")
		}
		if again := put(); again == number {
			t.Errorf("number %d was given twice", again)
		} else if err := set(again); err != nil {
			t.Error(err)
		}
	})
}

// TestSweepBesideWriters: contents that a commit takes up while they are being
// swept stay.
func TestSweepBesideWriters(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		ctx := t.Context()
		s := open(t, where)
		s.fail = func(string) {}
		in := must(s.Intake(ctx))(t)
		number := must(in.PutBodies(ctx, []ledger.Body{{Type: "t", Record: []byte("{}")}}))(t)[0]
		in.Close()
		var head ledger.Number
		var unused []int64
		// As Sweep does, with a commit between its two steps.
		err := s.reading(ctx, func(at *session) (err error) {
			head, _, _ = at.kept(ctx)
			unused, err = at.column(ctx, sweepings[1].unused)
			return err
		})
		if err != nil || len(unused) != 1 {
			t.Fatal(unused, err)
		}
		write(t, s, func(tx ledger.Tx) error {
			r := []ledger.Resource{{ID: "r", Type: "t", Unit: "u"}}
			if err := tx.NewResources(ctx, r); err != nil {
				return err
			}
			return tx.SetVersions(ctx, []ledger.Version{{Resource: r[0].Number, Body: number}})
		})
		err = s.inTransaction(ctx, s.writer, nil, func(at *session) error {
			n, err := s.sweepSome(ctx, at, sweepings[1], unused, head)
			if n != 0 {
				return fmt.Errorf("%d rows were swept", n)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		sound(t, s, "judged resources")
	})
}

// TestGrowth: importing the same again adds no row at all.
func TestGrowth(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		s := open(t, where)
		e := testEstate{"/subscriptions/K", 300, 1}
		must(e.importTo(t.Context(), s))(t)
		before := counts(t, s)
		for range 3 {
			c, err := e.importTo(context.Background(), s)
			if err != nil || c != (ledger.Commit{}) {
				t.Fatalf("commit %+v, error %v", c, err)
			}
		}
		for table, n := range counts(t, s) {
			if n != before[table] {
				t.Errorf("%s: %d rows, want %d", table, n, before[table])
			}
		}
	})
}

// TestReadTimes: the time of a read is kept without a commit, and told from that of the
// commit which began its row.
func TestReadTimes(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		ctx := t.Context()
		s := open(t, where)
		read := ledger.Read{}
		read.Record.Scope, read.Record.Type, read.Record.Complete = "u", "*", true
		for day := range 3 {
			read.Record.StartedAt = noon.AddDate(0, 0, day)
			if _, err := s.Write(ctx, commitOf(ledger.Import), func(tx ledger.Tx) error { return tx.SetReads(ctx, []ledger.Read{read}) }); err != nil {
				t.Fatal(err)
			}
			if kept := must(s.Reads(ctx, 1))(t); len(kept) != 1 || !kept[0].Begun.Equal(noon) || kept[0].Renewed() != (day > 0) {
				t.Errorf("day %d: %+v, renewed %v", day, kept, kept[0].Renewed())
			}
		}
		got := must(s.Reads(ctx, 1))(t)
		if head := must(s.Head(ctx))(t); head != 1 || len(got) != 1 || !got[0].Record.StartedAt.Equal(noon.AddDate(0, 0, 2)) {
			t.Errorf("head %d, reads %+v", head, got)
		}
	})
}
