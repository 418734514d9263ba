package function

import (
	"fmt"
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func arraySortFunctions() []Scalar {
	return []Scalar{
		{
			Name:       "array_sort_asc",
			Signatures: []string{"(arrays:DynamicArray×1..64, nulls_last:bool{Constant}?) → Custom"},
			Doc:        "Sorts an array; further arrays follow its order.",
			Type:       typeDynamic, Columns: sortedColumns, Prepare: arraySort(1),
		},
		{
			Name:       "array_sort_desc",
			Signatures: []string{"(arrays:DynamicArray×1..64, nulls_last:bool{Constant}?) → Custom"},
			Doc:        "Sorts an array in falling order; further arrays follow its order.",
			Type:       typeDynamic, Columns: sortedColumns, Prepare: arraySort(-1),
		},
	}
}

// sortedArrays is how many of the arguments are arrays: the last may tell
// whether nulls come last.
func sortedArrays(args []Arg) int {
	if n := len(args); n > 1 && args[n-1].Type == data.Bool {
		return n - 1
	}
	return len(args)
}

func sortedColumns(args []Arg) []data.Column {
	columns := make([]data.Column, sortedArrays(args))
	for i := range columns {
		name := args[i].Name
		if name == "" {
			name = fmt.Sprintf("array%d", i)
		}
		columns[i] = data.Column{Name: name + "_sorted", Type: data.Dynamic}
	}
	return columns
}

// arraySort gives an array of the sorted arrays, one for each argument.
func arraySort(sign int) func([]Arg) (Eval, error) {
	return func(known []Arg) (Eval, error) {
		count := sortedArrays(known)
		return func(c *Context, args []data.Value) data.Value {
			nullsLast := count == len(args) || args[count].IsNull() || args[count].Bool()
			out := make([]*data.Node, count)
			if first := arrayArg(args[0]); first != nil {
				order := sortedOrder(c, first.Items(), sign, nullsLast)
				for i := range out {
					out[i] = reordered(arrayArg(args[i]), order)
				}
			}
			return arrayOf(out)
		}, nil
	}
}

func reordered(array *data.Node, order []int) *data.Node {
	if array.Len() != len(order) || array == nil {
		return nil
	}
	items := make([]*data.Node, len(order))
	for i, from := range order {
		items[i] = array.Items()[from]
	}
	return data.NodeOfArray(items)
}

// sortRanks orders kinds: numbers and times, texts, GUIDs, all others.
var sortRanks = [...]int{
	data.KindString: 1, data.KindGUID: 2, data.KindBool: 3, data.KindArray: 3, data.KindBag: 3,
	data.KindInt: 0,
}

func sortedOrder(c *Context, items []*data.Node, sign int, nullsLast bool) []int {
	order := make([]int, len(items))
	for i := range order {
		order[i] = i
	}
	work := c.work()
	slices.SortStableFunc(order, func(i, j int) int {
		work.Add(1)
		a, b := items[i], items[j]
		if a.IsNull() || b.IsNull() {
			return nullOrder(a.IsNull(), b.IsNull(), nullsLast)
		}
		if c := sortRanks[a.Kind()] - sortRanks[b.Kind()]; c != 0 {
			return sign * c
		}
		return sign * data.CompareNodes(a, b)
	})
	return order
}

func nullOrder(a, b, last bool) int {
	switch {
	case a == b:
		return 0
	case a == last:
		return 1
	}
	return -1
}
