package access

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math/big"
	"strings"
)

// SecretKind says what a secret proves. It is the beginning of its text, so that
// scanners find secrets that were published.
type SecretKind string

// The kinds of secrets.
const (
	PersonalToken SecretKind = "bzt"
	ClientSecret  SecretKind = "bzs" // of a service principal, for the token endpoint
	SessionSecret SecretKind = "bzx" // of a session in a browser
	BearerSecret  SecretKind = "bza" // of a session that the token endpoint gave
	LinkSecret    SecretKind = "bzl" // in a link that is good once
)

// The parts of a secret: kind_id_secretcheck.
const (
	idBytes     = 8
	idDigits    = 11 // of 64 bits in base 62
	drawnBytes  = 32
	drawnDigits = 43 // of 256 bits
	checkDigits = 6  // of 32 bits
)

// Hash is what is kept of a secret: the SHA-256 of its text. The secret has 256
// random bits, so a slow hash would add nothing.
type Hash [sha256.Size]byte

// Secret is a random text that proves who somebody is to who has its [Hash]. It
// cannot be printed by accident; see [Secret.Reveal].
type Secret struct {
	kind SecretKind
	id   string
	text string
}

// NewSecret draws a secret.
func NewSecret(kind SecretKind, random io.Reader) (Secret, error) {
	var drawn [idBytes + drawnBytes]byte
	if _, err := io.ReadFull(random, drawn[:]); err != nil {
		return Secret{}, fmt.Errorf("draw a secret: %w", err)
	}
	id := base62(drawn[:idBytes], idDigits)
	text := string(kind) + "_" + id + "_" + base62(drawn[idBytes:], drawnDigits)
	return Secret{kind, id, text + checkOf(text)}, nil
}

// KindOf gives the kind that a text claims, "" for what is no secret of ours.
func KindOf(text string) SecretKind {
	begin, _, _ := strings.Cut(text, "_")
	switch kind := SecretKind(begin); kind {
	case PersonalToken, ClientSecret, SessionSecret, BearerSecret, LinkSecret:
		return kind
	}
	return ""
}

// ParseSecret reads a secret of a kind. What was cut or mistyped is refused
// without a look at what is kept. The error does not show the text.
func ParseSecret(kind SecretKind, text string) (Secret, error) {
	wrong := Errorf(Refused, "secret: want %s_… as it was given, %d characters", kind, len(kind)+2+idDigits+drawnDigits+checkDigits)
	rest, ok := strings.CutPrefix(text, string(kind)+"_")
	id, end, cut := strings.Cut(rest, "_")
	if !ok || !cut || len(id) != idDigits || len(end) != drawnDigits+checkDigits || strings.Trim(id+end, digits) != "" {
		return Secret{}, wrong
	}
	body := text[:len(text)-checkDigits]
	if checkOf(body) != text[len(body):] {
		return Secret{}, wrong
	}
	return Secret{kind, id, text}, nil
}

// Kind gives what the secret proves.
func (s Secret) Kind() SecretKind { return s.kind }

// ID is the part by which the secret is looked up and told from others; it
// proves nothing.
func (s Secret) ID() string { return s.id }

// Hash gives what is kept.
func (s Secret) Hash() Hash { return sha256.Sum256([]byte(s.text)) }

// Is reports whether a hash is that of the secret, in the same time whatever it
// is.
func (s Secret) Is(hash []byte) bool {
	own := s.Hash()
	return s.text != "" && subtle.ConstantTimeCompare(own[:], hash) == 1
}

// Reveal gives the text, to be shown to its owner once.
func (s Secret) Reveal() string { return s.text }

// Format prints the kind and id, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.shown()) }

// MarshalText gives the kind and id.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.shown()), nil }

func (s Secret) shown() string { return string(s.kind) + "_" + s.id + "_…" }

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// base62 writes bytes as one number of n digits.
func base62(b []byte, n int) string {
	text := make([]byte, n)
	rest, base, digit := new(big.Int).SetBytes(b), big.NewInt(int64(len(digits))), new(big.Int)
	for i := n - 1; i >= 0; i-- {
		rest.DivMod(rest, base, digit)
		text[i] = digits[digit.Int64()]
	}
	return string(text)
}

func checkOf(text string) string {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], crc32.ChecksumIEEE([]byte(text)))
	return base62(b[:], checkDigits)
}
