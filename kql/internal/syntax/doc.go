// Package syntax reads KQL text into a tree. It knows no tables and no
// functions; start with [Parse].
package syntax
