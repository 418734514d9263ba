package run

import (
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// A computing is expressions that are computed over all rows of a table.
type computing struct {
	columns  []int // of those that are plain columns, else -1
	programs []*program
	types    []data.Type
}

func (c *compiler) computing(exprs ...plan.Expr) (*computing, error) {
	x := &computing{}
	for _, e := range exprs {
		at := -1
		var p *program
		if column, ok := e.(*plan.Column); ok {
			at = column.Index
		} else {
			var err error
			if p, err = c.program(e); err != nil {
				return nil, err
			}
		}
		x.columns, x.programs, x.types = append(x.columns, at), append(x.programs, p), append(x.types, e.Type())
	}
	return x, nil
}

// over computes batch by batch, and counts what is made until it is released.
func (x *computing) over(e *env, table *data.Batch) (out []*data.Vector, held int64, err error) {
	for i, p := range x.programs {
		if p == nil {
			out = append(out, table.Columns[x.columns[i]])
			continue
		}
		if table.Len == 0 {
			out = append(out, data.NewVector(x.types[i], 0))
			continue
		}
		each := rowBytes([]data.Column{{Type: x.types[i]}})
		var pieces []*data.Vector
		for from := 0; from < table.Len; from += batchSize {
			part := table.Slice(from, min(from+batchSize, table.Len))
			v := p.one(e, wholeChunk(&part))
			pieces = append(pieces, v)
			bytes := contents(v) + int64(part.Len)*each
			held += bytes
			if err = e.hold(bytes); err == nil {
				err = e.ctx.Err()
			}
			if err != nil {
				e.meter.release(held)
				return nil, 0, err
			}
		}
		if len(pieces) == 1 {
			out = append(out, pieces[0].Expand())
			continue
		}
		out = append(out, data.Concat(x.types[i], pieces...))
	}
	return out, held, nil
}
