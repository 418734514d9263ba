package access

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"
)

const good = "correct horse battery"

func TestCheckPassword(t *testing.T) {
	tests := map[string]struct {
		name, password string
		ok             bool
	}{
		"shortest":         {"anna", "123456789012", true},
		"too_short":        {"anna", "12345678901", false},
		"counts_letters":   {"anna", strings.Repeat("ü", 12), true},
		"counts_composed":  {"anna", strings.Repeat("u\u0308", 11), false},
		"longest":          {"anna", strings.Repeat("x", 256), true},
		"too_long":         {"anna", strings.Repeat("x", 257), false},
		"name":             {"anna", "I am ANNA today", false},
		"name_before_at":   {"anna@contoso.com", "I am anna today", false},
		"short_name":       {"an", "an apple a day keeps", true},
		"not_utf8":         {"anna", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", false},
		"nul":              {"anna", "12345678901\x00", false},
		"name_by_its_form": {"müller", "der mu\u0308ller mahlt", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := CheckPassword(test.name, test.password)
			if (err == nil) != test.ok || err != nil && (FaultOf(err) != Invalid || strings.Contains(err.Error(), test.password)) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestPasswords(t *testing.T) {
	ctx := t.Context()
	cheap := CheapPasswords(t, rand.Reader)
	hash := must(cheap.Hash(ctx, "anna", "u\u0308 "+good))(t)
	tests := map[string]struct {
		hash, password string
		right          bool
	}{
		"right":          {hash, "u\u0308 " + good, true},
		"composed":       {hash, "ü " + good, true},
		"wrong":          {hash, "ü " + good + "!", false},
		"case":           {hash, "Ü " + good, false},
		"empty":          {hash, "", false},
		"nobody":         {"", good, false},
		"nobody_empty":   {"", "", false},
		"much_too_long":  {hash, strings.Repeat("x", 1<<20), false},
		"hash_as_secret": {hash, hash, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			right, rehash, err := cheap.Verify(ctx, test.hash, test.password)
			if right != test.right || rehash || err != nil {
				t.Errorf("right %v, rehash %v, error %v", right, rehash, err)
			}
		})
	}
	if again := must(cheap.Hash(ctx, "anna", good))(t); again == must(cheap.Hash(ctx, "anna", good))(t) {
		t.Error("two hashes have one salt")
	}
	if _, err := cheap.Hash(ctx, "anna", "short"); FaultOf(err) != Invalid {
		t.Errorf("a short password: error %v", err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	full := CheapPasswords(t, rand.Reader)
	full.slots = nil
	if _, _, err := full.Verify(ended, hash, good); err == nil {
		t.Error("it did not wait for its turn")
	}
}

// TestPasswordsCost: the real ones cost what RFC 9106 says, and a hash that cost
// less is to be replaced.
func TestPasswordsCost(t *testing.T) {
	ctx := t.Context()
	dear := NewPasswords(rand.Reader, 1)
	hash := must(dear.Hash(ctx, "anna", good))(t)
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=65536,t=3,p=4$") {
		t.Errorf("hash %q", hash)
	}
	if right, rehash, err := dear.Verify(ctx, hash, good); !right || rehash || err != nil {
		t.Errorf("right %v, rehash %v, error %v", right, rehash, err)
	}
	old := must(CheapPasswords(t, rand.Reader).Hash(ctx, "anna", good))(t)
	if right, rehash, err := dear.Verify(ctx, old, good); !right || !rehash || err != nil {
		t.Errorf("a cheap hash: right %v, rehash %v, error %v", right, rehash, err)
	}
	if right, rehash, _ := dear.Verify(ctx, old, good+"!"); right || rehash {
		t.Error("a wrong password is to be hashed anew")
	}
}

// TestParsePHC reads what other programs write, and refuses what is damaged or
// would take the machine.
func TestParsePHC(t *testing.T) {
	const salt, sum = "c29tZXNhbHQ", "RdescudvJCsgt3ub+b/dWRWJTmaaJObG0ZzEQ3BwoUo"
	h, err := parsePHC("$argon2id$v=19$m=64,t=2,p=1$" + salt + "$" + sum)
	if err != nil || string(h.salt) != "somesalt" || len(h.sum) != 32 || h.cost != (cost{64, 2, 1}) {
		t.Fatalf("%+v, error %v", h, err)
	}
	h.sum = argon2.IDKey([]byte("password"), h.salt, 2, 64, 1, 32)
	if right, _, err := CheapPasswords(t, rand.Reader).Verify(t.Context(), h.String(), "password"); !right || err != nil {
		t.Errorf("right %v, error %v", right, err)
	}
	for name, text := range map[string]string{
		"empty":       "",
		"other":       "$argon2i$v=19$m=64,t=2,p=1$" + salt + "$" + sum,
		"version":     "$argon2id$v=16$m=64,t=2,p=1$" + salt + "$" + sum,
		"memory":      "$argon2id$v=19$m=4294967295,t=2,p=1$" + salt + "$" + sum,
		"passes":      "$argon2id$v=19$m=64,t=99999,p=1$" + salt + "$" + sum,
		"no_passes":   "$argon2id$v=19$m=64,t=0,p=1$" + salt + "$" + sum,
		"no_lanes":    "$argon2id$v=19$m=64,t=1,p=0$" + salt + "$" + sum,
		"lanes":       "$argon2id$v=19$m=64,t=1,p=256$" + salt + "$" + sum,
		"little":      "$argon2id$v=19$m=7,t=1,p=1$" + salt + "$" + sum,
		"parameters":  "$argon2id$v=19$m=64,t=2,p=1,x=2$" + salt + "$" + sum,
		"no_salt":     "$argon2id$v=19$m=64,t=2,p=1$$" + sum,
		"short_sum":   "$argon2id$v=19$m=64,t=2,p=1$" + salt + "$YWJj",
		"padded":      "$argon2id$v=19$m=64,t=2,p=1$" + salt + "=$" + sum,
		"more":        "$argon2id$v=19$m=64,t=2,p=1$" + salt + "$" + sum + "$",
		"not_escaped": "$argon2id$v=19$m=64,t=2,p=1$" + salt + "$" + sum[:42] + "*",
	} {
		if _, err := parsePHC(text); err == nil || text != "" && strings.Contains(err.Error(), sum) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// must gives a value that came without an error.
func must[V any](value V, err error) func(testing.TB) V {
	return func(t testing.TB) V {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}
