package catalog

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCommands_are_used: what nothing uses is not kept. What was written by hand
// may wait for its next use.
func TestCommands_are_used(t *testing.T) {
	f := contentFacts(t)
	for _, r := range all(t, parseContent(t).Recommendations) {
		f.Check(r)
	}
	for _, of := range f.tools {
		for name := range of.commands {
			if !of.used[name] && of.name != "gcloud" && of.name != "bq" {
				t.Errorf("%s.tsv: no recommendation uses %s any more; refresh the list", of.name, name)
			}
		}
	}
}

func TestCommand_check(t *testing.T) {
	row := func(positional, flags string) *command {
		c, err := parseCommand(positional, flags)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	of := &tool{"az", map[string]*command{
		"az":             row("0", "--output|-o= --debug"),
		"az door update": row("0", "!--name|-n= --lock=? --keys=+ --force|-f --ids=+"),
		"az door open":   row("1", ""),
	}, map[string]bool{}}
	tests := map[string]struct {
		in   string
		want []string
	}{
		"right":             {"az door update -n {name} --lock true --keys a b -f -o json", nil},
		"value_by_equals":   {"az door update --name=x --lock", nil},
		"ids_instead":       {"az door update --ids a b", nil},
		"negative_number":   {"az door update -n -1", nil},
		"value_with_blanks": {"az door update --name='front door'", nil},
		"positional":        {"az door open front --debug", nil},
		"no_such_command":   {"az door shut -n x", []string{"az door shut is no command of az.tsv: either there is none, or the list wants a refresh, see catalog/facts/README.md"}},
		"no_such_flag":      {"az door update --name x --lok true", []string{"az door update has no flag --lok; did you mean --lock?"}},
		"required":          {"az door update --force", []string{"az door update wants --name"}},
		"no_value":          {"az door update --name --force", []string{"az door update: --name wants a value"}},
		"value_of_a_switch": {"az door update -n x --force true", []string{"az door update: 1 words that belong to no flag, want 0 to 0"}},
		"switch_by_equals":  {"az door update -n x --force=true", []string{"az door update: --force takes no value"}},
		"two_values":        {"az door update -n x y", []string{"az door update: 1 words that belong to no flag, want 0 to 0"}},
		"nothing_to_open":   {"az door open", []string{"az door open: 0 words that belong to no flag, want 1 to 1"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, of.check(statements(test.in)[0])); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
