package policy

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What rules go through must be a list or an object, unless they read it as a value
// too; in Azure anything goes.
func TestMisshapes(t *testing.T) {
	const (
		ports      = `{"count": {"field": "AWS::A::B/Ports[*]", "where": {"field": "AWS::A::B/Ports[*].From", "equals": 22}}, "greater": 0}`
		names      = `{"count": {"field": "AWS::A::B/Names[*]", "where": {"field": "AWS::A::B/Names[*]", "equals": "x"}}, "greater": 0}`
		nested     = `{"field": "AWS::A::B/Rules[*].Hosts[*].Name", "equals": "x"}`
		block      = `{"field": "AWS::A::B/Block.Public", "equals": true}`
		compared   = `{"anyOf": [{"field": "AWS::A::B/Who", "equals": "*"}, {"field": "AWS::A::B/Who.AWS", "contains": "*"}, {"field": "AWS::A::B/Who.AWS[*]", "equals": "*"}]}`
		expression = `{"anyOf": [{"value": "[string(array(field('AWS::A::B/Block')))]", "contains": "x"}, ` + block + `]}`
		exists     = `{"anyOf": [{"field": "AWS::A::B/Names", "exists": false}, ` + names + `]}`
		either     = `{"anyOf": [{"field": "AWS::A::B/State[*].On", "equals": true}, {"field": "AWS::A::B/State.On", "equals": true}]}`
		policies   = `{"field": "AWS::A::B/iamPolicy.bindings[*].members[*]", "equals": "allUsers"}`
		azure      = `{"field": "A.B/c/names[*]", "equals": "x"}`
	)
	tests := map[string]struct {
		condition, body string
		want            []string
	}{
		"list":               {ports, `{"properties":{"Ports":[{"From":1}]}}`, nil},
		"absent":             {ports, `{"properties":{}}`, nil},
		"null":               {ports, `{"properties":{"Ports":null}}`, nil},
		"object":             {ports, `{"properties":{"Ports":{"From":22}}}`, []string{"properties.Ports is object, want array"}},
		"text":               {ports, `{"properties":{"Ports":"[]"}}`, []string{"properties.Ports is string, want array"}},
		"item":               {ports, `{"properties":{"Ports":[{"From":1},"22",null,3]}}`, []string{"properties.Ports[1] is string, want object", "properties.Ports[3] is number, want object"}},
		"in_any_case":        {ports, `{"properties":{"ports":true}}`, []string{"properties.Ports is true, want array"}},
		"items_as_they_are":  {names, `{"properties":{"Names":["a",1,{}]}}`, nil},
		"nested":             {nested, `{"properties":{"Rules":[{"Hosts":[{"Name":"a"}]},{"Hosts":{"Name":"a"}}]}}`, []string{"properties.Rules[1].Hosts is object, want array"}},
		"no_object":          {block, `{"properties":{"Block":"off"}}`, []string{"properties.Block is string, want object"}},
		"list_for_an_object": {block, `{"properties":{"Block":[]}}`, []string{"properties.Block is array, want object"}},
		"compared":           {compared, `{"properties":{"Who":"*"}}`, nil},
		"below_compared":     {compared, `{"properties":{"Who":{"AWS":"*"}}}`, nil},
		"read_as_a_value":    {expression, `{"properties":{"Block":"x"}}`, nil},
		"asked_for":          {exists, `{"properties":{"Names":"x"}}`, []string{"properties.Names is string, want array"}},
		"list_or_object":     {either, `{"properties":{"State":{"On":true}}}`, nil},
		"list_or_object_too": {either, `{"properties":{"State":[{"On":true}]}}`, nil},
		"neither":            {either, `{"properties":{"State":1}}`, []string{"properties.State is number, want array or object"}},
		"beside_properties":  {policies, `{"iamPolicy":{"bindings":[{"members":"allUsers"}]}}`, []string{"iamPolicy.bindings[0].members is string, want array"}},
		"no_policy":          {policies, `{"iamPolicy":"none"}`, []string{"iamPolicy is string, want object"}},
		"azure":              {azure, `{"type":"A.B/c","properties":{"names":"x"}}`, nil},
		"of_another_type":    {azure, `{"properties":{"names":"x"}}`, nil},
	}
	for name, test := range tests {
		for _, rule := range []string{
			`{"policyRule": {"if": ` + test.condition + `, "then": {"effect": "audit"}}}`,
			`{"policyRule": {"if": {"field": "type", "equals": "AWS::C::D"}, "then": {"effect": "auditIfNotExists", "details": {"type": "AWS::A::B", "existenceCondition": ` + test.condition + `}}}}`,
			`{"policyRule": {"if": {"field": "type", "equals": "AWS::C::D"}, "then": {"effect": "auditIfNotExists", "details": {"type": "AWS::A::B", "existenceCondition": {"allOf": [{"field": "name", "equals": "[field('name')]"}, ` + test.condition + `]}}}}}`,
		} {
			t.Run(name, func(t *testing.T) {
				definition, problems := ParseDefinition("d", []byte(rule))
				if err := problems.Err(); err != nil {
					t.Fatal(err)
				}
				set := NewSet(NewAliases(), testClock)
				set.Add(Bind(definition, nil))
				r, err := ParseResource([]byte(test.body))
				if err != nil {
					t.Fatal(err)
				}
				if r.Type == "" {
					r.Type, r.Native = "AWS::A::B", true
				}
				var got []string
				for _, m := range set.Judge().Misshapes(r) {
					got = append(got, m.Words)
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}

// What one rule makes of a value of another type than it wants is its own affair:
// other rules of the set change nothing, whether they want the same, another type
// or take the value as it is.
func TestMisshapes_are_each_rules_own(t *testing.T) {
	unknown := 0
	for seed := range uint64(300) {
		m := maker{rand.New(rand.NewPCG(seed, 11))}
		var rules []*Bound
		var texts []string
		all := NewSet(NewAliases(), testClock)
		for range 8 {
			rule := m.shapeRule()
			d, problems := ParseDefinition("d", []byte(rule))
			if err := problems.Err(); err != nil {
				t.Fatalf("%v\n%s", err, rule)
			}
			rules, texts = append(rules, Bind(d, nil)), append(texts, rule)
			all.Add(rules[len(rules)-1])
		}
		for range 6 {
			body := `{"id":"b","type":"AWS::A::B","name":"b","properties":` + m.shape(3) + `}`
			parent := `{"id":"c","type":"AWS::C::D","name":"c","properties":{}}`
			together := shapeStatuses(t, all, body, parent)
			for i, rule := range rules {
				alone := NewSet(NewAliases(), testClock)
				alone.Add(rule)
				want := shapeStatuses(t, alone, body, parent)[0]
				if strings.Contains(want, "Unknown") {
					unknown++
				}
				if together[i] != want {
					t.Fatalf("seed %d: with others %s, alone %s\n%s\n%s", seed, together[i], want, texts[i], body)
				}
			}
		}
	}
	if unknown < 500 {
		t.Errorf("%d unknown verdicts, want many", unknown)
	}
}

// shapeStatuses judges resources with their misshapes as gaps, and gives what each
// rule came to in the set and when explained.
func shapeStatuses(t *testing.T, set *Set, bodies ...string) []string {
	t.Helper()
	var estate Resources
	judge := set.Judge()
	for _, body := range bodies {
		r := parsed(t, body)
		r.Native, r.Unit = true, "1"
		for _, m := range judge.Misshapes(r) {
			r.Gaps = append(r.Gaps, Gap{Path: m.Path, Reason: "error", Is: m.Is})
		}
		estate = append(estate, r)
	}
	words := make([]string, set.Len())
	for _, f := range set.JudgeAll(estate, func(string, string) (bool, string) { return true, "" }) {
		words[f.Rule] += f.Resource.ID + " " + f.Status.String() + ";"
	}
	settler := set.Settle([]*Judge{judge}, func(string, string) (bool, string) { return true, "" }).Settler()
	for _, r := range estate {
		x := judge.Inspect(r)
		for _, s := range x.Judged.Signatures {
			for at, status := range s.Statuses {
				if set.Rule(int(status.Rule)).family == familyAudit {
					words[status.Rule] += fmt.Sprint(x.Evidence(s, at, settler, nil, r.Unit))
				}
			}
		}
	}
	env := Environment{Now: testClock, Related: estate}
	for n := range words {
		words[n] += " explained"
		for _, r := range estate {
			words[n] += " " + set.Rule(n).Judge(r, env).Compliance
		}
	}
	return words
}

var shapePaths = []string{"P", "P.x", "P[*]", "P[*].x", "P.x[*]", "P[*].x[*]", "P.x.y", "P[*][*]", "P.y"}

// shapeRule makes a rule that goes through places of AWS::A::B in several ways.
func (m maker) shapeRule() string {
	var leaves []string
	for range 1 + m.IntN(3) {
		path := "AWS::A::B/" + m.pick(shapePaths...)
		switch m.IntN(6) {
		case 5:
			if strings.Contains(path, "[*]") {
				leaves = append(leaves, `{"count": {"value": "[field('`+path+`')]", "name": "c", "where": {"value": "[current('c')]", "equals": "v"}}, "greater": 0}`)
				continue
			}
			fallthrough
		case 0:
			leaves = append(leaves, `{"field": "`+path+`", "exists": `+m.pick("true", "false")+`}`)
		case 1:
			leaves = append(leaves, `{"value": "[string(field('`+path+`'))]", "contains": "v"}`)
		case 2:
			if star := strings.LastIndex(path, "[*]"); star > 0 {
				leaves = append(leaves, `{"count": {"field": "`+path[:star+3]+`", "where": {"field": "`+path+`", "equals": "v"}}, "greater": 0}`)
				continue
			}
			fallthrough
		default:
			leaves = append(leaves, `{"field": "`+path+`", "`+m.pick("equals", "notEquals", "contains")+`": "v"}`)
		}
	}
	condition := `{"` + m.pick("anyOf", "allOf") + `": [` + strings.Join(leaves, ",") + `]}`
	if m.IntN(3) == 0 {
		if m.IntN(2) == 0 {
			condition = `{"allOf": [{"field": "name", "notEquals": "[field('name')]"}, ` + condition + `]}`
		}
		return `{"name": "d", "policyRule": {"if": {"field": "type", "equals": "AWS::C::D"}, "then": {"effect": "auditIfNotExists", "details": {"type": "AWS::A::B", "existenceCondition": ` + condition + `}}}}`
	}
	return `{"policyRule": {"if": {"allOf": [{"field": "type", "equals": "AWS::A::B"}, ` + condition + `]}, "then": {"effect": "audit"}}}`
}

// shape makes a value: an object, a list, a text or nothing.
func (m maker) shape(depth int) string {
	switch kind := m.IntN(5); {
	case depth == 3:
		return `{"P":` + m.shape(depth-1) + `}`
	case kind < 2 && depth > 0:
		return `{"x":` + m.shape(depth-1) + `,"y":` + m.shape(0) + `}`
	case kind < 4 && depth > 0:
		return `[` + m.shape(depth-1) + `,` + m.shape(depth-1) + `]`
	}
	return m.pick(`"v"`, `"w"`, `1`, `null`, `[]`, `{}`)
}
