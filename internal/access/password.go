package access

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// How long a password is, in characters as people count them (normalised). The
// upper bound keeps a sign-in from being work for its own sake.
const (
	shortestPassword = 12
	longestPassword  = 256
)

// cost is what a guess costs whoever makes one.
type cost struct {
	memory uint32 // KiB
	passes uint32
	lanes  uint8
}

// paid is the second recommended option of RFC 9106: 64 MiB, three passes, four
// lanes. It takes about a tenth of a second of four cores, and 64 MiB for as
// long; [NewPasswords] bounds how many are worked out at once. Whoever raises it
// has every password hashed anew at its next use.
var paid = cost{64 << 10, 3, 4}

// Bounds of what is read from a hash, so that one that somebody wrote into the
// database takes no more than 1 GiB.
const (
	mostMemory = 1 << 20 // KiB
	mostPasses = 16
)

const (
	saltBytes = 16
	hashBytes = 32
)

// Passwords hashes and verifies passwords, with argon2id.
type Passwords struct {
	cost   cost
	random io.Reader
	slots  chan struct{}
}

// NewPasswords gives what works out at most atOnce hashes at a time.
func NewPasswords(random io.Reader, atOnce int) *Passwords {
	return &Passwords{paid, random, make(chan struct{}, atOnce)}
}

// T is a *testing.T. Programs have none.
type T interface {
	Helper()
	TempDir() string
	FailNow()
}

// CheapPasswords is for tests of what stands around passwords: its hashes are
// worth nothing.
func CheapPasswords(t T, random io.Reader) *Passwords {
	t.Helper()
	return &Passwords{cost{8, 1, 1}, random, make(chan struct{}, 4)}
}

// CheckPassword refuses a password that is easily guessed for somebody of a
// name. The error does not show it.
func CheckPassword(name, password string) error {
	if !utf8.ValidString(password) || strings.ContainsRune(password, 0) {
		return Errorf(Invalid, "password of %q: want UTF-8 without NUL", name)
	}
	if n := utf8.RuneCountInString(norm.NFC.String(password)); n < shortestPassword || n > longestPassword {
		return Errorf(Invalid, "password of %q has %d characters: want %d to %d", name, n, shortestPassword, longestPassword)
	}
	local, _, _ := strings.Cut(name, "@")
	for _, part := range []string{name, local} {
		// A name of a letter or two is in every other password.
		if utf8.RuneCountInString(part) > 2 && strings.Contains(Fold(password), Fold(part)) {
			return Errorf(Invalid, "password of %q holds the name: want one without it", name)
		}
	}
	return nil
}

// Hash gives what is kept of a password, as a PHC string. It refuses what
// [CheckPassword] refuses.
func (p *Passwords) Hash(ctx context.Context, name, password string) (string, error) {
	if err := CheckPassword(name, password); err != nil {
		return "", err
	}
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(p.random, salt); err != nil {
		return "", fmt.Errorf("hash the password of %q: draw a salt: %w", name, err)
	}
	sum, err := p.work(ctx, p.cost, password, salt, hashBytes)
	if err != nil {
		return "", fmt.Errorf("hash the password of %q: %w", name, err)
	}
	return phc{p.cost, salt, sum}.String(), nil
}

// Verify reports whether a password is the one that was hashed, and whether what
// is kept should be replaced by a new hash because it costs a guess less than
// today's. Without a hash, of somebody who is not there or has no password, it
// takes as long and says no.
func (p *Passwords) Verify(ctx context.Context, hash, password string) (right, rehash bool, err error) {
	kept := phc{p.cost, make([]byte, saltBytes), make([]byte, hashBytes)}
	if hash != "" {
		if kept, err = parsePHC(hash); err != nil {
			return false, false, err
		}
	}
	if len(password) > 4*longestPassword {
		password = "" // nobody has it
	}
	sum, err := p.work(ctx, kept.cost, password, kept.salt, uint32(len(kept.sum)))
	if err != nil {
		return false, false, fmt.Errorf("verify a password: %w", err)
	}
	right = subtle.ConstantTimeCompare(sum, kept.sum) == 1 && hash != "" && password != ""
	return right, right && (kept.cost != p.cost || len(kept.sum) != hashBytes), nil
}

// work hashes once there is a free slot.
func (p *Passwords) work(ctx context.Context, c cost, password string, salt []byte, size uint32) ([]byte, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-p.slots }()
	return argon2.IDKey([]byte(norm.NFC.String(password)), salt, c.passes, c.memory, c.lanes, size), nil
}

// phc is a hash with all that it was made with.
type phc struct {
	cost
	salt, sum []byte
}

var unpadded = base64.RawStdEncoding.Strict()

// String writes the PHC string format.
func (h phc) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.passes, h.lanes, unpadded.EncodeToString(h.salt), unpadded.EncodeToString(h.sum))
}

// parsePHC reads what String writes. No error of it shows the hash.
func parsePHC(text string) (h phc, err error) {
	wrong := func(want string) (phc, error) {
		return phc{}, fmt.Errorf("read the hash of a password: want %s", want)
	}
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return wrong(fmt.Sprintf("$argon2id$v=%d$parameters$salt$hash", argon2.Version))
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.passes, &h.lanes); err != nil || parts[3] != fmt.Sprintf("m=%d,t=%d,p=%d", h.memory, h.passes, h.lanes) {
		return wrong("parameters like m=65536,t=3,p=4")
	}
	if h.lanes < 1 || h.passes < 1 || h.passes > mostPasses || h.memory < 8*uint32(h.lanes) || h.memory > mostMemory {
		return wrong(fmt.Sprintf("at most %d KiB and %d passes, and 8 KiB a lane", mostMemory, mostPasses))
	}
	if h.salt, err = unpadded.DecodeString(parts[4]); err != nil || len(h.salt) < 8 || len(h.salt) > 64 {
		return wrong("8 to 64 bytes of salt")
	}
	if h.sum, err = unpadded.DecodeString(parts[5]); err != nil || len(h.sum) < 16 || len(h.sum) > 64 {
		return wrong("16 to 64 bytes of hash")
	}
	return h, nil
}
