package plan

import (
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/operator"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// A hunt is what search and find have in common: conditions over many tables.
type hunt struct {
	at            syntax.Span
	in            []syntax.Source
	predicate     syntax.Expr
	caseSensitive bool
	source        string
	find          *syntax.Find
}

func searchOf(op *syntax.Search) hunt {
	return hunt{at: op.Word.Span, in: op.In, predicate: op.Predicate, caseSensitive: op.CaseSensitive, source: "$table"}
}

func findOf(op *syntax.Find) hunt {
	h := hunt{at: op.Word.Span, in: op.In, predicate: op.Predicate, source: "source_", find: op}
	if op.WithSource != "" {
		h.source = op.WithSource
	}
	return h
}

// search binds the conditions over each table; a column that only others have is null in it.
func (b *binder) search(in *relation, h hunt) *relation {
	legs := b.hunted(in, h)
	if len(legs) == 0 {
		b.problem(h.at, codeTable, "there is no table to look through")
		return nothing()
	}
	for i, leg := range legs {
		legs[i] = b.await(leg)
	}
	elsewhere, partial := columnsOf(legs)
	if h.find != nil {
		legs = b.asked(legs, h.predicate, elsewhere)
	}
	for i, leg := range legs {
		s := b.over(leg)
		s.row.elsewhere, s.row.partial = elsewhere, s.row.partial || partial
		legs[i] = leg.keeping(&Filter{b.over1(leg), s.sought(h.predicate, h.caseSensitive)})
	}
	if h.find != nil {
		return b.findColumns(legs, h)
	}
	return b.joinLegs(legs, h.source, false)
}

// columnsOf gives the types of the tables' columns, of the first table that has
// one, and whether there may be more columns.
func columnsOf(legs []*relation) (types map[string]data.Type, partial bool) {
	types = map[string]data.Type{}
	for _, leg := range legs {
		for _, c := range leg.cols() {
			if _, ok := types[c.Name]; !ok {
				types[c.Name] = c.Type
			}
		}
		partial = partial || leg.partial
	}
	return types, partial
}

// isTerm tells a text, or what a let or parameter names one, from a condition.
func (b *binder) isTerm(e syntax.Expr, columns map[string]data.Type) bool {
	switch e := e.(type) {
	case *syntax.Literal:
		return e.Value.Type() == data.String
	case *syntax.NameRef:
		d := b.names.find(e.Text)
		_, isColumn := columns[e.Text]
		return !isColumn && d != nil && d.value != nil && d.value.Type() == data.String
	}
	return false
}

// asked are the tables that find looks through: as Kusto's analyser says, those
// that have any column that the condition names; all, where it names none or
// looks through all columns.
func (b *binder) asked(legs []*relation, predicate syntax.Expr, types map[string]data.Type) []*relation {
	named := map[string]bool{}
	visitAll(predicate, func(n syntax.Name) {
		if _, ok := types[n.Text]; ok {
			named[n.Text] = true
		}
	})
	if len(named) == 0 || b.looksThroughAll(predicate, types) {
		return legs
	}
	return slices.DeleteFunc(legs, func(leg *relation) bool {
		return !leg.partial && !slices.ContainsFunc(leg.cols(), func(c data.Column) bool { return named[c.Name] })
	})
}

// looksThroughAll tells whether a condition has a text alone or * before an operator.
func (b *binder) looksThroughAll(e syntax.Expr, columns map[string]data.Type) bool {
	if b.isTerm(e, columns) {
		return true
	}
	switch e := e.(type) {
	case *syntax.Binary:
		if op := strings.ToLower(e.Op); op == "and" || op == "or" {
			return b.looksThroughAll(e.Left, columns) || b.looksThroughAll(e.Right, columns)
		}
		return isStar(e.Left)
	case *syntax.In:
		return isStar(e.Left)
	case *syntax.Call:
		return e.Function.Text == "not" && len(e.Args) == 1 && b.looksThroughAll(e.Args[0].Value, columns)
	}
	return false
}

func isStar(e syntax.Expr) bool {
	_, ok := e.(*syntax.Star)
	return ok
}

func (b *binder) hunted(in *relation, h hunt) []*relation {
	if in != nil {
		return []*relation{in}
	}
	if len(h.in) == 0 {
		return b.matching(syntax.Name{Text: "*", Span: h.at})
	}
	var legs []*relation
	for _, src := range h.in {
		legs = append(legs, b.legsOf(src, false)...)
	}
	return legs
}

// sought binds what is searched for: * alone is every row.
func (s *scalars) sought(e syntax.Expr, caseSensitive bool) Expr {
	if isStar(e) {
		return &Const{data.OfBool(true)}
	}
	return s.terms(e, caseSensitive)
}

// terms binds a search's condition: a text alone is looked for in every column.
func (s *scalars) terms(e syntax.Expr, caseSensitive bool) Expr {
	if s.isTerm(e, s.row.elsewhere) {
		return s.anyHas(s.expr(e), caseSensitive)
	}
	switch e := e.(type) {
	case *syntax.Binary:
		if op := strings.ToLower(e.Op); op == "and" || op == "or" {
			return s.operate(e, op, s.terms(e.Left, caseSensitive), s.terms(e.Right, caseSensitive))
		}
		if e.Op == ":" {
			return s.columnTerm(e, caseSensitive)
		}
	case *syntax.Call:
		if not, ok := function.FindScalar("not"); ok && e.Function.Text == "not" && len(e.Args) == 1 {
			inner := s.terms(e.Args[0].Value, caseSensitive)
			return &Call{Function: not, Args: []Expr{inner}, Known: []function.Arg{{Type: data.Bool}}, Of: data.Bool}
		}
	}
	return s.boolean(e)
}

// columnTerm is column : text, or * : text for any column. A constant that is
// no text counts as its text.
func (s *scalars) columnTerm(e *syntax.Binary, caseSensitive bool) Expr {
	text := s.expr(e.Right)
	if v, ok := constant(text); ok {
		text = &Const{data.Convert(v, data.String)}
	}
	if isStar(e.Left) {
		return s.anyHas(text, caseSensitive)
	}
	if ref, ok := e.Left.(*syntax.NameRef); ok && s.row.find(ref.Text) < 0 {
		if _, ok := s.row.elsewhere[ref.Text]; ok {
			return &Const{data.OfBool(false)}
		}
	}
	column := s.expr(e.Left)
	if isFailed(column) || isFailed(text) {
		return failedOf{data.Bool}
	}
	if has := s.has(column, text, caseSensitive); has != nil {
		return has
	}
	s.problem(e.Span, codeType, `":" stands between a column and a text, these are %s and %s`, describe(column), describe(text))
	return failedOf{data.Bool}
}

// anyHas looks for a term in all columns.
func (s *scalars) anyHas(text Expr, caseSensitive bool) Expr {
	if isFailed(text) {
		return failedOf{data.Bool}
	}
	return s.orOver(s.row.visible(), func(col Expr) Expr { return s.has(col, text, caseSensitive) })
}

// has looks for a term in a value; * at the term's ends or inside stands for any
// text. It is nil where the two cannot meet.
func (s *scalars) has(value, text Expr, caseSensitive bool) Expr {
	op := ":"
	if known, ok := constant(text); ok {
		var rest string
		if op, rest = operator.Sought(known.Text()); op == "" {
			return &Const{data.OfBool(true)}
		}
		if op == "matches regex" && !caseSensitive {
			rest = "(?i)" + rest
		}
		text = &Const{data.OfString(rest)}
	}
	if op != "matches regex" && caseSensitive {
		op += "_cs"
	}
	return s.columnMeets(value, op, text)
}

// findColumns gives find's columns: the source, those asked for or those that
// all tables share and the condition names, and a bag of the rest.
func (b *binder) findColumns(legs []*relation, h hunt) *relation {
	if h.find.Project == nil && !h.find.PackAll {
		return b.smartColumns(legs, h)
	}
	var wanted []data.Column
	for _, c := range h.find.Project {
		if c.Name.Text == "*" {
			for _, u := range unionColumns(shownLegs(legs)) {
				wanted = append(wanted, u.in)
			}
			continue
		}
		wanted = append(wanted, data.Column{Name: c.Name.Text, Type: b.findType(legs, c)})
	}
	return b.packLegs(legs, h, wanted, h.find.PackAll)
}

func (b *binder) findType(legs []*relation, c syntax.FindColumn) data.Type {
	if c.Type != 0 {
		return c.Type
	}
	for _, leg := range legs {
		if i := leg.find(c.Name.Text); i >= 0 {
			return leg.cols()[i].Type
		}
	}
	if slices.ContainsFunc(legs, func(leg *relation) bool { return leg.partial }) {
		return 0
	}
	b.problem(c.Name.Span, codeColumn, "none of the tables has a column %q", c.Name.Text)
	return data.Dynamic
}

// smartColumns are what all tables have, then what the condition names, then a
// bag of the rest where there is any.
func (b *binder) smartColumns(legs []*relation, h hunt) *relation {
	if len(legs) == 1 {
		return b.joinLegs(legs, h.source, false)
	}
	shown := shownLegs(legs)
	cols, shared := unionColumns(shown), inAll(shown, func(c data.Column) data.Column { return c })
	var wanted []data.Column
	add := func(meets func(data.Column) bool) {
		for _, c := range cols {
			if meets(c.in) && !slices.Contains(wanted, c.in) {
				wanted = append(wanted, c.in)
			}
		}
	}
	add(func(c data.Column) bool { return shared[c] })
	visitAll(h.predicate, func(n syntax.Name) {
		add(func(c data.Column) bool { return c.Name == n.Text })
	})
	return b.packLegs(legs, h, wanted, len(wanted) < len(cols))
}

// shownLegs are tables without what they hide.
func shownLegs(legs []*relation) []*relation {
	shown := make([]*relation, len(legs))
	for i, leg := range legs {
		shown[i] = leg.shown()
	}
	return shown
}

// packLegs projects each table to the wanted columns and packs the others.
func (b *binder) packLegs(legs []*relation, h hunt, wanted []data.Column, pack bool) *relation {
	var narrow []*relation
	for _, leg := range legs {
		narrow = append(narrow, b.packLeg(leg, wanted, pack, h.at))
	}
	return b.joinLegs(narrow, h.source, false)
}

func (b *binder) packLeg(leg *relation, wanted []data.Column, pack bool, at syntax.Span) *relation {
	s := b.over(leg)
	p := &Project{Base: Base{From: []Node{leg.node}}}
	used := map[int]bool{}
	for _, c := range wanted {
		e := missing(c.Type)
		if i := leg.find(c.Name); i >= 0 {
			used[i] = true
			e = s.convert(column(leg.cols(), i), c.Type)
		}
		p.Cols, p.Exprs = append(p.Cols, c), append(p.Exprs, e)
	}
	if pack {
		p.Cols = append(p.Cols, data.Column{Name: "pack_", Type: data.Dynamic})
		p.Exprs = append(p.Exprs, s.bagOf(func(i int) bool { return !used[i] }, at))
	}
	packed := leg.keeping(p)
	packed.hidden = nil
	return packed
}

// bagOf packs some of the row's columns.
func (s *scalars) bagOf(wanted func(int) bool, at syntax.Span) Expr {
	f, ok := function.FindScalar("bag_pack")
	if !ok {
		return failed{}
	}
	c := &Call{Function: f, Of: data.Dynamic}
	for _, i := range s.row.visible() {
		if wanted(i) {
			name := data.OfString(s.row.cols[i].Name)
			value := s.columnArgument(i, at)
			c.Args = append(c.Args, &Const{name}, value.expr)
			c.Known = append(c.Known, function.Arg{Type: data.String, Const: &name}, value.known)
		}
	}
	return c
}

// visitAll visits the names in any expression.
func visitAll(e syntax.Expr, visit func(syntax.Name)) {
	switch e := e.(type) {
	case *syntax.In:
		visitAll(e.Left, visit)
		for _, item := range e.List {
			visitAll(item, visit)
		}
	case *syntax.Between:
		visitAll(e.Left, visit)
		visitAll(e.Low, visit)
		visitAll(e.High, visit)
	case *syntax.Binary:
		visitAll(e.Left, visit)
		visitAll(e.Right, visit)
	case *syntax.Call:
		for _, a := range e.Args {
			visitAll(a.Value, visit)
		}
	default:
		visitNames(e, visit)
	}
}
