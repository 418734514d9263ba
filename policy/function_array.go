package policy

import (
	"errors"
	"fmt"
	"math"
)

// arrayFunctions build arrays and take them apart; most take texts too.
var arrayFunctions = []function{
	{signature: "array(value)", least: 1, most: 1, partly: true, total: true, call: callArray, summary: "The value in an array of its own, unless it is an array."},
	{signature: "createArray(value, …)", most: -1, partly: true, anything: true, total: true, call: callCreateArray, summary: "An array of the arguments."},
	{signature: "first(value)", least: 1, most: 1, partly: true, call: callFirst, summary: "The first item of an array (null if empty) or character of a text."},
	{signature: "last(value)", least: 1, most: 1, partly: true, call: callLast, summary: "The last item of an array (null if empty) or character of a text."},
	{signature: "take(value, count)", least: 2, most: 2, partly: true, call: callTake, summary: "As many items or characters from the start as there are, at most count."},
	{signature: "skip(value, count)", least: 2, most: 2, partly: true, call: callSkip, summary: "What remains after the first count items or characters."},
	{signature: "length(value)", least: 1, most: 1, partly: true, call: callLength, summary: "The number of characters, items or properties."},
	{signature: "empty(value)", least: 1, most: 1, missing: true, partly: true, total: true, call: callEmpty, summary: "Whether a text, array or object is empty, or the value is null."},
	{signature: "contains(container, value)", least: 2, most: 2, partly: true, anything: true, total: true, call: callContains, summary: "Whether a text has a part, an array an item, or an object a property, as by the operator contains."},
	{signature: "union(a, b, …)", least: 1, most: -1, partly: true, call: callUnion, summary: "The distinct items of some arrays, or some objects merged, later ones winning."},
	{signature: "intersection(a, b, …)", least: 1, most: -1, partly: true, call: callIntersection, summary: "The items that all arrays have, or the properties that all objects have with one value."},
	{signature: "range(start, count)", least: 2, most: 2, call: callRange, summary: "Count integers, counting up from start."},
	{signature: "indexFromEnd(array, index)", least: 2, most: 2, partly: true, call: callIndexFromEnd, summary: "The item at a place counted from the end, from 1."},
	{signature: "tryIndexFromEnd(array, index)", least: 2, most: 2, missing: true, partly: true, call: callTryIndexFromEnd, summary: "As indexFromEnd, but null where there is no such item."},
}

// unfolded are the items of an array, which must not be changed.
func (v Value) unfolded() []Value {
	if v.doc == nil {
		return v.list
	}
	items := make([]Value, 0, v.Len())
	v.each(func(_ string, item Value) bool {
		items = append(items, item)
		return true
	})
	return items
}

func callArray(args []Value) (Value, error) {
	if args[0].kind == Array {
		return args[0], nil
	}
	return arrayOf(args[0]), nil
}

func callCreateArray(args []Value) (Value, error) { return arrayOf(args...), nil }

func callFirst(args []Value) (Value, error) {
	v := args[0].filled()
	switch v.kind {
	case Array:
		return v.itemAt(0).written(), nil
	case String:
		for i := range v.str {
			if i > 0 {
				return StringValue(v.str[:i]), nil
			}
		}
		return v, nil
	}
	return Value{}, unfit(0, v, "an array or a string")
}

func callLast(args []Value) (Value, error) {
	v := args[0].filled()
	switch v.kind {
	case Array:
		return v.itemAt(v.Len() - 1).written(), nil
	case String:
		start := 0
		for i := range v.str {
			start = i
		}
		return StringValue(v.str[start:]), nil
	}
	return Value{}, unfit(0, v, "an array or a string")
}

func callTake(args []Value) (Value, error) {
	v, n, err := sliceArgs(args)
	if err != nil {
		return Value{}, err
	}
	if v.kind == String {
		return StringValue(v.str[:byteOf(v.str, n)]), nil
	}
	items := v.unfolded()
	return arrayOf(items[:min(n, len(items))]...), nil
}

func callSkip(args []Value) (Value, error) {
	v, n, err := sliceArgs(args)
	if err != nil {
		return Value{}, err
	}
	if v.kind == String {
		return StringValue(v.str[byteOf(v.str, n):]), nil
	}
	items := v.unfolded()
	return arrayOf(items[min(n, len(items)):]...), nil
}

// sliceArgs are the value and the count of take and skip; a negative count is
// none.
func sliceArgs(args []Value) (v Value, n int, err error) {
	v = args[0].filled()
	if v.kind != Array && v.kind != String {
		return v, 0, unfit(0, v, "an array or a string")
	}
	if v.open() != 0 {
		return v, 0, v.error() // which items come first is not known
	}
	count, err := countArg(args, 1)
	return v, int(min(max(count, 0), math.MaxInt32)), err
}

// byteOf is where the n-th character of s starts, or its length.
func byteOf(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

func callLength(args []Value) (Value, error) {
	switch v := args[0].filled(); v.kind {
	case String:
		return IntValue(int64(utf16Length(v.str))), nil
	case Array, Object:
		if v.mayHaveOthers() {
			return Value{}, v.error()
		}
		return IntValue(int64(v.Len())), nil
	}
	return Value{}, unfit(0, args[0], "a string, an array or an object")
}

func callEmpty(args []Value) (Value, error) {
	switch v := args[0]; v.kind {
	case Missing, Null:
		return BoolValue(true), nil
	case String:
		return BoolValue(v.str == ""), nil
	case Array, Object:
		if v.mayHaveOthers() && v.certain() == 0 {
			return Value{}, v.error()
		}
		return BoolValue(v.Len() == 0), nil
	}
	return BoolValue(false), nil
}

func callContains(args []Value) (Value, error) {
	return boolOrUnread(Contains.outcome(args[0].filled(), args[1].filled()))
}

func callUnion(args []Value) (Value, error) {
	for i, arg := range args {
		if kind := args[0].kind; kind != Array && kind != Object {
			return Value{}, unfit(0, args[0], "an array or an object")
		} else if arg.kind != kind {
			return Value{}, unfit(i, arg, "an "+kind.String()+" as argument 1 is")
		}
	}
	if args[0].kind == Object {
		merged := newObject()
		for _, arg := range args {
			merged.merge(arg)
		}
		return merged.value(), nil
	}
	seen := map[string]bool{}
	var items []Value
	var reason Outcome // what was not read may be the same as something else
	for _, arg := range args {
		reason |= arg.unread()
		arg.each(func(_ string, item Value) bool {
			if key := item.strictKey(); !seen[key] {
				seen[key] = true
				items = append(items, item)
			}
			return true
		})
	}
	return arrayOf(items...).opened(reason, ""), nil
}

func callIntersection(args []Value) (Value, error) {
	kind := args[0].kind
	if kind != Array && kind != Object {
		return Value{}, unfit(0, args[0], "an array or an object")
	}
	for i, arg := range args {
		if arg.kind != kind {
			return Value{}, unfit(i, arg, "an "+kind.String()+" as argument 1 is")
		}
	}
	if kind == Object {
		return commonMembers(args), nil
	}
	items := args[0].unfolded()
	reason := args[0].unread()
	for _, other := range args[1:] {
		reason |= other.unread()
		keys := map[string]bool{}
		other.each(func(_ string, item Value) bool {
			keys[item.strictKey()] = true
			return true
		})
		var kept []Value
		for _, item := range items {
			if item.unread() == 0 && keys[item.strictKey()] {
				kept = append(kept, item)
			}
		}
		items = kept
	}
	return arrayOf(items...).opened(reason, ""), nil
}

func callRange(args []Value) (Value, error) {
	const most = 10_000
	start, err := countArg(args, 0)
	if err != nil {
		return Value{}, err
	}
	count, err := countArg(args, 1)
	switch {
	case err != nil:
		return Value{}, err
	case count < 0 || count > most:
		return Value{}, fmt.Errorf("argument 2: got %d, want 0 to %d", count, most)
	case start > math.MaxInt32-count:
		return Value{}, fmt.Errorf("start and count together are over %d", math.MaxInt32)
	}
	items := make([]Value, count)
	for i := range items {
		items[i] = IntValue(start + int64(i))
	}
	return ArrayValue(items...), nil
}

func callIndexFromEnd(args []Value) (Value, error) {
	if args[0].kind != Array {
		return Value{}, unfit(0, args[0], "an array")
	}
	index, err := countArg(args, 1)
	if err != nil {
		return Value{}, err
	}
	n := int64(args[0].Len())
	if index < 1 || index > n {
		return Value{}, fmt.Errorf("argument 2: got %d, want 1 to %d, the length of the array", index, n)
	}
	return args[0].itemAt(int(n - index)), nil
}

func callTryIndexFromEnd(args []Value) (Value, error) {
	if args[1].kind == Missing {
		return Value{}, errors.New("argument 2 is missing")
	}
	v, err := callIndexFromEnd(args)
	if err != nil {
		return NullValue(), nil
	}
	return v, nil
}
