package estate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// Unseen is a resource that a read names as not read: it is known to be there, and
// nothing else of it, unless it is kept from another read.
type Unseen struct {
	ID     string
	Key    uint64 // as of a resource
	Type   string // folded, "" if nobody knows
	Place  string // its group or unit, or the scope of the read
	Reason posture.Reason
	Listed bool // an input tells that it is there: a place that could not be read
}

// unseenIn lists what kept reads name as not read, each once, as assess understands
// them; what is kept all the same is among it.
func (s *readSet) unseenIn() (all []Unseen) {
	told, answers := map[uint64]int{}, map[readKey]*answered{}
	for _, row := range s.all() {
		r := &row.Record
		for n := range r.Gaps {
			u, ok := s.unseenOf(r, &r.Gaps[n], answers)
			if !ok {
				continue
			}
			at, met := told[u.Key]
			if !met {
				told[u.Key] = len(all)
				all = append(all, u)
			} else if u.Reason < all[at].Reason {
				all[at] = u
			}
		}
	}
	return all
}

// unseenOf gives what a gap names, if it counts; answers are those that were asked for.
func (s *readSet) unseenOf(r *posture.ReadRecord, g *posture.Gap, answers map[readKey]*answered) (u Unseen, ok bool) {
	own := foldReadType(policy.TypeOfID(g.ID))
	about := cmp.Or(foldReadType(g.Type), foldReadType(r.Type))
	ofBody := g.Path != "" || g.Body || about == "" || own == "" || about == own
	if g.ID == "" || !ofBody || isCollection(g.ID) {
		return u, false
	}
	unit := policy.UnitOf(g.ID)
	u = Unseen{ID: g.ID, Type: cmp.Or(about, own), Place: cmp.Or(policy.GroupOf(g.ID), unit, r.Scope), Reason: g.Reason, Listed: isListed(g)}
	u.Key = ledger.KeyOf(posture.IdentityOf(g.ID, u.Type, cmp.Or(unit, r.Scope), ""))
	of := readKey{cmp.Or(unit, r.Scope), u.Type}
	best, asked := answers[of]
	if !asked {
		best = s.answer(of.scope, of.typeName)
		answers[of] = best
	}
	if unit == "" || !best.complete() {
		return u, true
	}
	distance := slices.Index(s.upFrom(unit), posture.Fold(r.Scope))
	said := answered{read: ledger.Read{Record: *r}, typeName: u.Type, distance: distance, reason: g.Reason}
	return u, distance >= 0 && !best.before(&said)
}

// isCollection reports whether an ARM id ends in a type, not in a name.
func isCollection(id string) bool {
	at := policy.LastProviders(id)
	return at >= 0 && strings.Count(strings.TrimRight(id[at+len("/providers/"):], "/"), "/")%2 == 1
}
