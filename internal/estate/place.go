package estate

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

func comparePlaces(a, b ledger.LostPlace) int {
	return cmp.Or(compareText(a.File, b.File), cmp.Compare(a.Line, b.Line), compareText(a.Reason, b.Reason))
}

// samePlace are what makes two places one, the surest first: what was lost, wherever in the
// file it stands by now, else where it stood.
var samePlace = [...]func(a, b *ledger.LostPlace) bool{
	func(a, b *ledger.LostPlace) bool { return a.Content != 0 && a.Content == b.Content && a.File == b.File },
	func(a, b *ledger.LostPlace) bool {
		return len(a.IDs) > 0 && slices.Equal(a.IDs, b.IDs) && a.File == b.File
	},
	func(a, b *ledger.LostPlace) bool { return comparePlaces(*a, *b) == 0 },
}

// otherPlaces gives those of places lost before that are none of those lost now. One place
// is one of the others, so that what stands twice in a file is two.
func otherPlaces(now, before []ledger.LostPlace) []ledger.LostPlace {
	met := make([]bool, len(now))
	for _, same := range samePlace {
		var others []ledger.LostPlace
		for i := range before {
			b := &before[i]
			at := 0
			for at < len(now) && (met[at] || !isSameKind(&now[at], b) || !same(&now[at], b)) {
				at++
			}
			if at == len(now) {
				others = append(others, *b)
				continue
			}
			met[at] = true
		}
		before = others
	}
	return before
}

// isSameKind reports whether two places may be one: what is lost of a body is another thing
// than a whole record, and than something else of that body.
func isSameKind(a, b *ledger.LostPlace) bool {
	return a.Key == b.Key && (a.Key == 0 || a.Reason == b.Reason)
}

// contentOf gives the keyed hash of what could not be read: nobody without the key can try
// out what it was. All that a file has is one thing, wherever it ends.
func (i *importing) contentOf(p *inventory.Problem) uint64 {
	what := [9]byte{}
	switch {
	case p.Unread:
		what[8] = 1
	case p.Content == 0:
		return 0
	default:
		binary.LittleEndian.PutUint64(what[:], p.Content)
	}
	mac := hmac.New(sha256.New, i.estate.options.Key)
	mac.Write(what[:])
	return binary.LittleEndian.Uint64(mac.Sum(nil))
}
