package server

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/follow"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// unitChecks are the checks that manual controls have of their own in the units of which
// who asks sees all: of the standards that are told without being named.
func (s *Server) unitChecks(ctx context.Context, v *view) ([]index.UnitChecks, error) {
	return s.unitChecksOf(ctx, v, s.sight(v))
}

// ToldStandards chooses standards whose manual controls' checks count.
type ToldStandards struct {
	Told []string `query:"told,explode" doc:"standards whose manual controls' own checks count, in the place of those that are told without being named: ids, or what is told as document" maxItems:"100"`
}

// unitChecks are those of the standards that are chosen or, without any, of those that
// are told without being named.
func (c *ToldStandards) unitChecks(ctx context.Context, s *Server, v *view, scopes []string) ([]index.UnitChecks, error) {
	if len(c.Told) == 0 {
		return s.unitChecks(ctx, v)
	}
	of := s.sight(v)
	told, err := s.toldStandards(ctx, of)
	if err != nil {
		return nil, err
	}
	var chosen []*toldStandard
	for _, name := range c.Told {
		switch t, err := named(told, name, scopes, of.scopes); {
		case err != nil:
			return nil, err
		case t == nil:
			return nil, noStandard(name)
		default:
			chosen = append(chosen, t)
		}
	}
	return s.unitChecksIn(ctx, v, of, chosen)
}

// unitChecksOf are the same by the documents of another moment.
func (s *Server) unitChecksOf(ctx context.Context, v *view, of *sight) ([]index.UnitChecks, error) {
	book, err := s.standardBook(ctx, of.commit, of.rules)
	if err != nil {
		return nil, err
	}
	return s.unitChecksBy(ctx, v, of, book)
}

// unitChecksBy are the same by some book.
func (s *Server) unitChecksBy(ctx context.Context, v *view, of *sight, book *standardBook) ([]index.UnitChecks, error) {
	return s.unitChecksIn(ctx, v, of, slices.DeleteFunc(book.told(of), func(t *toldStandard) bool { return !t.asked }))
}

// unitChecksIn are those of some standards.
func (s *Server) unitChecksIn(ctx context.Context, v *view, of *sight, told []*toldStandard) ([]index.UnitChecks, error) {
	people, err := s.saidAt(ctx, of)
	if err != nil {
		return nil, err
	}
	g := unitGroups{view: v, people: people, sharing: map[shared][]verdictIn{}}
	called, met := map[string]int{}, map[[2]string]bool{}
	for _, t := range told {
		called[strings.ToLower(t.standard.ID)]++
	}
	for _, t := range told {
		units := g.unitsOf(t)
		for _, n := range t.standard.Nodes {
			control, in := t.standard.ID+":"+n.ID, units
			if n.Manual && called[strings.ToLower(t.standard.ID)] > 1 {
				in = slices.DeleteFunc(slices.Clone(units), func(unit string) bool { return isMet(met, control, unit) })
			}
			if n.Manual && len(in) > 0 {
				g.add(control, in)
			}
		}
	}
	return g.all, nil
}

// isMet reports whether a control of that name had its check in a unit before: of
// standards that are called alike each may be in other units, and a check is one.
func isMet(met map[[2]string]bool, control, unit string) bool {
	key := [2]string{strings.ToLower(control), unit}
	was := met[key]
	met[key] = true
	return was
}

// unitGroups puts the checks of controls together that are on the same units: most
// controls wait in all of them, so that nothing is made for each control in each unit.
type unitGroups struct {
	view    *view
	people  *said
	all     []index.UnitChecks
	asked   []unitsAsked
	sharing map[shared][]verdictIn
}

// unitsAsked are the units that a standard is about.
type unitsAsked struct {
	told  *toldStandard // the first one
	units []string
}

// shared are controls that the same documents are about, in the same units.
type shared struct {
	first *govern.Version // of the documents
	many  int
	units *string // the first of them
}

// verdictIn is the verdict of a control in some units.
type verdictIn struct {
	verdict index.Verdict
	units   []string
}

// unitsOf are the units that a standard is about; those of standards that are assigned
// alike are one list.
func (g *unitGroups) unitsOf(t *toldStandard) []string {
	at := slices.IndexFunc(g.asked, func(a unitsAsked) bool {
		return slices.Equal(a.told.standard.Clouds, t.standard.Clouds) && reflect.DeepEqual(a.told.parts, t.parts)
	})
	if at >= 0 {
		return g.asked[at].units
	}
	within := g.view.filter()
	within.Parts = t.parts
	units := g.view.x.Select(within).WholeUnitsOf(t.standard.Clouds)
	for _, a := range g.asked {
		if slices.Equal(a.units, units) {
			units = a.units
		}
	}
	g.asked = append(g.asked, unitsAsked{t, units})
	return units
}

// add adds the checks of a control in some units.
func (g *unitGroups) add(control string, units []string) {
	for _, in := range g.verdicts(control, units) {
		check := index.UnitCheck{Control: control, Verdict: in.verdict}
		at := slices.IndexFunc(g.all, func(c index.UnitChecks) bool { return &c.Units[0] == &in.units[0] && len(c.Units) == len(in.units) })
		if at < 0 {
			at, g.all = len(g.all), append(g.all, index.UnitChecks{Units: in.units})
		}
		g.all[at].Checks = append(g.all[at].Checks, check)
	}
}

// verdicts are those of a control in some units.
func (g *unitGroups) verdicts(control string, units []string) []verdictIn {
	about := g.people.documentsAbout(control)
	if len(about) == 0 {
		return []verdictIn{{index.Verdict{State: posture.Manual, Judged: posture.Manual}, units}}
	}
	key := shared{&about[0], len(about), &units[0]}
	found, known := g.sharing[key]
	if !known {
		found = g.people.verdictsIn(about, units)
		g.sharing[key] = found
	}
	return found
}

// verdictsIn tells which verdicts some documents come to in which units.
func (s *said) verdictsIn(about []govern.Version, units []string) (all []verdictIn) {
	for _, unit := range units {
		verdict, there := s.verdictBy(about, unit)
		if !there {
			continue
		}
		at := slices.IndexFunc(all, func(in verdictIn) bool { return in.verdict == verdict })
		if at < 0 {
			at, all = len(all), append(all, verdictIn{verdict: verdict})
		}
		all[at].units = append(all[at].units, unit)
	}
	if len(all) == 1 && len(all[0].units) == len(units) {
		all[0].units = units
	}
	return all
}

// unitsTurned are the units of which a check of a manual control came, went or shows
// otherwise by what holds at an event than by what held before, with how many did.
func (s *Server) unitsTurned(ctx context.Context, v *view, e *follow.Event) (map[string]int, error) {
	before, now := s.sight(v), s.sight(v)
	if before.commit, now.commit = e.Commit, e.Commit; len(e.Documents) > 0 {
		before.commit--
	}
	if e.Clock {
		before.at, now.at = e.From, e.To
	}
	was, err := s.unitChecksOf(ctx, v, before)
	if err != nil {
		return nil, err
	}
	is, err := s.unitChecksOf(ctx, v, now)
	if err != nil {
		return nil, err
	}
	return turned(was, is), nil
}

// turned counts the checks that differ, by unit.
func turned(was, is []index.UnitChecks) map[string]int {
	before, now := byControl(was), byControl(is)
	found := map[string]int{}
	for control, in := range before {
		if !reflect.DeepEqual(in, now[control]) {
			addTurned(found, in, now[control])
		}
	}
	for control, in := range now {
		if before[control] == nil {
			addTurned(found, nil, in)
		}
	}
	return found
}

func byControl(all []index.UnitChecks) map[string][]verdictIn {
	by := map[string][]verdictIn{}
	for _, group := range all {
		for _, c := range group.Checks {
			by[c.Control] = append(by[c.Control], verdictIn{c.Verdict, group.Units})
		}
	}
	return by
}

// addTurned adds the units in which one control differs.
func addTurned(found map[string]int, was, is []verdictIn) {
	verdicts := map[string]index.Verdict{}
	for _, in := range was {
		for _, unit := range in.units {
			verdicts[unit] = in.verdict
		}
	}
	for _, in := range is {
		for _, unit := range in.units {
			if before, there := verdicts[unit]; !there || before != in.verdict {
				found[unit]++
			}
			delete(verdicts, unit)
		}
	}
	for unit := range verdicts {
		found[unit]++
	}
}
