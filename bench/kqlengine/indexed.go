package main

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// store is a table with an index on type.
type store struct {
	columns []kql.Column
	rows    *kql.Batch
	byType  map[string][]int32 // by lower-cased type: rows
}

// kinds is how many types a store has.
const kinds = 7

// newStore makes a store in which each type has a seventh of the rows.
func newStore(n int) *store {
	s := &store{byType: map[string][]int32{}, rows: &kql.Batch{Len: n}}
	for _, name := range []string{"id", "name", "type", "location"} {
		s.columns = append(s.columns, kql.Column{Name: name, Type: data.String})
		s.rows.Columns = append(s.rows.Columns, data.NewVector(data.String, n))
	}
	types := make([]string, kinds)
	for i := range types {
		types[i] = fmt.Sprintf("microsoft.test/kind%d", i)
	}
	for i := range n {
		typ := types[i%kinds]
		name := fmt.Sprintf("thing-%d", i)
		for c, text := range []string{"/subscriptions/1/providers/" + typ + "/" + name, name, typ, "westeurope"} {
			s.rows.Columns[c].Texts[i] = text
		}
		s.byType[typ] = append(s.byType[typ], int32(i))
	}
	return s
}

func (s *store) Columns() []kql.Column { return s.columns }

// Scan answers equality of type from the index, which is all that is asked here.
func (s *store) Scan(_ context.Context, want kql.Request) iter.Seq2[*kql.Batch, error] {
	return func(yield func(*kql.Batch, error) bool) {
		rows, ok := s.found(want.Where)
		if !ok {
			yield(nil, fmt.Errorf("no equality of type was pushed down"))
			return
		}
		if want.Limit > 0 && len(want.Where) == 1 {
			rows = rows[:min(want.Limit, len(rows))]
		}
		const piece = 1024
		for from := 0; from < len(rows); from += piece {
			some := rows[from:min(from+piece, len(rows))]
			out := &kql.Batch{Len: len(some)}
			for _, c := range want.Columns {
				out.Columns = append(out.Columns, s.rows.Columns[c].Gather(some))
			}
			if !yield(out, nil) {
				return
			}
		}
	}
}

func (s *store) found(where []kql.Predicate) ([]int32, bool) {
	for _, p := range where {
		if s.columns[p.Column].Name == "type" && (p.Op == "=~" || p.Op == "==") {
			return s.byType[strings.ToLower(p.Values[0].Text())], true
		}
	}
	return nil, false
}

// indexed is a small answer from a small table and from a large one.
func indexed() ([]work, error) {
	const query = "resources | where type =~ 'Microsoft.Test/kind4' | project id, name | take 100"
	const harder = "resources | where type =~ 'Microsoft.Test/kind4' and name endswith '2' | project id, name | take 100"
	var works []work
	for _, n := range []int{10_000, 1_000_000} {
		tables := kql.Named{"resources": newStore(n)}
		works = append(works,
			work{fmt.Sprintf("index, take 100 of %d", n), 500, func() (int, error) { return ask(query, tables) }},
			work{fmt.Sprintf("index, another condition, take 100 of %d", n), 500, func() (int, error) { return ask(harder, tables) }})
	}
	return works, nil
}
