package catalog

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
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

// TestCommands_go_together: some commands mend nothing alone, or undo what
// somebody else set, unless another stands beside them.
func TestCommands_go_together(t *testing.T) {
	tests := map[string]struct{ command, beside string }{
		"flags_of_a_database_are_one_list":          {"--database-flags=", "{otherFlags},"},
		"a_contact_is_written_anew":                 {"az security contact create", "az security contact update"},
		"a_list_that_grants_cannot_be_off":          {"put-bucket-ownership-controls", "put-bucket-acl"},
		"a_lock_wants_a_policy":                     {"--lock-retention-period", "--retention-period="},
		"a_version_is_not_the_default":              {"create-launch-template-version", "modify-launch-template"},
		"a_filter_rings_no_bell":                    {"put-metric-filter", "put-metric-alarm"},
		"a_new_trail_is_silent":                     {"create-trail", "start-logging"},
		"a_kept_key_is_disabled":                    {"cancel-key-deletion", "enable-key "},
		"a_network_has_one_policy":                  {"gcloud dns policies create", "gcloud dns policies update"},
		"a_region_has_one_detector":                 {"create-detector", "update-detector"},
		"a_recorder_has_to_be_there":                {"start-configuration-recorder", "put-configuration-recorder"},
		"a_device_has_to_be_there":                  {"enable-mfa-device", "create-virtual-mfa-device"},
		"a_key_is_replaced_before_it_goes":          {"api-keys delete", "api-keys create"},
		"storage_of_aurora_is_the_cluster_s":        {"copy-db-snapshot --source-db-snapshot-identifier {snapshotId} --target-db-snapshot-identifier {newSnapshotId} --kms-key-id {keyId}", "restore-db-cluster-from-snapshot"},
		"a_default_cannot_mend_a_list_of_addresses": {"az acr update --name {name} --default-action", "az acr network-rule remove"},
		"nor_that_of_a_vault":                       {"az keyvault update --name {name} --resource-group {resourceGroup} --default-action", "az keyvault network-rule remove"},
		"distributions_have_their_own_tools":        {"unattended-upgrade", "dnf upgrade"},
	}
	recommendations := all(t, parseContent(t).Recommendations)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			found := false
			for _, r := range recommendations {
				text := r.Remediation.CLI()
				if !strings.Contains(text, test.command) {
					continue
				}
				found = true
				if !strings.Contains(text, test.beside) {
					t.Errorf("%s: %q stands alone; want %q beside it", r.File, test.command, test.beside)
				}
			}
			if !found {
				t.Errorf("no recommendation has the command %q; take the row away", test.command)
			}
		})
	}
}

var alarmThreshold = regexp.MustCompile(`--threshold (\d+) `)

// TestCommands_ring_in_time: the alarm that a command sets up rings as early as
// the rule of its recommendation wants, or it would mend nothing.
func TestCommands_ring_in_time(t *testing.T) {
	found := false
	for _, r := range all(t, parseContent(t).Recommendations) {
		var definition struct {
			Properties struct {
				Parameters struct{ MostEvents struct{ DefaultValue int } }
			}
		}
		if err := json.Unmarshal(r.Definition, &definition); err != nil {
			t.Fatal(err)
		}
		most := definition.Properties.Parameters.MostEvents.DefaultValue
		if most == 0 {
			continue
		}
		found = true
		threshold := alarmThreshold.FindStringSubmatch(r.Remediation.CLI())
		if want := strconv.Itoa(most); threshold == nil || threshold[1] != want {
			t.Errorf("%s: the command has the threshold %q, the rule wants an alarm at %s events", r.File, threshold, want)
		}
	}
	if !found {
		t.Error("no recommendation has the parameter mostEvents")
	}
}
