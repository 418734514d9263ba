package function

import (
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func arrayFunctions() []Scalar {
	const length = "Counts the items of an array; null where it is none."
	return []Scalar{
		{
			Name:       "array_length",
			Signatures: []string{"(array:DynamicArray) → long"},
			Doc:        length, Eval: arrayLength, Kernel: arrayLengthKernel,
		},
		{
			Name: "arraylength", Hidden: true, Obsolete: "array_length",
			Signatures: []string{"(array:DynamicArray) → long"},
			Doc:        length, Eval: arrayLength, Kernel: arrayLengthKernel,
		},
		{
			Name:       "array_concat",
			Signatures: []string{"(array:DynamicArray×1..64) → Custom"},
			Doc:        "Joins arrays into one.", Type: typeDynamic, Eval: arrayConcat,
		},
		{
			Name:       "array_iff",
			Signatures: []string{"(condition_array:DynamicArray, when_true:Scalar, when_false:Scalar) → Custom"},
			Doc:        "Chooses for each condition in an array between two values.", Type: typeDynamic, Eval: arrayIff,
		},
		{
			Name: "array_iif", Hidden: true,
			Signatures: []string{"(condition_array:DynamicArray, when_true:Scalar, when_false:Scalar) → Custom"},
			Doc:        "Chooses for each condition in an array between two values.", Type: typeDynamic, Eval: arrayIff,
		},
		{
			Name:       "array_index_of",
			Signatures: []string{"(array:DynamicArray, value:Scalar, start:Integer?, length:Integer?, occurrence:Integer{Constant}?) → long"},
			Doc:        "Finds the position of a value in an array, -1 where it is not there.", Eval: arrayIndexOf,
		},
		{
			Name:       "array_reverse",
			Signatures: []string{"(value:DynamicArray) → Parameter0"},
			Doc:        "Gives an array's items in reverse order.", Eval: arrayReverse,
		},
		{
			Name:       "array_rotate_left",
			Signatures: []string{"(array:DynamicArray, rotate_count:Integer) → Parameter0"},
			Doc:        "Moves an array's items to the left; those that fall out come in again.", Eval: arrayRotate(1),
		},
		{
			Name:       "array_rotate_right",
			Signatures: []string{"(array:DynamicArray, rotate_count:Integer) → Parameter0"},
			Doc:        "Moves an array's items to the right; those that fall out come in again.", Eval: arrayRotate(-1),
		},
		{
			Name:       "array_shift_left",
			Signatures: []string{"(array:DynamicArray, shift_count:Integer, default_value:Scalar?) → Parameter0"},
			Doc:        "Moves an array's items to the left and fills up with a value.", Eval: arrayShift(1),
		},
		{
			Name:       "array_shift_right",
			Signatures: []string{"(array:DynamicArray, shift_count:Integer, default_value:Scalar?) → Parameter0"},
			Doc:        "Moves an array's items to the right and fills up with a value.", Eval: arrayShift(-1),
		},
		{
			Name:       "array_slice",
			Signatures: []string{"(array:DynamicArray, start:Integer, end:Integer) → Parameter0"},
			Doc:        "Takes the items from one position to another, both included.", Eval: arraySlice,
		},
		{
			Name: "array_split",
			Signatures: []string{
				"(array:DynamicArray, index:Integer) → Parameter0",
				"(array:DynamicArray, indices:DynamicArray) → Parameter0",
			},
			Doc: "Cuts an array at the given positions.", Eval: arraySplit,
		},
		{
			Name:       "zip",
			Signatures: []string{"(array:DynamicArray×2..64) → dynamic"},
			Doc:        "Makes pairs, or groups, of the items that stand at the same position.", Eval: zipArrays,
		},
		{
			Name: "repeat", Column: "PrefixAndFirstArgument:repeat",
			Signatures: []string{"(value:Scalar, count:long) → Parameter0Array"},
			Doc:        "Makes an array of copies of a value.", Eval: repeatValue,
		},
		{
			Name:       "range",
			Signatures: []string{"(start:Summable, stop:Summable, step:Summable?) → Parameter0Array"},
			Doc:        "Makes an array of equally spaced values.", Eval: rangeArray,
		},
	}
}

func typeDynamic([]Arg) data.Type { return data.Dynamic }

func arrayLength(_ *Context, args []data.Value) data.Value {
	array := arrayArg(args[0])
	if array == nil {
		return data.Null(data.Long)
	}
	return data.OfLong(int64(array.Len()))
}

func arrayLengthKernel(args []Arg) Kernel {
	if args[0].Type != data.Dynamic {
		return nil
	}
	return func(c *Context, n int, in []*data.Vector) *data.Vector {
		if in[0].Const {
			return data.Constant(arrayLength(c, []data.Value{in[0].Value(0)}), n)
		}
		out := data.NewVector(data.Long, n)
		for i, node := range in[0].Nodes[:n] {
			if node.Kind() != data.KindArray {
				out.Put(i, data.Null(data.Long))
				continue
			}
			out.Longs[i] = int64(node.Len())
		}
		return out
	}
}

func arrayConcat(c *Context, args []data.Value) data.Value {
	count := 0
	for _, v := range args {
		count += arrayArg(v).Len()
	}
	c.affordItems(count)
	items := make([]*data.Node, 0, count)
	any := false
	for _, v := range args {
		if array := arrayArg(v); array != nil {
			items, any = append(items, array.Items()...), true
		}
	}
	if !any {
		return data.Null(data.Dynamic)
	}
	return arrayOf(items)
}

// arrayIff takes arrays, from the same position, or single values.
func arrayIff(_ *Context, args []data.Value) data.Value {
	conditions := arrayArg(args[0])
	if conditions == nil {
		return data.Null(data.Dynamic)
	}
	items := make([]*data.Node, conditions.Len())
	for i, c := range conditions.Items() {
		switch c.Kind() {
		case data.KindBool, data.KindLong, data.KindInt, data.KindReal:
			if c.Bool() || c.Real() != 0 {
				items[i] = itemOrValue(args[1], i)
				continue
			}
			items[i] = itemOrValue(args[2], i)
		}
	}
	return arrayOf(items)
}

func itemOrValue(v data.Value, i int) *data.Node {
	if array := arrayArg(v); array != nil {
		return array.Index(i)
	}
	return data.NodeOf(v)
}

func arrayIndexOf(_ *Context, args []data.Value) data.Value {
	array := arrayArg(args[0])
	if array == nil {
		return data.Null(data.Long)
	}
	start, _ := integerArg(args, 2)
	length, bounded := integerArg(args, 3)
	nth, given := integerArg(args, 4)
	if bounded && length < -1 || nth < 0 {
		return data.Null(data.Long)
	}
	if !given {
		nth = 1
	}
	if start < 0 {
		start = max(0, start+int64(array.Len()))
	}
	end := int64(array.Len())
	if bounded && length >= 0 {
		end = min(end, start+length)
	}
	wanted := data.NodeOf(args[1])
	for i := start; i < end; i++ {
		if data.EqualNodes(array.Items()[i], wanted) {
			if nth--; nth <= 0 {
				return data.OfLong(i)
			}
		}
	}
	return data.OfLong(-1)
}

func arrayReverse(_ *Context, args []data.Value) data.Value {
	array := arrayArg(args[0])
	if array == nil {
		return data.Null(data.Dynamic)
	}
	items := slices.Clone(array.Items())
	slices.Reverse(items)
	return arrayOf(items)
}

func arrayRotate(sign int64) Eval {
	return func(_ *Context, args []data.Value) data.Value {
		array := arrayArg(args[0])
		count, given := integerArg(args, 1)
		if array == nil || !given {
			return data.Null(data.Dynamic)
		}
		n := int64(array.Len())
		if n == 0 {
			return args[0]
		}
		at := (sign*(count%n) + n) % n
		return arrayOf(slices.Concat(array.Items()[at:], array.Items()[:at]))
	}
}

func arrayShift(sign int64) Eval {
	return func(_ *Context, args []data.Value) data.Value {
		array := arrayArg(args[0])
		count, given := integerArg(args, 1)
		if array == nil || !given {
			return data.Null(data.Dynamic)
		}
		var filler *data.Node
		if len(args) > 2 {
			filler = data.NodeOf(args[2])
		}
		n := int64(array.Len())
		count = sign * min(max(count, -n), n)
		items := make([]*data.Node, n)
		for i := range items {
			items[i] = filler
			if from := int64(i) + count; from >= 0 && from < n {
				items[i] = array.Items()[from]
			}
		}
		return arrayOf(items)
	}
}

// arraySlice counts negative positions from the end; both ends are included.
func arraySlice(_ *Context, args []data.Value) data.Value {
	array := arrayArg(args[0])
	start, given := integerArg(args, 1)
	end, also := integerArg(args, 2)
	if array == nil || !given || !also {
		return data.Null(data.Dynamic)
	}
	n := int64(array.Len())
	if start < 0 {
		start = max(0, start+n)
	}
	if end < 0 {
		end += n
	}
	end = min(end, n-1)
	if start > end {
		return arrayOf(nil)
	}
	return arrayOf(array.Items()[start : end+1])
}
