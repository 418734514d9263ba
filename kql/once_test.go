package kql

import (
	"context"
	"iter"
	"testing"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// counted counts how often it is scanned.
type counted struct {
	*Memory
	scans *int
}

func (c counted) Scan(ctx context.Context, r Request) iter.Seq2[*Batch, error] {
	*c.scans++
	return c.Memory.Scan(ctx, r)
}

// TestListsRunOnce tells that the table of in is read once, however many
// workers test against it.
func TestListsRunOnce(t *testing.T) {
	columns := []Column{{Name: "id", Type: data.Long}}
	var rows [][]Value
	for i := range 50_000 {
		rows = append(rows, []Value{data.OfLong(int64(i))})
	}
	for _, text := range []string{
		"T | where id in ((S | where id < 3 | project id)) | project id",
		"T | where id in ((S | where id < 3 | project id)) | summarize count() by id",
		"T | where id < 3 and id !in ((S | where id < 0))",
	} {
		for _, workers := range []int{0, 1, 4} {
			scans := 0
			tables := Named{"T": MemoryTable(columns, rows...), "S": counted{MemoryTable(columns, rows...), &scans}}
			_, got, err := rowsOf(text, tables, Options{Workers: workers})
			if err != nil || len(got) != 3 || scans != 1 {
				t.Errorf("%s\n%d workers: %d rows, %d scans, %v; want 3 rows of one scan", text, workers, len(got), scans, err)
			}
		}
	}
}
