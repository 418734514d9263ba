package govern

import (
	"slices"
	"strings"
)

// MayMeanControl reports whether a document may be about a control of a standard that
// is marked manual, STANDARD:CONTROL.
func MayMeanControl(d Version) bool {
	exemption, ok := d.Document.(*Exemption)
	return ok && exemption.IsGeneral() ||
		slices.ContainsFunc(d.Rules(), func(id string) bool { return strings.Contains(id, ":") })
}
