package resourcegraph

import (
	"strings"

	"github.com/bartizan-dev/bartizan/internal/outline"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// spots are the places in bodies that a scan looks at. An outline finds them
// while it is read.
type spots struct {
	want  outline.Want
	slots int
}

// A spot is a place below a column.
type spot struct {
	column *column
	path   []data.Step
	slot   int         // of the outline's value, where it can tell it; else -1
	beyond []data.Step // the path from there on
}

// spot is the place that a path leads to. Outlines follow it as far as it goes
// through bags.
func (s *spots) spot(c *column, path []data.Step) spot {
	s.want.Slot = -1
	keys := untilIndex(path)
	if len(keys) == 0 {
		return spot{column: c, path: path, slot: -1}
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
	return spot{column: c, path: path, slot: at.Slot, beyond: path[len(keys):]}
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

// value is what a resource has there, null for nothing. It is valid as long as
// the resource, and until JSON of another member is asked for.
func (s *spot) value(d *decoded) data.Value {
	json, path := "", s.path
	if d.Outline != nil && s.slot >= 0 {
		json, path = text(d.Outline.Raw(s.slot)), s.beyond
	} else {
		json = d.json(s.column)
	}
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
	return data.RawJSON(json).Value()
}
