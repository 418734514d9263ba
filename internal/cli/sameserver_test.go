package cli

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/contoso"
)

// TestAssessServerSaysTheSame: what a server keeps and what assess reads are told
// alike, in every format. What differs, and why:
//   - evidence, and what a check is unknown for in words: a server does not keep them,
//     explain works them out; so RESOURCE_DETAILS is empty, and what STATUS_EXTENDED and
//     status_detail have of it is missing;
//   - ids of policies and assignments, which a server spells in small letters;
//   - inputs, of which a server has none;
//   - the order of checks: by rule, not by record; and of problems of one line.
func TestAssessServerSaysTheSame(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	now := func() time.Time { return demoInstant }
	dir := t.TempDir()
	place := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, text string) string {
		t.Helper()
		if err := os.WriteFile(place(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return place(name)
	}
	run := func(want int, args ...string) string {
		t.Helper()
		var out, problems bytes.Buffer
		p := Process{Args: args, In: strings.NewReader(""), Out: &out, Err: &problems, Getenv: func(string) string { return "" }, Now: now}
		if code := Run(t.Context(), p); code != want {
			t.Fatalf("%v ended with %d, want %d: %.2000s", args, code, want, problems.String())
		}
		return out.String()
	}
	var all bytes.Buffer
	if err := contoso.Estate(&all); err != nil {
		t.Fatal(err)
	}
	const unit = "/subscriptions/8a9a1480-add2-4048-af68-da4dbfcdd912"
	estate := write("estate.jsonl", all.String()+strings.ReplaceAll(spoiltLines, "UNIT", unit))
	const house = unit + "/providers/Microsoft.Authorization/policyDefinitions/house"
	definition := write("house.json", `{"id":"`+house+`","name":"house","type":"Microsoft.Authorization/policyDefinitions","properties":{"displayName":"HTTPS of the house","metadata":{"severity":"High"},"policyRule":{"if":{"allOf":[{"field":"type","equals":"Microsoft.Storage/storageAccounts"},{"field":"Microsoft.Storage/storageAccounts/minimumTlsVersion","notEquals":"TLS1_3"}]},"then":{"effect":"audit"}}}}`)
	const assigned = unit + "/providers/Microsoft.Authorization/policyAssignments/house"
	assignment := write("assignment.json", `{"id":"`+assigned+`","name":"house","type":"Microsoft.Authorization/policyAssignments","properties":{"scope":"`+unit+`","policyDefinitionId":"`+house+`","nonComplianceMessages":[{"message":"TLS 1.3; see the wiki"}]}}`)

	s := startServingBy(t, now, place("data"))
	defer s.stop()
	_, cookies := s.ask(http.MethodPost, "/api/v1/session/first-run", `{"link":"`+s.firstLink()+`","name":"anna","password":"correct horse battery"}`)
	made, _ := s.ask(http.MethodPost, "/api/v1/tokens", `{"name":"commands","role":"owner","scope":"/","expires":"1d"}`, cookies...)
	secret, _ := made["token"].(string)
	asked := []string{"--server", s.url, "--token-file", write("token", secret), "--quiet"}
	exemptions, attestations := write("exemptions.jsonl", saidHere("exemption", house)), write("attestations.jsonl", saidHere("attestation", house))
	here := []string{estate, "--catalog", definition, "--assignments", assignment, "--exemptions", exemptions, "--attestations", attestations, "--quiet"}
	run(0, append([]string{"import", estate}, asked...)...)
	run(0, append([]string{"admin", "definition", "set", definition}, asked[:4]...)...)
	run(0, append([]string{"admin", "assignment", "set", assignment}, asked[:4]...)...)
	for _, d := range people {
		run(0, append([]string{"admin", d.kind, "set", write("said.json", strings.ReplaceAll(d.kept, "HOUSE", house))}, asked[:4]...)...)
	}

	told := func(format string) (local, kept string) {
		args := []string{"assess", "--format", format}
		local, kept = run(0, append(args, here...)...), run(0, append(args, asked...)...)
		for _, id := range []string{house, assigned} {
			local = strings.ReplaceAll(local, id, strings.ToLower(id))
		}
		return local, kept
	}
	same := func(t *testing.T, local, kept any) {
		t.Helper()
		if diff := gocmp.Diff(local, kept); diff != "" {
			t.Errorf("-assess +assess --server:\n%.3000s", diff)
		}
	}
	t.Run("jsonl", func(t *testing.T) {
		local, kept := told("jsonl")
		same(t, checkLines(t, local), checkLines(t, kept))
		if !strings.Contains(kept, `"references":[{"assignment":"/subscriptions/`) {
			t.Error("no reference of the policy")
		}
		if !strings.Contains(kept, `"exempt":true,"category":"mitigated"`) || !strings.Contains(kept, `"reason":"In the west"`) {
			t.Error("nothing is exempt as the assignment is")
		}
		if !strings.Contains(kept, `"message":"TLS 1.3; see the wiki"`) {
			t.Error("not what the assignment says")
		}
		old, new := write("local.jsonl", local), write("kept.jsonl", kept)
		run(0, append([]string{"assess", "--baseline", new, "--fail-on-new", "notRated", "--format", "json"}, here...)...)
		run(0, append([]string{"assess", "--baseline", old, "--fail-on-new", "notRated", "--format", "json"}, asked...)...)
		run(3, append([]string{"assess", "--baseline", write("none.jsonl", strings.SplitAfter(kept, "\n")[0]), "--fail-on-new", "low", "--format", "json"}, asked...)...)
	})
	t.Run("json", func(t *testing.T) {
		local, kept := told("json")
		object := objectOf(t, kept)
		same(t, objectOf(t, local), object)
		coverage, _ := object["coverage"].(map[string]any)
		if coverage["notRead"] == nil {
			t.Error("nothing that was not read")
		}
		if n, problems := coverage["rejected"], object["problems"].([]any); n != 9. || len(problems) != 9 {
			t.Errorf("%v places could not be read, of which %d are told, want 9: %v", n, len(problems), problems)
		}
	})
	t.Run("csv", func(t *testing.T) {
		local, kept := told("csv")
		same(t, plainRows(t, local), plainRows(t, kept))
		const says = "TLS 1.3; see the wiki"
		if n := strings.Count(kept, says); n == 0 || n != strings.Count(local, says) {
			t.Errorf("%d rows say what the assignment does, want %d", n, strings.Count(local, says))
		}
	})
	t.Run("ocsf", func(t *testing.T) {
		local, kept := told("ocsf")
		same(t, findings(t, local), findings(t, kept))
	})
	t.Run("sarif", func(t *testing.T) {
		local, kept := told("sarif")
		same(t, results(t, local), results(t, kept))
	})
	t.Run("junit", func(t *testing.T) {
		local, kept := told("junit")
		same(t, messages(local), messages(kept))
	})
	for format, line := range map[string]string{"table": "  ", "md": "|"} {
		t.Run(format, func(t *testing.T) {
			local, kept := told(format)
			same(t, linesOf(local, line), linesOf(kept, line))
		})
	}
	t.Run("slice", func(t *testing.T) {
		for _, scope := range []string{unit, unit + "/resourceGroups/rg-marketing", "tag:environment=production"} {
			args := []string{"assess", "--format", "json", "--scope", scope}
			of, as := objectOf(t, run(0, append(args, here...)...)), objectOf(t, run(0, append(args, asked...)...))
			same(t, of["score"], as["score"])
			same(t, apartFromPlaces(of["coverage"]), apartFromPlaces(as["coverage"]))
			if units, _ := as["score"].(map[string]any)["units"].([]any); len(units) == 0 {
				t.Errorf("%s: no units", scope)
			}
			args = []string{"assess", "--scope", scope}
			local, kept := worthMost(run(0, append(args, here...)...)), worthMost(run(0, append(args, asked...)...))
			same(t, local, kept)
			if has := strings.Contains(kept, "points  "); has != (scope == unit) {
				t.Errorf("%s: points %v in %.300s", scope, has, kept)
			}
		}
	})
	t.Run("explain", func(t *testing.T) {
		for _, of := range explained {
			for _, format := range []string{"text", "json"} {
				args := []string{"explain", of.resource, strings.ReplaceAll(of.rule, "HOUSE", house), "--format", format}
				local, kept := run(0, append(args, here...)...), run(0, append(args, asked[:4]...)...)
				same(t, stateTold(t, format, local), stateTold(t, format, kept))
				for _, word := range of.words {
					if format == "text" && !strings.Contains(kept, word) {
						t.Errorf("%s %s: no %s in %.300s", of.resource, of.rule, word, kept)
					}
				}
			}
		}
	})
	t.Run("thresholds", func(t *testing.T) {
		for _, args := range [][]string{here, asked} {
			run(4, append([]string{"assess", "--format", "json", "--fail-coverage-below", "99"}, args...)...)
			run(3, append([]string{"assess", "--format", "json", "--fail-on", "high"}, args...)...)
		}
	})
}

// apartFromPlaces is the coverage of checks alone: of places that could not be read a
// server counts those that may lie in a scope, assess all of its inputs.
func apartFromPlaces(of any) map[string]any {
	coverage := maps.Clone(of.(map[string]any))
	places, _ := coverage["rejected"].(float64)
	unknown, _ := coverage["unknown"].(float64)
	coverage["unknown"] = unknown - places
	if reasons, ok := coverage["reasons"].(map[string]any); ok {
		reasons = maps.Clone(reasons)
		failed, _ := reasons["error"].(float64)
		reasons["error"] = failed - places
		coverage["reasons"] = reasons
	}
	delete(coverage, "rejected")
	delete(coverage, "percent")
	return coverage
}

// objectOf is a JSON report without its inputs, its problems in some order.
func objectOf(t *testing.T, text string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		t.Fatal(err)
	}
	delete(object, "inputs")
	problems, _ := object["problems"].([]any)
	slices.SortFunc(problems, func(a, b any) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return object
}

// spoiltLines are records that cannot be read, or not all of them.
const spoiltLines = `what is this
{"hello":1}
{"id":"UNIT/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/cut","type":"Microsoft.Storage/storageAccounts","properties":{"minimumTlsVersion":"TLS1_2"
{"id":"UNIT/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/odd","type":5,"properties":{}}
{"id":"UNIT/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/listed","type":"Microsoft.Storage/storageAccounts"}
{"id":"UNIT/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/text","name":"text","type":"Microsoft.Storage/storageAccounts","location":"westeurope","properties":"x"}
{"id":"UNIT/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/value","name":"value","type":"Microsoft.Storage/storageAccounts","location":"westeurope","properties":{"minimumTlsVersion":[1]}}
{"id":"web-9","type":"machine","name":"web-9","group":"shop","properties":{"os":7}}
{"id":"UNIT/resourceGroups/g/providers/Microsoft.KeyVault/vaults/end","type":"Microsoft.KeyVault/vaults","na`

// checkLines are jsonl without what a server does not keep, in order.
func checkLines(t *testing.T, text string) (all []string) {
	t.Helper()
	for line := range strings.Lines(text) {
		var of map[string]any
		if err := json.Unmarshal([]byte(line), &of); err != nil {
			t.Fatal(err)
		}
		delete(of, "evidence")
		if of["attested"] != true {
			delete(of, "detail")
		}
		plain, _ := json.Marshal(of)
		all = append(all, string(plain))
	}
	slices.Sort(all)
	return all
}

// briefly is what a sentence about a check says without what it was judged on: its
// state, and what lies over it.
func briefly(text string) string {
	said, rest, _ := strings.Cut(text, "; ")
	if strings.HasSuffix(said, "attested as healthy") || strings.HasSuffix(said, "attested as unhealthy") {
		return text // it has no evidence
	}
	if at := strings.LastIndex("; "+rest, "; exempt ("); at >= 0 {
		said += ("; " + rest)[at:]
	}
	return said
}

func plainRows(t *testing.T, text string) (all []string) {
	t.Helper()
	rows := csv.NewReader(strings.NewReader(text))
	rows.Comma = ';'
	columns, err := rows.Read()
	for err == nil {
		var row []string
		if row, err = rows.Read(); err == nil {
			row[slices.Index(columns, "RESOURCE_DETAILS")] = ""
			extended := slices.Index(columns, "STATUS_EXTENDED")
			row[extended] = briefly(row[extended])
			all = append(all, strings.Join(row, ";"))
		}
	}
	if err != io.EOF {
		t.Fatal(err)
	}
	slices.Sort(all)
	return append([]string{strings.Join(columns, ";")}, all...)
}

func findings(t *testing.T, text string) []map[string]any {
	t.Helper()
	var all []map[string]any
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	uid := func(f map[string]any) string {
		id, _ := f["finding_info"].(map[string]any)["uid"].(string)
		return id
	}
	for _, f := range all {
		f["status_detail"] = briefly(f["status_detail"].(string))
		compliance := f["compliance"].(map[string]any)
		compliance["status_details"] = briefly(compliance["status_details"].([]any)[0].(string))
		maps.DeleteFunc(f["unmapped"].(map[string]any), func(key string, _ any) bool { return key == "evidence" })
	}
	slices.SortFunc(all, func(a, b map[string]any) int { return cmp.Compare(uid(a), uid(b)) })
	return all
}
