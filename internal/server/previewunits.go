package server

import (
	"context"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// unitCheckCount counts checks of manual controls and the units that they are in.
type unitCheckCount struct{ checks, units int }

// previewUnits counts the checks of manual controls that would come, go or show
// otherwise in units of which who asks sees all, if policy documents were written, or
// the one with an id removed where there are none.
func (s *Server) previewUnits(ctx context.Context, c *caller, kind ledger.DocumentKind, id string, ps []*govern.Policy) (count unitCheckCount, err error) {
	if kind != ledger.Assignment && kind != ledger.Initiative && kind != ledger.Standard {
		return count, nil
	}
	return count, s.see(ctx, c, "", func(v *view) error {
		of := s.sight(v)
		documents, err := s.documentsOf(ctx, of.commit, append(slices.Clone(judgingKinds), ledger.Standard)...)
		if err != nil {
			return err
		}
		book, err := s.newStandardBook(replaced(documents, kind, id, ps), of.rules)
		if err != nil {
			return err
		}
		was, err := s.unitChecksOf(ctx, v, of)
		if err != nil {
			return err
		}
		is, err := s.unitChecksBy(ctx, v, of, book)
		if err != nil {
			return err
		}
		checks := turned(was, is)
		count.units = len(checks)
		for _, n := range checks {
			count.checks += n
		}
		return nil
	})
}

// replaced are documents as they would be with others in the place of those of their
// ids, and without the one of an id.
func replaced(documents []ledger.DocumentVersion, kind ledger.DocumentKind, id string, ps []*govern.Policy) []ledger.DocumentVersion {
	next := slices.DeleteFunc(slices.Clone(documents), func(d ledger.DocumentVersion) bool {
		return d.Kind == kind && (d.ID == id || slices.ContainsFunc(ps, func(p *govern.Policy) bool { return p.ID == d.ID }))
	})
	for _, p := range ps {
		next = append(next, ledger.DocumentVersion{Kind: kind, ID: p.ID, Name: p.Name, Scope: p.Scope, Text: p.Text})
	}
	return next
}
