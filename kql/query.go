package kql

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
	"github.com/bartizan-dev/bartizan/kql/internal/run"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// Options are what a query depends on besides its text and tables, and what it
// may use. Zero values are good.
type Options struct {
	// Now is the time that now() and ago() know.
	Now time.Time
	// Default is the table of a query that names none ("| where …").
	Default string
	// Params are the values of declared query parameters, as text.
	Params map[string]string
	// MaxMemory is the most that a query and its run may hold, in bytes. 0 is 512 MB, less is no limit.
	MaxMemory int64
	// Held is what the query's tables hold already, as far as it counts towards MaxMemory, in bytes.
	Held int64
	// MaxRows is the most rows that a result may have. 0: no limit.
	MaxRows int
	// Workers is how many goroutines compute. 0: one a core.
	Workers int
	// Random gives numbers in [0, 1) for rand() and sample; nil: the same ones in every run.
	Random func() float64
	// Plain leaves the plan as it was bound, to compare it with the optimised one.
	Plain bool
}

const defaultMemory = 512 << 20

// memory is the cap in bytes, below 1 for none.
func (o *Options) memory() int64 {
	if o.MaxMemory == 0 {
		return defaultMemory
	}
	return o.MaxMemory
}

// A Query is ready to run, any number of times, also at the same time.
type Query struct {
	text    string
	plan    *plan.Plan
	options Options
	now     int64
	params  []string
	held    int64 // bytes that the plan takes
}

// Prepare reads and binds a query. What is wrong with it is an [*Error] that
// lists all problems; a panic on the way is a [*Bug].
func Prepare(text string, tables Tables, options Options) (*Query, error) {
	return PrepareContext(context.Background(), text, tables, options)
}

// PrepareContext is Prepare that ends with the context's error when the context
// does. The query may run under another one.
func PrepareContext(ctx context.Context, text string, tables Tables, options Options) (q *Query, err error) {
	defer catch(text, &err)
	b := &budget{ctx: ctx, limit: options.memory()}
	b.ask()
	tree, problems := syntax.ParseWithin(text, b.spend)
	now := ticksOf(options.Now)
	scope := scopeOf(text, tables, options, now)
	scope.Spend = b.spend
	read := b.held
	if len(problems) > 0 {
		return nil, newError(text, append(problems, plan.Problems(tree, problems, scope)...))
	}
	bound, problems := plan.Bind(tree, scope)
	if len(problems) > 0 {
		return nil, newError(text, problems)
	}
	if !options.Plain {
		bound = plan.Optimize(bound, b.spend)
	}
	q = &Query{text: text, plan: bound, options: options, now: now, held: b.held - read}
	for _, p := range tree.Declared {
		q.params = append(q.params, p.Name.Text)
	}
	return q, nil
}

func scopeOf(text string, tables Tables, options Options, now int64) plan.Scope {
	if tables == nil {
		tables = Named{}
	}
	_, fold := tables.(anyCase)
	return plan.Scope{
		Table: func(name string) (plan.Source, bool) {
			t, ok := tables.Table(name)
			return t, ok
		},
		Text: text, Names: tables.Names(), AnyCase: fold, Default: options.Default, Now: now, Params: options.Params,
	}
}

// ticksOf counts 100 ns since the year 1.
func ticksOf(t time.Time) int64 {
	const epoch = 62135596800 // seconds from the year 1 to 1970
	return (t.Unix()+epoch)*1e7 + int64(t.Nanosecond())/100
}

// Columns are the result's columns. A query that ends in evaluate bag_unpack or
// pivot may have more: see [Result.Columns].
func (q *Query) Columns() []Column { return q.plan.Columns }

// Warnings are what may surprise in a query that runs, in the order of the
// places; none is wrong with it.
func (q *Query) Warnings() []Problem { return newError(q.text, slices.Clone(q.plan.Warnings)).Problems }

// Params are the names of the parameters that the query declares.
func (q *Query) Params() []string { return q.params }

// Chart is what render asked for, with its properties; "" where nothing did.
func (q *Query) Chart() (kind string, properties map[string]string) {
	return q.plan.Chart, q.plan.Properties
}

// Run gives the query's result, which is computed while it is read.
func (q *Query) Run(ctx context.Context) *Result {
	return &Result{query: q, ctx: ctx, columns: q.plan.Columns}
}

// A Result is the rows of one run. It can be read once.
type Result struct {
	query   *Query
	ctx     context.Context // of the one call that reads the result
	columns []Column
	peak    atomic.Int64
}

// Peak is the most that the run has held in memory so far, in bytes, as far as
// that counts towards MaxMemory.
func (r *Result) Peak() int64 { return r.peak.Load() }

// Columns are the result's columns: all of them once reading has begun.
func (r *Result) Columns() []Column { return r.columns }

// Batches gives the rows, column by column. An error ends them: a wrong value,
// a limit, the context's end, a [*Bug], an [*Error] of what stands behind columns
// that are known only now (evaluate bag_unpack, pivot).
func (r *Result) Batches() iter.Seq2[*Batch, error] {
	return func(yield func(*Batch, error) bool) {
		o := r.query.options
		world := run.World{Now: r.query.now, Random: o.Random}
		if world.Random == nil {
			world.Random = rand.New(rand.NewPCG(1, 1)).Float64
		}
		limits := run.Limits{Memory: o.memory(), Held: o.Held + r.query.held, Workers: o.Workers, Peak: &r.peak}
		rows := 0
		for b, err := range run.Run(r.ctx, r.query.plan, world, limits, func(c []data.Column) { r.columns = c }) {
			if err != nil {
				yield(nil, told(r.query.text, err))
				return
			}
			if rows += b.Len; o.MaxRows > 0 && rows > o.MaxRows {
				yield(nil, fmt.Errorf("the result has more than %d rows; add take, or summarize", o.MaxRows))
				return
			}
			if !yield(b, nil) {
				return
			}
		}
	}
}

// Rows gives the rows one by one. A row is used again for the next one.
func (r *Result) Rows() iter.Seq2[[]Value, error] {
	return func(yield func([]Value, error) bool) {
		var row []Value
		for b, err := range r.Batches() {
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range b.Len {
				row = row[:0]
				for _, v := range b.Columns {
					row = append(row, v.Value(i))
				}
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}
