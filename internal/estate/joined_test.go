package estate

import (
	"testing"

	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/policy"
)

// TestTables: the last table by name counts, the catalogue's before all, in either
// spelling of an array and for whatever type; what is joined is joined once.
func TestTables(t *testing.T) {
	kept := &govern.Policies{}
	for name, text := range map[string]string{
		"a": `{"a/b":{"x":"first","y":"first","own":"kept","list":"kept","array[*]":"kept[*]"}}`,
		"b": `{"":{"a/b/own":"kept","a/b/all":"all"},"a/b":{"x":"last"},"a/c":{"a/b/own":"kept"}}`,
	} {
		p, err := govern.ParsePolicy(ledger.AliasTable, govern.Home{ID: name}, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		kept = kept.With(p)
	}
	own := policy.NewAliases()
	if err := own.LoadAliasDump([]byte(`{"a/b":{"own":"own","list[*]":"own[*]","array":"own"}}`)); err != nil {
		t.Fatal(err)
	}
	cached := &tables{own: own}
	joined := cached.of(kept)
	for _, want := range []struct{ name, kind, path string }{
		{"a/b/x", "a/b", "last"},
		{"a/b/y", "a/b", "first"},
		{"a/b/own", "a/b", "own"},
		{"a/b/own", "a/c", "kept"},
		{"a/b/own", "a/d", ""},
		{"a/b/list", "a/b", "own"},
		{"a/b/list[*]", "a/b", "own[*]"},
		{"a/b/array", "a/b", "own"},
		{"a/b/array[*]", "a/b", "own[*]"},
		{"a/b/all", "a/d", "all"},
	} {
		if e, _, _ := joined.all.Lookup(want.name, want.kind); e.Path != want.path {
			t.Errorf("%s of %s is at %q, want %q", want.name, want.kind, e.Path, want.path)
		}
	}
	for range tablesAtOnce {
		cached.of(&govern.Policies{})
	}
	if cached.of(kept) != joined {
		t.Error("the same tables are joined again")
	}
}
