package kql

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// Filters and aggregates allocate for batches, not for rows: what a row of a
// larger table costs more is next to nothing.
func TestRows_allocate_nothing(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	few, many := 32*4096, 128*4096
	small, large := manyRows(t, few), manyRows(t, many)
	for _, query := range []string{
		"T | where location =~ 'REGION-7' | count",
		"T | where location == 'region-7' and size > 500 | count",
		"T | where location in~ ('Region-1', 'region-2', 'REGION-3') or flag | count",
		"T | where name startswith 'NAME1' | count",
		"T | where name has 'name77' | count",
		"T | where name contains '77' and name !endswith '3' | count",
		"T | where name matches regex '^name[0-9]7' | count",
		"T | where isnotempty(name) and isnotnull(size) and cost between (0.25 .. 0.75) | count",
		"T | where properties.a.b == true | count",
		"T | where tostring(properties.state) == 'on' and toint(properties.a.n) < 50 | count",
		"T | where name in (names) and size !in (sizes) | count",
		"T | where name in~ (names) or name in~ (sizes) or name has_any (names) or name has_all (sizes) | count",
		"T | where strlen(name) + size % 7 > 8 | summarize count()",
		"T | where when > datetime(2024-03-01) and when < ago(1d) | count",
		"T | summarize count() by location",
		"T | summarize count(), sum(size), avg(cost), min(size), max(when) by location, flag",
		"T | summarize countif(flag), sumif(size, flag), dcount(location), stdev(cost) by location",
		"T | summarize count() by bin(when, 1d)",
		"T | summarize count() by case(size < 100, 'small', size < 500, 'middle', 'large')",
		"T | summarize count() by tostring(properties.state)",
		"T | distinct location, flag",
		"T | top 10 by size desc | project size",
		"T | extend x = size * 2 + 1, y = iff(flag, location, 'none') | summarize sum(x) by y",
	} {
		if underRace && strings.Contains(query, "regex") {
			continue
		}
		extra := allocations(t, query, large) - allocations(t, query, small)
		if each := extra / float64(many-few); each > 0.02 {
			t.Errorf("%s: %.3f allocations a row, want none", query, each)
		}
	}
}

func allocations(t *testing.T, text string, tables Named) float64 {
	t.Helper()
	q, err := Prepare(text, tables, Options{})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return testing.AllocsPerRun(1, func() {
		for _, err := range q.Run(context.Background()).Batches() {
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
		}
	})
}

// manyRows is a table in batches as a store gives them.
func manyRows(t *testing.T, rows int) Named {
	t.Helper()
	columns := []Column{
		{Name: "name", Type: data.String},
		{Name: "location", Type: data.String},
		{Name: "size", Type: data.Long},
		{Name: "cost", Type: data.Real},
		{Name: "flag", Type: data.Bool},
		{Name: "when", Type: data.DateTime},
		{Name: "properties", Type: data.Dynamic},
		{Name: "names", Type: data.Dynamic},
		{Name: "sizes", Type: data.Dynamic},
	}
	names, sizes := data.NodeOfStrings([]string{"name7", "NAME77", "other"}), data.RawJSON("[7, 77, 500, 1000]")
	var batches []*Batch
	const size = 4096
	for from := 0; from < rows; from += size {
		b := &Batch{Len: size}
		for _, c := range columns {
			b.Columns = append(b.Columns, data.NewVector(c.Type, size))
		}
		for i := range size {
			n := int64(from + i)
			b.Columns[0].Texts[i] = fmt.Sprintf("name%d", n%10_007)
			b.Columns[1].Texts[i] = fmt.Sprintf("region-%d", n%31)
			b.Columns[2].Longs[i] = n * 7919 % 1000
			b.Columns[3].Reals[i] = float64(n%1009) / 1009
			b.Columns[4].Bools[i] = n%3 == 0
			b.Columns[5].Longs[i] = 638_396_640_000_000_000 + n%200*864_000_000_000
			b.Columns[6].Nodes[i] = data.RawJSON(fmt.Sprintf(`{"state":"%s","a":{"n":%d,"b":%t}}`, []string{"on", "off"}[n%2], n%100, n%5 == 0))
			b.Columns[7].Nodes[i], b.Columns[8].Nodes[i] = names, sizes
		}
		batches = append(batches, b)
	}
	table, err := MemoryBatches(columns, batches...)
	if err != nil {
		t.Fatal(err)
	}
	return Named{"T": table}
}
