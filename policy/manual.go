package policy

import (
	"fmt"
	"strings"
)

// complianceState reads the name of a state as attestations and manual
// definitions have it, ignoring case.
func complianceState(text string) (state string, ok bool) {
	if strings.EqualFold(text, "Non-compliant") {
		return NonCompliant, true
	}
	for _, known := range complianceStates {
		if strings.EqualFold(text, known) {
			return known, true
		}
	}
	return "", false
}

// unattested is the compliance of a verdict where nobody attests anything: of a
// manual rule that applies, the state that its details give.
func (j *judgement) unattested(v Verdict) string {
	if v.Compliance != Unattested || j.bound.family != familyManual || j.bound.details == nil || j.bound.details.DefaultState == nil {
		return v.Compliance
	}
	want := strings.Join(complianceStates, ", ")
	text, err := j.frame.take(j.bound.details.DefaultState.fold(j.bound.known()))
	switch {
	case err != nil:
		j.warn("defaultState: " + err.Error())
	case text.Kind() != String:
		j.warn(fmt.Sprintf("defaultState: got %s; want one of %s", text.Kind(), want))
	default:
		if state, ok := complianceState(text.Text()); ok {
			return state
		}
		j.warn(fmt.Sprintf("defaultState %q; want one of %s", text.Text(), want))
	}
	return Unattested
}
