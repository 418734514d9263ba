package store

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// bodyHead is a [ledger.ResourceBody] before its record is read.
type bodyHead struct {
	resourceRow
	version ledger.Version
	size    int64
}

// UnitBodies gives the resources of a unit, "" for those above units, as of commit
// n with their records;
// only those of some types if any are named. Those of one type come together, by
// number. It holds a few megabytes, however many there are.
func (s *Store) UnitBodies(ctx context.Context, n ledger.Number, unit string, types ...string) iter.Seq2[ledger.ResourceBody, error] {
	return func(yield func(ledger.ResourceBody, error) bool) {
		var some []bodyHead
		bytes := int64(0)
		for head, err := range s.unitHeads(ctx, n, unit, types) {
			if err != nil {
				yield(ledger.ResourceBody{}, fmt.Errorf("read bodies of %q: %w", unit, err))
				return
			}
			if len(some) == inBatch || bytes+head.size > pageBytes && len(some) > 0 {
				if !s.yieldBodies(ctx, n, some, yield) {
					return
				}
				some, bytes = some[:0], 0
			}
			some, bytes = append(some, head), bytes+head.size
		}
		s.yieldBodies(ctx, n, some, yield)
	}
}

// yieldBodies reads the records and says whether to go on.
func (s *Store) yieldBodies(ctx context.Context, n ledger.Number, some []bodyHead, yield func(ledger.ResourceBody, error) bool) bool {
	numbers := make([]int64, len(some))
	for i := range some {
		numbers[i] = some[i].version.Body
	}
	slices.Sort(numbers)
	var found map[int64]ledger.Body
	err := s.view(ctx, n, func(at *session) (err error) {
		found, err = s.readBodies(ctx, at, slices.Compact(numbers))
		return err
	})
	if err != nil {
		yield(ledger.ResourceBody{}, fmt.Errorf("read bodies: %w", err))
		return false
	}
	for _, h := range some {
		if !yield(ledger.ResourceBody{Resource: h.Resource, Version: h.version, Record: found[h.version.Body].Record}, nil) {
			return false
		}
	}
	return true
}

func (s *Store) unitHeads(ctx context.Context, n ledger.Number, unit string, types []string) iter.Seq2[bodyHead, error] {
	return pages(ctx, s, n, func(at *session, last *bodyHead) ([]bodyHead, error) {
		units, err := s.scopes.known(ctx, at, []string{unit})
		if err != nil {
			return nil, err
		}
		kinds, err := s.types.known(ctx, at, types)
		if err != nil || units[unit] == 0 && unit != "" || len(kinds) == 0 && len(types) > 0 {
			return nil, err
		}
		var after bodyHead
		if last != nil {
			after = *last
		}
		query := "SELECT " + resourceColumns + `, v.since, v.until, v.body, v.facts, b.size
			FROM resource r JOIN version v ON v.resource = r.number AND +v.since <= ? AND +v.until > ? JOIN body b ON b.number = v.body
			WHERE r.unit = ? AND (r.type, r.number) > (?, ?)`
		args := []any{int64(n), int64(n), units[unit], after.kind, int64(after.Number)}
		if len(kinds) > 0 {
			query += " AND r.type IN " + list(len(kinds))
			for _, k := range kinds {
				args = append(args, k)
			}
		}
		return s.readHeads(ctx, at, query+" ORDER BY r.type, r.number LIMIT ?", append(args, pageRows))
	})
}

func (s *Store) readHeads(ctx context.Context, at *session, query string, args []any) ([]bodyHead, error) {
	var rows []bodyHead
	err := at.each(ctx, query, args, func(scan func(...any) error) error {
		var h bodyHead
		var key int64
		v := &h.version
		if err := scan(append(h.scanned(&key), &v.Since, &v.Until, &v.Body, &v.Facts, &h.size)...); err != nil {
			return err
		}
		h.Key, v.Resource = uint64(key), h.Number
		rows = append(rows, h)
		return nil
	})
	if err != nil {
		return nil, err
	}
	resources := make([]resourceRow, len(rows))
	for i := range rows {
		resources[i] = rows[i].resourceRow
	}
	err = s.spellResources(ctx, at, resources)
	for i := range rows {
		rows[i].resourceRow = resources[i]
	}
	return rows, err
}

// RecordsOf gives what was read of some resources as of commit n, in the order
// given, each of which has to be there. Some hundreds at a time are best.
func (s *Store) RecordsOf(ctx context.Context, n ledger.Number, resources []uint32) (records [][]byte, err error) {
	numbers := make([]int64, len(resources))
	for i, r := range resources {
		numbers[i] = int64(r)
	}
	err = s.view(ctx, n, func(at *session) error {
		of := make(map[int64]int64, len(numbers)) // body by resource
		var wanted []int64
		err := eachOf(ctx, at, "SELECT v.resource, v.body FROM version v WHERE +v.since <= ? AND +v.until > ? AND v.resource IN ", []any{int64(n), int64(n)}, numbers, func(scan func(...any) error) error {
			var resource, body int64
			err := scan(&resource, &body)
			of[resource], wanted = body, append(wanted, body)
			return err
		})
		if err != nil {
			return err
		}
		slices.Sort(wanted)
		bodies, err := s.readBodies(ctx, at, slices.Compact(wanted))
		if err != nil {
			return err
		}
		for _, number := range numbers {
			body, there := of[number]
			if !there {
				return fmt.Errorf("resource %d: not there as of commit %d", number, n)
			}
			records = append(records, bodies[body].Record)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	return records, nil
}
