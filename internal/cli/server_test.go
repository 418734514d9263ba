package cli

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// commanding asks a server that has the demo's estate, and nothing more, by the
// command line. What it changes it takes back, but for what it imports again.
func commanding(t *testing.T, s *serving, cookies []*http.Cookie) {
	made, _ := s.ask(http.MethodPost, "/api/v1/tokens", `{"name":"commands","role":"owner","scope":"/","expires":"1d"}`, cookies...)
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	secret, _ := made["token"].(string)
	token := write("token", secret+"\n")
	run := func(args ...string) (code int, out, problems string) {
		var printed, wrong bytes.Buffer
		code = Run(t.Context(), Process{
			Args: append(args, "--server", s.url, "--token-file", token), In: strings.NewReader(""), Out: &printed, Err: &wrong,
			Getenv: func(string) string { return "" }, Now: time.Now,
		})
		return code, printed.String(), wrong.String()
	}
	const unit = "/subscriptions/8a9a1480-add2-4048-af68-da4dbfcdd912"
	account := func(name string) string {
		id := unit + "/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/" + name
		return `{"id":"` + id + `","name":"` + name + `","type":"Microsoft.Storage/storageAccounts","location":"westeurope","kind":"StorageV2","properties":{"supportsHttpsTrafficOnly":false}}`
	}
	one, two := write("one.jsonl", account("commandone")+"\n"), write("two.json", "[\n"+account("commandtwo")+",\n5]\n")
	var packed bytes.Buffer
	to := gzip.NewWriter(&packed)
	_, err := to.Write([]byte(account("commandone") + "\n"))
	if err := errors.Join(err, to.Close()); err != nil {
		t.Fatal(err)
	}
	cut, broken := write("one.jsonl.gz", packed.String()[:packed.Len()-3]), write("none.zst", "\x28\xb5\x2f\xfdnothing")
	password := write("password", "correct horse battery staple\n")
	const house = unit + "/providers/microsoft.authorization/policydefinitions/house"
	text := `{"id":"` + house + `","properties":{"displayName":"HTTPS of the house","policyRule":{"if":{"allOf":[{"field":"type","equals":"Microsoft.Storage/storageAccounts"},{"field":"Microsoft.Storage/storageAccounts/supportsHttpsTrafficOnly","notEquals":true}]},"then":{"effect":"audit"}}}}`
	definition, wrong := write("house.json", text), write("wrong.json", strings.Replace(text, `"equals"`, `"equal"`, 1))
	assignment := write("assignment.json", `{"properties":{"scope":"`+unit+`","policyDefinitionId":"`+house+`"}}`)
	const initiativeID = unit + "/providers/microsoft.authorization/policysetdefinitions/all"
	initiative := write("all.json", `{"id":"`+initiativeID+`","properties":{"displayName":"All & 9% of it","policyDefinitions":[{"policyDefinitionReferenceId":"the one","policyDefinitionId":"`+house+`"}]}}`)
	many := write("many.json", `{"properties":{"scope":"`+unit+`","policyDefinitionId":"`+initiativeID+`"}}`)
	standard := write("house.yaml", "title: Mine\nauthority: us\nversion: '1'\nclouds: [azure]\ncontrols:\n- id: A\n  title: One\n  recommendations: [storage-secure-transfer]\n")
	several := write("several.jsonl", text+"\n"+strings.ReplaceAll(text, "/house", "/tin"))
	aliases := write("azure.json", `{"a/b":{"c":"p"}}`)
	tests := []struct {
		name string
		args []string
		code int
		out  string // expression that the output matches
		err  string // and standard error
	}{
		{"import", []string{"import", one, two}, 0, `^2 resources read, 2 new, 1 places could not be read\n$`, `two\.json:3: `},
		{"import_again", []string{"import", one, "--format", "json", "--quiet"}, 0, `(?s)"read": 1,.*"unchanged": 1,.*"rejected": \[\]`, `^$`},
		{"import_cut_off", []string{"import", cut}, 1, `^1 resources read, .*1 places could not be read\n$`, `one\.jsonl\.gz: .*unexpected`},
		{"import_broken", []string{"import", one, broken}, 1, `^1 resources read, .*1 places could not be read\n$`, `none\.zst: `},
		{"import_below", []string{"import", one, "--parent", "nowhere"}, 2, ``, `there is no such scope`},
		{"import_here", []string{"import", one, "--data", dir}, 2, ``, `--data: it does not go with --server`},
		{"recommendations", []string{"list", "recommendations", "--cloud", "azure", "--scope", unit}, 0, `storage-secure-transfer`, ``},
		{"recommendations_json", []string{"list", "recommendations", "--format", "json"}, 0, `(?s)"id": "storage-secure-transfer".*"unhealthy": [1-9]`, ``},
		{"standards", []string{"list", "standards"}, 0, `mcsb-v1 .* %`, ``},
		{"controls", []string{"list", "controls", "--standard", "mcsb-v1"}, 0, `NS-2 .*Failed`, ``},
		{"score_controls", []string{"list", "controls", "--scope", unit}, 0, `encrypt-data-in-transit`, ``},
		{"standard_of_none", []string{"list", "controls", "--standard", "none"}, 1, ``, `none`},
		{"explain", []string{"explain", unit + "/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/commandone", "storage-secure-transfer"}, 0, `(?s)^state: unhealthy\n.*supportsHttpsTrafficOnly`, ``},
		{"explain_name", []string{"explain", "CommandTwo", "storage-secure-transfer", "--format", "json"}, 0, `"state": "unhealthy"`, ``},
		{"explain_none", []string{"explain", "nothing-of-this-name", "storage-secure-transfer"}, 1, ``, `no resource "nothing-of-this-name" on the server`},
		{"explain_no_rule", []string{"explain", "commandone", "no-such-rule"}, 1, ``, `no recommendation no-such-rule`},
		{"explain_control", []string{"explain", "111122223333", "mcsb-v1:IR-1"}, 0, `(?s)^state: manual\n\nmcsb-v1:IR-1\n.*admin attestation set`, ``},
		{"explain_control_of", []string{"explain", unit, "MCSB-V1:ir-1", "--format", "json"}, 0, `(?s)"state": "manual".*"control": "mcsb-v1:IR-1"`, ``},
		{"explain_control_elsewhere", []string{"explain", "999900001111", "mcsb-v1:IR-1"}, 1, ``, `no unit 999900001111 .*want the id of one: `},
		{"explain_control_judged", []string{"explain", unit, "mcsb-v1:NS-2"}, 1, ``, `mcsb-v1:NS-2 is judged by .*storage`},
		{"explain_path", []string{"explain", "commandone", "storage-secure-transfer", one}, 2, ``, `want no PATH`},
		{"assess", []string{"assess", "--quiet"}, 0, `(?s)Secure score.*Worth most`, `^$`},
		{"assess_json", []string{"assess", "--format", "json", "--scope", unit, "--fail-on", "medium"}, 3, `(?s)"score":.*"standard": "mcsb-v1"`, `--fail-on medium: \d+ unhealthy checks`},
		{"assess_coverage", []string{"assess", "--format", "json", "--fail-coverage-below", "100", "--quiet"}, 4, `"coverage"`, `--fail-coverage-below 100: coverage is`},
		{"assess_jsonl", []string{"assess", "--format", "jsonl", "--state", "unhealthy", "--severity", "high", "--quiet"}, 0, `commandone`, ``},
		{"assess_csv", []string{"assess", "--format", "csv", "--scope", unit, "--quiet"}, 0, `(?m)FAIL.*commandone.*westeurope`, ``},
		{"assess_path", []string{"assess", one}, 2, ``, `want import`},
		{"assess_judged_here", []string{"assess", "--catalog", one}, 2, ``, `--catalog: it does not go with --server`},
		{"user", []string{"admin", "user", "create", "berta", "--password-file", password}, 0, `(?m)^name  berta$`, ``},
		{"weak", []string{"admin", "user", "create", "carla", "--password-file", write("weak", "short")}, 1, ``, `want 12 to 256`},
		{"users", []string{"admin", "user", "list"}, 0, `berta`, ``},
		{"robot", []string{"admin", "service-principal", "create", "robot", "--format", "json"}, 0, `"secret": "bzs_`, ``},
		{"robots", []string{"admin", "service-principal", "list", "--format", "json"}, 0, `"name": "robot"`, ``},
		{"role", []string{"admin", "role", "create", "--principal", "BERTA", "--role", "reader", "--scope", "default"}, 0, `(?m)^principal  berta$`, ``},
		{"role_of_nobody", []string{"admin", "role", "create", "--principal", "nobody", "--role", "reader", "--scope", "/"}, 2, ``, `"nobody"`},
		{"roles", []string{"admin", "role", "list"}, 0, `berta .*reader`, ``},
		{"token_of_another", []string{"admin", "token", "create", "--principal", "berta", "--role", "reader", "--scope", "default", "--expires", "1d"}, 0, `(?m)^token    bzt_`, ``},
		{"own_token", []string{"admin", "token", "create", "--principal", "anna", "--role", "reader", "--scope", "/", "--expires", "1d", "--format", "json"}, 0, `"token": "bzt_`, ``},
		{"tokens", []string{"admin", "token", "list"}, 0, `berta .*reader`, ``},
		{"no_token", []string{"admin", "token", "remove", "nothing"}, 2, ``, `no token nothing`},
		{"removed", []string{"admin", "user", "remove", "berta"}, 0, `^removed  `, ``},
		{"robot_removed", []string{"admin", "service-principal", "remove", "robot"}, 0, `^removed  `, ``},
		{"definition_tried", []string{"admin", "definition", "set", definition, "--dry-run", "--format", "json"}, 0, `(?s)^\{\s+"id": "` + house + `",\s+"checks": 0`, ``},
		{"definition", []string{"admin", "definition", "set", definition}, 0, `(?m)^id +` + house + `$`, ``},
		{"definition_wrong", []string{"admin", "definition", "set", wrong}, 2, ``, `body:1:\d+: .*unknown operator "equal"`},
		{"definitions", []string{"admin", "definition", "list"}, 0, `policydefinitions/house +HTTPS of the house`, ``},
		{"standard_kept", []string{"admin", "standard", "set", standard, "--scope", unit, "--dry-run"}, 0, `securitystandards/house\n`, ``},
		{"initiative", []string{"admin", "initiative", "set", initiative}, 0, `(?m)^id +` + initiativeID + `$`, ``},
		{"assignment", []string{"admin", "assignment", "set", assignment, "--id", "house", "--scope", unit}, 0, `(?m)^checks +[1-9]`, ``},
		{"assess_policy", []string{"assess", "--format", "jsonl", "--scope", unit, "--quiet"}, 0, `"policy":"` + house + `"`, ``},
		{"assess_by_standard", []string{"assess", "--format", "json", "--scope", unit, "--standard", "nist-800-53-r5", "--quiet"}, 0, `"standard": "nist-800-53-r5"`, ``},
		{"initiative_assigned", []string{"admin", "assignment", "set", many, "--id", "all", "--scope", unit}, 0, `(?m)^checks +0$`, ``},
		{"assess_initiative", []string{"assess", "--format", "json", "--scope", unit, "--quiet"}, 0, `"standard": "all"`, `^$`},
		{"assess_by_id", []string{"assess", "--format", "json", "--standard", initiativeID, "--quiet"}, 0, `"standard": "all"`, `^$`},
		{"assess_by_title", []string{"assess", "--format", "json", "--standard", "All & 9% of it", "--quiet"}, 0, `"standard": "all"`, `^$`},
		{"controls_by_id", []string{"list", "controls", "--standard", initiativeID}, 0, `(?m)^ *the one .*Failed`, `^$`},
		{"controls_by_title", []string{"list", "controls", "--standard", "All & 9% of it"}, 0, `(?m)^ *the one .*Failed`, `^$`},
		{"assess_by_no_standard", []string{"assess", "--standard", "none", "--quiet"}, 2, ``, `--standard none: there is no standard none`},
		{"controls_of_all", []string{"list", "controls", "--standard", "all", "--scope", unit}, 0, `(?s)nist-800-53-r5 .*all +the one .*Failed|all +the one .*Failed.*nist-800-53-r5 `, `^$`},
		{"explain_policy_name", []string{"explain", "CommandTwo", "HOUSE"}, 0, `(?s)^state: unhealthy.*supportsHttpsTrafficOnly`, ``},
		{"explain_policy", []string{"explain", "CommandTwo", house}, 0, `(?s)^state: unhealthy.*supportsHttpsTrafficOnly`, ``},
		{"initiative_unassigned", []string{"admin", "assignment", "remove", unit + "/providers/microsoft.authorization/policyassignments/all"}, 0, `(?m)^checks`, ``},
		{"initiative_removed", []string{"admin", "initiative", "remove", initiativeID}, 0, `(?m)^checks +0$`, ``},
		{"definition_needed", []string{"admin", "definition", "remove", house}, 2, ``, `is needed by assignment`},
		{"assignment_removed", []string{"admin", "assignment", "remove", unit + "/providers/microsoft.authorization/policyassignments/house"}, 0, `(?m)^checks +[1-9]`, ``},
		{"definition_removed", []string{"admin", "definition", "remove", house}, 0, `(?m)^checks +0$`, ``},
		{"several", []string{"admin", "definition", "set", several, "--dry-run"}, 0, `^documents +2\n`, ``},
		{"aliases", []string{"admin", "aliases", "set", aliases}, 0, `^id +/providers/bartizan/aliastables/azure\n`, ``},
		{"aliases_wrong", []string{"admin", "aliases", "set", wrong}, 2, ``, `wrong\.json:1:\d+: .*unknown operator "equal"`},
		{"aliases_listed", []string{"admin", "aliases", "list"}, 0, `aliastables/azure +azure +/`, ``},
		{"aliases_removed", []string{"admin", "aliases", "remove", "azure"}, 0, `(?m)^checks +0$`, ``},
		{"aliases_gone", []string{"admin", "aliases", "remove", "azure"}, 2, ``, `there is no alias table azure`},
		{"definition_gone", []string{"admin", "definition", "remove", house}, 2, ``, `there is no definition`},
		{"exemption_of_that_id", []string{"admin", "exemption", "set", definition, "--id", "mine"}, 2, ``, `--id: a server gives its own`},
		{"exemptions", []string{"admin", "exemption", "list", "--format", "json"}, 0, `^\[`, ``},
		{"database", []string{"admin", "user", "list", "--data", dir}, 2, ``, `--data: it does not go with --server`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			code, out, problems := run(test.args...)
			if code != test.code || !regexp.MustCompile(test.out).MatchString(out) || !regexp.MustCompile(test.err).MatchString(problems) {
				t.Errorf("ended with %d, want %d: %.1500s\n%.1500s", code, test.code, out, problems)
			}
		})
	}
	t.Run("assess_adds_up", func(t *testing.T) {
		_, text, _ := run("assess", "--format", "json", "--quiet")
		var of struct {
			Score           struct{ Percent float64 }
			Recommendations []struct{ Unhealthy int }
		}
		if err := json.Unmarshal([]byte(text), &of); err != nil {
			t.Fatal(err)
		}
		unhealthy := 0
		for _, r := range of.Recommendations {
			unhealthy += r.Unhealthy
		}
		_, lines, _ := run("assess", "--format", "jsonl", "--state", "unhealthy", "--quiet")
		if n := strings.Count(lines, "\n"); n != unhealthy || n == 0 || of.Score.Percent == 0 {
			t.Errorf("%d unhealthy checks in jsonl, %d in json, score %v", n, unhealthy, of.Score.Percent)
		}
	})
	t.Run("assess_has_controls_that_wait_for_a_person", func(t *testing.T) {
		controls := func(lines string) (found []string, all int) {
			for line := range strings.Lines(lines) {
				var c struct{ Recommendation, Resource, Type, State, Judged string }
				if err := json.Unmarshal([]byte(line), &c); err != nil {
					t.Fatal(err)
				}
				if all++; c.Type == "unit" {
					found = append(found, fmt.Sprint(c))
				}
			}
			slices.Sort(found)
			return found, all
		}
		var here bytes.Buffer
		Run(t.Context(), Process{
			Args: []string{"assess", one, "--format", "jsonl", "--state", "manual", "--quiet"}, In: strings.NewReader(""), Out: &here, Err: io.Discard,
			Getenv: func(string) string { return "" }, Now: time.Now,
		})
		want, _ := controls(here.String())
		_, lines, _ := run("assess", "--format", "jsonl", "--state", "manual", "--scope", unit, "--quiet")
		got, all := controls(lines)
		if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
			t.Errorf("-assess +assess --server:\n%.2000s", diff)
		}
		_, text, _ := run("assess", "--format", "json", "--scope", unit, "--quiet")
		var of struct{ Coverage struct{ Manual int } }
		if err := json.Unmarshal([]byte(text), &of); err != nil || of.Coverage.Manual != all {
			t.Errorf("%d manual checks in json, %d in jsonl: %v", of.Coverage.Manual, all, err)
		}
	})
}
