package estate

import (
	"context"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/score"
)

func foldType(name string) string { return strings.ToLower(name) }

// rules are the evaluations that have a number.
type rules struct {
	numbers map[ledger.Evaluation]uint32
}

func newRules(ctx context.Context, s Store) (*rules, error) {
	r := &rules{numbers: map[ledger.Evaluation]uint32{}}
	evaluations, err := s.Evaluations(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range evaluations {
		r.learn(e)
	}
	return r, nil
}

func (r *rules) learn(e ledger.Evaluation) {
	number := e.Number
	e.Number = 0
	r.numbers[e] = number
}

// ScoreOf is the score that a unit's kept counts come to.
func ScoreOf(controls []score.Control, u ledger.UnitScore) score.Unit {
	counts := map[string]score.Count{}
	for _, c := range u.Controls {
		counts[c.Control] = score.Count{Healthy: int(c.Healthy), Unhealthy: int(c.Unhealthy), Unknown: int(c.Unknown)}
	}
	return score.OfCounts(controls, u.Unit, counts, int(u.Weight))
}
