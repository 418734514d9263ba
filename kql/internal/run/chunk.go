package run

import "github.com/bartizan-dev/bartizan/kql/data"

// A chunk is a batch of which perhaps only some rows are left. A column is
// gathered when it is first read, so that a filter costs nothing for columns
// that nobody reads after it.
type chunk struct {
	base *data.Batch
	rows []int32 // nil: all
	n    int
	made []*data.Vector
	more func() (*chunk, error) // the chunk behind this one; nil: there is none
}

func wholeChunk(b *data.Batch) *chunk { return &chunk{base: b, n: b.Len} }

func (c *chunk) column(i int) *data.Vector {
	if c.rows == nil {
		return c.base.Columns[i]
	}
	if c.made == nil {
		c.made = make([]*data.Vector, len(c.base.Columns))
	}
	if c.made[i] == nil {
		c.made[i] = c.base.Columns[i].Gather(c.rows)
	}
	return c.made[i]
}

// keep is the chunk of the rows for which a condition is true; itself where all are.
func (c *chunk) keep(condition *data.Vector) *chunk {
	if condition.Const {
		if c.n > 0 && condition.Bools[0] && !condition.Null(0) {
			return c
		}
		return &chunk{base: c.base, rows: []int32{}}
	}
	rows := trueRows(condition)
	if len(rows) == c.n {
		return c
	}
	if c.rows != nil {
		for i, r := range rows {
			rows[i] = c.rows[r]
		}
	}
	return &chunk{base: c.base, rows: rows, n: len(rows)}
}

// trueRows are the rows where a condition is true, not null.
func trueRows(condition *data.Vector) []int32 {
	rows := make([]int32, 0, condition.Len)
	if condition.Nulls == nil {
		for i, yes := range condition.Bools[:condition.Len] {
			if yes {
				rows = append(rows, int32(i))
			}
		}
		return rows
	}
	for i, yes := range condition.Bools[:condition.Len] {
		if yes && !condition.Nulls.Has(i) {
			rows = append(rows, int32(i))
		}
	}
	return rows
}

// part is some of the rows.
func (c *chunk) part(from, to int) *chunk {
	if c.rows == nil {
		b := c.base.Slice(from, to)
		return wholeChunk(&b)
	}
	return &chunk{base: c.base, rows: c.rows[from:to:to], n: to - from}
}

// batch has all columns gathered.
func (c *chunk) batch() *data.Batch {
	if c.rows == nil {
		return c.base
	}
	b := &data.Batch{Len: c.n, Columns: make([]*data.Vector, len(c.base.Columns))}
	for i := range b.Columns {
		b.Columns[i] = c.column(i)
	}
	return b
}
