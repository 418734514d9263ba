package run

import (
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// path goes into dynamics. As a scalar type it reads the value where it stands
// in the JSON, without making a node: as what an operator takes it for.
func (c *exprCompiler) path(e *plan.Path, as data.Type) (evaluator, error) {
	base, err := c.expr(e.Base)
	if err != nil {
		return nil, err
	}
	steps := e.Steps
	return func(f *frame) *data.Vector {
		from := base(f)
		out := data.NewVector(as, sizeOf(from))
		for i, node := range from.Nodes[:sizeOf(from)] {
			if as == data.Dynamic {
				out.Nodes[i] = node.Path(steps)
				continue
			}
			putHeld(out, i, node.PathValue(steps))
		}
		out.Len, out.Const = f.n, from.Const
		return out
	}, nil
}

// putHeld puts what a dynamic holds; here a text may be null, so that an
// absent one is not equal to "".
func putHeld(out *data.Vector, i int, v data.Value) {
	absent := v.IsNull() // as a text it would no longer be
	if !absent && v.Type() != out.Type {
		v = data.Convert(v, out.Type)
		absent = v.IsNull()
	}
	if absent {
		if out.Nulls == nil {
			out.Nulls = data.NewBits(max(len(out.Texts), out.Len))
		}
		out.Nulls.Set(i)
		return
	}
	out.Put(i, v)
}

// sizeOf is how many values a vector has: one where it is constant.
func sizeOf(v *data.Vector) int {
	if v.Const {
		return 1
	}
	return v.Len
}

func (c *exprCompiler) element(e *plan.Element) (evaluator, error) {
	parts, err := c.exprs(e.Base, e.Index)
	if err != nil {
		return nil, err
	}
	return func(f *frame) *data.Vector {
		base, index := parts[0](f), parts[1](f)
		out := data.NewVector(data.Dynamic, f.n)
		for i := range f.n {
			out.Nodes[i] = elementOf(base.Value(i).Node(), index.Value(i))
		}
		return out
	}, nil
}

// elementOf is base[index] with an index or a key.
func elementOf(base *data.Node, index data.Value) *data.Node {
	if index.Type() == data.Dynamic {
		index = index.Node().Value()
	}
	switch {
	case index.IsNull():
		return nil
	case index.Type() == data.String:
		node, _ := base.Key(index.Text())
		return node
	case index.Type() == data.Int || index.Type() == data.Long:
		return base.Index(int(index.Long()))
	}
	return nil
}

func (c *exprCompiler) field(e *plan.Field) (evaluator, error) {
	call, err := c.expr(e.Call)
	if err != nil {
		return nil, err
	}
	return func(f *frame) *data.Vector {
		from := call(f)
		out := data.NewVector(e.Of, f.n)
		for i := range f.n {
			out.Put(i, data.Convert(data.OfNode(from.Value(i).Node().Index(e.Index)), e.Of))
		}
		return out
	}, nil
}
