package run

import (
	"errors"
	"fmt"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// kept is a table that runs once and is read often.
type kept struct {
	step    *step
	done    bool
	batches []*data.Batch
	err     error
}

// materialize keeps a table that runs once. One that follows from the rows of a
// subquery is another table each time: there is nothing to keep.
func (c *compiler) materialize(n *plan.Materialize) (*step, error) {
	if plan.OfRows(n) {
		return c.open(n.From[0])
	}
	k := c.env.tables[n]
	if k == nil {
		input, err := c.open(n.From[0])
		if err != nil {
			return nil, err
		}
		k = &kept{step: input}
		c.env.tables[n] = k
	}
	return &step{columns: k.step.columns, lent: k.step.lent, run: func(e *env) stream {
		return func(out emit) error {
			if !k.done {
				k.done = true
				k.batches, _, k.err = collect(e.at("materialize"), k.step)
			}
			if k.err != nil {
				return k.err
			}
			return fromBatches(e, k.batches)(out)
		}
	}}, nil
}

// late runs an open step, binds what stands above it, and compiles that.
func (c *compiler) late(n *plan.Late) (*step, error) {
	input, err := c.open(n.From[0])
	if err != nil {
		return nil, err
	}
	batches, held, err := collect(c.env, input)
	c.env.meter.release(held)
	if err != nil {
		return nil, err
	}
	bound, err := n.Bind(input.columns, c.env.spend)
	if err != nil {
		return nil, err
	}
	inner, err := c.inside(c.env.with(n.Subject, batches...)).open(bound)
	if err != nil {
		return nil, err
	}
	return &step{columns: inner.columns, run: func(e *env) stream {
		return inner.run(e.with(n.Subject, batches...))
	}}, nil
}

// plugin runs evaluate f(…). An open one runs now, because its columns must be known.
func (c *compiler) plugin(n *plan.Plugin) (*step, error) {
	input, err := c.node(n.From[0])
	if err != nil {
		return nil, err
	}
	args, err := c.pluginArgs(n.Args)
	if err != nil {
		return nil, err
	}
	call := func(e *env) (function.Table, error) { return callPlugin(e, n, input, args) }
	if !n.Open {
		return &step{columns: n.Cols, run: func(e *env) stream {
			return func(out emit) error {
				table, err := call(e)
				if err != nil {
					return err
				}
				return pluginRows(n.Cols, table, out)
			}
		}}, nil
	}
	table, err := call(c.env)
	if err != nil {
		return nil, err
	}
	return &step{columns: table.Columns, run: func(*env) stream {
		return func(out emit) error { return pluginRows(table.Columns, table, out) }
	}}, nil
}

func pluginRows(columns []data.Column, table function.Table, out emit) error {
	if len(table.Vectors) != len(columns) {
		return fmt.Errorf("internal error: a plug-in gives %d columns, want %d", len(table.Vectors), len(columns))
	}
	b := &data.Batch{Len: table.Rows, Columns: make([]*data.Vector, len(columns))}
	for i, v := range table.Vectors {
		b.Columns[i] = data.ConvertVector(v, columns[i].Type)
	}
	return sliced(b, out)
}

// pluginArg is an argument made ready.
type pluginArg struct {
	known     function.Arg
	column    int
	values    *program
	table     *step
	aggregate *plan.Aggregation
	inner     []pluginArg
}

func (c *compiler) pluginArgs(args []plan.PluginArg) ([]pluginArg, error) {
	out := make([]pluginArg, len(args))
	for i, arg := range args {
		ready := pluginArg{known: arg.Known, column: arg.Column, aggregate: arg.Aggregate}
		var err error
		switch {
		case arg.Table != nil:
			ready.table, err = c.open(arg.Table)
		case arg.Aggregate != nil:
			ready.inner, err = c.aggregateArgs(arg.Aggregate)
		case arg.Value != nil:
			ready.known, ready.values, err = c.argument(arg.Known, arg.Value)
		}
		if err != nil {
			return nil, err
		}
		out[i] = ready
	}
	return out, nil
}

func (c *compiler) argument(known function.Arg, value plan.Expr) (function.Arg, *program, error) {
	if known.Const == nil && fixed(value) {
		v, err := c.value(value)
		if err != nil {
			return known, nil, err
		}
		known.Const = &v
	}
	p, err := c.program(value)
	return known, p, err
}

func (c *compiler) aggregateArgs(a *plan.Aggregation) ([]pluginArg, error) {
	args := make([]plan.PluginArg, len(a.Args))
	for i, value := range a.Args {
		args[i] = plan.PluginArg{Value: value, Column: -1}
		if i < len(a.Known) {
			args[i].Known = a.Known[i]
		}
	}
	return c.pluginArgs(args)
}

func callPlugin(e *env, n *plan.Plugin, input *step, args []pluginArg) (function.Table, error) {
	if n.Function.Run == nil {
		return function.Table{}, fmt.Errorf("%s: %s", n.Function.Name, refusal(n.Function.Refused))
	}
	e = e.at("evaluate " + n.Function.Name)
	table, held, err := wholeTable(e, input)
	if err != nil {
		return function.Table{}, err
	}
	defer func() { e.meter.release(held) }()
	values, err := pluginValues(e, args, table)
	if err != nil {
		return function.Table{}, err
	}
	world := *e.call
	world.Hold = func(bytes int64) error {
		held += bytes
		if err := e.hold(bytes); err != nil {
			return err
		}
		return e.ctx.Err()
	}
	out, err := n.Function.Run(&world, function.Table{Columns: input.columns, Rows: table.Len, Vectors: table.Columns}, values)
	if err != nil {
		return function.Table{}, inStep(e, err)
	}
	return out, nil
}

// inStep puts the step before an error that does not name it.
func inStep(e *env, err error) error {
	var known *full
	if errors.As(err, &known) || e.ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("%s: %w", e.word, err)
}

func pluginValues(e *env, args []pluginArg, input *data.Batch) ([]function.PluginArg, error) {
	out := make([]function.PluginArg, len(args))
	for i, arg := range args {
		out[i] = function.PluginArg{Arg: arg.known, Column: arg.column}
		switch {
		case arg.table != nil:
			b, held, err := wholeTable(e, arg.table)
			e.meter.release(held)
			if err != nil {
				return nil, err
			}
			out[i].Table = &function.Table{Columns: arg.table.columns, Rows: b.Len, Vectors: b.Columns}
		case arg.aggregate != nil:
			inner, err := pluginValues(e, arg.inner, input)
			if err != nil {
				return nil, err
			}
			out[i].Aggregate, out[i].AggregateArgs = arg.aggregate.Function, inner
		case arg.values != nil:
			out[i].Values = arg.values.one(e, wholeChunk(input)).Expand()
		}
	}
	return out, nil
}
