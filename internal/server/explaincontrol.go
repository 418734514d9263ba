package server

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/report"
)

// explainControl explains the check that a manual control, STANDARD:CONTROL, has in a
// unit; false where the name is none of a standard.
func (s *Server) explainControl(ctx context.Context, v *view, unit, name string, out *explainOutput) (bool, error) {
	at := strings.LastIndexByte(name, ':')
	if at < 0 {
		return false, nil
	}
	of := s.sight(v)
	told, err := s.toldStandards(ctx, of)
	if err != nil {
		return false, err
	}
	t, err := named(told, name[:at], []string{unit}, of.scopes)
	if t == nil {
		return err != nil, err
	}
	n := slices.IndexFunc(t.standard.Nodes, func(n catalog.Node) bool { return strings.EqualFold(n.ID, name[at+1:]) })
	if n < 0 {
		return false, nil
	}
	node := &t.standard.Nodes[n]
	if !node.Manual {
		return true, s.judgedBy(v, t, node)
	}
	f := v.filter()
	f.Parts = t.parts
	units := v.x.Select(f).WholeUnitsOf(t.standard.Clouds)
	n = slices.IndexFunc(units, func(id string) bool { return posture.Fold(id) == posture.Fold(unit) })
	if n < 0 {
		return true, noUnit(unit, name, units)
	}
	people, err := s.saidAt(ctx, of)
	if err != nil {
		return true, err
	}
	verdict, there := people.Verdict(t.standard.ID+":"+node.ID, units[n])
	if !there {
		return true, huma.Error404NotFound("the recommendation " + name + " is disabled at " + units[n])
	}
	layers := &layers{server: s, view: v, people: people}
	check, err := layers.check(ctx, &index.Row{Unit: units[n], Rule: t.standard.ID + ":" + node.ID, Verdict: verdict})
	if err != nil {
		return true, err
	}
	e := &report.ExplainedControl{
		Standard: t.standard.ID, StandardTitle: t.standard.Title, ID: node.ID, Title: node.Title, Check: unitCheck(t.standard.ID+":"+node.ID, units[n], &check), Kept: true,
	}
	out.Body.Text = strings.TrimRight(e.Text(), "\n")
	out.Body.AsOf = v.asOf()
	out.Body.Explanation, err = json.Marshal(e)
	return true, err
}

// unitCheck is the check of a manual control as an assessment tells it.
func unitCheck(control, unit string, shown *Check) posture.Check {
	check := posture.Check{
		Rule: control, Recommendation: true, Resource: unit, Type: assess.ManualType, Name: unit, Cloud: posture.CloudOfUnit(unit), Unit: unit, Scope: unit,
		State: shown.State, Judged: shown.Judged,
	}
	shown.lay(&check)
	return check
}

// judgedBy says what there is to explain in the place of a control that no person
// attests.
func (s *Server) judgedBy(v *view, t *toldStandard, node *catalog.Node) error {
	id := t.standard.ID + ":" + node.ID
	if rules := t.rules(node.ID); len(rules) > 0 {
		ids := make([]string, len(rules))
		for i, n := range rules {
			name := nameOf(v.x.Content().Rules[n].ID)
			if ids[i] = name.Recommendation; name.Policy != "" {
				ids[i] = name.Policy
			}
		}
		return huma.Error404NotFound(id + " is judged by recommendations or policies; explain one of them: " + strings.Join(ids, ", "))
	}
	if n := slices.IndexFunc(t.standard.Nodes, func(child catalog.Node) bool { return child.Parent == node.ID }); n >= 0 {
		return huma.Error404NotFound(id + " is no recommendation but a group of controls; explain one of them, such as " + t.standard.ID + ":" + t.standard.Nodes[n].ID)
	}
	for _, g := range t.gaps {
		if slices.Contains(g.Controls, node.ID) && s.sight(v).touches(g.Of.Assignment.Scope) {
			return huma.Error404NotFound(id + " has no checks to explain: " + g.Of.Rule + " is not evaluated: " + g.Of.Why)
		}
	}
	return huma.Error404NotFound(id + " is not covered: no recommendation gives evidence for it, and it takes no attestation")
}

func noUnit(unit, control string, units []string) error {
	text := "there is no unit " + unit + " in which the recommendation " + control + " waits for a person"
	if len(units) == 0 {
		return huma.Error404NotFound(text + "; its standard is about none of which you see all")
	}
	return huma.Error404NotFound(text + "; want the id of one: " + strings.Join(units[:min(len(units), 10)], ", "))
}
