package catalog

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// reads are the types that a recommendation names and the fields that it reads
// of them, in rule, existence condition, applies and fix.
type reads struct{ types, fields map[string]bool }

func readsOf(t *testing.T, r *Recommendation) reads {
	t.Helper()
	var whole struct {
		Properties struct {
			PolicyRule struct {
				If   any
				Then struct {
					Details struct {
						Type               string
						Name               any
						Kind               any
						ResourceGroupName  any
						ExistenceCondition any
					}
				}
			}
		}
	}
	if err := json.Unmarshal(r.Definition, &whole); err != nil {
		t.Fatal(err)
	}
	found := reads{map[string]bool{}, map[string]bool{}}
	for _, name := range r.Types {
		found.types[name] = true
	}
	details := whole.Properties.PolicyRule.Then.Details
	if details.Type != "" {
		found.types[details.Type] = true
	}
	found.below([]any{whole.Properties.PolicyRule.If, details.Name, details.Kind, details.ResourceGroupName, details.ExistenceCondition}, "")
	for _, raw := range []json.RawMessage{r.Applies, r.Remediation.Fix} {
		var v any
		if raw != nil {
			if err := json.Unmarshal(raw, &v); err != nil {
				t.Fatal(err)
			}
		}
		found.below(v, "")
	}
	return found
}

// below collects the fields of a value that stands at a key.
func (f reads) below(v any, key string) {
	switch v := v.(type) {
	case map[string]any:
		for k, item := range v {
			f.below(item, k)
		}
	case []any:
		for _, item := range v {
			f.below(item, "")
		}
	case string:
		expression := strings.HasPrefix(v, "[") && !strings.HasPrefix(v, "[[")
		if strings.EqualFold(key, "field") && !expression && !isSpecial(v) {
			f.fields[v] = true
		}
		if !expression {
			return
		}
		for _, call := range inExpression.FindAllStringSubmatch(v, -1) {
			if strings.Contains(call[2], "/") { // current('name') of a counted value is no field
				f.fields[call[2]] = true
			}
		}
	}
}

// TestFields_are_the_providers_own: outside Azure a field is a path, and a
// path with a slip in it reads nothing, which many rules take for "all is
// well". For Azure see TestAliases_are_the_providers_own.
func TestFields_are_the_providers_own(t *testing.T) {
	provider, own := propertyPaths{}, ownPaths(t)
	readPaths(t, provider, "aws-properties.txt")
	readPaths(t, provider, "google-properties.txt")
	pass := allowed(t, ofField)
	named := map[string]bool{"*": true}
	for _, r := range all(t, parseContent(t).Recommendations) {
		if r.Cloud == posture.Azure {
			continue
		}
		found := readsOf(t, r)
		for _, name := range slices.Sorted(maps.Keys(found.types)) {
			named[name] = true
			if provider[name] == nil && own[name] == nil && !pass.has(name) {
				t.Errorf("catalog/%s: type %s is in no list of catalog/facts and has no schema in catalog/schema/types; "+
					"refresh the lists as catalog/facts/README.md says, or describe it there", r.File, name)
			}
		}
		for _, field := range slices.Sorted(maps.Keys(found.fields)) {
			if !hasField(provider, own, found.types, field) && !pass.has(field) {
				t.Errorf("catalog/%s: field %s is in no schema of the provider and in none of catalog/schema/types", r.File, field)
			}
		}
	}
	for name := range provider {
		if !named[name] {
			t.Errorf("catalog/facts: no recommendation names %s any more; refresh the lists", name)
		}
	}
	for _, one := range ownTypes(t) {
		if known := provider[one.name] != nil; cloudOf(one.name) != posture.Azure && named[one.name] && one.extends != known {
			t.Errorf("catalog/%s: x-extends is %v, but a schema of the provider for the type: %v", one.file, one.extends, known)
		}
	}
	pass.close(t)
}

// hasField looks a field up in the types that begin it.
func hasField(provider, own propertyPaths, types map[string]bool, field string) bool {
	for name := range types {
		path, ok := strings.CutPrefix(field, name+"/")
		if !ok {
			continue
		}
		if provider.has(name, path) || own.has(name, path) || cloudOf(name) == posture.GCP && provider.has("*", path) {
			return true
		}
	}
	return false
}
