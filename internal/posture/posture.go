// Package posture holds the words of the domain: clouds, scopes, resources'
// states and their reasons, severities, and the [Check], which is what every
// report, list and score is made of. It imports the standard library only and
// knows nothing of clouds, files or databases.
//
// Start with [State] and read [Unknown] before adding a new one: a check that
// could not be judged is never healthy.
package posture

import (
	"fmt"
	"strings"
)

// State is the outcome of one check on one resource. A check has exactly one.
type State uint8

// The states. The zero value is no state at all, so that a forgotten one
// shows up instead of looking like an answer.
const (
	// Unhealthy means the resource is not as the rule wants it.
	Unhealthy State = iota + 1
	// Unknown means the check could not be judged; a [Reason] says why. It is
	// neither good nor bad: it costs no score and lowers coverage.
	Unknown
	// Healthy means the resource is as the rule wants it.
	Healthy
	// Manual means a person has to attest it and nobody has, validly.
	Manual
	// Exempt overlays the judged state, which is kept beneath it.
	Exempt
	// NotApplicable means the rule names the resource's type but does not
	// apply to this resource.
	NotApplicable
)

// States lists all states in roll-up order: of several checks of one resource
// the first that any of them has is the resource's own.
var States = [...]State{Unhealthy, Unknown, Healthy, Manual, Exempt, NotApplicable}

var stateNames = [...]string{"", "unhealthy", "unknown", "healthy", "manual", "exempt", "notApplicable"}

// String gives the state's published word, such as "notApplicable".
func (s State) String() string { return stateNames[s] }

// MarshalText writes the published word.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (s *State) UnmarshalText(text []byte) (err error) {
	if *s = 0; len(text) > 0 {
		*s, err = ParseState(string(text))
	}
	return err
}

// ParseState reads a state's word, ignoring case.
func ParseState(text string) (State, error) {
	for i, name := range stateNames {
		if i > 0 && strings.EqualFold(name, text) {
			return State(i), nil
		}
	}
	return 0, fmt.Errorf("state %q: want one of %s", text, strings.Join(stateNames[1:], ", "))
}

// Reason says why a check is unknown.
type Reason uint8

// The reasons, in the order in which they are preferred when several apply:
// the first is the one a person can act on best.
const (
	NoReason Reason = iota
	// Denied: the reader lacked the right.
	Denied
	// Throttled: the provider refused for now.
	Throttled
	// Failed: the rule or the read ended in an error. Its word is "error".
	Failed
	// Partial: the body was read in part only.
	Partial
	// NotCollected: what the rule needs was not read at all.
	NotCollected
	// Stale: the last complete read is too old.
	Stale
	// NotEvaluable: the rule needs what configuration cannot tell.
	NotEvaluable
)

var reasonNames = [...]string{"", "denied", "throttled", "error", "partial", "notCollected", "stale", "notEvaluable"}

// String gives the reason's published word, "" for none.
func (r Reason) String() string { return reasonNames[r] }

// MarshalText writes the published word.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (r *Reason) UnmarshalText(text []byte) (err error) {
	if *r = 0; len(text) > 0 {
		*r, err = ParseReason(string(text))
	}
	return err
}

// ParseReason reads a reason's word, ignoring case.
func ParseReason(text string) (Reason, error) {
	for i, name := range reasonNames {
		if i > 0 && strings.EqualFold(name, text) {
			return Reason(i), nil
		}
	}
	return 0, fmt.Errorf("reason %q: want one of %s", text, strings.Join(reasonNames[1:], ", "))
}

// Severity ranks recommendations. The zero value is [NotRated]: what nobody
// rated must not look harmless, so it sorts after low but has its own word.
type Severity uint8

// The severities, from the least to the most severe.
const (
	NotRated Severity = iota
	Low
	Medium
	High
	Critical
)

var severityNames = [...]string{"notRated", "low", "medium", "high", "critical"}

// String gives the severity's published word.
func (s Severity) String() string { return severityNames[s] }

// MarshalText writes the published word.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (s *Severity) UnmarshalText(text []byte) (err error) {
	if *s = 0; len(text) > 0 {
		*s, err = ParseSeverity(string(text))
	}
	return err
}

// ParseSeverity reads a severity's word, ignoring case.
func ParseSeverity(text string) (Severity, error) {
	for i, name := range severityNames {
		if strings.EqualFold(name, text) {
			return Severity(i), nil
		}
	}
	return 0, fmt.Errorf("severity %q: want one of critical, high, medium, low, notRated", text)
}

// Cloud is where a resource lives.
type Cloud uint8

// The clouds. Machine is any server outside a cloud's own inventory.
const (
	NoCloud Cloud = iota
	Azure
	AWS
	GCP
	Machine
)

var cloudNames = [...]string{"", "azure", "aws", "gcp", "machine"}

// String gives the cloud's word, such as "aws".
func (c Cloud) String() string { return cloudNames[c] }

// MarshalText writes the cloud's word.
func (c Cloud) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (c *Cloud) UnmarshalText(text []byte) (err error) {
	if *c = 0; len(text) > 0 {
		*c, err = ParseCloud(string(text))
	}
	return err
}

// ParseCloud reads a cloud's word, ignoring case.
func ParseCloud(text string) (Cloud, error) {
	for i, name := range cloudNames {
		if i > 0 && strings.EqualFold(name, text) {
			return Cloud(i), nil
		}
	}
	return 0, fmt.Errorf("cloud %q: want one of azure, aws, gcp, machine", text)
}
