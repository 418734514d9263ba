package run

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/operator"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// An ordering puts rows in the order of keys; rows with equal keys stay in
// input order. Column by column: values become whole numbers that sort alike,
// those are sorted by radix, and runs of equal numbers by what follows.
type ordering struct {
	keys  []plan.Key
	cols  []*data.Vector
	items []item
	other []item
	work  operator.Work // rows that were put somewhere or compared
}

type item struct {
	key uint64
	row int32
}

// ordered is the order of n rows. In between it asks, and may be ended by a panic.
func ordered(ask func(), keys []plan.Key, cols []*data.Vector, n int) []int32 {
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	o := &ordering{keys: keys, cols: make([]*data.Vector, len(cols)), work: operator.Work{Ask: ask}}
	for i, v := range cols {
		o.cols[i] = v.Expand()
	}
	o.sort(rows, 0)
	return rows
}

// askedAfter is how many rows are gone through before the run may end.
const askedAfter = 1 << 16

// few is up to how many rows comparing is cheaper than counting.
const few = 48

func (o *ordering) sort(rows []int32, k int) {
	if len(rows) < 2 || k == len(o.keys) {
		return
	}
	if len(rows) <= few {
		slices.SortStableFunc(rows, func(a, b int32) int { return o.compare(a, b, k) })
		return
	}
	o.work.Add(len(rows))
	values := o.apart(rows, k)
	switch v := o.cols[k]; v.Type {
	case data.String, data.GUID:
		o.sortTexts(values, k)
	case data.Decimal, data.Dynamic:
		slices.SortStableFunc(values, func(a, b int32) int { return o.compare(a, b, k) })
	default:
		o.sortBy(values, k, func(row int32) uint64 { return numberKey(v, row) })
	}
}

// apart puts nulls and NaN where they belong, and gives the part with values.
// Nulls are outermost, NaN beside them, whatever the direction.
func (o *ordering) apart(rows []int32, k int) []int32 {
	v := o.cols[k]
	if v.Nulls == nil && v.Type != data.Real && v.Type != data.Dynamic {
		return rows
	}
	var nulls, nans, values []int32
	for _, row := range rows {
		switch class(v, row) {
		case isNull:
			nulls = append(nulls, row)
		case isNaN:
			nans = append(nans, row)
		default:
			values = append(values, row)
		}
	}
	if len(values) == len(rows) {
		return rows
	}
	parts, at := [][]int32{nulls, nans, values}, 2
	if !o.keys[k].NullsFirst {
		parts, at = [][]int32{values, nans, nulls}, 0
	}
	var found []int32
	from := 0
	for i, part := range parts {
		piece := rows[from : from+copy(rows[from:], part)]
		from += len(part)
		if i == at {
			found = piece
		} else {
			o.sort(piece, k+1)
		}
	}
	return found
}

// Classes of values in an order.
const (
	isValue = iota
	isNaN
	isNull
)

func class(v *data.Vector, row int32) int {
	switch {
	case v.Null(int(row)):
		return isNull
	case v.Type == data.Real && math.IsNaN(v.Reals[row]):
		return isNaN
	}
	return isValue
}

// compare orders two rows by the keys from k on.
func (o *ordering) compare(a, b int32, k int) int {
	o.work.Add(1)
	for ; k < len(o.keys); k++ {
		if c := compareRows(o.keys[k], o.cols[k], a, o.cols[k], b); c != 0 {
			return c
		}
	}
	return 0
}

// compareRows orders row a of one vector and row b of another, none constant.
func compareRows(key plan.Key, v *data.Vector, a int32, w *data.Vector, b int32) int {
	classA, classB := class(v, a), class(w, b)
	if classA != classB {
		c := cmp.Compare(classA, classB)
		if key.NullsFirst {
			return -c
		}
		return c
	}
	if classA != isValue {
		return 0
	}
	c := 0
	switch v.Type {
	case data.Bool:
		c = cmp.Compare(oneIf(v.Bools[a]), oneIf(w.Bools[b]))
	case data.Real:
		c = cmp.Compare(v.Reals[a], w.Reals[b])
	case data.String, data.GUID:
		c = strings.Compare(v.Texts[a], w.Texts[b])
	case data.Decimal, data.Dynamic:
		c = data.Compare(v.Value(int(a)), w.Value(int(b)))
	default:
		c = cmp.Compare(v.Longs[a], w.Longs[b])
	}
	if key.Descending {
		return -c
	}
	return c
}

func oneIf(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// numberKey is a whole number that sorts as the value does.
func numberKey(v *data.Vector, row int32) uint64 {
	switch v.Type {
	case data.Bool:
		return oneIf(v.Bools[row])
	case data.Real:
		bits := math.Float64bits(v.Reals[row] + 0) // -0 and 0 are equal
		if bits>>63 != 0 {
			return ^bits
		}
		return bits | 1<<63
	}
	return uint64(v.Longs[row]) ^ 1<<63
}

// sortBy sorts by numbers, then runs of equal ones by the next key.
func (o *ordering) sortBy(rows []int32, k int, key func(row int32) uint64) {
	o.runs(rows, k, key, func(run []int32, _ uint64) { o.sort(run, k+1) })
}

// runs sorts by numbers and hands on each run of equal numbers.
func (o *ordering) runs(rows []int32, k int, key func(row int32) uint64, each func(run []int32, key uint64)) {
	if len(rows) == 0 {
		return
	}
	items := o.number(rows, k, key)
	starts := []int{}
	for i, it := range items {
		rows[i] = it.row
		if i == 0 || it.key != items[i-1].key {
			starts = append(starts, i)
		}
	}
	if len(starts) == len(rows) {
		return
	}
	// The items' room is used again below; what each run needs is kept.
	keys := make([]uint64, len(starts))
	for i, at := range starts {
		keys[i] = items[at].key
	}
	for i, at := range starts {
		end := len(rows)
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		if end-at > 1 {
			each(rows[at:end], keys[i])
		}
	}
}

func (o *ordering) number(rows []int32, k int, key func(row int32) uint64) []item {
	flip := uint64(0)
	if o.keys[k].Descending {
		flip = ^uint64(0)
	}
	o.items, o.other = room(o.items, len(rows)), room(o.other, len(rows))
	at := 0
	for some := range slices.Chunk(rows, askedAfter) {
		o.work.Add(len(some))
		for _, row := range some {
			o.items[at] = item{key: key(row) ^ flip, row: row}
			at++
		}
	}
	o.items, o.other = radix(o.items, o.other, &o.work)
	return o.items
}

// radix sorts items by their key, stable; bytes that all keys share cost
// nothing.
func radix(items, other []item, work *operator.Work) (sorted, spare []item) {
	differ := uint64(0)
	for _, it := range items {
		differ |= it.key ^ items[0].key
	}
	for shift := 0; shift < 64; shift += 8 {
		if byte(differ>>shift) == 0 {
			continue
		}
		var count [257]int
		for some := range slices.Chunk(items, askedAfter) {
			work.Add(len(some))
			for _, it := range some {
				count[int(byte(it.key>>shift))+1]++
			}
		}
		for i := range 256 {
			count[i+1] += count[i]
		}
		for some := range slices.Chunk(items, askedAfter) {
			work.Add(len(some))
			for _, it := range some {
				b := byte(it.key >> shift)
				other[count[b]] = it
				count[b]++
			}
		}
		items, other = other, items
	}
	return items, other
}
