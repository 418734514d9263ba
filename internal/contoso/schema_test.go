package contoso

import (
	"bufio"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// knownProperties gives, by type, the property paths that the catalogue's
// facts have of a provider's schema, and those of types of our own. A path
// that ends in * has anything below it.
func knownProperties(t *testing.T) map[string]map[string]bool {
	t.Helper()
	known, extended := map[string]map[string]bool{}, map[string]map[string]bool{}
	add := func(to map[string]map[string]bool, kind, path string) {
		if to[kind] == nil {
			to[kind] = map[string]bool{}
		}
		to[kind][strings.ReplaceAll(path, "[*]", "")] = true
	}
	for _, name := range []string{"aws-properties.txt", "google-properties.txt"} {
		file, err := os.Open(filepath.Join("../../catalog/facts", name))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		lines := bufio.NewScanner(file)
		for lines.Scan() {
			if kind, path, ok := strings.Cut(lines.Text(), " "); ok && kind != "#" {
				add(known, kind, strings.TrimPrefix(path, "="))
			}
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
	}
	schemas, err := filepath.Glob("../../catalog/schema/types/*.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range schemas {
		var schema map[string]any
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &schema); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		kind, _ := schema["title"].(string)
		to := known
		if schema["x-extends"] == true {
			to = extended
		}
		schemaPaths(schema, "", func(path string) { add(to, kind, path) })
	}
	for kind, paths := range extended {
		if known[kind] != nil {
			maps.Copy(known[kind], paths)
		}
	}
	return known
}

// schemaPaths walks the properties of a JSON Schema, through lists as well.
func schemaPaths(schema map[string]any, above string, visit func(string)) {
	properties, _ := schema["properties"].(map[string]any)
	for name, v := range properties {
		inner, _ := v.(map[string]any)
		items, list := inner["items"].(map[string]any)
		visit(above + name)
		if _, nested := inner["properties"]; !nested && inner["type"] == "object" || inner["additionalProperties"] != nil {
			visit(above + name + ".*")
		}
		if list {
			inner = items
		}
		schemaPaths(inner, above+name+".", visit)
	}
}

// leaves walks the paths of a body's values, through lists as well.
func leaves(v any, path string, visit func(string)) {
	switch v := v.(type) {
	case map[string]any:
		for name, item := range v {
			leaves(item, strings.TrimPrefix(path+"."+name, "."), visit)
		}
	case []any:
		for _, item := range v {
			leaves(item, path, visit)
		}
	default:
		visit(path)
	}
}

// within says whether a path, or what stands above it with anything below, is
// among the known ones.
func within(known map[string]bool, path string) bool {
	if known[path] {
		return true
	}
	for i := len(path); i > 0; i = strings.LastIndexByte(path[:i], '.') {
		if known[path[:i]+".*"] {
			return true
		}
	}
	return false
}

// TestPropertiesAreTheProviders holds bodies of AWS, of Google Cloud and of
// our own types to the lists that the catalogue is held to. Azure's are in
// none that lies here.
func TestPropertiesAreTheProviders(t *testing.T) {
	known := knownProperties(t)
	checked, wrong := map[string]bool{}, map[string]bool{}
	for _, r := range resources(t) {
		kind := kindOf(r)
		if known[kind] == nil || kind == "Bartizan.Identity/subscriptionAccess" { // its assignments are ARM's
			continue
		}
		checked[kind] = true
		body := r["properties"]
		if asset, ok := r["resource"].(map[string]any); ok {
			body = asset["data"]
		}
		leaves(body, "", func(path string) {
			if !within(known[kind], path) {
				wrong[kind+" "+path] = true
			}
		})
	}
	for _, path := range slices.Sorted(maps.Keys(wrong)) {
		t.Errorf("%s: the provider has no such property", path)
	}
	if len(checked) < 55 {
		t.Errorf("%d types were held to a list, want 55 or more: %v", len(checked), slices.Sorted(maps.Keys(checked)))
	}
}
