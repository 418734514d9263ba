package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// What a judge remembers of resources that are alike is what another one finds anew,
// however a type is spelt, whatever stands beside a value, and whatever was not read.
func TestInspection_remembers_what_it_would_find(t *testing.T) {
	set := recallSet(t)
	remembering := set.Judge()
	judged := set.Judge()
	for round := range 2 {
		for _, r := range recallResources(t) {
			fresh := set.Judge()
			first, second, third := *r, *r, *r // a judge spells their type as it knows it
			for _, n := range slices.Clone(judged.Resource(&first).Signatures) {
				for at := range n.Statuses {
					want := fmt.Sprint(fresh.Inspect(&second).Evidence(n, at, nil, nil, ""))
					if got := fmt.Sprint(remembering.Inspect(&third).Evidence(n, at, nil, nil, "")); got != want {
						t.Errorf("round %d, %s: remembered %s, want %s", round, r.Name, got, want)
					}
				}
			}
		}
	}
	if remembering.recall.count == 0 {
		t.Error("nothing was remembered")
	}
}

func recallSet(t *testing.T) *Set {
	t.Helper()
	const kind = "Microsoft.Example/things"
	var a strings.Builder
	fmt.Fprintf(&a, `{"%s": {"level": "properties.level", "pair.value": "properties.pair.value", "list[*].value": "properties.list[*].value", "list[*]": "properties.list[*]"}}`, kind)
	lib := &Library{}
	conditions := []string{
		`{"field": "Microsoft.Example/things/level", "equals": "low"}`,
		`{"field": "Microsoft.Example/things/pair.value", "exists": true}`,
		`{"field": "Microsoft.Example/things/list[*].value", "notEquals": "x"}`,
		`{"count": {"field": "Microsoft.Example/things/list[*]", "where": {"field": "Microsoft.Example/things/list[*].value", "equals": "y"}}, "greater": 0}`,
		`{"field": "location", "equals": "west"}`,
		`{"field": "name", "like": "a*"}`,
		`{"value": "[resourceGroup().name]", "equals": "one"}`,
		`{"value": "[field('Microsoft.Example/things/level')]", "equals": "low"}`,
	}
	if err := lib.Add("aliases.json", []byte(a.String())).Err(); err != nil {
		t.Fatal(err)
	}
	for i, c := range conditions {
		text := fmt.Sprintf(`{"name": "rule%d", "type": "Microsoft.Authorization/policyDefinitions", "properties": {"policyRule": {
			"if": {"allOf": [{"field": "type", "equals": "%s"}, %s]}, "then": {"effect": "audit"}}}}`, i, kind, c)
		if err := lib.Add(fmt.Sprintf("rule%d.json", i), []byte(text)).Err(); err != nil {
			t.Fatal(err)
		}
	}
	set := NewSet(lib.Aliases, testClock)
	for _, d := range lib.Definitions {
		set.Add(Bind(d, nil))
	}
	return set
}

func recallResources(t *testing.T) []*Resource {
	t.Helper()
	var all []*Resource
	add := func(kind, group, name, location, properties string, gaps ...Gap) {
		r, err := ParseResource(fmt.Appendf(nil, `{"id": "/subscriptions/s/resourceGroups/%s/providers/%s/%s", "name": "%s", "type": "%s", "location": "%s", "properties": %s}`,
			group, kind, name, name, kind, location, properties))
		if err != nil {
			t.Fatal(err)
		}
		r.Gaps, r.Surroundings = gaps, surroundings{}
		all = append(all, r)
	}
	bodies := []string{
		`{"level": "low"}`, `{"level": "Low"}`, `{}`, `{"level": null}`, `{"level": 3}`,
		`{"pair": {"name": "colour", "value": "blue sky"}}`, `{"pair": {"name": "password", "value": "blue sky"}}`,
		`{"list": []}`, `{"list": [{"value": "x"}]}`, `{"list": [{"value": "x"}, {"name": "token", "value": "y"}]}`, `{"list": [{"value": "y"}]}`,
	}
	for i, body := range bodies {
		for _, kind := range []string{"Microsoft.Example/things", "microsoft.example/Things"} {
			for _, group := range []string{"one", "two"} {
				for _, location := range []string{"west", "east"} {
					add(kind, group, fmt.Sprintf("%c%d", "ab"[i%2], i), location, body)
				}
			}
			add(kind, "one", "gap", "west", body, Gap{Path: "properties.level", Reason: "denied"})
			add(kind, "one", "gap", "west", body, Gap{Path: "properties.pair.name", Reason: "partial"})
		}
	}
	return all
}
