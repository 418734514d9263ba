// Package house holds the tests that keep the house in order: the floors of
// docs/architecture.md, package comments, names, sizes, links in documents,
// and no trace of the machine that a file was made on. It has no code of its
// own; every rule is one test in one file.
package house
