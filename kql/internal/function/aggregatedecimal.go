package function

import (
	"strconv"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// decimalSum is sum and avg of decimals; null where the sum is out of range.
type decimalSum struct {
	mean   bool
	sums   []string // "" before the first value
	counts []int64
}

const outOfRange = "out of range"

func (d *decimalSum) add(g uint32, x string, n int64) {
	d.counts[g] += n
	if d.sums[g] == "" {
		d.sums[g] = x
		return
	}
	sum, ok := data.AddDecimals(d.sums[g], x)
	if !ok {
		sum = outOfRange
	}
	d.sums[g] = sum
}

func (d *decimalSum) Add(size int, groups []uint32, args []*data.Vector) {
	d.sums, d.counts = grow(d.sums, size), grow(d.counts, size)
	v := flat(args[0])
	for i, x := range v.Texts[:len(groups)] {
		if !v.Nulls.Has(i) {
			d.add(groups[i], x, 1)
		}
	}
}

func (d *decimalSum) Merge(size int, other Accumulator, into []uint32) {
	d.sums, d.counts = grow(d.sums, size), grow(d.counts, size)
	o := other.(*decimalSum)
	for g, x := range o.sums {
		if x != "" {
			d.add(into[g], x, o.counts[g])
		}
	}
}

func (d *decimalSum) Results(size int) []*data.Vector {
	d.sums, d.counts = grow(d.sums, size), grow(d.counts, size)
	out := data.NewVector(data.Decimal, size)
	for g := range size {
		out.Put(g, d.result(g))
	}
	return []*data.Vector{out}
}

func (d *decimalSum) result(g int) data.Value {
	sum := d.sums[g]
	switch {
	case sum == "" && !d.mean:
		return data.OfDecimal("0")
	case sum == "" || sum == outOfRange:
		return data.Null(data.Decimal)
	case !d.mean:
		return data.OfDecimal(sum)
	}
	mean, ok := data.QuoDecimals(sum, strconv.FormatInt(d.counts[g], 10))
	if !ok {
		return data.Null(data.Decimal)
	}
	return data.OfDecimal(mean)
}

func (d *decimalSum) Bytes() int { return 64 * cap(d.sums) }

// ofDynamic is an aggregate over the numbers that a dynamic column holds.
type ofDynamic struct{ inner Accumulator }

func (d *ofDynamic) Add(size int, groups []uint32, args []*data.Vector) {
	d.inner.Add(size, groups, append([]*data.Vector{toReals(args[0])}, args[1:]...))
}

func (d *ofDynamic) Merge(size int, other Accumulator, into []uint32) {
	d.inner.Merge(size, other.(*ofDynamic).inner, into)
}

func (d *ofDynamic) Results(size int) []*data.Vector {
	results := d.inner.Results(size)
	for k, v := range results {
		out := data.NewVector(data.Dynamic, size)
		for g := range size {
			out.Nodes[g] = plainNumber(v.Value(g))
		}
		results[k] = out
	}
	return results
}

// plainNumber is a real in dynamic, as a long where it is whole.
func plainNumber(v data.Value) *data.Node {
	if v.IsNull() {
		return nil
	}
	if f := v.Real(); f == float64(int64(f)) && f > -1e15 && f < 1e15 {
		return data.NodeOfLong(int64(f))
	}
	return data.NodeOf(v)
}

func (d *ofDynamic) Bytes() int { return d.inner.Bytes() }
