package inventory

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// mostNamed bounds what is kept of the ids in one broken record.
const mostNamed = 1000

// namedIn gives the ARM ids in a record that is no JSON, if its own comes before what
// is wrong with it. Others may be of records that stand on the same line for want of
// its end; which are, and which are mere references, the text does not tell.
func namedIn(record []byte) string {
	if !beginsWithID(record) {
		return ""
	}
	var named []string
	seen := map[string]bool{}
	for _, found := range quotedPath.FindAll(record, -1) {
		id := string(found[1 : len(found)-1])
		if !posture.IsARM(id) || seen[id] {
			continue
		}
		if len(named) == mostNamed {
			return ""
		}
		seen[id] = true
		named = append(named, id)
	}
	return strings.Join(named, "\n")
}

// isCut reports whether a text would be JSON if only it went on.
func isCut(record []byte) bool {
	var value json.RawMessage
	return errors.Is(json.NewDecoder(bytes.NewReader(record)).Decode(&value), io.ErrUnexpectedEOF)
}

var quotedPath = regexp.MustCompile(`"/[^"\\\x00-\x1f]+"`)

// beginsWithID reports whether the object at the start of a text has an ARM id among
// the members before its first fault.
func beginsWithID(text []byte) bool {
	in := json.NewDecoder(bytes.NewReader(text))
	if open, err := in.Token(); err != nil || open != json.Delim('{') {
		return false
	}
	for in.More() {
		key, err := in.Token()
		if err != nil {
			return false
		}
		if key != "id" {
			var skipped json.RawMessage
			if in.Decode(&skipped) != nil {
				return false
			}
			continue
		}
		id, err := in.Token()
		name, isText := id.(string)
		return err == nil && isText && posture.IsARM(name) && strings.Contains(strings.ToLower(name), "/providers/")
	}
	return false
}
