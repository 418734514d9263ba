package estate_test

import (
	"context"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/store"
)

// altered is a store of which something says otherwise than what it keeps.
type altered struct {
	*store.Store
	effect func(*ledger.Effect)
	score  func(*ledger.UnitScore)
}

func (a *altered) Effects(ctx context.Context, from, to ledger.Number) ([]ledger.Effect, error) {
	all, err := a.Store.Effects(ctx, from, to)
	for i := range all {
		a.effect(&all[i])
	}
	return all, err
}

func (a *altered) UnitScores(ctx context.Context, n ledger.Number) ([]ledger.UnitScore, error) {
	all, err := a.Store.UnitScores(ctx, n)
	for i := range all {
		a.score(&all[i])
	}
	return all, err
}

// What was kept of scores and their causes is held against the verdicts.
func TestComplaints(t *testing.T) {
	k := newKept(t)
	k.imports(input("a.jsonl", accounts("a", "b")+account("c", "false")))
	k.imports(input("b.jsonl", account("b", "false")))
	tests := []struct {
		name   string
		effect func(*ledger.Effect)
		score  func(*ledger.UnitScore)
		want   string // the check that complains, "" for none
		n      int
	}{
		{"nothing", nil, nil, "", 0},
		{"other points", func(e *ledger.Effect) { e.Points++ }, nil, "causes", 2},
		{"another unit", func(e *ledger.Effect) { e.Unit = otherUnit }, nil, "causes", 2},
		{"another count", nil, func(u *ledger.UnitScore) { u.Controls[0].Healthy++ }, "scores", 1},
		{"another weight", nil, func(u *ledger.UnitScore) { u.Weight++ }, "scores", 1},
		{"no counts", nil, func(u *ledger.UnitScore) { u.Controls = nil }, "scores", 1},
	}
	for _, test := range tests {
		a := &altered{k.store, test.effect, test.score}
		if a.effect == nil {
			a.effect = func(*ledger.Effect) {}
		}
		if a.score == nil {
			a.score = func(*ledger.UnitScore) {}
		}
		e, err := estate.Open(t.Context(), a, estate.Options{Catalog: k.catalog})
		if err != nil {
			t.Fatal(err)
		}
		complaints, err := e.Complaints(t.Context(), a)
		if err != nil || len(complaints) != test.n || test.n > 0 && complaints[0].Check != test.want {
			t.Errorf("%s: complaints %+v, %v; want %d of %q", test.name, complaints, err, test.n, test.want)
		}
	}
}
