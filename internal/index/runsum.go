package index

import (
	"slices"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
)

// runSums keep how much each run of the order of names has of large sets, once
// somebody asked, so that a jump in a list does not look at all of them. Runs that
// changed since are counted anew.
type runSums struct {
	mu     sync.Mutex
	bySet  map[*roaring.Bitmap]*runSum // resources
	checks *runSum                     // of all resources
}

// runSum is how much each run has, and which state of the run that is of.
type runSum struct{ sums, states []uint32 }

// What is worth to be kept, and how much of it.
const (
	worthKeeping = 4 * runOf
	runsKept     = 1 << 20
)

// perRunOf gives how many of a set's resources each run has.
func (x *Index) perRunOf(set *roaring.Bitmap) []uint32 {
	x.runs.mu.Lock()
	defer x.runs.mu.Unlock()
	kept := x.runs.bySet[set]
	if kept == nil {
		if kept = new(runSum); x.runs.bySet == nil || (len(x.runs.bySet)+1)*x.names.runs() > runsKept {
			x.runs.bySet = map[*roaring.Bitmap]*runSum{}
		}
		x.runs.bySet[set] = kept
	}
	if kept.stale(&x.names) > x.names.runs()/8 {
		return kept.anew(&x.names, set)
	}
	bits := []uint64(nil)
	return kept.now(&x.names, func(n uint32) uint32 {
		if bits == nil {
			bits = set.ToDense()
		}
		if word := int(n >> 6); word < len(bits) {
			return uint32(bits[word] >> (n & 63) & 1)
		}
		return 0
	})
}

// checksPerRun gives how many checks the resources of each run have.
func (x *Index) checksPerRun() []uint32 {
	x.runs.mu.Lock()
	defer x.runs.mu.Unlock()
	if x.runs.checks == nil {
		x.runs.checks = new(runSum)
	}
	return x.runs.checks.now(&x.names, func(n uint32) uint32 { return uint32(len(x.tuples.of(x.resources.laid[n]))) })
}

// grow makes room for all runs.
func (r *runSum) grow(o *order) {
	for len(r.sums) < o.runs() {
		r.sums, r.states = append(r.sums, 0), append(r.states, 0)
	}
}

// stale counts the runs that changed since.
func (r *runSum) stale(o *order) (runs int) {
	r.grow(o)
	for run := range o.runs() {
		if r.states[run] != o.state(run) {
			runs++
		}
	}
	return runs
}

// anew gives the sums of a set's resources, counted anew.
func (r *runSum) anew(o *order, set *roaring.Bitmap) []uint32 {
	clear(r.sums)
	each(set, func(n uint32) { r.sums[o.run[n]]++ })
	for run := range o.runs() {
		r.states[run] = o.state(run)
	}
	return slices.Clone(r.sums[:o.runs()])
}

// now gives the sums of now. Each is what the resources of a run come to.
func (r *runSum) now(o *order, each func(n uint32) uint32) []uint32 {
	r.grow(o)
	for run := range o.runs() {
		state := o.state(run)
		if r.states[run] == state {
			continue
		}
		sum := uint32(0)
		for _, n := range o.members(run) {
			sum += each(n)
		}
		r.sums[run], r.states[run] = sum, state
	}
	return slices.Clone(r.sums[:o.runs()])
}

// runSums gives how many rows of a bucket each run has; of one with some columns of
// resources and one of checks, or a part of all resources, they are counted anew.
func (s *Selection) runSums(b *bucket, checks bool, r *named, count func(n uint32) int) []int {
	x := s.index
	sums := make([]int, x.names.runs())
	add := func(more []uint32) {
		for run, n := range more {
			sums[run] += int(n)
		}
	}
	one := (*roaring.Bitmap)(nil)
	if len(b.within) == 1 {
		one = b.within[0]
	}
	switch {
	case !checks && one != nil && (s.all || s.resources == one) && one.GetCardinality() >= worthKeeping:
		add(x.perRunOf(one))
	case checks && s.everyOne && s.all && b.atoms == nil && one == x.sets.here:
		add(x.checksPerRun())
	case checks && s.all && len(s.reasons.Values) == 0 && b.atoms != nil && len(b.within) == 0:
		for _, a := range b.atoms {
			if a.count >= worthKeeping {
				add(x.perRunOf(a.set))
			} else {
				each(a.set, func(n uint32) { sums[x.names.run[n]]++ })
			}
		}
	default:
		each(r.set, func(n uint32) { sums[x.names.run[n]] += count(n) })
	}
	return sums
}

// state numbers the states of a run.
func (o *order) state(run int) uint32 {
	if run < len(o.changes) {
		return max(o.begun, o.changes[run]) + 1
	}
	return o.begun + 1
}

// changed says that something of the runs from one on is not as before.
func (o *order) changed(from, to int) {
	o.clock++
	for len(o.changes) < to {
		o.changes = append(o.changes, 0)
	}
	for run := from; run < to; run++ {
		o.changes[run] = o.clock
	}
}

// changedAt says so of the run of a resource.
func (o *order) changedAt(n uint32) {
	if int(n) < len(o.run) { // or it comes only now
		o.changed(int(o.run[n]), int(o.run[n])+1)
	}
}
