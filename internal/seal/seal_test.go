package seal_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/seal"
)

const place = "sign-on/entra/client-secret"

// keys are as people write them.
func keys(n byte) string { return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{n}, 32)) }

func ring(t *testing.T, text ...string) *seal.Ring {
	t.Helper()
	r, err := seal.ParseRing(strings.Join(text, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRing(t *testing.T) {
	old, both := ring(t, keys(1)), ring(t, keys(2)+" # of today", keys(1))
	sealed := seals(t, old)
	again := seals(t, both)
	if bytes.Contains(sealed, []byte("hunter2")) || bytes.Equal(sealed, seals(t, old)) {
		t.Error("the secret shows, or two are sealed alike")
	}
	tests := map[string]struct {
		ring          *seal.Ring
		place         string
		sealed        []byte
		want          string
		unknown       bool
		current, fail bool
	}{
		"own_key":         {old, place, sealed, "hunter2", false, true, false},
		"older_key":       {both, place, sealed, "hunter2", false, false, false},
		"newer_key":       {both, place, again, "hunter2", false, true, false},
		"another_key":     {ring(t, keys(3)), place, sealed, "", true, false, true},
		"key_is_gone":     {old, place, again, "", true, false, true},
		"another_place":   {old, "sign-on/other/client-secret", sealed, "", false, true, true},
		"changed":         {old, place, append(bytes.Clone(sealed[:len(sealed)-1]), sealed[len(sealed)-1]^1), "", false, true, true},
		"cut":             {old, place, sealed[:20], "", false, false, true},
		"nothing":         {old, place, nil, "", false, false, true},
		"another_version": {old, place, append([]byte{9}, sealed[1:]...), "", false, false, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := test.ring.Open(test.place, test.sealed)
			var wrong *seal.Error
			if string(got) != test.want || (err != nil) != test.fail || test.fail && (!errors.As(err, &wrong) || wrong.Unknown != test.unknown || !strings.Contains(err.Error(), test.place)) {
				t.Errorf("%q, error %v", got, err)
			}
			if test.ring.Current(test.sealed) != test.current {
				t.Errorf("current is %v", !test.current)
			}
		})
	}
	if !bytes.Equal(both.Oldest(), old.Oldest()) {
		t.Error("the oldest key is another once a new one comes first")
	}
}

func seals(t *testing.T, r *seal.Ring) []byte {
	t.Helper()
	sealed, err := r.Seal(rand.Reader, place, []byte("hunter2"))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestParseRing(t *testing.T) {
	tests := map[string]struct {
		in   string
		keys int
		want string
	}{
		"one":       {keys(1) + "\n", 1, ""},
		"two":       {"# new\n" + keys(2) + "\n\n# old\n" + keys(1) + "\n", 2, ""},
		"on_a_line": {keys(2) + ", " + keys(1), 2, ""},
		"none":      {"# nothing\n", 0, "want at least one"},
		"short":     {base64.StdEncoding.EncodeToString([]byte("hunter2")), 0, "sealing key 1: got 7 bytes, want at least 32"},
		"no_base64": {keys(1) + "\nhunter2!\n", 0, "sealing key 2: want at least 32 bytes in base64"},
		"twice":     {keys(1) + "\n" + keys(1), 0, "sealing key 2: it is there twice"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := seal.ParseRing(test.in)
			if test.want == "" && (err != nil || len(r.IDs()) != test.keys) || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2")) {
				t.Errorf("%v, error %v", r, err)
			}
		})
	}
}

// TestRing_is_not_printed: neither by accident nor on purpose.
func TestRing_is_not_printed(t *testing.T) {
	r := ring(t, keys(1))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if got := fmt.Sprintf(verb, r); got != "keys ["+r.IDs()[0].String()+"]" {
			t.Errorf("%s prints %s", verb, got)
		}
	}
}

func TestNewKey(t *testing.T) {
	key, err := seal.NewKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ring(t, key)
	if _, err := seal.NewKey(strings.NewReader("short")); err == nil {
		t.Error("a key of too little randomness")
	}
}
