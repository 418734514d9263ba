package policy

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

const vaultAliases = `{
	"V.X/y/sec": {"path": "properties.sec", "type": "V.X/y", "mask": true},
	"V.X/y/sec.inner": {"path": "properties.sec.inner", "type": "V.X/y"},
	"V.X/y/twin": {"path": "properties.sec", "type": "V.X/y"},
	"V.X/y/pin": {"path": "properties.pin", "type": "V.X/y", "mask": true},
	"V.X/y/adminPassword": {"path": "properties.adminPassword", "type": "V.X/y"},
	"V.X/y/loginPassword": {"path": "properties.login", "type": "V.X/y"},
	"V.X/y/o": {"path": "properties.o", "type": "V.X/y"},
	"V.X/y/o.hush": {"path": "properties.o.hush", "type": "V.X/y", "mask": true},
	"V.X/y/arr": {"path": "properties.arr", "type": "V.X/y"},
	"V.X/y/arr[*]": {"path": "properties.arr[*]", "type": "V.X/y"},
	"V.X/y/arr[*].k": {"path": "properties.arr[*].k", "type": "V.X/y", "mask": true},
	"V.X/y/arr[*].in[*]": {"path": "properties.arr[*].in[*]", "type": "V.X/y"},
	"V.X/y/arr[*].in[*].k": {"path": "properties.arr[*].in[*].k", "type": "V.X/y", "mask": true},
	"V.X/y/ar2[*]": {"path": "properties.ar2[*]", "type": "V.X/y"},
	"V.X/y/list[*]": {"path": "properties.list[*]", "type": "V.X/y", "mask": true},
	"V.X/y/note": {"path": "properties.note", "type": "V.X/y"},
	"V.X/z/hidden": {"path": "properties.hidden", "type": "V.X/z", "mask": true},
	"V.X/z/all": {"path": "properties.all", "type": "V.X/z"},
	"V.X/z/all.hidden": {"path": "properties.all.hidden", "type": "V.X/z", "mask": true}
}`

// Every secret has TOPSECRET in it.
const vaultBody = `{"id": "/subscriptions/s/resourceGroups/g/providers/V.X/y/n", "name": "n", "type": "V.X/y", "location": "x",
	"tags": {"password": "TOPSECRET0", "plain": "shown"},
	"properties": {"sec": "TOPSECRET1", "pin": 7770777, "adminPassword": "TOPSECRET2", "login": "TOPSECRET3", "note": "{\"adminPwd\":\"TOPSECRET9\"}",
		"o": {"hush": "TOPSECRET4", "clientSecret": "TOPSECRET5", "open": "shown"},
		"arr": [{"k": "TOPSECRET6", "open": "shown", "in": [{"k": "TOPSECRET6"}]}], "ar2": [{"password": "TOPSECRET7", "open": "shown"}], "list": ["TOPSECRET8"]}}`

const vaultRelated = `{"id": "/subscriptions/s/resourceGroups/g/providers/V.X/z/c", "name": "c", "type": "V.X/z", "properties": {"hidden": "TOPSECRETA", "all": {"hidden": "TOPSECRETB"}}}`

// shownOf judges the vault by a rule in every way that people see something of,
// and gives all that is shown.
func shownOf(t *testing.T, condition, then string) string {
	t.Helper()
	def, problems := ParseDefinition("rule.json", []byte(`{"mode": "All", "policyRule": {"if": `+condition+`, "then": `+then+`}}`))
	if def == nil {
		t.Fatalf("%v\n%s", problems, condition)
	}
	aliases := NewAliases()
	if err := aliases.LoadAliasTable([]byte(vaultAliases)); err != nil {
		t.Fatal(err)
	}
	group := ObjectValue([]string{"location", "tags"}, []Value{StringValue("west"), ObjectValue([]string{"password", "plain"}, []Value{StringValue("TOPSECRETC"), StringValue("shown")})})
	parse := func(text string) *Resource {
		r := parsed(t, text)
		r.Surroundings = caseContext{values: map[string]Value{"resourceGroup": group}}
		return r
	}
	now := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	b := Bind(def, nil)
	e := b.Explain(parse(vaultBody), Environment{Aliases: aliases, Now: now, Related: Resources{parse(vaultRelated)}})
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	all := e.Text() + "\n" + string(text)

	set := NewSet(aliases, now)
	set.Add(b)
	judge := set.Judge()
	resources := []*Resource{parse(vaultBody), parse(vaultRelated)}
	var judged []Judged
	for _, r := range resources {
		judged = append(judged, judge.Resource(r))
	}
	settlement := set.Settle([]*Judge{judge}, func(string, string) (bool, string) { return true, "" })
	settler := settlement.Settler().Note()
	for i, r := range resources {
		settler.Settle(&judged[i], UnitOf(r.ID))
	}
	near := settlement.Closest(settler)
	for _, r := range resources {
		near.Offer(r)
	}
	for i, r := range resources {
		x := judge.Inspect(r)
		for _, n := range judged[i].Signatures {
			for at := range n.Statuses {
				for _, e := range x.Evidence(n, at, settler, near, UnitOf(r.ID)) {
					all += fmt.Sprintf("\nset: %s %s %s", e.Path, e.Found, e.Wanted)
				}
				all += fmt.Sprint("\nset: ", x.Failed())
			}
		}
	}
	return all
}

// TestSecretsAreNotShown: whatever way a rule reads a secret, nothing that is
// shown has it.
func TestSecretsAreNotShown(t *testing.T) {
	const audit = `{"effect": "audit"}`
	tests := map[string][2]string{}
	for name, condition := range map[string]string{
		// Those of the report.
		"s1":  `{"field": "V.X/y/sec", "notEquals": "q"}`,
		"s4":  `{"count": {"field": "V.X/y/arr[*]", "where": {"value": "[current('V.X/y/arr[*].k')]", "notEquals": "q"}}, "greater": 0}`,
		"s5":  `{"count": {"field": "V.X/y/arr[*]", "where": {"value": "[current().k]", "notEquals": "q"}}, "greater": 0}`,
		"s8":  `{"count": {"value": "[field('V.X/y/list[*]')]", "name": "z", "where": {"value": "[current('z')]", "notEquals": "q"}}, "greater": 0}`,
		"s10": `{"value": "[int(field('V.X/y/sec'))]", "notEquals": "q"}`,
		"s15": `{"value": "[first(field('V.X/y/arr[*]'))]", "notEquals": "q"}`,
		"s16": `{"value": "z", "notIn": "[field('V.X/y/list[*]')]"}`,
		"u1":  `{"field": "V.X/y/arr[*]", "notEquals": "q"}`,
		"u2":  `{"field": "V.X/y/ar2[*]", "notEquals": "q"}`,
		"u3":  `{"count": {"field": "V.X/y/ar2[*]", "where": {"value": "[current().password]", "notEquals": "q"}}, "greater": 0}`,
		"u6":  `{"value": "[first(field('V.X/y/ar2[*]')).password]", "notEquals": "q"}`,
		// Ways around.
		"array_whole":        `{"field": "V.X/y/arr", "notEquals": "q"}`,
		"object_whole":       `{"field": "V.X/y/o", "notEquals": "q"}`,
		"object_missing":     `{"field": "V.X/y/o", "notContainsKey": "q"}`,
		"below_a_mask":       `{"field": "V.X/y/sec.inner", "notEquals": "q"}`,
		"another_alias":      `{"field": "V.X/y/twin", "notEquals": "q"}`,
		"alias_names_it":     `{"field": "V.X/y/loginPassword", "notEquals": "q"}`,
		"number":             `{"value": "[add(field('V.X/y/pin'), 0)]", "greater": 0}`,
		"dynamic_name":       `{"value": "[field('V.X/y/o')[concat('client', 'Secret')]]", "notEquals": "q"}`,
		"dynamic_index":      `{"value": "[field('V.X/y/arr')[0]['k']]", "notEquals": "q"}`,
		"secret_index":       `{"value": "[field('V.X/y/o')[field('V.X/y/sec')]]", "notEquals": "q"}`,
		"secret_try_get":     `{"value": "[tryGet(field('V.X/y/o'), field('V.X/y/sec'))]", "notEquals": "q"}`,
		"secret_in_count":    `{"count": {"value": "[array(tryGet(field('V.X/y/o'), field('V.X/y/sec')))]", "where": {"value": "[current()]", "notEquals": "q"}}, "greater": 0}`,
		"items_of":           `{"count": {"value": "[items(field('V.X/y/o'))]", "where": {"value": "[current().value]", "notEquals": "q"}}, "greater": 0}`,
		"items_whole":        `{"count": {"value": "[items(field('V.X/y/o'))]", "where": {"value": "[current()]", "notEquals": "q"}}, "greater": 0}`,
		"items_computed":     `{"count": {"value": "[items(field('V.X/y/o'))]", "where": {"value": "[concat(current().value, 'x')]", "notEquals": "q"}}, "greater": 0}`,
		"coalesce":           `{"value": "[coalesce(field('V.X/y/o').hush, 'x')]", "notEquals": "q"}`,
		"last_of":            `{"value": "[last(field('V.X/y/list[*]'))]", "notEquals": "q"}`,
		"string_of":          `{"value": "[string(field('V.X/y/o'))]", "notEquals": "q"}`,
		"base64":             `{"value": "[base64ToString(base64(field('V.X/y/sec')))]", "notEquals": "q"}`,
		"lower_upper":        `{"value": "[toUpper(toLower(field('V.X/y/adminPassword')))]", "notEquals": "q"}`,
		"split":              `{"count": {"value": "[split(field('V.X/y/adminPassword'), 'x')]", "where": {"value": "[concat(current(), '')]", "notEquals": "q"}}, "greater": 0}`,
		"value_object":       `{"count": {"value": "[field('V.X/y/ar2[*]')]", "name": "z", "where": {"value": "[current('z').password]", "notEquals": "q"}}, "greater": 0}`,
		"value_whole":        `{"count": {"value": "[field('V.X/y/arr[*]')]", "name": "z", "where": {"value": "[current('z')]", "notEquals": "q"}}, "greater": 0}`,
		"value_nested":       `{"count": {"value": "[field('V.X/y/arr[*]')]", "name": "z", "where": {"count": {"value": "[current('z').in]", "name": "w", "where": {"value": "[current('w').k]", "notEquals": "q"}}, "greater": 0}}, "greater": 0}`,
		"current_whole":      `{"count": {"field": "V.X/y/arr[*]", "where": {"value": "[current()]", "notEquals": "q"}}, "greater": 0}`,
		"current_string":     `{"count": {"field": "V.X/y/arr[*]", "where": {"value": "[string(current())]", "notEquals": "q"}}, "greater": 0}`,
		"current_alias":      `{"count": {"field": "V.X/y/arr[*]", "where": {"value": "[string(current('V.X/y/arr[*]'))]", "notEquals": "q"}}, "greater": 0}`,
		"current_alias_prop": `{"count": {"field": "V.X/y/arr[*]", "where": {"value": "[current('V.X/y/arr[*]').k]", "notEquals": "q"}}, "greater": 0}`,
		"current_inner":      `{"count": {"field": "V.X/y/arr[*]", "where": {"count": {"field": "V.X/y/arr[*].in[*]", "where": {"value": "[current().k]", "notEquals": "q"}}, "greater": 0}}, "greater": 0}`,
		"current_inner_all":  `{"count": {"field": "V.X/y/arr[*].in[*]", "where": {"value": "[first(array(current())).k]", "notEquals": "q"}}, "greater": 0}`,
		"current_right":      `{"count": {"field": "V.X/y/arr[*]", "where": {"field": "V.X/y/arr[*].k", "equals": "[current().k]"}}, "greater": 0}`,
		"current_value_sub":  `{"count": {"field": "V.X/y/ar2[*]", "where": {"count": {"value": "[array(current().password)]", "name": "w", "where": {"value": "[current()]", "notEquals": "q"}}, "greater": 0}}, "greater": 0}`,
		"failure_in_count":   `{"count": {"field": "V.X/y/arr[*]", "where": {"value": "[int(current().k)]", "equals": 1}}, "greater": 0}`,
		"failure_in_value":   `{"count": {"value": "[field('V.X/y/list[*]')]", "where": {"value": "[int(current())]", "equals": 1}}, "greater": 0}`,
		"failure_of_json":    `{"value": "[json(field('V.X/y/sec'))]", "equals": 1}`,
		"failure_of_name":    `{"value": "[field(concat('V.X/y/', field('V.X/y/sec')))]", "equals": 1}`,
		"failure_of_field":   `{"field": "[concat('V.X/y/', field('V.X/y/sec'))]", "equals": 1}`,
		"computed_field":     `{"field": "[concat('tags.', field('V.X/y/sec'))]", "exists": false}`,
		"computed_tag":       `{"value": "[field(concat('tags.', field('V.X/y/sec')))]", "notEquals": 1}`,
		"json_note":          `{"value": "[json(field('V.X/y/note')).adminPwd]", "notEquals": "q"}`,
		"json_note_whole":    `{"value": "[json(field('V.X/y/note'))]", "notEquals": "q"}`,
		"tags":               `{"value": "[string(field('tags'))]", "notEquals": "q"}`,
		"tag":                `{"value": "[field('tags').password]", "notEquals": "q"}`,
		"group":              `{"value": "[resourceGroup()]", "notEquals": "q"}`,
		"group_text":         `{"value": "[string(resourceGroup())]", "notEquals": "q"}`,
		"group_tags":         `{"value": "[string(resourceGroup().tags)]", "notEquals": "q"}`,
		"group_tag":          `{"value": "[concat(resourceGroup().tags.password, 'x')]", "notEquals": "q"}`,
		"group_tag_index":    `{"value": "[concat(resourceGroup().tags['pass' ], resourceGroup()['tags']['password'])]", "notEquals": "q"}`,
		"group_right":        `{"field": "location", "notEquals": "[string(resourceGroup().tags)]"}`,
		"wanted_template":    `{"field": "location", "notIn": ["[field('V.X/y/sec')]", "[first(field('V.X/y/ar2[*]')).password]"]}`,
		"wanted_object":      `{"value": {"a": "[field('V.X/y/adminPassword')]"}, "notEquals": "q"}`,
		"union":              `{"value": "[union(field('V.X/y/o'), createObject('x', 'y'))]", "notEquals": "q"}`,
		"if":                 `{"value": "[if(equals(field('location'), 'x'), field('V.X/y/sec'), 'n')]", "notEquals": "q"}`,
		"under_not":          `{"not": {"value": "[concat(field('V.X/y/o').hush, '')]", "equals": "q"}}`,
		"any_of":             `{"anyOf": [{"value": "[concat(field('V.X/y/o').hush, '')]", "notEquals": "q"}, {"field": "V.X/y/arr[*].in[*]", "notEquals": "q"}]}`,
		"guessed":            `{"field": "V.X/y/sec", "equals": "TOPSECRET1"}`,
		"guessed_among":      `{"field": "V.X/y/arr[*].k", "in": ["TOPSECRET6", "b"]}`,
	} {
		tests[name] = [2]string{condition, audit}
	}
	const always = `{"field": "name", "exists": true}`
	related := func(details string) [2]string {
		return [2]string{always, `{"effect": "auditIfNotExists", "details": {"type": "V.X/z", ` + details + `}}`}
	}
	tests["s13"] = related(`"name": "[concat('n', field('V.X/y/sec'))]"`)
	tests["u5"] = related(`"name": "[concat('n', field('V.X/y/adminPassword'))]"`)
	tests["details_kind"] = related(`"kind": "[concat('n', field('V.X/y/adminPassword'))]"`)
	tests["details_group"] = related(`"resourceGroupName": "[concat('n', field('V.X/y/adminPassword'))]"`)
	tests["details_unique_group"] = related(`"resourceGroupName": "[concat(field('V.X/y/adminPassword'), uniqueString('x'))]"`)
	tests["details_unique_name"] = related(`"name": "[concat(field('V.X/y/adminPassword'), uniqueString('x'))]"`)
	tests["details_name_access"] = related(`"name": "[first(field('V.X/y/arr[*]')).k]"`)
	tests["details_scope"] = related(`"existenceScope": "[field('V.X/y/adminPassword')]"`)
	tests["details_failure"] = related(`"name": "[string(int(field('V.X/y/adminPassword')))]"`)
	tests["existence"] = related(`"existenceCondition": {"field": "V.X/z/hidden", "equals": "[field('V.X/y/sec')]"}`)
	tests["existence_whole"] = related(`"existenceCondition": {"field": "V.X/z/all", "equals": "q"}`)
	tests["existence_value"] = related(`"existenceCondition": {"value": "[first(field('V.X/y/arr[*]'))]", "equals": "q"}`)
	tests["existence_failure"] = related(`"existenceCondition": {"value": "[int(field('V.X/y/o').hush)]", "equals": "q"}`)
	tests["effect"] = [2]string{always, `{"effect": "[field('V.X/y/sec')]"}`}
	tests["effect_failure"] = [2]string{always, `{"effect": "[string(int(field('V.X/y/sec')))]"}`}
	change := func(field, value string) [2]string {
		return [2]string{always, `{"effect": "modify", "details": {"roleDefinitionIds": ["r"], "operations": [{"operation": "addOrReplace", "field": "` + field + `", "value": ` + value + `}]}}`}
	}
	tests["s11_tag"] = change("tags.x", `"[field('V.X/y/sec')]"`)
	tests["s11_literal"] = change("V.X/y/sec", `"TOPSECRETL"`)
	tests["modify_by_name"] = change("V.X/y/adminPassword", `"TOPSECRETL"`)
	tests["modify_around"] = change("V.X/y/o", `{"hush": "TOPSECRETL", "clientSecret": "TOPSECRETL"}`)
	tests["modify_member"] = change("V.X/y/arr[*]", `{"k": "TOPSECRETL"}`)
	tests["modify_computed"] = change("tags.x", `{"a": ["[concat('x', first(field('V.X/y/ar2[*]')).password)]"]}`)
	tests["modify_field"] = change("[concat('tags.', field('V.X/y/sec'))]", `"x"`)
	tests["modify_failure"] = change("tags.x", `"[int(field('V.X/y/sec'))]"`)
	tests["modify_missing"] = change("[concat('tags.', field('V.X/y/sec'))]", `"[field('V.X/y/o').nothing]"`)
	tests["append"] = [2]string{always, `{"effect": "append", "details": [{"field": "V.X/y/list[*]", "value": "TOPSECRETL"}, {"field": "tags.x", "value": "[field('tags').password]"}]}`}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for line := range strings.Lines(shownOf(t, test[0], test[1])) {
				lower := strings.ToLower(line)
				if strings.Contains(lower, "topsecret") || strings.Contains(lower, "7770777") {
					t.Error(line)
				}
			}
		})
	}
	// What is no secret is shown.
	for name, condition := range map[string]string{
		"sibling":       `{"field": "V.X/y/o", "notEquals": "q"}`,
		"member":        `{"field": "V.X/y/arr[*]", "notEquals": "q"}`,
		"tag":           `{"value": "[concat(field('tags.plain'), '')]", "notEquals": "q"}`,
		"group_tag":     `{"value": "[concat(resourceGroup().tags.plain, '')]", "notEquals": "q"}`,
		"of_an_element": `{"count": {"field": "V.X/y/ar2[*]", "where": {"field": "V.X/y/ar2[*]", "notEquals": "q"}}, "greater": 0}`,
	} {
		t.Run("open/"+name, func(t *testing.T) {
			if all := shownOf(t, condition, audit); !strings.Contains(all, "shown") {
				t.Error(all)
			}
		})
	}
}

// TestSecretsAreNotShownInConflicts: nor what two rules would write.
func TestSecretsAreNotShownInConflicts(t *testing.T) {
	bind := func(field, value string) *Bound {
		def, problems := ParseDefinition("rule.json", []byte(`{"policyRule": {"if": {"field": "name", "exists": true}, "then": {"effect": "modify", "details": {"conflictEffect": "deny",
			"roleDefinitionIds": ["r"], "operations": [{"operation": "addOrReplace", "field": "`+field+`", "value": `+value+`}]}}}}`))
		if def == nil {
			t.Fatal(problems)
		}
		return Bind(def, nil)
	}
	aliases := NewAliases()
	if err := aliases.LoadAliasTable([]byte(vaultAliases)); err != nil {
		t.Fatal(err)
	}
	for _, test := range [][3]string{
		{"tags.x", `"[field('V.X/y/sec')]"`, `"[first(field('V.X/y/ar2[*]')).password]"`},
		{"V.X/y/o", `{"hush": "TOPSECRETL"}`, `{"clientSecret": "TOPSECRETL"}`},
		{"[concat('tags.', field('V.X/y/sec'))]", `"a"`, `"b"`},
	} {
		c := NewConflicts(aliases, time.Time{})
		c.On(parsed(t, vaultBody))
		found := c.Between(bind(test[0], test[1]), bind(test[0], test[2]))
		if all := fmt.Sprint(found); len(found) != 1 || strings.Contains(strings.ToLower(all), "topsecret") {
			t.Errorf("%s: %s", test[0], all)
		}
	}
}
