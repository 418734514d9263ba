package server

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/account"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/intake"
)

// TestImport_beside_another_server: an import during which another server commits
// goes on from there.
func TestImport_beside_another_server(t *testing.T) {
	r, owner := twoCompanies(t)
	other, opened := r.beside(nil), 0
	apart, err := estate.Open(t.Context(), r.store, estate.Options{Catalog: r.server.Catalog, Key: []byte("key"), Now: r.server.Now})
	if err != nil {
		t.Fatal(err)
	}
	other.server.Estate = apart
	record := strings.Replace(storageAccount(ownID), "false", "true", 1) + "\n"
	in := intake.Input{Name: "in.jsonl", Size: int64(len(record)), Open: func() (io.ReadCloser, error) {
		if opened++; opened <= 3 { // as often as it begins anew
			more := storageAccount(fmt.Sprint(foreignID, opened)) + "\n"
			if status, text := other.ask(http.MethodPost, "/api/v1/inventory?root=foreign", owner, more); status != http.StatusOK {
				t.Errorf("the other import: %d %s", status, text)
			}
		}
		return io.NopCloser(strings.NewReader(record)), nil
	}}
	by := &caller{Credential: &account.Credential{}}
	by.Caller.Principal = access.Principal{ID: "anna"}
	answer, err := r.server.run(t.Context(), by, &inventoryInput{Root: "own"}, func(string) bool { return true }, &sent{inputs: []intake.Input{in}}, func(string, int64, int64) {})
	if err != nil || answer.Changed != 1 || opened < 4 {
		t.Errorf("answer %+v, %v, begun %d times", answer, err, opened)
	}
	if page := get[List[ResourceRow]](r, "/api/v1/resources", owner); page.Total != 5 {
		t.Errorf("%d resources, want 5", page.Total)
	}
}

// TestGovern_beside_another_server: a document that is written while another server
// commits is written on what there is then, unless that changed the document itself.
func TestGovern_beside_another_server(t *testing.T) {
	r, owner := twoCompanies(t)
	other := r.beside(nil)
	open := func(now func() time.Time) *estate.Estate {
		kept, err := estate.Open(t.Context(), r.store, estate.Options{Catalog: r.server.Catalog, Key: []byte("key"), Now: now})
		if err != nil {
			t.Fatal(err)
		}
		return kept
	}
	var meanwhile []func() // before each time that the one looks at the clock
	other.server.Estate = open(r.server.Now)
	r.server.Estate = open(func() time.Time {
		if len(meanwhile) > 0 {
			next := meanwhile[0]
			meanwhile = meanwhile[1:]
			next()
		}
		return r.server.Now()
	})
	post := func(on *running, path, body string, want int) map[string]any {
		t.Helper()
		status, text := on.ask(http.MethodPost, path, owner, body)
		if status != want {
			t.Fatalf("POST %s: %d %s, want %d", path, status, text, want)
		}
		return got[map[string]any](t, text)
	}
	resources := 0
	imports := func() {
		resources++
		post(other, "/api/v1/inventory?root=foreign", storageAccount(fmt.Sprint(foreignID, resources))+"\n", http.StatusOK)
	}
	const policies = "own/providers/Microsoft.Authorization/"
	exemption := func(reason string) string {
		return `{"scope":"` + ownUnit + `","recommendations":["` + storageRule + `"],"category":"waiver","reason":"` + reason + `"%s}`
	}
	meanwhile = []func(){imports, imports, imports}
	id := post(r, "/api/v1/exemptions", fmt.Sprintf(exemption("x"), ""), http.StatusOK)["id"].(string)
	meanwhile = []func(){imports, imports, imports}
	post(r, "/api/v1/definitions", `{"id":"`+policies+`policyDefinitions/house","properties":{"policyRule":{"if":{"field":"type","equals":"Microsoft.Storage/storageAccounts"},"then":{"effect":"audit"}}}}`, http.StatusOK)
	meanwhile = []func(){imports, imports, imports}
	post(r, "/api/v1/assignments", `{"id":"`+policies+`policyAssignments/house","properties":{"policyDefinitionId":"`+policies+`policyDefinitions/house"}}`, http.StatusOK)
	if len(meanwhile) > 0 || resources != 9 {
		t.Errorf("%d imports meanwhile, %d left", resources, len(meanwhile))
	}
	meanwhile = []func(){imports, func() {
		post(other, "/api/v1/exemptions", fmt.Sprintf(exemption("theirs"), `,"id":"`+id+`"`), http.StatusOK)
		imports()
	}}
	post(r, "/api/v1/exemptions", fmt.Sprintf(exemption("mine"), `,"id":"`+id+`"`), http.StatusConflict)
	if rows := get[List[map[string]any]](other, "/api/v1/exemptions", owner).Rows; len(rows) != 1 || rows[0]["reason"] != "theirs" {
		t.Errorf("exemptions: %v", rows)
	}
}
