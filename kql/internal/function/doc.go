// Package function holds Kusto's functions: scalar functions, aggregates and
// plug-ins, each one row in a table with its signatures, how its result column
// is named, one line of description, and what it does. The binder reads the
// tables, the executor calls what they hold; start with [Scalar] and [Aggregate].
package function
