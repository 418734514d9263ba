package function

import "github.com/bartizan-dev/bartizan/kql/data"

// counting is count() and countif(predicate).
type counting struct{ counts []int64 }

func (c *counting) Add(size int, groups []uint32, args []*data.Vector) {
	c.counts = grow(c.counts, size)
	counts := c.counts
	if len(args) > 0 && args[0].Type == data.Bool {
		countTrue(counts, groups, args[0])
		return
	}
	if size == 1 {
		counts[0] += int64(len(groups))
		return
	}
	for _, g := range groups {
		counts[g]++
	}
}

func countTrue(counts []int64, groups []uint32, v *data.Vector) {
	v = flat(v)
	for i, yes := range v.Bools[:len(groups)] {
		if yes && !v.Nulls.Has(i) {
			counts[groups[i]]++
		}
	}
}

func (c *counting) Merge(size int, other Accumulator, into []uint32) {
	c.counts = grow(c.counts, size)
	for g, n := range other.(*counting).counts {
		c.counts[into[g]] += n
	}
}

func (c *counting) Results(size int) []*data.Vector {
	c.counts = grow(c.counts, size)
	return []*data.Vector{{Type: data.Long, Len: size, Longs: c.counts[:size]}}
}

func (c *counting) Bytes() int { return 8 * cap(c.counts) }

// filtered hands only the rows whose predicate is true to an aggregate: the
// "if" form of it.
type filtered struct {
	inner  Accumulator
	at     int // the predicate among the arguments
	groups []uint32
	rows   []int32
	kept   []*cells
	args   []*data.Vector
}

// onlyIf is inner for the rows where argument at is true.
func onlyIf(at int, inner func(args []Arg) (Accumulator, error)) func(args []Arg) (Accumulator, error) {
	return func(args []Arg) (Accumulator, error) {
		rest := append(append([]Arg{}, args[:at]...), args[at+1:]...)
		acc, err := inner(rest)
		if err != nil {
			return nil, err
		}
		return &filtered{inner: acc, at: at}, nil
	}
}

func (f *filtered) Add(size int, groups []uint32, args []*data.Vector) {
	f.choose(groups, flat(args[f.at]))
	f.args = f.args[:0]
	for i, v := range args {
		if i != f.at {
			f.args = append(f.args, f.keep(len(f.args), v))
		}
	}
	f.inner.Add(size, f.groups, f.args)
}

func (f *filtered) choose(groups []uint32, predicate *data.Vector) {
	f.groups, f.rows = f.groups[:0], f.rows[:0]
	for i, yes := range predicate.Bools[:len(groups)] {
		if yes && !predicate.Nulls.Has(i) {
			f.groups, f.rows = append(f.groups, groups[i]), append(f.rows, int32(i))
		}
	}
}

// keep copies the chosen rows into memory that is used for every batch.
func (f *filtered) keep(k int, v *data.Vector) *data.Vector {
	if len(f.kept) <= k {
		f.kept = append(f.kept, &cells{Vector: data.Vector{Type: v.Type}, lent: true})
	}
	c := f.kept[k]
	c.clear()
	for _, i := range f.rows {
		c.push(v, int(i))
	}
	return c.vector(len(f.rows))
}

func (f *filtered) Merge(size int, other Accumulator, into []uint32) {
	f.inner.Merge(size, other.(*filtered).inner, into)
}

func (f *filtered) Results(size int) []*data.Vector { return f.inner.Results(size) }

func (f *filtered) Bytes() int { return f.inner.Bytes() }
