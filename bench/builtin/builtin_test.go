package builtin

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// selection reads the shared definitions, which lie beside the module.
func selection(t *testing.T) []Definition {
	t.Helper()
	folder := filepath.Join("..", "..", "..", "shared", "azure-policy")
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("built-in definitions are not here: %v", err)
	}
	all, err := Select(folder)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestSelect(t *testing.T) {
	all := selection(t)
	if len(all) != 1710 {
		t.Errorf("got %d definitions, want 1710", len(all))
	}
	if n := len(Fill(all)); n != 719 {
		t.Errorf("%d need parameters, want 719", n)
	}
}

// Every value must be of its parameter's type and allowed.
func TestFillSuitsTheDeclaration(t *testing.T) {
	all := selection(t)
	filled := Fill(all)
	kinds := map[string]reflect.Kind{
		"string": reflect.String, "datetime": reflect.String, "array": reflect.Slice, "object": reflect.Map,
		"boolean": reflect.Bool, "integer": reflect.Int, "float": reflect.Int,
	}
	for _, d := range all {
		for name, p := range d.Parameters {
			value, given := filled[d.Name][name]
			if given != (p.Default == nil) {
				t.Errorf("%s: %s: given %v, has a default %v", d.Name, name, given, p.Default != nil)
			}
			if !given {
				continue
			}
			if got, want := reflect.ValueOf(value).Kind(), kinds[strings.ToLower(p.Type)]; got != want {
				t.Errorf("%s: %s: got a %v, want a %v", d.Name, name, got, want)
			}
			if len(p.Allowed) > 0 && !p.allows(value) {
				t.Errorf("%s: %s: %v is not among %s", d.Name, name, value, p.Allowed)
			}
		}
	}
}

func (p Parameter) allows(value any) bool {
	if list, ok := value.([]any); ok {
		return !slices.ContainsFunc(list, func(x any) bool { return !p.allows(x) })
	}
	text, err := json.Marshal(value)
	return err == nil && slices.ContainsFunc(p.Allowed, func(a json.RawMessage) bool { return string(a) == string(text) })
}

func TestValue(t *testing.T) {
	for name, tt := range map[string]struct {
		parameter string
		p         Parameter
		want      any
	}{
		"first_allowed":   {"x", Parameter{Type: "String", Allowed: []json.RawMessage{[]byte(`"b"`), []byte(`"a"`)}}, "b"},
		"location":        {"resourceLocation", strong("location"), "westeurope"},
		"id_of_a_type":    {"vault", strong("Microsoft.KeyVault/vaults"), scope + "/resourceGroups/rg-management/providers/Microsoft.KeyVault/vaults/central"},
		"tag":             {"tagName", Parameter{Type: "String"}, "environment"},
		"anything_else":   {"whatever", Parameter{Type: "String"}, "central"},
		"truth":           {"on", Parameter{Type: "Boolean"}, true},
		"list_by_name":    {"inclusionTagValues", Parameter{Type: "Array"}, []any{"prod"}},
		"list_of_allowed": {"x", Parameter{Type: "Array", Allowed: []json.RawMessage{[]byte(`"b"`)}}, []any{"b"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tt.p.value(tt.parameter); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func strong(kind string) Parameter {
	p := Parameter{Type: "String"}
	p.Meta.StrongType = kind
	return p
}
