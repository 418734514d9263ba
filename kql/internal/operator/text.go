package operator

import (
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// A matcher tells whether a text matches what it was made for.
type matcher func(text string) bool

// textual is the kernel of an operator on texts, without its "!".
func textual(op string, rightConst *data.Value, negated bool, ask func()) Kernel {
	if op == "~" { // the rest of "!~"
		op = "=~"
	}
	if rightConst != nil {
		match := newMatcher(op, textOf(*rightConst), ask)
		return func(n int, l, _ *data.Vector) *data.Vector {
			return matchAll(asTexts(l, n), n, negated, func(int) matcher { return match }, ask)
		}
	}
	return func(n int, l, r *data.Vector) *data.Vector {
		patterns := asTexts(r, n)
		var last string
		match := newMatcher(op, "", ask)
		return matchAll(asTexts(l, n), n, negated, func(i int) matcher {
			if patterns.Const {
				i = 0
			}
			if pattern := patterns.Texts[i]; pattern != last {
				last, match = pattern, newMatcher(op, pattern, ask)
			}
			return match
		}, ask)
	}
}

func matchAll(texts *data.Vector, n int, negated bool, matcherOf func(i int) matcher, ask func()) *data.Vector {
	out, work := data.NewVector(data.Bool, n), Work{Ask: ask}
	if texts.Const {
		for i := range n {
			work.Add(len(texts.Texts[0]))
			out.Bools[i] = matcherOf(i)(texts.Texts[0]) != negated
		}
		return out
	}
	for i, text := range texts.Texts[:n] {
		work.Add(len(text))
		out.Bools[i] = matcherOf(i)(text) != negated
	}
	return out
}

// asTexts reads values as texts; null is the empty one.
func asTexts(v *data.Vector, n int) *data.Vector {
	if v.Type == data.String {
		return v
	}
	out := data.NewVector(data.String, size(v, n))
	out.Len, out.Const = n, v.Const
	for i := range out.Texts {
		out.Texts[i] = textOf(v.Value(i))
	}
	return out
}

// nodeText is tostring() of a dynamic.
func nodeText(node *data.Node) string {
	if node.Kind() == data.KindString {
		return node.Text()
	}
	return data.OfNode(node).String()
}

func textOf(v data.Value) string {
	switch v.Type() {
	case data.String:
		return v.Text()
	case data.Dynamic:
		return nodeText(v.Node())
	}
	return v.String()
}

// newMatcher compiles what an operator looks for.
func newMatcher(op, pattern string, ask func()) matcher {
	base, exact := strings.CutSuffix(op, "_cs")
	if base == ":" {
		return seeker(pattern, exact, ask)
	}
	find := finder(pattern, exact, ask)
	switch base {
	case "=~":
		if isASCII(pattern) {
			return func(text string) bool { return len(text) == len(pattern) && equalASCII(text, pattern) }
		}
		return func(text string) bool { return EqualFold(text, pattern) }
	case "contains":
		return func(text string) bool { return find(text, 0) >= 0 }
	case "startswith":
		return func(text string) bool { return hasPrefix(text, pattern, exact) }
	case "endswith":
		return func(text string) bool { return hasSuffix(text, pattern, exact) }
	}
	return termMatcher(find, pattern, base != "hassuffix", base != "hasprefix", ask)
}

func hasPrefix(text, prefix string, exact bool) bool {
	if exact {
		return strings.HasPrefix(text, prefix)
	}
	if isASCII(prefix) {
		return len(text) >= len(prefix) && equalASCII(text[:len(prefix)], prefix)
	}
	return strings.HasPrefix(strings.ToLower(text), strings.ToLower(prefix))
}

func hasSuffix(text, suffix string, exact bool) bool {
	if exact {
		return strings.HasSuffix(text, suffix)
	}
	if isASCII(suffix) {
		return len(text) >= len(suffix) && equalASCII(text[len(text)-len(suffix):], suffix)
	}
	return strings.HasSuffix(strings.ToLower(text), strings.ToLower(suffix))
}
