package policy

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEvidence is section 22: the leaves that decided, worded as what a
// resource must have.
func TestEvidence(t *testing.T) {
	const properties = `{"a": 2, "list": ["x", "y"], "rules": [{"properties": {"name": "x", "ports": [22]}}, {"properties": {"name": "y", "ports": [80]}}], "many": [1, 2, 3, 4]}`
	not := func(c string) string { return `{"not": ` + c + `}` }
	tests := map[string]struct {
		cond string
		want []string
	}{
		"equals":         {leafOn("a", `"equals": 2`), []string{"properties.a 2 notEquals 2"}},
		"not_equals":     {not(leafOn("a", `"equals": 1`)), []string{"properties.a 2 equals 1"}},
		"like":           {leafOn("a", `"like": "2*"`), []string{`properties.a 2 notLike "2*"`}},
		"not_in":         {leafOn("a", `"notIn": [1]`), []string{"properties.a 2 in [1]"}},
		"less":           {leafOn("a", `"less": 3`), []string{"properties.a 2 greaterOrEquals 3"}},
		"greater":        {leafOn("a", `"greater": 1`), []string{"properties.a 2 lessOrEquals 1"}},
		"less_or_equals": {not(leafOn("a", `"lessOrEquals": 1`)), []string{"properties.a 2 lessOrEquals 1"}},
		"exists":         {leafOn("a", `"exists": "true"`), []string{"properties.a 2 exists false"}},
		"absent":         {leafOn("b", `"exists": false`), []string{"properties.b null exists true"}},
		"type_is_noise":  {`{"allOf": [` + leafOn("type", `"equals": "Contoso.Shop/stores"`) + `, ` + leafOn("a", `"equals": 2`) + `]}`, []string{"properties.a 2 notEquals 2"}},
		"only_the_true":  {`{"anyOf": [` + leafOn("a", `"equals": 1`) + `, ` + leafOn("a", `"equals": 2`) + `]}`, []string{"properties.a 2 notEquals 2"}},
		"members": {countOf("rules[*]", leafOn("rules[*].name", `"equals": "y"`), `"greater": 0`), []string{
			"number of properties.rules[*] that match 1 lessOrEquals 0", `properties.rules[1].properties.name "y" notEquals "y"`,
		}},
		"few_members": {countOf("list[*]", leafOn("list[*]", `"like": "y*"`), `"less": 2`), []string{
			"number of properties.list[*] that match 1 greaterOrEquals 2", `properties.list[0] "x" like "y*"`,
		}},
		"few_under_not": {not(countOf("list[*]", leafOn("list[*]", `"like": "y*"`), `"greaterOrEquals": 2`)), []string{
			"number of properties.list[*] that match 1 greaterOrEquals 2", `properties.list[0] "x" like "y*"`,
		}},
		"not_all": {not(countOf("list[*]", not(leafOn("list[*]", `"like": "y*"`)), `"equals": "[length(field('list[*]'))]"`)), []string{
			"number of properties.list[*] that match 1 equals 2", `properties.list[1] "y" notLike "y*"`,
		}},
		"not_this_many": {not(countOf("list[*]", leafOn("list[*]", `"like": "y*"`), `"equals": 0`)), []string{
			"number of properties.list[*] that match 1 equals 0", `properties.list[1] "y" notLike "y*"`,
		}},
		"none_of_them": {countOf("list[*]", leafOn("list[*]", `"equals": "z"`), `"equals": 0`), []string{
			"number of properties.list[*] that match 0 notEquals 0", `properties.list[0] "x" equals "z"`, `properties.list[1] "y" equals "z"`,
		}},
		"just_as_many": {countOf("list[*]", leafOn("list[*]", `"equals": "y"`), `"equals": 1`), []string{
			"number of properties.list[*] that match 1 notEquals 1", `properties.list[1] "y" notEquals "y"`,
		}},
		"another_number": {not(countOf("list[*]", leafOn("list[*]", `"equals": "y"`), `"in": [0, 3]`)), []string{
			"number of properties.list[*] that match 1 in [0,3]",
		}},
		"a_text": {countOf("list[*]", leafOn("list[*]", `"equals": "y"`), `"less": "2"`), []string{
			`number of properties.list[*] that match 1 greaterOrEquals "2"`, `properties.list[0] "x" equals "y"`,
		}},
		"a_few_of_many": {countOf("many[*]", leafOn("many[*]", `"greater": 8`), `"less": 5`), []string{
			"number of properties.many[*] that match 0 greaterOrEquals 5", "properties.many[0] 1 greater 8", "properties.many[1] 2 greater 8", "properties.many[2] 3 greater 8",
		}},
		"inner_members": {countOf("rules[*]", countOf("rules[*].ports[*]", leafOn("rules[*].ports[*]", `"equals": 22`), `"equals": 0`), `"greater": 0`), []string{
			"number of properties.rules[*] that match 1 lessOrEquals 0",
			"number of properties.rules[1].properties.ports[*] that match 0 notEquals 0", "properties.rules[1].properties.ports[0] 80 equals 22",
		}},
		"current_member": {countOf("list[*]", valueOf("[current('list[*]')]", `"equals": "y"`), `"greater": 0`), []string{
			"number of properties.list[*] that match 1 lessOrEquals 0", `properties.list[1] "y" notEquals "y"`,
		}},
		"current": {countOf("list[*]", valueOf("[toUpper(current())]", `"equals": "Y"`), `"greater": 0`), []string{
			"number of properties.list[*] that match 1 lessOrEquals 0", `properties.list[1] "y" toUpper(current()) notEquals "Y" (it is "Y")`,
		}},
		"current_below": {countOf("rules[*]", valueOf("[concat(current('rules[*].name'), '')]", `"equals": "y"`), `"greater": 0`), []string{
			"number of properties.rules[*] that match 1 lessOrEquals 0", `properties.rules[1].properties.name "y" concat(current('rules[*].name'), '') notEquals "y" (it is "y")`,
		}},
		"current_absent": {countOf("rules[*]", valueOf("[current('rules[*].none')]", `"exists": false`), `"equals": 2`), []string{
			"number of properties.rules[*] that match 2 notEquals 2", `properties.rules[0].none null exists true`, `properties.rules[1].none null exists true`,
		}},
		"current_value": {countValues(`"[split(field('location'), ' ')]"`, "v", valueOf("[equals(current('v'), 'US')]", `"equals": true`), `"greater": 0`), []string{
			`number of split(field('location'), ' ') that match 1 lessOrEquals 0`, `current('v') "US" equals(current('v'), 'US') notEquals true (it is true)`,
		}},
		"inner_count": {countOf("rules[*]", countOf("rules[*].ports[*]", "", `"greater": 0`), `"equals": 2`), []string{
			"number of properties.rules[*] that match 2 notEquals 2",
			"number of properties.rules[0].properties.ports[*] 1 lessOrEquals 0", "number of properties.rules[1].properties.ports[*] 1 lessOrEquals 0",
		}},
		"healthy_star":     {not(leafOn("list[*]", `"notEquals": "q"`)), []string{`properties.list[0] "x" notEquals "q"`, `properties.list[1] "y" notEquals "q"`}},
		"healthy_by_one":   {leafOn("list[*]", `"equals": "x"`), []string{`properties.list[1] "y" notEquals "x"`}},
		"healthy_members":  {countOf("list[*]", leafOn("list[*]", `"equals": "x"`), `"less": 1`), []string{"number of properties.list[*] that match 1 greaterOrEquals 1", `properties.list[0] "x" equals "x"`}},
		"healthy_few":      {countOf("list[*]", leafOn("list[*]", `"equals": "x"`), `"greater": 1`), []string{"number of properties.list[*] that match 1 lessOrEquals 1"}},
		"the_guilty":       {not(leafOn("list[*]", `"like": "y*"`)), []string{`properties.list[0] "x" like "y*"`}},
		"the_guilty_ones":  {not(leafOn("list[*]", `"notLike": "y*"`)), []string{`properties.list[1] "y" notLike "y*"`}},
		"the_guilty_right": {not(leafOn("list[*]", `"equals": "[concat('', field('list[*]')[0])]"`)), []string{`properties.list[1] "y" equals "x"`}},
		"star":             {leafOn("list[*]", `"in": ["x", "y"]`), []string{`properties.list[0] "x" notIn ["x","y"]`, `properties.list[1] "y" notIn ["x","y"]`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := judgedCase{cond: test.cond, resource: store(properties)}
			env := c.environment(t)
			env.Aliases.Add(AliasEntry{Name: "many[*]", Path: "properties.many[*]"})
			env.Aliases.Add(AliasEntry{Name: "rules[*].none", Path: "properties.rules[*].none"})
			e := c.bound(t).Explain(c.subject(t), env)
			raw, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			var written struct {
				Evidence []struct{ Absent bool }
			}
			if err := json.Unmarshal(raw, &written); err != nil {
				t.Fatal(err)
			}
			var got []string
			for i, e := range e.Evidence {
				got = append(got, e.Path+" "+e.Found.String()+" "+e.Wanted)
				if absent := written.Evidence[i].Absent; absent != (e.Found.Kind() == Missing) {
					t.Errorf("%s, which is %s: absent %v", e.Path, e.Found, absent)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestSecretsAreMasked: neither the text nor the JSON of an explanation shows a
// secret, nor what was computed from one.
func TestSecretsAreMasked(t *testing.T) {
	for name, cond := range map[string]string{
		"alias":            leafOn("secret", `"exists": true`),
		"computed":         valueOf("[concat('x', field('secret'))]", `"like": "*"`),
		"right":            leafOn("a", `"notEquals": "[field('secret')]"`),
		"inside_an_object": leafOn("o", `"containsKey": "adminPassword"`),
		"property_of_it":   valueOf("[field('o').adminPassword]", `"like": "*"`),
		"members":          countOf("secrets[*]", leafOn("secrets[*]", `"like": "*"`), `"greater": 0`),
		"current_members":  countOf("secrets[*]", valueOf("[current()]", `"like": "*"`), `"greater": 0`),
		"below_a_member":   countOf("users[*]", valueOf("[current('users[*].code')]", `"like": "*"`), `"greater": 0`),
		"value_count":      countValues(`"[field('secrets[*]')]"`, "v", valueOf("[current('v')]", `"like": "*"`), `"greater": 0`),
		"of_a_value_count": countValues(`"[createArray(field('secret'))]"`, "v", valueOf("[concat(current('v'), 'x')]", `"like": "*"`), `"greater": 0`),
		"of_two_counts":    countOf("secrets[*]", countValues(`"[createArray(current())]"`, "v", valueOf("[current('v')]", `"like": "*"`), `"greater": 0`), `"greater": 0`),
		"by_its_name":      leafOn("users[*].userPassword", `"like": "*"`),
	} {
		t.Run(name, func(t *testing.T) {
			c := judgedCase{cond: cond, resource: store(`{"a": 1, "key": "hunter2", "secrets": ["hunter2"], "o": {"adminPassword": "hunter2"}, "users": [{"code": "hunter2", "userPassword": "hunter2"}]}`)}
			env := c.environment(t)
			for _, e := range []AliasEntry{
				{Name: "secrets[*]", Path: "properties.secrets[*]", Secret: true},
				{Name: "o", Path: "properties.o"},
				{Name: "users[*]", Path: "properties.users[*]"},
				{Name: "users[*].code", Path: "properties.users[*].code", Secret: true},
				{Name: "users[*].userPassword", Path: "properties.users[*].userPassword"},
			} {
				env.Aliases.Add(e)
			}
			e := c.bound(t).Explain(c.subject(t), env)
			if e.Verdict.Compliance != NonCompliant {
				t.Fatalf("%+v", e.Verdict)
			}
			text, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			if all := e.Text() + string(text); strings.Contains(all, "hunter2") || !strings.Contains(all, masked) && name != "inside_an_object" {
				t.Errorf("shown:\n%s", all)
			}
		})
	}
}

// TestEvidence_of_members_that_do_not_count holds that a value is masked where
// the name beside it, which is as the rule wants it, says that it is secret.
func TestEvidence_of_members_that_do_not_count(t *testing.T) {
	c := judgedCase{
		cond:     countOf("other[*]", `{"allOf": [`+leafOn("other[*].name", `"equals": "adminPassword"`)+`, `+leafOn("other[*].value", `"equals": "q"`)+`]}`, `"less": 1`),
		resource: store(`{"other": [{"name": "adminPassword", "value": "hunter2"}]}`),
	}
	env := c.environment(t)
	env.Aliases.Add(AliasEntry{Name: "other[*].name", Path: "properties.other[*].name"})
	env.Aliases.Add(AliasEntry{Name: "other[*].value", Path: "properties.other[*].value"})
	e := c.bound(t).Explain(c.subject(t), env).Evidence
	if len(e) != 2 || e[1].Path != "properties.other[0].value" || e[1].Found.Text() != masked || e[1].Wanted != `equals "q"` {
		t.Errorf("%+v", e)
	}
}

// TestExplain_of_the_other_resource holds that what an existence condition reads
// of the resource under if is not told as a property of the related one.
func TestExplain_of_the_other_resource(t *testing.T) {
	const tillID = storeID + "/tills/t1"
	c := judgedCase{
		cond: leafOn("type", `"equals": "Contoso.Shop/stores"`),
		then: `{"effect": "auditIfNotExists", "details": {"type": "Contoso.Shop/stores/tills", "existenceCondition": {"allOf": [` +
			valueOf("[field('location')]", `"equals": "northeurope"`) + `, ` + valueOf("[toLower(field('location'))]", `"equals": "x"`) + `, ` + leafOn("location", `"equals": "West US"`) + `]}}}`,
		resource: store(`{}`),
		related:  []string{`{"id": "` + tillID + `", "name": "st1/t1", "type": "Contoso.Shop/stores/tills", "location": "North Europe"}`},
	}
	e := c.bound(t).Explain(c.subject(t), c.environment(t))
	text := e.Text()
	for _, want := range []string{
		`✘ field('location') equals "northeurope": location in ` + storeID + ` is "East US"` + "\n",
		`✘ toLower(field('location')) equals "x": location in ` + storeID + ` is "East US", is "east us"` + "\n",
		`✘ location equals "West US": location is "North Europe"` + "\n",
		`location is "East US", wanted: equals "northeurope"`,
		`location in ` + tillID + ` is "North Europe", wanted: equals "West US"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	raw, err := json.Marshal(e)
	if want := `{"path":"location","value":"East US","resource":"` + storeID + `"}`; err != nil || !strings.Contains(string(raw), want) {
		t.Errorf("%v: no %s in\n%s", err, want, raw)
	}
}

// TestExplain_change_that_fails holds that a would-be change that cannot be
// computed is told.
func TestExplain_change_that_fails(t *testing.T) {
	c := judgedCase{
		cond: leafOn("type", `"equals": "Contoso.Shop/stores"`),
		then: `{"effect": "modify", "details": {"roleDefinitionIds": ["x"], "operations": [
			{"operation": "add", "field": "tags.one", "value": "1"}, {"operation": "add", "field": "tags.bad", "value": "[int(field('name'))]"}]}}`,
	}
	e := c.bound(t).Explain(c.subject(t), c.environment(t))
	const want = "value of tags.bad: int: argument 1: got \"st1\""
	if w := e.Verdict.Warnings; len(w) != 1 || !strings.HasPrefix(w[0], want) || !strings.Contains(e.Text(), want) {
		t.Errorf("%q\n%s", w, e.Text())
	}
	if len(e.Changes.Operations) != 1 {
		t.Errorf("%+v", e.Changes)
	}
}

// TestExplain_members_of_a_value_count holds that members that stand nowhere in
// a resource are told themselves.
func TestExplain_members_of_a_value_count(t *testing.T) {
	c := judgedCase{cond: countValues(`"[createArray(field('name'), field('location'), field('whole'))]"`, "v", valueOf("[current('v')]", `"equals": "st1"`), `"equals": 1`), resource: store(`{"whole": {"k": 1}}`)}
	e := c.bound(t).Explain(c.subject(t), c.environment(t))
	for _, want := range []string{"member 0 (\"st1\"):\n", "member 1 (\"East US\"):\n", "member 2:\n"} {
		if text := e.Text(); !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

// TestExplain_current_of_the_related holds that evidence says of what current()
// read in an existence condition that it is in the related resource.
func TestExplain_current_of_the_related(t *testing.T) {
	const tillID = storeID + "/tills/t1"
	c := judgedCase{
		cond: leafOn("type", `"equals": "Contoso.Shop/stores"`),
		then: `{"effect": "auditIfNotExists", "details": {"type": "Contoso.Shop/stores/tills", "existenceCondition": ` +
			countOf("foreign[*]", valueOf("[toUpper(current('foreign[*]'))]", `"equals": "[toUpper(field('name'))]"`), `"greater": 0`) + `}}`,
		resource: store(`{}`),
		related:  []string{`{"id": "` + tillID + `", "name": "st1/t1", "type": "Contoso.Shop/stores/tills", "properties": {"list": ["y"]}}`},
	}
	env := c.environment(t)
	env.Aliases.Add(AliasEntry{Name: "foreign[*]", Path: "properties.list[*]"})
	text := c.bound(t).Explain(c.subject(t), env).Text()
	for _, want := range []string{
		`number of properties.list[*] that match in ` + tillID + ` is 0, wanted: greater 0`,
		`properties.list[0] in ` + tillID + ` is "y", wanted: toUpper(current('foreign[*]')) equals "ST1" (it is "Y")`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

// TestExplain_names_what_a_constant_compares: a comparison that no resource changes
// is told as the value that it is, not as a count.
func TestExplain_names_what_a_constant_compares(t *testing.T) {
	c := judgedCase{cond: valueOf("[createArray(1, 2)]", `"equals": "x"`)}
	text := c.bound(t).Explain(c.subject(t), c.environment(t)).Text()
	if !strings.Contains(text, `✘ [1,2] equals "x"`) || strings.Contains(text, "count of") {
		t.Errorf("told as\n%s", text)
	}
}
