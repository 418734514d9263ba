package plan

import (
	"math"
	"strconv"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

func (s *scalars) member(e *syntax.Member) Expr {
	if base, ok := e.Base.(*syntax.NameRef); ok && (s.closed || s.row.find(base.Text) < 0) {
		if el, ok := s.row.elements[base.Text]; ok && !s.closed {
			return s.elementColumn(el, base.Text, e.Name)
		}
	}
	base := s.expr(e.Base)
	return s.step(base, data.KeyStep(e.Name.Text), e.Base, e.Name.Span)
}

func (s *scalars) elementColumn(el element, of string, n syntax.Name) Expr {
	for i, c := range el.cols {
		if c.Name == n.Text {
			if el.variable && s.match != nil {
				return s.match.variableColumn(el, i)
			}
			return &Column{Index: el.first + i, Of: c.Type}
		}
	}
	if s.row.partial {
		return failed{}
	}
	var names []string
	for _, c := range el.cols {
		names = append(names, c.Name)
	}
	s.problem(n.Span, codeColumn, "%s has no column %q%s", of, n.Text, meant(n.Text, names))
	return failed{}
}

// step goes one constant step into a dynamic.
func (s *scalars) step(base Expr, step data.Step, of syntax.Expr, at syntax.Span) Expr {
	switch base.Type() {
	case 0:
		return failed{}
	case data.Dynamic:
	default:
		s.problem(at, codeType, "only a dynamic has members, this is %s%s", describe(base), parseHint(base))
		return failed{}
	}
	if p, ok := base.(*Path); ok {
		steps := append(p.Steps[:len(p.Steps):len(p.Steps)], step)
		return &Path{Base: p.Base, Steps: steps}
	}
	return s.fold(&Path{Base: base, Steps: []data.Step{step}})
}

func parseHint(base Expr) string {
	if base.Type() == data.String {
		return "; parse it first with parse_json(…)"
	}
	return ""
}

func (s *scalars) index(e *syntax.Index) Expr {
	base, index := s.expr(e.Base), s.expr(e.Index)
	if isFailed(base) || isFailed(index) {
		return failed{}
	}
	if v, ok := constant(index); ok {
		if step, ok := stepOf(v); ok {
			return s.step(base, step, e.Base, e.Span)
		}
	}
	switch {
	case base.Type() != data.Dynamic:
		return s.step(base, data.Step{}, e.Base, e.Span)
	case index.Type() == data.Dynamic, index.Type() == data.String, index.Type() == data.Int, index.Type() == data.Long:
		return &Element{Base: base, Index: index}
	}
	s.problem(e.Index.At(), codeType, "an index is a number or a text, this is %s", describe(index))
	return failed{}
}

func stepOf(v data.Value) (data.Step, bool) {
	if v.Type() == data.Dynamic {
		v = v.Node().Value()
	}
	switch {
	case v.IsNull():
	case v.Type() == data.String:
		return data.KeyStep(v.Text()), true
	case v.Type() == data.Long || v.Type() == data.Int:
		if n := v.Long(); n >= math.MinInt32 && n <= math.MaxInt32 {
			return data.IndexStep(int(n)), true
		}
	}
	return data.Step{}, false
}

// indexLabel is what an index adds to a column's name: only a literal one.
func indexLabel(e syntax.Expr) string {
	lit, ok := e.(*syntax.Literal)
	if !ok || lit.Value.IsNull() {
		return ""
	}
	switch lit.Value.Type() {
	case data.String:
		return lit.Value.Text()
	case data.Int, data.Long:
		if lit.Value.Long() >= 0 {
			return strconv.FormatInt(lit.Value.Long(), 10)
		}
	}
	return ""
}
