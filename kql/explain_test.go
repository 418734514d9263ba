package kql

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func TestExplain(t *testing.T) {
	tables := Named{"T": MemoryTable([]Column{{Name: "x", Type: long}, {Name: "y", Type: long}})}
	q, err := Prepare(`T | where x > 1 | summarize n = count() by y | sort by n`, tables, Options{Plain: true})
	if err != nil {
		t.Fatal(err)
	}
	want := `sort by n desc
  summarize count() by y
    filter x > 1
      table T columns: x, y
`
	if diff := cmp.Diff(want, q.Explain()); diff != "" {
		t.Errorf("plan differs (-want +got):\n%s", diff)
	}
}

// TestExplainLate: of what waits for columns that only the data tells, the plan shows what can be told.
func TestExplainLate(t *testing.T) {
	tables := Named{"T": MemoryTable([]Column{{Name: "x", Type: long}, {Name: "d", Type: data.Dynamic}})}
	q, err := Prepare(`T | where x > toscalar(T | evaluate bag_unpack(d) | project y) | project x`, tables, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := `late: bound when the columns below are known
  late: bound when the columns below are known
    late: bound when the columns below are known
      evaluate bag_unpack
        table T columns: x, d
      then, before it is optimised:
        project y = …
          rows 0
    then, before it is optimised:
      take 1
        rows 0
  then, before it is optimised:
    project x
      filter …
        table T columns: x, d
`
	if diff := cmp.Diff(want, q.Explain()); diff != "" {
		t.Errorf("plan differs (-want +got):\n%s", diff)
	}
}

func TestErrorsSayWhere(t *testing.T) {
	_, err := Prepare("T | where zz == 1", Named{"T": MemoryTable([]Column{{Name: "zzz", Type: long}})}, Options{})
	wrong, ok := err.(*Error)
	if !ok {
		t.Fatalf("error %v, want one of type *Error", err)
	}
	p := wrong.Problems[0]
	got := []any{len(wrong.Problems), p.Line, p.Column, p.Token, p.Suggestion}
	if diff := cmp.Diff([]any{1, 1, 11, "zz", "zzz"}, got); diff != "" {
		t.Errorf("problem differs (-want +got):\n%s\n%v", diff, err)
	}
}

// TestAllProblems: what is wrong is told at once, in the order of the places, also
// of a query that cannot be read to its end; but not what may be wrong only
// because of the part that could not be read.
func TestAllProblems(t *testing.T) {
	tables := Named{"T": MemoryTable([]Column{{Name: "type", Type: data.String}, {Name: "n", Type: long}}), "U": MemoryTable([]Column{{Name: "n", Type: long}})}
	tests := map[string]struct {
		query string
		want  []string
	}{
		"steps_before_a_broken_one":       {`T | where m == 1 | projct x | where m == 2`, []string{`1:11 unknown column "m"`, `1:20 unknown operator "projct"`, `1:27 unknown column "x"`}},
		"behind_a_misspelt_operator":      {`T | whre n > 1 and m == 1 | extnd a = strlenn(type) | where b == 1`, []string{`1:5 unknown operator "whre"`, `1:20 unknown column "m"`, `1:29 unknown operator "extnd"`, `1:39 unknown function "strlenn"`, `1:61 unknown column "b"`}},
		"misspelt_and_not_readable_so":    {`T | whre | where m == 1`, []string{`1:5 unknown operator "whre"`}},
		"no_operator_that_is_near":        {`T | select m | where b == 1`, []string{`1:5 unknown operator "select"`}},
		"names_in_the_order_of_places":    {`T | summarize cont() by typ`, []string{`1:15 unknown function "cont"`, `1:25 unknown column "typ"`}},
		"rows_chosen_by_a_broken_step":    {`T | where type startwith "a" | project typ`, []string{`1:16 unexpected "startwith"`, `1:40 unknown column "typ"`}},
		"columns_of_a_broken_step":        {`T | extend a = + | where a == m`, []string{`1:18 unexpected "|"`}},
		"a_broken_let":                    {`let x = T | where m == 1 | wher y; x | where mm == 1 | extend z = zz()`, []string{`1:19 unknown column "m"`, `1:28 unknown operator "wher"`, `1:33 unknown column "y"`, `1:46 unknown column "mm"`, `1:67 unknown function "zz"`}},
		"a_lost_statement":                {`lett x = 5; T | where n == x`, []string{`1:1 unknown statement "lett"`}},
		"a_lost_function":                 {`let f = (a:long { a }; T | where f(n) == x`, []string{`1:17 unexpected "{"`}},
		"inside_a_join":                   {`T | join (U | whre x | project m) on o | where typ == 1`, []string{`1:15 unknown operator "whre"`, `1:20 unknown column "x"`, `1:32 unknown column "m"`, `1:38 unknown column of the left side "o"`}},
		"a_broken_source":                 {`union U, (V | tkae 1) | where m == 1`, []string{`1:11 unknown table "V"`, `1:15 unknown operator "tkae"`}},
		"a_broken_graph":                  {`T | where m == 1 | make-graph type --> | graph-match (x)-[e]->(y) where x.id == 2 project x.id`, []string{`1:11 unknown column "m"`, `1:40 unexpected "|"`}},
		"a_wrong_literal":                 {`T | where m == 1 | extend a = datetime(soon) | project b`, []string{`1:11 unknown column "m"`, `1:31 "datetime(soon)" is no datetime`, `1:56 unknown column "b"`}},
		"columns_of_an_unknown_aggregate": {`T | summarize sm(n), sm(m), n`, []string{`1:15 unknown function "sm"`, `1:22 unknown function "sm"`, `1:25 unknown column "m"`, `1:29 "n" stands outside of an aggregate`}},
		"an_unknown_kind_of_join":         {`T | join kind=leftoutr U on n`, []string{`1:15 unknown kind "leftoutr"`}},
		"an_unknown_kind_of_lookup":       {`T | lookup kind=iner U on n`, []string{`1:17 unknown kind "iner"`}},
		"an_unknown_kind_of_union":        {`T | union kind=outr U`, []string{`1:16 unknown kind "outr"`}},
		"an_unknown_kind_of_parse":        {`T | parse kind=smple type with a`, []string{`1:16 unknown kind "smple"`}},
		"an_unknown_kind_of_components":   {`T | make-graph type --> type | graph-mark-components kind=wek | graph-to-table nodes`, []string{`1:59 unknown kind "wek"`}},
		"one_equals_sign":                 {`T | where type = "x"`, []string{`1:11 "=" gives a name`}},
		"one_equals_sign_before_another":  {`T | where type = "x" | where m == 1`, []string{`1:11 "=" gives a name`, `1:30 unknown column "m"`}},
		"no_table_and_a_broken_step":      {`let x = 1; | wher y`, []string{`1:14 unknown operator "wher"`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Prepare(tt.query, tables, Options{})
			var got []string
			for _, p := range err.(*Error).Problems {
				text, _, _ := strings.Cut(p.Message, ":")
				text, _, _ = strings.Cut(text, ";")
				got = append(got, fmt.Sprintf("%d:%d %s", p.Line, p.Column, text))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("problems differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestResourceGraphError(t *testing.T) {
	e := &Error{Problems: []Problem{{Line: 2, Column: 12, Token: "<EOF>", Code: "ParserFailure", Message: "want an expression"}}}
	want := `{"error":{"code":"BadRequest","message":"Query is invalid: 2:12: want an expression","details":[` +
		`{"code":"InvalidQuery","message":"Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix the error before retrying."},` +
		`{"code":"ParserFailure","message":"want an expression","line":2,"characterPositionInLine":11,"token":"\u003cEOF\u003e"}]}}`
	if diff := cmp.Diff(want, string(e.ResourceGraph())); diff != "" {
		t.Errorf("answer differs (-want +got):\n%s", diff)
	}
}

func TestResultMayNotHaveTooManyRows(t *testing.T) {
	_, _, err := rowsOf("range x from 1 to 100 step 1", nil, Options{MaxRows: 10})
	if err == nil || err.Error() != "the result has more than 10 rows; add take, or summarize" {
		t.Errorf("error %v, want one about rows", err)
	}
}

func TestTableNamesInAnyCase(t *testing.T) {
	tables := IgnoreCase(Named{"Machines": MemoryTable([]Column{{Name: "x", Type: long}}, []Value{ofLong(1)})})
	for _, query := range []string{"machines | count", "union mach* | count", "find in (MACH*) where x > 0 | count", "search in (mAch*) x == 1 | count"} {
		_, rows, err := rowsOf(query, tables, Options{})
		if err != nil || len(rows) != 1 || rows[0] != "[1]" {
			t.Errorf("%s: rows %v, error %v", query, rows, err)
		}
	}
}
