package server

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// RecommendationRow is a recommendation and its checks in numbers.
type RecommendationRow struct {
	ID            string           `json:"id" doc:"of a recommendation, or of a policy's definition"`
	Policy        bool             `json:"policy,omitempty" doc:"it is a policy that is assigned"`
	Parameters    string           `json:"parametersHash,omitempty" doc:"as checks have it"`
	Title         string           `json:"title"`
	Severity      posture.Severity `json:"severity"`
	Cloud         posture.Cloud    `json:"cloud"`
	Control       string           `json:"control,omitempty" doc:"id of the secure-score control; none without one"`
	Preview       bool             `json:"preview,omitempty" doc:"it does not count in the score yet"`
	Unhealthy     int              `json:"unhealthy" doc:"checks"`
	Unknown       int              `json:"unknown" doc:"checks"`
	Healthy       int              `json:"healthy" doc:"checks"`
	Manual        int              `json:"manual" doc:"checks"`
	Exempt        int              `json:"exempt" doc:"checks"`
	Mitigated     int              `json:"mitigated" doc:"of the exempt checks"`
	NotApplicable int              `json:"notApplicable" doc:"checks"`
	Gain          float64          `json:"gain" doc:"percentage points of the secure score if all its unhealthy checks were healthy"`
	rule          string           // id among those of an index
	InGroup
}

type recommendationsInput struct {
	Where
	Paging
	Grouping
	All bool `query:"all" doc:"also what judges and has no check there, which of the conditions on resources only cloud leaves out, and one on states or reasons; there is no KQL for it"`
}

type recommendationsOutput = Listed[RecommendationRow]

var recommendationColumns = []index.Column{"gain", "severity", "title", "id", "unhealthy", "unknown"}

// worthMost is the usual order: by gain, then severity, then id.
var worthMost = index.Order{By: "gain", Desc: true}

func (s *Server) registerRecommendations() {
	handle(s, route{method: http.MethodGet, path: "/api/v1/recommendations", id: "list-recommendations", summary: "List recommendations with their checks in numbers", need: seeing}, s.recommendations)
}

func (s *Server) recommendations(ctx context.Context, c *caller, in *recommendationsInput) (*recommendationsOutput, error) {
	out := &recommendationsOutput{}
	return out, s.see(ctx, c, in.At, func(v *view) (err error) {
		out.Body, err = s.recommendationsOf(ctx, v, in)
		return err
	})
}

func (s *Server) recommendationsOf(ctx context.Context, v *view, in *recommendationsInput) (List[RecommendationRow], error) {
	var list List[RecommendationRow]
	var p problems
	f := in.filter(v, &p)
	if err := s.narrow(ctx, v, &in.Where, &f, &p); err != nil {
		return list, err
	}
	group, err := s.grouping(ctx, v, &in.Where, &in.Grouping, &f, &p)
	if err != nil {
		return list, err
	}
	if group != nil && in.All {
		p.add("all", "want it without group: what has no check is in none", in.All)
	}
	o := in.orders(&p, recommendationColumns, worthMost)
	facets := in.facets(&p, v, f, index.Rules)
	if group == nil {
		if err := p.err(); err != nil {
			return list, err
		}
	}
	selected := v.x.Select(f)
	tally := selected.Tally()
	list = List[RecommendationRow]{
		Unit: "recommendations", Facets: facets, Coverage: coverageOf(&tally), AsOf: v.asOf(), Hidden: v.hidden, Query: recommendationsQuery(&f, o),
	}
	if group != nil {
		group.all = selected.Groups(index.Rules, &group.by)
		gains := s.gains.inGroup(v, f, &group.by)
		list.Total = len(slices.DeleteFunc(slices.Clone(tally.Rules), func(c index.Counts) bool { return c.Total() == 0 }))
		list.Rows, list.Cursor = in.openGroups(&p, group, o, func(g *index.Group) []RecommendationRow {
			of := selected.Group(f, &group.by, g.Value).Tally()
			return s.recommendationRows(v, &of, gains(g), noRule, o)
		})
		if err := p.err(); err != nil {
			return list, err
		}
		list.Groups = s.groupRows(v, group, func(g *index.Group) (all float64) {
			gain := gains(g)
			for _, rule := range g.Rules {
				all += gain(rule)
			}
			return all
		})
		return list, nil
	}
	idle := noRule
	if in.All {
		if idle, err = s.judging(ctx, v, &f); err != nil {
			return list, err
		}
	}
	rows := s.recommendationRows(v, &tally, s.gains.of(v, f).gain, idle, o)
	begin, err := in.begin(rows)
	if err != nil {
		return list, err
	}
	end := min(begin+in.Limit, len(rows))
	list.Rows, list.Total = rows[begin:end:end], len(rows)
	if in.All {
		list.Query = ""
	}
	if end < len(rows) {
		list.Cursor = base64.RawURLEncoding.EncodeToString([]byte(rows[end-1].rule))
	}
	return list, nil
}

// recommendationRows are those that have checks or are idle, in an order.
func (s *Server) recommendationRows(v *view, t *index.Tally, gain func(rule int) float64, idle func(*index.Rule) bool, o []index.Order) []RecommendationRow {
	rows := []RecommendationRow{}
	for n, rule := range v.x.Content().Rules {
		switch {
		case t.Rules[n].Total() > 0:
			rows = append(rows, s.recommendationRow(v, rule, t.Rules[n], t.Mitigated[n], gain(n)))
		case idle(&rule):
			rows = append(rows, s.recommendationRow(v, rule, t.Rules[n], 0, 0))
		}
	}
	slices.SortFunc(rows, func(a, b RecommendationRow) int { return compareRecommendations(o, &a, &b) })
	return rows
}

// lostRow says of a cursor what is wrong with it.
const lostRow = "want that of a page of this list; the row that it named is no longer in it"

func noRule(*index.Rule) bool { return false }

// judging gives what tells whether a rule that has no check judges what is seen: a
// recommendation does, and a policy that is assigned there.
func (s *Server) judging(ctx context.Context, v *view, f *index.Filter) (func(*index.Rule) bool, error) {
	references, err := s.policyReferences(ctx, v)
	if err != nil {
		return nil, err
	}
	of := s.sight(v)
	return func(r *index.Rule) bool {
		var cloud posture.Cloud
		if known := s.content[r.ID]; known != nil {
			cloud = known.Cloud
		}
		return f.AllowsWithout(r, cloud) && (r.Policy == "" || slices.ContainsFunc(references[r.ID], func(ref policyReference) bool {
			return of.touches(ref.of.Assignment.Scope)
		}))
	}, nil
}

// begin finds the row with which a page begins: the one behind that of the
// cursor. Rows are few, so that the whole list is there.
func (in *recommendationsInput) begin(rows []RecommendationRow) (int, error) {
	if in.Cursor == "" {
		return min(int(in.Seek*float64(len(rows))), max(len(rows)-1, 0)), nil
	}
	var p problems
	id, err := base64.RawURLEncoding.DecodeString(in.Cursor)
	at := slices.IndexFunc(rows, func(r RecommendationRow) bool { return r.rule == string(id) })
	if err != nil || at < 0 {
		p.add("cursor", lostRow, in.Cursor)
		return 0, p.err()
	}
	return at + 1, nil
}

// compareRecommendations orders rows by columns, and what is equal in all by id.
func compareRecommendations(by []index.Order, a, b *RecommendationRow) int {
	for _, o := range by {
		at := compareBy(o.By, a, b)
		if o.Desc {
			at = -at
		}
		if at != 0 {
			return at
		}
	}
	if by[0].By == "gain" {
		return cmp.Or(compareBy("severity", a, b), cmp.Compare(a.rule, b.rule))
	}
	return cmp.Compare(a.rule, b.rule)
}

// compareBy compares in one column: numbers ascend, and severities from critical on.
func compareBy(column index.Column, a, b *RecommendationRow) int {
	switch column {
	case "gain":
		return cmp.Compare(a.Gain, b.Gain)
	case "severity":
		return cmp.Compare(b.Severity, a.Severity)
	case "title":
		return cmp.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title))
	case "unhealthy":
		return cmp.Compare(a.Unhealthy, b.Unhealthy)
	case "unknown":
		return cmp.Compare(a.Unknown, b.Unknown)
	}
	return cmp.Compare(a.rule, b.rule)
}

func (s *Server) recommendationRow(v *view, rule index.Rule, c index.Counts, mitigated int, gain float64) RecommendationRow {
	row := RecommendationRow{
		ID: rule.ID, rule: rule.ID, Unhealthy: c[posture.Unhealthy], Unknown: c[posture.Unknown], Healthy: c[posture.Healthy], Manual: c[posture.Manual],
		Exempt: c[posture.Exempt], Mitigated: mitigated, NotApplicable: c[posture.NotApplicable], Gain: gain,
	}
	ref := s.ruleRef(v.x, rule.ID)
	row.ID, row.Policy, row.Parameters, row.Title = cmp.Or(ref.Policy, rule.ID), ref.Policy != "", ref.ParametersHash, ref.Title
	row.Severity, row.Control = rule.Severity, rule.Control // as of then
	if r := s.content[rule.ID]; r != nil {
		row.Cloud, row.Preview = r.Cloud, r.Preview
	}
	return row
}

// gainCache keeps what mending a rule would gain, which is asked for again and
// again and costs a walk over all units.
type gainCache struct {
	mu     sync.Mutex
	commit ledger.Number
	models map[string]*gainModel
}

type gainModel struct {
	once   sync.Once
	model  *score.Model
	alone  sync.Once
	score  score.Score
	units  []UnitScore
	mu     sync.Mutex
	gains  map[int]float64
	groups map[index.Facet]map[string]map[int]float64 // see inGroups
}

// of gives the score of the resources that a filter leaves, ready for questions.
func (g *gainCache) of(v *view, f index.Filter) *gainModel {
	m := g.kept(v, f)
	m.once.Do(func() { m.model = v.x.Select(f).ScoreModel() })
	return m
}

// scoreOf gives the score of the resources that a filter leaves, with the rows of its
// units, none of which is to be changed. Questions take more to be made ready for.
func (g *gainCache) scoreOf(v *view, f index.Filter) (score.Score, []UnitScore) {
	m := g.kept(v, f)
	m.alone.Do(func() {
		m.score = v.x.Select(f).Score()
		m.units = make([]UnitScore, len(m.score.Units))
		for i, u := range m.score.Units {
			m.units[i] = unitScore(u, true)
		}
	})
	return m.score, m.units
}

// kept is what is kept of the resources that a filter leaves.
func (g *gainCache) kept(v *view, f index.Filter) *gainModel {
	f.Checks, f.UnitChecks = index.CheckFilter{}, nil
	key := fmt.Sprintf("%s %d %#v", v.at, v.commit, f) // which tells none from no condition
	g.mu.Lock()
	if g.models == nil || v.at.IsZero() && g.commit != v.commit {
		g.models, g.commit = map[string]*gainModel{}, v.commit
	}
	m := g.models[key]
	if m == nil {
		if len(g.models) > 50 {
			clear(g.models)
		}
		m = &gainModel{gains: map[int]float64{}, groups: map[index.Facet]map[string]map[int]float64{}}
		g.models[key] = m
	}
	g.mu.Unlock()
	return m
}

// gain is what mending a rule would add, in percentage points.
func (m *gainModel) gain(rule int) float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	gain, ok := m.gains[rule]
	if !ok {
		gain = m.model.Gain(rule).Percent
		m.gains[rule] = gain
	}
	return gain
}
