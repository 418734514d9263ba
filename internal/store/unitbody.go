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
	return s.unitBodies(ctx, n, unit, func(ctx context.Context, at *session) (string, []any, error) {
		if len(types) == 0 {
			return "1 = 1", nil, nil
		}
		return s.inTypes(ctx, at, types)
	})
}

// Neighbours gives a part of a unit, as [Store.UnitBodies] gives all of it.
func (s *Store) Neighbours(ctx context.Context, n ledger.Number, unit string, part ledger.Neighbourhood) iter.Seq2[ledger.ResourceBody, error] {
	return s.unitBodies(ctx, n, unit, func(ctx context.Context, at *session) (string, []any, error) {
		wide, args, err := s.inTypes(ctx, at, part.Types)
		if err != nil {
			return "", nil, err
		}
		narrow, more, err := s.inTypes(ctx, at, part.TypesInGroup)
		if err != nil {
			return "", nil, err
		}
		groups, err := s.scopes.known(ctx, at, part.Groups)
		if err != nil {
			return "", nil, err
		}
		among, these := amongNumbers("r.grp", groups)
		return "(" + wide + " OR " + narrow + " AND " + among + ")", slices.Concat(args, more, these), nil
	})
}

// inTypes is a condition on resources r: that they are of some types.
func (s *Store) inTypes(ctx context.Context, at *session, types []string) (condition string, args []any, err error) {
	kinds, err := s.types.known(ctx, at, types)
	if err != nil {
		return "", nil, err
	}
	condition, args = amongNumbers("r.type", kinds)
	return condition, args, nil
}

// amongNumbers is a condition: that a column has one of some numbers.
func amongNumbers(column string, numbers map[string]int64) (condition string, args []any) {
	if len(numbers) == 0 {
		return "1 = 0", nil
	}
	for _, n := range numbers {
		args = append(args, n)
	}
	return column + " IN " + list(len(args)), args
}

// unitBodies reads the resources of a unit for which a condition on r holds.
func (s *Store) unitBodies(ctx context.Context, n ledger.Number, unit string, where condition) iter.Seq2[ledger.ResourceBody, error] {
	return func(yield func(ledger.ResourceBody, error) bool) {
		var some []bodyHead
		bytes := int64(0)
		for head, err := range s.unitHeads(ctx, n, unit, where) {
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

// condition makes a condition of SQL with its arguments.
type condition func(ctx context.Context, at *session) (sql string, args []any, err error)

func (s *Store) unitHeads(ctx context.Context, n ledger.Number, unit string, where condition) iter.Seq2[bodyHead, error] {
	return pages(ctx, s, n, func(at *session, last *bodyHead) ([]bodyHead, error) {
		units, err := s.scopes.known(ctx, at, []string{unit})
		if err != nil {
			return nil, err
		}
		if units[unit] == 0 && unit != "" {
			return nil, nil
		}
		only, more, err := where(ctx, at)
		if err != nil {
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
		args = append(append(args, more...), pageRows)
		return s.readHeads(ctx, at, query+" AND "+only+" ORDER BY r.type, r.number LIMIT ?", args)
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
