package resourcegraph

import (
	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// whole keeps a value as text, to be parsed only where a query looks into it.
func whole(v *fastjson.Value) *data.Node {
	switch {
	case v == nil || v.Type() == fastjson.TypeNull:
		return nil
	case v.Type() == fastjson.TypeObject, v.Type() == fastjson.TypeArray:
		return data.RawJSON(string(inventory.AppendJSON(nil, v)))
	}
	return leaf(v)
}

func leaf(v *fastjson.Value) *data.Node {
	switch v.Type() {
	case fastjson.TypeTrue, fastjson.TypeFalse:
		return data.NodeOfBool(v.Type() == fastjson.TypeTrue)
	case fastjson.TypeString:
		return data.NodeOfString(string(v.GetStringBytes()))
	default:
		return data.RawJSON(string(v.MarshalTo(nil)))
	}
}

// partly keeps of a value what the paths lead to, in bags and arrays as they
// were; paths that go through arrays keep the whole array.
func partly(v *fastjson.Value, paths [][]data.Step) *data.Node {
	if v == nil || v.Type() != fastjson.TypeObject {
		return whole(v)
	}
	var keys []string
	var values []*data.Node
	for i, path := range paths {
		if len(path) == 0 || path[0].IsIndex {
			return whole(v)
		}
		key := path[0].Key
		if !firstOf(paths[:i], key) {
			continue
		}
		if member := below(v.Get(key), paths[i:], key); member != nil {
			keys, values = append(keys, key), append(values, member)
		}
	}
	return data.NodeOfBag(keys, values)
}

// firstOf tells that no earlier path begins with the key.
func firstOf(earlier [][]data.Step, key string) bool {
	for _, p := range earlier {
		if len(p) > 0 && p[0].Key == key {
			return false
		}
	}
	return true
}

// below keeps of a member what those of the paths need that begin with its key.
func below(v *fastjson.Value, paths [][]data.Step, key string) *data.Node {
	if v == nil || v.Type() != fastjson.TypeObject {
		return whole(v)
	}
	var rest [][]data.Step
	for _, p := range paths {
		if len(p) > 0 && !p[0].IsIndex && p[0].Key == key {
			rest = append(rest, p[1:])
		}
	}
	for _, p := range rest {
		if len(p) == 0 {
			return whole(v)
		}
	}
	return partly(v, rest)
}

// at follows a path to a value; nil if there is none.
func at(v *fastjson.Value, path []data.Step) *fastjson.Value {
	for _, step := range path {
		switch {
		case v == nil:
			return nil
		case !step.IsIndex:
			v = v.Get(step.Key)
		default:
			items := v.GetArray()
			i := step.Index
			if i < 0 {
				i += len(items)
			}
			if i < 0 || i >= len(items) {
				return nil
			}
			v = items[i]
		}
	}
	return v
}
