package policy

import (
	"slices"

	"github.com/valyala/fastjson"
)

// Always knows what providers always return: where it is not in a body, it was
// not read. It is made by [NewAlways], never changes, and may be used by several
// goroutines.
type Always struct{ byType map[string][]alwaysPath }

type alwaysPath struct {
	path     *bodyPath
	where    *cond // nil: wherever it may stand
	nullable bool
}

// AlwaysField is a field that a provider always returns.
type AlwaysField struct {
	Name string // without the type and slash before it
	// Where is a condition without expressions under which it does; nil for none.
	// With a [*] in Name it is on the element, as in the where of a count.
	Where *Condition
	// Nullable says that null is an answer of the provider, in Azure.
	Nullable bool
}

// NewAlways takes fields by resource type. Of what no alias tells the path,
// nothing is known.
func NewAlways(aliases *Aliases, fields map[string][]AlwaysField) *Always {
	a := &Always{byType: map[string][]alwaysPath{}}
	resolver := newFieldResolver(aliases)
	for resourceType, all := range fields {
		shape := &Resource{Type: resourceType, Native: IsNativeType(resourceType)}
		for _, field := range all {
			f := resolver.resolve(resourceType+"/"+field.Name, shape)
			if f.kind != fieldPath || field.Where.HasExpressions() {
				continue
			}
			path := alwaysPath{path: f.path, nullable: field.Nullable}
			if field.Where != nil {
				path.where = (&compiler{fields: resolver, shape: shape}).compile(field.Where)
			}
			folded := FoldType(resourceType)
			a.byType[folded] = append(a.byType[folded], path)
		}
	}
	return a
}

// HasExpressions reports whether a part of a condition is an expression.
func (c *Condition) HasExpressions() bool {
	has := false
	visitConditions(c, func(inner *Condition) {
		visitTerms(inner.Left, func(Position, *term) { has = true })
		visitTerms(inner.Right, func(Position, *term) { has = true })
		if inner.Count != nil && inner.Count.Value != nil {
			visitTerms(*inner.Count.Value, func(Position, *term) { has = true })
		}
	})
	return has
}

// Has reports whether something is always returned of a type.
func (a *Always) Has(resourceType string) bool {
	return a != nil && len(a.byType) > 0 && a.byType[FoldType(resourceType)] != nil
}

// Gaps gives the places that should be in r's body and are not, which nobody
// read. What is empty is there, null is not but where that is an answer. Of the elements of an array
// each that lacks its place makes a gap of its own. What r itself says was not read, and
// why, is not among them.
func (a *Always) Gaps(r *Resource) []Gap {
	if a == nil {
		return nil
	}
	var gaps []Gap
	for _, always := range a.byType[FoldType(r.Type)] {
		gaps = always.appendLacking(gaps, r, nil, r.tree(), always.path.steps)
	}
	if len(gaps) == 0 || wholly(r) {
		return gaps
	}
	told := newUnreadTree(r.Gaps, r.Partial)
	return slices.DeleteFunc(gaps, func(g Gap) bool { return told.open != 0 || told.at().into(stepsOfGap(g.Path)).over != 0 })
}

// holds reports whether a field is to be there in the element that some indexes
// lead to. What is not read there leaves that open: then it need not be, but where
// that is there and cannot be believed.
func (a *alwaysPath) holds(r *Resource, indexes []int) bool {
	if a.where == nil {
		return true
	}
	f := &frame{self: r, outer: r}
	if len(indexes) > 0 {
		f.pinMember(a.path, selection{indexes: indexes})
	}
	o := f.evaluate(a.where)
	return o.True() || !o.Known() && o&becauseFailed != 0
}

// appendLacking appends a gap for each place of a path that is not there, from
// v on, to which indexes of its stars and all but the last steps have led. An
// array that is not there lacks nothing, nor does an element that is no object; outside
// Azure an object in place of an array is its only element, as AWS has it in policies.
func (a *alwaysPath) appendLacking(gaps []Gap, r *Resource, indexes []int, v *fastjson.Value, steps []step) []Gap {
	for n, s := range steps {
		if s.star {
			if r.Native && v.Type() == fastjson.TypeObject {
				return a.appendLacking(gaps, r, append(indexes, alone), v, steps[n+1:])
			}
			items, _ := v.Array()
			for i, item := range items {
				if item.Type() == fastjson.TypeObject {
					gaps = a.appendLacking(gaps, r, append(indexes, i), item, steps[n+1:])
				}
			}
			return gaps
		}
		if v = lookup(v, s.key); v != nil && (v.Type() != fastjson.TypeNull || a.nullable && n+1 == len(steps)) {
			continue
		}
		if len(indexes) == a.path.stars && a.holds(r, indexes) {
			gaps = append(gaps, Gap{Path: a.path.located(indexes), Reason: "notCollected"})
		}
		return gaps
	}
	return gaps
}
