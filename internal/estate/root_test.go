package estate_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// TestImport_root_names: a new root is called by a plain word that is no scope's.
func TestImport_root_names(t *testing.T) {
	k := newKept(t)
	imports := func(root string) (*estate.Answer, error) {
		return k.estate.Import(t.Context(), estate.ImportOptions{Root: root, Actor: "tester", DryRun: true, Inputs: []intake.Input{input("a", "")}})
	}
	for _, name := range []string{"contoso", "Contoso-2.eu_west", "7even", "müller", "owner", "restaurant"} {
		if _, err := imports(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{
		"/", "//", "a/b", "/a", "a/", " x", "x ", "a b", "tag:x=y", "machines", "machines/x", "/subscriptions/x", "subscriptions", "providers", "projects", "projects/x", "folders",
		"111122223333", "7", "0a1b2c3d-0000-4000-8000-0000000000ff", "0A1B2C3D-0000-4000-8000-0000000000FF", "o-1", "ou-1", "r-1", "organizations/1", "all", "All",
		".", "..", "-a", "a\nb", "a\x00", "a\xff", "a=b", "a?b", "a%2fb", strings.Repeat("a", 101),
	} {
		var usage *estate.UsageError
		if _, err := imports(name); !errors.As(err, &usage) || !strings.Contains(usage.Reason, "want a ") {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := k.estate.Import(t.Context(), estate.ImportOptions{Root: "Contoso", Actor: "tester", Inputs: []intake.Input{input("a", account("a", "true"))}}); err != nil {
		t.Fatal(err)
	}
	var usage *estate.UsageError
	if _, err := imports("contoso"); !errors.As(err, &usage) || !strings.Contains(usage.Reason, "there is a root Contoso; want its name") {
		t.Errorf("a root that is called alike but for its case: %v", err)
	}
	for _, name := range []string{"Contoso", "contoso2"} {
		if _, err := imports(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestImport_into_a_root_of_old: a root that was called as an account is goes on, and
// takes in nothing of the account.
func TestImport_into_a_root_of_old(t *testing.T) {
	k := newKept(t)
	if _, err := k.store.Write(t.Context(), ledger.Commit{Kind: ledger.Import, Actor: "tester", At: k.now}, func(tx ledger.Tx) error {
		return tx.SetScopes(t.Context(), []posture.Scope{
			{ID: "111122223333", Parent: "/", Kind: posture.Root},
			{ID: "other", Parent: "/", Kind: posture.Root},
			{ID: "o-1", Parent: "other", Kind: posture.Tenant},
			{ID: "222222223333", Parent: "o-1", Kind: posture.Unit},
		})
	}); err != nil {
		t.Fatal(err)
	}
	k.reopen()
	const bucket = `{"type":"AWS::S3::Bucket","id":"b","account":"111122223333","properties":{"BucketName":"b"}}`
	const other = `{"type":"AWS::S3::Bucket","id":"b","account":"222222223333","properties":{"BucketName":"b"}}`
	for _, root := range []string{"other", "111122223333"} {
		answer, err := k.estate.Import(t.Context(), estate.ImportOptions{Root: root, Actor: "tester", Inputs: []intake.Input{input("a", bucket)}})
		if err != nil || answer.New != 0 || len(answer.Rejected) != 1 || !strings.Contains(answer.Rejected[0].Reason, "111122223333") {
			t.Errorf("%s: %+v %v, want it rejected", root, answer, err)
		}
	}
	answer, err := k.estate.Import(t.Context(), estate.ImportOptions{Root: "111122223333", Actor: "tester", Inputs: []intake.Input{input("a", other)}})
	if err != nil || answer.New != 1 || len(answer.Notices) != 1 || !strings.Contains(answer.Notices[0].Reason, "other") {
		t.Errorf("%+v %v, want a notice that the account stands in another root", answer, err)
	}
	for parent, want := range map[string]string{"o-1": "it stands in the root other", "o-2": "no such scope", "222222223333": "it stands in the root other"} {
		_, err := k.estate.Import(t.Context(), estate.ImportOptions{Root: "111122223333", Parent: parent, Actor: "tester", Inputs: []intake.Input{input("a", other)}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("below %s: %v, want that %s", parent, err, want)
		}
	}
	if _, err := k.estate.Import(t.Context(), estate.ImportOptions{Root: "other", Parent: "222222223333", Actor: "tester", Inputs: []intake.Input{input("a", other)}}); err == nil || !strings.Contains(err.Error(), "above units") {
		t.Errorf("below an account: %v", err)
	}
}

// TestImport_of_another_company: a management group or a group of machines that is
// called as one of another root is, is not taken for that one: nothing of it is
// changed, deleted or added, and no unit comes to stand below it.
func TestImport_of_another_company(t *testing.T) {
	k := newKept(t)
	const platform = "/providers/Microsoft.Management/managementGroups/Platform"
	imports := func(root string, o estate.ImportOptions, lines ...string) *estate.Answer {
		t.Helper()
		o.Root, o.Actor = root, "tester"
		o.Inputs = []intake.Input{input("a", strings.Join(lines, "\n"))}
		answer, err := k.estate.Import(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	group := func(title, tenant string) string {
		return `{"id":"` + platform + `","type":"Microsoft.Management/managementGroups","name":"Platform","properties":{"displayName":"` + title + `","tenantId":"` + tenant + `","details":{"parent":{"id":"/providers/Microsoft.Management/managementGroups/` + tenant + `"}},"children":[{"id":"/subscriptions/` + tenant + `","type":"/subscriptions"}]}}`
	}
	account := func(unit string) string {
		return `{"id":"/subscriptions/` + unit + `/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a","name":"a","type":"Microsoft.Storage/storageAccounts","location":"westeurope","properties":{}}`
	}
	machine := func(name string) string {
		return `{"type":"machine","id":"machines/hall/` + name + `","name":"` + name + `","group":"hall","properties":{"os":{"family":"linux"}}}`
	}
	const one, two = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
	imports("one", estate.ImportOptions{}, group("Of one", one), account(one), machine("m1"))
	before := strings.Split(k.dump(), "\n")
	answer := imports("two", estate.ImportOptions{CompleteAll: true}, group("Of two", two), account(two), machine("m2"))
	if answer.New != 1 || answer.Deleted != 0 || len(answer.Rejected) != 2 || !strings.Contains(fmt.Sprint(answer.Rejected), "another root has one of that name") {
		t.Errorf("%+v", answer)
	}
	if answer := imports("two", estate.ImportOptions{CompleteAll: true}, machine("m1")); answer.Unchanged != 0 || len(answer.Rejected) != 1 {
		t.Errorf("what another root has too: %+v", answer)
	}
	if answer := imports("two", estate.ImportOptions{}, `{"bartizan":"read","scope":"machines/hall","type":"*","complete":true}`); len(answer.Rejected) != 1 {
		t.Errorf("a read of another root's machines: %+v", answer)
	}
	after := strings.Split(k.dump(), "\n")
	for _, line := range before {
		if !slices.Contains(after, line) {
			t.Errorf("changed: %s", line)
		}
	}
	if !slices.ContainsFunc(after, func(line string) bool {
		return strings.HasPrefix(line, "scope") && strings.Contains(line, "/subscriptions/"+two) && !strings.Contains(line, platform)
	}) {
		t.Errorf("the unit is not below what is its own:\n%s", strings.Join(after, "\n"))
	}
}
