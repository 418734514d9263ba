package server

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// firstUnits are inventories of a unit that nobody knows, each with two resources; the
// first of them tells of the unit alone.
var firstUnits = map[string][]string{
	"99999999-9999-9999-9999-999999999999": {storageAccount(newUnit + "/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/one"), storageAccount(newUnit + "/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/two")},
	"333333333333": {
		`{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::b1","account":"333333333333","region":"eu-west-1","properties":{"BucketName":"b1"}}`,
		`{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::b2","account":"333333333333","region":"eu-west-1","properties":{"BucketName":"b2"}}`,
	},
	"projects/pn": {
		`{"name":"//storage.googleapis.com/n1","assetType":"storage.googleapis.com/Bucket","resource":{"data":{"location":"EU"}},"ancestors":["projects/pn"]}`,
		`{"name":"//storage.googleapis.com/n2","assetType":"storage.googleapis.com/Bucket","resource":{"data":{"location":"EU"}},"ancestors":["projects/pn"]}`,
	},
}

// TestImport_of_a_new_unit_that_is_complete: who may import at a root says of a unit that
// comes with the import that everything of it is there, as he says it of one that is
// there; the preview says the same.
func TestImport_of_a_new_unit_that_is_complete(t *testing.T) {
	for unit, lines := range firstUnits {
		t.Run(strings.ReplaceAll(unit, "/", "_"), func(t *testing.T) {
			t.Parallel()
			r, _ := twoCompanies(t)
			mine := r.token("mine", access.Contributor, "own")
			preview := r.imported(mine, "root=own&complete=all&dryRun=true", strings.Join(lines, "\n"))
			answer := r.imported(mine, "root=own&complete=all", strings.Join(lines, "\n"))
			preview.Commit, preview.Job = answer.Commit, answer.Job
			if diff := cmp.Diff(preview, answer); diff != "" || len(answer.Notices) > 0 || answer.New != 2 {
				t.Errorf("-preview +import of %+v:\n%s", answer, diff)
			}
			if reads := r.readsOf(mine, unit); !slices.Equal(reads, []string{"* true"}) {
				t.Errorf("reads %q", reads)
			}
			if second := r.imported(mine, "root=own&complete=all", lines[0]); second.Deleted != 1 || len(second.Notices) > 0 {
				t.Errorf("the second one: %+v", second)
			}
		})
	}
}

// TestImport_of_a_unit_that_is_foreign_and_complete: of a unit that stands elsewhere
// nothing is told complete, whether it is told to stand here or not.
func TestImport_of_a_unit_that_is_foreign_and_complete(t *testing.T) {
	r, owner := twoCompanies(t)
	r.imported(owner, "root=foreign", storageAccount(foreignID+"2"))
	before := total(r, "/api/v1/resources", owner)
	group := strings.Join(strings.Split(foreignID, "/")[:5], "/")
	for name, token := range map[string]string{
		"mine": r.token("mine", access.Contributor, "own"), "of_a_group": r.token("grouped", access.Contributor, group),
	} {
		for _, query := range []string{"&dryRun=true", ""} {
			text := storageAccount(foreignID) + "\n" + `{"id":"` + foreignUnit + `","parent":"own","kind":"subscription","name":"n"}`
			root := "root=own"
			if name == "of_a_group" {
				root, text = "root=foreign", storageAccount(foreignID)
			}
			answer := r.imported(token, root+"&complete=all"+query, text)
			if answer.Deleted > 0 || name == "of_a_group" && (len(answer.Notices) == 0 || !strings.Contains(answer.Notices[0].Reason, "may not write all of")) {
				t.Errorf("%s%s: %+v", name, query, answer)
			}
		}
	}
	if now := total(r, "/api/v1/resources", owner); now != before || len(r.readsOf(owner, foreignUnit)) > 0 {
		t.Errorf("%d resources, before %d; reads %q", now, before, r.readsOf(owner, foreignUnit))
	}
}

// readsOf lists the kept reads of a scope, with whether they are complete.
func (r *running) readsOf(token, scope string) (all []string) {
	r.t.Helper()
	for _, row := range get[struct{ Rows []ReadRow }](r, "/api/v1/reads", token).Rows {
		if strings.HasSuffix(row.Scope, scope) {
			word := " false"
			if row.Complete {
				word = " true"
			}
			all = append(all, row.Type+word)
		}
	}
	return all
}

// TestImport_of_a_complete_group: that a resource group was read says nothing of the unit
// and deletes nothing there, as is told; it is never called complete.
func TestImport_of_a_complete_group(t *testing.T) {
	r, owner := twoCompanies(t)
	group := strings.Join(strings.Split(ownID, "/")[:5], "/")
	read := func(more string) string {
		return `{"bartizan":"read","scope":"` + group + `","type":"Microsoft.Storage/storageAccounts","complete":true` + more + `}`
	}
	const told = "complete says nothing about a resource group, want its unit or a scope above"
	for _, query := range []string{"&dryRun=true", ""} {
		answer := r.imported(owner, "root=own"+query, storageAccount(ownID+"2")+"\n"+read(""))
		if len(answer.Notices) != 1 || answer.Notices[0].Reason != "read record of "+group+": "+told || answer.Deleted > 0 {
			t.Errorf("%s: %+v", query, answer)
		}
		if len(answer.Reads) != 1 || answer.Reads[0].Complete {
			t.Errorf("%s: reads %+v", query, answer.Reads)
		}
	}
	if n := total(r, "/api/v1/resources?scope="+url.QueryEscape(ownUnit), owner); n != 2 {
		t.Errorf("%d resources, want 2", n)
	}
	if reads := r.readsOf(owner, group); !slices.Equal(reads, []string{"Microsoft.Storage/storageAccounts false"}) {
		t.Errorf("reads %q", reads)
	}
	for complete, want := range map[string]int{"true": 0, "false": 1} {
		if n := total(r, "/api/v1/reads?complete="+complete, owner); n != want {
			t.Errorf("%d reads that are complete: %s, want %d", n, complete, want)
		}
	}
	gap := r.imported(owner, "root=own", read(`,"denied":[{"id":"`+ownID+`3"}]`))
	if len(gap.Notices) > 0 || gap.Reads[0].Complete {
		t.Errorf("with a gap: %+v", gap)
	}
	if status, text := r.ask(http.MethodPost, "/api/v1/inventory?root=own&complete="+url.QueryEscape(group), owner, storageAccount(ownID)); status != http.StatusUnprocessableEntity {
		t.Errorf("said by the caller: %d %s", status, text)
	}
}
