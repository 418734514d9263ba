package server

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
)

// TestAuditOfImports: the audit log tells of every commit of an import who made it
// and what it did, where one may see it, and of history that is given up.
func TestAuditOfImports(t *testing.T) {
	r := newRunning(t)
	owner := r.token("anna", access.Owner, "/")
	for _, root := range []string{"own", "foreign"} {
		id := map[string]string{"own": ownID, "foreign": foreignID}[root]
		r.imported(owner, "root="+root, storageAccount(id)+"\n"+storageAccount(id+"2"))
	}
	r.imported(owner, "root=own", `{"bartizan":"read","scope":"`+ownUnit+`","type":"*","complete":true}`+"\n"+storageAccount(ownID))
	entries := r.kept()
	r.imported(owner, "root=own", `{"bartizan":"read","scope":"`+ownUnit+`","type":"*","complete":true}`+"\n"+storageAccount(ownID))
	if after := r.kept(); after[:len("commit 99, 99 entries")] != entries[:len("commit 99, 99 entries")] {
		t.Errorf("an import of what is known: %s, before %s", after, entries)
	}
	told := func(token string) (all []string) {
		list := get[struct{ Rows []AuditRow }](r, "/api/v1/audit?action=inventory.import&limit=200", token)
		for _, e := range list.Rows {
			if e.Name != "anna" || e.Commit == 0 || e.From == "" || e.Object != e.Scope {
				t.Errorf("%+v", e)
			}
			all = append(all, fmt.Sprint(e.Scope, " ", string(e.Detail)))
		}
		slices.Reverse(all)
		return all
	}
	own := []string{
		`own {"scopes":3}`, ownUnit + ` {"changed":0,"deleted":0,"new":2,"reads":0,"readsForgotten":0}`,
		ownUnit + ` {"changed":0,"deleted":1,"new":0,"reads":1,"readsForgotten":0}`,
	}
	if all := told(owner); len(all) != 5 || !slices.Equal(slices.Concat(all[:2], all[4:]), own) {
		t.Errorf("%q, want of own %q", all, own)
	}
	if all := told(r.token("bert", access.SecurityReader, "own")); !slices.Equal(all, own) {
		t.Errorf("of one root: %q, want %q", all, own)
	}
	for at, token := range map[string]string{"/": owner, "own": r.token("berta", access.SecurityReader, "own")} { // pages have the total of all of them
		var rows, total int
		for cursor := ""; ; {
			page := get[struct {
				Rows   []AuditRow
				Total  int
				Cursor string
			}](r, "/api/v1/audit?action=inventory.&limit=2&cursor="+cursor, token)
			if rows, total = rows+len(page.Rows), page.Total; total != map[string]int{"/": 5, "own": 3}[at] {
				t.Errorf("seen from %s: total %d", at, total)
			}
			if cursor = page.Cursor; cursor == "" {
				break
			}
		}
		if rows != total {
			t.Errorf("seen from %s: %d rows of %d", at, rows, total)
		}
	}
	r.server.Retention = time.Millisecond
	r.server.giveUpHistory(t.Context())
	if list := get[struct{ Rows []AuditRow }](r, "/api/v1/audit?action=history.remove", owner); len(list.Rows) != 1 || list.Rows[0].Actor != access.System {
		t.Errorf("history given up: %+v", list.Rows)
	}
}

// imported imports an inventory.
func (r *running) imported(token, query, body string) ImportAnswer {
	r.t.Helper()
	status, text := r.ask(http.MethodPost, "/api/v1/inventory?"+query, token, body)
	if status != http.StatusOK {
		r.t.Fatalf("import: %d %s", status, text)
	}
	return got[ImportAnswer](r.t, text)
}
