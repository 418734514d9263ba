package estate

import (
	"slices"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// Lost is a part of an inventory that could not be read.
type Lost struct {
	ledger.LostPlace
	Type   string   // "*" where nobody knows
	Scopes []string // it may be of any of them
}

// LostIn gives what of inventories could not be read that may be of some scopes: how many
// places, each once however many scopes it may be of, and as far as they are told which,
// by file and line.
func LostIn(losses []ledger.Loss, in func(scope string) bool) (n int, told []Lost) {
	type placeKey struct {
		file    string
		line    int
		reason  string
		content uint64
		times   int // it was met before in the same scope
	}
	places, more := map[placeKey]int{}, 0
	for i := range losses {
		l := &losses[i]
		if !in(l.Scope) {
			continue
		}
		times := map[placeKey]int{}
		for _, p := range l.Places {
			key := placeKey{file: p.File, reason: p.Reason, content: p.Content}
			if p.Content == 0 {
				key.line = p.Line
			}
			times[key]++
			key.times = times[key]
			at, met := places[key]
			if !met {
				at = len(told)
				places[key], told = at, append(told, Lost{p, l.Type, nil})
			}
			told[at].Scopes = append(told[at].Scopes, l.Scope)
		}
		if rest := l.Total - len(l.Places); l.Type == everyType {
			more = max(more, rest) // the same in all scopes of an import
		} else {
			n += rest
		}
	}
	slices.SortFunc(told, func(a, b Lost) int { return comparePlaces(a.LostPlace, b.LostPlace) })
	return n + more + len(told), told
}
