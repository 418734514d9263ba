package estate_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/follow"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

const storage = "Microsoft.Storage/storageAccounts"

// plan is a plan of Defender, and planRow all that is told of it.
const (
	plan    = unit + "/providers/Microsoft.Security/pricings/StorageAccounts"
	planRow = `{"id":"` + plan + `","type":"Microsoft.Security/pricings","name":"StorageAccounts"}` + "\n"
)

// readAt is a read record of a type in the unit, begun at an hour of the day before
// the tests'; lists are its members that say what was not read.
func readAt(hour int, typeName string, complete bool, lists ...string) string {
	return readIn(unit, hour, typeName, complete, lists...)
}

func readIn(scope string, hour int, typeName string, complete bool, lists ...string) string {
	more := ""
	for _, list := range lists {
		more += "," + list
	}
	return fmt.Sprintf(`{"bartizan":"read","scope":%q,"type":%q,"complete":%t,"startedAt":"2026-11-21T%02d:00:00Z"%s}`+"\n", scope, typeName, complete, hour, more)
}

func accounts(names ...string) (text string) {
	for _, name := range names {
		text += account(name, "true")
	}
	return text
}

// assessed counts the verdicts that assess finds in an input, as counts does.
func (k *kept) assessed(text string) map[string]int {
	k.t.Helper()
	counts, _ := k.assessedIn(input("in.jsonl", text))
	return counts
}

// assessedIn does so with several, and tells what assess could not read.
func (k *kept) assessedIn(inputs ...intake.Input) (counts map[string]int, problems []inventory.Problem) {
	k.t.Helper()
	o := assess.Options{BuiltIn: k.catalog, Partial: true, Bare: true, Now: k.now}
	for _, in := range inputs {
		o.Inputs = append(o.Inputs, assess.Input{Name: in.Name, Open: in.Open})
	}
	result, checks, err := assess.Run(k.t.Context(), o)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, p := range result.Problems {
		if !p.Notice {
			problems = append(problems, inventory.Problem{File: p.File, Line: p.Line, Reason: p.Reason})
		}
	}
	counts = map[string]int{}
	for c, err := range checks {
		if err != nil {
			k.t.Fatal(err)
		}
		if c.Type != "unit" { // a manual control's
			counts[fmt.Sprint(c.Rule, " ", c.Judged, " ", c.Reason)]++
		}
	}
	return counts, problems
}

// readRows tells how far things are known to be read.
func (k *kept) readRows() []string {
	k.t.Helper()
	reads, err := k.store.Reads(k.t.Context(), k.estate.Head())
	if err != nil {
		k.t.Fatal(err)
	}
	rows := []string{}
	for _, r := range reads {
		kind := strings.ToLower(r.Record.Type[strings.LastIndexByte(r.Record.Type, '/')+1:])
		row := fmt.Sprintf("%s complete=%t %s", kind, r.Record.Complete, r.Record.StartedAt.Format("15h"))
		if at := strings.TrimPrefix(r.Record.Scope, unit); at != "" {
			row = at + " " + row
		}
		if r.Stale != posture.NoReason {
			row += fmt.Sprintf(" stale=%s since %s", r.Stale, r.StaleSince.Format("15h"))
		}
		for _, g := range r.Record.Gaps {
			row += fmt.Sprintf(" %s=%s", g.Reason, strings.TrimPrefix(g.ID, group+"/providers/"+storage+"/"))
		}
		rows = append(rows, row)
	}
	slices.Sort(rows)
	return rows
}

// Several reads of one type come to one answer: what assess says of the newest ones
// that are complete, which a read that failed makes stale and does not change.
func TestImport_of_several_reads(t *testing.T) {
	deniedType := fmt.Sprintf(`"denied":[{"type":%q,"action":"x"}]`, storage)
	deniedOne := fmt.Sprintf(`"denied":[{"type":%q,"id":%q}]`, storage, accountID("b"))
	deniedPath := fmt.Sprintf(`"denied":[{"type":%q,"path":"properties.supportsHttpsTrafficOnly"}]`, storage)
	manyRows := ""
	for n := range 1001 {
		manyRows += strings.ReplaceAll(planRow, "StorageAccounts", fmt.Sprint("Plan", n))
	}
	halfAccount := strings.Replace(accounts("a"), `"supportsHttpsTrafficOnly":true,`, "", 1)
	all := readAt(10, "*", true) + accounts("a", "b", "c")
	tests := []struct {
		name    string
		steps   []string
		like    string // the input that says what is known then
		reads   []string
		deleted int // by the last step
		notices int // of the last step
	}{
		{
			"a denied type stays as it was, and is stale",
			[]string{all, readAt(11, storage, true, deniedType) + accounts("a")},
			all,
			[]string{"* complete=true 10h", "storageaccounts complete=true 10h stale=denied since 11h"},
			0, 0,
		},
		{
			"a newer read of everything ends that",
			[]string{all, readAt(11, storage, true, deniedType) + accounts("a"), readAt(12, "*", true) + accounts("a", "b", "c")},
			all,
			[]string{"* complete=true 12h"},
			0, 0,
		},
		{
			"a type that a read of everything was denied stays as it was",
			[]string{all, readAt(11, "*", true, deniedType)},
			all,
			[]string{"* complete=true 11h", "storageaccounts complete=true 10h stale=denied since 11h"},
			0, 0,
		},
		{
			"what was never known is unknown",
			[]string{readAt(11, "*", true, deniedType) + strings.Replace(accounts("a"), `"supportsHttpsTrafficOnly":true,`, "", 1)},
			readAt(11, "*", true, deniedType) + strings.Replace(accounts("a"), `"supportsHttpsTrafficOnly":true,`, "", 1),
			[]string{"* complete=true 11h denied="},
			0, 0,
		},
		{
			"until it is read",
			[]string{readAt(11, "*", true, deniedType) + accounts("a"), readAt(12, storage, true) + accounts("a", "b")},
			readAt(11, "*", true) + accounts("a", "b"),
			[]string{"* complete=true 11h", "storageaccounts complete=true 12h"},
			0, 0,
		},
		{
			"a resource that was denied is unknown",
			[]string{all, readAt(11, "*", true, deniedOne) + accounts("a", "b", "c")},
			readAt(11, "*", true, deniedOne) + accounts("a", "b", "c"),
			[]string{"* complete=true 11h denied=b"},
			0, 0,
		},
		{
			"until its type is read",
			[]string{all, readAt(11, "*", true, deniedOne) + accounts("a", "b", "c"), readAt(12, storage, true) + accounts("a", "b", "c")},
			all,
			[]string{"* complete=true 11h", "storageaccounts complete=true 12h"},
			0, 0,
		},
		{
			"a read in part of one type makes it stale",
			[]string{all, readAt(13, storage, false) + accounts("a")},
			all,
			[]string{"* complete=true 10h", "storageaccounts complete=true 10h stale=partial since 13h"},
			0, 0,
		},
		{
			"a second one keeps since when",
			[]string{all, readAt(13, storage, false), readAt(14, storage, false)},
			all,
			[]string{"* complete=true 10h", "storageaccounts complete=true 10h stale=partial since 13h"},
			0, 0,
		},
		{
			"the newest one says why",
			[]string{all, readAt(13, "*", false), readAt(14, "*", true, deniedType)},
			all,
			[]string{"* complete=true 14h", "storageaccounts complete=true 10h stale=denied since 13h"},
			0, 0,
		},
		{
			"a line that cannot be read makes stale what its read is about",
			[]string{all, readAt(11, "*", true) + accounts("a") + "{\n"},
			all,
			[]string{"* complete=true 10h stale=error since 11h"},
			0, 1,
		},
		{
			"a line that breaks behind its id its own type only",
			[]string{all + subscription, readAt(11, "*", true) + accounts("a") + `{"id":"` + accountID("b") + `","name":` + "\n"},
			all,
			[]string{"* complete=true 11h", "storageaccounts complete=true 10h stale=error since 11h"},
			1, 1,
		},
		{
			"a row of an id alone is there",
			[]string{readAt(11, "*", true) + subscription + planRow},
			readAt(11, "*", true) + subscription + planRow,
			[]string{"* complete=true 11h partial=" + plan},
			0, 0,
		},
		{
			"of too many the type was not read",
			[]string{readAt(11, "*", true) + subscription + manyRows},
			readAt(11, "*", true, `"error":[{"type":"Microsoft.Security/pricings"}]`) + subscription,
			[]string{"* complete=true 11h error="},
			0, 0,
		},
		{
			"until its type is read",
			[]string{readAt(11, "*", true) + subscription + planRow, readAt(12, "Microsoft.Security/pricings", true)},
			readAt(11, "*", true) + subscription,
			[]string{"* complete=true 11h", "pricings complete=true 12h"},
			0, 0,
		},
		{
			"a read in part of everything makes each type stale",
			[]string{all, readAt(11, storage, true) + accounts("a", "b", "c"), readAt(13, "*", false)},
			all,
			[]string{"* complete=true 10h stale=partial since 13h", "storageaccounts complete=true 11h stale=partial since 13h"},
			0, 0,
		},
		{
			"a read in part of a group leaves its unit",
			[]string{all, readIn(group, 13, storage, false) + accounts("a")},
			all,
			[]string{"* complete=true 10h", "/resourceGroups/rg storageaccounts complete=true 10h stale=partial since 13h"},
			0, 0,
		},
		{
			"an older read deletes nothing",
			[]string{readAt(11, storage, true) + accounts("a", "b", "c"), readAt(8, storage, true)},
			readAt(11, storage, true) + accounts("a", "b", "c"),
			[]string{"storageaccounts complete=true 11h"},
			0, 1,
		},
		{
			"nor replaces or adds anything",
			[]string{all, readAt(8, storage, true) + account("a", "false") + accounts("d")},
			all,
			[]string{"* complete=true 10h"},
			0, 1,
		},
		{
			"an older one in part makes nothing stale",
			[]string{all, readAt(8, storage, false) + account("a", "false")},
			all,
			[]string{"* complete=true 10h"},
			0, 1,
		},
		{
			"one that is older than a read in part only adds",
			[]string{all, readAt(13, "*", false) + account("a", "false"), readAt(12, "*", true) + accounts("a", "d")},
			readAt(10, "*", true) + account("a", "false") + accounts("b", "c", "d"),
			[]string{"* complete=true 10h stale=partial since 13h"},
			0, 1,
		},
		{
			"one that is older than a read that failed lifts and deletes nothing",
			[]string{readAt(10, storage, true, deniedPath) + halfAccount + accounts("b"), readAt(12, storage, false), readAt(11, storage, true) + account("a", "false")},
			readAt(10, storage, true, deniedPath) + halfAccount + accounts("b"),
			[]string{"storageaccounts complete=true 10h stale=partial since 12h denied="},
			0, 1,
		},
		{
			"nor what only failed reads told",
			[]string{readAt(12, "*", false), readAt(11, storage, true) + halfAccount},
			readAt(12, "*", false) + halfAccount,
			[]string{"* complete=false 12h"},
			0, 1,
		},
		{
			"what a read that failed did not get of a new body is unknown",
			[]string{all, readAt(11, storage, false, deniedType) + strings.Replace(halfAccount, "storageAccounts/a", "storageAccounts/d", 1)},
			readAt(10, "*", true, fmt.Sprintf(`"denied":[{"type":%q,"id":%q}]`, storage, accountID("d"))) + accounts("a", "b", "c") + strings.Replace(halfAccount, "storageAccounts/a", "storageAccounts/d", 1),
			[]string{"* complete=true 10h", "storageaccounts complete=true 10h stale=denied since 11h denied=d"},
			0, 0,
		},
		{
			"also where all else was read",
			[]string{all, readAt(11, "*", true, deniedType) + strings.Replace(halfAccount, "storageAccounts/a", "storageAccounts/d", 1)},
			readAt(10, "*", true, fmt.Sprintf(`"denied":[{"type":%q,"id":%q}]`, storage, accountID("d"))) + accounts("a", "b", "c") + strings.Replace(halfAccount, "storageAccounts/a", "storageAccounts/d", 1),
			[]string{"* complete=true 11h", "storageaccounts complete=true 10h stale=denied since 11h denied=d"},
			0, 0,
		},
		{
			"and what it did not get of a place in it",
			[]string{all, readAt(11, storage, false, deniedPath) + strings.Replace(halfAccount, "storageAccounts/a", "storageAccounts/d", 1)},
			readAt(10, "*", true, fmt.Sprintf(`"denied":[{"type":%q,"id":%q,"path":"properties.supportsHttpsTrafficOnly"}]`, storage, accountID("d"))) + accounts("a", "b", "c") + strings.Replace(halfAccount, "storageAccounts/a", "storageAccounts/d", 1),
			[]string{"* complete=true 10h", "storageaccounts complete=true 10h stale=partial since 11h denied=d"},
			0, 0,
		},
		{
			"a unit that is new is what its own read says, whatever was read above it before",
			[]string{readIn("/", 10, "*", true), readAt(11, storage, false, deniedType) + halfAccount},
			readIn("/", 10, "*", true) + readAt(11, storage, false, deniedType) + halfAccount,
			[]string{"/ * complete=true 10h", "storageaccounts complete=false 11h denied="},
			0, 0,
		},
		{
			"and what a read above it says that brings it",
			[]string{readIn("/", 10, "*", true), readIn("/", 11, storage, false, deniedType) + halfAccount},
			readIn("/", 10, "*", true) + readIn("/", 11, storage, false, deniedType) + halfAccount,
			[]string{"/ * complete=true 10h", "/ storageaccounts complete=true 10h stale=denied since 11h", "storageaccounts complete=false 11h denied="},
			0, 0,
		},
		{
			"what an older record of the import did not get of bodies is unknown beside a newer one",
			[]string{readAt(10, storage, true, deniedType) + halfAccount + readAt(11, storage, true)},
			readAt(10, storage, true, deniedType) + halfAccount + readAt(11, storage, true),
			[]string{"storageaccounts complete=true 11h denied="},
			0, 0,
		},
		{
			"until it is read again",
			[]string{readAt(10, storage, true, deniedType) + halfAccount + readAt(11, storage, true), readAt(12, storage, true) + accounts("a")},
			readAt(12, storage, true) + accounts("a"),
			[]string{"storageaccounts complete=true 12h"},
			0, 0,
		},
		{
			"a type is the same with blanks around it",
			[]string{readAt(10, storage+" ", true) + accounts("a", "b"), readAt(11, storage, true) + accounts("a")},
			readAt(11, storage, true) + accounts("a"),
			[]string{"storageaccounts complete=true 11h"},
			1, 0,
		},
		{
			"a newer one deletes",
			[]string{all, readAt(11, storage, true) + accounts("a")},
			readAt(11, "*", true) + accounts("a"),
			[]string{"* complete=true 10h", "storageaccounts complete=true 11h"},
			2, 0,
		},
		{
			"one of everything deletes nothing of a type that it has in part",
			[]string{all, readAt(11, "*", true) + readAt(11, storage, false) + accounts("a")},
			all,
			[]string{"* complete=true 11h", "storageaccounts complete=true 10h stale=partial since 11h"},
			0, 0,
		},
		{
			"a read of all units replaces those beneath",
			[]string{all, readIn("/", 11, "*", true) + accounts("a", "b", "c")},
			all,
			[]string{"/ * complete=true 11h"},
			0, 0,
		},
		{
			"what one of all units was denied stays, but for what bodies lack",
			[]string{all, readIn("/", 11, "*", true, deniedType)},
			readIn("/", 11, "*", true, deniedType) + readAt(10, storage, true) + accounts("a", "b", "c"),
			[]string{"/ * complete=true 11h denied=", "storageaccounts complete=true 10h stale=denied since 11h"},
			0, 0,
		},
		{
			"a unit that is read later is known",
			[]string{readIn("/", 11, "*", true, deniedOne) + accounts("a", "c"), readAt(12, "*", true) + accounts("a", "b", "c")},
			all,
			[]string{"* complete=true 12h", "/ * complete=true 11h"},
			0, 0,
		},
		{
			"what was denied in one unit says nothing of another",
			[]string{readIn("/", 10, "*", true, deniedOne) + accounts("a", "b", "c"), readIn(otherUnit, 11, "*", false), readAt(12, "*", true) + accounts("a", "b", "c")},
			all,
			[]string{"* complete=true 12h", "/ * complete=true 10h", otherUnit + " * complete=false 11h"},
			0, 0,
		},
		{
			"what began in the future began now",
			[]string{strings.Replace(all, "2026-11-21", "2099-11-21", 1), strings.ReplaceAll(whole, "\n", "") + "\n" + accounts("a")},
			readAt(11, "*", true) + accounts("a"),
			[]string{"* complete=true 12h"},
			2, 0,
		},
	}
	for _, test := range tests {
		t.Run(strings.ReplaceAll(test.name, " ", "_"), func(t *testing.T) {
			k := newKept(t)
			for n, step := range test.steps {
				answer := k.imports(input("in.jsonl", step))
				if n == len(test.steps)-1 && (answer.Deleted != test.deleted || len(answer.Notices) != test.notices) {
					t.Errorf("deleted %d, notices %v; want %d and %d", answer.Deleted, answer.Notices, test.deleted, test.notices)
				}
			}
			if diff := cmp.Diff(test.reads, k.readRows()); diff != "" {
				t.Errorf("reads: -want +got:\n%s", diff)
			}
			if diff := cmp.Diff(k.assessed(test.like), k.counts()); diff != "" {
				t.Errorf("-assess +kept:\n%s", diff)
			}
			head, dump := k.estate.Head(), k.dump()
			k.imports(input("in.jsonl", test.steps[len(test.steps)-1]))
			if diff := cmp.Diff(dump, k.dump()); diff != "" || k.estate.Head() != head && !strings.Contains(test.name, "future") {
				t.Errorf("the last step again: commit %d after %d, -before +after:\n%s", k.estate.Head(), head, diff)
			}
		})
	}
}

// marks tells which of some accounts are stale, why and since when.
func (k *kept) marks(names ...string) (marks []string) {
	k.t.Helper()
	stale, err := estate.StaleAt(k.t.Context(), k.store, k.estate.Head())
	if err != nil {
		k.t.Fatal(err)
	}
	numbers := map[string]uint32{}
	for r, err := range k.store.Resources(k.t.Context(), k.estate.Head()) {
		if err != nil {
			k.t.Fatal(err)
		}
		numbers[r.ID] = r.Number
	}
	for _, name := range names {
		id := accountID(name)
		if mark, ok := stale.Of(numbers[id], strings.ToUpper(id), group, storage); ok {
			marks = append(marks, fmt.Sprintf("%s %s %s", name, mark.Reason, mark.Since.Format("15h")))
		}
	}
	return marks
}

// halfOf is an account of which only a part was read.
func halfOf(name string) string {
	return fmt.Sprintf(`{"id":%q,"name":%q,"type":%q,"location":"westeurope"}`+"\n", accountID(name), name, storage)
}

// rowOf is an account of which only the id was read.
func rowOf(name string) string {
	return fmt.Sprintf(`{"id":%q,"name":%q,"type":%q}`+"\n", accountID(name), name, storage)
}

// What is known of a resource that alone was denied later is stale.
func TestStaleAt_of_a_resource(t *testing.T) {
	k := newKept(t)
	k.imports(input("in.jsonl", readAt(10, "*", true)+accounts("a", "b")))
	k.imports(input("in.jsonl", readAt(11, "*", true, fmt.Sprintf(`"denied":[{"type":%q,"id":%q}]`, storage, accountID("b")))))
	if diff := cmp.Diff([]string{"b denied 11h"}, k.marks("a", "b")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Of what a read has in part, or beside lines that cannot be read, just those resources
// are stale that it does not have, until they are read.
func TestStaleAt_of_what_was_missed(t *testing.T) {
	all, broken := readAt(10, "*", true)+accounts("a", "b", "c"), `{"id":"`+accountID("b")+`","name":`+"\n"
	tests := []struct {
		name  string
		steps []string
		want  []string
	}{
		{"a line that nobody knows", []string{readAt(11, "*", true) + accounts("a", "c") + "{\n"}, []string{"b error 11h"}},
		{"a line that breaks behind its id", []string{readAt(11, "*", true) + accounts("a") + account("c", "false") + broken}, []string{"b error 11h"}},
		{"nothing of it", []string{readAt(11, "*", true) + accounts("a", "b", "c", "d") + "{\n"}, nil},
		{"a read in part", []string{readAt(11, storage, false) + accounts("b")}, []string{"a partial 11h", "c partial 11h"}},
		{"what is read later without a record", []string{readAt(11, "*", true) + accounts("a") + "{\n", accounts("b")}, []string{"c error 11h"}},
		{"what was read earlier", []string{readAt(11, "*", true) + accounts("a") + "{\n", readAt(9, "*", true) + accounts("b", "c")}, []string{"b error 11h", "c error 11h"}},
		{"what fails once more", []string{readAt(11, "*", true) + accounts("a", "b") + "{\n", readAt(12, "*", true) + accounts("b", "c") + "{\n"}, []string{"a error 11h"}},
		{"a body of which only a part was read", []string{readAt(11, "*", true) + accounts("a", "c") + halfOf("b") + "{\n"}, []string{"b error 11h"}},
		{"a row of an id alone", []string{readAt(11, "*", true) + accounts("a") + rowOf("b") + accounts("c")}, []string{"b partial 11h"}},
		{"a row of an id that another line has", []string{readAt(11, "*", true) + accounts("a", "c") + rowOf("b") + accounts("b")}, nil},
		{"what had a row and is read later", []string{readAt(11, "*", true) + accounts("a") + rowOf("b") + rowOf("c"), accounts("b")}, []string{"c partial 11h"}},
		{"a complete read", []string{readAt(11, "*", true) + accounts("a") + "{\n", readAt(12, "*", true) + accounts("a", "b")}, nil},
	}
	for _, test := range tests {
		t.Run(strings.ReplaceAll(test.name, " ", "_"), func(t *testing.T) {
			k := newKept(t)
			k.imports(input("in.jsonl", all))
			for _, step := range test.steps {
				k.imports(input("in.jsonl", step))
			}
			if diff := cmp.Diff(test.want, k.marks("a", "b", "c", "d")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			head := k.estate.Head()
			if k.imports(input("in.jsonl", test.steps[len(test.steps)-1])); k.estate.Head() != head {
				t.Errorf("the last step again: commit %d after %d", k.estate.Head(), head)
			}
		})
	}
}

// A project of Google is read by its number as by its id.
func TestImport_of_a_project_by_its_number(t *testing.T) {
	k := newKept(t)
	asset := func(name, kind, data string) string {
		return fmt.Sprintf(`{"name":"//%s","assetType":%q,"resource":{"data":%s},"ancestors":["projects/42","organizations/1"]}`+"\n", name, kind, data)
	}
	k.imports(input("in.jsonl", asset("cloudresourcemanager.googleapis.com/projects/42", "cloudresourcemanager.googleapis.com/Project", `{"projectId":"shop","projectNumber":"42"}`)+
		asset("compute.googleapis.com/projects/shop/global/networks/n", "compute.googleapis.com/Network", `{"autoCreateSubnetworks":true}`)))
	answer := k.imports(input("in.jsonl", `{"bartizan":"read","scope":"projects/42","type":"compute.googleapis.com/Network","complete":true}`))
	if answer.Deleted != 1 {
		t.Errorf("answer %+v, want the network deleted", answer)
	}
}

// What a read of a project by one name did not get of bodies is unknown, also where
// another by the other name was told with it before anybody knew that they are one.
func TestImport_of_reads_by_two_names(t *testing.T) {
	k := newKept(t)
	read := func(scope, rest string) string {
		return fmt.Sprintf(`{"bartizan":"read","scope":%q,"type":"*",%s}`+"\n", scope, rest)
	}
	k.imports(input("reads.jsonl", read("projects/42", `"complete":true,"startedAt":"2026-11-11T00:00:00Z","denied":[{"type":"storage.googleapis.com/Bucket","path":"resource.data.iamConfiguration"}]`)+
		read("projects/shop", `"complete":true,"startedAt":"2026-11-14T00:00:00Z"`)))
	k.imports(input("bodies.jsonl", shopProject+googleBucket("logs", closedBucket)))
	if got := k.counts()["storage-bucket-uniform-bucket-level-access unknown denied"]; got != 1 {
		t.Errorf("checks %v, want uniform access unknown, because it was denied", k.counts())
	}
}

// Of more new bodies than are told one by one, what a read that failed did not get is
// unknown all the same, and the row stays short.
func TestImport_of_many_bodies_of_a_failed_read(t *testing.T) {
	k := newKept(t)
	k.imports(input("all.jsonl", readAt(10, "*", true)+accounts("a")))
	var names []string
	for n := range 1100 {
		names = append(names, fmt.Sprint("many", n))
	}
	many := strings.ReplaceAll(accounts(names...), `"supportsHttpsTrafficOnly":true,`, "")
	k.imports(input("some.jsonl", readAt(11, storage, false, fmt.Sprintf(`"denied":[{"type":%q}]`, storage))+many))
	if got := k.counts()["storage-secure-transfer unknown denied"]; got != len(names) {
		t.Errorf("%d are unknown, want %d: checks %v", got, len(names), k.counts())
	}
	reads, err := k.store.Reads(t.Context(), k.estate.Head())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range reads {
		if n := len(r.Record.Gaps); n > 1001 {
			t.Errorf("%d gaps in the row of %s", n, r.Record.Type)
		}
	}
}

// Who names a project by its number means the project: in documents, in what is asked for,
// and where an assignment does not reach.
func TestScopeOfAProjectByItsNumber(t *testing.T) {
	k := newKept(t)
	k.imports(input("in.jsonl", shopProject+googleBucket("logs", openBucket)))
	judges, err := estate.NewJudges(k.catalog)
	if err != nil {
		t.Fatal(err)
	}
	content, err := judges.Content(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, scope := range []string{"projects/shop", "projects/42"} {
		x, err := follow.Load(t.Context(), k.store, content, k.estate.Head(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for of, filter := range map[string]index.Filter{"asked for": {Scopes: []string{scope}}, "seen": {Visible: []string{scope}}, "of the unit": {Units: index.Any(scope)}} {
			if n := x.Select(filter).Excerpt().Len(); n != 2 {
				t.Errorf("%d resources are %s %s, want the project and its bucket", n, of, scope)
			}
		}
		if n := x.Select(index.Filter{Parts: []index.Part{{Scope: "/", Not: []string{scope}}}}).Excerpt().Len(); n != 0 {
			t.Errorf("%d resources outside of %s, want none", n, scope)
		}
		tree := access.NewTree(x.Scopes())
		if !tree.Covers(scope, "projects/shop") || tree.Covers(scope, "folders/7") {
			t.Errorf("what holds at %s holds elsewhere than in the project", scope)
		}
		text := fmt.Sprintf(`{"scope":%q,"recommendations":["storage-bucket-not-public"],"category":"waiver","reason":"r"}`, scope)
		d, err := govern.Parse(ledger.ExemptionOf, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if p, err := k.estate.PreviewDocument(t.Context(), ledger.ExemptionOf, "e", d, index.Filter{}); err != nil || p.Checks != 1 {
			t.Errorf("an exemption at %s: %+v, %v, want one check", scope, p, err)
		}
	}
}

// A read that is said to begin in the future is one of now, and that is told.
func TestImport_of_a_future_read(t *testing.T) {
	k := newKept(t)
	answer := k.imports(input("in.jsonl", strings.Replace(whole, `"complete"`, `"startedAt":"2099-01-01T00:00:00Z","complete"`, 1)+accounts("a")))
	if len(answer.Notices) != 1 || !strings.Contains(answer.Notices[0].Reason, "2099-01-01T00:00:00Z, which is yet to come") {
		t.Errorf("notices %v", answer.Notices)
	}
	reads, err := k.store.Reads(t.Context(), k.estate.Head())
	if err != nil || len(reads) != 1 || reads[0].Record.StartedAt.After(k.now) || reads[0].Record.StartedAt.Before(k.now.Add(-time.Minute)) {
		t.Errorf("reads %+v, %v", reads, err)
	}
}

// An import that is stopped between units and what stands above them has lost no
// read.
func TestImport_that_ends_early_keeps_reads(t *testing.T) {
	k := newKept(t)
	k.imports(input("in.jsonl", readAt(10, "*", true)+accounts("a")))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := k.estate.Import(ctx, estate.ImportOptions{
		Inputs: []intake.Input{input("in.jsonl", readIn("/", 11, "*", true)+account("a", "false"))}, Actor: "tester",
		Progress: func(stage string, _, _ int64) {
			if stage == "judging" {
				cancel()
			}
		},
	})
	if err == nil {
		t.Error("the import was not stopped")
	}
	if diff := cmp.Diff([]string{"* complete=true 10h"}, k.readRows()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if state := k.state("a", secureTransfer); state != "unhealthy" {
		t.Errorf("the unit was not committed: %s", state)
	}
}

// Of what who imports says to be complete, and a record of the same read that says that it
// is not, whenever it began, the record counts: nothing is believed to be gone.
func TestImport_complete_beside_a_record_that_is_not(t *testing.T) {
	vpc := func(id string) string {
		return `{"type":"AWS::EC2::VPC","id":"` + id + `","account":"777700003333","region":"eu-west-1","properties":{"VpcId":"` + id + `"}}` + "\n"
	}
	record := func(more string) string {
		return `{"bartizan":"read","scope":"777700003333","type":"*"` + more + "}\n"
	}
	for name, test := range map[string]struct {
		record  string
		deleted int
	}{
		"none":                        {"", 1},
		"complete":                    {record(`,"complete":true,"startedAt":"2026-01-01T00:00:00Z"`), 1},
		"not_complete":                {record(`,"complete":false`), 0},
		"not_complete_of_a_time":      {record(`,"complete":false,"startedAt":"2026-01-01T00:00:00Z"`), 0},
		"not_complete_of_one_type":    {`{"bartizan":"read","scope":"777700003333","type":"AWS::EC2::VPC","complete":false,"startedAt":"2026-01-01T00:00:00Z"}` + "\n", 0},
		"of_a_type_that_is_elsewhere": {`{"bartizan":"read","scope":"777700003333","type":"AWS::EC2::Subnet","complete":false,"startedAt":"2026-01-01T00:00:00Z"}` + "\n", 1},
	} {
		t.Run(name, func(t *testing.T) {
			for way, said := range map[string]estate.ImportOptions{
				"all": {CompleteAll: true}, "unit": {Complete: []posture.ReadRecord{{Scope: "777700003333", Type: "*", Complete: true}}},
			} {
				k := newKept(t)
				k.imports(input("first", vpc("vpc-1")+vpc("vpc-2")))
				said.Inputs, said.Actor = []intake.Input{input("second", vpc("vpc-1")+test.record)}, "tester"
				answer, err := k.estate.Import(t.Context(), said)
				if err != nil || answer.Deleted != test.deleted {
					t.Errorf("%s: %+v, %v, want %d deleted", way, answer, err, test.deleted)
				}
			}
		})
	}
}
