package policy

import "strings"

// kindIs is the condition that a candidate has a kind, "" for any.
func (c *compiler) kindIs(kind string) *cond {
	if kind == "" {
		return constant(isTrue, nil)
	}
	right := Template{Const: StringValue(kind)}
	source := &Condition{Kind: FieldLeaf, Operator: Equals, Left: Template{Const: StringValue("kind")}, Right: right}
	return c.compileLeaf(source)
}

// nameIs is the condition that a candidate has a name, as a query compares it.
func nameIs(name string) *cond {
	l := &leaf{
		kind: FieldLeaf, op: Like, field: &field{kind: fieldFullName, name: "fullName"},
		right:  Template{Const: StringValue("name " + name)},
		test:   func(v Value) bool { return nameMatches(name, v.Text()) },
		source: &Condition{Kind: FieldLeaf, Operator: Equals},
	}
	return &cond{kind: FieldLeaf, leaf: l, source: l.source}
}

// addTests puts a target's tests into the program of its type.
func (s *Set) addTests(b *builder, t *target) {
	b.program.target = t
	c := &compiler{fields: s.fields, shape: b.shape}
	for _, e := range t.tests {
		parts := []*cond{c.kindIs(e.kind)}
		if !e.anyName {
			parts = append(parts, nameIs(e.name))
		}
		if e.existence != nil {
			parts = append(parts, c.compile(e.existence))
		}
		b.program.tests = append(b.program.tests, b.share(joined(AllOf, parts, nil)))
	}
	for _, late := range t.late {
		t.keepReads(b, c.compileExistence(late.bound.details))
	}
	t.placeKept(b)
}

// placeKept makes slots for what is kept, so that outlines tell it.
func (t *target) placeKept(b *builder) {
	for _, p := range t.keepPaths {
		if p.keys == 0 {
			t.keepSlots = nil
			return
		}
		at := b.slotFor(p)
		b.program.slots[at].complexRead = true
		t.keepSlots = append(t.keepSlots, int32(at))
	}
}

func (c *compiler) compileExistence(d *Details) *cond {
	if d.Existence == nil {
		return constant(isTrue, nil)
	}
	return c.compile(d.Existence)
}

// keepReads notes what a late test reads of a candidate.
func (t *target) keepReads(b *builder, c *cond) {
	if t.keep == nil {
		t.keep = b.newBranch("")
		for _, name := range []string{"kind", "location"} {
			t.keepPath(b, parsePath(name))
		}
	}
	for _, k := range c.kids {
		t.keepReads(b, k)
	}
	if c.leaf == nil {
		return
	}
	for _, f := range []*field{c.leaf.field, countedField(c.leaf)} {
		if f != nil && f.path != nil {
			t.keepPath(b, f.path)
		}
		t.keepID = t.keepID || f != nil && f.kind == fieldID
	}
	if c.leaf.field == nil && c.leaf.kind == FieldLeaf {
		t.keepPath(b, parsePath("")) // a computed name may be that of anything
		t.keepID = true
	}
	if c.leaf.count != nil && c.leaf.count.where != nil {
		t.keepReads(b, c.leaf.count.where)
	}
}

func countedField(l *leaf) *field {
	if l.count == nil {
		return nil
	}
	return l.count.field
}

func (t *target) keepPath(b *builder, p *bodyPath) {
	t.keepPaths = append(t.keepPaths, p)
	at := t.keep
	for _, s := range p.steps[:p.keys] {
		lower := strings.ToLower(s.key)
		if at.kids == nil {
			at.kids = map[string]*branch{}
		}
		if at.kids[lower] == nil {
			at.kids[lower] = b.newBranch(s.key)
		}
		at = at.kids[lower]
	}
	at.slot = 0
}
