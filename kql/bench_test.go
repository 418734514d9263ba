package kql

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// query40 has 40 lines, of the kind that public workbooks have.
var query40 = func() string {
	var b strings.Builder
	b.WriteString("let wanted = dynamic(['microsoft.compute/virtualmachines', 'microsoft.storage/storageaccounts']);\n")
	b.WriteString("Resources\n| where type in~ (wanted) and location != ''\n| extend state = tostring(properties.provisioningState)\n")
	for i := range 30 {
		fmt.Fprintf(&b, "| extend x%d = iff(isnotempty(tostring(properties.a%d.b)), tolower(strcat(id, '-%d')), 'none')\n", i, i, i)
	}
	b.WriteString("| join kind=leftouter (\n  Resources\n  | summarize n = count() by id\n) on id\n")
	b.WriteString("| summarize count(), total = sum(n), names = make_set(x1) by location, state\n| top 10 by total desc\n")
	return b.String()
}()

const benchRows = 200_000

var benchTable = sync.OnceValue(func() Named {
	columns := []Column{
		{Name: "id", Type: data.String},
		{Name: "type", Type: data.String},
		{Name: "location", Type: data.String},
		{Name: "properties", Type: data.Dynamic},
	}
	padding := strings.Repeat(`{"name":"a","values":[1,2,3],"text":"some text that is longer"},`, 20)
	rows := make([][]Value, benchRows)
	for i := range rows {
		properties := fmt.Sprintf(`{"provisioningState":"Succeeded","list":[%s{}],"a":{"b":%t,"c":%d}}`, padding, i%3 == 0, i)
		rows[i] = []Value{
			data.OfString(fmt.Sprintf("/subscriptions/1/resourceGroups/rg%d/vm%d", i%97, i)),
			data.OfString([]string{"microsoft.compute/virtualmachines", "microsoft.storage/storageaccounts"}[i%2]),
			data.OfString(fmt.Sprintf("region%d", i%31)), data.OfNode(data.RawJSON(properties)),
		}
	}
	return Named{"Resources": MemoryTable(columns, rows...)}
})

func BenchmarkPrepare(b *testing.B) {
	tables := Named{"Resources": MemoryTable(benchTable()["Resources"].Columns())}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Prepare(query40, tables, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRun(b *testing.B) {
	for name, text := range map[string]string{
		"filter_on_a_path":  `Resources | where type =~ 'Microsoft.Compute/virtualMachines' and properties.a.b == true | summarize count() by location`,
		"text_of_a_path":    `Resources | extend s = tostring(properties.provisioningState) | summarize count() by s, location`,
		"number_of_a_path":  `Resources | where toint(properties.a.c) % 7 == 3 | count`,
		"contains":          `Resources | where id contains 'RG13/' | count`,
		"has":               `Resources | where id has 'rg13' | count`,
		"take":              `Resources | where type =~ 'microsoft.storage/storageaccounts' | project id | take 100`,
		"self_join":         `Resources | join kind=inner (Resources | project id, l = location) on id | count`,
		"sort":              `Resources | sort by location asc, id desc`,
		"functions_of_rows": `Resources | extend n = split(id, '/')[4], u = toupper(location) | summarize dcount(tostring(n)) by u`,
	} {
		b.Run(name, func(b *testing.B) {
			q, err := Prepare(text, benchTable(), Options{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				for _, err := range q.Run(context.Background()).Batches() {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.N)*benchRows/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}

var listTable = sync.OnceValue(func() Named {
	columns := []Column{
		{Name: "name", Type: data.String},
		{Name: "size", Type: data.Long},
		{Name: "names", Type: data.Dynamic},
		{Name: "sizes", Type: data.Dynamic},
	}
	rows := make([][]Value, 1_000_000)
	for i := range rows {
		rows[i] = []Value{
			data.OfString(fmt.Sprintf("name%d", i%7)), data.OfLong(int64(i % 7)),
			data.OfNode(data.RawJSON(fmt.Sprintf(`["name%d","Name%d","other"]`, i%5, i%11))),
			data.OfNode(data.RawJSON(fmt.Sprintf(`[%d,%d,1000]`, i%5, i%11))),
		}
	}
	return Named{"T": MemoryTable(columns, rows...)}
})

// BenchmarkLists asks 1,000,000 rows whether a value is in the row's own list.
func BenchmarkLists(b *testing.B) {
	for name, where := range map[string]string{
		"has":             `name has "name3"`,
		"array_length":    `array_length(names) == 3`,
		"in_texts":        `name in (names)`,
		"not_in_texts":    `name !in (names)`,
		"in_fold_texts":   `name in~ (names)`,
		"has_any_texts":   `name has_any (names)`,
		"in_numbers":      `size in (sizes)`,
		"has_all_numbers": `name has_all (sizes)`,
		"in_fold_numbers": `name in~ (sizes)`,
	} {
		b.Run(name, func(b *testing.B) {
			q, err := Prepare("T | where "+where+" | count", listTable(), Options{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				for _, err := range q.Run(context.Background()).Batches() {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
