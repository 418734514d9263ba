package cli

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// queryCase is one line of the conformance door.
type queryCase struct {
	ID     json.RawMessage `json:"id"`
	Query  string          `json:"query"`
	Tables map[string]struct {
		Columns json.RawMessage     `json:"columns"`
		Rows    [][]json.RawMessage `json:"rows"`
	} `json:"tables"`
}

// answerCases answers every line of a file on a line, in the same order. A case
// that fails has an error; only a file that cannot be read ends it.
func (s *session) answerCases(ctx context.Context, args []string) error {
	if len(args) > 0 {
		return usagef("%d arguments: want none with --cases", len(args))
	}
	lines, err := s.caseLines(ctx)
	if err != nil {
		return err
	}
	defer lines.close()
	w := bufio.NewWriterSize(s.Out, 1<<16)
	defer w.Flush() // for what was answered when the rest is cut off
	for {
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !errors.As(err, new(*longLine)) {
			return err
		}
		if _, err := w.Write(s.answerCase(ctx, line, err)); err != nil {
			return err
		}
		if err := errors.Join(w.Flush(), ctx.Err()); err != nil {
			return err
		}
	}
	s.bar()
	missing, err := s.notRead(ctx)
	s.noteNotRead(missing, len(missing))
	return cmp.Or(w.Flush(), err)
}

// answerCase is the line that answers one, or says why it was not read.
func (s *session) answerCase(ctx context.Context, line []byte, wrong error) []byte {
	if wrong != nil {
		return answer(nil, nil, nil, wrong)
	}
	c, err := readCase(line)
	if err != nil {
		return answer(c.ID, nil, nil, fmt.Errorf("the case cannot be read: %w", err))
	}
	columns, rows, err := s.run(ctx, c, len(line))
	return answer(c.ID, columns, rows, err)
}

// readCase reads a line; the id may be there beside an error.
func readCase(line []byte) (*queryCase, error) {
	c := &queryCase{}
	err := json.Unmarshal(line, c)
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil && !bytes.HasPrefix(bytes.TrimSpace(line), []byte("{")), errors.As(err, &wrong) && wrong.Field == "":
		return c, fmt.Errorf("%.40q; %s", bytes.TrimSpace(line), wantedCase)
	case wrong != nil:
		return c, fmt.Errorf("%s is %s; %s", wrong.Field, article(wrong.Value), wantedCase)
	case err != nil:
		return c, fmt.Errorf("%.40q is no JSON; %s", bytes.TrimSpace(line), wantedCase)
	}
	return c, nil
}

const wantedCase = `want {"id","query","tables":{NAME:{"columns":[[name,type]…],"rows":[[…]]}}}`

// article puts one before a kind of JSON value.
func article(kind string) string {
	kind, _, _ = strings.Cut(kind, " ") // of a number it has the digits
	switch kind {
	case "bool":
		return "true or false"
	case "array", "object":
		return "an " + kind
	}
	return "a " + kind
}

// answer makes {"id","columns","rows","error"}.
func answer(id json.RawMessage, columns []kql.Column, rows []byte, err error) []byte {
	if len(id) == 0 {
		id = json.RawMessage("null")
	}
	if err != nil {
		columns, rows = nil, nil
	}
	out := append(append([]byte(`{"id":`), id...), `,"columns":`...)
	out = append(append(appendColumns(out, columns), `,"rows":[`...), rows...)
	out = append(out, `],"error":`...)
	if err == nil {
		return append(out, "null}\n"...)
	}
	return append(data.AppendQuoted(out, err.Error()), "}\n"...)
}

// tableOfCase makes a case's table.
func tableOfCase(columns []kql.Column, rows [][]json.RawMessage, room *tableRoom) (*kql.Memory, error) {
	t := newJSONRows(room)
	if err := t.setColumns(columns); err != nil {
		return nil, err
	}
	for i, row := range rows {
		cells := make([]string, len(row))
		for n, cell := range row {
			cells[n] = string(cell)
		}
		if err := t.addCells(cells); err != nil {
			return nil, fmt.Errorf("row %d: %w", i+1, err)
		}
	}
	return t.table()
}

// caseTables are a case's own before those of all cases.
type caseTables struct {
	kql.Named
	all kql.Tables
}

// Table implements [kql.Tables].
func (c caseTables) Table(name string) (kql.Table, bool) {
	if t, ok := c.Named.Table(name); ok {
		return t, true
	}
	return c.all.Table(name)
}

// Names implements [kql.Tables].
func (c caseTables) Names() []string {
	names := append(c.Named.Names(), c.all.Names()...)
	slices.Sort(names)
	return slices.Compact(names)
}

// run gives the rows of a case whose line has a size as JSON. A panic of the engine
// is an error of the case.
func (s *session) run(ctx context.Context, c *queryCase, size int) (columns []kql.Column, rows []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the engine broke: %v", r)
		}
	}()
	tables := kql.Named{}
	own := *s
	own.own = caseTables{tables, s.own}
	room := &tableRoom{limit: s.options.MaxMemory, given: s.flags.memory, held: int64(size)}
	if s.files != nil {
		room.held += s.files.room.held
	}
	for name, t := range c.Tables {
		columns, err := columnsOfJSON(t.Columns)
		if err != nil {
			return nil, nil, fmt.Errorf("table %s: %w", name, err)
		}
		if tables[name], err = tableOfCase(columns, t.Rows, room); err != nil {
			return nil, nil, fmt.Errorf("table %s: %w", name, err)
		}
	}
	own.options.Held = room.held
	own.meansResources()
	limited, stop := s.flags.limited(ctx)
	defer stop()
	q, err := own.bind(limited, c.Query)
	if err != nil {
		err = late(limited, err)
		return nil, nil, errors.New(strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	result := q.Run(limited)
	for values, err := range result.Rows() {
		if err != nil {
			return nil, nil, late(limited, err)
		}
		if len(rows) > 0 {
			rows = append(rows, ',')
		}
		if rows = appendRow(rows, values); room.limit > 0 && int64(len(rows)) > room.limit {
			return nil, nil, fmt.Errorf("the result takes more memory than --max-memory %s; raise it (0: any number), or take fewer rows", room.given)
		}
	}
	return result.Columns(), rows, nil
}
