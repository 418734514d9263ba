package resourcegraph

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// toldStandard is a standard with what of the excerpt it is told of.
type toldStandard struct {
	KeptStandard
	excerpt *index.Excerpt
	types   map[estate.GapPlace]map[string][]string // see typesOf
	// told and apart have by unit what there is of it where the standard is told, and
	// where each part of its evidence counts.
	told  map[string]*index.UnitPart // nil: all
	apart []map[string]*index.UnitPart
}

// lookAround counts for a standard what its outcome in units follows from.
func (k *kept) lookAround(s *toldStandard) {
	byUnit := func(of *index.Excerpt) map[string]*index.UnitPart {
		parts := map[string]*index.UnitPart{}
		for _, u := range of.Units() {
			parts[u.Unit] = &u
		}
		return parts
	}
	if s.Parts != nil {
		s.told = byUnit(s.excerpt)
	}
	for _, of := range s.Apart {
		s.apart = append(s.apart, byUnit(k.within(s.excerpt, of.Parts)))
	}
	s.types = k.typesOf(&s.KeptStandard, s.excerpt)
}

// counted is the evidence for a standard in a unit; false where it is not told there.
func (s *toldStandard) counted(u *index.UnitPart) ([]estate.Counted, bool) {
	part := u
	if s.told != nil {
		part = s.told[u.Unit]
	}
	if part == nil {
		return nil, false
	}
	all := []estate.Counted{{Evidence: s.Evidence, Tally: &part.Tally, Own: s.Own}}
	for i, of := range s.Apart {
		also := estate.Counted{Evidence: of.Evidence, Own: s.Own}
		if there := s.apart[i][u.Unit]; there != nil {
			also.Tally = &there.Tally
		}
		all = append(all, also)
	}
	return all, true
}

// typesOf lists by unit the types of which there is a resource at a place where what
// gives no evidence for the standard should.
func (k *kept) typesOf(s *KeptStandard, of *index.Excerpt) map[estate.GapPlace]map[string][]string {
	types := map[estate.GapPlace]map[string][]string{}
	for i := range s.Gaps {
		if at := s.Gaps[i].PlaceOf(k.disabled()); types[at] == nil {
			types[at] = k.within(of, []index.Part{at.Part()}).TypesByUnit()
		}
	}
	return types
}

func (k *kept) makeStandards() ([]toldStandard, error) {
	standards, err := k.Standards()
	if err != nil {
		return nil, err
	}
	told := make([]toldStandard, len(standards))
	for i, standard := range standards {
		told[i] = toldStandard{KeptStandard: standard, excerpt: k.Excerpt}
		if standard.Parts != nil {
			told[i].excerpt = k.within(k.Excerpt, standard.Parts)
		}
	}
	return told, nil
}

// within is what of an excerpt is in some parts of the tree.
func (k *kept) within(of *index.Excerpt, parts []index.Part) *index.Excerpt {
	tree, known := access.NewTree(k.Excerpt.Scopes()), map[[2]string]bool{}
	in := func(scope string, r *index.Resource) bool {
		key := [2]string{scope, cmp.Or(r.Group, r.Unit)}
		covers, met := known[key]
		if !met {
			covers = tree.Covers(scope, key[1])
			known[key] = covers
		}
		return covers || posture.Within(r.ID, scope)
	}
	return of.Where(func(r *index.Resource) bool {
		return slices.ContainsFunc(parts, func(p index.Part) bool {
			return in(p.Scope, r) && p.Admits(r) && !slices.ContainsFunc(p.Not, func(scope string) bool { return in(scope, r) })
		})
	})
}

// controlsOf gives by STANDARD:CONTROL, in lower case, the ids of the rules that give
// evidence for it, in lower case.
func (k *kept) controlsOf(standards []toldStandard) map[string][]string {
	rules, by := k.Excerpt.Content().Rules, map[string][]string{}
	for i := range standards {
		evidence := []map[string][]int{standards[i].Evidence}
		for _, of := range standards[i].Apart {
			evidence = append(evidence, of.Evidence)
		}
		for _, some := range evidence {
			for control, numbers := range some {
				key := strings.ToLower(standards[i].ID + ":" + control)
				for _, n := range numbers {
					if id := strings.ToLower(keyOf(&rules[n]).id); !slices.Contains(by[key], id) {
						by[key] = append(by[key], id)
					}
				}
			}
		}
	}
	return by
}

// complianceOf gives what the standards come to in a unit, or in what is seen of it.
func (k *kept) complianceOf(u *index.UnitPart, standards []toldStandard) ([]compliance.Result, error) {
	manual, err := k.manual()
	if err != nil {
		return nil, err
	}
	var units []string
	if u.Whole {
		units = []string{u.Unit}
	}
	var all []compliance.Result
	for i := range standards {
		s := &standards[i]
		counted, told := s.counted(u)
		if !told || !isOf(s.Standard, u.Unit) {
			continue
		}
		open := estate.OpenGaps(s.Gaps, k.disabled(), func(at estate.GapPlace) []string { return s.types[at][u.Unit] })
		all = append(all, estate.RollUp(s.Standard, k.Excerpt.Content().Rules, counted, open, func(control string) compliance.Tally {
			return estate.ManualTally(units, func(unit string) (index.Verdict, bool) { return manual(control, unit) })
		}))
	}
	return all, nil
}

// tellManual hands over the checks that manual controls have on units of which all
// is seen.
func (k *kept) tellManual(r *reach, take func(*posture.Check, *standing) bool) error {
	standards, err := k.standards()
	if err != nil {
		return err
	}
	manual, err := k.manual()
	if err != nil {
		return err
	}
	once := checksOnce(standards)
	for i := range standards {
		standard := &standards[i]
		for _, n := range standard.Nodes {
			control := standard.ID + ":" + n.ID
			if !n.Manual || !r.reachesManual(control) {
				continue
			}
			for _, unit := range k.wholeUnits(standard) {
				if r.inUnit != nil && !r.inUnit(unit) || !once(standard, control, unit) {
					continue
				}
				v, there := manual(control, unit)
				s := &standing{unit: unit}
				if r.cloud {
					s.cloud = posture.CloudOfUnit(unit).String()
				}
				if there && r.reachesVerdict(&index.Rule{ID: control, Severity: posture.Low}, &v) && !take(manualCheck(control, unit, &v), s) {
					return nil
				}
			}
		}
	}
	return nil
}

// checksOnce reports whether the check of a control in a unit comes for the first time:
// of standards that are called alike each may be in other units, and a check is one.
func checksOnce(standards []toldStandard) func(s *toldStandard, control, unit string) bool {
	called, met := map[string]int{}, map[[2]string]bool{}
	for i := range standards {
		called[strings.ToLower(standards[i].ID)]++
	}
	return func(s *toldStandard, control, unit string) bool {
		key := [2]string{strings.ToLower(control), unit}
		if called[strings.ToLower(s.ID)] < 2 {
			return true
		}
		first := !met[key]
		met[key] = true
		return first
	}
}

// wholeUnits are the units of which all is seen, as far as a standard is told there.
func (k *kept) wholeUnits(standard *toldStandard) (units []string) {
	told := map[string]bool{}
	if standard.Parts != nil {
		for _, u := range standard.excerpt.Sizes() {
			told[u.Unit] = true
		}
	}
	for _, u := range k.sizes() {
		if u.Whole && isOf(standard.Standard, u.Unit) && (standard.Parts == nil || told[u.Unit]) {
			units = append(units, u.Unit)
		}
	}
	return units
}
