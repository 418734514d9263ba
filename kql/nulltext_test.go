package kql

import (
	"fmt"
	"strings"
	"testing"
)

// textOperators read both sides as texts.
var textOperators = []string{
	"=~", "!~", "contains", "!contains", "contains_cs", "!contains_cs", "has", "!has", "has_cs", "!has_cs",
	"hasprefix", "!hasprefix", "hasprefix_cs", "!hasprefix_cs", "hassuffix", "!hassuffix", "hassuffix_cs", "!hassuffix_cs",
	"startswith", "!startswith", "startswith_cs", "!startswith_cs", "endswith", "!endswith", "endswith_cs", "!endswith_cs",
	"matches regex", "in~", "!in~", "has_any", "has_all",
}

// TestNull_is_an_empty_text_of_text_operators compares every way to give an
// operator a side: as constants, as columns, at paths, in conditions.
func TestNull_is_an_empty_text_of_text_operators(t *testing.T) {
	sides := []string{`"abc"`, `dynamic(null)`, `dynamic({}).x`}
	for _, op := range textOperators {
		for _, left := range sides {
			for _, right := range sides {
				want := oneRow(t, "print "+applied(op, "tostring("+left+")", "tostring("+right+")"))
				for way, query := range waysToAsk(op, left, right) {
					if got := oneRow(t, query); got != want {
						t.Errorf("%s: %s\n gives %s, as texts %s", way, query, got, want)
					}
				}
			}
		}
	}
}

func applied(op, left, right string) string {
	if strings.HasPrefix(strings.TrimPrefix(op, "!"), "in~") || strings.HasPrefix(op, "has_a") {
		right = "(" + right + ")"
	}
	return left + " " + op + " " + right
}

// waysToAsk are the queries of which all have to answer the same.
func waysToAsk(op, left, right string) map[string]string {
	test := func(l, r string) string { return applied(op, l, r) }
	rows := fmt.Sprintf("datatable(a: string)['1'] | extend one = toint(a), l = iff(a == '1', %s, %s), r = iff(a == '1', %s, %s)", left, left, right, right)
	table := func(l, r string) string {
		return fmt.Sprintf("let T = materialize(%s | extend d = bag_pack('l', l, 'r', r)); T | project %s", rows, test(l, r))
	}
	where := func(l, r string) string {
		return fmt.Sprintf("let T = materialize(%s | extend d = bag_pack('l', l, 'r', r)); T | where %s | summarize n = count() > 0", rows, test(l, r))
	}
	return map[string]string{
		"constants":     "print " + test(left, right),
		"columns":       table("l", "r"),
		"left column":   table("l", right),
		"right column":  table(left, "r"),
		"paths":         table("d.l", "d.r"),
		"left path":     table("d.l", right),
		"right path":    table(left, "d.r"),
		"path, column":  table("d.l", "r"),
		"kept path":     table("d.l", right) + ", d.l",
		"scalar":        table("l", "toscalar(T | project r)"),
		"where columns": where("l", "r"),
		"where column":  where("l", right),
		"where path":    where("d.l", right),
	}
}

func oneRow(t *testing.T, query string) string {
	t.Helper()
	_, rows, err := rowsOf(query, nil, Options{})
	if err != nil {
		t.Errorf("%s: %v", query, err)
		return ""
	}
	first, _, _ := strings.Cut(strings.Trim(strings.Join(rows, "\n"), "[]"), ",")
	return first
}
