//go:build unix

package store

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

func TestBackupAndRestore(t *testing.T) {
	ctx := t.Context()
	where := Options{Dir: t.TempDir()}
	s := open(t, where)
	people(t, s)
	must((testEstate{"/subscriptions/K", 40, 1}).importTo(ctx, s))(t)
	want := dump(t, s)
	file := filepath.Join(t.TempDir(), "backup")
	if head := must(s.Backup(ctx, file))(t); head != 2 {
		t.Errorf("the backup ends with commit %d, want 2", head)
	}
	if _, err := s.Backup(ctx, file); err == nil {
		t.Error("a backup was overwritten")
	}
	must((testEstate{"/subscriptions/K", 40, 2}).importTo(ctx, s))(t)
	newer := dump(t, s)
	if _, err := Restore(ctx, file, false, where); !errors.Is(err, ErrOwned) {
		t.Errorf("restore under a process that runs: error %v", err)
	}
	closeStore(t, s)

	for range 2 { // it can be done again
		if head := must(Restore(ctx, file, false, where))(t); head != 2 {
			t.Errorf("restored commit %d, want 2", head)
		}
		s = open(t, where)
		if got := dump(t, s); got != want {
			t.Error("the restored state is another")
		}
		if _, hash, err := s.Password(ctx, "anna"); hash != "$hash" || err != nil || len(must(s.Sessions(ctx, ""))(t)) != 2 {
			t.Errorf("restored: password %q, error %v", hash, err)
		}
		sound(t, s)
		must((testEstate{"/subscriptions/K", 40, 2}).importTo(ctx, s))(t)
		if got := dump(t, s); got != newer {
			t.Error("the restored state goes on otherwise")
		}
		closeStore(t, s)
	}
	if _, err := os.Stat(filepath.Join(where.Dir, databaseFile+".replaced")); err != nil {
		t.Errorf("the database that was replaced: %v", err)
	}

	// What is no sound database of ours replaces nothing.
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{"cut": text[:len(text)/2], "other": []byte("something else"), "empty": nil} {
		bad := writeFile(t, bad)
		if _, err := Restore(ctx, bad, true, where); err == nil {
			t.Errorf("%s: it was restored", name)
		}
	}
	s = open(t, where)
	if got := dump(t, s); got != newer {
		t.Error("a bad backup changed the state")
	}
}

// TestRestoreOfDamage: a backup of which a word is gone is told and not taken,
// but where that is wanted.
func TestRestoreOfDamage(t *testing.T) {
	ctx := t.Context()
	from := Options{Dir: t.TempDir()}
	s := open(t, from)
	must((testEstate{"/subscriptions/K", 40, 1}).importTo(ctx, s))(t)
	must(s.writer.ExecContext(ctx, "DELETE FROM scope_name WHERE number = 1"))(t)
	file := filepath.Join(t.TempDir(), "backup")
	must(s.Backup(ctx, file))(t)
	closeStore(t, s)

	where := Options{Dir: t.TempDir()}
	_, err := Restore(ctx, file, false, where)
	if !errors.Is(err, ErrDamagedBackup) || !strings.Contains(err.Error(), "references: ") {
		t.Errorf("error %v, want the damage", err)
	}
	if _, err := os.Stat(filepath.Join(where.Dir, databaseFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was restored: %v", err)
	}
	if head := must(Restore(ctx, file, true, where))(t); head == 0 {
		t.Error("nothing was restored")
	}
	// Bytes that the disk lost, of a page of rows at least.
	text := must(os.ReadFile(file))(t)
	copy(text[len(text)*3/4:], bytes.Repeat([]byte{0xff}, 5000))
	torn := writeFile(t, text)
	if _, err := Restore(ctx, torn, false, where); !errors.Is(err, ErrDamagedBackup) || !strings.Contains(err.Error(), "database: ") {
		t.Errorf("torn: error %v, want the damage", err)
	}
	if head := must(Restore(ctx, torn, true, where))(t); head == 0 {
		t.Error("torn: nothing was restored")
	}
	closeStore(t, open(t, where))
}

func writeFile(t *testing.T, text []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestBackupOfPostgres(t *testing.T) {
	where := Options{URL: newDatabase(t)}
	s := open(t, where)
	_, err := s.Backup(t.Context(), "b")
	if !errors.Is(err, ErrNoBackup) || !strings.Contains(err.Error(), "pg_dump --format=custom --file='b' 'postgres://postgres@") {
		t.Errorf("backup: error %v", err)
	}
	_, err = Restore(t.Context(), "b", false, where)
	if !errors.Is(err, ErrNoBackup) || !strings.Contains(err.Error(), "pg_restore ") {
		t.Errorf("restore: error %v", err)
	}
}

// TestCheck: each damage is found, by the check that it belongs to.
func TestCheck(t *testing.T) {
	damages := map[string]struct{ check, statement string }{
		"commit_missing":     {"commits", "DELETE FROM commit_log WHERE number = 2"},
		"commit_early":       {"commits", "UPDATE commit_log SET at_ms = 1 WHERE number = 2"},
		"interval_overlap":   {"intervals", "UPDATE version SET until = 3 WHERE until = 2"},
		"interval_backwards": {"intervals", "UPDATE document SET until = 1 WHERE until = 2"},
		"interval_future":    {"intervals", "UPDATE judged SET since = 9 WHERE since = 2"},
		"body_missing":       {"references", "DELETE FROM body WHERE number = 1"},
		"tuple_missing":      {"references", "DELETE FROM tuple WHERE number = 1"},
		"word_missing":       {"references", "DELETE FROM scope_name WHERE number = 1"},
		"resource_other":     {"resources", "UPDATE resource SET id = 'other' WHERE number = 1"},
		"body_other":         {"bodies", "UPDATE body SET data = (SELECT data FROM body b WHERE b.number = 2) WHERE number = 1"},
		"dictionary_missing": {"bodies", "DELETE FROM body_dictionary WHERE number = 1"},
		"facts_other":        {"facts", "UPDATE facts SET json = '{}' WHERE number = 1"},
		"document_other":     {"documents", "UPDATE document SET text = hash"},
		"tuple_other":        {"verdicts", "UPDATE tuple SET verdicts = hash WHERE number = 1"},
		"evaluation_missing": {"verdicts", "DELETE FROM evaluation WHERE number = 1"},
		"version_missing":    {"judged resources", "DELETE FROM version WHERE resource = 2"},
		"judged_missing":     {"judged resources", "DELETE FROM judged WHERE resource = 2"},
		"judged_shorter":     {"judged resources", "UPDATE judged SET until = 3 WHERE until > 3 AND since < 3"},
		"principal_missing":  {"access", "DELETE FROM principal WHERE id = '3-robot'"},
		"owner_missing":      {"access", "DELETE FROM principal WHERE id = '1-anna'"},
		"secret_missing":     {"access", "DELETE FROM token_secret WHERE id = 't1'"},
		"secret_revoked":     {"access", "DELETE FROM token WHERE id = 't1'"},
		"role_overlap":       {"intervals", "UPDATE role_assignment SET since = until WHERE id = 'r1'"},
		"role_nowhere":       {"references", "UPDATE role_assignment SET scope = 999 WHERE id = 'r2'"},
		"audit_of_nothing":   {"references", "UPDATE audit SET commit_number = 999 WHERE commit_number > 0"},
	}
	onBoth(t, func(t *testing.T, where Options) {
		s := open(t, where)
		for round := 1; round <= 3; round++ {
			must((testEstate{"/subscriptions/K", 20, round}).importTo(t.Context(), s))(t)
		}
		people(t, s)
		sound(t, s)
		closeStore(t, s)
		for name, damage := range damages {
			t.Run(name, func(t *testing.T) {
				copied := open(t, duplicate(t, where))
				if _, err := copied.writer.Exec(damage.statement); err != nil {
					t.Fatal(err)
				}
				found := false
				for _, f := range must(copied.Check(t.Context()))(t) {
					found = found || f.Check == damage.check && !f.OK
					if f.OK == (f.Remedy != "") || f.OK == (f.Finding != "") {
						t.Errorf("%+v", f)
					}
				}
				if !found {
					t.Errorf("check %q found nothing", damage.check)
				}
			})
		}
	})
}

// TestCheckOfDamagedFile: bytes that the disk lost are found, wherever they are.
func TestCheckOfDamagedFile(t *testing.T) {
	ctx := t.Context()
	s := open(t, Options{Dir: t.TempDir()})
	must((testEstate{"/subscriptions/K", 300, 1}).importTo(ctx, s))(t)
	file := filepath.Join(t.TempDir(), "copy")
	must(s.Backup(ctx, file))(t)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	for at := 5 * page; at < len(text); at += 13 * page {
		where := Options{Dir: t.TempDir()}
		broken := append([]byte{}, text...)
		for i := at; i < at+page; i++ {
			broken[i] = 0xA5
		}
		if err := os.WriteFile(filepath.Join(where.Dir, databaseFile), broken, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(ctx, where)
		if err != nil {
			continue
		}
		bad := 0
		for _, f := range must(s.Check(ctx))(t) {
			if !f.OK {
				bad++
			}
		}
		if bad == 0 {
			t.Errorf("page %d of %d is damaged and nothing was found", at/page, len(text)/page)
		}
		closeStore(t, s)
	}
}

// TestOpen_of_damage: what is no database any more is neither opened nor taken for a
// new one, whether it is to be read or written.
func TestOpen_of_damage(t *testing.T) {
	ctx := t.Context()
	from := Options{Dir: t.TempDir()}
	s := open(t, from)
	must((testEstate{"/subscriptions/K", 300, 1}).importTo(ctx, s))(t)
	closeStore(t, s)
	text, err := os.ReadFile(filepath.Join(from.Dir, databaseFile))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		text    []byte // nil: no file
		beside  string
		damaged bool
	}{
		{"whole", text, KnownFile, false},
		{"cut off", text[:50000], "", true},
		{"cut off, then zeros", append(text[:50000:50000], make([]byte, 150000)...), "", true},
		{"something else", bytes.Repeat([]byte("no database "), 10000), "", true},
		{"empty, with what was known", []byte{}, KnownFile, true},
		{"empty, with a checkpoint", []byte{}, CheckpointFile, true},
		{"missing, with a checkpoint", nil, CheckpointFile, true},
		{"empty", []byte{}, "", false},
	}
	for _, test := range tests {
		for _, readOnly := range []bool{true, false} {
			where := Options{Dir: t.TempDir(), ReadOnly: readOnly}
			if test.text != nil {
				if err := os.WriteFile(filepath.Join(where.Dir, databaseFile), test.text, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if test.beside != "" {
				if err := os.WriteFile(filepath.Join(where.Dir, test.beside), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			s, err := Open(ctx, where)
			if errors.Is(err, ErrDamaged) != test.damaged {
				t.Errorf("%s, read only %t: error %v", test.name, readOnly, err)
			}
			if err == nil {
				closeStore(t, s)
			}
		}
	}
}

func TestKindsAreKept(t *testing.T) {
	// Numbers and words that are in databases: they must never mean another thing.
	want := "import judge document access retention scope rules estate coverage exemption attestation clock"
	got := ""
	for k := ledger.Import; k <= ledger.Retention; k++ {
		got += k.String() + " "
	}
	for c := ledger.Scope; c <= ledger.Clock; c++ {
		got += c.String() + " "
	}
	if strings.TrimSpace(got) != want {
		t.Errorf("kinds and causes are %q, want %q", got, want)
	}
}
