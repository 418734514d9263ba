package function

import (
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
			out, ends := make([]string, n), make([]int, n)
			var buf []byte
			for i, s := range column.all[:n] {
				switch changes, ascii := changesCase(s, first); {
				case !ascii:
					out[i] = convert(s)
				case !changes:
					out[i] = s
				default:
					buf = appendCase(buf, s, first)
				}
				ends[i] = len(buf)
			}
			cutTexts(out, string(buf), ends)
			return textVector(out)
		}
	}
}

func changesCase(s string, first byte) (changes, ascii bool) {
	ascii = true
	for i := range len(s) {
		changes = changes || s[i]-first < 26
		ascii = ascii && s[i] < utf8.RuneSelf
	}
	return changes, ascii
}

func appendCase(buf []byte, s string, first byte) []byte {
	start := len(buf)
	buf = append(buf, s...)
	for i, c := range buf[start:] {
		if c-first < 26 {
			buf[start+i] = c ^ 0x20
		}
	}
	return buf
}

// characters counts a text's characters.
func characters(s string) int {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return i + utf8.RuneCountInString(s[i:])
		}
	}
	return len(s)
}
