package catalog

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

// propertyPaths are the paths that a schema gives to the properties of types,
// with all that lies on the way to them.
type propertyPaths map[string]*typePaths

type typePaths struct {
	known map[string]bool // whole paths and what stands above them
	open  []string        // anything may stand below
}

var (
	arrayIndex = regexp.MustCompile(`\[\d+\]`)
	joint      = regexp.MustCompile(`\.|\[\*\]`)
)

// add takes a path as the lists of catalog/facts write it.
func (p propertyPaths) add(resourceType, path string) {
	of := p[resourceType]
	if of == nil {
		of = &typePaths{known: map[string]bool{}}
		p[resourceType] = of
	}
	path = strings.TrimPrefix(path, "=")
	if whole, open := strings.CutSuffix(path, ".*"); open {
		of.open, path = append(of.open, whole), whole
	}
	of.known[path] = true
	for _, at := range joint.FindAllStringIndex(path, -1) {
		of.known[path[:at[0]]] = true
		of.known[path[:at[1]]] = true
	}
}

// members gives, by path of an object, "" for the whole, the members that it has, in
// order; none of one below which anything may stand.
func (of *typePaths) members() map[string][]string {
	found := map[string][]string{}
	for path := range of.known {
		at := max(strings.LastIndexByte(path, '.'), 0)
		object, name := path[:at], strings.TrimPrefix(path[at:], ".")
		if name != "" && !strings.HasSuffix(name, "]") && !of.isOpen(object) {
			found[object] = append(found[object], name)
		}
	}
	for _, names := range found {
		slices.Sort(names)
	}
	return found
}

// isOpen reports whether anything may stand below a path.
func (of *typePaths) isOpen(path string) bool {
	return slices.ContainsFunc(of.open, func(open string) bool { return open == "" || within(path, open) })
}

// has reports whether a field below a type is a property of it.
func (p propertyPaths) has(resourceType, path string) bool {
	of := p[resourceType]
	if of == nil {
		return false
	}
	path = arrayIndex.ReplaceAllString(path, "[*]")
	if of.known[path] {
		return true
	}
	return of.isOpen(path)
}

// propertyLists are those of catalog/facts.
var propertyLists = []string{"aws-properties.txt", "google-properties.txt"}

// azureMembers is the list of what objects in Azure have.
const azureMembers = "azure-members.txt"

// readPaths reads a list that catalog/facts/properties.py wrote.
func (p propertyPaths) readPaths(files fs.FS, name string) error {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		if kind, path, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " "); ok && kind != "#" {
			p.add(kind, path)
		}
	}
	return nil
}

// schemaNode is what the paths need of a JSON Schema.
type schemaNode struct {
	Title, Ref string
	Extends    bool
	Properties map[string]json.RawMessage
	Items      json.RawMessage
	Others     json.RawMessage
	Defs       map[string]json.RawMessage
	Type       json.RawMessage
}

func readSchema(raw []byte) (schemaNode, error) {
	var n struct {
		Title      string                     `json:"title"`
		Ref        string                     `json:"$ref"`
		Extends    bool                       `json:"x-extends"`
		Properties map[string]json.RawMessage `json:"properties"`
		Items      json.RawMessage            `json:"items"`
		Others     json.RawMessage            `json:"additionalProperties"`
		Defs       map[string]json.RawMessage `json:"$defs"`
		Type       json.RawMessage            `json:"type"`
	}
	err := json.Unmarshal(raw, &n)
	return schemaNode(n), err
}

// addSchema adds the paths of a JSON Schema. An object that lists no
// properties, or allows others by a schema, is open.
func (p propertyPaths) addSchema(resourceType, path string, raw []byte, defs map[string]json.RawMessage) error {
	n, err := readSchema(raw)
	if err != nil {
		return fmt.Errorf("schema of %s, %q: %w", resourceType, path, err)
	}
	if name, ok := strings.CutPrefix(n.Ref, "#/$defs/"); ok {
		if strings.Count(path, ".") < 12 { // a definition may hold itself
			return p.addSchema(resourceType, path, defs[name], defs)
		}
		return nil
	}
	object := strings.Contains(string(n.Type), `"object"`)
	if object && n.Properties == nil && string(n.Others) != "false" || strings.HasPrefix(string(n.Others), "{") {
		p.add(resourceType, path+".*")
	}
	for name, below := range n.Properties {
		if err := p.addSchema(resourceType, strings.TrimPrefix(path+"."+name, "."), below, defs); err != nil {
			return err
		}
	}
	if path != "" {
		p.add(resourceType, path)
	}
	if n.Items == nil {
		return nil
	}
	return p.addSchema(resourceType, path+"[*]", n.Items, defs)
}
