package resourcegraph

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// A condition is a pushed-down predicate that can be told before a row is
// made. It may let rows through that do not meet it, never the reverse.
type condition func(*decoded) bool

// conditions are those of a scan: on the type alone, in lower case, and others.
type conditions struct {
	types  []func(string) bool
	others []condition
}

// newConditions takes the predicates that are worth it here: on text columns,
// which cost least and come first, and on texts and booleans inside dynamic ones.
func newConditions(where []kql.Predicate, s *sites) conditions {
	var all conditions
	var inside []condition
	for _, p := range where {
		c := &columns[p.Column]
		switch test := textTest(p); {
		case c.text != nil && test == nil, isNamedOnly(p.Column):
		case p.Column == typeColumn:
			all.types = append(all.types, test)
		case c.text != nil:
			all.others = append(all.others, func(d *decoded) bool { return test(c.text(d)) })
		default:
			if test := valueTest(p); test != nil {
				at := s.site(c, p.Path)
				inside = append(inside, func(d *decoded) bool { return test(at.value(d, d.json(c))) })
			}
		}
	}
	all.others = append(all.others, inside...)
	return all
}

// textTest tests texts, nil where the predicate is none of texts.
func textTest(p kql.Predicate) func(string) bool {
	var values []string
	for _, v := range p.Values {
		if v.Type() != data.String {
			return nil
		}
		values = append(values, v.Text())
	}
	if len(values) == 0 {
		return nil
	}
	switch p.Op {
	case data.OpEqual, data.OpIn:
		return func(s string) bool { return slices.Contains(values, s) }
	case data.OpEqualFold, data.OpInFold:
		return func(s string) bool {
			return slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, s) })
		}
	case data.OpHasPrefixFold:
		return func(s string) bool { return mayStartWith(s, values[0]) }
	case data.OpHasPrefix:
		return func(s string) bool { return strings.HasPrefix(s, values[0]) }
	case data.OpContainsFold:
		return func(s string) bool { return mayContain(s, values[0]) }
	}
	return nil
}

// isExact reports whether textTest lets no text through that does not meet the
// predicate.
func isExact(p kql.Predicate) bool {
	switch p.Op {
	case data.OpEqual, data.OpIn, data.OpEqualFold, data.OpInFold, data.OpHasPrefix:
		return true
	}
	return false
}

// mayStartWith ignores case. Outside ASCII, where texts of different lengths
// may be equal, it lets pass.
func mayStartWith(s, prefix string) bool {
	for i := range len(prefix) {
		switch {
		case i == len(s):
			return false
		case s[i] >= 0x80 || prefix[i] >= 0x80:
			return true
		case s[i]|0x20 != prefix[i]|0x20:
			return false
		}
	}
	return true
}

// mayContain ignores case. Outside ASCII it lets pass.
func mayContain(s, part string) bool {
	for at := range len(s) - len(part) + 1 {
		if mayStartWith(s[at:], part) {
			return true
		}
	}
	wide := func(r rune) bool { return r >= utf8.RuneSelf }
	return strings.ContainsFunc(s, wide) || strings.ContainsFunc(part, wide)
}

// valueTest tests a value inside a dynamic column. What is missing meets no
// equality; what is of another type is left to the engine.
func valueTest(p kql.Predicate) func(data.Value) bool {
	if p.Op == data.OpEqual && len(p.Values) == 1 && p.Values[0].Type() == data.Bool {
		want := p.Values[0].Bool()
		return func(v data.Value) bool {
			return !v.IsNull() && (v.Type() != data.Bool || v.Bool() == want)
		}
	}
	test := textTest(p)
	if test == nil || slices.ContainsFunc(p.Values, func(v data.Value) bool { return v.Text() == "" }) {
		return nil
	}
	return func(v data.Value) bool {
		return !v.IsNull() && (v.Type() != data.String || test(v.Text()))
	}
}
