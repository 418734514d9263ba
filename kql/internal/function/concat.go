package function

import (
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

func strcat(_ *Context, args []data.Value) data.Value {
	var room [128]byte
	buf := room[:0]
	for _, v := range args {
		buf = v.AppendString(buf)
		afford(len(buf))
	}
	return data.OfString(string(buf))
}

// strcatKernel writes all rows into one buffer and cuts it.
func strcatKernel([]Arg) Kernel {
	return func(_ *Context, n int, args []*data.Vector) *data.Vector {
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
		afford(size / 16) // of a whole batch
		buf, ends := make([]byte, 0, size), make([]int, n)
		for i := range n {
			for _, c := range columns {
				buf = append(buf, c.at(i)...)
			}
			ends[i] = len(buf)
		}
		out := make([]string, n)
		cutTexts(out, string(buf), ends)
		return textVector(out)
	}
}

func strcatDelim(_ *Context, args []data.Value) data.Value {
	var room [128]byte
	buf, delimiter := room[:0], args[0].String()
	for i, v := range args[1:] {
		if i > 0 {
			buf = append(buf, delimiter...)
		}
		buf = v.AppendString(buf)
		afford(len(buf))
	}
	return data.OfString(string(buf))
}

func strcatArray(_ *Context, args []data.Value) data.Value {
	var room [128]byte
	buf, delimiter := room[:0], args[1].String()
	array := arrayArg(args[0])
	for i, item := range array.Items() {
		if i > 0 {
			buf = append(buf, delimiter...)
		}
		buf = data.OfNode(item).AppendString(buf)
		afford(len(buf))
	}
	return data.OfString(string(buf))
}
