package estate_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/policy"
)

const houseAlias = storage + "/house"

// houseDefinition wants what an alias says that the catalogue does not have.
func houseDefinition(scope, name, more string) string {
	return strings.Replace(httpsDefinition(scope, name, more), "/supportsHttpsTrafficOnly", "/house", 1)
}

// houseTable says where the value of that alias stands, among properties.
func houseTable(property string) string {
	return fmt.Sprintf(`{%q:{"house":"properties.%s"}}`, storage, property)
}

// setsAliases keeps a table, or removes it where there is no text, and gives what the
// preview and the table's check warn of.
func (k *kept) setsAliases(name, text string) (ledger.Commit, string) {
	k.t.Helper()
	r := estate.PolicyRequest{Kind: ledger.AliasTable, ID: name, Of: &index.Filter{}}
	if text != "" {
		var err error
		if r.Policy, err = govern.ParsePolicy(ledger.AliasTable, govern.Home{ID: name}, []byte(text)); err != nil {
			k.t.Fatal(err)
		}
		r.ID = r.Policy.ID
	}
	preview, c, err := k.estate.ChangePolicy(k.t.Context(), anna, r)
	if err != nil {
		k.t.Fatal(err)
	}
	warnings := strings.Join(preview.Warnings, "; ")
	if r.Policy != nil {
		for _, w := range r.Policy.Warnings {
			warnings += w.Text
		}
	}
	return c, warnings
}

// TestSetAliases: a table lets the definitions make checks that need it; another
// version judges again those of which it says something else, and no others.
func TestSetAliases(t *testing.T) {
	k := newKept(t)
	k.imports(input("a.jsonl", account("a", "true")+account("b", "false")+subscription))
	for _, text := range []string{houseDefinition("/", twin, `,"policyType":"BuiltIn"`), httpsDefinition("default", "https", "")} {
		if _, err := k.sets(ledger.Definition, text); err != nil {
			t.Fatal(err)
		}
	}
	for name, of := range map[string]string{"one": definitionID("/", twin), "two": definitionID("default", "https")} {
		if _, err := k.sets(ledger.Assignment, assignment(unit, name, of, "")); err != nil {
			t.Fatal(err)
		}
	}
	const https = "a https healthy, b https unhealthy"
	with := func(a, b string) string {
		return fmt.Sprintf("a %s %s, a https healthy, b %s %s, b https unhealthy", twin, a, twin, b)
	}
	more := func(text string) string { return strings.TrimSuffix(text, "}") + `,"a/b":{"c":"p"}}` }
	steps := []struct {
		name, table, text string
		want              string // what policies say then
		judged            int    // resources
		warns             string
	}{
		{"nothing that is read", "azure", `{"a/b":{"c":"p"}}`, https, 0, ""},
		{"what is read", "azure", houseTable("supportsHttpsTrafficOnly"), with("healthy", "unhealthy"), 2, ""},
		{"the same, and more", "azure", more(houseTable("supportsHttpsTrafficOnly")), with("healthy", "unhealthy"), 0, ""},
		{"the same of another type as well", "azure", strings.Replace(more(houseTable("supportsHttpsTrafficOnly")), `"c":`, `"`+houseAlias+`":`, 1), with("healthy", "unhealthy"), 2, ""},
		{"something else", "azure", houseTable("none"), with("unhealthy", "unhealthy"), 2, ""},
		{"otherwise, in one that comes before", "aaa", houseTable("supportsHttpsTrafficOnly"), with("unhealthy", "unhealthy"), 0, "table azure says otherwise of 1 aliases, such as " + houseAlias + "; that table counts, as its name comes later"},
		{"otherwise, in one that comes after", "zzz", houseTable("supportsHttpsTrafficOnly"), with("healthy", "unhealthy"), 2, "table azure says otherwise of 1 aliases, such as " + houseAlias + "; this table counts, as its name comes later"},
		{"without that", "zzz", "", with("unhealthy", "unhealthy"), 2, ""},
		{"without the other", "aaa", "", with("unhealthy", "unhealthy"), 0, ""},
		{"what the catalogue says, otherwise", "own", strings.ReplaceAll(houseTable("none"), "house", "supportsHttpsTrafficOnly"), with("unhealthy", "unhealthy"), 0, "the built-in table says otherwise of 1 aliases, such as " + storage + "/supportsHttpsTrafficOnly, and counts"},
		{"without any", "azure", "", https, 2, "no table has an alias then that these definitions read, and they make no checks: " + definitionID("/", twin)},
	}
	for _, step := range steps {
		before := k.estate.Head()
		c, warns := k.setsAliases(step.table, step.text)
		if c.Number != before+1 || warns != step.warns {
			t.Errorf("%s: commit %d after %d, warns %q", step.name, c.Number, before, warns)
		}
		if got := k.ofPolicies(); got != step.want {
			t.Errorf("%s: %s, want %s", step.name, got, step.want)
		}
		if diff := cmp.Diff(k.judgedAtOnce(), k.verdicts()); diff != "" {
			t.Fatalf("%s: -judged at once +kept:\n%s", step.name, diff)
		}
		for change, err := range k.store.Changed(t.Context(), before) {
			if err != nil {
				t.Fatal(err)
			}
			began := 0
			for _, j := range change.Judged {
				if j.Since == c.Number {
					began++
				}
			}
			if began != step.judged {
				t.Errorf("%s: %d resources are judged otherwise, want %d", step.name, began, step.judged)
			}
		}
		effects, err := k.store.Effects(t.Context(), before, c.Number)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range effects {
			if e.Cause != ledger.Rules || e.Object != govern.PolicyID(ledger.AliasTable, "/", step.table) {
				t.Errorf("%s: effect %+v", step.name, e)
			}
		}
		if step.name == "something else" && len(effects) == 0 {
			t.Errorf("%s: no effect", step.name)
		}
	}
	if c, _ := k.setsAliases("own", strings.ReplaceAll(houseTable("none"), "house", "supportsHttpsTrafficOnly")); c.Number != 0 {
		t.Errorf("what is kept is kept again: %+v", c)
	}
	k.effectsAddUp()
}

// TestSetAliases_built_in: by Microsoft's definitions, what is kept is what assess
// finds by the same files, before and after there is a table.
func TestSetAliases_built_in(t *testing.T) {
	ready := map[string]bool{}
	for line := range strings.Lines(shared(t, "azure-policy/evaluable.tsv")) {
		if cells := strings.Split(strings.TrimRight(line, "\n"), "\t"); len(cells) > 5 && cells[3] == "yes" && (cells[1] == "config" || cells[1] == "related") {
			ready[cells[0]] = true
		}
	}
	var definitions, members []string
	for line := range strings.Lines(shared(t, "azure-policy/builtin/definitions.jsonl.gz")) {
		var d struct{ ID, Name string }
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatal(err)
		}
		if ready[d.Name] {
			definitions = append(definitions, line)
			members = append(members, fmt.Sprintf(`{"policyDefinitionId":%q,"policyDefinitionReferenceId":%q}`, d.ID, d.Name))
		}
	}
	documents := []struct {
		kind ledger.DocumentKind
		text string
	}{
		{ledger.Definition, strings.Join(definitions, "")},
		{ledger.Initiative, initiative("/", "all", members...)},
		{ledger.Assignment, assignment("/", "all", govern.PolicyID(ledger.Initiative, "/", "all"), "")},
	}
	k := newKept(t)
	k.imports(input("azure.jsonl", shared(t, "estates/recorded-azure/resources.jsonl.gz")))
	var files policy.Library
	for _, d := range documents {
		ps, err := govern.ParsePolicies(d.kind, govern.Home{}, []byte(d.text))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := k.estate.ChangePolicy(t.Context(), anna, estate.PolicyRequest{Kind: d.kind, ID: ps[0].ID, Policy: ps[0], Others: ps[1:]}); err != nil {
			t.Fatal(err)
		}
		if err := files.Add("f", []byte(d.text)).Err(); err != nil {
			t.Fatal(err)
		}
	}
	table := shared(t, "azure-policy/aliases.json.gz")
	of := map[string]int{}
	for _, step := range []string{"without a table", "with one"} {
		if step == "with one" {
			k.setsAliases("azure", table)
			files.Add("aliases.json", []byte(table))
		}
		found := k.judgedBy(&files, files.Assignments)
		if diff := cmp.Diff(found, k.verdicts()); diff != "" {
			t.Errorf("%s: -assess +kept:\n%s", step, diff)
		}
		for _, verdicts := range found {
			for _, v := range verdicts {
				if strings.Contains(v, "/policydefinitions/") {
					of[step]++
				}
			}
		}
	}
	if before, after := of["without a table"], of["with one"]; after < before+100 {
		t.Errorf("%d checks of policies without a table, %d with one", before, after)
	}
}

// shared gives a file of the data that lies beside the project, unpacked.
func shared(t *testing.T, name string) string {
	t.Helper()
	packed, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the shared data is not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(name, ".gz") {
		return string(packed)
	}
	from, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestSetAliases_any: a definition that computes names is judged again whatever a
// table says.
func TestSetAliases_any(t *testing.T) {
	k := newKept(t)
	k.imports(input("a.jsonl", account("a", "true")))
	text := strings.Replace(houseDefinition("default", "house", ""), `"field":"`+houseAlias+`"`, `"value":"[field(concat('`+storage+`/',toLower('HOUSE')))]"`, 1)
	if _, err := k.sets(ledger.Definition, text); err != nil {
		t.Fatal(err)
	}
	if _, err := k.sets(ledger.Assignment, assignment(unit, "one", definitionID("default", "house"), "")); err != nil {
		t.Fatal(err)
	}
	for _, property := range []string{"supportsHttpsTrafficOnly", "none"} {
		k.setsAliases("azure", houseTable(property))
		if diff := cmp.Diff(k.judgedAtOnce(), k.verdicts()); diff != "" {
			t.Errorf("%s: -judged at once +kept:\n%s", property, diff)
		}
	}
}

// TestSetAliases_lint: what is uploaded later is looked at with the kept tables.
func TestSetAliases_lint(t *testing.T) {
	k := newKept(t)
	warned := func() policy.Problems {
		p, err := govern.ParsePolicy(ledger.Definition, govern.Home{}, []byte(houseDefinition("default", "house", "")))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := k.estate.ChangePolicy(t.Context(), anna, estate.PolicyRequest{Kind: p.Kind, ID: p.ID, Policy: p, DryRun: true}); err != nil {
			t.Fatal(err)
		}
		return p.Warnings
	}
	if w := warned(); len(w) != 1 || !strings.Contains(w[0].Text, "unknown alias") {
		t.Errorf("without a table: %v", w)
	}
	k.setsAliases("azure", houseTable("x"))
	if w := warned(); len(w) != 0 {
		t.Errorf("with one: %v", w)
	}
}

// TestSetAliases_of_another_catalogue: verdicts by an alias that a table had and the
// catalogue of a new version has go with the assignment, as all others do.
func TestSetAliases_of_another_catalogue(t *testing.T) {
	k := newKept(t)
	k.catalog = storageCatalogue(t, func(_, text string) string { return text })
	k.reopen()
	k.imports(input("a.jsonl", account("a", "true")+account("b", "false")))
	k.setsAliases("azure", houseTable("supportsHttpsTrafficOnly"))
	if _, err := k.sets(ledger.Definition, houseDefinition("default", "house", "")); err != nil {
		t.Fatal(err)
	}
	house := assignment(unit, "house", definitionID("default", "house"), "")
	if _, err := k.sets(ledger.Assignment, house); err != nil {
		t.Fatal(err)
	}
	k.catalog = storageCatalogue(t, func(name, text string) string {
		if name == "aliases.yaml" {
			text = strings.Replace(text, "  "+storage+":\n", "  "+storage+":\n    house: properties.supportsHttpsTrafficOnly\n", 1)
		}
		return text
	})
	k.reopen()
	if err := k.estate.Rejudge(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	const want = "a house healthy, b house unhealthy"
	for _, step := range []struct {
		do   func() error
		want string
	}{
		{func() error { return nil }, want},
		{func() error {
			_, err := k.estate.RemovePolicy(t.Context(), anna, ledger.Assignment, govern.PolicyID(ledger.Assignment, unit, "house"))
			return err
		}, ""},
		{func() error {
			_, err := k.sets(ledger.Assignment, house)
			return err
		}, want},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if got := k.ofPolicies(); got != step.want {
			t.Errorf("%s, want %s", got, step.want)
		}
		if diff := cmp.Diff(k.judgedAtOnce(), k.verdicts()); diff != "" {
			t.Errorf("-judged at once +kept:\n%s", diff)
		}
	}
}
