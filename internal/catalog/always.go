package catalog

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bartizan-dev/bartizan/policy"
)

// always reads always.yaml: {type: [field below the type]}. The file may be
// missing: then nothing is known.
func (p *parser) always() {
	p.alwaysOf, p.alwaysLines = map[string][]string{}, map[string]*yaml.Node{}
	if len(p.glob("always.yaml")) == 0 {
		return
	}
	d, root := p.open("always.yaml", "always")
	top := d.object(root, "file", "!always")
	table := top["always"].value
	if table == nil || !d.is(table, yaml.MappingNode, "always", "a mapping") {
		return
	}
	for i := 0; i+1 < len(table.Content); i += 2 {
		resourceType := table.Content[i].Value
		for _, n := range d.list(table.Content[i+1], resourceType) {
			name, more := p.alwaysEntry(d, n, resourceType)
			full := strings.ToLower(resourceType + "/" + name)
			switch {
			case name == "":
			case strings.HasSuffix(name, "[*]"):
				d.report(n, "field %q: want what each element has, such as %s.name", name, name)
			case p.alwaysLines[full] != nil:
				d.report(n, "field %q: is there twice", name)
			default:
				p.alwaysLines[full] = n
				p.alwaysOf[resourceType] = append(p.alwaysOf[resourceType], name+more)
			}
		}
	}
}

// alwaysEntry reads one entry: the name of a field, or that with the condition
// under which it is always returned. More is what stands behind the name in the form in
// which entries are kept: a zero byte, a question mark if null is an answer, and the
// condition as JSON.
func (p *parser) alwaysEntry(d *document, n *yaml.Node, resourceType string) (name, more string) {
	if n.Kind != yaml.MappingNode {
		return d.text(n, "field"), ""
	}
	m := d.object(n, "field", "!field", "where", "nullable")
	name, more = d.text(m["field"].value, "field"), "\x00"
	switch nullable := m["nullable"].value; {
	case nullable == nil:
	case nullable.Tag != "!!bool" || nullable.Value != "true":
		d.report(nullable, "nullable: got %s, want true", nullable.Value)
	case policy.IsNativeType(resourceType):
		d.report(nullable, "field %q: nullable: null is as what is absent outside Azure", name)
	default:
		more += "?"
	}
	if m["where"].value == nil {
		return name, more
	}
	text := d.json(m["where"].value, "where")
	condition, problems := policy.ParseCondition("where", text)
	for _, p := range problems {
		d.suggest(m["where"].value, p.Suggestion, "field %q: where: %s", name, p.Text)
	}
	switch {
	case condition == nil:
	case condition.HasExpressions():
		d.report(m["where"].value, "field %q: where has an expression; want fields and plain values", name)
	default:
		p.checkWhere(d, m["where"].value, resourceType+"/")
	}
	return name, more + string(text)
}

// checkWhere keeps a condition to fields of one type. An alias that it reads is
// used.
func (p *parser) checkWhere(d *document, n *yaml.Node, prefix string) {
	for i := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && n.Content[i].Value == "field" {
			if field := n.Content[i+1]; len(field.Value) <= len(prefix) || !strings.EqualFold(field.Value[:len(prefix)], prefix) {
				d.report(field, "field %q: want one of %s", field.Value, strings.TrimSuffix(prefix, "/"))
			} else {
				p.used[strings.ToLower(field.Value)] = true
			}
		}
		p.checkWhere(d, n.Content[i], prefix)
	}
}

// alwaysField is an entry as the engine takes it.
func alwaysField(entry string) (policy.AlwaysField, error) {
	name, more, _ := strings.Cut(entry, "\x00")
	where, nullable := strings.CutPrefix(more, "?")
	field := policy.AlwaysField{Name: name, Nullable: nullable}
	if where == "" {
		return field, nil
	}
	condition, problems := policy.ParseCondition("where", []byte(where))
	if condition == nil {
		return field, fmt.Errorf("always: field %q: %w", name, problems.Err())
	}
	field.Where = condition
	return field, nil
}

// checkUnusedAlways keeps the file to what the rules read: at, above or below a place.
func (p *parser) checkUnusedAlways() {
	for full, n := range p.alwaysLines {
		used := false
		for name := range p.reads {
			used = used || within(name, full) || within(full, name)
		}
		if !used {
			d := document{"always.yaml", &p.problems}
			name := n.Value
			if n.Kind == yaml.MappingNode {
				name = full[strings.IndexByte(full, '/')+1:]
			}
			d.report(n, "field %q: no recommendation reads it", name)
		}
	}
}
