package policy

import "github.com/valyala/fastjson"

// ValuesIn are the values that a body has at an alias, given the api-version that
// the body was read with, "" for the newest. Of a path through arrays they are
// those of all members, and many is true; else there is one or none.
func (e AliasEntry) ValuesIn(body *fastjson.Value, apiVersion string) (values []*fastjson.Value, many bool) {
	p := parsePath(e.PathFor(apiVersion))
	return appendAt(nil, body, p.steps), p.stars > 0
}

func appendAt(values []*fastjson.Value, v *fastjson.Value, steps []step) []*fastjson.Value {
	for i := range steps {
		if !steps[i].star {
			v = lookup(v, steps[i].key)
			continue
		}
		if v == nil || v.Type() != fastjson.TypeArray {
			return values
		}
		for _, item := range v.GetArray() {
			values = appendAt(values, item, steps[i+1:])
		}
		return values
	}
	if v != nil {
		values = append(values, v)
	}
	return values
}
