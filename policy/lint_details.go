package policy

import (
	"slices"
	"strings"
)

var conflictEffects = []string{"audit", "deny", "disabled"}

// thenKeys and detailsKeys are all that some effect or mode looks at.
var (
	thenKeys    = []string{"effect", "details"}
	detailsKeys = []string{
		"type", "name", "kind", "resourceGroupName", "existenceScope", "existenceCondition", "evaluationDelay",
		"roleDefinitionIds", "deploymentScope", "deployment", "operations", "conflictEffect", "cascadeBehaviors", "actionNames",
		"defaultState", "field", "value", "templateInfo", "apiGroups", "kinds", "namespaces", "excludedNamespaces",
		"labelSelector", "values", "source", "warn", "constraint", "constraintTemplate", "constraintInfo", "mutationInfo",
	}
	existenceScopes = []string{"subscription", "resourceGroup"}
)

// misspelt warns of keys that nothing looks at and that are nearly others:
// Azure takes them, and does without what was meant.
func (l *linter) misspelt(n *Node, what string, known []string) {
	if n == nil || n.Kind != Object {
		return
	}
	for _, m := range n.Members {
		near := nearest(m.Key, slices.Values(known))
		if near != "" && !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, m.Key) }) {
			l.warn(m.Pos, near, "unknown key %q in %s, which is ignored", m.Key, what)
		}
	}
}

// details warns of what an effect can make nothing of.
func (l *linter) details(d *Definition) {
	then := d.Rule.Then()
	l.misspelt(then, "then", thenKeys)
	l.misspelt(then.Get("details"), "details", detailsKeys)
	details := d.Rule.Details
	if details == nil {
		return
	}
	l.word(d, "existenceScope", details.ExistenceScope, existenceScopes)
	l.removals(details)
	for _, t := range []*Template{details.Type, details.Name, details.Kind, details.ResourceGroupName, details.ExistenceScope} {
		if t != nil {
			l.currentsOf(*t, nil)
		}
	}
	for _, o := range details.Operations {
		l.currentsOf(o.Field, nil)
		if o.Value != nil {
			l.currentsOf(*o.Value, nil)
		}
	}
	switch effect := d.changingEffect(); {
	case strings.EqualFold(effect, "modify"):
		l.roles(d, effect)
		l.word(d, "conflictEffect", details.ConflictEffect, conflictEffects)
		l.unmodifiable(details)
	case strings.EqualFold(effect, "deployIfNotExists"):
		l.roles(d, effect)
	case strings.EqualFold(effect, "manual"):
		l.defaultState(d)
	}
}

// roles warns of effects that change resources without a role to do it with.
func (l *linter) roles(d *Definition, effect string) {
	if len(d.Rule.Details.RoleDefinitionIDs) > 0 {
		return
	}
	switch ids := d.Rule.Then().Get("details").Get("roleDefinitionIds"); {
	case ids.absent() && strings.EqualFold(d.usualEffect(), "modify"): // refused
	case ids.absent():
		l.warn(d.Rule.Details.Pos, "", "details of %s without \"roleDefinitionIds\"; want the roles that a remediation needs", effect)
	case ids.Kind == Array && len(ids.Items) == 0:
		l.warn(ids.Pos, "", "roleDefinitionIds is empty; want the roles that a remediation needs")
	case ids.Kind != String || !strings.HasPrefix(ids.Text, "["):
		l.warn(ids.Pos, "", "roleDefinitionIds has no ids; want an array of the roles that a remediation needs")
	}
}

// changingEffect is the usual effect of d, or, if that is disabled or not known,
// one that its parameter allows and that reads details.
func (d *Definition) changingEffect() string {
	usual := d.usualEffect()
	if p := d.effectParameter(); p != nil && (usual == "" || strings.EqualFold(usual, "disabled")) {
		for _, v := range p.Allowed {
			switch effect := strings.ToLower(v.Text()); effect {
			case "modify", "deployifnotexists", "manual":
				return v.Text()
			}
		}
	}
	return usual
}

func (l *linter) defaultState(d *Definition) {
	if d.Rule.Details.DefaultState != nil {
		l.word(d, "defaultState", d.Rule.Details.DefaultState, complianceStates, "Non-compliant")
		return
	}
	if state := d.Rule.Then().Get("details").Get("defaultState"); !state.absent() {
		l.warn(state.Pos, "", "defaultState is %s; want one of %s", state.describe(), strings.Join(complianceStates, ", "))
	}
}

// word warns if a text, or what the parameter that gives it can be, is none of
// a few words, or another spelling of one.
func (l *linter) word(d *Definition, key string, t *Template, known []string, also ...string) {
	if t == nil {
		return
	}
	for _, text := range d.textsOf(*t) {
		if !slices.ContainsFunc(slices.Concat(known, also), func(k string) bool { return strings.EqualFold(k, text) }) {
			l.warn(t.Pos, nearest(text, slices.Values(known)), "unknown %s %q; want one of %s", key, text, strings.Join(known, ", "))
		}
	}
}

// textsOf lists what a template may come to, as far as that can be told before
// the definition is assigned: a literal, or the values that its parameter may
// take.
func (d *Definition) textsOf(t Template) []string {
	if isLiteral(t) && t.Const.Kind() == String {
		return []string{t.Const.Text()}
	}
	if t.Expr == nil {
		return nil
	}
	name, _ := parameterReference(t.Expr)
	var texts []string
	for _, p := range d.Parameters {
		if strings.EqualFold(p.Name, name) {
			for _, v := range p.values() {
				texts = append(texts, v.Text())
			}
		}
	}
	return texts
}

// values are the default of a parameter and what it allows, each once.
func (p *Parameter) values() []Value {
	values := slices.Clone(p.Allowed)
	if p.Default != nil && !slices.ContainsFunc(values, p.Default.Equal) {
		values = append(values, *p.Default)
	}
	return values
}

// removals warns of operations that would remove something else than a tag.
func (l *linter) removals(d *Details) {
	for _, o := range d.Operations {
		name := o.Field.Const.Text() // "" for a computed one
		if o.Operation != "remove" || name == "" || isTagField(name) {
			continue
		}
		l.warn(o.Field.Pos, "", "operation remove of %q, which Azure allows for tags only", name)
	}
}

// unmodifiable warns of operations on fields that are no aliases and cannot be
// modified.
func (l *linter) unmodifiable(d *Details) {
	for _, o := range d.Operations {
		name := strings.ToLower(o.Field.Const.Text())
		_, special := specialFields[name]
		if special || name == "kind" || name == "identity" || strings.HasPrefix(name, "identity.") && name != "identity.type" {
			l.warn(o.Field.Pos, "", wantModifiable, o.Field.Const.Text())
		}
	}
}

func isTagField(name string) bool {
	lower := strings.ToLower(name)
	return lower == "tags" || strings.HasPrefix(lower, "tags.") || strings.HasPrefix(lower, "tags[")
}
