package server

import (
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// LostPlace is a part of an inventory that could not be read, and was not since.
type LostPlace struct {
	Rejected
	Type   string   `json:"type" doc:"of a resource; * where nobody knows"`
	Scopes []string `json:"scopes" doc:"it may be of any of them"`
}

// mostLost is how many places are told.
const mostLost = 1000

// mayBeOf reports whether what was lost in a scope may be of what is seen of some scopes.
func (v *view) mayBeOf(scope string, scopes []string) bool {
	t := tree(v.x)
	touches := func(top string) bool {
		return strings.HasPrefix(top, "tag:") || t.Covers(top, scope) || t.Covers(scope, top)
	}
	return (v.visible == nil || slices.ContainsFunc(v.visible, touches)) && (len(scopes) == 0 || slices.ContainsFunc(scopes, touches))
}

// lostIn counts what could not be read and may be of what is seen of some scopes, and
// tells of it what is for the eyes of who asks: what nobody knows where it is from, for
// who sees all that it may be from.
func (v *view) lostIn(losses []ledger.Loss, scopes []string) (n int, told []LostPlace) {
	n, all := estate.LostIn(losses, func(scope string) bool { return v.mayBeOf(scope, scopes) })
	t := tree(v.x)
	for _, l := range all[:min(len(all), mostLost)] {
		if !slices.ContainsFunc(l.Scopes, func(scope string) bool {
			if len(l.IDs) == 0 {
				scope = t.RootOf(scope)
			}
			return !v.sees(scope, nil)
		}) {
			told = append(told, LostPlace{Rejected{File: l.File, Line: l.Line, Reason: l.Reason}, l.Type, l.Scopes})
		}
	}
	return n, told
}
