package catalog

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// schemaOf says which schema holds for which files.
var schemaOf = map[string]string{
	"controls.yaml":    "controls",
	"aliases.yaml":     "aliases",
	"always.yaml":      "always",
	"kinds.yaml":       "kinds",
	"standards/*.yaml": "standard",
	"azure/*/*.yaml":   "recommendation",
	"aws/*/*.yaml":     "recommendation",
	"gcp/*/*.yaml":     "recommendation",
	"machine/*/*.yaml": "recommendation",
}

// TestSchemas_accept_all_content keeps what editors say in step with Parse.
func TestSchemas_accept_all_content(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	parseContent(t) // else the schemas say the same again
	for pattern, name := range schemaOf {
		schema, err := jsonschema.NewCompiler().Compile(filepath.Join(content(), "schema", name+".schema.json"))
		if err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(filepath.Join(content(), filepath.FromSlash(pattern)))
		if err != nil || len(files) == 0 {
			t.Fatalf("no files %s: %v", pattern, err)
		}
		for _, file := range files {
			if err := schema.Validate(jsonValue(t, file)); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}

// jsonValue reads a YAML file as a JSON value.
func jsonValue(t *testing.T, file string) any {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := yaml.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	out, err := jsonschema.UnmarshalJSON(strings.NewReader(string(asJSON)))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// object is what the next test needs of a schema.
type object struct {
	Required             []string
	Properties           map[string]json.RawMessage
	AdditionalProperties json.RawMessage
	Items                json.RawMessage
	Defs                 map[string]json.RawMessage `json:"$defs"`
}

func readObject(t *testing.T, raw []byte) object {
	t.Helper()
	var o object
	if err := json.Unmarshal(raw, &o); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return o
}

func TestSchemas_have_the_properties_that_Parse_knows(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(content(), "schema", "recommendation.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	top := readObject(t, raw)
	remediation := readObject(t, top.Properties["remediation"])
	cases := readObject(t, top.Properties["cases"])
	for name, pair := range map[string]struct {
		schema object
		keys   []string
	}{
		"recommendation": {top, recommendationKeys},
		"remediation":    {remediation, remediationKeys},
		"fix":            {readObject(t, remediation.Properties["fix"]), fixKeys},
		"parameter":      {readObject(t, readObject(t, top.Properties["parameters"]).AdditionalProperties), parameterKeys},
		"case":           {readObject(t, cases.Items), caseKeys},
		"resource":       {readObject(t, top.Defs["resource"]), resourceKeys},
	} {
		var known, required []string
		for _, k := range pair.keys {
			plain := strings.TrimPrefix(k, "!")
			known = append(known, plain)
			if plain != k {
				required = append(required, plain)
			}
		}
		var properties []string
		for p := range pair.schema.Properties {
			properties = append(properties, p)
		}
		for _, list := range [][]string{known, required, properties, pair.schema.Required} {
			slices.Sort(list)
		}
		if diff := cmp.Diff(known, properties); diff != "" {
			t.Errorf("%s: properties (-Parse +schema):\n%s", name, diff)
		}
		if diff := cmp.Diff(required, pair.schema.Required); diff != "" {
			t.Errorf("%s: required (-Parse +schema):\n%s", name, diff)
		}
	}
}

func TestSchemas_refuse_what_Parse_refuses(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join(content(), "schema", "recommendation.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string][2]string{
		"an_unknown_property": {"severity:", "severty:"},
		"a_wrong_word":        {"severity: high", "severity: hig"},
		"an_operator":         {"notEquals: true", "notEqual: true"},
		"an_effect":           {"effect: audit", "effect: deny"},
		"a_state":             {"want: healthy", "want: fine"},
		"a_technique":         {"T1190", "burglary"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "door-locked.yaml")
			if err := os.WriteFile(file, edited(t, door, edit[0], edit[1])[door].Data, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(jsonValue(t, file)); err == nil {
				t.Error("the schema accepts it")
			}
		})
	}
}
