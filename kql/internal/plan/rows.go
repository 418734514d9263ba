package plan

import (
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

func (b *binder) datatable(d *syntax.Datatable) *relation {
	cols := newColumns()
	for _, c := range d.Columns {
		if cols.used[c.Name.Text] {
			b.duplicate(c.Name)
			continue
		}
		cols.add(data.Column{Name: c.Name.Text, Type: c.Type})
	}
	width := len(cols.list)
	if width == 0 || len(d.Values)%width != 0 {
		b.problem(d.Span, codeValue, "datatable has %s for %s", count(len(d.Values), "value"), count(width, "column"))
		return &relation{node: &Rows{Base: Base{Cols: cols.list}, Batch: &data.Batch{}}}
	}
	rows := len(d.Values) / width
	batch := &data.Batch{Len: rows}
	for c, col := range cols.list {
		b.scope.Spend.on(cellBytes * rows)
		v := data.NewVector(col.Type, rows)
		for r := range rows {
			v.Put(r, b.cell(d.Values[r*width+c], col))
		}
		batch.Columns = append(batch.Columns, v)
	}
	return &relation{node: &Rows{Base: Base{Cols: cols.list}, Batch: batch}}
}

// cellBytes is what a value takes in a vector, beside a text's own bytes.
const cellBytes = 16

// cell is one value of a datatable, in its column's type.
func (b *binder) cell(e syntax.Expr, col data.Column) data.Value {
	if literal, ok := e.(*syntax.Literal); ok {
		if literal.Value.Type() == col.Type {
			b.scope.Spend.on(0)
			return literal.Value
		}
	}
	bound := b.constant(e)
	v, ok := constant(bound)
	if !ok {
		if !isFailed(bound) {
			b.problem(e.At(), codeValue, "datatable wants constants")
		}
		return data.Null(col.Type)
	}
	return data.Convert(v, col.Type)
}

func (b *binder) duplicate(n syntax.Name) {
	b.problem(n.Span, codeDuplicate, "column %q is declared twice", n.Text)
}

// print is a table of one row.
func (b *binder) print(p *syntax.Print) *relation {
	one := &relation{node: &Rows{Batch: &data.Batch{Len: 1}}, serial: true}
	s := b.over(one)
	list := &itemList{s: s, cols: newColumns(), print: true}
	for _, item := range p.Items {
		list.add(item)
	}
	if rows := constantRow(list); rows != nil {
		return &relation{node: rows, serial: true}
	}
	r := made(list.project(one.node))
	r.serial = true
	return r
}

func constantRow(list *itemList) *Rows {
	rows := &Rows{Base: Base{Cols: list.cols.list}, Batch: &data.Batch{Len: 1}}
	for _, e := range list.exprs {
		v, ok := constant(e)
		if !ok {
			return nil
		}
		vector := data.NewVector(e.Type(), 1)
		vector.Put(0, v)
		rows.Batch.Columns = append(rows.Batch.Columns, vector)
	}
	return rows
}

func (b *binder) rangeOf(src *syntax.Range) *relation {
	s := &scalars{binder: b, row: noRow}
	low, high, step := s.expr(src.From), s.expr(src.To), s.expr(src.Step)
	of := rangeType(low.Type(), high.Type(), step.Type())
	node := &Range{Base: Base{Cols: []data.Column{{Name: src.Name.Text, Type: of}}}, Low: low, High: high, Step: step}
	if isFailed(low) || isFailed(high) || isFailed(step) {
		return made(node)
	}
	stepType := of
	if of == data.DateTime {
		stepType = data.TimeSpan
	}
	if of == 0 || fitType(of, low.Type()) < 0 || fitType(of, high.Type()) < 0 || fitType(stepType, step.Type()) < 0 {
		b.problem(src.Span, codeType, "range goes over numbers, datetimes or timespans, this is from %s to %s step %s", describe(low), describe(high), describe(step))
		return made(node)
	}
	for _, bound := range []Expr{low, high, step} {
		if !stable(bound) {
			b.problem(src.Span, codeValue, "range wants constants")
		}
	}
	if v, ok := constant(step); ok && isZero(v) {
		b.problem(src.Step.At(), codeValue, "the step of range is zero")
	}
	node.Low, node.High, node.Step = s.convert(low, of), s.convert(high, of), s.convert(step, stepType)
	return &relation{node: node, serial: true}
}

// rangeType is the type of range's column: of numbers, the widest of the three.
func rangeType(low, high, step data.Type) data.Type {
	switch {
	case low == data.DateTime || low == data.TimeSpan:
		return low
	case low == data.Dynamic && !isNumber(step):
		return step
	case low != data.Dynamic && !isNumber(low) || !isNumber(step):
		return 0
	}
	of := step
	for _, t := range []data.Type{low, high} {
		if isNumber(t) {
			of = max(of, t)
		}
	}
	return of
}
