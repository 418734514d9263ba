package function

import (
	"math"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// spreadForm tells variance, stdev and covariance apart.
type spreadForm struct{ root, population, pair bool }

func (f spreadForm) new([]Arg) (Accumulator, error) { return &spread{form: f}, nil }

// spread holds, for each group, the number of rows, the means, and the sum of
// products of differences from them: unlike sums of squares this loses no digits.
type spread struct {
	form   spreadForm
	counts []float64
	xMeans []float64
	yMeans []float64
	sums   []float64
}

func (s *spread) resize(size int) {
	s.counts, s.xMeans = grow(s.counts, size), grow(s.xMeans, size)
	s.yMeans, s.sums = grow(s.yMeans, size), grow(s.sums, size)
}

func (s *spread) Add(size int, groups []uint32, args []*data.Vector) {
	s.resize(size)
	x := toReals(args[0])
	y := x
	if s.form.pair {
		y = toReals(args[1])
	}
	for i, g := range groups {
		if x.Nulls.Has(i) || y.Nulls.Has(i) {
			continue
		}
		s.counts[g]++
		dx := x.Reals[i] - s.xMeans[g]
		s.xMeans[g] += dx / s.counts[g]
		s.yMeans[g] += (y.Reals[i] - s.yMeans[g]) / s.counts[g]
		s.sums[g] += dx * (y.Reals[i] - s.yMeans[g])
	}
}

func (s *spread) Merge(size int, other Accumulator, into []uint32) {
	s.resize(size)
	o := other.(*spread)
	for g, n := range o.counts {
		to := into[g]
		total := s.counts[to] + n
		if n == 0 {
			continue
		}
		dx, dy := o.xMeans[g]-s.xMeans[to], o.yMeans[g]-s.yMeans[to]
		s.sums[to] += o.sums[g] + dx*dy*s.counts[to]*n/total
		s.xMeans[to] += dx * n / total
		s.yMeans[to] += dy * n / total
		s.counts[to] = total
	}
}

func (s *spread) Results(size int) []*data.Vector {
	s.resize(size)
	out := make([]float64, size)
	for g := range out {
		n := s.counts[g]
		if !s.form.population {
			n--
		}
		if n > 0 {
			out[g] = s.sums[g] / n
		}
		if s.form.root {
			out[g] = math.Sqrt(out[g])
		}
	}
	return []*data.Vector{numberColumn(data.Real, out)}
}

func (s *spread) Bytes() int { return 32 * cap(s.counts) }

// combining is binary_all_and, _or and _xor.
type combining struct {
	of      data.Type
	combine func(a, b int64) int64
	values  []int64
	seen    []bool
}

func newCombining(combine func(a, b int64) int64) func(args []Arg) (Accumulator, error) {
	return func(args []Arg) (Accumulator, error) {
		return &combining{of: args[0].Type, combine: combine}, nil
	}
}

func (c *combining) add(g uint32, x int64) {
	if c.seen[g] {
		x = c.combine(c.values[g], x)
	}
	c.values[g], c.seen[g] = x, true
}

func (c *combining) Add(size int, groups []uint32, args []*data.Vector) {
	c.values, c.seen = grow(c.values, size), grow(c.seen, size)
	v := flat(args[0])
	if v.Longs == nil {
		v = wholeNumbers(toReals(v))
	}
	for i, g := range groups {
		if !v.Nulls.Has(i) {
			c.add(g, v.Longs[i])
		}
	}
}

func wholeNumbers(v *data.Vector) *data.Vector {
	out := &data.Vector{Type: data.Long, Len: v.Len, Nulls: v.Nulls, Longs: make([]int64, v.Len)}
	for i, f := range v.Reals {
		out.Longs[i] = int64(f)
	}
	return out
}

func (c *combining) Merge(size int, other Accumulator, into []uint32) {
	c.values, c.seen = grow(c.values, size), grow(c.seen, size)
	o := other.(*combining)
	for g, x := range o.values {
		if o.seen[g] {
			c.add(into[g], x)
		}
	}
}

func (c *combining) Results(size int) []*data.Vector {
	c.values, c.seen = grow(c.values, size), grow(c.seen, size)
	switch c.of {
	case data.Real:
		return []*data.Vector{typedColumn(c.of, realsFrom(c.values[:size]), c.seen)}
	case data.Int, data.Long, data.DateTime, data.TimeSpan:
		return []*data.Vector{typedColumn(c.of, c.values[:size], c.seen)}
	}
	out := data.NewVector(c.of, size)
	for g := range size {
		out.Put(g, c.other(g))
	}
	return []*data.Vector{out}
}

func (c *combining) other(g int) data.Value {
	switch {
	case !c.seen[g]:
		return data.Null(c.of)
	case c.of == data.Decimal:
		return data.Convert(data.OfLong(c.values[g]), data.Decimal)
	default:
		return data.OfNode(data.NodeOfLong(c.values[g]))
	}
}

func realsFrom(xs []int64) []float64 {
	out := make([]float64, len(xs))
	for i, x := range xs {
		out[i] = float64(x)
	}
	return out
}

func (c *combining) Bytes() int { return 9 * cap(c.values) }
