package index

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// stir makes a random change: some resources come, go, lie elsewhere or are judged
// otherwise, few or many at a time.
func stir(t *testing.T, random *rand.Rand, x *Index, away map[uint32]bool) {
	t.Helper()
	n := x.Commit() + 1
	c := ledger.Change{Commit: ledger.Commit{Number: n}}
	most := 6
	if random.IntN(3) == 0 {
		most = 300
	}
	met, only := map[uint32]bool{}, random.IntN(4)
	for range random.IntN(most) {
		r := uint32(1 + random.IntN(x.resources.len()-1))
		if only == 0 && len(away) > 0 { // some come back
			r = slices.Sorted(maps.Keys(away))[random.IntN(len(away))]
		}
		if met[r] || only == 0 && !away[r] || only == 1 && away[r] {
			continue
		}
		met[r] = true
		facts := x.facts.stored[x.resources.facts[r]]
		now := ledger.Interval{Since: n, Until: ledger.Open}
		switch {
		case away[r]:
			c.Versions = append(c.Versions, ledger.Version{Resource: r, Interval: now, Facts: facts})
			delete(away, r)
		case only < 3 && random.IntN(2) == 0:
			c.Versions = append(c.Versions, ledger.Version{Resource: r, Interval: ledger.Interval{Since: 1, Until: n}, Facts: facts})
			away[r] = true
		case random.IntN(4) == 0:
			c.Versions = append(c.Versions, ledger.Version{Resource: r, Interval: now, Facts: x.facts.stored[1+random.IntN(len(x.facts.stored)-1)]})
		default:
			tuple := x.tuples.stored[1+random.IntN(x.tuples.len()-1)]
			c.Judged = append(c.Judged, ledger.Judged{Resource: r, Interval: now, Tuple: tuple})
		}
	}
	if _, err := x.Apply(&c, Contents{}); err != nil {
		t.Fatal(err)
	}
}

// TestRunSums: whatever resources come, go or are judged otherwise, few or many at a
// time, what is kept of runs is what counting them gives.
func TestRunSums(t *testing.T) {
	x := grown(5 * runOf)
	random := rand.New(rand.NewPCG(7, 8))
	away := map[uint32]bool{}
	for range 120 {
		stir(t, random, x, away)
		if random.IntN(3) > 0 {
			compareRuns(t, x)
		}
	}
}

func compareRuns(t *testing.T, x *Index) {
	t.Helper()
	unhealthy, there := x.sets.states.at(uint32(posture.Unhealthy)), x.sets.location.at(3)
	bad := x.Select(Filter{Checks: CheckFilter{States: Any(posture.Unhealthy)}})
	denied := x.Select(Filter{States: Any(posture.Unhealthy), Checks: CheckFilter{Reasons: Any(posture.Denied)}})
	for _, state := range x.sets.states {
		for _, set := range x.words() {
			if state == nil {
				continue
			}
			if got, want := x.common(summed{in: state, within: set}), int(state.AndCardinality(set)); got != want {
				t.Fatalf("%d resources in both, want %d", got, want)
			}
		}
	}
	one := func(uint32) int { return 1 }
	for _, k := range []struct {
		name string
		of   summed
		each func(n uint32) int // as it is asked for
		want func(n uint32) int
	}{
		{"resources", resourcesOf(x.sets.here), nil, one},
		{"unhealthy ones", resourcesOf(unhealthy), nil, one},
		{"unhealthy ones in a place", summed{in: unhealthy, within: there}, nil, one},
		{"checks", summed{x.sets.here, x.sets.here, x.Select(Filter{}).sign()}, x.Select(Filter{}).weight(), func(n uint32) int { return len(x.Tuple(x.Laid(n))) }},
		{"checks in a place", summed{there, there, x.Select(Filter{}).sign()}, x.Select(Filter{}).weight(), func(n uint32) int { return len(x.Tuple(x.Laid(n))) }},
		{"unhealthy checks in a place", summed{there, there, bad.sign()}, bad.weight(), func(n uint32) int { return countIf(x, n, func(v Verdict) bool { return v.State == posture.Unhealthy }) }},
		{"unread checks in a place", summed{unhealthy, there, denied.sign()}, denied.weight(), func(n uint32) int { return countIf(x, n, func(v Verdict) bool { return v.Reason == posture.Denied }) }},
	} {
		var want []uint32
		for run := range x.names.runs() {
			sum := 0
			for _, n := range x.names.members(run) {
				if k.of.in.Contains(n) && k.of.within.Contains(n) {
					sum += k.want(n)
				}
			}
			want = append(want, uint32(sum))
		}
		if got := x.perRun(k.of, k.each); !slices.Equal(got, want) {
			t.Fatalf("%s by run: %v, want %v", k.name, got, want)
		}
	}
}

// countIf counts the verdicts of a resource that are wanted.
func countIf(x *Index, n uint32, wanted func(Verdict) bool) (count int) {
	for _, v := range x.Tuple(x.Laid(n)) {
		if wanted(v) {
			count++
		}
	}
	return count
}

// TestJoined: what stands for the sets of a rule's checks has the same resources, and is
// a set that other rules have too where all of a type are judged.
func TestJoined(t *testing.T) {
	x := grown(3_000)
	rulesOf := func() (all [][]atom) {
		for _, part := range x.Select(Filter{}).atomParts(&bucket{atoms: x.Select(Filter{}).atoms()}, ByRule) {
			all = append(all, part.atoms)
		}
		return all
	}
	for _, atoms := range rulesOf() {
		if sets := x.joined(atoms); len(sets) != 1 || sets[0] != x.sets.kinds.at(x.resources.kind[atoms[0].set.Minimum()]) {
			t.Fatalf("rule %d: %d sets, want that of its type", atoms[0].rule, len(sets))
		}
	}
	random := rand.New(rand.NewPCG(11, 12))
	away := map[uint32]bool{}
	for range 10 {
		stir(t, random, x, away)
	}
	// One resource has the checks of another type instead of its own: as many as before.
	one, other := x.sets.kinds.at(1).Minimum(), x.sets.kinds.at(2).Minimum()
	swapped := &ledger.Change{Commit: ledger.Commit{Number: x.Commit() + 1}}
	for _, pair := range [][2]uint32{{one, other}, {other, one}} {
		swapped.Judged = append(swapped.Judged, ledger.Judged{
			Resource: pair[0], Interval: ledger.Interval{Since: swapped.Commit.Number, Until: ledger.Open}, Tuple: x.tuples.stored[x.resources.judged[pair[1]]],
		})
	}
	if _, err := x.Apply(swapped, Contents{}); err != nil {
		t.Fatal(err)
	}
	for _, atoms := range rulesOf() {
		want, got := roaring.New(), roaring.New()
		for _, a := range atoms {
			want.Or(a.set)
		}
		for _, set := range x.joined(atoms) {
			got.Or(set)
		}
		if !got.Equals(want) {
			t.Fatalf("rule %d: %d resources, want %d", atoms[0].rule, got.GetCardinality(), want.GetCardinality())
		}
	}
}
