// Package compliance rolls checks up to the controls of standards and
// initiatives, as docs/concepts.md says. It is pure.
package compliance

// State is the state of a control or group of a standard.
type State uint8

// The states in roll-up order: the first that applies wins.
const (
	Failed State = iota + 1
	Unknown
	Manual
	Passed
	NotApplicable
	NotCovered
)

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
}

// Result is a standard's outcome.
type Result struct {
	Standard, Title                                            string
	Rate                                                       float64 // passed ÷ (passed + failed), 0..1
	HasRate                                                    bool
	Passed, Failed, Unknown, Manual, NotApplicable, NotCovered int // controls, never groups
	Nodes                                                      []NodeResult
}

// NodeResult is a node with its state.
type NodeResult struct {
	ID, Title, Parent string
	Group             bool
	State             State
	Tally             Tally
}
