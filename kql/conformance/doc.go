// Package conformance holds what a query must give: pairs of query and result,
// in text files that people read and edit, one a subject. They are the tests
// of package kql and the examples of docs/kql.md.
//
// A file begins with "# Title". "## name, name" begins what is said of an
// operator or function; sentences behind it, which end with a full stop, describe
// it. "### Heading" groups what follows. A case is one of
//
//	strlen("abc") ==> 3                          a value of print, as JSON
//	strlen(1) ==> error: want string             a text of the problem
//
//	People                                       a query of any number of lines
//	| summarize count() by city
//	=> city:string, count_:long                  columns, if they matter
//	["Oslo", 2]                                  the rows, in order; none: no rows
//
//	People | whre age > 3
//	=> error: did you mean "where"
//
// "=> any order" compares the rows as a set. A line that begins with "// " is
// a remark on the next case. Tables stand in tables.txt: "Name (column:type,
// …)" and rows. Numbers may differ in the tenth digit. Now is 2026-11-28 12:00.
package conformance
