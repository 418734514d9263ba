package operator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// A Test computes, for n values, whether each is in a list.
type Test func(n int, values *data.Vector) *data.Vector

// In chooses the test of left op (list) for in, !in, in~, !in~, has_any and
// has_all with a list of constants; an array in the list stands for its items.
// For ask see [Compile].
func In(op string, left data.Type, list []data.Value, ask func()) (Test, error) {
	list = Flatten(list)
	work := Work{Ask: ask}
	for _, v := range list {
		work.Add(stepsOfItem)
		if _, ok := Result(op, left, v.Type()); !ok {
			return nil, fmt.Errorf("operator %s: cannot be used between %s and %s", op, left, v.Type())
		}
	}
	base, negated := strings.CutPrefix(op, "!")
	switch {
	case base == "has_any" || base == "has_all":
		return hasList(base == "has_all", list, ask), nil
	case base == "in~":
		return foldedSet(list, negated), nil
	case left == data.String || left == data.Dynamic && allOf(list, data.String):
		return textSet(list, negated), nil
	case whole(left) && allOf(list, data.Int, data.Long), timeLike(left) && allOf(list, left):
		return longSet(list, negated), nil
	}
	return oneByOne(left, list, negated, ask)
}

// stepsOfItem is what it takes to put an element into a set.
const stepsOfItem = 8

// Flatten puts the items of arrays, and of the arrays in them, into the list.
func Flatten(list []data.Value) []data.Value {
	var out []data.Value
	for _, v := range list {
		out = appendFlat(out, v)
	}
	return out
}

func appendFlat(out []data.Value, v data.Value) []data.Value {
	if v.Type() != data.Dynamic || v.Node().Kind() != data.KindArray {
		return append(out, scalarOf(v))
	}
	for _, item := range v.Node().Items() {
		out = appendFlat(out, item.Value())
	}
	return out
}

func allOf(list []data.Value, types ...data.Type) bool {
	for _, v := range list {
		if !slices.Contains(types, v.Type()) || v.IsNull() {
			return false
		}
	}
	return true
}

func hasList(all bool, list []data.Value, ask func()) Test {
	matchers := make([]matcher, len(list))
	for i, v := range list {
		matchers[i] = newMatcher("has", v.String(), ask)
	}
	return func(n int, values *data.Vector) *data.Vector {
		work := Work{Ask: ask}
		return testTexts(asTexts(values, n), n, func(text string) bool {
			for _, match := range matchers {
				work.Add(len(text))
				if match(text) != all {
					return !all
				}
			}
			return all
		})
	}
}

func testTexts(texts *data.Vector, n int, test func(string) bool) *data.Vector {
	out := like(texts, data.Bool, n)
	out.Nulls = nil
	for i, text := range texts.Texts[:size(texts, n)] {
		out.Bools[i] = test(text)
	}
	return out
}

// textSet looks texts up by their bytes. A null dynamic is no text, not even
// the empty one.
func textSet(list []data.Value, negated bool) Test {
	set := make(map[string]bool, len(list))
	for _, v := range list {
		set[v.String()] = true
	}
	return func(n int, values *data.Vector) *data.Vector {
		if values.Type == data.Dynamic {
			values = held(values, data.String, n)
		}
		out := testTexts(values, n, func(text string) bool { return set[text] != negated })
		for i := range out.Bools {
			if values.Nulls.Has(i) {
				out.Bools[i] = negated
			}
		}
		return out
	}
}

// foldedSet looks texts up without case.
func foldedSet(list []data.Value, negated bool) Test {
	set := make(map[string]bool, len(list))
	for _, v := range list {
		set[strings.ToLower(v.String())] = true
	}
	return func(n int, values *data.Vector) *data.Vector {
		return testTexts(asTexts(values, n), n, func(text string) bool { return foldedHas(set, text) != negated })
	}
}

// foldedHas lower-cases short ASCII texts in place, without making a string.
func foldedHas(set map[string]bool, text string) bool {
	var room [64]byte
	if len(text) > len(room) || !isASCII(text) {
		return set[strings.ToLower(text)]
	}
	for i := range len(text) {
		room[i] = lower[text[i]]
	}
	return set[string(room[:len(text)])]
}

func longSet(list []data.Value, negated bool) Test {
	set := make(map[int64]bool, len(list))
	for _, v := range list {
		set[v.Long()] = true
	}
	return func(n int, values *data.Vector) *data.Vector {
		out := like(values, data.Bool, n)
		out.Nulls = nil
		for i, x := range values.Longs[:size(values, n)] {
			out.Bools[i] = set[x] != negated
		}
		if values.Nulls != nil {
			for i := range out.Bools {
				if values.Nulls.Has(i) {
					out.Bools[i] = negated
				}
			}
		}
		return out
	}
}

// oneByOne compares with each element in turn.
func oneByOne(left data.Type, list []data.Value, negated bool, ask func()) (Test, error) {
	work := Work{Ask: ask}
	kernels := make([]Kernel, len(list))
	for i := range list {
		work.Add(stepsOfItem)
		kernel, err := Compile("==", left, list[i].Type(), nil, &list[i], ask)
		if err != nil {
			return nil, err
		}
		kernels[i] = kernel
	}
	or := logic("or", data.Bool, data.Bool)
	return func(n int, values *data.Vector) *data.Vector {
		work := Work{Ask: ask} // of this call: several may test at once
		out := data.NewVector(data.Bool, n)
		for i, kernel := range kernels {
			work.Add(n)
			out = or(n, out, kernel(n, values, data.Constant(list[i], n)))
		}
		if negated {
			for i := range out.Bools {
				out.Bools[i] = !out.Bools[i]
			}
		}
		return out
	}, nil
}
