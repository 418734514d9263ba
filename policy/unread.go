package policy

import (
	"strconv"
	"strings"
)

// Where a body was not read wholly, an object or array of it that is handed on as
// a value says so itself: members that were not read are of the kind [Unread], and
// what may have others than it shows is open. What meets either ends in an
// [unread] error or an outcome that is not known; everything else goes on as if
// all had been read.

// Where a value keeps why parts of it were not read, in its num: of arrays and
// objects, and of a null that may be one.
const (
	openShift   = 8  // why it may have other members
	insideShift = 16 // why anything in it, however deep, was not read; that it is open included
)

// unreadValue stands for what was not read: it may be anything, or not be there.
func unreadValue(reason Outcome, path string) Value {
	reason &= reasonBits
	return Value{kind: Unread, num: uint64(reason)<<insideShift | uint64(reason)<<openShift, str: path}
}

// unread says why v, or anything in it, was not read; 0 if all was.
func (v Value) unread() Outcome {
	if v.kind >= Array {
		return Outcome(v.num >> insideShift)
	}
	return 0
}

// open says why v may have other members than it shows, 0 if it has not.
func (v Value) open() Outcome {
	if v.kind == Null || v.kind >= Array {
		return Outcome(v.num >> openShift)
	}
	return 0
}

// opened is v with other members possible, for a reason unless that is 0.
func (v Value) opened(reason Outcome, path string) Value {
	if reason != 0 {
		v.num |= uint64(reason) << openShift
		if v.kind != Null {
			v.num |= uint64(reason) << insideShift
		}
		v.str = path
	}
	return v
}

// arrayOf is ArrayValue for items of which some may not have been read.
func arrayOf(items ...Value) Value {
	v := ArrayValue(items...)
	for i := range items {
		v.num |= uint64(items[i].unread()) << insideShift
	}
	return v
}

// objectOf is ObjectValue for values of which some may not have been read.
func objectOf(keys []string, values []Value) Value {
	v := ObjectValue(keys, values)
	for i := range v.list {
		v.num |= uint64(v.list[i].unread()) << insideShift
	}
	return v
}

// words says that a value was not read and why.
func (v Value) words() string {
	return "unknown (" + strings.Join((mayTrue|mayFalse|v.unread()).Reasons(), ", ") + ")"
}

// error is the error of an expression that needs v, of which a part was not
// read.
func (v Value) error() error {
	path := ""
	if v.kind == Unread {
		path = v.str
	}
	return &unread{reason: v.unread(), path: path}
}

// mayHaveOthers reports whether v may have more members than those that were
// read.
func (v Value) mayHaveOthers() bool { return v.open() != 0 || v.certain() < v.Len() }

// certain is how many members v certainly has.
func (v Value) certain() int {
	if v.kind == Array || v.unread() == 0 {
		return v.Len()
	}
	n := 0
	for i := range v.list {
		if v.list[i].kind != Unread {
			n++
		}
	}
	return n
}

// boolOrUnread is an outcome as a value.
func boolOrUnread(o Outcome) (Value, error) {
	if !o.Known() {
		return Value{}, &unread{reason: o & reasonBits}
	}
	return BoolValue(o.True()), nil
}

// Others stands for the members that an array or object may have beside those
// that it shows, because not all of it was read; Missing where it has none.
func (v Value) Others() Value {
	if reason := v.open(); reason != 0 && v.kind >= Array {
		return unreadValue(reason, "")
	}
	return Value{}
}

// orError is v, or the error of one that was not read.
func (v Value) orError() (Value, error) {
	if v.kind == Unread {
		return Value{}, v.error()
	}
	return v, nil
}

// orUnread is v, or what stands for it where there is a reason.
func (v Value) orUnread(reason Outcome) Value {
	if reason != 0 {
		return unreadValue(reason, "")
	}
	return v
}

// asRead is v as the body has it: without what was not read.
func (v Value) asRead() Value {
	switch {
	case v.kind == Unread:
		return Value{}
	case v.unread() == 0:
		return v
	}
	c := Value{kind: v.kind, list: []Value{}}
	v.each(func(key string, item Value) bool {
		if item.kind != Unread || v.kind == Array {
			c.list = append(c.list, item.asRead())
			if v.kind == Object {
				c.keys = append(c.keys, key)
			}
		}
		return true
	})
	return c
}

// Member is Lookup that gives a value of the kind Unread where the object may have
// the property all the same.
func (v Value) Member(key string) Value {
	found := v.Lookup(key)
	if reason := v.open(); found.kind == Missing && reason != 0 {
		return unreadValue(reason, propertyAt(v.str, key))
	}
	return found
}

// itemAt is Index that tells what was not read.
func (v Value) itemAt(index int) Value {
	if reason := v.open(); reason != 0 && v.kind == Array {
		return unreadValue(reason, itemIn(v.str, index))
	}
	return v.Index(index)
}

// WithGaps gives an object as it is known where places of it, or what it does not
// have at all (a gap with the path ""), were not read. Rules that need what is not
// known are unknown; what the object has at other places is known. The name is
// what evidence calls it.
func (v Value) WithGaps(name string, gaps []Gap) Value {
	return newUnreadTree(gaps, false).at().of(v, name)
}

// propertyAt and itemIn are the paths of what stands at or in a place that has
// one.
func propertyAt(path, key string) string {
	if path == "" {
		return ""
	}
	return path + "." + key
}

func itemIn(path string, index int) string {
	if path == "" {
		return ""
	}
	return path + "[" + strconv.Itoa(index) + "]"
}
