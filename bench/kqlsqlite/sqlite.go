package main

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"

	sqlitedriver "modernc.org/sqlite"

	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// sqlite is a database in memory with the same rows. It is asked through the
// driver itself: database/sql would add its own time to every row.
type sqlite struct{ conn driver.Conn }

func newSQLite(r *rows) (*sqlite, error) {
	conn, err := (&sqlitedriver.Driver{}).Open(":memory:")
	if err != nil {
		return nil, err
	}
	s := &sqlite{conn}
	for _, name := range []string{"resources", "owners"} {
		if err := s.fill(name, r.tables[name]); err != nil {
			return nil, fmt.Errorf("fill %s: %w", name, err)
		}
	}
	for _, statement := range []string{
		"create unique index ids on resources(id)", "create index types on resources(type)", "create index locations on resources(location)",
		"create unique index owned on owners(id)", "analyze", "pragma temp_store = memory",
	} {
		if err := s.do(statement); err != nil {
			return nil, fmt.Errorf("%s: %w", statement, err)
		}
	}
	return s, nil
}

func (s *sqlite) close() { s.conn.Close() }

func (s *sqlite) do(statement string, args ...driver.NamedValue) error {
	_, err := s.conn.(driver.ExecerContext).ExecContext(context.Background(), statement, args)
	return err
}

// fill makes a table of all rows of ours.
func (s *sqlite) fill(name string, t kql.Table) error {
	var names, marks []string
	var want kql.Request
	for i, c := range t.Columns() {
		kind := " text not null"
		if c.Type != data.String {
			kind = " integer not null"
		}
		names, marks, want.Columns = append(names, c.Name+kind), append(marks, "?"), append(want.Columns, i)
	}
	if err := errors.Join(s.do(fmt.Sprintf("create table %s (%s)", name, strings.Join(names, ", "))), s.do("begin")); err != nil {
		return err
	}
	insert, err := s.conn.Prepare(fmt.Sprintf("insert into %s values (%s)", name, strings.Join(marks, ", ")))
	if err != nil {
		return err
	}
	defer insert.Close()
	args := make([]driver.NamedValue, len(names))
	for b, err := range t.Scan(context.Background(), want) {
		if err != nil {
			return err
		}
		for row := range b.Len {
			for i, v := range b.Columns {
				args[i] = driver.NamedValue{Ordinal: i + 1, Value: plain(v, row)}
			}
			if _, err := insert.(driver.StmtExecContext).ExecContext(context.Background(), args); err != nil {
				return err
			}
		}
	}
	return s.do("commit")
}

func plain(v *data.Vector, row int) driver.Value {
	if v.Type == data.String {
		return v.Texts[row]
	}
	return v.Longs[row]
}

// ask runs a query, from its text on, and fetches every value of the answer.
func (s *sqlite) ask(query string) (sum, error) {
	var got sum
	rows, err := s.conn.(driver.QueryerContext).QueryContext(context.Background(), query, nil)
	if err != nil {
		return got, err
	}
	defer rows.Close()
	values := make([]driver.Value, len(rows.Columns()))
	for {
		switch err := rows.Next(values); {
		case errors.Is(err, io.EOF):
			return got, nil
		case err != nil:
			return got, err
		}
		got.rows++
		for _, v := range values {
			switch v := v.(type) {
			case int64:
				got.total += v
			case string:
				got.bytes += len(v)
			default:
				return got, fmt.Errorf("a value of type %T, which no column has", v)
			}
		}
	}
}
