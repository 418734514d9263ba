package policy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const placesAliases = `{
	"M.X/t/a[*]": {"path": "properties.a[*]", "type": "M.X/t"},
	"M.X/t/a[*].b": {"path": "properties.a[*].b", "type": "M.X/t"},
	"M.X/t/a[*].b[*]": {"path": "properties.a[*].b[*]", "type": "M.X/t"},
	"M.X/t/a[*].b[*].c": {"path": "properties.a[*].b[*].c", "type": "M.X/t"},
	"M.X/t/m[*].n[*].p[*].q": {"path": "properties.m[*].n[*].p[*].q", "type": "M.X/t"},
	"M.X/t/l": {"path": "properties.l", "type": "M.X/t"},
	"M.X/t/l[*]": {"path": "properties.l[*]", "type": "M.X/t"},
	"M.X/t/e[*].l[*]": {"path": "properties.e[*].l[*]", "type": "M.X/t"},
	"M.X/t/doc": {"path": "properties.doc", "type": "M.X/t"},
	"M.X/t/doc2": {"path": "properties.doc2", "type": "M.X/t"},
	"M.X/t/pairs[*]": {"path": "properties.pairs[*]", "type": "M.X/t"},
	"M.X/t/w": {"path": "properties.w", "type": "M.X/t"},
	"M.X/u/list[*]": {"path": "properties.list[*]", "type": "M.X/u"}
}`

const placesBody = `{"id": "/subscriptions/s/resourceGroups/g/providers/M.X/t/n", "name": "n", "type": "M.X/t", "properties": {
	"a": [{"b": [{"c": {"d": "A"}}, {"c": {"d": "B"}}]}, {"b": [{"c": {"d": "A"}}]}],
	"m": [{"n": [{"p": [{"q": 1}, {"q": 2}]}, {"p": [{"q": 3}]}]}],
	"l": [], "e": [{"l": []}, {"l": []}], "w": "x",
	"doc": {"Statement": [{"Effect": "Deny"}, {"Effect": "Allow", "Action": "*", "Condition": {"StringLike": {"aws:Source.Ip": ["v"]}}}]},
	"doc2": {"Statement": {"Effect": "Allow"}},
	"pairs": [{"name": "size", "value": "large"}, {"name": "DB_PASS", "value": "opaque"}]}}`

const placesRelated = `{"id": "/subscriptions/s/resourceGroups/g/providers/M.X/u/r", "name": "r", "type": "M.X/u", "properties": {"list": [{"k": "y"}, {"k": "z"}]}}`

func explained(t *testing.T, condition, then string) *Explanation {
	t.Helper()
	def, problems := ParseDefinition("rule.json", []byte(`{"mode": "All", "policyRule": {"if": `+condition+`, "then": `+then+`}}`))
	if def == nil {
		t.Fatalf("%v\n%s", problems, condition)
	}
	aliases := NewAliases()
	if err := aliases.LoadAliasTable([]byte(placesAliases)); err != nil {
		t.Fatal(err)
	}
	return Bind(def, nil).Explain(parsed(t, placesBody), Environment{Aliases: aliases, Related: Resources{parsed(t, placesRelated)}})
}

// TestEvidence_names_places: what comes unchanged from a resource is told with
// its path, whichever way an expression takes to it.
func TestEvidence_names_places(t *testing.T) {
	count := func(of, where string) string {
		return `{"count": {` + of + `, "where": ` + where + `}, "greater": 0}`
	}
	statements := func(doc, where string) string {
		return count(`"value": "[array(field('M.X/t/`+doc+`').Statement)]", "name": "s"`, where)
	}
	tests := map[string]struct {
		condition string
		want      []string
	}{
		"property_of_the_member": {count(`"field": "M.X/t/a[*].b[*].c"`, `{"value": "[current().d]", "equals": "A"}`), []string{
			`number of properties.a[*].b[*].c that match: 2, lessOrEquals 0`,
			`properties.a[0].b[0].c.d: "A", notEquals "A"`, `properties.a[1].b[0].c.d: "A", notEquals "A"`,
		}},
		"member_of_three_stars": {count(`"field": "M.X/t/m[*].n[*].p[*].q"`, `{"value": "[current()]", "equals": 3}`), []string{
			`number of properties.m[*].n[*].p[*].q that match: 1, lessOrEquals 0`, `properties.m[0].n[1].p[0].q: 3, notEquals 3`,
		}},
		"named_above": {count(`"field": "M.X/t/a[*].b[*].c"`, `{"value": "[length(current('M.X/t/a[*]').b)]", "equals": 1}`), []string{
			`number of properties.a[*].b[*].c that match: 1, lessOrEquals 0`,
			`properties.a[1].b: [{"c":{"d":"A"}}], length(current('M.X/t/a[*]').b) notEquals 1 (it is 1)`,
		}},
		"absent": {`{"value": "[field('M.X/t/doc').Version]", "equals": ""}`, []string{`properties.doc.Version: null, notEquals ""`}},
		"statements": {statements("doc", `{"value": "[current('s').Effect]", "equals": "Allow"}`), []string{
			`number of properties.doc.Statement that match: 1, lessOrEquals 0`, `properties.doc.Statement[1].Effect: "Allow", notEquals "Allow"`,
		}},
		"one_statement": {statements("doc2", `{"value": "[tryGet(current('s'), 'Effect')]", "equals": "Allow"}`), []string{
			`number of properties.doc2.Statement that match: 1, lessOrEquals 0`, `properties.doc2.Statement.Effect: "Allow", notEquals "Allow"`,
		}},
		"computed_of_a_statement": {statements("doc", `{"value": "[string(array(tryGet(current('s'), 'Action')))]", "contains": "*"}`), []string{
			`number of properties.doc.Statement that match: 1, lessOrEquals 0`,
			`properties.doc.Statement[1].Action: "*", string(array(tryGet(current('s'), 'Action'))) notContains "*" (it is "[\"*\"]")`,
		}},
		"items": {statements("doc", count(`"value": "[items(coalesce(tryGet(current('s'), 'Condition'), createObject()))]", "name": "o"`,
			count(`"value": "[items(current('o').value)]", "name": "c"`, `{"value": "[first(current('c').value)]", "equals": "v"}`))), []string{
			`number of properties.doc.Statement that match: 1, lessOrEquals 0`,
			`number of properties.doc.Statement[1].Condition that match: 1, lessOrEquals 0`,
			`number of properties.doc.Statement[1].Condition.StringLike that match: 1, lessOrEquals 0`,
			`properties.doc.Statement[1].Condition.StringLike['aws:Source.Ip'][0]: "v", notEquals "v"`,
		}},
		"gathered": {count(`"value": "[field('M.X/t/a[*].b[*].c')]"`, `{"value": "[current().d]", "equals": "B"}`), []string{
			`number of properties.a[*].b[*].c that match: 1, lessOrEquals 0`, `properties.a[0].b[1].c.d: "B", notEquals "B"`,
		}},
		"chosen": {`{"value": "[if(equals(field('M.X/t/w'), 'x'), field('M.X/t/doc2').Statement.Effect, field('name'))]", "equals": "Allow"}`, []string{
			`properties.w: "x", if(equals(field('M.X/t/w'), 'x'), field('M.X/t/doc2').Statement.Effect, field('name')) notEquals "Allow" (it is "Allow")`,
			`properties.doc2.Statement.Effect: "Allow", if(equals(field('M.X/t/w'), 'x'), field('M.X/t/doc2').Statement.Effect, field('name')) notEquals "Allow" (it is "Allow")`,
		}},
		"computed": {count(`"value": "[split(field('M.X/t/w'), '-')]"`, `{"value": "[concat(current(), 'y')]", "equals": "xy"}`), []string{`number of split(field('M.X/t/w'), '-') that match: 1, lessOrEquals 0`, `current(): "x", concat(current(), 'y') notEquals "xy" (it is "xy")`}},
		"nothing":  {`{"value": "[concat('a', 'b', utcNow())]", "like": "ab*"}`, []string{`value: "ab0001-01-01T00:00:00.0000000Z", concat('a', 'b', utcNow()) notLike "ab*"`}},
		"failed_count": {`{"count": {"value": "[items(field('M.X/t/a[*].b'))]"}, "greater": 0}`, []string{
			"expression: \"items: argument 1: got array, want an object (in [items(field('M.X/t/a[*].b'))])\", lessOrEquals 0",
		}},
		"empty":       {`{"field": "M.X/t/l[*]", "equals": 5}`, []string{`properties.l: [], some [*] notEquals 5`}},
		"empty_not":   {`{"not": {"field": "M.X/t/l[*]", "equals": 5}}`, []string{`properties.l: [], every [*] equals 5`}},
		"empty_all":   {`{"field": "M.X/t/e[*].l[*]", "equals": 5}`, []string{`properties.e[0].l: [], some [*] notEquals 5`, `properties.e[1].l: [], some [*] notEquals 5`}},
		"empty_value": {`{"value": "[length(field('M.X/t/l[*]'))]", "equals": 0}`, []string{`properties.l: [], length(field('M.X/t/l[*]')) notEquals 0 (it is 0)`}},
		"open_pair":   {count(`"field": "M.X/t/pairs[*]"`, `{"value": "[current().value]", "equals": "large"}`), []string{`number of properties.pairs[*] that match: 1, lessOrEquals 0`, `properties.pairs[0].value: "large", notEquals "large"`}},
		"secret_pair": {count(`"field": "M.X/t/pairs[*]"`, `{"value": "[current().value]", "equals": "opaque"}`), []string{`number of properties.pairs[*] that match: 1, lessOrEquals 0`, `properties.pairs[1].value: "(secret)", notEquals "(secret)"`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, e := range explained(t, test.condition, `{"effect": "audit"}`).Evidence {
				got = append(got, fmt.Sprintf("%s: %s, %s", e.Path, e.Found, e.Wanted))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestEvidence_names_places_of_related: in a condition on a related resource,
// current() is of that one.
func TestEvidence_names_places_of_related(t *testing.T) {
	e := explained(t, `{"field": "type", "equals": "M.X/t"}`, `{"effect": "auditIfNotExists", "details": {"type": "M.X/u", "existenceCondition":
		{"count": {"field": "M.X/u/list[*]", "where": {"value": "[current().k]", "equals": "[field('M.X/t/w')]"}}, "greater": 0}}}`)
	var got []string
	for _, e := range e.Evidence[1:] {
		got = append(got, fmt.Sprintf("%s in %s: %s, %s", e.Path, e.Resource[strings.LastIndexByte(e.Resource, '/')+1:], e.Found, e.Wanted))
	}
	want := []string{
		`number of properties.list[*] that match in r: 0, greater 0`,
		`properties.list[0].k in r: "y", equals "x"`, `properties.list[1].k in r: "z", equals "x"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestEvidence_names_the_judged: what field() counts there is of the resource
// under if.
func TestEvidence_names_the_judged(t *testing.T) {
	e := explained(t, `{"field": "type", "equals": "M.X/t"}`, `{"effect": "auditIfNotExists", "details": {"type": "M.X/u", "existenceCondition":
		{"count": {"value": "[array(field('M.X/t/doc').Statement)]", "name": "s", "where": {"value": "[current('s').Effect]", "equals": "Allow"}}, "equals": 0}}}`)
	var got []string
	for _, e := range e.Evidence[1:] {
		got = append(got, fmt.Sprintf("%s in %q: %s, %s", e.Path, e.Resource, e.Found, e.Wanted))
	}
	want := []string{`number of properties.doc.Statement that match in "": 1, equals 0`, `properties.doc.Statement[1].Effect in "": "Allow", notEquals "Allow"`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestExplain_names_members: an explanation says where each member stands.
func TestExplain_names_members(t *testing.T) {
	for _, test := range [][2]string{
		{`{"count": {"field": "M.X/t/a[*].b[*].c", "where": {"value": "[current().d]", "equals": "A"}}, "greater": 0}`, "member 2, properties.a[1].b[0].c:\n      ✔ current().d equals \"A\": properties.a[1].b[0].c.d is \"A\"\n"},
		{`{"count": {"value": "[array(field('M.X/t/doc').Statement)]", "name": "s", "where": {"value": "[current('s').Effect]", "equals": "Allow"}}, "greater": 0}`, "member 1, properties.doc.Statement[1]:\n      ✔ current('s').Effect equals \"Allow\": properties.doc.Statement[1].Effect is \"Allow\"\n"},
		{`{"count": {"field": "M.X/t/a[*]", "where": {"field": "M.X/t/l[*]", "equals": 1}}, "equals": 2}`, "M.X/t/l[*] equals 1: properties.l is []\n"},
	} {
		if text := explained(t, test[0], `{"effect": "audit"}`).Text(); !strings.Contains(text, test[1]) {
			t.Errorf("got\n%s\nwant in it\n%s", text, test[1])
		}
	}
}
