package govern_test

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestParsePolicy_aliases: whatever form a table comes in, it is kept as the same.
func TestParsePolicy_aliases(t *testing.T) {
	const dump = `{"a/b":{"c":"p","d":{"path":"q","modifiable":true}}}`
	const providers = `{"namespace":"a","resourceTypes":[{"resourceType":"b","aliases":[
		{"name":"a/b/d","defaultPath":"q","defaultMetadata":{"attributes":"Modifiable","type":"String"},"defaultPattern":null,"paths":[{"path":"q","apiVersions":["2020-01-01"]}],"type":"PlainText"},
		{"name":"a/b/c","defaultPath":"p","paths":[]}]}]}`
	kept := ""
	for _, text := range []string{dump, providers, "[" + providers + "]", `{"a/b/d":{"path":"q","type":"a/b","modifiable":true},"a/b/c":{"path":"p","type":"a/b"}}`, gzipped(t, dump), "its own"} {
		if text == "its own" {
			text = kept
		}
		p, err := govern.ParsePolicy(ledger.AliasTable, govern.Home{ID: "x"}, []byte(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		shown, err := p.Document()
		if string(shown) != dump || err != nil || kept != "" && string(p.Text) != kept || p.Aliases.Table().Len() != 2 || len(p.Warnings) > 0 {
			t.Errorf("%q is kept as %s, %q, error %v, warnings %v", text, shown, p.Text, err, p.Warnings)
		}
		kept = string(p.Text)
	}
	definition := `{"name":"n","properties":{"policyRule":{"if":{"field":"type","equals":"a/b"},"then":{"effect":"audit"}}}}`
	large := func(n int) string {
		return `{"a/b":{` + strings.Repeat(`"x":"p",`, n/8) + `"y":"p"}}`
	}
	for name, test := range map[string]struct{ text, want string }{
		"no_json":       {"{\n", "1:2: unexpected end of file"},
		"nothing":       {"{}", "no alias in it; want what az provider list"},
		"not_expanded":  {`[{"namespace":"a","resourceTypes":[{"resourceType":"b","aliases":null}]}]`, "no alias in it"},
		"a_definition":  {definition, "other documents than alias tables"},
		"broken_gzip":   {"\x1f\x8bxx", "it cannot be unpacked"},
		"broken_zstd":   {"\x28\xb5\x2f\xfdxx", "it cannot be unpacked"},
		"unpacks_large": {gzipped(t, large(govern.MaxAliases+10)), "more than 32000000 bytes once it is unpacked"},
		"stays_large":   {`{"a/b":{"x":"p","y":"` + strings.Repeat("p", govern.MaxAliases) + `"}}`, "want at most 32000000: keep them as several tables"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := govern.ParsePolicy(ledger.AliasTable, govern.Home{ID: "x"}, []byte(test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %s", err, test.want)
			}
		})
	}
	if p, err := govern.ParsePolicy(ledger.AliasTable, govern.Home{ID: "x"}, []byte(large(govern.MaxAliases+10))); err != nil || p.Aliases.Table().Len() != 2 {
		t.Errorf("what becomes small: %v", err)
	}
}

// TestPoliciesOf_aliases: a table that is known is not read again, and one that is not
// asked for is not read.
func TestPoliciesOf_aliases(t *testing.T) {
	p, err := govern.ParsePolicy(ledger.AliasTable, govern.Home{ID: "x"}, []byte(`{"a/b":{"c":"p"}}`))
	if err != nil {
		t.Fatal(err)
	}
	at := func(since ledger.Number) []ledger.DocumentVersion {
		return []ledger.DocumentVersion{{Kind: ledger.AliasTable, ID: p.ID, Scope: "/", Text: bytes.Clone(p.Text), Interval: ledger.Interval{Since: since}}}
	}
	first := govern.PoliciesOf(at(1), nil)
	before, _ := first.Find(ledger.AliasTable, "X")
	later, ok := govern.PoliciesOf(at(5), first).Find(ledger.AliasTable, p.ID)
	if !ok || later.Since != 5 || later.Aliases != before.Aliases || before.Name != "x" || before.Scope != "/" {
		t.Errorf("%+v became %+v", before, later)
	}
	damaged := at(1)
	damaged[0].Text = []byte("none")
	if ps := govern.PoliciesOf(damaged, nil).Of(ledger.AliasTable); len(ps) != 1 || ps[0].Aliases.Table().Len() != 0 {
		t.Errorf("what cannot be read: %+v", ps)
	}
}
