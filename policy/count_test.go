package policy

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

func countOf(field, where, compare string) string {
	if where != "" {
		where = `, "where": ` + where
	}
	return `{"count": {"field": "` + field + `"` + where + `}, ` + compare + `}`
}

func countValues(value, name, where, compare string) string {
	if name != "" {
		name = `, "name": "` + name + `"`
	}
	if where != "" {
		where = `, "where": ` + where
	}
	return `{"count": {"value": ` + value + name + where + `}, ` + compare + `}`
}

func valueOf(expression, compare string) string {
	return `{"value": "` + expression + `", ` + compare + `}`
}

// TestFieldCount is section 10.1.
func TestFieldCount(t *testing.T) {
	const properties = `{"a": "x", "list": ["x", "y", "x"], "other": [{"n": 1}, {"n": 2}], "rules": [
		{"properties": {"name": "one", "ports": [{"n": 80}, {"n": 443}]}},
		{"properties": {"name": "two", "ports": []}},
		{"properties": {"ports": [{"n": 22}]}}]}`
	named := leafOn("rules[*].name", `"equals": "one"`)
	holds(t, store(properties), nil, map[string]string{
		"all":                  countOf("list[*]", "", `"equals": 3`),
		"where_member":         countOf("list[*]", leafOn("list[*]", `"equals": "x"`), `"equals": 2`),
		"where_current":        countOf("list[*]", valueOf("[current()]", `"equals": "x"`), `"equals": 2`),
		"where_current_named":  countOf("list[*]", valueOf("[current('list[*]')]", `"equals": "x"`), `"equals": 2`),
		"current_ignores_case": countOf("list[*]", valueOf("[Current('LIST[*]')]", `"equals": "x"`), `"equals": 2`),
		"where_below":          countOf("rules[*]", named, `"equals": 1`),
		"where_absent_below":   countOf("rules[*]", leafOn("rules[*].name", `"exists": false`), `"equals": 1`),
		"current_below":        countOf("rules[*]", valueOf("[current('rules[*].name')]", `"equals": "one"`), `"equals": 1`),
		"current_prop":         countOf("rules[*]", valueOf("[current().properties.name]", `"equals": "one"`), `"equals": 1`),
		"current_named_prop":   countOf("rules[*]", valueOf("[current('rules[*]').properties['name']]", `"equals": "one"`), `"equals": 1`),
		"current_index":        countOf("rules[*]", valueOf("[current('rules[*]').properties.ports[0].n]", `"equals": 22`), `"equals": 1`),
		"current_open_below":   countOf("rules[*]", valueOf("[length(current('rules[*].ports[*]'))]", `"equals": 2`), `"equals": 1`),
		"field_is_an_array":    countOf("list[*]", valueOf("[first(field('list[*]'))]", `"equals": "y"`), `"equals": 1`),
		"field_has_one":        countOf("list[*]", valueOf("[length(field('list[*]'))]", `"equals": 1`), `"equals": 3`),
		"field_below":          countOf("rules[*]", valueOf("[first(field('rules[*].name'))]", `"equals": "two"`), `"equals": 1`),
		"field_absent_below":   countOf("rules[*]", valueOf("[length(field('rules[*].name'))]", `"equals": 0`), `"equals": 1`),
		"deeper_star_all_of":   countOf("rules[*]", leafOn("rules[*].ports[*].n", `"greater": 79`), `"equals": 2`),
		"two_stars":            countOf("rules[*].ports[*]", "", `"equals": 3`),
		"two_stars_pinned":     countOf("rules[*].ports[*]", `{"allOf": [`+named+`, `+leafOn("rules[*].ports[*].n", `"equals": 443`)+`]}`, `"equals": 1`),
		"two_stars_current":    countOf("rules[*].ports[*]", valueOf("[current().n]", `"equals": 80`), `"equals": 1`),
		"two_stars_outer":      countOf("rules[*].ports[*]", valueOf("[current('rules[*].name')]", `"equals": "one"`), `"equals": 2`),
		"other_array_all_of":   countOf("list[*]", leafOn("other[*].n", `"less": 3`), `"equals": 3`),
		"other_field":          countOf("list[*]", leafOn("a", `"equals": "x"`), `"equals": 3`),
		"other_field_current":  countOf("list[*]", leafOn("a", `"equals": "[current()]"`), `"equals": 2`),
		"inner_of_the_pinned":  countOf("rules[*]", countOf("rules[*].ports[*]", "", `"equals": 2`), `"equals": 1`),
		"inner_where":          countOf("rules[*]", countOf("rules[*].ports[*]", leafOn("rules[*].ports[*].n", `"less": 100`), `"greater": 0`), `"equals": 2`),
		"inner_reads_outer":    countOf("rules[*]", countOf("rules[*].ports[*]", named, `"equals": 2`), `"equals": 1`),
		"same_array_inside":    countOf("list[*]", countOf("list[*]", "", `"equals": 1`), `"equals": 3`),
		"same_array_where":     countOf("list[*]", countOf("list[*]", leafOn("list[*]", `"equals": "y"`), `"equals": 1`), `"equals": 1`),
		"all_of_them":          countOf("list[*]", "", `"equals": "[length(field('list[*]'))]"`),
		"number_as_text":       countOf("list[*]", "", `"equals": "3"`),
		"in_numbers":           countOf("list[*]", "", `"in": [1, 3]`),
		"always_a_number":      countOf("other[*].n", "", `"exists": true`),
		"current_outside":      `{"not": ` + countOf("list[*]", "", `"equals": 3`) + `}`,
	}, "all", "where_member", "where_current", "where_current_named", "current_ignores_case", "where_below", "where_absent_below",
		"current_below", "current_prop", "current_named_prop", "current_index", "current_open_below", "field_is_an_array", "field_has_one",
		"field_below", "field_absent_below", "deeper_star_all_of", "two_stars", "two_stars_pinned", "two_stars_current", "two_stars_outer",
		"other_array_all_of", "other_field", "other_field_current", "inner_of_the_pinned", "inner_where", "inner_reads_outer",
		"same_array_inside", "same_array_where", "all_of_them", "number_as_text", "in_numbers", "always_a_number")
}

// TestCountOfNoArray: what is no array has no members.
func TestCountOfNoArray(t *testing.T) {
	for name, properties := range map[string]string{
		"absent": `{}`, "null": `{"list": null}`, "object": `{"list": {"a": 1}}`, "text": `{"list": "x"}`, "empty": `{"list": []}`,
	} {
		t.Run(name, func(t *testing.T) {
			holds(t, store(properties), nil, map[string]string{
				"none": countOf("list[*]", "", `"equals": 0`), "any": countOf("list[*]", "", `"greater": 0`),
				"none_where": countOf("list[*]", valueOf("[current()]", `"exists": false`), `"less": 1`),
			}, "none", "none_where")
		})
	}
}

// TestCountOfNoList: an alias that is not of a list has no members, but what the
// rule asks for nobody can tell.
func TestCountOfNoList(t *testing.T) {
	for name, condition := range map[string]string{"some": countOf("list", "", `"greater": 0`), "none": countOf("list", "", `"equals": 0`)} {
		t.Run(name, func(t *testing.T) {
			c := judgedCase{cond: condition, resource: store(`{"list": [1, 2]}`)}
			v := c.judge(t)
			if got := verdictWord(v); got != "Error error" || len(v.Warnings) != 1 || !strings.Contains(v.Warnings[0], `its path "properties.list" has no "[*]"`) {
				t.Errorf("got %q, warnings %q", got, v.Warnings)
			}
		})
	}
}

// TestValueCount is section 10.2, and 10.3 on nesting and names.
func TestValueCount(t *testing.T) {
	const properties = `{"a": "y", "list": ["x", "y"], "rules": [{"properties": {"name": "n", "ports": [{"n": 1}]}}]}`
	holds(t, store(properties), nil, map[string]string{
		"literal":             countValues(`["x", "y"]`, "", "", `"equals": 2`),
		"expression":          countValues(`"[split('a,b,c', ',')]"`, "", "", `"equals": 3`),
		"of_a_field":          countValues(`"[field('list[*]')]"`, "", "", `"equals": 2`),
		"expressions_inside":  countValues(`["[field('a')]", "y"]`, "", valueOf("[current()]", `"equals": "y"`), `"equals": 2`),
		"no_array":            countValues(`"x"`, "", "", `"equals": 0`),
		"object":              countValues(`{"a": 1}`, "", "", `"equals": 0`),
		"default_name":        countValues(`["x", "y"]`, "", valueOf("[current('default')]", `"equals": "x"`), `"equals": 1`),
		"name":                countValues(`["x", "y"]`, "it", valueOf("[current('IT')]", `"equals": "x"`), `"equals": 1`),
		"name_and_plain":      countValues(`["x", "y"]`, "it", valueOf("[current()]", `"equals": "x"`), `"equals": 1`),
		"prop":                countValues(`[{"p": {"q": [1, 2]}}]`, "it", valueOf("[current('it').p.q[1]]", `"equals": 2`), `"equals": 1`),
		"field_reads":         countValues(`["x", "y"]`, "", leafOn("a", `"equals": "[current()]"`), `"equals": 1`),
		"nested":              countValues(`[1, 2]`, "o", countValues(`[1, 2, 3]`, "i", valueOf("[equals(current('o'), current('i'))]", `"equals": true`), `"equals": 1`), `"equals": 2`),
		"shadowing":           countValues(`[1, 2]`, "o", countValues(`[3, 3]`, "o", valueOf("[current('o')]", `"equals": 3`), `"equals": 2`), `"equals": 2`),
		"inner_is_innermost":  countValues(`[1, 2]`, "o", countValues(`[3, 4]`, "i", valueOf("[current()]", `"equals": 3`), `"equals": 1`), `"equals": 2`),
		"back_outside":        countValues(`[1, 2]`, "o", `{"allOf": [`+countValues(`[1]`, "o", valueOf("[current('o')]", `"equals": 1`), `"equals": 1`)+`, `+valueOf("[current('o')]", `"equals": 2`)+`]}`, `"equals": 1`),
		"inside_a_field":      countOf("list[*]", countValues(`["x", "z"]`, "v", valueOf("[equals(current('v'), current('list[*]'))]", `"equals": true`), `"equals": 1`), `"equals": 1`),
		"field_stays_pinned":  countOf("list[*]", countValues(`[1]`, "v", leafOn("list[*]", `"equals": "y"`), `"equals": 1`), `"equals": 1`),
		"field_inside_value":  countValues(`["x", "q"]`, "v", countOf("list[*]", valueOf("[current('v')]", `"equals": "[current()]"`), `"equals": 1`), `"equals": 1`),
		"all_missing_members": countValues(`[null, ""]`, "", valueOf("[current()]", `"equals": ""`), `"equals": 2`),
	}, "literal", "expression", "of_a_field", "expressions_inside", "no_array", "object", "default_name", "name",
		"name_and_plain", "prop", "field_reads", "nested", "shadowing", "inner_is_innermost", "back_outside", "inside_a_field",
		"field_stays_pinned", "field_inside_value", "all_missing_members")
}

// TestCountErrors: a count that cannot be taken is a leaf that fails; one whose
// members fail is certain where they do not matter.
func TestCountErrors(t *testing.T) {
	many, thousand := "["+strings.Repeat("1,", 100)+"1]", "["+strings.Repeat("1,", 999)+"1]"
	ifExists := func(condition string) string {
		return `{"effect": "auditIfNotExists", "details": {"type": "Contoso.Shop/stores", "existenceCondition": ` + condition + `}}`
	}
	broken := valueOf("[int(current())]", `"equals": 7`)
	runJudged(t, map[string]judgedCase{
		"too_many":           {cond: countValues(many, "", "", `"greater": 0`), want: ErrorState + " error"},
		"too_many_nested":    {cond: countValues("["+strings.Repeat("1,", 10)+"1]", "o", countValues("["+strings.Repeat("1,", 9)+"1]", "i", leafOn("a", `"exists": false`), `"equals": 10`), `"equals": 11`), want: ErrorState + " error"},
		"too_many_constant":  {cond: countValues("["+strings.Repeat("1,", 10)+"1]", "o", countValues("["+strings.Repeat("1,", 9)+"1]", "i", "", `"equals": 10`), `"equals": 11`), want: ErrorState + " error"},
		"just_enough":        {cond: countValues("["+strings.Repeat("1,", 9)+"1]", "o", countValues("["+strings.Repeat("1,", 9)+"1]", "i", "", `"equals": 10`), `"equals": 10`), want: NonCompliant},
		"too_many_by_three":  {cond: countValues("[1, 2]", "o", countValues("[1, 2, 3]", "m", countValues("["+strings.Repeat("1,", 16)+"1]", "i", "", `"equals": 17`), `"equals": 3`), `"equals": 2`), want: ErrorState + " error"},
		"long":               {long: true, cond: countValues(many, "", valueOf("[current()]", `"equals": 1`), `"equals": 101`), want: NonCompliant},
		"long_nested":        {long: true, cond: countValues(many, "o", countValues(many, "i", valueOf("[current('i')]", `"equals": 1`), `"equals": 101`), `"equals": 101`), want: NonCompliant},
		"long_in_existence":  {long: true, cond: leafOn("type", `"exists": true`), then: ifExists(countValues(many, "", "", `"equals": 101`)), related: []string{store(`{}`)}, want: Compliant},
		"short_in_existence": {cond: leafOn("type", `"exists": true`), then: ifExists(countValues(many, "", "", `"equals": 101`)), related: []string{store(`{}`)}, want: ErrorState + " error"},
		"long_too_many":      {long: true, cond: countValues(thousand, "o", countValues(thousand, "i", valueOf("[current('i')]", `"equals": 1`), `"equals": 1000`), `"equals": 1000`), want: ErrorState + " error"},
		"long_enough_before": {long: true, cond: countValues(thousand, "o", countValues(thousand, "i", valueOf("[current('i')]", `"equals": 1`), `"equals": 1000`), `"greater": 0`), want: NonCompliant},
		"value_fails":        {cond: countValues(`"[createArray(int(field('name')))]"`, "", "", `"equals": 1`), want: ErrorState + " error"},
		"member_fails":       {cond: countValues(`["x", 7]`, "", broken, `"equals": 1`), want: ErrorState + " error"},
		"member_cannot_help": {cond: countValues(`["x", 7, 7]`, "", broken, `"less": 2`), want: Compliant},
		"enough_before":      {cond: countValues(`[7, "x"]`, "", broken, `"greater": 0`), want: NonCompliant},
		"enough_after":       {cond: countValues(`["x", 7]`, "", broken, `"greaterOrEquals": 1`), want: NonCompliant},
		"none":               {cond: countValues(`["x"]`, "", broken, `"equals": 0`), want: ErrorState + " error"},
		"out_of_reach":       {cond: countValues(`["x"]`, "", broken, `"equals": 2`), want: Compliant},
		"under_not":          {cond: `{"not": ` + countValues(`["x"]`, "", broken, `"greater": 0`) + `}`, want: ErrorState + " error"},
		"right_fails":        {cond: countOf("list[*]", "", `"notEquals": "[int(field('name'))]"`), want: ErrorState + " error"},
		"unknown_name":       {cond: countValues(`[1]`, "o", valueOf("[current('p')]", `"equals": 1`), `"equals": 1`), want: ErrorState + " error"},
		"current_outside":    {cond: valueOf("[current()]", `"exists": false`), want: ErrorState + " error"},
	})
}

// TestCountStops: members that cannot change the outcome are not looked at.
func TestCountStops(t *testing.T) {
	tests := map[string]struct {
		compare string
		want    int // failing members that are met
	}{
		"any":     {`"greater": 0`, 0},
		"any_too": {`"greaterOrEquals": 1`, 1}, // a second one is needed to be above the border
		"none":    {`"equals": 0`, 0},
		"number":  {`"equals": 1`, 1},
		"like":    {`"like": "*"`, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := judgedCase{cond: countValues(`"[createArray(7, field('name'), 7)]"`, "", valueOf("[int(current())]", `"equals": 7`), test.compare)}
			v := c.bound(t).Judge(c.subject(t), c.environment(t))
			if len(v.Warnings) != test.want {
				t.Errorf("warnings %q, want %d", v.Warnings, test.want)
			}
		})
	}
}

// TestDeepStars: every star of a long path is pinned.
func TestDeepStars(t *testing.T) {
	aliases := NewAliases()
	name, body := "s", `{"v": 1}`
	path := "properties"
	for level := range 6 {
		step := ".l" + strconv.Itoa(level) + "[*]"
		name, path = name+step, path+step
	}
	for level := 5; level >= 0; level-- {
		body = `{"l` + strconv.Itoa(level) + `": [` + body + `, ` + strings.ReplaceAll(body, `"v": 1`, `"v": 2`) + `]}`
	}
	aliases.Add(AliasEntry{Name: name, Path: path})
	aliases.Add(AliasEntry{Name: name + ".v", Path: path + ".v"})
	c := judgedCase{cond: countOf(name, leafOn(name+".v", `"equals": 1`), `"equals": 1`)}
	v := c.bound(t).Judge(parsed(t, store(body)), Environment{Aliases: aliases})
	if v.Compliance != NonCompliant {
		t.Errorf("%s, want one member of 64 to count; warnings %q", v.Compliance, v.Warnings)
	}
}

// The member of a count over list[*].v is what stands at v, by its name and as
// the innermost member.
func TestCount_member_is_what_the_path_leads_to(t *testing.T) {
	for name, where := range map[string]string{
		"innermost": `"[current().k]"`,
		"by_name":   `"[current('M.X/t/list[*].v').k]"`,
	} {
		t.Run(name, func(t *testing.T) {
			line := `{"id":"a","kind":"policy","definition":{"properties":{"mode":"All","policyRule":{"if":{"count":{"field":"M.X/t/list[*].v","where":{"value":` + where +
				`,"equals":"A"}},"equals":1},"then":{"effect":"audit"}}}},"aliases":{"M.X/t/list[*].v":{"path":"properties.list[*].v","type":"M.X/t"},"M.X/t/list[*]":{"path":"properties.list[*]","type":"M.X/t"}},` +
				`"resource":{"type":"M.X/t","name":"n","properties":{"list":[{"v":{"k":"A"}},{"v":{"k":"B"}}]}}}`
			var out strings.Builder
			if err := EvalCases(strings.NewReader(line+"\n"), &out, testClock); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(out.String(), `"effect":"Audit"`) {
				t.Errorf("got %s, want Audit", out.String())
			}
		})
	}
}

// TestLongCounts_share holds a rule and the same one with long counts in one set
// apart: they look alike, and only one goes through 101 members.
func TestLongCounts_share(t *testing.T) {
	const details = `{"effect": "auditIfNotExists", "details": {"type": "Contoso.Shop/stores", "existenceCondition": `
	long := countValues("["+strings.Repeat("1,", 100)+"1]", "", valueOf("[current()]", `"equals": 1`), `"equals": 101`)
	for _, c := range []judgedCase{{cond: long}, {cond: leafOn("type", `"exists": true`), then: details + long + "}}"}} {
		set := NewSet(NewAliases(), testClock)
		set.Add(c.bound(t))
		c.long = true
		set.Add(c.bound(t))
		got := ""
		for _, f := range set.JudgeAll([]*Resource{parsed(t, store(`{}`))}, func(string, string) (bool, string) { return true, "" }) {
			got += " " + f.Status.String()
		}
		if want := " Unknown " + map[bool]string{true: "Compliant", false: "NonCompliant"}[c.then != ""]; got != want {
			t.Errorf("%s then %s:%s, want%s", c.cond, c.then, got, want)
		}
	}
}

// TestLongCounts_tell: the one member that counts is told, wherever it stands.
func TestLongCounts_tell(t *testing.T) {
	c := judgedCase{long: true, resource: store(`{"list": [` + strings.Repeat(`"x",`, 700) + `"open"]}`)}
	for name, cond := range map[string]string{
		"value": countValues(`"[field('list[*]')]"`, "", valueOf("[current()]", `"equals": "open"`), `"greater": 0`),
		"field": countOf("list[*]", leafOn("list[*]", `"equals": "open"`), `"greater": 0`),
	} {
		c.cond = cond
		evidence := c.bound(t).Explain(c.subject(t), c.environment(t)).Evidence
		if !slices.ContainsFunc(evidence, func(e Evidence) bool { return e.Path == "properties.list[700]" }) {
			t.Errorf("%s: %+v, want the member at 700", name, evidence)
		}
	}
}

// What stands in a list and is of another kind than may be is not known to be a member;
// what was denied is one.
func TestCount_of_members_of_another_kind(t *testing.T) {
	for name, test := range map[string]struct {
		gaps []Gap
		test string
		want string
	}{
		"read":             {nil, `"greater": 1`, NonCompliant},
		"denied":           {[]Gap{{Path: "properties.list[0]", Reason: "denied"}}, `"greater": 1`, NonCompliant},
		"of_another_kind":  {[]Gap{{Path: "properties.list[0]", Reason: "error"}}, `"greater": 1`, ErrorState},
		"enough_otherwise": {[]Gap{{Path: "properties.list[0]", Reason: "error"}}, `"greater": 0`, NonCompliant},
		"of_none":          {[]Gap{{Path: "properties.list[0]", Reason: "error"}, {Path: "properties.list[1]", Reason: "error"}}, `"equals": 0`, ErrorState},
	} {
		t.Run(name, func(t *testing.T) {
			for _, count := range []string{`{"field": "AWS::A::B/list[*]"}`, `{"value": "[field('AWS::A::B/list')]"}`} {
				d, problems := ParseDefinition("rule.json", []byte(`{"policyRule": {"if": {"allOf": [{"field": "type", "equals": "AWS::A::B"}, {"count": `+count+`, `+test.test+`}]}, "then": {"effect": "audit"}}}`))
				if d == nil {
					t.Fatal(problems)
				}
				r := parsed(t, `{"id": "b", "type": "AWS::A::B", "properties": {"list": [null, "x"]}}`)
				r.Native, r.Gaps = true, test.gaps
				if got := Bind(d, nil).Judge(r, Environment{Aliases: NewAliases(), Now: testClock}).Compliance; got != test.want {
					t.Errorf("%s: got %s, want %s", count, got, test.want)
				}
			}
		})
	}
}
