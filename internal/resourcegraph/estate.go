// Package resourcegraph shows an estate as the tables of Azure Resource Graph:
// its resources, their containers, and what Bartizan says of them, under the
// names and in the row shapes that public queries expect. AWS, Google Cloud and
// machines stand in the same tables.
//
// Start with [New], for inputs, or [NewKept], for what a server keeps. Tables of
// the inventory are read from the inputs when a query asks, and no more of them
// than it asks for; what needs verdicts runs an assessment once. Of what is kept,
// verdicts come from the posture index and bodies from the store. source.go is
// what both have in common.
package resourcegraph

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/kql"
)

// An Estate is what the tables are about. It is safe for concurrent use.
type Estate struct {
	options  assess.Options
	source   source
	rejected *int // places that could not be read; nil: as many as could not of the inputs

	verdicts assessments
	names    aliasNames
	gaps     gaps
	asked    askedScans

	read  atomic.Bool // the inputs were read to their ends: all problems are known
	empty atomic.Bool // and they held no resource

	mu       sync.Mutex
	problems map[inventory.Problem]bool
}

// New is the estate that the options of an assessment describe: its inputs,
// and by what it is judged.
func New(o assess.Options) *Estate {
	e := &Estate{options: o, problems: map[inventory.Problem]bool{}}
	e.source = inputs{e}
	return e
}

// Rejected says how many places could not be read of what the inputs are made of. It is
// called before any table is read.
func (e *Estate) Rejected(places int) { e.rejected = &places }

// Table finds a table; case does not count, as in Resource Graph.
func (e *Estate) Table(name string) (kql.Table, bool) {
	name = strings.ToLower(name)
	if !slices.Contains(Tables(), name) {
		return nil, false
	}
	table := inventoryTable{estate: e, name: name}
	switch {
	case name == containersTable:
		return &containerTable{table}, true
	case name == securityTable:
		return &computedTable{table, slices.Concat(securityKinds, e.source.kinds(name))}, true
	case name == policyTable:
		return &computedTable{table, slices.Concat(policyKinds, e.source.kinds(name))}, true
	}
	return &table, true
}

// Names lists all tables.
func (e *Estate) Names() []string { return Tables() }

// Empty tells that the inputs were read, and held no resource at all.
func (e *Estate) Empty() bool { return e.empty.Load() }

// Problems are what could not be read of the inputs, in their order; what sums
// up others comes last.
func (e *Estate) Problems() []inventory.Problem {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []inventory.Problem
	for p := range e.problems {
		if p.File == "" && !p.Notice && e.read.Load() {
			continue // those that an assessment only counted are known by now
		}
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b inventory.Problem) int {
		if (a.File == "") != (b.File == "") {
			return strings.Compare(b.File, a.File)
		}
		if a.File != b.File {
			return strings.Compare(a.File, b.File)
		}
		return a.Line - b.Line
	})
	return all
}

func (e *Estate) problem(p inventory.Problem) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.problems[p] = true
}
