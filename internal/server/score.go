package server

import (
	"context"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
	"github.com/bartizan-dev/bartizan/policy"
)

// Score is a secure score.
type Score struct {
	Percent  *float64    `json:"percent" doc:"0 to 100; null where nothing with points is judged"`
	Current  *float64    `json:"current,omitempty" doc:"points, of one unit only"`
	Max      *float64    `json:"max,omitempty" doc:"points, of one unit only"`
	Slice    bool        `json:"slice,omitempty" doc:"over a part of units: no points, also of units and controls, whose resources are those of that part"`
	Units    []UnitScore `json:"units" doc:"by id"`
	Coverage *Coverage   `json:"coverage"`
	AsOf     AsOf        `json:"asOf"`
	Hidden   int         `json:"hidden"`
}

// UnitScore is the secure score of one unit.
type UnitScore struct {
	Scope    string         `json:"scope"`
	Percent  *float64       `json:"percent"`
	Current  *float64       `json:"current,omitempty" doc:"points; none of a part of it"`
	Max      *float64       `json:"max,omitempty" doc:"points; none of a part of it"`
	Weight   int            `json:"weight" doc:"healthy and unhealthy scored checks"`
	Controls []ControlScore `json:"controls" doc:"those with a healthy or unhealthy resource"`
}

// ControlScore is one control of one unit.
type ControlScore struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Max       *float64 `json:"max,omitempty" doc:"points; none in a part of a unit"`
	Current   *float64 `json:"current,omitempty" doc:"points; none in a part of a unit"`
	Healthy   int      `json:"healthy" doc:"resources"`
	Unhealthy int      `json:"unhealthy" doc:"resources"`
	Unknown   int      `json:"unknown" doc:"resources"`
}

// ScoreInput says what a score is wanted of.
type ScoreInput struct {
	At    string   `query:"at"`
	Scope []string `query:"scope,explode" maxItems:"100"`
}

type scoreInput struct {
	ScoreInput
	ToldStandards
}

type scoreOutput struct{ Body Score }

func (s *Server) registerScore() {
	handle(s, route{method: http.MethodGet, path: "/api/v1/score", id: "get-score", summary: "The secure score with how it was computed", need: seeing}, s.score)
	handle(s, route{method: http.MethodGet, path: "/api/v1/score/history", id: "get-score-history", summary: "The score of a scope over time, with the causes of every change", need: seeing}, s.scoreHistory)
	handle(s, route{method: http.MethodGet, path: "/api/v1/coverage", id: "get-coverage", summary: "Which share of the checks got an answer, and why others did not", need: seeing}, s.coverage)
}

func (s *Server) score(ctx context.Context, c *caller, in *scoreInput) (*scoreOutput, error) {
	out := &scoreOutput{}
	return out, s.see(ctx, c, in.At, func(v *view) error {
		if err := v.lacks(in.Scope); err != nil {
			return err
		}
		f := v.filter()
		f.Scopes = in.Scope
		var err error
		if f.UnitChecks, err = in.unitChecks(ctx, s, v, in.Scope); err != nil {
			return err
		}
		selected := v.x.Select(f)
		tally := selected.Tally()
		covered, _, err := s.covered(ctx, v, in.Scope, &tally)
		if err != nil {
			return err
		}
		out.Body = Score{Units: []UnitScore{}, Coverage: covered, AsOf: v.asOf(), Hidden: v.hidden, Slice: v.isSlice(in.Scope, selected)}
		found, units := s.gains.scoreOf(v, f)
		if found.HasScore {
			out.Body.Percent = &found.Percent
		}
		judged := 0
		for _, u := range found.Units {
			if u.HasScore {
				judged++
			}
			if out.Body.Slice {
				out.Body.Units = append(out.Body.Units, unitScore(u, false))
			}
		}
		if !out.Body.Slice && len(units) > 0 {
			out.Body.Units = units
		}
		if judged == 1 && !out.Body.Slice {
			out.Body.Current, out.Body.Max = &found.Current, &found.Max
		}
		return nil
	})
}

// isSlice reports whether what is selected of some scopes is a part only of units: by
// what the scopes are, as assess takes them, or by what who asks may see.
func (v *view) isSlice(scopes []string, selected *index.Selection) bool {
	return selected.Slice() || slices.ContainsFunc(scopes, v.isInUnits) || len(v.wholeUnits(selected)) < len(selected.UnitIDs())
}

// isInUnits reports whether a scope is a tag, or lies in a unit.
func (v *view) isInUnits(scope string) bool {
	s, node := tree(v.x).Scope(scope)
	if unit := policy.UnitOf(scope); !node && scope != access.Top {
		return strings.HasPrefix(scope, "tag:") || unit == "" || posture.Fold(unit) != posture.Fold(scope)
	}
	return s.Kind == posture.Group
}

func unitScore(u score.Unit, withPoints bool) UnitScore {
	row := UnitScore{Scope: u.Scope, Weight: u.Weight, Controls: make([]ControlScore, 0, len(u.Controls))}
	if u.HasScore {
		row.Percent = &u.Percent
	}
	if withPoints && u.HasScore {
		row.Current, row.Max = &u.Current, &u.Max
	}
	for _, c := range u.Controls {
		if c.Healthy+c.Unhealthy+c.Unknown > 0 {
			of := ControlScore{ID: c.ID, Name: c.Name, Healthy: c.Healthy, Unhealthy: c.Unhealthy, Unknown: c.Unknown}
			if withPoints {
				of.Max, of.Current = &c.Max, &c.Current
			}
			row.Controls = append(row.Controls, of)
		}
	}
	return row
}

type coverageOutput struct {
	Body struct {
		Coverage
		Stale      []ReadRow   `json:"stale" doc:"of what a later read failed, so that it is known from before; at most two hundred, the rest are in the list of reads"`
		StaleTotal int         `json:"staleTotal" doc:"reads"`
		Lost       []LostPlace `json:"lost,omitempty" doc:"of the rejected places those that are yours to see, by file and line: what nobody knows where it is from for who sees all of the root; at most a thousand"`
		// What makes no checks is in no number.
		NotEvaluated []NotEvaluatedPolicy `json:"notEvaluated,omitempty" doc:"policies that are assigned and make no checks, wherever that is"`
		AsOf         AsOf                 `json:"asOf"`
		Hidden       int                  `json:"hidden"`
	}
}

func (s *Server) coverage(ctx context.Context, c *caller, in *ScoreInput) (*coverageOutput, error) {
	out := &coverageOutput{}
	stale := &readsInput{Scope: in.Scope, Stale: "*", Limit: 200}
	var seen view
	var meant func(*ledger.Read) bool
	if err := s.see(ctx, c, in.At, func(v *view) (err error) {
		f := v.filter()
		f.Scopes = in.Scope
		if f.UnitChecks, err = s.unitChecks(ctx, v); err != nil {
			return err
		}
		tally := v.x.Select(f).Tally()
		covered, lost, err := s.covered(ctx, v, in.Scope, &tally)
		if err != nil {
			return err
		}
		out.Body.Lost = lost
		out.Body.Coverage, out.Body.AsOf, out.Body.Hidden = *covered, v.asOf(), v.hidden
		if out.Body.NotEvaluated, err = s.notEvaluated(ctx, s.sight(v)); err != nil {
			return err
		}
		seen = *v
		meant, err = stale.meant(v)
		return err
	}); err != nil {
		return nil, err
	}
	reads, err := s.readsOf(ctx, &seen, stale, meant)
	out.Body.Stale, out.Body.StaleTotal = reads.Rows, reads.Total
	return out, err
}

// rounded is a difference of scores in as many decimals as they have.
func rounded(points float64) float64 { return math.RoundToEven(points*100) / 100 }

// usualRange is how far histories go back if nobody says.
const usualRange = 30 * 24 * time.Hour

// commitRange gives the commits of a range of time: those after from, up to and
// with to.
func (s *Server) commitRange(ctx context.Context, from, to string) (first, last ledger.Number, err error) {
	f, l, err := s.moments(ctx, from, to)
	return f.Commit, l.Commit, err
}

func (s *Server) controls() (all []score.Control) {
	_ = s.Follower.Read(func(x *index.Index) error { all = x.Content().Controls; return nil })
	return all
}
