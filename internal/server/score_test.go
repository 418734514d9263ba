package server

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// TestScore_of_what_stands_above_units: the records of groups, folders and organisations
// themselves, which are in no unit, take no points away; parts of units have none.
func TestScore_of_what_stands_above_units(t *testing.T) {
	r, owner := twoCompanies(t)
	const groups = "/providers/Microsoft.Management/managementGroups/"
	r.imported(owner, "root=own", `{"id":"`+ownUnit+`","name":"Shop","type":"microsoft.resources/subscriptions","tenantId":"`+foreignTenant+`","properties":{"managementGroupAncestorsChain":[{"name":"mgx"},{"name":"top"}]}}
{"name":"//storage.googleapis.com/b1","assetType":"storage.googleapis.com/Bucket","resource":{"data":{"location":"EU"}},"ancestors":["projects/pa","folders/7","organizations/9"]}`)
	scopes := []string{"own", foreignTenant, groups + "mgx", groups + "top", "folders/7", "organizations/9", ownUnit, "projects/pa"}
	was := map[string]string{}
	look := func(scope string) string {
		s, over := get[Score](r, "/api/v1/score?scope="+url.QueryEscape(scope), owner), get[Overview](r, "/api/v1/overview?scope="+url.QueryEscape(scope), owner)
		text, _ := json.Marshal([]any{s.Percent, s.Current, s.Max, s.Slice, s.Units, over.Score})
		return string(text)
	}
	for _, scope := range scopes {
		if was[scope] = look(scope); strings.Contains(was[scope], "slice") || strings.Contains(was[scope], "true") {
			t.Errorf("%s: %s", scope, was[scope])
		}
	}
	r.imported(owner, "root=own", `{"id":"`+groups+`mgx","type":"Microsoft.Management/managementGroups","name":"mgx","properties":{"displayName":"Web"}}
{"id":"`+groups+`top","type":"Microsoft.Management/managementGroups","name":"top","properties":{"displayName":"Top"}}
{"name":"//cloudresourcemanager.googleapis.com/folders/7","assetType":"cloudresourcemanager.googleapis.com/Folder","resource":{"data":{"displayName":"F","parent":"organizations/9"}},"ancestors":["folders/7","organizations/9"]}
{"name":"//cloudresourcemanager.googleapis.com/organizations/9","assetType":"cloudresourcemanager.googleapis.com/Organization","resource":{"data":{"displayName":"O"}},"ancestors":["organizations/9"]}
`)
	for _, scope := range scopes {
		if now := look(scope); now != was[scope] {
			t.Errorf("%s: with records of what stands above\n%s\nand before\n%s", scope, now, was[scope])
		}
	}
	reader := r.token("reader", access.Reader, ownUnit+"/resourceGroups/g")
	for scope, token := range map[string]string{ownUnit + "/resourceGroups/g": owner, ownID: owner, "tag:a=b": owner, foreignUnit + "/resourceGroups/g": owner, ownUnit: reader, "own": reader} {
		if s := get[Score](r, "/api/v1/score?scope="+url.QueryEscape(scope), token); !s.Slice || s.Current != nil {
			t.Errorf("%s: %+v, want a slice", scope, s)
		} else {
			for _, u := range s.Units {
				if u.Current != nil || u.Max != nil || len(u.Controls) == 0 || u.Controls[0].Max != nil || u.Controls[0].Current != nil || len(s.Units) != 1 || *u.Percent != *s.Percent {
					t.Errorf("%s: unit %+v, want no points", scope, u)
				}
			}
			if got := len(s.Units); (got == 0) != (scope == "tag:a=b") {
				t.Errorf("%s: %d units", scope, got)
			}
		}
	}
}
