package policy

import (
	"slices"
	"strings"

	"github.com/valyala/fastjson"
)

// found copies a value that was read, masking secrets.
func (f *frame) found(at string, fd *field, v Value) Found {
	r := f.self
	if f.inOuter {
		r = f.outer
	}
	return f.foundIn(r, at, fd.aliasName(), fd != nil && fd.secret, v)
}

// aliasName is the last part of the name of a field: it may say more than that
// of the property.
func (fd *field) aliasName() string {
	if fd == nil {
		return ""
	}
	return fd.name[strings.LastIndexByte(fd.name, '/')+1:]
}

// foundIn is found of a resource, for a name that led there.
func (f *frame) foundIn(r *Resource, at, alias string, secret bool, v Value) Found {
	there := v.Kind() != Missing && v.Kind() != Null && v.Kind() != Unread
	if secret && there {
		return Found{Path: at, Value: StringValue(masked), Secret: true}
	}
	hid := false
	h := f.hiding(r, at)
	h.found = &hid
	shown := h.value(v.Clone())
	if alias != "" && there {
		shown = hiding{path: alias, pair: h.pair, found: &hid}.value(shown)
	}
	return Found{Path: at, Value: shown, Secret: hid}
}

// noted is found, and takes down that a secret was read.
func (f *frame) noted(at string, fd *field, v Value) Found {
	r := f.found(at, fd, v)
	f.saw(r, v)
	return r
}

// saw takes down that a secret was read.
func (f *frame) saw(r Found, v Value) {
	if r.Secret {
		f.seen = true
		f.secrets = appendHidden(f.secrets, v, r.Value)
	}
}

// appendHidden adds what of a value is not shown.
func appendHidden(all []Value, v, shown Value) []Value {
	switch {
	case v.Kind() == Array && shown.Kind() == Array:
		for i := range min(v.Len(), shown.Len()) {
			all = appendHidden(all, v.Index(i), shown.Index(i))
		}
	case v.Kind() == Object && shown.Kind() == Object:
		items := shown.unfolded()
		v.each(func(_ string, item Value) bool { // both in one order
			if len(items) > 0 {
				all, items = appendHidden(all, item, items[0]), items[1:]
			}
			return true
		})
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

// hiding is how secrets are told at a path of a resource: as they are where all
// of it is copied, so that it does not matter which way led there.
func (f *frame) hiding(r *Resource, at string) hiding {
	if f.secret == nil || f.self != f.outer || r != f.self {
		return f.hidingAnew(r, at)
	}
	h, known := f.hidings[at]
	if !known {
		h = f.hidingAnew(r, at)
		f.hidings[at] = h
	}
	return h
}

func (f *frame) hidingAnew(r *Resource, at string) hiding {
	h := hiding{path: at, closed: isClosed(at)}
	if at == "" {
		return h
	}
	h.masks = f.masksAt(at)
	if r == nil || r.tree() == nil {
		return h
	}
	h.path, h.pair = r.placeOfSettings(at), r.pairAt(at)
	return h
}

// pairAt is what stands beside the values on the way to a path and says something
// about them.
func (r *Resource) pairAt(at string) paired {
	steps := parsePath(at).steps
	says := func(s step) bool {
		_, isIndex := indexOf(s.key)
		return isIndex || isValueOfPair(s.key)
	}
	if !slices.ContainsFunc(steps, says) {
		return unpaired
	}
	v, way := r.unreadParts().at().of(FromDocument(r.tree()), ""), hiding{}
	for _, s := range steps {
		if n, ok := indexOf(s.key); ok {
			way, v = way.after(v.Index(n-1)), v.Index(n)
			continue
		}
		way = way.member(s.key, v)
		v = v.Lookup(s.key)
	}
	return way.pair
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
	f.openMember(p)
	if f.watch != nil && !f.seen {
		f.seen = p.secret || p.path != nil && f.holdsSecret(p.memberPath(), nil, p.member)
	}
	return p.member
}

// openMember gives the member of a pin with what was not read in it.
func (f *frame) openMember(p *pin) {
	if p.unread.tree == nil {
		return
	}
	path := ""
	if f.tells() {
		path = f.pinnedText(p.path)
	}
	p.member, p.unread = p.unread.of(p.member, path), unreadAt{}
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
		f.seen = f.whetherSecret(path, "", v, func() bool { return hasSecrets(path, v) })
	}
}

// holdsSecret reports whether something is masked of a value that was read.
func (f *frame) holdsSecret(at string, fd *field, v Value) bool {
	// Of another resource the same path may be another place.
	if f.self != f.outer || fd != nil && fd.secret {
		return f.found(at, fd, v).Secret
	}
	return f.whetherSecret(at, "/"+fd.aliasName(), v, func() bool { return f.found(at, fd, v).Secret })
}

// secretKey is a part of a body, and how it was come to.
type secretKey struct {
	part      *fastjson.Value
	at, alias string
}

// whetherSecret remembers, while one resource is inspected, what was found of its
// arrays and objects: conditions on the members of a list go through them again and
// again.
func (f *frame) whetherSecret(at, alias string, v Value, find func() bool) bool {
	if f.secret == nil || v.doc == nil || v.unread() != 0 || v.open() != 0 {
		return find()
	}
	key := secretKey{v.doc, at, alias}
	is, known := f.secret[key]
	if !known {
		is = find()
		f.secret[key] = is
	}
	return is
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
	for _, path := range secretPlaces[key] {
		known = append(known, maskOf(path))
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
