package policy

import "slices"

// sources lists what an expression reads of resources.
func (f *frame) sources(t Template) (all []source) {
	if t.Expr != nil {
		f.addSources(t.Expr.root, &all)
	}
	for i := range t.Items {
		all = append(all, f.sources(t.Items[i])...)
	}
	for i := range t.Members {
		all = append(all, f.sources(t.Members[i].Value)...)
	}
	return all
}

func (f *frame) addSources(t *term, all *[]source) {
	if t.kind == literalTerm {
		return
	}
	if t.reads() {
		if o, ok := f.sourceOf(t); ok {
			for _, p := range o.places() {
				if !slices.ContainsFunc(*all, func(known source) bool { return known.at == p.at && known.of == p.of }) {
					*all = append(*all, p)
				}
			}
			f.addKeys(t, all)
			return
		}
	}
	args := t.args
	if t.kind == callTerm {
		switch t.function.name {
		case "if":
			if args = t.args[:1]; f.branch(t) != nil {
				args = []*term{t.args[0], f.branch(t)}
			}
		case "and", "or":
			for i, arg := range args {
				if v, ok := f.quietly(arg); ok && v.Bool() == (t.function.name == "or") {
					args = args[:i+1]
					break
				}
			}
		}
	}
	for _, arg := range args {
		f.addSources(arg, all)
	}
}

// addKeys adds what the names and indexes are made of by which a term goes to a
// value.
func (f *frame) addKeys(t *term, all *[]source) {
	keys := t.args
	if t.kind != callTerm || t.function.name != "field" && t.function.name != "current" {
		f.addKeys(t.args[0], all)
		keys = t.args[1:]
	}
	for _, key := range keys {
		f.addSources(key, all)
	}
}

// reads reports whether a term does nothing but go to a value and read it.
func (t *term) reads() bool {
	switch {
	case t.kind == propertyTerm || t.kind == indexTerm:
		return t.args[0].leads()
	case t.kind != callTerm:
		return false
	}
	switch t.function.name {
	case "field", "current":
		return true
	case "tryGet", "first", "last":
		return t.args[0].leads()
	}
	return false
}

// leads is reads, for what further steps start from.
func (t *term) leads() bool {
	if t.kind == callTerm && (t.function.name == "array" || t.function.name == "items") {
		return t.args[0].leads()
	}
	return t.reads()
}

// taken gives the source of what a template takes from one place as it is; not
// ok for everything else.
func (f *frame) taken(t Template) (source, bool) {
	if t.Expr == nil || !t.Expr.root.reads() {
		return source{}, false
	}
	o, ok := f.sourceOf(t.Expr.root)
	return o, ok && !o.gathered && o.pair == nil && len(f.sources(t)) == 1
}

// told makes what was read of sources ready to be shown.
func (f *frame) told(sources []source) (all []Found) {
	for _, o := range sources {
		r := f.foundIn(o.of, o.at, o.alias, o.secret, o.value)
		f.saw(r, o.value)
		if r.outer, r.member, r.members = o.outer, o.member, o.rest; o.outer && f.self != f.outer {
			r.Resource = f.outer.ID
		}
		all = append(all, r)
	}
	return all
}
