package inventory

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/valyala/fastjson"
)

// cloudFormation are the properties of CloudFormation's types, with [*] for
// members and .* for anything below: testdata/cloudformation.txt.
func cloudFormation(t *testing.T) (properties, attributes map[string][]string) {
	t.Helper()
	in, err := os.Open("testdata/cloudformation.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close() // read only
	properties, attributes = map[string][]string{}, map[string][]string{}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		kind, path, ok := strings.Cut(lines.Text(), " ")
		if !ok || kind == "#" {
			continue
		}
		if attribute, is := strings.CutPrefix(path, "="); is {
			attributes[kind] = append(attributes[kind], attribute)
			continue
		}
		properties[kind] = append(properties[kind], path)
	}
	return properties, attributes
}

// described are the properties that catalog/schema/types has of types beside
// CloudFormation's, as [cloudFormation] has them.
func described(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("../../catalog/schema/types/aws-*.json")
	if err != nil || files == nil {
		t.Fatalf("no schemas of types: %v", err)
	}
	paths := map[string][]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		schema := fastjson.MustParseBytes(text)
		paths[string(schema.GetStringBytes("title"))] = schemaPaths(nil, "", schema)
	}
	return paths
}

// schemaPaths adds the paths of what a JSON Schema has no parts of.
func schemaPaths(paths []string, at string, schema *fastjson.Value) []string {
	if items := schema.Get("items"); items != nil {
		return schemaPaths(paths, at+"[*]", items)
	}
	properties := schema.GetObject("properties")
	if properties == nil {
		return append(paths, at)
	}
	properties.Visit(func(key []byte, property *fastjson.Value) {
		paths = schemaPaths(paths, strings.TrimPrefix(at+"."+string(key), "."), property)
	})
	return paths
}

// leaves adds the paths of all values in v.
func leaves(paths []string, at string, v *fastjson.Value) []string {
	switch v.Type() {
	case fastjson.TypeObject:
		v.GetObject().Visit(func(key []byte, item *fastjson.Value) {
			paths = leaves(paths, strings.TrimPrefix(at+"."+string(key), "."), item)
		})
		return paths
	case fastjson.TypeArray:
		for _, item := range v.GetArray() {
			paths = leaves(paths, at+"[*]", item)
		}
		return paths
	}
	return append(paths, at)
}

// covers reports whether a path of the schema is that of a value, or has it below.
func covers(schema, path string) bool {
	whole, open := strings.CutSuffix(schema, ".*")
	return schema == path || open && (path == whole || strings.HasPrefix(path, whole+"."))
}

// A whole item of each mapped type becomes nothing but what CloudFormation
// knows, or catalog/schema/types, and what CloudFormation knows beside it is said to
// be unread.
func TestConfigMapping_is_CloudFormation(t *testing.T) {
	in, err := os.Open("testdata/awsconfig_full.json")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close() // read only
	properties, attributes := cloudFormation(t)
	beside := described(t)
	f := decodeAll(t, in, "awsconfig_full.json")
	if len(f.Resources) != len(configTypes)+1 || f.Problems != nil {
		t.Fatalf("%d resources, problems %q; want one of each mapped type and a bucket policy", len(f.Resources), f.Problems)
	}
	for _, r := range f.Resources {
		known := slices.Concat(properties[r.Type], attributes[r.Type], beside[r.Type])
		found := leaves(nil, "", fastjson.MustParse(r.Body).Get("properties"))
		for _, path := range found {
			if !slices.ContainsFunc(known, func(s string) bool { return covers(s, path) }) {
				t.Errorf("%s: %s is no property in CloudFormation or catalog/schema/types", r.Type, path)
			}
		}
		for _, path := range r.Unread {
			path = strings.TrimPrefix(path, "properties.")
			if !slices.ContainsFunc(known, func(s string) bool { return below(s, path) }) {
				t.Errorf("%s: unread %s is no property in CloudFormation", r.Type, path)
			}
		}
		for _, schema := range properties[r.Type] {
			mapped := slices.ContainsFunc(found, func(path string) bool { return covers(schema, path) })
			unread := slices.ContainsFunc(r.Unread, func(path string) bool { return below(schema, strings.TrimPrefix(path, "properties.")) })
			if mapped == unread {
				t.Errorf("%s: %s is mapped %v, unread %v; want one of both", r.Type, schema, mapped, unread)
			}
		}
	}
}

// below reports whether a path is that of another one or leads to it.
func below(path, above string) bool {
	return path == above || strings.HasPrefix(path, above+".") || strings.HasPrefix(path, above+"[")
}
