package cli

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestImportOfUnreadFiles: what stands in a file that cannot be read is neither gone nor
// taken as read, whether a server is asked or not; the rest is kept, and it is an error.
func TestImportOfUnreadFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const unit = "/subscriptions/0a1b2c3d-0000-4000-8000-00000000000c"
	account := func(name string) string {
		return `{"id":"` + unit + `/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/` + name + `","name":"` + name + `","type":"Microsoft.Storage/storageAccounts","location":"westeurope","properties":{}}` + "\n"
	}
	const record = `{"bartizan":"read","scope":"` + unit + `","type":"*","complete":true}` + "\n"
	one, both := account("one"), account("one")+account("two")
	packed := namedGzip(t, account("two"))
	link := func(folder, text string) string {
		write(folder+"/a.jsonl", text)
		if err := os.Symlink("nowhere", filepath.Join(dir, folder, "b.jsonl")); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(dir, folder)
	}
	s := startServing(t, filepath.Join(dir, "served"))
	defer s.stop()
	_, cookies := s.ask(http.MethodPost, "/api/v1/session/first-run", `{"link":"`+s.firstLink()+`","name":"anna","password":"correct horse battery"}`)
	made, _ := s.ask(http.MethodPost, "/api/v1/tokens", `{"name":"commands","role":"owner","scope":"/","expires":"1d"}`, cookies...)
	secret, _ := made["token"].(string)
	forms := map[string][]string{
		"local":  {"--data", filepath.Join(dir, "local")},
		"server": {"--server", s.url, "--token-file", write("token", secret)},
	}
	whole := write("whole.jsonl", both)
	tests := map[string]struct {
		args []string
		told string // of standard error
		none bool   // nothing is imported
	}{
		"a_link_to_nothing":     {[]string{link("linked", one), "--complete", "all"}, "b.jsonl: no such file", false},
		"and_a_record":          {[]string{link("recorded", record+one)}, "b.jsonl: no such file", false},
		"and_a_scope":           {[]string{link("scoped", one), "--complete", unit}, "b.jsonl: no such file", false},
		"cut_in_the_middle":     {[]string{write("one.jsonl", one), write("cut.gz", packed[:len(packed)-20]), "--complete", "all"}, "cut.gz", false},
		"cut_in_the_header":     {[]string{write("one.jsonl", one), write("head.gz", packed[:6]), "--complete", "all"}, "head.gz", false},
		"cut_in_another_header": {[]string{write("two.gz", namedGzip(t, one)+packed[:12]), "--complete", "all"}, "two.gz", false},
		"a_zip":                 {[]string{write("one.jsonl", one), write("zip.json", "PK\x03\x04and so on"), "--complete", "all"}, "zip archive", false},
		"not_there":             {[]string{write("one.jsonl", one), filepath.Join(dir, "missing.jsonl"), "--complete", "all"}, "nothing is imported: read .*missing", true},
	}
	for form, to := range forms {
		run := func(t *testing.T, args ...string) (code int, answer importJSON, problems string) {
			t.Helper()
			var out, wrong bytes.Buffer
			p := Process{Args: append(append([]string{"import", "--format", "json", "--quiet"}, args...), to...), In: strings.NewReader(""), Out: &out, Err: &wrong, Getenv: func(string) string { return "" }, Now: time.Now}
			code = Run(t.Context(), p)
			if out.Len() > 0 {
				if err := json.Unmarshal(out.Bytes(), &answer); err != nil {
					t.Fatal(err)
				}
			}
			return code, answer, wrong.String()
		}
		for name, test := range tests {
			t.Run(form+"_"+name, func(t *testing.T) {
				if code, _, problems := run(t, whole, "--complete", "all"); code != 0 {
					t.Fatalf("the whole ended with %d: %s", code, problems)
				}
				for _, more := range []string{"--dry-run", "--dry-run=false"} {
					code, answer, problems := run(t, append(test.args, more)...)
					if code != 1 || answer.Deleted != 0 || !regexp.MustCompile(test.told).MatchString(problems) {
						t.Fatalf("%s: ended with %d, %+v: %s", more, code, answer, problems)
					}
					if test.none {
						continue
					}
					if len(answer.Rejected) != 1 || !answer.Rejected[0].Unread || answer.Unchanged != 1 {
						t.Errorf("%s: %+v", more, answer)
					}
					if len(answer.Reads) != 1 || answer.Reads[0] != (importReadJSON{unit, "*", false}) {
						t.Errorf("%s: reads %+v", more, answer.Reads)
					}
				}
				if code, answer, problems := run(t, whole, "--complete", "all"); code != 0 || answer.Unchanged != 2 || len(answer.Reads) != 1 || !answer.Reads[0].Complete {
					t.Errorf("mended: ended with %d, %+v: %s", code, answer, problems)
				}
			})
		}
	}
}

// namedGzip packs text as gzip does a file, with its name.
func namedGzip(t *testing.T, text string) string {
	t.Helper()
	var packed bytes.Buffer
	to := gzip.NewWriter(&packed)
	to.Name = "inventory.jsonl"
	if _, err := to.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.String()
}
