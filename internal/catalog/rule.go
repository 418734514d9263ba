package catalog

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/spelling"
)

// rule reads parameters, applies and policyRule and checks what can be said
// without running them: which types the rule names, and that every field is a
// special one, an alias of aliases.yaml, or a path of the rule's own types.
func (p *parser) rule(r *parsed, m map[string]member) {
	d := r.doc
	mode := "All"
	if n := m["mode"].value; n != nil {
		mode = d.word(n, "mode", "All", "Indexed")
	}
	parameters := p.parameters(d, m["parameters"].value)
	n := m["policyRule"].value
	if n == nil {
		return
	}
	rule := d.object(n, "policyRule", "!if", "!then")
	then := p.then(d, rule["then"].value)
	typed := typeNodes(rule["if"].value)
	r.Types = valuesOf(typed)
	if len(r.Types) == 0 && rule["if"].value != nil {
		d.report(rule["if"].value, "if: names no resource type; want {field: type, equals: …} joined by allOf")
	}
	for _, t := range r.Types {
		if cloudOf(t) != r.Cloud {
			d.report(rule["if"].value, "if: %s is no type of the cloud %s that the folder says", t, r.Cloud)
		}
	}
	p.azureTypes(r, slices.Concat(typed, then.typed))
	known := slices.Concat(r.Types, valuesOf(then.typed))
	p.fields(r, known, n, "")
	if applies := m["applies"].value; applies != nil {
		p.fields(r, known, applies, "")
		r.Applies = d.json(applies, "applies")
	}
	r.checkParameters(m)
	r.lint(m)
	r.Definition = r.definition(mode, parameters, d.json(n, "policyRule"))
}

// then is what parse needs to know of a rule's effect.
type then struct {
	effect string
	typed  []*yaml.Node // types of related resources
}

func (p *parser) then(d *document, n *yaml.Node) then {
	var t then
	if n == nil {
		return t
	}
	m := d.object(n, "then", "!effect", "details")
	t.effect = d.word(m["effect"].value, "effect", "audit", "auditIfNotExists", "manual")
	if t.effect != "auditIfNotExists" || m["details"].value == nil {
		return t // without details the engine refuses it, see lint
	}
	details := d.object(m["details"].value, "details", "!type", "name", "kind", "resourceGroupName", "existenceScope", "!existenceCondition")
	if name := d.text(details["type"].value, "type"); name != "" {
		t.typed = []*yaml.Node{details["type"].value}
	}
	return t
}

func valuesOf(nodes []*yaml.Node) []string {
	var values []string
	for _, n := range nodes {
		values = append(values, n.Value)
	}
	return values
}

// typeNodes gives the types that a condition demands: equals or in on type, not
// below a not.
func typeNodes(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	var types []*yaml.Node
	members := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		members[strings.ToLower(n.Content[i].Value)] = n.Content[i+1]
	}
	for _, key := range []string{"allof", "anyof"} {
		if list := members[key]; list != nil {
			for _, item := range list.Content {
				types = append(types, typeNodes(item)...)
			}
		}
	}
	if f := members["field"]; f != nil && strings.EqualFold(f.Value, "type") {
		if v := members["equals"]; v != nil && v.Kind == yaml.ScalarNode {
			types = append(types, v)
		}
		if v := members["in"]; v != nil {
			types = append(types, v.Content...)
		}
	}
	return types
}

// azureTypes reports types of Azure that are nearly one of aliases.yaml: a rule
// about a type with a slip in it applies to nothing.
func (p *parser) azureTypes(r *parsed, typed []*yaml.Node) {
	names := slices.Clone(withoutAliases)
	for _, t := range p.aliasTable {
		names = append(names, t.name)
	}
	for _, n := range typed {
		is := func(name string) bool { return strings.EqualFold(name, n.Value) }
		if r.Cloud != posture.Azure || slices.ContainsFunc(names, is) {
			continue
		}
		near := spelling.Nearest(n.Value, names)
		if near != "" && spelling.Edits(strings.ToLower(n.Value), strings.ToLower(near)) <= mostSlips {
			r.doc.suggest(n, near, "type %q: not in aliases.yaml; if it is spelled so, add it there with {}", n.Value)
		}
	}
}

// withoutAliases are types of Azure about whose own fields no rule asks.
var withoutAliases = []string{"Microsoft.Resources/subscriptions", "Microsoft.Resources/resourceGroups", "Microsoft.Resources/subscriptions/resourceGroups"}

// mostSlips is how many letters a name is off that is taken for another one.
const mostSlips = 3

// cloudOf tells a resource type's cloud by its form.
func cloudOf(resourceType string) posture.Cloud {
	switch {
	case strings.EqualFold(resourceType, "machine"):
		return posture.Machine
	case strings.HasPrefix(resourceType, "AWS::"):
		return posture.AWS
	case strings.Contains(resourceType, ".googleapis.com/"):
		return posture.GCP
	}
	return posture.Azure
}

// inExpression finds the names that field() and current() read.
var inExpression = regexp.MustCompile(`(?i)\b(field|current)\(\s*'((?:[^']|'')*)'`)

// fields resolves every field below n; key is the property n stands at.
func (p *parser) fields(r *parsed, types []string, n *yaml.Node, key string) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			p.fields(r, types, n.Content[i+1], strings.ToLower(n.Content[i].Value))
		}
	case yaml.SequenceNode:
		for _, item := range n.Content {
			p.fields(r, types, item, "")
		}
	case yaml.ScalarNode:
		expression := strings.HasPrefix(n.Value, "[") && !strings.HasPrefix(n.Value, "[[")
		if key == "field" && !expression {
			p.resolveIn(r, n, n.Value, types)
		}
		if expression {
			for _, found := range inExpression.FindAllStringSubmatch(n.Value, -1) {
				if strings.EqualFold(found[1], "field") || strings.Contains(found[2], "/") {
					p.resolveIn(r, n, found[2], types)
				}
			}
		}
	}
}

// resolve is resolveIn for the recommendation's own types.
func (p *parser) resolve(r *parsed, n *yaml.Node, name string) { p.resolveIn(r, n, name, r.Types) }

// resolveIn reports a field that would be read from nowhere.
func (p *parser) resolveIn(r *parsed, n *yaml.Node, name string, types []string) {
	if isSpecial(name) {
		for _, t := range types {
			if isBodys(name) {
				p.reads[strings.ToLower(t+"/"+name)] = true
			}
		}
		return
	}
	p.reads[strings.ToLower(name)] = true
	if r.Cloud == posture.Azure {
		p.resolveAlias(r.doc, n, name, types)
		return
	}
	for _, t := range types {
		if below, ok := strings.CutPrefix(name, t+"/"); ok && below != "" {
			p.places[t] = append(p.places[t], below)
			return
		}
	}
	if len(types) > 0 { // that there is none is told once
		r.doc.report(n, "field %q: want <type>/<path below properties> with one of the types %s", name, strings.Join(types, ", "))
	}
}

// isSpecial reports whether a field is read without an alias.
func isSpecial(name string) bool {
	lower := strings.ToLower(name)
	switch lower {
	case "type", "name", "fullname", "kind", "location", "id", "tags":
		return true
	}
	return strings.HasPrefix(lower, "tags.") || strings.HasPrefix(lower, "tags[") || strings.HasPrefix(lower, "identity.")
}

// isBodys reports whether a special field is a value of an Azure body, of whose kind
// kinds.yaml tells: no inventory takes a name or a location that is no text.
func isBodys(name string) bool {
	lower := strings.ToLower(name)
	return lower == "kind" || lower == "identity" || strings.HasPrefix(lower, "identity.")
}

var inParameters = regexp.MustCompile(`(?i)\bparameters\(\s*'([^']*)'`)

// opensExpression is how an expression begins: a bracket and a function's name.
var opensExpression = regexp.MustCompile(`^\[[A-Za-z]+\(`)

// checkParameters holds declared and used parameters together, and reports
// expressions that are not closed.
func (r *parsed) checkParameters(m map[string]member) {
	declared := map[string]*yaml.Node{}
	var names []string
	if n := m["parameters"].value; n != nil && n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			declared[n.Content[i].Value] = n.Content[i]
			names = append(names, n.Content[i].Value)
		}
	}
	used := map[string]bool{}
	for _, key := range []string{"policyRule", "applies"} {
		walkScalars(m[key].value, func(n *yaml.Node) {
			if opensExpression.MatchString(n.Value) && !strings.HasSuffix(strings.TrimSpace(n.Value), "]") {
				r.doc.report(n, "%q begins as an expression does and is not closed, so that it is a text; want ] at its end", n.Value)
			}
			for _, found := range inParameters.FindAllStringSubmatch(n.Value, -1) {
				used[found[1]] = true
				if declared[found[1]] == nil {
					r.doc.suggest(n, spelling.Nearest(found[1], names), "parameters: %q is not declared", found[1])
				}
			}
		})
	}
	for _, name := range names {
		if !used[name] {
			r.doc.report(declared[name], "parameters: %q is not used", name)
		}
	}
}

func walkScalars(n *yaml.Node, visit func(*yaml.Node)) {
	if n == nil {
		return
	}
	if n.Kind == yaml.ScalarNode {
		visit(n)
	}
	for _, child := range n.Content {
		walkScalars(child, visit)
	}
}
