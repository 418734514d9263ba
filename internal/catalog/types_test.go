package catalog

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// contentTypes are the committed types of our own, each described once.
func contentTypes(t *testing.T) []ownType {
	t.Helper()
	all, err := ownTypes(os.DirFS(content()))
	if err != nil {
		t.Fatal(err)
	}
	owner := map[string]string{}
	for _, own := range all {
		if own.name == "" || own.schema.Properties == nil {
			t.Errorf("catalog/%s: want a title, which is the type, and properties", own.file)
		}
		if other := owner[own.name]; other != "" {
			t.Errorf("catalog/%s: %s describes %s already", own.file, other, own.name)
		}
		owner[own.name] = own.file
	}
	return all
}

// addMachine adds the properties of machines: the schema in docs/inventory.md.
func addMachine(t *testing.T, to propertyPaths) {
	t.Helper()
	_, text, _ := strings.Cut(inventoryDocument(t), "```json schema\n")
	text, _, found := strings.Cut(text, "\n```")
	if !found {
		t.Fatal("docs/inventory.md has no schema of machines")
	}
	machine, err := readSchema([]byte(text))
	if err == nil {
		err = to.addSchema("machine", "", machine.Properties["properties"], machine.Defs)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func inventoryDocument(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", "inventory.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestTypes_of_our_own_are_documented: collectors will produce exactly these.
func TestTypes_of_our_own_are_documented(t *testing.T) {
	document := inventoryDocument(t)
	for _, own := range contentTypes(t) {
		if !strings.Contains(document, own.name) {
			t.Errorf("docs/inventory.md does not name %s, which catalog/%s describes", own.name, own.file)
		}
	}
}

// TestTypes_of_our_own_hold_for_the_cases: a rule is only as good as the body
// that it is tried on.
func TestTypes_of_our_own_hold_for_the_cases(t *testing.T) {
	schemas := map[string]*jsonschema.Schema{}
	for _, own := range contentTypes(t) {
		schema, err := jsonschema.NewCompiler().Compile(filepath.Join(content(), filepath.FromSlash(own.file)))
		if err != nil {
			t.Fatal(err)
		}
		schemas[strings.ToLower(own.name)] = schema
	}
	for _, r := range all(t, parseContent(t).Recommendations) {
		for _, c := range r.Cases {
			bodies := c.Related
			if c.Collected && len(c.Unread) == 0 && c.Reason != posture.Failed { // others lack what the schema wants
				bodies = append([]json.RawMessage{c.Resource}, c.Related...)
			}
			for _, raw := range bodies {
				var body struct {
					Type       string
					Properties json.RawMessage
				}
				if err := json.Unmarshal(raw, &body); err != nil {
					t.Fatal(err)
				}
				schema := schemas[strings.ToLower(body.Type)]
				if schema == nil || body.Properties == nil {
					continue
				}
				value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(body.Properties)))
				if err != nil {
					t.Fatal(err)
				}
				if err := schema.Validate(value); err != nil {
					t.Errorf("catalog/%s:%d: case %s: %s is not what its schema says: %v", r.File, c.Line, c.Name, body.Type, err)
				}
			}
		}
	}
}
