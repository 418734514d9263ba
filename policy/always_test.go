package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What a provider always returns and a body lacks, nobody read: in the body
// itself, or in elements of its arrays.
func TestAlways_gaps(t *testing.T) {
	where := func(text string) *Condition {
		c, problems := ParseCondition("where", []byte(text))
		if c == nil {
			t.Fatal(problems)
		}
		return c
	}
	always := NewAlways(NewAliases(), map[string][]AlwaysField{
		"AWS::Test::Thing": {
			{Name: "State"},
			{Name: "Rules[*].Protocol"},
			{Name: "Rules[*].Ports[*].From"},
			{Name: "Public", Where: where(`{"field": "AWS::Test::Thing/Group", "equals": "own"}`)},
			{Name: "Rules[*].ListOf", Where: where(`{"field": "AWS::Test::Thing/Rules[*].List", "exists": true}`)},
			{Name: "Rules[*].Ports[*].To", Where: where(`{"allOf": [
				{"field": "AWS::Test::Thing/Rules[*].Protocol", "equals": "udp"},
				{"not": {"field": "AWS::Test::Thing/Rules[*].Ports[*].From", "equals": 7}}]}`)},
		},
	})
	tests := map[string]struct {
		body string
		want []string
	}{
		"all_there":              {`{"State": "on", "Rules": [{"Protocol": "tcp", "Ports": [{"From": 22}]}]}`, nil},
		"empty":                  {`{"State": "on", "Rules": [{"Protocol": "", "Ports": []}]}`, nil},
		"null":                   {`{"State": null, "Rules": [{"Protocol": "tcp", "Ports": [{"From": null}]}]}`, []string{"properties.State", "properties.Rules[0].Ports[0].From"}},
		"no_array":               {`{"State": "on"}`, nil},
		"no_array_but_a_word":    {`{"State": "on", "Rules": "none"}`, nil},
		"no_elements":            {`{"State": "on", "Rules": []}`, nil},
		"elements_without_array": {`{"State": "on", "Rules": [{"Protocol": "tcp"}]}`, nil},
		"element_is_no_object":   {`{"State": "on", "Rules": [null, "all"]}`, nil},
		"object_for_an_array":    {`{"State": "on", "Rules": {"Ports": {"To": 1}}}`, []string{"properties.Rules.Protocol", "properties.Rules.Ports.From"}},
		"where_it_is_asked":      {`{"State": "on", "Group": "own", "Rules": []}`, []string{"properties.Public"}},
		"where_it_is_not":        {`{"State": "on", "Group": "default", "Rules": []}`, nil},
		"where_of_an_element": {
			`{"State": "on", "Rules": [{"Protocol": "tcp"}, {"Protocol": "tcp", "List": "pl-1"}, {"Protocol": "tcp", "List": "pl-2", "ListOf": []}]}`,
			[]string{"properties.Rules[1].ListOf"},
		},
		"where_of_an_element_in_an_element": {
			`{"State": "on", "Rules": [{"Protocol": "tcp", "Ports": [{"From": 1}]}, {"Protocol": "udp", "Ports": [{"From": 7}, {"From": 8}]}]}`,
			[]string{"properties.Rules[1].Ports[1].To"},
		},
		"place":            {`{"Rules": []}`, []string{"properties.State"}},
		"of_some_elements": {`{"State": "on", "Rules": [{"Protocol": "tcp"}, {}]}`, []string{"properties.Rules[1].Protocol"}},
		"of_an_array_in_an_array": {
			`{"State": "on", "Rules": [{"Protocol": "tcp"}, {"Protocol": "tcp", "Ports": [{"From": 1}, {"To": 2}]}]}`,
			[]string{"properties.Rules[1].Ports[1].From"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := ParseResource([]byte(`{"id": "arn:aws:test:::thing", "type": "AWS::Test::Thing", "properties": ` + test.body + `}`))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, gap := range always.Gaps(r) {
				if gap.Reason != "notCollected" {
					t.Errorf("%s: got %s, want notCollected", gap.Path, gap.Reason)
				}
				got = append(got, gap.Path)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// In Azure too null is not what there always is. Of what a tool wrote instead of an
// array or an object in it, [Kinds] tell.
func TestAlways_gaps_of_azure(t *testing.T) {
	aliases := NewAliases()
	for _, name := range []string{"rules", "rules[*].access", "rules[*].ports[*].from", "mode", "kind"} {
		aliases.Add(AliasEntry{Name: "Microsoft.Test/things/" + name, Type: "Microsoft.Test/things", Path: "properties." + name})
	}
	always := NewAlways(aliases, map[string][]AlwaysField{
		"Microsoft.Test/things": {{Name: "rules"}, {Name: "rules[*].access"}, {Name: "rules[*].ports[*].from"}, {Name: "mode"}, {Name: "kind", Nullable: true}},
	})
	tests := map[string]struct {
		body string
		want []Gap
	}{
		"all_there": {`{"kind": null, "mode": "on", "rules": [{"access": "Allow", "ports": [{"from": 22}]}]}`, nil},
		"empty":     {`{"kind": null, "mode": "", "rules": []}`, nil},
		"absent":    {`{"mode": "on"}`, []Gap{{Path: "properties.rules", Reason: "notCollected"}, {Path: "properties.kind", Reason: "notCollected"}}},
		"no_list":   {`{"kind": null, "mode": "on", "rules": "@{name=a; access=Allow}"}`, nil},
		"no_object": {`{"kind": null, "mode": "on", "rules": ["@{name=a}", {"access": "Allow", "ports": [1]}]}`, nil},
		"null":      {`{"kind": null, "mode": null, "rules": null}`, []Gap{{Path: "properties.rules", Reason: "notCollected"}, {Path: "properties.mode", Reason: "notCollected"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := ParseResource([]byte(`{"id": "/subscriptions/a/resourceGroups/b/providers/Microsoft.Test/things/c", "type": "Microsoft.Test/things", "properties": ` + test.body + `}`))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, always.Gaps(r)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// What a record says was not read, and why, is not said once more: the reason
// that it gives is the one that is told.
func TestAlways_gaps_beside_others(t *testing.T) {
	where, problems := ParseCondition("where", []byte(`{"field": "AWS::Test::Thing/Group", "equals": "own"}`))
	if where == nil {
		t.Fatal(problems)
	}
	always := NewAlways(NewAliases(), map[string][]AlwaysField{"AWS::Test::Thing": {
		{Name: "Disk.State"}, {Name: "Net"}, {Name: "Rules[*].Protocol"}, {Name: "Public", Where: where},
	}})
	const body = `{"Rules": [{}, {}]}`
	net, state, first, second := "properties.Net", "properties.Disk.State", "properties.Rules[0].Protocol", "properties.Rules[1].Protocol"
	tests := map[string]struct {
		gaps    []Gap
		partial bool
		want    []string
	}{
		"the_place":      {[]Gap{{Path: state, Reason: "denied"}}, false, []string{net, first, second}},
		"above_it":       {[]Gap{{Path: "properties.Disk", Reason: "denied"}}, false, []string{net, first, second}},
		"beside_it":      {[]Gap{{Path: "properties.Disk.Size", Reason: "denied"}}, false, []string{state, net, first, second}},
		"below_it":       {[]Gap{{Path: "properties.Net.Name", Reason: "denied"}}, false, []string{state, net, first, second}},
		"each_element":   {[]Gap{{Path: "properties.Rules[*].Protocol", Reason: "denied"}}, false, []string{state, net}},
		"one_element":    {[]Gap{{Path: "properties.Rules[1]", Reason: "denied"}}, false, []string{state, net, first}},
		"its_condition":  {[]Gap{{Path: "properties.Group", Reason: "error"}}, false, []string{state, net, first, second, "properties.Public"}},
		"not_read":       {[]Gap{{Path: "properties.Group", Reason: "notCollected"}}, false, []string{state, net, first, second}},
		"the_whole_body": {[]Gap{{Path: "", Reason: "throttled"}}, false, nil},
		"read_in_part":   {nil, true, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := ParseResource([]byte(`{"id": "arn:aws:test:::thing", "type": "AWS::Test::Thing", "properties": ` + body + `}`))
			if err != nil {
				t.Fatal(err)
			}
			r.Gaps, r.Partial = test.gaps, test.partial
			var got []string
			for _, gap := range always.Gaps(r) {
				got = append(got, gap.Path)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
