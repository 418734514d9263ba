// Package data holds what tables are made of: Kusto's types, values, dynamic
// trees, and columns of them in batches. A source of tables for package kql
// produces these; start with [Vector] and [Node].
package data
