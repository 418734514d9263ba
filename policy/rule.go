package policy

import (
	"maps"
	"slices"
	"strings"
)

// Limits of the language, section 23.
const (
	maxLeaves          = 4096 // of a rule's if
	maxExistenceLeaves = 128
	maxFunctions       = 2048 // calls in a rule
	maxFieldCounts     = 5    // per array
	maxValueCounts     = 10
)

// leafNames are all keys that a leaf may have.
var leafNames = append([]string{"field", "value", "count"}, operatorNames[:]...)

// conditionNames are all keys that a condition may have.
var conditionNames = append([]string{"allOf", "anyOf", "not"}, leafNames...)

// logicalKind reads the name of a logical operator, ignoring case.
func logicalKind(key string) (kind ConditionKind, ok bool) {
	switch {
	case strings.EqualFold(key, "allOf"):
		return AllOf, true
	case strings.EqualFold(key, "anyOf"):
		return AnyOf, true
	case strings.EqualFold(key, "not"):
		return Not, true
	}
	return 0, false
}

// ruleTally counts what section 23 limits.
type ruleTally struct {
	leaves      int
	functions   int
	valueCounts int
	fieldCounts map[string]int // by lower-cased field
}

// rule reads a policyRule.
func (r *docReader) rule(n *Node, parameters []Parameter) *Rule {
	if n.Kind != Object {
		r.refuse(n.Pos, "policyRule is %s; want an object with \"if\" and \"then\"", n.describe())
		return nil
	}
	r.uniqueKeys(n)
	rule := &Rule{}
	if cond := n.Get("if"); cond == nil {
		r.refuse(n.Pos, "policyRule without \"if\"; want a condition there")
	} else {
		rule.If, rule.condition = r.condition(cond), snippetOf(r.text, cond)
		if r.tally.leaves > maxLeaves {
			r.refuse(cond.Pos, "%d leaves in \"if\"; want at most %d", r.tally.leaves, maxLeaves)
		}
	}
	rule.caller = No
	if (&Rule{If: rule.If}).readsCaller() {
		rule.caller = Yes
	}
	r.then(rule, n, parameters)
	r.limits(n)
	return rule
}

// limits refuses a rule that is larger than the language allows.
func (r *docReader) limits(n *Node) {
	if r.tally.functions > maxFunctions {
		r.refuse(n.Pos, "%d function calls in the rule; want at most %d", r.tally.functions, maxFunctions)
	}
	if r.tally.valueCounts > maxValueCounts {
		r.refuse(n.Pos, "%d value counts in the rule; want at most %d", r.tally.valueCounts, maxValueCounts)
	}
	if len(r.tally.fieldCounts) == 0 {
		return
	}
	for _, field := range slices.Sorted(maps.Keys(r.tally.fieldCounts)) {
		if times := r.tally.fieldCounts[field]; times > maxFieldCounts {
			r.refuse(n.Pos, "%d counts over %q in the rule; want at most %d", times, field, maxFieldCounts)
		}
	}
}

// condition reads a condition; what is returned is not used if there was a
// problem, but never nil.
func (r *docReader) condition(n *Node) *Condition {
	if n.Kind != Object {
		r.refuse(n.Pos, "condition is %s; want an object", n.describe())
		return &Condition{Kind: AnyOf, Pos: n.Pos}
	}
	for i := range n.Members {
		if kind, ok := logicalKind(n.Members[i].Key); ok {
			return r.logical(n, i, kind)
		}
	}
	return r.leaf(n)
}

// logical reads the condition whose member at index i is allOf, anyOf or not.
func (r *docReader) logical(n *Node, i int, kind ConditionKind) *Condition {
	c := &Condition{Kind: kind, Pos: n.Pos}
	name := n.Members[i].Key
	for j := range n.Members {
		if j != i {
			r.refuse(n.Members[j].Pos, "%q beside %q; want %q alone in its object", n.Members[j].Key, name, name)
			break
		}
	}
	c.Children = r.children(&n.Members[i], kind)
	for j := i + 1; j < len(n.Members); j++ { // refused, and looked at all the same
		if other, ok := logicalKind(n.Members[j].Key); ok {
			c.Children = append(c.Children, r.children(&n.Members[j], other)...)
		}
	}
	return c
}

// children reads what stands behind a logical operator.
func (r *docReader) children(p *Property, kind ConditionKind) []*Condition {
	value := p.Value
	switch {
	case kind == Not && value.Kind != Object:
		r.refuse(value.Pos, "%q is %s; want one condition, an object", p.Key, value.describe())
		return nil
	case kind == Not:
		return []*Condition{r.condition(value)}
	case value.Kind != Array:
		r.refuse(value.Pos, "%q is %s; want an array of conditions", p.Key, value.describe())
		return nil
	}
	children := make([]*Condition, len(value.Items))
	for k, item := range value.Items {
		children[k] = r.condition(item)
	}
	return children
}

// leaf reads a condition that compares something.
func (r *docReader) leaf(n *Node) *Condition {
	r.tally.leaves++
	c := &Condition{Pos: n.Pos}
	var left, operator *Property
	unknown := false
	for i := range n.Members {
		p := &n.Members[i]
		op, isOperator := ParseOperator(p.Key)
		switch {
		case isOperator && operator != nil:
			r.refuse(p.Pos, "operator %q beside %q; want one operator", p.Key, operator.Key)
		case isOperator:
			operator, c.Operator, c.Right = p, op, r.template(p.Value)
		case isLeft(p.Key) && left != nil:
			r.refuse(p.Pos, "%q beside %q; want one of \"field\", \"value\", \"count\"", p.Key, left.Key)
		case isLeft(p.Key):
			left = p
			r.left(c, p)
		default:
			unknown = true
			r.unknownKey(p, left, operator)
			if left != nil && operator == nil {
				c.Right = r.template(p.Value)
			}
		}
	}
	switch {
	case unknown: // it may be a misspelt one, so nothing else is missed
	case left == nil && operator == nil:
		r.refuse(n.Pos, "empty condition; want \"field\", \"value\" or \"count\" with an operator, or \"allOf\", \"anyOf\" or \"not\"")
	case left == nil:
		r.refuse(n.Pos, "condition without left-hand side; want \"field\", \"value\" or \"count\" beside %q", operator.Key)
	case operator == nil:
		r.refuse(n.Pos, "condition without operator; want one beside %q, such as \"equals\"", left.Key)
	}
	return c
}

func isLeft(key string) bool {
	return strings.EqualFold(key, "field") || strings.EqualFold(key, "value") || strings.EqualFold(key, "count")
}

// unknownKey refuses a key of a leaf. What it should have been depends on
// what the leaf has so far.
func (r *docReader) unknownKey(p, left, operator *Property) {
	switch {
	case left != nil && operator == nil:
		r.refuseName(p.Pos, p.Key, operatorNames[:], "unknown operator %q", p.Key)
	case left != nil:
		r.refuseName(p.Pos, p.Key, leafNames, "unknown key %q in a condition", p.Key)
	default:
		r.refuseName(p.Pos, p.Key, conditionNames, "unknown key %q in a condition", p.Key)
	}
}

// left reads the left-hand side of a leaf.
func (r *docReader) left(c *Condition, p *Property) {
	switch strings.ToLower(p.Key) {
	case "field":
		c.Kind = FieldLeaf
		if p.Value.Kind != String {
			r.refuse(p.Value.Pos, "field is %s; want a name in quotes", p.Value.describe())
			return
		}
		c.Left = r.template(p.Value)
	case "value":
		c.Kind = ValueLeaf
		c.Left = r.template(p.Value)
	default:
		c.Kind = CountLeaf
		c.Count = r.count(p.Value)
	}
}

var countNames = []string{"field", "value", "name", "where"}

// count reads the object behind "count".
func (r *docReader) count(n *Node) *Count {
	c := &Count{Pos: n.Pos}
	if n.Kind != Object {
		r.refuse(n.Pos, "count is %s; want an object with \"field\" or \"value\"", n.describe())
		return c
	}
	for i := range n.Members {
		p := &n.Members[i]
		if !slices.ContainsFunc(countNames, func(name string) bool { return strings.EqualFold(name, p.Key) }) {
			r.refuseName(p.Pos, p.Key, countNames, "unknown key %q in count", p.Key)
		}
	}
	field, value, name := n.property("field"), n.property("value"), n.property("name")
	switch {
	case field != nil && value != nil:
		r.refuse(n.Pos, "count with both \"field\" and \"value\"; want one of them")
	case field == nil && value == nil:
		r.refuse(n.Pos, "count without \"field\" and \"value\"; want one of them")
	}
	if field != nil {
		r.countField(c, field.Value)
	}
	if value != nil {
		r.tally.valueCounts++
		t := r.template(value.Value)
		c.Value = &t
	}
	if name != nil {
		r.countName(c, name, field)
	} else if value != nil && r.inCounts > 0 {
		r.refuse(n.Pos, "value count without \"name\" inside another count; want one there, as \"default\" is the outermost's")
	}
	if where := n.Get("where"); !where.absent() {
		r.inCounts++
		c.Where = r.condition(where)
		r.inCounts--
	}
	return c
}

func (r *docReader) countField(c *Count, field *Node) {
	if field.Kind != String || field.Text == "" {
		r.refuse(field.Pos, "field of count is %s; want the name of an array alias", field.describe())
		return
	}
	literal, expr, err := parseText(field.Text)
	if err != nil || expr != nil {
		r.refuse(field.Pos, "field of count is an expression; want the name of an array alias")
		return
	}
	c.Field = literal
	if isSpecialField(literal) && !strings.Contains(literal, "[*]") {
		r.refuse(field.Pos, "count over %q, which is no array; want an alias with \"[*]\"", literal)
	}
	if r.tally.fieldCounts == nil {
		r.tally.fieldCounts = map[string]int{}
	}
	r.tally.fieldCounts[strings.ToLower(literal)]++
}

func (r *docReader) countName(c *Count, name, field *Property) {
	switch {
	case field != nil:
		r.refuse(name.Pos, "name beside the field of a count; want it only beside \"value\"")
	case name.Value.Kind != String:
		r.refuse(name.Value.Pos, "name of a count is %s; want a string", name.Value.describe())
	default:
		c.Name = name.Value.Text
	}
}

// ParseCondition reads a condition that stands alone, as in the applies of a
// recommendation.
func ParseCondition(file string, data []byte) (*Condition, Problems) {
	return parse(file, data, func(file string, n *Node) (*Condition, Problems) {
		r := &docReader{file: file}
		return finish(r, r.condition(n))
	})
}
