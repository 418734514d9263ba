package catalog

import (
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/bartizan-dev/bartizan/policy"
)

// lint lets the policy engine read the rule and the applies condition, so that
// what it refuses or warns of is reported at the place where it is written.
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
	w := all.json(r.ID)
	_, problems := policy.ParseDefinition(r.File, w.b)
	for _, p := range problems {
		told := Problem{File: r.File, Line: p.Pos.Line, Column: w.column(p.Pos), Text: p.Text, Suggestion: p.Suggestion}
		// Of one place one problem is enough: parameters are read with the rule and
		// with applies, and of some words more was said before.
		if !slices.ContainsFunc(*r.doc.problems, told.isAt) {
			*r.doc.problems = append(*r.doc.problems, told)
		}
	}
}

// isAt reports whether a problem is about the same place.
func (p Problem) isAt(o Problem) bool {
	return p.File == o.File && p.Line == o.Line && p.Column == o.Column
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
// the YAML has it.
func (p parts) json(name string) lined {
	p = slices.DeleteFunc(p, func(one part) bool { return one.value == nil })
	slices.SortFunc(p, func(a, b part) int { return a.value.Line - b.value.Line })
	w := lined{line: 1}
	w.b = append(appendString([]byte(`{"name":`), name), `,"properties":{"mode":"All"`...)
	for _, one := range p {
		w.b = append(appendString(append(w.b, ','), one.name), ':')
		w.node(one.value)
	}
	w.b = append(w.b, "}}"...)
	return w
}

// lined writes JSON and goes to a new line whenever the YAML did.
type lined struct {
	b      []byte
	line   int
	begin  int // of the line
	places []linedPlace
}

// linedPlace says where something stands in the JSON and in the YAML.
type linedPlace struct{ at, of policy.Position }

func (w *lined) node(n *yaml.Node) {
	if n.Line > w.line {
		w.b = append(w.b, strings.Repeat("\n", n.Line-w.line)...)
		w.line, w.begin = n.Line, len(w.b)
	}
	w.places = append(w.places, linedPlace{
		policy.Position{Line: w.line, Column: utf8.RuneCount(w.b[w.begin:]) + 1}, policy.Position{Line: n.Line, Column: n.Column},
	})
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

// column gives the column in the YAML of what stands at a place of the JSON: where
// the last value or key before it begins, 1 where that is not known.
func (w *lined) column(at policy.Position) int {
	column := 1
	for _, p := range w.places {
		if p.at.Line == at.Line && p.at.Column <= at.Column {
			column = max(p.of.Column, 1)
		}
	}
	return column
}
