package kql

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestForgiving: over tables of which one is the default, a dynamic needs no
// cast beside a time or a text; elsewhere it does, as Kusto has it.
func TestForgiving(t *testing.T) {
	const machines = `datatable(name:string, p:dynamic)[
		"old", dynamic({"made":"2019-05-01T00:00:00Z","for":"1.00:00:00"}),
		"new", dynamic({"made":"2026-11-27T12:00:00Z","owner":"ops"}),
		"bare", dynamic({})] | `
	tests := map[string]struct {
		query, wanted string
		rows          []string
	}{
		"property_since_a_time": {`where p.made >= ago(1d) | project name`, "todatetime", []string{`["new"]`}},
		"time_before_property":  {`where datetime(2020-01-01) > p.made | project name`, "todatetime", []string{`["old"]`}},
		"property_and_timespan": {`where p.for < 2d | project name`, "totimespan", []string{`["old"]`}},
		"text_for_missing":      {`summarize count() by owner = coalesce(p.owner, p.contact, "nobody") | order by owner asc`, "in common", []string{`["nobody",2]`, `["ops",1]`}},
	}
	options := Options{Now: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			options := options
			if _, _, err := rowsOf(machines+tt.query, Named{}, options); err == nil || !strings.Contains(err.Error(), tt.wanted) {
				t.Errorf("without a default table: %v, want %q", err, tt.wanted)
			}
			options.Default = "T"
			_, got, err := rowsOf(machines+tt.query, Named{}, options)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.rows, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	for query, want := range map[string]string{
		`where p.made > "2020"`:            `">" is not defined for dynamic and string`,
		`project coalesce(p.x, 1, "text")`: `coalesce(): dynamic and long have no type in common`,
	} {
		options.Default = "T"
		if _, _, err := rowsOf(machines+query, Named{}, options); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", query, err, want)
		}
	}
}

// TestComments: a text without a table has the default one, also where it has nothing but comments.
func TestComments(t *testing.T) {
	const text = "// cannot be told by a query yet\n"
	tables := Named{"T": MemoryTable([]Column{{Name: "x", Type: long}}, []Value{ofLong(1)})}
	if _, _, err := rowsOf(text, tables, Options{}); err == nil || !strings.Contains(err.Error(), "no result") {
		t.Errorf("without a default table: %v", err)
	}
	_, got, err := rowsOf(text, tables, Options{Default: "T"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`[1]`}, got); diff != "" {
		t.Error(diff)
	}
	if _, _, err := rowsOf("let a = 1;", tables, Options{Default: "T"}); err == nil {
		t.Error("definitions without a use are accepted")
	}
}

// TestBareOperators: without a table the default one is meant, also where the
// operator's word could be a table's name; a table of that name goes first.
func TestBareOperators(t *testing.T) {
	tables := Named{"T": MemoryTable([]Column{{Name: "x", Type: long}}, []Value{ofLong(1)}, []Value{ofLong(1)})}
	for query, want := range map[string][]string{
		"count":                          {`[2]`},
		"count | project y = Count":      {`[2]`},
		"count as n":                     {`[2]`},
		"let a = 1; count":               {`[2]`},
		"distinct *":                     {`[1]`},
		"distinct * | count":             {`[1]`},
		"getschema | project ColumnName": {`["x"]`},
		"serialize | take 1":             {`[1]`},
		"consume":                        nil,
		"union (count), (distinct *)":    {`[2,null]`, `[null,1]`},
		"let count = T | take 1; count":  {`[1]`},
	} {
		_, got, err := rowsOf(query, tables, Options{Default: "T"})
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
		if _, _, err := rowsOf(query, tables, Options{}); err == nil && query[:3] != "let" {
			t.Errorf("%s: runs without a default table", query)
		}
	}
	tables["count"] = MemoryTable([]Column{{Name: "x", Type: long}}, []Value{ofLong(7)})
	if _, got, err := rowsOf("count", tables, Options{Default: "T"}); err != nil || len(got) != 1 || got[0] != "[7]" {
		t.Errorf("a table of that name: %v, %v", got, err)
	}
}

// TestArg: alerts in Log Analytics call Resource Graph arg("").
func TestArg(t *testing.T) {
	tables := Named{"T": MemoryTable([]Column{{Name: "x", Type: long}}, []Value{ofLong(1)})}
	const text = `arg("").T | join kind=inner (arg("").T | project x, y = x + 1) on x | project y`
	if _, _, err := rowsOf(text, tables, Options{}); err == nil || !strings.Contains(err.Error(), "cannot be reached") {
		t.Errorf("without a default table: %v", err)
	}
	_, got, err := rowsOf(text, tables, Options{Default: "T"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`[2]`}, got); diff != "" {
		t.Error(diff)
	}
}
