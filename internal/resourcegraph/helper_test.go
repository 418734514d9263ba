package resourcegraph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/contoso"
	"github.com/bartizan-dev/bartizan/internal/resourcegraph"
	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/policy"
)

// now is the clock of all tests.
var now = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)

// readings counts how often an estate is opened.
type readings struct{ atomic.Int64 }

func (r *readings) input(name string, content []byte) assess.Input {
	return assess.Input{Name: name, Size: int64(len(content)), Open: func() (io.ReadCloser, error) {
		r.Add(1)
		return io.NopCloser(bytes.NewReader(content)), nil
	}}
}

// demo is the estate of Contoso.
func demo(t testing.TB) (assess.Options, *readings) {
	t.Helper()
	var estate bytes.Buffer
	if err := contoso.Estate(&estate); err != nil {
		t.Fatal(err)
	}
	r := &readings{}
	return assess.Options{Inputs: []assess.Input{r.input("contoso", estate.Bytes())}, BuiltIn: builtIn(t), Now: now}, r
}

func builtIn(t testing.TB) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// lines is an estate of a few records.
func lines(t testing.TB, records ...string) assess.Options {
	t.Helper()
	return assess.Options{
		Inputs:  []assess.Input{new(readings).input("in.jsonl", []byte(strings.Join(records, "\n")+"\n"))},
		BuiltIn: builtIn(t), Now: now,
	}
}

// ask gives the rows of an answer, each as a JSON array.
func ask(t testing.TB, e *resourcegraph.Estate, query string) []string {
	t.Helper()
	q, err := kql.Prepare(query, e, kql.Options{Now: now, Default: "resources"})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	var rows []string
	for row, err := range q.Run(context.Background()).Rows() {
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		line := []byte{'['}
		for i, v := range row {
			if i > 0 {
				line = append(line, ',')
			}
			line = kql.AppendJSON(line, v)
		}
		rows = append(rows, string(append(line, ']')))
	}
	return rows
}

// library reads policy documents.
func library(t testing.TB, documents ...string) *policy.Library {
	t.Helper()
	var l policy.Library
	for _, d := range documents {
		if err := l.Add("policy.json", []byte(d)).Err(); err != nil {
			t.Fatal(err)
		}
	}
	return &l
}

// shared is a file beside the repository; tests that read one skip where it is absent.
func shared(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("../../../shared", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("../shared/%s is not there", name)
	}
	return path
}

// properties decodes the only column of rows.
func properties(t *testing.T, rows []string) []map[string]any {
	t.Helper()
	all := make([]map[string]any, len(rows))
	for i, row := range rows {
		var cells []map[string]any
		if err := json.Unmarshal([]byte(row), &cells); err != nil {
			t.Fatal(err)
		}
		all[i] = cells[0]
	}
	return all
}
