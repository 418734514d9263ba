package plan_test

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// A frugal table gives no more than a request asks for: wanted columns, of
// dynamics only the wanted keys, rows that meet the conditions it understands,
// and no more of them than suffice. A plan that asks for too little goes wrong.
type frugal struct {
	cols []kql.Column
	rows [][]kql.Value
}

func (f *frugal) Columns() []kql.Column { return f.cols }

func (f *frugal) Scan(_ context.Context, want kql.Request) iter.Seq2[*kql.Batch, error] {
	return func(yield func(*kql.Batch, error) bool) {
		rows := f.wanted(want)
		for part := range slices.Chunk(rows, 3) {
			if !yield(f.batch(part, want), nil) {
				return
			}
		}
	}
}

func (f *frugal) wanted(want kql.Request) [][]kql.Value {
	var rows [][]kql.Value
	understood := true
	for _, p := range want.Where {
		understood = understood && p.Path == nil && tests[p.Op] != nil
	}
	for _, row := range f.rows {
		if !meets(row, want.Where) {
			continue
		}
		rows = append(rows, row)
		if understood && len(rows) == want.Limit {
			break
		}
	}
	return rows
}

// tests are the operators that a frugal table understands.
var tests = map[string]func(v, c kql.Value) bool{
	"==": func(v, c kql.Value) bool { return data.Compare(v, c) == 0 },
	"=~": func(v, c kql.Value) bool { return strings.EqualFold(v.Text(), c.Text()) },
	"in": func(v, c kql.Value) bool { return data.Compare(v, c) == 0 },
	">":  func(v, c kql.Value) bool { return data.Compare(v, c) > 0 },
	">=": func(v, c kql.Value) bool { return data.Compare(v, c) >= 0 },
	"<":  func(v, c kql.Value) bool { return data.Compare(v, c) < 0 },
}

func meets(row []kql.Value, where []kql.Predicate) bool {
	for _, p := range where {
		test := tests[p.Op]
		if p.Path != nil || test == nil {
			continue
		}
		v := row[p.Column]
		if v.IsNull() || !slices.ContainsFunc(p.Values, func(c kql.Value) bool { return test(v, c) }) {
			return false
		}
	}
	return true
}

func (f *frugal) batch(rows [][]kql.Value, want kql.Request) *kql.Batch {
	b := &kql.Batch{Len: len(rows)}
	for k, c := range want.Columns {
		v := data.NewVector(f.cols[c].Type, len(rows))
		for i, row := range rows {
			cell := row[c]
			if want.Paths != nil && want.Paths[k] != nil {
				cell = keysOnly(cell, want.Paths[k])
			}
			v.Put(i, cell)
		}
		b.Columns = append(b.Columns, v)
	}
	return b
}

// keysOnly leaves a bag the keys that paths begin with.
func keysOnly(v kql.Value, paths [][]data.Step) kql.Value {
	n := v.Node()
	if n.IsNull() || n.Kind() != data.KindBag {
		return v
	}
	var keys []string
	var values []*data.Node
	for i, key := range n.Keys() {
		if slices.ContainsFunc(paths, func(p []data.Step) bool { return p[0].Key == key }) {
			keys, values = append(keys, key), append(values, n.Items()[i])
		}
	}
	return data.OfNode(data.NodeOfBag(keys, values))
}

func randomTable(r *rand.Rand, rows int) *frugal {
	f := &frugal{cols: []kql.Column{
		{Name: "k", Type: data.String},
		{Name: "s", Type: data.String},
		{Name: "n", Type: data.Long},
		{Name: "b", Type: data.Bool},
		{Name: "d", Type: data.Dynamic},
	}}
	for range rows {
		var row []kql.Value
		for _, c := range f.cols {
			row = append(row, randomValue(r, c.Type))
		}
		f.rows = append(f.rows, row)
	}
	return f
}

func randomValue(r *rand.Rand, t data.Type) kql.Value {
	if r.IntN(8) == 0 {
		return data.Null(t)
	}
	switch t {
	case data.String:
		return data.OfString([]string{"a", "b", "A", "ab", ""}[r.IntN(5)])
	case data.Long:
		return data.OfLong(r.Int64N(5))
	case data.Bool:
		return data.OfBool(r.IntN(2) == 0)
	}
	texts := []string{`{"x":"a","y":[1,2]}`, `{"x":1,"y":[],"z":{"w":true}}`, `[1,"b"]`, `{"x":"b"}`, `3`}
	n, _ := data.ParseJSON(texts[r.IntN(len(texts))]) // all valid
	return data.OfNode(n)
}

// A writer writes random queries. Every step keeps the columns k, s, n, b, d with their types.
type writer struct {
	*rand.Rand
	names int
}

func (w *writer) one(of ...string) string { return of[w.IntN(len(of))] }

func (w *writer) condition() string {
	switch w.IntN(14) {
	case 0:
		return w.one("k", "s") + w.one(" == ", " =~ ", " != ", " has ", " startswith ") + w.one(`"a"`, `"b"`, `"A"`)
	case 1:
		return "n " + w.one("==", ">", "<", "!=", ">=") + " " + w.one("1", "2", "3")
	case 2:
		return "(" + w.condition() + " or " + w.condition() + ")"
	case 3:
		return w.condition() + " and " + w.condition()
	case 4:
		return "not(" + w.condition() + ")"
	case 5:
		return "n in ((U | project n))"
	}
	return w.one(`s in ("a", "b")`, "n between (1 .. 2)", `d.x == "a"`, "b", "isnull(n)", `tolower(s) == "a"`,
		`k == "a" or k == "b"`, `tostring(d.x) == "a"`)
}

func (w *writer) pipeline(depth int) string {
	text := w.one("T", "T", "U")
	for range 1 + w.IntN(5) {
		text += " | " + w.operator(depth)
	}
	return text
}

func (w *writer) operator(depth int) string {
	w.names++
	switch n := w.IntN(22); {
	case n < 6:
		return "where " + w.condition()
	case n < 9 && depth > 0:
		kind := w.one("inner", "innerunique", "leftouter", "rightouter", "fullouter", "leftsemi", "leftanti", "rightsemi", "rightanti")
		return fmt.Sprintf("join kind=%s (%s | project k, s, n, b, d) on %s", kind, w.pipeline(depth-1), w.one("k", "k, s", "$left.k == $right.s", "n"))
	case n < 10 && depth > 0:
		return "union (" + w.pipeline(depth-1) + " | project k, s, n, b, d)"
	case n < 12:
		return "take " + w.one("1", "3", "10")
	}
	return w.one(
		"extend n = n + 1",
		fmt.Sprintf("extend x%d = d.y, s = tolower(s)", w.names),
		"project k, s = k, n, b, d, extra = strcat(k, s)",
		"sort by n asc, k desc, s asc, tostring(d) asc, b asc",
		"summarize n = max(n), b = take_any(b), d = take_any(d), c = count() by k, s",
		"mv-expand d",
		`parse s with "a" s2:string`,
		"top 4 by n desc",
		"mv-apply z = d.y to typeof(long) on (where z > 0 or n > 1 | summarize zz = sum(z), m = max(n))",
		"mv-apply z = d.y to typeof(long) on (where d.x == k | project z, e = d.x, u = s)",
		"mv-apply z = d.y on (extend m = n | mv-apply q = d.y on (where n > 0 | summarize c = count()) | summarize sum(c) by s | extend p = k)",
		"project-away b | extend b = n > 1",
		"extend r = row_number() | where r < 6 | project-away r",
		"lookup (U | summarize w = count() by k) on k",
	)
}

// ending leaves columns unread, so that pruning has work to do.
func (w *writer) ending() string {
	return w.one("", "", " | project k, d.x", " | count", " | summarize count() by s", " | project s, n", " | distinct k",
		" | take 2", " | summarize take_any(d.z.w) by k")
}

func answer(t *testing.T, query string, tables kql.Tables, plain bool) string {
	t.Helper()
	q, err := kql.Prepare(query, tables, kql.Options{Plain: plain})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	result := q.Run(t.Context())
	var b strings.Builder
	for row, err := range result.Rows() {
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		for _, v := range row {
			b.WriteString(v.String() + "|")
		}
		b.WriteByte('\n')
	}
	return fmt.Sprint(result.Columns()) + "\n" + b.String()
}

// TestOptimizedEqualsPlain runs random queries over random tables as they were
// bound and as they were rewritten.
func TestOptimizedEqualsPlain(t *testing.T) {
	for i := range uint64(4000) {
		r := rand.New(rand.NewPCG(1, i))
		tables := kql.Named{"T": randomTable(r, r.IntN(12)), "U": randomTable(r, r.IntN(6))}
		w := &writer{Rand: r}
		query := w.pipeline(2) + w.ending()
		plain, optimized := answer(t, query, tables, true), answer(t, query, tables, false)
		if plain != optimized {
			t.Fatalf("query %d: %s\nplain:\n%s\noptimized:\n%s", i, query, plain, optimized)
		}
	}
}
