package server

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// Score is a secure score.
type Score struct {
	Percent  *float64    `json:"percent" doc:"0 to 100; null where nothing with points is judged"`
	Current  *float64    `json:"current,omitempty" doc:"points, of one unit only"`
	Max      *float64    `json:"max,omitempty" doc:"points, of one unit only"`
	Slice    bool        `json:"slice,omitempty" doc:"over a part of units: no points"`
	Units    []UnitScore `json:"units" doc:"by id"`
	Coverage *Coverage   `json:"coverage"`
	AsOf     AsOf        `json:"asOf"`
	Hidden   int         `json:"hidden"`
}

// UnitScore is the secure score of one unit.
type UnitScore struct {
	Scope    string         `json:"scope"`
	Percent  *float64       `json:"percent"`
	Current  float64        `json:"current" doc:"points"`
	Max      float64        `json:"max" doc:"points"`
	Weight   int            `json:"weight" doc:"healthy and unhealthy scored checks"`
	Controls []ControlScore `json:"controls" doc:"those with a healthy or unhealthy resource"`
}

// ControlScore is one control of one unit.
type ControlScore struct {
	ID        string  `json:"id"`
	Name      string  `json:"name"`
	Max       float64 `json:"max" doc:"points"`
	Current   float64 `json:"current" doc:"points"`
	Healthy   int     `json:"healthy" doc:"resources"`
	Unhealthy int     `json:"unhealthy" doc:"resources"`
	Unknown   int     `json:"unknown" doc:"resources"`
}

// ScoreInput says what a score is wanted of.
type ScoreInput struct {
	At    string   `query:"at"`
	Scope []string `query:"scope,explode" maxItems:"100"`
}

type scoreOutput struct{ Body Score }

type scoreHistoryInput struct {
	Scope string `query:"scope" required:"true" doc:"id of a unit"`
	From  string `query:"from" doc:"a day or an instant; thirty days ago without it"`
	To    string `query:"to" doc:"now without it"`
}

// ScorePoint is a unit's score from a commit on.
type ScorePoint struct {
	Commit  int64     `json:"commit"`
	Time    time.Time `json:"time"`
	Percent *float64  `json:"percent"`
	Weight  int       `json:"weight"`
	Causes  []Cause   `json:"causes" doc:"their points add up to the change since the point before"`
}

// Cause is what one thing did to a score.
type Cause struct {
	Kind   string  `json:"kind" doc:"estate, rules, exemption, attestation, coverage, scope, clock"`
	Object string  `json:"object" doc:"what it came from: a resource type, a recommendation, an exemption"`
	Points float64 `json:"points" doc:"percentage points"`
	Words  string  `json:"words"`
}

type scoreHistoryOutput struct {
	Body struct {
		Scope  string       `json:"scope"`
		Points []ScorePoint `json:"points" doc:"the oldest first; the first may have begun before"`
	}
}

func (s *Server) registerScore() {
	handle(s, route{method: http.MethodGet, path: "/api/v1/score", id: "get-score", summary: "The secure score with how it was computed", need: seeing}, s.score)
	handle(s, route{method: http.MethodGet, path: "/api/v1/score/history", id: "get-score-history", summary: "A unit's score over time, with the causes of every change", need: seeing}, s.scoreHistory)
	handle(s, route{method: http.MethodGet, path: "/api/v1/coverage", id: "get-coverage", summary: "Which share of the checks got an answer, and why others did not", need: seeing}, s.coverage)
}

func (s *Server) score(ctx context.Context, c *caller, in *ScoreInput) (*scoreOutput, error) {
	out := &scoreOutput{}
	return out, s.see(ctx, c, in.At, func(v *view) error {
		f := v.filter()
		f.Scopes = in.Scope
		selected := v.x.Select(f)
		tally := selected.Tally()
		out.Body = Score{Units: []UnitScore{}, Coverage: coverageOf(&tally), AsOf: v.asOf(), Hidden: v.hidden, Slice: selected.Slice()}
		found := s.gains.of(v, f).model.Score()
		if found.HasScore {
			out.Body.Percent = &found.Percent
		}
		judged := 0
		for _, u := range found.Units {
			if u.HasScore {
				judged++
			}
			if !out.Body.Slice {
				out.Body.Units = append(out.Body.Units, unitScore(u))
			}
		}
		if judged == 1 && !out.Body.Slice {
			out.Body.Current, out.Body.Max = &found.Current, &found.Max
		}
		return nil
	})
}

func unitScore(u score.Unit) UnitScore {
	row := UnitScore{Scope: u.Scope, Current: u.Current, Max: u.Max, Weight: u.Weight, Controls: []ControlScore{}}
	if u.HasScore {
		row.Percent = &u.Percent
	}
	for _, c := range u.Controls {
		if c.Healthy+c.Unhealthy+c.Unknown > 0 {
			row.Controls = append(row.Controls, ControlScore{c.ID, c.Name, c.Max, c.Current, c.Healthy, c.Unhealthy, c.Unknown})
		}
	}
	return row
}

type coverageOutput struct {
	Body struct {
		Coverage
		Stale      []ReadRow `json:"stale" doc:"of what a later read failed, so that it is known from before; at most two hundred, the rest are in the list of reads"`
		StaleTotal int       `json:"staleTotal" doc:"reads"`
		AsOf       AsOf      `json:"asOf"`
		Hidden     int       `json:"hidden"`
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
		tally := v.x.Select(f).Tally()
		out.Body.Coverage, out.Body.AsOf, out.Body.Hidden = *coverageOf(&tally), v.asOf(), v.hidden
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

func (s *Server) scoreHistory(ctx context.Context, c *caller, in *scoreHistoryInput) (*scoreHistoryOutput, error) {
	err := s.see(ctx, c, "", func(v *view) error {
		scopes := tree(v.x)
		unit, ok := scopes.Scope(in.Scope)
		if !ok || unit.Kind != posture.Unit || !c.Caller.May(access.See, in.Scope, scopes) {
			return huma.Error404NotFound("there is no unit " + in.Scope)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	from, to, err := s.commitRange(ctx, in.From, in.To)
	if err != nil {
		return nil, err
	}
	scores, err := s.Store.ScoreHistory(ctx, in.Scope, from, to)
	if err != nil {
		return nil, err
	}
	effects, err := s.Store.Effects(ctx, from, to)
	if err != nil {
		return nil, err
	}
	commits, err := s.Store.Commits(ctx, from, to)
	if err != nil {
		return nil, err
	}
	byNumber := map[ledger.Number]ledger.Commit{}
	for _, commit := range commits {
		byNumber[commit.Number] = commit
	}
	out := &scoreHistoryOutput{}
	out.Body.Scope, out.Body.Points = in.Scope, []ScorePoint{}
	for _, u := range scores {
		p := ScorePoint{Commit: int64(u.Since), Time: byNumber[u.Since].At, Weight: int(u.Weight), Causes: []Cause{}}
		if now := estate.ScoreOf(s.controls(), u); now.HasScore {
			p.Percent = &now.Percent
		}
		for _, e := range effects {
			if e.Commit == u.Since && posture.Fold(e.Unit) == posture.Fold(in.Scope) {
				p.Causes = append(p.Causes, Cause{e.Cause.String(), e.Object, rounded(e.Points), byNumber[e.Commit].Words})
			}
		}
		out.Body.Points = append(out.Body.Points, p)
	}
	slices.SortFunc(out.Body.Points, func(a, b ScorePoint) int { return cmp.Compare(a.Commit, b.Commit) })
	return out, nil
}

// rounded is a difference of scores in as many decimals as they have.
func rounded(points float64) float64 { return math.RoundToEven(points*100) / 100 }

// usualRange is how far histories go back if nobody says.
const usualRange = 30 * 24 * time.Hour

// commitRange gives the commits of a range of time: those after from, up to and
// with to.
func (s *Server) commitRange(ctx context.Context, from, to string) (first, last ledger.Number, err error) {
	begin, end := s.Now().Add(-usualRange), s.Now()
	for text, at := range map[string]*time.Time{from: &begin, to: &end} {
		if text == "" {
			continue
		}
		if *at, err = parseInstant(text); err != nil {
			return 0, 0, huma.Error422UnprocessableEntity("the range of time", err)
		}
	}
	if first, err = s.Store.At(ctx, begin); err != nil {
		return 0, 0, err
	}
	oldest, err := s.Store.Oldest(ctx)
	if err != nil {
		return 0, 0, err
	}
	last, err = s.Store.At(ctx, end)
	return max(first, oldest), last, err
}

func (s *Server) controls() (all []score.Control) {
	_ = s.Follower.Read(func(x *index.Index) error { all = x.Content().Controls; return nil })
	return all
}
