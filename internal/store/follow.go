package store

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// heads knows the last commit of this process and wakes those who wait for
// another.
type heads struct {
	mu      sync.Mutex
	last    ledger.Number
	changed chan struct{} // closed by the next commit
}

func newHeads() *heads { return &heads{changed: make(chan struct{})} }

func (h *heads) advance(n ledger.Number) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if n > h.last {
		h.last = n
		close(h.changed)
		h.changed = make(chan struct{})
	}
}

// next gives a channel that is closed by the next commit of this process.
func (h *heads) next() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.changed
}

// Changed gives what the commits after a commit changed, one commit at a time,
// in order and without gaps, up to the last one. It holds one commit's rows in
// memory. If history after that commit was given up in part, it fails with
// [ForgottenError]: the follower has to begin with a newer state.
func (s *Store) Changed(ctx context.Context, after ledger.Number) iter.Seq2[ledger.Change, error] {
	return func(yield func(ledger.Change, error) bool) {
		for {
			var change ledger.Change
			var more bool
			err := s.view(ctx, after, func(at *session) (err error) {
				change, more, err = s.change(ctx, at, after+1)
				return err
			})
			if err != nil {
				yield(ledger.Change{}, err)
				return
			}
			if !more || !yield(change, nil) {
				return
			}
			after++
		}
	}
}

// change reads commit n, if it is there.
func (s *Store) change(ctx context.Context, at *session, n ledger.Number) (c ledger.Change, there bool, err error) {
	commits, err := at.commits(ctx, n-1, n)
	if err != nil || len(commits) == 0 {
		return ledger.Change{}, false, err
	}
	c.Commit = commits[0]
	if err := s.changedResources(ctx, at, n, &c); err != nil {
		return ledger.Change{}, false, err
	}
	// The number is told to the database literally where an index covers only
	// rows that have ended.
	const which = "(since = ? OR until = ? AND until < 4611686018427387904)"
	if c.Reads, err = s.readReads(ctx, at, which, int64(n), int64(n)); err != nil {
		return ledger.Change{}, false, err
	}
	if c.Losses, err = s.readLosses(ctx, at, which, int64(n), int64(n)); err != nil {
		return ledger.Change{}, false, err
	}
	if c.Scopes, err = s.readScopes(ctx, at, which, int64(n), int64(n)); err != nil {
		return ledger.Change{}, false, err
	}
	if c.Documents, err = s.readDocuments(ctx, at, which, int64(n), int64(n)); err != nil {
		return ledger.Change{}, false, err
	}
	if c.Scores, err = s.readScores(ctx, at, which, int64(n), int64(n)); err != nil {
		return ledger.Change{}, false, err
	}
	c.Effects, err = s.readEffects(ctx, at, n-1, n)
	return c, err == nil, err
}

// changedResources reads what commit n did to resources.
func (s *Store) changedResources(ctx context.Context, at *session, n ledger.Number, c *ledger.Change) error {
	const resources = "SELECT " + resourceColumns + ` FROM resource r WHERE r.number > coalesce((SELECT last_resource FROM commit_log WHERE number = ?), 0)
		AND r.number <= (SELECT last_resource FROM commit_log WHERE number = ?) ORDER BY r.number`
	rows, err := s.readResources(ctx, at, resources, int64(n-1), int64(n))
	if err != nil {
		return err
	}
	for _, r := range rows {
		c.Resources = append(c.Resources, r.Resource)
	}
	const which = " WHERE since = ? OR until = ? AND until < 4611686018427387904 ORDER BY resource, since"
	versions, err := at.versions(ctx, "SELECT resource, since, until, body, facts, 0 FROM version"+which, int64(n), int64(n))
	if err != nil {
		return err
	}
	for _, v := range versions {
		c.Versions = append(c.Versions, v.Version)
	}
	c.Judged, err = at.judged(ctx, "SELECT resource, since, until, tuple FROM judged"+which, int64(n), int64(n))
	return err
}

// Wait returns once there is a commit after a commit, and gives the last one. On
// PostgreSQL commits of other processes are announced; should that be lost, it
// looks by itself twice a second.
func (s *Store) Wait(ctx context.Context, after ledger.Number) (ledger.Number, error) {
	head, err := s.Head(ctx)
	if err != nil || head > after {
		return head, err
	}
	wait, end := s.dialect.listen(ctx, s)
	defer end()
	for {
		next := s.heads.next()
		head, err := s.Head(ctx)
		if err != nil || head > after {
			return head, err
		}
		if err := wait(ctx, next); err != nil {
			return 0, fmt.Errorf("wait for a commit after %d: %w", after, err)
		}
	}
}
