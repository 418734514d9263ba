package assess

import (
	"sync"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// group is a number of resources of one unit and place that share a signature.
// Everything is summed over groups, of which there are far fewer than resources.
type group struct {
	unit  int32
	place *place
	final *policy.Signature
	count int
}

// grouper collects groups, and rolls every resource up to its own state.
type grouper struct {
	index  map[groupKey]int
	groups []group
	recent []groupRef // by signature: the last group met
	worst  []posture.State
	states [posture.NotApplicable + 1]int
	units  []bool // by number: whether a resource is of the unit
	total  int
}

type groupKey struct {
	unit  int32
	place *place
	final *policy.Signature
}

type groupRef struct {
	key groupKey
	at  int
}

func (run *run) newGrouper() *grouper {
	return &grouper{index: map[groupKey]int{}, units: make([]bool, len(run.units))}
}

// collectGroups groups the records that are shown, those of all workers at
// once, unless places decide something: then they share what is found out
// about places. The order of groups is that of the records in either case.
func (run *run) collectGroups(rd *reading, p *placer) *grouper {
	parts := make([]*grouper, len(rd.workers))
	var running sync.WaitGroup
	for i, w := range rd.workers {
		parts[i] = run.newGrouper()
		running.Go(func() { parts[i].collect(run, w, p) })
		if !p.plain {
			running.Wait()
		}
	}
	running.Wait()
	if len(parts) == 1 {
		return parts[0]
	}
	all := run.newGrouper()
	for _, part := range parts {
		all.merge(part)
	}
	return all
}

// collect groups one worker's records. A resource is in as many groups as it
// has signatures, and in one of the states.
func (g *grouper) collect(run *run, w *worker, p *placer) {
	for _, block := range w.blocks {
		for i := range block {
			if r := &block[i]; run.shown(r, p) {
				g.add(run, r, p)
			}
		}
	}
}

func (g *grouper) add(run *run, r *record, p *placer) {
	state := posture.NotApplicable
	for _, n := range r.judged.Signatures {
		at := g.group(groupKey{r.unit, r.place, n})
		g.groups[at].count++
		if g.worst[at] == 0 {
			g.worst[at] = run.worst(n, r.place, p)
		}
		state = min(state, g.worst[at])
	}
	g.states[state]++
	g.units[r.unit] = true
	g.total++
}

func (g *grouper) group(key groupKey) int {
	id := key.final.ID
	if id >= len(g.recent) {
		g.recent = append(g.recent, make([]groupRef, id+1-len(g.recent))...)
	}
	if recent := &g.recent[id]; recent.key == key {
		return recent.at
	}
	at, ok := g.index[key]
	if !ok {
		at = len(g.groups)
		g.index[key] = at
		g.groups = append(g.groups, group{key.unit, key.place, key.final, 0})
		g.worst = append(g.worst, 0)
	}
	g.recent[id] = groupRef{key, at}
	return at
}

// merge takes in what another has collected.
func (g *grouper) merge(other *grouper) {
	for i := range other.groups {
		from := &other.groups[i]
		at := g.group(groupKey{from.unit, from.place, from.final})
		g.groups[at].count += from.count
		g.worst[at] = other.worst[i]
	}
	for state, count := range other.states {
		g.states[state] += count
	}
	for unit, met := range other.units {
		g.units[unit] = g.units[unit] || met
	}
	g.total += other.total
}

// worst is the state of a resource by the checks of one signature.
func (run *run) worst(n *policy.Signature, at *place, p *placer) posture.State {
	state := posture.NotApplicable
	run.views(n, placementOf(at, p), func(v view) { state = min(state, v.state) })
	return state
}

func placementOf(at *place, p *placer) *placement {
	if at == nil {
		return nil
	}
	return p.at(at)
}
