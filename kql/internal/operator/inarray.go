package operator

import (
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// InArray tells whether a value is in an array, as the test that [In] makes of
// the array's items does, without making it. It is not ok where it does not
// know: where an item is an array itself, or of a type that is not read as it is.
func InArray(op string, left data.Value, array *data.Node, ask func()) (yes, ok bool) {
	if left.Type() == data.Dynamic {
		left = left.Node().Value()
	}
	if array.Kind() != data.KindArray || left.Type() == data.Dynamic || left.IsNull() {
		return false, false
	}
	base, negated := strings.CutPrefix(op, "!")
	// One item decides in and in~ if it is met, has_all if it is not.
	all := base == "has_all"
	for _, item := range array.Items() {
		met, ok := false, false
		if base == "in" {
			met, ok = equalItem(left, item)
		} else if left.Type() == data.String {
			met, ok = textItem(base, left.Text(), item, ask)
		}
		if !ok {
			return false, false
		}
		if met != all {
			return !all != negated, true
		}
	}
	return all != negated, true
}

// equalItem is left == item of texts, truth values and numbers among each other.
func equalItem(left data.Value, item *data.Node) (equal, ok bool) {
	switch kind, of := item.Kind(), left.Type(); {
	case kind == data.KindString && of == data.String:
		return left.Text() == item.Text(), true
	case kind == data.KindBool && of == data.Bool:
		return left.Bool() == item.Bool(), true
	case kind == data.KindLong && whole(of):
		return left.Long() == item.Long(), true
	case kind == data.KindReal && whole(of), kind == data.KindReal && of == data.Real, kind == data.KindLong && of == data.Real:
		return realOf(left) == item.Real(), true
	}
	return false, false
}

// textItem is text =~ item or text has item, of texts in ASCII and whole numbers.
func textItem(op, text string, item *data.Node, ask func()) (met, ok bool) {
	var room [20]byte
	var part string
	switch item.Kind() {
	case data.KindString:
		part = item.Text()
	case data.KindLong:
		part = string(strconv.AppendInt(room[:0], item.Long(), 10))
	default:
		return false, false
	}
	switch {
	case !isASCII(part):
		return false, false
	case op == "in~":
		if !isASCII(text) {
			return false, false
		}
		return len(text) == len(part) && equalASCII(text, part), true
	}
	return hasFolded(text, part, ask), true
}
