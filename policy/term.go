package policy

// eval computes a term's value.
func (t *term) eval(s scope) (Value, error) {
	switch t.kind {
	case literalTerm:
		return t.value, nil
	case propertyTerm:
		if of := t.args[0]; of.kind == callTerm && of.function.context {
			return s.member(of.function.name, t.name), nil
		}
		object, err := t.args[0].eval(s)
		return object.Lookup(t.name), err
	case indexTerm:
		if of, key := t.args[0], t.args[1]; of.kind == callTerm && of.function.context && key.kind == literalTerm && key.value.kind == String {
			return s.member(of.function.name, key.value.str), nil
		}
		object, err := t.args[0].eval(s)
		if err != nil {
			return Value{}, err
		}
		index, err := t.args[1].eval(s)
		return element(object, index), err
	}
	if t.function.special != nil {
		return t.function.special(t, s)
	}
	return t.callPlain(s)
}

// callPlain evaluates all arguments, then the function.
func (t *term) callPlain(s scope) (Value, error) {
	args := make([]Value, len(t.args))
	for i, arg := range t.args {
		v, err := arg.eval(s)
		if err != nil {
			return Value{}, err
		}
		args[i] = v
	}
	return t.function.apply(args)
}

// element is object[index]: a property or an item, Missing where there is
// none.
func element(object, index Value) Value {
	switch {
	case object.kind == Object && index.kind == String:
		return object.Lookup(index.str)
	case object.kind == Array && (index.kind == Int || index.kind == Float && index.Float() == float64(index.Int())):
		if n := index.Int(); n >= 0 && n < int64(object.Len()) {
			return object.Index(int(n))
		}
	}
	return Value{}
}
