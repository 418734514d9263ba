package server

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

type scoreHistoryInput struct {
	Scope  string `query:"scope" default:"/" doc:"id of a unit, or of what stands above units: a folder, a root; / for all that you see"`
	From   string `query:"from" doc:"a day or an instant; thirty days ago without it"`
	To     string `query:"to" doc:"now without it"`
	Limit  int    `query:"limit" default:"500" minimum:"1" maximum:"1000" doc:"points"`
	Cursor string `query:"cursor" doc:"of the page before" maxLength:"20"`
}

// ScoreHistory is what became of the score of a scope.
type ScoreHistory struct {
	Scope  string       `json:"scope"`
	Points []ScorePoint `json:"points" doc:"the oldest first; the first of the first page is as of the begin of the range and has no causes"`
	Cursor string       `json:"cursor,omitempty" doc:"of the next page, which may have few points or none; none for the last"`
	Hidden int          `json:"hidden" doc:"scopes left out that you may not see; a unit of which you see a part is left out too"`
}

// ScorePoint is a score from a commit on.
type ScorePoint struct {
	Commit  int64     `json:"commit"`
	Time    time.Time `json:"time"`
	Percent *float64  `json:"percent" doc:"as the score says it; null where nothing with points is judged"`
	Weight  int       `json:"weight" doc:"healthy and unhealthy scored checks of the units that count"`
	Causes  []Cause   `json:"causes" doc:"by unit, at most a hundred, those that did most; their points and the rest add up to the change since the point before"`
	More    int       `json:"more,omitempty" doc:"causes that are left out"`
	Rest    float64   `json:"rest,omitempty" doc:"points of causes that are left out"`
}

// Cause is what one thing did to a score.
type Cause struct {
	Kind       string  `json:"kind" doc:"estate, rules, exemption, attestation, coverage, scope, clock"`
	Object     string  `json:"object" doc:"what it came from: a resource type, a recommendation, an exemption; a unit that came or went; weight, if other checks count in a unit, so that its share is another"`
	Scope      string  `json:"scope" doc:"id of the unit whose score or share changed"`
	Points     float64 `json:"points" doc:"percentage points of this score, rounded so that they add up"`
	UnitPoints float64 `json:"unitPoints" doc:"percentage points of the unit's own score; 0 for a share"`
	Words      string  `json:"words,omitempty" doc:"for people; none of a commit of which you do not see all"`
}

type scoreHistoryOutput struct{ Body ScoreHistory }

const (
	mostCauses    = 100   // of one point
	commitsOfPage = 20000 // that are looked through
)

func (s *Server) scoreHistory(ctx context.Context, c *caller, in *scoreHistoryInput) (*scoreHistoryOutput, error) {
	out := &scoreHistoryOutput{ScoreHistory{Scope: in.Scope, Points: []ScorePoint{}}}
	if err := s.see(ctx, c, "", func(v *view) error {
		out.Body.Hidden = v.hidden
		return hasHistory(c, tree(v.x), in.Scope)
	}); err != nil {
		return nil, err
	}
	from, to, err := s.commitRange(ctx, in.From, in.To)
	if err != nil {
		return nil, err
	}
	if in.Cursor != "" {
		at, err := strconv.ParseInt(in.Cursor, 10, 64)
		if err != nil || at < 0 {
			return nil, huma.Error422UnprocessableEntity("the cursor is not of a page of this list", &huma.ErrorDetail{Location: "query.cursor", Value: in.Cursor})
		}
		from = max(from, min(ledger.Number(at), to))
	}
	return out, s.pageOfHistory(ctx, c, in, from, to, &out.Body)
}

// hasHistory says whether a caller may be told how the score of a scope was.
func hasHistory(c *caller, scopes *access.Tree, scope string) error {
	node, known := scopes.Scope(scope)
	seen := c.Caller.Visible(scopes).Of(scope)
	switch {
	case scope == access.Top:
		return nil
	case strings.HasPrefix(scope, "tag:"), known && node.Kind == posture.Group && seen == access.Whole:
		return huma.Error422UnprocessableEntity("the score's history is kept of units and of what stands above them, not of parts of units; the difference of two times tells of those",
			&huma.ErrorDetail{Location: "query.scope", Value: scope})
	case known && (seen == access.Whole || seen == access.Way && node.Kind != posture.Unit && node.Kind != posture.Group):
		return nil
	}
	return noScope(scope)
}

// pageOfHistory fills in the points after a commit, up to and with another.
func (s *Server) pageOfHistory(ctx context.Context, c *caller, in *scoreHistoryInput, from, to ledger.Number, page *ScoreHistory) error {
	history := estate.ScoreHistory{
		Rows: s.Store, Controls: s.controls(), Scope: in.Scope,
		Sees: func(unit string, scopes *access.Tree) bool { return c.Caller.May(access.See, unit, scopes) },
	}
	end := min(to, from+commitsOfPage)
	for move, err := range history.Moves(ctx, from, end) {
		switch {
		case err != nil:
			return err
		case move.Commit.Number > from:
		case in.Cursor != "" || !move.Has: // it was told, or there is nothing to tell
			continue
		default:
			if move.Commit, err = s.commit(ctx, from); err != nil {
				return err
			}
		}
		page.Points = append(page.Points, scorePoint(&move))
		if len(page.Points) == in.Limit {
			end = move.Commit.Number
			break
		}
	}
	if end < to {
		page.Cursor = strconv.FormatInt(int64(end), 10)
	}
	return nil
}

// commit gives one commit.
func (s *Server) commit(ctx context.Context, n ledger.Number) (ledger.Commit, error) {
	commits, err := s.Store.Commits(ctx, n-1, n)
	if err != nil || len(commits) == 0 {
		return ledger.Commit{Number: n}, err
	}
	return commits[0], nil
}

func scorePoint(m *estate.ScoreMove) ScorePoint {
	p := ScorePoint{Commit: int64(m.Commit.Number), Time: m.Commit.At, Weight: m.Weight, Causes: []Cause{}}
	if m.Has {
		p.Percent = &m.Percent
	}
	told, rest, more := mostCausing(m.Causes, func(c estate.ScoreCause) (exact, points float64) { return c.Exact, c.Points })
	p.Rest, p.More = rest, more
	for _, c := range told {
		cause := Cause{Kind: c.Kind.String(), Object: c.Object, Scope: c.Unit, Points: c.Points, UnitPoints: rounded(c.UnitPoints)}
		switch {
		case c.Before != c.Now:
			cause.Words = fmt.Sprintf("of its checks %d count, before it were %d", c.Now, c.Before)
		case m.Seen:
			cause.Words = m.Commit.Words
		}
		p.Causes = append(p.Causes, cause)
	}
	return p
}

// mostCausing gives the causes that did most, as many as a point has, the points of the
// rest together, and how many those are.
func mostCausing[C any](causes []C, of func(C) (exact, points float64)) (told []C, rest float64, more int) {
	if len(causes) <= mostCauses {
		return causes, 0, 0
	}
	size := func(c C) float64 { exact, _ := of(c); return math.Abs(exact) }
	told = slices.Clone(causes)
	slices.SortStableFunc(told, func(a, b C) int { return cmp.Compare(size(b), size(a)) })
	for _, left := range told[mostCauses:] {
		_, points := of(left)
		rest += points
	}
	return told[:mostCauses], rounded(rest), len(causes) - mostCauses
}
