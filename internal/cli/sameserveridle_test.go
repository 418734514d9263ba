package cli

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestAssessServerSaysTheSameOfWhatHasNoCheck: units and recommendations without a
// check, policies that are assigned where nothing is for them, and an initiative of
// which notScopes leave nothing, are told by a server as by assess of the same files.
// What differs otherwise tells TestAssessServerSaysTheSame.
func TestAssessServerSaysTheSameOfWhatHasNoCheck(t *testing.T) {
	now := func() time.Time { return demoInstant }
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(dir, name)
	}
	run := func(args ...string) string {
		t.Helper()
		var out, problems bytes.Buffer
		p := Process{Args: args, In: strings.NewReader(""), Out: &out, Err: &problems, Getenv: func(string) string { return "" }, Now: now}
		if code := Run(t.Context(), p); code != 0 {
			t.Fatalf("%v ended with %d: %.2000s", args, code, problems.String())
		}
		return out.String()
	}
	const unit, bare = "/subscriptions/8a9a1480-add2-4048-af68-da4dbfcdd912", "/subscriptions/11111111-add2-4048-af68-da4dbfcdd912"
	const spared = "/subscriptions/22222222-add2-4048-af68-da4dbfcdd912" // what judges its resource does not apply to it
	resource := func(unit, group, typeName, name, properties string) string {
		return `{"id":"` + unit + `/resourceGroups/` + group + `/providers/` + typeName + `/` + name + `","type":"` + typeName + `","name":"` + name + `","location":"westeurope","properties":` + properties + "}\n"
	}
	estate := write("in.jsonl", strings.Join([]string{
		resource(unit, "Shop", "Microsoft.Storage/storageAccounts", "one", `{"minimumTlsVersion":"TLS1_2","supportsHttpsTrafficOnly":true}`),
		resource(unit, "SHOP", "Microsoft.Storage/storageAccounts", "two", `{"minimumTlsVersion":"TLS1_0"}`), // a group in two spellings
		strings.Replace(resource(spared, "g", "Microsoft.Sql/servers", "synapse", `{}`), `"location"`, `"kind":"v12.0,analytics","location"`, 1),
		resource(bare, "rest", "Contoso.Things/things", "thing", `{}`),
		`{"name":"//storage.googleapis.com/projects/nobody/things/thing","assetType":"storage.googleapis.com/Thing","resource":{"data":{"name":"thing"},"parent":"//cloudresourcemanager.googleapis.com/projects/nobody"}}` + "\n",
		`{"id":"web-9","type":"machine","name":"web-9","group":"shop","properties":{"os":{"family":"linux"}}}` + "\n",
		`{"type":"AWS::Contoso::Thing","id":"thing","account":"111122223333","region":"eu-west-1","properties":{}}` + "\n",
	}, ""))
	place := func(kind, name string) string {
		return unit + "/providers/microsoft.authorization/" + kind + "/" + name
	}
	definition := func(name, typeName, rest string) string {
		return write(name+".json", `{"id":"`+place("policydefinitions", name)+`","name":"`+name+`","type":"Microsoft.Authorization/policyDefinitions","properties":{"displayName":"House `+name+`","parameters":{"wanted":{"type":"String"}},"policyRule":{"if":{"allOf":[{"field":"type","equals":"`+typeName+`"}`+rest+`]},"then":{"effect":"audit"}}}}`)
	}
	assignment := func(name, what, rest string) string {
		return `{"id":"` + place("policyassignments", name) + `","name":"` + name + `","type":"Microsoft.Authorization/policyAssignments","properties":{"scope":"` + unit + `","policyDefinitionId":"` + what + `"` + rest + `}}`
	}
	wanted := func(value string) string { return `,"parameters":{"wanted":{"value":"` + value + `"}}` }
	documents := []struct{ kind, flag, file string }{
		{"definition", "--catalog", definition("tls", "Microsoft.Storage/storageAccounts", `,{"field":"Microsoft.Storage/storageAccounts/minimumTlsVersion","notEquals":"[parameters('wanted')]"}`)},
		{"definition", "--catalog", definition("vaults", "Microsoft.KeyVault/vaults", `,{"field":"location","notEquals":"[parameters('wanted')]"}`)},
		{"initiative", "--catalog", write("set.json", `{"id":"`+place("policysetdefinitions", "set")+`","name":"set","type":"Microsoft.Authorization/policySetDefinitions","properties":{"displayName":"The set","policyDefinitionGroups":[{"name":"G1"}],"policyDefinitions":[{"policyDefinitionReferenceId":"tls","policyDefinitionId":"`+place("policydefinitions", "tls")+`","groupNames":["G1"],"parameters":{"wanted":{"value":"TLS1_3"}}}]}}`)},
		{"assignment", "--assignments", write("assigned.json", "["+strings.Join([]string{
			assignment("lax", place("policydefinitions", "tls"), wanted("TLS1_0")),
			assignment("strict", place("policydefinitions", "tls"), wanted("TLS1_2")),
			assignment("vaults", place("policydefinitions", "vaults"), wanted("westeurope")),
			assignment("set", place("policysetdefinitions", "set"), `,"notScopes":["`+unit+`"]`),
		}, ",")+"]")},
	}

	s := startServingBy(t, now, filepath.Join(dir, "data"))
	defer s.stop()
	_, cookies := s.ask(http.MethodPost, "/api/v1/session/first-run", `{"link":"`+s.firstLink()+`","name":"anna","password":"correct horse battery"}`)
	made, _ := s.ask(http.MethodPost, "/api/v1/tokens", `{"name":"commands","role":"owner","scope":"/","expires":"1d"}`, cookies...)
	secret, _ := made["token"].(string)
	asked := []string{"--server", s.url, "--token-file", write("token", secret)}
	here := []string{estate, "--complete", "all", "--quiet"}
	run(append([]string{"import", estate, "--complete", "all", "--quiet"}, asked...)...)
	for _, d := range documents {
		run(append([]string{"admin", d.kind, "set", d.file}, asked...)...)
		here = append(here, d.flag, d.file)
	}
	asked = append(asked, "--quiet")

	told := map[string]func(t *testing.T, text string) any{
		"jsonl": func(t *testing.T, text string) any { return checkLines(t, text) },
		"json": func(t *testing.T, text string) any {
			object := objectOf(t, text) // assess notices that notScopes leave nothing
			object["problems"] = slices.DeleteFunc(object["problems"].([]any), func(p any) bool { return p.(map[string]any)["notice"] == true })
			return object
		},
		"csv":   func(t *testing.T, text string) any { return plainRows(t, text) },
		"ocsf":  func(t *testing.T, text string) any { return findings(t, text) },
		"sarif": func(t *testing.T, text string) any { return results(t, text) },
		"junit": func(_ *testing.T, text string) any { return messages(text) },
		"table": func(_ *testing.T, text string) any { return linesOf(text, "") },
		"md":    func(_ *testing.T, text string) any { return linesOf(text, "|") },
	}
	for format, of := range told {
		for _, scope := range []string{"", unit, bare, spared} {
			t.Run(format+scope, func(t *testing.T) {
				args := []string{"assess", "--format", format}
				if scope != "" {
					args = append(args, "--scope", scope)
				}
				local, kept := of(t, run(append(args, here...)...)), of(t, run(append(args, asked...)...))
				if diff := gocmp.Diff(local, kept); diff != "" {
					t.Errorf("-assess +assess --server:\n%.3000s", diff)
				}
			})
		}
	}
	var object struct {
		Score           struct{ Units []struct{ Scope string } }
		Recommendations []struct{ ID, ParametersHash string }
		Compliance      []struct{ Standard string }
	}
	if err := json.Unmarshal([]byte(run(append([]string{"assess", "--format", "json"}, asked...)...)), &object); err != nil {
		t.Fatal(err)
	}
	hashes, rows := map[string]bool{}, map[string]int{}
	for _, r := range object.Recommendations {
		if rows[r.ID]++; r.ID == place("policydefinitions", "tls") {
			hashes[r.ParametersHash] = true
		}
	}
	if len(hashes) != 3 || hashes[""] || rows[place("policydefinitions", "vaults")] != 1 || len(object.Recommendations) < 200 {
		t.Errorf("%d rows, of one policy those with %v, of another %d", len(object.Recommendations), hashes, rows[place("policydefinitions", "vaults")])
	}
	if units := object.Score.Units; len(units) != 3 || units[0].Scope != spared {
		t.Errorf("units of the score %v, want those with a scored check", units)
	}
	if n := len(object.Compliance); n == 0 || object.Compliance[n-1].Standard != "set" {
		t.Errorf("no initiative of which nothing is left: %v", object.Compliance)
	}
}
