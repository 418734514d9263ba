package function

import "github.com/bartizan-dev/bartizan/kql/data"

// newBag is make_bag(bag, maxSize).
func newBag(most int64) func(args []Arg) (Accumulator, error) {
	return func(args []Arg) (Accumulator, error) {
		limit, err := limitOf(args, 1, most)
		return &bagJoin{limit: limit}, err
	}
}

// bagJoin is make_bag: the keys of all bags of a group. Of a key that occurs twice
// Kusto takes any value; here it is the first.
type bagJoin struct {
	limit int64
	bags  []bagOf
	size  int
}

type bagOf struct {
	at     map[string]struct{}
	keys   []string
	values []*data.Node
}

func (b *bagJoin) Add(size int, groups []uint32, args []*data.Vector) {
	b.bags = grow(b.bags, size)
	v := flat(args[0])
	if v.Type != data.Dynamic {
		return
	}
	for i, g := range groups {
		if n := v.Nodes[i]; n.Kind() == data.KindBag {
			b.add(&b.bags[g], n.Keys(), n.Items())
		}
	}
}

func (b *bagJoin) add(to *bagOf, keys []string, values []*data.Node) {
	if to.at == nil {
		to.at = make(map[string]struct{}, len(keys))
	}
	for i, key := range keys {
		if _, ok := to.at[key]; ok || int64(len(to.keys)) >= b.limit {
			continue
		}
		to.at[key] = struct{}{}
		to.keys, to.values = append(to.keys, key), append(to.values, values[i])
		b.size += 96 + len(key) + values[i].Size(mostSized)
	}
}

func (b *bagJoin) Merge(size int, other Accumulator, into []uint32) {
	b.bags = grow(b.bags, size)
	for g := range other.(*bagJoin).bags {
		o := &other.(*bagJoin).bags[g]
		b.add(&b.bags[into[g]], o.keys, o.values)
	}
}

func (b *bagJoin) Results(size int) []*data.Vector {
	b.bags = grow(b.bags, size)
	out := data.NewVector(data.Dynamic, size)
	for g := range size {
		out.Nodes[g] = data.NodeOfBag(b.bags[g].keys, b.bags[g].values)
	}
	return []*data.Vector{out}
}

func (b *bagJoin) Bytes() int { return b.size + 80*cap(b.bags) }
