package cli

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestAssessServerOfStandards: --standard says of a server what it says of files: score,
// coverage with what waits for people, compliance and single checks.
func TestAssessServerOfStandards(t *testing.T) {
	if testing.Short() {
		t.Skip("long under the race detector, and nothing runs at once")
	}
	now := func() time.Time { return demoInstant }
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(dir, name)
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
	const unit = "/subscriptions/8a9a1480-add2-4048-af68-da4dbfcdd912"
	estate := write("in.jsonl", `{"bartizan":"read","scope":"`+unit+`","type":"*","complete":true}`+"\n"+`{"bartizan":"read","scope":"333333333333","type":"*","complete":true}`+"\n"+`{"id":"`+unit+`/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/one","type":"Microsoft.Storage/storageAccounts","name":"one","location":"westeurope","kind":"StorageV2","properties":{"minimumTlsVersion":"TLS1_2","supportsHttpsTrafficOnly":true}}`+"\n"+
		`{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::b","account":"333333333333","region":"eu-west-1","properties":{"BucketName":"b"}}`+"\n")
	s := startServingBy(t, now, filepath.Join(dir, "data"))
	defer s.stop()
	_, cookies := s.ask(http.MethodPost, "/api/v1/session/first-run", `{"link":"`+s.firstLink()+`","name":"anna","password":"correct horse battery"}`)
	made, _ := s.ask(http.MethodPost, "/api/v1/tokens", `{"name":"commands","role":"owner","scope":"/","expires":"1d"}`, cookies...)
	secret, _ := made["token"].(string)
	asked := []string{"--server", s.url, "--token-file", write("token", secret), "--quiet"}
	run(0, append([]string{"import", estate}, asked...)...)
	attested := write("attested.jsonl", `{"control":"cis-azure-3.0:2.1.4","scope":"`+unit+`","state":"healthy","reason":"looked"}`+"\n"+`{"control":"cis-aws-3.0:1.3","scope":"333333333333","state":"unhealthy","reason":"looked"}`+"\n")
	exempt := write("exempt.jsonl", `{"control":"cis-azure-3.0:2.2.2","scope":"`+unit+`","category":"mitigated","reason":"elsewhere"}`+"\n")
	for _, text := range []string{`{"recommendation":"cis-azure-3.0:2.1.4","scope":"` + unit + `","state":"healthy","text":"looked"}`, `{"recommendation":"cis-aws-3.0:1.3","scope":"333333333333","state":"unhealthy","text":"looked"}`} {
		run(0, append([]string{"admin", "attestation", "set", write("said.json", text)}, asked[:4]...)...)
	}
	run(0, append([]string{"admin", "exemption", "set", write("said.json", `{"recommendations":["cis-azure-3.0:2.2.2"],"scope":"`+unit+`","category":"mitigated","reason":"elsewhere"}`)}, asked[:4]...)...)
	here := []string{estate, "--attestations", attested, "--exemptions", exempt, "--quiet"}
	for _, standards := range [][]string{nil, {"mcsb-v1"}, {"cis-azure-3.0"}, {"cis-aws-3.0"}, {"mcsb-v2", "cis-aws-3.0"}, {"all"}} {
		for _, scope := range []string{"", unit, unit + "/resourceGroups/g"} {
			var args []string
			if standards != nil {
				args = append(args, "--standard", strings.Join(standards, ","))
			}
			if scope != "" {
				args = append(args, "--scope", scope)
			}
			object := func(more []string) map[string]any {
				o := objectOf(t, run(0, slices.Concat([]string{"assess", "--format", "json"}, args, more)...))
				delete(o, "problems")                // of files
				delete(o, "recommendations")         // a server tells those that have checks
				if scope != "" && standards == nil { // of clouds that are there
					delete(o, "compliance")
				}
				return o
			}
			if diff := gocmp.Diff(object(here), object(asked)); diff != "" {
				t.Errorf("%v: -assess +assess --server:\n%.3000s", args, diff)
			}
			lines := func(more []string) []string {
				return checkLines(t, run(0, slices.Concat([]string{"assess", "--format", "jsonl"}, args, more)...))
			}
			if diff := gocmp.Diff(lines(here), lines(asked)); diff != "" {
				t.Errorf("%v: checks: -assess +assess --server:\n%.3000s", args, diff)
			}
		}
	}
}
