package run

import (
	"errors"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// batchSize is how many rows a batch has where we choose.
const batchSize = 4096

// errStop ends a stream early without a fault: the consumer has enough. It
// comes back out of the stream that emit was given to; whoever returned it
// first takes it back (see enough).
var errStop = errors.New("enough rows")

// An emit takes a batch; an error ends the stream.
type emit func(*data.Batch) error

// A stream hands all its batches to emit, in order.
type stream func(emit) error

// enough takes errStop back where it was given by this consumer itself.
func enough(err error, mine bool) error {
	if mine && errors.Is(err, errStop) {
		return nil
	}
	return err
}

// sliced hands out a large batch in pieces.
func sliced(b *data.Batch, out emit) error {
	if b.Len <= batchSize+batchSize/2 {
		if b.Len == 0 {
			return nil
		}
		return out(b)
	}
	for from := 0; from < b.Len; from += batchSize {
		piece := b.Slice(from, min(from+batchSize, b.Len))
		if err := out(&piece); err != nil {
			return err
		}
	}
	return nil
}

// fromBatches is a stream of batches at hand.
func fromBatches(e *env, batches []*data.Batch) stream {
	return func(out emit) error {
		for _, b := range batches {
			if err := e.ctx.Err(); err != nil {
				return err
			}
			if err := sliced(b, out); err != nil {
				return err
			}
		}
		return nil
	}
}

// collect gathers a step's batches and counts their memory.
func collect(e *env, s *step) (batches []*data.Batch, held int64, err error) {
	err = s.run(e)(func(b *data.Batch) error {
		batches = append(batches, b)
		size := bytesOf(b, s.lent)
		held += size
		return e.hold(size)
	})
	return batches, held, err
}

// joined is all batches as one; types are those of the columns. It fails where
// the run is cancelled before a column is copied.
func joined(e *env, columns []data.Column, batches []*data.Batch) (*data.Batch, error) {
	if len(batches) == 1 {
		b := &data.Batch{Len: batches[0].Len, Columns: make([]*data.Vector, len(columns))}
		for i := range columns {
			b.Columns[i] = batches[0].Columns[i].Expand()
		}
		return b, nil
	}
	out := &data.Batch{Columns: make([]*data.Vector, len(columns))}
	for _, b := range batches {
		out.Len += b.Len
	}
	concat := func(i int) {
		if e.ctx.Err() != nil {
			return
		}
		vectors := make([]*data.Vector, len(batches))
		for k, b := range batches {
			vectors[k] = b.Columns[i]
		}
		out.Columns[i] = data.Concat(columns[i].Type, vectors...)
	}
	if out.Len < manyRows {
		for i := range columns {
			concat(i)
		}
		return out, e.ctx.Err()
	}
	together(len(columns), concat)
	return out, e.ctx.Err()
}

// manyRows is from how many rows on columns are copied at the same time.
const manyRows = 1 << 16

// wholeTable is all rows of a step as one batch, counted as held until
// released. While they are copied together they stand in memory twice.
func wholeTable(e *env, s *step) (b *data.Batch, held int64, err error) {
	batches, held, err := collect(e, s)
	before, rows := int64(0), 0
	for _, b := range batches {
		rows += b.Len
		for _, v := range b.Columns {
			before += references(v)
		}
	}
	copied := int64(rows) * rowBytes(s.columns)
	if err == nil {
		held += copied
		err = e.hold(copied)
	}
	if err != nil {
		e.meter.release(held)
		return nil, 0, err
	}
	if b, err = joined(e, s.columns, batches); err != nil {
		e.meter.release(held)
		return nil, 0, err
	}
	e.meter.release(before)
	return b, held - before, nil
}

// overWhole runs a step that needs all of its input at once; the table is
// counted as held until the step is done with it.
func overWhole(input *step, do func(e *env, table *data.Batch, out emit) error) runner {
	return func(e *env) stream {
		return func(out emit) error {
			table, held, err := wholeTable(e, input)
			if err != nil {
				return err
			}
			defer e.meter.release(held)
			return do(e, table, out)
		}
	}
}
