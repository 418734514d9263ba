package resourcegraph

import (
	"strings"

	"github.com/bartizan-dev/bartizan/internal/outline"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// sites are the places in bodies that a scan looks at. An outline finds them
// while it is read.
type sites struct {
	want  outline.Want
	slots int
}

// A site is a place below a column.
type site struct {
	column *column
	path   []data.Step
	slot   int         // of the outline's value, where it can tell it; else -1
	beyond []data.Step // the path from there on
}

// site is the place that a path leads to. Outlines follow it as far as it goes
// through bags.
func (s *sites) site(c *column, path []data.Step) site {
	s.want.Slot = -1
	keys := untilIndex(path)
	if len(keys) == 0 {
		return site{column: c, path: path, slot: -1}
	}
	at := below(&s.want, strings.ToLower(c.member))
	for _, step := range keys {
		at.Exact = true
		at = below(at, step.Key)
	}
	if at.Slot < 0 {
		at.Slot, at.As = s.slots, outline.Raw
		s.slots++
	}
	return site{column: c, path: path, slot: at.Slot, beyond: path[len(keys):]}
}

func below(w *outline.Want, key string) *outline.Want {
	if w.Kids == nil {
		w.Kids = map[string]*outline.Want{}
	}
	if w.Kids[key] == nil {
		w.Kids[key] = &outline.Want{Slot: -1}
	}
	return w.Kids[key]
}

// value is what a resource has there, null for nothing, given the JSON of the
// column. It is valid as long as that is.
func (s *site) value(d *decoded, column string) data.Value {
	if d.Outline == nil || s.slot < 0 {
		return valueAt(column, s.path)
	}
	return valueAt(text(d.Outline.Raw(s.slot)), s.beyond)
}

// valueAt is what a path leads to, without a node where that is a scalar.
func valueAt(json string, path []data.Step) data.Value {
	switch {
	case json == "" || json == "null":
		return data.Null(data.Dynamic)
	case len(path) > 0:
		return data.RawJSON(json).PathValue(path)
	case json == "true" || json == "false":
		return data.OfBool(json == "true")
	case json[0] == '"' && strings.IndexByte(json, '\\') < 0:
		return data.OfString(json[1 : len(json)-1])
	case json[0] == '{' || json[0] == '[':
		return data.OfNode(data.RawJSON(json))
	}
	return data.RawJSON(json).PathValue(nil)
}
