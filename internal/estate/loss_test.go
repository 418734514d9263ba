package estate_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

const other = "/subscriptions/0a1b2c3d-0000-4000-8000-00000000000b"

// lossRows tells what is kept of what could not be read: where, of which type, and how
// many places, with the lines of those that are told.
func (k *kept) lossRows() []string {
	k.t.Helper()
	losses, err := k.store.Losses(k.t.Context(), k.estate.Head())
	if err != nil {
		k.t.Fatal(err)
	}
	rows := []string{}
	for _, l := range losses {
		row := fmt.Sprintf("%s %s %d:", strings.TrimPrefix(l.Scope, "/subscriptions/0a1b2c3d-0000-4000-8000-00000000000"), strings.ToLower(filepath.Base(l.Type)), l.Total)
		for _, p := range l.Places {
			row += fmt.Sprintf(" %s:%d", p.File, p.Line)
		}
		rows = append(rows, row)
	}
	slices.Sort(rows)
	return rows
}

// broken is the record of an account whose line has no end.
func broken(name string) string {
	return strings.TrimSuffix(account(name, "true"), "}}\n") + "\n"
}

// What could not be read is kept where it may have been, until it was read.
func TestLosses(t *testing.T) {
	elsewhere := strings.ReplaceAll(account("z", "true"), unit, other)
	wholeOther := strings.ReplaceAll(whole, unit, other)
	const garbage = "what is this\n"
	type step struct {
		text string
		want []string
	}
	tests := map[string][]step{
		"a line that names what it is of": {
			{account("a", "true") + broken("b"), []string{"a storageaccounts 1: in:2"}},
			{account("a", "true") + broken("b"), []string{"a storageaccounts 1: in:2"}},
			{account("a", "true"), []string{"a storageaccounts 1: in:2"}},
			{account("b", "true"), nil},
		},
		"and a read of all of its type": {
			{account("a", "true") + broken("b"), []string{"a storageaccounts 1: in:2"}},
			{readAt(9, storage, true), []string{"a storageaccounts 1: in:2"}}, // older
			{readAt(9, "Microsoft.Network/virtualNetworks", true), []string{"a storageaccounts 1: in:2"}},
			{`{"bartizan":"read","scope":"` + unit + `","type":"` + storage + `","complete":true}` + "\n" + account("a", "true"), nil},
		},
		"a whole read that loses, and again without": {
			{readAt(9, "*", true) + account("a", "true") + broken("b"), []string{"a storageaccounts 1: in:3"}},
			{readAt(10, "*", true) + account("a", "true") + account("c", "true") + broken("b"), []string{"a storageaccounts 1: in:4"}},
			{readAt(9, "*", true) + account("a", "true") + account("b", "true"), []string{"a storageaccounts 1: in:4"}},
			{readAt(10, "*", true) + account("a", "true") + account("b", "true"), nil}, // mended
		},
		"a line of which nobody knows": {
			{account("a", "true") + garbage, []string{"a * 1: in:2"}},
			{account("a", "true") + garbage, []string{"a * 1: in:2"}},
			{account("a", "true"), []string{"a * 1: in:2"}},
			{wholeOther + elsewhere, []string{"a * 1: in:2"}},
			{whole + account("a", "true") + garbage + garbage, []string{"a * 2: in:3 in:4"}},
			{whole + account("a", "true"), nil},
		},
		"that may be of several units": {
			{account("a", "true") + elsewhere + garbage, []string{"a * 1: in:3", "b * 1: in:3"}},
			{whole + account("a", "true"), []string{"b * 1: in:3"}},
			{wholeOther + elsewhere, nil},
		},
		"or of none that is known": {
			{garbage, []string{"default * 1: in:1"}},
			{account("a", "true"), []string{"default * 1: in:1"}},
			{whole + account("a", "true") + elsewhere, []string{"default * 1: in:1"}},
			{whole + account("a", "true"), nil},
		},
		"every type that is known was read": {
			{account("a", "true") + planRow + garbage, []string{"a * 1: in:3", "a pricings 1: in:2"}},
			{`{"bartizan":"read","scope":"` + unit + `","type":"` + storage + `","complete":true}` + "\n" + account("a", "true"), []string{"a pricings 1: in:2"}},
			{`{"bartizan":"read","scope":"` + unit + `","type":"Microsoft.Security/pricings","complete":true}` + "\n", nil},
		},
		"a part of a body": { // as assess tells it: that it is none, and that it is of another type
			{strings.Replace(account("a", "true"), `"properties":{`, `"properties":"x","more":{`, 1), []string{"a storageaccounts 1: in:1"}},
			{whole + strings.Replace(account("a", "true"), `"properties":{`, `"properties":"x","more":{`, 1), []string{"a storageaccounts 1: in:1"}},
			{whole + account("a", "true"), nil},
		},
		"a value of another type": {
			{strings.Replace(account("a", "true"), `:"TLS1_2"`, `:[1]`, 1), []string{"a storageaccounts 1: in:1"}},
			{strings.Replace(account("a", "true"), `:"TLS1_2"`, `:[1]`, 1), []string{"a storageaccounts 1: in:1"}},
			{whole, nil}, // it is gone
		},
		"an id twice is of nobody": {
			{account("a", "true") + strings.Replace(account("b", "true"), `{"id"`, `{"id":"x","id"`, 1), []string{"a * 1: in:2"}},
		},
		"lines that stand elsewhere by now": {
			{account("a", "true") + broken("b") + garbage, []string{"a * 1: in:3", "a storageaccounts 1: in:2"}},
			{accounts("c", "a") + broken("b") + garbage, []string{"a * 1: in:4", "a storageaccounts 1: in:3"}},
			{accounts("c", "a") + garbage + broken("b"), []string{"a * 1: in:3", "a storageaccounts 1: in:4"}},
			{accounts("c") + garbage + accounts("a") + strings.Replace(broken("b"), "true", "false", 1), []string{"a * 1: in:2", "a storageaccounts 1: in:4"}}, // by its id
			{accounts("c", "a") + planRow, []string{"a * 1: in:2", "a pricings 1: in:3", "a storageaccounts 1: in:4"}},
			{accounts("a") + planRow, []string{"a * 1: in:2", "a pricings 1: in:2", "a storageaccounts 1: in:4"}},
			{whole + accounts("c", "a", "b"), nil},
		},
		"what stands there twice": {
			{account("a", "true") + garbage + garbage, []string{"a * 2: in:2 in:3"}},
			{accounts("c", "a") + garbage + garbage, []string{"a * 2: in:3 in:4"}},
			{accounts("c", "a") + garbage, []string{"a * 2: in:3 in:4"}},
			{accounts("c") + "something else\n" + garbage, []string{"a * 3: in:2 in:3 in:4"}},
		},
		"records of an array": {
			{"[\n" + strings.TrimSpace(account("a", "true")) + ",\n{\"id\":\"x\" 1},\n" + strings.TrimSpace(account("b", "true")) + "\n]\n", []string{"a * 1: in:3"}},
			{"[\n\n\n" + strings.TrimSpace(account("a", "true")) + ",\n{\"id\":\"x\" 1},\n" + strings.TrimSpace(account("b", "true")) + "\n]\n", []string{"a * 1: in:5"}},
		},
		"a unit that nobody knows": {
			{account("a", "true") + strings.ReplaceAll(broken("b"), unit, other), []string{"a * 1: in:2"}},
		},
	}
	for name, steps := range tests {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			k := newKept(t)
			for n, s := range steps {
				before := k.dump()
				k.imports(input("in", s.text))
				if diff := cmp.Diff(append([]string{}, s.want...), k.lossRows()); diff != "" {
					t.Errorf("step %d: -want +got\n%s", n, diff)
				}
				head, now := k.estate.Head(), k.dump()
				k.imports(input("in", s.text))
				losses, err := k.store.Losses(t.Context(), k.estate.Head())
				if err != nil || len(losses) != len(s.want) {
					t.Errorf("step %d: imported again %v is lost, error %v", n, losses, err)
				}
				for _, l := range losses {
					if l.Since > head {
						t.Errorf("step %d: imported again it is another row: %+v", n, l)
					}
				}
				if n > 0 && before == now && strings.Join(s.want, "") != strings.Join(steps[n-1].want, "") {
					t.Errorf("step %d: the dump does not tell", n)
				}
			}
		})
	}
}

// Many places are counted, and the first of them told.
func TestLosses_of_many_places(t *testing.T) {
	k := newKept(t)
	for range 2 {
		k.imports(input("in", account("a", "true")+strings.Repeat("what\n", 1000)))
	}
	losses, err := k.store.Losses(t.Context(), k.estate.Head())
	if err != nil || len(losses) != 1 || losses[0].Total != 1000 || len(losses[0].Places) != 100 {
		t.Errorf("%d losses, error %v, want one of 1000 places: %.300v", len(losses), err, losses)
	}
	n, told := estate.LostIn(losses, func(string) bool { return true })
	if n != 1000 || len(told) != 100 || told[0].Line != 2 {
		t.Errorf("%d places, %d told", n, len(told))
	}
}

// What could not be read is kept before the units that came with it, and what is found
// again after them: an import that ends early looks at no time like a whole one.
func TestLosses_of_a_stopped_import(t *testing.T) {
	k := newKept(t)
	stopped := func(text string) {
		t.Helper()
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		_, err := k.estate.Import(ctx, estate.ImportOptions{Inputs: []intake.Input{input("in", text)}, Actor: "tester", Progress: func(stage string, _, _ int64) {
			if stage == "judging" { // the first unit is committed
				stop()
			}
		}})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("error %v", err)
		}
	}
	want := []string{"a * 1: in:3", "b * 1: in:3"}
	both := account("a", "true") + strings.ReplaceAll(account("z", "true"), unit, other)
	stopped(both + "what\n")
	if diff := cmp.Diff(want, k.lossRows()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	read := whole + strings.ReplaceAll(whole, unit, other)
	mended := strings.ReplaceAll(both, `"TLS1_2"`, `"TLS1_0"`)
	stopped(read + mended)
	if diff := cmp.Diff(want, k.lossRows()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	k.imports(input("in", read+mended))
	if rows := k.lossRows(); len(rows) > 0 {
		t.Errorf("%v are lost still", rows)
	}
	losses, err := k.store.Losses(t.Context(), 2)
	if err != nil || len(losses) == 0 {
		t.Errorf("as of then %v are lost, error %v", losses, err)
	}
}

// An input that cannot be opened may have anything: nothing is taken to be gone, or read.
func TestLosses_of_whole_inputs(t *testing.T) {
	k := newKept(t)
	k.imports(input("in", account("a", "true")+account("b", "true")))
	answer, err := k.estate.Import(t.Context(), estate.ImportOptions{Inputs: []intake.Input{input("in", whole+account("a", "true"))}, Actor: "tester", Unread: []inventory.Problem{{File: "other", Reason: "permission denied"}}})
	if err != nil || answer.Deleted != 0 || len(answer.Rejected) != 1 {
		t.Errorf("%+v, error %v", answer, err)
	}
	if diff := cmp.Diff([]string{"a * 1: other:0"}, k.lossRows()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// What reading a body and judging it both find is told once.
func TestImport_tells_a_broken_body_once(t *testing.T) {
	k := newKept(t)
	answer := k.imports(input("in", strings.Replace(account("a", "true"), `"properties":{`, `"properties":"x","more":{`, 1)))
	if len(answer.Rejected) != 1 {
		t.Errorf("rejected %+v, want one place", answer.Rejected)
	}
}

// A file that could not be read may have had anything: no read is complete beside it, by
// whatever it is said to be, and what is kept stays. The next one that is read mends it.
func TestLosses_of_whole_inputs_beside_reads(t *testing.T) {
	type options = estate.ImportOptions
	cut := intake.Input{Name: "cut", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader(account("a", "true")), iotest.ErrReader(errors.New("unexpected EOF")))), nil
	}}
	unread := []inventory.Problem{{File: "other", Reason: "permission denied"}}
	complete := []posture.ReadRecord{{Scope: unit, Type: "*", Complete: true}}
	tests := map[string]struct {
		options options
		at      string // when the read began
	}{
		"a record":       {options{Inputs: []intake.Input{input("in", readAt(9, "*", true)+account("a", "true"))}, Unread: unread}, "09h"},
		"a word for all": {options{Inputs: []intake.Input{input("in", account("a", "true"))}, CompleteAll: true, Unread: unread}, "12h"},
		"for a scope":    {options{Inputs: []intake.Input{input("in", account("a", "true"))}, Complete: complete, Unread: unread}, "12h"},
		"an end":         {options{Inputs: []intake.Input{cut}, CompleteAll: true}, "12h"},
	}
	for name, test := range tests {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			imports := func(k *kept, o options) *estate.Answer {
				t.Helper()
				o.Actor = "tester"
				answer, err := k.estate.Import(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				return answer
			}
			check := func(k *kept, answer *estate.Answer, want ...string) {
				t.Helper()
				reads := []posture.ReadRecord{{Scope: unit, Type: "*"}}
				for n := range answer.Reads {
					answer.Reads[n].StartedAt = time.Time{}
				}
				if diff := cmp.Diff(reads, answer.Reads); diff != "" || answer.Deleted > 0 || len(answer.Rejected) != 1 || !answer.Rejected[0].Unread {
					t.Errorf("%+v\n-want +got\n%s", answer, diff)
				}
				if diff := cmp.Diff(want, k.readRows()); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
			}
			first := newKept(t)
			check(first, imports(first, test.options), "* complete=false "+test.at)
			if answer := imports(first, options{Inputs: []intake.Input{input("in", account("a", "true"))}, CompleteAll: true}); len(answer.Reads) != 1 || !answer.Reads[0].Complete {
				t.Errorf("mended: %+v", answer)
			}
			if diff := cmp.Diff([]string{"* complete=true 12h"}, first.readRows()); diff != "" {
				t.Errorf("mended: -want +got\n%s", diff)
			}
			later := newKept(t)
			later.imports(input("in", readAt(8, "*", true)+accounts("a", "b")))
			check(later, imports(later, test.options), "* complete=true 08h stale=error since "+test.at)
		})
	}
}

// What may be of several scopes is one place, also where one of them was told later that
// it stands elsewhere by now; and so is all that a file has which ends early.
func TestLosses_told_of_several_scopes(t *testing.T) {
	k := newKept(t)
	elsewhere := strings.ReplaceAll(account("z", "true"), unit, other)
	lost := func() (n int) {
		t.Helper()
		losses, err := k.store.Losses(t.Context(), k.estate.Head())
		if err != nil {
			t.Fatal(err)
		}
		n, _ = estate.LostIn(losses, func(string) bool { return true })
		return n
	}
	k.imports(input("in", account("a", "true")+elsewhere+"what\nwhat\n"))
	k.imports(input("in", accounts("b", "c", "a")+"what\nwhat\n"))
	if diff := cmp.Diff([]string{"a * 2: in:4 in:5", "b * 2: in:3 in:4"}, k.lossRows()); diff != "" || lost() != 2 {
		t.Errorf("lost %d, -want +got\n%s", lost(), diff)
	}
	k.imports(input("in", whole+accounts("b", "c", "a")), input("also", strings.ReplaceAll(whole, unit, other)+elsewhere))
	if n := lost(); n != 0 {
		t.Errorf("%d are lost of what was read", n)
	}
	ends := func(text string) intake.Input {
		return intake.Input{Name: "in", Open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader(text), iotest.ErrReader(errors.New("unexpected EOF")))), nil
		}}
	}
	k.imports(ends(account("a", "true")))
	k.imports(ends(accounts("b", "c", "a")))
	if diff := cmp.Diff([]string{"a * 1: in:4"}, k.lossRows()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// Who may not write in a scope loses nothing there.
func TestLosses_where_one_may_write(t *testing.T) {
	k := newKept(t)
	k.imports(input("in", account("a", "true")+strings.ReplaceAll(account("z", "true"), unit, other)))
	by := func(top, text string) {
		t.Helper()
		_, err := k.estate.Import(t.Context(), estate.ImportOptions{Inputs: []intake.Input{input("in", text)}, Actor: "tester", Allowed: func(scope string) bool { return posture.Within(scope, top) }})
		if err != nil {
			t.Fatal(err)
		}
	}
	check := func(want ...string) {
		t.Helper()
		if diff := cmp.Diff(append([]string{}, want...), k.lossRows()); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
	theirs := strings.ReplaceAll(account("z", "true"), unit, other)
	by(other, "what\n"+broken("b"))
	check() // nothing of it is theirs
	by(other, theirs+"what\n"+broken("b"))
	check("b * 2: in:2 in:3")
	by(unit, whole+strings.ReplaceAll(whole, unit, other)+account("a", "true"))
	check("b * 2: in:2 in:3")
	by(other, strings.ReplaceAll(whole, unit, other)+theirs)
	check()
	by(group, strings.ReplaceAll(account("a", "false"), unit, unit)+"what\n"+broken("b"))
	check("a/resourceGroups/rg * 1: in:2", "a/resourceGroups/rg storageaccounts 1: in:3")
	by(unit, whole+account("a", "true"))
	check()
	by(group, account("a", "true")+"what\n") // of which nothing is new
	check("a/resourceGroups/rg * 1: in:2")
}
