package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/resourcegraph"
)

// notes tells what of the inputs could not be read, once.
func (s *session) notes() {
	const most = 5
	problems := slices.DeleteFunc(s.estate.Problems(), func(p inventory.Problem) bool { return s.noted[p] })
	if s.noted == nil {
		s.noted = map[inventory.Problem]bool{}
	}
	for _, p := range problems {
		s.noted[p] = true
	}
	for i, p := range problems {
		switch place := p.Place(); {
		case place == "": // sums up others
			s.note("%s", p.Reason)
		case i < most:
			s.note("%s: %s", place, p.Reason)
		case i+1 == len(problems) || problems[i+1].Place() == "":
			s.note("and %d more problems", i+1-most)
		}
	}
}

// notRead is what was not read of what queries asked for since the last call.
func (s *session) notRead(ctx context.Context) ([]resourcegraph.NotRead, error) {
	if s.estate == nil {
		return nil, nil
	}
	return s.estate.NotRead(ctx)
}

// noteNotRead tells of types that the answer may lack rows of, of some that there are.
func (s *session) noteNotRead(some []resourcegraph.NotRead, all int) {
	const most, mostTables = 5, 2
	shown := some[:min(len(some), most)]
	for i := range shown {
		n := &shown[i]
		tables := strings.Join(n.Tables[:min(len(n.Tables), mostTables)], ", ")
		if more := len(n.Tables) - mostTables; more > 0 {
			tables += fmt.Sprintf(" and %d more", more)
		}
		what := "all of " + n.Type
		switch {
		case n.Count > 0:
			s.note("%s: rows may be missing: %s", tables, missing(n))
			continue
		case n.Type == resourcegraph.EveryType:
			what = "everything"
		}
		s.note("%s: rows may be missing: not %s in %s was read (%s)", tables, what, n.Scope, n.Reason)
	}
	if more := all - len(shown); more > 0 {
		s.note("and %d more types and places of which not all was read", more)
	}
}

// missing tells of resources that were not read, by name.
func missing(n *resourcegraph.NotRead) string {
	const most = 3
	names := make([]string, 0, most)
	for _, id := range n.Resources[:min(len(n.Resources), most)] {
		names = append(names, id[strings.LastIndexByte(id, '/')+1:])
	}
	text := strings.Join(names, ", ")
	if more := n.Count - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	of := " of " + n.Type
	if n.Type == resourcegraph.EveryType {
		of = ""
	}
	return fmt.Sprintf("%d%s in %s not read (%s): %s", n.Count, of, n.Scope, n.Reason, text)
}
