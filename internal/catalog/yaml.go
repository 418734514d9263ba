package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/bartizan-dev/bartizan/internal/spelling"
	"github.com/bartizan-dev/bartizan/internal/yamltext"
)

// document is one YAML file being read. Its methods report what is wrong and
// return a zero value, so that one pass finds everything.
type document struct {
	file     string
	problems *Problems
}

func (d *document) report(n *yaml.Node, format string, args ...any) {
	d.suggest(n, "", format, args...)
}

func (d *document) suggest(n *yaml.Node, suggestion, format string, args ...any) {
	p := Problem{File: d.file, Text: fmt.Sprintf(format, args...), Suggestion: suggestion}
	if n != nil {
		p.Line, p.Column = n.Line, n.Column
	}
	*d.problems = append(*d.problems, p)
}

// open reads a file and checks the header line that tells editors its schema.
// It returns nil, and has reported why, if there is nothing to read on.
func open(files fs.FS, file, schema string, problems *Problems) (*document, *yaml.Node) {
	d := &document{file, problems}
	data, err := fs.ReadFile(files, file)
	if err != nil {
		d.report(nil, "read: %v", err)
		return d, nil
	}
	want := "# yaml-language-server: $schema=" + strings.Repeat("../", strings.Count(file, "/")) + "schema/" + schema + ".schema.json"
	if first, _, _ := strings.Cut(string(data), "\n"); strings.TrimRight(strings.TrimPrefix(first, "\ufeff"), "\r") != want {
		d.report(&yaml.Node{Line: 1, Column: 1}, "first line: want %q, so that editors know the schema", want)
	}
	return d, d.decode(data)
}

// decode reads the one document of a file.
func (d *document) decode(data []byte) *yaml.Node {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var root, more yaml.Node
	switch err := decoder.Decode(&root); {
	case string(data) == "\xff\xfe" || string(data) == "\xfe\xff":
		d.report(nil, "the file is UTF-16, with nothing after its mark; want UTF-8")
		return nil
	case errors.Is(err, io.EOF) || err == nil && len(root.Content) != 1:
		d.report(nil, "the file is empty")
		return nil
	case err != nil:
		line, text := yamltext.Fault(err, data)
		d.report(&yaml.Node{Line: line}, "%s", text)
		return nil
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		d.report(&more, "a second document begins here; want one in a file")
	}
	return root.Content[0]
}

// member is one key of a mapping with its value.
type member struct{ key, value *yaml.Node }

// object gives the members of a mapping by key. It reports keys that are not
// known, repeated ones, and required ones (marked with a "!" before the name)
// that are missing.
func (d *document) object(n *yaml.Node, what string, keys ...string) map[string]member {
	members := map[string]member{}
	if !d.is(n, yaml.MappingNode, what, "a mapping") {
		return members
	}
	known := make([]string, len(keys))
	for i, k := range keys {
		known[i] = strings.TrimPrefix(k, "!")
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		_, twice := members[key.Value]
		switch {
		case !slices.Contains(known, key.Value):
			d.suggest(key, spelling.Nearest(key.Value, known), "%s: unknown property %q", what, key.Value)
		case twice:
			d.report(key, "%s: property %q is there twice", what, key.Value)
		default:
			members[key.Value] = member{key, value}
		}
	}
	for i, k := range keys {
		if _, ok := members[known[i]]; !ok && k != known[i] {
			d.report(n, "%s: property %q is missing", what, known[i])
		}
	}
	return members
}

// is checks a node's kind; YAML anchors are refused, as JSON has none.
func (d *document) is(n *yaml.Node, kind yaml.Kind, what, want string) bool {
	if n == nil {
		return false
	}
	if n.Kind == kind && n.Anchor == "" {
		return true
	}
	d.report(n, "%s: got %s, want %s", what, kindOf(n), want)
	return false
}

func kindOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return "a YAML anchor"
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!null":
		return "nothing"
	}
	return fmt.Sprintf("%s %q", strings.TrimPrefix(n.Tag, "!!"), n.Value)
}

// text gives a string that is not empty.
func (d *document) text(n *yaml.Node, what string) string {
	if n == nil {
		return ""
	}
	if !d.is(n, yaml.ScalarNode, what, "text") {
		return ""
	}
	if n.Tag != "!!str" {
		d.report(n, "%s: got %s, want text; put it in quotes", what, kindOf(n))
		return ""
	}
	s := strings.TrimSpace(n.Value)
	switch {
	case s == "":
		d.report(n, "%s: is empty", what)
	case strings.Contains(s, unfilled):
		d.report(n, "%s: is still to be filled in", what)
		return ""
	}
	return s
}

// word gives a string that is one of words.
func (d *document) word(n *yaml.Node, what string, words ...string) string {
	s := d.text(n, what)
	if s != "" && !slices.Contains(words, s) {
		d.suggest(n, spelling.Nearest(s, words), "%s: %q is not one of %s", what, s, strings.Join(words, ", "))
		return ""
	}
	return s
}

// truth gives a boolean, absent being what otherwise says.
func (d *document) truth(n *yaml.Node, what string, otherwise bool) bool {
	if n == nil {
		return otherwise
	}
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
		d.report(n, "%s: got %s, want true or false", what, kindOf(n))
		return otherwise
	}
	return n.Value == "true"
}

// list gives the items of a list, none if n is nil.
func (d *document) list(n *yaml.Node, what string) []*yaml.Node {
	if n == nil || !d.is(n, yaml.SequenceNode, what, "a list") {
		return nil
	}
	return n.Content
}

// some gives the items of a list that has one at least, and none twice.
func (d *document) some(n *yaml.Node, what string) []*yaml.Node {
	items := d.list(n, what)
	if n != nil && n.Kind == yaml.SequenceNode && len(items) == 0 {
		d.report(n, "%s: is an empty list; want something in it", what)
	}
	seen := map[string]bool{}
	for _, item := range items {
		if item.Kind != yaml.ScalarNode {
			continue
		}
		value := item.Tag + " " + item.Value
		if seen[value] {
			d.report(item, "%s: %q is there twice", what, item.Value)
		}
		seen[value] = true
	}
	return items
}

// texts gives a list of strings.
func (d *document) texts(n *yaml.Node, what string) []string {
	var all []string
	for _, item := range d.list(n, what) {
		if s := d.text(item, what); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// json turns a node into JSON, the order of keys kept.
func (d *document) json(n *yaml.Node, what string) json.RawMessage {
	if n == nil {
		return nil
	}
	return d.appendJSON(nil, n, what)
}

func (d *document) appendJSON(b []byte, n *yaml.Node, what string) []byte {
	switch {
	case n.Kind == yaml.MappingNode && n.Anchor == "":
		return d.appendObject(b, n, what)
	case n.Kind == yaml.SequenceNode && n.Anchor == "":
		b = append(b, '[')
		for i, item := range n.Content {
			if i > 0 {
				b = append(b, ',')
			}
			b = d.appendJSON(b, item, what)
		}
		return append(b, ']')
	case n.Kind == yaml.ScalarNode && n.Anchor == "":
		return d.appendScalar(b, n, what)
	}
	d.report(n, "%s: got %s, want what JSON has", what, kindOf(n))
	return append(b, "null"...)
}

func (d *document) appendObject(b []byte, n *yaml.Node, what string) []byte {
	seen := map[string]bool{}
	b = append(b, '{')
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		folded := strings.ToLower(key.Value)
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
			d.report(key, "%s: got %s, want a name", what, kindOf(key))
		}
		if seen[folded] {
			d.report(key, "%s: property %q is there twice", what, key.Value)
		}
		seen[folded] = true
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, key.Value), ':')
		b = d.appendJSON(b, n.Content[i+1], what)
	}
	return append(b, '}')
}

func (d *document) appendScalar(b []byte, n *yaml.Node, what string) []byte {
	switch n.Tag {
	case "!!str":
		return appendString(b, n.Value)
	case "!!null":
		return append(b, "null"...)
	case "!!bool", "!!int", "!!float":
		if json.Valid([]byte(n.Value)) {
			return append(b, n.Value...)
		}
	}
	d.report(n, "%s: %q is not a JSON value; put text in quotes", what, n.Value)
	return append(b, "null"...)
}

// appendString appends a JSON string. Unlike encoding/json it leaves <, > and
// & alone.
func appendString(b []byte, s string) []byte {
	var out strings.Builder
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes
	return append(b, strings.TrimSuffix(out.String(), "\n")...)
}
