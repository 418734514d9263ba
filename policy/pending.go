package policy

import "strings"

// pending is one rule's existence check for one type of resources under if.
type pending struct {
	bound    *Bound
	target   string // lower-cased type looked for
	test     int    // number in target.tests, or in target.late if late
	late     bool
	fields   []string // of a late check: what field() reads of the resource
	around   bool     // of a late check: its condition reads what surrounds the resource
	relation Relation
	group    string   // a fixed resource group's name
	computed bool     // a string of what is looked for depends on the resource
	siblings bool     // what is looked for has the resource's own type, and its parent if it has one
	query    *Query   // where it is the same for all resources
	ownName  *ownName // where only such a name is computed
	reads    []int32  // slots that tell a query which is computed; nil if they do not
	alike    *extra   // of a late check to which all resources are alike
	// own is the existence condition where the related resource is the
	// resource itself; nothing is looked up then.
	own *cond
}

// isOwn reports whether the check needs something of the single resource.
func (p *pending) isOwn() bool { return p.query == nil && p.computed || p.late && p.alike == nil }

// isNamed reports whether candidates are looked for by a computed name. A fixed
// one is looked at by the test itself.
func (p *pending) isNamed() bool {
	d := p.bound.details
	return d.Name != nil && !isLiteral(*d.Name) && !p.late
}

// pendingFor says what a rule looks up for resources of shape's type.
func (s *Set) pendingFor(b *Bound, number int, shape *Resource, build *builder) *pending {
	d := b.details
	wanted := d.Type.Const.Text()
	p := &pending{bound: b, target: groupAsOne(strings.ToLower(wanted)), test: s.tests[number]}
	p.fields, p.late = needsOther(b)
	p.relation = relationOf(shape, wanted, wholeUnit(d) || shape.Native)
	p.siblings = strings.EqualFold(wanted, shape.Type) && !isGroupType(shape.Type)
	if d.ResourceGroupName != nil {
		if isLiteral(*d.ResourceGroupName) {
			p.group = d.ResourceGroupName.Const.Text()
		} else {
			p.computed = true
		}
	}
	if isComputed(d.Name) || isComputed(d.Kind) || isComputed(d.ExistenceScope) {
		p.computed = true
	}
	if looksAtItself(d, shape) {
		p.own = s.ownCondition(d, build)
	}
	switch {
	case p.late && !p.computed:
		p.query = &Query{Type: wanted, AnyName: d.Name == nil, Relation: p.relation, Group: p.group}
		if d.Name != nil {
			p.query.Name = d.Name.Const.Text()
		}
		if d.Kind != nil {
			p.query.Kind = d.Kind.Const.Text()
		}
	case p.computed && isSettledQuery(d):
		f := &frame{self: shape, outer: shape, fields: s.fields, policy: s.policy, clock: clock(s.now)}
		if q, err := f.query(d); err == nil {
			q.Relation = p.relation
			p.query = &q
		}
	}
	if p.query == nil && p.computed {
		p.reads = build.readsOfQuery(d)
		p.ownName = (&frame{self: shape, outer: shape, fields: s.fields, policy: s.policy, clock: clock(s.now)}).ownNameOf(d)
	}
	p.around = readsPlace(d.Existence)
	if p.late && p.query != nil && !p.around && len(p.fields) == 0 {
		p.alike = newExtra(&Resource{Type: shape.Type, Native: shape.Native}, p.query, nil, nil)
	}
	return p
}

// readsPlace reports whether a condition reads what surrounds a resource.
func readsPlace(c *Condition) bool {
	reads := false
	visitTemplates(c, func(t Template) { reads = reads || len(t.uses().contexts) > 0 || t.uses().computed })
	return reads
}

// isSettledQuery reports whether what d looks for, computed as it is, does not
// depend on the resource.
func isSettledQuery(d *Details) bool {
	for _, t := range []*Template{d.Type, d.Name, d.Kind, d.ResourceGroupName, d.ExistenceScope} {
		if t == nil {
			continue
		}
		for _, context := range t.uses().contexts {
			if context != "policy" && context != "requestContext" {
				return false
			}
		}
		if u := t.uses(); len(u.fields)+len(u.currents) > 0 || u.computed {
			return false
		}
	}
	return true
}

// namesItself reports whether a computed name is that of the resource under if.
func namesItself(name Template, shape *Resource) bool {
	if name.Expr == nil {
		return false
	}
	switch strings.ToLower(strings.Join(strings.Fields(name.Expr.String()), "")) {
	case "[field('fullname')]", "[field('name')]":
		return true
	case "[first(split(field('fullname'),'/'))]":
		return strings.Count(shape.Type, "/") == 1
	}
	return false
}

func (s *Set) ownCondition(d *Details, build *builder) *cond {
	return build.share((&compiler{fields: s.fields, shape: build.shape}).compileOwn(d))
}

// compileOwn compiles what an existence check wants that looks for the resource
// itself.
func (c *compiler) compileOwn(d *Details) *cond {
	existence := constant(isTrue, nil)
	if d.Existence != nil {
		existence = c.compile(d.Existence)
	}
	kind := ""
	if d.Kind != nil {
		kind = d.Kind.Const.Text()
	}
	return joined(AllOf, []*cond{c.kindIs(kind), existence}, nil)
}
