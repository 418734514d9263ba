package estate

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// Complaint is something that is kept and cannot be so.
type Complaint struct {
	Check string // what was looked at: one of [SoundChecks]
	Text  string
}

// The checks of an estate.
const (
	scoresAdd  = "scores"
	effectsAdd = "causes"
)

// SoundChecks are the checks that [Estate.Complaints] makes.
var SoundChecks = []string{scoresAdd, effectsAdd}

// Sums is what complaints are looked for in, besides the estate's store.
type Sums interface {
	Oldest(ctx context.Context) (ledger.Number, error)
	Effects(ctx context.Context, from, to ledger.Number) ([]ledger.Effect, error)
	ScoreHistory(ctx context.Context, unit string, from, to ledger.Number) ([]ledger.UnitScore, error)
	DocumentHistory(ctx context.Context, kind ledger.DocumentKind, id string) ([]ledger.DocumentVersion, error)
}

// Complaints holds the kept scores against those that follow from the kept verdicts,
// and the causes of every change of a score against the change. It changes nothing.
func (e *Estate) Complaints(ctx context.Context, h Sums) ([]Complaint, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	units := map[string]string{}
	for _, unit := range e.known.units.texts {
		units[posture.Fold(unit)] = unit
	}
	for folded, u := range e.scores {
		units[folded] = u.Unit
	}
	delete(units, "")
	x, err := e.posture(ctx)
	if err != nil {
		return nil, err
	}
	var all []Complaint
	changes, err := e.changesOfScores(ctx, h)
	if err != nil {
		return nil, err
	}
	for _, folded := range slices.Sorted(maps.Keys(units)) {
		unit := units[folded]
		if kept, follows := countsText(e.scores[folded]), countsText(countsOf(x.UnitScore(unit))); kept != follows {
			all = append(all, Complaint{scoresAdd, fmt.Sprintf("%s counts %s, and its verdicts come to %s", unit, kept, follows)})
		}
		history, err := h.ScoreHistory(ctx, unit, changes.oldest, e.head)
		if err != nil {
			return nil, err
		}
		all = append(all, changes.of(unit, history)...)
	}
	return all, nil
}

// countsText writes what a unit's score is made of.
func countsText(u ledger.UnitScore) string {
	var controls []string
	for _, c := range u.Controls {
		controls = append(controls, fmt.Sprintf("%s %d/%d/%d", c.Control, c.Healthy, c.Unhealthy, c.Unknown))
	}
	slices.Sort(controls)
	return fmt.Sprintf("%d checks (%s)", u.Weight, strings.Join(controls, ", "))
}

// scoreChanges are the causes of changes of scores, and what percentages are computed
// with.
type scoreChanges struct {
	oldest   ledger.Number                        // from which on they are kept
	effects  map[string]map[ledger.Number]float64 // by folded unit and commit: their sum
	controls func(ledger.Number) []score.Control
	begun    []ledger.Number // of catalogues
}

func (e *Estate) changesOfScores(ctx context.Context, h Sums) (*scoreChanges, error) {
	s := &scoreChanges{effects: map[string]map[ledger.Number]float64{}}
	var err error
	if s.oldest, err = h.Oldest(ctx); err != nil {
		return nil, err
	}
	effects, err := h.Effects(ctx, s.oldest, e.head)
	if err != nil {
		return nil, err
	}
	for _, f := range effects {
		unit := posture.Fold(f.Unit)
		if s.effects[unit] == nil {
			s.effects[unit] = map[ledger.Number]float64{}
		}
		s.effects[unit][f.Commit] += f.Points
	}
	versions, err := h.DocumentHistory(ctx, ledger.Catalogue, catalogueID)
	if err != nil {
		return nil, err
	}
	controls := make([][]score.Control, len(versions))
	for i := range versions {
		kept, err := keptCatalogue(versions[i : i+1])
		if err != nil {
			return nil, err
		}
		controls[i] = kept.content().Controls
		s.begun = append(s.begun, versions[i].Since)
	}
	s.controls = func(n ledger.Number) []score.Control {
		for i := range versions {
			if versions[i].Holds(n) {
				return controls[i]
			}
		}
		return e.judges.base.Controls
	}
	return s, nil
}

// effectSlack is how far sums of fractions may be off, in percentage points.
const effectSlack = 1e-6

// of holds the causes told of a unit against what its score did.
func (s *scoreChanges) of(unit string, history []ledger.UnitScore) (all []Complaint) {
	told := s.effects[posture.Fold(unit)]
	at := map[ledger.Number]bool{}
	for n := range told {
		at[n] = true
	}
	for _, u := range history {
		at[u.Since], at[u.Until] = true, u.Until != ledger.Open
	}
	for _, n := range s.begun {
		at[n] = true
	}
	percent := func(n ledger.Number) float64 {
		for _, u := range history {
			if u.Holds(n) {
				return ScoreOf(s.controls(n), u).Percent
			}
		}
		return 0
	}
	for _, n := range slices.Sorted(maps.Keys(at)) {
		if n <= s.oldest || !at[n] {
			continue
		}
		if change := percent(n) - percent(n-1); math.Abs(change-told[n]) > effectSlack {
			all = append(all, Complaint{effectsAdd, fmt.Sprintf("commit %d changed the score of %s by %.4f points, and the causes told of it add up to %.4f", n, unit, change, told[n])})
		}
	}
	return all
}
