package policy

import (
	"slices"
	"strconv"
	"strings"

	"github.com/valyala/fastjson"
)

// Misshape is a place of a resource whose value has another type than rules go
// through, or than the provider has: an object or a text where that has a list.
type Misshape struct {
	Path  string // as a [Gap] has it
	Is    Kind   // as a [Gap] has it: of the value, Missing where no rule may use that
	Words string // what is there and what was wanted
}

// Misshapes gives the places of a resource whose values are of other kinds than the
// set expects, as [Kinds.Misshapes] does, and outside Azure those that its rules go
// through and cannot: with a gap there, what rests on them is unknown and not merely
// absent. A rule that also reads such a place as a value takes it as it is.
func (j *Judge) Misshapes(r *Resource) []Misshape {
	if r.Outline != nil && j.outlined != nil && r.Outline == &j.outlined.reader.Record {
		return nil // it would not have been read
	}
	odd := j.set.kinds.Misshapes(r)
	if !r.Native {
		return odd
	}
	w := j.memoryFor(r).p.wants
	if w == nil {
		return odd
	}
	for _, m := range w.check(nil, r.tree(), nil) {
		if !slices.ContainsFunc(odd, func(known Misshape) bool { return known.Path == m.Path }) {
			odd = append(odd, m)
		}
	}
	return odd
}

// form is what one condition takes for granted of a place of a body.
type form struct {
	members  []member // of an object
	object   bool     // it reads members
	items    *form    // it goes through the place as a list
	read     bool     // an expression reads it as a value
	compared bool     // a comparison reads it as a value
}

type member struct {
	name string
	form *form
}

// ease says by what else than a value of the kind that it needs a step may lead,
// to nothing: through any other it leads to what is not known.
type ease byte

const (
	strict       ease = iota
	listOrObject      // a list or an object, whichever it needs
	anything          // the rule reads the place as a value too, and takes it as it is
)

func (f *form) ease() ease {
	switch {
	case f.compared || f.items == nil && f.read:
		return anything
	case f.items != nil && f.object:
		return listOrObject
	}
	return strict
}

// shapes is what a condition takes for granted of the bodies of one type; nil for
// nothing.
type shapes struct {
	resourceType string
	root         *form
}

// shapesOf gives what a condition takes for granted of a type's bodies. In Azure
// anything goes.
func shapesOf(c *Condition, resourceType string) *shapes {
	if c == nil || !IsNativeType(resourceType) {
		return nil
	}
	s := &shapes{resourceType, &form{}}
	s.add(c)
	return s
}

// steps gives those of a field of the type, nil for any other.
func (s *shapes) steps(name string) []step {
	n := len(s.resourceType)
	if len(name) <= n || name[n] != '/' || !strings.EqualFold(name[:n], s.resourceType) {
		return nil
	}
	return nativePath(name[n+1:]).steps
}

// note gives the place of a field, nil for one of no place.
func (s *shapes) note(name string) *form {
	if steps := s.steps(name); steps != nil {
		return s.root.at(steps)
	}
	return nil
}

func (s *shapes) add(c *Condition) {
	for _, child := range c.Children {
		s.add(child)
	}
	if c.Kind == FieldLeaf && isLiteral(c.Left) {
		if f := s.note(c.Left.Const.Text()); f != nil {
			f.compared = f.compared || c.Operator != Exists
		}
	}
	s.addReads(c.Left)
	s.addReads(c.Right)
	switch {
	case c.Count == nil:
		return
	case c.Count.Value != nil:
		s.addReads(*c.Count.Value)
	default:
		s.note(c.Count.Field)
	}
	if c.Count.Where != nil {
		s.add(c.Count.Where)
	}
}

// addReads takes down what an expression reads as values.
func (s *shapes) addReads(t Template) {
	u := t.uses()
	for _, name := range slices.Concat(u.fields, u.currents) {
		if f := s.note(name); f != nil {
			f.read = true
		}
	}
}

// eases says for each step of a field by what it may lead, "" where all are strict.
func (s *shapes) eases(name string) string {
	if s == nil {
		return ""
	}
	steps, f := s.steps(name), s.root
	eases, some := make([]byte, len(steps)), false
	for i := range steps {
		eases[i] = byte(f.ease())
		some = some || eases[i] != byte(strict)
		if f = f.next(steps[i]); f == nil {
			break // the name was computed
		}
	}
	if !some {
		return ""
	}
	return string(eases)
}

// eased is resolve for a rule that takes for granted what s says.
func (fr *fieldResolver) eased(name string, r *Resource, s *shapes) *field {
	f := fr.resolve(name, r)
	eases := s.eases(name)
	if eases == "" || f.kind != fieldPath || r.APIVersion != "" {
		return f
	}
	key := fieldKey{r.Type, name, eases}
	if known, ok := fr.cache[key]; ok {
		return known
	}
	own, path := *f, *f.path
	path.strictly, path.steps = f.path, slices.Clone(f.path.steps)
	for i := range path.steps {
		path.steps[i].ease = ease(eases[i])
	}
	own.path = &path
	fr.keep(key, &own)
	return &own
}

func (fd *field) isEased() bool { return fd.path != nil && fd.path.strictly != nil }

// next gives the place that a step leads to, nil for one of which nothing is said.
func (f *form) next(s step) *form {
	if s.star {
		return f.items
	}
	if i := f.member(s.key); i >= 0 {
		return f.members[i].form
	}
	return nil
}

func (f *form) member(name string) int {
	return slices.IndexFunc(f.members, func(m member) bool { return strings.EqualFold(m.name, name) })
}

// at gives the place that steps lead to, making it if need be.
func (f *form) at(steps []step) *form {
	if len(steps) == 0 {
		return f
	}
	if steps[0].star {
		if f.items == nil {
			f.items = &form{}
		}
		return f.items.at(steps[1:])
	}
	f.object = true
	i := f.member(steps[0].key)
	if i < 0 {
		i = len(f.members)
		f.members = append(f.members, member{steps[0].key, &form{}})
	}
	return f.members[i].form.at(steps[1:])
}

// wants is what some rule of a set wants of a place of a type's bodies, for it to
// know what stands below.
type wants struct {
	object, list, either bool
	members              []wantedMember
	items                *wants
}

type wantedMember struct {
	name  string
	wants *wants
}

// wantsOf gives what rules want of a type's bodies, nil for nothing.
func (s *Set) wantsOf(resourceType, lower string) *wants {
	all := &wants{}
	add := func(c *Condition) {
		if own := shapesOf(c, resourceType); own != nil {
			all.add(own.root)
		}
	}
	for _, number := range slices.Concat(s.byType[lower], s.others) {
		rule := s.rules[number]
		add(rule.condition)
		add(rule.where)
		if rule.details != nil {
			all.add(rule.details.reads(resourceType))
		}
	}
	if t := s.targets[lower]; t != nil {
		for _, test := range t.tests {
			add(test.existence)
		}
		for _, test := range t.late {
			add(test.bound.details.Existence)
		}
	}
	return all.pruned()
}

// ReadAsValues gives the fields of a type outside Azure, without it and the slash and
// in order, whose values the rule takes as they are, in expressions and comparisons:
// of what kinds these should be it cannot tell. See [Kinds].
func (b *Bound) ReadAsValues(resourceType string) []string {
	s := &shapes{resourceType, &form{}}
	for _, c := range []*Condition{b.condition, b.where} {
		if c != nil {
			s.add(c)
		}
	}
	found := s.root.values(nil, "")
	if b.details != nil {
		found = b.details.reads(resourceType).values(found, "")
		if e := shapesOf(b.details.Existence, resourceType); e != nil && strings.EqualFold(b.TargetType(), resourceType) {
			found = e.root.values(found, "")
		}
	}
	for i, path := range found {
		found[i] = strings.TrimPrefix(strings.TrimPrefix(path, "properties"), ".")
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// values appends the paths of what is read as a value at and below a path.
func (f *form) values(found []string, path string) []string {
	if f.read || f.compared {
		found = append(found, path)
	}
	if f.items != nil {
		found = f.items.values(found, path+"[*]")
	}
	for _, m := range f.members {
		found = m.form.values(found, strings.TrimPrefix(path+"."+m.name, "."))
	}
	return found
}

// reads is what d's expressions take for granted of the resource under if.
func (d *Details) reads(resourceType string) *form {
	s := &shapes{resourceType, &form{}}
	for _, t := range []*Template{d.Name, d.Kind, d.ResourceGroupName, d.ExistenceScope} {
		if t != nil {
			s.addReads(*t)
		}
	}
	visitTemplates(d.Existence, s.addReads)
	return s.root
}

// add takes what one condition takes for granted.
func (w *wants) add(f *form) {
	if e := f.ease(); e == listOrObject {
		w.either = true
	} else if e == strict {
		w.list, w.object = w.list || f.items != nil, w.object || f.object
	}
	if f.items != nil {
		if w.items == nil {
			w.items = &wants{}
		}
		w.items.add(f.items)
	}
	for _, m := range f.members {
		i := slices.IndexFunc(w.members, func(known wantedMember) bool { return strings.EqualFold(known.name, m.name) })
		if i < 0 {
			i = len(w.members)
			w.members = append(w.members, wantedMember{m.name, &wants{}})
		}
		w.members[i].wants.add(m.form)
	}
}

// pruned takes away the places of which nothing is wanted.
func (w *wants) pruned() *wants {
	if w == nil {
		return nil
	}
	w.items = w.items.pruned()
	w.members = slices.DeleteFunc(w.members, func(m wantedMember) bool { return m.wants.pruned() == nil })
	if !w.object && !w.list && !w.either && w.items == nil && len(w.members) == 0 {
		return nil
	}
	return w
}

// whereabouts is where check stands: a member of the one above, or an item.
type whereabouts struct {
	above *whereabouts
	name  string // "" for an item
	index int
}

func (s *whereabouts) path() string {
	switch {
	case s == nil:
		return ""
	case s.name == "":
		return s.above.path() + "[" + strconv.Itoa(s.index) + "]"
	case s.above == nil:
		return s.name
	case strings.ContainsAny(s.name, ".["):
		return s.above.path() + "['" + strings.ReplaceAll(s.name, "'", "''") + "']"
	}
	return s.above.path() + "." + s.name
}

// check adds the places at and below v that are not as some rule wants them.
func (w *wants) check(found []Misshape, v *fastjson.Value, at *whereabouts) []Misshape {
	if v == nil || v.Type() == fastjson.TypeNull {
		return found
	}
	switch kind := FromDocument(v).Kind(); {
	case kind == Array && w.object, kind == Object && w.list, kind < Array && (w.object || w.list || w.either):
		path := at.path()
		found = append(found, Misshape{path, kind, path + " is " + v.Type().String() + ", want " + w.words(kind)})
	}
	if items, err := v.Array(); err == nil && w.items != nil {
		for i, item := range items {
			found = w.items.check(found, item, &whereabouts{above: at, index: i})
		}
	}
	for i := range w.members {
		m := &w.members[i]
		found = m.wants.check(found, lookup(v, m.name), &whereabouts{above: at, name: m.name})
	}
	return found
}

// words names what is wanted instead of a value of some kind.
func (w *wants) words(is Kind) string {
	switch list, object := w.list || w.either, w.object || w.either; {
	case is == Object || !object:
		return "array"
	case is == Array || !list:
		return "object"
	}
	return "array or object"
}
