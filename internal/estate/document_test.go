package estate_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/access"
	people "github.com/bartizan-dev/bartizan/internal/account"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

var anna = people.By{ID: "id-of-anna", Name: "anna", From: "192.0.2.1"}

const (
	secureTransfer = "storage-secure-transfer"
	emergency      = "subscription-emergency-access-tested"
	subscription   = `{"id":"` + unit + `","name":"shop","type":"Microsoft.Resources/subscriptions","properties":{"state":"Enabled"}}` + "\n"
)

func accountID(name string) string {
	return group + "/providers/Microsoft.Storage/storageAccounts/" + name
}

// effectsOf tells the effects of a commit: which cause, what it came from, and
// whether the score rose.
func (k *kept) effectsOf(n ledger.Number) []string {
	k.t.Helper()
	return k.effectsBetween(n-1, n)
}

// effectsBetween tells those of the commits after one, up to and with another.
func (k *kept) effectsBetween(from, to ledger.Number) []string {
	k.t.Helper()
	effects, err := k.store.Effects(k.t.Context(), from, to)
	if err != nil {
		k.t.Fatal(err)
	}
	told := []string{}
	for _, e := range effects {
		way := "up"
		if e.Points < 0 {
			way = "down"
		}
		told = append(told, fmt.Sprint(e.Cause, " ", e.Object, " ", way))
	}
	return told
}

// TestSetDocument: each document is one commit that says what it did to the score,
// is effective at once, ends by itself, and is undone by its reverse.
func TestSetDocument(t *testing.T) {
	k := newKept(t)
	k.imports(input("a.jsonl", account("a", "true")+account("b", "false")+account("c", "false")+subscription))
	in := func(d time.Duration) string { return k.now.Add(d).Format(time.RFC3339) }
	begin := k.now
	after := func(d time.Duration) string { return begin.Add(d).UTC().Format(time.RFC3339) }
	set := func(kind ledger.DocumentKind, id, text string) func() (ledger.Commit, error) {
		return func() (ledger.Commit, error) { return k.estate.SetDocument(t.Context(), anna, kind, id, []byte(text)) }
	}
	remove := func(kind ledger.DocumentKind, id string) func() (ledger.Commit, error) {
		return func() (ledger.Commit, error) { return k.estate.RemoveDocument(t.Context(), anna, kind, id) }
	}
	tick := func() (ledger.Commit, error) {
		_, err := k.estate.Tick(t.Context())
		return ledger.Commit{Number: k.estate.Head()}, err
	}
	pass := func(d time.Duration, then func() (ledger.Commit, error)) func() (ledger.Commit, error) {
		return func() (ledger.Commit, error) { k.now = k.now.Add(d); return then() }
	}
	exemption := func(expires string) string {
		return fmt.Sprintf(`{"resources":[{"id":%q}],"recommendations":[%q],"category":"waiver","reason":"old","expiresOn":%q}`, accountID("b"), secureTransfer, expires)
	}
	first := exemption(in(time.Hour))
	steps := []struct {
		name string
		do   func() (ledger.Commit, error)
		want []string // effects; nil for no commit
	}{
		{"an exemption", set(ledger.ExemptionOf, "e", first), []string{"exemption e up"}},
		{"the same again", set(ledger.ExemptionOf, "e", first), nil},
		{"of what is exempt already", set(ledger.ExemptionOf, "e2", exemption(in(3*time.Hour))), []string{}},
		{"it ended, the other still holds", pass(2*time.Hour, tick), []string{}},
		{"withdrawn", remove(ledger.ExemptionOf, "e2"), []string{"exemption e2 down"}},
		{"of many by a selector", set(ledger.ExemptionOf, "many", `{"scope":"`+unit+`","selector":{"types":["microsoft.storage/storageaccounts"],"locations":["WestEurope"],"text":"/C"},"recommendations":["`+secureTransfer+`"],"category":"mitigated","reason":"r","expiresOn":"`+in(4*time.Hour)+`"}`), []string{"exemption many up"}},
		{"an attestation", set(ledger.AttestationOf, "att", `{"scope":"`+unit+`","recommendation":"`+emergency+`","state":"healthy","text":"tried"}`), []string{"attestation att up"}},
		{"one that says otherwise later", set(ledger.AttestationOf, "aaa", `{"resources":[{"id":"`+unit+`"}],"recommendation":"`+emergency+`","state":"unhealthy","text":"failed","expiresOn":"`+in(6*time.Hour)+`"}`), []string{"attestation aaa down"}},
		{"an import under them", func() (ledger.Commit, error) {
			k.imports(input("b.jsonl", account("d", "false")))
			return ledger.Commit{Number: k.estate.Head()}, nil
		}, []string{"estate Microsoft.Storage/storageAccounts down"}},
		{"two ended, one after the other", pass(7*time.Hour, tick), []string{"exemption many down", "attestation aaa up"}},
		{"disabled", set(ledger.Disabling, "dis", `{"scope":"default","recommendation":"`+secureTransfer+`","reason":"not ours"}`), []string{"rules dis down"}},
		{"an exemption that a restart finds ended", set(ledger.ExemptionOf, "late", `{"scope":"/","category":"waiver","reason":"all","expiresOn":"`+in(20*time.Hour)+`"}`), []string{"exemption late down"}},
		{"it ended while nobody was there", func() (ledger.Commit, error) { k.now = k.now.Add(20 * time.Hour); k.reopen(); return tick() }, []string{"exemption late up"}},
		{"enabled, and undone by the reverse", remove(ledger.Disabling, "dis"), []string{"rules dis up"}},
	}
	for _, step := range steps {
		before := k.estate.Head()
		if _, err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if made := k.estate.Head() > before; made != (step.want != nil) {
			t.Errorf("%s: commit %d after %d", step.name, k.estate.Head(), before)
			continue
		} else if !made {
			continue
		}
		if got := k.effectsBetween(before, k.estate.Head()); !slices.Equal(got, step.want) {
			t.Errorf("%s: %v, want %v", step.name, got, step.want)
		}
	}
	k.effectsAddUp()
	k.audited()

	// What ended did so when it was to, however late somebody looked.
	commits, err := k.store.Commits(t.Context(), 0, k.estate.Head())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range commits {
		if c.Object == "expiries" {
			got = append(got, c.At.Format(time.RFC3339))
		}
	}
	if want := []string{after(time.Hour), after(4 * time.Hour), after(6 * time.Hour), after(20 * time.Hour)}; !slices.Equal(got, want) {
		t.Errorf("expiries are committed at %v, want %v", got, want)
	}
}

// audited holds the entries of the audit log of documents against what was done.
func (k *kept) audited() {
	k.t.Helper()
	var got []string
	for e, err := range k.store.AuditLog(k.t.Context(), ledger.AuditFilter{}) {
		if err != nil {
			k.t.Fatal(err)
		}
		if e.Action == "inventory.import" {
			continue
		}
		who := anna
		if strings.HasSuffix(e.Action, ".end") {
			who = people.By{ID: "system", Name: "system"}
		}
		if e.Actor != who.ID || e.Name != who.Name || e.From != who.From || e.Commit == 0 {
			k.t.Errorf("entry %+v", e)
		}
		got = append(got, strings.Join([]string{e.Action, e.Object, e.Scope}, " "))
	}
	slices.Reverse(got)
	want := []string{
		"exemption.write e " + unit, "exemption.write e2 " + unit, "exemption.end e " + unit, "exemption.remove e2 " + unit, "exemption.write many " + unit,
		"attestation.write att " + unit, "attestation.write aaa " + unit,
		"exemption.end many " + unit, "attestation.end aaa " + unit,
		"disabling.write dis default", "exemption.write late /", "exemption.end late /", "disabling.remove dis default",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		k.t.Errorf("audit log (-want +got):\n%s", diff)
	}
}

// TestPreviewDocument: what a document would do is what it does then, and nothing is
// written before.
func TestPreviewDocument(t *testing.T) {
	k := newKept(t)
	k.imports(input("a.jsonl", account("a", "true")+account("b", "false")))
	head, dump := k.estate.Head(), k.dump()
	text := `{"scope":"` + group + `","recommendations":["` + secureTransfer + `"],"category":"waiver","reason":"old"}`
	d, err := govern.Parse(ledger.ExemptionOf, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	preview := func(d govern.Document) *estate.Preview {
		p, err := k.estate.PreviewDocument(t.Context(), ledger.ExemptionOf, "e", d, index.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := preview(d)
	if again := preview(d); cmp.Diff(p, again) != "" {
		t.Errorf("again: %+v, first %+v", again, p)
	}
	if k.estate.Head() != head || k.dump() != dump {
		t.Error("the preview wrote something")
	}
	before := k.estate.UnitScore(unit).Percent
	if _, err := k.estate.SetDocument(t.Context(), anna, ledger.ExemptionOf, "e", []byte(text)); err != nil {
		t.Fatal(err)
	}
	if after := k.estate.UnitScore(unit).Percent; p.Checks != 2 || p.Resources != 2 || p.Before.Percent != before || p.After.Percent != after || before == after {
		t.Errorf("preview %+v; the score went from %v to %v", p, before, after)
	}
	if back := preview(nil); back.Checks != 2 || back.Before.Percent != p.After.Percent || back.After.Percent != p.Before.Percent {
		t.Errorf("preview of the reverse: %+v, want the reverse of %+v", back, p)
	}
}

// TestSetDocument_refuses: what cannot be laid is not kept.
func TestSetDocument_refuses(t *testing.T) {
	k := newKept(t)
	if _, err := k.estate.SetDocument(t.Context(), anna, ledger.Disabling, "d", []byte(`{}`)); err == nil || !strings.Contains(err.Error(), "reason: it has to be given") {
		t.Errorf("nothing in it: %v", err)
	}
	if _, err := k.estate.SetDocument(t.Context(), anna, ledger.Disabling, "", []byte(`{"scope":"/","recommendation":"r","reason":"x"}`)); err == nil {
		t.Error("a document without an id was kept")
	}
	if _, err := k.estate.RemoveDocument(t.Context(), anna, ledger.Disabling, "d"); access.FaultOf(err) != access.Missing {
		t.Errorf("removing what is not there: %v", err)
	}
}

// TestSetDocument_during_an_import: an import keeps nobody from granting an
// exemption, and judges on with it.
func TestSetDocument_during_an_import(t *testing.T) {
	k := newKept(t)
	k.imports(input("a.jsonl", account("a", "true")+account("b", "false")))
	granted := map[string]ledger.Number{}
	var mu sync.Mutex // reading is told of by several goroutines
	grant := func(stage string, _, _ int64) {
		mu.Lock()
		defer mu.Unlock()
		if granted[stage] != 0 {
			return
		}
		text := `{"resources":[{"id":"` + accountID(map[string]string{"reading": "b", "judging": "c"}[stage]) + `"}],"category":"waiver","reason":"x"}`
		c, err := k.estate.SetDocument(t.Context(), anna, ledger.ExemptionOf, stage, []byte(text))
		if err != nil {
			t.Error(err)
		}
		granted[stage] = c.Number
	}
	others := account("c", "false") + account("d", "true") + strings.ReplaceAll(account("a", "false"), unit, otherUnit)
	if _, err := k.estate.Import(t.Context(), estate.ImportOptions{Inputs: []intake.Input{input("b.jsonl", others)}, Actor: "tester", Progress: grant}); err != nil {
		t.Fatal(err)
	}
	if granted["reading"] == 0 || granted["judging"] == 0 || k.estate.Head() <= granted["judging"] {
		t.Fatalf("granted by commits %v, the import ended with %d", granted, k.estate.Head())
	}
	k.effectsAddUp()
	if score := k.estate.UnitScore(unit); score.Weight == 0 {
		t.Errorf("score %+v", score)
	}
}

// TestSetDocument_beside_another_process: what another process grants, and writes
// of what ended, is taken in before one's own commit.
func TestSetDocument_beside_another_process(t *testing.T) {
	k := newKept(t)
	k.imports(input("a.jsonl", account("a", "true")+account("b", "false")+account("c", "false")))
	one := k.estate
	k.reopen()
	other := k.estate
	of := func(name, expires string) []byte {
		return []byte(fmt.Sprintf(`{"resources":[{"id":%q}],"recommendations":[%q],"category":"waiver","reason":"x"%s}`, accountID(name), secureTransfer, expires))
	}
	steps := []struct {
		name string
		do   func() error
		want []string
	}{
		{"one grants", func() error {
			_, err := one.SetDocument(t.Context(), anna, ledger.ExemptionOf, "b", of("b", fmt.Sprintf(`,"expiresOn":%q`, k.now.Add(time.Hour).Format(time.RFC3339))))
			return err
		}, []string{"exemption b up"}},
		{"the other as well", func() error {
			_, err := other.SetDocument(t.Context(), anna, ledger.ExemptionOf, "c", of("c", ""))
			return err
		}, []string{"exemption c up"}},
		{"the other tells what ended", func() error { k.now = k.now.Add(2 * time.Hour); _, err := other.Tick(t.Context()); return err }, []string{"exemption b down"}},
		{"one withdraws what the other granted", func() error {
			if err := one.Refresh(t.Context()); err != nil {
				return err
			}
			_, err := one.RemoveDocument(t.Context(), anna, ledger.ExemptionOf, "c")
			return err
		}, []string{"exemption c down"}},
		{"the other goes on importing", func() error { k.imports(input("b.jsonl", account("b", "true"))); return nil }, []string{"estate Microsoft.Storage/storageAccounts up"}},
	}
	for n, step := range steps {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if got := k.effectsOf(ledger.Number(3 + n)); !slices.Equal(got, step.want) {
			t.Errorf("%s: %v, want %v", step.name, got, step.want)
		}
	}
	k.effectsAddUp()
}
