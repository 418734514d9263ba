package assess

import (
	"slices"
	"sync"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// group is a number of resources of one unit and place that share a signature.
// Everything is summed over groups, of which there are far fewer than resources.
// Units do not matter to signatures without scored rules: theirs is anyUnit.
type group struct {
	groupKey
	final *policy.Signature
	at    *placement
	count int
}

const anyUnit int32 = -1

type groupKey struct {
	unit   int32
	place  *place
	number int32 // of the signature
}

// grouper collects groups, and rolls every resource up to its own state.
type grouper struct {
	run    *run
	placer *placer
	met    []*policy.Signature // by ID

	groups []group
	index  map[groupKey]int
	states map[posture.State]int
	units  map[int32]bool // of the resources
	total  int

	// Of the unit and place at hand: resources mostly come unit by unit.
	unit    int32
	place   *place
	open    []openGroup // by signature
	touched []int32     // signatures with a count for the place, and for the unit
	scored  []int32
	turn    int32 // of places
	worst   map[worstKey]posture.State
}

// openGroup counts resources with one signature.
type openGroup struct {
	count  int32
	turn   int32 // of the place that worst is for
	worst  posture.State
	scored bool
}

type worstKey struct {
	place  *place
	number int32
}

// newGrouper makes a grouper. Scored are the rules that units are scored by.
func (run *run) newGrouper(scored func(rule int) bool) *grouper {
	met := run.book.set.SignaturesMet()
	g := &grouper{
		run: run, placer: newPlacer(run.book, run.known), met: met, index: map[groupKey]int{},
		states: map[posture.State]int{}, units: map[int32]bool{}, open: make([]openGroup, len(met)), unit: -1, turn: 1,
		worst: map[worstKey]posture.State{},
	}
	for i, n := range met {
		g.open[i].scored = slices.ContainsFunc(n.Statuses, func(st policy.RuleStatus) bool { return scored(int(st.Rule)) })
	}
	return g
}

// collectGroups groups the records that are shown. A resource is in as many
// groups as it has signatures, and in one of the states.
func (run *run) collectGroups(rd *reading, scored func(rule int) bool) *grouper {
	groupers := make([]*grouper, len(rd.workers))
	var done sync.WaitGroup
	for i, w := range rd.workers {
		groupers[i] = run.newGrouper(scored)
		done.Go(func() { groupers[i].collect(w) })
	}
	done.Wait()
	all := groupers[0]
	for _, g := range groupers[1:] {
		all.merge(g)
	}
	return all
}

func (g *grouper) collect(w *worker) {
	w.each(func(r *record) {
		at := w.placeAt(r)
		if !g.run.shown(r, at, g.placer) {
			return
		}
		g.enter(r.unit, at)
		state := posture.NotApplicable
		for _, number := range w.of(r) {
			o := &g.open[number]
			switch {
			case o.count > 0:
			case o.scored:
				g.scored = append(g.scored, number)
			default:
				g.touched = append(g.touched, number)
			}
			o.count++
			if o.turn != g.turn {
				o.turn, o.worst = g.turn, g.worstOf(number)
			}
			state = min(state, o.worst)
		}
		g.states[state]++
		g.total++
	})
	g.flush(&g.scored, g.unit)
	g.flush(&g.touched, anyUnit)
}

// enter makes a unit and place those at hand.
func (g *grouper) enter(unit int32, at *place) {
	if unit == g.unit && at == g.place {
		return
	}
	g.flush(&g.scored, g.unit)
	if at != g.place {
		g.flush(&g.touched, anyUnit)
		g.turn++
	}
	g.unit, g.place = unit, at
	g.units[unit] = true
}

// flush adds what was counted of some signatures to the groups.
func (g *grouper) flush(touched *[]int32, unit int32) {
	for _, number := range *touched {
		g.add(groupKey{unit, g.place, number}, placementOf(g.place, g.placer), int(g.open[number].count))
		g.open[number].count = 0
	}
	*touched = (*touched)[:0]
}

func (g *grouper) add(key groupKey, at *placement, count int) {
	n, ok := g.index[key]
	if !ok {
		n = len(g.groups)
		g.index[key] = n
		g.groups = append(g.groups, group{key, g.met[key.number], at, 0})
	}
	g.groups[n].count += count
}

// worstOf is the state of a resource at the place at hand by the checks of one
// signature.
func (g *grouper) worstOf(number int32) posture.State {
	key := worstKey{g.place, number}
	state, ok := g.worst[key]
	if !ok {
		state = posture.NotApplicable
		g.run.views(g.met[number], placementOf(g.place, g.placer), func(v view) { state = min(state, v.state) })
		g.worst[key] = state
	}
	return state
}

func (g *grouper) merge(other *grouper) {
	for i := range other.groups {
		o := &other.groups[i]
		g.add(o.groupKey, o.at, o.count)
	}
	for state, n := range other.states {
		g.states[state] += n
	}
	for unit := range other.units {
		g.units[unit] = true
	}
	g.total += other.total
}

func placementOf(at *place, p *placer) *placement {
	if at == nil {
		return nil
	}
	return p.at(at)
}
