package policy

// around remembers, for one resource group or subscription, the values of
// templates that depend on nothing else.
type around struct {
	values   []Value
	done     []bool
	outcomes []Outcome // by number of leaf; 0 for not yet known
}

// shareOutcome gives a leaf that depends on the place alone a number, so that
// it is evaluated once a group; 0 for other leaves.
func (s *Set) shareOutcome(l *leaf) int {
	if l.kind != ValueLeaf || l.test == nil || l.leftAround == 0 {
		return 0
	}
	key := string(appendLeafKey(nil, l))
	if n, ok := s.aroundLeaves[key]; ok {
		return n
	}
	s.aroundLeaves[key] = len(s.aroundLeaves) + 1
	return len(s.aroundLeaves)
}

// evaluateShared evaluates a leaf that has a number from shareOutcome.
func (f *frame) evaluateShared(l *leaf) Outcome {
	if f.around == nil {
		f.around = f.groups.find(f.outer)
	}
	a := f.around
	for l.outcomeAround > len(a.outcomes) {
		a.outcomes = append(a.outcomes, 0)
	}
	if o := a.outcomes[l.outcomeAround-1]; o != 0 {
		return o
	}
	o := f.evaluateLeaf(l)
	if o.Known() {
		a.outcomes[l.outcomeAround-1] = o
	}
	return o
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
	if number == 0 || f.groups == nil {
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

// groupCache finds what is remembered about a resource's group.
type groupCache struct{ known map[string]*around }

func (c *groupCache) find(r *Resource) *around {
	id := GroupOf(r.ID)
	if id == "" {
		id = UnitOf(r.ID)
	}
	if a, ok := c.known[id]; ok {
		return a
	}
	if len(c.known) >= maxAround {
		clear(c.known)
	}
	a := &around{}
	c.known[string([]byte(id))] = a
	return a
}
