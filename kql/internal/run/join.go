package run

import (
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// A joining is a join's plan made ready: the right side is built into a table
// of keys, the left side is looked up in it, so that rows come in the order of
// the left side, and for one left row in that of the right side. Null keys
// match nothing.
type joining struct {
	plan        *plan.Join
	left, right *step
	leftKeys    *program
	rightKeys   *program
	keepRight   []int
}

func (c *compiler) join(n *plan.Join) (runner, error) {
	left, err := c.node(n.From[0])
	if err != nil {
		return nil, err
	}
	right, err := c.node(n.From[1])
	if err != nil {
		return nil, err
	}
	j := &joining{plan: n, left: left, right: right}
	if j.leftKeys, err = c.program(n.LeftKeys...); err != nil {
		return nil, err
	}
	if j.rightKeys, err = c.program(n.RightKeys...); err != nil {
		return nil, err
	}
	for i := range right.columns {
		if !slices.Contains(n.DropRight, i) {
			j.keepRight = append(j.keepRight, i)
		}
	}
	return func(e *env) stream {
		return func(out emit) error { return j.run(e, out) }
	}, nil
}

func (j *joining) run(e *env, out emit) error {
	b, err := j.build(e)
	if err != nil {
		return err
	}
	defer func() { e.meter.release(b.held) }()
	if err := j.probe(e, b, out); err != nil {
		return err
	}
	switch j.plan.Kind {
	case "rightouter", "fullouter":
		return b.rest(e, len(j.left.columns), j.left.columns, b.unmatched(), out)
	case "rightanti":
		return inOrder(e, b.table, b.unmatched(), out)
	case "rightsemi":
		return inOrder(e, b.table, b.matchedRows(), out)
	}
	return nil
}

// A built side has its rows by group: rows[starts[g]:starts[g+1]].
type built struct {
	table  *data.Batch
	keep   []*data.Vector // the columns that go into the result
	groups *grouping
	ids    []uint32
	starts []int32
	rows   []int32
	most   int32  // rows of the largest group
	seen   []bool // groups met on the left side
	held   int64
}

func (j *joining) build(e *env) (*built, error) {
	table, held, err := wholeTable(e, j.right)
	if err != nil {
		return nil, err
	}
	types := make([]data.Type, len(j.plan.RightKeys))
	for i, key := range j.plan.RightKeys {
		types[i] = key.Type()
	}
	b := &built{table: table, groups: newGrouping(types), ids: make([]uint32, table.Len), held: held}
	b.groups.number(j.rightKeys.run(e, wholeChunk(table)), b.ids)
	for _, i := range j.keepRight {
		b.keep = append(b.keep, table.Columns[i])
	}
	b.arrange()
	more := b.groups.bytes() + 8*int64(table.Len)
	b.held += more
	if err := e.hold(more); err != nil {
		e.meter.release(b.held)
		return nil, err
	}
	return b, nil
}

// arrange puts the rows of each group together. Groups with a null keep none.
func (b *built) arrange() {
	size := b.groups.len()
	null := func(uint32) bool { return false }
	if len(b.groups.columns) > 0 {
		null = b.groups.hasNull()
	}
	b.seen = make([]bool, size)
	b.starts = make([]int32, size+1)
	for i, id := range b.ids {
		if null(id) {
			b.ids[i] = absent
			continue
		}
		b.starts[id+1]++
		b.most = max(b.most, b.starts[id+1])
	}
	for g := range size {
		b.starts[g+1] += b.starts[g]
	}
	b.rows = make([]int32, b.starts[size])
	next := slices.Clone(b.starts)
	for i, id := range b.ids {
		if id != absent {
			b.rows[next[id]] = int32(i)
			next[id]++
		}
	}
}

// of are the right rows of a group.
func (b *built) of(id uint32) []int32 {
	if id == absent {
		return nil
	}
	return b.rows[b.starts[id]:b.starts[id+1]]
}

func (b *built) unmatched() []int32 {
	var rows []int32
	for i, id := range b.ids {
		if id == absent || !b.seen[id] {
			rows = append(rows, int32(i))
		}
	}
	return rows
}

func (b *built) matchedRows() []int32 {
	var rows []int32
	for i, id := range b.ids {
		if id != absent && b.seen[id] {
			rows = append(rows, int32(i))
		}
	}
	return rows
}

// rest hands out right rows that nothing on the left matches.
func (b *built) rest(e *env, width int, left []data.Column, rows []int32, out emit) error {
	for from := 0; from < len(rows); from += batchSize {
		if err := e.ctx.Err(); err != nil {
			return err
		}
		piece := rows[from:min(from+batchSize, len(rows))]
		result := &data.Batch{Len: len(piece), Columns: make([]*data.Vector, 0, width+len(b.keep))}
		for _, column := range left {
			result.Columns = append(result.Columns, data.Constant(data.Null(column.Type), len(piece)))
		}
		for _, v := range b.keep {
			result.Columns = append(result.Columns, v.Gather(piece))
		}
		if err := out(result); err != nil {
			return err
		}
	}
	return nil
}
