package plan

import (
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/operator"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// expr binds one expression. After a problem the result's type is unknown.
func (s *scalars) expr(e syntax.Expr) Expr {
	s.scope.Spend.on(partBytes)
	switch e := e.(type) {
	case *syntax.Literal:
		s.scope.Spend.on(e.Value.Size(math.MaxInt))
		return &Const{e.Value}
	case *syntax.NameRef:
		return s.name(e.Name)
	case *syntax.Member:
		return s.member(e)
	case *syntax.Index:
		return s.index(e)
	case *syntax.Call:
		return s.call(e)
	case *syntax.Unary:
		return s.unary(e)
	case *syntax.Binary:
		return s.binary(e)
	case *syntax.In:
		return s.in(e)
	case *syntax.Between:
		return s.between(e)
	case *syntax.Star:
		s.problem(e.Span, codeValue, `"*" stands for columns only before an operator in where, or as an argument of arg_max and its like`)
	case *syntax.TypeOf:
		if e.Type == 0 && e.Columns == nil && !e.Star { // which was told
			break
		}
		s.problem(e.Span, codeValue, "typeof() is an argument of functions such as extract(), not a value")
	case *syntax.Subquery:
		s.problem(e.Span, codeType, "a table stands where one value is wanted; toscalar(…) takes its first value")
	}
	return failed{}
}

// boolean binds a condition. A dynamic is true when it holds true.
func (s *scalars) boolean(e syntax.Expr) Expr {
	bound := s.expr(e)
	switch bound.Type() {
	case 0, data.Bool:
		return bound
	case data.Dynamic:
		return s.convert(bound, data.Bool)
	}
	s.problem(e.At(), codeType, "a condition is wanted, this is %s", describe(bound))
	return failed{}
}

// describe names a value's type for people.
func describe(e Expr) string { return e.Type().String() }

func (s *scalars) name(n syntax.Name) Expr {
	if s.groups != nil && !s.closed {
		if e := s.groups.keyNamed(n.Text); e != nil {
			return e
		}
	}
	if !s.closed {
		if i := s.row.find(n.Text); i >= 0 {
			return s.columnAt(n, i)
		}
		if el, ok := s.patternElement(n.Text); ok {
			return s.match.whole(s, el)
		}
		if of, ok := s.row.elsewhere[n.Text]; ok {
			return missing(of)
		}
	}
	if d := s.names.find(n.Text); d != nil {
		return s.definition(n, d)
	}
	if !s.closed {
		if e := s.outer(n.Text); e != nil {
			return e
		}
		if s.row.partial {
			return failed{}
		}
	}
	s.unknownName(n)
	return failed{}
}

// patternElement is a node or an edge of the graph pattern around an expression,
// which hides what the query or the caller names alike.
func (s *scalars) patternElement(name string) (element, bool) {
	if s.match == nil || s.closed {
		return element{}, false
	}
	el, ok := s.row.elements[name]
	return el, ok
}

func (s *scalars) columnAt(n syntax.Name, i int) Expr {
	if s.groups != nil {
		return s.groups.key(s, n, i)
	}
	return column(s.row.cols, i)
}

// outer finds a column of the rows around a mv-apply.
func (s *scalars) outer(name string) Expr {
	for depth := range s.outers {
		of := s.outers[len(s.outers)-1-depth]
		if i := of.find(name); i >= 0 {
			return &Outer{Depth: depth, Index: i, Of: of.cols()[i].Type}
		}
	}
	return nil
}

// bag is a node or an edge of a graph as a whole: a bag of its columns.
func (s *scalars) bag(el element) Expr {
	bag, ok := function.FindScalar("bag_pack")
	if !ok {
		return failed{}
	}
	call := &Call{Function: bag, Of: data.Dynamic}
	for i, c := range el.cols {
		name := data.OfString(c.Name)
		call.Args = append(call.Args, &Const{name}, &Column{Index: el.first + i, Of: c.Type})
		call.Known = append(call.Known, function.Arg{Type: data.String, Const: &name}, function.Arg{Type: c.Type, Name: c.Name})
	}
	return call
}

func (s *scalars) unknownName(n syntax.Name) {
	if _, isElement := s.row.elements[n.Text]; isElement {
		s.problem(n.Span, codeType, `%q has columns: want %s.column`, n.Text, n.Text)
		return
	}
	if s.hasTable(n.Text) {
		s.problem(n.Span, codeType, "%q is a table where a value is wanted; toscalar(%s) takes its first value", n.Text, n.Text)
		return
	}
	candidates := append(s.row.columnNames(), s.names.all()...)
	candidates = slices.AppendSeq(candidates, maps.Keys(s.row.elsewhere))
	if len(s.row.cols) == 0 || s.closed {
		s.unknown(n.Span, codeColumn, "name", n.Text, candidates)
		return
	}
	s.unknown(n.Span, codeColumn, "column", n.Text, candidates)
}

func (s *scalars) definition(n syntax.Name, d *definition) Expr {
	switch {
	case d.lambda != nil:
		s.problem(n.Span, codeType, "%q is a function: want %s(…)", n.Text, n.Text)
		return failed{}
	case d.table != nil:
		if d.table.partial && len(d.table.cols()) == 0 {
			return failed{}
		}
		s.problem(n.Span, codeType, "%q is a table where a value is wanted; toscalar(%s) takes its first value", n.Text, n.Text)
		return failed{}
	case d.row != nil && d.row != s.row:
		s.problem(n.Span, codeRefused, "%q differs from row to row, so a table inside the expression cannot use it", n.Text)
		return failed{}
	}
	return d.value
}

func (s *scalars) unary(e *syntax.Unary) Expr {
	operand := s.expr(e.Operand)
	switch operand.Type() {
	case 0:
		return failed{}
	case data.Long, data.Real, data.Decimal, data.TimeSpan:
	case data.Int:
		operand = s.convert(operand, data.Long)
	case data.Dynamic:
		if e.Op == "-" { // whole numbers stay whole
			zero := &Const{data.OfNode(data.NodeOf(data.OfLong(0)))}
			return s.fold(&Operator{Op: "-", Left: zero, Right: operand, Of: data.Dynamic})
		}
	default:
		s.problem(e.Span, codeType, "%q takes a number or a timespan, this is %s", e.Op, describe(operand))
		return failed{}
	}
	if e.Op == "+" {
		return operand
	}
	return s.fold(&Negate{operand})
}

func (s *scalars) binary(e *syntax.Binary) Expr {
	op := strings.ToLower(e.Op)
	if op == ":" {
		return s.columnTerm(e, false)
	}
	if isStar(e.Left) {
		return s.anyColumn(e, op)
	}
	left, right := s.expr(e.Left), s.expr(e.Right)
	if isLike(op) {
		return s.like(e, op, left, right)
	}
	return s.operate(e, op, left, right)
}

func (s *scalars) operate(e *syntax.Binary, op string, left, right Expr) Expr {
	if isFailed(left) || isFailed(right) {
		return failedAs(op)
	}
	of, ok := operator.Result(op, left.Type(), right.Type())
	if !ok && s.forgiving() {
		if l, r := s.alike(left, right); isDefined(op, l, r) {
			left, right = l, r
			of, ok = operator.Result(op, l.Type(), r.Type())
		}
	}
	if !ok {
		s.problem(e.Span, codeType, "%s is not defined for %s and %s%s", quoteOp(op), describe(left), describe(right), castHint(op, left, right))
		return failedAs(op)
	}
	if pattern, known := constant(right); known && op == "matches regex" {
		if _, err := operator.Compile(op, left.Type(), right.Type(), nil, &pattern, nil); err != nil {
			s.problem(e.Right.At(), codeValue, "%v", err)
			return failedAs(op)
		}
	}
	s.warnEmpty(e, op, left, right)
	if op == "and" || op == "or" {
		left, right = s.convert(left, data.Bool), s.convert(right, data.Bool)
	}
	return s.fold(&Operator{Op: op, Left: left, Right: right, Of: of})
}

// warnEmpty tells of a comparison of a dynamic with "", in which one that is
// missing is no empty text.
func (s *scalars) warnEmpty(e *syntax.Binary, op string, left, right Expr) {
	words := map[string]string{
		"==": `null, which == "" does not find; isempty(…) does`,
		"!=": `null, which != "" lets pass; isnotempty(…) does not`,
	}[op]
	if words != "" && (left.Type() == data.Dynamic && isEmptyText(right) || right.Type() == data.Dynamic && isEmptyText(left)) {
		s.warn(e.Span, codeValue, "a missing property is %s", words)
	}
}

func isEmptyText(e Expr) bool {
	v, known := constant(e)
	return known && v.Type() == data.String && v.Text() == ""
}

func quoteOp(op string) string { return `"` + op + `"` }

// castHint proposes a conversion where one side is dynamic.
func castHint(op string, left, right Expr) string {
	to := map[data.Type]string{
		data.DateTime: "todatetime", data.TimeSpan: "totimespan", data.Bool: "tobool", data.GUID: "toguid",
		data.String: "tostring", data.Long: "tolong", data.Int: "toint", data.Real: "toreal", data.Decimal: "todecimal",
	}
	switch {
	case left.Type() == data.Dynamic && right.Type() != data.Dynamic:
		return "; cast the dynamic first, e.g. " + to[right.Type()] + "(…)"
	case right.Type() == data.Dynamic && left.Type() != data.Dynamic:
		return "; cast the dynamic first, e.g. " + to[left.Type()] + "(…)"
	case op == "+" && (left.Type() == data.String || right.Type() == data.String):
		return "; strcat(…) joins texts"
	}
	return ""
}

// failedConst is a failure of which the type is known, so that what stands around it is still checked.
type failedOf struct{ of data.Type }

func (f failedOf) Type() data.Type { return f.of }

// failedAs is a failed operator's result: comparisons are bool all the same.
func failedAs(op string) Expr {
	switch op {
	case "+", "-", "*", "/", "%":
		return failed{}
	}
	return failedOf{data.Bool}
}

// anyColumn is * op value: true where one of the columns meets it.
func (s *scalars) anyColumn(e *syntax.Binary, op string) Expr {
	right := s.expr(e.Right)
	if isFailed(right) {
		return failedAs(op)
	}
	return s.orOver(s.row.visible(), func(col Expr) Expr { return s.columnMeets(col, op, right) })
}

// columnMeets is column op value, with the column as text where the operator
// wants text; nil where the two cannot meet.
func (s *scalars) columnMeets(col Expr, op string, right Expr) Expr {
	of, ok := operator.Result(op, col.Type(), right.Type())
	if !ok {
		if right.Type() != data.String {
			return nil
		}
		col = s.convert(col, data.String)
		if of, ok = operator.Result(op, col.Type(), right.Type()); !ok {
			return nil
		}
	}
	return &Operator{Op: op, Left: col, Right: right, Of: of}
}

// orOver joins what test makes of columns by or, as a balanced tree: wide tables must not make deep expressions.
func (s *scalars) orOver(at []int, test func(Expr) Expr) Expr {
	var tests []Expr
	for _, i := range at {
		if t := test(column(s.row.cols, i)); t != nil {
			tests = append(tests, t)
		}
	}
	return balanced("or", tests)
}

// balanced joins conditions by "and" or "or".
func balanced(op string, tests []Expr) Expr {
	switch len(tests) {
	case 0:
		return &Const{data.OfBool(op == "and")}
	case 1:
		return tests[0]
	}
	half := len(tests) / 2
	return &Operator{Op: op, Left: balanced(op, tests[:half]), Right: balanced(op, tests[half:]), Of: data.Bool}
}

func (s *scalars) between(e *syntax.Between) Expr {
	operand, low, high := s.expr(e.Left), s.expr(e.Low), s.expr(e.High)
	if isFailed(operand) || isFailed(low) || isFailed(high) {
		return failedOf{data.Bool}
	}
	if operand.Type() == data.Dynamic && low.Type() != data.Dynamic {
		operand = s.convert(operand, low.Type())
	}
	if high.Type() == data.TimeSpan && low.Type() == data.DateTime {
		high = s.fold(&Operator{Op: "+", Left: low, Right: high, Of: data.DateTime})
	}
	if !comparable(operand, low) || !comparable(operand, high) {
		s.problem(e.Span, codeType, "between is not defined for %s, %s and %s", describe(operand), describe(low), describe(high))
		return failedOf{data.Bool}
	}
	return s.fold(&Between{Negated: e.Negated, Operand: operand, Low: low, High: high})
}

func comparable(a, b Expr) bool { return isDefined("<=", a, b) }

// convert puts a conversion around an expression where its type differs.
func (s *scalars) convert(e Expr, to data.Type) Expr {
	if e.Type() == to || isFailed(e) {
		return e
	}
	return s.fold(&Convert{Operand: e, To: to})
}
