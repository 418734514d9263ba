package index

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// TestOrder: however resources come and go, few or many at a time, the order is the
// one that sorting gives, and each knows its run.
func TestOrder(t *testing.T) {
	x := grown(5 * runOf)
	random := rand.New(rand.NewPCG(3, 4))
	c := &x.resources
	o := orderOf(slices.Clone(x.names.names), c.len())
	away := map[uint32]bool{}
	for range 300 {
		most := 8
		if random.IntN(10) == 0 {
			most = 200
		}
		var added, removed []uint32
		for range random.IntN(most) {
			n := x.names.names[random.IntN(len(x.names.names))]
			if slices.Contains(added, n) || slices.Contains(removed, n) {
				continue
			}
			if away[n] {
				added = append(added, n)
			} else {
				removed = append(removed, n)
			}
			away[n] = !away[n]
		}
		o.update(c, added, removed)
		want := slices.DeleteFunc(slices.Clone(x.names.names), func(n uint32) bool { return away[n] })
		if !slices.Equal(o.names, want) {
			t.Fatalf("the order is another after %d came and %d went", len(added), len(removed))
		}
		for at, n := range want {
			if o.run[n] != uint32(at/runOf) {
				t.Fatalf("resource %d at %d: run %d", n, at, o.run[n])
			}
		}
	}
}

// TestPagesOfMany: in lists of many runs, whether most resources are in them or few,
// every page behind a place or behind a number of rows is a piece of the whole list,
// and that is in order.
func TestPagesOfMany(t *testing.T) {
	x := grown(12_000)
	random := rand.New(rand.NewPCG(5, 6))
	for name, f := range map[string]Filter{
		"all": {}, "unhealthy": {Checks: CheckFilter{States: Any(posture.Unhealthy)}},
		"few":    {Types: Any("microsoft.things/kind7"), Locations: Any("region-3")},
		"denied": {Checks: CheckFilter{Reasons: Any(posture.Denied)}},
	} {
		for _, checks := range []bool{true, false} {
			for _, o := range [][]Order{{{By: ByName}}, {{By: ByName, Desc: true}}, {{By: ByState}}, {{By: ByUnit, Desc: true}}, {{By: BySeverity}}, {{By: ByCloud}, {By: ByType, Desc: true}}} {
				if o[0].By == BySeverity && !checks {
					continue
				}
				s := x.Select(f)
				if !checks {
					s = s.WithChecks()
				}
				at := fmt.Sprintf("%s, checks %v, by %s, turned %v", name, checks, o[0].By, o[0].Desc)
				whole := s.Page(checks, o, nil, 1<<30)
				if want := s.count(checks); len(whole) != want || want == 0 {
					t.Fatalf("%s: %d rows, want %d", at, len(whole), want)
				}
				if o[0].By == ByName && !slices.IsSortedFunc(whole, func(a, b Row) int {
					turned := x.resources.byName(a.Resource, b.Resource)
					if o[0].Desc {
						turned = -turned
					}
					return turned
				}) {
					t.Fatalf("%s: not in order", at)
				}
				for range 20 {
					k := random.IntN(len(whole))
					want := whole[k:min(k+50, len(whole))]
					if got := s.Page(checks, o, s.Skip(checks, o, k), 50); !slices.Equal(got, want) {
						t.Fatalf("%s: another page behind %d rows", at, k)
					}
					if k == 0 {
						continue
					}
					place := s.PlaceOf(o, whole[k-1])
					if got := s.Page(checks, o, &place, 50); !slices.Equal(got, want) {
						t.Fatalf("%s: another page behind row %d", at, k)
					}
				}
			}
		}
	}
}

// count counts the rows of a list.
func (s *Selection) count(checks bool) int {
	if !checks {
		return s.Resources()
	}
	tally := s.Tally()
	return tally.All.Total()
}

// BenchmarkSeek is a page that begins at a share of all rows, over twenty places.
func BenchmarkSeek(b *testing.B) {
	for name, f := range map[string]Filter{"all": {}, "unhealthy": {Checks: CheckFilter{States: Any(posture.Unhealthy)}}} {
		b.Run(name, func(b *testing.B) {
			sizes(b, func(b *testing.B, x *Index) {
				o := []Order{{By: BySeverity}}
				for i := 0; b.Loop(); i++ {
					s := x.Select(f)
					s.Page(true, o, s.Skip(true, o, s.count(true)*(i%20)/20), 50)
				}
			})
		})
	}
}
