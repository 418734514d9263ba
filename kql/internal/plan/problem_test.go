package plan

import (
	"fmt"
	"strings"
	"testing"
)

// doubled writes definitions f1 to f29, each of which uses the one before it twice.
func doubled(first, next string) string {
	for i := 1; i < 30; i++ {
		first += fmt.Sprintf(next, i, i-1, i-1)
	}
	return first
}

// TestProblems shows what is told of wrong queries; several problems of one query are joined by " | ".
func TestProblems(t *testing.T) {
	tests := []struct{ query, want string }{
		{
			`T | project naem`,
			`unknown column "naem"`,
		},
		{
			`L | project naem, idd`,
			`unknown column "naem"; did you mean "name"? | unknown column "idd"; did you mean "id"?`,
		},
		{
			`L | project-rename b = a, c = a`,
			`column "a" is renamed twice`,
		},
		{
			`Q | take 1`,
			`unknown table "Q"`,
		},
		{
			`Tt | take 1`,
			`unknown table "Tt"`,
		},
		{
			`T | project strlenn(s)`,
			`unknown function "strlenn"; did you mean "strlen"?`,
		},
		{
			`T | project count()`,
			`count() is an aggregate: it stands in summarize, make-series and top-nested`,
		},
		{
			`T | summarize strlen(s)`,
			`"s" stands outside of an aggregate; want an aggregate of it, e.g. take_any(s), or it behind by`,
		},
		{
			`T | summarize n by s`,
			`"n" stands outside of an aggregate; want an aggregate of it, e.g. take_any(n), or it behind by`,
		},
		{
			`T | where n`,
			`a condition is wanted, this is long`,
		},
		{
			`T | where s == "a" and n`,
			`"and" is not defined for bool and long`,
		},
		{
			`T | project n + s`,
			`"+" is not defined for long and string; strcat(…) joins texts`,
		},
		{
			`T | project s + s`,
			`"+" is not defined for string and string; strcat(…) joins texts`,
		},
		{
			`T | where t > d.a`,
			`">" is not defined for datetime and dynamic; cast the dynamic first, e.g. todatetime(…)`,
		},
		{
			`T | project strlen(n)`,
			`strlen(): string is long, want string or dynamic; it is strlen(string:StringOrDynamic)`,
		},
		{
			`T | project strlen()`,
			`strlen() with 0 arguments; it is strlen(string:StringOrDynamic)`,
		},
		{
			`T | project substring(s)`,
			`substring() with 1 argument; it is substring(string:Scalar, start:Integer, length:Integer?)`,
		},
		{
			`T | project extract(s, 1, s)`,
			`extract(): regex must be a constant`,
		},
		{
			`T | project extract("(", 1, s)`,
			"extract(): regular expression: error parsing regexp: missing closing ): `(`",
		},
		{
			`T | where s matches regex "("`,
			"matches regex: error parsing regexp: missing closing ): `(`",
		},
		{
			`T | project datetime_diff("dya", t, t)`,
			`datetime_diff(): unknown part "dya"; want one of year, quarter, month, week, day, hour, minute, second, millisecond, microsecond, nanosecond; did you mean "day"?`,
		},
		{
			`T | summarize count() by d`,
			`a dynamic cannot be a key; cast it first, e.g. tostring(…)`,
		},
		{
			`T | distinct d.a`,
			`a dynamic cannot be a key; cast it first, e.g. tostring(…)`,
		},
		{
			`T | sort by d`,
			`cannot sort by a dynamic; cast it first, e.g. tostring(…)`,
		},
		{
			`T | project x = 1, x = 2`,
			`column "x" is declared twice`,
		},
		{
			`L | join R on other`,
			`unknown column of the left side "other"`,
		},
		{
			`L | join R on a`,
			`cannot join on long and real; convert one of them before`,
		},
		{
			`L | join R on $left.id == $right.other`,
			`cannot join on a dynamic; cast it first, e.g. extend a column with tostring(…)`,
		},
		{
			`L | join R on nme`,
			`unknown column "nme"; did you mean "name"?`,
		},
		{
			`L | join R on $left.id > $right.id`,
			`a join condition is a column that both sides have, or $left.a == $right.b`,
		},
		{
			`T | project s.a`,
			`only a dynamic has members, this is string; parse it first with parse_json(…)`,
		},
		{
			`T | mv-expand s`,
			`only a dynamic has items to expand, this is string; parse it first with parse_json(…)`,
		},
		{
			`T | extend x = T`,
			`"T" is a table where a value is wanted; toscalar(T) takes its first value`,
		},
		{
			`T | where s in (T, "x")`,
			`a table stands alone in the list of in`,
		},
		{
			`let f = (a:long) { a }; T | project f(s)`,
			`a of f() is string, want long`,
		},
		{
			`let f = (a:long) { a }; T | project f(n, n)`,
			`f() takes 1 argument, not 2`,
		},
		{
			`let f = (a:long) { f(a) }; T | project f(n)`,
			`f() calls itself: recursion is not allowed`,
		},
		{
			`let f = (t:(id:string, zz:long)) { t }; f(T)`,
			`the table has no column "zz", which is wanted as long`,
		},
		{
			`T | invoke g()`,
			`unknown function "g"`,
		},
		{
			`T | evaluate bag_unpak(d)`,
			`unknown plug-in "bag_unpak"; did you mean "bag_unpack"?`,
		},
		{
			`T | evaluate python("x", "y")`,
			`plug-in python is not available: queries run no scripts: they must be safe to take from others`,
		},
		{
			`T | project geo_info_from_ip_address(s)`,
			`geo_info_from_ip_address() is not available: the places of addresses come from a data set that is not part of this program`,
		},
		{
			`externaldata (a:string) ["http://x"]`,
			`externaldata is not allowed: a query reads only the tables that it is given`,
		},
		{
			`cluster("x").database("y").T`,
			`other clusters and databases cannot be reached`,
		},
		{
			`E | make-graph src --> dst | graph-match (a)-[e]->(b) where a.zz == 1 project a.node_id`,
			`a has no column "zz"`,
		},
		{
			`E | graph-match (a)-[e]->(b) project a.x`,
			`graph-match works on a graph; want make-graph first`,
		},
		{
			`E | make-graph src --> dst | take 1`,
			`take works on a table, not on a graph; want graph-match, graph-shortest-paths or graph-to-table first`,
		},
		{
			`E | make-graph src --> dst`,
			`a graph is not a result: want graph-match, graph-shortest-paths or graph-to-table after it`,
		},
		{
			`E | make-graph src --> dst | graph-match (a)-[e]->(b), (c)-[f]->(d) project e.label`,
			`all patterns must be connected by nodes that they share`,
		},
		{
			`E | make-graph src --> dst | graph-shortest-paths (a)-[e]->(b) project e.label`,
			`graph-shortest-paths wants an edge of variable length, e.g. -[e*1..5]->`,
		},
		{
			`T | take "x"`,
			`a number of rows is a whole number, this is string`,
		},
		{
			`T | take n`,
			`unknown name "n"`,
		},
		{
			`T | project-rename zz = q`,
			`unknown column "q"`,
		},
		{
			`range x from 1 to "a" step 1`,
			`range goes over numbers, datetimes or timespans, this is from long to string step long`,
		},
		{
			`datatable (a:string, b:long) ["x"]`,
			`datatable has 1 value for 2 columns`,
		},
		{
			`T | project prev()`,
			`prev() with 0 arguments; it is prev(column:Scalar, offset:long?, default_value:Scalar?)`,
		},
		{
			`T | summarize prev(n)`,
			`"n" stands outside of an aggregate; want an aggregate of it, e.g. take_any(n), or it behind by`,
		},
		{
			`T | project arg_max(n, s)`,
			`arg_max() is an aggregate: it stands in summarize, make-series and top-nested`,
		},
		{
			`T | parse s with * x`,
			`a text must follow *, such as * "key=" column`,
		},
		{
			`T | parse s with "a" x:long y:long`,
			`a text must stand between the columns "x" and "y"`,
		},
		{
			`T | parse s with "a" x *`,
			`* behind "x", a string, may begin anywhere: want a text between, or another type`,
		},
		{
			`L | join L on $right.id == $left.id`,
			`$left stands before $right: want $left.a == $right.b`,
		},
		{
			`L | join L on $left.id == id`,
			`a join condition compares $left.a with $right.b`,
		},
		{
			`T | where s like n`,
			`like takes a constant text, in which % stands for any text; contains and startswith take others`,
		},
		{
			`T | where n notlike "a"`,
			`"notlike" is not defined for long and string`,
		},
		{
			`T | parse s with * "a" x:long | project y`,
			`unknown column "y"`,
		},
		{
			`union Zz, L`,
			`unknown table "Zz"`,
		},
		{
			`T | project naem, strlen(n), foo(1) | where zz == 1`,
			`unknown column "naem" | strlen(): string is long, want string or dynamic; it is strlen(string:StringOrDynamic) | unknown function "foo"`,
		},
		{
			`let x = 5; x | take 1`,
			`"x" is a value where a table is wanted`,
		},
		{
			`let x = L; T | project x`,
			`"x" is a table where a value is wanted; toscalar(x) takes its first value`,
		},
		{
			`T | as A | join B on id`,
			`unknown table "B"`,
		},
		{
			`T | top-nested of s by n`,
			`top-nested orders by one aggregate, e.g. sum(…)`,
		},
		{
			`T | make-series sum(n) on s step 1`,
			`the axis of make-series is a number, datetime or timespan, this is string`,
		},
		{
			`declare query_parameters (p:long); T | take p`,
			`query parameter "p" has no value and no default`,
		},
		{
			`T | project case(b, 1)`,
			`case() with 2 arguments; it is case(predicate:bool×1..n, then:CommonScalarOrDynamic×1..n, else:CommonScalarOrDynamic)`,
		},
		{
			`T | project coalesce(s, n)`,
			`coalesce(): string and long have no type in common`,
		},
		{
			`T | project iff(s, 1, 2)`,
			`iff(): if is string, want bool; it is iff(if:bool, then:CommonScalarOrDynamic, else:CommonScalarOrDynamic)`,
		},
		{
			`print bin_auto(1)`,
			`bin_auto() wants "set query_bin_auto_size = …;" before the query`,
		},
		{
			`T | where naem == 1 and nmae == 2`,
			`unknown column "naem" | unknown column "nmae"`,
		},
		{
			`T | summarize x = max(n) + n`,
			`"n" stands outside of an aggregate; want an aggregate of it, e.g. take_any(n), or it behind by`,
		},
		{
			`T | summarize percentile(n, s)`,
			`percentile(): percentile is string, want a number; it is percentile(expr:Scalar, percentile:Number)`,
		},
		{
			`let f = (a:long) { a + a }; T | project ` + strings.Repeat("f(", 30) + "n" + strings.Repeat(")", 30),
			`f() grows to more than 100000 operations once all calls are put in place`,
		},
		{
			doubled(`let f0 = (a:long) { a }; `, `let f%d = (a:long) { f%d(1) + f%d(2) }; `) + `T | project f29(n)`,
			`the query calls its functions more than 10000 times once all calls are put in place`,
		},
		{
			doubled(`let f0 = T; `, `let f%d = f%d | where s in ((f%d | project s)); `) + `f29`,
			`the query has more than 20000 steps once its definitions are put in place; materialize() what is used often`,
		},
	}
	for _, test := range tests {
		p, problems := bindText(test.query)
		got := showProblems(problems)
		if len(problems) > 1 && strings.Contains(test.want, "once all calls") {
			got = problems[0].Message // each call tells the same
		}
		if got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.query, got, test.want)
		}
		if (p == nil) != (len(problems) > 0) {
			t.Errorf("%s: a plan and problems, or neither", test.query)
		}
	}
}
