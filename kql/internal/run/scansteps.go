package run

import (
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// A scanning is the scan operator over one partition. Each step holds the rows
// that led to it: states[k] has for the steps up to k the row that matched.
type scanning struct {
	plan   *plan.ScanSteps
	env    *env
	steps  []scanStep
	width  int // columns of the input
	blank  []data.Value
	states []*scanState
	nextID int64
	out    []*data.Builder
	rows   int // in out, which may have no columns
}

type scanStep struct {
	plan       plan.ScanStep
	condition  *program
	assignment *program
}

// A scanState is a sequence under way.
type scanState struct {
	rows    [][]data.Value // for each step the input's columns and the declared ones
	id      int64
	pending []data.Value // of a step that outputs only its last row
}

func (c *compiler) scanSteps(n *plan.ScanSteps) (runner, error) {
	input, err := c.node(n.From[0])
	if err != nil {
		return nil, err
	}
	steps, blank, err := c.readSteps(n, len(input.columns))
	if err != nil {
		return nil, err
	}
	by, err := c.program(n.Partition...)
	if err != nil {
		return nil, err
	}
	order, err := c.keyProgram(n.Order)
	if err != nil {
		return nil, err
	}
	return overWhole(input, func(e *env, table *data.Batch, out emit) error {
		if table.Len > 0 && len(n.Order) > 0 {
			sorted := table.Gather(ordered(e.call.Ask, n.Order, order.run(e, wholeChunk(table)), table.Len))
			table = &sorted
		}
		s := &scanning{plan: n, env: e, steps: steps, width: len(input.columns), blank: blank}
		return s.table(table, by.run(e, wholeChunk(table)), out)
	}), nil
}

func (c *compiler) readSteps(n *plan.ScanSteps, width int) (steps []scanStep, blank []data.Value, err error) {
	for _, column := range n.From[0].Columns() {
		blank = append(blank, data.Null(column.Type))
	}
	for _, e := range n.Declared {
		value, err := c.value(e)
		if err != nil {
			return nil, nil, err
		}
		blank = append(blank, value)
	}
	for _, s := range n.Steps {
		step := scanStep{plan: s}
		if step.condition, err = c.program(s.Condition); err != nil {
			return nil, nil, err
		}
		values := make([]plan.Expr, len(s.Assignments))
		for i, a := range s.Assignments {
			values[i] = a.Value
		}
		if step.assignment, err = c.program(values...); err != nil {
			return nil, nil, err
		}
		steps = append(steps, step)
	}
	return steps, blank, nil
}

func (s *scanning) table(table *data.Batch, keys []*data.Vector, out emit) error {
	for _, column := range s.plan.Cols {
		s.out = append(s.out, data.NewBuilder(column.Type, 64))
	}
	groups, held, err := parts(s.env, table.Len, keys)
	defer s.env.meter.release(held)
	if err != nil {
		return err
	}
	for _, rows := range groups {
		s.states = make([]*scanState, len(s.steps))
		for i, row := range rows {
			s.record(table, int(row))
			if i&255 == 0 && s.env.ctx.Err() != nil {
				return s.env.ctx.Err()
			}
			if err := s.flush(batchSize, out); err != nil {
				return err
			}
		}
		for k := range s.states {
			s.settle(k)
		}
	}
	return s.flush(1, out)
}

// flush hands out the rows made, if they are so many.
func (s *scanning) flush(least int, out emit) error {
	if s.rows < least {
		return nil
	}
	b := &data.Batch{Len: s.rows}
	for i, builder := range s.out {
		b.Columns = append(b.Columns, builder.Build())
		s.out[i] = data.NewBuilder(s.plan.Cols[i].Type, 64)
	}
	s.rows = 0
	return sliced(b, out)
}

// record offers a row to all steps, from the last to the first.
func (s *scanning) record(table *data.Batch, row int) {
	values := make([]data.Value, s.width, len(s.blank))
	for i := range values {
		values[i] = table.Columns[i].Value(row)
	}
	for k := len(s.steps) - 1; k >= 0; k-- {
		if from := s.before(k); from >= 0 && s.matches(k, s.states[from], values) {
			state := s.states[from]
			s.settle(from)
			s.settle(k)
			s.states[from], s.states[k] = nil, state
			s.accept(k, state, values)
			continue
		}
		if (s.states[k] != nil || k == 0) && s.matches(k, s.states[k], values) {
			if s.states[k] == nil {
				s.states[k] = &scanState{rows: make([][]data.Value, len(s.steps)), id: s.nextID}
				s.nextID++
			}
			s.accept(k, s.states[k], values)
		}
	}
}

// before is the nearest step before k with a sequence; steps between must be optional.
func (s *scanning) before(k int) int {
	for j := k - 1; j >= 0; j-- {
		if s.states[j] != nil {
			return j
		}
		if !s.steps[j].plan.Optional {
			return -1
		}
	}
	return -1
}

func (s *scanning) matches(k int, state *scanState, values []data.Value) bool {
	v := s.steps[k].condition.one(s.env, s.chunk(state, values)).Value(0)
	return !v.IsNull() && v.Bool()
}

// chunk is the one row that conditions and assignments see: the input's
// columns, then for each step its row, blank where there is none.
func (s *scanning) chunk(state *scanState, values []data.Value) *chunk {
	b := &data.Batch{Len: 1, Columns: make([]*data.Vector, 0, s.width+len(s.steps)*len(s.blank))}
	for _, v := range values[:s.width] {
		b.Columns = append(b.Columns, data.Constant(v, 1))
	}
	for k := range s.steps {
		row := s.blank
		if state != nil && state.rows[k] != nil {
			row = state.rows[k]
		}
		for _, v := range row {
			b.Columns = append(b.Columns, data.Constant(v, 1))
		}
	}
	return wholeChunk(b)
}

// accept takes a row into a step's sequence and, if the step says so, into the output.
func (s *scanning) accept(k int, state *scanState, values []data.Value) {
	step := s.steps[k]
	assigned := step.assignment.run(s.env, s.chunk(state, values))
	row := append(slices.Clone(values[:s.width]), s.blank[s.width:]...)
	for i, a := range step.plan.Assignments {
		at := s.width + a.Declared
		row[at] = ofType(assigned[i].Value(0), s.blank[at].Type())
	}
	rows := slices.Clone(state.rows)
	rows[k] = row
	state.rows = rows
	switch step.plan.Output {
	case "none":
	case "last":
		state.pending = row
	default:
		s.emit(row, state.id)
	}
}

// settle writes what a step has kept back.
func (s *scanning) settle(k int) {
	if state := s.states[k]; state != nil && state.pending != nil {
		s.emit(state.pending, state.id)
		state.pending = nil
	}
}

func (s *scanning) emit(row []data.Value, id int64) {
	s.rows++
	at := 0
	for i, builder := range s.out {
		if i == s.plan.MatchID {
			builder.Append(data.OfLong(id))
			continue
		}
		builder.Append(row[at])
		at++
	}
}
