package function

import (
	"strings"
	"unicode/utf8"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/operator"
)

func searchFunctions() []Scalar {
	return []Scalar{
		{
			Name:       "indexof",
			Signatures: []string{"(string:Scalar, match:Scalar, start:Integer?, length:Integer?, occurrence:Integer{Constant}?) → long"},
			Doc:        "Finds the position of a text in another, -1 where it is not there.", Eval: indexOf,
		},
		{
			Name: "split", Column: "FirstArgument",
			Signatures: []string{"(source:Scalar, delimiter:string, requestedIndex:Integer?) → dynamic"},
			Doc:        "Cuts a text at a delimiter into an array.", Eval: split, Kernel: splitKernel,
		},
		{
			Name:       "has_any_index",
			Signatures: []string{"(source:StringOrDynamic, values:DynamicArray) → long"},
			Doc:        "Finds which of several terms is the first that a text has.", Eval: hasAnyIndex,
		},
	}
}

// A window is the part of a text in which indexof and indexof_regex search.
type window struct {
	start, end int   // bytes
	first      int64 // character at start
	nth        int64
}

// windowOf reads the arguments start, length and occurrence from position i
// on; ok is false where they make no sense.
func windowOf(s string, args []data.Value, i int) (w window, ok bool) {
	start, _ := integerArg(args, i)
	length, bounded := integerArg(args, i+1)
	w.nth = 1
	if nth, given := integerArg(args, i+2); given {
		w.nth = nth
	}
	if w.nth < 0 || bounded && length < -1 {
		return w, false
	}
	if start < 0 {
		start = max(0, start+int64(utf8.RuneCountInString(s)))
	}
	w.first, w.start, w.end = start, runeStart(s, start), len(s)
	if bounded && length >= 0 {
		w.end = w.start + runeStart(s[w.start:], length)
	}
	return w, true
}

func (w window) position(s string, at int) data.Value {
	return data.OfLong(w.first + int64(utf8.RuneCountInString(s[w.start:at])))
}

func indexOf(c *Context, args []data.Value) data.Value {
	s, lookup := args[0].String(), args[1].String()
	w, ok := windowOf(s, args, 2)
	if !ok {
		return data.Null(data.Long)
	}
	length := w.end - w.start
	at := w.start
	work := c.work()
	for n := int64(1); at <= len(s); n++ {
		work.Add(len(lookup))
		found := strings.Index(s[at:min(at+length, len(s))], lookup)
		if found < 0 {
			break
		}
		at += found
		if n >= w.nth {
			return w.position(s, at)
		}
		at++ // the length counts anew from here, as in Kusto
	}
	return data.OfLong(-1)
}

func split(c *Context, args []data.Value) data.Value {
	affordParts(c, args[0].String(), args[1].String())
	parts := cut(args[0].String(), args[1].String(), nil)
	index, given := integerArg(args, 2)
	if !given {
		return data.OfNode(data.NodeOfStrings(parts))
	}
	if index < 0 || index >= int64(len(parts)) {
		return data.Null(data.Dynamic)
	}
	return data.OfNode(data.NodeOfStrings(parts[index : index+1]))
}

// affordParts refuses a text with so many parts that they would not fit.
func affordParts(c *Context, s, delimiter string) {
	if len(s)*itemBytes > mostSmall && delimiter != "" {
		c.affordItems(strings.Count(s, delimiter))
	}
}

// cut appends the parts of s between delimiters.
func cut(s, delimiter string, parts []string) []string {
	for delimiter != "" {
		before, after, found := strings.Cut(s, delimiter)
		if !found {
			break
		}
		parts = append(parts, before)
		s = after
	}
	return append(parts, s)
}

func splitKernel(args []Arg) Kernel {
	delimiter, ok := constText(args, 1)
	if !ok || len(args) > 2 {
		return nil
	}
	return func(c *Context, n int, in []*data.Vector) *data.Vector {
		column, count := textsOf(in[0]), 0
		out := data.NewVector(data.Dynamic, n)
		var parts []string
		var slab data.Slab
		for i := range n {
			affordParts(c, column.at(i), delimiter)
			parts = cut(column.at(i), delimiter, parts[:0])
			count += len(parts)
			c.affordItems(count)
			out.Nodes[i] = slab.Strings(parts)
		}
		return out
	}
}

func hasAnyIndex(c *Context, args []data.Value) data.Value {
	source := data.OfString(args[0].String())
	work := c.work()
	for i, item := range args[1].Node().Items() {
		term := data.OfString(data.OfNode(item).String())
		work.Add(len(source.Text()))
		if operator.EvalAsking("has", source, term, c.asker()).Bool() {
			return data.OfLong(int64(i))
		}
	}
	return data.OfLong(-1)
}
