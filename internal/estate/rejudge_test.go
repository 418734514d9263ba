package estate_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// storageCatalogue is a catalogue with some recommendations about storage, whose
// texts may be changed.
func storageCatalogue(t *testing.T, change func(name, text string) string) *catalog.Catalog {
	t.Helper()
	files := fstest.MapFS{}
	root := os.DirFS("../../catalog")
	names := []string{"controls.yaml", "aliases.yaml", "always.yaml"}
	for _, pattern := range []string{"standards/*.yaml", "azure/storage/*.yaml"} {
		found, err := fs.Glob(root, pattern)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, found...)
	}
	for _, name := range names {
		text, err := fs.ReadFile(root, name)
		if err != nil {
			t.Fatal(err)
		}
		if changed := change(name, string(text)); changed != "" {
			files[name] = &fstest.MapFile{Data: []byte(changed)}
		}
	}
	c, _ := catalog.ParseAll(files) // other rules, which aliases are for, are missing
	return c
}

// TestRejudge: another catalogue judges what differs and nothing else; the scores
// tell of each recommendation what it did to them, and whoever is killed goes on.
func TestRejudge(t *testing.T) {
	const anonymous, networks, keys = "storage-blob-anonymous-access-off", "storage-default-network-deny", "storage-shared-key-off"
	is := func(name, id string) bool { return strings.HasSuffix(name, "/"+id+".yaml") }
	before := storageCatalogue(t, func(name, text string) string {
		if is(name, keys) {
			return "" // it is to come
		}
		return text
	})
	after := storageCatalogue(t, func(name, text string) string {
		switch {
		case is(name, anonymous):
			return "" // it went
		case is(name, secureTransfer):
			return strings.Replace(text, "supportsHttpsTrafficOnly, notEquals: true", "supportsHttpsTrafficOnly, notEquals: false", 1)
		case is(name, networks):
			return strings.NewReplacer("control: Restrict unauthorized network access", "control: Apply system updates", "severity: low", "severity: critical").Replace(text)
		}
		return text
	})
	k := newKept(t)
	k.catalog = before
	k.reopen()
	k.imports(input("a.jsonl", account("a", "true")+account("b", "false")+account("e", "true")+strings.ReplaceAll(account("c", "false")+account("d", "true")+account("e", "false"), unit, otherUnit)+subscription))
	if _, err := k.sets(ledger.Definition, httpsDefinition("default", "https", "")); err != nil {
		t.Fatal(err)
	}
	if _, err := k.sets(ledger.Assignment, assignment("default", "https", definitionID("default", "https"), "")); err != nil {
		t.Fatal(err)
	}
	if err := k.estate.Rejudge(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	head := k.estate.Head()

	k.catalog = after
	k.reopen()
	if _, err := k.sets(ledger.Definition, httpsDefinition("default", "other", "")); !errors.Is(err, estate.ErrOtherCatalogue) {
		t.Errorf("a change before: %v", err)
	}
	killed, kill := context.WithCancel(t.Context())
	if err := k.estate.Rejudge(killed, func(done, _ int64) {
		if done > 0 {
			kill()
		}
	}); !errors.Is(err, context.Canceled) || k.estate.Head() != head+1 {
		t.Fatalf("killed after a unit: %v, commit %d after %d", err, k.estate.Head(), head)
	}
	k.reopen()
	var told [][2]int64
	if err := k.estate.Rejudge(t.Context(), func(done, total int64) {
		told = append(told, [2]int64{done, total})
		k.estate.Policies() // does not wait for what is judged
	}); err != nil {
		t.Fatal(err)
	}
	if k.estate.Head() != head+3 || len(told) != 3 || told[0] != [2]int64{0, 2} || told[2] != [2]int64{2, 2} { // one unit more, and which catalogue judges
		t.Errorf("commit %d after %d, told %v", k.estate.Head(), head, told)
	}
	if diff := cmp.Diff(k.judgedAtOnce(), k.verdicts()); diff != "" {
		t.Errorf("-judged at once +kept:\n%s", diff)
	}
	k.effectsAddUp()
	for n := head + 1; n < head+3; n++ {
		var objects []string
		for _, e := range k.effectsOf(n) {
			words := strings.Fields(e)
			objects = append(objects, words[1])
			if words[0] != "rules" || !slices.Contains([]string{secureTransfer, anonymous, networks, keys}, words[1]) {
				t.Errorf("commit %d: %s", n, e)
			}
		}
		if !slices.Contains(objects, secureTransfer) || !slices.Contains(objects, networks) {
			t.Errorf("commit %d: %v", n, objects)
		}
	}
	k.sameAsLoaded()
	if err := k.estate.Rejudge(t.Context(), nil); err != nil || k.estate.Head() != head+3 {
		t.Errorf("once more: %v, commit %d", err, k.estate.Head())
	}
	k.imports(input("b.jsonl", account("b", "true")))
	k.effectsAddUp()
	m := &month{kept: k}
	m.open(t.Fatal)
	if err := m.follower.ReadAt(t.Context(), head, k.now, func(x *index.Index) error {
		if rule, ok := x.Rule(networks); !ok || rule.Severity != posture.Low {
			t.Errorf("as of then: %+v", rule)
		}
		if score, kept := x.UnitScore(unit), m.keptAt(head); score.Percent != kept[unit] {
			t.Errorf("as of then: %v, kept is %v", score.Percent, kept)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// sameAsLoaded holds the kept scores against those of an index of what is kept.
func (k *kept) sameAsLoaded() {
	k.t.Helper()
	m := &month{kept: k}
	m.open(k.t.Fatal)
	if err := m.follower.Read(func(x *index.Index) error {
		for _, u := range []string{unit, otherUnit} {
			if diff := cmp.Diff(k.estate.UnitScore(u), x.UnitScore(u)); diff != "" {
				k.t.Errorf("%s: -kept +loaded:\n%s", u, diff)
			}
		}
		return nil
	}); err != nil {
		k.t.Fatal(err)
	}
}

// TestRejudge_of_what_nobody_kept: where it is not kept which catalogue judged,
// everything is judged again, and only that is written.
func TestRejudge_of_what_nobody_kept(t *testing.T) {
	k := newKept(t)
	k.imports(input("a.jsonl", account("a", "true")+account("b", "false")+subscription))
	if _, err := k.store.Write(t.Context(), ledger.Commit{Kind: ledger.Judge, At: k.now, Actor: "system"}, func(tx ledger.Tx) error {
		return tx.RemoveDocuments(t.Context(), []ledger.DocumentVersion{{Kind: ledger.Catalogue, ID: "built-in"}})
	}); err != nil {
		t.Fatal(err)
	}
	k.reopen()
	head, before := k.estate.Head(), k.verdicts()
	if err := k.estate.Rejudge(t.Context(), nil); err != nil || k.estate.Head() != head+1 {
		t.Errorf("commit %d after %d: %v", k.estate.Head(), head, err)
	}
	if diff := cmp.Diff(before, k.verdicts()); diff != "" {
		t.Errorf("-before +after:\n%s", diff)
	}
	if got := k.effectsOf(head + 1); len(got) > 0 {
		t.Errorf("effects %v", got)
	}
	if err := k.estate.Rejudge(t.Context(), nil); err != nil || k.estate.Head() != head+1 {
		t.Errorf("once more: commit %d, %v", k.estate.Head(), err)
	}
}
