package index

import (
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Prepare counts a piece of what lists ask for, so that nobody who asks first waits for
// it: how many checks the resources of a word have, and how much each run has of
// everything, of each rule, of each word, and of what is unhealthy or unknown of that;
// and who owns what. It gives the piece that comes next, -1 after the last one; the
// first is 0. What changes meanwhile may leave a piece out.
func (x *Index) Prepare(piece int) (next int) {
	rules, words := x.rules.worst, slices.Collect(slices.Chunk(x.words(), wordsAtOnce))
	at := piece
	for _, part := range []struct {
		pieces  int
		prepare func(n int) (done bool)
	}{
		{1, func(int) bool { return x.prepareSets([]*roaring.Bitmap{x.sets.here}) }},
		{len(rules), func(n int) bool { return x.prepareRule(rules[n]) }},
		{1, func(int) bool { return x.ownMore() }},
		{len(words), func(n int) bool { return x.prepareSets(words[n]) }},
		{len(words), func(n int) bool { return x.prepareState(words[n], posture.Unhealthy) }},
		{len(words), func(n int) bool { return x.prepareState(words[n], posture.Unknown) }},
		{len(words), func(n int) bool { return x.prepareWithin(words[n]) }},
	} {
		if at < part.pieces {
			if part.prepare(at) {
				piece++
			}
			return piece
		}
		at -= part.pieces
	}
	return -1
}

// words are all resources, and those of each word; units, which are many and small, come last.
func (x *Index) words() []*roaring.Bitmap {
	all := []*roaring.Bitmap{x.sets.here}
	for _, by := range []byWord{x.sets.kinds, x.sets.clouds, x.sets.states, x.sets.location, x.sets.units} {
		for _, set := range by {
			if set != nil {
				all = append(all, set)
			}
		}
	}
	return all
}

// wordsAtOnce is how many words make a piece.
const wordsAtOnce = 32

// prepareSets counts the checks of sets of resources, and what each run has of both.
func (x *Index) prepareSets(sets []*roaring.Bitmap) (done bool) {
	every := x.Select(Filter{})
	for _, set := range sets {
		x.checksIn(set)
		if x.worthPreparing(set) {
			of := resourcesOf(set)
			x.perRun(of, nil)
			of.checks = every.sign()
			x.perRun(of, every.weight())
		}
	}
	return true
}

// prepareState counts what each run has of the checks in a state of sets of resources.
func (x *Index) prepareState(sets []*roaring.Bitmap, state posture.State) (done bool) {
	some := x.Select(Filter{Checks: CheckFilter{States: Any(state)}})
	for _, set := range sets {
		if x.worthPreparing(set) {
			of := resourcesOf(set)
			of.checks = some.sign()
			x.perRun(of, some.weight())
		}
	}
	return true
}

// prepareWithin counts what each run has of resources in a state, of some words.
func (x *Index) prepareWithin(sets []*roaring.Bitmap) (done bool) {
	for _, state := range x.sets.states {
		for _, set := range sets {
			if state != nil && state.GetCardinality() >= worthKeeping && x.worthPreparing(set) {
				x.perRun(summed{in: state, within: set}, nil)
			}
		}
	}
	return true
}

// prepareRule counts what each run has of the checks of a rule.
func (x *Index) prepareRule(rule int) (done bool) {
	var atoms []atom
	for evaluation, of := range x.rules.of_ {
		for state := 0; int(of) == rule && state < statesEach; state++ {
			if set := x.sets.checks.at(uint32(evaluation*statesEach + state)); set != nil && !set.IsEmpty() {
				atoms = append(atoms, atom{set: set})
			}
		}
	}
	for _, set := range x.joined(atoms) {
		if x.worthPreparing(set) {
			x.perRun(resourcesOf(set), nil)
		}
	}
	return true
}

func (x *Index) worthPreparing(set *roaring.Bitmap) bool {
	return set.GetCardinality() >= worthKeeping && !x.runs.full(x.names.runs())
}

// full reports whether half of what may be kept is.
func (r *runSums) full(runs int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.kept)*runs > runsKept/2
}
