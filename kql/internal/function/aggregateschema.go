package function

import (
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// schemas is buildschema: which types and keys the dynamics of a group have.
type schemas struct{ groups []*shape }

// A shape is what was seen at one place: names of scalar types in order of
// appearance, the keys of bags, the items of arrays.
type shape struct {
	types  []string
	keys   []string
	values map[string]*shape
	items  *shape
	bag    bool
}

func newSchemas([]Arg) (Accumulator, error) { return &schemas{}, nil }

func (s *schemas) of(g uint32) *shape {
	if s.groups[g] == nil {
		s.groups[g] = &shape{}
	}
	return s.groups[g]
}

func (s *schemas) Add(size int, groups []uint32, args []*data.Vector) {
	s.groups = grow(s.groups, size)
	v := flat(args[0])
	for i, g := range groups {
		if n := v.Nodes[i]; !n.IsNull() {
			s.of(g).add(n)
		}
	}
}

func (p *shape) add(n *data.Node) {
	switch n.Kind() {
	case data.KindNull:
	case data.KindArray:
		if p.items == nil {
			p.items = &shape{}
		}
		for _, item := range n.Items() {
			p.items.add(item)
		}
	case data.KindBag:
		p.bag = true
		for i, key := range n.Keys() {
			p.key(key).add(n.Items()[i])
		}
	default:
		p.name(schemaName(n.Kind()))
	}
}

func (p *shape) name(t string) {
	if !slices.Contains(p.types, t) {
		p.types = append(p.types, t)
	}
}

func (p *shape) key(key string) *shape {
	if p.values[key] == nil {
		if p.values == nil {
			p.values = map[string]*shape{}
		}
		p.values[key] = &shape{}
		p.keys = append(p.keys, key)
	}
	return p.values[key]
}

func schemaName(k data.Kind) string {
	switch k {
	case data.KindBool:
		return "bool"
	case data.KindLong, data.KindInt:
		return "long"
	case data.KindReal:
		return "double"
	case data.KindDecimal:
		return "decimal"
	case data.KindDateTime:
		return "datetime"
	case data.KindTimeSpan:
		return "timespan"
	case data.KindGUID:
		return "guid"
	default:
		return "string"
	}
}

// node writes the shape as Kusto does: a type's name, a bag of keys (items of
// an array stand under `indexer`), or an array where there are several.
func (p *shape) node() *data.Node {
	var all []*data.Node
	for _, t := range p.types {
		all = append(all, data.NodeOfString(t))
	}
	if p.bag || p.items != nil {
		all = append(all, p.container())
	}
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	default:
		return data.NodeOfArray(all)
	}
}

func (p *shape) container() *data.Node {
	var keys []string
	var values []*data.Node
	if p.items != nil {
		keys, values = append(keys, "`indexer`"), append(values, p.items.node())
	}
	for _, key := range p.keys {
		keys, values = append(keys, key), append(values, p.values[key].node())
	}
	return data.NodeOfBag(keys, values)
}

func (p *shape) merge(o *shape) {
	for _, t := range o.types {
		p.name(t)
	}
	p.bag = p.bag || o.bag
	for _, key := range o.keys {
		p.key(key).merge(o.values[key])
	}
	if o.items != nil {
		if p.items == nil {
			p.items = &shape{}
		}
		p.items.merge(o.items)
	}
}

func (s *schemas) Merge(size int, other Accumulator, into []uint32) {
	s.groups = grow(s.groups, size)
	for g, p := range other.(*schemas).groups {
		if p != nil {
			s.of(into[g]).merge(p)
		}
	}
}

func (s *schemas) Results(size int) []*data.Vector {
	s.groups = grow(s.groups, size)
	return nodesOf(s.groups, size)
}

func (s *schemas) Bytes() int { return 256 * cap(s.groups) }
