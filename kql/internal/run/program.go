package run

import (
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// A frame is the evaluation of a program over one chunk.
type frame struct {
	env   *env
	chunk *chunk
	n     int
	slots []*data.Vector
	bytes int // of the texts and dynamics made so far
}

// load is that of a function of the frame.
func (f *frame) load(of data.Type) load {
	l := newLoad(f.env, of)
	l.bytes = &f.bytes
	return l
}

// An evaluator computes an expression for all rows of a frame.
type evaluator func(f *frame) *data.Vector

// A program is the expressions of one step; what occurs in them more than once
// is computed once a chunk.
type program struct {
	evaluators []evaluator
	slots      int
}

func (p *program) run(e *env, c *chunk) []*data.Vector {
	f := &frame{env: e, chunk: c, n: c.n, slots: make([]*data.Vector, p.slots)}
	out := make([]*data.Vector, len(p.evaluators))
	for i, evaluate := range p.evaluators {
		out[i] = evaluate(f)
	}
	return out
}

// one is run for a program of one expression.
func (p *program) one(e *env, c *chunk) *data.Vector { return p.run(e, c)[0] }

// program compiles the expressions of a step.
func (c *compiler) program(list ...plan.Expr) (*program, error) {
	s := &sharing{ids: map[string]int{}, memo: map[plan.Expr]int{}, count: map[int]int{}, slot: map[int]int{}}
	for _, e := range list {
		s.visit(e)
	}
	p := &program{evaluators: make([]evaluator, len(list))}
	inner := &exprCompiler{compiler: c, sharing: s}
	for i, e := range list {
		evaluate, err := inner.expr(e)
		if err != nil {
			return nil, err
		}
		p.evaluators[i] = evaluate
	}
	p.slots = len(s.slot)
	return p, nil
}

// sharing finds expressions that occur more than once: equal ones have one id.
type sharing struct {
	ids   map[string]int
	memo  map[plan.Expr]int
	count map[int]int
	slot  map[int]int
	fresh int
}

// visit counts an expression, and what it is made of the first time.
func (s *sharing) visit(e plan.Expr) {
	id := s.id(e)
	s.count[id]++
	if s.count[id] == 1 {
		for _, child := range children(e) {
			s.visit(child)
		}
	}
}

func (s *sharing) id(e plan.Expr) int {
	if id, ok := s.memo[e]; ok {
		return id
	}
	key, ok := s.key(e)
	id, known := s.ids[key]
	if !known || !ok {
		s.fresh++
		id = s.fresh
		if ok {
			s.ids[key] = id
		}
	}
	s.memo[e] = id
	return id
}

// key describes an expression by the ids of its parts; not ok: it is equal to no other.
func (s *sharing) key(e plan.Expr) (string, bool) {
	var b strings.Builder
	switch e := e.(type) {
	case *plan.Const:
		b.WriteString("const " + e.Type().String() + " ")
		b.Write(data.AppendKey(nil, e.Value))
	case *plan.Column:
		b.WriteString("column " + strconv.Itoa(e.Index))
	case *plan.Path:
		b.WriteString("path")
		for _, step := range e.Steps {
			b.WriteString(" " + strconv.Quote(step.Key) + strconv.Itoa(step.Index) + strconv.FormatBool(step.IsIndex))
		}
	case *plan.Element:
		b.WriteString("element")
	case *plan.Call:
		if e.Function.Volatile {
			return "", false
		}
		b.WriteString("call " + e.Function.Name)
	case *plan.Operator:
		b.WriteString("operator " + e.Op)
	case *plan.Negate:
		b.WriteString("negate")
	case *plan.Between:
		b.WriteString("between " + strconv.FormatBool(e.Negated))
	case *plan.Convert:
		b.WriteString("convert " + e.To.String())
	case *plan.Field:
		b.WriteString("field " + strconv.Itoa(e.Index))
	default:
		return "", false
	}
	for _, child := range children(e) {
		b.WriteString("," + strconv.Itoa(s.id(child)))
	}
	return b.String(), true
}

// children are the parts of an expression.
func children(e plan.Expr) []plan.Expr {
	switch e := e.(type) {
	case *plan.Path:
		return []plan.Expr{e.Base}
	case *plan.Element:
		return []plan.Expr{e.Base, e.Index}
	case *plan.Call:
		return e.Args
	case *plan.Window:
		return e.Args
	case *plan.Operator:
		return []plan.Expr{e.Left, e.Right}
	case *plan.Negate:
		return []plan.Expr{e.Operand}
	case *plan.In:
		return append([]plan.Expr{e.Left}, e.List...)
	case *plan.Between:
		return []plan.Expr{e.Operand, e.Low, e.High}
	case *plan.Convert:
		return []plan.Expr{e.Operand}
	case *plan.Field:
		return []plan.Expr{e.Call}
	case *plan.Quantified:
		return []plan.Expr{e.Body}
	}
	return nil
}

// any tells whether a condition holds for an expression or a part of it.
func anyExpr(e plan.Expr, holds func(plan.Expr) bool) bool {
	if e == nil {
		return false
	}
	if holds(e) {
		return true
	}
	for _, child := range children(e) {
		if anyExpr(child, holds) {
			return true
		}
	}
	return false
}

// volatile tells whether an expression's value differs from row to row by chance.
func volatile(e plan.Expr) bool {
	return anyExpr(e, func(e plan.Expr) bool {
		call, ok := e.(*plan.Call)
		return ok && call.Function.Volatile
	})
}

// fixed tells whether an expression is the same for every row of a run.
func fixed(e plan.Expr) bool {
	return !anyExpr(e, func(e plan.Expr) bool {
		switch e := e.(type) {
		case *plan.Column, *plan.Outer, *plan.Window, *plan.Quantified, *plan.GraphFact:
			return true
		case *plan.Call:
			return e.Function.Volatile
		}
		return false
	})
}
