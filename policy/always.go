package policy

import (
	"slices"

	"github.com/valyala/fastjson"
)

// Always knows what providers always return: where it is not in a body, it was
// not read. It is made by [NewAlways], never changes, and may be used by several
// goroutines.
type Always struct{ byType map[string][]*bodyPath }

// NewAlways takes field names by resource type, without the type and slash
// before them. Of what no alias tells the path, nothing is known.
func NewAlways(aliases *Aliases, fields map[string][]string) *Always {
	a := &Always{byType: map[string][]*bodyPath{}}
	resolver := newFieldResolver(aliases)
	for resourceType, names := range fields {
		shape := &Resource{Type: resourceType}
		for _, name := range names {
			if f := resolver.resolve(resourceType+"/"+name, shape); f.kind == fieldPath {
				folded := FoldType(resourceType)
				a.byType[folded] = append(a.byType[folded], f.path)
			}
		}
	}
	return a
}

// Has reports whether something is always returned of a type.
func (a *Always) Has(resourceType string) bool {
	return a != nil && len(a.byType) > 0 && a.byType[FoldType(resourceType)] != nil
}

// Gaps gives the places that should be in r's body and are not, which nobody
// read. What is empty or null is there, and of the elements of an array each
// that lacks its place makes a gap of its own. What r itself says was not read,
// and why, is not among them.
func (a *Always) Gaps(r *Resource) []Gap {
	if a == nil {
		return nil
	}
	var gaps []Gap
	for _, path := range a.byType[FoldType(r.Type)] {
		gaps = appendLacking(gaps, path, nil, r.tree(), path.steps)
	}
	if len(gaps) == 0 || wholly(r) {
		return gaps
	}
	told := newUnreadTree(r.Gaps, r.Partial)
	return slices.DeleteFunc(gaps, func(g Gap) bool { return told.open != 0 || told.at().into(stepsOfGap(g.Path)).over != 0 })
}

// appendLacking appends a gap for each place of a path that is not there, from
// v on, to which indexes of its stars and all but the last steps have led. An
// array that is not there, and an element that is no object, lack nothing.
func appendLacking(gaps []Gap, path *bodyPath, indexes []int, v *fastjson.Value, steps []step) []Gap {
	for n, s := range steps {
		if s.star {
			items, _ := v.Array()
			for i, item := range items {
				if item.Type() == fastjson.TypeObject {
					gaps = appendLacking(gaps, path, append(indexes, i), item, steps[n+1:])
				}
			}
			return gaps
		}
		if v = lookup(v, s.key); v != nil {
			continue
		}
		if len(indexes) == path.stars {
			gaps = append(gaps, Gap{Path: path.located(indexes), Reason: "notCollected"})
		}
		return gaps
	}
	return gaps
}
