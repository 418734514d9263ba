package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What a provider always returns and a body lacks, nobody read: in the body
// itself, or in elements of its arrays.
func TestAlways_gaps(t *testing.T) {
	always := NewAlways(NewAliases(), map[string][]string{
		"AWS::Test::Thing": {"State", "Rules[*].Protocol", "Rules[*].Ports[*].From"},
	})
	tests := map[string]struct {
		body string
		want []string
	}{
		"all_there":              {`{"State": "on", "Rules": [{"Protocol": "tcp", "Ports": [{"From": 22}]}]}`, nil},
		"null_and_empty":         {`{"State": null, "Rules": [{"Protocol": "", "Ports": [{"From": null}]}]}`, nil},
		"no_array":               {`{"State": "on"}`, nil},
		"no_array_but_a_word":    {`{"State": "on", "Rules": "none"}`, nil},
		"no_elements":            {`{"State": "on", "Rules": []}`, nil},
		"elements_without_array": {`{"State": "on", "Rules": [{"Protocol": "tcp"}]}`, nil},
		"element_is_no_object":   {`{"State": "on", "Rules": [null, "all"]}`, nil},
		"place":                  {`{"Rules": []}`, []string{"properties.State"}},
		"of_some_elements":       {`{"State": "on", "Rules": [{"Protocol": "tcp"}, {}]}`, []string{"properties.Rules[1].Protocol"}},
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

// What a record says was not read, and why, is not said once more: the reason
// that it gives is the one that is told.
func TestAlways_gaps_beside_others(t *testing.T) {
	always := NewAlways(NewAliases(), map[string][]string{"AWS::Test::Thing": {"Disk.State", "Net", "Rules[*].Protocol"}})
	const body = `{"Rules": [{}, {}]}`
	net, state, first, second := "properties.Net", "properties.Disk.State", "properties.Rules[0].Protocol", "properties.Rules[1].Protocol"
	tests := map[string]struct {
		gaps    []Gap
		partial bool
		want    []string
	}{
		"the_place":      {[]Gap{{state, "denied"}}, false, []string{net, first, second}},
		"above_it":       {[]Gap{{"properties.Disk", "denied"}}, false, []string{net, first, second}},
		"beside_it":      {[]Gap{{"properties.Disk.Size", "denied"}}, false, []string{state, net, first, second}},
		"below_it":       {[]Gap{{"properties.Net.Name", "denied"}}, false, []string{state, net, first, second}},
		"each_element":   {[]Gap{{"properties.Rules[*].Protocol", "denied"}}, false, []string{state, net}},
		"one_element":    {[]Gap{{"properties.Rules[1]", "denied"}}, false, []string{state, net, first}},
		"the_whole_body": {[]Gap{{"", "throttled"}}, false, nil},
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
