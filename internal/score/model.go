package score

import (
	"math"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Model is an estate prepared for questions about its score. It is made by
// [New], never changes, and may be asked from several goroutines.
type Model struct {
	controls []Control
	maxima   []int64 // hundredths of points, by control
	units    []unit  // by scope id
	cells    []cell
	// unhealthy lists, by recommendation, the cells in which it is unhealthy:
	// once for each such check.
	unhealthy [][]int32
	total     aggregate
}

// unit is the present state of one unit.
type unit struct {
	scope  string
	weight int64 // healthy + unhealthy scored checks
	tally  []tally
	sums   sums
}

// tally counts the resources of one control in one unit.
type tally struct{ healthy, unhealthy, unknown int64 }

// cell is one group of resources as one control sees it, kept only where the
// resources are unhealthy: nothing else can gain.
type cell struct {
	unit, control int32
	count         int32
	unhealthy     int32 // checks
	unknown       bool  // some check is unknown: mended, the resources are unknown
}

// New prepares groups for questions about their score; see [Compute] for what
// is ignored. It does the work that grows with the number of groups once.
func New(controls []Control, recommendations []Recommendation, groups []Group) *Model {
	m := &Model{
		controls:  controls,
		maxima:    make([]int64, len(controls)),
		unhealthy: make([][]int32, len(recommendations)),
	}
	for i, c := range controls {
		m.maxima[i] = int64(math.RoundToEven(c.Max * 100))
	}
	index := m.addUnits(groups)
	b := builder{m, controlsOf(controls, recommendations), make([]pending, len(controls))}
	for i := range groups {
		if groups[i].Count > 0 {
			b.add(index[groups[i].Unit], &groups[i])
		}
	}
	for i := range m.units {
		u := &m.units[i]
		u.sums = m.sum(u.tally)
		m.total.add(u.sums, u.weight)
	}
	return m
}

// addUnits makes the units in the order of their scope ids.
func (m *Model) addUnits(groups []Group) map[string]int32 {
	index := map[string]int32{}
	for i := range groups {
		if _, known := index[groups[i].Unit]; !known && groups[i].Count > 0 {
			index[groups[i].Unit] = 0
			m.units = append(m.units, unit{scope: groups[i].Unit})
		}
	}
	slices.SortFunc(m.units, func(a, b unit) int { return strings.Compare(a.scope, b.scope) })
	tallies := make([]tally, len(m.units)*len(m.controls))
	for i := range m.units {
		index[m.units[i].scope] = int32(i)
		n := len(m.controls)
		m.units[i].tally = tallies[i*n : (i+1)*n : (i+1)*n]
	}
	return index
}

// controlsOf gives each recommendation's controls by index. One that is named
// twice does no harm.
func controlsOf(controls []Control, recommendations []Recommendation) [][]int {
	index := make(map[string]int, len(controls))
	for i, c := range controls {
		index[c.ID] = i
	}
	of := make([][]int, len(recommendations))
	for i, r := range recommendations {
		for _, id := range r.Controls {
			if c, ok := index[id]; ok {
				of[i] = append(of[i], c)
			}
		}
	}
	return of
}

// builder adds groups to a model. pending is its scratch, one a control, all
// zero between groups.
type builder struct {
	*Model
	controlsOf [][]int
	pending    []pending
}

type pending struct {
	unhealthy, unknown, healthy int32 // checks
	cell                        int32 // index + 1 once the cell exists
}

// add counts one group's checks, control by control, into its unit.
func (b *builder) add(at int32, g *Group) {
	u := &b.units[at]
	for _, check := range g.Checks {
		of := b.controlsFor(check)
		if len(of) > 0 && (check.State == posture.Healthy || check.State == posture.Unhealthy) {
			u.weight += int64(g.Count)
		}
		for _, c := range of {
			b.pending[c].note(check.State)
		}
	}
	for c := range b.pending {
		if p := &b.pending[c]; *p != (pending{}) {
			p.settle(&u.tally[c], int64(g.Count))
			if p.unhealthy > 0 {
				b.cells = append(b.cells, cell{at, int32(c), int32(g.Count), p.unhealthy, p.unknown > 0})
				p.cell = int32(len(b.cells))
			}
		}
	}
	b.post(g)
	clear(b.pending)
}

// post lists the group's cells under the recommendations that are unhealthy
// in them.
func (b *builder) post(g *Group) {
	for _, check := range g.Checks {
		if check.State != posture.Unhealthy {
			continue
		}
		for _, c := range b.controlsFor(check) {
			b.unhealthy[check.Recommendation] = append(b.unhealthy[check.Recommendation], b.pending[c].cell-1)
		}
	}
}

func (b *builder) controlsFor(check Check) []int {
	if check.Recommendation < 0 || check.Recommendation >= len(b.controlsOf) {
		return nil
	}
	return b.controlsOf[check.Recommendation]
}

func (p *pending) note(state posture.State) {
	switch state {
	case posture.Unhealthy:
		p.unhealthy++
	case posture.Unknown:
		p.unknown++
	case posture.Healthy:
		p.healthy++
	}
}

// settle counts resources by the roll-up of a resource in a score control:
// unhealthy if any check is, else unknown if any is, else healthy.
func (p *pending) settle(t *tally, count int64) {
	switch {
	case p.unhealthy > 0:
		t.unhealthy += count
	case p.unknown > 0:
		t.unknown += count
	default:
		t.healthy += count
	}
}
