package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// intervalTables are all tables whose rows hold for an interval.
var intervalTables = []*intervals{versionRows, judgedRows, readRows, lossRows, scopeRows, documentRows, scoreRows, principalRows, roleRows, tokenRows}

// sweepRows is how many rows are given up in one transaction: others get their
// turn in between.
const sweepRows = 2000

// Keep gives up history: what ended before or with commit oldest, and the effects
// of the commits up to it. State as of oldest and later stays; earlier commits
// are still listed, but reads as of them fail with [ForgottenError]. Keep may be stopped and
// called again. It ends with [Store.Sweep], unless an import is going on. c tells
// who does it; its Kind is set.
//
// Rows are counted that it gave up, contents that it swept included.
func (s *Store) Keep(ctx context.Context, c ledger.Commit, oldest ledger.Number) (rows int64, err error) {
	c.Kind = ledger.Retention
	_, err = s.commit(ctx, c, func(tx *Tx) error { return tx.keep(ctx, oldest) })
	if err != nil {
		return 0, err
	}
	s.fail("keep recorded")
	for _, table := range intervalTables {
		columns := strings.Join(append(slices.Clone(table.key), "since"), ", ")
		n, err := s.giveUp(ctx, table.table, columns, "until <= ? AND until < 4611686018427387904", oldest)
		if rows += n; err != nil {
			return rows, err
		}
	}
	n, err := s.giveUp(ctx, "effect", "number, place", "number <= ?", oldest)
	if rows += n; err != nil {
		return rows, err
	}
	n, err = s.Sweep(ctx, c)
	if errors.Is(err, ErrBusy) {
		err = nil
	}
	return rows + n, err
}

// keep records the oldest commit that is kept; one that is not later than the
// recorded one changes nothing.
func (t *Tx) keep(ctx context.Context, oldest ledger.Number) error {
	head, before, err := t.at.kept(ctx)
	switch {
	case err != nil || oldest <= before:
		return err
	case oldest > head:
		return fmt.Errorf("keep history from commit %d: the last one is %d", oldest, head)
	}
	t.wrote = true
	entry := ledger.AuditEntry{Action: "history.remove", Scope: "/", Detail: fmt.Appendf(nil, `{"before":%d,"oldest":%d}`, before, oldest)}
	if err := t.Audit(ctx, entry); err != nil {
		return err
	}
	_, err = t.at.exec(ctx, "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", oldestSetting, fmt.Sprint(int64(oldest)))
	return err
}

// giveUp deletes the rows of a table that a condition on a commit meets, some at
// a time. What it meets nobody writes any more.
func (s *Store) giveUp(ctx context.Context, table, key, condition string, n ledger.Number) (rows int64, err error) {
	statement := fmt.Sprintf("DELETE FROM %s WHERE (%s) IN (SELECT %s FROM %s WHERE %s LIMIT %d)", table, key, key, table, condition, sweepRows)
	for {
		var some int64
		err := s.inTransaction(ctx, s.puts, nil, func(at *session) (err error) {
			some, err = at.exec(ctx, statement, int64(n))
			return err
		})
		rows += some
		s.fail("keep batch")
		if err != nil {
			return rows, fmt.Errorf("give up history in %s: %w", table, err)
		}
		if some < sweepRows {
			return rows, nil
		}
	}
}

// sweeping says of a table of contents which of its rows nothing refers to any
// more. They are looked for at some commit; recent finds what referred to them
// since.
type sweeping struct {
	table string
	// unused gives numbers of rows; its parameter is the last resource number of
	// the commit.
	unused string
	recent []string
}

var sweepings = []sweeping{
	{
		"resource", "SELECT number FROM resource EXCEPT SELECT resource FROM version EXCEPT SELECT resource FROM judged",
		[]string{"SELECT resource FROM version WHERE since > ?", "SELECT resource FROM judged WHERE since > ?"},
	},
	{"body", "SELECT number FROM body EXCEPT SELECT body FROM version", []string{"SELECT body FROM version WHERE since > ?"}},
	{"facts", "SELECT number FROM facts EXCEPT SELECT facts FROM version", []string{"SELECT facts FROM version WHERE since > ?"}},
	{"tuple", "SELECT number FROM tuple EXCEPT SELECT tuple FROM judged", []string{"SELECT tuple FROM judged WHERE since > ?"}},
}

// Sweep deletes the contents that no version, kept or present, refers to, and
// resources without any, and counts them. While an [Intake] is open, in any
// process, it fails with [ErrBusy]. A number from before a sweep may be gone
// after it; it is never given again. Resources go in commits of kind
// [ledger.Retention] ([ledger.Commit.Forgets]), as c tells, so that who has their
// numbers in memory reads anew before the next commit.
func (s *Store) Sweep(ctx context.Context, c ledger.Commit) (rows int64, err error) {
	c.Kind, c.Object = ledger.Retention, ledger.ForgottenResources
	if s.readOnly {
		return 0, errors.New("sweep: the store was opened for reading only")
	}
	if !s.intakes.TryLock() {
		return 0, fmt.Errorf("sweep: %w: an import is going on", ErrBusy)
	}
	defer s.intakes.Unlock()
	release, taken, err := s.dialect.sweepAlone(ctx, s.held)
	switch {
	case err != nil:
		return 0, fmt.Errorf("sweep: %w", err)
	case !taken:
		return 0, fmt.Errorf("sweep: %w: an import is going on", ErrBusy)
	}
	defer release()
	for _, w := range sweepings {
		n, err := s.sweep(ctx, c, w)
		if rows += n; err != nil {
			return rows, fmt.Errorf("sweep %s: %w", w.table, err)
		}
	}
	return rows, nil
}

func (s *Store) sweep(ctx context.Context, c ledger.Commit, w sweeping) (rows int64, err error) {
	var head ledger.Number
	var unused []int64
	err = s.reading(ctx, func(at *session) (err error) {
		if head, _, err = at.kept(ctx); err != nil {
			return err
		}
		unused, err = at.column(ctx, w.unused)
		return err
	})
	for some := range slices.Chunk(unused, sweepRows) {
		if err != nil {
			break
		}
		var n int64
		if w.table == "resource" {
			_, err = s.commit(ctx, c, func(tx *Tx) (err error) {
				n, err = s.sweepSome(ctx, tx.at, w, some, head)
				tx.wrote = n > 0
				return err
			})
		} else {
			err = s.inTransaction(ctx, s.writer, nil, func(at *session) (err error) {
				if err := s.dialect.lockWriter(ctx, at); err != nil {
					return err
				}
				n, err = s.sweepSome(ctx, at, w, some, head)
				return err
			})
		}
		rows += n
		s.fail("sweep batch")
	}
	return rows, err
}

// sweepSome deletes rows unless a commit after head refers to them. Nobody
// commits meanwhile.
func (s *Store) sweepSome(ctx context.Context, at *session, w sweeping, some []int64, head ledger.Number) (int64, error) {
	doomed := make(map[int64]bool, len(some))
	for _, n := range some {
		doomed[n] = true
	}
	for _, query := range w.recent {
		used, err := at.column(ctx, query, int64(head))
		if err != nil {
			return 0, err
		}
		for _, n := range used {
			delete(doomed, n)
		}
	}
	return execOf(ctx, at, "DELETE FROM "+w.table+" WHERE number IN ", nil, slices.Sorted(maps.Keys(doomed)))
}

// column reads the numbers that a query gives.
func (s *session) column(ctx context.Context, query string, args ...any) (numbers []int64, err error) {
	err = s.each(ctx, query, args, func(scan func(...any) error) error {
		var n int64
		err := scan(&n)
		numbers = append(numbers, n)
		return err
	})
	return numbers, err
}
