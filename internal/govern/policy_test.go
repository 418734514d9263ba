package govern_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// TestParsePolicy_home: an id says where a document is kept, or its caller does, and
// both say the same.
func TestParsePolicy_home(t *testing.T) {
	const rule = `"properties":{"policyRule":{"if":{"field":"type","equals":"a/b"},"then":{"effect":"audit"}}}`
	tests := map[string]struct {
		kind ledger.DocumentKind
		home govern.Home
		text string
		id   string // or what is wrong
	}{
		"by_its_id":           {ledger.Definition, govern.Home{}, `{"id":"/Subscriptions/S/providers/microsoft.authorization/PolicyDefinitions/N",` + rule + `}`, "/subscriptions/s/providers/microsoft.authorization/policydefinitions/n"},
		"above_all":           {ledger.Definition, govern.Home{}, `{"id":"/providers/Microsoft.Authorization/policyDefinitions/N",` + rule + `}`, "/providers/microsoft.authorization/policydefinitions/n"},
		"at_a_root":           {ledger.Definition, govern.Home{}, `{"id":"Contoso/providers/Microsoft.Authorization/policyDefinitions/N",` + rule + `}`, "Contoso/providers/microsoft.authorization/policydefinitions/n"},
		"by_its_name":         {ledger.Definition, govern.Home{Scope: "123456789012"}, `{"name":"N",` + rule + `}`, "123456789012/providers/microsoft.authorization/policydefinitions/n"},
		"as_is_asked_for":     {ledger.Definition, govern.Home{ID: "other", Scope: "/"}, `{"name":"N",` + rule + `}`, "/providers/microsoft.authorization/policydefinitions/other"},
		"at_two_places":       {ledger.Definition, govern.Home{Scope: "a"}, `{"id":"b/providers/Microsoft.Authorization/policyDefinitions/N",` + rule + `}`, "id: it is kept at b by its id, and at a by what is asked for; want one of them"},
		"nowhere":             {ledger.Definition, govern.Home{}, `{"name":"N",` + rule + `}`, "scope: want the scope at which it is kept: in the id, or asked for"},
		"of_another_kind":     {ledger.Initiative, govern.Home{Scope: "a"}, `{"name":"N",` + rule + `}`, "1:26: initiative without"},
		"an_assignment":       {ledger.Assignment, govern.Home{ID: "x"}, `{"properties":{"scope":"/subscriptions/S","policyDefinitionId":"y"}}`, "/subscriptions/s/providers/microsoft.authorization/policyassignments/x"},
		"for_its_home":        {ledger.Assignment, govern.Home{ID: "x", Scope: "/subscriptions/S"}, `{"properties":{"policyDefinitionId":"y"}}`, "/subscriptions/s/providers/microsoft.authorization/policyassignments/x"},
		"for_that_of_the_id":  {ledger.Assignment, govern.Home{ID: "/subscriptions/S/providers/Microsoft.Authorization/policyAssignments/x"}, `{"policyDefinitionId":"y"}`, "/subscriptions/s/providers/microsoft.authorization/policyassignments/x"},
		"for_two_places":      {ledger.Assignment, govern.Home{ID: "x", Scope: "b"}, `{"properties":{"scope":"a","policyDefinitionId":"y"}}`, "scope: the assignment is for a, and kept at b by its id; want one of them"},
		"for_nothing":         {ledger.Assignment, govern.Home{ID: "x"}, `{"properties":{"policyDefinitionId":"y"}}`, `1:15: assignment without "scope"`},
		"at_half_an_id":       {ledger.Assignment, govern.Home{ID: "x", Scope: "/subscriptions/"}, `{"properties":{"policyDefinitionId":"y"}}`, `1:15: scope "/subscriptions/" ends in a slash`},
		"for_half_an_id":      {ledger.Assignment, govern.Home{ID: "x"}, `{"properties":{"scope":"/subscriptions/","policyDefinitionId":"y"}}`, `1:24: scope "/subscriptions/" ends in a slash`},
		"a_standard":          {ledger.Standard, govern.Home{ID: "house", Scope: "Contoso"}, "title: t\nauthority: us\nversion: '1'\nclouds: [aws]\ncontrols: [{id: A, title: One}]\n", "Contoso/providers/microsoft.security/securitystandards/house"},
		"a_standard_at_fault": {ledger.Standard, govern.Home{ID: "house", Scope: "Contoso"}, "title: t\nauthority: us\nversion: '1'\nclouds: [aws]\ncontrols:\n- {id: A, titel: One}\n", "6:"},
		"of_no_text":          {ledger.Definition, govern.Home{ID: "n", Scope: "\xa7"}, `{"name":"N",` + rule + `}`, "id: want text without control characters"},
		"aliases":             {ledger.AliasTable, govern.Home{ID: "House"}, `{"a/b":{"c":"p"}}`, "/providers/bartizan/aliastables/house"},
		"aliases_at_a_scope":  {ledger.AliasTable, govern.Home{ID: "House", Scope: "x"}, `{"a/b":{"c":"p"}}`, "scope: alias tables are kept at /"},
		"aliases_of_no_name":  {ledger.AliasTable, govern.Home{}, `{"a/b":{"c":"p"}}`, "name: want a name"},
		"an_exemption":        {ledger.ExemptionOf, govern.Home{}, `{}`, "is no policy"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := govern.ParsePolicy(test.kind, test.home, []byte(test.text))
			switch {
			case err != nil && !strings.Contains(err.Error(), test.id):
				t.Errorf("%v, want %s", err, test.id)
			case err == nil && p.ID != test.id:
				t.Errorf("id %s, want %s", p.ID, test.id)
			}
		})
	}
}

// FuzzParsePolicy: there is a document or an error, and a document that is kept is
// read as the same.
func FuzzParsePolicy(f *testing.F) {
	f.Add(uint8(0), "n", "/", []byte(`{"properties":{"policyRule":{"if":{"field":"type","equals":"a/b"},"then":{"effect":"audit"}}}}`))
	f.Add(uint8(1), "n", "/", []byte(`{"policyDefinitions":[{"policyDefinitionId":"x"}]}`))
	f.Add(uint8(2), "n", "", []byte(`{"scope":"/subscriptions/s","policyDefinitionId":"x"}`))
	f.Add(uint8(2), "n", "/subscriptions/S", []byte(`{"policyDefinitionId":"x"}`))
	f.Add(uint8(3), "n", "c", []byte("title: t\nauthority: us\nversion: '1'\nclouds: [aws]\ncontrols: [{id: A, title: One}]\n"))
	f.Add(uint8(4), "n", "", []byte(`{"a/b":{"c":"p","d":{"path":"q","versions":{"1":"r"},"modifiable":true}}}`))
	f.Add(uint8(4), "n", "", []byte(`{"a/b":{"c":{"path":"p","versions":{}}}}`))
	f.Add(uint8(4), "n", "/", []byte(`[{"namespace":"a","resourceTypes":[{"resourceType":"b","aliases":[{"name":"a/b/c","defaultPath":"p"}]}]}]`))
	kinds := []ledger.DocumentKind{ledger.Definition, ledger.Initiative, ledger.Assignment, ledger.Standard, ledger.AliasTable}
	f.Fuzz(func(t *testing.T, kind uint8, id, scope string, text []byte) {
		k := kinds[int(kind)%len(kinds)]
		p, err := govern.ParsePolicy(k, govern.Home{ID: id, Scope: scope}, text)
		if (p == nil) == (err == nil) {
			t.Fatalf("document %v, error %v", p, err)
		}
		if err != nil {
			return
		}
		kept := []ledger.DocumentVersion{{Kind: k, ID: p.ID, Scope: p.Scope, Text: p.Text}}
		again, ok := govern.PoliciesOf(kept, nil).Find(k, p.ID)
		if !ok || again.ID != p.ID || again.Rule != p.Rule || k != ledger.AliasTable && !bytes.Equal(again.Text, text) {
			t.Fatalf("%s read again: %+v", p.ID, again)
		}
		if k == ledger.AliasTable {
			if was, is := p.Aliases.Table().AppendDump(nil), again.Aliases.Table().AppendDump(nil); !bytes.Equal(was, is) {
				t.Errorf("%s was\n%s, read again\n%s", text, was, is)
			}
		}
	})
}

// TestParsePolicy_spelling: ids that are kept are in small letters; the name is as the
// document writes it.
func TestParsePolicy_spelling(t *testing.T) {
	const scope, small = "acme", "acme/providers/microsoft.authorization/policysetdefinitions/foobar"
	tests := map[string]struct{ says, want string }{
		"id":    {`"id":"acme/providers/Microsoft.Authorization/policySetDefinitions/FooBar"`, "FooBar"},
		"name":  {`"name":"FooBar"`, "FooBar"},
		"other": {`"name":"FooBaz"`, "foobar"},
		"none":  {`"x":1`, "foobar"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			text := []byte(`{` + test.says + `,"properties":{"policyDefinitions":[]}}`)
			p, err := govern.ParsePolicy(ledger.Initiative, govern.Home{ID: small}, text)
			if err != nil || p.ID != small || p.Name != test.want || p.Initiative.Name != test.want {
				t.Fatalf("%+v, %v; want the name %s", p, err, test.want)
			}
			kept := []ledger.DocumentVersion{{Kind: ledger.Initiative, ID: small, Scope: scope, Text: text}}
			if again, ok := govern.PoliciesOf(kept, nil).Find(ledger.Initiative, small); !ok || again.Name != test.want {
				t.Errorf("read again: %+v", again)
			}
		})
	}
}

// TestPoliciesOf_spelling: the scope of what is kept is as it was sent, though it comes
// out of an id in small letters.
func TestPoliciesOf_spelling(t *testing.T) {
	const scope = "/subscriptions/1/resourceGroups/RgA"
	texts := map[ledger.DocumentKind]string{
		ledger.Definition: `{"properties":{"policyRule":{"if":{"field":"type","equals":"a/b"},"then":{"effect":"audit"}}}}`,
		ledger.Initiative: `{"properties":{"policyDefinitions":[]}}`,
		ledger.Assignment: `{"id":"` + scope + `/providers/Microsoft.Authorization/policyAssignments/N","properties":{"policyDefinitionId":"/providers/Microsoft.Authorization/policyDefinitions/x"}}`,
	}
	for kind, text := range texts {
		p, err := govern.ParsePolicy(kind, govern.Home{ID: "N", Scope: scope}, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		kept := []ledger.DocumentVersion{{Kind: kind, ID: p.ID, Scope: p.Scope, Text: p.Text}}
		again, ok := govern.PoliciesOf(kept, nil).Find(kind, p.ID)
		if !ok || again.Scope != scope || p.Assignment != nil && again.Assignment.Scope != scope {
			t.Errorf("%s: %+v", kind, again)
		}
	}
}
