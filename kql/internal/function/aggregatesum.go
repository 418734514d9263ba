package function

import (
	"math"
	"math/bits"

	"github.com/bartizan-dev/bartizan/kql/data"
)

type number interface{ ~int64 | ~float64 }

func longs(v *data.Vector) []int64   { return v.Longs }
func reals(v *data.Vector) []float64 { return v.Reals }

// numberColumn is a result column of numbers.
func numberColumn[T number](t data.Type, xs []T) *data.Vector {
	v := &data.Vector{Type: t, Len: len(xs)}
	switch xs := any(xs).(type) {
	case []int64:
		v.Longs = xs
	case []float64:
		v.Reals = xs
	}
	return v
}

// newSum is sum(x): long for int, else the type of x.
func newSum(args []Arg) (Accumulator, error) {
	switch t := args[0].Type; t {
	case data.Int, data.Long:
		return &summing[int64]{of: data.Long, pick: longs}, nil
	case data.DateTime, data.TimeSpan:
		return &tickSum{tickMean{of: t}}, nil
	case data.Decimal:
		return &decimalSum{}, nil
	case data.Dynamic:
		return &ofDynamic{inner: &summing[float64]{of: data.Real, pick: reals}}, nil
	default:
		return &summing[float64]{of: data.Real, pick: reals}, nil
	}
}

// summing is sum of numbers that fit into 64 bits.
type summing[T number] struct {
	of   data.Type
	pick func(*data.Vector) []T
	sums []T
}

func (s *summing[T]) Add(size int, groups []uint32, args []*data.Vector) {
	s.sums = grow(s.sums, size)
	v := flat(args[0])
	xs, sums := s.pick(v)[:len(groups)], s.sums
	if v.Nulls != nil {
		for i, x := range xs {
			if !v.Nulls.Has(i) {
				sums[groups[i]] += x
			}
		}
		return
	}
	if size == 1 {
		sum := sums[0]
		for _, x := range xs {
			sum += x
		}
		sums[0] = sum
		return
	}
	for i, x := range xs {
		sums[groups[i]] += x
	}
}

func (s *summing[T]) Merge(size int, other Accumulator, into []uint32) {
	s.sums = grow(s.sums, size)
	for g, x := range other.(*summing[T]).sums {
		s.sums[into[g]] += x
	}
}

func (s *summing[T]) Results(size int) []*data.Vector {
	s.sums = grow(s.sums, size)
	return []*data.Vector{numberColumn(s.of, s.sums[:size])}
}

func (s *summing[T]) Bytes() int { return 8 * cap(s.sums) }

// newAvg is avg(x): real for numbers, else the type of x.
func newAvg(args []Arg) (Accumulator, error) {
	switch t := args[0].Type; t {
	case data.Int, data.Long:
		return &mean[int64]{pick: longs}, nil
	case data.DateTime, data.TimeSpan:
		return &tickMean{of: t}, nil
	case data.Decimal:
		return &decimalSum{mean: true}, nil
	case data.Dynamic:
		return &ofDynamic{inner: &mean[float64]{pick: reals}}, nil
	default:
		return &mean[float64]{pick: reals}, nil
	}
}

// mean is avg of numbers; of no numbers it is NaN, as in Kusto.
type mean[T number] struct {
	pick   func(*data.Vector) []T
	sums   []float64
	counts []int64
}

func (m *mean[T]) Add(size int, groups []uint32, args []*data.Vector) {
	m.sums, m.counts = grow(m.sums, size), grow(m.counts, size)
	v := flat(args[0])
	xs, sums, counts := m.pick(v)[:len(groups)], m.sums, m.counts
	if v.Nulls == nil {
		for i, x := range xs {
			g := groups[i]
			sums[g] += float64(x)
			counts[g]++
		}
		return
	}
	for i, x := range xs {
		if !v.Nulls.Has(i) {
			sums[groups[i]] += float64(x)
			counts[groups[i]]++
		}
	}
}

func (m *mean[T]) Merge(size int, other Accumulator, into []uint32) {
	o := other.(*mean[T])
	m.sums, m.counts = grow(m.sums, size), grow(m.counts, size)
	for g, x := range o.sums {
		m.sums[into[g]] += x
		m.counts[into[g]] += o.counts[g]
	}
}

func (m *mean[T]) Results(size int) []*data.Vector {
	m.sums, m.counts = grow(m.sums, size), grow(m.counts, size)
	out := make([]float64, size)
	for g := range out {
		out[g] = math.NaN()
		if n := m.counts[g]; n > 0 {
			out[g] = m.sums[g] / float64(n)
		}
	}
	return []*data.Vector{numberColumn(data.Real, out)}
}

func (m *mean[T]) Bytes() int { return 8 * (cap(m.sums) + cap(m.counts)) }

// tickMean is avg of datetimes and timespans. Sums of ticks need 128 bits: a
// dozen datetimes of today overflow 64.
type tickMean struct {
	of     data.Type
	high   []int64
	low    []uint64
	counts []int64
}

func (m *tickMean) resize(size int) {
	m.high, m.low, m.counts = grow(m.high, size), grow(m.low, size), grow(m.counts, size)
}

func (m *tickMean) add(g uint32, high int64, low uint64, n int64) {
	sum, carry := bits.Add64(m.low[g], low, 0)
	m.low[g] = sum
	m.high[g] += high + int64(carry)
	m.counts[g] += n
}

func (m *tickMean) Add(size int, groups []uint32, args []*data.Vector) {
	m.resize(size)
	v := flat(args[0])
	for i, x := range v.Longs[:len(groups)] {
		if !v.Nulls.Has(i) {
			m.add(groups[i], x>>63, uint64(x), 1)
		}
	}
}

func (m *tickMean) Merge(size int, other Accumulator, into []uint32) {
	m.resize(size)
	o := other.(*tickMean)
	for g, n := range o.counts {
		m.add(into[g], o.high[g], o.low[g], n)
	}
}

func (m *tickMean) Results(size int) []*data.Vector {
	m.resize(size)
	out := data.NewVector(m.of, size)
	for g := range size {
		if m.counts[g] == 0 {
			out.Put(g, data.Null(m.of))
			continue
		}
		out.Longs[g] = divide128(m.high[g], m.low[g], m.counts[g])
	}
	return []*data.Vector{out}
}

// tickSum is sum of datetimes and timespans; what is no number of ticks any more
// is null.
type tickSum struct{ tickMean }

func (s *tickSum) Merge(size int, other Accumulator, into []uint32) {
	s.tickMean.Merge(size, &other.(*tickSum).tickMean, into)
}

func (s *tickSum) Results(size int) []*data.Vector {
	s.resize(size)
	out := data.NewVector(s.of, size)
	for g := range size {
		if out.Longs[g] = int64(s.low[g]); s.high[g] != out.Longs[g]>>63 {
			out.Put(g, data.Null(s.of))
		}
	}
	return []*data.Vector{out}
}

// divide128 is (high, low) / n, towards zero.
func divide128(high int64, low uint64, n int64) int64 {
	negative := high < 0
	h := uint64(high)
	if negative {
		var borrow uint64
		low, borrow = bits.Sub64(0, low, 0)
		h, _ = bits.Sub64(0, h, borrow)
	}
	q, _ := bits.Div64(h, low, uint64(n))
	if negative {
		return -int64(q)
	}
	return int64(q)
}

func (m *tickMean) Bytes() int { return 8 * (cap(m.high) + cap(m.low) + cap(m.counts)) }
