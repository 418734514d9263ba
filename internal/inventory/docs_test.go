package inventory

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

var fence = regexp.MustCompile("(?s)```json (example|schema)\n(.*?)```")

// blocks are the page's code blocks of one kind.
func blocks(t *testing.T, kind string) (found [][]byte) {
	t.Helper()
	page, err := os.ReadFile("../../docs/inventory.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range fence.FindAllSubmatch(page, -1) {
		if string(m[1]) == kind {
			found = append(found, m[2])
		}
	}
	return found
}

// Every line that the page shows is read without a problem and gives something.
func TestDocumentedExamples(t *testing.T) {
	examples := blocks(t, "example")
	if len(examples) < 10 {
		t.Fatalf("%d examples, want one for each shape", len(examples))
	}
	for _, example := range examples {
		for _, line := range bytes.Split(bytes.TrimSpace(example), newline) {
			f := decodeText(t, string(line))
			if f.Problems != nil || len(f.Resources)+len(f.Scopes)+len(f.Reads) == 0 {
				t.Errorf("%s\nresources %v, problems %q", line, f.Resources, f.Problems)
			}
		}
		// Together they are one file.
		if f := decodeText(t, string(example)); f.Problems != nil {
			t.Errorf("%s\nproblems %q", example, f.Problems)
		}
	}
}

// The machines among the examples fit the schema, and wrong ones do not.
func TestMachineSchema(t *testing.T) {
	schemas := blocks(t, "schema")
	if len(schemas) != 1 {
		t.Fatalf("%d schemas, want 1", len(schemas))
	}
	if diff := cmp.Diff(string(machineSchema), string(schemas[0])); diff != "" {
		t.Errorf("the page and machine.schema.json differ (-file +page)\n%s", diff)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemas[0]))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("machine.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("machine.json")
	if err != nil {
		t.Fatal(err)
	}
	valid := func(line []byte) error {
		var v any
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatal(err)
		}
		return schema.Validate(v)
	}
	machines := 0
	for _, example := range blocks(t, "example") {
		for _, line := range bytes.Split(bytes.TrimSpace(example), newline) {
			if bytes.Contains(line, []byte(`"type":"machine"`)) {
				machines++
				if err := valid(line); err != nil {
					t.Error(err)
				}
			}
		}
	}
	if machines == 0 {
		t.Error("no machine among the examples")
	}
	for _, wrong := range []string{
		`{"type":"machine"}`, `{"type":"server","id":"x"}`, `{"type":"machine","id":"x","properties":{"listening":[{"port":70000}]}}`,
	} {
		if valid([]byte(wrong)) == nil {
			t.Errorf("the schema takes %s", wrong)
		}
	}
}
