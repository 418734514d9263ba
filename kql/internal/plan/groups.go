package plan

import (
	"reflect"
	"strconv"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// groups collects the keys and aggregates of summarize and its like. An
// expression over aggregates is bound over a row of the keys and of all
// aggregates' outputs.
type groups struct {
	keys  []Expr
	named []data.Column
	// bare are the columns of the input that are keys as they are: * leaves these out.
	bare map[int]bool
	aggs []Aggregation
	outs []data.Column
	// first is where an aggregate's outputs begin in outs.
	first []int
	// hideKeys: expressions see the aggregates only (make-series).
	hideKeys bool
	// lost: an aggregate failed that may have further columns.
	lost bool
	// unknown counts the calls of unknown functions around what is bound.
	unknown int
	windows int
}

func (g *groups) offset() int {
	if g.hideKeys {
		return 0
	}
	return len(g.keys)
}

// key is a column of the input outside of aggregates: it must be a key.
func (g *groups) key(s *scalars, n syntax.Name, i int) Expr {
	for k, e := range g.keys {
		if c, ok := e.(*Column); ok && c.Index == i && !g.hideKeys {
			return &Column{Index: k, Of: c.Of}
		}
	}
	if g.unknown > 0 {
		return failed{}
	}
	s.problem(n.Span, codeType, "%q stands outside of an aggregate; want an aggregate of it, e.g. take_any(%s), or it behind by", n.Text, n.Text)
	return failed{}
}

func (g *groups) keyNamed(name string) Expr {
	if g.hideKeys {
		return nil
	}
	for k, c := range g.named {
		if c.Name == name {
			return &Column{Index: k, Of: c.Type}
		}
	}
	return nil
}

// aggregate binds a call of an aggregate as a value: its first output.
func (g *groups) aggregate(s *scalars, f *function.Aggregate, e *syntax.Call) Expr {
	i := g.add(s, f, e)
	if i < 0 || len(g.outputs(i)) == 0 {
		return failed{}
	}
	return g.output(i, 0)
}

func (g *groups) output(i, n int) *Column {
	at := g.first[i] + n
	return &Column{Index: g.offset() + at, Of: g.outs[at].Type}
}

// outputs are the columns of aggregate i.
func (g *groups) outputs(i int) []data.Column {
	end := len(g.outs)
	if i+1 < len(g.first) {
		end = g.first[i+1]
	}
	return g.outs[g.first[i]:end]
}

// add binds an aggregate and gives its number, -1 after a problem. The same
// aggregate is computed once.
func (g *groups) add(s *scalars, f *function.Aggregate, e *syntax.Call) int {
	inner := &scalars{binder: s.binder, row: s.row, closed: s.closed}
	agg, outs := inner.aggregation(f, e, g.bare)
	g.windows += inner.windows
	if agg == nil {
		return -1
	}
	for i, a := range g.aggs {
		if a.Function == agg.Function && reflect.DeepEqual(a.Args, agg.Args) && reflect.DeepEqual(g.outputs(i), outs) {
			return i
		}
	}
	g.aggs = append(g.aggs, *agg)
	g.first = append(g.first, len(g.outs))
	g.outs = append(g.outs, outs...)
	return len(g.aggs) - 1
}

// aggregation binds a call of an aggregate: its arguments over the input's
// rows, and its output columns; an output without a name of its own has "".
func (s *scalars) aggregation(f *function.Aggregate, e *syntax.Call, keys map[int]bool) (*Aggregation, []data.Column) {
	args := s.arguments(e.Args)
	if f.Refused != "" {
		s.problem(e.Function.Span, codeRefused, "%s() is not available: %s", f.Name, f.Refused)
		return nil, nil
	}
	if f.Name == "count" && len(args) == 1 && !isCondition(args[0]) {
		args = nil // count(x) counts rows, as the documentation shows; the analyser knows no such form
	}
	o := s.resolve(f.Name, f.Signatures, args, e)
	if o == nil {
		return nil, nil
	}
	args, params := s.spread(args, o.params, keys)
	if !s.checkKinds(f.Name, params, args) {
		return nil, nil
	}
	agg := &Aggregation{Function: f}
	for _, a := range args {
		agg.Args, agg.Known = append(agg.Args, a.expr), append(agg.Known, a.known)
	}
	s.convertArgs(params, agg.Args, agg.Known)
	of, err := o.result(agg.Known, agg.Args, f.Type)
	if err != nil {
		s.problem(e.Span, codeType, "%s(): %v", f.Name, err)
		return nil, nil
	}
	if f.Outputs == nil {
		return agg, []data.Column{{Type: of}}
	}
	outs := f.Outputs(agg.Known)
	for i := range outs {
		if outs[i].Name == "" {
			outs[i].Name = unnamedOutput(f.Name, agg.Known, i)
		}
	}
	return agg, outs
}

// isCondition: people write count(properties.size) too, and mean the rows.
func isCondition(a argument) bool {
	t := a.expr.Type()
	return t == data.Bool || t == 0
}

// unnamedOutput is the name of an output whose argument has none.
func unnamedOutput(aggregate string, args []function.Arg, i int) string {
	prefix := "any"
	switch aggregate {
	case "arg_max":
		prefix = "max_"
	case "arg_min":
		prefix = "min_"
	}
	if prefix != "any" && len(args) > 0 {
		prefix += args[0].Name
	}
	if i == 0 && prefix != "any" {
		return prefix
	}
	return prefix + "_arg" + strconv.Itoa(i)
}

// spread replaces * by the columns that are neither a key nor an argument before it.
func (s *scalars) spread(args []argument, params []*function.Param, keys map[int]bool) ([]argument, []*function.Param) {
	var all []argument
	var of []*function.Param
	given, star := map[int]bool{}, false
	for i, a := range args {
		if !a.known.Star {
			c, ok := a.expr.(*Column)
			if ok && star && given[c.Index] {
				continue // * stood for it already
			}
			if ok {
				given[c.Index] = true
			}
			all, of = append(all, a), append(of, params[i])
			continue
		}
		star = true
		for _, c := range s.row.visible() {
			if !given[c] && !keys[c] {
				given[c] = true
				all, of = append(all, s.columnArgument(c, a.at)), append(of, params[i])
			}
		}
	}
	return all, of
}

// by binds the keys of groups. In summarize, distinct and facet they are not dynamic.
func (b *binder) by(s *scalars, items []syntax.Named, cols *columns, mayBeDynamic bool) *groups {
	g := &groups{bare: map[int]bool{}}
	for _, item := range items {
		e := s.expr(item.Value)
		if e.Type() == data.Dynamic && !mayBeDynamic {
			b.problem(item.Value.At(), codeType, "a dynamic cannot be a key; cast it first, e.g. tostring(…)")
			e = failed{}
		}
		name, ok := b.itemName(s, item, cols)
		if !ok {
			continue
		}
		if c, ok := e.(*Column); ok {
			g.bare[c.Index] = true
		}
		cols.add(data.Column{Name: name, Type: e.Type()})
		g.keys = append(g.keys, e)
		g.named = append(g.named, data.Column{Name: name, Type: e.Type()})
	}
	return g
}

// itemName names a column: as written, or by its expression.
func (b *binder) itemName(s *scalars, item syntax.Named, cols *columns) (string, bool) {
	written := item.Written()
	if written == nil {
		return cols.named(s.label(item.Value)), true
	}
	name, ok := cols.declare(written.Text)
	if !ok {
		b.duplicate(*written)
	}
	return name, ok
}
