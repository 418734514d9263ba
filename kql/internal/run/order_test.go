package run

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// TestOrderIsStableSort compares the order by radix with a plain stable sort.
func TestOrderIsStableSort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{0, 1, 30, 200, 500}).Draw(t, "n")
		texts := rapid.SampledFrom([][]string{
			{"", "a", "a\x00", "ab"},
			{"westeurope", "westeurope2", "westus", "w", "", "westeur"},
			{"abcdefghijklmnopqrstu", "abcdefghijklmnopqrstuv", "abcdefghijklmnopqrstu\x00", "abcdefg", "abcdefgh"},
		}).Draw(t, "texts")
		many := rapid.Bool().Draw(t, "many")
		cols := []*data.Vector{data.NewVector(data.String, n), data.NewVector(data.Long, n), data.NewVector(data.Real, n)}
		for i := range n {
			text := rapid.SampledFrom(texts).Draw(t, "text")
			if many {
				text += fmt.Sprint(rapid.IntRange(0, 1000).Draw(t, "suffix"))
			}
			cols[0].Texts[i] = text
			cols[1].Put(i, maybe(t, data.OfLong(int64(rapid.IntRange(-2, 300).Draw(t, "long")))))
			cols[2].Put(i, maybe(t, data.OfReal(rapid.SampledFrom([]float64{-1, 0, 2.5, nan(), 7}).Draw(t, "real"))))
		}
		keys := make([]plan.Key, rapid.IntRange(1, 3).Draw(t, "keys"))
		vectors := make([]*data.Vector, len(keys))
		for k := range keys {
			keys[k] = plan.Key{Descending: rapid.Bool().Draw(t, "desc"), NullsFirst: rapid.Bool().Draw(t, "nulls first")}
			vectors[k] = rapid.SampledFrom(cols).Draw(t, "column")
		}
		want := make([]int32, n)
		for i := range want {
			want[i] = int32(i)
		}
		slices.SortStableFunc(want, func(a, b int32) int {
			for k := range keys {
				if c := compareRows(keys[k], vectors[k], a, vectors[k], b); c != 0 {
					return c
				}
			}
			return 0
		})
		if diff := cmp.Diff(want, ordered(nil, keys, vectors, n)); diff != "" {
			t.Fatalf("order differs (-want +got):\n%s", diff)
		}
	})
}

func maybe(t *rapid.T, v data.Value) data.Value {
	if rapid.IntRange(0, 9).Draw(t, "null") == 0 {
		return data.Null(v.Type())
	}
	return v
}

func nan() float64 { zero := 0.0; return zero / zero }

// TestTopIsSortAndTake holds for ties and nulls too.
func TestTopIsSortAndTake(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := scan(table(rowTypes, drawRows(t, "rows"), rapid.IntRange(1, 9).Draw(t, "batch")))
		keys := []plan.Key{{Value: col(s, 0), Descending: rapid.Bool().Draw(t, "desc"), NullsFirst: rapid.Bool().Draw(t, "nulls")}}
		rows := &plan.Const{Value: data.OfLong(int64(rapid.IntRange(0, 50).Draw(t, "rows")))}
		base := plan.Base{Cols: s.Cols, From: []plan.Node{s}}
		sorted := &plan.Sort{Base: base, Keys: keys}
		taken := &plan.Take{Base: plan.Base{Cols: s.Cols, From: []plan.Node{sorted}}, Rows: rows}
		want := mustRows(t, taken, Limits{})
		if diff := cmp.Diff(want, mustRows(t, &plan.Top{Base: base, Rows: rows, Keys: keys}, Limits{})); diff != "" {
			t.Fatalf("top differs (-want +got):\n%s", diff)
		}
	})
}

// TestTopOfMany goes through pruning more than once.
func TestTopOfMany(t *testing.T) {
	s := scan(generated(60_000))
	base := plan.Base{Cols: s.Cols, From: []plan.Node{s}}
	keys := []plan.Key{{Value: col(s, 2)}, {Value: col(s, 4), Descending: true}}
	ten := &plan.Const{Value: data.OfLong(10)}
	sorted := &plan.Sort{Base: base, Keys: keys}
	want := mustRows(t, &plan.Take{Base: plan.Base{Cols: s.Cols, From: []plan.Node{sorted}}, Rows: ten}, Limits{})
	if diff := cmp.Diff(want, mustRows(t, &plan.Top{Base: base, Rows: ten, Keys: keys}, Limits{})); diff != "" {
		t.Errorf("top differs (-want +got):\n%s", diff)
	}
}

// TestOrderingEndsWhenItIsCancelled: whatever is sorted, it asks in between.
func TestOrderingEndsWhenItIsCancelled(t *testing.T) {
	const n = 1 << 17
	longs, reals, many, few := data.NewVector(data.Long, n), data.NewVector(data.Real, n), data.NewVector(data.String, n), data.NewVector(data.String, n)
	nodes := data.NewVector(data.Dynamic, n)
	for i := range n {
		longs.Longs[i], reals.Reals[i] = int64(n-i), -float64(i)
		many.Texts[i], few.Texts[i] = fmt.Sprint("text ", n-i), fmt.Sprint("text ", i%7)
		nodes.Put(i, data.OfNode(data.NodeOfStrings([]string{fmt.Sprint(n - i)})))
	}
	for name, column := range map[string]*data.Vector{"long": longs, "real": reals, "many texts": many, "few texts": few, "dynamic": nodes} {
		t.Run(name, func(t *testing.T) {
			cancelled := errors.New("cancelled")
			err := guarded(func() error {
				ordered(func() { panic(&function.Halt{Err: cancelled}) }, []plan.Key{{}}, []*data.Vector{column}, n)
				return nil
			})
			if !errors.Is(err, cancelled) {
				t.Errorf("error %v, want that it was cancelled", err)
			}
		})
	}
}

// TestOrderingAsksWithinAPass: a pass over many rows asks more than once.
func TestOrderingAsksWithinAPass(t *testing.T) {
	const n = 20 * askedAfter
	v := data.NewVector(data.Long, n)
	for i := range n {
		v.Longs[i] = int64(i & 255)
	}
	asks := 0
	ordered(func() { asks++ }, []plan.Key{{}}, []*data.Vector{v}, n)
	if want := n / askedAfter; asks < want {
		t.Errorf("asked %d times, want %d", asks, want)
	}
}
