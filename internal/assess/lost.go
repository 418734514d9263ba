package assess

import (
	"strings"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// lostRecords are what records of the input may have been that could not be read.
type lostRecords struct {
	any   bool              // of some nobody knows
	files bool              // that could not be opened, or not be read to their end: nobody knows how many
	of    map[unitType]bool // units folded
}

// lose notes what a problem of the input may have cost.
func (k *knowledge) lose(p *inventory.Problem) {
	if p.Kept || p.Listed != "" {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lost.files = k.lost.files || p.Unread || p.Cut
	if p.Named == "" {
		k.lost.any = true
		return
	}
	if k.lost.of == nil {
		k.lost.of = map[unitType]bool{}
	}
	for id := range strings.SplitSeq(p.Named, "\n") {
		k.lost.of[unitType{posture.Fold(siteOf(unitOfID(id), id)), policy.TypeOfID(id)}] = true
	}
	p.Named = ""
}

// doubt takes back what records say was read completely, where a file could not be read
// to its end.
func (k *knowledge) doubt() {
	for i := range k.reads {
		k.reads[i].Complete = k.reads[i].Complete && !k.lost.files
	}
}

// mayBe reports whether one of the lost records may have been of a type, folded, in a
// unit.
func (l *lostRecords) mayBe(unit, folded string) bool {
	return l.any || l.of[unitType{posture.Fold(unit), folded}]
}
