package access

import (
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// PrincipalKind says what a principal is.
type PrincipalKind string

// The kinds of principals.
const (
	User             PrincipalKind = "user"
	ServicePrincipal PrincipalKind = "service-principal"
	Group            PrincipalKind = "group" // of a sign-in elsewhere; its name is the value of the claim
)

// System is the actor of what the server, or its command line, does by itself.
const System = "system"

// Principal is somebody who may be given roles.
type Principal struct {
	ID   string // see NewID
	Kind PrincipalKind
	Name string // unique in its kind, as Fold compares
	// Subject is who a user is to the sign-in elsewhere that made it: issuer and
	// subject, unique. A user of our own, with a password, has none.
	Subject  string
	Disabled bool // may do nothing, and signs in no longer
	Created  time.Time
}

// NewID gives an id that nobody has: a random UUID.
func NewID(random io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("draw a random id: %w", err)
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-"), nil
}

// Fold gives the form in which two names are equal if they are the same to
// people: without case, and however the characters are composed.
func Fold(name string) string {
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(name)))
}

// longestName is how long a name may be, in characters.
const longestName = 200

// CheckName refuses names that people cannot tell apart or read.
func CheckName(kind PrincipalKind, name string) error {
	wrong := func(want string) error { return Errorf(Invalid, "name of a %s %.60q: want %s", kind, name, want) }
	switch n := utf8.RuneCountInString(name); {
	case !slices.Contains([]PrincipalKind{User, ServicePrincipal, Group}, kind):
		return Errorf(Invalid, "kind of a principal %q: want user, service-principal or group", kind)
	case !utf8.ValidString(name):
		return wrong("UTF-8")
	case strings.TrimSpace(name) == "" || n > longestName:
		return wrong(fmt.Sprintf("1 to %d characters", longestName))
	case strings.TrimSpace(name) != name:
		return wrong("no blanks around it")
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) }):
		return wrong("characters that can be seen")
	case kind != Group && Fold(name) == System:
		return wrong("another: the server itself has this one in the audit log")
	}
	return nil
}

// FindPrincipal finds the one that text names, by its id or by its name. Of
// several, all are named by the error.
func FindPrincipal(all []Principal, text string, kinds ...PrincipalKind) (Principal, error) {
	what := "principal"
	if len(kinds) == 1 {
		what = string(kinds[0])
	}
	var found []Principal
	folded := Fold(text)
	for _, p := range all {
		if (len(kinds) == 0 || slices.Contains(kinds, p.Kind)) && (p.ID == strings.ToLower(text) || Fold(p.Name) == folded) {
			found = append(found, p)
		}
	}
	switch len(found) {
	case 0:
		return Principal{}, Errorf(Missing, "%s %q: there is none of this name or id", what, text)
	case 1:
		return found[0], nil
	}
	var ids []string
	for _, p := range found {
		ids = append(ids, fmt.Sprintf("%s (%s)", p.ID, p.Kind))
	}
	slices.Sort(ids)
	return Principal{}, Errorf(Ambiguous, "%s %q is ambiguous: want one of the ids %s", what, text, strings.Join(ids, ", "))
}
