//go:build unix

package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// loaded is how many resources the benchmarks load.
const loaded = 100_000

// onBothBench measures on both databases. The server of the tests waits for no
// disk: its one-resource commits are faster than those of a real one.
func onBothBench(b *testing.B, measure func(b *testing.B, where func() Options)) {
	b.Run("sqlite", func(b *testing.B) { measure(b, func() Options { return Options{Dir: b.TempDir()} }) })
	b.Run("postgres", func(b *testing.B) { measure(b, func() Options { return Options{URL: newDatabase(b)} }) })
}

// processor is the time that this process computed so far.
func processor() time.Duration {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkLoad imports an estate into an empty database.
func BenchmarkLoad(b *testing.B) {
	onBothBench(b, func(b *testing.B, where func() Options) {
		for b.Loop() {
			b.StopTimer()
			options := where()
			s := open(b, options)
			b.StartTimer()
			began := processor()
			load(b, s, loaded)
			b.ReportMetric(float64((processor()-began).Microseconds())/loaded, "cpu-µs/resource")
			if options.Dir != "" {
				closeStore(b, s)
				info, err := os.Stat(filepath.Join(options.Dir, databaseFile))
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(info.Size())/loaded, "disk-B/resource")
			}
		}
		b.ReportMetric(float64(loaded*b.N)/b.Elapsed().Seconds(), "resources/s")
	})
}

// BenchmarkUnchanged imports what is there already.
func BenchmarkUnchanged(b *testing.B) {
	onBothBench(b, func(b *testing.B, where func() Options) {
		s := open(b, where())
		load(b, s, loaded)
		for b.Loop() {
			began := processor()
			load(b, s, loaded)
			b.ReportMetric(float64((processor()-began).Microseconds())/loaded, "cpu-µs/resource")
		}
		b.ReportMetric(float64(loaded*b.N)/b.Elapsed().Seconds(), "resources/s")
	})
}

// BenchmarkChangeOne commits one changed resource at a time.
func BenchmarkChangeOne(b *testing.B) {
	onBothBench(b, func(b *testing.B, where func() Options) {
		s := open(b, where())
		resources := load(b, s, loaded)
		n := 0
		for b.Loop() {
			n++
			r := resources[n*7919%loaded]
			write(b, s, func(tx ledger.Tx) error {
				body, err := tx.PutBodies(b.Context(), []ledger.Body{{Type: r.Type, Record: record(r, n)}})
				if err != nil {
					return err
				}
				facts, err := tx.PutFacts(b.Context(), []ledger.Facts{{Location: "westeurope"}})
				if err != nil {
					return err
				}
				if err := tx.SetVersions(b.Context(), []ledger.Version{{Resource: r.Number, Body: body[0], Facts: facts[0]}}); err != nil {
					return err
				}
				return judge(b.Context(), tx, []ledger.Resource{r}, n)
			})
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
	})
}

// BenchmarkScan reads what an index is built from, and the bodies of a unit.
func BenchmarkScan(b *testing.B) {
	onBothBench(b, func(b *testing.B, where func() Options) {
		s := open(b, where())
		load(b, s, loaded)
		b.Run("index", func(b *testing.B) {
			for b.Loop() {
				drain(b, s.Resources(b.Context(), 1))
				drain(b, s.Versions(b.Context(), 1, ""))
				drain(b, s.Judged(b.Context(), 1))
				drain(b, s.Tuples(b.Context(), 0))
			}
			b.ReportMetric(float64(loaded*b.N)/b.Elapsed().Seconds(), "resources/s")
		})
		b.Run("bodies", func(b *testing.B) {
			for b.Loop() {
				drain(b, s.UnitBodies(b.Context(), 1, modelUnits[0]))
			}
			b.ReportMetric(float64(loaded*b.N)/b.Elapsed().Seconds(), "resources/s")
		})
	})
}

func drain[T any](b *testing.B, rows func(func(T, error) bool)) {
	for _, err := range rows {
		if err != nil {
			b.Fatal(err)
		}
	}
}

// load imports resources of one unit and 60 types.
func load(b *testing.B, s *Store, n int) []ledger.Resource {
	b.Helper()
	ctx := context.Background()
	resources := make([]ledger.Resource, n)
	for i := range resources {
		kind := fmt.Sprintf("Microsoft.Things%d/things", i%60)
		name := fmt.Sprintf("thing-%06d", i)
		group := fmt.Sprintf("%s/resourceGroups/group-%d", modelUnits[0], i%500)
		resources[i] = ledger.Resource{ID: group + "/providers/" + kind + "/" + name, Type: kind, Name: name, Cloud: posture.Azure, Unit: modelUnits[0], Group: group}
	}
	in, err := s.Intake(ctx)
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	versions := make([]ledger.Version, 0, n)
	for some := range slices.Chunk(resources, 1000) {
		bodies, facts := make([]ledger.Body, len(some)), make([]ledger.Facts, len(some))
		for i, r := range some {
			text := record(r, 0)
			bodies[i] = ledger.Body{Hash: ledger.HashOf(text), Type: r.Type, Record: text}
			facts[i] = ledger.Facts{Location: "westeurope", SKU: r.Type, Tags: map[string]string{"owner": fmt.Sprint(len(versions) % 300)}}
		}
		bodyNumbers, err := in.PutBodies(ctx, bodies)
		if err != nil {
			b.Fatal(err)
		}
		factNumbers, err := in.PutFacts(ctx, facts)
		if err != nil {
			b.Fatal(err)
		}
		for i := range some {
			versions = append(versions, ledger.Version{Body: bodyNumbers[i], Facts: factNumbers[i]})
		}
	}
	write(b, s, func(tx ledger.Tx) error {
		if err := tx.NewResources(ctx, resources); err != nil {
			return err
		}
		for i := range resources {
			versions[i].Resource = resources[i].Number
		}
		if err := tx.SetVersions(ctx, versions); err != nil {
			return err
		}
		return judge(ctx, tx, resources, 0)
	})
	return resources
}

// judge gives each resource one of some thousand tuples of 15 verdicts.
func judge(ctx context.Context, tx ledger.Tx, resources []ledger.Resource, round int) error {
	evaluations := make([]ledger.Evaluation, 60*15)
	for i := range evaluations {
		evaluations[i].Rule = fmt.Sprintf("rule-%d-of-a-type-with-a-name", i)
	}
	if err := tx.Evaluations(ctx, evaluations); err != nil {
		return err
	}
	tuples := make([][]ledger.Verdict, len(resources))
	for i, r := range resources {
		h := int(r.Key) + round
		for k := range 15 {
			v := ledger.Verdict{Evaluation: uint32((h&0xFF)%60*15 + k + 1), State: posture.Healthy}
			if h>>8&31 == k || h>>16&15 == k {
				v.State = posture.Unhealthy
			}
			tuples[i] = append(tuples[i], v)
		}
	}
	numbers, err := tx.Tuples(ctx, tuples)
	if err != nil {
		return err
	}
	judged := make([]ledger.Judged, len(resources))
	for i, r := range resources {
		judged[i] = ledger.Judged{Resource: r.Number, Tuple: numbers[i]}
	}
	return tx.SetVerdicts(ctx, judged)
}

// record is a body of some 1.5 KB.
func record(r ledger.Resource, round int) []byte {
	var text strings.Builder
	fmt.Fprintf(&text, `{"id":%q,"name":%q,"type":%q,"location":"westeurope","properties":{"round":%d`, r.ID, r.Name, r.Type, round)
	for k := range 30 {
		fmt.Fprintf(&text, `,"propertyOf%sNumber%d":%t`, r.Type[10:14], k, (int(ledger.KeyOf(r.Identity()))>>k)&1 == 0)
	}
	fmt.Fprintf(&text, `,"uniqueId":"%x"}}`, ledger.HashOf([]byte(r.ID)))
	return []byte(text.String())
}
