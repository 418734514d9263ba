package function

import (
	"cmp"
	"strconv"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// newArgExtreme is arg_min(key, values…) or arg_max: sign is -1 or 1.
func newArgExtreme(sign int) func(args []Arg) (Accumulator, error) {
	return func(args []Arg) (Accumulator, error) {
		kept := newRows(args)
		switch args[0].Type {
		case data.Int, data.Long, data.DateTime, data.TimeSpan:
			return &argExtreme[int64]{sign: sign, pick: longs, rows: kept}, nil
		case data.Bool:
			return &argExtreme[int64]{sign: sign, pick: bools, rows: kept}, nil
		case data.String, data.GUID:
			return &argExtreme[string]{sign: sign, pick: texts, rows: kept}, nil
		case data.Real:
			return &argExtreme[float64]{sign: sign, pick: reals, rows: kept}, nil
		default:
			return &argExtreme[float64]{sign: sign, pick: realsOfAny, rows: kept}, nil
		}
	}
}

func realsOfAny(v *data.Vector) []float64 { return toReals(v).Reals }

// keptRows holds one row a group.
type keptRows struct {
	columns []*cells
	// winner is the row of the batch at hand that a group takes, touched the groups that take one.
	winner  []int32
	touched []uint32
}

func newRows(args []Arg) keptRows {
	r := keptRows{columns: make([]*cells, len(args))}
	for k, a := range args {
		r.columns[k] = newCells(a)
	}
	return r
}

func (r *keptRows) resize(size int) {
	for old := len(r.winner); old < size; old++ {
		r.winner = append(r.winner, -1)
	}
	for _, c := range r.columns {
		c.resize(size)
	}
}

func (r *keptRows) win(g uint32, row int) {
	if r.winner[g] < 0 {
		r.touched = append(r.touched, g)
	}
	r.winner[g] = int32(row)
}

// copy takes over the winners of a batch.
func (r *keptRows) copy(args []*data.Vector) {
	for k, c := range r.columns {
		for _, g := range r.touched {
			c.set(int(g), args[k], int(r.winner[g]))
		}
	}
	for _, g := range r.touched {
		r.winner[g] = -1
	}
	r.touched = r.touched[:0]
}

func (r *keptRows) vectors(size int) []*data.Vector {
	out := make([]*data.Vector, len(r.columns))
	for k, c := range r.columns {
		out[k] = c.vector(size)
	}
	return out
}

func (r *keptRows) bytes() int {
	n := 4 * (cap(r.winner) + cap(r.touched))
	for _, c := range r.columns {
		n += c.bytes()
	}
	return n
}

// What a group of arg_max has seen: nothing, only rows whose key is null (the
// first of them stands for the group), or a key.
const (
	sawNothing = iota
	sawNull
	sawKey
)

// argExtreme is arg_min and arg_max. Of equal keys the first row counts.
type argExtreme[T cmp.Ordered] struct {
	sign int
	pick func(*data.Vector) []T
	rows keptRows
	best []T
	saw  []uint8
}

func (a *argExtreme[T]) Add(size int, groups []uint32, args []*data.Vector) {
	a.best, a.saw = grow(a.best, size), grow(a.saw, size)
	a.rows.resize(size)
	keys := flat(args[0])
	xs := a.pick(keys)[:len(groups)]
	for i, x := range xs {
		g := groups[i]
		if keys.Null(i) {
			a.offerNull(g, i)
		} else if old := a.best[g]; a.saw[g] != sawKey || a.sign > 0 && x > old || a.sign < 0 && x < old {
			a.best[g], a.saw[g] = x, sawKey
			a.rows.win(g, i)
		}
	}
	a.rows.copy(args)
}

func (a *argExtreme[T]) offerNull(g uint32, row int) {
	if a.saw[g] == sawNothing {
		a.saw[g] = sawNull
		a.rows.win(g, row)
	}
}

func (a *argExtreme[T]) Merge(size int, other Accumulator, into []uint32) {
	o := other.(*argExtreme[T])
	a.best, a.saw = grow(a.best, size), grow(a.saw, size)
	a.rows.resize(size)
	for g, x := range o.best {
		to := into[g]
		switch old := a.best[to]; {
		case o.saw[g] == sawNull:
			a.offerNull(to, g)
		case o.saw[g] == sawKey && (a.saw[to] != sawKey || a.sign > 0 && x > old || a.sign < 0 && x < old):
			a.best[to], a.saw[to] = x, sawKey
			a.rows.win(to, g)
		}
	}
	a.rows.copy(o.rows.vectors(len(o.best)))
}

func (a *argExtreme[T]) Results(size int) []*data.Vector { return a.rows.vectors(size) }

func (a *argExtreme[T]) Bytes() int { return a.rows.bytes() + 17*cap(a.best) }

// newAny is take_any: of one argument any value, if possible one that is
// neither null nor empty; of several those of one row. Any is the first.
func newAny(args []Arg) (Accumulator, error) {
	return &anyRow{rows: newRows(args), fussy: len(args) == 1}, nil
}

type anyRow struct {
	rows  keptRows
	saw   []uint8
	fussy bool
	done  int // how many groups have their final row
}

func (a *anyRow) Add(size int, groups []uint32, args []*data.Vector) {
	a.saw = grow(a.saw, size)
	if a.done == size {
		return
	}
	a.rows.resize(size)
	for i, g := range groups {
		a.offer(g, i, args)
	}
	a.rows.copy(args)
}

func (a *anyRow) offer(g uint32, row int, args []*data.Vector) {
	switch {
	case a.saw[g] == sawKey:
	case !a.fussy || !blankAt(args[0], row):
		a.saw[g] = sawKey
		a.done++
		a.rows.win(g, row)
	case a.saw[g] == sawNothing:
		a.saw[g] = sawNull
		a.rows.win(g, row)
	}
}

// blankAt tells null and the empty string.
func blankAt(v *data.Vector, i int) bool {
	if v.Const {
		i = 0
	}
	return v.Null(i) || v.Type == data.String && v.Texts[i] == ""
}

func (a *anyRow) Merge(size int, other Accumulator, into []uint32) {
	o := other.(*anyRow)
	a.saw = grow(a.saw, size)
	a.rows.resize(size)
	vectors := o.rows.vectors(len(o.saw))
	for g, saw := range o.saw {
		if saw != sawNothing {
			a.offer(into[g], g, vectors)
		}
	}
	a.rows.copy(vectors)
}

func (a *anyRow) Results(size int) []*data.Vector { return a.rows.vectors(size) }

func (a *anyRow) Bytes() int { return a.rows.bytes() + cap(a.saw) }

// columnsOf names the results of aggregates that give back their arguments. With a
// prefix the place of one of several takes the place of a name: any_arg0.
func columnsOf(prefix string) func(args []Arg) []data.Column {
	return func(args []Arg) []data.Column {
		out := make([]data.Column, len(args))
		for i, a := range args {
			if prefix != "" && a.Name == "" && len(args) > 1 {
				a.Name = placeName(i)
			}
			out[i] = data.Column{Name: prefix + a.Name, Type: a.Type}
		}
		return out
	}
}

func placeName(i int) string { return "arg" + strconv.Itoa(i) }

// argColumns names the results of the old argmax and argmin: max_n, max_n_id, max_n_arg2.
func argColumns(prefix string) func(args []Arg) []data.Column {
	return func(args []Arg) []data.Column {
		key := prefix + args[0].Name
		out := []data.Column{{Name: key, Type: args[0].Type}}
		for i, a := range args[1:] {
			if a.Name == "" {
				a.Name = placeName(i + 1)
			}
			out = append(out, data.Column{Name: key + "_" + a.Name, Type: a.Type})
		}
		return out
	}
}
