package run

import (
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/operator"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// in compiles in, has_any and their like: with a set where the list is
// constant or comes from a table, else element by element.
func (c *exprCompiler) in(e *plan.In) (evaluator, error) {
	left, err := c.expr(e.Left)
	if err != nil {
		return nil, err
	}
	list, constant, err := c.list(e)
	if err != nil {
		return nil, err
	}
	if !constant {
		return c.changingList(e, left)
	}
	test, err := operator.In(e.Op, e.Left.Type(), list, c.env.call.Ask)
	if err != nil {
		return nil, err
	}
	return func(f *frame) *data.Vector { return test(f.n, left(f)) }, nil
}

// list is the list's values where they are the same for all rows.
func (c *exprCompiler) list(e *plan.In) ([]data.Value, bool, error) {
	if e.Table != nil {
		list, err := c.tableList(e.Table)
		return list, true, err
	}
	var list []data.Value
	for _, item := range e.List {
		value, err := c.constantOf(item)
		if err != nil || value == nil {
			return nil, false, err
		}
		list = append(list, *value)
	}
	return list, true, nil
}

// setBytes is what a value takes in the list and in the set that is made of it.
const setBytes = 2*48 + 48

// tableList is the different values of a table's first column, run once for all
// workers.
func (c *exprCompiler) tableList(node plan.Node) (list []data.Value, err error) {
	if list, ok := c.lists[node]; ok {
		return list, nil
	}
	table, err := c.node(node)
	if err != nil {
		return nil, err
	}
	var d dictionary
	var ids []uint32
	err = table.run(c.env)(func(b *data.Batch) error {
		if d == nil {
			d = newDictionary(b.Columns[0].Type)
		}
		ids = room(ids, b.Len)
		before := d.bytes()
		d.number(b.Columns[0], ids)
		return c.env.at("in").hold(d.bytes() - before)
	})
	if err != nil {
		return nil, err
	}
	if d != nil {
		if err := c.env.at("in").hold(setBytes * int64(d.len())); err != nil {
			return nil, err
		}
		values := d.values()
		for i := range values.Len {
			list = append(list, values.Value(i))
		}
	}
	c.lists[node] = list
	return list, nil
}

// stepsOfList is what it takes to make the test of one row's list.
const stepsOfList = 1 << 10

// changingList tests against a list whose values differ from row to row.
func (c *exprCompiler) changingList(e *plan.In, left evaluator) (evaluator, error) {
	items, err := c.exprs(e.List...)
	if err != nil {
		return nil, err
	}
	return func(f *frame) *data.Vector {
		values := left(f)
		lists := make([]*data.Vector, len(items))
		for i, item := range items {
			lists[i] = item(f)
		}
		out := data.NewVector(data.Bool, f.n)
		row := make([]data.Value, len(items))
		work := operator.Work{Ask: f.env.call.Ask}
		for r := range f.n {
			if yes, ok := oneArray(e.Op, values, lists, r, &work); ok {
				out.Bools[r] = yes
				continue
			}
			work.Add(stepsOfList)
			for i, v := range lists {
				row[i] = v.Value(r)
			}
			out.Put(r, testOne(e.Op, values.Value(r), row, f.env.call.Ask))
		}
		return out
	}, nil
}

// oneArray tests against a row's list where it is one array that needs no test made of it.
func oneArray(op string, values *data.Vector, lists []*data.Vector, row int, work *operator.Work) (yes, ok bool) {
	if len(lists) != 1 || lists[0].Type != data.Dynamic {
		return false, false
	}
	array := lists[0].Value(row).Node()
	work.Add(array.Len())
	return operator.InArray(op, values.Value(row), array, work.Ask)
}

func testOne(op string, left data.Value, list []data.Value, ask func()) data.Value {
	test, err := operator.In(op, left.Type(), list, ask)
	if err != nil { // a list of another type has no equal element
		return data.OfBool(strings.HasPrefix(op, "!"))
	}
	return test(1, data.Constant(left, 1)).Value(0)
}
