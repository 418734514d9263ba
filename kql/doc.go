// Package kql runs Kusto queries over tables of the caller. It is pure: no
// disk, no network, no clock.
//
// Start with [Prepare], which reads and binds a query and tells all that is
// wrong with it, and [Query.Run]. Tables come from the caller: see [Table], and
// [MemoryTable] for one that is at hand. What a table is asked for, and the values
// that it gives, are in package data.
package kql
