package index

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
)

// runSums keep how much each run of the order of names has of large sets, once
// somebody asked, so that a jump in a list does not look at all of them. Runs that
// changed since are counted anew.
type runSums struct {
	mu   sync.Mutex
	kept map[summed]*runSum

	pairs sync.Mutex
	both  map[summed]bothCount // of resources in two sets
}

// bothCount is how many resources are in two sets, as of some number of changes.
type bothCount struct {
	clock uint32
	count int
}

// summed is what sums are of: resources that are in two sets of the index, which may be
// the same one, or their checks.
type summed struct {
	in, within *roaring.Bitmap
	checks     [sha256.Size]byte // which ones; zero for resources
}

// runSum is how much each run has, and which state of the run that is of.
type runSum struct{ sums, states []uint32 }

// What is worth to be kept, and how much of it.
const (
	worthKeeping = 4 * runOf
	runsKept     = 1 << 22
	pairsKept    = 1 << 14
)

// resourcesOf are the resources of one of the sets of the index.
func resourcesOf(set *roaring.Bitmap) summed { return summed{in: set, within: set} }

func (s *summed) set() *roaring.Bitmap {
	if s.in == s.within {
		return s.in
	}
	return and(s.in, s.within)
}

// perRun gives how much each run has. Each is how much a resource has of it, nil for
// one each.
func (x *Index) perRun(of summed, each func(n uint32) int) []uint32 {
	x.runs.mu.Lock()
	defer x.runs.mu.Unlock()
	kept := x.runs.kept[of]
	if kept == nil {
		if kept = new(runSum); x.runs.kept == nil || (len(x.runs.kept)+1)*x.names.runs() > runsKept {
			x.runs.kept = map[summed]*runSum{}
		}
		x.runs.kept[of] = kept
	}
	switch stale := kept.stale(&x.names); {
	case stale == 0:
		return slices.Clone(kept.sums[:x.names.runs()])
	case stale > x.names.runs()/8:
		return kept.anew(&x.names, of.set(), each)
	}
	return kept.now(&x.names, of.set().ToDense(), each)
}

// common counts the resources that are in both sets. What is kept of the runs of large
// ones tells it.
func (x *Index) common(of summed) (count int) {
	x.runs.pairs.Lock()
	kept, met := x.runs.both[of]
	x.runs.pairs.Unlock()
	if met && kept.clock == x.names.clock {
		return kept.count
	}
	if of.within.GetCardinality() >= worthKeeping && of.in.GetCardinality() >= worthKeeping {
		for _, n := range x.perRun(of, nil) {
			count += int(n)
		}
	} else {
		count = int(of.in.AndCardinality(of.within))
	}
	x.runs.pairs.Lock()
	defer x.runs.pairs.Unlock()
	if x.runs.both == nil || len(x.runs.both) >= pairsKept {
		x.runs.both = map[summed]bothCount{}
	}
	x.runs.both[of] = bothCount{x.names.clock, count}
	return count
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
func (r *runSum) anew(o *order, set *roaring.Bitmap, of func(n uint32) int) []uint32 {
	sums, run := r.sums, o.run
	clear(sums)
	if of == nil {
		batches(set, func(some []uint32) {
			for _, n := range some {
				sums[run[n]]++
			}
		})
	} else {
		batches(set, func(some []uint32) {
			for _, n := range some {
				sums[run[n]] += uint32(of(n))
			}
		})
	}
	for run := range o.runs() {
		r.states[run] = o.state(run)
	}
	return slices.Clone(r.sums[:o.runs()])
}

// now gives the sums of now. Of the runs that changed, the members count whose bits
// are set.
func (r *runSum) now(o *order, bits []uint64, of func(n uint32) int) []uint32 {
	for run := range o.runs() {
		state := o.state(run)
		if r.states[run] == state {
			continue
		}
		sum := uint32(0)
		for _, n := range o.members(run) {
			if word := int(n >> 6); word >= len(bits) || bits[word]>>(n&63)&1 == 0 {
				continue
			}
			if of == nil {
				sum++
			} else {
				sum += uint32(of(n))
			}
		}
		r.sums[run], r.states[run] = sum, state
	}
	return slices.Clone(r.sums[:o.runs()])
}

// runSums gives how many rows of a bucket each run has. They are kept of resources in
// one or two sets of the index, and of their checks; of others they are counted anew.
func (s *Selection) runSums(b *bucket, checks bool, r *named, count func(n uint32) int) []int {
	x := s.index
	sums := make([]int, x.names.runs())
	add := func(more []uint32) {
		for run, n := range more {
			sums[run] += int(n)
		}
	}
	of, kept := s.summed(b)
	whole, all := of.in, of.in == x.sets.here
	switch {
	case kept && checks && b.atoms != nil && len(s.reasons.Values) == 0:
		for _, set := range x.joined(b.atoms) {
			if of.within = set; all || lies(set, whole) {
				of.in = set
			} else {
				of.in = whole
			}
			if set.GetCardinality() >= worthKeeping {
				add(x.perRun(of, nil))
			} else {
				each(of.set(), func(n uint32) { sums[x.names.run[n]]++ })
			}
		}
	case !kept || r.rare && !checks || b.atoms != nil || r.set.GetCardinality() < worthKeeping:
		each(r.set, func(n uint32) { sums[x.names.run[n]] += count(n) })
	case !checks:
		add(x.perRun(of, nil))
	default:
		of.checks = s.sign()
		add(x.perRun(of, s.weight()))
	}
	return sums
}

// lies reports whether all resources of one set are in another.
func lies(set, in *roaring.Bitmap) bool {
	return set == in || set.AndCardinality(in) == set.GetCardinality()
}

// joined gives the sets of the atoms of one rule or, where they make up all resources or
// all of a type, that one set: many rules have it.
func (x *Index) joined(atoms []atom) (sets []*roaring.Bitmap) {
	sum := uint64(0)
	for i := range atoms {
		sets = append(sets, atoms[i].set)
		sum += atoms[i].set.GetCardinality()
	}
	if sum == 0 {
		return sets
	}
	kind := x.sets.kinds.at(x.resources.kind[sets[0].Minimum()])
	for _, whole := range []*roaring.Bitmap{x.sets.here, kind} {
		if sum == whole.GetCardinality() && !slices.ContainsFunc(sets, func(set *roaring.Bitmap) bool { return !lies(set, whole) }) {
			return []*roaring.Bitmap{whole}
		}
	}
	return sets
}

// summed tells which sets of the index the resources of a bucket are in, but for its
// atoms.
func (s *Selection) summed(b *bucket) (of summed, ok bool) {
	if len(b.within) > 1 || len(s.of) != 1 {
		return of, false
	}
	of = resourcesOf(s.of[0])
	if len(b.within) == 1 {
		of.within = b.within[0]
	}
	if of.in == s.index.sets.here {
		of.in = of.within
	}
	return of, b.atoms == nil || of.in == of.within
}

// sign tells apart which checks are meant.
func (s *Selection) sign() (sign [sha256.Size]byte) {
	if s.everyOne {
		return [sha256.Size]byte{1}
	}
	all := []byte{0}
	if s.reasons.Not {
		all[0] = 1
	}
	all = binary.AppendUvarint(all, uint64(len(s.reasons.Values)))
	for _, r := range s.reasons.Values {
		all = append(all, byte(r))
	}
	for at := 0; at < len(s.wanted); at += statesEach {
		bits := byte(0)
		for state, wanted := range s.wanted[at : at+statesEach] {
			if wanted {
				bits |= 1 << state
			}
		}
		all = append(all, bits)
	}
	return sha256.Sum256(all)
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
