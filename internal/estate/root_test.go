package estate_test

import (
	"errors"
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
