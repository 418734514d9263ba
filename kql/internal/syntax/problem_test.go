package syntax

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestProblems: what is said of wrong queries, and where. The span is shown as
// the text that it covers.
func TestProblems(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"mistyped_operators": {"T | whre a == 1 | take 5 | extnd b = 1", []string{
			`1:5 ParserFailure <whre> unknown operator "whre"; did you mean "where"?`,
			`1:28 ParserFailure <extnd> unknown operator "extnd"; did you mean "extend"?`,
		}},
		"mistyped_dashed_operator": {"T | project-awy a", []string{
			`1:5 ParserFailure <project-awy> unknown operator "project-awy"; did you mean "project-away"?`,
		}},
		"mistyped_join_kind": {"T | join kind=lefouter (U) on a", []string{
			`1:15 InvalidQuery <lefouter> unknown kind "lefouter": want anti, fullouter, inner, innerunique, leftanti, leftantisemi, leftouter, leftsemi, rightanti, rightantisemi, rightouter, rightsemi; did you mean "leftouter"?`,
		}},
		"mistyped_text_operator": {`T | where a startwith "x"`, []string{`1:13 ParserFailure <startwith> unexpected "startwith": want "|" or the end; did you mean "startswith"?`}},
		"mistyped_negation":      {`T | where a !conains "x"`, []string{`1:13 ParserFailure <!> unexpected "!": want "|" or the end; did you mean "!contains"?`}},
		"mistyped_and":           {`T | where a == 1 an b == 2`, []string{`1:18 ParserFailure <an> unexpected "an": want "|" or the end; did you mean "and"?`}},
		"mistyped_by":            {`T | summarize count() bi a`, []string{`1:23 ParserFailure <bi> unexpected "bi": want "|" or the end; did you mean "by"?`}},
		"mistyped_in_a_bracket":  {`T | where (a beetween (1 .. 2))`, []string{`1:14 ParserFailure <beetween> unexpected "beetween": want ")"; did you mean "between"?`}},
		"mistyped_matches":       {`T | where a mathces regex "x"`, []string{`1:13 ParserFailure <mathces> unexpected "mathces": want "|" or the end; did you mean "matches regex"?`}},
		"what_is_wanted_anyway":  {`T | top 5 bye a`, []string{`1:11 ParserFailure <bye> unexpected "bye": want "by"`}},
		"nothing_like_a_word":    {`T | where a equals 5`, []string{`1:13 ParserFailure <equals> unexpected "equals": want "|" or the end`}},
		"a_keyword_as_a_name":    {`let others = T; T`, []string{`1:5 ParserFailure <others> unexpected "others": want a name; as a name it is written ['others']`}},
		"mistyped_statement":     {`decalre query_parameters(x:long); T`, []string{`1:1 ParserFailure <decalre> unknown statement "decalre"; did you mean "declare"?`}},
		"a_table_and_a_name":     {`Tables x`, []string{`1:8 ParserFailure <x> unexpected "x": want ";" or the end`}},
		"one_equals_sign":        {"T | where a = 1", []string{`1:11 InvalidQuery <a> "=" gives a name: to compare, write "=="`}},
		"hops_without_a_most":    {"G | graph-match (a)-[e*1..]->(b)", []string{`1:27 ParserFailure <]> unexpected "]": want a number of edges: a range has both, as in *1..3`}},
		"hops_without_a_least":   {"G | graph-match (a)-[e*..2]->(b)", []string{`1:24 ParserFailure <..> unexpected "..": want a number of edges: a range has both, as in *1..3`}},
		"hops_without_numbers":   {"G | graph-shortest-paths (a)-[e*..]->(b)", []string{`1:33 ParserFailure <..> unexpected "..": want a number of edges: a range has both, as in *1..3`}},
		"hops_without_a_range":   {"G | graph-match (a)-[*]->(b)", []string{`1:23 ParserFailure <]> unexpected "]": want a number of edges: a range has both, as in *1..3`}},
		"missing_operand":        {"T | where a ==\n| take 5", []string{`2:1 ParserFailure <|> unexpected "|": want an expression`}},
		"missing_at_the_end":     {"T | where a ==", []string{`1:15 ParserFailure <> the query ends where it should have an expression`}},
		"missing_parenthesis":    {"T | where f(a", []string{`1:14 ParserFailure <> the query ends where it should have ")"`}},
		"superfluous_bracket":    {"T | take 5) | count", []string{`1:11 ParserFailure <)> unexpected ")": want ";" or the end`}},
		"open_string":            {"T | where a == \"x\n| take 5", []string{"1:18 ParserFailure <> \"\\\"x\" is not closed: want `\"`"}},
		"open_lines":             {"print ```a", []string{"1:11 ParserFailure <> \"```a\" is not closed: want three backticks"}},
		"open_tildes":            {"print ~~~a", []string{"1:11 ParserFailure <> \"~~~a\" is not closed: want `~~~`"}},
		"bad_escape":             {`T | where a == "\q"`, []string{"1:17 ParserFailure <> \"\\\"\" is not closed: want `\"`"}},
		"keyword_as_name":        {"T | project time", []string{`1:13 ParserFailure <time> unexpected "time": want an expression; as a name it is written ['time']`}},
		"keyword_before_equal":   {"T | extend time = 1", []string{`1:12 ParserFailure <time> "time" is no name: write ['time']`}},
		"dash_in_name":           {"T | extend first-seen = 1", []string{`1:12 ParserFailure <first-seen> "first-seen" is no name: write ['first-seen']`}},
		"bad_character":          {"T | where a == €", []string{`1:16 ParserFailure <€> unexpected "€": want an expression`}},
		"in_a_subquery": {"T | where a in (U | wher b) | extnd c", []string{
			`1:21 ParserFailure <wher> unknown operator "wher"; did you mean "where"?`,
			`1:31 ParserFailure <extnd> unknown operator "extnd"; did you mean "extend"?`,
		}},
		"missing_behind_a_bar":  {"T |", []string{`1:4 ParserFailure <> the query ends where it should have an operator, such as where or project`}},
		"missing_behind_blanks": {"T | take 1\n|  // what?\n\n", []string{`2:2 ParserFailure <> the query ends where it should have an operator, such as where or project`}},
		"mistyped_chart":        {"T | render pichart", []string{`1:12 InvalidQuery <pichart> unknown kind of chart "pichart": want 3Dchart, anomalychart, areachart, barchart, card, columnchart, graph, ladderchart, linechart, list, piechart, pivotchart, plotly, sankey, scatterchart, stackedareachart, table, timechart, timeline, timepivot, treemap; did you mean "piechart"?`}},
		"no_chart":              {"T | render | take 1", []string{`1:12 ParserFailure <|> unexpected "|": want a kind of chart, such as table or timechart`}},
		"in_several_statements": {"let a = ; let b = T | tak 5; b | count as", []string{
			`1:9 ParserFailure <;> unexpected ";": want an expression`,
			`1:23 ParserFailure <tak> unknown operator "tak"; did you mean "take"?`,
			`1:42 ParserFailure <> the query ends where it should have a name`,
		}},
		"no_table":              {"1 + 2 | take 5", []string{`1:1 InvalidQuery <1 + 2> "1 + 2" is no table: is a ")" missing before "|"?`}},
		"bad_datetime":          {"print datetime(soon)", []string{`1:7 InvalidLiteral <datetime(soon)> "datetime(soon)" is no datetime: want a date such as 2024-05-31 or 2024-05-31T12:00:00Z`}},
		"large_int":             {"print int(3000000000)", []string{`1:7 InvalidLiteral <int(3000000000)> "int(3000000000)" is no int: want a whole number of 32 bits`}},
		"large_long":            {"print 9223372036854775808", []string{`1:7 InvalidLiteral <9223372036854775808> 9223372036854775808 does not fit a long`}},
		"bare_guid":             {"print 74be27de-1e4e-49d9-b579-fe0b331d3642", []string{`1:7 ParserFailure <74be27de-1e4e-49d9-b579-fe0b331d3642> "74be27de-1e4e-49d9-b579-fe0b331d3642" is no literal: write guid(74be27de-1e4e-49d9-b579-fe0b331d3642)`}},
		"bad_json":              {`print dynamic({a: 1})`, []string{`1:16 ParserFailure <a> unexpected "a": want a key in quotes`}},
		"mistyped_type":         {"datatable (a:strin) ['x']", []string{`1:14 ParserFailure <strin> unknown type "strin": want bool, datetime, decimal, dynamic, guid, int, long, real, string, timespan; did you mean "string"?`}},
		"workbook_parameter":    {"T | where a == {Sub} and b == {Sub}", []string{`1:16 NotSupported <{Sub}> workbook parameter {Sub} has no value here: replace it before running the query`}},
		"parameter_with_format": {"T | where a == {Sub:id}", []string{`1:16 ParserFailure <{> unexpected "{": want an expression; parameters and shared queries in { } are to be replaced before the query runs`}},
		"shared_query_joined":   {"T | join ({{shared}}) on a", []string{`1:11 ParserFailure <{> unexpected "{": want an expression; parameters and shared queries in { } are to be replaced before the query runs`}},
		"parameter_with_space":  {"T | where a == { Sub }", []string{`1:16 ParserFailure <{> unexpected "{": want an expression; parameters and shared queries in { } are to be replaced before the query runs`}},
		"number_type_in_json":   {"print dynamic([long(1)])", []string{`1:16 ParserFailure <long(1)> unexpected "long(1)": want a JSON value`}},
		"limit_is_no_item":      {"T | mv-apply limit on (take 1)", []string{`1:14 ParserFailure <limit> unexpected "limit": want an expression`}},
		"old_bin_is_no_key":     {"T | summarize count() by bin=1d", []string{`1:26 ParserFailure <bin> unexpected "bin": want a column to group by`}},
		"of_other_languages": {"T | where a && b | where a || b | where a AND b | where a is null | sort by a descending", []string{
			`1:13 ParserFailure <&> unexpected "&": want "|" or the end; in KQL it is "and"`,
			`1:29 ParserFailure <|> unexpected "|": want an operator, such as where or project; in KQL "||" is "or"`,
			`1:43 ParserFailure <AND> unexpected "AND": want "|" or the end; in KQL it is "and"`,
			`1:59 ParserFailure <is> unexpected "is": want "|" or the end; in KQL it is isnull(…) or isempty(…)`,
			`1:79 ParserFailure <descending> unexpected "descending": want "|" or the end; in KQL it is "desc"`,
		}},
		"no_bar": {"T where a == 1", []string{`1:3 ParserFailure <where> unexpected "where": want "|" before it`}},
		"no_parenthesis_before_bar": {"T | where (a == 1 | take 5", []string{
			`1:12 InvalidQuery <a == 1> "a == 1" is no table: is a ")" missing before "|"?`,
			`1:27 ParserFailure <> the query ends where it should have ")"`,
		}},
		"shared_query":        {"{{shared}} | take 5", []string{`1:1 ParserFailure <{> a shared query in {{ }} is known to the portal only: put its text here`}},
		"restrict":            {"restrict access to (T); T", []string{`1:1 NotSupported <restrict access to (T)> restrict is not supported: whoever runs the query says what it may see`}},
		"pattern":             {"declare pattern P; T", []string{`1:1 NotSupported <declare pattern P> patterns are not supported: write a function instead: let f = (a: string) { … }`}},
		"command":             {".show tables", []string{`1:1 NotSupported <.show tables> management commands, which begin with a dot, are not supported`}},
		"join_without_on":     {"T | join (U)", []string{`1:5 InvalidQuery <join> join has no condition: want "on" and columns`}},
		"list_in_brackets":    {"T | where a in ([1])", []string{`1:17 InvalidQuery <[1]> "[1]" is no value: write a name as ['name'] and a list as dynamic([…])`}},
		"edges_side_by_side":  {"G | graph-match (a)-->-->(b) project a", []string{`1:23 InvalidQuery <-->> nodes and edges take turns in a pattern: (a)-[e]->(b)`}},
		"mistyped_property":   {"T | render timechart with (titel='x')", []string{`1:28 ParserFailure <titel> unknown property "titel": want accumulate, anomalycolumns, kind, legend, series, title, xaxis, xcolumn, xmax, xmin, xtitle, yaxis, ycolumns, ymax, ymin, ysplit, ytitle; did you mean "title"?`}},
		"operators_want_rows": {"T | print 1", []string{`1:5 InvalidQuery <print> print takes no rows: it stands at the beginning`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, problems := Parse(tt.text)
			if diff := cmp.Diff(tt.want, shown(tt.text, problems)); diff != "" {
				t.Errorf("%s\n%s", tt.text, diff)
			}
		})
	}
}

func shown(text string, problems []Problem) []string {
	var all []string
	for _, p := range problems {
		line, column := Position(text, p.Span.Start)
		all = append(all, fmt.Sprintf("%d:%d %s <%s> %s", line, column, p.Code, text[p.Span.Start:p.Span.End], p.Message))
	}
	return all
}

// TestBrackets: as many brackets may be open at once as the page of limits says.
func TestBrackets(t *testing.T) {
	tests := map[string]struct{ before, open, middle, closed, after string }{
		"parentheses": {"print ", "(", "1", ")", ""},
		"calls":       {"print ", "f(", "1", ")", ""},
		"subqueries":  {"", "T | where a in (", "1", ")", ""},
		"joins":       {"", "T | join (", "T", ") on a", ""},
		"branches":    {"T | ", "fork (", "count", ")", ""},
		"functions":   {"let f = ", "() { let f = ", "1", "; 1 }", "; print f"},
		"arrays":      {"print dynamic(", "[", "1", "]", ")"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			most := maxDepth - strings.Count(tt.before, "(")
			for _, n := range []int{most, most + 1} {
				_, problems := Parse(tt.before + strings.Repeat(tt.open, n) + tt.middle + strings.Repeat(tt.closed, n) + tt.after)
				if refused := len(problems) > 0; refused != (n > most) {
					t.Errorf("%d levels: %v", n, problems)
				}
			}
		})
	}
}

// TestDepth: no text, however deep or long, is more than an error.
func TestDepth(t *testing.T) {
	const many = 20_000
	tests := map[string]string{
		"parentheses": "print " + strings.Repeat("(", many) + "1" + strings.Repeat(")", many),
		"calls":       "print " + strings.Repeat("f(", many),
		"subqueries":  strings.Repeat("(T | where a in ", many),
		"arrays":      "print dynamic(" + strings.Repeat("[", many),
		"functions":   strings.Repeat("let f = () {", many),
		"branches":    strings.Repeat("T | fork (", many),
		"signs":       "print " + strings.Repeat("-", many) + "1",
		"conditions":  "T | where a" + strings.Repeat(" or a", many),
		"paths":       "T | where a" + strings.Repeat(".a", many),
		"statements":  strings.Repeat("T x;", many),
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			if _, problems := Parse(text); len(problems) == 0 || len(problems) > maxProblems {
				t.Errorf("%d problems", len(problems))
			}
		})
	}
}

// TestOneProblemOfAType: what stands in typeof(…) is told once, the type or that there is not one.
func TestOneProblemOfAType(t *testing.T) {
	for of, want := range map[string]string{
		"strng": `unknown type "strng"`, "": "want one type", "a:string": "want one type", "a:strng": `unknown type "strng"`,
	} {
		_, problems := Parse("T | mv-expand d to typeof(" + of + ")")
		if len(problems) != 1 || !strings.Contains(problems[0].Message, want) {
			t.Errorf("typeof(%s): %v, want one problem: %s", of, problems, want)
		}
	}
}
