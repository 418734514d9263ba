package estate_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/follow"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

const (
	oneAccount   = "444455556666"
	otherAccount = "777788889999"
)

// bucket is one in an account, whose ARN does not name that, without its policy or
// with one.
func bucket(account, name, policy string) string {
	text := fmt.Sprintf(`{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::%s","name":%q,"account":%q,"region":"eu-west-1","properties":{"BucketName":%q}}`+"\n", name, name, account, name)
	switch policy {
	case "open":
		text += fmt.Sprintf(`{"type":"AWS::S3::BucketPolicy","id":%q,"name":%q,"account":%q,"region":"eu-west-1","properties":{"Bucket":%q,"PolicyDocument":{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}}}`+"\n", name, name, account, name)
	case "tls":
		text += fmt.Sprintf(`{"type":"AWS::S3::BucketPolicy","id":%q,"name":%q,"account":%q,"region":"eu-west-1","properties":{"Bucket":%q,"PolicyDocument":{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}}}`+"\n", name, name, account, name)
	}
	return text
}

func readOf(account, typeName string, began time.Time) string {
	return fmt.Sprintf(`{"bartizan":"read","scope":%q,"type":%q,"complete":true,"startedAt":%q}`+"\n", account, typeName, began.Format(time.RFC3339))
}

// whereabouts tells of the buckets that are there the accounts.
func (k *kept) whereabouts() map[string]string {
	k.t.Helper()
	return k.whereaboutsAt(k.estate.Head())
}

func (k *kept) whereaboutsAt(head ledger.Number) map[string]string {
	k.t.Helper()
	there := map[string]string{}
	resources := map[uint32]ledger.Resource{}
	for r, err := range k.store.Resources(k.t.Context(), head) {
		if err != nil {
			k.t.Fatal(err)
		}
		resources[r.Number] = r
	}
	for v, err := range k.store.Versions(k.t.Context(), head, "") {
		if err != nil {
			k.t.Fatal(err)
		}
		if r := resources[v.Resource]; r.Type == "AWS::S3::Bucket" {
			there[r.Name] += r.Unit
		}
	}
	return there
}

// findsNothing holds what is kept against itself.
func (k *kept) findsNothing(fail func(string, ...any)) {
	k.t.Helper()
	findings, err := k.store.Check(k.t.Context())
	if err != nil {
		k.t.Fatal(err)
	}
	for _, f := range findings {
		if !f.OK {
			fail("commit %d: %s: %s", k.estate.Head(), f.Check, f.Finding)
		}
	}
	complaints, err := k.estate.Complaints(k.t.Context(), k.store)
	if err != nil || len(complaints) > 0 {
		fail("commit %d: complaints %v, %v", k.estate.Head(), complaints, err)
	}
	if diff := cmp.Diff(k.judgedAtOnce(), k.verdicts()); diff != "" {
		fail("commit %d: -judged at once +kept:\n%s", k.estate.Head(), diff)
	}
}

// dumpOf is everything that is kept as of a commit.
func (k *kept) dumpOf(n ledger.Number) string {
	k.t.Helper()
	var b bytes.Buffer
	if err := k.store.Dump(k.t.Context(), &b, n); err != nil {
		k.t.Fatal(err)
	}
	return b.String()
}

// whereIs gives the account of a bucket by its key, "" where it is not there.
func whereIs(x *index.Index, name string) string {
	n, known := x.Find(ledger.KeyOf(posture.IdentityOf("arn:aws:s3:::"+name, "AWS::S3::Bucket", "", "")))
	if !known || !x.Here(n) {
		return ""
	}
	return x.UnitOf(n)
}

// TestImport_of_what_moved: whichever accounts buckets come to and go from, read wholly
// or in part, one at a time or all at once: each is where it was told last, kept scores
// are those of the verdicts, verdicts are those of one judging of everything, whoever
// follows has them too, and what is said later of then is what was said then.
func TestImport_of_what_moved(t *testing.T) {
	if testing.Short() {
		t.Skip("long under the race detector, and nothing runs at once")
	}
	names := []string{"a", "b", "c", "d"}
	rapid.Check(t, func(r *rapid.T) {
		k := newKept(t)
		m := &month{kept: k, r: r}
		m.follow()
		owner, there := map[string]string{}, map[string]string{}
		type then struct {
			dump, said string
			there      map[string]string
			at         time.Time
		}
		thens := map[ledger.Number]then{}
		for range rapid.IntRange(3, 8).Draw(r, "imports") {
			k.now = k.now.Add(time.Hour)
			for _, name := range names {
				if rapid.IntRange(0, 2).Draw(r, "moves") == 0 {
					owner[name] = rapid.SampledFrom([]string{"", oneAccount, otherAccount}).Draw(r, "to")
				}
			}
			text := ""
			for _, account := range rapid.SampledFrom([][]string{{oneAccount}, {otherAccount}, {oneAccount, otherAccount}, {otherAccount, oneAccount}}).Draw(r, "accounts") {
				complete := rapid.Bool().Draw(r, "complete")
				if complete {
					text += readOf(account, rapid.SampledFrom([]string{"*", "AWS::S3::Bucket"}).Draw(r, "type"), k.now)
				}
				for _, name := range names {
					switch {
					case owner[name] == account && (complete || rapid.Bool().Draw(r, "told")):
						text += bucket(account, name, rapid.SampledFrom([]string{"", "open", "tls"}).Draw(r, "policy"))
						there[name] = account
					case owner[name] != account && complete && there[name] == account:
						delete(there, name)
					}
				}
			}
			if rapid.IntRange(0, 3).Draw(r, "restarted") == 0 {
				k.reopen()
			}
			if text == "" {
				continue
			}
			from, were := k.estate.Head(), k.whereabouts()
			answer := k.imports(input("in.jsonl", text))
			for n := from + 1; n < k.estate.Head(); n++ {
				for name, at := range k.whereaboutsAt(n) {
					if at != were[name] && at != there[name] {
						r.Fatalf("commit %d: %s is in %q, was in %q, comes to %q", n, name, at, were[name], there[name])
					}
				}
				for name, was := range were {
					if there[name] != "" && k.whereaboutsAt(n)[name] == "" {
						r.Fatalf("commit %d: %s is nowhere, was in %q, comes to %q", n, name, was, there[name])
					}
				}
			}
			if answer.Read != answer.New+answer.Changed+answer.Unchanged || len(answer.Rejected)+len(answer.Notices) > 0 {
				r.Fatalf("answer %+v", answer)
			}
			if diff := cmp.Diff(there, k.whereabouts()); diff != "" {
				r.Fatalf("commit %d: -want +got:\n%s", k.estate.Head(), diff)
			}
			k.findsNothing(r.Fatalf)
			if err := m.follower.CatchUp(t.Context()); err != nil {
				r.Fatal(err)
			}
			if err := m.follower.Read(func(x *index.Index) error {
				for _, u := range []string{oneAccount, otherAccount} {
					if got, kept := x.UnitScore(u), k.estate.UnitScore(u); got.HasScore && cmp.Diff(kept, got) != "" || got.Percent != kept.Percent {
						r.Fatalf("commit %d: %s has %+v, kept is %+v", k.estate.Head(), u, got, kept)
					}
				}
				thens[k.estate.Head()] = then{k.dump(), says(x), maps.Clone(there), k.now}
				return nil
			}); err != nil {
				r.Fatal(err)
			}
			if head := k.estate.Head(); k.imports(input("in.jsonl", text)).Unchanged != answer.Read || k.estate.Head() != head {
				r.Fatalf("the same again wrote commit %d after %d", k.estate.Head(), head)
			}
		}
		for n, was := range thens {
			if diff := cmp.Diff(was.dump, k.dumpOf(n)); diff != "" {
				r.Fatalf("commit %d: -then +now:\n%s", n, diff)
			}
			if err := m.follower.ReadAt(t.Context(), n, was.at, func(x *index.Index) error {
				for _, name := range names {
					if got := whereIs(x, name); got != was.there[name] {
						r.Fatalf("as of commit %d %s is in %q, was in %q", n, name, got, was.there[name])
					}
				}
				if diff := cmp.Diff(was.said, says(x)); diff != "" {
					r.Fatalf("as of commit %d: -then +now:\n%s", n, diff)
				}
				return nil
			}); err != nil {
				r.Fatal(err)
			}
		}
		if len(thens) == 0 {
			return
		}
		first := slices.Min(slices.Collect(maps.Keys(thens)))
		for step, err := range m.follower.Replay(t.Context(), follow.Moment{Commit: first, At: thens[first].at}, follow.Moment{Commit: k.estate.Head(), At: k.now}) {
			if err != nil {
				r.Fatal(err)
			}
			was, ok := thens[step.Commit]
			if diff := cmp.Diff(was.said, says(step.Index)); ok && diff != "" {
				r.Fatalf("replayed commit %d: -then +now:\n%s", step.Commit, diff)
			}
			for _, name := range names {
				if got := whereIs(step.Index, name); ok && got != was.there[name] {
					r.Fatalf("replayed commit %d: %s is in %q, was in %q", step.Commit, name, got, was.there[name])
				}
			}
		}
	})
}

// TestImport_of_a_bucket_elsewhere: the stranger's steps: a bucket that another account
// has is that one's, whatever the first one's reads have.
func TestImport_of_a_bucket_elsewhere(t *testing.T) {
	k := newKept(t)
	rest := bucket(oneAccount, "b", "tls") + bucket(oneAccount, "c", "")
	k.imports(input("first.jsonl", bucket(oneAccount, "a", "tls")+rest+bucket(otherAccount, "o", "")))
	first := k.estate.Head()
	moved := bucket(otherAccount, "a", "")
	steps := []struct {
		name, text string
		complete   string // account that has all of its buckets in it
		dry        bool
		want       string // new, changed, as they were, gone
		in         string
	}{
		{name: "beforehand", text: moved, dry: true, want: "0 1 0 0", in: oneAccount},
		{name: "it comes", text: moved, want: "0 1 0 0", in: otherAccount},
		{name: "again", text: moved, want: "0 0 1 0", in: otherAccount},
		{name: "the first has all but it", text: rest, complete: oneAccount, want: "0 0 3 0", in: otherAccount},
		{name: "it has gone from the other", text: bucket(otherAccount, "o", ""), complete: otherAccount, want: "0 0 1 1"},
		{name: "it comes where it was first", text: bucket(oneAccount, "a", "tls"), want: "1 0 1 0", in: oneAccount},
		{name: "two change places", text: moved + bucket(oneAccount, "o", ""), want: "0 2 0 0", in: otherAccount},
	}
	for _, step := range steps {
		o := estate.ImportOptions{Inputs: []intake.Input{input("in.jsonl", step.text)}, Actor: "tester", DryRun: step.dry}
		if step.complete != "" {
			o.Complete = []posture.ReadRecord{{Scope: step.complete, Type: "AWS::S3::Bucket", Complete: true}}
		}
		answer, err := k.estate.Import(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(answer.New, answer.Changed, answer.Unchanged, answer.Deleted); got != step.want || answer.Read != answer.New+answer.Changed+answer.Unchanged {
			t.Errorf("%s: %s of %d, want %s", step.name, got, answer.Read, step.want)
		}
		if got := k.whereabouts()["a"]; got != step.in {
			t.Errorf("%s: it is in %q, want %q", step.name, got, step.in)
		}
		k.findsNothing(t.Errorf)
	}
	k.effectsAddUp()
	if _, err := k.store.Keep(t.Context(), ledger.Commit{At: k.now, Actor: "tester"}, k.estate.Head()); err != nil {
		t.Fatal(err)
	}
	k.reopen()
	k.findsNothing(t.Errorf)
	if answer := k.imports(input("in.jsonl", moved)); answer.Unchanged != 1 || k.estate.Head() < first {
		t.Errorf("after the retention: %+v", answer)
	}
}

// TestImport_of_what_moved_before: a read that is older than that of the account which
// has a bucket does not take it away, unless the account's own newer one does.
func TestImport_of_what_moved_before(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	at := func(hours int) time.Time { return now.Add(time.Duration(hours) * time.Hour) }
	one := readOf(oneAccount, "*", at(-2)) + bucket(oneAccount, "a", "tls")
	failed := strings.Replace(readOf(otherAccount, "*", at(-1)), `"complete":true`, `"complete":false`, 1)
	whole := strings.Replace(bucket(oneAccount, "a", ""), `"BucketName"`, `"AccessControl":"Private","BucketName"`, 1)
	for name, test := range map[string]struct {
		kept, text string
		want       string
		left       bool
	}{
		"older":                     {one, readOf(otherAccount, "*", at(-3)) + bucket(otherAccount, "a", ""), oneAccount, true},
		"newer":                     {one, readOf(otherAccount, "*", at(-1)) + bucket(otherAccount, "a", ""), otherAccount, false},
		"of no time":                {one, bucket(otherAccount, "a", ""), otherAccount, false},
		"older, and gone":           {one, readOf(oneAccount, "*", at(-1)) + readOf(otherAccount, "*", at(-3)) + bucket(otherAccount, "a", ""), otherAccount, false},
		"later of there":            {one + readOf(otherAccount, "*", at(0)), readOf(otherAccount, "*", at(-1)) + bucket(otherAccount, "a", ""), oneAccount, true},
		"later of there, and gone":  {one + readOf(otherAccount, "*", at(0)), readOf(oneAccount, "*", at(-1)) + readOf(otherAccount, "*", at(-1)) + bucket(otherAccount, "a", ""), "", true},
		"later of there has failed": {one + failed, readOf(otherAccount, "*", at(-1).Add(-time.Minute)) + bucket(otherAccount, "a", ""), otherAccount, false},
		"in part":                   {whole, bucket(otherAccount, "a", ""), otherAccount, false},
	} {
		k := newKept(t)
		k.imports(input("first.jsonl", test.kept))
		answer := k.imports(input("in.jsonl", test.text))
		if got := k.whereabouts()["a"]; got != test.want {
			t.Errorf("%s: it is in %q, want %q; %+v", name, got, test.want, answer)
		}
		if said := strings.Contains(fmt.Sprint(answer.Notices), "left out: 1"); said != test.left || answer.Read != answer.New+answer.Changed+answer.Unchanged {
			t.Errorf("%s: answer %+v", name, answer)
		}
		k.findsNothing(t.Errorf)
	}
}

// TestImport_of_what_moved_by_whom: who may not write in an account takes nothing out
// of it, and may have what has gone from there.
func TestImport_of_what_moved_by_whom(t *testing.T) {
	k := newKept(t)
	k.imports(input("first.jsonl", bucket(oneAccount, "a", "")+bucket(oneAccount, "b", "")+bucket(otherAccount, "o", "")))
	take := func() []inventory.Problem {
		answer, err := k.estate.Import(t.Context(), estate.ImportOptions{
			Inputs: []intake.Input{input("in.jsonl", bucket(otherAccount, "a", ""))}, Actor: "bert", Root: "default",
			Allowed: func(scope string) bool { return scope == otherAccount },
		})
		if err != nil {
			t.Fatal(err)
		}
		return answer.Rejected
	}
	if told := take(); len(told) != 1 || k.whereabouts()["a"] != oneAccount {
		t.Errorf("it is in %q, told was %v", k.whereabouts()["a"], told)
	}
	k.imports(input("gone.jsonl", readOf(oneAccount, "*", k.now)+bucket(oneAccount, "b", "")))
	if told := take(); len(told) != 0 || k.whereabouts()["a"] != otherAccount {
		t.Errorf("gone there: it is in %q, told was %v", k.whereabouts()["a"], told)
	}
	k.findsNothing(t.Errorf)
}

// TestImport_of_what_moved_under_an_exemption: what was said of a bucket by its name
// goes with the name.
func TestImport_of_what_moved_under_an_exemption(t *testing.T) {
	k := newKept(t)
	k.imports(input("first.jsonl", bucket(oneAccount, "a", "open")+bucket(otherAccount, "o", "")))
	text := `{"resources":[{"id":"arn:aws:s3:::a","type":"AWS::S3::Bucket"}],"reason":"x","category":"waiver"}`
	if _, err := k.estate.SetDocument(t.Context(), anna, ledger.ExemptionOf, "x", []byte(text)); err != nil {
		t.Fatal(err)
	}
	k.imports(input("in.jsonl", bucket(otherAccount, "a", "")))
	k.findsNothing(t.Errorf)
	m := &month{kept: k}
	m.open(t.Fatal)
	_ = m.follower.Read(func(x *index.Index) error {
		for _, row := range x.Select(index.Filter{Scopes: []string{otherAccount}}).Page(true, []index.Order{{By: index.ByName}}, nil, 100) {
			if r, _ := x.Resource(row.Resource); r.Name == "a" && row.Verdict.State != posture.Exempt && row.Verdict.State != posture.NotApplicable {
				t.Errorf("%+v is not exempt", row)
			}
		}
		return nil
	})
}
