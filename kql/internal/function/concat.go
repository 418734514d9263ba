package function

import (
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func concatFunctions() []Scalar {
	return []Scalar{
		{
			Name:       "strcat",
			Signatures: []string{"(arg:Scalar×1..64) → string"},
			Doc:        "Joins values of any type into one text.", Eval: strcat, Kernel: strcatKernel,
		},
		{
			Name:       "strcat_delim",
			Signatures: []string{"(delimiter:Scalar, arg:Scalar×2..64) → string"},
			Doc:        "Joins values into one text with a delimiter between them.", Eval: strcatDelim,
		},
		{
			Name:       "strcat_array",
			Signatures: []string{"(array:DynamicArray, delimiter:Scalar) → string"},
			Doc:        "Joins the items of an array into one text with a delimiter between them.", Eval: strcatArray,
		},
		{
			Name:       "array_strcat",
			Signatures: []string{"(array:DynamicArray, delimiter:Scalar) → string"},
			Doc:        "Joins the items of an array into one text with a delimiter between them.", Eval: strcatArray,
		},
	}
}

func strcat(c *Context, args []data.Value) data.Value {
	var room [128]byte
	j := joint{c, room[:0]}
	for _, v := range args {
		j.add(v)
	}
	return j.text()
}

// A joint is a text under way. It asks before it grows.
type joint struct {
	context *Context
	buf     []byte
}

func (j *joint) add(v data.Value) {
	if v.Type() == data.String {
		j.addText(v.Text())
		return
	}
	j.buf = v.AppendString(j.buf)
	j.context.afford(len(j.buf))
}

func (j *joint) addText(s string) {
	j.grow(len(s))
	j.buf = append(j.buf, s...)
}

// grow makes room for so many bytes more: twice what there was, as long as that
// may be made.
func (j *joint) grow(bytes int) {
	need := len(j.buf) + bytes
	j.context.afford(need)
	if need > cap(j.buf) && need > mostSmall {
		larger := make([]byte, len(j.buf), max(need, min(2*cap(j.buf), j.context.room(mostText))))
		copy(larger, j.buf)
		j.buf = larger
	}
}

func (j *joint) text() data.Value { return data.OfString(string(j.buf)) }

// strcatKernel writes all rows into one buffer and cuts it.
func strcatKernel([]Arg) Kernel {
	return func(c *Context, n int, args []*data.Vector) *data.Vector {
		columns := make([]textColumn, len(args))
		size := 0
		for k, v := range args {
			columns[k] = textsOf(v)
			if columns[k].step == 0 {
				size += len(columns[k].all[0]) * n
				continue
			}
			for _, s := range columns[k].all[:n] {
				size += len(s)
			}
		}
		c.refuse(size, mostBytes)
		if n == 1 {
			c.afford(size)
		}
		var text strings.Builder
		text.Grow(size)
		ends := make([]int, n)
		for i := range n {
			for _, c := range columns {
				text.WriteString(c.at(i))
			}
			ends[i] = text.Len()
		}
		out := make([]string, n)
		cutTexts(out, text.String(), ends)
		return textVector(out)
	}
}

func strcatDelim(c *Context, args []data.Value) data.Value {
	var room [128]byte
	j, delimiter := joint{c, room[:0]}, args[0].String()
	for i, v := range args[1:] {
		if i > 0 {
			j.addText(delimiter)
		}
		j.add(v)
	}
	return j.text()
}

func strcatArray(c *Context, args []data.Value) data.Value {
	var room [128]byte
	j, delimiter := joint{c, room[:0]}, args[1].String()
	for i, item := range arrayArg(args[0]).Items() {
		if i > 0 {
			j.addText(delimiter)
		}
		if item.Kind() == data.KindString {
			j.addText(item.Text())
			continue
		}
		j.add(data.OfNode(item))
	}
	return j.text()
}
