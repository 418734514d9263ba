package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// querier is a transaction or a connection.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// session is a transaction or a connection that takes queries in our own
// writing.
type session struct {
	dialect dialect
	on      querier
	conn    *sql.Conn // below a transaction that writes many rows, else nil
}

// exec runs a statement and tells how many rows it touched.
func (s *session) exec(ctx context.Context, query string, args ...any) (int64, error) {
	result, err := s.on.ExecContext(ctx, s.dialect.bind(query), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// each calls row once for each row of an answer. It must not use the session.
func (s *session) each(ctx context.Context, query string, args []any, row func(scan func(...any) error) error) (err error) {
	rows, err := s.on.QueryContext(ctx, s.dialect.bind(query), args...)
	if err != nil {
		return err
	}
	defer func() {
		if closing := rows.Close(); err == nil {
			err = closing
		}
	}()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// one reads the answer's only row; without one it leaves the places alone and
// says false.
func (s *session) one(ctx context.Context, query string, args []any, places ...any) (found bool, err error) {
	err = s.each(ctx, query, args, func(scan func(...any) error) error {
		found = true
		return scan(places...)
	})
	return found, err
}

// eachOf calls row for the answers to a query that ends in a list of values,
// asked for some of the values at a time.
func eachOf[T any](ctx context.Context, s *session, query string, before []any, values []T, row func(scan func(...any) error) error) error {
	for some := range slices.Chunk(values, inBatch) {
		args := slices.Grow(slices.Clone(before), len(some))
		for _, v := range some {
			args = append(args, v)
		}
		if err := s.each(ctx, query+list(len(some)), args, row); err != nil {
			return err
		}
	}
	return nil
}

// execOf is like eachOf for a statement that gives no rows.
func execOf[T any](ctx context.Context, s *session, query string, before []any, values []T) (touched int64, err error) {
	for some := range slices.Chunk(values, inBatch) {
		args := slices.Grow(slices.Clone(before), len(some))
		for _, v := range some {
			args = append(args, v)
		}
		n, err := s.exec(ctx, query+list(len(some)), args...)
		if err != nil {
			return touched, err
		}
		touched += n
	}
	return touched, nil
}

// list is n parameters in brackets.
func list(n int) string { return "(" + strings.Repeat("?,", n-1) + "?)" }

// insert adds rows; all have one value a column.
func (s *session) insert(ctx context.Context, table string, columns []string, rows [][]any) error {
	if len(rows) > insertRows && s.conn != nil {
		return s.dialect.copy(ctx, s, table, columns, rows)
	}
	return s.insertValues(ctx, table, columns, "", rows)
}

// insertValues adds rows by statements of many rows; end stands behind each.
func (s *session) insertValues(ctx context.Context, table string, columns []string, end string, rows [][]any) error {
	head := "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES "
	for some := range slices.Chunk(rows, insertRows) {
		args := make([]any, 0, len(some)*len(columns))
		for _, row := range some {
			args = append(args, row...)
		}
		one := list(len(columns))
		if _, err := s.exec(ctx, head+one+strings.Repeat(","+one, len(some)-1)+end, args...); err != nil {
			return fmt.Errorf("add %d rows to %s: %w", len(some), table, err)
		}
	}
	return nil
}
