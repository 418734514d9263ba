package function

import (
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func unicodeFunctions() []Scalar {
	return []Scalar{
		{
			Name:       "unicode_codepoints_from_string",
			Signatures: []string{"(value:Scalar) → dynamic"},
			Doc:        "Gives the code points of a text's characters.", Eval: codepoints,
		},
		{
			Name: "to_utf8", Hidden: true, Obsolete: "unicode_codepoints_from_string",
			Signatures: []string{"(value:Scalar) → dynamic"},
			Doc:        "Gives the code points of a text's characters.", Eval: codepoints,
		},
		{
			Name:       "unicode_codepoints_to_string",
			Signatures: []string{"(value:IntegerOrArray×1..n) → string"},
			Doc:        "Makes a text of code points.", Eval: fromCodepoints,
		},
		{
			Name: "make_string", Hidden: true, Obsolete: "unicode_codepoints_to_string",
			Signatures: []string{"(value:IntegerOrArray×1..n) → string"},
			Doc:        "Makes a text of code points.", Eval: fromCodepoints,
		},
	}
}

func codepoints(c *Context, args []data.Value) data.Value {
	c.affordItems(utf8.RuneCountInString(args[0].String()))
	var items []*data.Node
	for _, r := range args[0].String() {
		items = append(items, data.NodeOfLong(int64(r)))
	}
	return arrayOf(items)
}

// fromCodepoints gives "" where an argument is no code point.
func fromCodepoints(c *Context, args []data.Value) data.Value {
	size := 0
	for r := range codepointsIn(args) {
		size += max(utf8.RuneLen(r), 0)
	}
	c.afford(size)
	var out strings.Builder
	out.Grow(size)
	for r := range codepointsIn(args) {
		if !utf8.ValidRune(r) {
			return data.OfString("")
		}
		out.WriteRune(r)
	}
	return data.OfString(out.String())
}

// codepointsIn are the numbers of all arguments; -1 stands for what is none.
func codepointsIn(args []data.Value) iter.Seq[rune] {
	return func(yield func(rune) bool) {
		for _, v := range args {
			items := []*data.Node{data.NodeOf(v)}
			if array := arrayArg(v); array != nil {
				items = array.Items()
			}
			for _, item := range items {
				n := data.Convert(data.OfNode(item), data.Long)
				r := rune(-1)
				if !n.IsNull() && n.Long() >= 0 && n.Long() <= utf8.MaxRune {
					r = rune(n.Long())
				}
				if !yield(r) {
					return
				}
			}
		}
	}
}
