package kql

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// TestOptimizedIsNaive runs random queries over random tables with the plan as
// it was bound and with the optimised one, which must give the same rows in the
// same order.
func TestOptimizedIsNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tables := Named{"T": drawTable(t, "T"), "U": drawTable(t, "U")}
		text := drawQuery(t)
		_, plain, err := rowsOf(text, tables, Options{Plain: true, Workers: 1})
		if err != nil {
			t.Fatalf("%s\n%v", text, err)
		}
		if rapid.Bool().Draw(t, "indexed") {
			indexed(t, tables, "b")
		}
		_, optimized, err := rowsOf(text, tables, Options{Workers: 2})
		if err != nil {
			t.Fatalf("%s\n%v", text, err)
		}
		if diff := cmp.Diff(plain, optimized); diff != "" {
			t.Fatalf("%s\nrows differ (-as bound +optimised):\n%s", text, diff)
		}
	})
}

// indexed puts indexes on the tables' columns of one name.
func indexed(t rapid.TB, tables Named, column string) {
	t.Helper()
	for name, table := range tables {
		if err := table.(*Memory).Index(column); err != nil {
			t.Fatalf("table %s: %v", name, err)
		}
	}
}

// drawTable has columns a:long, b:string, r:real, d:dynamic.
func drawTable(t *rapid.T, label string) *Memory {
	columns := []Column{{Name: "a", Type: data.Long}, {Name: "b", Type: data.String}, {Name: "r", Type: data.Real}, {Name: "d", Type: data.Dynamic}}
	rows := make([][]Value, rapid.IntRange(0, 12).Draw(t, label))
	for i := range rows {
		a := data.Null(data.Long)
		if n := rapid.IntRange(-1, 4).Draw(t, "a"); n >= 0 {
			a = data.OfLong(int64(n))
		}
		d := rapid.SampledFrom([]string{`null`, `{"p":{"q":"x"},"l":[1,2]}`, `{"p":{"q":"Y"},"l":[]}`, `{"p":7}`, `[1,"x"]`}).Draw(t, "d")
		rows[i] = []Value{
			a, data.OfString(rapid.SampledFrom([]string{"", "x", "X", "yes", "no x"}).Draw(t, "b")),
			data.OfReal(float64(rapid.IntRange(0, 6).Draw(t, "r")) / 2), data.OfNode(data.RawJSON(d)),
		}
	}
	return MemoryTable(columns, rows...)
}

// drawQuery keeps the columns a, b, r and d so that every step fits after every other.
func drawQuery(t *rapid.T) string {
	steps := []string{rapid.SampledFrom([]string{"T", "U", "(T | where a > 1)", "union T, U", "(U | project a, b, r, d)"}).Draw(t, "source")}
	for range rapid.IntRange(1, 5).Draw(t, "steps") {
		steps = append(steps, drawStep(t))
	}
	return strings.Join(steps, "\n| ")
}

func drawStep(t *rapid.T) string {
	condition := drawCondition(t)
	n := rapid.IntRange(0, 6).Draw(t, "n")
	kind := rapid.SampledFrom([]string{"innerunique", "inner", "leftouter", "leftsemi", "leftanti"}).Draw(t, "kind")
	order := rapid.SampledFrom([]string{"a", "b asc", "a desc, r asc", "b desc nulls first, a asc", "r, b"}).Draw(t, "order")
	return rapid.SampledFrom([]string{
		"where " + condition, "where " + condition, "where " + condition,
		"extend a = a + 1", "extend b = strcat(b, 'x')", "extend z = a | project-away z",
		"project a, b, r, d", "project d, r, b = tolower(b), a", "project a = toint(r) + a, b, r, d",
		fmt.Sprintf("take %d", n), fmt.Sprintf("top %d by %s", n, strings.Split(order, ",")[0]), "sort by " + order,
		fmt.Sprintf("sort by %s | take %d", order, n),
		"summarize r = sum(r), d = take_any(d) by a, b | extend r = todouble(r)",
		"distinct a, b, r | extend d = dynamic(null)",
		fmt.Sprintf("join kind=%s (U | where %s) on a | project a, b, r, d", kind, drawCondition(t)),
		fmt.Sprintf("join kind=%s (T | summarize r = max(r), d = take_any(d) by b) on b | project a, b, r, d", kind),
		"lookup (U | summarize k = count() by a) on a | project-away k",
		fmt.Sprintf("union (U | where %s) | project a, b, r, d", condition),
		"mv-expand e = d.l | extend a = coalesce(tolong(e), a) | project a, b, r, d",
		"serialize n = row_number() | where n % 2 == 1 | project-away n",
		"as X | where " + condition,
		"count | project a = Count, b = 'x', r = 1.0, d = dynamic(null)",
	}).Draw(t, "step")
}

func drawCondition(t *rapid.T) string {
	one := func() string {
		return rapid.SampledFrom([]string{
			"a > 1", "a == 2", "a != 2", "a in (1, 2)", "a !in (1, 2)", "isnull(a)", "isnotnull(a)", "a between (1 .. 3)",
			"b == 'x'", "b =~ 'X'", "b has 'x'", "b startswith 'n'", "b in~ ('x', 'YES')", "b != ''", "isnotempty(b)",
			"r >= 1.5", "r < a", "d.p.q == 'x'", "d.p.q =~ 'y'", "tostring(d.p) == '7'", "isnull(d.p.q)", "array_length(d.l) > 0",
			"1 == 1", "a + 1 > 2", "true", "a in (toscalar(T | summarize max(a)))",
			"a >= toscalar(U | take 2 | extend k = bag_pack('v', 2) | evaluate bag_unpack(k) | summarize count())",
			"a in ((T | where a < 3 | extend k = bag_pack('v', a) | union (print k = bag_pack('v', 1)) | evaluate bag_unpack(k) | project v))",
			"a > toscalar(print k = bag_pack('v', 1) | evaluate bag_unpack(k) | project v)", "b in ((U | project b))",
		}).Draw(t, "condition")
	}
	left := one()
	switch rapid.IntRange(0, 3).Draw(t, "form") {
	case 0:
		return left + " and " + one()
	case 1:
		return "(" + left + " or " + one() + ")"
	case 2:
		return "not(" + left + ")"
	}
	return left
}
