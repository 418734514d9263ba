package function

import (
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func bagFunctions() []Scalar {
	return []Scalar{
		{
			Name:       "bag_keys",
			Signatures: []string{"(object:DynamicBag) → dynamic"},
			Doc:        "Gives the keys of a bag.", Eval: bagKeys,
		},
		{
			Name:       "bag_has_key",
			Signatures: []string{"(bag:DynamicBag, key:string) → bool"},
			Doc:        "Tells whether a bag has a key, or a path such as $.a.b.", Eval: bagHasKey,
		},
		{
			Name:       "bag_merge",
			Signatures: []string{"(bag:DynamicBag×2..64) → Custom"},
			Doc:        "Joins bags; of equal keys the first counts.", Type: typeDynamic, Eval: bagMerge,
		},
		{
			Name:       "bag_remove_keys",
			Signatures: []string{"(bag:DynamicBag, keys:DynamicArray) → Custom"},
			Doc:        "Leaves keys, or paths such as $.a.b, out of a bag.", Type: typeDynamic, Eval: bagRemoveKeys,
		},
		{
			Name:       "bag_set_key",
			Signatures: []string{"(bag:DynamicBag, key:string{Constant}, value:Scalar) → Custom"},
			Doc:        "Puts a value at a key, or a path such as $.a.b, of a bag.", Type: typeDynamic, Eval: bagSetKey,
		},
		{
			Name:       "bag_zip",
			Signatures: []string{"(keys:DynamicArray, values:DynamicArray) → dynamic"},
			Doc:        "Makes a bag of an array of keys and one of values.", Eval: bagZip,
		},
		{
			Name: "treepath", Column: "PrefixAndFirstArgument:tree",
			Signatures: []string{"(object:DynamicBag) → dynamic"},
			Doc:        "Lists the paths to all values inside a bag.", Eval: treePath,
		},
	}
}

func bagKeys(_ *Context, args []data.Value) data.Value {
	bag := bagArg(args[0])
	if bag == nil {
		return data.Null(data.Dynamic)
	}
	return data.OfNode(data.NodeOfStrings(bag.Keys()))
}

func bagHasKey(_ *Context, args []data.Value) data.Value {
	bag := bagArg(args[0])
	if bag == nil {
		return data.Null(data.Bool)
	}
	for _, step := range keyPath(args[1].String()) {
		if step.IsIndex {
			if bag.Kind() != data.KindArray || step.Index >= bag.Len() {
				return data.OfBool(false)
			}
			bag = bag.Index(step.Index)
			continue
		}
		next, found := bag.Key(step.Key)
		if !found {
			return data.OfBool(false)
		}
		bag = next
	}
	return data.OfBool(true)
}

// keyPath is a JSON path that starts with $, or one key.
func keyPath(text string) []data.Step {
	if steps, ok := jsonPath(text); ok {
		return steps
	}
	return []data.Step{data.KeyStep(text)}
}

func bagMerge(_ *Context, args []data.Value) data.Value {
	var keys []string
	var values []*data.Node
	seen, any := map[string]bool{}, false
	for _, v := range args {
		bag := bagArg(v)
		any = any || bag != nil
		for i, key := range bag.Keys() {
			if !seen[key] {
				seen[key] = true
				keys, values = append(keys, key), append(values, bag.Items()[i])
			}
		}
	}
	if !any {
		return data.Null(data.Dynamic)
	}
	return data.OfNode(data.NodeOfBag(keys, values))
}

func bagRemoveKeys(c *Context, args []data.Value) data.Value {
	bag := bagArg(args[0])
	if bag == nil {
		return data.Null(data.Dynamic)
	}
	work := c.work()
	for _, item := range arrayArg(args[1]).Items() {
		work.Add(bag.Len())
		if item.Kind() == data.KindString {
			bag = withoutPath(bag, keyPath(item.Text()))
		}
	}
	return data.OfNode(bag)
}

func withoutPath(bag *data.Node, steps []data.Step) *data.Node {
	if len(steps) == 0 || steps[0].IsIndex {
		return bag
	}
	old, found := bag.Key(steps[0].Key)
	if !found {
		return bag
	}
	if len(steps) > 1 {
		return withKey(bag, steps[0].Key, withoutPath(old, steps[1:]))
	}
	at := slices.Index(bag.Keys(), steps[0].Key)
	return data.NodeOfBag(slices.Delete(slices.Clone(bag.Keys()), at, at+1), slices.Delete(slices.Clone(bag.Items()), at, at+1))
}

// withKey is a bag with one value set, at the end where the key is new.
func withKey(bag *data.Node, key string, value *data.Node) *data.Node {
	return data.NodeOfBag(append(slices.Clone(bag.Keys()), key), append(slices.Clone(bag.Items()), value))
}

func bagSetKey(_ *Context, args []data.Value) data.Value {
	bag := bagArg(args[0])
	steps := keyPath(args[1].String())
	if bag == nil || len(steps) == 0 {
		return data.Null(data.Dynamic)
	}
	return data.OfNode(withPath(bag, steps, data.NodeOf(args[2])))
}

func withPath(bag *data.Node, steps []data.Step, value *data.Node) *data.Node {
	if steps[0].IsIndex {
		return bag
	}
	if len(steps) > 1 {
		inner, _ := bag.Key(steps[0].Key)
		value = withPath(inner, steps[1:], value)
	}
	return withKey(bag, steps[0].Key, value)
}

// bagZip leaves out keys that are no texts; keys without a value, or without
// an array of values, get null.
func bagZip(_ *Context, args []data.Value) data.Value {
	names, values := arrayArg(args[0]), arrayArg(args[1])
	if names == nil {
		return data.Null(data.Dynamic)
	}
	var keys []string
	var items []*data.Node
	for i, name := range names.Items() {
		if name.Kind() == data.KindString {
			keys, items = append(keys, name.Text()), append(items, values.Index(i))
		}
	}
	return data.OfNode(data.NodeOfBag(keys, items))
}

// sortedKeys is a node whose bags have their keys in order.
func sortedKeys(n *data.Node) *data.Node {
	switch n.Kind() {
	case data.KindArray:
		items := make([]*data.Node, n.Len())
		for i, item := range n.Items() {
			items[i] = sortedKeys(item)
		}
		return data.NodeOfArray(items)
	case data.KindBag:
		keys := slices.Sorted(slices.Values(n.Keys()))
		items := make([]*data.Node, len(keys))
		for i, key := range keys {
			item, _ := n.Key(key)
			items[i] = sortedKeys(item)
		}
		return data.NodeOfBag(keys, items)
	}
	return n
}

func treePath(_ *Context, args []data.Value) data.Value {
	p := paths{seen: map[string]bool{}}
	p.collect(args[0].Node(), "")
	return data.OfNode(data.NodeOfStrings(p.all))
}

type paths struct {
	all  []string
	seen map[string]bool
}

// collect lists every path once; all items of an array have the path [0].
func (p *paths) collect(n *data.Node, path string) {
	if path != "" && !p.seen[path] {
		p.seen[path] = true
		p.all = append(p.all, path)
	}
	for i, item := range n.Items() {
		if n.Kind() == data.KindArray {
			p.collect(item, path+"[0]")
			continue
		}
		p.collect(item, path+"['"+n.Keys()[i]+"']")
	}
}
