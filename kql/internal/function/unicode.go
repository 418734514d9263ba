package function

import (
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

func codepoints(_ *Context, args []data.Value) data.Value {
	var items []*data.Node
	for _, r := range args[0].String() {
		items = append(items, data.NodeOfLong(int64(r)))
	}
	return arrayOf(items)
}

// fromCodepoints gives "" where an argument is no code point.
func fromCodepoints(_ *Context, args []data.Value) data.Value {
	var out []byte
	for _, v := range args {
		items := []*data.Node{data.NodeOf(v)}
		if array := arrayArg(v); array != nil {
			items = array.Items()
		}
		for _, item := range items {
			n := data.Convert(data.OfNode(item), data.Long)
			if n.IsNull() || n.Long() < 0 || n.Long() > utf8.MaxRune || !utf8.ValidRune(rune(n.Long())) {
				return data.OfString("")
			}
			out = utf8.AppendRune(out, rune(n.Long()))
		}
	}
	return data.OfString(string(out))
}
