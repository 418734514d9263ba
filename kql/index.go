package kql

import (
	"context"
	"fmt"
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/operator"
)

// An index of a column of a [Memory]: its different texts, and for each the
// rows that have it.
type index struct {
	terms  *data.Terms
	starts []int32 // rows[starts[n]:starts[n+1]] have term n
	rows   []int32 // numbered through all batches
}

// Index makes indexes of string columns. With one, a condition on the column
// finds its rows without looking at the others, and summarize, distinct and
// join by the column work on numbers that stand for its texts. It takes some 8
// bytes a row and 32 a different text, until the table is gone. Index changes
// the table, so it is called before queries run.
func (m *Memory) Index(columns ...string) error {
	for _, name := range columns {
		at := slices.IndexFunc(m.columns, func(c Column) bool { return c.Name == name })
		if at < 0 {
			return fmt.Errorf("index column %s: the table has no such column", name)
		}
		if t := m.columns[at].Type; t != data.String {
			return fmt.Errorf("index column %s: its type is %s; want string", name, t)
		}
		if m.indexes[at] == nil {
			m.indexColumn(at)
		}
	}
	return nil
}

func (m *Memory) indexColumn(at int) {
	x := &index{terms: &data.Terms{}}
	batches := make([]*Batch, len(m.batches)) // the caller's own stay as they are
	for i, b := range m.batches {
		v := *b.Columns[at].Expand()
		v.Terms, v.Codes = x.terms, make([]uint32, v.Len)
		x.terms.NumberAll(v.Texts[:v.Len], v.Codes)
		batches[i] = &Batch{Len: b.Len, Columns: slices.Clone(b.Columns)}
		batches[i].Columns[at] = &v
	}
	x.arrange(batches, at)
	if m.indexes == nil {
		m.indexes = map[int]*index{}
	}
	m.batches, m.indexes[at] = batches, x
}

// arrange puts the rows of each term together.
func (x *index) arrange(batches []*Batch, at int) {
	x.starts = make([]int32, x.terms.Len()+1)
	rows := 0
	for _, b := range batches {
		for _, code := range b.Columns[at].Codes {
			x.starts[code+1]++
		}
		rows += b.Len
	}
	for n := range x.terms.Len() {
		x.starts[n+1] += x.starts[n]
	}
	x.rows = make([]int32, rows)
	next, row := slices.Clone(x.starts), int32(0)
	for _, b := range batches {
		for _, code := range b.Columns[at].Codes {
			x.rows[next[code]] = row
			next[code]++
			row++
		}
	}
}

// meeting are the rows, in order, that meet a condition on the column. It is
// not ok where looking at all rows would be as good.
func (x *index) meeting(p Predicate) (rows []int32, ok bool) {
	terms, ok := x.termsMeeting(p)
	if !ok {
		return nil, false
	}
	count := 0
	for _, n := range terms {
		count += int(x.starts[n+1] - x.starts[n])
	}
	if count > len(x.rows)/4 {
		return nil, false
	}
	if len(terms) == 1 {
		return x.rows[x.starts[terms[0]]:x.starts[terms[0]+1]], true
	}
	rows = make([]int32, 0, count)
	for _, n := range terms {
		rows = append(rows, x.rows[x.starts[n]:x.starts[n+1]]...)
	}
	slices.Sort(rows)
	return rows, true
}

// termsMeeting finds equal texts by their hash, and tests all for another
// condition if they are far fewer than the rows.
func (x *index) termsMeeting(p Predicate) ([]uint32, bool) {
	var terms []uint32
	switch {
	case p.Op == "==" || p.Op == "in":
		for _, v := range p.Values {
			if n := x.terms.Find(v.Text()); n != data.NoTerm && !slices.Contains(terms, n) {
				terms = append(terms, n)
			}
		}
		return terms, true
	case p.Op == "between" || x.terms.Len() > len(x.rows)/16:
		return nil, false
	}
	met, err := tested(p, x.terms.Texts())
	if err != nil {
		return nil, false // the engine says what is wrong
	}
	for n, yes := range met {
		if yes {
			terms = append(terms, uint32(n))
		}
	}
	return terms, true
}

// tested tells for each text whether it meets a condition.
func tested(p Predicate, texts []string) ([]bool, error) {
	v := &data.Vector{Type: data.String, Len: len(texts), Texts: texts}
	if p.Op == "in~" {
		in, err := operator.In(p.Op, data.String, p.Values)
		if err != nil {
			return nil, err
		}
		return in(v.Len, v).Expand().Bools, nil
	}
	kernel, err := operator.Compile(p.Op, data.String, p.Values[0].Type(), nil, &p.Values[0])
	if err != nil {
		return nil, err
	}
	return kernel(v.Len, v, data.Constant(p.Values[0], v.Len)).Expand().Bools, nil
}

// found are the rows that meet one of the conditions, of which the rarest is
// taken; all tells that there is no other. It is not ok where no index helps.
func (m *Memory) found(where []Predicate) (rows []int32, all, ok bool) {
	for _, p := range where {
		x := m.indexes[p.Column]
		if x == nil || p.Path != nil {
			continue
		}
		if some, found := x.meeting(p); found && (!ok || len(some) < len(rows)) {
			rows, ok = some, true
		}
	}
	return rows, len(where) == 1, ok
}

// pieceOfIndex is how many rows found by an index make a batch.
const pieceOfIndex = 4096

// scanRows gives the wanted columns of some rows, which are in order.
func (m *Memory) scanRows(ctx context.Context, columns []int, rows []int32, yield func(*Batch, error) bool) {
	first := int32(0) // row of the batch at hand
	for _, b := range m.batches {
		after := first + int32(b.Len)
		count, _ := slices.BinarySearch(rows, after)
		for piece := range slices.Chunk(rows[:count], pieceOfIndex) {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if !yield(picked(b, columns, piece, first), nil) {
				return
			}
		}
		rows, first = rows[count:], after
	}
}

// picked are the wanted columns of some rows of a batch, whose first row has a number.
func picked(b *Batch, columns []int, rows []int32, first int32) *Batch {
	here := make([]int32, len(rows))
	for i, row := range rows {
		here[i] = row - first
	}
	out := &Batch{Len: len(rows), Columns: make([]*data.Vector, len(columns))}
	for i, at := range columns {
		out.Columns[i] = b.Columns[at].Gather(here)
	}
	return out
}
