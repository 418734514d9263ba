package index

import (
	"slices"

	"github.com/bartizan-dev/bartizan/internal/score"
)

// Counter counts what a unit's score would be with some of its verdicts other
// ones. It begins with the unit as it is, and stays as it was when the index goes
// on.
type Counter struct {
	x    *Index
	unit string
	unitCount
}

// Counter gives one of a unit, which need not be known.
func (x *Index) Counter(unit string) *Counter {
	c := &Counter{x: x, unit: unit}
	if n, ok := x.units.find(unit); ok && int(n) < len(x.score) {
		c.unitCount = unitCount{controls: slices.Clone(x.score[n].controls), weight: x.score[n].weight}
	}
	return c
}

// Tuple counts resources with the verdicts of a tuple in or, below zero, out.
func (c *Counter) Tuple(n uint32, by int) {
	c.add(c.x.tuples.controlStates(n, c.x.rules), len(c.x.rules.content.Controls), by)
}

// Verdicts counts resources with some verdicts in or, below zero, out.
func (c *Counter) Verdicts(verdicts []Verdict, by int) {
	c.add(c.x.tuples.controlStatesOf(verdicts, c.x.rules), len(c.x.rules.content.Controls), by)
}

// Score is the unit's score as counted.
func (c *Counter) Score() score.Unit { return c.x.scoreOf(c.unit, &c.unitCount) }
