package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/spelling"
)

// FunctionInfo describes one function for pages and editors.
type FunctionInfo struct {
	Name        string // as it is written, such as padLeft
	Signature   string // such as padLeft(text, width, character?)
	Description string // one sentence
}

// function is one row of the table of functions.
type function struct {
	signature string
	summary   string
	least     int // arguments
	most      int // -1 for any number
	call      func(args []Value) (Value, error)
	// special functions are evaluated by their terms: they read the scope, or
	// leave arguments alone.
	special func(t *term, s scope) (Value, error)
	// missing says that a missing argument counts as null instead of failing.
	missing bool
	// unsettled functions are left alone by fold although they read nothing.
	unsettled bool
	// context functions give an object of which members may be known alone.
	context bool
	// partly functions are given arguments of which parts were not read, inside;
	// others end in an [unread] error then.
	partly bool
	// anything functions are given arguments that were not read at all, too: the
	// others may decide.
	anything bool
	// total functions give a value whatever values they are given.
	total bool

	name string // the signature up to the bracket
}

var functions = tableOf(logicFunctions, textFunctions, formatFunctions, arrayFunctions, objectFunctions,
	numberFunctions, dateFunctions, encodingFunctions, networkFunctions, cidrFunctions, scopeFunctions)

func tableOf(groups ...[]function) map[string]*function {
	table := map[string]*function{}
	for _, group := range groups {
		for i := range group {
			f := &group[i]
			f.name, _, _ = strings.Cut(f.signature, "(")
			table[strings.ToLower(f.name)] = f
		}
	}
	return table
}

// Functions lists the functions that rules may call, by name.
func Functions() []FunctionInfo {
	infos := make([]FunctionInfo, 0, len(functions))
	for _, f := range functions {
		infos = append(infos, FunctionInfo{Name: f.name, Signature: f.signature, Description: f.summary})
	}
	slices.SortFunc(infos, func(a, b FunctionInfo) int { return compareFold(a.Name, b.Name) })
	return infos
}

// refused are the functions of deployment templates that rules must not call;
// so are all that begin with list.
var refused = strings.Fields(`copyIndex deployment environment extensionResourceId resourceId subscriptionResourceId
	tenantResourceId tenant managementGroup managementGroupResourceId newGuid pickZones providers reference references
	variables lambda lambdaVariables filter map reduce sort toObject groupBy mapValues deployer
	externalInput fail secret onlyIfNotExists toLogicalZone toLogicalZones toPhysicalZone toPhysicalZones`)

// functionOf finds a function by its name.
func functionOf(name string, at int) (*function, error) {
	lower := strings.ToLower(name)
	if f := functions[lower]; f != nil {
		return f, nil
	}
	banned := strings.HasPrefix(lower, "list") || slices.ContainsFunc(refused, func(word string) bool {
		return strings.EqualFold(word, name)
	})
	if banned {
		return nil, &ExpressionError{Offset: at, Text: fmt.Sprintf("function %q is not offered in policy rules", name)}
	}
	return nil, &ExpressionError{Offset: at, Text: fmt.Sprintf("unknown function %q", name), Suggestion: nearestFunction(lower)}
}

// nearestFunction gives the function whose name takes the fewest changes to
// get to, "" if all take too many.
func nearestFunction(lower string) string {
	best, fewest := "", 2+min(len(lower)/4, 2)
	for _, info := range Functions() {
		if n := spelling.Distance(lower, strings.ToLower(info.Name)); n < fewest {
			best, fewest = info.Name, n
		}
	}
	return best
}

// checkCount says what is wrong with a number of arguments, "" if nothing is.
func (f *function) checkCount(n int) string {
	switch {
	case n >= f.least && (f.most < 0 || n <= f.most):
		return ""
	case f.most < 0:
		return fmt.Sprintf("got %s, want at least %d", arguments(n), f.least)
	case f.least == f.most:
		return fmt.Sprintf("got %s, want %d", arguments(n), f.least)
	}
	return fmt.Sprintf("got %s, want %d to %d", arguments(n), f.least, f.most)
}

func arguments(n int) string {
	if n == 1 {
		return "1 argument"
	}
	return fmt.Sprintf("%d arguments", n)
}

// CallFunction calls a function that depends on nothing but its arguments, by
// its name in any case. The error says what was wrong with the arguments, that
// the name is unknown, or that the function needs a resource.
func CallFunction(name string, args []Value) (Value, error) {
	f, err := functionOf(name, 0)
	if err != nil {
		return Value{}, err
	}
	if f.call == nil {
		return Value{}, fmt.Errorf("%s: needs a resource, want a function of its arguments alone", f.name)
	}
	if problem := f.checkCount(len(args)); problem != "" {
		return Value{}, fmt.Errorf("%s: %s", f.name, problem)
	}
	v, err := f.apply(args)
	if d := (*doubt)(nil); errors.As(err, &d) {
		return d.value, nil
	}
	return v, err
}

// doubt is the error of a call that has a value all the same: the language
// goes on with it and keeps the error on record.
type doubt struct {
	value Value
	cause error
}

func (d *doubt) Error() string { return d.cause.Error() }
func (d *doubt) Unwrap() error { return d.cause }

// callDespite calls a function that may end in a [doubt].
func callDespite(t *term, s scope) (Value, error) {
	v, err := t.callPlain(s)
	if d := (*doubt)(nil); errors.As(err, &d) {
		s.note(err)
		return d.value, nil
	}
	return v, err
}

// apply calls a plain function whose number of arguments is right.
func (f *function) apply(args []Value) (Value, error) {
	if !f.missing {
		for i, arg := range args {
			if arg.kind == Missing {
				return Value{}, fmt.Errorf("%s: argument %d is missing", f.name, i+1)
			}
		}
	}
	if !f.partly {
		for _, arg := range args {
			if arg.unread() != 0 {
				return Value{}, arg.error()
			}
		}
	}
	v, err := f.call(args)
	if err == nil {
		err = checkSize(v)
	}
	switch {
	case v.kind == Unread:
		return Value{}, v.error()
	case err != nil && unreadReason(err) != 0:
		return Value{}, err
	case err != nil:
		return Value{}, fmt.Errorf("%s: %w", f.name, err)
	}
	return v, nil
}

var errTooLarge = errors.New("result is too large")

// checkSize holds a result to the limits of the language.
func checkSize(v Value) error {
	switch v.kind {
	case String:
		if len(v.str) > maxResultText && utf16Length(v.str) > maxResultText {
			return fmt.Errorf("%w: text of more than %d characters", errTooLarge, maxResultText)
		}
	case Array, Object:
		nodes := 0
		return countNodes(v, 1, &nodes)
	}
	return nil
}

func countNodes(v Value, depth int, nodes *int) (err error) {
	if *nodes++; *nodes > maxResultNodes {
		return fmt.Errorf("%w: more than %d values", errTooLarge, maxResultNodes)
	}
	if depth > maxResultDepth {
		return fmt.Errorf("%w: nested deeper than %d", errTooLarge, maxResultDepth)
	}
	v.each(func(_ string, item Value) bool {
		err = countNodes(item, depth+1, nodes)
		return err == nil
	})
	return err
}

// unfit is the error of an argument of the wrong kind.
func unfit(i int, v Value, want string) error {
	got := v.kind.String()
	if v.kind == String {
		got = short(v)
	}
	return fmt.Errorf("argument %d: got %s, want %s", i+1, got, want)
}

// textArg is a string argument. The null of an absent field is "".
func textArg(args []Value, i int) (string, error) {
	switch v := args[i]; {
	case v.kind == String:
		return v.str, nil
	case v.isBlank():
		return "", nil
	}
	return "", unfit(i, args[i], "a string")
}

// textArgs are two string arguments.
func textArgs(args []Value) (a, b string, err error) {
	if a, err = textArg(args, 0); err == nil {
		b, err = textArg(args, 1)
	}
	return a, b, err
}

// countArg is a number argument without its fraction.
func countArg(args []Value, i int) (int64, error) {
	if v := args[i]; v.kind == Int || v.kind == Float {
		if !v.isInRange() {
			return 0, unfit(i, v, "a number within 64 bits")
		}
		return v.Int(), nil
	}
	return 0, unfit(i, args[i], "a number")
}
