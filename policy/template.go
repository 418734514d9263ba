package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// scope is what an expression is evaluated in.
type scope interface {
	field(name string) (Value, error) // field('name'); null-like Missing when absent
	current(name string, named bool) (Value, error)
	parameter(name string) (Value, bool)
	context(function string) Value      // resourceGroup, subscription, requestContext, policy, claims; Missing when not known
	member(function, name string) Value // of what context gives
	now() string                        // utcNow()
	note(err error)                     // records what failed although there is a value; see doubt
}

// constants are the values known before any resource is seen.
type constants interface {
	parameter(name string) (Value, bool)
	// ofPolicy gives a member of what policy() returns.
	ofPolicy(member string) (Value, bool)
}

// isConst reports whether t is a literal through and through.
func (t Template) isConst() bool { return t.Expr == nil && t.Items == nil && t.Members == nil }

// errMissingPart is the error of an item or a property that an expression has no
// value for, in an array or object that a rule writes.
var errMissingPart = errors.New("is missing, want a value")

func (t Template) missing() error {
	return fmt.Errorf("%s %w", shortText(templateWords(t)), errMissingPart)
}

// eval computes a template's value. Missing is possible for a whole expression;
// inside an array or object it is an error. Errors of the scope come through
// unchanged.
func (t Template) eval(s scope) (Value, error) {
	switch {
	case t.Expr != nil:
		return t.Expr.root.eval(s)
	case t.Items != nil:
		items := make([]Value, len(t.Items))
		for i := range t.Items {
			item, err := t.Items[i].eval(s)
			if err == nil && item.kind == Missing {
				err = t.Items[i].missing()
			}
			if err != nil {
				return Value{}, err
			}
			items[i] = item
		}
		return arrayOf(items...), nil
	case t.Members != nil:
		keys, values := make([]string, len(t.Members)), make([]Value, len(t.Members))
		for i := range t.Members {
			value, err := t.Members[i].Value.eval(s)
			if err == nil && value.kind == Missing {
				err = t.Members[i].Value.missing()
			}
			if err != nil {
				return Value{}, err
			}
			keys[i], values[i] = t.Members[i].Key, value
		}
		return objectOf(keys, values), nil
	}
	return t.Const, nil
}

// written is v where a function gives it: nothing becomes null.
func (v Value) written() Value {
	if v.kind == Missing {
		return NullValue()
	}
	return v
}

// fold computes every part of t that depends on nothing but parameters. A part
// whose evaluation fails stays as it is, so that it fails when it is needed;
// of if() with a known condition the branch taken remains.
func (t Template) fold(s constants) Template {
	switch {
	case t.Expr != nil:
		root := t.Expr.root.fold(s)
		if root.kind == literalTerm {
			return Template{Const: root.value, Pos: t.Pos}
		}
		return Template{Expr: &Expression{root: root}, Pos: t.Pos}
	case t.Items != nil:
		folded := Template{Items: make([]Template, len(t.Items)), Pos: t.Pos}
		settled := true
		for i := range t.Items {
			folded.Items[i] = t.Items[i].fold(s)
			settled = settled && folded.Items[i].isConst()
		}
		return folded.settle(settled)
	case t.Members != nil:
		folded := Template{Members: make([]TemplateMember, len(t.Members)), Pos: t.Pos}
		settled := true
		for i, m := range t.Members {
			folded.Members[i] = TemplateMember{Key: m.Key, Value: m.Value.fold(s)}
			settled = settled && folded.Members[i].Value.isConst()
		}
		return folded.settle(settled)
	}
	return t
}

// settle turns a template all of whose parts are constants into a constant.
func (t Template) settle(settled bool) Template {
	if !settled {
		return t
	}
	v, _ := t.eval(nil)
	return Template{Const: v, Pos: t.Pos}
}

// fold gives a term with everything computed that needs only s.
func (t *term) fold(s constants) *term {
	if t.kind == literalTerm {
		return t
	}
	if name, ok := callWithName(t, "parameters"); ok {
		if v, ok := s.parameter(name); ok && v.kind != Missing {
			return &term{value: v}
		}
		return t
	}
	if t.kind == propertyTerm && t.args[0].kind == callTerm && t.args[0].function.name == "policy" {
		if v, ok := s.ofPolicy(t.name); ok {
			return &term{value: v}
		}
		return t
	}
	args := make([]*term, len(t.args))
	settled := true
	for i, arg := range t.args {
		args[i] = arg.fold(s)
		settled = settled && args[i].kind == literalTerm
	}
	folded := &term{kind: t.kind, name: t.name, function: t.function, args: args}
	if t.kind != callTerm {
		if settled {
			return folded.orLiteral(folded.eval(nil))
		}
		return folded
	}
	switch {
	case t.function.name == "parameters" && settled:
		if v, ok := s.parameter(args[0].value.str); ok && v.kind != Missing {
			return &term{value: v}
		}
	case t.function.name == "if" && args[0].kind == literalTerm:
		if args[0].value.Bool() {
			return args[1]
		}
		return args[2]
	case settled && t.function.call != nil && !t.function.unsettled:
		return folded.orLiteral(folded.callWith(args))
	}
	return folded
}

// callWith calls a plain function on literals.
func (t *term) callWith(args []*term) (Value, error) {
	values := make([]Value, len(args))
	for i, arg := range args {
		values[i] = arg.value
	}
	return t.function.apply(values)
}

// orLiteral is a literal of v, or t where there is no value.
func (t *term) orLiteral(v Value, err error) *term {
	if err != nil || v.kind == Missing {
		return t
	}
	return &term{value: v}
}

// uses is what a template reads when it is evaluated.
type uses struct {
	fields   []string // constant names given to field()
	computed bool     // field() is given a name that is computed
	currents []string // constant names given to current(), "" for none given
	contexts []string // resourceGroup, subscription, requestContext, policy, claims
	names    []string // constant names given to parameters()
	now      bool     // utcNow()
	unique   bool     // uniqueString() or guid()
}

// uses lists what t reads, each name once and as it is written.
func (t Template) uses() uses {
	var u uses
	t.addUses(&u)
	return u
}

func (t Template) addUses(u *uses) {
	if t.Expr != nil {
		t.Expr.root.walk(u.add)
	}
	for i := range t.Items {
		t.Items[i].addUses(u)
	}
	for i := range t.Members {
		t.Members[i].Value.addUses(u)
	}
}

func (u *uses) add(t *term) {
	if t.kind != callTerm {
		return
	}
	switch name := t.function.name; name {
	case "field":
		if t.args[0].kind != literalTerm {
			u.computed = true
			return
		}
		addOnce(&u.fields, t.args[0].value.str)
	case "parameters":
		if t.args[0].kind == literalTerm {
			addOnce(&u.names, t.args[0].value.str)
		}
	case "current":
		given := ""
		if len(t.args) == 1 && t.args[0].kind == literalTerm {
			given = t.args[0].value.str
		}
		addOnce(&u.currents, given)
	case "utcNow":
		u.now = true
	case "uniqueString", "guid":
		u.unique = true
	case "resourceGroup", "subscription", "requestContext", "policy", "claims":
		addOnce(&u.contexts, name)
	}
}

func addOnce(list *[]string, s string) {
	if !slices.Contains(*list, s) {
		*list = append(*list, s)
	}
}

// appendKey writes a text that two templates share only if they compute the
// same from the same scope.
func (t Template) appendKey(dst []byte) []byte {
	switch {
	case t.Expr != nil:
		return append(t.Expr.root.appendText(append(dst, "[="...)), ']')
	case t.Items != nil:
		dst = append(dst, "[*"...)
		for i := range t.Items {
			dst = append(t.Items[i].appendKey(dst), ',')
		}
		return append(dst, ']')
	case t.Members != nil:
		dst = append(dst, "{*"...)
		for i := range t.Members {
			dst = append(appendQuoted(dst, t.Members[i].Key), ':')
			dst = append(t.Members[i].Value.appendKey(dst), ',')
		}
		return append(dst, '}')
	}
	return t.Const.appendKey(dst)
}

// Marks in a pattern for the results of uniqueString and guid, which cannot be
// computed here as the cloud computes them.
const (
	uniqueMark = '\x01' // one of a-z and 2-7
	hexMark    = '\x02' // one hexadecimal digit
)

// markScope makes uniqueString and guid give marks.
type markScope struct{ scope }

// member is any text for what policy() says of an assignment, which is hashed.
func (s markScope) member(function, name string) Value {
	if function == "policy" {
		return StringValue("")
	}
	return s.scope.member(function, name)
}

// uniquePattern evaluates a template that calls uniqueString or guid to a
// pattern for matchUnique. It is not ok where the template calls neither, or
// has no text for a result.
func (t Template) uniquePattern(s scope) (pattern string, ok bool) {
	if !t.uses().unique {
		return "", false
	}
	v, err := t.eval(markScope{s})
	if err != nil || v.kind != String || !strings.ContainsAny(v.str, "\x01\x02") {
		return "", false
	}
	return v.str, true
}

// matchUnique matches a text against a pattern of uniquePattern, ignoring case.
func matchUnique(pattern, text string) bool {
	pattern, text = fold(pattern), fold(text)
	if len(pattern) != len(text) {
		return false
	}
	for i := range len(pattern) {
		c := text[i]
		switch pattern[i] {
		case uniqueMark:
			if (c < 'a' || c > 'z') && (c < '2' || c > '7') {
				return false
			}
		case hexMark:
			if (c < 'a' || c > 'f') && !isDigit(c) {
				return false
			}
		default:
			if c != pattern[i] {
				return false
			}
		}
	}
	return true
}
