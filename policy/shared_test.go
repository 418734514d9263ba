package policy

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sharedData returns a file of the shared test data beside the module,
// decompressed. The test is skipped where the data is absent.
func sharedData(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "shared", filepath.FromSlash(name)))
	if err != nil {
		t.Skipf("shared test data is absent: %v", err)
	}
	defer file.Close()
	var in io.Reader = bufio.NewReader(file)
	if strings.HasSuffix(name, ".gz") {
		if in, err = gzip.NewReader(in); err != nil {
			t.Fatal(err)
		}
	}
	data, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestBuiltInsLoad(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	var l Library
	for file, want := range map[string]struct{ documents, members int }{
		"definitions.jsonl.gz": {documents: 3594},
		"initiatives.jsonl.gz": {documents: 181, members: 15815},
	} {
		for _, p := range l.Add(file, sharedData(t, "azure-policy/builtin/"+file)) {
			if !p.Warning {
				t.Error(p)
			}
		}
		if strings.HasPrefix(file, "definitions") && len(l.Definitions) != want.documents {
			t.Errorf("%s: %d definitions, want %d", file, len(l.Definitions), want.documents)
		}
		if want.members == 0 {
			continue
		}
		members := 0
		for _, s := range l.Initiatives {
			members += len(s.Members)
		}
		if len(l.Initiatives) != want.documents || members != want.members {
			t.Errorf("%s: %d initiatives with %d members, want %d with %d", file, len(l.Initiatives), members, want.documents, want.members)
		}
	}
	for _, s := range l.Initiatives {
		for _, m := range s.Members {
			if _, ok := l.Definition(m.DefinitionID); !ok {
				t.Errorf("%s: member %s: no definition %s", s.Name, m.ReferenceID, m.DefinitionID)
			}
		}
	}
}

// TestAliasDump holds the table against an independent reading of the file.
func TestAliasDump(t *testing.T) {
	data := sharedData(t, "azure-policy/aliases.json.gz")
	var want map[string]map[string]string
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	a := NewAliases()
	if err := a.LoadAliasDump(data); err != nil {
		t.Fatal(err)
	}
	total := 0
	for resourceType, aliases := range want {
		for alias, path := range aliases {
			total++
			name := alias
			if !strings.Contains(alias, "/") {
				name = resourceType + "/" + alias
			}
			e, found, _ := a.Lookup(strings.ToUpper(name), strings.ToLower(resourceType))
			if !found || e.Path != path {
				t.Errorf("%s on %s: path %q, found %v; want %q", name, resourceType, e.Path, found, path)
			}
		}
	}
	if total != 65399 || a.Len() != total {
		t.Errorf("%d aliases in the table, %d in the file; want 65399", a.Len(), total)
	}
}

// conformanceCase is what loading needs of a case.
type conformanceCase struct {
	ID, Kind   string
	Definition json.RawMessage
	Aliases    json.RawMessage
}

// definitionText is the definition's JSON, also where the case keeps it as a
// string.
func (c conformanceCase) definitionText(t testing.TB) []byte {
	t.Helper()
	if !bytes.HasPrefix(c.Definition, []byte(`"`)) {
		return c.Definition
	}
	var text string
	if err := json.Unmarshal(c.Definition, &text); err != nil {
		t.Fatal(err)
	}
	return []byte(text)
}

func TestConformanceCasesLoad(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	kinds := map[string]int{}
	for _, name := range []string{"conformance/policy-cases.jsonl.gz", "conformance/builtin-cases.jsonl.gz"} {
		for line := range bytes.Lines(sharedData(t, name)) {
			var c conformanceCase
			if err := json.Unmarshal(line, &c); err != nil {
				t.Fatal(err)
			}
			kinds[c.Kind]++
			d, problems := ParseDefinition(c.ID, c.definitionText(t))
			if refused := d == nil; refused != (c.Kind == "load-error") {
				t.Errorf("%s of kind %s: refused is %v: %v", c.ID, c.Kind, refused, problems)
			}
			if err := NewAliases().LoadAliasTable(c.Aliases); err != nil {
				t.Errorf("%s: aliases: %v", c.ID, err)
			}
		}
	}
	if kinds["load-error"] == 0 || kinds["loads"] == 0 || kinds["policy"] == 0 {
		t.Errorf("cases by kind: %v; want some of each", kinds)
	}
}
