// Package yamltext says where a text is no YAML, which the YAML library tells
// inexactly.
package yamltext

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"
)

var (
	yamlError     = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)
	unknownAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)
)

// ofParser are the errors whose line the YAML library counts from 0; those of
// its scanner it counts from 1.
var ofParser = []string{
	"did not find expected <stream-start>", "did not find expected <document start>", "did not find expected node content",
	"did not find expected key", "did not find expected '-' indicator", "did not find expected ',' or ']'", "did not find expected ',' or '}'",
}

// Fault says what is wrong with a text that is no YAML, and in which line:
// of what is not closed, the one where it begins. The library tells no column.
func Fault(err error, data []byte) (line int, text string) {
	found := yamlError.FindStringSubmatch(err.Error())
	if found == nil {
		return 1, err.Error()
	}
	line, _ = strconv.Atoi(found[1]) // digits or nothing
	text = found[2]
	if slices.Contains(ofParser, text) {
		line++
	}
	if line == 0 {
		line = 1
		if at := unplaced(text, data); at >= 0 {
			line += bytes.Count(data[:at], []byte("\n"))
		}
	}
	last := 1 + bytes.Count(bytes.TrimRight(data, "\r\n"), []byte("\n"))
	return min(line, last), "no YAML: " + text
}

// unplaced finds where the fault is that the library tells without a line, -1
// for the first line.
func unplaced(text string, data []byte) int {
	if name := unknownAnchor.FindStringSubmatch(text); name != nil {
		return bytes.Index(data, []byte("*"+name[1]))
	}
	for at := 0; at < len(data); {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 || r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f {
			return at
		}
		at += size
	}
	return -1
}
