package function

import "github.com/bartizan-dev/bartizan/kql/data"

func setFunctions() []Scalar {
	return []Scalar{
		{
			Name:       "set_union",
			Signatures: []string{"(set:DynamicArray×2..64) → Custom"},
			Doc:        "Gives the different items of all arrays.", Type: typeDynamic, Eval: setUnion,
		},
		{
			Name:       "set_intersect",
			Signatures: []string{"(set:DynamicArray×2..64) → Custom"},
			Doc:        "Gives the different items that are in every array.", Type: typeDynamic, Eval: setIntersect,
		},
		{
			Name:       "set_difference",
			Signatures: []string{"(set:DynamicArray×2..64) → Custom"},
			Doc:        "Gives the different items of the first array that are in no other.", Type: typeDynamic, Eval: setDifference,
		},
		{
			Name:       "set_equals",
			Signatures: []string{"(set1:DynamicArray, set2:DynamicArray) → bool"},
			Doc:        "Tells whether two arrays have the same items, whatever their order.", Eval: setEquals,
		},
		{
			Name:       "set_has_element",
			Signatures: []string{"(set:DynamicArray, value:Scalar) → bool"},
			Doc:        "Tells whether an array has a value.", Eval: setHas, Kernel: setHasKernel,
		},
		{
			Name:       "jaccard_index",
			Signatures: []string{"(set:DynamicArray×2..2) → dynamic"},
			Doc:        "Measures how alike two sets are, from 0 to 1.", Eval: jaccard,
		},
	}
}

// A nodeSet has the keys of items.
type nodeSet map[string]bool

func nodeKey(n *data.Node) string { return string(data.AppendKey(nil, data.OfNode(n))) }

func setOf(array *data.Node) nodeSet {
	s := make(nodeSet, array.Len())
	for _, item := range array.Items() {
		s[nodeKey(item)] = true
	}
	return s
}

// distinct are the items that keep says yes to, each once.
func distinct(items []*data.Node, keep func(key string) bool) data.Value {
	out, seen := []*data.Node{}, nodeSet{}
	for _, item := range items {
		key := nodeKey(item)
		if !seen[key] && keep(key) {
			seen[key] = true
			out = append(out, item)
		}
	}
	return arrayOf(out)
}

func setUnion(c *Context, args []data.Value) data.Value {
	all := arrayConcat(c, args)
	if all.IsNull() {
		return all
	}
	return distinct(all.Node().Items(), func(string) bool { return true })
}

func otherSets(args []data.Value) []nodeSet {
	sets := make([]nodeSet, len(args)-1)
	for i, v := range args[1:] {
		sets[i] = setOf(arrayArg(v))
	}
	return sets
}

func setIntersect(_ *Context, args []data.Value) data.Value {
	for _, v := range args {
		if arrayArg(v) == nil {
			return data.Null(data.Dynamic)
		}
	}
	sets := otherSets(args)
	return distinct(args[0].Node().Items(), func(key string) bool {
		for _, s := range sets {
			if !s[key] {
				return false
			}
		}
		return true
	})
}

func setDifference(_ *Context, args []data.Value) data.Value {
	first := arrayArg(args[0])
	if first == nil {
		return data.Null(data.Dynamic)
	}
	sets := otherSets(args)
	return distinct(first.Items(), func(key string) bool {
		for _, s := range sets {
			if s[key] {
				return false
			}
		}
		return true
	})
}

func setEquals(_ *Context, args []data.Value) data.Value {
	if arrayArg(args[0]) == nil || arrayArg(args[1]) == nil {
		return data.Null(data.Bool)
	}
	a, b := setOf(args[0].Node()), setOf(args[1].Node())
	for key := range a {
		if !b[key] {
			return data.OfBool(false)
		}
	}
	return data.OfBool(len(a) == len(b))
}

func setHas(_ *Context, args []data.Value) data.Value {
	array := arrayArg(args[0])
	if array == nil {
		return data.Null(data.Bool)
	}
	return data.OfBool(hasItem(array, data.NodeOf(args[1])))
}

func hasItem(array, wanted *data.Node) bool {
	for _, item := range array.Items() {
		if data.EqualNodes(item, wanted) {
			return true
		}
	}
	return false
}

func setHasKernel(args []Arg) Kernel {
	if args[0].Type != data.Dynamic || args[1].Const == nil {
		return nil
	}
	wanted := data.NodeOf(*args[1].Const)
	return func(c *Context, n int, in []*data.Vector) *data.Vector {
		if in[0].Const {
			return data.Constant(setHas(c, []data.Value{in[0].Value(0), *args[1].Const}), n)
		}
		out := data.NewVector(data.Bool, n)
		for i, node := range in[0].Nodes[:n] {
			if node.Kind() != data.KindArray {
				out.Put(i, data.Null(data.Bool))
				continue
			}
			out.Bools[i] = hasItem(node, wanted)
		}
		return out
	}
}

func jaccard(_ *Context, args []data.Value) data.Value {
	if arrayArg(args[0]) == nil || arrayArg(args[1]) == nil {
		return data.Null(data.Dynamic)
	}
	a, b := setOf(args[0].Node()), setOf(args[1].Node())
	both := 0
	for key := range a {
		if b[key] {
			both++
		}
	}
	all := len(a) + len(b) - both
	if all == 0 {
		return data.Null(data.Dynamic)
	}
	return data.OfNode(data.NodeOfReal(float64(both) / float64(all)))
}
