package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

const (
	foreignGroup  = "/providers/Microsoft.Management/managementGroups/prod"
	foreignTenant = "0a1b2c3d-0000-4000-8000-0000000000ff"
	// foreignTree is what stands above the units of a company, and one unit each.
	foreignTree = `{"id":"` + foreignTenant + `","parent":"foreign","kind":"tenant","name":"T"}
{"id":"` + foreignGroup + `","parent":"` + foreignTenant + `","kind":"managementGroup","name":"Prod"}
{"id":"` + foreignUnit + `","parent":"` + foreignGroup + `","kind":"subscription","name":"Shop"}
{"type":"AWS::Organizations::OrganizationalUnit","id":"ou-1","account":"999988887777","properties":{"Id":"ou-1","Name":"prod","ParentId":"r-1"}}
{"id":"111122223333","parent":"ou-1","kind":"account","name":"shop"}
{"type":"AWS::EC2::Volume","id":"vol-1","account":"111122223333","region":"eu-west-1","properties":{"VolumeId":"vol-1","Encrypted":false}}
{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::b7","account":"111122223333","region":"eu-west-1","properties":{"BucketName":"b7"}}
{"id":"222222223333","parent":"ou-2","kind":"account","name":"store"}
{"id":"ou-2","parent":"r-9","kind":"ou","name":"prod"}
{"type":"AWS::EC2::Volume","id":"vol-2","account":"222222223333","region":"eu-west-1","properties":{"VolumeId":"vol-2","Encrypted":false}}
{"name":"//cloudresourcemanager.googleapis.com/folders/7","assetType":"cloudresourcemanager.googleapis.com/Folder","resource":{"data":{"displayName":"F","parent":"organizations/9"}},"ancestors":["folders/7","organizations/9"]}
{"name":"//storage.googleapis.com/b1","assetType":"storage.googleapis.com/Bucket","resource":{"data":{"location":"EU"}},"ancestors":["projects/pa","folders/7","organizations/9"]}
{"id":"/providers/Microsoft.Management/managementGroups/mg1","type":"Microsoft.Management/managementGroups","name":"mg1","properties":{"details":{"parent":{"id":"/providers/Microsoft.Management/managementGroups/top"}}}}
`
	newUnit = "/subscriptions/99999999-9999-9999-9999-999999999999"
)

// tellers are records of another company, each of which tells of a scope in its own
// way: one that is new, below what is foreign, or what is foreign itself.
var tellers = map[string]string{
	"line_below_the_root":      `{"id":"` + newUnit + `","parent":"foreign","kind":"subscription","name":"n"}`,
	"line_below_a_group":       `{"id":"` + newUnit + `","parent":"` + foreignGroup + `","kind":"subscription","name":"n"}`,
	"line_of_a_group_between":  `{"id":"/providers/Microsoft.Management/managementGroups/mine","parent":"foreign","kind":"managementGroup","name":"n"}` + "\n" + `{"id":"` + newUnit + `","parent":"/providers/Microsoft.Management/managementGroups/mine","kind":"subscription"}`,
	"line_that_adopts":         `{"id":"/providers/Microsoft.Management/managementGroups/top","parent":"own","kind":"managementGroup","name":"mine"}`,
	"line_that_adopts_of_aws":  `{"id":"r-1","parent":"own","kind":"ou","name":"mine"}` + "\n" + `{"id":"r-9","parent":"own","kind":"ou","name":"mine"}`,
	"line_that_takes":          `{"id":"` + foreignUnit + `","parent":"own","kind":"subscription","name":"mine"}`,
	"line_that_renames":        `{"id":"` + foreignGroup + `","kind":"managementGroup","name":"mine"}`,
	"line_of_the_root":         `{"id":"foreign","parent":"own","kind":"folder","name":"mine"}`,
	"line_of_a_resource_group": `{"id":"` + foreignUnit + `/resourceGroups/g","parent":"own","kind":"unit","name":"mine"}`,
	"line_of_a_new_group":      `{"id":"` + foreignUnit + `/resourceGroups/new","parent":"own","kind":"unit","name":"mine"}`,
	"line_of_a_resource":       `{"id":"` + foreignID + `","parent":"own","kind":"unit","name":"mine"}`,
	"line_of_all":              `{"id":"/","parent":"own","kind":"folder","name":"mine"}`,
	"chain":                    `{"id":"` + newUnit + `","type":"microsoft.resources/subscriptions","name":"n","tenantId":"x","properties":{"managementGroupAncestorsChain":[{"name":"prod"}]}}`,
	"chain_that_takes":         `{"id":"` + foreignUnit + `","type":"microsoft.resources/subscriptions","name":"mine","properties":{"managementGroupAncestorsChain":[{"name":"evil"}]}}`,
	"chain_that_renames":       `{"id":"` + newUnit + `","type":"microsoft.resources/subscriptions","name":"n","properties":{"managementGroupAncestorsChain":[{"name":"prod","displayName":"mine"}]}}`,
	"tenant":                   `{"id":"` + newUnit + `","type":"microsoft.resources/subscriptions","name":"n","tenantId":"` + foreignTenant + `","properties":{"state":"Enabled"}}`,
	"az_account_list":          `[{"id":"` + newUnit[len("/subscriptions/"):] + `","tenantId":"` + foreignTenant + `","name":"n","state":"Enabled","cloudName":"AzureCloud","isDefault":true}]`,
	"management_group":         `{"id":"/providers/Microsoft.Management/managementGroups/mine","type":"Microsoft.Management/managementGroups","name":"mine","properties":{"details":{"parent":{"id":"` + foreignGroup + `"}}}}`,
	"management_group_itself":  `{"id":"` + foreignGroup + `","type":"Microsoft.Management/managementGroups","name":"prod","properties":{"displayName":"mine","details":{"parent":{"id":"/providers/Microsoft.Management/managementGroups/mine"}}}}`,
	"management_group_known":   `{"id":"/providers/Microsoft.Management/managementGroups/mg1","type":"Microsoft.Management/managementGroups","name":"mg1","properties":{"displayName":"mine"}}`,
	"children":                 `{"id":"/providers/Microsoft.Management/managementGroups/mine","type":"Microsoft.Management/managementGroups","name":"mine","properties":{"children":[{"id":"` + foreignUnit + `","type":"/subscriptions","displayName":"mine"}]}}`,
	"policy_at_a_group":        `{"id":"` + foreignGroup + `/providers/Microsoft.Authorization/policyAssignments/x","type":"Microsoft.Authorization/policyAssignments","name":"x","properties":{}}`,
	"google_ancestors":         `{"name":"//storage.googleapis.com/b2","assetType":"storage.googleapis.com/Bucket","resource":{"data":{"location":"EU"}},"ancestors":["projects/evil","folders/7","organizations/9"]}`,
	"google_ancestors_of_own":  `{"name":"//storage.googleapis.com/b3","assetType":"storage.googleapis.com/Bucket","resource":{"data":{"location":"EU"}},"ancestors":["projects/pa","folders/evil"]}`,
	"google_folder":            `{"name":"//cloudresourcemanager.googleapis.com/folders/7","assetType":"cloudresourcemanager.googleapis.com/Folder","resource":{"data":{"displayName":"mine","parent":"organizations/evil"}},"ancestors":["folders/7","organizations/evil"]}`,
	"google_project":           `{"name":"//cloudresourcemanager.googleapis.com/projects/evil","assetType":"cloudresourcemanager.googleapis.com/Project","resource":{"data":{"projectId":"evil","name":"n","parent":{"type":"folder","id":"7"}}},"ancestors":["projects/123","folders/7","organizations/9"]}`,
	"aws_account":              `{"id":"999900001111","parent":"ou-1","kind":"account","name":"n"}` + "\n" + `{"type":"AWS::EC2::Volume","id":"v","account":"999900001111","region":"eu-west-1","properties":{"Encrypted":false}}`,
	"aws_unit":                 `{"type":"AWS::Organizations::OrganizationalUnit","id":"ou-1","account":"999988887777","properties":{"Id":"ou-1","Name":"mine","ParentId":"r-evil"}}`,
	"aws_organization":         `{"type":"AWS::Organizations::Organization","id":"o-evil","account":"999988887777","properties":{"Id":"o-evil","RootId":"r-1"}}`,
	"aws_account_resource":     `{"type":"AWS::Organizations::Account","id":"111122223333","account":"999988887777","properties":{"AccountId":"111122223333","AccountName":"mine","ParentIds":["ou-evil"]}}`,
	"aws_organizations_list":   `{"Accounts":[{"Id":"111122223333","Arn":"arn:aws:organizations::999988887777:account/o-evil/111122223333","Name":"mine","Status":"ACTIVE"}]}`,
	"kept_record_as_its_own":   `{"bartizan":"resource","id":"` + foreignID + `","type":"Microsoft.Storage/storageAccounts","name":"mine","cloud":"azure","unit":"` + ownUnit + `","group":"` + ownUnit + `/resourceGroups/g","whole":true,"body":{"properties":{}}}`,
	"kept_record_that_is_new":  `{"bartizan":"resource","id":"` + foreignID + `9","type":"Microsoft.Storage/storageAccounts","name":"mine","cloud":"azure","unit":"` + ownUnit + `","whole":true,"body":{"properties":{}}}`,
	"kept_record_of_no_unit":   `{"bartizan":"resource","id":"` + foreignID + `","type":"Microsoft.Storage/storageAccounts","name":"mine","cloud":"azure","whole":true,"body":{"properties":{}}}`,
	"google_bucket_as_its_own": `{"name":"//storage.googleapis.com/b1","assetType":"storage.googleapis.com/Bucket","resource":{"data":{"location":"US"}},"ancestors":["projects/evil","organizations/evil"]}`,
	"arn_as_its_own":           `{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::b7","account":"999900001111","region":"us-east-1","properties":{"BucketName":"b7"}}`,
	"arn_of_their_account":     `{"type":"AWS::EC2::Volume","id":"arn:aws:ec2:eu-west-1:111122223333:volume/vol-7","account":"999900001111","region":"eu-west-1","properties":{"Encrypted":false}}`,
	"read_of_an_id":            `{"bartizan":"read","scope":"` + ownUnit + `","type":"*","complete":true,"denied":[{"id":"` + foreignID + `","action":"x"}]}` + "\n" + storageAccount(ownID),
	"read":                     `{"bartizan":"read","scope":"` + foreignUnit + `","type":"*","complete":true}`,
	"read_of_a_group":          `{"bartizan":"read","scope":"` + foreignGroup + `","type":"*","complete":false}`,
	"read_of_all":              `{"bartizan":"read","scope":"/","type":"*","complete":false}`,
	"resource":                 strings.Replace(storageAccount(foreignID), "westeurope", "northeurope", 1),
	"resource_that_breaks":     strings.TrimSuffix(storageAccount(foreignID), "}"),
	"resource_of_an_id":        `{"id":"` + foreignID + `","type":"Microsoft.Storage/storageAccounts","name":"x"}`,
	"text":                     "what",
	"resource_group":           `{"id":"` + foreignUnit + `/resourceGroups/g","type":"Microsoft.Resources/resourceGroups","name":"g","location":"northeurope","tags":{"owner":"mine"},"properties":{}}`,
}

// TestImport_of_another_company: whatever the contributor of one company sends, what
// the other one sees stays as it is, nothing of it comes to be seen by the first, and
// nothing stands outside of a root.
func TestImport_of_another_company(t *testing.T) {
	for name, text := range tellers {
		for _, complete := range []string{"", "&complete=all"} {
			t.Run(name+complete, func(t *testing.T) {
				t.Parallel()
				r, _ := twoCompanies(t)
				theirs, mine := r.token("theirs", access.Owner, "foreign"), r.token("mine", access.Contributor, "own")
				r.imported(theirs, "root=foreign", foreignTree)
				if n := total(r, "/api/v1/resources", theirs); n != 7 { // an organisational unit's own record has no place
					t.Errorf("they see %d resources, want 7", n)
				}
				before := r.seen(theirs)
				answer := r.imported(mine, "root=own"+complete, text+"\n"+storageAccount(ownID+"2"))
				if now := r.seen(theirs); now != before {
					t.Errorf("%+v: they saw\n%s\nand see\n%s", answer, before, now)
				}
				if strings.Contains(name, "line_") && !strings.Contains(name, "adopts") && name != "line_of_all" && name != "line_of_the_root" && len(answer.Rejected) == 0 {
					t.Errorf("%+v: want to be told that it was not taken", answer)
				}
				seen := r.seen(mine)
				for _, p := range answer.Rejected { // the words of who sent it
					quoted, _ := json.Marshal(p.Reason)
					seen = strings.ReplaceAll(seen, string(quoted), "")
				}
				if strings.Contains(seen, "foreign") || strings.Contains(seen, "22222222-") || strings.Contains(seen, "111122223333") || !strings.Contains(seen, ownID+"2") {
					t.Errorf("the other one sees %s", seen)
				}
			})
		}
	}
}

// TestImport_at_the_top: what lies in no unit and in nothing above units, such as a role
// that is built in, is changed by who may write at "/".
func TestImport_at_the_top(t *testing.T) {
	const id = "/providers/Microsoft.Authorization/roleDefinitions/"
	role := func(id, name string) string {
		return `{"id":"` + id + `","type":"Microsoft.Authorization/roleDefinitions","name":"x","properties":{"roleName":"` + name + `","type":"BuiltInRole"}}`
	}
	r, owner := twoCompanies(t)
	r.imported(owner, "root=own", role(id+"a", "Reader")+"\n"+role(id+"ou-1", "Writer"))
	mine := r.token("mine", access.Contributor, "own")
	before := r.seen(owner)
	for name, text := range map[string]string{
		"changed":         role(id+"a", "mine"),
		"as_before":       role(id+"a", "Reader"),
		"new":             role(id+"b", "mine"),
		"ends_as_a_scope": role(id+"ou-1", "mine") + "\n" + `{"id":"ou-1","parent":"own","kind":"ou","name":"x"}`,
		"without_account": `{"type":"AWS::S3::Bucket","id":"b","properties":{"BucketName":"b"}}`,
	} {
		for _, query := range []string{"&dryRun=true", "", "&complete=all"} {
			answer := r.imported(mine, "root=own"+query, text+"\n"+storageAccount(ownID))
			if len(answer.Rejected) != 1 || !strings.HasPrefix(answer.Rejected[0].Reason, "1 records of /: ") || answer.Read != 1 {
				t.Errorf("%s: %+v, want it rejected", name+query, answer)
			}
		}
	}
	if now := strings.ReplaceAll(r.seen(owner), `{"cloud":"aws","id":"ou-1","kind":"folder","name":"x","parent":"own"},`, ""); now[:strings.Index(now, "scopes: ")] != before[:strings.Index(before, "scopes: ")] {
		t.Errorf("was\n%s\nand is\n%s", before, now)
	}
	for _, query := range []string{"&dryRun=true", ""} {
		if answer := r.imported(owner, "root=own"+query, role(id+"a", "Reader!")); answer.Changed != 1 || len(answer.Rejected) > 0 {
			t.Errorf("by who may write at /: %+v", answer)
		}
	}
}

// seen is what somebody sees.
func (r *running) seen(token string) string {
	r.t.Helper()
	var all []string
	for _, path := range []string{"resources?limit=200", "checks?limit=200", "scopes", "score", "coverage", "reads"} {
		status, text := r.ask(http.MethodGet, "/api/v1/"+path, token, "")
		if status != http.StatusOK {
			r.t.Fatalf("%s: %d %s", path, status, text)
		}
		var body map[string]any
		if err := json.Unmarshal(text, &body); err != nil {
			r.t.Fatal(err)
		}
		for _, of := range []string{"asOf", "hidden", "query", "commit"} {
			delete(body, of)
		}
		text, _ = json.Marshal(body)
		all = append(all, fmt.Sprintf("%s: %s", path, text))
	}
	return strings.Join(all, "\n")
}

// TestImport_moves: a later import moves a unit and renames it, by whatever tells so,
// as one commit with what it inherits there; as of before it stands where it stood.
func TestImport_moves(t *testing.T) {
	if testing.Short() {
		t.Skip("long under the race detector, and nothing runs at once")
	}
	const groups = "/providers/Microsoft.Management/managementGroups/"
	line := func(group, name string) string {
		return fmt.Sprintf(`{"id":%q,"parent":%q,"kind":"subscription","name":%q}`, ownUnit, groups+group, name)
	}
	chain := func(group, name string) string {
		return fmt.Sprintf(`{"id":%q,"type":"microsoft.resources/subscriptions","name":%q,"properties":{"managementGroupAncestorsChain":[{"name":%q}]}}`, ownUnit, name, group)
	}
	for name, told := range map[string]func(group, name string) string{"line": line, "chain": chain} {
		t.Run(name, func(t *testing.T) {
			r := newRunning(t)
			owner := r.token("owner", access.Owner, "/")
			r.imported(owner, "root=own", line("a", "Shop")+"\n"+`{"id":"`+groups+`b","parent":"own","kind":"managementGroup"}`+"\n"+storageAccount(ownID)+"\n"+strings.Replace(storageAccount(ownID+"2"), "false", `true,"minimumTlsVersion":"TLS1_2","allowBlobPublicAccess":false`, 1))
			house := govern.PolicyID(ledger.Definition, groups+"b", "house")
			r.writes(http.MethodPost, "/api/v1/definitions", owner, definition(groups+"b", "house", "audit"))
			r.writes(http.MethodPost, "/api/v1/assignments", owner, assigning(groups+"b", "house", house, ""))
			r.writes(http.MethodPost, "/api/v1/exemptions", owner, `{"scope":"`+groups+`b","selector":{"text":"/mine"},"recommendations":["`+storageRule+`"],"category":"waiver","reason":"x"}`)
			before, head, was := r.now, r.server.Follower.Head(), get[Score](r, "/api/v1/score?scope="+ownUnit, owner)
			r.imported(owner, "root=own", told("b", "Store"))
			type rows struct{ Rows []ScopeRow }
			stands := func(at string) (parent, name string) {
				for _, s := range get[rows](r, "/api/v1/scopes"+at, owner).Rows {
					if s.ID == ownUnit {
						parent, name = s.Parent, s.Name
					}
				}
				return parent, name
			}
			if parent, name := stands(""); parent != groups+"b" || name != "Store" {
				t.Errorf("it stands below %s and is called %s", parent, name)
			}
			then := "&at=" + before.Format(time.RFC3339)
			if parent, name := stands("?" + then[1:]); parent != groups+"a" || name != "Shop" {
				t.Errorf("as of before it stands below %s and is called %s", parent, name)
			}
			for path, want := range map[string]int{
				"checks?recommendation=" + url.QueryEscape(house): 2, "checks?recommendation=" + url.QueryEscape(house) + then: 0,
				"checks?state=exempt": 2, "checks?state=exempt" + then: 0,
				"resources?q=mine&scope=" + groups + "a": 0, "resources?q=mine&scope=" + groups + "a" + then: 2,
				"resources?q=mine&scope=" + groups + "b": 2, "resources?q=mine&scope=" + groups + "b" + then: 0,
			} {
				if got := total(r, "/api/v1/"+path, owner); got != want {
					t.Errorf("%s: %d, want %d", path, got, want)
				}
			}
			change, err := r.store.Commits(t.Context(), head, head+1)
			if err != nil || len(change) != 1 {
				t.Fatal(change, err)
			}
			effects, err := r.store.Effects(t.Context(), head, head+1)
			if now := get[Score](r, "/api/v1/score?scope="+ownUnit, owner); err != nil || len(effects) != 1 || effects[0].Cause != ledger.Scope || effects[0].Unit != ownUnit || *now.Percent == *was.Percent {
				t.Errorf("by commit %+v the score went from %v to %v by %+v, want one effect: %v", change, *was.Percent, *now.Percent, effects, err)
			}
			if complaints, err := r.server.Estate.Complaints(t.Context(), r.store); err != nil || len(complaints) > 0 {
				t.Error(complaints, err)
			}
		})
	}
}

// TestImport_moves_by_rights: who moves a unit may import where it stands and where it
// goes, and who renames it at it.
func TestImport_moves_by_rights(t *testing.T) {
	if testing.Short() {
		t.Skip("long under the race detector, and nothing runs at once")
	}
	const groups = "/providers/Microsoft.Management/managementGroups/"
	at := func(scopes ...string) []string { return scopes }
	tests := map[string]struct {
		may           []string
		moves, called bool
	}{
		"unit_alone":        {at(ownUnit), false, true},
		"where_it_stands":   {at(groups + "a"), false, true},
		"where_it_goes":     {at(groups + "b"), false, false},
		"unit_and_the_goal": {at(ownUnit, groups+"b"), false, true},
		"both_places":       {at(groups+"a", groups+"b"), true, true},
		"all_of_it":         {at("own"), true, true},
		"resource_group":    {at(ownUnit + "/resourceGroups/g"), false, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r, owner := twoCompanies(t)
			r.imported(owner, "root=own", `{"id":"`+ownUnit+`","parent":"`+groups+`a","kind":"subscription","name":"Shop"}`+"\n"+`{"id":"`+groups+`b","parent":"own","kind":"managementGroup"}`)
			mine := r.token("mine", access.Contributor, test.may[0])
			for _, scope := range test.may[1:] {
				if status, text := r.ask(http.MethodPost, "/api/v1/roles", owner, `{"principal":"mine","role":"contributor","scope":"`+scope+`"}`); status != http.StatusCreated {
					t.Fatalf("%d %s", status, text)
				}
			}
			moved := `{"id":"` + ownUnit + `","parent":"` + groups + `b","kind":"subscription","name":"Store"}`
			preview := r.imported(mine, "root=own&dryRun=true", moved)
			answer := r.imported(mine, "root=own", moved)
			if len(answer.Rejected) == 0 == !test.moves || len(preview.Rejected) != len(answer.Rejected) {
				t.Errorf("rejected %+v, by a dry run %+v", answer.Rejected, preview.Rejected)
			}
			for _, s := range get[struct{ Rows []ScopeRow }](r, "/api/v1/scopes", owner).Rows {
				if s.ID == ownUnit && (s.Parent == groups+"b" != test.moves || s.Name == "Store" != test.called) {
					t.Errorf("%+v, moved: %v, renamed: %v", s, test.moves, test.called)
				}
			}
		})
	}
}

// TestImport_complete_by_rights: completeness is claimed of what one may import as a
// whole; a group's importer takes nothing of another group for gone or stale.
func TestImport_complete_by_rights(t *testing.T) {
	if testing.Short() {
		t.Skip("long under the race detector, and nothing runs at once")
	}
	const broken = `{"id":"x","type":` + "\n"
	read := `{"bartizan":"read","scope":"` + ownUnit + `","type":"*","complete":true}` + "\n"
	tests := map[string]struct{ at, query, text string }{
		"all":              {ownUnit + "/resourceGroups/g", "complete=all", ""},
		"all_and_broken":   {ownUnit + "/resourceGroups/g", "complete=all", broken},
		"unit":             {ownUnit + "/resourceGroups/g", "complete=" + ownUnit, ""},
		"unit_and_broken":  {ownUnit + "/resourceGroups/g", "complete=" + ownUnit, broken},
		"read":             {ownUnit + "/resourceGroups/g", "", read},
		"read_and_broken":  {ownUnit + "/resourceGroups/g", "", read + broken},
		"of_its_unit":      {ownUnit, "complete=all", ""},
		"above_its_unit":   {"own", "complete=all", ""},
		"of_the_unit_read": {ownUnit, "", read},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r, owner := twoCompanies(t)
			beside := strings.Replace(ownID, "resourceGroups/g/", "resourceGroups/h/", 1)
			r.imported(owner, "root=own&complete=all", storageAccount(ownID)+"\n"+storageAccount(beside))
			mine := r.token("mine", access.Contributor, test.at)
			answer := r.imported(mine, test.query, test.text+storageAccount(ownID))
			group := strings.Contains(test.at, "resourceGroups")
			if told := len(answer.Notices) + len(answer.Rejected); answer.Deleted == 0 != group || group && told == 0 {
				t.Errorf("%+v, want it told, and one gone only by who may import all of it", answer)
			}
			if !group {
				return
			}
			if one := get[map[string]any](r, "/api/v1/resource?id="+url.QueryEscape(beside), owner); one["stale"] != nil {
				t.Errorf("stale: %v", one["stale"])
			}
		})
	}
}

// TestImport_complete_refused: what cannot be said to be complete is refused, as by the
// command line, before anything is read.
func TestImport_complete_refused(t *testing.T) {
	r, owner := twoCompanies(t)
	head := r.server.Follower.Head()
	for _, said := range []string{ownUnit + "/resourceGroups/g", ownUnit + "/resourceGroups/g=Microsoft.Storage/storageAccounts", ownID, "arn:aws:s3:::b", "tag:a=b", "all=x", "", "x="} {
		status, text := r.ask(http.MethodPost, "/api/v1/inventory?root=own&complete="+url.QueryEscape(said), owner, storageAccount(ownID+"2"))
		if status != http.StatusUnprocessableEntity || !strings.Contains(string(text), ": want ") && !strings.Contains(string(text), "; want ") {
			t.Errorf("%s: %d %s", said, status, text)
		}
	}
	if r.server.Follower.Head() != head {
		t.Error("something was imported")
	}
}

// TestImport_reads_of_another_company: whatever the contributor of one company says to
// have read or not read, nothing of the other one is deleted or stale.
func TestImport_reads_of_another_company(t *testing.T) {
	if testing.Short() {
		t.Skip("long under the race detector, and nothing runs at once")
	}
	r, owner := twoCompanies(t)
	theirs, mine := r.token("theirs", access.Owner, "foreign"), r.token("mine", access.Contributor, "own")
	r.imported(theirs, "root=foreign", foreignTree+storageAccount(foreignID)+"\n"+`{"bartizan":"read","scope":"`+foreignUnit+`","type":"*","complete":true}`)
	const groups = "/providers/Microsoft.Management/managementGroups/"
	before, all := r.seen(theirs), total(r, "/api/v1/resources", owner)
	for _, scope := range []string{
		"/", "", "//", " /", "foreign", foreignTenant, foreignGroup, groups + "mg1", groups + "top", groups, "/subscriptions/", foreignUnit, foreignUnit + "/", strings.ToUpper(foreignUnit),
		foreignUnit + "/resourceGroups/g", foreignID, "r-1", "ou-1", "ou-2", "111122223333", "999988887777", "organizations/9", "folders/7", "projects/pa", "machines", "bogus", "tag:a=b",
	} {
		record := `{"bartizan":"read","scope":"` + scope + `","type":"*","complete":`
		for _, told := range []string{
			record + `true}`, record + `false}`, record + `true,"denied":[{"type":"Microsoft.Storage/storageAccounts","action":"x"}]}`,
			record + `false,"throttled":[{"id":"` + foreignID + `","action":"x"}]}`, record + `true,"error":[{"id":"` + groups + `mg1","action":"x"}]}`,
		} {
			if answer := r.imported(mine, "root=own", told+"\n"+storageAccount(ownID)); answer.Deleted > 0 || len(answer.Rejected) == 0 || len(answer.Reads) > 0 {
				t.Errorf("%s: %+v", told, answer)
			}
		}
		for _, query := range []string{"&complete=", "&dryRun=true&complete="} {
			status, text := r.ask(http.MethodPost, "/api/v1/inventory?root=own"+query+url.QueryEscape(scope), mine, storageAccount(ownID))
			if status != http.StatusUnprocessableEntity && (strings.Contains(string(text), `"rejected":[]`) || !strings.Contains(string(text), `"deleted":0`)) {
				t.Errorf("%s: %d %s", query+scope, status, text)
			}
		}
		if now := r.seen(theirs); now != before {
			t.Fatalf("after reads of %q they saw\n%s\nand see\n%s", scope, before, now)
		}
	}
	if now := total(r, "/api/v1/resources", owner); now != all {
		t.Errorf("%d resources, and before %d", now, all)
	}
	if answer := r.imported(mine, "root=own&complete=own", storageAccount(ownID+"2")); answer.Deleted != 1 || len(answer.Rejected) > 0 {
		t.Errorf("of their own: %+v, want one deleted", answer)
	}
	if answer := r.imported(owner, "root=own&complete=/&complete=bogus", storageAccount(ownID)); answer.Deleted == 0 || len(answer.Rejected) > 0 || len(answer.Notices) != 1 {
		t.Errorf("by who may write everywhere: %+v, want the rest deleted, and a notice", answer)
	}
}

// TestImport_root_names: what names no root is refused before anything is sent, and
// nothing is written.
func TestImport_root_names(t *testing.T) {
	r, owner := twoCompanies(t)
	head := r.server.Follower.Head()
	for _, root := range []string{"/", "a/b", " x ", "tag:x=y", "machines/x", "/subscriptions/x", "111122223333", foreignTenant, "o-1"} {
		for _, more := range []string{"", "&dryRun=true"} {
			status, text := r.ask(http.MethodPost, "/api/v1/inventory?root="+url.QueryEscape(root)+more, owner, storageAccount(ownID+"2"))
			if status != http.StatusUnprocessableEntity || !strings.Contains(string(text), "want a word") && !strings.Contains(string(text), "want a plain word") {
				t.Errorf("%q: %d %s", root, status, text)
			}
		}
	}
	for query, want := range map[string]string{
		"root=own&parent=foreign": "in the root foreign", "root=own&parent=" + ownUnit: "above units", "root=own&parent=" + foreignUnit: "in the root foreign",
	} {
		if status, text := r.ask(http.MethodPost, "/api/v1/inventory?"+query, owner, storageAccount(ownID+"2")); status != http.StatusUnprocessableEntity || !strings.Contains(string(text), want) {
			t.Errorf("%s: %d %s", query, status, text)
		}
	}
	if answer := r.imported(owner, "root=foreign&dryRun=true", storageAccount(ownID)); len(answer.Notices) != 1 || !strings.Contains(answer.Notices[0].Reason, "in the root own") {
		t.Errorf("units of another root: %+v", answer)
	}
	if r.server.Follower.Head() != head {
		t.Error("something was written")
	}
}
