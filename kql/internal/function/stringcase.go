package function

import (
	"encoding/binary"
	"unicode/utf8"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// caseKernelOf is tolower or toupper of a column: first is the first of the
// ASCII letters that change. Texts that stay are shared, those of ASCII that
// change are written into one buffer.
func caseKernelOf(convert func(string) string, first byte) func([]Arg) Kernel {
	return func([]Arg) Kernel {
		return func(_ *Context, n int, in []*data.Vector) *data.Vector {
			column := textsOf(in[0])
			if column.step == 0 {
				return data.Constant(data.OfString(convert(column.at(0))), n)
			}
			return textVector(changeCase(column.all[:n], convert, first))
		}
	}
}

func changeCase(in []string, convert func(string) string, first byte) []string {
	out, changed, size := make([]string, len(in)), make([]int32, 0, len(in)), 0
	for i, s := range in {
		switch changes, ascii := changesCase(s, first); {
		case !ascii:
			out[i] = convert(s)
		case !changes:
			out[i] = s
		default:
			changed = append(changed, int32(i))
			size += len(s)
		}
	}
	buf := make([]byte, 0, size)
	for _, i := range changed {
		buf = appendCase(buf, in[i], first)
	}
	text := string(buf)
	for _, i := range changed {
		out[i], text = text[:len(in[i])], text[len(in[i]):]
	}
	return out
}

// Eight bytes are looked at together: each byte's high bit tells.
const (
	eachByte  = 0x0101010101010101
	highBits  = 0x80 * eachByte
	lettersAZ = 26
)

func load8(s string, i int) uint64 {
	b := s[i : i+8]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// lettersIn has the high bits of the bytes that are among the 26 from first
// on; w must be ASCII.
func lettersIn(w uint64, first byte) uint64 {
	fromFirst := w + eachByte*uint64(0x80-first)
	pastLast := w + eachByte*uint64(0x80-first-lettersAZ)
	return fromFirst &^ pastLast & highBits
}

func changesCase(s string, first byte) (changes, ascii bool) {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		w := load8(s, i)
		if w&highBits != 0 {
			return false, false
		}
		changes = changes || lettersIn(w, first) != 0
	}
	for ; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false, false
		}
		changes = changes || s[i]-first < lettersAZ
	}
	return changes, true
}

func appendCase(buf []byte, s string, first byte) []byte {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		w := load8(s, i)
		buf = binary.LittleEndian.AppendUint64(buf, w^lettersIn(w, first)>>2)
	}
	for ; i < len(s); i++ {
		c := s[i]
		if c-first < lettersAZ {
			c ^= 0x20
		}
		buf = append(buf, c)
	}
	return buf
}

// characters counts a text's characters.
func characters(s string) int {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		if load8(s, i)&highBits != 0 {
			break
		}
	}
	return i + utf8.RuneCountInString(s[i:])
}
