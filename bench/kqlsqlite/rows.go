package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/resourcegraph"
	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// rows are the tables in memory.
type rows struct {
	tables kql.Named
	count  int
}

// columns is what the rows of the large table are made of.
const columns = `resources | project id, name, type, location, resourceGroup, subscriptionId, kind, sku = tostring(sku.name), size = strlen(tostring(properties))`

// owners is the small table: of every tenth row its id, in memory of its own,
// and a number.
const owners = `resources | serialize n = row_number() | where n % 10 == 0 | project id = strcat(id, ''), owner = n % 97`

func load(file string) (*rows, error) {
	in := assess.Input{Name: file, Open: func() (io.ReadCloser, error) { return os.Open(file) }}
	estate := resourcegraph.New(assess.Options{Inputs: []assess.Input{in}})
	r := &rows{tables: kql.Named{}}
	large, err := inMemory(columns, estate)
	if err != nil {
		return nil, err
	}
	r.tables["resources"] = large
	small, err := inMemory(owners, r.tables)
	if err != nil {
		return nil, err
	}
	r.tables["owners"] = small
	// The same indexes as on SQLite's side.
	if err := errors.Join(large.Index("id", "type", "location"), small.Index("id")); err != nil {
		return nil, err
	}
	s, err := r.ask("resources | project size")
	r.count = s.rows
	return r, err
}

// inMemory keeps the answer to a query as a table.
func inMemory(text string, tables kql.Tables) (*kql.Memory, error) {
	q, err := kql.Prepare(text, tables, kql.Options{MaxMemory: -1})
	if err != nil {
		return nil, err
	}
	var batches []*data.Batch
	for b, err := range q.Run(context.Background()).Batches() {
		if err != nil {
			return nil, err
		}
		for i, v := range b.Columns {
			b.Columns[i] = v.Expand()
		}
		batches = append(batches, b)
	}
	return kql.MemoryBatches(q.Columns(), batches...)
}

// ask runs a query, from its text on, and looks at every value of the answer.
func (r *rows) ask(text string) (sum, error) {
	q, err := kql.Prepare(text, r.tables, kql.Options{MaxMemory: -1})
	if err != nil {
		return sum{}, err
	}
	var s sum
	for b, err := range q.Run(context.Background()).Batches() {
		if err != nil {
			return s, err
		}
		s.rows += b.Len
		for _, v := range b.Columns {
			if err := s.add(v); err != nil {
				return s, err
			}
		}
	}
	return s, nil
}

func (s *sum) add(v *data.Vector) error {
	if v.Nulls != nil && slices.ContainsFunc(v.Nulls, func(w uint64) bool { return w != 0 }) {
		return fmt.Errorf("a null, which no column has")
	}
	v = v.Expand()
	switch v.Type {
	case data.Int, data.Long:
		for _, n := range v.Longs[:v.Len] {
			s.total += n
		}
	case data.String:
		for _, t := range v.Texts[:v.Len] {
			s.bytes += len(t)
		}
	default:
		return fmt.Errorf("a column of type %s, which no column has", v.Type)
	}
	return nil
}

func profiling(file string) (stop func(), err error) {
	if file == "" {
		return func() {}, nil
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		f.Close()
	}, nil
}
