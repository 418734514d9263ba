package plan

import (
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// A waiting part of a query asks for tables of which only the data tells the
// columns: of a toscalar(), of the other side of a join. It is bound again each
// time that one more of them is known.
type waiting struct {
	known   []*relation // in the order in which the part asks
	asked   int
	unknown []*relation
}

// await is a table with its columns known. Until the data has told them, the
// part of the query at hand gets on with what can be told.
func (b *binder) await(r *relation) *relation {
	if !r.late || b.waits == nil {
		return r
	}
	w := b.waits
	w.asked++
	if w.asked <= len(w.known) {
		return w.known[w.asked-1]
	}
	w.unknown = append(w.unknown, r)
	return r.expected()
}

// expected stands for a late relation of which more columns may come.
func (r *relation) expected() *relation {
	next := r.keeping(&Rows{Base: Base{Cols: r.cols()}, Batch: &data.Batch{}})
	next.partial, next.late = true, false
	return next
}

// awaiting binds a part of a query, then the rest behind it. Where the part asks
// for a late table, both are bound when the table's columns are known.
func (b *binder) awaiting(part func(*binder) *relation, rest func(*binder, *relation) *relation) *relation {
	return b.knowing(nil, part, rest)
}

func (b *binder) knowing(known []*relation, part func(*binder) *relation, rest func(*binder, *relation) *relation) *relation {
	outside := b.waits
	w := &waiting{known: known}
	b.waits = w
	r := part(b)
	b.waits = outside
	guess := rest(b, r)
	if len(w.unknown) == 0 {
		return guess
	}
	return b.lateAs(w.unknown, guess, func(b *binder, in *relation) *relation {
		return b.knowing(append(slices.Clip(known), in), part, rest)
	})
}

// following binds statements, and the result behind them.
func (b *binder) following(list []syntax.Statement, result func(*binder) *relation) *relation {
	if len(list) == 0 {
		return result(b)
	}
	return b.awaiting(
		func(b *binder) *relation {
			b.let(list[0], &scalars{binder: b, row: noRow})
			return nil
		},
		func(b *binder, _ *relation) *relation { return b.following(list[1:], result) })
}
