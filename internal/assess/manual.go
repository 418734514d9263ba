package assess

import (
	"slices"

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
	var checks []manualCheck
	for _, c := range run.manualOf(p, everyControl) {
		if run.showsUnit(&place{id: c.unit, unit: c.unit}, p) {
			checks = append(checks, c)
		}
	}
	return checks
}

func everyControl(string) bool { return true }

// manualOf gives the checks of some manual controls in all units.
func (run *run) manualOf(p *placer, wants func(control string) bool) []manualCheck {
	units := slices.Sorted(slices.Values(run.namedUnits()))
	var checks []manualCheck
	for _, standard := range run.toldHere() {
		for _, n := range standard.Nodes {
			if !n.Manual || !wants(standard.ID+":"+n.ID) {
				continue
			}
			for _, unit := range units {
				if slices.Contains(standard.Clouds, posture.CloudOfUnit(unit)) {
					checks = append(checks, p.manualCheck(standard.ID+":"+n.ID, &place{id: unit, unit: unit}))
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
	if a := p.newest(at, p.attestNames[foldName(control)]); a != nil {
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
