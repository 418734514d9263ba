// Package compliance rolls checks up to the controls of standards and
// initiatives. It is pure. [Rollup] is the whole of it; [State] gives the
// words.
package compliance

import "fmt"

// State is the state of a control or group of a standard. The zero value is
// no state at all.
type State uint8

// The states in roll-up order: the first that applies wins.
const (
	// Failed means that a check is unhealthy.
	Failed State = iota + 1
	// Unknown means that a check could not be judged, or a rule not be evaluated, and
	// none failed.
	Unknown
	// Manual means that a person has to attest something and nobody has,
	// validly.
	Manual
	// Passed means that a check is healthy and nothing stands against it.
	Passed
	// NotApplicable means that there is nothing to judge here: no resource,
	// or exempt ones only.
	NotApplicable
	// NotCovered means that no rule gives evidence for the control.
	NotCovered
)

var stateNames = [...]string{"", "Failed", "Unknown", "Manual", "Passed", "Not applicable", "Not covered"}

// String gives the state's published word, such as "Not covered".
func (s State) String() string { return stateNames[s] }

// MarshalText writes the published word.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (s *State) UnmarshalText(text []byte) error {
	for i, name := range stateNames {
		if name == string(text) {
			*s = State(i)
			return nil
		}
	}
	return fmt.Errorf("state of a control %q: want one of %q", text, stateNames)
}

// RollUp says what a node's state comes from.
type RollUp uint8

// The ways to a state.
const (
	// OfNothing is that of a node that is not covered.
	OfNothing RollUp = iota
	// OfChecks is that of a control: over its own checks, or for want of
	// resources.
	OfChecks
	// OfControls is that of a group: over the controls beneath.
	OfControls
	// OfMark is that of a control that is marked manual and has no check.
	OfMark
)

var rollUpNames = [...]string{"nothing", "checks", "controls", "manual mark"}

// String gives the word of the json format, such as "checks".
func (r RollUp) String() string { return rollUpNames[r] }

// Tally counts one control's checks by state, exempt ones apart.
type Tally struct {
	Healthy, Unhealthy, Unknown, Manual, Exempt, NotApplicable int
	Mitigated                                                  int // of Exempt; the others are waived
}

// Add adds the counts of another tally.
func (t *Tally) Add(more Tally) {
	t.Healthy += more.Healthy
	t.Unhealthy += more.Unhealthy
	t.Unknown += more.Unknown
	t.Manual += more.Manual
	t.Exempt += more.Exempt
	t.NotApplicable += more.NotApplicable
	t.Mitigated += more.Mitigated
}

// Minus gives the counts without those of another tally; they may come to be below
// zero.
func (t Tally) Minus(less Tally) Tally {
	return Tally{
		Healthy: t.Healthy - less.Healthy, Unhealthy: t.Unhealthy - less.Unhealthy, Unknown: t.Unknown - less.Unknown, Manual: t.Manual - less.Manual,
		Exempt: t.Exempt - less.Exempt, NotApplicable: t.NotApplicable - less.NotApplicable, Mitigated: t.Mitigated - less.Mitigated,
	}
}

// State is the state over these checks: the first of the roll-up that applies.
func (t Tally) State() State {
	switch {
	case t.Unhealthy > 0:
		return Failed
	case t.Unknown > 0:
		return Unknown
	case t.Manual > 0:
		return Manual
	case t.Healthy > 0:
		return Passed
	}
	return NotApplicable
}

// Controls counts controls by state, never groups.
type Controls struct {
	Passed, Failed, Unknown, Manual, NotApplicable, NotCovered int
	Exempt                                                     int // of all: with an exempt check
	Mitigated                                                  int // of Exempt: with a mitigated one
}

// Node is one node of a standard as handed in, parents before children.
type Node struct {
	ID, Title, Parent string
	Manual            bool // has a check of its own, manual until attested
	Covered           bool // some rule gives evidence for it
	Tally             Tally
	Rules             []Rule        // that give evidence for it
	Unevaluated       []Unevaluated // that should, and could not be evaluated
}

// WhollyExempt reports whether all checks that apply are exempt, and no rule failed to
// make some.
func (n *NodeResult) WhollyExempt() bool {
	t := n.Tally
	return t.Exempt > 0 && t.Healthy+t.Unhealthy+t.Unknown+t.Manual == 0 && len(n.Unevaluated) == 0
}

// Unevaluated names a rule that makes no checks although the estate has what it is
// about: nobody can say that its control is passed.
type Unevaluated struct{ Rule, Why string }

// Rule names a rule: a recommendation or policy with one set of parameters.
type Rule struct{ ID, ParametersHash string }

// Result is a standard's outcome.
type Result struct {
	Standard, Title string
	Rate            float64 // passed ÷ (passed + failed), 0..1
	HasRate         bool    // false: no control passed or failed
	Controls
	Nodes []NodeResult
}

// NodeResult is a node with its state. Tally holds a node's own checks, so
// it is empty for groups: one check may give evidence for several controls,
// and a sum over them would count it again. A group counts controls instead.
type NodeResult struct {
	ID, Title, Parent string
	Group             bool
	State             State
	RollUp            RollUp
	Tally             Tally
	Rules             []Rule
	Unevaluated       []Unevaluated
	Beneath           Controls // of a group, at any depth
}
