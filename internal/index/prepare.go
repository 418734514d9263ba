package index

import "github.com/RoaringBitmap/roaring/v2"

// Prepare counts a piece of what lists of everything ask for: the checks that the
// resources of a word have, and how many of them each run has, so that nobody who
// asks first waits for it. It gives the piece that comes next, -1 after the last one;
// the first is 0. What changes meanwhile may leave a piece out.
func (x *Index) Prepare(piece int) (next int) {
	all := []*roaring.Bitmap{x.sets.here}
	for _, by := range []byWord{x.sets.kinds, x.sets.clouds, x.sets.states, x.sets.location, x.sets.units} { // units are many, and small
		all = append(all, by...)
	}
	if piece >= len(all) {
		return -1
	}
	set := all[piece]
	if set == nil {
		return piece + 1
	}
	x.checksIn(set)
	if set.GetCardinality() >= worthKeeping && !x.runs.full(x.names.runs()) {
		resources, every := resourcesOf(set), x.Select(Filter{})
		x.perRun(resources, nil)
		checks := resources
		checks.checks = every.sign()
		x.perRun(checks, every.weight())
	}
	return piece + 1
}

// full reports whether more than half of what may be kept is.
func (r *runSums) full(runs int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.kept)*runs > runsKept/2
}
