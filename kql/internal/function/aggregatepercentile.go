package function

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// percentileAt reads the wanted percentiles from the arguments from on: one
// number each, or one array of numbers.
func percentileAt(args []Arg, from int) ([]float64, error) {
	var out []float64
	for _, a := range args[from:] {
		if a.Const == nil {
			return nil, errors.New("percentile: want constants from 0 to 100")
		}
		for _, v := range elementsOf(*a.Const) {
			p, ok := asReal(v)
			if !ok || p < 0 || p > 100 {
				return nil, errors.New("percentile: want constants from 0 to 100")
			}
			out = append(out, p)
		}
	}
	return out, nil
}

// elementsOf is what an array holds, or the value itself.
func elementsOf(v data.Value) []data.Value {
	if v.Type() != data.Dynamic || v.Node().Kind() != data.KindArray {
		return []data.Value{v}
	}
	var out []data.Value
	for _, item := range v.Node().Items() {
		out = append(out, item.Value())
	}
	return out
}

// percentileColumns names percentiles' columns: percentile_n_5, percentile_n_99_9.
// from is the first argument that is a percentile.
func percentileColumns(from int) func(args []Arg) []data.Column {
	return func(args []Arg) []data.Column {
		var out []data.Column
		for _, a := range args[min(from, len(args)):] {
			name := "percentile_" + args[0].Name + "_" + percentileName(a)
			out = append(out, data.Column{Name: name, Type: percentileType(args[0].Type)})
		}
		return out
	}
}

func percentileName(a Arg) string {
	if a.Const == nil {
		return ""
	}
	p, _ := asReal(*a.Const)
	return strings.ReplaceAll(strconv.FormatFloat(p, 'f', -1, 64), ".", "_")
}

func percentileType(t data.Type) data.Type {
	switch t {
	case data.Int:
		return data.Long
	case data.Decimal:
		return data.Real
	default:
		return t
	}
}

// arrayColumn names the one column of percentiles_array.
func arrayColumn(args []Arg) []data.Column {
	return []data.Column{{Name: "percentiles_" + args[0].Name, Type: data.Dynamic}}
}

// percentileForm tells the percentile functions apart.
type percentileForm struct{ weighted, array bool }

func (f percentileForm) new(args []Arg) (Accumulator, error) {
	from := 1 + b2i(f.weighted)
	if len(args) <= from {
		return nil, fmt.Errorf("percentile: want at least %d arguments", from+1)
	}
	at, err := percentileAt(args, from)
	if err != nil {
		return nil, err
	}
	t := percentileType(args[0].Type)
	switch t {
	case data.Long, data.DateTime, data.TimeSpan:
		return &ranks[int64]{form: f, of: t, at: at, pick: longs}, nil
	case data.Bool:
		return &ranks[int64]{form: f, of: t, at: at, pick: bools}, nil
	case data.String, data.GUID:
		return &ranks[string]{form: f, of: t, at: at, pick: texts}, nil
	default:
		return &ranks[float64]{form: f, of: t, at: at, pick: realsOfAny}, nil
	}
}

// ranks keeps all values and gives the nearest-rank percentiles exactly.
type ranks[T cmp.Ordered] struct {
	form    percentileForm
	of      data.Type
	at      []float64
	pick    func(*data.Vector) []T
	values  []T
	groups  []uint32
	weights []int64
}

func (r *ranks[T]) Add(_ int, groups []uint32, args []*data.Vector) {
	v := flat(args[0])
	xs := r.pick(v)[:len(groups)]
	if v.Type == data.Dynamic || v.Type == data.Decimal {
		v = toReals(v) // its nulls are what is no number
	}
	if r.form.weighted {
		r.addWeighted(groups, xs, v, flat(args[1]))
		return
	}
	if v.Nulls == nil {
		r.values, r.groups = append(r.values, xs...), append(r.groups, groups...)
		return
	}
	for i, x := range xs {
		if !v.Nulls.Has(i) {
			r.values, r.groups = append(r.values, x), append(r.groups, groups[i])
		}
	}
}

func (r *ranks[T]) addWeighted(groups []uint32, xs []T, v, weights *data.Vector) {
	for i, x := range xs {
		w := weights.Value(i)
		n, ok := asReal(w)
		if v.Nulls.Has(i) || !ok || n < 1 {
			continue
		}
		r.values, r.groups = append(r.values, x), append(r.groups, groups[i])
		r.weights = append(r.weights, int64(n))
	}
}

func (r *ranks[T]) Merge(_ int, other Accumulator, into []uint32) {
	o := other.(*ranks[T])
	r.values, r.weights = append(r.values, o.values...), append(r.weights, o.weights...)
	for _, g := range o.groups {
		r.groups = append(r.groups, into[g])
	}
}

func (r *ranks[T]) Results(size int) []*data.Vector {
	first, rows := byGroup(size, r.groups)
	out := make([]*data.Vector, len(r.at))
	found, seen := make([][]T, len(r.at)), make([]bool, size)
	for k := range found {
		found[k] = make([]T, size)
	}
	for g := range size {
		mine := rows[first[g]:first[g+1]]
		slices.SortFunc(mine, func(a, b int32) int { return cmp.Compare(r.values[a], r.values[b]) })
		seen[g] = len(mine) > 0
		for k, p := range r.at {
			if seen[g] {
				found[k][g] = r.values[r.rank(mine, p)]
			}
		}
	}
	for k, xs := range found {
		out[k] = percentileColumn(r.of, xs, seen)
	}
	if r.form.array {
		return []*data.Vector{zipColumns(size, out, seen)}
	}
	return out
}

// percentileColumn is typedColumn, for a dynamic with numbers in it.
func percentileColumn[T any](t data.Type, xs []T, seen []bool) *data.Vector {
	if t != data.Dynamic {
		return typedColumn(t, xs, seen)
	}
	v := typedColumn(data.Real, xs, seen)
	out := data.NewVector(data.Dynamic, len(xs))
	for g := range xs {
		out.Nodes[g] = plainNumber(v.Value(g))
	}
	return out
}

// rank is the row with the smallest value such that p percent of the group's
// rows are not greater.
func (r *ranks[T]) rank(sorted []int32, p float64) int32 {
	if !r.form.weighted {
		return sorted[nearestRank(len(sorted), p)]
	}
	total := int64(0)
	for _, row := range sorted {
		total += r.weights[row]
	}
	left := int64(nearestRank(int(total), p))
	for _, row := range sorted {
		if left -= r.weights[row]; left < 0 {
			return row
		}
	}
	return sorted[len(sorted)-1]
}

func nearestRank(n int, p float64) int {
	return max(0, min(n-1, int(math.Ceil(p*float64(n)/100))-1))
}

// zipColumns is one array a row with its values in all columns; null where not seen.
func zipColumns(size int, columns []*data.Vector, seen []bool) *data.Vector {
	out := data.NewVector(data.Dynamic, size)
	for g := range size {
		if !seen[g] {
			continue
		}
		items := make([]*data.Node, len(columns))
		for k, c := range columns {
			items[k] = data.NodeOf(c.Value(g))
		}
		out.Nodes[g] = data.NodeOfArray(items)
	}
	return out
}

func (r *ranks[T]) Bytes() int { return 24*cap(r.values) + 4*cap(r.groups) + 8*cap(r.weights) }
