package store

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

var (
	versionRows = &intervals{table: "version", key: []string{"resource"}, value: []string{"body", "facts"}}
	judgedRows  = &intervals{table: "judged", key: []string{"resource"}, value: []string{"tuple"}}
)

// SetVersions says what resources are from this commit on; of each version
// Resource, Body and Facts count, all of which must be there (Facts may be 0,
// for none).
func (t *Tx) SetVersions(ctx context.Context, versions []ledger.Version) error {
	changes := make([]change, len(versions))
	var resources, bodies, facts []int64
	for i, v := range versions {
		changes[i] = change{key: []any{int64(v.Resource)}, value: []any{v.Body, v.Facts}}
		resources, bodies = append(resources, int64(v.Resource)), append(bodies, v.Body)
		if v.Facts != 0 {
			facts = append(facts, v.Facts)
		}
	}
	for table, numbers := range map[string][]int64{"resource": resources, "body": bodies, "facts": facts} {
		if err := t.exist(ctx, table, numbers); err != nil {
			return fmt.Errorf("set versions: %w", err)
		}
	}
	return t.set(ctx, versionRows, changes)
}

// Delete says that resources are gone: they have neither version nor verdicts
// from this commit on.
func (t *Tx) Delete(ctx context.Context, resources []uint32) error {
	changes := make([]change, len(resources))
	for i, r := range resources {
		changes[i] = change{key: []any{int64(r)}}
	}
	if err := t.set(ctx, versionRows, changes); err != nil {
		return err
	}
	return t.set(ctx, judgedRows, changes)
}

// exist fails if one of the numbers is in no row of the table: it may have been
// swept.
func (t *Tx) exist(ctx context.Context, table string, numbers []int64) error {
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	if table == "resource" { // those of this commit are there
		after, _ := slices.BinarySearch(numbers, int64(t.lastBefore)+1)
		if len(numbers) > after && numbers[len(numbers)-1] <= int64(t.last) {
			numbers = numbers[:after]
		}
	}
	there := make(map[int64]bool, len(numbers))
	err := eachOf(ctx, t.at, "SELECT number FROM "+table+" WHERE number IN ", nil, numbers, func(scan func(...any) error) error {
		var n int64
		err := scan(&n)
		there[n] = true
		return err
	})
	if err != nil {
		return err
	}
	for _, n := range numbers {
		if !there[n] {
			return fmt.Errorf("%s %d: not there", table, n)
		}
	}
	return nil
}

// versionRow is a version with the type of its resource.
type versionRow struct {
	ledger.Version
	kind int64
}

// Versions gives what the resources of a unit were as of commit n, those of one
// type together, or of all units for "", by number.
func (s *Store) Versions(ctx context.Context, n ledger.Number, unit string) iter.Seq2[ledger.Version, error] {
	const (
		columns = "SELECT v.resource, v.since, v.until, v.body, v.facts, "
		all     = columns + "0 FROM version v WHERE v.resource > ? AND +v.since <= ? AND +v.until > ? ORDER BY v.resource LIMIT ?"
		ofUnit  = columns + `r.type FROM resource r JOIN version v ON v.resource = r.number AND +v.since <= ? AND +v.until > ?
			WHERE r.unit = ? AND (r.type, r.number) > (?, ?) ORDER BY r.type, r.number LIMIT ?`
	)
	rows := pages(ctx, s, n, func(at *session, last *versionRow) ([]versionRow, error) {
		var after versionRow
		if last != nil {
			after = *last
		}
		if unit == "" {
			return at.versions(ctx, all, int64(after.Resource), int64(n), int64(n), pageRows)
		}
		number, err := s.scopes.known(ctx, at, []string{unit})
		if err != nil || number[unit] == 0 {
			return nil, err
		}
		return at.versions(ctx, ofUnit, int64(n), int64(n), number[unit], after.kind, int64(after.Resource), pageRows)
	})
	return mapped(rows, func(r versionRow) ledger.Version { return r.Version })
}

func (s *session) versions(ctx context.Context, query string, args ...any) ([]versionRow, error) {
	var rows []versionRow
	err := s.each(ctx, query, args, func(scan func(...any) error) error {
		var r versionRow
		err := scan(&r.Resource, &r.Since, &r.Until, &r.Body, &r.Facts, &r.kind)
		rows = append(rows, r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read versions: %w", err)
	}
	return rows, nil
}

// Records gives which bodies resources had as of commit n, by resource.
func (s *Store) Records(ctx context.Context, n ledger.Number) iter.Seq2[ledger.Record, error] {
	const query = `SELECT v.resource, b.hash, coalesce(f.partial, 0) FROM version v JOIN body b ON b.number = v.body LEFT JOIN facts f ON f.number = v.facts
		WHERE v.resource > ? AND +v.since <= ? AND +v.until > ? ORDER BY v.resource LIMIT ?`
	return pages(ctx, s, n, func(at *session, last *ledger.Record) ([]ledger.Record, error) {
		var after uint32
		if last != nil {
			after = last.Resource
		}
		return at.records(ctx, query, int64(after), int64(n), int64(n), pageRows)
	})
}

func (s *session) records(ctx context.Context, query string, args ...any) ([]ledger.Record, error) {
	var rows []ledger.Record
	err := s.each(ctx, query, args, func(scan func(...any) error) error {
		var r ledger.Record
		var hash []byte
		var partial int64
		err := scan(&r.Resource, &hash, &partial)
		copy(r.Hash[:], hash)
		r.Partial = partial != 0
		rows = append(rows, r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read which bodies resources had: %w", err)
	}
	return rows, nil
}

// History gives all that is kept of what one resource was and how it was judged,
// the oldest first.
func (s *Store) History(ctx context.Context, resource uint32) (versions []ledger.Version, judged []ledger.Judged, err error) {
	err = s.reading(ctx, func(at *session) error {
		rows, err := at.versions(ctx, "SELECT resource, since, until, body, facts, 0 FROM version WHERE resource = ? ORDER BY since", int64(resource))
		if err != nil {
			return err
		}
		for _, r := range rows {
			versions = append(versions, r.Version)
		}
		judged, err = at.judged(ctx, "SELECT resource, since, until, tuple FROM judged WHERE resource = ? ORDER BY since", int64(resource))
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("history of resource %d: %w", resource, err)
	}
	return versions, judged, nil
}
