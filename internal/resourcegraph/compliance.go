package resourcegraph

import (
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/compliance"
)

const standardsPath = "/providers/Microsoft.Security/regulatoryComplianceStandards/"

// standardRows has a row for every standard of every unit.
func standardRows(_ *Estate, a *assessed, s *rowSink) {
	a.standards(func(u *assess.UnitResult, c *compliance.Result) bool {
		r := a.unitRow(u.Unit, standardsPath+c.Standard, standardType)
		var p, b bag
		n := countControls(c)
		p.text("state", stateOfStandard(c, n)).text("displayName", c.Title)
		p.count("passedControls", n[passed]).count("failedControls", n[failed])
		p.count("skippedControls", n[skipped]).count("unsupportedControls", n[unsupported])
		if c.HasRate {
			b.real("rate", c.Rate)
		}
		b.count("unknownControls", c.Unknown).count("manualControls", c.Manual)
		b.count("notApplicableControls", c.NotApplicable).count("notCoveredControls", c.NotCovered)
		r.properties = p.put("bartizan", b.node()).node()
		return s.add(r)
	})
}

// standards hands over every standard of every unit until it is told to stop.
func (a *assessed) standards(each func(*assess.UnitResult, *compliance.Result) bool) {
	for i := range a.result.ByUnit {
		u := &a.result.ByUnit[i]
		for n := range u.Compliance {
			if !each(u, &u.Compliance[n]) {
				return
			}
		}
	}
}

// controls hands over every control, groups left out.
func (a *assessed) controls(each func(*assess.UnitResult, *compliance.Result, *compliance.NodeResult) bool) {
	a.standards(func(u *assess.UnitResult, c *compliance.Result) bool {
		for i := range c.Nodes {
			if n := &c.Nodes[i]; !n.Group && !each(u, c, n) {
				return false
			}
		}
		return true
	})
}

// standardControlRows has a row for every control of a standard in every unit.
func standardControlRows(e *Estate, a *assessed, s *rowSink) {
	evidence := newEvidence(e, a)
	a.controls(func(u *assess.UnitResult, c *compliance.Result, n *compliance.NodeResult) bool {
		r := a.unitRow(u.Unit, standardsPath+c.Standard+"/regulatoryComplianceControls/"+n.ID, standardControlType)
		rules := map[string]int{}
		for _, rule := range evidence.rules(u, c.Standard, n.ID) {
			rules[stateOfRule(rule)]++
		}
		t := &n.Tally
		var p, b bag
		p.text("state", stateOfControl(n)).text("description", n.Title)
		p.count("passedAssessments", rules[passed]).count("failedAssessments", rules[failed]).count("skippedAssessments", rules[skipped])
		b.text("state", n.State.String()).count("healthy", t.Healthy).count("unhealthy", t.Unhealthy).count("unknown", t.Unknown)
		b.count("manual", t.Manual).count("exempt", t.Exempt)
		r.properties = p.put("bartizan", b.node()).node()
		return s.add(r)
	})
}

// controlAssessmentRows has a row for every rule that gives evidence for a
// control and made a check in the unit.
func controlAssessmentRows(e *Estate, a *assessed, s *rowSink) {
	evidence := newEvidence(e, a)
	a.controls(func(u *assess.UnitResult, c *compliance.Result, n *compliance.NodeResult) bool {
		for _, rule := range evidence.rules(u, c.Standard, n.ID) {
			state := stateOfRule(rule)
			if state == unsupported {
				continue
			}
			key := a.key(ruleKey{rule.ID, rule.ParametersHash})
			path := standardsPath + c.Standard + "/regulatoryComplianceControls/" + n.ID + "/regulatoryComplianceAssessments/" + key
			r := a.unitRow(u.Unit, path, controlAssessmentType)
			var p bag
			p.text("state", state).text("description", rule.Title).text("assessmentType", "AssessmentResult")
			p.text("assessmentDetailsLink", a.full.of(u.Unit)+providerPath("assessments", key))
			p.count("passedResources", rule.Healthy).count("failedResources", rule.Unhealthy)
			p.count("skippedResources", rule.Unknown+rule.Manual+rule.Exempt).count("unsupportedResources", rule.NotApplicable)
			r.properties = p.put("bartizan", new(bag).count("unknown", rule.Unknown).count("manual", rule.Manual).count("exempt", rule.Exempt).node()).node()
			if !s.add(r) {
				return false
			}
		}
		return true
	})
}

// evidence knows which rules give evidence for which controls.
type evidence struct {
	by    map[string][]string // STANDARD:CONTROL in lower case → ids of rules, folded
	unit  string
	found map[string][]*assess.RuleResult // of the unit, by folded id
}

func newEvidence(e *Estate, a *assessed) *evidence {
	v := &evidence{by: map[string][]string{}}
	if a.controlled != nil {
		v.by = a.controlled()
		return v
	}
	for i := range a.result.Recommendations {
		if r := a.result.Recommendations[i].Recommendation; r != nil {
			for _, ref := range r.Standards {
				v.add(ref.Standard, ref.Control, r.ID)
			}
		}
	}
	for _, own := range e.options.OwnStandards {
		for _, n := range own.Nodes {
			for _, name := range slices.Concat(n.Recommendations, n.Policies) {
				if entry, ok := e.options.BuiltIn.Named(name); ok {
					name = entry.ID
				}
				v.add(own.ID, n.ID, name)
			}
		}
	}
	if e.options.Library != nil {
		for _, initiative := range e.options.Library.Initiatives {
			for i := range initiative.Members {
				m := &initiative.Members[i]
				groups := m.Groups
				if len(groups) == 0 {
					groups = []string{m.ReferenceID}
				}
				for _, g := range groups {
					v.add(initiative.Name, g, m.DefinitionID)
				}
			}
		}
	}
	return v
}

func (v *evidence) add(standard, control, rule string) {
	key, rule := strings.ToLower(standard+":"+control), strings.ToLower(rule)
	if !slices.Contains(v.by[key], rule) {
		v.by[key] = append(v.by[key], rule)
	}
}

// rules are the results in a unit of those that give evidence for a control.
func (v *evidence) rules(u *assess.UnitResult, standard, control string) []*assess.RuleResult {
	if v.unit != u.Unit || v.found == nil {
		v.unit, v.found = u.Unit, map[string][]*assess.RuleResult{}
		for i := range u.Recommendations {
			r := &u.Recommendations[i]
			for _, name := range []string{strings.ToLower(r.ID), strings.ToLower(lastSegment(r.ID))} {
				if !slices.Contains(v.found[name], r) {
					v.found[name] = append(v.found[name], r)
				}
			}
		}
	}
	var all []*assess.RuleResult
	for _, id := range v.by[strings.ToLower(standard+":"+control)] {
		all = append(all, v.found[id]...)
	}
	return all
}
