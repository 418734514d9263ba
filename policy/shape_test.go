package policy

import (
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
