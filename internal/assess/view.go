package assess

import (
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// view is one check as it counts: judged, and seen through exemptions and
// attestations.
type view struct {
	at            int // index in the signature's statuses
	rule          int
	state, judged posture.State
	reason        posture.Reason
	mark          *mark
	attested      bool
	doubted       bool // unknown as it is not certain that anything admits the resource
}

// views yields the checks of a resource.
func (run *run) views(n *policy.Signature, p *placement, yield func(view)) {
	for i, st := range n.Statuses {
		v := view{at: i, rule: int(st.Rule)}
		if p != nil {
			v.mark = p.marks[v.rule]
		}
		if v.mark != nil && v.mark.outside {
			continue
		}
		v.judged, v.reason, v.doubted = v.mark.stateOf(st)
		if v.judged == posture.Manual && v.mark != nil && v.mark.attested != nil {
			v.attested, v.judged = true, v.mark.attested.state()
		}
		v.state = v.judged
		if v.mark != nil && v.mark.exempt != nil && v.judged != posture.NotApplicable {
			v.state = posture.Exempt
		}
		yield(v)
	}
}

// stateOf is the state of a rule at a place: what is not certainly judged there,
// and applies, is unknown.
func (m *mark) stateOf(st policy.RuleStatus) (state posture.State, reason posture.Reason, doubted bool) {
	state, reason = stateOf(st)
	if m == nil || m.doubt == posture.NoReason || state == posture.NotApplicable || state == posture.Unknown {
		return state, reason, false
	}
	return posture.Unknown, m.doubt, true
}

func stateOf(st policy.RuleStatus) (posture.State, posture.Reason) {
	switch st.Status {
	case policy.StatusCompliant, policy.StatusProtected:
		return posture.Healthy, posture.NoReason
	case policy.StatusNonCompliant:
		return posture.Unhealthy, posture.NoReason
	case policy.StatusManual:
		return posture.Manual, posture.NoReason
	case policy.StatusUnknown:
		return posture.Unknown, reasonOf(st.Reasons)
	}
	return posture.NotApplicable, posture.NoReason
}

// reasonOf gives the reason that a person can act on best.
func reasonOf(o policy.Outcome) posture.Reason {
	best := posture.NotEvaluable
	for _, word := range o.Reasons() {
		for r := posture.Denied; r < best; r++ {
			if r.String() == word {
				best = r
			}
		}
	}
	return best
}

func (v *view) exemptMark() *posture.ExemptMark {
	if v.mark == nil {
		return nil
	}
	return v.mark.exempt.mark()
}
