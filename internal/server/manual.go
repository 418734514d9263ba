package server

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/follow"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// said is what people say of the controls that are marked manual, as of a moment:
// each has a check of its own in every unit, STANDARD:CONTROL.
type said struct {
	scopes    *access.Tree
	documents []govern.Version            // that hold, the latest last
	mu        sync.Mutex                  // several may ask at a time
	about     map[string][]govern.Version // of the documents, by STANDARD:CONTROL, once somebody asked
}

// Without implements [estate.People].
func (s *said) Without(kind ledger.DocumentKind, id string) estate.People {
	next := &said{scopes: s.scopes, about: map[string][]govern.Version{}}
	for _, d := range s.documents {
		if d.Kind() != kind || d.Name() != id {
			next.documents = append(next.documents, d)
		} else if !mayMeanControl(d) {
			return s
		}
	}
	return next
}

// mayMeanControl reports whether a document may be about a control that is marked
// manual.
func mayMeanControl(d govern.Version) bool {
	exemption, ok := d.Document.(*govern.Exemption)
	return ok && exemption.Recommendations == nil && exemption.Selector == nil ||
		slices.ContainsFunc(d.Rules(), func(id string) bool { return strings.Contains(id, ":") })
}

// saidAt reads what holds at a moment.
func (s *Server) saidAt(ctx context.Context, of *sight) (*said, error) {
	kept, err := s.documentsOf(ctx, of.commit, ledger.Laid...)
	if err != nil {
		return nil, err
	}
	documents := slices.DeleteFunc(govern.Versions(kept), func(d govern.Version) bool { return !govern.Holds(d.Document, of.at) })
	return &said{scopes: of.scopes, documents: documents, about: map[string][]govern.Version{}}, nil
}

// Verdict is that of the check which a control has in a unit: exempt before
// attested; false where it is disabled.
func (s *said) Verdict(control, unit string) (index.Verdict, bool) {
	v := index.Verdict{State: posture.Manual, Judged: posture.Manual}
	for _, d := range s.documentsAbout(control) {
		if !s.lies(d, unit) {
			continue
		}
		switch d := d.Document.(type) {
		case *govern.Disabling:
			return v, false
		case *govern.Attestation:
			v.Judged = posture.Healthy
			if d.State == "unhealthy" {
				v.Judged = posture.Unhealthy
			}
			if v.State != posture.Exempt {
				v.State, v.Mark = v.Judged, index.Attested
			}
		case *govern.Exemption:
			if v.State != posture.Exempt || d.Category == "mitigated" {
				v.Mark = index.Waived
				if d.Category == "mitigated" {
					v.Mark = index.Mitigated
				}
			}
			v.State = posture.Exempt
		}
	}
	return v, true
}

// unitChecks are the checks that manual controls have of their own in the units of which
// who asks sees all: of the standards that are told without being named.
func (s *Server) unitChecks(ctx context.Context, v *view) ([]index.UnitCheck, error) {
	return s.unitChecksOf(ctx, v, s.sight(v))
}

// unitChecksOf are the same by the documents of another moment.
func (s *Server) unitChecksOf(ctx context.Context, v *view, of *sight) ([]index.UnitCheck, error) {
	told, err := s.toldStandards(ctx, of)
	if err != nil {
		return nil, err
	}
	people, err := s.saidAt(ctx, of)
	if err != nil {
		return nil, err
	}
	var all []index.UnitCheck
	met := map[string]bool{} // of standards that have one id the first counts
	for _, t := range told {
		name := strings.ToLower(t.standard.ID)
		if !t.asked || met[name] {
			continue
		}
		met[name] = true
		within := v.filter()
		within.Parts = t.parts
		units := v.x.Select(within).WholeUnitsOf(t.standard.Clouds)
		for _, n := range t.standard.Nodes {
			if !n.Manual {
				continue
			}
			control := t.standard.ID + ":" + n.ID
			waits := len(people.documentsAbout(control)) == 0
			for _, unit := range units {
				verdict, there := index.Verdict{State: posture.Manual, Judged: posture.Manual}, true
				if !waits {
					verdict, there = people.Verdict(control, unit)
				}
				if there {
					all = append(all, index.UnitCheck{Control: control, Unit: unit, Verdict: verdict})
				}
			}
		}
	}
	return all, nil
}

// unitsTurned are the units of which a check of a manual control came, went or shows
// otherwise by what holds at an event than by what held before.
func (s *Server) unitsTurned(ctx context.Context, v *view, e *follow.Event) (map[string]bool, error) {
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
	verdicts := map[index.UnitCheck]int{} // by check with its verdict
	for _, c := range was {
		verdicts[c]++
	}
	for _, c := range is {
		verdicts[c]--
	}
	turned := map[string]bool{}
	for c, n := range verdicts {
		if n != 0 {
			turned[c.Unit] = true
		}
	}
	return turned, nil
}

// documentsAbout are those about a control, in their order.
func (s *said) documentsAbout(control string) []govern.Version {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found, known := s.about[control]; known {
		return found
	}
	var about []govern.Version
	for _, d := range s.documents {
		exemption, isExemption := d.Document.(*govern.Exemption)
		named := slices.ContainsFunc(d.Rules(), func(id string) bool { return strings.EqualFold(id, control) })
		if named || isExemption && exemption.Recommendations == nil && exemption.Selector == nil {
			about = append(about, d)
		}
	}
	s.about[control] = about
	return about
}

// with is what people say once a document has taken the place of another one; nil is
// none.
func (s *said) with(id string, before, document govern.Document) *said {
	next := &said{scopes: s.scopes, about: map[string][]govern.Version{}}
	for _, d := range s.documents {
		if before == nil || d.Name() != id {
			next.documents = append(next.documents, d)
		}
	}
	if document != nil {
		next.documents = append(next.documents, govern.Version{Document: govern.Named(document, id)})
	}
	return next
}

// previewManual adds to what a change would do the checks that manual controls have
// of their own, in units that who asks sees.
func (s *Server) previewManual(ctx context.Context, c *caller, out *Written, before, document govern.Document) error {
	return s.see(ctx, c, "", func(v *view) error {
		of := s.sight(v)
		told, err := s.toldStandards(ctx, of)
		if err != nil {
			return err
		}
		now, err := s.saidAt(ctx, of)
		if err != nil {
			return err
		}
		if document != nil && !govern.Holds(document, of.at) {
			document = nil // it says nothing any more
		}
		next := now.with(out.ID, before, document)
		turned, units := map[string]bool{}, map[string]bool{}
		for _, t := range told {
			f := v.filter()
			f.Parts = t.parts
			within := v.x.Select(f).WholeUnitsOf(t.standard.Clouds)
			for _, n := range t.standard.Nodes {
				control := t.standard.ID + ":" + n.ID
				if !n.Manual || !t.asked && !names(control, before, document) {
					continue
				}
				for _, unit := range within {
					was, there := now.Verdict(control, unit)
					is, still := next.Verdict(control, unit)
					if was != is || there != still {
						turned[strings.ToLower(control)+" "+unit], units[unit] = true, true
					}
				}
			}
		}
		out.Checks, out.Resources = out.Checks+len(turned), out.Resources+len(units)
		return nil
	})
}

// names reports whether one of some documents names a control.
func names(control string, documents ...govern.Document) bool {
	return slices.ContainsFunc(documents, func(d govern.Document) bool {
		return d != nil && slices.ContainsFunc(d.Rules(), func(id string) bool { return strings.EqualFold(id, control) })
	})
}

// lies reports whether a document is about a unit as a whole.
func (s *said) lies(d govern.Version, unit string) bool {
	place := d.Where()
	if place.Scope != "" {
		return s.scopes.Covers(place.Scope, unit)
	}
	return slices.ContainsFunc(place.Resources, func(r govern.Resource) bool { return posture.Fold(r.ID) == posture.Fold(unit) })
}

// isManualControl reports whether STANDARD:CONTROL is marked manual: of a built-in
// standard, or of one that who asks may name.
func (s *Server) isManualControl(c *caller, id string, d govern.Document) bool {
	standard, control, ok := strings.Cut(id, ":")
	if !ok {
		return false
	}
	all, err := s.Catalog.Standards()
	if err != nil {
		return false
	}
	for _, p := range s.Estate.Policies().Of(ledger.Standard) {
		if s.mayNamePolicy(c, p, d) {
			all = append(slices.Clip(all), p.Standard)
		}
	}
	return slices.ContainsFunc(all, func(one *catalog.Standard) bool {
		return strings.EqualFold(one.ID, standard) && slices.ContainsFunc(one.Nodes, func(n catalog.Node) bool {
			return n.Manual && strings.EqualFold(n.ID, control)
		})
	})
}
