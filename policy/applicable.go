package policy

import (
	"strings"
)

// compiled is a bound rule compiled for one resource type.
type compiled struct {
	bound *Bound
	// applies is the condition under which there is a result at all.
	applies   *cond
	where     *cond // what is false where the rule's owner does not apply it
	condition *cond
	// unknown are the aliases in no table that field() is asked for where the
	// type leaves a choice: the rule never applies to the type.
	unknown []string
}

// compileFor compiles b for the type of shape; nil if b cannot be judged on
// anything. Where b never has a result on that type, applies is constantly
// false.
func (b *Bound) compileFor(shape *Resource, fields *fieldResolver) *compiled {
	if b.condition == nil || b.family == familyDisabled || b.family == familyNone && !isEffect(b.Effect) {
		return nil
	}
	c := &compiler{fields: fields, shape: shape}
	result := &compiled{bound: b}
	if !b.admits(shape.Type) {
		result.applies = constant(isFalse, nil)
	} else if result.applies = c.applicability(b); mayBeTrue(result.applies) {
		result.applies = joined(AllOf, []*cond{b.modeGate(c), result.applies}, b.condition)
	}
	result.condition = c.compile(b.condition)
	result.unknown = c.unknownCalls(result.condition)
	result.where = constant(isTrue, nil)
	if b.where != nil {
		result.where = c.compile(b.where)
	}
	return result
}

// unknownCalls lists what field() is asked for in vain in a compiled condition.
func (c *compiler) unknownCalls(compiled *cond) []string {
	var unknown []string
	visitLeaves(compiled, func(l *leaf) {
		for _, t := range l.templates() {
			for _, name := range t.uses().fields {
				if c.fields.resolve(name, c.shape).kind == fieldUnknown {
					addOnce(&unknown, name)
				}
			}
		}
	})
	return unknown
}

// admits reports whether b may have results on resources of a type, as far as
// mode, effect and the list of types that are never evaluated tell.
func (b *Bound) admits(resourceType string) bool { return b.refusal(resourceType) == "" }

// refusal says why b has no results on resources of a type, "" if it may have.
func (b *Bound) refusal(resourceType string) string {
	switch {
	case !b.admitsType(resourceType):
		return "rules of mode " + b.Definition.Mode + " are not evaluated for " + resourceType
	case b.changesIdentity() && !hasIdentityWorkflow(resourceType):
		return "a modify of identity.type applies to virtual machines and scale sets only"
	case strings.EqualFold(resourceType, "Microsoft.Resources/subscriptions") && b.readsLocation():
		return "a rule that reads the location does not apply to subscriptions"
	case b.onlyAzure && IsNativeType(resourceType) && !b.namesNativeType():
		return "a rule of Microsoft's that names no type of another cloud is about Azure"
	}
	return ""
}

// MayApplyTo reports whether a rule may have results on resources of a type, as far
// as the type tells. It does not need to be one that can be judged.
func (b *Bound) MayApplyTo(resourceType string, aliases *Aliases) bool {
	if b.condition == nil || !b.admits(resourceType) {
		return false
	}
	c := &compiler{fields: newFieldResolver(aliases), shape: &Resource{Type: resourceType, Native: IsNativeType(resourceType)}}
	return mayBeTrue(c.relaxed(b.condition, func(name string) bool { return name == "type" }))
}

// namesNativeType reports whether a condition on the type compares it with one that
// is not an Azure one.
func (b *Bound) namesNativeType() bool {
	names := false
	visitConditions(b.condition, func(c *Condition) {
		if fieldOf(c) != "type" || c.Kind != FieldLeaf {
			return
		}
		names = names || IsNativeType(c.Right.Const.Text())
		c.Right.Const.each(func(_ string, item Value) bool {
			names = names || IsNativeType(item.Text())
			return true
		})
	})
	return names
}

func mayBeTrue(c *cond) bool { return c.kind != isConst || !c.fixed.False() }

// neverEvaluated are the types that Azure Policy leaves out.
var neverEvaluated = []string{"microsoft.billing/", "microsoft.help/", "microsoft.diagnostics/", "microsoft.capacity/reservationorders"}

func (b *Bound) admitsType(resourceType string) bool {
	lower := strings.ToLower(resourceType)
	for _, prefix := range neverEvaluated {
		if strings.HasPrefix(lower, prefix) {
			return false
		}
	}
	if !strings.HasPrefix(lower, "microsoft.resources/") {
		return true
	}
	scope := lower == "microsoft.resources/subscriptions" || isGroupType(lower)
	return scope && !strings.EqualFold(b.Definition.Mode, "Indexed")
}

// isGroupType knows both names of resource groups.
func isGroupType(resourceType string) bool {
	return strings.EqualFold(resourceType, "Microsoft.Resources/subscriptions/resourceGroups") ||
		strings.EqualFold(resourceType, "Microsoft.Resources/resourceGroups")
}

// modeGate is what mode Indexed asks of a resource: to have a location, or a
// type one level below its namespace.
func (b *Bound) modeGate(c *compiler) *cond {
	if !strings.EqualFold(b.Definition.Mode, "Indexed") || c.shape.Native || strings.Count(c.shape.Type, "/") <= 1 {
		return constant(isTrue, nil)
	}
	l := &leaf{
		kind: FieldLeaf, op: Exists, field: &field{name: "location", path: parsePath("location")},
		right: Template{Const: BoolValue(true)}, test: Exists.compile(BoolValue(true)),
		source: &Condition{Kind: FieldLeaf, Operator: Exists},
	}
	return &cond{kind: FieldLeaf, leaf: l, source: l.source}
}

// applicability compiles the condition with only its type, name and kind
// conditions real; what the others come to is open.
func (c *compiler) applicability(b *Bound) *cond {
	source := b.condition
	has := leavesIn(source)
	switch {
	case isDataPlane(b.Definition.Mode):
		return c.relaxed(source, func(name string) bool { return name == "type" })
	case has.named && !has.other && !has.typed:
		return constant(isTrue, source)
	case !has.other:
		return c.relaxed(source, func(name string) bool { return name == "type" })
	}
	return c.relaxed(source, func(name string) bool { return name == "type" || name == "name" || name == "kind" })
}

func (c *compiler) relaxed(source *Condition, isReal func(field string) bool) *cond {
	switch source.Kind {
	case AllOf, AnyOf, Not:
		kids := make([]*cond, len(source.Children))
		for i, child := range source.Children {
			kids[i] = c.relaxed(child, isReal)
		}
		return joined(source.Kind, kids, source)
	}
	if isReal(fieldOf(source)) {
		return c.compileLeaf(source)
	}
	return constant(unsure(false, 0), source)
}

// fieldOf gives a field leaf's fixed name in lower case, "" for other leaves.
func fieldOf(c *Condition) string {
	if c.Kind != FieldLeaf || !isLiteral(c.Left) {
		return ""
	}
	return strings.ToLower(c.Left.Const.Text())
}

type leafKinds struct{ typed, named, other bool }

func leavesIn(c *Condition) leafKinds {
	var k leafKinds
	for _, child := range c.Children {
		n := leavesIn(child)
		k = leafKinds{k.typed || n.typed, k.named || n.named, k.other || n.other}
	}
	if c.Kind >= FieldLeaf {
		switch fieldOf(c) {
		case "type":
			k.typed = true
		case "name", "kind":
			k.named = true
		default:
			k.other = true
		}
	}
	return k
}

func (b *Bound) readsLocation() bool {
	if readsField(b.condition, "location") {
		return true
	}
	return b.Definition.Rule.then.contains("field('location')")
}

func readsField(c *Condition, name string) bool {
	if fieldOf(c) == name {
		return true
	}
	templates := []Template{c.Left, c.Right}
	if c.Count != nil && c.Count.Value != nil {
		templates = append(templates, *c.Count.Value)
	}
	for _, t := range templates {
		for _, used := range t.uses().fields {
			if strings.EqualFold(used, name) {
				return true
			}
		}
	}
	for _, child := range c.Children {
		if readsField(child, name) {
			return true
		}
	}
	return c.Count != nil && c.Count.Where != nil && readsField(c.Count.Where, name)
}

// changesIdentity reports whether b is a modify of identity.type.
func (b *Bound) changesIdentity() bool {
	if b.Effect != "Modify" || b.details == nil {
		return false
	}
	for _, o := range b.details.Operations {
		if isLiteral(o.Field) && strings.EqualFold(o.Field.Const.Text(), "identity.type") {
			return true
		}
	}
	return false
}

func hasIdentityWorkflow(resourceType string) bool {
	return strings.EqualFold(resourceType, "Microsoft.Compute/virtualMachines") ||
		strings.EqualFold(resourceType, "Microsoft.Compute/virtualMachineScaleSets")
}
