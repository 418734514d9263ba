package estate

import (
	"cmp"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// What is kept stays where a read failed, but that says nothing of what came only with
// the read: a unit of which nothing was kept, and the bodies of resources that are new or
// changed.

// newcomers are the units of which an import has something and nothing is kept.
type newcomers struct {
	isNew func(unit string) bool // of any unit; nil for none
	come  []string
}

// newcomersOf finds them among what an import read.
func (k *known) newcomersOf(found []intake.Found, t *tree) *newcomers {
	c := &newcomers{isNew: func(unit string) bool {
		number, met := k.units.numbers[posture.Fold(t.projectOf(unit))]
		return !met || len(k.members[number]) == 0
	}}
	asked := map[string]bool{}
	for i := range found {
		if unit := found[i].Unit; unit != "" && !asked[unit] {
			if asked[unit] = true; c.isNew(unit) {
				c.come = append(c.come, unit)
			}
		}
	}
	return c
}

// isNewUnit reports whether an answer for a scope was given before anything of the unit
// was known that the scope is or lies in, for all that lies above.
func (s *settling) isNewUnit(scope string, a *answered) bool {
	unit := cmp.Or(policy.UnitOf(scope), scope)
	if a == nil || s.newcomers.isNew == nil || s.after.tree.scopes[posture.Fold(unit)].Kind != posture.Unit {
		return false
	}
	return !liesIn(a.read.Record.Scope, unit) && s.newcomers.isNew(unit)
}

// failedFor says of the new units in a scope that a type was not read there, where what is
// kept of the scope stays.
func (s *settling) failedFor(r *posture.ReadRecord, said saying) {
	for _, unit := range s.newcomers.come {
		folded, typeName := posture.Fold(unit), rowType(said.typeName)
		if posture.Fold(r.Scope) == folded || r.Scope != "/" && !slices.Contains(s.after.upFrom(unit), posture.Fold(r.Scope)) {
			continue
		}
		if _, told := s.told.rows[readKey{folded, foldType(typeName)}]; told || !s.isNewUnit(unit, s.before.answer(unit, said.typeName)) {
			continue
		}
		row := posture.ReadRecord{Scope: unit, Type: typeName, StartedAt: r.StartedAt}
		if said.reason != posture.Partial {
			row.Gaps = append(row.Gaps, posture.Gap{Reason: said.reason})
		}
		for _, g := range s.after.tree.gapsIn(r.Gaps, unit) {
			if about := cmp.Or(foldReadType(g.Type), foldReadType(r.Type)); !isOfType(&g) && (said.typeName == "" || about == said.typeName) {
				row.Gaps = append(row.Gaps, g)
			}
		}
		s.put(ledger.Read{Record: row})
	}
}

// openBody is what a read that failed did not get of bodies.
type openBody struct {
	typeName string // folded, "" for every type
	gap      posture.Gap
}

// leaves takes down what a read did not get of bodies, where what is kept stays.
func (s *settling) leaves(r *posture.ReadRecord, which func(*posture.Gap) bool) {
	for _, g := range r.Gaps {
		if which(&g) {
			scope := posture.Fold(r.Scope)
			s.open[scope] = append(s.open[scope], openBody{cmp.Or(foldReadType(g.Type), foldReadType(r.Type)), g})
		}
	}
}

// mostOpen is how many resources of one read are told one by one.
const mostOpen = 1000

// leaveOpen says of the resources that are new or changed what of their bodies the reads
// that brought them did not get: in the read that is kept.
func (s *settling) leaveOpen(found []intake.Found) {
	if len(s.open) == 0 {
		return
	}
	told := map[readKey]int{}
	for i := range found {
		f := &found[i]
		typeName := foldReadType(f.Type)
		scopes := s.after.upFrom(cmp.Or(f.Group, f.Unit))
		var gaps []posture.Gap
		for _, scope := range scopes {
			for _, o := range s.open[scope] {
				g := o.gap
				switch {
				case o.typeName != "" && o.typeName != typeName, g.ID != "" && posture.Fold(g.ID) != posture.Fold(f.ID):
					continue
				case isOfType(&g):
					g.Path = posture.AllOfBody
				}
				g.ID, g.Type, g.Body = f.ID, f.Type, false
				gaps = append(gaps, g)
			}
		}
		a := s.after.answer(f.Unit, typeName)
		if len(gaps) == 0 || !a.complete() { // else that says it
			continue
		}
		key := keyOfRead(&a.read.Record)
		if told[key]++; told[key] > mostOpen {
			for n := range gaps {
				gaps[n].ID = ""
			}
		}
		s.addGaps(key, gaps)
	}
}

// addGaps adds gaps to what is kept under a key, each once.
func (s *settling) addGaps(key readKey, gaps []posture.Gap) {
	r := s.after.rows[key]
	r.Record.Gaps = slices.Clone(r.Record.Gaps) // others may hold the ones that are there
	for _, g := range gaps {
		if !slices.Contains(r.Record.Gaps, g) {
			r.Record.Gaps = append(r.Record.Gaps, g)
		}
	}
	s.after.rows[key] = r
}
