package policy

// holds is apply, or a test that does the same for one right side; nil for none.
func (op Operator) holds(v Value, test func(Value) bool, right *Value) bool {
	if test == nil {
		return op.apply(v, *right)
	}
	return test(v)
}

// judge is the outcome of a comparison of a value. Reason says why the value is
// not certain, 0 if it is.
func (op Operator) judge(v Value, reason Outcome, test func(Value) bool, right *Value) Outcome {
	switch {
	case reason != 0:
		if op.decidedBy(*right) {
			return outcomeOf(op.negated())
		}
		return unsure(op.holds(v.asRead(), test, right), reason)
	case v.unread()|right.unread() == 0:
		return outcomeOf(op.holds(v, test, right))
	}
	return op.outcome(v, *right)
}

// decidedBy reports whether no value whatever is in, has, is like or is before what an
// operator compares with, or the other way round if it is a negation.
func (op Operator) decidedBy(right Value) bool {
	if op.negated() {
		op--
	}
	switch op {
	case Equals, Contains, Exists:
		return false
	case In:
		some := right.open() != 0
		right.each(func(_ string, item Value) bool {
			some = some || !item.IsNull()
			return !some
		})
		return right.IsNull() || right.kind == Array && !some
	case ContainsKey:
		return right.kind == Array || right.kind == Object
	}
	return right.IsNull() || right.kind == Array || right.kind == Object
}

// outcome is apply where a part of the operands may not have been read.
func (op Operator) outcome(left, right Value) Outcome {
	positive := op
	if op.negated() {
		positive--
	}
	o := positive.weigh(left, right)
	switch {
	case !o.Known():
		return unsure(op.apply(left.asRead(), right.asRead()), o&reasonBits)
	case positive != op:
		return o.not()
	}
	return o
}

// weigh is what an operator that is no negation comes to.
func (op Operator) weigh(left, right Value) Outcome {
	if left.unread()|right.unread() == 0 {
		return outcomeOf(op.apply(left, right))
	}
	switch op {
	case Equals:
		return mayEqual(left, right)
	case In:
		return mayBeIn(left, right)
	case Contains:
		return mayContain(left, right)
	case ContainsKey:
		switch {
		case left.kind == Object, left.kind == Unread && right.kind < Array:
			return mayContain(left, right)
		}
		return isFalse
	case Exists:
		if left.kind == Unread || right.kind == Unread {
			return unsure(false, left.unread()|right.unread())
		}
		return outcomeOf(op.apply(left, right))
	}
	// The others look at single values: null, arrays and objects are none.
	for _, v := range [...]Value{left, right} {
		if v.kind != Unread && (v.IsNull() || v.kind >= Array) {
			return isFalse
		}
	}
	return unsure(false, left.unread()|right.unread())
}

// mayEqual is equality: false where something known differs, true where all is
// known and the same.
func mayEqual(l, r Value) Outcome {
	reason := l.unread() | r.unread()
	switch {
	case l.kind == Unread || r.kind == Unread:
		return unsure(false, reason)
	case reason == 0:
		return outcomeOf(equal(l, r))
	case l.kind != r.kind:
		return isFalse
	case l.kind == Object:
		return sameMembers(l, r).and(sameMembers(r, l))
	case l.open()|r.open() != 0:
		return unsure(false, reason)
	case l.Len() != r.Len():
		return isFalse
	}
	o := Outcome(isTrue)
	for i := range l.Len() {
		if o = o.and(mayBeSame(l.Index(i), r.Index(i))); o.False() {
			break
		}
	}
	return o
}

// mayBeSame is mayEqual without any coercion.
func mayBeSame(l, r Value) Outcome {
	if l.unread()|r.unread() == 0 {
		return outcomeOf(strictEqual(l, r))
	}
	return mayEqual(l, r)
}

// sameMembers is whether another object has all members of one.
func sameMembers(v, other Value) Outcome {
	o := Outcome(isTrue)
	if reason := v.open(); reason != 0 {
		o = unsure(false, reason)
	}
	v.each(func(key string, item Value) bool {
		found, ok := other.exact(key)
		switch {
		case ok:
			o = o.and(mayBeSame(item, found))
		case item.kind == Unread: // it need not be there
			o = o.and(unsure(false, item.unread()))
		case other.open() != 0:
			o = o.and(unsure(false, other.open()))
		default:
			o = isFalse
		}
		return !o.False()
	})
	return o
}

func mayBeIn(left, right Value) Outcome {
	switch {
	case left.IsNull() || right.IsNull():
		return isFalse
	case right.kind != Array:
		return mayEqual(left, right)
	}
	o := Outcome(isFalse)
	if reason := right.open(); reason != 0 {
		o = unsure(false, reason)
	}
	right.each(func(_ string, item Value) bool {
		if !item.IsNull() {
			o = o.or(mayEqual(left, item))
		}
		return !o.True()
	})
	return o
}

// mayContain is contains: of an array an item, of an object a key.
func mayContain(left, right Value) Outcome {
	switch {
	case left.kind == Unread:
		return unsure(false, left.unread()|right.unread())
	case left.IsNull(), left.kind < Array && right.kind != Unread:
		return outcomeOf(contains(left, right))
	case left.kind < Array:
		return unsure(false, right.unread())
	}
	o := Outcome(isFalse)
	if reason := left.open(); reason != 0 {
		o = unsure(false, reason)
	}
	left.each(func(name string, item Value) bool {
		if left.kind == Array {
			o = o.or(mayEqual(item, right))
			return !o.True()
		}
		key := mayEqual(StringValue(name), right)
		if item.kind == Unread { // it need not be there
			key = key.and(unsure(false, item.unread()))
		}
		o = o.or(key)
		return !o.True()
	})
	return o
}
