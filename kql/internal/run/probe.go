package run

import (
	"github.com/bartizan-dev/bartizan/kql/data"
)

// fewMatches is up to how many right rows a key may have for a batch's result
// to be made in one piece on a worker.
const fewMatches = 16

// probe looks the left side up. Looking up runs on all workers; so does putting
// rows together where the result of a batch depends on that batch alone.
func (j *joining) probe(e *env, b *built, out emit) error {
	alone := true
	switch j.plan.Kind {
	case "inner", "leftouter":
		alone = b.most > fewMatches
	case "leftsemi", "leftanti":
		alone = false
	}
	width := len(j.left.columns)
	stages := func() ([]stage, error) {
		groups := b.groups.sharing()
		return []stage{func(e *env, c *chunk) (*chunk, error) {
			ids := make([]uint32, c.n)
			groups.look(j.leftKeys.run(e, c), ids)
			if !alone {
				return j.matched(b, c, ids), nil
			}
			return withIDs(c, ids), nil
		}}, nil
	}
	first, _ := stages() // has no error
	p := &parallel{env: e, first: first, more: stages, workers: e.workers, out: out}
	if alone {
		p.out = func(left *data.Batch) error {
			ids := left.Columns[width]
			left = &data.Batch{Len: left.Len, Columns: left.Columns[:width]}
			return j.pairs(e, b, left, ids.Longs, out)
		}
	}
	return p.run(j.left.run(e))
}

// withIDs appends the groups as a column, to hand them from a worker on.
func withIDs(c *chunk, ids []uint32) *chunk {
	longs := make([]int64, len(ids))
	for i, id := range ids {
		longs[i] = int64(id)
	}
	left := c.batch()
	columns := append(append([]*data.Vector{}, left.Columns...), &data.Vector{Type: data.Long, Len: left.Len, Longs: longs})
	return wholeChunk(&data.Batch{Len: left.Len, Columns: columns})
}

// matched is the result for one batch.
func (j *joining) matched(b *built, c *chunk, ids []uint32) *chunk {
	switch j.plan.Kind {
	case "leftsemi", "leftanti":
		keep := data.NewVector(data.Bool, c.n)
		for i, id := range ids {
			keep.Bools[i] = (len(b.of(id)) > 0) == (j.plan.Kind == "leftsemi")
		}
		return c.keep(keep)
	}
	left := make([]int32, 0, c.n)
	right := make([]int32, 0, c.n)
	for i, id := range ids {
		rows := b.of(id)
		for _, row := range rows {
			left, right = append(left, int32(i)), append(right, row)
		}
		if len(rows) == 0 && j.plan.Kind == "leftouter" {
			left, right = append(left, int32(i)), append(right, -1)
		}
	}
	if len(left) == 0 {
		return nil
	}
	return wholeChunk(j.together(b, c.batch(), left, right))
}

// together puts left and right rows side by side; a right row below 0 is nulls.
func (j *joining) together(b *built, left *data.Batch, leftRows, rightRows []int32) *data.Batch {
	result := &data.Batch{Len: len(leftRows), Columns: make([]*data.Vector, 0, len(left.Columns)+len(b.keep))}
	for _, v := range left.Columns {
		result.Columns = append(result.Columns, gathered(v, leftRows))
	}
	for _, v := range b.keep {
		result.Columns = append(result.Columns, v.Gather(rightRows))
	}
	return result
}

// gathered is Gather, but for rows that are all rows in order.
func gathered(v *data.Vector, rows []int32) *data.Vector {
	if len(rows) == v.Len {
		for i, row := range rows {
			if int(row) != i {
				return v.Gather(rows)
			}
		}
		return v
	}
	return v.Gather(rows)
}

// pairs hands out the result for one batch in pieces, for kinds that remember
// what earlier batches met and for keys with many rows.
func (j *joining) pairs(e *env, b *built, left *data.Batch, ids []int64, out emit) error {
	kind := j.plan.Kind
	var leftRows, rightRows []int32
	flush := func() error {
		if len(leftRows) == 0 {
			return nil
		}
		result := j.together(b, left, leftRows, rightRows)
		leftRows, rightRows = leftRows[:0], rightRows[:0]
		if err := e.ctx.Err(); err != nil {
			return err
		}
		return out(result)
	}
	for i, wide := range ids {
		id := uint32(wide)
		rows := b.of(id)
		if id != absent {
			if kind == "innerunique" && b.seen[id] {
				continue // the left side has one row a key: the first
			}
			b.seen[id] = true
		}
		if kind == "rightsemi" || kind == "rightanti" {
			continue
		}
		for _, row := range rows {
			leftRows, rightRows = append(leftRows, int32(i)), append(rightRows, row)
			if len(leftRows) >= batchSize {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		if len(rows) == 0 && (kind == "leftouter" || kind == "fullouter") {
			leftRows, rightRows = append(leftRows, int32(i)), append(rightRows, -1)
		}
	}
	return flush()
}
