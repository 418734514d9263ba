package plan

import (
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// An argument is a bound argument of a call.
type argument struct {
	expr  Expr
	known function.Arg
	at    syntax.Span
}

// An overload is a signature that fits the arguments; params has for each of
// them its parameter.
type overload struct {
	signature *function.Signature
	params    []*function.Param
	score     int
	// misfit is the first argument that does not fit, -1 for none.
	misfit int
}

// choose finds the signature that fits best, the first of equals. Without one
// it gives the closest, whose misfit says what is wrong, or nil where the
// number of arguments fits none.
func choose(signatures []string, args []argument) *overload {
	var best *overload
	for _, text := range signatures {
		sig, err := function.ParseSignature(text)
		if err != nil {
			continue
		}
		for _, params := range assign(sig, len(args)) {
			if o := rate(sig, params, args); best == nil || o.better(best) {
				best = o
			}
		}
	}
	return best
}

func (o *overload) better(than *overload) bool {
	if (o.misfit < 0) != (than.misfit < 0) {
		return o.misfit < 0
	}
	if o.misfit >= 0 {
		return o.misfit > than.misfit
	}
	return o.score > than.score
}

func rate(sig *function.Signature, params []*function.Param, args []argument) *overload {
	o := &overload{signature: sig, params: params, misfit: -1}
	for i, p := range params {
		score := fit(p, args[i])
		if score < 0 {
			o.misfit = i
			return o
		}
		o.score += score
	}
	return o
}

// assign lists the ways in which n arguments can be given to parameters:
// optional ones may be missing at the end, neighbours that repeat repeat together.
func assign(sig *function.Signature, n int) [][]*function.Param {
	start := slices.IndexFunc(sig.Params, func(p function.Param) bool { return p.Repeats() })
	if start < 0 {
		if n < required(sig.Params) || n > len(sig.Params) {
			return nil
		}
		return [][]*function.Param{pointers(sig.Params[:n])}
	}
	end := start
	for end < len(sig.Params) && sig.Params[end].Repeats() {
		end++
	}
	group, tail := sig.Params[start:end], sig.Params[end:]
	var ways [][]*function.Param
	if n < start && n >= required(sig.Params[:start]) && group[0].Min == 0 && required(tail) == 0 {
		return [][]*function.Param{pointers(sig.Params[:n])}
	}
	for trailing := required(tail); trailing <= len(tail); trailing++ {
		times, ok := repetitions(group, n-start-trailing)
		if !ok {
			continue
		}
		way := pointers(sig.Params[:start])
		for range times {
			way = append(way, pointers(group)...)
		}
		ways = append(ways, append(way, pointers(tail[:trailing])...))
	}
	return ways
}

func repetitions(group []function.Param, n int) (times int, ok bool) {
	if n < 0 || n%len(group) != 0 {
		return 0, false
	}
	times = n / len(group)
	return times, times >= group[0].Min && (group[0].Max < 0 || times <= group[0].Max)
}

func required(params []function.Param) (n int) {
	for _, p := range params {
		if !p.Optional {
			n++
		}
	}
	return n
}

func pointers(params []function.Param) []*function.Param {
	list := make([]*function.Param, len(params))
	for i := range params {
		list[i] = &params[i]
	}
	return list
}

// fit says how well an argument suits a parameter, -1 for not at all. A
// dynamic may stand for any type but where a type other than dynamic is
// demanded by class: Kusto's analyser objects to some of these, Resource Graph runs them.
func fit(p *function.Param, a argument) int {
	t := a.expr.Type()
	switch {
	case p.Class == "type":
		return yes(a.known.Schema != nil)
	case a.known.Schema != nil:
		return -1
	case a.known.Star:
		return yes(strings.HasPrefix(p.Kind, "Star"))
	case p.Kind == "StarOnly":
		return -1
	case t == 0:
		return 0
	case p.Name == "seconds" && t == data.Real:
		return 1 // the analyser wants make_timespan's whole, the documentation shows 55.123
	}
	if exact, ok := data.ParseType(p.Class); ok {
		return fitType(exact, t)
	}
	return fitClass(p.Class, t)
}

func yes(b bool) int {
	if b {
		return 4
	}
	return -1
}

func fitType(want, have data.Type) int {
	switch {
	case want == have:
		return 4
	case have == data.Dynamic && want == data.Real: // of numbers that a dynamic may hold, the widest
		return 1
	case have == data.Dynamic:
		return 0
	case want == data.Long && have == data.Int, want == data.Int && have == data.Long:
		return 2
	case (want == data.Real || want == data.Decimal) && isNumber(have):
		return 2
	}
	return -1
}

func isNumber(t data.Type) bool {
	return t == data.Int || t == data.Long || t == data.Real || t == data.Decimal
}

func isInteger(t data.Type) bool { return t == data.Int || t == data.Long }

func isSummable(t data.Type) bool {
	return isNumber(t) || t == data.DateTime || t == data.TimeSpan
}

// fitClass knows the classes of functions.tsv.
func fitClass(class string, t data.Type) int {
	dynamic := t == data.Dynamic
	switch class {
	case "Scalar", "Any", "CommonScalar", "CommonScalarOrDynamic":
		return 3
	case "Number":
		return either(isNumber(t), dynamic)
	case "Integer":
		if dynamic { // a wider number is the better guess
			return 0
		}
		return either(isInteger(t), false)
	case "NumberOrBool":
		return either(isNumber(t) || t == data.Bool, dynamic)
	case "Summable":
		return either(isSummable(t), dynamic)
	case "Orderable":
		return either(t != data.GUID && !dynamic, dynamic)
	case "CommonOrderable":
		return either(t != data.GUID && !dynamic, false)
	case "NotDynamic":
		return either(!dynamic, false)
	case "NotRealOrBool":
		return either(t != data.Real && t != data.Bool, false)
	case "DynamicArray", "DynamicBag", "dynamic":
		return either(dynamic, false)
	case "StringOrDynamic", "StringOrArray":
		return either(t == data.String || dynamic, false)
	case "IntegerOrArray":
		return either(isInteger(t) || dynamic, false)
	}
	return -1
}

func either(good, lenient bool) int {
	switch {
	case good:
		return 3
	case lenient:
		return 1
	}
	return -1
}

// wanted is the type to which an argument is converted, zero for none.
func wanted(p *function.Param, have data.Type) data.Type {
	if exact, ok := data.ParseType(p.Class); ok {
		return exact
	}
	if have != data.Dynamic {
		return 0
	}
	switch p.Class {
	case "Number", "Summable", "NumberOrBool":
		return data.Real
	case "Integer":
		return data.Long
	}
	return 0
}
