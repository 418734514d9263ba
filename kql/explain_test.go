package kql

import (
	"testing"

	"github.com/google/go-cmp/cmp"
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
