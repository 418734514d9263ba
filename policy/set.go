package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Set judges resources by many rules at once. Equal conditions of different
// rules are evaluated once a resource at most, and whole outcomes are
// remembered: see docs/decisions/0002-judging-by-classes.md.
//
// Add or defer all rules first, then take one [Judge] for each goroutine.
type Set struct {
	aliases *Aliases
	now     time.Time
	kinds   *Kinds // of the values in bodies; nil: nobody knows
	policy  Value  // what policy() returns, but for what rules know themselves
	rules   []*Bound
	broken  map[int]string
	// together are the rules that one signature of each type must hold.
	together map[int]bool

	byType map[string][]int32 // rules that name their types, by lower-cased type
	others []int32

	targets map[string]*target // what existence checks look for, by lower-cased type

	// Rules that are bound when they are needed, and by lower-cased type which
	// of them its program needs; see Defer.
	deferred map[int]func() (*Bound, error)
	waiting  map[string][]int32

	settled bool
	tests   []int // a rule's existence test: number in its target

	mu         sync.Mutex
	fields     *fieldResolver
	programs   map[string]*program
	typeNames  []string // by number of the program
	judges     int32
	signatures map[string]*Signature
	met        []*Signature // by ID
	classes    *testClasses
	arounds    map[string]int // numbers of templates; see shareAround
	// aroundLeaves numbers leaves; see shareOutcome
	aroundLeaves map[string]int
}

// NewSet makes an empty set. The clock is an input: utcNow() is now.
func NewSet(aliases *Aliases, now time.Time) *Set {
	return &Set{
		aliases: aliases, now: now, policy: noPolicy(), broken: map[int]string{}, together: map[int]bool{},
		byType: map[string][]int32{}, targets: map[string]*target{}, deferred: map[int]func() (*Bound, error){}, waiting: map[string][]int32{},
		fields: newFieldResolver(aliases), programs: map[string]*program{},
		signatures: map[string]*Signature{}, classes: newTestClasses(), arounds: map[string]int{}, aroundLeaves: map[string]int{},
	}
}

// Add puts a rule into the set and returns its number, counted from 0. Rules
// that cannot be judged are taken too; [Set.Broken] says why.
func (s *Set) Add(b *Bound) int {
	number := len(s.rules)
	s.rules = append(s.rules, b)
	if why := s.whyBroken(b); why != "" {
		s.broken[number] = why
		return number
	}
	s.place(number, b)
	return number
}

// place notes which types a rule is judged on and looks for. One that looks for
// what cannot be told is broken, and is judged on none.
func (s *Set) place(number int, b *Bound) {
	if b.family == familyExists {
		if why := b.details.whyNoTarget(); why != "" {
			s.broken[number] = why
			return
		}
		s.addTarget(b)
	}
	if types, ok := namedTypes(b.condition); ok {
		for _, t := range types {
			s.byType[t] = append(s.byType[t], int32(number))
		}
	} else {
		s.others = append(s.others, int32(number))
	}
}

// Expect says of what kinds the values in bodies are, for [Judge.Misshapes]. It must
// be called before the first judge is taken.
func (s *Set) Expect(kinds *Kinds) { s.kinds = kinds }

// Assigned says that rules may be assigned in more than one way, so that a check is
// of no one assignment: what policy() says of it is not known.
func (s *Set) Assigned() { s.policy = somePolicy() }

// Together asks that a rule be judged in the same panel as all others for which
// that is asked, so that the first signature of a resource has all of them. It
// must be called before the first resource is judged.
func (s *Set) Together(number int) { s.together[number] = true }

// Rule gives the rule with a number, bound if it was not before.
func (s *Set) Rule(number int) *Bound {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bind(number)
	return s.rules[number]
}

// RulesOf lists, in ascending order, the rules that may have a result on resources of
// a type.
func (s *Set) RulesOf(resourceType string) []int {
	p := s.program(resourceType)
	numbers := make([]int, len(p.rules))
	for i := range p.rules {
		numbers[i] = int(p.rules[i].rule)
	}
	slices.Sort(numbers)
	return numbers
}

// Len is the number of rules.
func (s *Set) Len() int { return len(s.rules) }

// Broken says why a rule makes no checks, "" if it does.
func (s *Set) Broken(number int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.broken[number]
}

func (s *Set) whyBroken(b *Bound) string {
	switch class := b.Definition.Class(); {
	case b.condition == nil:
		return "has no rule"
	case class != ClassConfig && class != ClassRelated && class != ClassManual:
		return class.String()
	case len(b.Missing) > 0:
		return "needs parameter " + strings.Join(b.Missing, ", ")
	case len(b.MissingExistence) > 0:
		return "needs parameter " + strings.Join(b.MissingExistence, ", ")
	case b.family == familyDisabled:
		return "disabled"
	case b.family == familyNone:
		return fmt.Sprintf("effect %q is not evaluable here", b.Effect)
	}
	if unknown := b.unknownAliases(s.aliases); len(unknown) > 0 {
		return "unknown alias " + strings.Join(unknown, ", ")
	}
	return ""
}

// unknownAliases names the fields of b that are in no alias table.
func (b *Bound) unknownAliases(aliases *Aliases) []string {
	fields := newFieldResolver(aliases)
	unknown := b.leaveToTypes(unknownIn(fields, b.condition))
	if b.details != nil && b.details.Existence != nil {
		unknown = append(unknown, unknownIn(fields, b.details.Existence)...)
	}
	slices.Sort(unknown)
	return slices.Compact(unknown)
}

// leaveToTypes takes those of some unknown fields away that expressions read for
// a part of the types only that the rule names: on these the rule never applies,
// see [compiled], and the others are judged. A built-in does that which was
// written before its aliases were.
func (b *Bound) leaveToTypes(unknown []string) []string {
	types, named := namedTypes(b.condition)
	if len(unknown) == 0 || !named {
		return unknown
	}
	read := map[string]map[string]bool{} // by name: the types
	b.condition.readFor(types, func(name string, types []string) {
		if read[name] == nil {
			read[name] = map[string]bool{}
		}
		for _, t := range types {
			read[name][t] = true
		}
	})
	affected := map[string]bool{}
	for _, name := range unknown {
		if read[name] == nil {
			return unknown
		}
		maps.Copy(affected, read[name])
	}
	if len(affected) == len(types) {
		return unknown
	}
	return nil
}

// readFor calls visit with every fixed field name that expressions read, and the
// types among some for which they do: in an allOf those that it names.
func (c *Condition) readFor(types []string, visit func(name string, types []string)) {
	if c.Kind == AllOf {
		if narrower, named := namedTypes(c); named {
			types = slices.DeleteFunc(slices.Clone(types), func(t string) bool { return !slices.Contains(narrower, t) })
		}
	}
	if len(c.Children) == 0 {
		visitTemplates(c, func(t Template) {
			for _, name := range t.uses().fields {
				visit(name, types)
			}
		})
	}
	for _, child := range c.Children {
		child.readFor(types, visit)
	}
}

// unknownIn names the fields that conditions compare and that are in no alias
// table, in the order of the rule.
func unknownIn(fields *fieldResolver, c *Condition) []string {
	var unknown []string
	visitFields(c, func(name string) {
		if fields.resolve(name, &Resource{}).kind == fieldUnknown && !slices.Contains(unknown, name) {
			unknown = append(unknown, name)
		}
	})
	return unknown
}

// visitFields calls visit with every fixed field name that conditions compare,
// count or read in an expression, also inside counts.
func visitFields(c *Condition, visit func(string)) {
	for _, child := range c.Children {
		visitFields(child, visit)
	}
	if c.Kind == FieldLeaf && isLiteral(c.Left) {
		visit(c.Left.Const.Text())
	}
	read := func(t Template) {
		for _, name := range t.uses().fields {
			visit(name)
		}
	}
	read(c.Left)
	read(c.Right)
	if c.Count == nil {
		return
	}
	if c.Count.Value == nil {
		visit(c.Count.Field)
	} else {
		read(*c.Count.Value)
	}
	if c.Count.Where != nil {
		visitFields(c.Count.Where, visit)
	}
}

// namedTypes gives the lower-cased types outside which a condition cannot be
// true; ok is false if it does not name any.
func namedTypes(c *Condition) (types []string, ok bool) {
	switch c.Kind {
	case AllOf:
		for _, child := range c.Children {
			if found, named := namedTypes(child); named && (!ok || len(found) < len(types)) {
				types, ok = found, true
			}
		}
		return types, ok
	case AnyOf:
		for _, child := range c.Children {
			found, named := namedTypes(child)
			if !named {
				return nil, false
			}
			types = append(types, found...)
		}
		slices.Sort(types)
		return slices.Compact(types), len(c.Children) > 0
	case FieldLeaf:
		if fieldOf(c) == "type" && isLiteral(c.Right) {
			return typesOf(c.Operator, c.Right.Const)
		}
	}
	return nil, false
}

func typesOf(op Operator, right Value) ([]string, bool) {
	switch {
	case op == Equals && right.Kind() == String:
		return []string{groupAsOne(strings.ToLower(right.Text()))}, true
	case op == In && right.Kind() == Array:
		var types []string
		for i := range right.Len() {
			types = append(types, groupAsOne(strings.ToLower(right.Index(i).Text())))
		}
		return types, true
	}
	return nil, false
}

// The two types of resource groups, in lower case.
const shortGroupType, groupType = "microsoft.resources/resourcegroups", "microsoft.resources/subscriptions/resourcegroups"

// groupAsOne gives both names of resource groups as one.
func groupAsOne(lowerType string) string {
	if lowerType == shortGroupType {
		return groupType
	}
	return lowerType
}

// program gives the program for a type, building it when it is first asked for.
func (s *Set) program(resourceType string) *program {
	// Cloned: the text belongs to whoever judges, and this becomes a key.
	lower := strings.Clone(groupAsOne(strings.ToLower(resourceType)))
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.programs[lower]; ok {
		return p
	}
	if !s.settled {
		s.settle()
	}
	s.bindFor(lower)
	p := s.build(strings.Clone(resourceType), lower)
	s.programs[lower] = p
	s.typeNames = append(s.typeNames, p.typeName)
	return p
}

// TypeName gives the name of the type with a number, as first written.
func (s *Set) TypeName(number int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.typeNames[number]
}

func (s *Set) numberJudge() int32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.judges++
	return s.judges - 1
}

// SignaturesMet gives all signatures that the set has met so far, by ID.
func (s *Set) SignaturesMet() []*Signature {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clip(s.met)
}

func (s *Set) build(resourceType, lower string) *program {
	p := &program{typeName: resourceType, native: IsNativeType(resourceType), typeID: int32(len(s.programs))}
	shape := &Resource{Type: resourceType, Native: p.native}
	b := newBuilder(p, s.fields, shape)
	b.shareText, b.shareLeaf = s.shareAround, s.shareOutcome
	numbers := append(slices.Clone(s.byType[lower]), s.others...)
	slices.Sort(numbers)
	for _, number := range numbers {
		s.addRule(b, number, shape)
	}
	if t := s.targets[lower]; t != nil {
		s.addTests(b, t)
	}
	p.branches = b.branches
	p.numberEntire()
	p.arrange(func(rule int32) bool { return s.together[int(rule)] })
	if p.native {
		p.wants = s.wantsOf(resourceType, lower)
	}
	p.fields = map[fieldKey]*field{}
	for key, f := range s.fields.cache {
		if key.resourceType == resourceType {
			p.fields[key] = f
		}
	}
	return p
}

func (s *Set) addRule(b *builder, number int32, shape *Resource) {
	rule := s.rules[number]
	typed := (&compiler{fields: s.fields, shape: shape}).relaxed(rule.condition, func(name string) bool { return name == "type" })
	if !mayBeTrue(typed) {
		return
	}
	c := rule.compileFor(shape, s.fields)
	if c == nil || len(c.unknown) > 0 || !mayBeTrue(c.applies) && !rule.admits(shape.Type) {
		return
	}
	r := programRule{rule: number, applies: b.share(c.applies), where: b.share(c.where), condition: b.share(c.condition), family: rule.family, spares: rule.spares}
	if rule.family == familyExists {
		r.pending = s.pendingFor(rule, int(number), shape, b)
		b.placeQuery(rule)
	}
	b.program.rules = append(b.program.rules, r)
	b.program.sealed = b.program.sealed || rule.readsSealed()
}

// Aliases gives the set's alias table.
func (s *Set) Aliases() *Aliases { return s.aliases }
