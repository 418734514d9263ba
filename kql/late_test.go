package kql

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// lateTables are T with a column n from 1 to 3, and S with bags {"v": n}, whose scans are counted.
func lateTables(scans *int) Named {
	var numbers, bags [][]Value
	for i := range int64(3) {
		n := data.OfLong(i + 1)
		numbers = append(numbers, []Value{n})
		bags = append(bags, []Value{data.OfNode(data.RawJSON(fmt.Sprintf(`{"v":%d}`, i+1)))})
	}
	s := MemoryTable([]Column{{Name: "d", Type: data.Dynamic}}, bags...)
	return Named{"T": MemoryTable([]Column{{Name: "n", Type: data.Long}}, numbers...), "S": counted{s, scans}}
}

// nestedScalar asks for a toscalar inside a toscalar, and so on.
func nestedScalar(depth int) string {
	if depth == 0 {
		return "0"
	}
	return "toscalar(S | evaluate bag_unpack(d) | where v > " + nestedScalar(depth-1) + " | summarize min(v))"
}

// TestLateScalarsRunOnce: however often a toscalar of columns that only the
// data tells is used, its table is read once.
func TestLateScalarsRunOnce(t *testing.T) {
	tests := map[string]struct {
		query       string
		rows, scans int
	}{
		"where":        {`T | where n >= toscalar(S | evaluate bag_unpack(d) | summarize max(v))`, 1, 1},
		"let":          {`let m = toscalar(S | evaluate bag_unpack(d) | summarize max(v)); union (T | where n == m), (T | where n < m) | extend m`, 3, 1},
		"let_twice":    {`let m = toscalar(S | evaluate bag_unpack(d) | summarize max(v)); let l = m - 2; T | where n between (l .. m)`, 3, 1},
		"materialized": {`let s = materialize(S | evaluate bag_unpack(d)); let a = toscalar(s | summarize min(v)); let b = toscalar(s | summarize max(v)); s | where v in (a, b)`, 2, 1},
		"as":           {`S | evaluate bag_unpack(d) | as X | where v == toscalar(X | summarize max(v))`, 1, 1},
		"function":     {`let f = () { let m = toscalar(S | evaluate bag_unpack(d) | summarize max(v)); T | where n == m | extend m }; f()`, 1, 1},
		"each_row":     {`T | mv-apply x = range(1, n) to typeof(long) on (where x >= n) | where x > toscalar(S | evaluate bag_unpack(d) | summarize min(v))`, 2, 1},
		"nested":       {`T | where n >= ` + nestedScalar(3), 1, 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			scans := 0
			_, got, err := rowsOf(tt.query, lateTables(&scans), Options{})
			if err != nil || len(got) != tt.rows || scans != tt.scans {
				t.Errorf("%d rows %v, %d scans, %v; want %d rows of %d scans", len(got), got, scans, err, tt.rows, tt.scans)
			}
		})
	}
}

// TestLateRunsTogether: runs of one query bind its late parts at the same time.
func TestLateRunsTogether(t *testing.T) {
	scans := 0
	tables := lateTables(&scans)
	tables["S"] = tables["S"].(counted).Memory
	q, err := Prepare(`let f = (v:long) { v >= m }; let m = toscalar(S | evaluate bag_unpack(d) | summarize max(v));
		S | evaluate bag_unpack(d) | as X | where f(v) and v == toscalar(X | summarize max(v)) | union (T | where f(n) | project v = n)`, tables, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			rows := 0
			for row, err := range q.Run(context.Background()).Rows() {
				if rows++; err != nil || row[0].Long() != 3 {
					t.Errorf("%v, %v; want 3", row, err)
				}
			}
			if rows != 2 {
				t.Errorf("%d rows, want 2", rows)
			}
		})
	}
	group.Wait()
}

// TestLateDepth: what waits in what waits costs no more at each depth.
func TestLateDepth(t *testing.T) {
	scans := 0
	_, got, err := rowsOf("print x = "+nestedScalar(40), lateTables(&scans), Options{})
	if err != nil || len(got) != 1 || scans != 40 {
		t.Errorf("%v, %v, %d scans; want a row of 40 scans", got, err, scans)
	}
	var lets strings.Builder
	lets.WriteString("let a0 = S | evaluate bag_unpack(d);\n")
	for i := range 30 {
		fmt.Fprintf(&lets, "let a%d = union a%d, a%d;\n", i+1, i, i)
	}
	if _, err := Prepare(lets.String()+"a30 | count", lateTables(&scans), Options{}); err == nil || !strings.Contains(err.Error(), "steps") {
		t.Errorf("%v; want that there are too many steps", err)
	}
}
