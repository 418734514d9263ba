// Package seal keeps secrets of the server from who reads its database: each is
// sealed by XChaCha20-Poly1305 under a nonce of its own, and can be opened at the
// place alone that it was sealed for. Keys come from outside of the database.
//
// A [Ring] has several keys, so that one can be replaced: the first seals, all
// open.
package seal

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// KeyBytes is how long a key is at least.
const KeyBytes = 32

// The parts of what is sealed: version, id of the key, nonce, text with its tag.
const (
	version   = 1
	idBytes   = 8
	headBytes = 1 + idBytes + chacha20poly1305.NonceSizeX
)

// KeyID tells keys apart and says nothing of them.
type KeyID [idBytes]byte

// String is the id as people see it.
func (id KeyID) String() string { return hex.EncodeToString(id[:]) }

// Ring is some keys. It cannot be printed by accident.
type Ring struct{ keys []key }

type key struct {
	raw  []byte
	id   KeyID
	aead cipher.AEAD
}

// NewRing makes a ring of keys of at least [KeyBytes] bytes; the first seals.
func NewRing(keys ...[]byte) (*Ring, error) {
	r := &Ring{}
	for i, raw := range keys {
		if len(raw) < KeyBytes {
			return nil, fmt.Errorf("sealing key %d: got %d bytes, want at least %d", i+1, len(raw), KeyBytes)
		}
		k, err := newKey(raw)
		if err != nil {
			return nil, fmt.Errorf("sealing key %d: %w", i+1, err)
		}
		for _, other := range r.keys {
			if other.id == k.id {
				return nil, fmt.Errorf("sealing key %d: it is there twice", i+1)
			}
		}
		r.keys = append(r.keys, k)
	}
	if len(r.keys) == 0 {
		return nil, errors.New("sealing key: want at least one")
	}
	return r, nil
}

func newKey(raw []byte) (key, error) {
	k := key{raw: raw}
	id, err := hkdf.Key(sha256.New, raw, nil, "bartizan sealing key: id", idBytes)
	if err != nil {
		return k, err
	}
	k.id = KeyID(id)
	sealing, err := hkdf.Key(sha256.New, raw, nil, "bartizan sealing key: secrets of the server", chacha20poly1305.KeySize)
	if err != nil {
		return k, err
	}
	k.aead, err = chacha20poly1305.NewX(sealing)
	return k, err
}

// ParseRing reads keys in base64, with blanks, commas or line ends between them;
// what stands behind # is a remark. No error shows a key.
func ParseRing(text string) (*Ring, error) {
	var keys [][]byte
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		for word := range strings.FieldsSeq(strings.ReplaceAll(line, ",", " ")) {
			raw, err := base64.StdEncoding.DecodeString(word)
			if err != nil {
				return nil, fmt.Errorf("sealing key %d: want at least %d bytes in base64", len(keys)+1, KeyBytes)
			}
			keys = append(keys, raw)
		}
	}
	return NewRing(keys...)
}

// NewKey draws a key, as [ParseRing] reads it.
func NewKey(random io.Reader) (string, error) {
	raw := make([]byte, KeyBytes)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("draw a sealing key: %w", err)
	}
	return base64.StdEncoding.EncodeToString(raw), nil
}

// IDs are those of the keys; that of the one that seals comes first.
func (r *Ring) IDs() []KeyID {
	ids := make([]KeyID, len(r.keys))
	for i, k := range r.keys {
		ids[i] = k.id
	}
	return ids
}

// Oldest is the last key as it was given. It keys the hashes that stand for
// secrets in bodies, so that those stay as they are while a new key comes first.
func (r *Ring) Oldest() []byte { return r.keys[len(r.keys)-1].raw }

// Seal seals a secret for a place, such as sign-on/entra/client-secret.
func (r *Ring) Seal(random io.Reader, place string, secret []byte) ([]byte, error) {
	k := r.keys[0]
	sealed := append([]byte{version}, k.id[:]...)
	sealed = append(sealed, make([]byte, chacha20poly1305.NonceSizeX)...)
	nonce := sealed[1+idBytes:]
	if _, err := io.ReadFull(random, nonce); err != nil {
		return nil, fmt.Errorf("seal %s: %w", place, err)
	}
	return k.aead.Seal(sealed, nonce, secret, associated(place)), nil
}

// Error is that something cannot be opened.
type Error struct {
	Place string
	Key   KeyID
	// Unknown says that none of the ring's keys sealed it; else it is not what was
	// sealed for the place.
	Unknown bool
}

// Error says what cannot be opened, and what is wanted.
func (e *Error) Error() string {
	if e.Unknown {
		return fmt.Sprintf("%s cannot be opened: it was sealed with key %s; want that among the sealing keys", e.Place, e.Key)
	}
	return fmt.Sprintf("%s cannot be opened: it is damaged, or was sealed for another place", e.Place)
}

// Open opens what was sealed for a place. It fails with an [Error].
func (r *Ring) Open(place string, sealed []byte) ([]byte, error) {
	id, err := keyOf(place, sealed)
	if err != nil {
		return nil, err
	}
	for _, k := range r.keys {
		if k.id != id {
			continue
		}
		secret, err := k.aead.Open(nil, sealed[1+idBytes:headBytes], sealed[headBytes:], associated(place))
		if err != nil {
			return nil, &Error{Place: place, Key: id}
		}
		return secret, nil
	}
	return nil, &Error{Place: place, Key: id, Unknown: true}
}

// Current reports whether the key that seals has sealed something.
func (r *Ring) Current(sealed []byte) bool {
	id, err := keyOf("", sealed)
	return err == nil && id == r.keys[0].id
}

func keyOf(place string, sealed []byte) (KeyID, error) {
	if len(sealed) < headBytes || sealed[0] != version {
		return KeyID{}, &Error{Place: place}
	}
	return KeyID(sealed[1 : 1+idBytes]), nil
}

// associated is what is sealed along, unseen.
func associated(place string) []byte { return []byte("bartizan\x00" + place) }

// Format prints the ids of the keys, whatever the verb.
func (r *Ring) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, "keys ", r.IDs()) }
