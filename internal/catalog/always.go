package catalog

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// always reads always.yaml: {type: [field below the type]}. The file may be
// missing: then nothing is known.
func (p *parser) always() {
	p.alwaysOf, p.alwaysLines = map[string][]string{}, map[string]*yaml.Node{}
	if len(p.glob("always.yaml")) == 0 {
		return
	}
	d, root := open(p.files, "always.yaml", "always", &p.problems)
	top := d.object(root, "file", "!always")
	table := top["always"].value
	if table == nil || !d.is(table, yaml.MappingNode, "always", "a mapping") {
		return
	}
	for i := 0; i+1 < len(table.Content); i += 2 {
		resourceType := table.Content[i].Value
		for _, n := range d.list(table.Content[i+1], resourceType) {
			name := d.text(n, "field")
			full := strings.ToLower(resourceType + "/" + name)
			switch {
			case name == "":
			case strings.HasSuffix(name, "[*]"):
				d.report(n, "field %q: want what each element has, such as %s.name", name, name)
			case p.alwaysLines[full] != nil:
				d.report(n, "field %q: is there twice", name)
			default:
				p.alwaysLines[full] = n
				p.alwaysOf[resourceType] = append(p.alwaysOf[resourceType], name)
			}
		}
	}
}

// checkUnusedAlways keeps the file to what the rules read.
func (p *parser) checkUnusedAlways() {
	for full, n := range p.alwaysLines {
		used := false
		for name := range p.reads {
			below, ok := strings.CutPrefix(name, full)
			used = used || ok && (below == "" || below[0] == '.' || below[0] == '[')
		}
		if !used {
			d := document{"always.yaml", &p.problems}
			d.report(n, "field %q: no recommendation reads it", n.Value)
		}
	}
}
