package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/bartizan-dev/bartizan/kql"
)

// Now is the time that all cases are run at.
var Now = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// Check runs a case and says how its result differs; "" where it does not.
func (c *Case) Check(ctx context.Context, tables kql.Tables) string {
	columns, rows, err := answer(ctx, c.Query, tables)
	switch {
	case c.Error != "" && err == nil:
		return fmt.Sprintf("gives %v; want the error %q", rows, c.Error)
	case c.Error != "" && !strings.Contains(err.Error(), c.Error):
		return fmt.Sprintf("error %q; want %q", err, c.Error)
	case c.Error != "":
		return ""
	case err != nil:
		return fmt.Sprintf("error %v; want %v", err, c.Rows)
	case c.Columns != "" && c.Columns != columns:
		return fmt.Sprintf("columns %s; want %s", columns, c.Columns)
	case !c.sameRows(rows):
		return fmt.Sprintf("gives\n\t%s\nwant\n\t%s", strings.Join(rows, "\n\t"), strings.Join(c.Rows, "\n\t"))
	}
	return ""
}

// answer is a query's columns and its rows as JSON arrays.
func answer(ctx context.Context, query string, tables kql.Tables) (columns string, rows []string, err error) {
	q, err := kql.Prepare(query, tables, kql.Options{Now: Now})
	if err != nil {
		return "", nil, err
	}
	result := q.Run(ctx)
	for row, err := range result.Rows() {
		if err != nil {
			return "", nil, err
		}
		line := []byte{'['}
		for i, v := range row {
			if i > 0 {
				line = append(line, ", "...)
			}
			line = kql.AppendJSON(line, v)
		}
		rows = append(rows, string(append(line, ']')))
	}
	var names []string
	for _, column := range result.Columns() {
		names = append(names, column.Name+":"+column.Type.String())
	}
	return strings.Join(names, ", "), rows, nil
}

func (c *Case) sameRows(got []string) bool {
	if len(got) != len(c.Rows) {
		return false
	}
	left := slices.Clone(got)
	for i, want := range c.Rows {
		if !c.AnyOrder {
			if !sameJSON(want, got[i]) {
				return false
			}
			continue
		}
		at := slices.IndexFunc(left, func(g string) bool { return sameJSON(want, g) })
		if at < 0 {
			return false
		}
		left = slices.Delete(left, at, at+1)
	}
	return true
}

func sameJSON(want, got string) bool {
	w, err := decode(want)
	g, err2 := decode(got)
	return err == nil && err2 == nil && same(w, g)
}

func same(want, got any) bool {
	switch w := want.(type) {
	case json.Number:
		g, ok := got.(json.Number)
		return ok && sameNumber(w, g)
	case []any:
		g, ok := got.([]any)
		return ok && slices.EqualFunc(w, g, same)
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok || len(w) != len(g) {
			return false
		}
		for key, value := range w {
			other, there := g[key]
			if !there || !same(value, other) {
				return false
			}
		}
		return true
	}
	return want == got
}

// sameNumber: integers exactly, and 2 is not 2.0; other numbers in ten digits.
func sameNumber(want, got json.Number) bool {
	if want == got {
		return true
	}
	real := func(n json.Number) bool { return strings.ContainsAny(string(n), ".eE") }
	if real(want) != real(got) || !real(want) {
		return false
	}
	w, err := want.Float64()
	g, err2 := got.Float64()
	return err == nil && err2 == nil && math.Abs(w-g) <= 1e-10*max(math.Abs(w), math.Abs(g))
}
