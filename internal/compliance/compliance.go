// Package compliance rolls checks up to the controls of standards and
// initiatives. It is pure. [Rollup] is the whole of it; [State] gives the
// words.
package compliance

// State is the state of a control or group of a standard. The zero value is
// no state at all.
type State uint8

// The states in roll-up order: the first that applies wins.
const (
	// Failed means that a check is unhealthy.
	Failed State = iota + 1
	// Unknown means that a check could not be judged, and none failed.
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

// Tally counts one control's checks by state, exempt ones apart.
type Tally struct {
	Healthy, Unhealthy, Unknown, Manual, Exempt, NotApplicable int
}

// Node is one node of a standard as handed in, parents before children.
type Node struct {
	ID, Title, Parent string
	Manual            bool // has a check of its own, manual until attested
	Covered           bool // some rule gives evidence for it
	Tally             Tally
	Rules             []Rule // that give evidence for it
}

// Rule names a rule: a recommendation or policy with one set of parameters.
type Rule struct{ ID, ParametersHash string }

// Result is a standard's outcome.
type Result struct {
	Standard, Title                                            string
	Rate                                                       float64 // passed ÷ (passed + failed), 0..1
	HasRate                                                    bool    // false: no control passed or failed
	Passed, Failed, Unknown, Manual, NotApplicable, NotCovered int     // controls, never groups
	Nodes                                                      []NodeResult
}

// NodeResult is a node with its state. Tally holds a node's own checks, so
// it is empty for groups: one check may give evidence for several controls,
// and a sum over them would count it again.
type NodeResult struct {
	ID, Title, Parent string
	Group             bool
	State             State
	Tally             Tally
	Rules             []Rule
}
