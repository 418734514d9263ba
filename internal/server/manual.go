package server

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/estate"
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
	naming    map[string][]int            // by what they name in small letters, once somebody asked
	general   []govern.Version            // those that are about all controls
}

// Without implements [estate.People].
func (s *said) Without(kind ledger.DocumentKind, id string) estate.People {
	next := &said{scopes: s.scopes, about: map[string][]govern.Version{}}
	for _, d := range s.documents {
		if d.Kind() != kind || d.Name() != id {
			next.documents = append(next.documents, d)
		} else if !govern.MayMeanControl(d) {
			return s
		}
	}
	return next
}

// saidAt reads what holds at a moment.
func (s *Server) saidAt(ctx context.Context, of *sight) (*said, error) {
	versions, err := s.versionsOf(ctx, of.commit)
	if err != nil {
		return nil, err
	}
	people := &said{scopes: of.scopes, about: map[string][]govern.Version{}}
	for _, d := range versions {
		if govern.Holds(d.Document, of.at) {
			people.documents = append(people.documents, d)
		}
	}
	return people, nil
}

// Verdict is that of the check which a control has in a unit: exempt before
// attested; false where it is disabled.
func (s *said) Verdict(control, unit string) (index.Verdict, bool) {
	return s.verdictBy(s.documentsAbout(control), unit)
}

// verdictBy is that of a control which some documents are about.
func (s *said) verdictBy(about []govern.Version, unit string) (index.Verdict, bool) {
	v := index.Verdict{State: posture.Manual, Judged: posture.Manual}
	for _, d := range about {
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

// documentsAbout are those about a control, in their order. All controls that none
// names have the same.
func (s *said) documentsAbout(control string) []govern.Version {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found, known := s.about[control]; known {
		return found
	}
	s.readNames()
	about := s.general
	if named := s.naming[strings.ToLower(control)]; len(named) > 0 {
		about = nil
		for _, at := range named {
			about = append(about, s.documents[at])
		}
	}
	s.about[control] = about
	return about
}

// readNames finds what the documents name, with those about all controls in between.
func (s *said) readNames() {
	if s.naming != nil {
		return
	}
	s.naming = map[string][]int{}
	var general []int
	for at, d := range s.documents {
		if exemption, ok := d.Document.(*govern.Exemption); ok && exemption.IsGeneral() {
			general, s.general = append(general, at), append(s.general, d)
		}
		for _, id := range d.Rules() {
			if strings.Contains(id, ":") {
				name := strings.ToLower(id)
				s.naming[name] = append(s.naming[name], at)
			}
		}
	}
	for name, named := range s.naming {
		named = append(named, general...)
		slices.Sort(named)
		s.naming[name] = slices.Compact(named)
	}
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
