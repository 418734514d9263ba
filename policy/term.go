package policy

import "errors"

// eval computes a term's value.
func (t *term) eval(s scope) (Value, error) {
	switch t.kind {
	case literalTerm:
		return t.value, nil
	case propertyTerm, indexTerm:
		v, path, err := t.access(s)
		if f, ok := s.(*frame); ok && f.watch != nil {
			f.accessed(path, v)
		}
		if v.kind == Unread && err == nil {
			err = v.error()
		}
		return v, err
	}
	if t.function.special != nil {
		return t.function.special(t, s)
	}
	return t.callPlain(s)
}

// callPlain evaluates all arguments, then the function.
func (t *term) callPlain(s scope) (Value, error) {
	args := make([]Value, len(t.args))
	var first error // of arguments that were not read
	for i, arg := range t.args {
		v, err := arg.eval(s)
		if err != nil {
			u := (*unread)(nil)
			if !t.function.anything || !errors.As(err, &u) || !arg.givesValue(t.function.missing) {
				return Value{}, err
			}
			v = unreadValue(u.reason, u.path)
			if first == nil {
				first = err
			}
		}
		args[i] = v
	}
	v, err := t.function.apply(args)
	if first != nil && err != nil && unreadReason(err) != 0 {
		err = first // which tells where it stands
	}
	return v, err
}

// givesValue reports whether a term of which a part was not read gives some value all
// the same, whatever that part is, and no error. Missing says that it may be missing.
func (t *term) givesValue(missing bool) bool {
	switch t.kind {
	case literalTerm:
		return true
	case callTerm:
		return t.function.total && allGiveValues(t.args, t.function.missing)
	}
	return missing && allGiveValues(t.args, true)
}

func allGiveValues(args []*term, missing bool) bool {
	for _, arg := range args {
		if !arg.givesValue(missing) {
			return false
		}
	}
	return true
}

// element is object[index]: a property or an item, Missing where there is
// none.
func element(object, index Value) Value {
	switch {
	case object.kind == Object && index.kind == String:
		return object.Member(index.str)
	case object.kind == Null && index.kind == String:
		return object.Member(index.str)
	case object.kind == Array && (index.kind == Int || index.kind == Float && index.Float() == float64(index.Int())):
		if n := index.Int(); n >= 0 && (n < int64(object.Len()) || object.open() != 0) {
			return object.itemAt(int(n))
		}
	}
	return Value{}
}

// access reads a property or an item, with the path from what is no access if
// somebody watches.
func (t *term) access(s scope) (v Value, path string, err error) {
	of, name := t.args[0], t.name
	if t.kind == indexTerm && t.args[1].kind == literalTerm && t.args[1].value.kind == String {
		name = t.args[1].value.str
	}
	switch {
	case of.kind == callTerm && of.function.context && name != "":
		return s.member(of.function.name, name), name, nil
	case of.kind == propertyTerm || of.kind == indexTerm:
		v, path, err = of.access(s)
	default:
		v, err = of.eval(s)
	}
	f, ok := s.(*frame)
	watched := ok && f.watch != nil
	if watched && name != "" {
		path += "." + name
	}
	switch {
	case t.kind == propertyTerm:
		return v.Member(name), path, err
	case err != nil || v.kind == Unread:
		return v, path, err
	}
	index, err := t.args[1].eval(s)
	switch {
	case !watched || name != "":
	case index.kind == String:
		path += "." + index.str
	default:
		path += "[0]"
	}
	return element(v, index), path, err
}
