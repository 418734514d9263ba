package cli

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // as the store does
)

// TestDoctor: what is sound ends with 0, what is damaged with 3, and nobody takes the
// place of a lost database without a word.
func TestDoctor(t *testing.T) {
	dir := t.TempDir()
	file, database := filepath.Join(dir, "a.jsonl"), filepath.Join(dir, "bartizan.db")
	text := `{"id":"/subscriptions/8a9a1480-add2-4048-af68-da4dbfcdd912/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/a","name":"a","type":"Microsoft.Storage/storageAccounts","location":"westeurope","properties":{"supportsHttpsTrafficOnly":true}}` + "\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) (int, string) {
		var out bytes.Buffer
		code := Run(t.Context(), Process{Args: append(args, "--data", dir), In: strings.NewReader(""), Out: &out, Err: &out, Getenv: func(string) string { return "" }, Now: time.Now})
		return code, out.String()
	}
	execute := func(statement string) func() error {
		return func() error {
			db, err := sql.Open("sqlite", database)
			if err == nil {
				_, err = db.Exec(statement)
			}
			if err == nil {
				err = db.Close()
			}
			return err
		}
	}
	steps := []struct {
		name string
		does func() error
		code int
		says string
	}{
		{"sound", nil, 0, "sound    causes\n"},
		{"causes", execute("UPDATE effect SET points = points + 50"), 3, "damaged  causes: commit 2 changed the score of /subscriptions/"},
		{"scores", execute("UPDATE effect SET points = points - 50; UPDATE unit_score SET counts = x'05'"), 3, "damaged  scores: /subscriptions/"},
		{"resource", execute("DELETE FROM version"), 3, "damaged  judged resources: resource 1 "},
		{"no database", func() error { return os.WriteFile(database, bytes.Repeat([]byte("x"), 9999), 0o600) }, 3, "damaged  database: "},
		{"nothing", func() error { return os.Truncate(database, 0) }, 3, "is empty, and inventory.known beside it was made from it"},
	}
	if code, out := run("import", file); code != 0 {
		t.Fatal(out)
	}
	for _, step := range steps {
		if step.does != nil {
			if err := step.does(); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
		}
		if code, out := run("doctor"); code != step.code || !strings.Contains(out, step.says) {
			t.Errorf("%s: ended with %d, want %d and %q:\n%s", step.name, code, step.code, step.says, out)
		}
	}
	if code, out := run("import", file); code != 1 || !strings.Contains(out, "damaged") {
		t.Errorf("import into nothing ended with %d: %s", code, out)
	}
}
