package estate_test

import (
	"testing"

	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// TestSetPolicy_keeps_the_name: a document whose text says neither id nor name is called
// as it was sent, also after a restart; sent again it is no commit, but under another
// spelling it is.
func TestSetPolicy_keeps_the_name(t *testing.T) {
	k := newKept(t)
	k.imports(input("a.jsonl", account("a", "true")))
	definition := definitionID("default", "House")
	texts := []struct {
		kind ledger.DocumentKind
		text string
	}{
		{ledger.Definition, `{"properties":{"policyRule":{"if":{"field":"type","equals":"` + storage + `"},"then":{"effect":"audit"}}}}`},
		{ledger.Initiative, `{"properties":{"policyDefinitions":[{"policyDefinitionId":"` + definition + `"}]}}`},
		{ledger.Assignment, `{"properties":{"scope":"default","policyDefinitionId":"` + definition + `"}}`},
		{ledger.Standard, `{"title":"House","authority":"us","version":"1","clouds":["azure"],"controls":[{"id":"H1","title":"one","policies":["` + definition + `"]}]}`},
		{ledger.AliasTable, `{"Microsoft.House/rooms":{"doors":"properties.doors"}}`},
	}
	send := func(kind ledger.DocumentKind, name, text string) (committed bool) {
		t.Helper()
		scope := "default"
		if kind == ledger.AliasTable {
			scope = "/"
		}
		p, err := govern.ParsePolicy(kind, govern.Home{ID: name, Scope: scope}, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		c, err := k.estate.SetPolicy(t.Context(), anna, p)
		if err != nil {
			t.Fatal(err)
		}
		return c.Number != 0
	}
	named := func(want string) {
		t.Helper()
		for _, of := range texts {
			all := k.estate.Policies().Of(of.kind)
			if len(all) != 1 || all[0].Name != want {
				t.Fatalf("%s: %d, called %q, want %q", of.kind, len(all), all[0].Name, want)
			}
			if s := all[0].Standard; s != nil && s.ID != want {
				t.Errorf("the standard's id is %q, want %q", s.ID, want)
			}
		}
	}
	for _, of := range texts {
		if !send(of.kind, "House", of.text) {
			t.Errorf("%s: no commit", of.kind)
		}
	}
	named("House")
	k.reopen()
	named("House")
	for _, of := range texts {
		if send(of.kind, "House", of.text) {
			t.Errorf("%s again is a commit", of.kind)
		}
	}
	for _, of := range texts {
		if !send(of.kind, "HOUSE", of.text) {
			t.Errorf("%s, spelt otherwise: no commit", of.kind)
		}
	}
	k.reopen()
	named("HOUSE")
}
