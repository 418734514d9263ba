package server

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// StaleMark says that a later read did not replace what is known.
type StaleMark struct {
	Reason posture.Reason `json:"reason" doc:"why it did not"`
	Since  time.Time      `json:"since" doc:"when that began"`
}

// staleReads is what is stale as of the commit that was asked for last.
type staleReads struct {
	mu     sync.Mutex
	commit ledger.Number
	known  *estate.StaleReads
}

// markStale marks rows of resources as of a commit.
func (s *Server) markStale(ctx context.Context, commit ledger.Number, rows ...*ResourceRow) error {
	s.stale.mu.Lock()
	defer s.stale.mu.Unlock()
	if s.stale.commit != commit {
		known, err := estate.StaleAt(ctx, s.Store, commit)
		if err != nil {
			return err
		}
		s.stale.commit, s.stale.known = commit, known
	}
	for _, row := range rows {
		if mark, ok := s.stale.known.Of(row.number, row.ID, cmp.Or(row.Group, row.Unit), row.Type); ok {
			row.Stale = &StaleMark{mark.Reason, mark.Since}
		}
	}
	return nil
}

// markAll marks a list as of a commit.
func (s *Server) markAll(ctx context.Context, commit ledger.Number, list *List[ResourceRow]) error {
	rows := make([]*ResourceRow, len(list.Rows))
	for i := range list.Rows {
		rows[i] = &list.Rows[i]
	}
	return s.markStale(ctx, commit, rows...)
}
