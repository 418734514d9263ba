package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/store"
)

// facets are what the list of checks is counted by, in the columns of the table
// that SQLite is asked over.
var facets = []string{"state", "severity", "cloud", "type", "unit", "location"}

// facetsInSQLite is how long SQLite takes to count the checks of a data directory by
// each facet: one row a check, an index on each column.
func facetsInSQLite(dir string) (took time.Duration, checks int, err error) {
	file := dir + "-checks.db"
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return 0, 0, err
	}
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(off)&_pragma=synchronous(off)&_pragma=cache_size(-1000000)")
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, db.Close(), os.Remove(file)) }()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("CREATE TABLE checks (resource INTEGER, rule INTEGER, state INTEGER, severity INTEGER, cloud TEXT, type TEXT, unit TEXT, location TEXT)"); err != nil {
		return 0, 0, err
	}
	if checks, err = writeChecks(dir, db); err != nil {
		return 0, 0, err
	}
	for _, facet := range facets {
		if _, err := db.Exec("CREATE INDEX by_" + facet + " ON checks (" + facet + ")"); err != nil {
			return 0, 0, err
		}
	}
	began := time.Now()
	for _, facet := range facets {
		rows, err := db.Query("SELECT " + facet + ", count(*) FROM checks GROUP BY 1")
		if err != nil {
			return 0, 0, err
		}
		counted := 0
		for rows.Next() {
			var value any
			var n int
			if err := rows.Scan(&value, &n); err != nil {
				return 0, 0, err
			}
			counted += n
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil || counted != checks {
			return 0, 0, errors.Join(err, fmt.Errorf("%d checks by %s, want %d", counted, facet, checks))
		}
	}
	return time.Since(began), checks, nil
}

// kept is what a data directory has of checks.
type kept struct {
	severities map[uint32]posture.Severity // by evaluation
	tuples     map[int64][]ledger.Verdict
	resources  map[uint32]ledger.Resource
	locations  map[uint32]string
}

func readKept(ctx context.Context, s *store.Store, head ledger.Number) (*kept, error) {
	k := &kept{map[uint32]posture.Severity{}, map[int64][]ledger.Verdict{}, map[uint32]ledger.Resource{}, map[uint32]string{}}
	c, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	judges, err := estate.NewJudges(c)
	if err != nil {
		return nil, err
	}
	content, err := judges.Content(nil)
	if err != nil {
		return nil, err
	}
	evaluations, err := s.Evaluations(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range evaluations {
		for i := range content.Rules {
			if content.Rules[i].ID == e.Rule {
				k.severities[e.Number] = content.Rules[i].Severity
			}
		}
	}
	for tuple, err := range s.Tuples(ctx, 0) {
		if err != nil {
			return nil, err
		}
		k.tuples[tuple.Number] = tuple.Verdicts
	}
	for r, err := range s.Resources(ctx, head) {
		if err != nil {
			return nil, err
		}
		k.resources[r.Number] = r
	}
	facts := map[int64]string{}
	for v, err := range s.Versions(ctx, head, "") {
		if err != nil {
			return nil, err
		}
		location, known := facts[v.Facts]
		if !known {
			found, err := s.Facts(ctx, []int64{v.Facts})
			if err != nil {
				return nil, err
			}
			location = found[0].Location
			facts[v.Facts] = location
		}
		k.locations[v.Resource] = location
	}
	return k, nil
}

// writeChecks writes the checks of a data directory as rows.
func writeChecks(dir string, db *sql.DB) (checks int, err error) {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{Dir: dir, ReadOnly: true})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	head, err := s.Head(ctx)
	if err != nil {
		return 0, err
	}
	k, err := readKept(ctx, s, head)
	if err != nil {
		return 0, err
	}
	tx, err := db.Begin()
	if err != nil {
		return 0, err
	}
	insert, err := tx.Prepare("INSERT INTO checks VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
	if err != nil {
		return 0, errors.Join(err, tx.Rollback())
	}
	for j, err := range s.Judged(ctx, head) {
		if err != nil {
			return 0, errors.Join(err, tx.Rollback())
		}
		r := k.resources[j.Resource]
		for _, v := range k.tuples[j.Tuple] {
			if _, err := insert.Exec(j.Resource, v.Evaluation, int(v.State), int(k.severities[v.Evaluation]), r.Cloud.String(), r.Type, r.Unit, k.locations[j.Resource]); err != nil {
				return 0, errors.Join(err, tx.Rollback())
			}
			checks++
		}
	}
	return checks, tx.Commit()
}
