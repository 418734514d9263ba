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
	if s.after.tree.scopes[posture.Fold(r.Scope)].Kind == posture.Unit || policy.UnitOf(r.Scope) != "" {
		return // no other unit lies in it
	}
	for _, unit := range s.newcomers.come {
		folded, typeName := posture.Fold(unit), rowType(said.typeName)
		if r.Scope != "/" && !slices.Contains(s.after.upFrom(unit), posture.Fold(r.Scope)) {
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
	open := map[readKey]*openRow{}
	for i := range found {
		f := &found[i]
		gaps := s.openIn(f)
		if len(gaps) == 0 {
			continue
		}
		a := s.after.answer(f.Unit, foldReadType(f.Type))
		if !a.complete() {
			continue // that says it
		}
		key := keyOfRead(&a.read.Record)
		row := open[key]
		if row == nil {
			row = &openRow{met: map[posture.Gap]bool{}}
			for _, g := range s.after.rows[key].Record.Gaps {
				row.add(g)
			}
			open[key] = row
		}
		row.resources++
		for _, g := range gaps {
			if row.resources > mostOpen {
				g.ID = ""
			}
			row.add(g)
		}
	}
	for key, row := range open {
		r := s.after.rows[key]
		r.Record.Gaps = row.gaps
		s.after.rows[key] = r
	}
}

// openRow are the gaps of a row, each once.
type openRow struct {
	gaps      []posture.Gap
	met       map[posture.Gap]bool
	resources int // that were told one by one
}

func (o *openRow) add(g posture.Gap) {
	if !o.met[g] {
		o.met[g], o.gaps = true, append(o.gaps, g)
	}
}

// openIn gives what was not got of the body of a resource that was found.
func (s *settling) openIn(f *intake.Found) (gaps []posture.Gap) {
	typeName := foldReadType(f.Type)
	for _, scope := range s.after.upFrom(cmp.Or(f.Group, f.Unit)) {
		for _, o := range s.open[scope] {
			g := o.gap
			if o.typeName != "" && o.typeName != typeName || g.ID != "" && posture.Fold(g.ID) != posture.Fold(f.ID) {
				continue
			}
			if isOfType(&g) {
				g.Path = posture.AllOfBody
			}
			g.ID, g.Type, g.Body = f.ID, f.Type, false
			gaps = append(gaps, g)
		}
	}
	return gaps
}
