package policy

import "testing"

func leafOn(field, rest string) string { return `{"field": "` + field + `", ` + rest + `}` }

// TestStar is section 8: a condition on [*] holds if it does on every selected
// value. Each row lists which of the conditions hold.
func TestStar(t *testing.T) {
	conditions := map[string]string{
		"equals":     leafOn("list[*]", `"equals": "x"`),
		"not_equals": leafOn("list[*]", `"notEquals": "x"`),
		"exists":     leafOn("list[*]", `"exists": true`),
		"absent":     leafOn("list[*]", `"exists": false`),
		"like":       leafOn("list[*]", `"like": "*"`),
		"not_in":     leafOn("list[*]", `"notIn": ["x"]`),
		"some":       `{"not": ` + leafOn("list[*]", `"notEquals": "x"`) + `}`,
	}
	rows := map[string]struct {
		properties string
		want       []string
	}{
		"absent":        {`{}`, []string{"not_equals", "absent", "not_in"}},
		"null":          {`{"list": null}`, []string{"not_equals", "absent", "not_in"}},
		"object":        {`{"list": {"x": "x"}}`, []string{"not_equals", "absent", "not_in"}},
		"scalar":        {`{"list": "x"}`, []string{"not_equals", "absent", "not_in"}},
		"empty":         {`{"list": []}`, []string{"equals", "not_equals", "exists", "absent", "like", "not_in"}},
		"all":           {`{"list": ["x", "X"]}`, []string{"equals", "exists", "like", "some"}},
		"mixed":         {`{"list": ["x", "y"]}`, []string{"exists", "like", "some"}},
		"none":          {`{"list": ["y", "z"]}`, []string{"not_equals", "exists", "like", "not_in"}},
		"null_member":   {`{"list": ["x", null]}`, []string{"some"}},
		"other_casing":  {`{"LIST": ["x"]}`, []string{"equals", "exists", "like", "some"}},
		"no_properties": {`null`, []string{"not_equals", "absent", "not_in"}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) { holds(t, store(row.properties), nil, conditions, row.want...) })
	}
}

// TestNestedStars: the rules of empty and absent arrays apply at each level on
// its own.
func TestNestedStars(t *testing.T) {
	conditions := map[string]string{
		"name":   leafOn("rules[*].name", `"equals": "x"`),
		"noname": leafOn("rules[*].name", `"exists": false`),
		"ports":  leafOn("rules[*].ports[*].n", `"less": 10`),
		"absent": leafOn("rules[*].ports[*].n", `"exists": false`),
		"object": leafOn("rules[*]", `"containsKey": "properties"`),
	}
	rows := map[string]struct {
		properties string
		want       []string
	}{
		"absent":               {`{}`, []string{"noname", "absent"}},
		"empty":                {`{"rules": []}`, []string{"name", "noname", "ports", "absent", "object"}},
		"member_without_name":  {`{"rules": [{"properties": {}}]}`, []string{"noname", "absent", "object"}},
		"one_without_name":     {`{"rules": [{"properties": {"name": "x"}}, {"properties": {}}]}`, []string{"absent", "object"}},
		"inner_empty":          {`{"rules": [{"properties": {"name": "x", "ports": []}}]}`, []string{"name", "ports", "absent", "object"}},
		"inner_absent":         {`{"rules": [{"properties": {"name": "x"}}]}`, []string{"name", "absent", "object"}},
		"one_inner_absent":     {`{"rules": [{"properties": {"ports": [{"n": 1}]}}, {"properties": {}}]}`, []string{"noname", "object"}},
		"flattened":            {`{"rules": [{"properties": {"ports": [{"n": 1}, {"n": 2}]}}, {"properties": {"ports": [{"n": 3}]}}]}`, []string{"noname", "ports", "object"}},
		"flattened_one_over":   {`{"rules": [{"properties": {"ports": [{"n": 1}]}}, {"properties": {"ports": [{"n": 30}]}}]}`, []string{"noname", "object"}},
		"members_no_objects":   {`{"rules": ["x"]}`, []string{"noname", "absent"}},
		"inner_is_an_object":   {`{"rules": [{"properties": {"ports": {"n": 1}}}]}`, []string{"noname", "absent", "object"}},
		"inner_member_is_null": {`{"rules": [{"properties": {"ports": [null]}}]}`, []string{"noname", "absent", "object"}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) { holds(t, store(row.properties), nil, conditions, row.want...) })
	}
}

// TestStarAndWhole: without [*] the array is one value; each form stands in for
// the other where the table has only one.
func TestStarAndWhole(t *testing.T) {
	const properties = `{"list": ["x", "y"], "rules": [{"properties": {"name": "x"}}], "whole": ["x"]}`
	holds(t, store(properties), nil, map[string]string{
		"whole_contains":         leafOn("list", `"contains": "Y"`),
		"whole_exists":           leafOn("list", `"exists": true`),
		"whole_equals_member":    leafOn("list", `"equals": "x"`),
		"whole_length":           `{"value": "[length(field('list'))]", "equals": 2}`,
		"star_of_whole":          leafOn("whole[*]", `"equals": "x"`),
		"star_only_in_the_path":  leafOn("hidden.star", `"equals": "x"`),
		"field_of_path_star":     `{"value": "[length(field('hidden.star'))]", "equals": 1}`,
		"payload_path_no_field":  `{"value": "[coalesce(field('rules'), 1)]", "equals": 1}`,
		"array_against_text":     leafOn("list", `"notEquals": "x"`),
		"array_equals_array":     leafOn("list", `"equals": ["x", "y"]`),
		"array_equality_strict":  leafOn("list", `"equals": ["X", "y"]`),
		"text_against_array":     leafOn("a", `"equals": ["x"]`),
		"like_of_an_array":       leafOn("list", `"like": "*"`),
		"not_like_of_an_array":   leafOn("list", `"notLike": "*"`),
		"field_of_a_star":        `{"value": "[join(field('list[*]'), '-')]", "equals": "x-y"}`,
		"field_of_absent_star":   `{"value": "[length(field('other[*]'))]", "equals": 0}`,
		"field_skips_elements":   `{"value": "[length(field('rules[*].ports[*].n'))]", "equals": 0}`,
		"field_of_foreign_star":  `{"value": "[length(field('foreign[*]'))]", "equals": 0}`,
		"field_of_foreign_plain": `{"value": "[field('foreign')]", "equals": ""}`,
	}, "whole_contains", "whole_exists", "whole_length", "star_of_whole", "star_only_in_the_path", "field_of_path_star",
		"array_against_text", "array_equals_array", "not_like_of_an_array", "field_of_a_star", "field_of_absent_star",
		"field_skips_elements", "field_of_foreign_star", "field_of_foreign_plain")
}
