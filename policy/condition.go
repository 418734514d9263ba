package policy

import "strings"

// cond is a condition compiled for one resource type: parameters are constants
// and field names are resolved.
type cond struct {
	kind   ConditionKind
	kids   []*cond
	leaf   *leaf
	fixed  Outcome // when isConst
	source *Condition
	id     int32 // in a program; evaluated once a resource
	slot   int32 // of a leaf in a program that its slot's value decides, -1 for other conditions
	local  bool  // the leaf reads below its slot; see localTo
	member int32 // one more than its number among the slot's member counts, 0 for none
	reads  reads // of a leaf in a program that no slot's value decides
}

// isConst is the kind of a condition that needs no resource.
const isConst ConditionKind = 255

// leaf is one comparison.
type leaf struct {
	kind   ConditionKind // FieldLeaf, ValueLeaf, CountLeaf
	field  *field        // FieldLeaf with a fixed name
	left   Template      // FieldLeaf: a computed name; ValueLeaf: the value
	count  *counter
	op     Operator
	right  Template
	test   func(Value) bool // op with a constant right side, else nil
	source *Condition
	shapes *shapes // what the whole condition takes for granted

	leftAround, rightAround int // see shareAround
	outcomeAround           int // see shareOutcome
}

// templates are the expressions of a leaf, but for those in a count's where.
func (l *leaf) templates() []Template {
	if l.count != nil && l.count.value != nil {
		return []Template{l.left, l.right, *l.count.value}
	}
	return []Template{l.left, l.right}
}

// counter is the left-hand side of a count leaf.
type counter struct {
	field *field
	value *Template
	name  string // lower-cased
	where *cond
	long  bool // see LongCounts
}

// compiler compiles conditions for one resource type.
type compiler struct {
	fields *fieldResolver
	shape  *Resource // has the type; no body
	// whole keeps what is constant for the type, so that a trace shows it.
	whole bool
	// plain leaves every leaf to be evaluated, also one that needs no resource.
	plain bool
	// counts is how many counts stand around what is compiled.
	counts int
	shapes *shapes // what the condition at hand takes for granted
}

func (c *compiler) compile(source *Condition) *cond {
	c.shapes = shapesOf(source, c.shape.Type)
	return c.compilePart(source)
}

func (c *compiler) compilePart(source *Condition) *cond {
	switch source.Kind {
	case AllOf, AnyOf, Not:
		kids := make([]*cond, len(source.Children))
		for i, child := range source.Children {
			kids[i] = c.compilePart(child)
		}
		if c.whole {
			return &cond{kind: source.Kind, kids: kids, source: source}
		}
		return joined(source.Kind, kids, source)
	}
	return c.compileLeaf(source)
}

// joined builds a logical node, with constants folded away.
func joined(kind ConditionKind, kids []*cond, source *Condition) *cond {
	if kind == Not {
		if kids[0].kind == isConst {
			return constant(kids[0].fixed.not(), source)
		}
		return &cond{kind: Not, kids: kids, source: source}
	}
	absorbing, neutral := isFalse, Outcome(isTrue)
	if kind == AnyOf {
		absorbing, neutral = isTrue, isFalse
	}
	kept := kids[:0:0]
	for _, k := range kids {
		if k.kind == isConst && k.fixed == absorbing {
			return constant(absorbing, source)
		}
		if k.kind != isConst || k.fixed != neutral {
			kept = append(kept, k)
		}
	}
	if len(kept) == 0 {
		return constant(neutral, source)
	}
	if len(kept) == 1 {
		return kept[0]
	}
	return &cond{kind: kind, kids: kept, source: source}
}

func constant(o Outcome, source *Condition) *cond {
	return &cond{kind: isConst, fixed: o, source: source}
}

func (c *compiler) compileLeaf(source *Condition) *cond {
	l := &leaf{kind: source.Kind, op: source.Operator, right: source.Right, left: source.Left, source: source, shapes: c.shapes}
	if isLiteral(source.Right) {
		l.test = source.Operator.compile(source.Right.Const)
	}
	switch source.Kind {
	case FieldLeaf:
		if isLiteral(source.Left) && source.Left.Const.Kind() == String {
			l.field = c.resolve(source.Left.Const.Text())
			c.prepareField(l)
		}
	case CountLeaf:
		l.count = c.compileCount(source.Count)
	}
	if c.plain {
		return &cond{kind: source.Kind, leaf: l, source: source}
	}
	return c.simplify(&cond{kind: source.Kind, leaf: l, source: source})
}

// prepareField makes locations compare without spaces.
func (c *compiler) prepareField(l *leaf) {
	if l.field.kind == fieldLocation && isLiteral(l.right) {
		l.test = l.op.compile(withoutSpaces(l.right.Const))
	}
}

// simplify evaluates what is known without a resource: conditions on the type,
// on aliases of other types, and on values that are constants.
func (c *compiler) simplify(cd *cond) *cond {
	l := cd.leaf
	switch {
	case l.count != nil && l.count.value != nil && isLiteral(*l.count.value) && l.count.value.Const.Len() == 0 && l.test != nil:
		return constant(outcomeOf(l.test(IntValue(0))), cd.source)
	case readsTypeOnly(l) && (l.count == nil || c.counts == 0):
		return c.settled(cd) // a count inside another has a limit in common with it
	case l.kind == FieldLeaf && l.field != nil && l.field.kind == fieldUnknown:
		return constant(failed, cd.source)
	case l.test == nil:
	case l.kind == FieldLeaf && l.field != nil && l.field.kind == fieldType:
		return constant(outcomeOf(c.testType(l)), cd.source)
	case l.kind == FieldLeaf && l.field != nil && l.field.kind == fieldNull:
		return constant(outcomeOf(l.test(Value{})), cd.source)
	case l.kind == ValueLeaf && isLiteral(l.left):
		return constant(outcomeOf(l.test(l.left.Const)), cd.source)
	}
	return cd
}

// settled evaluates a leaf that needs nothing but the type.
func (c *compiler) settled(cd *cond) *cond {
	f := &frame{self: c.shape, outer: c.shape, fields: c.fields}
	if o := f.evaluateLeaf(cd.leaf); o.Known() {
		return constant(o, cd.source)
	}
	return cd
}

// readsTypeOnly reports whether a value or count leaf reads nothing of a
// resource but its type.
func readsTypeOnly(l *leaf) bool {
	if l.kind == FieldLeaf || l.count != nil && l.count.value == nil {
		return false
	}
	only := true
	visitTemplates(l.source, func(t Template) {
		u := t.uses()
		only = only && !u.computed && len(u.contexts)+len(u.names) == 0 && !u.now && !u.unique
		for _, name := range u.fields {
			only = only && strings.EqualFold(name, "type")
		}
	})
	if l.count != nil {
		only = only && valuesOnly(l.source.Count.Where)
	}
	return only
}

// valuesOnly reports whether a condition has no field and field count leaves.
func valuesOnly(c *Condition) bool {
	if c == nil {
		return true
	}
	if c.Kind == FieldLeaf && fieldOf(c) != "type" || c.Count != nil && (c.Count.Value == nil || !valuesOnly(c.Count.Where)) {
		return false
	}
	for _, child := range c.Children {
		if !valuesOnly(child) {
			return false
		}
	}
	return true
}

// testType compares the type; the two names of resource groups are one type.
func (c *compiler) testType(l *leaf) bool {
	switch {
	case c.shape.Type == "":
		return l.test(Value{})
	case !isGroupType(c.shape.Type):
		return l.test(StringValue(c.shape.Type))
	}
	long := l.test(StringValue("Microsoft.Resources/subscriptions/resourceGroups"))
	short := l.test(StringValue("Microsoft.Resources/resourceGroups"))
	if l.op.negated() {
		return long && short
	}
	return long || short
}

func (c *compiler) compileCount(source *Count) *counter {
	n := &counter{name: source.Name, value: source.Value, long: source.long}
	if source.Value == nil {
		n.field = c.resolve(source.Field)
	}
	if source.Where != nil {
		c.counts++
		n.where = c.compilePart(source.Where)
		c.counts--
	}
	return n
}

func (c *compiler) resolve(name string) *field {
	return c.fields.eased(name, c.shape, c.shapes)
}

func isLiteral(t Template) bool { return t.Expr == nil && t.Items == nil && t.Members == nil }
