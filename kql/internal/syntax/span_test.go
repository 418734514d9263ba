package syntax

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSpans: where each part of a query stands, as the text that it covers, in
// the order of the tree's fields.
func TestSpans(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"binary_with_parentheses": {"print (a + b) * c // x", []string{
			"*", "+", "a", "b", "a + b", "c", "(a + b) * c", "print (a + b) * c", "print (a + b) * c",
		}},
		"paths_and_calls": {"print f( a.b[0] , 'x' ).c", []string{
			"f", "a", "b", "a.b", "0", "a.b[0]", "'x'", "f( a.b[0] , 'x' )", "c", "f( a.b[0] , 'x' ).c",
			"print f( a.b[0] , 'x' ).c", "print f( a.b[0] , 'x' ).c",
		}},
		"operators": {"T\n| where a in (1)\n| take 5", []string{
			"T", "where", "where a in (1)", "in", "a", "1", "a in (1)", "take", "take 5", "5", "T\n| where a in (1)\n| take 5",
		}},
		"names_without_their_quotes": {"T | extend ['a b'] = -1d", []string{
			"T", "extend", "extend ['a b'] = -1d", "['a b']", "1d", "-1d", "T | extend ['a b'] = -1d",
		}},
		"subquery": {"T | join (U | take 1) on a", []string{
			"T", "join", "join (U | take 1) on a", "U", "take", "take 1", "1", "U | take 1", "a", "T | join (U | take 1) on a",
		}},
		"let_and_lambda": {"let f = (a:long) { a };\nT", []string{"f", "a", "a", "(a:long) { a }", "T", "T"}},
		"graph_pattern": {"G | graph-match (a)-[e*1..2]->(b)", []string{
			"G", "graph-match", "graph-match (a)-[e*1..2]->(b)", "a", "(a)", "e", "-[e*1..2]->", "b", "(b)", "G | graph-match (a)-[e*1..2]->(b)",
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			walk(reflect.ValueOf(parsed(t, tt.text)), func(s Span) { got = append(got, tt.text[s.Start:s.End]) })
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s\n%s", tt.text, diff)
			}
		})
	}
}
