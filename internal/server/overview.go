package server

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Overview is where one stands, in one look.
type Overview struct {
	Score struct {
		Percent *float64 `json:"percent" doc:"0 to 100; null where nothing with points is judged"`
		Current *float64 `json:"current,omitempty" doc:"points, of one unit only"`
		Max     *float64 `json:"max,omitempty" doc:"points, of one unit only"`
		Slice   bool     `json:"slice,omitempty" doc:"over a part of units: no points"`
		Units   int      `json:"units" doc:"units with a score"`
	} `json:"score"`
	Coverage   *Coverage       `json:"coverage"`
	Resources  int             `json:"resources"`
	Severities []SeverityCount `json:"severities" doc:"the worst first; those without an unhealthy check too"`
	FixFirst   FixFirst        `json:"fixFirst"`
	Compliance []StandardRow   `json:"compliance" doc:"of the standards that are told, by default and where they are assigned, the lowest rate first; at most five"`
	Clouds     []CloudRow      `json:"clouds" doc:"those with most resources first"`
	Changes    []ChangeRow     `json:"changes" doc:"the newest commits that changed what you see; at most four"`
	AsOf       AsOf            `json:"asOf"`
	Hidden     int             `json:"hidden" doc:"scopes left out that you may not see"`
}

// SeverityCount counts what is unhealthy of one severity.
type SeverityCount struct {
	Severity        posture.Severity `json:"severity"`
	Checks          int              `json:"checks" doc:"unhealthy ones"`
	Recommendations int              `json:"recommendations" doc:"with an unhealthy check"`
}

// FixFirst is what is worth most.
type FixFirst struct {
	Rows     []FixRow `json:"rows" doc:"by gain, then severity; at most five"`
	Together float64  `json:"together" doc:"percentage points that all of them would gain jointly"`
	Percent  *float64 `json:"percent" doc:"the score after that"`
}

// FixRow is a recommendation and what mending it is worth.
type FixRow struct {
	RecommendationRow
	Points    float64 `json:"points,omitempty" doc:"that the score of the only unit would gain; none for several"`
	Resources int     `json:"resources" doc:"that are unhealthy by it; not all of them need become healthy in the score, where others may keep them unhealthy"`
}

// CloudRow is the resources of one cloud.
type CloudRow struct {
	Cloud    posture.Cloud  `json:"cloud"`
	Total    int            `json:"total" doc:"resources"`
	States   map[string]int `json:"states" doc:"resources by their own state, notApplicable without a check; they add up"`
	Coverage *Coverage      `json:"coverage"`
}

// ChangeRow is a commit that changed what is seen.
type ChangeRow struct {
	Commit int64       `json:"commit"`
	Time   time.Time   `json:"time"`
	Kind   string      `json:"kind" doc:"import, judge, document"`
	Actor  string      `json:"actor" doc:"id of a principal, or system"`
	Object string      `json:"object,omitempty" doc:"the unit of an import; none where you do not see all of it"`
	Words  string      `json:"words,omitempty" doc:"for people; none where you do not see all of it"`
	Causes []UnitCause `json:"causes" doc:"what it did to the score of each unit that you see; the largest first, at most ten"`
	More   int         `json:"more,omitempty" doc:"causes that are left out"`
}

// UnitCause is what one thing did to the score of one unit.
type UnitCause struct {
	Scope  string  `json:"scope" doc:"id of the unit"`
	Kind   string  `json:"kind" doc:"estate, rules, exemption, attestation, coverage, scope, clock"`
	Object string  `json:"object" doc:"what it came from: a resource type, a recommendation, an exemption"`
	Points float64 `json:"unitPoints" doc:"percentage points of this unit's own score; what it is of the score of several units, which weighs them, score/history tells"`
}

type overviewInput struct {
	At    string   `query:"at" doc:"as of then: a day (its end, UTC) or an instant; now without it"`
	Scope []string `query:"scope,explode" doc:"ids of scopes; any of them" maxItems:"100"`
}

type overviewOutput struct{ Body Overview }

func (s *Server) registerOverview() {
	handle(s, route{method: http.MethodGet, path: "/api/v1/overview", id: "get-overview", summary: "Where one stands: score, coverage, what to fix first, compliance, resources by cloud, newest changes", need: seeing}, s.overview)
}

// how many rows of each kind an overview has.
const (
	fixesFirst     = 5
	lowestRates    = 5
	newestChanges  = 4
	causesOfChange = 10
)

func (s *Server) overview(ctx context.Context, c *caller, in *overviewInput) (*overviewOutput, error) {
	out := &overviewOutput{}
	var units map[string]bool
	err := s.see(ctx, c, in.At, func(v *view) error {
		if err := v.lacks(in.Scope); err != nil {
			return err
		}
		f := v.filter()
		f.Scopes = in.Scope
		checks, err := s.unitChecks(ctx, v)
		if err != nil {
			return err
		}
		counted := f
		counted.UnitChecks = checks
		selected := v.x.Select(counted)
		tally := selected.Tally()
		b := &out.Body
		if b.Coverage, _, err = s.covered(ctx, v, in.Scope, &tally); err != nil {
			return err
		}
		b.Resources, b.AsOf, b.Hidden = selected.Resources(), v.asOf(), v.hidden
		model := s.gains.of(v, f)
		found, _ := s.gains.scoreOf(v, f)
		b.Score.Slice = v.isSlice(in.Scope, selected)
		if found.HasScore {
			b.Score.Percent = &found.Percent
		}
		for _, u := range found.Units {
			if u.HasScore {
				b.Score.Units++
			}
		}
		if b.Score.Units == 1 && !b.Score.Slice {
			b.Score.Current, b.Score.Max = &found.Current, &found.Max
		}
		b.Severities = s.severities(v, &tally)
		b.FixFirst = s.fixFirst(v, &tally, model)
		if b.Score.Slice {
			for i := range b.FixFirst.Rows {
				b.FixFirst.Rows[i].Points = 0
			}
		}
		b.Clouds = cloudsOf(v.x, f, selected)
		units = v.wholeUnits(selected)
		b.Compliance, err = s.lowest(ctx, v, f)
		return err
	})
	if err == nil {
		out.Body.Changes, err = s.newest(ctx, ledger.Number(out.Body.AsOf.Commit), units)
	}
	return out, err
}

func (s *Server) severities(v *view, t *index.Tally) []SeverityCount {
	var all []SeverityCount
	at := map[posture.Severity]int{}
	for severity := posture.Critical; severity >= posture.Low; severity-- {
		at[severity] = len(all)
		all = append(all, SeverityCount{Severity: severity})
	}
	for n, rule := range v.x.Content().Rules {
		unhealthy := t.Rules[n][posture.Unhealthy]
		if unhealthy == 0 {
			continue
		}
		i, ok := at[rule.Severity]
		if !ok { // not rated
			i = len(all)
			at[rule.Severity] = i
			all = append(all, SeverityCount{Severity: rule.Severity})
		}
		all[i].Checks += unhealthy
		all[i].Recommendations++
	}
	return all
}

func (s *Server) fixFirst(v *view, t *index.Tally, m *gainModel) FixFirst {
	first := FixFirst{Rows: []FixRow{}}
	numbers := map[string]int{}
	for n, rule := range v.x.Content().Rules {
		if t.Rules[n][posture.Unhealthy] == 0 {
			continue
		}
		if gain := m.gain(n); gain > 0 {
			first.Rows = append(first.Rows, FixRow{RecommendationRow: s.recommendationRow(v, rule, t.Rules[n], t.Mitigated[n], gain)})
			numbers[rule.ID] = n
		}
	}
	slices.SortFunc(first.Rows, func(a, b FixRow) int {
		return compareRecommendations([]index.Order{worthMost}, &a.RecommendationRow, &b.RecommendationRow)
	})
	first.Rows = first.Rows[:min(fixesFirst, len(first.Rows))]
	var together []int
	for i := range first.Rows {
		row := &first.Rows[i]
		together = append(together, numbers[row.rule])
		row.Points, row.Resources = m.model.Gain(numbers[row.rule]).Points, row.Unhealthy // a resource has one check of a rule
	}
	first.Together = m.model.Together(together).Percent
	if now := m.model.Score(); now.HasScore {
		after := now.Percent + first.Together
		first.Percent = &after
	}
	return first
}

// lowest gives the standards that are told of what a filter leaves, by rate; those
// without one are last.
func (s *Server) lowest(ctx context.Context, v *view, f index.Filter) ([]StandardRow, error) {
	all, err := s.outcomes(ctx, v, f)
	if err != nil {
		return nil, err
	}
	var found []compliance.Result
	for _, o := range all {
		if o.met {
			found = append(found, o.result)
		}
	}
	slices.SortStableFunc(found, func(a, b compliance.Result) int {
		if a.HasRate != b.HasRate {
			return map[bool]int{true: -1, false: 1}[a.HasRate]
		}
		return cmp.Compare(a.Rate, b.Rate)
	})
	rows := []StandardRow{}
	for _, result := range found[:min(lowestRates, len(found))] {
		rows = append(rows, standardRow(result))
	}
	return rows, nil
}

func cloudsOf(x *index.Index, f index.Filter, selected *index.Selection) []CloudRow {
	rows := []CloudRow{}
	for _, cloud := range selected.Clouds() {
		f.Clouds = index.Any(cloud)
		own := x.Select(f)
		tally := own.Tally()
		row := CloudRow{Cloud: cloud, Total: own.Resources(), States: map[string]int{}, Coverage: coverageOf(&tally)}
		for state, count := range own.ByState() {
			if count > 0 {
				row.States[posture.State(state).String()] = count
			}
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b CloudRow) int { return cmp.Or(cmp.Compare(b.Total, a.Total), cmp.Compare(a.Cloud, b.Cloud)) })
	return rows
}

// wholeUnits lists, folded, the units of a selection that who asks sees all of;
// commits tell of units.
func (v *view) wholeUnits(selected *index.Selection) map[string]bool {
	sees := v.seeing()
	units := map[string]bool{}
	for _, u := range selected.UnitIDs() {
		if sees(u) {
			units[posture.Fold(u)] = true
		}
	}
	return units
}

// commitsAtOnce is how many commits are looked at for some that count; most is after
// how many one stops.
const (
	commitsAtOnce = 200
	mostCommits   = 2000
)

// newest gives the last commits up to one that changed something in some units,
// given folded.
func (s *Server) newest(ctx context.Context, to ledger.Number, units map[string]bool) ([]ChangeRow, error) {
	rows := []ChangeRow{}
	oldest, err := s.Store.Oldest(ctx)
	if err != nil {
		return nil, err
	}
	for end := to; end > oldest && end > to-mostCommits; end -= commitsAtOnce {
		begin := max(end-commitsAtOnce, oldest)
		commits, err := s.Store.Commits(ctx, begin, end)
		if err != nil {
			return nil, err
		}
		effects, err := s.Store.Effects(ctx, begin, end)
		if err != nil {
			return nil, err
		}
		byCommit := map[ledger.Number][]ledger.Effect{}
		for _, e := range effects {
			byCommit[e.Commit] = append(byCommit[e.Commit], e)
		}
		for _, commit := range slices.Backward(commits) {
			row, ok := changeRow(&commit, byCommit[commit.Number], units)
			if ok {
				rows = append(rows, row)
			}
			if len(rows) == newestChanges {
				return rows, nil
			}
		}
	}
	return rows, nil
}

// changeRow tells of a commit what concerns some units, and whether anything does.
func changeRow(c *ledger.Commit, effects []ledger.Effect, units map[string]bool) (row ChangeRow, concerns bool) {
	row = ChangeRow{Commit: int64(c.Number), Time: c.At, Kind: c.Kind.String(), Actor: c.Actor, Causes: []UnitCause{}}
	all := true
	for _, e := range effects {
		if e.Points == 0 { // of a weight alone
			continue
		}
		if units[posture.Fold(e.Unit)] {
			row.Causes = append(row.Causes, UnitCause{e.Unit, e.Cause.String(), e.Object, rounded(e.Points)})
		} else {
			all = false
		}
	}
	own := c.Kind == ledger.Import && units[posture.Fold(c.Object)]
	if own || all && len(row.Causes) > 0 && c.Kind != ledger.Import {
		row.Object, row.Words = c.Object, c.Words
	}
	row.Causes, row.More = largest(row.Causes, causesOfChange)
	return row, own || len(row.Causes) > 0
}

// largest keeps the causes that did most, and counts the others.
func largest(causes []UnitCause, most int) ([]UnitCause, int) {
	size := func(c UnitCause) float64 { return max(c.Points, -c.Points) }
	slices.SortStableFunc(causes, func(a, b UnitCause) int { return cmp.Compare(size(b), size(a)) })
	more := max(len(causes)-most, 0)
	return causes[:len(causes)-more], more
}
