package catalog

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bartizan-dev/bartizan/policy"
)

// lint lets the policy engine read the rule and the applies condition, so that
// what it refuses or warns of is reported at the line where it is written.
func (r *parsed) lint(m map[string]member) {
	parameters, rule, applies := m["parameters"].value, m["policyRule"].value, m["applies"].value
	if rule == nil {
		return
	}
	r.lintOne(parts{{"parameters", parameters}, {"policyRule", rule}})
	if applies != nil {
		audit := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "audit", Line: applies.Line}
		r.lintOne(parts{{"parameters", parameters}, {"policyRule", mapping(part{"if", applies}, part{"then", mapping(part{"effect", audit})})}})
	}
}

func (r *parsed) lintOne(all parts) {
	_, problems := policy.ParseDefinition(r.File, all.json(r.ID))
	for _, p := range problems {
		*r.doc.problems = append(*r.doc.problems, Problem{
			File: r.File, Line: p.Pos.Line, Column: 1, Text: p.Text, Suggestion: p.Suggestion,
		})
	}
}

// mapping makes a mapping of one line's worth of members.
func mapping(members ...part) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Line: members[0].value.Line}
	for _, m := range members {
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: m.name, Line: n.Line}, m.value)
	}
	return n
}

// part is one member of a definition's properties.
type part struct {
	name  string
	value *yaml.Node
}

type parts []part

// json writes the definition so that every value stands on the line on which
// the YAML has it. Columns are not kept.
func (p parts) json(name string) []byte {
	p = slices.DeleteFunc(p, func(one part) bool { return one.value == nil })
	slices.SortFunc(p, func(a, b part) int { return a.value.Line - b.value.Line })
	w := lined{line: 1}
	w.b = append(appendString([]byte(`{"name":`), name), `,"properties":{"mode":"All"`...)
	for _, one := range p {
		w.b = append(appendString(append(w.b, ','), one.name), ':')
		w.node(one.value)
	}
	return append(w.b, "}}"...)
}

// lined writes JSON and goes to a new line whenever the YAML did.
type lined struct {
	b    []byte
	line int
}

func (w *lined) node(n *yaml.Node) {
	if n.Line > w.line {
		w.b = append(w.b, strings.Repeat("\n", n.Line-w.line)...)
		w.line = n.Line
	}
	switch n.Kind {
	case yaml.MappingNode:
		w.b = append(w.b, '{')
		for i := 0; i+1 < len(n.Content); i += 2 {
			w.comma(i)
			w.node(n.Content[i])
			w.b = append(w.b, ':')
			w.node(n.Content[i+1])
		}
		w.b = append(w.b, '}')
	case yaml.SequenceNode:
		w.b = append(w.b, '[')
		for i, item := range n.Content {
			w.comma(i)
			w.node(item)
		}
		w.b = append(w.b, ']')
	default:
		mute := document{problems: &Problems{}} // reported by who turns it into the definition
		w.b = mute.appendJSON(w.b, n, "")
	}
}

func (w *lined) comma(i int) {
	if i > 0 {
		w.b = append(w.b, ',')
	}
}
