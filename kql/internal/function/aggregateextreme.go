package function

import (
	"cmp"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func texts(v *data.Vector) []string { return v.Texts }

// bools gives bools as numbers, so that they have an order.
func bools(v *data.Vector) []int64 {
	out := make([]int64, len(v.Bools))
	for i, b := range v.Bools {
		if b {
			out[i] = 1
		}
	}
	return out
}

// newExtreme is min(x) or max(x): sign is -1 for min, 1 for max.
func newExtreme(sign int) func(args []Arg) (Accumulator, error) {
	return func(args []Arg) (Accumulator, error) {
		switch t := args[0].Type; t {
		case data.Int, data.Long, data.DateTime, data.TimeSpan:
			return &extreme[int64]{of: t, sign: sign, pick: longs}, nil
		case data.Bool:
			return &extreme[int64]{of: t, sign: sign, pick: bools}, nil
		case data.Real:
			return &extreme[float64]{of: t, sign: sign, pick: reals}, nil
		case data.String, data.GUID:
			return &extreme[string]{lent: args[0].Lent, of: t, sign: sign, pick: texts}, nil
		default:
			return &extremeValue{of: t, sign: sign, best: newCells(args[0])}, nil
		}
	}
}

// extreme is min or max of a type that Go can order.
type extreme[T cmp.Ordered] struct {
	of   data.Type
	sign int
	pick func(*data.Vector) []T
	best []T
	seen []bool
	lent bool // see [Arg]
}

func (e *extreme[T]) Add(size int, groups []uint32, args []*data.Vector) {
	e.best, e.seen = grow(e.best, size), grow(e.seen, size)
	v := flat(args[0])
	xs := e.pick(v)[:len(groups)]
	switch {
	case v.Nulls != nil:
		for i, x := range xs {
			if !v.Nulls.Has(i) {
				e.add(groups[i], x)
			}
		}
	case e.sign < 0:
		smallest(e.best, e.seen, groups, xs)
	default:
		largest(e.best, e.seen, groups, xs)
	}
}

// A value that differs from itself (NaN) gives way to any other.
func (e *extreme[T]) add(g uint32, x T) {
	if old := e.best[g]; !e.seen[g] || e.sign < 0 && x < old || e.sign > 0 && x > old || old != old {
		e.best[g], e.seen[g] = x, true
	}
}

func smallest[T cmp.Ordered](best []T, seen []bool, groups []uint32, xs []T) {
	for i, x := range xs {
		g := groups[i]
		if old := best[g]; x < old || !seen[g] || old != old {
			best[g], seen[g] = x, true
		}
	}
}

func largest[T cmp.Ordered](best []T, seen []bool, groups []uint32, xs []T) {
	for i, x := range xs {
		g := groups[i]
		if old := best[g]; x > old || !seen[g] || old != old {
			best[g], seen[g] = x, true
		}
	}
}

func (e *extreme[T]) Merge(size int, other Accumulator, into []uint32) {
	o := other.(*extreme[T])
	e.best, e.seen = grow(e.best, size), grow(e.seen, size)
	for g, x := range o.best {
		if o.seen[g] {
			e.add(into[g], x)
		}
	}
}

func (e *extreme[T]) Results(size int) []*data.Vector {
	e.best, e.seen = grow(e.best, size), grow(e.seen, size)
	return []*data.Vector{typedColumn(e.of, e.best[:size], e.seen)}
}

// typedColumn is a result column, null where seen is false.
func typedColumn[T any](t data.Type, xs []T, seen []bool) *data.Vector {
	v := &data.Vector{Type: t, Len: len(xs)}
	switch xs := any(xs).(type) {
	case []string:
		v.Texts = xs
	case []float64:
		v.Reals = xs
	case []int64:
		if t != data.Bool {
			v.Longs = xs
			break
		}
		v.Bools = make([]bool, len(xs))
		for i, x := range xs {
			v.Bools[i] = x != 0
		}
	}
	for i := range xs {
		if !seen[i] {
			v.Put(i, data.Null(t))
		}
	}
	return v
}

func (e *extreme[T]) Bytes() int {
	bytes := 17 * cap(e.best)
	if texts, ok := any(e.best).([]string); ok && !e.lent {
		bytes += sampledBytes(texts)
	}
	return bytes
}

// sampledBytes estimates the bytes of texts by some of them.
func sampledBytes(texts []string) int {
	const samples = 32
	bytes, seen := 0, 0
	for i := 0; i < len(texts); i += len(texts)/samples + 1 {
		bytes += len(texts[i])
		seen++
	}
	if seen == 0 {
		return 0
	}
	return int(float64(bytes) / float64(seen) * float64(len(texts)))
}

// extremeValue is min or max of decimals and of what a dynamic holds.
type extremeValue struct {
	of   data.Type
	sign int
	best *cells
}

func (e *extremeValue) Add(size int, groups []uint32, args []*data.Vector) {
	e.best.resize(size)
	v := flat(args[0])
	for i, g := range groups {
		e.offer(g, v, i)
	}
}

func (e *extremeValue) offer(g uint32, v *data.Vector, i int) {
	if v.Null(i) {
		return
	}
	if e.best.isNull(int(g)) || e.sign*data.Compare(v.Value(i), e.best.value(int(g))) > 0 {
		e.best.set(int(g), v, i)
	}
}

func (e *extremeValue) Merge(size int, other Accumulator, into []uint32) {
	o := other.(*extremeValue).best
	e.best.resize(size)
	v := o.vector(o.Len)
	for g := range o.Len {
		e.offer(into[g], v, g)
	}
}

func (e *extremeValue) Results(size int) []*data.Vector {
	return []*data.Vector{e.best.vector(size)}
}

func (e *extremeValue) Bytes() int { return e.best.bytes() }
