package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// UnitOf gives the subscription of an ARM id, "" for none.
func UnitOf(id string) string {
	const word = "/subscriptions/"
	if len(id) <= len(word) || !strings.EqualFold(id[:len(word)], word) {
		return ""
	}
	if end := strings.IndexByte(id[len(word):], '/'); end >= 0 {
		return id[:len(word)+end]
	}
	return id
}

// GroupOf gives the resource group of an ARM id, "" for none.
func GroupOf(id string) string {
	unit := UnitOf(id)
	const word = "/resourcegroups/"
	rest := id[len(unit):]
	if unit == "" || len(rest) <= len(word) || !strings.EqualFold(rest[:len(word)], word) {
		return ""
	}
	if end := strings.IndexByte(rest[len(word):], '/'); end >= 0 {
		return id[:len(unit)+len(word)+end]
	}
	return id
}

// wantedScope is what is told where there is no scope.
const wantedScope = "want the id of what it is for, such as /subscriptions/GUID, or / for everything"

// CheckScope says why a text cannot be what an assignment, an exemption or an
// attestation is for: the id of a scope or a resource of any cloud, the name of a
// node of the tree, or "/" for everything. Half an id would hold for all that begins
// like it. The error is to stand behind the text; nil for none.
func CheckScope(id string) error {
	first, rest, _ := strings.Cut(strings.Trim(id, "/"), "/")
	switch {
	case strings.TrimSpace(id) == "":
		return errors.New("is blank; " + wantedScope)
	case id == "/":
		return nil
	case strings.TrimSpace(id) != id:
		return errors.New("has blanks around it; want the id alone")
	case strings.HasSuffix(id, "/"):
		return errors.New("ends in a slash; want the id without it")
	case strings.HasPrefix(id, "//") && rest == "", rest == "" && slices.Contains(namedScopes, id):
		return notWhole(first)
	case isRootOfARM(first) && id[0] != '/':
		return fmt.Errorf("is no id; did you mean %q?", "/"+id)
	case strings.EqualFold(first, "resourceGroups") && id[0] != '/':
		return errors.New("is no id; want /subscriptions/GUID/resourceGroups/NAME")
	case isRootOfARM(first) && !strings.HasPrefix(id, "//"):
		return wholeARM(strings.Split(id[1:], "/"))
	}
	return nil
}

// namedScopes are what scopes of other clouds are called, before their names.
var namedScopes = []string{"organizations", "folders", "projects", "machines"}

// isRootOfARM reports whether ARM ids begin with a segment.
func isRootOfARM(segment string) bool {
	return strings.EqualFold(segment, "subscriptions") || strings.EqualFold(segment, "providers")
}

// wholeARM looks for the first segment of an ARM id that is missing: a name stands
// behind each word, and behind providers a namespace, a type and a name.
func wholeARM(segments []string) error {
	for at := 0; at < len(segments); {
		end := at + 2
		if strings.EqualFold(segments[at], "providers") {
			end = at + 4
		}
		for ; at < end; at++ {
			if at == len(segments) || segments[at] == "" {
				return notWhole(segments[at-1])
			}
		}
	}
	return nil
}

func notWhole(last string) error {
	return fmt.Errorf("is no whole id; want a name behind %q", last)
}

// scope checks what a document is for, or leaves out; see [CheckScope].
func (r *docReader) scope(at Position, what, id string) {
	err := CheckScope(id)
	switch {
	case err == nil:
	case strings.TrimSpace(id) == "":
		r.refuse(at, "%s %s", what, err)
	default:
		r.refuse(at, "%s %q %s", what, id, err)
	}
}

// TypeOfID gives the type that an ARM id names, folded, also that of a whole
// collection below a resource; "" for other ids.
func TypeOfID(id string) string {
	id = strings.TrimRight(id, "/")
	at := LastProviders(id)
	if at < 0 {
		return ""
	}
	segments := strings.Split(id[at+len("/providers/"):], "/")
	kind := segments[0]
	for i := 1; i < len(segments); i += 2 {
		kind += "/" + segments[i]
	}
	return FoldType(kind)
}
