package catalog

import (
	"encoding/json"
	"strings"
)

// reads are the types that a recommendation names and the fields that it reads
// of them, in rule, existence condition, applies and fix.
type reads struct{ types, fields map[string]bool }

func readsOf(r *Recommendation) (reads, error) {
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
		return reads{}, err
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
				return reads{}, err
			}
		}
		found.below(v, "")
	}
	return found, nil
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
