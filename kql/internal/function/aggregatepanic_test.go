package function

import (
	"math/rand/v2"
	"testing"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// TestNoAggregatePanics adds odd values to every aggregate, in two parts that
// are merged: no panic, and as many results as groups.
func TestNoAggregatePanics(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, f := range Aggregates() {
		for range 20 * *oddCalls {
			s, err := ParseSignature(f.Signatures[r.IntN(len(f.Signatures))])
			if err != nil {
				t.Fatal(err)
			}
			args, known := oddCall(r, s)
			if len(args) == 0 && len(s.Params) > 0 {
				continue
			}
			tryAggregate(t, r, f, args, known)
		}
	}
}

func tryAggregate(t *testing.T, r *rand.Rand, f *Aggregate, args []data.Value, known []Arg) {
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("%s of %v panics: %v", f.Name, args, p)
		}
	}()
	build := func() Accumulator {
		acc, err := f.New(known)
		if err != nil {
			return nil
		}
		acc.Add(4, []uint32{0, 2, 2, 1, 0, 0}, oddColumns(r, args, known, 6))
		return acc
	}
	acc, other := build(), build()
	if acc == nil || other == nil {
		return
	}
	acc.Merge(5, other, []uint32{4, 0, 1, 2})
	for _, v := range acc.Results(5) {
		if v.Len != 5 || v.Const {
			t.Errorf("%s gives %d results, want 5 of no constant", f.Name, v.Len)
		}
		for i := range v.Len {
			v.Value(i)
		}
	}
	if acc.Bytes() < 0 {
		t.Errorf("%s holds %d bytes", f.Name, acc.Bytes())
	}
}

func oddColumns(r *rand.Rand, args []data.Value, known []Arg, rows int) []*data.Vector {
	var out []*data.Vector
	for i, a := range args {
		v := data.NewVector(a.Type(), rows)
		for row := range rows {
			v.Put(row, oddValue(r, a.Type()))
		}
		if known[i].Const != nil {
			v = data.Constant(a, rows)
		}
		out = append(out, v)
	}
	return out
}
