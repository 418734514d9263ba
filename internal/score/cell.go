package score

import (
	"math"
	"slices"
	"strings"
)

// Cell is a number of resources of one unit that one control sees alike: they
// are unhealthy in it by the same checks.
type Cell struct {
	Control   int   // index into the controls handed in
	Unhealthy []int // recommendations, by index, each once
	Unknown   bool  // some other check is unknown: mended, the resources are unknown
	Count     int
}

// UnitCells is a unit that was counted earlier.
type UnitCells struct {
	Scope  string
	Weight int     // healthy + unhealthy scored checks
	Counts []Count // by control, all of them
	Cells  []Cell  // of the resources that are unhealthy in a control
}

// OfCells prepares units that were counted earlier for questions about their
// score: the model that [New] makes of the groups which they were counted from.
func OfCells(controls []Control, recommendations []Recommendation, units []UnitCells) *Model {
	m := &Model{controls: controls, maxima: make([]int64, len(controls)), unhealthy: make([][]int32, len(recommendations))}
	for i, c := range controls {
		m.maxima[i] = int64(math.RoundToEven(c.Max * 100))
	}
	units = slices.SortedFunc(slices.Values(units), func(a, b UnitCells) int { return strings.Compare(a.Scope, b.Scope) })
	for at, counted := range units {
		u := unit{scope: counted.Scope, weight: int64(counted.Weight), tally: make([]tally, len(controls))}
		for i, n := range counted.Counts {
			u.tally[i] = tally{healthy: int64(n.Healthy), unhealthy: int64(n.Unhealthy), unknown: int64(n.Unknown)}
		}
		u.sums = m.sum(u.tally)
		m.total.add(u.sums, u.weight)
		m.units = append(m.units, u)
		for _, c := range counted.Cells {
			for _, r := range c.Unhealthy {
				m.unhealthy[r] = append(m.unhealthy[r], int32(len(m.cells)))
			}
			m.cells = append(m.cells, cell{int32(at), int32(c.Control), int32(c.Count), int32(len(c.Unhealthy)), c.Unknown})
		}
	}
	return m
}
