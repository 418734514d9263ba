package estate_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// TestGiveUp: history goes, what is now stays, and a resource that comes back
// after all of it was given up is taken in by an estate that knew it.
func TestGiveUp(t *testing.T) {
	k := newKept(t)
	all := func(names ...string) intake.Input {
		text := whole
		for _, name := range names {
			text += account(name, "false")
		}
		return input("a.jsonl", text)
	}
	k.imports(all("one", "two"))
	k.now = k.now.AddDate(0, 0, 100)
	if a := k.imports(all("one")); a.Deleted != 1 {
		t.Fatalf("answer %+v", a)
	}
	before := k.dump()
	var known bytes.Buffer
	if err := k.estate.WriteKnown(t.Context(), &known); err != nil {
		t.Fatal(err)
	}
	steps := []struct {
		name   string
		keep   time.Duration
		some   bool
		oldest ledger.Number
	}{
		{"for_ever", 0, false, 0},
		{"longer_than_there_is", 400 * 24 * time.Hour, false, 0},
		{"up_to_the_deletion", 24 * time.Hour, true, 3},
		{"again", 24 * time.Hour, false, 3},
	}
	for i, step := range steps {
		if i == 2 {
			k.now = k.now.AddDate(0, 0, 10)
		}
		rows, oldest, err := estate.GiveUp(t.Context(), k.store, k.now, step.keep, "system")
		if err != nil || rows > 0 != step.some || oldest != step.oldest {
			t.Errorf("%s: %d rows, oldest commit %d, error %v", step.name, rows, oldest, err)
		}
	}
	if after := k.dump(); after != before {
		t.Error("the state of now is another")
	}
	// Neither by what is in memory nor by a file of before.
	old, told := k.estate, ""
	k.reopenWith(known.Bytes(), func(text string) { told = text })
	if !strings.Contains(told, "changed resources after it") {
		t.Errorf("a file of before is used: %q", told)
	}
	if err := old.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.estate = old
	if a := k.imports(all("one", "two")); a.New != 1 {
		t.Errorf("answer %+v", a)
	}
	findings, err := k.store.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		if !f.OK {
			t.Errorf("damage: %+v", f)
		}
	}
}
