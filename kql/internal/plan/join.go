package plan

import (
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// joinKinds maps what may be written to the kinds of Join.
var joinKinds = map[string]string{
	"": "innerunique", "innerunique": "innerunique", "inner": "inner",
	"leftouter": "leftouter", "rightouter": "rightouter", "fullouter": "fullouter", "outer": "fullouter",
	"leftsemi": "leftsemi", "rightsemi": "rightsemi",
	"leftanti": "leftanti", "leftantisemi": "leftanti", "anti": "leftanti",
	"rightanti": "rightanti", "rightantisemi": "rightanti",
}

func (b *binder) join(left *relation, op *syntax.Join) *relation {
	kind, ok := joinKinds[strings.ToLower(op.Kind)]
	if !ok { // the parser has told
		kind = "inner"
	}
	right := b.rightSide(op, op.Right)
	j := &Join{Kind: kind}
	b.joinKeys(j, left, right, op.On, op.Word.Span)
	return b.joined(j, left, right, nil)
}

func (b *binder) rightSide(op syntax.Operator, src syntax.Source) *relation {
	right := b.await(b.isolated(func() *relation { return b.source(src) }))
	if b.visitRight != nil {
		b.visitRight(op, right)
	}
	return right
}

func (b *binder) lookup(left *relation, op *syntax.Lookup) *relation {
	kind := strings.ToLower(op.Kind)
	if kind != "inner" {
		kind = "leftouter" // the parser has told of others
	}
	right := b.rightSide(op, op.Right)
	j := &Join{Kind: kind}
	b.joinKeys(j, left, right, op.On, op.Word.Span)
	dropped := map[int]bool{}
	for _, k := range j.RightKeys {
		if c, ok := stripConvert(k).(*Column); ok {
			dropped[c.Index] = true
		}
	}
	return b.joined(j, left, right, dropped)
}

func stripConvert(e Expr) Expr {
	for {
		c, ok := e.(*Convert)
		if !ok {
			return e
		}
		e = c.Operand
	}
}

// joined names the result's columns: of the right side's those that the left
// side has too get a number.
func (b *binder) joined(j *Join, left, right *relation, dropped map[int]bool) *relation {
	j.From = []Node{left.node, right.node}
	partial := left.partial || right.partial
	switch j.Kind {
	case "leftsemi", "leftanti":
		j.Cols = left.cols()
		return &relation{node: j, hidden: left.hidden, partial: left.partial}
	case "rightsemi", "rightanti":
		j.Cols = right.cols()
		return &relation{node: j, hidden: right.hidden, partial: right.partial}
	}
	cols := newColumns(left.cols()...)
	var hidden []bool
	if left.hidden != nil || right.hidden != nil {
		hidden = append(make([]bool, 0, len(left.cols())+len(right.cols())), left.hidden...)[:len(left.cols())]
	}
	for i, c := range right.cols() {
		if !dropped[i] && !cols.used[c.Name] {
			cols.used[c.Name] = true
		}
	}
	onLeft := newColumns(left.cols()...)
	for i, c := range right.cols() {
		if dropped[i] {
			j.DropRight = append(j.DropRight, i)
			continue
		}
		if onLeft.used[c.Name] {
			c.Name = cols.numbered(c.Name)
		}
		cols.add(c)
		if hidden != nil {
			hidden = append(hidden, right.isHidden(i))
		}
	}
	j.Cols = cols.list
	return &relation{node: j, hidden: hidden, partial: partial}
}

// joinKeys binds the conditions, which "and" may join as well as commas.
func (b *binder) joinKeys(j *Join, left, right *relation, on []syntax.Expr, at syntax.Span) {
	if len(on) == 0 {
		b.problem(at, codeArguments, "join wants a condition: on column, or on $left.a == $right.b")
	}
	for _, e := range on {
		b.joinCondition(j, left, right, e)
	}
}

func (b *binder) joinCondition(j *Join, left, right *relation, e syntax.Expr) {
	switch e := e.(type) {
	case *syntax.NameRef:
		b.joinColumn(j, left, right, e)
		return
	case *syntax.Binary:
		switch {
		case strings.EqualFold(e.Op, "and"):
			b.joinCondition(j, left, right, e.Left)
			b.joinCondition(j, left, right, e.Right)
			return
		case e.Op == "==":
			b.joinEqual(j, left, right, e)
			return
		}
	case *syntax.Bad:
		return
	}
	b.problem(e.At(), codeType, "a join condition is a column that both sides have, or $left.a == $right.b")
}

// joinColumn is a column of both sides, which must agree on its type.
func (b *binder) joinColumn(j *Join, left, right *relation, e *syntax.NameRef) {
	l, r := left.find(e.Text), right.find(e.Text)
	if l < 0 && r < 0 && !left.partial && !right.partial {
		b.unknown(e.Span, codeColumn, "column", e.Text, append(left.row().columnNames(), right.row().columnNames()...))
		return
	}
	if l < 0 && !left.partial {
		b.unknown(e.Span, codeColumn, "column of the left side", e.Text, left.row().columnNames())
	}
	if r < 0 && !right.partial {
		b.unknown(e.Span, codeColumn, "column of the right side", e.Text, right.row().columnNames())
	}
	if l >= 0 && r >= 0 {
		b.joinPair(j, column(left.cols(), l), column(right.cols(), r), e.Span, false)
	}
}

// joinEqual is $left.a == $right.b.
func (b *binder) joinEqual(j *Join, left, right *relation, e *syntax.Binary) {
	switch first, second := sides(e.Left), sides(e.Right); {
	case first == "$left" && second == "$right":
	case first == "$right" && second == "$left":
		b.problem(e.Span, codeType, "$left stands before $right: want $left.a == $right.b")
		return
	default:
		b.problem(e.Span, codeType, "a join condition compares $left.a with $right.b")
		return
	}
	l := b.side(left, "$left").expr(e.Left)
	r := b.side(right, "$right").expr(e.Right)
	b.joinPair(j, l, r, e.Span, true)
}

func (b *binder) side(r *relation, name string) *scalars {
	s := b.over(r)
	s.row.elements = map[string]element{name: {cols: r.cols()}}
	return s
}

// sides tells which of $left and $right an expression names: one, "both" or "".
func sides(e syntax.Expr) string {
	found := ""
	visitNames(e, func(n syntax.Name) {
		if n.Text != "$left" && n.Text != "$right" {
			return
		}
		if found == "" || found == n.Text {
			found = n.Text
			return
		}
		found = "both"
	})
	return found
}

func visitNames(e syntax.Expr, visit func(syntax.Name)) {
	switch e := e.(type) {
	case *syntax.NameRef:
		visit(e.Name)
	case *syntax.Member:
		visitNames(e.Base, visit)
	case *syntax.Index:
		visitNames(e.Base, visit)
		visitNames(e.Index, visit)
	case *syntax.Call:
		for _, a := range e.Args {
			visitNames(a.Value, visit)
		}
	case *syntax.Unary:
		visitNames(e.Operand, visit)
	case *syntax.Binary:
		visitNames(e.Left, visit)
		visitNames(e.Right, visit)
	}
}

// joinPair adds a pair of keys of one type. Whole numbers of both sizes meet where both sides are written.
func (b *binder) joinPair(j *Join, l, r Expr, at syntax.Span, written bool) {
	if isFailed(l) || isFailed(r) {
		return
	}
	s := &scalars{binder: b, row: noRow}
	switch lt, rt := l.Type(), r.Type(); {
	case lt == data.Dynamic || rt == data.Dynamic:
		b.problem(at, codeType, "cannot join on a dynamic; cast it first, e.g. extend a column with tostring(…)")
		return
	case lt != rt && written && isInteger(lt) && isInteger(rt):
		l, r = s.convert(l, data.Long), s.convert(r, data.Long)
	case lt != rt:
		b.problem(at, codeType, "cannot join on %s and %s; convert one of them before", lt, rt)
		return
	}
	j.LeftKeys, j.RightKeys = append(j.LeftKeys, l), append(j.RightKeys, r)
}
