package policy

import (
	"strings"
	"unsafe"

	"github.com/valyala/fastjson"
)

// around remembers, for one resource group, subscription, account or project, the
// values of templates that depend on nothing else.
type around struct {
	id       string // with a slash behind it
	values   []Value
	done     []bool
	codes    []int32   // of values, 0 for not yet known
	outcomes []Outcome // by number of leaf; 0 for not yet known
	texts    []string  // by number of leaf: the text that the outcome is for
}

// shareOutcome gives a leaf that depends on the place alone a number, so that
// it is evaluated once a group; 0 for other leaves.
func (s *Set) shareOutcome(l *leaf) int {
	valueAlone := l.kind == ValueLeaf && l.test != nil && l.leftAround > 0
	if !valueAlone && !l.isAgainstPlace() {
		return 0
	}
	key := string(appendLeafKey(nil, l))
	if n, ok := s.aroundLeaves[key]; ok {
		return n
	}
	s.aroundLeaves[key] = len(s.aroundLeaves) + 1
	return len(s.aroundLeaves)
}

// isAgainstPlace reports whether a leaf compares one property with what the
// place gives.
func (l *leaf) isAgainstPlace() bool {
	if l.kind != FieldLeaf || l.rightAround == 0 || l.field == nil {
		return false
	}
	return l.field.kind == fieldLocation || l.field.kind == fieldPath && l.field.path.stars == 0
}

// evaluateShared evaluates a leaf that has a number from shareOutcome. Of a
// leaf that compares a property, the outcome for the last text is remembered:
// resources of one group mostly have the same.
func (f *frame) evaluateShared(l *leaf) Outcome {
	if f.around == nil {
		f.around = f.groups.find(f.outer)
	}
	a, n := f.around, l.outcomeAround
	for n > len(a.outcomes) {
		a.outcomes, a.texts = append(a.outcomes, 0), append(a.texts, "")
	}
	text, ok := f.comparedText(l)
	if !ok {
		return f.evaluateLeaf(l)
	}
	if o := a.outcomes[n-1]; o != 0 && a.texts[n-1] == text {
		return o
	}
	o := f.evaluateLeaf(l)
	if o.Known() {
		a.outcomes[n-1], a.texts[n-1] = o, strings.Clone(text)
	}
	return o
}

// comparedText gives the text that a leaf compares, "" for one that reads the
// place alone; not ok for anything but a text that is there.
func (f *frame) comparedText(l *leaf) (string, bool) {
	switch {
	case l.kind == ValueLeaf:
		return "", true
	case !wholly(f.self):
		return "", false
	case l.field.kind == fieldLocation:
		return f.self.Location, f.self.Location != ""
	}
	if l.field.path.slot == 0 || f.slotsOf != f.self {
		return "", false
	}
	v := f.slots[l.field.path.slot-1]
	if v == nil || v.Type() != fastjson.TypeString {
		return "", false
	}
	b, _ := v.StringBytes()
	return unsafe.String(unsafe.SliceData(b), len(b)), true
}

// maxAround bounds the groups that are remembered at a time.
const maxAround = 1 << 12

// dependsOnPlace reports whether a template reads what surrounds a resource
// and nothing of the resource.
func dependsOnPlace(t Template) bool {
	u := t.uses()
	return len(u.contexts) > 0 && !u.computed && !u.unique && len(u.fields)+len(u.currents)+len(u.names) == 0
}

// shareAround gives a template that depends on the place alone a number, so
// that its value is computed once a group; 0 for other templates.
func (s *Set) shareAround(t Template) int {
	if !dependsOnPlace(t) {
		return 0
	}
	key := string(t.appendKey(nil))
	if n, ok := s.arounds[key]; ok {
		return n
	}
	s.arounds[key] = len(s.arounds) + 1
	return len(s.arounds)
}

// takeShared evaluates a template that has a number from shareAround.
func (f *frame) takeShared(t Template, number int) (Value, error) {
	if number == 0 || f.groups == nil || f.watch != nil {
		return f.take(t)
	}
	a := f.around
	if a == nil {
		a = f.groups.find(f.outer)
		f.around = a
	}
	for number > len(a.done) {
		a.done, a.values = append(a.done, false), append(a.values, Value{})
	}
	if a.done[number-1] {
		return a.values[number-1], nil
	}
	v, err := f.take(t)
	if err == nil {
		a.values[number-1], a.done[number-1] = v.Clone(), true
	}
	return v, err
}

// sharedCode gives a number for the value of a template that has a number from
// shareAround: equal numbers mean equal values. 0 for other templates, -1 where
// the value is not known.
func (f *frame) sharedCode(t *Template, number int) int32 {
	if number == 0 {
		return 0
	}
	if f.around == nil {
		f.around = f.groups.find(f.outer)
	}
	a := f.around
	if number <= len(a.codes) && a.codes[number-1] > 0 {
		return a.codes[number-1]
	}
	v, err := f.takeShared(*t, number)
	if err != nil {
		return -1
	}
	for number > len(a.codes) {
		a.codes = append(a.codes, 0)
	}
	a.codes[number-1] = f.groups.code(v)
	return a.codes[number-1]
}

// code numbers a value.
func (c *groupCache) code(v Value) int32 {
	key := string(v.appendKey([]byte{byte(v.Kind())}))
	n, ok := c.codes[key]
	if !ok {
		n = int32(len(c.codes) + 1)
		if c.codes == nil {
			c.codes = map[string]int32{}
		}
		c.codes[key] = n
	}
	return n
}

// groupCache finds what is remembered about a resource's group.
type groupCache struct {
	known  map[string]*around
	codes  map[string]int32 // numbers of values, from 1
	last   *around
	lastID string // of the resource group of last, with a slash behind it
}

func (c *groupCache) find(r *Resource) *around {
	if c.last != nil && strings.HasPrefix(r.ID, c.lastID) {
		return c.last
	}
	id := GroupOf(r.ID)
	inGroup := id != ""
	switch {
	case inGroup:
	case r.Native:
		id = r.Unit
	default:
		id = UnitOf(r.ID)
	}
	a, ok := c.known[id]
	if !ok {
		if len(c.known) >= maxAround {
			clear(c.known)
		}
		a = &around{id: id + "/"}
		c.known[strings.Clone(id)] = a
	}
	if inGroup {
		c.last, c.lastID = a, a.id
	}
	return a
}
