package inventory

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What has a type that the schema does not allow is named and unread.
func TestMachineTypes(t *testing.T) {
	tests := map[string]struct {
		in      string // members besides type and id
		problem string
		paths   []string
		body    string // of the machine, besides type, id and name
	}{
		"boolean_for_text": {
			`"properties":{"sshd":{"permitEmptyPasswords":true,"permitRootLogin":"no"}}`,
			"properties.sshd.permitEmptyPasswords is a boolean, want string",
			[]string{"properties.sshd.permitEmptyPasswords"},
			`"properties":{"sshd":{"permitRootLogin":"no"}},"tags":{}`,
		},
		"text_for_object": {
			`"properties":{"os":"linux","sshd":"x"}`, "properties.os is a string, want object; properties.sshd is a string, want object",
			[]string{"properties.os", "properties.sshd"},
			`"properties":{},"tags":{}`,
		},
		"odd_case": {
			`"properties":{"sshd":{"permitemptypasswords":true}}`, "properties.sshd.permitemptypasswords is a boolean, want string",
			[]string{"properties.sshd.permitemptypasswords"},
			`"properties":{"sshd":{}},"tags":{}`,
		},
		"fraction": {
			`"properties":{"updates":{"pending":1.5}}`, "properties.updates.pending is a number, want integer",
			[]string{"properties.updates.pending"},
			`"properties":{"updates":{}},"tags":{}`,
		},
		"below_its_bound": {
			`"properties":{"updates":{"pendingSecurity":-1}}`, "properties.updates.pendingSecurity is -1, want integer, at least 0",
			[]string{"properties.updates.pendingSecurity"},
			`"properties":{"updates":{}},"tags":{}`,
		},
		"above_its_bound": {
			`"properties":{"listening":[{"port":70000}]}`, "properties.listening[*].port is 70000, want integer, at least 0, at most 65535",
			[]string{"properties.listening[*].port"},
			`"properties":{"listening":[{}]},"tags":{}`,
		},
		"no_word_of_the_schema": {
			`"properties":{"firewall":{"enabled":true,"defaultInbound":"dney"},"os":{"family":"Linux"}}`,
			`properties.firewall.defaultInbound is "dney", want allow or deny`,
			[]string{"properties.firewall.defaultInbound"},
			`"properties":{"firewall":{"enabled":true},"os":{"family":"Linux"}},"tags":{}`,
		},
		"nothing_for_object": {
			`"properties":{"os":null,"kernel":"6"}`, "properties.os is null, want object",
			[]string{"properties.os"},
			`"properties":{"kernel":"6"},"tags":{}`,
		},
		"in_a_list": {
			`"properties":{"users":[{"name":"a","uid":null,"enabled":"yes"},{"name":"b","enabled":1}]}`,
			"properties.users[*].enabled is a string, want boolean",
			[]string{"properties.users[*].enabled"},
			`"properties":{"users":[{"name":"a","uid":null},{"name":"b"}]},"tags":{}`,
		},
		"item_of_a_list": {
			`"properties":{"kernel":"6","listening":[{"port":22},23]}`, "properties.listening[1] is a number, want object",
			[]string{"properties.listening"},
			`"properties":{"kernel":"6"},"tags":{}`,
		},
		"group":      {`"properties":{"kernel":"6"},"group":5`, "group is a number, want string", []string{"group"}, `"properties":{"kernel":"6"},"tags":{}`},
		"tag":        {`"properties":{"kernel":"6"},"tags":{"a":5,"b":"c"}`, "tags.a is a number, want string", []string{"tags.a"}, `"properties":{"kernel":"6"},"tags":{"b":"c"}`},
		"facts":      {`"properties":[],"location":"x"`, "properties is an array, want object", []string{"properties"}, `"location":"x","tags":{},"properties":{}`},
		"well":       {`"properties":{"updates":{"pending":1.0},"windows":{"a":1},"more":[1]}`, "", nil, `"properties":{"updates":{"pending":1.0},"windows":{"a":1},"more":[1]},"tags":{}`},
		"left_out":   {`"properties":{"kernel":"6"},"group":null,"tags":null`, "", nil, `"properties":{"kernel":"6"},"group":null,"tags":{}`},
		"word_else":  {`"properties":{"os":{"family":"Plan 9"}}`, `properties.os.family is "Plan 9", want linux or windows or macos or bsd or other`, []string{"properties.os.family"}, `"properties":{"os":{}},"tags":{}`},
		"older_uids": {`"properties":{"users":[{"name":"a","uid":0}]}`, "", nil, `"properties":{"users":[{"name":"a","uid":0}]},"tags":{}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := decodeText(t, `{"type":"machine","id":"m","name":"m",`+test.in+`}`)
			var problems []string
			if test.problem != "" {
				problems = []string{`in.json:1: machine "m": ` + test.problem}
			}
			if diff := cmp.Diff(problems, f.Problems); diff != "" {
				t.Errorf("problems (-want +got)\n%s", diff)
			}
			if len(f.Resources) != 1 || len(f.Reads) > 0 {
				t.Fatalf("%+v, reads %+v", f.Resources, f.Reads)
			}
			if diff := cmp.Diff(test.paths, f.Resources[0].Broken); diff != "" {
				t.Errorf("broken (-want +got)\n%s", diff)
			}
			if r := f.Resources[0]; r.Whole != (name != "facts") || r.Unit != "machines/machines" {
				t.Errorf("%+v", r)
			}
			if diff := cmp.Diff(`{"type":"machine","id":"m","name":"m",`+test.body+`}`, f.Resources[0].Body); diff != "" {
				t.Errorf("body (-want +got)\n%s", diff)
			}
		})
	}
}
