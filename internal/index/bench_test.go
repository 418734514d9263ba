package index

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// perUnit is how many resources a unit of the benchmarks has.
const perUnit = 5000

// grown is an index of n made-up resources with fifteen verdicts each, of which
// one in twelve is unhealthy.
func grown(n int) *Index {
	random := rand.New(rand.NewPCG(1, 2))
	var c Content
	for i := range 16 {
		c.Controls = append(c.Controls, score.Control{ID: fmt.Sprint("control-", i), Max: 5})
	}
	const types, perType = 60, 15
	var contents Contents
	for i := range types * perType {
		r := Rule{ID: fmt.Sprint("rule-", i), Severity: posture.Severity(1 + i%4), Control: fmt.Sprint("control-", i%16), Scored: i%5 > 0}
		c.Rules = append(c.Rules, r)
		contents.Evaluations = append(contents.Evaluations, ledger.Evaluation{Number: uint32(i + 1), Rule: r.ID})
	}
	l := NewLoader(c)
	contents.Facts = map[int64]ledger.Facts{}
	for i := range 3000 {
		contents.Facts[int64(i+1)] = ledger.Facts{Location: fmt.Sprint("region-", i%12), SKU: "Standard", Tags: map[string]string{"env": fmt.Sprint(i % 4), "app": fmt.Sprint(i)}}
	}
	known := map[string]int64{}
	tupleOf := func(kind int) int64 {
		var verdicts []ledger.Verdict
		key := fmt.Sprint(kind, ":")
		for i := range perType {
			v := ledger.Verdict{Evaluation: uint32(kind*perType + i + 1), State: posture.Healthy}
			switch random.IntN(24) {
			case 0, 1:
				v.State = posture.Unhealthy
			case 2:
				v.State, v.Reason = posture.Unknown, posture.Denied
			}
			key += string(rune('a' + v.State))
			verdicts = append(verdicts, v)
		}
		if _, ok := known[key]; !ok {
			known[key] = int64(len(known) + 1)
			contents.Tuples = append(contents.Tuples, ledger.Tuple{Number: known[key], Verdicts: verdicts})
		}
		return known[key]
	}
	l.Scopes([]posture.Scope{{ID: "root", Parent: "/"}})
	judged := make([]int64, n+1)
	kinds := make([]int, n+1)
	for i := 1; i <= n; i++ {
		kinds[i] = i % perUnit * types / perUnit
		judged[i] = tupleOf(kinds[i])
	}
	if err := l.Contents(contents); err != nil {
		panic(err)
	}
	for i := 1; i <= n; i++ {
		unit := fmt.Sprintf("/subscriptions/%08d-0000-0000-0000-000000000000", i/perUnit)
		if i%perUnit == 1 {
			l.Scopes([]posture.Scope{{ID: unit, Parent: "root", Kind: posture.Unit}})
		}
		r := ledger.Resource{Number: uint32(i), Type: fmt.Sprintf("Microsoft.Things/kind%d", kinds[i]), Name: fmt.Sprintf("thing-%07d", random.IntN(1e7)), Cloud: posture.Azure, Unit: unit}
		r.Group = fmt.Sprintf("%s/resourceGroups/group-%d", unit, i%perUnit/20)
		r.ID = r.Group + "/providers/" + r.Type + "/" + r.Name
		r.Key = uint64(i)
		l.Resource(&r)
		l.Version(ledger.Version{Resource: r.Number, Facts: int64(1 + random.IntN(3000))})
		l.Judged(ledger.Judged{Resource: r.Number, Tuple: judged[i]})
	}
	return l.Index(1, nil)
}

var grownOnce = map[int]func() *Index{10_000: sync.OnceValue(func() *Index { return grown(10_000) }), 1_000_000: sync.OnceValue(func() *Index { return grown(1_000_000) })}

// sizes runs a benchmark at two sizes: what it costs should differ by little.
func sizes(b *testing.B, run func(*testing.B, *Index)) {
	for _, n := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			if n > 10_000 && testing.Short() {
				b.Skip("a million resources")
			}
			x := grownOnce[n]()
			b.ReportAllocs()
			b.ResetTimer()
			run(b, x)
		})
	}
}

func BenchmarkPage(b *testing.B) {
	filters := map[string]Filter{
		"all": {}, "unhealthy": {Checks: CheckFilter{States: Any(posture.Unhealthy)}},
		"type_location": {Types: Any("microsoft.things/kind7"), Locations: Any("region-3")},
		"rule":          {Checks: CheckFilter{Rules: Any("rule-77"), States: Any(posture.Unhealthy)}},
	}
	for name, f := range filters {
		for _, checks := range []bool{true, false} {
			b.Run(fmt.Sprintf("%s/checks=%v", name, checks), func(b *testing.B) {
				sizes(b, func(b *testing.B, x *Index) {
					for b.Loop() {
						s := x.Select(f)
						o := []Order{{By: BySeverity}}
						if !checks {
							s, o = s.WithChecks(), []Order{{By: ByState}}
						}
						rows := s.Page(checks, o, nil, 50)
						at := s.PlaceOf(o, rows[len(rows)-1])
						s.Page(checks, o, &at, 50)
					}
				})
			})
		}
	}
}

func BenchmarkTally(b *testing.B) {
	sizes(b, func(b *testing.B, x *Index) {
		for b.Loop() {
			x.Select(Filter{}).Tally()
		}
	})
}

func BenchmarkFacets(b *testing.B) {
	f := Filter{Locations: Any("region-3"), Checks: CheckFilter{States: Any(posture.Unhealthy)}}
	sizes(b, func(b *testing.B, x *Index) {
		for b.Loop() {
			x.Facets(f, Checks, StateFacet, SeverityFacet, ControlFacet, CloudFacet, TypeFacet, UnitFacet)
		}
	})
}

func BenchmarkScore(b *testing.B) {
	sizes(b, func(b *testing.B, x *Index) {
		for b.Loop() {
			m := x.Select(Filter{}).ScoreModel()
			m.Score()
			m.Gain(3)
		}
	})
}

// BenchmarkApply changes the verdicts of one resource.
func BenchmarkApply(b *testing.B) {
	sizes(b, func(b *testing.B, x *Index) {
		tuples := [2]int64{x.tuples.stored[1], x.tuples.stored[2]}
		for i := 0; b.Loop(); i++ {
			n := x.Commit() + 1
			c := ledger.Change{Commit: ledger.Commit{Number: n}}
			c.Judged = []ledger.Judged{{Resource: 4711, Interval: ledger.Interval{Since: n, Until: ledger.Open}, Tuple: tuples[i%2]}}
			if _, err := x.Apply(&c, Contents{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkCheckpoint(b *testing.B) {
	sizes(b, func(b *testing.B, x *Index) {
		var file bytes.Buffer
		if err := x.WriteTo(&file, "rules"); err != nil {
			b.Fatal(err)
		}
		text := file.Bytes()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, err := ReadCheckpoint(text, "rules"); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkCopy(b *testing.B) {
	sizes(b, func(b *testing.B, x *Index) {
		var file bytes.Buffer
		if err := x.WriteTo(&file, "rules"); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(file.Len()))
		for b.Loop() {
			bytes.Clone(file.Bytes())
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.HeapAlloc)/(1<<20), "MiB-heap")
	})
}

// BenchmarkExcerpt takes the first excerpt of a state of the index, and one after
// it, and finds a hundred resources of a type.
func BenchmarkExcerpt(b *testing.B) {
	for _, again := range []bool{false, true} {
		b.Run(fmt.Sprintf("again=%v", again), func(b *testing.B) {
			sizes(b, func(b *testing.B, x *Index) {
				for b.Loop() {
					if !again {
						x.moment.Store(nil)
					}
					e := x.Select(Filter{}).Excerpt()
					found := 0
					for range e.Resources(func(kind string) bool { return kind == "microsoft.things/kind7" || kind == "Microsoft.Things/kind7" }, nil) {
						if found++; found == 100 {
							break
						}
					}
				}
			})
		})
	}
}
