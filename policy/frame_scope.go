package policy

import (
	"errors"
	"strings"
)

// parameter is called only for parameters that folding found no value for.
func (f *frame) parameter(string) (Value, bool) { return Value{}, false }

func (f *frame) context(function string) Value {
	if function == "policy" {
		return f.policy
	}
	if f.outer.Surroundings == nil {
		return Value{}
	}
	v, known := f.outer.Surroundings.Context(function, f.outer)
	if !known {
		f.unknown |= becauseNotCollected
	}
	f.accessed(function, v)
	return v
}

// member gives a member of what a context function returns, of which not
// everything may be known.
func (f *frame) member(function, name string) Value {
	part, ok := f.outer.Surroundings.(PartSurroundings)
	if !ok || function == "policy" {
		watch := f.watch
		f.watch = nil // the rest is not read
		before := f.unknown
		f.unknown = 0
		v := f.context(function).Member(name).orUnread(f.unknown)
		f.watch, f.unknown = watch, f.unknown|before
		return f.toldContext(function, name, v)
	}
	v, known := part.ContextMember(function, name, f.outer)
	if !known {
		v = unreadValue(becauseNotCollected, "")
	}
	return f.toldContext(function, name, v)
}

// isContext reports whether a path is that of what a context function has.
func isContext(path string) bool {
	call, _, ok := strings.Cut(path, "().")
	called := functions[strings.ToLower(call)]
	return ok && called != nil && called.context
}

// toldContext takes down that what a context function has was not read.
func (f *frame) toldContext(function, name string, v Value) Value {
	if v.kind == Unread {
		f.unknown |= v.unread()
		f.read(function+"()."+name, nil, v)
	}
	return v
}

// take evaluates a template. What a context function could not answer ends in
// an [unread] error, whatever the template made of it. With an error that is a
// [doubt] there is a value.
func (f *frame) take(t Template) (Value, error) {
	f.doubt = nil
	v, err := t.eval(f)
	if reason := f.unknown; reason != 0 {
		f.unknown = 0
		return Value{}, &unread{reason: reason}
	}
	if err == nil {
		err = f.doubt
	}
	return v, err
}

func (f *frame) note(err error) {
	if f.doubt == nil {
		f.doubt = err
	}
}

// operand evaluates one side of a leaf. A doubt is put on record and makes the
// leaf's outcome uncertain, no more.
func (f *frame) operand(t Template, number int) (v Value, certain bool, err error) {
	if v, err = f.takeShared(t, number); err == nil {
		return v, true, nil
	}
	if d := (*doubt)(nil); errors.As(err, &d) {
		f.failIn(t, err)
		return v, false, nil
	}
	return v, true, err
}

func (f *frame) now() string { return f.clock }
