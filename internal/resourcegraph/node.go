package resourcegraph

import (
	"strings"

	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// whole keeps a JSON text, to be parsed only where a query looks into it; null
// is nil, as is no text.
func whole(text string) *data.Node {
	if text == "" || text == "null" {
		return nil
	}
	return data.RawJSON(strings.Clone(text))
}

// A cell makes the values of one dynamic column.
type cell struct {
	column *column
	parts  []site // what the paths lead to; nil for all of the value
}

func newCells(want *kql.Request, s *sites) []cell {
	cells := make([]cell, len(want.Columns))
	for i, n := range want.Columns {
		cells[i].column = &columns[n]
		if !isNamedOnly(n) && columns[n].text == nil && i < len(want.Paths) {
			cells[i].parts = newParts(&columns[n], want.Paths[i], s)
		}
	}
	return cells
}

// newParts gives the sites of paths, nil where one leads to all of the column.
// Paths that go through arrays lead to the whole array.
func newParts(c *column, paths [][]data.Step, s *sites) []site {
	if paths == nil {
		return nil
	}
	parts := make([]site, len(paths))
	for i, path := range paths {
		if path = untilIndex(path); len(path) == 0 {
			return nil
		}
		parts[i] = s.site(c, path)
	}
	return parts
}

// node is a resource's value: all of it, or in bags as they were what the
// paths lead to. It is valid for ever.
func (c *cell) node(d *decoded) *data.Node {
	json := d.json(c.column)
	if c.parts == nil || json == "" || json[0] != '{' {
		return whole(json)
	}
	root := &branch{}
	for i := range c.parts {
		part := &c.parts[i]
		if v := part.value(d, json); !v.IsNull() {
			root.put(part.path, detached(v))
		}
	}
	return root.bag()
}

// untilIndex is the part of a path that goes through bags.
func untilIndex(path []data.Step) []data.Step {
	for i, step := range path {
		if step.IsIndex {
			return path[:i]
		}
	}
	return path
}

// detached is a value without the text that it was found in.
func detached(v data.Value) *data.Node {
	switch v.Type() {
	case data.Dynamic:
		return data.RawJSON(v.Node().JSON())
	case data.String:
		return data.NodeOfString(strings.Clone(v.Text()))
	}
	return data.NodeOf(v)
}

// A branch is a bag that is being put together: of each key a value, or a bag.
type branch struct {
	keys []string
	all  []*data.Node // nil where below has it
	kids []*branch
}

// put sets what a path leads to. All of a value outdoes parts of it.
func (b *branch) put(path []data.Step, node *data.Node) {
	key, at := path[0].Key, 0
	for at < len(b.keys) && b.keys[at] != key {
		at++
	}
	if at == len(b.keys) {
		b.keys, b.all, b.kids = append(b.keys, key), append(b.all, nil), append(b.kids, nil)
	}
	switch {
	case len(path) == 1:
		b.all[at] = node
	case b.all[at] == nil:
		if b.kids[at] == nil {
			b.kids[at] = &branch{}
		}
		b.kids[at].put(path[1:], node)
	}
}

func (b *branch) bag() *data.Node {
	for i, kid := range b.kids {
		if b.all[i] == nil {
			b.all[i] = kid.bag()
		}
	}
	return data.NodeOfBag(b.keys, b.all)
}
