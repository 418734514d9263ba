package cli

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestAssessServerTellsWhatIsNotEvaluated: what makes no checks of assigned initiatives
// is told by a server and by assess alike, with the controls that it leaves unknown.
func TestAssessServerTellsWhatIsNotEvaluated(t *testing.T) {
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
	const unit = "/subscriptions/8a9a1480-add2-4048-af68-da4dbfcdd912"
	account := write("in.jsonl", `{"id":"`+unit+`/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/one","type":"Microsoft.Storage/storageAccounts","name":"one","location":"westeurope","properties":{"minimumTlsVersion":"TLS1_2"}}`+"\n")
	place := func(kind, name string) string {
		return unit + "/providers/microsoft.authorization/" + kind + "/" + name
	}
	definition := func(name, field, effect string) string {
		return write(name+".json", `{"id":"`+place("policydefinitions", name)+`","name":"`+name+`","type":"Microsoft.Authorization/policyDefinitions","properties":{"displayName":"House `+name+`","policyRule":{"if":{"allOf":[{"field":"type","equals":"Microsoft.Storage/storageAccounts"},{"field":"Microsoft.Storage/storageAccounts/`+field+`","notEquals":"TLS1_2"}]},"then":{"effect":"`+effect+`"}}}}`)
	}
	definitions := []string{definition("tls", "minimumTlsVersion", "audit"), definition("odd", "noSuchAlias", "audit"), definition("off", "minimumTlsVersion", "disabled")}
	var members []string
	for _, name := range []string{"tls", "odd", "off"} {
		members = append(members, `{"policyDefinitionReferenceId":"`+name+`","policyDefinitionId":"`+place("policydefinitions", name)+`","groupNames":["`+map[string]string{"off": "G2"}[name]+`G1"]}`)
	}
	initiative := write("set.json", `{"id":"`+place("policysetdefinitions", "set")+`","name":"set","type":"Microsoft.Authorization/policySetDefinitions","properties":{"displayName":"The set","policyDefinitionGroups":[{"name":"G1"},{"name":"G2G1"}],"policyDefinitions":[`+strings.Join(members, ",")+`]}}`)
	assignment := write("assignment.json", `{"id":"`+place("policyassignments", "set")+`","name":"set","type":"Microsoft.Authorization/policyAssignments","properties":{"scope":"`+unit+`","policyDefinitionId":"`+place("policysetdefinitions", "set")+`"}}`)

	s := startServingBy(t, now, filepath.Join(dir, "data"))
	defer s.stop()
	_, cookies := s.ask(http.MethodPost, "/api/v1/session/first-run", `{"link":"`+s.firstLink()+`","name":"anna","password":"correct horse battery"}`)
	made, _ := s.ask(http.MethodPost, "/api/v1/tokens", `{"name":"commands","role":"owner","scope":"/","expires":"1d"}`, cookies...)
	secret, _ := made["token"].(string)
	asked := []string{"--server", s.url, "--token-file", write("token", secret)}
	here := []string{account, "--catalog", initiative, "--assignments", assignment, "--quiet"}
	run(append([]string{"import", account, "--quiet"}, asked...)...)
	for _, file := range definitions {
		here = append(here, "--catalog", file)
		run(append([]string{"admin", "definition", "set", file}, asked...)...)
	}
	run(append([]string{"admin", "initiative", "set", initiative}, asked...)...)
	run(append([]string{"admin", "assignment", "set", assignment}, asked...)...)
	asked = append(asked, "--quiet")

	told := func(args ...string) (objects [2]map[string]any) {
		for i, more := range [][]string{here, asked} {
			if err := json.Unmarshal([]byte(run(append(args, more...)...)), &objects[i]); err != nil {
				t.Fatal(err)
			}
			maps.DeleteFunc(objects[i], func(name string, _ any) bool { return name != "compliance" && name != "notEvaluated" })
		}
		return objects
	}
	for _, args := range [][]string{{"assess", "--format", "json"}, {"assess", "--format", "json", "--scope", unit + "/resourceGroups/g"}} {
		objects := told(args...)
		if diff := gocmp.Diff(objects[0], objects[1]); diff != "" {
			t.Errorf("%v: -assess +assess --server:\n%.3000s", args, diff)
		}
		if not, _ := objects[1]["notEvaluated"].([]any); len(not) != 2 {
			t.Errorf("%v: not evaluated %v", args, not)
		}
	}
	for _, format := range []string{"table", "md", "html"} {
		if text := run(append([]string{"assess", "--format", format}, asked...)...); !strings.Contains(text, "unknown alias") && format != "md" || !strings.Contains(strings.ToLower(text), "not evaluated") {
			t.Errorf("%s says nothing of what is not evaluated:\n%.3000s", format, text)
		}
	}
}
