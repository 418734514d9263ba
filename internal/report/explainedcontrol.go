package report

import (
	"fmt"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// ExplainedControl is what there is to say of a manual control in a unit.
type ExplainedControl struct {
	Standard, StandardTitle string
	ID, Title               string // of the control
	Check                   posture.Check
	Kept                    bool // by a server, which takes attestations itself
}

func (e *ExplainedControl) id() string { return e.Standard + ":" + e.ID }

// Text says in a paragraph what a manual control is and what it waits for.
func (e *ExplainedControl) Text() string {
	var b strings.Builder
	WriteState(&b, &e.Check, false)
	fmt.Fprintf(&b, "\n%s\n  %s\non %s\n\n", e.id(), e.Title, e.Check.Unit)
	fmt.Fprintf(&b, `%s is a control of %s that no configuration
shows: somebody has to look, and to say what they found. Each unit has one check
of it, which `, e.id(), e.StandardTitle)
	if e.Check.Attested {
		b.WriteString("is as the newest attestation for the unit says.\n")
		return b.String()
	}
	how := "a file for --attestations"
	if e.Kept {
		how = "a file for bartizan admin attestation set"
	}
	fmt.Fprintf(&b, `needs an attestation and is manual until there is one. Give one in
%s, with the state healthy or unhealthy:

  %s
`, how, e.attestation())
	return b.String()
}

// attestation is an example of one for this check.
func (e *ExplainedControl) attestation() string {
	if e.Kept {
		return fmt.Sprintf(`{"recommendation": %q, "scope": %q, "state": "healthy", "text": "who looked, at what, when"}`, e.id(), e.Check.Unit)
	}
	return fmt.Sprintf(`{"control": %q, "scope": %q, "state": "healthy", "reason": "who looked, at what, when"}`, e.id(), e.Check.Unit)
}

// MarshalJSON writes one object, with the state's keys as for other rules.
func (e *ExplainedControl) MarshalJSON() ([]byte, error) {
	return JoinObjects(StateOf(&e.Check), struct {
		Control     string `json:"control"`
		Title       string `json:"title"`
		Standard    string `json:"standard"`
		Resource    string `json:"resource"`
		Type        string `json:"type"`
		Detail      string `json:"detail,omitempty"`
		Attestation string `json:"attestation"` // an example of one that would judge it
	}{e.id(), e.Title, e.Standard, e.Check.Resource, e.Check.Type, e.Check.Detail, e.attestation()})
}
