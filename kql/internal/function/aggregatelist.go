package function

import (
	"fmt"
	"math"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// Kusto's limits of elements; old names have a low one.
const (
	mostElements = 1048576
	oldElements  = 128
)

// limitOf reads the optional maxSize argument.
func limitOf(args []Arg, at int, most int64) (int64, error) {
	if len(args) <= at {
		return most, nil
	}
	c := args[at].Const
	if c == nil || c.IsNull() || c.Type() != data.Int && c.Type() != data.Long || c.Long() < 1 {
		return 0, fmt.Errorf("argument %d: want a constant from 1 to %d", at+1, mostElements)
	}
	return min(c.Long(), mostElements), nil
}

// byGroup lists the rows 0 to len(groups)-1 group by group, each group's rows
// in order: rows[first[g]:first[g+1]] are those of g.
func byGroup(size int, groups []uint32) (first, rows []int32) {
	first = make([]int32, size+1)
	for _, g := range groups {
		first[g+1]++
	}
	for g := range size {
		first[g+1] += first[g]
	}
	rows = make([]int32, len(groups))
	next := append([]int32(nil), first...)
	for i, g := range groups {
		rows[next[g]] = int32(i)
		next[g]++
	}
	return first, rows
}

// newList is make_list(x, maxSize).
func newList(most int64) func(args []Arg) (Accumulator, error) {
	return func(args []Arg) (Accumulator, error) {
		limit, err := limitOf(args, 1, most)
		return &valueList{values: newCells(args[0]), limit: limit}, err
	}
}

// newListWithNulls is make_list_with_nulls(x).
func newListWithNulls(args []Arg) (Accumulator, error) {
	return &valueList{values: newCells(args[0]), limit: math.MaxInt64, nulls: true}, nil
}

// valueList is make_list: the values of all groups one after the other.
type valueList struct {
	values *cells
	groups []uint32
	counts []int64
	limit  int64
	nulls  bool
}

func (l *valueList) Add(size int, groups []uint32, args []*data.Vector) {
	l.counts = grow(l.counts, size)
	l.take(groups, flat(args[0]))
}

func (l *valueList) take(groups []uint32, v *data.Vector) {
	skip := !l.nulls && (v.Nulls != nil || v.Type == data.Dynamic)
	for i, g := range groups {
		if skip && v.Null(i) || l.counts[g] >= l.limit {
			continue
		}
		l.counts[g]++
		l.values.push(v, i)
		l.groups = append(l.groups, g)
	}
}

func (l *valueList) Merge(size int, other Accumulator, into []uint32) {
	l.counts = grow(l.counts, size)
	o := other.(*valueList)
	groups := make([]uint32, len(o.groups))
	for i, g := range o.groups {
		groups[i] = into[g]
	}
	l.take(groups, o.values.vector(o.values.Len))
}

func (l *valueList) Results(size int) []*data.Vector {
	return []*data.Vector{arrays(size, l.groups, l.values)}
}

// arrays is a dynamic column of each group's values.
func arrays(size int, groups []uint32, values *cells) *data.Vector {
	out := data.NewVector(data.Dynamic, size)
	first, rows := byGroup(size, groups)
	items := make([]*data.Node, len(rows))
	for i, row := range rows {
		items[i] = values.node(int(row))
	}
	for g := range size {
		low, high := first[g], first[g+1]
		out.Nodes[g] = data.NodeOfArray(items[low:high:high])
	}
	return out
}

func (l *valueList) Bytes() int {
	return l.values.bytes() + l.values.arrayBytes() + 4*cap(l.groups) + 8*cap(l.counts)
}

// newSet is make_set(x, maxSize).
func newSet(most int64) func(args []Arg) (Accumulator, error) {
	return func(args []Arg) (Accumulator, error) {
		limit, err := limitOf(args, 1, most)
		return &valueSet{values: newDistinct(args[0]), limit: limit}, err
	}
}

// valueSet is make_set. Of a dynamic array it takes the elements, one level deep.
type valueSet struct {
	values *distinctValues
	counts []int64
	limit  int64
	items  *data.Vector // of an array at hand
}

func (s *valueSet) Add(size int, groups []uint32, args []*data.Vector) {
	s.counts = grow(s.counts, size)
	v := flat(args[0])
	if v.Type == data.Dynamic {
		s.addNodes(groups, v)
		return
	}
	for i, g := range groups {
		if !v.Nulls.Has(i) {
			s.add(g, v, i)
		}
	}
}

func (s *valueSet) add(g uint32, v *data.Vector, i int) {
	if s.counts[g] < s.limit && s.values.add(g, v, i) {
		s.counts[g]++
	}
}

func (s *valueSet) addNodes(groups []uint32, v *data.Vector) {
	for i, g := range groups {
		switch n := v.Nodes[i]; n.Kind() {
		case data.KindNull:
		case data.KindArray:
			s.addItems(g, n.Items())
		default:
			s.add(g, v, i)
		}
	}
}

func (s *valueSet) addItems(g uint32, items []*data.Node) {
	if s.items == nil {
		s.items = &data.Vector{Type: data.Dynamic}
	}
	s.items.Nodes, s.items.Len = items, len(items)
	for i, item := range items {
		if !item.IsNull() {
			s.add(g, s.items, i)
		}
	}
}

func (s *valueSet) Merge(size int, other Accumulator, into []uint32) {
	s.counts = grow(s.counts, size)
	o := other.(*valueSet).values
	v := o.values.vector(o.values.Len)
	for e, g := range o.groups {
		s.add(into[g], v, e)
	}
}

func (s *valueSet) Results(size int) []*data.Vector {
	return []*data.Vector{arrays(size, s.values.groups, s.values.values)}
}

func (s *valueSet) Bytes() int {
	return s.values.bytes() + s.values.values.arrayBytes() + 8*cap(s.counts)
}
