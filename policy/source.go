package policy

import (
	"slices"
	"strconv"
	"strings"
)

// source says where a part of an expression has its value from, if that stands
// unchanged in a resource. Only traces ask for it: what an expression comes to is
// computed without.
type source struct {
	value  Value
	at     string    // the path in the body
	of     *Resource // nil: it stands in no one place
	alias  string    // the last part of the name that led there, "" for none
	secret bool      // never shown
	outer  bool      // field() has read it
	member bool      // of an array that was computed
	rest   string    // of an empty array: how the path goes on
	// items are the members of an array that was gathered from several places,
	// seen what was met on the way beside them, for which nothing is gathered.
	gathered    bool
	items, seen []source
	pair        *source // of an item of items(): the property that it tells
}

// sourceOf gives the source of a part of an expression; not ok if it has none.
func (f *frame) sourceOf(t *term) (o source, ok bool) {
	switch t.kind {
	case literalTerm:
		return source{}, false
	case propertyTerm:
		if o, ok = f.sourceOf(t.args[0]); ok {
			return o.step(StringValue(t.name))
		}
		return source{}, false
	case indexTerm:
		return f.stepOf(t)
	}
	switch t.function.name {
	case "field":
		if name, ok := f.quietly(t.args[0]); ok && name.kind == String {
			return f.sourceOfField(name.str)
		}
	case "current":
		if len(t.args) == 0 {
			return f.sourceOfCurrent("", false)
		}
		if name, ok := f.quietly(t.args[0]); ok && name.kind == String {
			return f.sourceOfCurrent(name.str, true)
		}
	case "tryGet":
		return f.stepOf(t)
	case "array":
		if o, ok = f.sourceOf(t.args[0]); ok && o.value.kind != Array {
			return source{value: arrayOf(o.value), gathered: true, items: []source{o}}, true
		}
		return o, ok
	case "first", "last":
		if o, ok = f.sourceOf(t.args[0]); !ok || o.value.kind != Array || o.value.Len() == 0 {
			return source{}, false
		}
		at := 0
		if t.function.name == "last" {
			at = o.value.Len() - 1
		}
		return o.step(IntValue(int64(at)))
	case "coalesce":
		for _, arg := range t.args {
			if v, ok := f.quietly(arg); !ok || !v.IsNull() {
				return f.sourceOf(arg)
			}
		}
	case "if":
		if taken := f.branch(t); taken != nil {
			return f.sourceOf(taken)
		}
	case "items":
		if o, ok = f.sourceOf(t.args[0]); ok && o.value.kind == Object {
			return o.properties(), true
		}
	}
	return source{}, false
}

// branch gives the argument of if() that is taken, nil if that cannot be told.
func (f *frame) branch(t *term) *term {
	switch condition, ok := f.quietly(t.args[0]); {
	case !ok || condition.kind == Missing:
		return nil
	case condition.Bool():
		return t.args[1]
	}
	return t.args[2]
}

// stepOf goes on from the source of an access's first argument by its second one.
func (f *frame) stepOf(t *term) (source, bool) {
	o, ok := f.sourceOf(t.args[0])
	if !ok {
		return source{}, false
	}
	key, ok := f.quietly(t.args[1])
	if !ok {
		return source{}, false
	}
	return o.step(key)
}

// quietly evaluates a part of an expression without anybody noticing. Not ok
// where it fails or reads a secret: no path may be made of that.
func (f *frame) quietly(t *term) (v Value, ok bool) {
	if t.kind == literalTerm {
		return t.value, true
	}
	template := Template{Expr: &Expression{root: t}}
	if f.readsSecret(template) {
		return Value{}, false
	}
	watch, unknown, doubt := f.watch, f.unknown, f.doubt
	f.watch = nil
	v, err := f.take(template)
	f.watch, f.unknown, f.doubt = watch, unknown, doubt
	return v, err == nil
}

func (f *frame) sourceOfField(name string) (source, bool) {
	if f.preset != nil {
		return source{}, false
	}
	fd := f.resolve(name, f.outer)
	switch fd.kind {
	case fieldUnknown, fieldNull:
		return source{}, false
	case fieldPath:
		o := f.sourceAt(fd, f.outer, fd.path.stars > 0)
		if o.outer = true; o.gathered {
			o.seen = slices.DeleteFunc(o.seen, func(s source) bool { return s.value.kind == Missing })
			for i := range o.items {
				o.items[i].outer = true
			}
			if len(o.items) == 0 && len(o.seen) == 0 {
				o.seen = []source{fd.source(f.outer, fd.path.text, Value{})}
			}
			for i := range o.seen {
				o.seen[i].outer = true
			}
		}
		return o, true
	}
	v, _ := fd.special(f.outer)
	return source{value: v, at: strings.ToLower(name), of: f.outer, outer: true}, true
}

func (fd *field) source(r *Resource, at string, v Value) source {
	return source{value: v, at: at, of: r, alias: fd.aliasName(), secret: fd.secret}
}

// sourceAt gives what a path leads to: one place, or if it is gathered all of them.
func (f *frame) sourceAt(fd *field, r *Resource, gathered bool) source {
	all := source{gathered: gathered}
	var values []Value
	one := fd.source(r, fd.path.text, Value{})
	f.walk(r, fd.path, func(s selection) bool {
		if s.absent && s.reason == 0 {
			return true
		}
		one = fd.source(r, fd.path.located(s.indexes), f.valueOf(fd.path, s))
		if s.value == nil || s.reason != 0 { // whether it is there was not read
			all.seen = append(all.seen, one)
			return true
		}
		all.items, values = append(all.items, one), append(values, one.value)
		return true
	})
	if !gathered {
		return one
	}
	if len(all.items) == 0 {
		all.seen = append(all.seen, f.empties(fd, r)...)
	}
	all.value = arrayOf(values...)
	return all
}

// empties lists the empty arrays on the way of a path.
func (f *frame) empties(fd *field, r *Resource) (all []source) {
	for _, s := range fd.path.steps {
		if !s.star {
			continue
		}
		above := parsePath(fd.path.text[:min(len(s.prefix), len(fd.path.text))-len("[*]")])
		f.walk(r, above, func(s selection) bool {
			if isArray(s.value) && FromDocument(s.value).Len() == 0 && s.unread.others(0) == 0 && len(all) < maxEvidence {
				all = append(all, source{value: ArrayValue(), at: above.located(s.indexes), of: r, secret: fd.secret, rest: fd.path.text[len(above.text):]})
			}
			return true
		})
	}
	return all
}

func (f *frame) sourceOfCurrent(name string, named bool) (source, bool) {
	for i := len(f.pins) - 1; i >= 0; i-- {
		if p := &f.pins[i]; !named || p.prefix == "" && strings.EqualFold(p.name, name) {
			return f.sourceOfPin(i)
		}
	}
	if !named {
		return source{}, false
	}
	fd := f.resolve(name, f.self)
	if fd.kind != fieldPath {
		return source{}, false
	}
	for i := range f.pins {
		if p := &f.pins[i]; p.prefix != "" && strings.HasPrefix(fd.path.lower, p.prefix) {
			return f.sourceAt(fd, f.self, f.openStars(fd.path)), true
		}
	}
	return source{}, false
}

// sourceOfPin gives the source of the member that a count is at.
func (f *frame) sourceOfPin(i int) (source, bool) {
	p := &f.pins[i]
	f.openMember(p)
	switch {
	case p.path != nil:
		indexes := make([]int, p.level+1)
		for level := range indexes {
			indexes[level] = f.pins[i-p.level+level].index
		}
		o := source{value: p.member, of: p.owner, at: parsePath(p.memberPath()).located(indexes)}
		if p.field != nil && p.level == p.path.stars-1 {
			o.alias, o.secret = p.field.aliasName(), p.field.secret
		}
		return o, true
	case p.from != nil:
		return *p.from, true
	case p.secret || !isScalar(p.member) || p.member.kind == Unread && p.member.str != "":
		return source{}, false
	case p.name == "default":
		return source{value: p.member, at: "current()", member: true}, true
	}
	return source{value: p.member, at: "current('" + p.name + "')", member: true}, true
}

// step goes on to a property or an item.
func (o source) step(key Value) (source, bool) {
	v := element(o.value, key)
	if o.value.kind == Unread {
		v = o.value
	}
	switch {
	case o.pair != nil:
		return *o.pair, strings.EqualFold(key.Text(), "value")
	case o.gathered:
		if slices.ContainsFunc(o.seen, func(s source) bool { return s.value.kind == Unread }) {
			return source{}, false // it is not known which item is which
		}
		if n := key.Int(); key.kind == Int && n >= 0 && n < int64(len(o.items)) {
			return o.items[n], true
		}
		return source{}, false
	case o.of == nil:
		return source{}, false
	case key.kind == String:
		step := stepText(key.str)
		o.at += step
		if o.alias != "" {
			o.alias += step
		}
	case key.kind == Int:
		step := "[" + strconv.FormatInt(key.Int(), 10) + "]"
		o.at += step
		if o.alias != "" {
			o.alias += step
		}
	default:
		return source{}, false
	}
	o.value = v
	return o, true
}

// stepText writes the name of a property as a step of a path.
func stepText(name string) string {
	if name == "" || strings.ContainsAny(name, ".[]'") {
		return "['" + strings.ReplaceAll(name, "'", "''") + "']"
	}
	return "." + name
}

// properties gives the sources of what items() makes of an object.
func (o source) properties() source {
	pairs, err := callItems([]Value{o.value})
	all := source{value: pairs, gathered: true}
	if err != nil {
		return all
	}
	for i := range pairs.Len() {
		item := pairs.Index(i)
		value, ok := o.step(item.Lookup("key"))
		value.value = item.Lookup("value")
		if ok {
			all.items = append(all.items, source{value: item, pair: &value})
		}
	}
	if len(all.items) == 0 {
		all.seen = []source{o}
	}
	return all
}

// places lists where an source stands.
func (o source) places() []source {
	switch {
	case o.pair != nil:
		return o.pair.places()
	case !o.gathered:
		return []source{o}
	}
	var all []source
	for _, item := range slices.Concat(o.items, o.seen) {
		all = append(all, item.places()...)
	}
	return all
}

// text is where an source stands, "" if that is no one place.
func (o source) text() string {
	if o.pair != nil {
		return o.pair.at
	}
	return o.at
}
