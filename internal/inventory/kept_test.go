package inventory

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/bartizan-dev/bartizan/internal/contoso"
)

// rewritten writes every resource it gets as a record of its own.
type rewritten struct {
	found
	records bytes.Buffer
}

func (f *rewritten) Resource(r *Resource) {
	f.found.Resource(r)
	f.records.Write(append(AppendRecord(nil, r), '\n'))
}

// A record of any resource is read as that resource, and its record is itself.
func TestAppendRecord_is_read_as_the_same_resource(t *testing.T) {
	var demo bytes.Buffer
	if err := contoso.Estate(&demo); err != nil {
		t.Fatal(err)
	}
	inputs := map[string][]byte{
		"demo":            demo.Bytes(),
		"policies_differ": []byte(bucketIAM + "\n" + strings.Replace(bucketIAM, `"r"`, `"s"`, 1) + "\n" + bucketData),
	}
	for _, f := range contoso.Files() {
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		inputs[f.Path] = b.Bytes()
	}
	for _, name := range []string{"awsconfig.json", "awsconfig_full.json"} {
		inputs[name] = read(t, name)
	}
	for name, data := range inputs {
		t.Run(name, func(t *testing.T) { readAgain(t, name, bytes.NewReader(data)) })
	}
	t.Run("recorded-gcp", func(t *testing.T) {
		readAgain(t, "recorded-gcp", sharedFile(t, "estates", "recorded-gcp", "resources.jsonl.gz"))
	})
}

// readAgain reads an input, what its resources' records say, and what the
// records of these say.
func readAgain(t *testing.T, name string, r io.Reader) {
	first := rewrite(t, name, r)
	if first.records.Len() == 0 {
		return // read records only
	}
	text := first.records.String()
	second := rewrite(t, name, &first.records)
	if diff := cmp.Diff(first.Resources, second.Resources, cmpopts.IgnoreFields(thing{}, "Line")); diff != "" || len(second.Problems) > 0 {
		t.Errorf("problems %v (-first +again):\n%s", second.Problems, diff)
	}
	if second.records.String() != text {
		t.Error("the record of a record's resource is another one")
	}
}

func rewrite(t *testing.T, name string, r io.Reader) *rewritten {
	t.Helper()
	var all rewritten
	d, m := NewDecoder(), NewMerger(DefaultHold)
	sink := m.Sink(&all)
	if err := Split(r, name, func(c Chunk) error {
		d.Decode(c, sink)
		c.Release()
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	m.Flush(&all)
	return &all
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestAppendRead_is_read_as_the_same_record(t *testing.T) {
	records := []string{
		`{"bartizan":"read","scope":"111122223333","type":"*","complete":true,"startedAt":"2026-01-31T10:00:00Z"}`,
		`{"bartizan":"read","scope":"` + unitA + `","type":"Microsoft.KeyVault/vaults","complete":false,"denied":[{"id":"` + unitA +
			`/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv","path":"properties.accessPolicies","action":"Microsoft.KeyVault/vaults/read"},{"type":"*"}],"error":[{"path":"tags"}]}`,
	}
	first := decodeText(t, strings.Join(records, "\n"))
	if len(first.Reads) != len(records) || len(first.Problems) > 0 {
		t.Fatalf("%d records, problems %v", len(first.Reads), first.Problems)
	}
	var lines []string
	for i := range first.Reads {
		lines = append(lines, string(AppendRead(nil, &first.Reads[i])))
	}
	if diff := cmp.Diff(records, lines); diff != "" {
		t.Errorf("-read +written:\n%s", diff)
	}
}
