package catalog

import (
	"encoding/json"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bartizan-dev/bartizan/internal/spelling"
)

// aliasType holds the aliases of one resource type in the file's order.
type aliasType struct {
	name    string
	aliases [][2]string // name below the type, path
}

// aliases reads aliases.yaml: {type: {name: path}}. A name is what follows
// "<type>/" in the alias's full name, or the whole name if it has a slash.
func (p *parser) aliases() {
	d, root := p.open("aliases.yaml", "aliases")
	top := d.object(root, "aliases file", "!aliases", "forAuthors")
	p.aliasesIn(d, top["aliases"].value, "aliases", false)
	p.aliasesIn(d, top["forAuthors"].value, "forAuthors", true)
}

// aliasesIn reads one table of the file. Those for authors no rule need use.
func (p *parser) aliasesIn(d *document, table *yaml.Node, what string, forAuthors bool) {
	if table == nil || !d.is(table, yaml.MappingNode, what, "a mapping") {
		return
	}
	for i := 0; i+1 < len(table.Content); i += 2 {
		name := table.Content[i].Value
		if !d.is(table.Content[i+1], yaml.MappingNode, name, "a mapping of names to paths") {
			continue
		}
		t := p.aliasType(name)
		entries := table.Content[i+1].Content
		for j := 0; j+1 < len(entries); j += 2 {
			full := strings.ToLower(fullAlias(name, entries[j].Value))
			if p.aliasLines[full] != nil {
				d.report(entries[j], "alias %q: is there twice", entries[j].Value)
			} else if j > 0 && entries[j].Value < entries[j-2].Value {
				d.report(entries[j], "alias %q: stands after %q; want them in alphabetical order", entries[j].Value, entries[j-2].Value)
			}
			p.aliasLines[full], p.used[full] = entries[j], forAuthors
			t.aliases = append(t.aliases, [2]string{entries[j].Value, d.text(entries[j+1], "path")})
		}
	}
}

// aliasType gives the table of a type, which may stand in both parts of the file.
func (p *parser) aliasType(name string) *aliasType {
	for i := range p.aliasTable {
		if strings.EqualFold(p.aliasTable[i].name, name) {
			return &p.aliasTable[i]
		}
	}
	p.aliasTable = append(p.aliasTable, aliasType{name: name})
	return &p.aliasTable[len(p.aliasTable)-1]
}

func fullAlias(resourceType, name string) string {
	if strings.Contains(name, "/") {
		return name
	}
	return resourceType + "/" + name
}

// resolveAlias reports an alias that the table lacks, with the line to add.
// An array may be named with or without its [*], as in the language.
func (p *parser) resolveAlias(d *document, n *yaml.Node, name string, types []string) {
	lower := strings.ToLower(name)
	for _, key := range []string{lower, lower + "[*]", strings.TrimSuffix(lower, "[*]")} {
		if p.aliasLines[key] != nil {
			p.used[key] = true
			return
		}
	}
	if p.unread["aliases.yaml"] {
		return
	}
	for _, t := range types {
		if below, ok := strings.CutPrefix(lower, strings.ToLower(t)+"/"); ok {
			short := name[len(name)-len(below):]
			d.suggest(n, p.nearestAlias(name), "field %q: not in aliases.yaml; add there, under %s, a line \"%s: properties.%s\" with the path in the resource's body", name, t, short, short)
			return
		}
	}
	d.suggest(n, p.nearestAlias(name), "field %q: not in aliases.yaml, and none of the types %s begins it", name, strings.Join(types, ", "))
}

func (p *parser) nearestAlias(name string) string {
	var all []string
	for _, t := range p.aliasTable {
		for _, a := range t.aliases {
			all = append(all, fullAlias(t.name, a[0]))
		}
	}
	best := spelling.Nearest(name, all)
	if len(best) > 0 && spelling.Distance(strings.ToLower(name), strings.ToLower(best)) > 3 {
		return ""
	}
	return best
}

// checkUnusedAliases keeps the table to what the rules need.
func (p *parser) checkUnusedAliases() {
	for full, n := range p.aliasLines {
		if !p.used[full] {
			d := document{"aliases.yaml", &p.problems}
			d.report(n, "alias %q: no recommendation uses it", n.Value)
		}
	}
}

// aliasJSON writes the table in the form {type: {name: path}}.
func aliasJSON(table []aliasType) json.RawMessage {
	b := []byte{'{'}
	for i, t := range table {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, t.name), ":{"...)
		for j, a := range t.aliases {
			if j > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, a[0]), ':')
			b = appendString(b, a[1])
		}
		b = append(b, '}')
	}
	return append(b, '}')
}
