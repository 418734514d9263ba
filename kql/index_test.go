package kql

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// kindsTable has 10,000 rows in three batches; kind has eleven texts, name is unique.
func kindsTable(t *testing.T) *Memory {
	columns := []Column{{Name: "name", Type: data.String}, {Name: "kind", Type: data.String}, {Name: "n", Type: data.Long}}
	var batches []*Batch
	n := 0
	for _, rows := range []int{1, 8000, 1999} {
		b := &Batch{Len: rows, Columns: []*data.Vector{data.NewVector(data.String, rows), data.NewVector(data.String, rows), data.NewVector(data.Long, rows)}}
		for i := range rows {
			b.Columns[0].Texts[i] = fmt.Sprintf("thing-%d", n)
			b.Columns[1].Texts[i] = fmt.Sprintf("Kind%d", n%11)
			b.Columns[2].Longs[i] = int64(n)
			n++
		}
		batches = append(batches, b)
	}
	m, err := MemoryBatches(columns, batches...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestIndexFindsRows: a condition on an indexed column reads the rows that it
// is about and no others, and they come in order.
func TestIndexFindsRows(t *testing.T) {
	plain, m := kindsTable(t), kindsTable(t)
	if err := m.Index("kind", "name"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		where string
		reads int // rows
	}{
		{"kind == 'Kind4'", 909},
		{"kind == 'kind4'", 0},
		{"kind =~ 'kind4'", 909},
		{"kind in ('Kind10', 'Kind0', 'Kind10')", 1819},
		{"kind in~ ('kind10', 'none')", 909},
		{"kind startswith 'kind1'", 1818},
		{"kind startswith_cs 'Kind1'", 1818},
		{"kind == 'Kind4' and name == 'thing-4'", 1},
		{"name in ('thing-9999', 'thing-0', 'thing-8000')", 3},
		{"name =~ 'THING-7'", 10_000},           // as many texts as rows
		{"kind != 'Kind4'", 10_000},             // nothing is asked for
		{"kind startswith 'kind'", 10_000},      // most rows
		{"kind == 'Kind4' or n < 3", 10_000},    // no condition on the column alone
		{"kind == 'Kind4' and n % 2 == 0", 909}, // and the engine filters again
	} {
		text := "T | where " + tt.where + " | project n, kind, name"
		counted := &counting{Memory: m}
		_, want, err := rowsOf(text, Named{"T": plain}, Options{})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		_, got, err := rowsOf(text, Named{"T": counted}, Options{})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: rows (-without index +with it):\n%s", text, diff)
		}
		if counted.rows != tt.reads {
			t.Errorf("%s: %d rows were read, want %d", text, counted.rows, tt.reads)
		}
	}
}

// TestIndexStopsAtTheLimit where the condition is all that is asked.
func TestIndexStopsAtTheLimit(t *testing.T) {
	m := kindsTable(t)
	if err := m.Index("kind"); err != nil {
		t.Fatal(err)
	}
	counted := &counting{Memory: m}
	_, rows, err := rowsOf("T | where kind == 'Kind4' | take 2 | project n", Named{"T": counted}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"[4]", "[15]"}; !slices.Equal(rows, want) || counted.rows != 2 {
		t.Errorf("rows %v of %d read, want %v of 2", rows, counted.rows, want)
	}
}

// TestIndexRefuses columns that it cannot have.
func TestIndexRefuses(t *testing.T) {
	m := kindsTable(t)
	for column, want := range map[string]string{
		"other": "index column other: the table has no such column",
		"n":     "index column n: its type is long; want string",
	} {
		if err := m.Index(column); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// TestIndexedColumnsGiveTheSameRows for what works on the numbers of texts.
func TestIndexedColumnsGiveTheSameRows(t *testing.T) {
	plain := Named{"T": kindsTable(t), "U": kindsTable(t)}
	withIndex := Named{"T": kindsTable(t), "U": kindsTable(t)}
	for _, name := range withIndex.Names() {
		if err := withIndex[name].(*Memory).Index("name", "kind"); err != nil {
			t.Fatal(err)
		}
	}
	mixed := Named{"T": withIndex["T"], "U": plain["U"]}
	for _, text := range []string{
		"T | summarize count(), sum(n) by kind",
		"T | where n > 5 | summarize max(n) by kind, name | summarize sum(max_n), dcount(name) by kind",
		"T | distinct name | count",
		"T | join kind=inner (U | where n % 3 == 0 | project name, m = n) on name | summarize count(), sum(m), min(name)",
		"T | where n < 100 | join kind=leftouter (U | where n % 3 == 0) on name | project name, name1, n1 | join kind=fullouter (U | where n % 7 == 0 and n < 200) on name",
		"T | where n < 30 | join kind=leftouter (U | where n < 3) on kind | summarize count() by kind1",
		"T | union U | summarize count() by kind",
		"T | where n < 40 | union (U | where n < 50 | extend kind = tolower(kind)) | summarize count() by kind",
		"T | where name in ((U | where n % 1000 == 0 | project name)) | project n",
		"T | join kind=leftanti (U | where n > 20) on name, kind | project name",
		"T | sort by kind asc, name asc | take 20",
		"T | lookup kind=inner (U | where n < 11 | project kind, least = n) on kind | summarize count(), sum(least) by kind",
	} {
		_, want, err := rowsOf(text, plain, Options{Workers: 1})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for name, tables := range map[string]Named{"both indexed": withIndex, "one indexed": mixed} {
			_, got, err := rowsOf(text, tables, Options{Workers: 2})
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %s (-without +with):\n%s", text, name, diff)
			}
		}
	}
}

// A counting table counts the rows that are read of it.
type counting struct {
	*Memory
	rows int
}

// Scan is that of the table.
func (c *counting) Scan(ctx context.Context, want Request) iter.Seq2[*Batch, error] {
	return func(yield func(*Batch, error) bool) {
		for b, err := range c.Memory.Scan(ctx, want) {
			if err == nil {
				c.rows += b.Len
			}
			if !yield(b, err) {
				return
			}
		}
	}
}
