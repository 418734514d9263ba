package server

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// TestLost: what of an import could not be read counts in the coverage of all whom it may
// be of until it was read, as of then too; its words are for who sees where it may be from.
func TestLost(t *testing.T) {
	r, owner := twoCompanies(t)
	const second = "/subscriptions/33333333-3333-3333-3333-333333333333"
	secondID := strings.ReplaceAll(ownID, ownUnit, second)
	tokens := map[string]string{"owner": owner}
	both := storageAccount(ownID) + "\n" + storageAccount(secondID) + "\n"
	r.imported(owner, "root=own", both)
	for name, scope := range map[string]string{"root": "own", "unit": ownUnit, "group": ownUnit + "/resourceGroups/g", "second": second, "foreign": "foreign"} {
		tokens[name] = r.token(name, access.Reader, scope)
	}
	type coverage struct {
		Rejected int
		Lost     []LostPlace
	}
	told := func(more string) map[string]string {
		all := map[string]string{}
		for name, token := range tokens {
			c := get[coverage](r, "/api/v1/coverage?"+more, token)
			score := get[struct{ Coverage coverage }](r, "/api/v1/score?"+more, token)
			overview := get[struct{ Coverage coverage }](r, "/api/v1/overview?"+more, token)
			if score.Coverage.Rejected != c.Rejected || overview.Coverage.Rejected != c.Rejected {
				t.Errorf("%s: score has %d, overview %d, coverage %d", name, score.Coverage.Rejected, overview.Coverage.Rejected, c.Rejected)
			}
			if all[name] = fmt.Sprint(c.Rejected); c.Rejected > 0 && name == "owner" && more == "" {
				rows := r.answered(token, QueryRequest{Query: "securityresources | where type == 'microsoft.security/securescores' | summarize by toint(properties.bartizan.rejected)"}).Rows
				if got := fmt.Sprint(rows); got != fmt.Sprintf("[[%d]]", c.Rejected) {
					t.Errorf("%s: KQL has %s, want %d", name, got, c.Rejected)
				}
			}
			for _, l := range c.Lost {
				all[name] += fmt.Sprintf(" %d:%s", l.Line, l.Type[strings.LastIndexByte(l.Type, '/')+1:])
			}
		}
		return all
	}
	check := func(more string, want map[string]string) {
		t.Helper()
		if diff := cmp.Diff(want, told(more)); diff != "" {
			t.Errorf("%s: -want +got\n%s", more, diff)
		}
	}
	check("", map[string]string{"owner": "0", "root": "0", "unit": "0", "group": "0", "second": "0", "foreign": "0"})
	r.imported(owner, "root=own", both+"what\n"+strings.TrimSuffix(storageAccount(ownID+"2"), "}")+"\n")
	then := r.now
	lost := map[string]string{"owner": "2 3:* 4:storageAccounts", "root": "2 3:* 4:storageAccounts", "unit": "2 4:storageAccounts", "group": "2", "second": "1", "foreign": "0"}
	check("", lost)
	if c := get[coverage](r, "/api/v1/coverage?scope="+url.QueryEscape(second), owner); c.Rejected != 1 {
		t.Errorf("of a unit %+v", c)
	}
	if c := get[coverage](r, "/api/v1/coverage?scope="+url.QueryEscape("tag:env=x"), owner); c.Rejected != 2 {
		t.Errorf("of a tag %+v", c)
	}
	r.imported(owner, "root=own&complete=all&dryRun=true", both)
	check("", lost)
	r.now = r.now.Add(time.Hour)
	answer := r.imported(owner, "root=own&complete=all", both)
	if len(answer.Rejected) > 0 {
		t.Errorf("rejected %v", answer.Rejected)
	}
	check("", map[string]string{"owner": "0", "root": "0", "unit": "0", "group": "0", "second": "0", "foreign": "0"})
	check("at="+url.QueryEscape(then.Format(time.RFC3339)), lost)
}
