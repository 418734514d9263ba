package index

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// TestRunSums: whatever resources come, go or are judged otherwise, few or many at a
// time, what is kept of runs is what counting them gives.
func TestRunSums(t *testing.T) {
	x := grown(5 * runOf)
	random := rand.New(rand.NewPCG(7, 8))
	away := map[uint32]bool{}
	for range 120 {
		n := x.Commit() + 1
		c := ledger.Change{Commit: ledger.Commit{Number: n}}
		most := 6
		if random.IntN(3) == 0 {
			most = 300
		}
		met, only := map[uint32]bool{}, random.IntN(4)
		for range random.IntN(most) {
			r := uint32(1 + random.IntN(5*runOf))
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
			default:
				tuple := x.tuples.stored[1+random.IntN(x.tuples.len()-1)]
				c.Judged = append(c.Judged, ledger.Judged{Resource: r, Interval: now, Tuple: tuple})
			}
		}
		if _, err := x.Apply(&c, Contents{}); err != nil {
			t.Fatal(err)
		}
		if random.IntN(3) > 0 {
			compareRuns(t, x)
		}
	}
}

func compareRuns(t *testing.T, x *Index) {
	t.Helper()
	unhealthy := x.sets.states.at(uint32(posture.Unhealthy))
	var all, bad, checks []uint32
	for run := range x.names.runs() {
		var sums [3]uint32
		for _, n := range x.names.members(run) {
			sums[0]++
			if unhealthy.Contains(n) {
				sums[1]++
			}
			sums[2] += uint32(len(x.Tuple(x.Laid(n))))
		}
		all, bad, checks = append(all, sums[0]), append(bad, sums[1]), append(checks, sums[2])
	}
	if got := x.perRunOf(x.sets.here); !slices.Equal(got, all) {
		t.Fatalf("resources %v, want %v", got, all)
	}
	if got := x.perRunOf(unhealthy); !slices.Equal(got, bad) {
		t.Fatalf("unhealthy ones %v, want %v", got, bad)
	}
	if got := x.checksPerRun(); !slices.Equal(got, checks) {
		t.Fatalf("checks %v, want %v", got, checks)
	}
}
