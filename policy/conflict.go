package policy

import (
	"slices"
	"strings"
	"time"
)

// Conflict is a field of a resource that two rules with the effect modify or
// append would set to different values, while neither gives way.
type Conflict struct {
	Field string // as the first rule names it
	Path  string // in the body
	// Found is what the field holds; Own and Other are what the rules would
	// write. Missing: nothing, or that it is removed. Secrets are masked.
	Found, Own, Other Value
}

// Conflicts finds conflicts between rules that both match one resource after
// the other. It is for one goroutine.
type Conflicts struct {
	frame  frame
	writes map[*Bound][]write // on the resource at hand
}

// write is what a matching rule would make of one field.
type write struct {
	field *field
	at    string // that equal fields have in common
	value Value  // Missing: the field is removed
	// secret says that the value was computed from a secret, hidden that the
	// field's name was.
	secret, hidden bool
}

// NewConflicts makes a finder. The clock is an input: utcNow() is now.
func NewConflicts(aliases *Aliases, now time.Time) *Conflicts {
	return &Conflicts{
		frame:  frame{fields: newFieldResolver(aliases), policy: noPolicy(), clock: clock(now)},
		writes: map[*Bound][]write{},
	}
}

// On turns to a resource, which must not change until the next call.
func (c *Conflicts) On(r *Resource) {
	c.frame.self, c.frame.outer = r, r
	clear(c.writes)
}

// Between gives the conflicts of two rules that both match the resource.
func (c *Conflicts) Between(one, other *Bound) []Conflict {
	var found []Conflict
	for _, w := range c.of(one) {
		for _, o := range c.of(other) {
			if w.at == o.at && !w.value.Equal(o.value) && !(w.value.Kind() == Missing && o.value.Kind() == Missing) {
				found = append(found, c.conflict(w, o))
				break
			}
		}
	}
	return found
}

func (c *Conflicts) conflict(w, o write) Conflict {
	r := Conflict{Field: w.field.name, Path: w.field.name}
	if w.field.path != nil {
		r.Path = w.field.path.text
		if v, err := c.frame.fieldAt(w.field, c.frame.self); err == nil && v.Kind() != Null {
			r.Found = c.frame.found(r.Path, w.field, v).Value
		}
	}
	r.Own, r.Other = c.shown(w), c.shown(o)
	if w.hidden || o.hidden {
		r.Field, r.Path = masked, masked
	}
	return r
}

// shown is what a write sets, without secrets.
func (c *Conflicts) shown(w write) Value {
	if w.secret && w.value.Kind() != Missing {
		return StringValue(masked)
	}
	return c.frame.found(w.field.path.text, w.field, w.value).Value
}

// of gives what a rule would write.
func (c *Conflicts) of(b *Bound) []write {
	known, done := c.writes[b]
	if done {
		return known
	}
	var all []write
	if b.insists() {
		for i := range b.details.Operations {
			if w, ok := c.write(b, &b.details.Operations[i]); ok {
				all = append(all, w)
			}
		}
	}
	c.writes[b] = all
	return all
}

// write computes one operation; what cannot be computed, or leaves the field as
// it is, writes nothing.
func (c *Conflicts) write(b *Bound, o *Operation) (w write, ok bool) {
	given := b.known()
	name, err := c.frame.take(o.Field.fold(given))
	if err != nil || name.Kind() != String || !c.happens(o, given) {
		return w, false
	}
	w.field = c.frame.fields.resolve(name.Text(), c.frame.self)
	if w.field.kind != fieldPath {
		return w, false
	}
	w.at, w.hidden = w.field.path.lower, c.frame.readsSecret(o.Field.fold(given))
	if adds := o.Operation == "append" || o.Operation == "add"; adds && strings.HasSuffix(w.at, "[*]") {
		return w, false // a member more, whatever others add
	}
	if o.Operation == "add" {
		if v, err := c.frame.fieldAt(w.field, c.frame.self); err != nil || v.Kind() != Null {
			return w, false
		}
	}
	if o.Operation == "remove" || o.Value == nil {
		return w, o.Operation == "remove"
	}
	v, err := c.frame.take(o.Value.fold(given))
	w.value, w.secret = v.Clone(), c.frame.readsSecret(o.Value.fold(given))
	return w, err == nil
}

// happens reports whether the condition of an operation holds, as far as it can
// be told.
func (c *Conflicts) happens(o *Operation, given constants) bool {
	if o.Condition == nil {
		return true
	}
	v, err := c.frame.take((&docReader{}).template(o.Condition).fold(given))
	return err == nil && (v.Kind() == Bool && v.Bool() || v.Kind() == String && strings.EqualFold(v.Text(), "true"))
}

// insists reports whether b writes fields and does not give way to others that
// write them too. An append never does.
func (b *Bound) insists() bool {
	if b.family != familyChange || b.details == nil {
		return false
	}
	if b.details.ConflictEffect == nil || strings.EqualFold(b.Effect, "append") {
		return true
	}
	effect := b.details.ConflictEffect.fold(b.known())
	return isLiteral(effect) && strings.EqualFold(effect.Const.Text(), "deny")
}

// Writes says roughly which fields b may write without giving way to other
// rules: only rules that have one of the words in common can be in conflict. It
// is empty for all but modify and append; "*" stands for any field.
func (b *Bound) Writes() []string {
	if !b.insists() {
		return nil
	}
	var words []string
	for i := range b.details.Operations {
		word := "*"
		if name := b.details.Operations[i].Field.fold(b.known()); isLiteral(name) {
			word = fieldFamily(name.Const.Text())
		}
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words
}

// fieldFamily is what names of one field have in common: of tags the name, of
// aliases the namespace, as one property may have several.
func fieldFamily(name string) string {
	fields := newFieldResolver(nil)
	if f := fields.find(name, &Resource{}); f.kind == fieldPath {
		return f.path.lower
	}
	namespace, _, _ := strings.Cut(name, "/")
	return strings.ToLower(namespace)
}
