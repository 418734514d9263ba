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
