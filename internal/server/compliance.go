package server

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// StandardRow is a standard's outcome.
type StandardRow struct {
	ID       string   `json:"id"`
	Document string   `json:"document,omitempty" doc:"id of the standard or initiative that is kept, which tells it from others that are called so; none of a built-in standard"`
	Title    string   `json:"title"`
	Rate     *float64 `json:"rate" doc:"passed ÷ (passed + failed) controls, 0 to 1; null for none of both"`
	ControlCounts
}

// ControlCounts counts controls by state.
type ControlCounts struct {
	Passed        int `json:"passed" doc:"controls"`
	Failed        int `json:"failed" doc:"controls"`
	Unknown       int `json:"unknown" doc:"controls"`
	Manual        int `json:"manual" doc:"controls"`
	NotApplicable int `json:"notApplicable" doc:"controls"`
	NotCovered    int `json:"notCovered" doc:"controls"`
	Exempt        int `json:"exempt" doc:"controls, of all of them, with an exempt check"`
	Mitigated     int `json:"mitigated" doc:"of these, controls with a mitigated one"`
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
	Mitigated int              `json:"mitigated" doc:"of the exempt checks"`
	// What names the type and does not apply to the resource.
	NotApplicable int               `json:"notApplicable" doc:"checks"`
	RollUp        string            `json:"rollUp" doc:"what the state comes from: checks, controls, manual mark or nothing"`
	Beneath       *ControlCounts    `json:"beneath,omitempty" doc:"of a group: the controls at any depth"`
	Rules         []string          `json:"recommendations,omitempty" doc:"that give evidence for it"`
	NotEvaluated  []UnevaluatedRule `json:"notEvaluated,omitempty" doc:"what should give evidence for it, and cannot be evaluated although there is something that it is about: such a control is Unknown unless it failed"`
}

// UnevaluatedRule is a policy that could not be evaluated.
type UnevaluatedRule struct {
	Policy string `json:"policy" doc:"id of its definition"`
	Why    string `json:"why" doc:"what it lacks"`
}

type complianceInput struct {
	ScoreInput
	All bool `query:"all" doc:"also the standards that are assigned and have no resource there, such as by notScopes: they are Not applicable; there is no KQL for it"`
}

type complianceOutput struct {
	Body struct {
		Rows     []StandardRow `json:"rows"`
		Total    int           `json:"total"`
		Unit     string        `json:"unit"`
		Coverage *Coverage     `json:"coverage"`
		AsOf     AsOf          `json:"asOf"`
		Hidden   int           `json:"hidden"`
		Query    string        `json:"query" doc:"empty for none: KQL that gives these rows, with scopes and at as parameters of its call"`
	}
}

type standardInput struct {
	Standard string `path:"standard" doc:"id, or what is told as document"`
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
	handle(s, route{method: http.MethodGet, path: "/api/v1/compliance", id: "list-compliance", summary: "Compliance with the standards that are told: by default, and those that are assigned", need: seeing}, s.compliance)
	handle(s, route{method: http.MethodGet, path: "/api/v1/compliance/{standard}", id: "get-compliance", summary: "Compliance with one standard, control by control", need: seeing}, s.standard)
	handle(s, route{method: http.MethodGet, path: "/api/v1/compliance/{standard}/history", id: "get-compliance-history", summary: "Compliance with one standard over time, with the causes of every change", need: seeing}, s.complianceHistory)
}

func (s *Server) compliance(ctx context.Context, c *caller, in *complianceInput) (*complianceOutput, error) {
	out := &complianceOutput{}
	return out, s.see(ctx, c, in.At, func(v *view) error {
		list, err := s.complianceOf(ctx, v, in)
		b := &out.Body
		b.Rows, b.Total, b.Unit, b.Coverage, b.AsOf, b.Hidden, b.Query = list.Rows, list.Total, list.Unit, list.Coverage, list.AsOf, list.Hidden, list.Query
		return err
	})
}

func (s *Server) complianceOf(ctx context.Context, v *view, in *complianceInput) (List[StandardRow], error) {
	list := List[StandardRow]{Rows: []StandardRow{}, Unit: "standards", AsOf: v.asOf(), Hidden: v.hidden}
	if err := v.lacks(in.Scope); err != nil {
		return list, err
	}
	f := v.filter()
	f.Scopes = in.Scope
	all, err := s.outcomes(ctx, v, f)
	if err != nil {
		return list, err
	}
	if f.UnitChecks, err = s.unitChecks(ctx, v); err != nil {
		return list, err
	}
	tally := v.x.Select(f).Tally()
	list.Coverage = coverageOf(&tally)
	var told []string
	for _, o := range all {
		if o.met || in.All && o.told.parts != nil {
			list.Rows, told = append(list.Rows, o.told.row(o.result)), append(told, o.told.standard.ID)
		}
	}
	list.Total = len(list.Rows)
	if slices.Sort(told); len(slices.Compact(told)) == list.Total && !in.All { // two of one name are one in a table
		list.Query = complianceQuery(told)
	}
	return list, nil
}

// outcome is what a standard comes to over some resources.
type outcome struct {
	told   *toldStandard
	result compliance.Result
	met    bool // one of the resources is of a cloud that it is about
}

// outcomes gives what the standards that are told without being named come to over
// what a filter leaves.
func (s *Server) outcomes(ctx context.Context, v *view, f index.Filter) ([]outcome, error) {
	of := s.sight(v)
	told, err := s.toldStandards(ctx, of)
	if err != nil {
		return nil, err
	}
	people, err := s.saidAt(ctx, of)
	if err != nil {
		return nil, err
	}
	everywhere := v.x.Select(f)
	tally := everywhere.Tally()
	var all []outcome
	for _, t := range told {
		if !t.asked {
			continue
		}
		selected, tally := everywhere, tally
		if t.parts != nil {
			f.Parts = t.parts
			selected = v.x.Select(f)
			tally = selected.Tally()
		}
		met := selected.Clouds()
		all = append(all, outcome{
			told: t, result: rollUp(of.rules, t, selected, &tally, people),
			met: slices.ContainsFunc(t.standard.Clouds, func(c posture.Cloud) bool { return slices.Contains(met, c) }),
		})
	}
	return all, nil
}

// toldStandard is a standard whose compliance can be told.
type toldStandard struct {
	id       string // of the document, or of the built-in standard
	scope    string // where it is kept
	standard *catalog.Standard
	parts    []index.Part // where it is assigned; nil for everywhere
	asked    bool         // it is told without being named
	// evidence are the rules of each control: numbers among those of the index.
	evidence map[string][]int
	apart    []estate.Apart
	own      estate.OwnReferences // of an initiative
	gaps     []estate.Gap
}

// toldStandards lists the standards that there are: those that are told of all
// resources, or of those that they are assigned to.
func (s *Server) toldStandards(ctx context.Context, of *sight) ([]*toldStandard, error) {
	book, err := s.standardBook(ctx, of.commit, of.rules)
	if err != nil {
		return nil, err
	}
	return book.told(of), nil
}

// told are those of the book for who sees what.
func (book *standardBook) told(of *sight) (all []*toldStandard) {
	mine := map[*toldStandard]*toldStandard{} // by that of the book, which is everybody's
	tell := func(t *toldStandard) *toldStandard {
		if mine[t] == nil {
			own := *t
			mine[t], all = &own, append(all, &own)
		}
		return mine[t]
	}
	for _, t := range book.builtIn {
		tell(t)
	}
	for _, k := range book.kept {
		if of.sees(k.scope) {
			tell(k)
		}
	}
	for _, a := range book.assigned {
		if of.touches(a.by.Scope) { // it may be kept above what is seen
			t := tell(a.toldStandard)
			t.parts, t.asked = append(t.parts, estate.PartOf(a.by.Assignment)), true
		}
	}
	for _, t := range all { // one of your own is about what lies where it is kept
		if t.document() != "" && !t.asked && t.scope != access.Top {
			t.parts = []index.Part{{Scope: t.scope}}
		}
	}
	return all
}

// rules are the numbers of those that give evidence for a control somewhere.
func (t *toldStandard) rules(control string) []int {
	all := slices.Clone(t.evidence[control])
	for _, of := range t.apart {
		all = append(all, of.Evidence[control]...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func standardRow(r compliance.Result) StandardRow {
	row := StandardRow{ID: r.Standard, Title: r.Title, ControlCounts: ControlCounts(r.Controls)}
	if r.HasRate {
		row.Rate = &r.Rate
	}
	return row
}

func (t *toldStandard) row(r compliance.Result) StandardRow {
	row := standardRow(r)
	row.Document = t.document()
	return row
}

func controlRow(n *compliance.NodeResult) ControlRow {
	row := ControlRow{
		ID: n.ID, Title: n.Title, Parent: n.Parent, Group: n.Group, State: n.State, RollUp: n.RollUp.String(),
		Healthy: n.Tally.Healthy, Unhealthy: n.Tally.Unhealthy, Unknown: n.Tally.Unknown, Manual: n.Tally.Manual,
		Exempt: n.Tally.Exempt, Mitigated: n.Tally.Mitigated, NotApplicable: n.Tally.NotApplicable,
	}
	if n.Group {
		beneath := ControlCounts(n.Beneath)
		row.Beneath = &beneath
	}
	for _, rule := range n.Rules {
		row.Rules = append(row.Rules, rule.ID)
	}
	for _, u := range n.Unevaluated {
		row.NotEvaluated = append(row.NotEvaluated, UnevaluatedRule{u.Rule, u.Why})
	}
	return row
}

// rollUp gives a standard's outcome over a selection. A control that is marked
// manual has a check of its own in each unit.
func rollUp(rules []index.Rule, told *toldStandard, selected *index.Selection, t *index.Tally, people *said) compliance.Result {
	units := selected.WholeUnitsOf(told.standard.Clouds)
	counted := []estate.Counted{{Evidence: told.evidence, Tally: t, Own: told.own}}
	for _, of := range told.apart {
		there := selected.In(of.Parts).Tally()
		counted = append(counted, estate.Counted{Evidence: of.Evidence, Tally: &there, Own: told.own})
	}
	return estate.RollUp(told.standard, rules, counted, estate.OpenGapsIn(told.gaps, selected), func(control string) compliance.Tally {
		return estate.ManualTally(units, func(unit string) (index.Verdict, bool) { return people.Verdict(control, unit) })
	})
}

func noStandard(name string) error { return huma.Error404NotFound("there is no standard " + name) }

func (s *Server) standard(ctx context.Context, c *caller, in *standardInput) (*standardOutput, error) {
	out := &standardOutput{}
	return out, s.see(ctx, c, in.At, func(v *view) error {
		if err := v.lacks(in.Scope); err != nil {
			return err
		}
		of := s.sight(v)
		told, err := s.toldStandards(ctx, of)
		if err != nil {
			return err
		}
		people, err := s.saidAt(ctx, of)
		if err != nil {
			return err
		}
		t, err := named(told, in.Standard, in.Scope, of.scopes)
		if err != nil {
			return err
		}
		if t == nil {
			return noStandard(in.Standard)
		}
		f := v.filter()
		f.Scopes, f.Parts = in.Scope, t.parts
		selected := v.x.Select(f)
		tally := selected.Tally()
		result := rollUp(of.rules, t, selected, &tally, people)
		b := &out.Body
		b.StandardRow, b.Controls, b.AsOf, b.Hidden = t.row(result), []ControlRow{}, v.asOf(), v.hidden
		for _, n := range result.Nodes {
			b.Controls = append(b.Controls, controlRow(&n))
		}
		return nil
	})
}
