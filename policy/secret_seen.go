package policy

import (
	"slices"
	"strings"
)

// found copies a value that was read, masking secrets.
func (f *frame) found(at string, fd *field, v Value) Found {
	there := v.Kind() != Missing && v.Kind() != Null && v.Kind() != Unread
	if fd != nil && fd.secret && there {
		return Found{Path: at, Value: StringValue(masked), Secret: true}
	}
	r := Found{Path: at, Value: f.hidden(at, v.Clone())}
	if fd != nil && there {
		// An alias may have a name that says more than that of the property.
		r.Value = hiding{path: fd.name[strings.LastIndexByte(fd.name, '/')+1:]}.value(r.Value)
	}
	r.Secret = !r.Value.Equal(v)
	return r
}

// noted is found, and takes down that a secret was read.
func (f *frame) noted(at string, fd *field, v Value) Found {
	r := f.found(at, fd, v)
	f.seen = f.seen || r.Secret
	if r.Secret {
		f.secrets = appendHidden(f.secrets, v, r.Value)
	}
	return r
}

// appendHidden adds what of a value is not shown.
func appendHidden(all []Value, v, shown Value) []Value {
	switch {
	case v.Kind() == Array && shown.Kind() == Array:
		for i := range min(v.Len(), shown.Len()) {
			all = appendHidden(all, v.Index(i), shown.Index(i))
		}
	case v.Kind() == Object && shown.Kind() == Object:
		for _, key := range v.Keys() {
			all = appendHidden(all, v.Lookup(key), shown.Lookup(key))
		}
	case !v.Equal(shown):
		all = append(all, v.Clone())
	}
	return all
}

// withoutGuesses masks what a rule wants that is a secret which was read.
func withoutGuesses(v Value, secrets []Value) Value {
	if v.Kind() == Array {
		items := make([]Value, v.Len())
		for i := range items {
			items[i] = withoutGuesses(v.Index(i), secrets)
		}
		return ArrayValue(items...)
	}
	for _, secret := range secrets {
		if v.Kind() == secret.Kind() && (v.Equal(secret) || v.Kind() == String && strings.EqualFold(v.Text(), secret.Text())) {
			return StringValue(masked)
		}
	}
	return v
}

// hidden masks what is secret at or below a path of the resources at hand, also
// by their aliases.
func (f *frame) hidden(at string, v Value) Value {
	h := hiding{path: at, closed: isClosed(at)}
	if at != "" {
		h.masks = f.masksAt(at)
	}
	return h.value(v)
}

// readsSecret reports whether a template reads a secret when it is evaluated.
func (f *frame) readsSecret(t Template) bool {
	if isLiteral(t) {
		return false
	}
	watch, seen, secrets, unknown, doubt := f.watch, f.seen, f.secrets, f.unknown, f.doubt
	f.seen = false
	f.watch = func(at string, fd *field, v Value) { f.noted(at, fd, v) }
	_, _ = f.take(t)
	secret := f.seen
	f.watch, f.seen, f.secrets, f.unknown, f.doubt = watch, seen, secrets, unknown, doubt
	return secret
}

// pinnedMember is what current() gives of a pin.
func (f *frame) pinnedMember(p *pin) Value {
	if p.unread.tree != nil {
		path := ""
		if f.tells() {
			path = f.pinnedText(p.path)
		}
		p.member, p.unread = p.unread.of(p.member, path), unreadAt{}
	}
	if f.watch != nil && !f.seen {
		f.seen = p.secret || p.path != nil && f.found(p.memberPath(), nil, p.member).Secret
	}
	return p.member
}

// memberPath is the path of a field count's member: up to its star, and for the
// last star to the end.
func (p *pin) memberPath() string {
	if p.level == p.path.stars-1 {
		return p.path.text
	}
	return p.path.upTo(p.level)
}

// accessed takes down that a property was read of what an expression computed.
func (f *frame) accessed(path string, v Value) {
	if f.watch != nil && !f.seen {
		f.seen = !WithoutSecrets(path, v).Equal(v)
	}
}

// upTo writes a path up to one of its stars, from 0.
func (p *bodyPath) upTo(level int) string {
	for _, s := range p.steps {
		if !s.star {
			continue
		}
		if level--; level < 0 {
			return p.text[:min(len(s.prefix), len(p.text))]
		}
	}
	return p.text
}

// mask is the path of an alias whose values are secret, as steps in lower case;
// * stands for the members of an array.
type mask []string

func maskOf(path string) mask {
	var m mask
	for _, s := range parsePath(path).steps {
		switch {
		case s.star || strings.HasPrefix(s.key, "[") && strings.HasSuffix(s.key, "]"): // one with an index
			m = append(m, "*")
		default:
			m = append(m, strings.ToLower(s.key))
		}
	}
	return m
}

// below gives the rest of the masks that go on with a step.
func below(masks []mask, step string) (rest []mask) {
	for _, m := range masks {
		if len(m) > 0 && strings.EqualFold(m[0], step) {
			rest = append(rest, m[1:])
		}
	}
	return rest
}

// reached reports whether a mask is at its end: everything here is secret.
func reached(masks []mask) bool {
	for _, m := range masks {
		if len(m) == 0 {
			return true
		}
	}
	return false
}

// masksAt gives what the masks of the resources at hand have below a path.
func (f *frame) masksAt(path string) []mask {
	var all []mask
	if f.self != nil {
		all = f.fields.masksOf(f.self.Type)
	}
	if f.outer != nil && f.outer != f.self {
		all = slices.Concat(all, f.fields.masksOf(f.outer.Type))
	}
	for _, step := range maskOf(path) {
		if reached(all) {
			break
		}
		all = below(all, step)
	}
	return all
}

// masksOf gives the masks of a resource type.
func (fr *fieldResolver) masksOf(resourceType string) []mask {
	key := strings.ToLower(resourceType)
	known, ok := fr.masks[key]
	if ok {
		return known
	}
	a := fr.aliases
	for i := range a.rows {
		row := &a.rows[i]
		if row.extra == 0 || !a.extras[row.extra-1].secret || row.kind != "" && !sameType(row.kind, resourceType) {
			continue
		}
		known = append(known, maskOf(row.path))
		for _, path := range a.extras[row.extra-1].versions {
			known = append(known, maskOf(path))
		}
	}
	if fr.masks == nil {
		fr.masks = map[string][]mask{}
	}
	fr.masks[strings.Clone(key)] = known
	return known
}

// shownQuery is a query for people: what was computed of a secret, or cannot be
// computed here, stands as the rule writes it.
func (f *frame) shownQuery(d *Details, q Query) Query {
	for _, part := range []struct {
		template *Template
		text     *string
	}{{d.Type, &q.Type}, {d.Name, &q.Name}, {d.Kind, &q.Kind}, {d.ResourceGroupName, &q.Group}} {
		if t := part.template; t != nil && *part.text != "" && (t.uses().unique || f.readsSecret(*t)) {
			*part.text = templateWords(*t)
		}
	}
	return q
}
