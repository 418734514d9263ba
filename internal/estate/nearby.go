package estate

import (
	"slices"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// reach is how far from what changed something is read or judged.
type reach uint8

const (
	nowhere reach = iota
	inGroup       // in the resource groups of what changed
	inUnit
)

// nearby is the part of a unit that a change touches: what is judged again, and
// what has to be read to judge that. A resource is judged by its own body, by its
// group and unit, and by the related resources that existence checks of its type
// look for; so it is judged again if it changed itself, or something that its type
// looks for did.
type nearby struct {
	judged, read map[string]reach // by type in lower case
	groups       []string         // of what changed, in lower case
}

// looking is an existence check: of what types, and what it looks for.
type looking struct {
	types  []string // in lower case; nil for any
	target string   // in lower case
	reach  reach
}

// looks lists the existence checks of all that judges.
func (j *judging) looks() []looking {
	return slices.Concat(j.judges.looks(), j.looksOfPolicies())
}

// looksOfPolicies lists those of what is assigned.
func (j *judging) looksOfPolicies() (all []looking) {
	for i := range j.assigned.Rules {
		if r := &j.assigned.Rules[i]; !r.Recommendation && r.Target != "" {
			all = append(all, lookingFor(r.Types, r.AllTypes, r.Target, r.Beyond))
		}
	}
	return all
}

// looks lists those of the catalogue.
func (j *Judges) looks() (all []looking) {
	recommendations, err := j.catalog.Recommendations()
	if err != nil {
		return nil // NewJudges has read them
	}
	for _, r := range recommendations {
		if b := &r.Brief; b.Target != "" {
			all = append(all, lookingFor(b.Types, len(b.Types) == 0, b.Target, b.Beyond))
		}
	}
	return all
}

func lookingFor(types []string, any bool, target string, beyond bool) looking {
	l := looking{target: foldType(target), reach: inGroup}
	if !any {
		l.types = types
	}
	if beyond {
		l.reach = inUnit
	}
	return l
}

// nearbyOf works out what a change of a unit touches; nil for all of it.
func (e *Estate) nearbyOf(u *unitChange, by *judging) *nearby {
	if u.whole || u.number < 0 || u.unit == "" || readsMany(u) || (len(u.found)+len(u.gone))*4 > len(e.known.members[u.number]) {
		return nil
	}
	near := &nearby{judged: map[string]reach{}, read: map[string]reach{}}
	changed := map[string]bool{}
	for n := range u.found {
		r := &u.found[n].Resource
		changed[foldType(r.Type)] = true
		near.groups = append(near.groups, posture.Fold(r.Group))
	}
	for _, numbers := range []map[uint32]bool{u.changes, u.gone} {
		for n := range numbers {
			changed[foldType(e.known.types.texts[e.known.resources[n].kind])] = true
		}
	}
	reached := inGroup
	if len(u.gone) > 0 || slices.Contains(near.groups, "") {
		reached = inUnit // nothing is kept in memory of where they stood
	}
	slices.Sort(near.groups)
	near.groups = slices.Compact(near.groups)
	if slices.ContainsFunc(around, func(t string) bool { return changed[t] }) || !near.spread(changed, reached, by.looks()) {
		return nil
	}
	return near
}

// spread follows existence checks from the types that changed. Not ok if some of
// them may be of any type.
func (n *nearby) spread(changed map[string]bool, at reach, looks []looking) (ok bool) {
	for t := range changed {
		n.judged[t] = at
	}
	for _, l := range looks {
		if !changed[l.target] {
			continue
		}
		if l.types == nil {
			return false
		}
		for _, t := range l.types {
			n.judged[t] = max(n.judged[t], at, l.reach)
		}
	}
	for t, r := range n.judged {
		n.read[t] = max(n.read[t], r)
	}
	for _, l := range looks {
		from := nowhere
		for t, r := range n.judged {
			if l.types == nil || slices.Contains(l.types, t) {
				from = max(from, r)
			}
		}
		if from > nowhere {
			n.read[l.target] = max(n.read[l.target], from, l.reach)
		}
	}
	for _, t := range around {
		n.read[t] = inUnit
	}
	return true
}

// judges reports whether a resource that is read is judged again.
func (n *nearby) judges(r *ledger.Resource) bool {
	switch n.judged[foldType(r.Type)] {
	case inUnit:
		return true
	case inGroup:
		_, in := slices.BinarySearch(n.groups, posture.Fold(r.Group))
		return in
	}
	return false
}

// part is what has to be read.
func (n *nearby) part() ledger.Neighbourhood {
	part := ledger.Neighbourhood{Groups: n.groups}
	for t, r := range n.read {
		switch r {
		case inUnit:
			part.Types = append(part.Types, t)
		case inGroup:
			part.TypesInGroup = append(part.TypesInGroup, t)
		}
	}
	slices.Sort(part.Types)
	slices.Sort(part.TypesInGroup)
	return part
}
