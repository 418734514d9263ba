package policy

import (
	"bytes"
	"strings"
)

// Most names that existence checks compute are made of the resource's own:
// concat(first(split(field('fullName'), '/')), '/agent'). These are written
// without evaluating an expression.

// ownName says what to look for under a name that is made of the resource's
// own.
type ownName struct {
	query Query // but for the name
	name  *term
}

// ownNameOf gives a check's, nil if it computes more than such a name.
func (f *frame) ownNameOf(d *Details) *ownName {
	if d.Name == nil || d.Name.Expr == nil || !isOwnName(d.Name.Expr.root) {
		return nil
	}
	for _, t := range []*Template{d.Type, d.Kind, d.ResourceGroupName, d.ExistenceScope} {
		if t != nil && !isLiteral(*t) {
			return nil
		}
	}
	fixed := *d
	fixed.Name = &Template{Const: StringValue("")}
	q, err := f.query(&fixed)
	if err != nil {
		return nil
	}
	return &ownName{q, d.Name.Expr.root}
}

func isOwnName(t *term) bool {
	switch {
	case t.kind == literalTerm:
		return t.value.Kind() == String
	case t.kind != callTerm:
		return false
	case t.function.name == "concat" && len(t.args) > 0:
		for _, arg := range t.args {
			if !isOwnName(arg) {
				return false
			}
		}
		return true
	case t.cutsAtSlash():
		return isOwnName(t.args[0].args[0])
	}
	return t.namesField() != ""
}

// cutsAtSlash reports whether t is first(split(…, '/')) or last(split(…, '/')).
func (t *term) cutsAtSlash() bool {
	if t.function.name != "first" && t.function.name != "last" {
		return false
	}
	s := t.args[0]
	return s.kind == callTerm && s.function.name == "split" && s.args[1].kind == literalTerm && s.args[1].value.Kind() == String && s.args[1].value.Text() == "/"
}

// namesField gives name or fullname where t is that field.
func (t *term) namesField() string {
	if t.function.name != "field" || t.args[0].kind != literalTerm || t.args[0].value.Kind() != String {
		return ""
	}
	if name := strings.ToLower(t.args[0].value.Text()); name == "name" || name == "fullname" {
		return name
	}
	return ""
}

// appendOwnName writes what t comes to on the resource at hand. False: it has
// no such name.
func (x *candidates) appendOwnName(dst []byte, t *term, r *Resource) ([]byte, bool) {
	start, ok := len(dst), true
	switch {
	case t.kind == literalTerm:
		return append(dst, t.value.Text()...), true
	case t.function.name == "concat":
		for _, arg := range t.args {
			if dst, ok = x.appendOwnName(dst, arg, r); !ok {
				return dst, false
			}
		}
		return dst, true
	case t.function.name == "field":
		name := r.Name
		if t.namesField() == "fullname" {
			name = x.fullName(r)
		}
		return append(dst, name...), name != ""
	}
	if dst, ok = x.appendOwnName(dst, t.args[0].args[0], r); !ok {
		return dst, false
	}
	if t.function.name == "last" {
		cut := start + bytes.LastIndexByte(dst[start:], '/') + 1
		return append(dst[:start], dst[cut:]...), true
	}
	if cut := bytes.IndexByte(dst[start:], '/'); cut >= 0 {
		dst = dst[:start+cut]
	}
	return dst, true
}
