package resourcegraph

import (
	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/compliance"
)

// Defender's words for the state of a standard, a control, and a rule that
// gives evidence for one.
const (
	passed      = "Passed"
	failed      = "Failed"
	skipped     = "Skipped"
	unsupported = "Unsupported"
)

// stateWord is Defender's word for a state over checks. What could not be
// judged or waits for a person is skipped there, however much else is good, as
// is what was left out or applies to nothing. Without a check there is nothing
// to skip.
func stateWord(s compliance.State, t compliance.Tally) string {
	switch s {
	case compliance.Failed:
		return failed
	case compliance.Passed:
		return passed
	case compliance.Unknown, compliance.Manual:
		return skipped
	}
	if t == (compliance.Tally{}) {
		return unsupported
	}
	return skipped
}

func stateOfControl(n *compliance.NodeResult) string { return stateWord(n.State, n.Tally) }

func stateOfRule(r *assess.RuleResult) string {
	t := compliance.Tally{
		Healthy: r.Healthy, Unhealthy: r.Unhealthy, Unknown: r.Unknown, Manual: r.Manual, Exempt: r.Exempt, NotApplicable: r.NotApplicable,
	}
	return stateWord(t.State(), t)
}

// countControls counts a standard's controls by Defender's word, as their own
// rows say it.
func countControls(c *compliance.Result) map[string]int {
	n := map[string]int{}
	for i := range c.Nodes {
		if !c.Nodes[i].Group {
			n[stateOfControl(&c.Nodes[i])]++
		}
	}
	return n
}

// stateOfStandard is over the controls, by the order of the roll-up: one that
// could not be judged or waits for a person stands before those that passed.
func stateOfStandard(c *compliance.Result, controls map[string]int) string {
	switch {
	case controls[failed] > 0:
		return failed
	case c.Unknown+c.Manual > 0:
		return skipped
	case controls[passed] > 0:
		return passed
	case controls[skipped] > 0:
		return skipped
	}
	return unsupported
}
