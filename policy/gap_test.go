package policy

import (
	"slices"
	"testing"

	"github.com/valyala/fastjson"
)

// TestGap_covers_what_is_there holds that a place which was not read is
// unknown, whatever the body has there.
func TestGap_covers_what_is_there(t *testing.T) {
	const rule = `{"properties": {"mode": "All", "policyRule": {"if": {"allOf": [
		{"field": "type", "equals": "Contoso.Net/groups"},
		{"count": {"field": "Contoso.Net/groups/rules[*]", "where": {"field": "Contoso.Net/groups/rules[*].port", "equals": 22}}, "greater": 0}
	]}, "then": {"effect": "audit"}}}}`
	tests := map[string]struct{ rules, gap, want string }{
		"no_gap":                          {`[{"port": 80}]`, "", Compliant},
		"empty_and_not_read":              {`[]`, "properties.rules", NoData},
		"present_and_not_read":            {`[{"port": 80}]`, "properties.rules", NoData},
		"members_not_read":                {`[{}, {"port": 80}]`, "properties.rules[*].port", NoData},
		"one_member_not_read":             {`[{}, {"port": 80}]`, "properties.rules[0].port", NoData},
		"one_member_not_read_but_another": {`[{}, {"port": 22}]`, "properties.rules[0].port", NonCompliant},
		"star_left_out":                   {`[{}, {"port": 80}]`, "properties.rules.port", NoData},
		"index_of_another_member":         {`[{"port": 80}, {}]`, "properties.rules[0].name", Compliant},
		"members_of_an_empty_array":       {`[]`, "properties.rules[*].port", Compliant},
		"members_that_may_be_there":       {`[]`, "properties.rules[*]", NoData},
		"members_behind_the_last":         {`[{"port": 80}]`, "properties.rules[3]", NoData},
		"null_for_what_was_not_read":      {`null`, "properties.rules[*].port", NoData},
		"another_property_not_read":       {`[{"port": 80}]`, "properties.rules[*].name", Compliant},
	}
	def, problems := ParseDefinition("rule.json", []byte(rule))
	if def == nil {
		t.Fatal(problems)
	}
	aliases := NewAliases()
	if err := aliases.LoadAliasDump([]byte(`{"Contoso.Net/groups": {"rules[*]": "properties.rules[*]", "rules[*].port": "properties.rules[*].port"}}`)); err != nil {
		t.Fatal(err)
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := NewResource(fastjson.MustParse(`{"id": "/subscriptions/s/resourceGroups/g/providers/Contoso.Net/groups/a", "name": "a",
				"type": "Contoso.Net/groups", "properties": {"rules": ` + test.rules + `}}`))
			if test.gap != "" {
				r.Gaps = []Gap{{Path: test.gap, Reason: "denied"}}
			}
			if v := Bind(def, nil).Judge(r, Environment{Aliases: aliases}); v.Compliance != test.want {
				t.Errorf("alone: got %q, want %q", v.Compliance, test.want)
			}
			set := NewSet(aliases, testClock)
			set.Add(Bind(def, nil))
			judged := set.Judge().Resource(r)
			if got := judged.Signatures[0].Statuses[0].Status; got != map[string]Status{
				Compliant: StatusCompliant, NonCompliant: StatusNonCompliant, NoData: StatusUnknown,
			}[test.want] {
				t.Errorf("in a set: got %v, want %q", got, test.want)
			}
		})
	}
}

// Of several gaps at one place the reason counts that people can act on best, in
// whatever order they are told.
func TestGap_reason_of_several(t *testing.T) {
	const rule = `{"properties": {"mode": "All", "policyRule": {
		"if": {"field": "tags.owner", "exists": false}, "then": {"effect": "audit"}}}}`
	def, problems := ParseDefinition("rule.json", []byte(rule))
	if def == nil {
		t.Fatal(problems)
	}
	for _, path := range []string{"tags.owner", "tags", ""} {
		for _, reasons := range [][2]string{{"throttled", "denied"}, {"denied", "throttled"}, {"error", "denied"}, {"denied", "partial"}} {
			r := NewResource(fastjson.MustParse(`{"id": "/subscriptions/s/resourceGroups/g/providers/Contoso.Net/groups/a", "name": "a", "type": "Contoso.Net/groups"}`))
			r.Gaps = []Gap{{Path: path, Reason: reasons[0]}, {Path: path, Reason: reasons[1]}}
			if v := Bind(def, nil).Judge(r, Environment{}); v.Compliance != NoData || !slices.Equal(v.Reasons, []string{"denied"}) {
				t.Errorf("%q, %v: got %s %v, want it unknown, denied", path, reasons, v.Compliance, v.Reasons)
			}
		}
	}
}
