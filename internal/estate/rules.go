package estate

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/score"
)

func foldType(name string) string { return strings.ToLower(name) }

// rules are those of the catalogue, and the evaluations that have a number.
type rules struct {
	texts   map[string]ledger.Hash // by id of a recommendation: of its rule
	numbers map[ledger.Evaluation]uint32
}

func newRules(ctx context.Context, s Store, c *catalog.Catalog) (*rules, error) {
	r := &rules{texts: map[string]ledger.Hash{}, numbers: map[ledger.Evaluation]uint32{}}
	all, err := c.Recommendations()
	if err != nil {
		return nil, err
	}
	for _, rec := range all {
		if r.texts[rec.ID], err = hashOfRule(rec); err != nil {
			return nil, err
		}
	}
	evaluations, err := s.Evaluations(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range evaluations {
		r.learn(e)
	}
	return r, nil
}

// hashOfRule tells apart what would judge otherwise: titles and words do not
// matter.
func hashOfRule(rec *catalog.Recommendation) (ledger.Hash, error) {
	var d struct {
		Properties struct {
			Mode                   string
			Parameters, PolicyRule json.RawMessage
		}
	}
	if err := json.Unmarshal(rec.Definition, &d); err != nil {
		return ledger.Hash{}, fmt.Errorf("rule of %s: %w", rec.ID, err)
	}
	p := d.Properties
	return ledger.HashOf(bytes.Join([][]byte{[]byte(p.Mode), p.Parameters, p.PolicyRule, rec.Applies}, []byte{0})), nil
}

// evaluation is what a rule that judged is kept as.
func (r *rules) evaluation(judged assess.JudgedRule) ledger.Evaluation {
	return ledger.Evaluation{Rule: judged.ID, Parameters: judged.ParametersHash, Definition: r.texts[judged.ID]}
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
