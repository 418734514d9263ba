package outline

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// quoteMap knows where the quotes of a record stand that begin and end texts.
type quoteMap struct {
	words []uint64 // a bit a byte
	met   met
}

// met says what bytes there are: backslashes, control characters, and such as
// are not ASCII.
type met struct{ slash, control, wide bool }

// blockSize is how many bytes are mapped at a time.
const blockSize = 64

// read maps a record. Not ok for one with broken escapes or broken UTF-8.
func (q *quoteMap) read(b []byte) (ok bool) {
	whole := len(b) &^ (blockSize - 1)
	n := whole/blockSize + 1
	if cap(q.words) < n+1 {
		q.words = make([]uint64, n+1, n+n/2+1)
	}
	q.words = q.words[:n+1]
	q.words[n] = 0 // see from
	q.met = met{}
	if whole > 0 {
		q.met = mapBlocks(b[:whole], q.words)
	}
	var last [blockSize]byte
	copy(last[copy(last[:], b[whole:]):], spaces[:])
	tail := mapBlocks(last[:], q.words[n-1:n])
	q.met = met{q.met.slash || tail.slash, q.met.control || tail.control, q.met.wide || tail.wide}
	return (!q.met.slash || q.unescape(b)) && (!q.met.wide || utf8.Valid(b))
}

var spaces = func() (s [blockSize]byte) {
	for i := range s {
		s[i] = ' '
	}
	return s
}()

// unescape takes quotes with a backslash out of the map.
func (q *quoteMap) unescape(b []byte) (ok bool) {
	for i := 0; ; {
		n := bytes.IndexByte(b[i:], '\\')
		if n < 0 {
			return true
		}
		i += n
		if n = escape(b[i:]); n == 0 {
			return false
		}
		if b[i+1] == '"' {
			q.words[(i+1)/blockSize] &^= 1 << ((i + 1) % blockSize)
		}
		i += n
	}
}

// escape gives the length of the escape that b begins with, 0 if it is none.
func escape(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(b) < 6 {
			return 0
		}
		for _, c := range b[2:6] {
			if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
				return 0
			}
		}
		return 6
	}
	return 0
}

// next gives the place of the first quote from i on, which is beyond the
// record if there is none.
func (q *quoteMap) next(i int) int {
	if at := uint(i) / blockSize; at < uint(len(q.words)) {
		if w := q.words[at] >> (uint(i) % blockSize); w != 0 {
			return i + bits.TrailingZeros64(w)
		}
	}
	return q.farther(i)
}

// near gives the place behind the string at i if it is one of less than a
// block's length, 0 otherwise.
func (q *quoteMap) near(b []byte, i int) int {
	if b[i] != '"' || q.met.control {
		return 0
	}
	i++
	if w := from(q.words, i); w != 0 {
		return i + bits.TrailingZeros64(w) + 1
	}
	return 0
}

// from has the quotes of a block's length from i on. It looks into two words
// whatever i is: the processor could not foresee when that is needed.
func from(words []uint64, i int) uint64 {
	at, shift := uint(i)/blockSize, uint(i)%blockSize
	two := words[at : at+2 : at+2]
	return two[0]>>shift | two[1]<<1<<(blockSize-1-shift)
}

// farther is next where the block of i has no quote.
func (q *quoteMap) farther(i int) int {
	for at := i/blockSize + 1; at < len(q.words); at++ {
		if w := q.words[at]; w != 0 {
			return at*blockSize + bits.TrailingZeros64(w)
		}
	}
	return 1 << 62
}

const (
	ones   = 0x0101010101010101
	highs  = 0x8080808080808080
	quotes = '"' * ones
	slants = '\\' * ones
	blanks = ' ' * ones
	gather = 0x0102040810204080 // brings the lowest bits of a word's bytes into its highest byte
)

// mapBlocksPlain marks the quotes of whole blocks and says what it met.
func mapBlocksPlain(b []byte, words []uint64) met {
	var slash, control, wide uint64
	for at := range len(b) / blockSize {
		block := b[at*blockSize:][:blockSize]
		marks := uint64(0)
		for k := 0; k < blockSize; k += 8 {
			w := binary.LittleEndian.Uint64(block[k:])
			x, s := w^quotes, w^slants
			// Exact for every byte, not only for the lowest: no borrow passes on.
			hit := ^((x&^highs + ^uint64(highs)) | x) & highs
			marks |= hit >> 7 * gather >> 56 << k
			slash |= (s - ones) &^ s
			control |= (w - blanks) &^ w
			wide |= w
		}
		words[at] = marks
	}
	return met{slash&highs != 0, control&highs != 0, wide&highs != 0}
}
