package server

import (
	"context"
	"time"

	"github.com/bartizan-dev/bartizan/internal/estate"
)

// retentionEvery is how often history is looked at.
const retentionEvery = 24 * time.Hour

// RunRetention gives up history that is older than Options.Retention, and sessions
// that have ended: at once, and then every day until the context ends. What fails
// is logged and tried again the next day.
func (s *Server) RunRetention(ctx context.Context) error {
	timer := time.NewTicker(retentionEvery)
	defer timer.Stop()
	for {
		s.giveUpHistory(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
	}
}

// giveUpHistory does it once, while nothing is imported here.
func (s *Server) giveUpHistory(ctx context.Context) {
	s.importing.Lock()
	defer s.importing.Unlock()
	rows, oldest, err := estate.GiveUp(ctx, s.Store, s.Now(), s.Retention, "system")
	switch {
	case err != nil && ctx.Err() == nil:
		s.Log.ErrorContext(ctx, "history was not given up", "error", err)
	case rows > 0:
		s.Log.InfoContext(ctx, "history given up", "rows", rows, "oldest_commit", int64(oldest))
	}
}
