package inventory

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/valyala/fastjson"
)

const (
	highBits = 0x8080808080808080
	spaces   = 0x2020202020202020
)

// strict reports why record is not JSON where fastjson would not notice. Its
// parser takes control characters, broken escapes and broken UTF-8 in strings
// as they come; a rule could then compare with text that no cloud ever wrote.
// A record of plain ASCII costs one pass over its bytes. Malformed numbers
// such as 01 are let through: they compare as numbers all the same.
func strict(record []byte) string {
	control, wide := suspects(record)
	if wide && !utf8.Valid(record) {
		return "not UTF-8"
	}
	if control && controlInString(record) || !escapesHold(record) {
		return syntax(record)
	}
	return ""
}

// controlInString reports whether a string in b has a byte below 0x20, which
// may stand between values only as white space.
func controlInString(b []byte) bool {
	for {
		open := bytes.IndexByte(b, '"')
		if open < 0 {
			return false
		}
		n, closed := skipEscapes(b[open+1:])
		if !closed {
			return false // no JSON at all: the parser says so
		}
		for _, c := range b[open+1 : open+1+n] {
			if c < 0x20 {
				return true
			}
		}
		b = b[open+1+n:]
	}
}

// suspects reports whether b has bytes below 0x20, and above 0x7F.
func suspects(b []byte) (control, wide bool) {
	var or, and uint64 = 0, highBits
	for len(b) >= 32 {
		w0, w1 := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
		w2, w3 := binary.LittleEndian.Uint64(b[16:]), binary.LittleEndian.Uint64(b[24:])
		or |= w0 | w1 | w2 | w3
		// With its high bit set, a byte loses it by the subtraction if it was below 0x20.
		and &= ((w0 | highBits) - spaces) & ((w1 | highBits) - spaces) & ((w2 | highBits) - spaces) & ((w3 | highBits) - spaces)
		b = b[32:]
	}
	for _, c := range b {
		control = control || c < 0x20
		or |= uint64(c)
	}
	return control || and&highBits != highBits, or&highBits != 0
}

// escapesHold reports whether every backslash begins one of JSON's escapes.
// Outside strings a backslash does not parse, so context does not matter.
func escapesHold(b []byte) bool {
	for {
		i := bytes.IndexByte(b, '\\')
		if i < 0 {
			return true
		}
		if i+1 == len(b) {
			return false
		}
		switch b[i+1] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			b = b[i+2:]
		case 'u':
			if len(b) < i+6 || !isHex(b[i+2:i+6]) {
				return false
			}
			b = b[i+6:]
		default:
			return false
		}
	}
}

func isHex(b []byte) bool {
	for _, c := range b {
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return true
}

// syntax says what is wrong with a record that does not parse.
func syntax(record []byte) string {
	var syntaxError *json.SyntaxError
	var any json.RawMessage
	err := json.Unmarshal(record, &any)
	switch {
	case errors.As(err, &syntaxError):
		return fmt.Sprintf("not JSON: %s at byte %d", syntaxError, syntaxError.Offset)
	case err != nil:
		return fmt.Sprintf("not JSON: %s", err)
	}
	return fmt.Sprintf("nested deeper than %d levels", fastjson.MaxDepth)
}
