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

func fromCodepoints(_ *Context, args []data.Value) data.Value {
	var out []byte
	for _, v := range args {
		if array := arrayArg(v); array != nil {
			for _, item := range array.Items() {
				out = appendCodepoint(out, data.OfNode(item))
			}
			continue
		}
		out = appendCodepoint(out, v)
	}
	return data.OfString(string(out))
}

func appendCodepoint(out []byte, v data.Value) []byte {
	n := data.Convert(v, data.Long)
	if n.IsNull() || n.Long() < 0 || n.Long() > utf8.MaxRune {
		return out
	}
	return utf8.AppendRune(out, rune(n.Long()))
}
