package function

import "github.com/bartizan-dev/bartizan/kql/data"

func arraySplit(_ *Context, args []data.Value) data.Value {
	array := arrayArg(args[0])
	if array == nil || args[1].IsNull() {
		return data.Null(data.Dynamic)
	}
	n := int64(array.Len())
	var parts []*data.Node
	start := int64(0)
	for _, at := range splitPositions(args[1]) {
		if at < 0 {
			at += n
		}
		at = min(max(at, start), n)
		parts = append(parts, data.NodeOfArray(array.Items()[start:at]))
		start = at
	}
	return arrayOf(append(parts, data.NodeOfArray(array.Items()[start:])))
}

func splitPositions(v data.Value) []int64 {
	if array := arrayArg(v); array != nil {
		positions := make([]int64, array.Len())
		for i, item := range array.Items() {
			positions[i] = item.Long()
		}
		return positions
	}
	return []int64{data.Convert(v, data.Long).Long()}
}

func zipArrays(c *Context, args []data.Value) data.Value {
	n := 0
	for _, v := range args {
		n = max(n, arrayArg(v).Len())
	}
	c.affordItems(n * (1 + len(args)/8))
	rows := make([]*data.Node, n)
	for i := range rows {
		row := make([]*data.Node, len(args))
		for k, v := range args {
			row[k] = arrayArg(v).Index(i)
		}
		rows[i] = data.NodeOfArray(row)
	}
	return arrayOf(rows)
}
