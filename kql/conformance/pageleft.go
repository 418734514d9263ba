package conformance

import (
	"strings"

	"github.com/bartizan-dev/bartizan/kql/internal/function"
)

// leftStatements are what the parser and the binder refuse, which no table lists.
var leftStatements = [][2]string{
	{"`.show tables` and other management commands", "there is nothing to manage"},
	{"`externaldata`, `external_table()`", "a query reads only the tables that it is given"},
	{"`cluster()`, `database()`, `alias database`, entity groups, `macro-expand`", "there are no clusters and databases here, only tables"},
	{"`restrict access to`", "whoever runs the query says what it may see"},
	{"`declare pattern`", "a function does the same: `let f = (a: string) { … }`"},
	{"`make-graph … partitioned-by`", "not used in public queries"},
	{"`(a)-[e*1..]->(b)`, `(a)-[e*..3]->(b)`", "both numbers of edges are written, as Microsoft's parser wants them"},
	{"`reduce kind=source`", "patterns are told with their numbers, not beside each row"},
	{"`partition by k { … }`", "a subquery in parentheses does the same: `partition by k ( … )`"},
	{"`top-nested … by` an expression over aggregates", "it orders by one aggregate"},
	{"`bag_unpack` and its like inside mv-apply and partition, without types: `(evaluate bag_unpack(x) | project a)`", "each row could give other columns; `(evaluate bag_unpack(x) : (a: long))` and `project tolong(a)` are run"},
	{"recursion of functions", "a query must end"},
}

// left lists what is not there by reason.
func left() string {
	var rows []string
	for _, s := range leftStatements {
		rows = append(rows, row(s[0], s[1]))
	}
	var reasons []string
	names := map[string][]string{}
	add := func(name, reason string) {
		if reason == "" || strings.HasPrefix(name, "`__") {
			return
		}
		if names[reason] == nil {
			reasons = append(reasons, reason)
		}
		names[reason] = append(names[reason], name)
	}
	for _, f := range function.Scalars() {
		add(code(f.Name+"()"), f.Refused)
	}
	for _, f := range function.Aggregates() {
		add(code(f.Name+"()"), f.Refused)
	}
	for _, f := range function.Plugins() {
		add(code("evaluate "+f.Name), f.Refused)
	}
	for _, reason := range reasons {
		rows = append(rows, row(strings.Join(names[reason], ", "), reason))
	}
	return strings.Join(rows, "\n")
}
