package policy

import "strings"

// logicFunctions decide and compare.
var logicFunctions = []function{
	{signature: "and(condition, …)", most: -1, total: true, call: callAnd, special: stopAt(false), summary: "True if all arguments are true."},
	{signature: "or(condition, …)", most: -1, total: true, call: callOr, special: stopAt(true), summary: "True if one argument is true."},
	{signature: "not(condition)", least: 1, most: 1, total: true, call: callNot, summary: "True unless the argument is true."},
	{signature: "if(condition, then, else)", least: 3, most: 3, total: true, call: callIf, special: evalIf, summary: "The second argument if the first is true, else the third; only that one is evaluated."},
	{signature: "true()", call: func([]Value) (Value, error) { return BoolValue(true), nil }, summary: "The boolean true."},
	{signature: "false()", call: func([]Value) (Value, error) { return BoolValue(false), nil }, summary: "The boolean false."},
	{signature: "null()", call: func([]Value) (Value, error) { return NullValue(), nil }, summary: "The value null."},
	{signature: "bool(value)", least: 1, most: 1, call: callBool, summary: "A boolean from a number or from the text true, false, 1 or 0."},
	{signature: "equals(a, b)", least: 2, most: 2, missing: true, partly: true, anything: true, total: true, call: operatorFunction(Equals), summary: "Whether two values are equal as by the operator equals."},
	{signature: "less(a, b)", least: 2, most: 2, partly: true, anything: true, total: true, call: operatorFunction(Less), summary: "Whether a is less than b."},
	{signature: "lessOrEquals(a, b)", least: 2, most: 2, partly: true, anything: true, total: true, call: operatorFunction(LessOrEquals), summary: "Whether a is at most b."},
	{signature: "greater(a, b)", least: 2, most: 2, partly: true, anything: true, total: true, call: operatorFunction(Greater), summary: "Whether a is greater than b."},
	{signature: "greaterOrEquals(a, b)", least: 2, most: 2, partly: true, anything: true, total: true, call: operatorFunction(GreaterOrEquals), summary: "Whether a is at least b."},
	{signature: "coalesce(value, …)", least: 1, most: -1, missing: true, partly: true, anything: true, total: true, call: callCoalesce, summary: "The first argument that is not null, else null."},
}

func callAnd(args []Value) (Value, error) {
	for _, arg := range args {
		if !arg.Bool() {
			return BoolValue(false), nil
		}
	}
	return BoolValue(true), nil
}

func callOr(args []Value) (Value, error) {
	for _, arg := range args {
		if arg.Bool() {
			return BoolValue(true), nil
		}
	}
	return BoolValue(false), nil
}

// stopAt evaluates the arguments of and (stop is false) and or (true) from the
// left until one decides.
func stopAt(stop bool) func(*term, scope) (Value, error) {
	return func(t *term, s scope) (Value, error) {
		var unread error // what may decide as well
		for _, arg := range t.args {
			v, err := arg.eval(s)
			switch {
			case err != nil && unreadReason(err) != 0 && arg.givesValue(false):
				if unread == nil {
					unread = err
				}
				continue
			case unread != nil && (err != nil || v.kind == Missing):
				return Value{}, unread
			case err != nil:
				return Value{}, err
			}
			if v.kind == Missing {
				return t.function.apply([]Value{v})
			}
			if v.Bool() == stop {
				return BoolValue(stop), nil
			}
		}
		return BoolValue(!stop), unread
	}
}

func callNot(args []Value) (Value, error) { return BoolValue(!args[0].Bool()), nil }

func callIf(args []Value) (Value, error) {
	if args[0].Bool() {
		return args[1], nil
	}
	return args[2], nil
}

func evalIf(t *term, s scope) (Value, error) {
	condition, err := t.args[0].eval(s)
	switch {
	case err != nil && unreadReason(err) != 0 && t.args[0].givesValue(false):
		return evalBoth(t, s, err)
	case err != nil:
		return Value{}, err
	case condition.kind == Missing:
		return t.function.apply(make([]Value, 3))
	case condition.Bool():
		return t.args[1].eval(s)
	}
	return t.args[2].eval(s)
}

// evalBoth is if where the condition was not read: certain if both ways are the same.
func evalBoth(t *term, s scope, unread error) (Value, error) {
	a, err := t.args[1].eval(s)
	if err != nil {
		return Value{}, unread
	}
	b, err := t.args[2].eval(s)
	if err != nil || a.unread()|b.unread() != 0 || a.kind != b.kind || !strictEqual(a, b) {
		return Value{}, unread
	}
	return a, nil
}

func callBool(args []Value) (Value, error) {
	switch v := args[0]; v.kind {
	case Bool:
		return v, nil
	case Int, Float:
		return BoolValue(v.Float() != 0), nil
	case String:
		switch strings.ToLower(v.str) {
		case "true", "1":
			return BoolValue(true), nil
		case "false", "0":
			return BoolValue(false), nil
		}
	}
	return Value{}, unfit(0, args[0], "a boolean, a number, or one of the texts true, false, 1, 0")
}

func operatorFunction(op Operator) func([]Value) (Value, error) {
	return func(args []Value) (Value, error) {
		return boolOrUnread(op.outcome(args[0], args[1]))
	}
}

func callCoalesce(args []Value) (Value, error) {
	for _, arg := range args {
		if !arg.IsNull() {
			return arg, nil
		}
	}
	return NullValue(), nil
}
