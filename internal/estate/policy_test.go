package estate_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/store"
	"github.com/bartizan-dev/bartizan/policy"
)

// twin is the name of Microsoft's definition that checks what secureTransfer does.
const twin = "404c3081-a854-4457-ae30-26a93ef643f9"

func definitionID(scope, name string) string { return govern.PolicyID(ledger.Definition, scope, name) }

// httpsDefinition wants accounts to say whether they take HTTPS only.
func httpsDefinition(scope, name, more string) string {
	return fmt.Sprintf(`{"id":%q,"properties":{"displayName":"HTTPS","mode":"Indexed"%s,"parameters":{"effect":{"type":"String","defaultValue":"Audit"},"wanted":{"type":"String","defaultValue":"true"}},
	"policyRule":{"if":{"allOf":[{"field":"type","equals":"Microsoft.Storage/storageAccounts"},{"field":"Microsoft.Storage/storageAccounts/supportsHttpsTrafficOnly","notEquals":"[parameters('wanted')]"}]},"then":{"effect":"[parameters('effect')]"}}}}`,
		definitionID(scope, name), more)
}

// blobDefinition wants accounts to have a blob service.
func blobDefinition(scope, name string) string {
	return fmt.Sprintf(`{"id":%q,"properties":{"policyRule":{"if":{"field":"type","equals":"Microsoft.Storage/storageAccounts"},
	"then":{"effect":"auditIfNotExists","details":{"type":"Microsoft.Storage/storageAccounts/blobServices"}}}}}`, definitionID(scope, name))
}

// anyDefinition is about resources of all types.
func anyDefinition(scope, name, location string) string {
	return fmt.Sprintf(`{"id":%q,"properties":{"mode":"All","policyRule":{"if":{"field":"location","equals":%q},"then":{"effect":"modify","details":{"roleDefinitionIds":["x"],"operations":[{"operation":"add","field":"tags['a']","value":"b"}]}}}}}`,
		definitionID(scope, name), location)
}

func initiative(scope, name string, members ...string) string {
	return fmt.Sprintf(`{"id":%q,"properties":{"displayName":"Set","parameters":{"wanted":{"type":"String","defaultValue":"true"}},"policyDefinitions":[%s]}}`,
		govern.PolicyID(ledger.Initiative, scope, name), strings.Join(members, ","))
}

func assignment(scope, name, of, more string) string {
	return fmt.Sprintf(`{"id":%q,"properties":{"scope":%q,"policyDefinitionId":%q%s}}`, govern.PolicyID(ledger.Assignment, scope, name), scope, of, more)
}

// sets keeps a policy document.
func (k *kept) sets(kind ledger.DocumentKind, text string) (ledger.Commit, error) {
	k.t.Helper()
	p, err := govern.ParsePolicy(kind, govern.Home{}, []byte(text))
	if err != nil {
		k.t.Fatalf("%s: %v", text, err)
	}
	return k.estate.SetPolicy(k.t.Context(), anna, p)
}

// verdicts gives what is kept of each resource: rule, parameters, state and reason.
func (k *kept) verdicts() map[string][]string {
	k.t.Helper()
	ctx, head := k.t.Context(), k.estate.Head()
	evaluations, err := k.store.Evaluations(ctx)
	if err != nil {
		k.t.Fatal(err)
	}
	tuples := map[int64][]ledger.Verdict{}
	for tuple, err := range k.store.Tuples(ctx, 0) {
		if err != nil {
			k.t.Fatal(err)
		}
		tuples[tuple.Number] = tuple.Verdicts
	}
	ids := map[uint32]string{}
	for r, err := range k.store.Resources(ctx, head) {
		if err != nil {
			k.t.Fatal(err)
		}
		ids[r.Number] = posture.Fold(r.ID)
	}
	found := map[string][]string{}
	for j, err := range k.store.Judged(ctx, head) {
		if err != nil {
			k.t.Fatal(err)
		}
		for _, v := range tuples[j.Tuple] {
			e := evaluations[v.Evaluation-1]
			found[ids[j.Resource]] = append(found[ids[j.Resource]], fmt.Sprint(e.Rule, " ", e.Parameters, " ", v.State, " ", v.Reason))
		}
		slices.Sort(found[ids[j.Resource]])
	}
	return found
}

// judgedAtOnce gives the verdicts that assess finds in all that is kept, by what
// is assigned.
func (k *kept) judgedAtOnce() map[string][]string {
	k.t.Helper()
	library, assignments := k.estate.Policies().Assigned(func(*policy.Assignment) bool { return true })
	for _, p := range k.estate.Policies().Of(ledger.AliasTable) {
		if library == nil {
			library = &policy.Library{}
		}
		text, err := p.Document()
		if err != nil {
			k.t.Fatal(err)
		}
		library.Add(p.Name, text)
	}
	return k.judgedBy(library, assignments)
}

// judgedBy gives the verdicts that assess finds in all that is kept, by assignments.
func (k *kept) judgedBy(library *policy.Library, assignments []*policy.Assignment) map[string][]string {
	k.t.Helper()
	ctx, head := k.t.Context(), k.estate.Head()
	versions, err := k.store.Scopes(ctx, head)
	if err != nil {
		k.t.Fatal(err)
	}
	var tree []posture.Scope
	for _, v := range versions {
		tree = append(tree, v.Scope)
	}
	j, err := assess.Judge(ctx, assess.Options{
		Inputs:    []assess.Input{{Name: "all", Open: func() (io.ReadCloser, error) { return estate.Stream(ctx, k.store, head), nil }}},
		Hierarchy: tree, BuiltIn: k.catalog, Library: library, Assignments: assignments, Partial: true, Now: k.now, Workers: 1,
	})
	if err != nil {
		k.t.Fatal(err)
	}
	ids := k.idsByLine(ctx, head)
	found := map[string][]string{}
	for _, r := range j.Resources() {
		id := ids[r.Line-1]
		for _, v := range j.Tuples()[r.Tuple] {
			rule := j.Rules()[v.Rule]
			found[id] = append(found[id], fmt.Sprint(govern.RuleID(rule.ID), " ", rule.ParametersHash, " ", v.State, " ", v.Reason))
		}
		slices.Sort(found[id])
	}
	return found
}

func (k *kept) idsByLine(ctx context.Context, head ledger.Number) (ids []string) {
	k.t.Helper()
	stream := estate.Stream(ctx, k.store, head)
	defer func() { _ = stream.Close() }()
	lines := bufio.NewScanner(stream)
	for lines.Scan() {
		var record struct{ ID string }
		if err := json.Unmarshal(lines.Bytes(), &record); err != nil {
			k.t.Fatal(err)
		}
		ids = append(ids, posture.Fold(record.ID))
	}
	return ids
}

// TestSetPolicy: each document is one commit, effective at once where it is
// assigned, and what is taken back is gone.
func TestSetPolicy(t *testing.T) {
	k := newKept(t)
	k.imports(input("a.jsonl", account("a", "true")+account("b", "false")+strings.ReplaceAll(account("c", "false"), unit, otherUnit)+subscription))
	https, blob := definitionID("default", "https"), definitionID("default", "blob")
	builtIn := definitionID("/", twin)
	remove := func(kind ledger.DocumentKind, id string) func() (ledger.Commit, error) {
		return func() (ledger.Commit, error) { return k.estate.RemovePolicy(t.Context(), anna, kind, id) }
	}
	set := func(kind ledger.DocumentKind, text string) func() (ledger.Commit, error) {
		return func() (ledger.Commit, error) { return k.sets(kind, text) }
	}
	member := func(of, reference, parameters string) string {
		return fmt.Sprintf(`{"policyDefinitionId":%q,"policyDefinitionReferenceId":%q,"parameters":{%s}}`, of, reference, parameters)
	}
	wanted := `"wanted":{"value":"[parameters('wanted')]"}`
	wantsNone := `,"parameters":{"wanted":{"value":"false"}}`
	steps := []struct {
		name string
		do   func() (ledger.Commit, error)
		want string // verdicts of policies: resource, policy and state, or what is refused; "-" for no commit
	}{
		{"a definition alone judges nothing", set(ledger.Definition, httpsDefinition("default", "https", "")), ""},
		{"the same again", set(ledger.Definition, httpsDefinition("default", "https", "")), "-"},
		{"assigned to a unit", set(ledger.Assignment, assignment(unit, "one", https, "")), "a https healthy, b https unhealthy"},
		{"what it needs is not removed", remove(ledger.Definition, https), "refused: is needed by assignment " + govern.PolicyID(ledger.Assignment, unit, "one")},
		{"with other parameters", set(ledger.Assignment, assignment(unit, "one", https, wantsNone)), "a https unhealthy, b https healthy"},
		{"where it is assigned twice alike", set(ledger.Assignment, assignment("default", "two", https, wantsNone)), "a https unhealthy, b https healthy, c https healthy"},
		{"one of two taken away", remove(ledger.Assignment, govern.PolicyID(ledger.Assignment, unit, "one")), "a https unhealthy, b https healthy, c https healthy"},
		{"but for a group", set(ledger.Assignment, assignment("default", "two", https, wantsNone+`,"notScopes":["`+group+`"]`)), "c https healthy"},
		{"another version of the rule", set(ledger.Definition, strings.Replace(httpsDefinition("default", "https", ""), "notEquals", "equals", 1)), "c https unhealthy"},
		{"another title of it", set(ledger.Definition, strings.Replace(httpsDefinition("default", "https", `,"metadata":{"severity":"high"}`), "notEquals", "equals", 1)), "c https unhealthy"},
		{"an existence check", set(ledger.Definition, blobDefinition("default", "blob")), "c https unhealthy"},
		{"of what is not there", set(ledger.Initiative, initiative("default", "set", member(https+"x", "x", ""))), `refused: member "x": there is no definition`},
		{"an initiative", set(ledger.Initiative, initiative("default", "set", member(https, "https", wanted), member(blob, "blob", ""), member(builtIn, "twin", ""))), "c https unhealthy"},
		{"assigned to one resource", set(ledger.Assignment, assignment(accountID("a"), "set", govern.PolicyID(ledger.Initiative, "default", "set"), "")), "a blob unknown, a https unhealthy, c https unhealthy"},
		{"a member disabled", set(ledger.Assignment, assignment(accountID("a"), "set", govern.PolicyID(ledger.Initiative, "default", "set"), `,"overrides":[{"kind":"policyEffect","value":"Disabled","selectors":[{"kind":"policyDefinitionReferenceId","in":["https"]}]}]`)), "a blob unknown, c https unhealthy"},
		{"at a scope that is beside it", set(ledger.Assignment, assignment(otherUnit, "x", definitionID(unit, "none"), "")), "refused: there is no definition, initiative or standard"},
		{"with a parameter that there is not", set(ledger.Assignment, assignment(otherUnit, "x", https, `,"parameters":{"nope":{"value":1}}`)), "refused: "},
		{"an import beneath", func() (ledger.Commit, error) {
			k.imports(input("b.jsonl", strings.ReplaceAll(account("d", "false"), unit, otherUnit)+whole+account("a", "true")+account("b", "false")+subscription))
			return ledger.Commit{Number: k.estate.Head()}, nil
		}, "a blob unhealthy, c https unhealthy, d https unhealthy"},
		{"a built-in one that the catalogue has, where it is assigned", set(ledger.Definition, strings.Replace(httpsDefinition("/", twin, `,"policyType":"BuiltIn"`), "notEquals", "equals", 1)), "a " + twin + " unhealthy, a blob unhealthy, c https unhealthy, d https unhealthy"},
		{"in the unit as well", set(ledger.Assignment, assignment(unit, "https", builtIn, "")), "a " + twin + " unhealthy, a blob unhealthy, b " + twin + " healthy, c https unhealthy, d https unhealthy"},
		{"and does not any more", remove(ledger.Assignment, govern.PolicyID(ledger.Assignment, unit, "https")), "a " + twin + " unhealthy, a blob unhealthy, c https unhealthy, d https unhealthy"},
	}
	for _, step := range steps {
		before := k.estate.Head()
		c, err := step.do()
		if refused, ok := strings.CutPrefix(step.want, "refused: "); ok {
			if err == nil || !strings.Contains(err.Error(), refused) || k.estate.Head() != before {
				t.Errorf("%s: %v, want %s", step.name, err, refused)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if made := c.Number > before; made != (step.want != "-") {
			t.Errorf("%s: commit %d after %d", step.name, c.Number, before)
		}
		if step.want == "-" {
			continue
		}
		if got := k.ofPolicies(); got != step.want {
			t.Errorf("%s: %s, want %s", step.name, got, step.want)
		}
		if diff := cmp.Diff(k.judgedAtOnce(), k.verdicts()); diff != "" {
			t.Fatalf("%s: -judged at once +kept:\n%s", step.name, diff)
		}
		if got := k.effectsOf(c.Number); (len(got) > 0) != (step.name == "a built-in one that the catalogue has, where it is assigned") {
			t.Errorf("%s: effects %v", step.name, got)
		}
	}
	k.effectsAddUp()
	var needed *estate.NeededError
	if _, err := k.estate.RemovePolicy(t.Context(), anna, ledger.Initiative, govern.PolicyID(ledger.Initiative, "default", "set")); !errors.As(err, &needed) || len(needed.By) != 1 {
		t.Errorf("an initiative that is assigned: %v", err)
	}
}

// watched is a store that notes which bodies are read, and calls once before.
type watched struct {
	*store.Store
	call func()
	read []string // unit, and types
}

func (s *watched) UnitBodies(ctx context.Context, n ledger.Number, unit string, types ...string) iter.Seq2[ledger.ResourceBody, error] {
	s.read = append(s.read, fmt.Sprint(unit[len(unit)-1:], " ", types))
	if call := s.call; call != nil {
		s.call = nil
		call()
	}
	return s.Store.UnitBodies(ctx, n, unit, types...)
}

// TestSetPolicy_reads_what_it_touches: units beneath the scope, and of them bodies of
// types that the rules name.
func TestSetPolicy_reads_what_it_touches(t *testing.T) {
	k := newKept(t)
	vault := strings.NewReplacer("Microsoft.Storage/storageAccounts", "Microsoft.KeyVault/vaults", unit, otherUnit).Replace(account("v", "true"))
	k.imports(input("a.jsonl", account("a", "true")+vault+subscription))
	for _, text := range []string{httpsDefinition("default", "https", ""), blobDefinition("default", "blob"), anyDefinition("default", "any", "westeurope")} {
		if _, err := k.sets(ledger.Definition, text); err != nil {
			t.Fatal(err)
		}
	}
	store := &watched{Store: k.store}
	var err error
	if k.estate, err = estate.Open(t.Context(), store, estate.Options{Catalog: k.catalog, Key: []byte("key"), Now: func() time.Time { return k.now }}); err != nil {
		t.Fatal(err)
	}
	const around = "microsoft.resources/resourcegroups microsoft.resources/subscriptions microsoft.resources/subscriptions/resourcegroups microsoft.storage/storageaccounts"
	assign := func(scope, name, definition, more string) func() error {
		return func() error {
			_, err := k.sets(ledger.Assignment, assignment(scope, name, definitionID("default", definition), more))
			return err
		}
	}
	steps := []struct {
		name string
		do   func() error
		want []string
	}{
		{"everywhere, where there are such resources", assign("default", "a", "https", ""), []string{"a [" + around + "]"}},
		{"once more beneath, which changes nothing", assign(unit, "b", "https", ""), []string{"a [" + around + "]"}},
		{"its title", assign(unit, "b", "https", `,"displayName":"x"`), nil},
		{"where there are none", assign(otherUnit, "c", "https", ""), nil},
		{"what it looks for", assign("default", "d", "blob", ""), []string{"a [" + around + " microsoft.storage/storageaccounts/blobservices]"}},
		{"of all types", assign(otherUnit, "e", "any", ""), []string{"b []"}},
		{"the last one goes", func() error {
			_, err := k.estate.RemovePolicy(t.Context(), anna, ledger.Assignment, govern.PolicyID(ledger.Assignment, "default", "d"))
			return err
		}, nil},
	}
	for _, step := range steps {
		store.read = nil
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if diff := cmp.Diff(step.want, store.read); diff != "" {
			t.Errorf("%s (-want +read):\n%s", step.name, diff)
		}
	}
	if diff := cmp.Diff(k.judgedAtOnce(), k.verdicts()); diff != "" {
		t.Errorf("-judged at once +kept:\n%s", diff)
	}
}

// TestSetPolicy_during_an_import: what is assigned while a unit is judged counts in
// it.
func TestSetPolicy_during_an_import(t *testing.T) {
	k := newKept(t)
	k.imports(input("a.jsonl", account("a", "true")+account("b", "true")))
	if _, err := k.sets(ledger.Definition, httpsDefinition("default", "https", "")); err != nil {
		t.Fatal(err)
	}
	between := &watched{Store: k.store}
	var err error
	if k.estate, err = estate.Open(t.Context(), between, estate.Options{Catalog: k.catalog, Key: []byte("key"), Now: func() time.Time { return k.now }}); err != nil {
		t.Fatal(err)
	}
	between.call = func() {
		if _, err := k.sets(ledger.Assignment, assignment(unit, "x", definitionID("default", "https"), "")); err != nil {
			t.Error(err)
		}
	}
	k.imports(input("b.jsonl", account("a", "false")+account("c", "false")))
	if got, want := k.ofPolicies(), "a https unhealthy, b https healthy, c https unhealthy"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if diff := cmp.Diff(k.judgedAtOnce(), k.verdicts()); diff != "" {
		t.Errorf("-judged at once +kept:\n%s", diff)
	}
	k.effectsAddUp()
}

// ofPolicies tells the verdicts of policies: name of the resource, name of the
// policy, and state.
func (k *kept) ofPolicies() string {
	var all []string
	last := func(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }
	for id, verdicts := range k.verdicts() {
		for _, v := range verdicts {
			if words := strings.Fields(v); strings.Contains(words[0], "/") {
				all = append(all, last(id)+" "+last(words[0])+" "+words[2])
			}
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// policies are names of documents, by what they are.
var policyScopes = []string{"/", "default", unit, otherUnit, group, folder, otherFolder}

// writePolicy writes a policy document of a month, or removes one.
func (m *month) writePolicy() {
	scope := rapid.SampledFrom(policyScopes[:3]).Draw(m.r, "kept at")
	name := rapid.SampledFrom([]string{"p", "q"}).Draw(m.r, "name")
	other := definitionID(rapid.SampledFrom(policyScopes[:3]).Draw(m.r, "of scope"), rapid.SampledFrom([]string{"p", "q", twin}).Draw(m.r, "of name"))
	kind := rapid.SampledFrom([]ledger.DocumentKind{ledger.Definition, ledger.Definition, ledger.Initiative, ledger.Assignment, ledger.Assignment, ledger.Assignment, ledger.AliasTable}).Draw(m.r, "policy kind")
	wanted := rapid.SampledFrom([]string{"", `"wanted":{"value":"true"}`, `"wanted":{"value":"none"}`}).Draw(m.r, "wanted")
	var text string
	switch kind {
	case ledger.Definition:
		text = rapid.SampledFrom([]string{
			httpsDefinition(scope, name, ""), httpsDefinition(scope, name, `,"metadata":{"severity":"high"}`), blobDefinition(scope, name), anyDefinition(scope, name, "westeurope"),
			httpsDefinition("/", twin, `,"policyType":"BuiltIn"`), strings.Replace(httpsDefinition("/", twin, `,"policyType":"BuiltIn"`), "notEquals", "equals", 1),
			houseDefinition(scope, name, ""), houseDefinition("/", twin, `,"policyType":"BuiltIn"`),
		}).Draw(m.r, "definition")
	case ledger.AliasTable:
		text = rapid.SampledFrom([]string{houseTable("supportsHttpsTrafficOnly"), houseTable("none"), `{"a/b":{"c":"p"}}`}).Draw(m.r, "table")
	case ledger.Initiative:
		text = initiative(scope, name,
			fmt.Sprintf(`{"policyDefinitionId":%q,"policyDefinitionReferenceId":"one","parameters":{%s}}`, other, wanted),
			fmt.Sprintf(`{"policyDefinitionId":%q,"policyDefinitionReferenceId":"two"}`, definitionID("/", twin)))
	default:
		scope = rapid.SampledFrom(append(slices.Clone(policyScopes), accountID("a"))).Draw(m.r, "for")
		if rapid.Bool().Draw(m.r, "of a set") {
			other, wanted = govern.PolicyID(ledger.Initiative, rapid.SampledFrom(policyScopes[:2]).Draw(m.r, "of scope"), name), ""
		}
		more := rapid.SampledFrom([]string{
			"", `,"notScopes":["` + group + `"]`, `,"resourceSelectors":[{"name":"s","selectors":[{"kind":"resourceLocation","in":["westeurope"]}]}]`,
			`,"overrides":[{"kind":"policyEffect","value":"Disabled","selectors":[{"kind":"resourceType","in":["Microsoft.Storage/storageAccounts"]}]}]`,
		}).Draw(m.r, "more")
		text = assignment(scope, name, other, `,"parameters":{`+wanted+`}`+more)
	}
	home := govern.Home{}
	if kind == ledger.AliasTable {
		home.ID = name
	}
	p, err := govern.ParsePolicy(kind, home, []byte(text))
	if err != nil {
		m.r.Fatalf("%s: %v", text, err)
	}
	if old, ok := m.estate.Policies().Find(kind, p.ID); ok && rapid.Bool().Draw(m.r, "removed") {
		p = old
		_, err = m.estate.RemovePolicy(m.t.Context(), anna, kind, p.ID)
	} else {
		_, err = m.estate.SetPolicy(m.t.Context(), anna, p)
	}
	var needed *estate.NeededError
	var wrong govern.Problems
	if err != nil && !errors.As(err, &needed) && !errors.As(err, &wrong) {
		m.r.Fatalf("%s: %v", text, err)
	}
}

// TestSetPolicy_several: several documents are one commit, of which those that are
// kept already are no part; what is wrong with one of them keeps all out.
func TestSetPolicy_several(t *testing.T) {
	k := newKept(t)
	k.imports(input("a.jsonl", account("a", "true")+account("b", "false")))
	write := func(kind ledger.DocumentKind, texts ...string) (*estate.Preview, ledger.Commit, error) {
		t.Helper()
		ps, err := govern.ParsePolicies(kind, govern.Home{}, []byte(strings.Join(texts, "\n")))
		if err != nil {
			t.Fatal(err)
		}
		return k.estate.ChangePolicy(t.Context(), anna, estate.PolicyRequest{Kind: kind, ID: ps[0].ID, Policy: ps[0], Others: ps[1:], Of: &index.Filter{}})
	}
	https, blob := httpsDefinition("default", "https", ""), blobDefinition("default", "blob")
	_, c, err := write(ledger.Definition, https, blob)
	if err != nil || c.Words != "2 definitions written" || c.Object != "default/providers/microsoft.authorization/policydefinitions/" {
		t.Fatalf("commit %+v, error %v", c, err)
	}
	preview, c, err := write(ledger.Assignment, assignment(unit, "one", definitionID("default", "https"), ""), assignment(unit, "two", definitionID("default", "blob"), ""))
	if got, want := k.ofPolicies(), "a blob unknown, a https healthy, b blob unknown, b https unhealthy"; err != nil || got != want || preview.Checks != 4 {
		t.Errorf("%s, want %s; preview %+v, error %v", got, want, preview, err)
	}
	if diff := cmp.Diff(k.judgedAtOnce(), k.verdicts()); diff != "" {
		t.Errorf("-judged at once +kept:\n%s", diff)
	}
	first, before := c, k.estate.Head()
	if _, c, err = write(ledger.Definition, https, blob); err != nil || c.Number != 0 || k.estate.Head() != before {
		t.Errorf("the same again: commit %+v, error %v", c, err)
	}
	changed := strings.Replace(https, `"HTTPS"`, `"Other"`, 1)
	if _, c, err = write(ledger.Definition, changed, blob); err != nil || c.Words != "definition changed" || c.Object != definitionID("default", "https") {
		t.Errorf("one of them changed: commit %+v, error %v", c, err)
	}
	for id, since := range map[string]ledger.Number{definitionID("default", "https"): c.Number, definitionID("default", "blob"): first.Number - 1} {
		if p, ok := k.estate.Policies().Find(ledger.Definition, id); !ok || p.Since != since {
			t.Errorf("%s since %d, want %d", id, p.Since, since)
		}
	}
	var wrong govern.Problems
	if _, _, err = write(ledger.Definition, changed, blob, changed); !errors.As(err, &wrong) || len(wrong) != 1 || wrong[0].Pos.Line != 5 {
		t.Errorf("one of them twice: %v", err)
	}
	before = k.estate.Head()
	lost := assignment(unit, "lost", definitionID("default", "lost"), "")
	if _, _, err = write(ledger.Assignment, assignment(unit, "three", definitionID("default", "blob"), ""), lost, lost); !errors.As(err, &wrong) || len(wrong) != 2 || wrong[0].Pos.Line != 2 || k.estate.Head() != before {
		t.Errorf("what is wrong: %v", err)
	}
}
