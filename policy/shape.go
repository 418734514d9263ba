package policy

import (
	"slices"
	"strconv"
	"strings"

	"github.com/valyala/fastjson"
)

// Misshape is a place of a resource whose value has another type than rules go
// through: an object or a text where the provider has a list.
type Misshape struct {
	Path  string // as a [Gap] has it
	Words string // what is there and what was wanted
}

// Misshapes gives the places of a resource outside Azure that rules of the set go
// through and cannot: with a gap there, what rests on them is unknown and not
// merely absent. What a rule also reads as a value may be of any type.
func (j *Judge) Misshapes(r *Resource) []Misshape {
	if !r.Native {
		return nil
	}
	if f := j.memoryFor(r).p.form; f != nil {
		return f.check(nil, r.tree(), nil)
	}
	return nil
}

// form is what rules take for granted of a place of a body.
type form struct {
	members  []member // of an object: those of which something is taken for granted
	object   bool     // rules read members
	items    *form    // rules go through it as a list
	read     bool     // an expression reads it as a value
	compared bool     // a condition compares it
}

type member struct {
	name string
	form *form
}

// formOf gives what rules take for granted of a type's bodies, nil for nothing.
func (s *Set) formOf(resourceType, lower string) *form {
	root := &form{}
	note := func(name string, as func(*form)) {
		if len(name) > len(resourceType) && name[len(resourceType)] == '/' && strings.EqualFold(name[:len(resourceType)], resourceType) {
			as(root.at(nativePath(name[len(resourceType)+1:]).steps))
		}
	}
	for _, number := range slices.Concat(s.byType[lower], s.others) {
		takenForGranted(s.rules[number].condition, note)
	}
	if t := s.targets[lower]; t != nil {
		for _, test := range t.tests {
			takenForGranted(test.existence, note)
		}
		for _, test := range t.late {
			takenForGranted(test.bound.details.Existence, note)
		}
	}
	return root.pruned()
}

// takenForGranted calls note with every field that a condition has, and with what
// that says of its place.
func takenForGranted(c *Condition, note func(name string, as func(*form))) {
	if c == nil {
		return
	}
	for _, child := range c.Children {
		takenForGranted(child, note)
	}
	if c.Kind == FieldLeaf && isLiteral(c.Left) {
		note(c.Left.Const.Text(), func(f *form) { f.compared = f.compared || c.Operator != Exists })
	}
	read := func(t Template) {
		for _, name := range t.uses().fields {
			note(name, func(f *form) { f.read = true })
		}
	}
	read(c.Left)
	read(c.Right)
	switch {
	case c.Count == nil:
		return
	case c.Count.Value != nil:
		read(*c.Count.Value)
	default:
		note(c.Count.Field, func(*form) {})
	}
	takenForGranted(c.Count.Where, note)
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
	i := slices.IndexFunc(f.members, func(m member) bool { return strings.EqualFold(m.name, steps[0].key) })
	if i < 0 {
		i = len(f.members)
		f.members = append(f.members, member{steps[0].key, &form{}})
	}
	return f.members[i].form.at(steps[1:])
}

// pruned takes away the places of which nothing is taken for granted.
func (f *form) pruned() *form {
	f.members = slices.DeleteFunc(f.members, func(m member) bool { return m.form.pruned() == nil })
	if f.items == nil && !f.object {
		return nil
	}
	if f.items != nil {
		f.items.pruned()
	}
	return f
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
	}
	return s.above.path() + "." + s.name
}

// check adds the places at and below v that are not as rules take them.
func (f *form) check(found []Misshape, v *fastjson.Value, at *whereabouts) []Misshape {
	if v == nil || v.Type() == fastjson.TypeNull {
		return found
	}
	isList, isObject := v.Type() == fastjson.TypeArray, v.Type() == fastjson.TypeObject
	switch {
	case isList && f.items != nil:
		if f.items.object || f.items.items != nil {
			items, _ := v.Array()
			for i, item := range items {
				found = f.items.check(found, item, &whereabouts{above: at, index: i})
			}
		}
	case isObject && f.object:
		for i := range f.members {
			m := &f.members[i]
			found = m.form.check(found, lookup(v, m.name), &whereabouts{above: at, name: m.name})
		}
	case f.compared || f.items == nil && (f.read || !f.object): // it may be anything
	default:
		path := at.path()
		found = append(found, Misshape{path, path + " is " + v.Type().String() + ", want " + f.words()})
	}
	return found
}

func (f *form) words() string {
	switch {
	case f.items == nil:
		return "object"
	case f.object:
		return "array or object"
	}
	return "array"
}
