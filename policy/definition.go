package policy

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Longest texts of a definition, in characters, section 23.
const (
	maxDisplayName = 128
	maxDescription = 512
)

var policyTypes = []string{"BuiltIn", "Custom", "Static"}

// ParseDefinition reads one policy definition, with or without the wrapper
// that has its id, name and properties. The definition is nil exactly if some
// problem is more than a warning.
func ParseDefinition(file string, data []byte) (*Definition, Problems) {
	return parseWhole(file, data, definitionFromNode)
}

// definitionFromNode reads a definition that is already a tree, of a text. It
// keeps no node of the tree.
func definitionFromNode(file, text string, n *Node) (*Definition, Problems) {
	r := &docReader{file: file, text: text}
	return finish(r, r.definition(n))
}

// definition reads what there is of a definition, nil if there is nothing.
func (r *docReader) definition(n *Node) *Definition {
	outer, inner, ok := r.envelope(n, "definition")
	if !ok {
		return nil
	}
	metadata := inner.Get("metadata")
	d := &Definition{
		ID: outer.text("id"), File: r.file, Pos: n.Pos,
		DisplayName: inner.text("displayName"),
		Description: inner.text("description"),
		Mode:        inner.text("mode"),
		Category:    metadata.text("category"),
		Version:     versionOf(inner),
		Severity:    metadata.text("severity"),
	}
	d.Name = nameOf(d.ID, outer.text("name"), r.file)
	d.PolicyType = policyType(inner, d.ID, "policyDefinitions")
	if d.Severity == "" {
		d.Severity = metadata.Get("securityCenter").text("severity")
	}
	version := metadata.text("version") + " " + d.Version + " "
	d.Preview = metadata.truth("preview") || strings.Contains(version, "-preview ")
	d.Deprecated = metadata.truth("deprecated") || strings.Contains(version, "-deprecated ")
	r.once(inner, "definition", "policyRule", "parameters")
	r.lengths(inner, d.PolicyType)
	d.Parameters = r.parameters(inner.Get("parameters"))
	rule := inner.Get("policyRule")
	r.misspelt(outer, inner, rule == nil)
	if rule != nil {
		d.Rule = r.rule(rule, d.Parameters)
	}
	return d
}

// misspelt warns of keys that nothing looks at and that are nearly others. If
// the definition has no rule it is refused, with where the rule seems to be.
func (r *docReader) misspelt(outer, inner *Node, without bool) {
	at, text, suggestion := inner.Pos, `definition without "policyRule"; want an object with "if" and "then"`, ""
	if without && inner.Get("if") != nil && inner.Get("then") != nil {
		text = `definition without "policyRule"; want "if" and "then" in it`
	}
	known := definitionKeys
	if outer == inner {
		known = slices.Concat(definitionKeys, wrapperKeys)
	}
	for _, m := range inner.Members {
		if isOneOf(m.Key, known) {
			continue
		}
		switch near := nearest(m.Key, slices.Values(known)); {
		case near == "policyRule" && without:
			at, text, suggestion = m.Pos, fmt.Sprintf(`definition without "policyRule", but with %q`, m.Key), near
		case near != "":
			r.add(m.Pos, true, near, "unknown key %q in the definition, which is ignored", m.Key)
		}
	}
	if without {
		r.add(at, false, suggestion, "%s", text)
	}
}

// versionOf is the version of a definition or initiative.
func versionOf(inner *Node) string {
	if v := inner.text("version"); v != "" {
		return v
	}
	return inner.Get("metadata").text("version")
}

// policyType is who made a definition or initiative. Where the file does not
// say so, one that is stored above all scopes is Microsoft's.
func policyType(inner *Node, id, collection string) string {
	written := inner.text("policyType")
	for _, known := range policyTypes {
		if strings.EqualFold(written, known) {
			return known
		}
	}
	prefix := "/providers/Microsoft.Authorization/" + collection + "/"
	if len(id) > len(prefix) && strings.EqualFold(id[:len(prefix)], prefix) {
		return "BuiltIn"
	}
	return "Custom"
}

// lengths warns of texts that Azure would not store.
func (r *docReader) lengths(inner *Node, policyType string) {
	if policyType != "Custom" {
		return
	}
	for key, limit := range map[string]int{"displayName": maxDisplayName, "description": maxDescription} {
		if v := inner.Get(key); v != nil && v.Kind == String && utf8.RuneCountInString(v.Text) > limit {
			r.warn(v.Pos, "%s has %d characters; want at most %d", key, utf8.RuneCountInString(v.Text), limit)
		}
	}
}
