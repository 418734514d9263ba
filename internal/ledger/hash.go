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
	return shortHash([]byte(text))
}

// FormerKey stands in the row of a resource for its key once its identity has
// another number.
func FormerKey(key uint64, number uint32) uint64 {
	return shortHash(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64([]byte("former\x00"), key), number))
}

func shortHash(contents []byte) uint64 {
	sum := sha256.Sum256(contents)
	return binary.BigEndian.Uint64(sum[:8])
}
