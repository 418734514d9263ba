package policy

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// linesOfKinds are documents that leave something in a library.
func linesOfKinds() []string {
	lines := []string{
		`{"name": "deploy", "properties": {"parameters": {"e": {"type": "String", "allowedValues": ["a", "[[b"], "defaultValue": "a"}}, "policyRule": {"if": {"allOf": [{"field": "type", "equals": "a/b"}, {"not": {"count": {"field": "a/b/c[*]", "where": {"value": "[current('a/b/c[*]')]", "like": "x*"}}, "greater": 0}}]}, "then": {"effect": "deployIfNotExists", "details": {"type": "c/d", "roleDefinitionIds": ["r"], "existenceCondition": {"field": "name", "in": ["x", "y"]}, "deployment": {"properties": {"mode": "incremental", "parameters": {"p": {"value": "[field('location')]"}}, "template": {"resources": [{"a": [[], {}, null, 1.5]}]}}}}}}}}`,
		`{"name": "set", "properties": {"policyDefinitions": [{"policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/deploy", "policyDefinitionReferenceId": "one", "parameters": {"e": {"value": "[parameters('e')]"}}}], "parameters": {"e": {"type": "String", "defaultValue": "a"}}}}`,
		`{"id": "/subscriptions/s/providers/Microsoft.Authorization/policyAssignments/a", "properties": {"policyDefinitionId": "d", "scope": "/subscriptions/s", "parameters": {"e": {"value": ["x", {"y": 1}]}}}}`,
		`{"a/b/k": {"path": "properties.k", "versions": {"2020-01-01": "k"}}}`,
		`{"a/b": {"alias": "properties.alias", "other/name": "properties.other"}}`,
		`{"namespace": "N", "resourceTypes": [{"resourceType": "t", "aliases": [{"name": "N/t/z", "defaultPath": "properties.z"}]}]}`,
		`{"name": "bad", "properties": {"policyRule": {"if": {"field": "type", "equal": "a/b"}, "then": {"effect": "audit"}}}}`,
		`{"broken": [1, 2`,
		`{"name": "expression", "properties": {"policyRule": {"if": {"field": "type", "equals": "[nothing(]"}, "then": {"effect": "audit"}}}}`,
		`{"something": "else"}`,
		`[{"something": "else"}, {"more": 1}]`,
		`{"name": "modify", "properties": {"policyRule": {"if": {"field": "type", "equals": "a/b"}, "then": {"effect": "modify", "details": {"roleDefinitionIds": ["r"], "operations": [{"operation": "addOrReplace", "field": "tags.x", "value": "[field('name')]", "condition": "[greater(requestContext().apiVersion, '1')]"}]}}}}}`,
	}
	for i := range 50 { // more than a slab of each kind
		lines = append(lines, fmt.Sprintf(`{"name": "n%d", "properties": {"policyRule": {"if": {"anyOf": [%s {"field": "kind", "equals": "k"}]}, "then": {"effect": "audit"}}}}`,
			i, strings.Repeat(`{"field": "name", "like": "a*"}, `, 1+7*i%40)))
	}
	return lines
}

// Many lines are read with memory that is used again: what is kept of one must
// not change with the next.
func TestLinesAreReadAsDocumentsAlone(t *testing.T) {
	lines := linesOfKinds()
	var got, want Library
	gotProblems := got.Add("f", []byte(strings.Join(lines, "\n")))
	var wantProblems Problems
	for i, line := range lines {
		wantProblems = append(wantProblems, want.Add("f", []byte(strings.Repeat("\n", i)+line))...)
	}
	// Of values that are left out, a file has one warning and a number.
	first := func(all Problems) []string {
		var texts []string
		for _, p := range all {
			if !strings.Contains(p.Text, "left out") {
				texts = append(texts, p.Error())
			}
		}
		return texts
	}
	if g, w := first(gotProblems), first(wantProblems); !reflect.DeepEqual(g, w) || len(w) < 3 {
		t.Errorf("problems %q, want %q", g, w)
	}
	if !reflect.DeepEqual(got.Definitions, want.Definitions) {
		t.Error("definitions differ")
	}
	if !reflect.DeepEqual(got.Initiatives, want.Initiatives) || !reflect.DeepEqual(got.Assignments, want.Assignments) {
		t.Error("initiatives or assignments differ")
	}
	for i, d := range got.Definitions {
		if g, w := d.Rule.Then(), want.Definitions[i].Rule.Then(); string(g.AppendJSON(nil)) != string(w.AppendJSON(nil)) || g.Pos != w.Pos {
			t.Errorf("%s: then differs", d.Name)
		}
	}
	var g, w []AliasEntry
	for e := range got.Aliases.All() {
		g = append(g, e)
	}
	for e := range want.Aliases.All() {
		w = append(w, e)
	}
	if !reflect.DeepEqual(g, w) || len(w) != 4 {
		t.Errorf("aliases %v, want %v", g, w)
	}
}

func TestThenStandsWhereItStood(t *testing.T) {
	text := "\n{\"ü\": 1, \"policyRule\": {\"if\": {\"field\": \"type\", \"equals\": \"x\"},\n \"é\": 0, \"then\": {\"effect\": \"audit\",\n\"details\": {\"a\": [true]}}}}"
	d, problems := ParseDefinition("f", []byte(text))
	if d == nil {
		t.Fatal(problems)
	}
	then := d.Rule.Then()
	if want := (Position{Line: 3, Column: 18}); then.Pos != want {
		t.Errorf("then at %v, want %v", then.Pos, want)
	}
	if at, want := then.property("effect").Pos, (Position{Line: 3, Column: 19}); at != want {
		t.Errorf("effect at %v, want %v", at, want)
	}
	if at, want := then.property("details").Pos, (Position{Line: 4, Column: 1}); at != want {
		t.Errorf("details at %v, want %v", at, want)
	}
	if (&Rule{}).Then() != nil {
		t.Error("a rule without then has one")
	}
}

func TestSnippetContains(t *testing.T) {
	tests := map[string]struct {
		text string
		want bool
	}{
		"as_written":   {`{"a": "[Field('Location')]"}`, true},
		"escaped":      {`{"a": "[field(\u0027location\u0027)]"}`, true},
		"none":         {`{"a": "[field('name')]"}`, false},
		"another_\\u":  {`{"a": "\u0041"}`, false},
		"over_a_break": {`{"a": "[field(", "b": "'location')]"}`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := (snippet{test.text, Position{1, 1}}).contains("field('location')"); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
	if (snippet{}).contains("x") {
		t.Error("nothing has something in it")
	}
}

func TestPlainRunStopsBeforeWhatNeedsCare(t *testing.T) {
	for c := range 256 {
		for at := range 20 {
			text := strings.Repeat("~", at) + string([]byte{byte(c)}) + strings.Repeat(" ", 19-at)
			plain := at
			if plainByte[c] {
				plain = 20
			}
			if got := plainRun(text); got > plain || plain-got >= 8 {
				t.Errorf("byte %#x at %d: got %d, want %d at most", c, at, got, plain)
			}
		}
	}
}

func TestNamesHashAlikeInAnyCaseAndSplit(t *testing.T) {
	for _, name := range []string{"", "a", "A/b", "Microsoft.Storage/storageAccounts/minimumTlsVersion", "N/t/Größe[*].x", "x//y", "/", "a/ÄÖÜ/b"} {
		want := hashName("", name)
		for _, other := range []string{strings.ToUpper(name), strings.ToLower(name)} {
			if got := hashName("", other); got != want {
				t.Errorf("%q: %x, and %x as %q", name, want, got, other)
			}
		}
		if at := strings.LastIndexByte(name, '/'); at > 0 {
			if got := hashName(name[:at], name[at+1:]); got != want {
				t.Errorf("%q: %x, and %x in two", name, want, got)
			}
		}
	}
}

// A blank line before the first changes nothing but the numbers of lines.
func TestLinesBehindBlankOnes(t *testing.T) {
	lines := linesOfKinds()
	for _, before := range []string{"", "\n", " \t\r\n\n"} {
		c := ReadContents("f", before+strings.Join(lines, "\n"))
		var l Library
		l.Keep(c)
		if c.Broken() || len(l.Definitions) < 50 || l.Definitions[0].Pos.Line <= strings.Count(before, "\n") {
			t.Errorf("behind %q: %d definitions, the first at %v", before, len(l.Definitions), l.Definitions[0].Pos)
		}
	}
}
