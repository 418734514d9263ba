package score

import (
	"math"
	"slices"
)

// Gain is what mending would add to the score.
type Gain struct {
	Percent float64 // percentage points of the overall score, never below 0
	// Points of the one unit that has a score; 0 where several have one.
	Points float64
}

// Gain gives what the score would rise by if every unhealthy check of one
// recommendation were healthy and all other checks stayed as they are. A
// resource that another recommendation keeps unhealthy gains nothing; one
// that another leaves unknown becomes unknown.
func (m *Model) Gain(recommendation int) Gain {
	return m.Together([]int{recommendation})
}

// Together gives the joint gain of several recommendations, each mended as in
// [Model.Gain]. A unit of which nothing judged would be left had nothing
// healthy before, so its going never lowers the score. The joint gain is at least the largest single gain and may be more than
// the sum: a resource may need all of them. Indexes out of range are ignored.
func (m *Model) Together(recommendations []int) Gain {
	after := change{model: m, at: map[int32]int{}}
	var out Gain
	for _, at := range m.mended(recommendations) {
		after.mend(&m.cells[at])
	}
	total, points := after.total()
	// Twelve decimals hide the noise of the last bit and nothing else.
	out.Percent = math.RoundToEven((total.percent()-m.total.percent())*1e12) / 1e12
	if m.total.units == 1 {
		out.Points = float64(points) / 100
	}
	return out
}

// change is what would be different: the tallies of the units that it touches.
type change struct {
	model   *Model
	at      map[int32]int // unit → index of its first tally
	tallies []tally
}

// mend moves a cell's resources away from unhealthy.
func (c *change) mend(cell *cell) {
	first, touched := c.at[cell.unit]
	if !touched {
		first = len(c.tallies)
		c.at[cell.unit] = first
		c.tallies = append(c.tallies, c.model.units[cell.unit].tally...)
	}
	t, count := &c.tallies[first+int(cell.control)], int64(cell.count)
	t.unhealthy -= count
	if cell.unknown {
		t.unknown += count
		return
	}
	t.healthy += count
}

// total gives the whole afterwards and by how many hundredths of points the
// units that have a score now would rise.
func (c *change) total() (total aggregate, points int64) {
	total = c.model.total
	for at, first := range c.at {
		u := &c.model.units[at]
		after := c.model.sum(c.tallies[first : first+len(u.tally)])
		total.remove(u.sums, u.weight)
		total.add(after, u.weight)
		if counts(u.sums, u.weight) {
			points += after.current - u.sums.current
		}
	}
	return total, points
}

// mended lists the cells whose unhealthy checks all belong to the given
// recommendations, in ascending order.
func (m *Model) mended(recommendations []int) []int32 {
	seen := map[int]bool{}
	var hits []int32
	for _, r := range recommendations {
		if r >= 0 && r < len(m.unhealthy) && !seen[r] {
			seen[r] = true
			hits = append(hits, m.unhealthy[r]...)
		}
	}
	slices.Sort(hits)
	mended := hits[:0]
	for i := 0; i < len(hits); {
		j := i + 1
		for j < len(hits) && hits[j] == hits[i] {
			j++
		}
		if int32(j-i) == m.cells[hits[i]].unhealthy {
			mended = append(mended, hits[i])
		}
		i = j
	}
	return mended
}
