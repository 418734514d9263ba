package kql

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// broken is a table that panics when it is read.
type broken struct{ *Memory }

func (broken) Scan(context.Context, Request) iter.Seq2[*Batch, error] {
	return func(func(*Batch, error) bool) { panic("out of order") }
}

func TestPanicIsAnError(t *testing.T) {
	table := MemoryTable([]Column{{Name: "x", Type: data.Long}}, []Value{data.OfLong(1)})
	q, err := Prepare("T | summarize count() by x", Named{"T": broken{table}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range q.Run(t.Context()).Rows() {
		bug, ok := errors.AsType[*Bug](err)
		if !ok {
			t.Fatalf("error %v; want a Bug", err)
		}
		for _, part := range []string{"internal error: out of order", "T | summarize count()"} {
			if !strings.Contains(bug.Error(), part) {
				t.Errorf("error %q; want %q in it", bug, part)
			}
		}
		if !strings.Contains(string(bug.Stack), "bug_test.go") {
			t.Error("the stack does not lead to the panic")
		}
		return
	}
	t.Error("no error")
}

// badTables panic when they are asked for a table.
type badTables struct{ Named }

func (badTables) Table(string) (Table, bool) { panic("no tables today") }

func TestPanicOfPrepareIsAnError(t *testing.T) {
	q, err := Prepare("T", badTables{}, Options{})
	if _, ok := errors.AsType[*Bug](err); !ok || q != nil {
		t.Errorf("query %v, error %v; want a Bug alone", q, err)
	}
}

// TestPanicOfReader: what the caller's own loop panics with is not caught.
func TestPanicOfReader(t *testing.T) {
	q, err := Prepare("print 1", nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if p := recover(); p != "mine" {
			t.Errorf("panic %v; want the reader's own", p)
		}
	}()
	for range q.Run(t.Context()).Rows() {
		panic("mine")
	}
}
