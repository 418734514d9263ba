package reference

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Schema is the file of a JSON Schema under catalog/schema/types.
type Schema struct {
	File string // its name
	Text []byte
}

// typeSchema is what the pages tell of a schema.
type typeSchema struct {
	Title       string
	Description string
	Extends     bool `json:"x-extends"`
	Required    []string
	Properties  map[string]member
}

// member is a property, or what the items of an array are.
type member struct {
	Type        any
	Format      string
	Enum        []any
	Description string
	Items       *member
	Properties  map[string]member
}

// Types writes the part of docs/inventory.md about types and attributes that no
// provider's schema has.
func Types(schemas []Schema) (string, error) {
	var w strings.Builder
	slices.SortFunc(schemas, func(a, b Schema) int { return strings.Compare(a.File, b.File) })
	for _, s := range schemas {
		var t typeSchema
		if err := json.Unmarshal(s.Text, &t); err != nil {
			return "", fmt.Errorf("%s: %w", s.File, err)
		}
		fmt.Fprintf(&w, "### %s\n\n%s\n", t.Title, t.Description)
		if t.Extends {
			w.WriteString("\nThe provider's schema has the type; these attributes stand beside its properties.\n")
		}
		fmt.Fprintf(&w, "\nJSON Schema of `properties`: [%s](../catalog/schema/types/%s)\n\n", s.File, s.File)
		w.WriteString("| property | type | meaning |\n|---|---|---|\n")
		t.rows(&w, "", t.Properties)
		w.WriteString("\n")
	}
	return strings.TrimRight(w.String(), "\n") + "\n", nil
}

// rows lists properties and what stands below them.
func (t *typeSchema) rows(w *strings.Builder, above string, members map[string]member) {
	var names []string
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		m := members[name]
		path := above + name
		kind := m.kind()
		if m.Format != "" {
			kind += ", " + m.Format
		}
		if above == "" && slices.Contains(t.Required, name) {
			kind += ", required"
		}
		fmt.Fprintf(w, "| `%s` | %s | %s |\n", path, escaped(kind), escaped(m.meaning()))
		t.rows(w, path+".", m.Properties)
		if m.Items != nil {
			t.rows(w, path+"[*].", m.Items.Properties)
		}
	}
}

// kind names the types of a member; where only its values are given, theirs.
func (m *member) kind() string {
	switch {
	case m.Type != nil:
		return strings.Trim(fmt.Sprint(m.Type), "[]")
	case len(m.Enum) == 0:
		return "any"
	}
	for _, value := range m.Enum {
		if _, text := value.(string); !text {
			return "number"
		}
	}
	return "string"
}

// meaning is the description of a member, and behind it the values it may have.
func (m *member) meaning() string {
	if len(m.Enum) == 0 {
		return m.Description
	}
	var values []string
	for _, value := range m.Enum {
		values = append(values, fmt.Sprint(value))
	}
	before := strings.TrimSuffix(m.Description, ".") + ". "
	if len(values) == 1 {
		return before + "Always " + values[0] + "."
	}
	return before + "One of " + strings.Join(values, ", ") + "."
}
