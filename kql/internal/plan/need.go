package plan

import (
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// A need says what of a column is read: all of it, or paths into it.
type need struct {
	whole bool
	paths [][]data.Step
}

// needs are the columns that are read, by their place.
type needs map[int]*need

func (n needs) of(i int) *need {
	if n[i] == nil {
		n[i] = &need{}
	}
	return n[i]
}

func (n needs) whole(i int) { n.of(i).whole = true }

// all needs every column of a step.
func (n needs) all(cols []data.Column) needs {
	for i := range cols {
		n.whole(i)
	}
	return n
}

func everything(cols []data.Column) needs { return needs{}.all(cols) }

// has tells whether a column is read at all.
func (n needs) has(i int) bool { return n[i] != nil }

// add notes what an expression reads. of says what is read of its value.
func (n needs) add(e Expr, of *need) {
	switch e := e.(type) {
	case nil:
	case *Column:
		n.of(e.Index).merge(nil, of)
	case *Path:
		if c, ok := e.Base.(*Column); ok {
			n.of(c.Index).merge(e.Steps, of)
			return
		}
		n.add(e.Base, wholeNeed)
	default:
		for _, c := range children(e) {
			n.add(c, wholeNeed)
		}
	}
}

var wholeNeed = &need{whole: true}

// merge adds what is read of the value at the end of some steps.
func (n *need) merge(steps []data.Step, of *need) {
	switch {
	case of.whole && len(steps) == 0:
		n.whole = true
	case of.whole:
		n.paths = append(n.paths, steps)
	default:
		for _, p := range of.paths {
			n.paths = append(n.paths, append(steps[:len(steps):len(steps)], p...))
		}
	}
}

// minimal are the paths without those inside others; nil for the whole value,
// none where only the column's place counts.
func (n *need) minimal(of data.Type) [][]data.Step {
	if n.whole || of != data.Dynamic {
		return nil
	}
	kept := [][]data.Step{}
	for _, p := range n.paths {
		inside := slices.ContainsFunc(kept, func(k []data.Step) bool { return startsWith(p, k) })
		if inside {
			continue
		}
		kept = slices.DeleteFunc(kept, func(k []data.Step) bool { return startsWith(k, p) })
		kept = append(kept, p)
	}
	return kept
}

func startsWith(path, start []data.Step) bool {
	return len(path) >= len(start) && slices.Equal(path[:len(start)], start)
}
