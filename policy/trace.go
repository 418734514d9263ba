package policy

import (
	"encoding/json"
	"slices"
	"strings"
)

// Trace is how one condition of a rule came out on one resource.
type Trace struct {
	// Kind is allOf, anyOf, not, field, value, count, or constant for what
	// does not depend on the resource.
	Kind     string
	Outcome  Outcome
	Field    string // field leaves: as the rule names it
	Operator string
	Wanted   Value // the right-hand side
	Found    []Found
	Children []*Trace // of a logical condition; of a count: its where, once a member
	Errors   []string
	Pos      Position // in the rule's file

	op      Operator
	relates bool // it compares with a field of the resource under if
	// left is what a value leaf compares, or a value count goes through, as the
	// rule writes it; computes says that it is not just a field.
	left     string
	right    string // what a leaf compares with, as the rule writes it
	computes bool
	counts   bool     // it counts the members of left
	taken    bool     // it is a value leaf that compares what stands at one place as it is
	places   []string // of the members of a count, by child; "" for what is computed
	members  []Value  // of a value count, by child; Missing for what is not told
	apart    bool     // it is a value leaf on a related resource: field() reads the other one
	chosen   bool     // it is a count of those members that its where is true of
	rights   int      // how many of Found the right side read
	number   Value    // of a count: of the members that certainly count, where others may
}

// Found is one value that a condition read.
type Found struct {
	Path   string // in the body, members by index: properties.rules[2].access
	Value  Value  // Missing: nothing is there
	Secret bool   // the value is masked
	// Resource is the id of the resource under if where a condition on a
	// related one reads it there, else "".
	Resource string

	outer   bool   // field() has read it
	member  bool   // it is the member of a value count
	met     bool   // it certainly passes the condition by itself
	right   bool   // it was not read, which leaves open what a condition compares with
	named   bool   // a field's computed name was made of it; it is not compared
	members string // of an empty array: the path from there of what a field asks for
}

// trace evaluates a condition in full and keeps what every part came to.
func (f *frame) trace(c *cond) *Trace {
	t := &Trace{Outcome: isTrue}
	if c.source != nil {
		t.Pos = c.source.Pos
	}
	switch c.kind {
	case isConst:
		t.Kind, t.Outcome = "constant", c.fixed
		if c.source != nil && c.source.Kind >= FieldLeaf {
			t.describe(c.source)
			if fieldOf(c.source) == "type" {
				t.Found = []Found{{Path: "type", Value: StringValue(f.self.Type)}}
			}
		}
	case AllOf, AnyOf, Not:
		t.Kind = logicalNames[c.kind]
		for _, k := range c.kids {
			t.Children = append(t.Children, f.trace(k))
		}
		t.Outcome = t.join(c.kind)
	default:
		f.traceLeaf(t, c)
	}
	return t
}

// logicalNames are the kinds of traces of logical conditions, by theirs.
var logicalNames = [...]string{AllOf: "allOf", AnyOf: "anyOf", Not: "not"}

func (t *Trace) join(kind ConditionKind) Outcome {
	if kind == Not {
		return t.Children[0].Outcome.not()
	}
	r := Outcome(isTrue)
	if kind == AnyOf {
		r = isFalse
	}
	for _, child := range t.Children {
		if kind == AllOf {
			r = r.and(child.Outcome)
		} else {
			r = r.or(child.Outcome)
		}
	}
	return r
}

// describe takes over what the source of a leaf says.
func (t *Trace) describe(c *Condition) {
	t.op, t.Operator = c.Operator, c.Operator.String()
	t.relates = c.relates()
	if isLiteral(c.Right) {
		t.Wanted = c.Right.Const
	} else {
		t.right = expressionWords(c.Right)
	}
	switch {
	case c.Kind == FieldLeaf && isLiteral(c.Left):
		t.Field = c.Left.Const.Text()
	case c.Kind == ValueLeaf:
		name := ""
		t.left = expressionWords(c.Left)
		if c.Left.Expr != nil {
			name, _ = callWithName(c.Left.Expr.root, "field")
		}
		if t.computes = name == "" || strings.Contains(name, "[*]"); !t.computes {
			t.left = name
		}
	case c.Kind == CountLeaf && c.Count.Value != nil:
		t.left, t.counts = expressionWords(*c.Count.Value), true
	}
}

func (f *frame) traceLeaf(t *Trace, c *cond) {
	t.Kind = [...]string{"field", "value", "count"}[c.kind-FieldLeaf]
	t.describe(c.source)
	t.apart = c.kind == ValueLeaf && f.self != f.outer
	l := c.leaf
	f.shapes = l.shapes
	watch, fault := f.watch, f.fault
	defer func() { f.watch, f.fault = watch, fault }()
	var read []Found
	if !isLiteral(l.right) {
		t.Wanted, read = f.shown(l.right)
	}
	seen, secrets := f.seen, f.secrets
	f.seen, f.secrets = false, nil
	defer func() {
		t.hide(f.seen, l)
		if t.Wanted = withoutGuesses(t.Wanted, f.secrets); l.kind == CountLeaf {
			t.hideGuesses(f.secrets)
		}
		f.secrets = secrets
		f.seen = seen || f.seen
	}()
	f.fault = func(err error) { t.Errors = append(t.Errors, err.Error()) }
	note := func(at string, fd *field, v Value) {
		t.Found = append(t.Found, f.noted(at, fd, v))
		last := &t.Found[len(t.Found)-1]
		last.named = f.naming
		if last.outer = f.inOuter; f.inOuter && f.self != f.outer {
			last.Resource = f.outer.ID
		}
	}
	f.watch = note
	if l.count != nil && l.count.where != nil {
		t.chosen = true
		f.watch = nil
		f.traceMembers(t, l.count)
		f.watch = note
	}
	// Inside a count the members' own reads stand in the children.
	if l.kind == CountLeaf {
		if t.chosen && !f.seen {
			f.members = t.settledMembers()
		}
		t.Outcome = f.evaluateLeaf(l)
		f.members = nil
		if l.count.field != nil && l.count.field.secret || f.seen {
			t.maskComputed()
		}
		t.keepNumber(f, l.count)
		return
	}
	if l.field != nil && l.field.kind == fieldNull {
		t.hideCompared(f.fields, l.field)
	}
	f.namedField = nil
	f.tested = func(o Outcome) { t.Found[len(t.Found)-1].met = o.True() }
	t.Outcome = f.evaluateLeaf(l)
	f.tested = nil
	t.readOf(f, l, min(len(read), len(t.Found)))
}

// settledMembers gives what the members of a count come to, nil unless their traces
// tell all that there is to tell of them: each was traced, nothing failed, and
// nothing was left open.
func (t *Trace) settledMembers() []*Trace {
	passed := 0
	var settled func(*Trace) bool
	settled = func(t *Trace) bool {
		if !t.Outcome.Known() || len(t.Errors) > 0 || t.Kind == "count" && len(t.Children) >= maxTracedMembers {
			return false
		}
		passed++
		return !slices.ContainsFunc(t.Found, func(f Found) bool { return f.Value.unread() != 0 }) &&
			!slices.ContainsFunc(t.Children, func(child *Trace) bool { return !settled(child) })
	}
	if len(t.Children) >= maxTracedMembers || slices.ContainsFunc(t.Children, func(child *Trace) bool { return !settled(child) }) || passed > maxLongIterations {
		return nil
	}
	return t.Children
}

// hideCompared masks what is compared with a field of other types that is secret
// there.
func (t *Trace) hideCompared(fields *fieldResolver, fd *field) {
	if t.Wanted.IsNull() {
		return
	}
	if t.Wanted = WithoutSecrets(fd.aliasName(), t.Wanted); fields.aliases.hides(fd.name) {
		t.Wanted = StringValue(masked)
	}
}

// lacksRight reports whether there is nothing to show of what a leaf compares
// with but what the rule writes: it was not read, or is missing.
func (t *Trace) lacksRight() bool {
	return t.Wanted.Kind() == Unread || t.Wanted.Kind() == Missing && t.right != ""
}

// readOf puts what the expressions of a leaf read, as far as they are known to,
// in the place of what was noted. The first notes are of the right side.
func (t *Trace) readOf(f *frame, l *leaf, rights int) {
	noted := t.Found[rights:]
	var right, left, unread []Found
	for _, r := range f.told(f.sources(l.right)) {
		switch {
		case t.Wanted.Kind() == Unread && r.Value.Kind() == Unread:
			r.right = true
			unread = append(unread, r)
		case l.kind == ValueLeaf || f.self == f.outer: // else it stands in the other resource
			right = append(right, r)
		}
	}
	for _, r := range t.Found[:rights] { // of no source: what stands around the resource
		if t.Wanted.Kind() == Unread && r.Value.Kind() == Unread && isContext(r.Path) {
			r.right, r.outer = true, true
			unread = append(unread, r)
		}
	}
	switch {
	case l.kind == ValueLeaf:
		_, t.taken = f.taken(l.left)
		if left = f.told(f.sources(l.left)); len(left) == 0 {
			left = slices.DeleteFunc(slices.Clone(noted), func(f Found) bool { return f.Path == "" })
		}
		if n := len(noted); n > 0 && noted[n-1].Path == "" && !t.taken {
			left = append(left, noted[n-1])
		}
	case len(noted) == 0 && l.field != nil && l.field.kind == fieldPath && l.field.path.stars > 0:
		left = f.told(f.empties(l.field, f.self))
	default:
		left = noted
		if fd := f.namedField; l.field == nil && fd != nil && fd.kind == fieldPath && !slices.ContainsFunc(noted, Found.isCompared) {
			left = slices.Concat(noted, f.told(f.empties(fd, f.self)))
		}
	}
	for _, n := range t.Found[:rights] {
		if t.Wanted.Kind() == Unread && n.isAround() && !slices.ContainsFunc(unread, func(u Found) bool { return u.Path == n.Path }) {
			n.right = true
			unread = append(unread, n)
		}
	}
	left = slices.DeleteFunc(left, func(f Found) bool {
		return slices.ContainsFunc(unread, func(u Found) bool { return u.Path == f.Path })
	})
	t.Found, t.rights = slices.Concat(right, left, unread), len(right)
	t.tellUnread(noted)
}

// isAround reports whether it is what a context function lacks.
func (f Found) isAround() bool {
	return f.Value.Kind() == Unread && strings.Contains(f.Path, "()")
}

func (f Found) isCompared() bool { return !f.named }

// tellUnread adds what was noted as not read and is the value of no source, such
// as what is below it.
func (t *Trace) tellUnread(noted []Found) {
	for _, n := range noted {
		if n.Value.Kind() != Unread || n.Path == "" || slices.ContainsFunc(t.Found, func(f Found) bool { return f.Path == n.Path }) {
			continue
		}
		for _, f := range t.Found {
			if isBelow(n.Path, f.Path) {
				n.outer, n.Resource = f.outer, f.Resource
			}
		}
		t.Found = append(t.Found, n)
	}
}

// isBelow reports whether a path goes on from another.
func isBelow(path, from string) bool {
	rest, ok := strings.CutPrefix(path, from)
	return ok && from != "" && rest != "" && (rest[0] == '.' || rest[0] == '[')
}

// expressionWords writes a template, expressions without their brackets.
func expressionWords(t Template) string {
	if t.Expr == nil {
		return shortText(templateWords(t))
	}
	return shortText(strings.TrimSuffix(strings.TrimPrefix(t.Expr.String(), "["), "]"))
}

// shown computes a template for people, with what it read: what depends on a
// secret is masked.
func (f *frame) shown(tpl Template) (v Value, read []Found) {
	seen := f.seen
	f.seen = false
	f.watch = func(at string, fd *field, v Value) { read = append(read, f.noted(at, fd, v)) }
	v, err := f.take(tpl)
	secret := f.seen
	f.seen = seen
	switch {
	case err != nil:
		return Value{}.orUnread(unreadReason(err)), read
	case secret && !v.IsNull():
		return StringValue(masked), read
	}
	return WithoutSecrets("", v.Clone()), read
}

// hide masks what a leaf computed where it has seen a secret, also in the
// conditions on the members of a count, and where it is that a computed name
// led to.
func (t *Trace) hide(seen bool, l *leaf) {
	if !seen {
		return
	}
	t.maskComputed()
	if l.kind == FieldLeaf && l.field == nil || l.left.uses().computed || l.right.uses().computed {
		for i := range t.Found {
			if f := &t.Found[i]; f.Path != "" {
				f.Path = masked
			}
		}
	}
	if l.count != nil && l.count.value != nil && l.count.value.uses().computed {
		t.places = nil
	}
}

// hideGuesses does so in the conditions on the members of a count.
func (t *Trace) hideGuesses(secrets []Value) {
	for _, child := range t.Children {
		child.Wanted = withoutGuesses(child.Wanted, secrets)
		child.hideGuesses(secrets)
	}
}

func (t *Trace) maskComputed() {
	for i := range t.Found {
		if f := &t.Found[i]; (f.Path == "" || f.member) && t.Kind != "count" && !f.Value.IsNull() {
			f.Value, f.Secret = StringValue(masked), true
		}
	}
	for i := range t.members {
		if i >= len(t.places) || t.places[i] == "" {
			t.members[i] = Value{}
		}
	}
	for _, child := range t.Children {
		child.maskComputed()
	}
}

// maxTracedMembers bounds how many members of one count are traced. Of further
// ones only those are that count, or may, and just as many: what a long list
// hides at its end is told too.
const maxTracedMembers = 200

// isTold reports whether the condition on the member that is pinned is traced.
func (f *frame) isTold(t *Trace, n *counter) bool {
	if len(t.Children) < maxTracedMembers {
		return true
	}
	fault := f.fault
	f.fault = nil
	defer func() { f.fault = fault }()
	return len(t.Children) < 2*maxTracedMembers && !f.evaluate(n.where).False()
}

// traceMembers traces the condition on each member, with where it stands and, of
// a value count, what it is.
func (f *frame) traceMembers(t *Trace, n *counter) {
	if n.value != nil {
		f.traceValues(t, n)
		return
	}
	if n.field.kind != fieldPath {
		return
	}
	f.walk(f.self, n.field.path, func(s selection) bool {
		if s.absent {
			return true
		}
		before := len(f.pins)
		f.pinMember(n.field.path, s)
		if len(f.pins) > before {
			f.pins[len(f.pins)-1].field = n.field
		}
		if f.isTold(t, n) {
			t.places = append(t.places, n.field.path.located(s.indexes))
			t.Children = append(t.Children, f.trace(n.where))
		}
		f.pins = f.pins[:before]
		return len(t.Children) < 2*maxTracedMembers
	})
}

func (f *frame) traceValues(t *Trace, n *counter) {
	v, err := f.take(*n.value)
	if err != nil || v.Kind() != Array {
		return
	}
	var all source
	if n.value.Expr != nil {
		all, _ = f.sourceOf(n.value.Expr.root)
	}
	p := pin{name: n.name, index: v.Len(), secret: f.readsSecret(*n.value)}
	if p.name == "" {
		p.name = "default"
	}
	for i := range v.Len() {
		if len(t.Children) >= 2*maxTracedMembers || !n.long && i >= maxIterations {
			break
		}
		p.member, p.from = v.Index(i), nil
		f.pins = append(f.pins, p)
		told := f.isTold(t, n)
		f.pins = f.pins[:len(f.pins)-1]
		if !told {
			continue
		}
		at, value := "", Value{}
		if from, ok := all.step(IntValue(int64(i))); ok {
			p.from, at = &from, from.text()
		}
		switch {
		case !isScalar(p.member):
		case p.from != nil:
			value = f.told([]source{*p.from})[0].Value
		case p.secret:
			value = StringValue(masked)
		default:
			value = f.found("", nil, p.member).Value
		}
		f.pins = append(f.pins, p)
		t.Children = append(t.Children, f.trace(n.where))
		f.pins = f.pins[:len(f.pins)-1]
		t.places, t.members = append(t.places, at), append(t.members, value)
	}
}

// MarshalJSON writes a trace as an object: kind, outcome, and what the kind has.
func (t *Trace) MarshalJSON() ([]byte, error) {
	type foundJSON struct {
		Path   string `json:"path"`
		Value  Value  `json:"value"`
		Absent bool   `json:"absent,omitempty"`
		// Resource is the one that the path is in, if it is another.
		Resource string `json:"resource,omitempty"`
	}
	values := make([]foundJSON, len(t.Found))
	for i, f := range t.Found {
		values[i] = foundJSON{f.Path, f.Value, f.Value.Kind() == Missing, f.Resource}
	}
	var wanted *Value
	if t.Operator != "" {
		wanted = &t.Wanted
	}
	return json.Marshal(struct {
		Kind     string      `json:"kind"`
		Outcome  string      `json:"outcome"`
		Field    string      `json:"field,omitempty"`
		Operator string      `json:"operator,omitempty"`
		Wanted   *Value      `json:"wanted,omitempty"`
		Found    []foundJSON `json:"found,omitempty"`
		Errors   []string    `json:"errors,omitempty"`
		Line     int         `json:"line,omitempty"`
		Members  []Value     `json:"members,omitempty"` // of a value count
		Places   []string    `json:"places,omitempty"`  // of the members of a count
		Children []*Trace    `json:"conditions,omitempty"`
	}{t.Kind, t.Outcome.String(), t.Field, t.Operator, wanted, values, t.Errors, t.Pos.Line, t.members, t.places, t.Children})
}
