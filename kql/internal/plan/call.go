package plan

import (
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// conversions are the functions that are a conversion and nothing else.
var conversions = map[string]data.Type{
	"tobool": data.Bool, "toboolean": data.Bool, "toint": data.Int, "tolong": data.Long,
	"todouble": data.Real, "toreal": data.Real, "todecimal": data.Decimal, "tostring": data.String,
	"todatetime": data.DateTime, "totimespan": data.TimeSpan, "totime": data.TimeSpan, "toguid": data.GUID,
}

// call binds a call: of a function of the query, of one that the binder
// resolves itself, of an aggregate where these may stand, of a scalar function.
func (s *scalars) call(e *syntax.Call) Expr {
	name := e.Function.Text
	if !s.reachable(e.On, e.Span) {
		return failed{}
	}
	if d := s.names.find(name); d != nil {
		return s.callDefinition(e, d)
	}
	if bound, ok := s.special(e); ok {
		return bound
	}
	if s.groups != nil {
		if f, ok := function.FindAggregate(name); ok {
			return s.groups.aggregate(s, f, e)
		}
	}
	if to, ok := conversions[name]; ok && len(e.Args) == 1 {
		if bound := s.expr(e.Args[0].Value); !isFailed(bound) {
			return s.convert(bound, to)
		}
		return failedOf{to}
	}
	if f, ok := function.FindScalar(name); ok {
		return s.callScalar(f, e)
	}
	s.unknownFunction(e)
	return failed{}
}

func (s *scalars) unknownFunction(e *syntax.Call) {
	s.argumentsOfUnknown(e)
	name := e.Function.Text
	if _, ok := function.FindAggregate(name); ok {
		s.problem(e.Function.Span, codeFunction, "%s() is an aggregate: it stands in summarize, make-series and top-nested", name)
		return
	}
	if _, ok := function.FindPlugin(name); ok {
		s.problem(e.Function.Span, codeFunction, "%s is a plug-in: evaluate %s(…) calls it", name, name)
		return
	}
	s.unknown(e.Function.Span, codeFunction, "function", name, s.functionNames())
}

// argumentsOfUnknown looks for problems in the arguments. Columns may stand
// there, since the function that was meant may be an aggregate.
func (s *scalars) argumentsOfUnknown(e *syntax.Call) {
	if s.groups != nil {
		s.groups.unknown++
		defer func() { s.groups.unknown-- }()
	}
	for _, arg := range e.Args {
		s.argument(arg)
	}
}

func (s *scalars) functionNames() []string {
	var list []string
	for _, f := range function.Scalars() {
		if !f.Hidden {
			list = append(list, f.Name)
		}
	}
	for name := range conversions {
		list = append(list, name)
	}
	for _, name := range s.names.all() {
		if s.names.find(name).lambda != nil {
			list = append(list, name)
		}
	}
	if s.groups != nil {
		for _, f := range function.Aggregates() {
			if !f.Hidden {
				list = append(list, f.Name)
			}
		}
	}
	slices.Sort(list)
	return list
}

func (s *scalars) callScalar(f *function.Scalar, e *syntax.Call) Expr {
	c := s.scalarCall(f, e)
	if c == nil {
		return s.failedCall(f)
	}
	if f.Columns == nil {
		return s.fold(c)
	}
	if cols := f.Columns(c.Known); len(cols) == 1 {
		return &Field{Call: c, Of: cols[0].Type}
	}
	return c
}

// failedCall keeps the type where all signatures agree on it.
func (s *scalars) failedCall(f *function.Scalar) Expr {
	of := data.Type(0)
	for i, text := range f.Signatures {
		sig, err := function.ParseSignature(text)
		if err != nil || i > 0 && sig.Returns != of {
			return failed{}
		}
		of = sig.Returns
	}
	return failedOf{of}
}

// scalarCall is the bare call, nil after a problem.
func (s *scalars) scalarCall(f *function.Scalar, e *syntax.Call) *Call {
	args := s.arguments(e.Args)
	if f.Refused != "" {
		s.problem(e.Function.Span, codeRefused, "%s() is not available: %s", f.Name, f.Refused)
		return nil
	}
	o := s.resolve(f.Name, f.Signatures, args, e)
	if o == nil {
		return nil
	}
	args, params := s.expandStars(args, o.params)
	c := &Call{Function: f}
	for _, a := range args {
		c.Args, c.Known = append(c.Args, a.expr), append(c.Known, a.known)
	}
	if !s.checkKinds(f.Name, params, args) {
		return nil
	}
	s.convertArgs(params, c.Args, c.Known)
	of, err := o.result(c.Known, c.Args, f.Type)
	if err != nil && s.forgiving() {
		of = o.mixed(c.Args)
	}
	if err != nil && of == 0 {
		s.problem(e.Span, codeType, "%s(): %v", f.Name, err)
		return nil
	}
	c.Of = of
	s.convertCommon(c, params)
	if !s.prepare(c, e) {
		return nil
	}
	return c
}

// prepare tells now what a run would tell of constant arguments.
func (s *scalars) prepare(c *Call, e *syntax.Call) bool {
	if c.Function.Prepare == nil {
		return true
	}
	for _, arg := range c.Args {
		if _, isConst := arg.(*Const); !isConst && stable(arg) {
			return true // known only when the scalars of it have run
		}
	}
	if _, err := c.Function.Prepare(c.Known); err != nil {
		s.problem(e.Span, codeValue, "%s(): %v", c.Function.Name, err)
		return false
	}
	return true
}

// convertArgs converts arguments to the types that the parameters name.
func (s *scalars) convertArgs(params []*function.Param, args []Expr, known []function.Arg) {
	for i, p := range params {
		if to := wanted(p, args[i].Type()); to != 0 && known[i].Schema == nil {
			s.convertArg(&args[i], &known[i], to)
		}
	}
}

func (s *scalars) convertArg(arg *Expr, known *function.Arg, to data.Type) {
	*arg = s.convert(*arg, to)
	known.Type = to
	if v, ok := constant(*arg); ok {
		known.Const = &v
	}
}

// convertCommon converts the arguments that share a type with the result.
func (s *scalars) convertCommon(c *Call, params []*function.Param) {
	for i, p := range params {
		if strings.HasPrefix(p.Class, "Common") {
			s.convertArg(&c.Args[i], &c.Known[i], c.Of)
		}
	}
}

// resolve chooses the signature, or tells why none fits.
func (s *scalars) resolve(name string, signatures []string, args []argument, e *syntax.Call) *overload {
	for _, a := range args {
		if isFailed(a.expr) && !a.known.Star && a.known.Schema == nil {
			return nil
		}
	}
	o := choose(signatures, args)
	switch {
	case o == nil:
		s.problem(e.Span, codeArguments, "%s() with %s; it is %s", name, count(len(args), "argument"), usage(name, signatures))
		return nil
	case o.misfit >= 0:
		p, a := o.params[o.misfit], args[o.misfit]
		want := classForPeople(p) + "; it is "
		if len(signatures) > 1 {
			want = "" // another signature may want something else
		}
		s.problem(a.at, codeType, "%s(): %s is %s, want %s%s", name, p.Name, describeArgument(a), want, usage(name, signatures))
		return nil
	}
	return o
}

func (s *scalars) arguments(list []syntax.Named) []argument {
	args := make([]argument, len(list))
	for i, a := range list {
		args[i] = s.argument(a)
	}
	return args
}

func (s *scalars) argument(a syntax.Named) argument {
	arg := argument{at: a.Value.At(), expr: failed{}}
	switch e := a.Value.(type) {
	case *syntax.Star:
		arg.known.Star = true
	case *syntax.TypeOf:
		arg.expr = &Const{data.Null(data.Dynamic)}
		arg.known.Schema = schemaOf(e)
	default:
		arg.expr = s.expr(a.Value)
		arg.known.Name = s.label(a.Value)
	}
	if a.Name != nil {
		arg.known.Name = a.Name.Text
	}
	arg.known.Type = arg.expr.Type()
	if v, ok := constant(arg.expr); ok && arg.known.Schema == nil {
		arg.known.Const = &v
	}
	return arg
}

func schemaOf(e *syntax.TypeOf) []data.Column {
	if len(e.Columns) == 0 {
		return []data.Column{{Type: e.Type}}
	}
	var cols []data.Column
	for _, c := range e.Columns {
		cols = append(cols, data.Column{Name: c.Name.Text, Type: c.Type})
	}
	return cols
}

// expandStars replaces * by the row's columns.
func (s *scalars) expandStars(args []argument, params []*function.Param) ([]argument, []*function.Param) {
	if !slices.ContainsFunc(args, func(a argument) bool { return a.known.Star }) {
		return args, params
	}
	var all []argument
	var of []*function.Param
	for i, a := range args {
		if !a.known.Star {
			all, of = append(all, a), append(of, params[i])
			continue
		}
		for _, c := range s.row.visible() {
			all, of = append(all, s.columnArgument(c, a.at)), append(of, params[i])
		}
	}
	return all, of
}

func (s *scalars) columnArgument(i int, at syntax.Span) argument {
	col := s.row.cols[i]
	return argument{expr: column(s.row.cols, i), known: function.Arg{Type: col.Type, Name: col.Name}, at: at}
}
