package function

import "github.com/bartizan-dev/bartizan/kql/data"

// The binder writes out *: pack_all(), pack_array(*) and estimate_data_size(*)
// get every column of the input as an argument with its name, pack_all after
// the argument that was written, if any.
func packFunctions() []Scalar {
	const doc = "Makes a bag of keys and values."
	return []Scalar{
		{
			Name:       "bag_pack",
			Signatures: []string{"(key:string×1..n, value:Scalar×1..n) → Custom"},
			Doc:        doc, Type: typeDynamic, Eval: bagPack,
		},
		{
			Name: "pack", Hidden: true, Obsolete: "bag_pack",
			Signatures: []string{"(key:string×1..n, value:Scalar×1..n) → Custom"},
			Doc:        doc, Type: typeDynamic, Eval: bagPack,
		},
		{
			Name: "pack_dictionary", Hidden: true, Obsolete: "bag_pack",
			Signatures: []string{"(key:string×1..n, value:Scalar×1..n) → Custom"},
			Doc:        doc, Type: typeDynamic, Eval: bagPack,
		},
		{
			Name:       "bag_pack_columns",
			Signatures: []string{"(value:Scalar{Column}×1..n) → Custom"},
			Doc:        "Makes a bag of columns, with their names as keys.", Type: typeDynamic, Prepare: packColumns,
		},
		{
			Name:       "pack_all",
			Signatures: []string{"(ignore_null_empty:Scalar{Literal}?) → Custom"},
			Doc:        "Makes a bag of all columns, on request without nulls and empty texts.", Type: typeDynamic, Prepare: packColumns,
		},
		{
			Name: "pack_array",
			Signatures: []string{
				"(value:Scalar{StarOnly}) → Custom",
				"(value:Scalar×1..n) → Custom",
			},
			Doc: "Makes an array of values.", Type: typeDynamic, Eval: packArray,
		},
		{
			Name: "estimate_data_size",
			Signatures: []string{
				"(column:Scalar{Column}×1..n) → long",
				"(column:Scalar{StarOnly}) → long",
			},
			Doc: "Estimates how many bytes the values take.", Eval: estimateSize,
		},
		{
			Name: "column_ifexists", Column: "FirstArgumentValueIfColumn",
			Signatures: []string{"(column_name:string{Constant}, defaultValue:Scalar) → Parameter1"},
			Doc:        "Gives a column by its name, or another value where there is no such column.", Eval: columnDefault,
		},
		{
			Name: "columnifexists", Hidden: true, Obsolete: "column_ifexists", Column: "FirstArgumentValueIfColumn",
			Signatures: []string{"(column_name:string{Constant}, defaultValue:Scalar) → Parameter1"},
			Doc:        "Gives a column by its name, or another value where there is no such column.", Eval: columnDefault,
		},
		{
			Name: "iscolumnexists", Hidden: true,
			Signatures: []string{"(column_name:string{Constant}) → bool"},
			Doc:        "Tells whether there is a column of a name.", Eval: noColumn,
		},
	}
}

func bagPack(_ *Context, args []data.Value) data.Value {
	keys, values := make([]string, 0, len(args)/2), make([]*data.Node, 0, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		keys, values = append(keys, args[i].String()), append(values, data.NodeOf(args[i+1]))
	}
	return data.OfNode(data.NodeOfBag(keys, values))
}

func packArray(_ *Context, args []data.Value) data.Value {
	items := make([]*data.Node, len(args))
	for i, v := range args {
		items[i] = data.NodeOf(v)
	}
	return arrayOf(items)
}

// packColumns packs the arguments that are columns; one that is not tells
// whether to leave empty values out.
func packColumns(known []Arg) (Eval, error) {
	var skip bool
	var names []string
	var at []int
	for i, a := range known {
		if a.Name != "" {
			names, at = append(names, a.Name), append(at, i)
		} else if a.Const != nil && a.Type == data.Bool {
			skip = a.Const.Bool()
		}
	}
	return func(_ *Context, args []data.Value) data.Value {
		keys, values := make([]string, 0, len(at)), make([]*data.Node, 0, len(at))
		for k, i := range at {
			if skip && isEmptyDeep(args[i]) {
				continue
			}
			keys, values = append(keys, names[k]), append(values, data.NodeOf(args[i]))
		}
		return data.OfNode(data.NodeOfBag(keys, values))
	}, nil
}

var typeSizes = map[data.Type]int{
	data.Bool: 1, data.Int: 4, data.Long: 8, data.Real: 8, data.Decimal: 16, data.DateTime: 8, data.TimeSpan: 8, data.GUID: 16,
}

func estimateSize(_ *Context, args []data.Value) data.Value {
	size := 0
	for _, v := range args {
		switch v.Type() {
		case data.String:
			size += len(v.Text())
		case data.Dynamic:
			size += nodeSize(v.Node())
		default:
			size += typeSizes[v.Type()]
		}
	}
	return data.OfLong(int64(size))
}

func nodeSize(n *data.Node) int {
	size := 1
	switch n.Kind() {
	case data.KindNull:
	case data.KindString:
		size += len(n.Text())
	case data.KindArray, data.KindBag:
		for _, key := range n.Keys() {
			size += 2 + len(key)
		}
		for _, item := range n.Items() {
			size += nodeSize(item)
		}
	default:
		size += typeSizes[n.Value().Type()]
	}
	return size
}

// columnDefault is what is left where the binder found no such column.
func columnDefault(_ *Context, args []data.Value) data.Value { return args[1] }

// noColumn is what is left where the binder found no such column.
func noColumn(*Context, []data.Value) data.Value { return data.OfBool(false) }
