package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// HashOf is the hash of contents: the first half of their SHA-256.
func HashOf(contents []byte) Hash {
	sum := sha256.Sum256(contents)
	return Hash(sum[:16])
}

// Mark tells a commit from every other one, also of other databases and of a past
// that was restored and went on differently.
func (c *Commit) Mark() Hash {
	return HashOf(fmt.Appendf(nil, "%d %d %q %v %q %q", c.Number, c.At.UnixMilli(), c.Actor, c.Kind, c.Object, c.Words))
}

// KeyOf is the key of a resource: the same in every process and on every
// machine, equal for identities that are equal, and not to be met on purpose.
func KeyOf(i posture.Identity) uint64 {
	text := i.ID
	if i.Type != "" {
		text = strings.Join([]string{i.Unit, i.Region, i.Type, i.ID}, "\x00")
	}
	sum := sha256.Sum256([]byte(text))
	return binary.BigEndian.Uint64(sum[:8])
}

// FormerKey stands in the row of a resource for its key once its identity has
// another number: half of the key, and the own number, so that a row that may have one
// is known at sight, without hashing anything. One in four thousand million keys is its
// own former key.
func FormerKey(key uint64, number uint32) uint64 { return key>>32<<32 | uint64(number) }
