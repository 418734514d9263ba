package estate

import (
	"context"
	"slices"
	"time"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// StaleReads knows which of what is kept is stale, as of a commit.
type StaleReads struct {
	reads *readSet
	ids   map[string][]scopedMark // by folded id: of resources that a later read did not get
}

// scopedMark is what a read says of something in its scope.
type scopedMark struct {
	Mark
	scope string // folded
}

// Mark says why what is known is stale, and since when.
type Mark struct {
	Reason posture.Reason
	Since  time.Time
}

// StaleAt reads it; nil for nothing.
func StaleAt(ctx context.Context, s interface {
	Reads(ctx context.Context, n ledger.Number) ([]ledger.Read, error)
	Scopes(ctx context.Context, n ledger.Number) ([]ledger.ScopeVersion, error)
}, n ledger.Number,
) (*StaleReads, error) {
	reads, err := s.Reads(ctx, n)
	if err != nil {
		return nil, err
	}
	stale := &StaleReads{ids: map[string][]scopedMark{}}
	for i := range reads {
		for _, g := range reads[i].Record.Gaps {
			if id := posture.Fold(g.ID); g.ID != "" && g.Path == "" {
				stale.ids[id] = append(stale.ids[id], scopedMark{Mark{g.Reason, reads[i].Record.StartedAt}, posture.Fold(reads[i].Record.Scope)})
			}
		}
	}
	if len(stale.ids) == 0 && !slices.ContainsFunc(reads, func(r ledger.Read) bool { return r.Stale != posture.NoReason }) {
		return stale, nil
	}
	scopes, err := s.Scopes(ctx, n)
	if err != nil {
		return nil, err
	}
	stale.reads = newReadSet(reads, newTree(scopes))
	return stale, nil
}

// Of gives the mark of a resource of a type in a unit or group, if what is known of it
// is stale. One goroutine may ask at a time.
func (s *StaleReads) Of(id, scope, typeName string) (Mark, bool) {
	if s == nil || s.reads == nil {
		return Mark{}, false
	}
	if scope == "" {
		scope = placeAboveUnits(id)
	}
	for _, mark := range s.ids[posture.Fold(id)] {
		if slices.Contains(s.reads.upFrom(scope), mark.scope) {
			return mark.Mark, true
		}
	}
	a := s.reads.answer(scope, foldReadType(typeName))
	if a == nil || a.read.Stale == posture.NoReason {
		return Mark{}, false
	}
	return Mark{a.read.Stale, a.read.StaleSince}, true
}
