package ledger

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// HashOf is the hash of contents: the first half of their SHA-256.
func HashOf(contents []byte) Hash {
	sum := sha256.Sum256(contents)
	return Hash(sum[:16])
}

// KeyOf is the key of a resource's id: the same in every process and on every
// machine, equal for ids that name the same thing, and not to be met on purpose.
func KeyOf(id string) uint64 {
	sum := sha256.Sum256([]byte(posture.Fold(id)))
	return binary.BigEndian.Uint64(sum[:8])
}
