package estate

import (
	"context"
	"fmt"
	"time"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// History is what giving up history needs of a store.
type History interface {
	At(ctx context.Context, when time.Time) (ledger.Number, error)
	Oldest(ctx context.Context) (ledger.Number, error)
	Keep(ctx context.Context, c ledger.Commit, oldest ledger.Number) (rows int64, err error)
	SweepAccess(ctx context.Context, now time.Time) error
}

// GiveUp gives up the history that is older than keep, and sessions that have
// ended. What was at the instant itself can still be asked for. It counts the rows
// that went and gives the oldest commit that is kept. 0 keeps all history.
func GiveUp(ctx context.Context, s History, now time.Time, keep time.Duration, actor string) (rows int64, oldest ledger.Number, err error) {
	if err := s.SweepAccess(ctx, now); err != nil {
		return 0, 0, fmt.Errorf("forgetting sessions: %w", err)
	}
	if keep > 0 {
		n, err := s.At(ctx, now.Add(-keep))
		if err != nil {
			return 0, 0, err
		}
		if n > 0 {
			c := ledger.Commit{At: now.UTC().Truncate(time.Millisecond), Actor: actor, Object: "history", Words: "history before " + now.Add(-keep).UTC().Format(time.RFC3339) + " given up"}
			if rows, err = s.Keep(ctx, c, n); err != nil {
				return rows, 0, fmt.Errorf("giving up history: %w", err)
			}
		}
	}
	oldest, err = s.Oldest(ctx)
	return rows, oldest, err
}
