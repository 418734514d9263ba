package server

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

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
	answer, err := r.server.run(t.Context(), by, &inventoryInput{Root: "own"}, func(string) bool { return true }, []intake.Input{in}, func(string, int64, int64) {})
	if err != nil || answer.Changed != 1 || opened < 4 {
		t.Errorf("answer %+v, %v, begun %d times", answer, err, opened)
	}
	if page := get[List[ResourceRow]](r, "/api/v1/resources", owner); page.Total != 5 {
		t.Errorf("%d resources, want 5", page.Total)
	}
}
