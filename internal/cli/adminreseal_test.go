package cli

import (
	"bytes"
	"crypto/rand"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/account"
	"github.com/bartizan-dev/bartizan/internal/seal"
	"github.com/bartizan-dev/bartizan/internal/settings"
	"github.com/bartizan-dev/bartizan/internal/signon"
	"github.com/bartizan-dev/bartizan/internal/store"
)

// TestSealingKeys: a key is replaced without losing a secret; with a wrong one what
// cannot be opened is named, and everything else works.
func TestSealingKeys(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, sealingFile)
	s := startServing(t, dir)
	_, _ = s.ask(http.MethodPost, "/api/v1/session/first-run", `{"link":"`+s.firstLink()+`","name":"anna","password":"correct horse battery"}`)
	if code := s.stop(); code != 0 || !strings.Contains(s.told.String(), "made "+path) {
		t.Fatalf("serve ended with %d: %s", code, s.told)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("key file %v, error %v", info, err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first := strings.TrimSpace(string(text))
	sealsOne(t, dir, first)
	second, err := seal.NewKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	const place = "sign-on/test/client-secret@https://login.example.com"
	steps := []struct {
		name, keys, command string
		code                int
		out, told           string
	}{
		{"sound", first, "doctor", 0, "sound    sealed secrets", ""},
		{"wrong_key", second, "doctor", 3, "damaged  sealed secrets: " + place + " cannot be opened: it was sealed with key ", ""},
		{"wrong_key_elsewhere", second, "admin user list", 0, "anna", ""},
		{"nothing_resealed", second, "admin reseal", 1, "resealed  0", place + " cannot be opened"},
		{"resealed", second + "\n" + first, "admin reseal", 0, "resealed  1", ""},
		{"again", second + "\n" + first, "admin reseal", 0, "resealed  0", ""},
		{"without_the_old_one", second, "doctor", 0, "sound    sealed secrets", ""},
		{"the_old_one_alone", first, "doctor", 3, place + " cannot be opened", ""},
		{"no_key", "", "doctor", 3, "1 cannot be opened: " + path + ": sealing key: want at least one", ""},
		{"not_among_the_backup", second, "backup " + filepath.Join(t.TempDir(), "copy.db"), 0, "has everything", "the sealing key is not in it"},
	}
	for _, step := range steps {
		if err := os.WriteFile(path, []byte(step.keys+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, told bytes.Buffer
		code := Run(t.Context(), Process{
			Args: append(strings.Fields(step.command), "--data", dir), Out: &out, Err: &told, Getenv: func(string) string { return "" }, Now: time.Now,
		})
		if code != step.code || !strings.Contains(out.String(), step.out) || !strings.Contains(told.String(), step.told) {
			t.Errorf("%s: %s ended with %d: %s%s", step.name, step.command, code, out.String(), told.String())
		}
		if strings.Contains(out.String()+told.String(), "hunter2") {
			t.Errorf("%s: tells the secret", step.name)
		}
	}
	if err := os.WriteFile(path, []byte(first+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s = startServing(t, dir)
	choices, _ := s.ask(http.MethodGet, "/api/v1/sign-on", "")
	if code := s.stop(); code != 0 || choices["total"] != 1.0 || !strings.Contains(s.told.String(), "a secret of the server cannot be opened") || !strings.Contains(s.told.String(), place) {
		t.Errorf("with a wrong key serve ended with %d: %v %s", code, choices, s.told)
	}
}

// sealsOne keeps a secret that is sealed with a key.
func sealsOne(t *testing.T, dir, key string) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	ring, err := seal.ParseRing(key)
	if err != nil {
		t.Fatal(err)
	}
	secret := "hunter2"
	on := account.New(account.Options{Store: s, Random: rand.Reader, Now: time.Now, Seal: ring})
	if err := on.SetProvider(t.Context(), account.System, signon.Provider{Name: "test", Issuer: "https://login.example.com", ClientID: "x"}, &secret); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestPlace: a password that stands apart goes into the address, but not beside one
// that a flag has, which all see.
func TestPlace(t *testing.T) {
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("hunter2/\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		environment map[string]string
		flags       map[string][]string
		want        store.Options
	}{
		"flag":        {nil, map[string][]string{"database": {"postgres://u@db/b"}}, store.Options{URL: "postgres://u@db/b"}},
		"environment": {map[string]string{"BARTIZAN_DATABASE": "postgres://u:p@db/b"}, nil, store.Options{URL: "postgres://u:p@db/b", PasswordInURL: true}},
		"apart": {
			map[string]string{"BARTIZAN_DATABASE_PASSWORD_FILE": password},
			map[string][]string{"database": {"postgres://u@db/b"}},
			store.Options{URL: "postgres://u:hunter2%2F@db/b", PasswordInURL: true},
		},
		"beside_one_of_a_flag": {
			map[string]string{"BARTIZAN_DATABASE_PASSWORD_FILE": password},
			map[string][]string{"database": {"postgres://u:p@db/b"}},
			store.Options{URL: "postgres://u:p@db/b"},
		},
		"directory": {nil, map[string][]string{"data": {"kept"}}, store.Options{Dir: "kept"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := &app{Process: Process{Err: &bytes.Buffer{}, Getenv: func(name string) string { return test.environment[name] }}}
			s, problems := settings.Load(settings.Sources{Getenv: a.Getenv, Flags: test.flags})
			got, err := a.place(s)
			if problems != nil || err != nil || got.URL != test.want.URL || got.Dir != test.want.Dir || got.PasswordInURL != test.want.PasswordInURL {
				t.Errorf("%+v, problems %v, error %v", got, problems, err)
			}
			if s.Database == "" {
				return
			}
			if _, err := a.sealingKeys(s); err == nil || !strings.Contains(err.Error(), "set BARTIZAN_SEALING_KEY or BARTIZAN_SEALING_KEY_FILE") {
				t.Errorf("a database without a sealing key: %v", err)
			}
		})
	}
}
