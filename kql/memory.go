package kql

import (
	"context"
	"fmt"
	"iter"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// Memory is a table that is at hand.
type Memory struct {
	columns []Column
	batches []*Batch
	indexes map[int]*index // by column
}

// MemoryTable makes a table of rows. A value of another type than its column
// is converted as Kusto's to…() functions do.
func MemoryTable(columns []Column, rows ...[]Value) *Memory {
	b := &Batch{Len: len(rows)}
	for _, c := range columns {
		b.Columns = append(b.Columns, data.NewVector(c.Type, len(rows)))
	}
	for r, row := range rows {
		for i, c := range columns {
			value := data.Null(c.Type)
			if i < len(row) {
				value = data.Convert(row[i], c.Type)
			}
			b.Columns[i].Put(r, value)
		}
	}
	return &Memory{columns: columns, batches: []*Batch{b}}
}

// MemoryBatches makes a table of batches, which must have a vector of the right
// type for each column and are not changed any more.
func MemoryBatches(columns []Column, batches ...*Batch) (*Memory, error) {
	for _, b := range batches {
		if len(b.Columns) != len(columns) {
			return nil, fmt.Errorf("a batch has %d columns; want %d", len(b.Columns), len(columns))
		}
		for i, v := range b.Columns {
			if v.Type != columns[i].Type || v.Len != b.Len {
				return nil, fmt.Errorf("column %s: %d values of type %s; want %d of %s", columns[i].Name, v.Len, v.Type, b.Len, columns[i].Type)
			}
		}
	}
	return &Memory{columns: columns, batches: batches}, nil
}

// Columns are the table's columns.
func (m *Memory) Columns() []Column { return m.columns }

// Resident tells that the rows stand in memory: see [Table].
func (m *Memory) Resident() bool { return true }

// Scan gives the wanted columns of all rows, or of those that an index finds.
func (m *Memory) Scan(ctx context.Context, want Request) iter.Seq2[*Batch, error] {
	return func(yield func(*Batch, error) bool) {
		if rows, all, ok := m.found(want.Where); ok {
			if all && want.Limit > 0 {
				rows = rows[:min(want.Limit, len(rows))]
			}
			m.scanRows(ctx, want.Columns, rows, yield)
			return
		}
		rows := 0
		for _, b := range m.batches {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			out := &Batch{Len: b.Len, Columns: make([]*data.Vector, len(want.Columns))}
			for i, at := range want.Columns {
				out.Columns[i] = b.Columns[at]
			}
			rows += b.Len
			enough := want.Limit > 0 && len(want.Where) == 0 && rows >= want.Limit
			if !yield(out, nil) || enough {
				return
			}
		}
	}
}
