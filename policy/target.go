package policy

import (
	"fmt"
	"slices"
	"strings"
)

// target is what the existence checks of a set want of resources of one type.
//
// Most existence conditions depend on the related resource alone: they are
// tests, evaluated once on each candidate when it comes by, and only their
// outcomes are kept. Those that also depend on the resource under if are late:
// of the candidates just what they read is kept, and they are evaluated when
// everything has been read.
type target struct {
	tests []*existenceTest
	byKey map[string]int
	late  []*lateTest
	wants [4]bool // by relation: some check looks there
	// endings are, by relation, how the computed names end that checks look for
	// there; "" where that is not known.
	endings [4][]string
	all     []string // of endings

	keep      *branch // what late tests read of a candidate's body
	keepID    bool    // they read its id too
	keepPaths []*bodyPath
	keepSlots []int32 // of keepPaths; nil where slots do not tell all
}

// existenceTest is an existence condition with its filters.
type existenceTest struct {
	kind, name string
	anyName    bool
	existence  *Condition // nil: being there is enough
}

// lateTest is an existence condition that depends on both resources.
type lateTest struct {
	bound  *Bound
	fields []string // that field() reads of the resource under if
}

// whyNoTarget says why what a check looks for cannot be told for any resource.
// What can be told for some is computed for each, and is an error where that fails.
func (d *Details) whyNoTarget() string {
	if d == nil || isComputed(d.Type) {
		return "the related type is computed"
	}
	for _, part := range []struct {
		key  string
		text *Template
	}{
		{"type", d.Type}, {"name", d.Name}, {"kind", d.Kind}, {"resourceGroupName", d.ResourceGroupName}, {"existenceScope", d.ExistenceScope},
	} {
		if t := part.text; t != nil && isLiteral(*t) && t.Const.Kind() != String && !t.Const.IsNull() {
			return fmt.Sprintf("details.%s is %s, want a text", part.key, t.Const.Kind())
		}
	}
	if d.Type == nil || d.Type.Const.Text() == "" {
		return "details.type is empty, want the type of the related resource"
	}
	return ""
}

func (s *Set) addTarget(b *Bound) {
	d := b.details
	lower := groupAsOne(strings.ToLower(d.Type.Const.Text()))
	if isOnlyAboutItself(b, lower) {
		return
	}
	t := s.targets[lower]
	if t == nil {
		t = &target{byKey: map[string]int{}}
		s.targets[lower] = t
	}
	types, named := namedTypes(b.condition)
	if !named {
		t.want(d, InGroup, InSubscription, Below, Extension)
	}
	for _, from := range types {
		switch {
		case looksAtItself(d, &Resource{Type: from}):
		case from == lower && isChildType(from): // siblings
			t.want(d, Below)
			if !IsExtensionType(from) {
				continue
			}
			fallthrough // one on a group or subscription has no parent
		default:
			shape := &Resource{Type: from}
			t.want(d, relationOf(shape, lower, wholeUnit(d) || IsNativeType(from)))
			if isComputed(d.ExistenceScope) {
				t.want(d, relationOf(shape, lower, true))
			}
		}
	}
}

// want notes that a check looks at places of some relations.
func (t *target) want(d *Details, relations ...Relation) {
	for _, r := range relations {
		if d.Name == nil || isLiteral(*d.Name) {
			t.wants[r] = true
			continue
		}
		ending := d.Name.ending()
		addOnce(&t.endings[r], ending)
		addOnce(&t.all, ending)
	}
}

// ending gives the fixed end of a computed text, "" for none.
func (t Template) ending() string {
	if t.Expr == nil {
		return ""
	}
	for at := t.Expr.root; at.kind == callTerm && at.function.name == "concat" && len(at.args) > 0; {
		last := at.args[len(at.args)-1]
		if last.kind == literalTerm && last.value.Kind() == String {
			return last.value.Text()
		}
		at = last
	}
	return ""
}

// isChildType reports whether resources of a type stand below others.
func isChildType(resourceType string) bool {
	return strings.Count(resourceType, "/") > 1 && !isGroupType(resourceType) || IsExtensionType(resourceType)
}

// at reports whether some check looks at places of a relation.
func (t *target) at(r Relation) bool { return t.wants[r] || len(t.endings[r]) > 0 }

// wholeUnit reports whether a check looks in the whole subscription.
func wholeUnit(d *Details) bool {
	return d.ExistenceScope != nil && isLiteral(*d.ExistenceScope) && strings.EqualFold(d.ExistenceScope.Const.Text(), "subscription")
}

// isComputed reports whether a string of details depends on the resource, or is
// an expression that fails.
func isComputed(t *Template) bool { return t != nil && !isLiteral(*t) }

// testNumber gives the number of the test that stands for d, adding it when it
// is new.
func (t *target) testNumber(d *Details) int {
	e := &existenceTest{anyName: true, existence: d.Existence}
	if d.Kind != nil {
		e.kind = d.Kind.Const.Text()
	}
	if d.Name != nil && isLiteral(*d.Name) {
		e.anyName, e.name = false, d.Name.Const.Text()
	}
	key := strings.ToLower(e.kind) + "\x00" + strings.ToLower(e.name) + "\x00"
	if e.anyName {
		key += "any"
	}
	key += "\x00" + string(appendSourceKey(nil, d.Existence))
	if at, ok := t.byKey[key]; ok {
		return at
	}
	t.byKey[key] = len(t.tests)
	t.tests = append(t.tests, e)
	return len(t.tests) - 1
}

// appendSourceKey writes what makes two folded conditions equal.
func appendSourceKey(dst []byte, c *Condition) []byte {
	if c == nil {
		return append(dst, 'n')
	}
	dst = append(dst, '(', byte(c.Kind), byte(c.Operator))
	dst = append(c.Left.appendKey(dst), 0)
	dst = append(c.Right.appendKey(dst), 0)
	if c.Count != nil {
		dst = append(append(dst, strings.ToLower(c.Count.Field)...), 0)
		dst = append(append(dst, strings.ToLower(c.Count.Name)...), 0)
		if c.Count.Value != nil {
			dst = c.Count.Value.appendKey(append(dst, countKind(c.Count.long)))
		}
		dst = appendSourceKey(append(dst, 0), c.Count.Where)
	}
	for _, child := range c.Children {
		dst = appendSourceKey(dst, child)
	}
	return append(dst, ')')
}

// settle numbers the tests of all rules that are bound; it is called once,
// before the first program is built, so that every candidate is tested for every
// rule. Those that are bound later follow when they are.
func (s *Set) settle() {
	s.settled = true
	s.tests = make([]int, len(s.rules))
	for number := range s.rules {
		if _, later := s.deferred[number]; !later {
			s.settleRule(number)
		}
	}
}

// settleRule numbers the test of a rule among those of its target.
func (s *Set) settleRule(number int) {
	b := s.rules[number]
	if b.family != familyExists || s.broken[number] != "" {
		return
	}
	target := groupAsOne(strings.ToLower(b.details.Type.Const.Text()))
	t := s.targets[target]
	if isOnlyAboutItself(b, target) {
		return
	}
	if needed, ok := needsOther(b); ok {
		s.tests[number] = len(t.late)
		t.late = append(t.late, &lateTest{bound: b, fields: needed})
		return
	}
	s.tests[number] = t.testNumber(b.details)
}

// isOnlyAboutItself reports whether a rule's related resource is always the
// resource under if itself.
func isOnlyAboutItself(b *Bound, target string) bool {
	types, named := namedTypes(b.condition)
	if !named {
		return false
	}
	for _, t := range types {
		if t != target || !looksAtItself(b.details, &Resource{Type: t}) {
			return false
		}
	}
	return true
}

// looksAtItself reports whether the resource that d looks for is the one under
// if, for resources of shape's type.
func looksAtItself(d *Details, shape *Resource) bool {
	return d.Name != nil && d.ResourceGroupName == nil && !wholeUnit(d) && !isComputed(d.ExistenceScope) && !isComputed(d.Kind) &&
		strings.EqualFold(d.Type.Const.Text(), shape.Type) && namesItself(*d.Name, shape)
}

// needsOther reports whether an existence condition depends on the resource
// under if, and which of its fields it reads. Both resources are of one
// subscription, and below a resource of one group: what depends on these alone
// can be told from the related resource.
func needsOther(b *Bound) (fields []string, depends bool) {
	inGroup := staysInGroup(b)
	// A name with a hash that cannot be computed here is matched one by one, and
	// so is a computed kind.
	depends = b.details.Name != nil && b.details.Name.uses().unique || isComputed(b.details.Kind)
	visitTemplates(b.details.Existence, func(t Template) {
		u := t.uses()
		for _, name := range u.fields {
			addOnce(&fields, name)
		}
		if len(u.fields) > 0 || u.computed || slices.Contains(u.contexts, "resourceGroup") && !inGroup {
			depends = true
		}
	})
	return fields, depends
}

// staysInGroup reports whether what a rule looks for stands below the resource
// under if, whatever its type.
func staysInGroup(b *Bound) bool {
	types, named := namedTypes(b.condition)
	if !named || b.details.Existence == nil {
		return false
	}
	for _, t := range types {
		relation := relationOf(&Resource{Type: t}, b.details.Type.Const.Text(), wholeUnit(b.details))
		if relation != Below && relation != Extension || IsNativeType(t) {
			return false
		}
	}
	return true
}

func visitTemplates(c *Condition, visit func(Template)) {
	if c == nil {
		return
	}
	visit(c.Left)
	visit(c.Right)
	for _, child := range c.Children {
		visitTemplates(child, visit)
	}
	if c.Count != nil {
		if c.Count.Value != nil {
			visit(*c.Count.Value)
		}
		visitTemplates(c.Count.Where, visit)
	}
}

// FoldType gives a resource type in the form in which types are compared: in
// lower case, with one name for resource groups.
func FoldType(resourceType string) string { return groupAsOne(strings.ToLower(resourceType)) }
