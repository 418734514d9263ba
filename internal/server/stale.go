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

// staleReads is what is stale, and what could not be read, as of the commit that was asked for last.
type staleReads struct {
	mu     sync.Mutex
	commit ledger.Number
	known  *estate.StaleReads
	losses []ledger.Loss
	unseen []estate.Unseen // what reads name and nothing has; nil until it is asked for
}

// at makes it that as of a commit. The lock is held.
func (r *staleReads) at(ctx context.Context, from Store, commit ledger.Number) error {
	if r.commit == commit && r.known != nil {
		return nil
	}
	known, err := estate.StaleAt(ctx, from, commit)
	if err != nil {
		return err
	}
	losses, err := from.Losses(ctx, commit)
	if err == nil {
		r.commit, r.known, r.losses, r.unseen = commit, known, losses, nil
	}
	return err
}

// markStale marks rows of resources as of a commit.
func (s *Server) markStale(ctx context.Context, commit ledger.Number, rows ...*ResourceRow) error {
	s.stale.mu.Lock()
	defer s.stale.mu.Unlock()
	if err := s.stale.at(ctx, s.Store, commit); err != nil {
		return err
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
