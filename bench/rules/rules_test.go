package rules

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Thirty rules, five a type, one to four comparisons each beside the type.
func TestShapeOfTheRules(t *testing.T) {
	all, err := Definitions()
	if err != nil {
		t.Fatal(err)
	}
	perType := map[string]int{}
	for _, d := range all {
		var doc struct {
			Name       string
			Properties struct {
				PolicyRule struct {
					If struct{ AllOf []map[string]any }
				}
			}
		}
		if err := json.Unmarshal(d.JSON, &doc); err != nil {
			t.Fatalf("%s: %v", d.File, err)
		}
		conditions := doc.Properties.PolicyRule.If.AllOf
		if doc.Name != d.Name || len(conditions) < 2 || conditions[0]["field"] != "type" {
			t.Fatalf("%s: want its file's name and a type as the first condition", d.File)
		}
		perType[conditions[0]["equals"].(string)]++
		compared := 0
		for _, c := range conditions[1:] {
			compared += comparisons(c)
		}
		if compared < 1 || compared > 4 {
			t.Errorf("%s: %d comparisons, want 1 to 4", d.File, compared)
		}
	}
	want := map[string]int{}
	for _, name := range Types {
		want[name] = 5
	}
	if diff := cmp.Diff(want, perType); diff != "" {
		t.Errorf("rules a type: %s", diff)
	}
}

// comparisons counts leaves; a count with where counts the leaves of where,
// because its own comparison only says whether there is a member.
func comparisons(v any) int {
	switch v := v.(type) {
	case []any:
		n := 0
		for _, x := range v {
			n += comparisons(x)
		}
		return n
	case map[string]any:
		if c, ok := v["count"].(map[string]any); ok && c["where"] != nil {
			return comparisons(c["where"])
		}
		for _, key := range []string{"allOf", "anyOf"} {
			if v[key] != nil {
				return comparisons(v[key])
			}
		}
		return 1
	}
	return 0
}

func TestEveryRuleIsInRego(t *testing.T) {
	all, err := Definitions()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("rules.rego")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		if n := strings.Count(string(text), `unhealthy contains "`+d.Name+`" if`); n != 1 {
			t.Errorf("%s: %d times in rules.rego, want once", d.Name, n)
		}
	}
	if n := strings.Count(string(text), "unhealthy contains"); n != len(all) {
		t.Errorf("rules.rego has %d rules, definitions %d", n, len(all))
	}
}
