package assess

import (
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// ManualType is the type of the resource that a manual control's check is on.
const ManualType = "unit"

// manualCheck is the check that a control marked manual has in a unit.
type manualCheck struct {
	control, unit string // STANDARD:CONTROL, scope id
	state, judged posture.State
	exempt        *posture.ExemptMark
	by            []*timed // that it is exempt by
	attested      *policy.Attestation
}

// manualChecks gives the checks of the manual controls of all standards, as
// far as the filter shows their units.
func (run *run) manualChecks() []manualCheck {
	if len(run.options.Filter.ResourceTypes) > 0 {
		return nil
	}
	p := newPlacer(run.book, run.known)
	return run.manualOf(p, func(unit *place) bool { return run.showsUnit(unit, p) })
}

// manualOf gives the checks of manual controls in some units.
func (run *run) manualOf(p *placer, wants func(unit *place) bool) []manualCheck {
	units := slices.Sorted(slices.Values(run.units))
	var checks []manualCheck
	for _, standard := range run.toldHere() {
		for _, n := range standard.Nodes {
			for _, unit := range units {
				at := &place{id: unit, unit: unit}
				if n.Manual && slices.Contains(standard.Clouds, posture.CloudOfUnit(unit)) && wants(at) {
					checks = append(checks, p.manualCheck(standard.ID+":"+n.ID, at))
				}
			}
		}
	}
	return checks
}

// showsUnit reports whether the filter admits all of a unit.
func (run *run) showsUnit(at *place, p *placer) bool {
	scopes := run.options.Filter.Scopes
	return len(scopes) == 0 || slices.ContainsFunc(scopes, func(s string) bool { return !isTag(s) && p.within(at, s) })
}

// manualCheck judges: attested, exempt, or manual.
func (p *placer) manualCheck(control string, at *place) manualCheck {
	c := manualCheck{control: control, unit: at.unit, judged: posture.Manual}
	if a := p.newest(at, func(a *policy.Attestation) bool {
		return a.AssignmentID == "" && strings.EqualFold(a.ReferenceID, control)
	}); a != nil {
		c.judged, c.attested = a.state(), a.by
	}
	c.state = c.judged
	if exempt := together(p.ofControl(control, at)); exempt != nil {
		c.state, c.exempt, c.by = posture.Exempt, exempt.mark(), exempt.by
	}
	return c
}

func (a *attested) state() posture.State {
	if a.healthy {
		return posture.Healthy
	}
	return posture.Unhealthy
}

// check is the check as reports tell it.
func (c *manualCheck) check() posture.Check {
	said := ""
	if c.attested != nil {
		said = c.attested.Comments
	}
	return posture.Check{
		Detail: said,
		Rule:   c.control, Recommendation: true, Resource: c.unit, Type: ManualType, Name: c.unit,
		Cloud: posture.CloudOfUnit(c.unit), Unit: c.unit, Scope: c.unit,
		State: c.state, Judged: c.judged, Attested: c.judged != posture.Manual, Exempt: c.exempt,
	}
}
