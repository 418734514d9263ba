package server

import (
	"context"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// said is what people say of the controls that are marked manual, as of a moment:
// each has a check of its own in every unit, STANDARD:CONTROL.
type said struct {
	scopes    *access.Tree
	documents []govern.Version // that hold, the latest last
	met       bool             // one of them said something of a check that was counted
}

// saidAt reads what holds at the moment of a view.
func (s *Server) saidAt(ctx context.Context, v *view) (*said, error) {
	kept, err := s.documentsAt(ctx, v, ledger.Laid...)
	if err != nil {
		return nil, err
	}
	at := v.at
	if at.IsZero() {
		at = s.Now()
	}
	documents := slices.DeleteFunc(govern.Versions(kept), func(d govern.Version) bool { return !govern.Holds(d.Document, at) })
	return &said{scopes: tree(v.x), documents: documents}, nil
}

// tally counts the checks that a control has in some units.
func (s *said) tally(control string, units []string) (t compliance.Tally) {
	var about []govern.Version
	for _, d := range s.documents {
		exemption, isExemption := d.Document.(*govern.Exemption)
		named := slices.ContainsFunc(d.Rules(), func(id string) bool { return strings.EqualFold(id, control) })
		if named || isExemption && exemption.Recommendations == nil && exemption.Selector == nil {
			about = append(about, d)
		}
	}
	for _, unit := range units {
		s.count(&t, about, unit)
	}
	return t
}

// count counts the check in one unit: exempt before attested, disabled not at all.
func (s *said) count(t *compliance.Tally, about []govern.Version, unit string) {
	state := &t.Manual
	exempt, mitigated := false, false
	for _, d := range about {
		if !s.lies(d, unit) {
			continue
		}
		s.met = true
		switch d := d.Document.(type) {
		case *govern.Disabling:
			return
		case *govern.Attestation:
			if state = &t.Healthy; d.State == "unhealthy" {
				state = &t.Unhealthy
			}
		case *govern.Exemption:
			exempt, mitigated = true, mitigated || d.Category == "mitigated"
		}
	}
	if !exempt {
		*state++
		return
	}
	t.Exempt++
	if mitigated {
		t.Mitigated++
	}
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
