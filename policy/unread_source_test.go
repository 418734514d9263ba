package policy

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/valyala/fastjson"
)

const unreadPlaces = `{"M.X/t": {"doc": "properties.PolicyDocument", "a[*]": "properties.a[*]", "a[*].b": "properties.a[*].b", "pairs": "properties.pairs", "pairs[*]": "properties.pairs[*]",
	"o": "properties.o", "o.z": "properties.o.z", "w": "properties.w", "s": "properties.adminPassword"}}`

const unreadPlacesBody = `{"id": "/subscriptions/s/resourceGroups/g/providers/M.X/t/n", "name": "n", "type": "M.X/t", "properties": {
	"PolicyDocument": {"Statement": [{"Effect": "Allow"}, {"Effect": "Deny", "Principal": "*"}]},
	"a": [{"n": "x"}, {"b": "y"}], "o": {"k": 1}, "w": "x", "adminPassword": "z",
	"pairs": [{"name": "size", "value": "large"}, {"value": "opaque"}]}}`

// TestUnread_evidence_names_places: what was not read is told with the place that
// an expression takes it from, whichever way, and shows no secret.
func TestUnread_evidence_names_places(t *testing.T) {
	count := func(of, where string) string {
		return `{"count": {` + of + `, "where": ` + where + `}, "greater": 0}`
	}
	statements := func(where string) string {
		return count(`"value": "[field('M.X/t/doc').Statement]", "name": "statement"`, where)
	}
	const (
		numberOf  = `number of properties.PolicyDocument.Statement that match: "unknown (denied)", lessOrEquals 0`
		principal = `properties.PolicyDocument.Statement[0].Principal: "unknown (denied)", `
		numberOfA = `number of properties.a[*] that match: "unknown (denied)", lessOrEquals 0`
		b         = `properties.a[0].b: "unknown (denied)", `
		z         = `properties.o.z: "unknown (denied)", `
	)
	tests := map[string]struct {
		condition string
		want      []string
	}{
		"try_get":      {statements(`{"value": "[tryGet(current('statement'), 'Principal')]", "equals": "q"}`), []string{numberOf, principal + `notEquals "q"`}},
		"property":     {statements(`{"value": "[current('statement').Principal]", "equals": "q"}`), []string{numberOf, principal + `notEquals "q"`}},
		"below_it":     {statements(`{"value": "[current('statement').Principal.AWS]", "equals": "q"}`), []string{numberOf, `properties.PolicyDocument.Statement[0].Principal.AWS: "unknown (denied)", notEquals "q"`}},
		"computed":     {statements(`{"value": "[toLower(string(current('statement').Principal))]", "equals": "q"}`), []string{numberOf, principal + `toLower(string(current('statement').Principal)) notEquals "q"`}},
		"by_key":       {statements(`{"allOf": [{"value": "[current('statement').Effect]", "equals": "Allow"}, {"value": "[current('statement')]", "containsKey": "Principal"}]}`), []string{numberOf, `properties.PolicyDocument.Statement[0]: {"Effect":"Allow","Principal":"unknown (denied)"}, notContainsKey "Principal"`}},
		"inside":       {`{"value": "[string(field('M.X/t/doc').Statement[0])]", "contains": "q"}`, []string{`properties.PolicyDocument.Statement[0]: {"Effect":"Allow","Principal":"unknown (denied)"}, string(field('M.X/t/doc').Statement[0]) notContains "q"`}},
		"beside_known": {`{"value": "[concat(field('M.X/t/w'), field('M.X/t/o').z)]", "equals": "q"}`, []string{`properties.w: "x", concat(field('M.X/t/w'), field('M.X/t/o').z) notEquals "q"`, z + `concat(field('M.X/t/w'), field('M.X/t/o').z) notEquals "q"`}},
		"of_a_union": {`{"value": "[union(field('M.X/t/o'), createObject('q', 5)).z]", "equals": "q"}`, []string{
			`properties.o: {"k":1,"z":"unknown (denied)"}, union(field('M.X/t/o'), json('{"q":5}')).z notEquals "q"`, z + `union(field('M.X/t/o'), json('{"q":5}')).z notEquals "q"`,
		}},
		"gathered":          {`{"value": "[length(field('M.X/t/a[*].b'))]", "equals": 3}`, []string{`properties.a[1].b: "y", length(field('M.X/t/a[*].b')) notEquals 3`, b + `length(field('M.X/t/a[*].b')) notEquals 3`}},
		"count_of_gathered": {count(`"value": "[field('M.X/t/a[*].b')]"`, `{"value": "[current()]", "equals": "y"}`), []string{b + `lessOrEquals 0`}},
		"named":             {count(`"field": "M.X/t/a[*]"`, `{"value": "[current('M.X/t/a[*].b')]", "equals": "q"}`), []string{numberOfA, b + `notEquals "q"`}},
		"of_the_member":     {count(`"field": "M.X/t/a[*]"`, `{"value": "[current().b]", "equals": "q"}`), []string{numberOfA, b + `notEquals "q"`}},
		"member":            {count(`"field": "M.X/t/a[*].b"`, `{"value": "[current()]", "equals": "q"}`), []string{`number of properties.a[*].b that match: "unknown (denied)", lessOrEquals 0`, b + `notEquals "q"`}},
		"right":             {`{"field": "M.X/t/w", "equals": "[field('M.X/t/o').z]"}`, []string{z + `M.X/t/w notEquals field('M.X/t/o').z`}},
		"right_by_alias":    {`{"field": "M.X/t/w", "equals": "[field('M.X/t/o.z')]"}`, []string{z + `M.X/t/w notEquals field('M.X/t/o.z')`}},
		"right_of_a_value": {`{"value": "[field('M.X/t/w')]", "equals": "[field('M.X/t/o').z]"}`, []string{
			`properties.w: "x", notEquals field('M.X/t/o').z`, z + `M.X/t/w notEquals field('M.X/t/o').z`,
		}},
		"name_of_a_secret": {`{"value": "[string(field('M.X/t/pairs'))]", "contains": "q"}`, []string{
			`properties.pairs: [{"name":"size","value":"large"},{"value":"(secret)","name":"unknown (denied)"}], string(field('M.X/t/pairs')) notContains "q"`,
		}},
		"value_beside": {count(`"field": "M.X/t/pairs[*]"`, `{"allOf": [{"value": "[current().value]", "notEquals": "large"}, {"value": "[current().name]", "equals": "size"}]}`), []string{
			`number of properties.pairs[*] that match: "unknown (denied)", lessOrEquals 0`, `properties.pairs[1].name: "unknown (denied)", notEquals "size"`,
		}},
		"secret_name": {`{"value": "[field('M.X/t/o')[field('M.X/t/s')]]", "equals": "q"}`, []string{
			`properties.o: {"k":1,"z":"unknown (denied)"}, field('M.X/t/o')[field('M.X/t/s')] notEquals "q"`, `properties.adminPassword: "(secret)", field('M.X/t/o')[field('M.X/t/s')] notEquals "q"`,
		}},
	}
	gaps := []Gap{
		{Path: "properties.PolicyDocument.Statement[0].Principal", Reason: "denied"},
		{Path: "properties.a[0].b", Reason: "denied"},
		{Path: "properties.o.z", Reason: "denied"},
		{Path: "properties.pairs[1].name", Reason: "denied"},
	}
	aliases := NewAliases()
	if err := aliases.LoadAliasDump([]byte(unreadPlaces)); err != nil {
		t.Fatal(err)
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			def, problems := ParseDefinition("rule.json", []byte(`{"mode": "All", "policyRule": {"if": `+test.condition+`, "then": {"effect": "audit"}}}`))
			if def == nil {
				t.Fatal(problems)
			}
			r := NewResource(fastjson.MustParse(unreadPlacesBody))
			r.Gaps = gaps
			e := Bind(def, nil).Explain(r, Environment{Aliases: aliases})
			var got []string
			for _, e := range e.Evidence {
				got = append(got, fmt.Sprintf("%s: %s, %s", e.Path, e.Found, e.Wanted))
			}
			if diff := cmp.Diff(test.want, got); diff != "" || e.Verdict.Compliance != NoData {
				t.Errorf("%s, -want +got:\n%s", e.Verdict.Compliance, diff)
			}
			if text := e.Text(); strings.Contains(text, "opaque") {
				t.Errorf("the secret is told:\n%s", text)
			}
		})
	}
}

// TestUnread_evidence_is_blind: what is told of a count is the same whatever stands
// at a place that was denied, and its number is no more than is known.
func TestUnread_evidence_is_blind(t *testing.T) {
	aliases := NewAliases()
	if err := aliases.LoadAliasDump([]byte(`{"M.X/t": {"a": "properties.a", "a[*]": "properties.a[*]", "a[*].b": "properties.a[*].b", "a[*].b[*]": "properties.a[*].b[*]"}}`)); err != nil {
		t.Fatal(err)
	}
	const (
		members = `{"count": {"field": "M.X/t/a[*]"}, `
		where   = `{"count": {"field": "M.X/t/a[*]", "where": {"field": "M.X/t/a[*].b", "equals": "q"}}, `
		values  = `{"count": {"value": "[field('M.X/t/a')]"}, `
		some    = `[{"b": "q"}, {"b": "q"}]`
		no      = "unknown (denied)"
	)
	of := func(expression string) string { return `{"value": "[` + expression + `]", "greater": 2}` }
	for name, test := range map[string]struct{ condition, gap, one, other, number string }{
		"open":            {where + `"greater": 0}`, "a[*].b", some, `[{"b": "r"}, {"b": "r"}]`, "unknown (denied)"},
		"open_less":       {where + `"less": 1}`, "a[*].b", some, `[{"b": "r"}, {"b": "r"}]`, "unknown (denied)"},
		"open_other":      {where + `"notEquals": 1}`, "a[*].b", some, `[{"b": "r"}, {"b": "r"}]`, "unknown (denied)"},
		"decided":         {where + `"less": 3}`, "a[*].b", some, `[{"b": "r"}, {"b": "r"}]`, "0 to 2"},
		"whole_array":     {where + `"greater": 0}`, "a", some, `[]`, "unknown (denied)"},
		"every_member":    {where + `"greater": 0}`, "a[*]", some, `[]`, "unknown (denied)"},
		"number":          {members + `"greaterOrEquals": 1}`, "a", some, `[]`, "unknown (denied)"},
		"number_less":     {members + `"less": 1}`, "a", some, `[]`, "unknown (denied)"},
		"number_every":    {members + `"greaterOrEquals": 1}`, "a[*]", some, `[]`, "unknown (denied)"},
		"number_none":     {members + `"greaterOrEquals": 1}`, "a", some, `null`, "unknown (denied)"},
		"number_decided":  {members + `"greaterOrEquals": 0}`, "a[*]", some, `[]`, "at least 0"},
		"number_of_value": {values + `"greaterOrEquals": 1}`, "a[*]", some, `[]`, "unknown (denied)"},
		"length":          {`{"value": "[length(field('M.X/t/a'))]", "greater": 0}`, "a[*]", some, `[]`, ""},
		"gathered":        {of("length(field('M.X/t/a[*]'))"), "a", some, `[]`, no},
		"gathered_every":  {of("length(field('M.X/t/a[*]'))"), "a[*]", some, `[]`, no},
		"gathered_below":  {of("length(field('M.X/t/a[*].b'))"), "a[*]", some, `[]`, no},
		"gathered_stars":  {of("length(field('M.X/t/a[*].b[*]'))"), "a[*].b", `[{"b": []}, {}]`, `[{}, {"b": [1]}]`, no},
		"gathered_inside": {of("length(field('M.X/t/a[*].b[*]'))"), "a[*].b[*]", `[{"b": []}, {"b": [1]}]`, `[{"b": [1]}, {"b": []}]`, no},
		"gathered_item":   {of("length(field('M.X/t/a[*].b'))"), "a[0]", `[{"b": "q"}]`, `[]`, no},
		"which_is_there":  {of("length(createArray(field('M.X/t/a[*].b')))"), "a[*].b", `[{"b": "q"}, {}]`, `[{}, {"b": "q"}]`, no},
		"which_is_first":  {of("field('M.X/t/a[*].b')[0]"), "a[*].b", `[{"b": "q"}, {}]`, `[{}, {"b": "q"}]`, no},
		"which_is_last":   {of("last(field('M.X/t/a[*].b'))"), "a[*].b", `[{"b": "q"}, {}]`, `[{}, {"b": "q"}]`, no},
		"given_whole":     {of("tryGet(intersection(field('M.X/t/a'), createArray('x', 'y')), 0)"), "a", `["x"]`, `[]`, no},
		"item_of_field":   {`{"field": "M.X/t/a[*].b", "equals": 2}`, "a[0].b", `[{}]`, `[]`, no},
	} {
		t.Run(name, func(t *testing.T) {
			var told []string
			for _, array := range []string{test.one, test.other} {
				def, problems := ParseDefinition("rule.json", []byte(`{"mode": "All", "policyRule": {"if": `+test.condition+`, "then": {"effect": "audit"}}}`))
				if def == nil {
					t.Fatal(problems)
				}
				r := NewResource(fastjson.MustParse(`{"id": "/subscriptions/s/resourceGroups/g/providers/M.X/t/n", "type": "M.X/t", "properties": {"a": ` + array + `}}`))
				r.Gaps = []Gap{{Path: "properties." + test.gap, Reason: "denied"}}
				e := Bind(def, nil).Explain(r, Environment{Aliases: aliases})
				if len(e.Evidence) == 0 || e.Evidence[0].Found.Text() != test.number {
					t.Errorf("told %+v, want the number %s first", e.Evidence, test.number)
				}
				trace, err := json.Marshal(e.Condition)
				if err != nil {
					t.Fatal(err)
				}
				_, inSet := inSet(aliases, Bind(def, nil), r, nil, "")
				told = append(told, fmt.Sprint(e.Text(), inSet, string(trace)))
			}
			if diff := cmp.Diff(told[0], told[1]); diff != "" {
				t.Errorf("what was denied is told (-one +other):\n%s", diff)
			}
		})
	}
}

// TestUnread_evidence_names_the_judged: what was not read of the resource under if
// is not told of the related one.
func TestUnread_evidence_names_the_judged(t *testing.T) {
	aliases := NewAliases()
	if err := aliases.LoadAliasDump([]byte(strings.TrimSuffix(unreadPlaces, "}") + `, "M.X/u": {"list": "properties.list"}}`)); err != nil {
		t.Fatal(err)
	}
	for name, condition := range map[string]string{
		"right": `{"field": "M.X/u/list", "equals": "[field('M.X/t/o').z]"}`,
		"alias": `{"field": "M.X/u/list", "equals": "[field('M.X/t/o.z')]"}`,
		"left":  `{"value": "[field('M.X/t/o').z]", "equals": "q"}`,
		"union": `{"value": "[union(field('M.X/t/o'), createObject('q', 5)).z]", "equals": "q"}`,
	} {
		t.Run(name, func(t *testing.T) {
			def, problems := ParseDefinition("rule.json", []byte(`{"mode": "All", "policyRule": {"if": `+leafOn("type", `"equals": "M.X/t"`)+
				`, "then": {"effect": "auditIfNotExists", "details": {"type": "M.X/u", "existenceCondition": `+condition+`}}}}`))
			if def == nil {
				t.Fatal(problems)
			}
			r := NewResource(fastjson.MustParse(unreadPlacesBody))
			r.Gaps = []Gap{{Path: "properties.o.z", Reason: "denied"}}
			e := Bind(def, nil).Explain(r, Environment{Aliases: aliases, Related: Resources{parsed(t, placesRelated)}})
			told := false
			for _, one := range e.Evidence {
				told = told || one.Path == "properties.o.z" && one.Found.Text() == "unknown (denied)"
				if strings.HasPrefix(one.Path, "properties.o") && one.Resource != "" {
					t.Errorf("%s is told of %s", one.Path, one.Resource)
				}
			}
			if !told || e.Verdict.Compliance != NoData {
				t.Errorf("%s, and not told that properties.o.z is unknown:\n%s", e.Verdict.Compliance, e.Text())
			}
		})
	}
}
