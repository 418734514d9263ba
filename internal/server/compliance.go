package server

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// StandardRow is a standard's outcome.
type StandardRow struct {
	ID            string   `json:"id"`
	Title         string   `json:"title"`
	Rate          *float64 `json:"rate" doc:"passed ÷ (passed + failed) controls, 0 to 1; null for none of both"`
	Passed        int      `json:"passed" doc:"controls"`
	Failed        int      `json:"failed" doc:"controls"`
	Unknown       int      `json:"unknown" doc:"controls"`
	Manual        int      `json:"manual" doc:"controls"`
	NotApplicable int      `json:"notApplicable" doc:"controls"`
	NotCovered    int      `json:"notCovered" doc:"controls"`
}

// ControlRow is a node of a standard.
type ControlRow struct {
	ID        string           `json:"id"`
	Title     string           `json:"title"`
	Parent    string           `json:"parent,omitempty"`
	Group     bool             `json:"group,omitempty"`
	State     compliance.State `json:"state"`
	Healthy   int              `json:"healthy" doc:"checks"`
	Unhealthy int              `json:"unhealthy" doc:"checks"`
	Unknown   int              `json:"unknown" doc:"checks"`
	Manual    int              `json:"manual" doc:"checks"`
	Exempt    int              `json:"exempt" doc:"checks"`
	Rules     []string         `json:"recommendations,omitempty" doc:"that give evidence for it"`
}

type complianceOutput struct {
	Body struct {
		Rows     []StandardRow `json:"rows"`
		Total    int           `json:"total"`
		Unit     string        `json:"unit"`
		Coverage *Coverage     `json:"coverage"`
		AsOf     AsOf          `json:"asOf"`
		Hidden   int           `json:"hidden"`
		Query    string        `json:"query" doc:"KQL that gives these rows, with scopes and at as parameters of its call"`
	}
}

type standardInput struct {
	Standard string `path:"standard"`
	ScoreInput
}

type standardOutput struct {
	Body struct {
		StandardRow
		Controls []ControlRow `json:"controls" doc:"parents before children"`
		AsOf     AsOf         `json:"asOf"`
		Hidden   int          `json:"hidden"`
	}
}

func (s *Server) registerCompliance() {
	handle(s, route{method: http.MethodGet, path: "/api/v1/compliance", id: "list-compliance", summary: "Compliance with every standard whose clouds are met", need: seeing}, s.compliance)
	handle(s, route{method: http.MethodGet, path: "/api/v1/compliance/{standard}", id: "get-compliance", summary: "Compliance with one standard, control by control", need: seeing}, s.standard)
}

func (s *Server) compliance(ctx context.Context, c *caller, in *ScoreInput) (*complianceOutput, error) {
	out := &complianceOutput{}
	return out, s.see(ctx, c, in.At, func(v *view) error {
		list, err := s.complianceOf(v, in)
		b := &out.Body
		b.Rows, b.Total, b.Unit, b.Coverage, b.AsOf, b.Hidden = list.Rows, list.Total, list.Unit, list.Coverage, list.AsOf, list.Hidden
		b.Query = complianceQuery
		return err
	})
}

func (s *Server) complianceOf(v *view, in *ScoreInput) (List[StandardRow], error) {
	list := List[StandardRow]{Rows: []StandardRow{}, Unit: "standards", AsOf: v.asOf(), Hidden: v.hidden}
	standards, err := s.Catalog.Standards()
	if err != nil {
		return list, err
	}
	f := v.filter()
	f.Scopes = in.Scope
	selected := v.x.Select(f)
	tally := selected.Tally()
	list.Coverage = coverageOf(&tally)
	met := selected.Clouds()
	for _, standard := range standards {
		if slices.ContainsFunc(standard.Clouds, func(c posture.Cloud) bool { return slices.Contains(met, c) }) {
			list.Rows = append(list.Rows, standardRow(s.rollUp(standard, selected, &tally)))
		}
	}
	list.Total = len(list.Rows)
	return list, nil
}

func standardRow(r compliance.Result) StandardRow {
	row := StandardRow{
		ID: r.Standard, Title: r.Title, Passed: r.Passed, Failed: r.Failed, Unknown: r.Unknown, Manual: r.Manual, NotApplicable: r.NotApplicable, NotCovered: r.NotCovered,
	}
	if r.HasRate {
		row.Rate = &r.Rate
	}
	return row
}

// rollUp gives a standard's outcome over a selection.
func (s *Server) rollUp(standard *catalog.Standard, selected *index.Selection, t *index.Tally) compliance.Result {
	return s.evidence.RollUp(standard, t, len(selected.UnitsOf(standard.Clouds)))
}

func (s *Server) standard(ctx context.Context, c *caller, in *standardInput) (*standardOutput, error) {
	standards, err := s.Catalog.Standards()
	if err != nil {
		return nil, err
	}
	standard := catalog.StandardNamed(standards, in.Standard)
	if standard == nil {
		return nil, huma.Error404NotFound("there is no standard " + in.Standard)
	}
	out := &standardOutput{}
	return out, s.see(ctx, c, in.At, func(v *view) error {
		f := v.filter()
		f.Scopes = in.Scope
		selected := v.x.Select(f)
		tally := selected.Tally()
		result := s.rollUp(standard, selected, &tally)
		b := &out.Body
		b.StandardRow, b.Controls, b.AsOf, b.Hidden = standardRow(result), []ControlRow{}, v.asOf(), v.hidden
		for _, n := range result.Nodes {
			row := ControlRow{
				ID: n.ID, Title: n.Title, Parent: n.Parent, Group: n.Group, State: n.State, Healthy: n.Tally.Healthy, Unhealthy: n.Tally.Unhealthy,
				Unknown: n.Tally.Unknown, Manual: n.Tally.Manual, Exempt: n.Tally.Exempt,
			}
			for _, rule := range n.Rules {
				row.Rules = append(row.Rules, rule.ID)
			}
			b.Controls = append(b.Controls, row)
		}
		return nil
	})
}
