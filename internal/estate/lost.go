package estate

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// lostRecords are what records of the inputs may have been that could not be read.
type lostRecords struct {
	any   bool             // of some nobody knows
	files bool             // some are all that a file has, or the rest of it
	of    map[readKey]bool // units and types
}

// lostIn finds what problems of the inputs may have cost.
func lostIn(problems []inventory.Problem) *lostRecords {
	l := &lostRecords{of: map[readKey]bool{}}
	for i := range problems {
		p := &problems[i]
		if p.Notice || p.Kept || p.Listed != "" { // what is listed is kept as that
			continue
		}
		named := p.Named
		if named == "" {
			l.any, l.files = true, l.files || p.Unread || p.Cut
			continue
		}
		for id := range strings.SplitSeq(named, "\n") {
			l.of[readKey{posture.Fold(policy.UnitOf(id)), foldReadType(policy.TypeOfID(id))}] = true
		}
	}
	return l
}

// mayBe reports whether one of them may have been of a type in a unit.
func (l *lostRecords) mayBe(unit, typeName string) bool {
	return l.any || l.of[readKey{posture.Fold(unit), foldReadType(typeName)}]
}

// loseTypes keeps what is known of the types of which a complete read may lack
// something, as stale.
func (s *settling) loseTypes(r *posture.ReadRecord) {
	lost := false
	for _, of := range slices.SortedFunc(maps.Keys(s.lost.of), func(a, b readKey) int {
		return cmp.Or(compareText(a.scope, b.scope), compareText(a.typeName, b.typeName))
	}) {
		if typeName := foldReadType(r.Type); typeName != "" && typeName != of.typeName {
			continue
		}
		if scope := posture.Fold(r.Scope); slices.Contains(s.after.upFrom(of.scope), scope) {
			s.failedType(of.scope, saying{of.typeName, posture.Failed}, r.StartedAt)
			lost = true
		}
	}
	if lost {
		s.broken = append(s.broken, *r)
	}
}
