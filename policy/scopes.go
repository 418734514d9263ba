package policy

import "strings"

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
