package policy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/valyala/fastjson"
)

// frame is what one evaluation of one rule on one resource knows.
type frame struct {
	self   *Resource // what field conditions read
	outer  *Resource // what field() reads: the resource under if
	pins   []pin
	fields *fieldResolver
	shapes *shapes // what the condition at hand takes for granted
	policy Value   // what policy() returns; Missing if there is none
	clock  string  // what utcNow() returns

	slots   []*fastjson.Value // see program
	slotsOf *Resource

	watch func(at string, fd *field, v Value) // called with every value that is read, if not nil
	// tested is called with what every value of a path that was read comes to.
	tested func(Outcome)
	// inOuter says that what is read is of outer, by field().
	inOuter bool
	// naming says that what is read makes the name of a field; namedField is that
	// field. Both are for traces.
	naming     bool
	namedField *field
	fault      func(error) // called with every failed expression, if not nil
	// While watched: that a secret was read, and what of it is not shown.
	seen    bool
	secrets []Value
	secret  map[secretKey]bool // see whetherSecret; nil where nothing is remembered
	hidings map[string]hiding  // by path, of the resource that is inspected

	// How many counts are being evaluated, one in the other, and how many members
	// the value counts among them have gone through.
	counting, passed int
	// counted is the result of the count that ended last.
	counted tally

	// members are what those of the count that is evaluated next come to, nil where
	// that is not known.
	members []*Trace

	groups *groupCache // nil outside a set
	around *around     // of outer's group, once it is needed

	// parameters are those of a rule whose conditions are told as it writes them.
	parameters map[string]Value

	preset  map[string]Value // what field() returns where outer's body is gone, by lower-cased name
	unknown Outcome          // why a context function could not answer; see take
	doubt   error            // what was noted first; see take
}

func (f *frame) evaluate(c *cond) Outcome {
	switch c.kind {
	case isConst:
		return c.fixed
	case AllOf:
		r := Outcome(isTrue)
		for _, k := range c.kids {
			if r = r.and(f.evaluate(k)); r.False() {
				break
			}
		}
		return r
	case AnyOf:
		r := Outcome(isFalse)
		for _, k := range c.kids {
			if r = r.or(f.evaluate(k)); r.True() {
				break
			}
		}
		return r
	case Not:
		return f.evaluate(c.kids[0]).not()
	}
	return f.evaluateLeaf(c.leaf)
}

func (f *frame) resolve(name string, r *Resource) *field { return f.fields.eased(name, r, f.shapes) }

func (f *frame) evaluateLeaf(l *leaf) Outcome {
	f.shapes = l.shapes
	if l.test != nil {
		return f.evaluateLeft(l, l.test, &l.right.Const)
	}
	right, certain, err := f.operand(l.right, l.rightAround)
	switch {
	case err != nil:
		return f.failRight(l, err)
	case right.Kind() == Missing:
		return f.failIn(l.right, errMissingRight)
	case l.kind == FieldLeaf && l.field != nil && l.field.kind == fieldLocation:
		right = withoutSpaces(right)
	}
	wanted := right // on the heap, which most come to no need of
	o := f.evaluateLeft(l, nil, &wanted)
	if !certain {
		return o.doubted()
	}
	return o
}

// errMissingRight is the error of a leaf that compares with what is not there:
// an item beyond the end, a property that an object lacks.
var errMissingRight = errors.New("what to compare with is missing, want a value")

// evaluateLeft evaluates a leaf whose right side is known, prepared as test or
// not.
func (f *frame) evaluateLeft(l *leaf, test func(Value) bool, right *Value) Outcome {
	switch l.kind {
	case FieldLeaf:
		return f.testField(l, test, right)
	case ValueLeaf:
		return f.testValue(l, test, right)
	}
	return f.testCount(l, test, right)
}

// failRight is the outcome of a leaf whose right side ended in err.
func (f *frame) failRight(l *leaf, err error) Outcome {
	if v := l.right.anything(err, false); v.kind == Unread && f.tryLeft(l, &v).Known() {
		return f.evaluateLeft(l, nil, &v)
	}
	return f.failIn(l.right, err)
}

// tryLeft is evaluateLeft without a word to those who listen.
func (f *frame) tryLeft(l *leaf, right *Value) Outcome {
	quiet := *f
	quiet.watch, quiet.fault, quiet.tested = nil, nil, nil
	return quiet.evaluateLeft(l, nil, right)
}

func (f *frame) testValue(l *leaf, test func(Value) bool, right *Value) Outcome {
	left, certain, err := f.operand(l.left, l.leftAround)
	if err != nil {
		return f.failLeft(l, err, right)
	}
	f.read("", nil, left)
	o := Outcome(isFalse)
	if left.Kind() != Missing {
		o = l.op.judge(left, 0, test, right)
	}
	if !certain {
		return o.doubted()
	}
	return o
}

// failLeft is the outcome of a leaf whose left side ended in err. One that is missing is
// false.
func (f *frame) failLeft(l *leaf, err error, right *Value) Outcome {
	if v := l.left.anything(err, true); v.kind == Unread {
		if o := l.op.outcome(v, *right); o.False() || o.True() && l.left.anything(err, false).kind == Unread {
			f.read("", nil, v)
			return o
		}
	}
	return f.failIn(l.left, err)
}

// fail is the outcome of a leaf whose expression ended in err.
func (f *frame) fail(err error) Outcome {
	if u := (*unread)(nil); errors.As(err, &u) {
		if u.path != "" && !f.seen { // a key in it may have been computed of a secret
			f.read(u.path, nil, unreadValue(u.reason, u.path))
		}
		return unsure(false, u.reason)
	}
	if f.fault != nil {
		f.fault(err)
	}
	return failed
}

// failIn is the outcome of a leaf of which a template ended in err.
func (f *frame) failIn(t Template, err error) Outcome {
	if f.fault != nil && unreadReason(err) == 0 {
		err = f.failure(t, err)
	}
	return f.fail(err)
}

// failure names the expression that failed, and on what: messages quote values,
// so not where it read a secret.
func (f *frame) failure(t Template, err error) error {
	if f.readsSecret(t) {
		err = errOnSecret
	}
	if t.Expr == nil {
		return err
	}
	return fmt.Errorf("%w (in %s)", err, shortText(t.Expr.String()))
}

var errOnSecret = errors.New("failed on a value that is secret")

func (f *frame) read(at string, fd *field, v Value) {
	if f.watch != nil {
		f.watch(at, fd, v)
	}
}

func (f *frame) testField(l *leaf, test func(Value) bool, right *Value) Outcome {
	fd := l.field
	if fd == nil {
		name, err := f.fieldName(l.left)
		if err != nil {
			f.naming = true // what was not read of it, too
			o := f.failIn(l.left, err)
			f.naming = false
			return o
		}
		if name.Kind() != String {
			return f.failIn(l.left, errors.New("field: its computed name is no text"))
		}
		fd = f.resolve(name.Text(), f.self)
		if fd.kind == fieldUnknown && f.fault != nil && f.readsSecret(l.left) {
			return f.fail(errOnSecret)
		}
		f.namedField = fd
		if fd.kind == fieldLocation {
			test = l.op.compile(withoutSpaces(*right))
		}
	}
	switch fd.kind {
	case fieldUnknown:
		return f.fail(errUnknownAlias(fd.name))
	case fieldNull:
		f.read(fd.name, fd, Value{})
		return outcomeOf(l.op.holds(Value{}, test, right))
	case fieldPath:
		return f.testPath(fd, l.op, test, right)
	}
	v, reason := fd.special(f.self)
	if f.watch != nil {
		f.watch(strings.ToLower(fd.name), fd, v.orUnread(reason))
	}
	if fd.kind == fieldLocation {
		v = withoutSpaces(v)
	}
	return l.op.judge(v, reason, test, right)
}

// fieldName computes the name of a field.
func (f *frame) fieldName(t Template) (Value, error) {
	f.naming = true
	v, err := f.take(t)
	f.naming = false
	return v, err
}

// errUnknownAlias is the error of a field whose name is in no alias table.
type errUnknownAlias string

func (name errUnknownAlias) Error() string { return fmt.Sprintf("unknown alias %q", string(name)) }

// anything is what stands for the value of a template that ended in err, where that
// was not read and is some value, whatever it is; else Missing, and Missing may be
// one of the values.
func (t *Template) anything(err error, missing bool) Value {
	if u := (*unread)(nil); t.Expr != nil && errors.As(err, &u) && t.Expr.root.givesValue(missing) {
		return unreadValue(u.reason, u.path)
	}
	return Value{}
}

// judged is a leaf's outcome on one value; reason says why the value is not
// certain, 0 if it is.
func judged(b bool, reason Outcome) Outcome {
	if reason != 0 {
		return unsure(b, reason)
	}
	return outcomeOf(b)
}

// testPath holds when every value that the path selects passes.
func (f *frame) testPath(fd *field, op Operator, test func(Value) bool, right *Value) Outcome {
	r := Outcome(isTrue)
	f.walk(f.self, fd.path, func(s selection) bool {
		v := f.valueOf(fd.path, s)
		if f.watch != nil {
			f.watch(fd.path.located(s.indexes), fd, v)
		}
		var o Outcome
		if s.reason != 0 {
			if o = op.judge(FromDocument(s.value), s.reason, test, right); s.absent && o.False() {
				o = unsure(false, s.reason) // there may be an array of none
			}
		} else {
			o = op.judge(v, 0, test, right)
		}
		if f.tested != nil {
			f.tested(o)
		}
		r = r.and(o)
		return !r.False() || f.watch != nil
	})
	return r
}

// field is the function field('name').
func (f *frame) field(name string) (Value, error) {
	if f.preset != nil {
		if v, ok := f.preset[strings.ToLower(name)]; ok {
			return v.orError()
		}
	}
	if f.watch != nil {
		f.inOuter = true
		defer func() { f.inOuter = false }()
	}
	fd := f.resolve(name, f.outer)
	switch fd.kind {
	case fieldNull:
		if strings.Contains(name, "[*]") {
			return ArrayValue(), nil
		}
		return NullValue(), nil
	case fieldUnknown:
		return Value{}, fmt.Errorf("field: %w", errUnknownAlias(name))
	case fieldPath:
		return f.fieldAt(fd, f.outer)
	}
	v, reason := fd.special(f.outer)
	if reason != 0 {
		return Value{}, &unread{reason, strings.ToLower(name)}
	}
	if v.Kind() == Missing {
		v = NullValue()
	}
	f.read(strings.ToLower(name), fd, v)
	return v, nil
}

// fieldAt reads a path as an expression sees it: one value, or with a [*] the
// array of the values that are there.
func (f *frame) fieldAt(fd *field, r *Resource) (Value, error) {
	if v, ok := r.outlined(fd.path); ok && f.watch == nil {
		return v, nil
	}
	var items []Value
	single := NullValue()
	var reason Outcome
	f.walk(r, fd.path, func(s selection) bool {
		reason |= s.reason
		v := f.valueOf(fd.path, s)
		if v.kind == Missing || v.kind == Unread && f.watch == nil {
			return true
		}
		if f.watch != nil {
			f.watch(fd.path.located(s.indexes), fd, v)
		}
		single = v
		items = append(items, v)
		return true
	})
	if len(items) == 0 {
		f.read(fd.path.text, fd, Value{})
	}
	if reason != 0 {
		err := &unread{reason: reason}
		if f.watch == nil {
			err.path = fd.path.text
		}
		return Value{}, err
	}
	if fd.path.stars > 0 {
		return arrayOf(items...), nil
	}
	return single, nil
}

var errNoCount = errors.New("current: not inside a count that has this name")

// current is the function current() or current('name').
func (f *frame) current(name string, named bool) (Value, error) {
	if !named {
		if len(f.pins) == 0 {
			return Value{}, errNoCount
		}
		return f.pinnedMember(&f.pins[len(f.pins)-1]).orError()
	}
	for i := len(f.pins) - 1; i >= 0; i-- {
		if p := &f.pins[i]; p.prefix == "" && strings.EqualFold(p.name, name) {
			return f.pinnedMember(p).orError()
		}
	}
	fd := f.resolve(name, f.self)
	if fd.kind != fieldPath {
		return Value{}, errNoCount
	}
	for i := len(f.pins) - 1; i >= 0; i-- {
		if p := &f.pins[i]; p.prefix != "" && strings.HasPrefix(fd.path.lower, p.prefix) {
			return f.below(fd)
		}
	}
	return Value{}, errNoCount
}

func isScalar(v Value) bool { return v.Kind() != Object && v.Kind() != Array }

// below reads a path that runs through a pinned array: the member itself or
// what is below it.
func (f *frame) below(fd *field) (Value, error) {
	var items []Value
	v, path := Value{}, ""
	var reason Outcome
	open := f.openStars(fd.path)
	f.walk(f.self, fd.path, func(s selection) bool {
		reason |= s.reason
		selected := f.valueOf(fd.path, s)
		if selected.kind == Unread && path == "" {
			path = selected.str
		}
		if s.value != nil {
			v = selected
			items = append(items, v)
		}
		if f.watch != nil && !f.seen && s.value != nil {
			f.seen = f.holdsSecret(fd.path.located(s.indexes), fd, selected)
		}
		return true
	})
	if reason != 0 {
		return Value{}, &unread{reason, path}
	}
	if open {
		return arrayOf(items...), nil
	}
	if v.Kind() == Missing {
		v = NullValue()
	}
	return v, nil
}

// pinnedText writes a path with the indexes of the stars that counts have pinned.
func (f *frame) pinnedText(p *bodyPath) string {
	var indexes []int
	for _, st := range p.steps {
		if !st.star {
			continue
		}
		pin := f.pinned(f.self, st.prefix)
		if pin == nil {
			break
		}
		indexes = append(indexes, pin.index)
	}
	return p.located(indexes)
}

// openStars reports whether p has a star that no count has pinned.
func (f *frame) openStars(p *bodyPath) bool {
	for _, st := range p.steps {
		if st.star && f.pinned(f.self, st.prefix) == nil {
			return true
		}
	}
	return false
}
