package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Lint looks at the documents of a library for what loads and is probably not
// meant: all its problems are warnings. They are in the order of the
// documents, those that were refused last, and by place within each. Aliases are only checked if the library
// has a table of them.
func Lint(lib *Library) Problems {
	l := &linter{lib: lib, fields: newFieldResolver(lib.Aliases), nearest: map[string]string{}}
	for _, d := range lib.Definitions {
		l.document(d.File, func() { l.definition(d) })
	}
	for _, s := range lib.Initiatives {
		l.document(s.File, func() { l.initiative(s) })
	}
	for _, a := range lib.Assignments {
		l.document(a.File, func() { l.assignment(a) })
	}
	for _, e := range lib.Exemptions {
		l.document(e.File, func() { l.assigned(e.Pos, e.AssignmentID) })
	}
	for _, a := range lib.Attestations {
		l.document(a.File, func() { l.assigned(a.Pos, a.AssignmentID) })
	}
	for _, d := range lib.drafts {
		l.document(d.file, func() { l.draft(d) })
	}
	return l.problems
}

// UnknownAliases lists the fields of a library's definitions that are in no row of a
// table of aliases, each once, in the order of the definitions. It is for who has
// another table than that of the library.
func (l *Library) UnknownAliases(aliases *Aliases) []string {
	var unknown []string
	met := map[string]bool{}
	fields := newFieldResolver(aliases)
	note := func(name string) {
		if folded := strings.ToLower(name); !met[folded] {
			met[folded] = true
			if fields.resolve(name, &Resource{}).kind == fieldUnknown {
				unknown = append(unknown, name)
			}
		}
	}
	for _, d := range l.Definitions {
		if d.Rule == nil {
			continue
		}
		visitFields(d.Rule.If, note)
		if d.Rule.Details != nil && d.Rule.Details.Existence != nil {
			visitFields(d.Rule.Details.Existence, note)
		}
	}
	return unknown
}

type linter struct {
	lib      *Library
	fields   *fieldResolver
	nearest  map[string]string // suggestions by unknown alias: many rules share one
	file     string
	problems Problems
	refused  *draft // what is looked at, if it is one
}

// document runs check and sorts what it found.
func (l *linter) document(file string, check func()) {
	l.file = file
	from := len(l.problems)
	check()
	slices.SortStableFunc(l.problems[from:], byPlace)
}

func (l *linter) warn(at Position, suggestion, format string, args ...any) {
	l.problems = append(l.problems, Problem{
		File: l.file, Pos: at, Warning: true, Suggestion: suggestion, Text: fmt.Sprintf(format, args...),
	})
}

func (l *linter) definition(d *Definition) {
	if d.Deprecated {
		l.warn(d.Pos, "", "definition %q is deprecated", d.Name)
	}
	if d.Mode != "" && !isMode(d.Mode) {
		l.warn(d.Pos, nearest(d.Mode, slices.Values(modes)), "unknown mode %q", d.Mode)
	}
	if d.Rule == nil {
		return
	}
	l.ruleFields(d)
	l.rule(d.Rule)
	l.unclosedIn(d.Rule)
	l.details(d)
	var uses parameterUses
	uses.rule(d.Rule)
	l.parameters(d.Parameters, uses)
	l.effectParameter(d)
}

func (l *linter) rule(r *Rule) {
	checks := []func(*Condition){l.like, l.list, l.operand, l.starless, l.empty}
	conditions := []*Condition{r.If}
	if r.Details != nil {
		conditions = append(conditions, r.Details.Existence)
	}
	for _, c := range conditions {
		l.currents(c, nil)
		for _, check := range checks {
			visitConditions(c, check)
		}
	}
}

// list warns of in and notIn with something that is no list.
func (l *linter) list(c *Condition) {
	if (c.Operator == In || c.Operator == NotIn) && c.Kind >= FieldLeaf && isLiteral(c.Right) && !c.Right.unread() && c.Right.Const.Kind() != Array {
		l.warn(c.Right.Pos, "", "%s compares with %s, which counts as a list of one; want an array", c.Operator, short(c.Right.Const))
	}
}

// ruleFields warns of aliases that no type has, and of those that a modify
// cannot change.
func (l *linter) ruleFields(d *Definition) {
	r := d.Rule
	if l.lib.Aliases == nil {
		return
	}
	visitConditions(r.If, l.conditionFields)
	for _, p := range d.unmodifiable(l.lib.Aliases) {
		l.warn(p.Pos, "", "%s", p.Text)
	}
	if r.Details == nil {
		return
	}
	visitConditions(r.Details.Existence, l.conditionFields)
	for _, o := range r.Details.Operations {
		l.templateField(o.Field)
		if o.Value != nil {
			l.calledFields(*o.Value)
		}
	}
}

func (l *linter) conditionFields(c *Condition) {
	switch c.Kind {
	case FieldLeaf:
		l.templateField(c.Left)
	case CountLeaf:
		if c.Count.Field != "" {
			l.field(c.Count.Pos, c.Count.Field)
		}
		if c.Count.Value != nil {
			l.calledFields(*c.Count.Value)
		}
	case ValueLeaf:
		l.calledFields(c.Left)
	default:
		return
	}
	l.calledFields(c.Right)
}

// templateField checks the name of a field, as far as it is written out.
func (l *linter) templateField(t Template) {
	if t.Expr == nil && t.Const.Kind() == String {
		l.field(t.Pos, t.Const.Text())
	}
	l.calledFields(t)
}

// calledFields checks the names in calls of field('name').
func (l *linter) calledFields(t Template) {
	visitTerms(t, func(at Position, call *term) {
		if name, ok := callWithName(call, "field"); ok {
			l.field(at, name)
		}
	})
}

func (l *linter) field(at Position, name string) {
	if l.fields.resolve(name, &Resource{}).kind != fieldUnknown {
		return
	}
	suggestion, known := l.nearest[name]
	if !known {
		suggestion = l.lib.Aliases.Suggest(name)
		l.nearest[name] = suggestion
	}
	l.warn(at, suggestion, "unknown alias %q", name)
}

// like warns of patterns that Azure treats in another way, or not at all.
func (l *linter) like(c *Condition) {
	leaf := c.Kind == FieldLeaf || c.Kind == ValueLeaf
	if !leaf || c.Operator != Like && c.Operator != NotLike || !isLiteral(c.Right) {
		return
	}
	pattern := c.Right.Const.Text()
	if strings.Count(pattern, "*") > 1 {
		l.warn(c.Right.Pos, "", "pattern %q has more than one \"*\", which Azure does not allow", pattern)
	}
	if strings.Contains(pattern, "?") {
		l.warn(c.Right.Pos, "", "\"?\" in pattern %q stands for any one character here; \"match\" has it documented", pattern)
	}
}

// parameters compares the parameters that are declared with those in use.
func (l *linter) parameters(declared []Parameter, uses parameterUses) {
	names := make([]string, len(declared))
	known := make(map[string]bool, len(declared))
	for i, p := range declared {
		names[i] = p.Name
		known[strings.ToLower(p.Name)] = true
		if !p.Deprecated && !uses.computed && !uses.has(p.Name) && !l.refused.mentions(p.Name) {
			l.warn(p.Pos, "", "parameter %q is not used", p.Name)
		}
	}
	for _, use := range uses.list {
		if !known[strings.ToLower(use.name)] {
			l.warn(use.at, nearest(use.name, slices.Values(names)), "parameter %q is not declared", use.name)
		}
	}
}

// effectParameter warns of effects that the parameter for it could take and
// that are none.
func (l *linter) effectParameter(d *Definition) {
	if d.Rule.Effect.Expr == nil {
		return
	}
	name, ok := parameterReference(d.Rule.Effect.Expr)
	if !ok {
		return
	}
	for _, p := range d.Parameters {
		if !strings.EqualFold(p.Name, name) {
			continue
		}
		for _, v := range p.values() {
			if effect := v.Text(); !isEffect(effect) {
				l.warn(p.Pos, nearest(effect, slices.Values(effectNames)), "parameter %q allows the unknown effect %s", p.Name, v)
			}
		}
	}
}
