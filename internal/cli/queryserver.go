package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bartizan-dev/bartizan/internal/client"
	"github.com/bartizan-dev/bartizan/internal/resourcegraph"
	"github.com/bartizan-dev/bartizan/kql"
)

// notOfServers are flags that say what is asked of without a server, or how it is
// computed here.
var notOfServers = []string{
	"inventory", "data", "database", "tables", "cases", "max-memory", "catalog", "initiative", "policy", "standard", "assignments", "parameters",
	"exemptions", "attestations", "hierarchy", "complete", "partial", "workers", "now",
}

// server makes queries be asked of a server.
func (s *session) server(cmd *cobra.Command) error {
	var wrong problemList
	for _, name := range notOfServers {
		if cmd.Flags().Changed(name) {
			wrong.add(usagef("--%s: it does not go with --server, which has what is asked of", name))
		}
	}
	if err := wrong.err(); err != nil {
		return err
	}
	var err error
	if s.remote, err = s.flags.server.client(s.app); err == nil {
		s.estate = resourcegraph.New(noEstate) // for the names of tables and columns
	}
	return err
}

// askedOfServer is the body of a request for a query.
type askedOfServer struct {
	Query      string            `json:"query"`
	Parameters map[string]string `json:"parameters,omitempty"`
	Scopes     []string          `json:"scopes,omitempty"`
	At         string            `json:"at,omitempty"`
}

// askServer asks the server one query and prints its answer as it comes.
func (s *session) askServer(ctx context.Context, text, from string) error {
	asked := askedOfServer{Query: text, Parameters: s.options.Params}
	if s.flags.explain {
		var plan struct{ Plan string }
		err := s.remote.Do(ctx, client.Request{Method: "POST", Path: "/api/v1/query/explain", Body: asked}, &plan)
		if err == nil {
			_, err = io.WriteString(s.Out, plan.Plan)
		}
		return s.told(text, from, err)
	}
	asked.Scopes, asked.At = s.flags.scopes, s.flags.at
	body, err := s.remote.Open(ctx, client.Request{Method: "POST", Path: "/api/v1/query", Body: asked, Accept: "application/x-ndjson"})
	if err != nil {
		return s.told(text, from, err)
	}
	defer body.Close()
	rows, err := newServerRows(body)
	if err != nil {
		return err
	}
	q, err := kql.Prepare("rows", kql.Named{"rows": rows}, kql.Options{MaxRows: s.options.MaxRows})
	if err != nil {
		return err
	}
	if err := s.print(ctx, q.Run(ctx)); err != nil {
		return s.told(text, from, err)
	}
	for _, w := range rows.end.Warnings {
		s.note("%d:%d: %s", w.Line, w.Column, w.Message)
	}
	if rows.end.Truncated {
		s.note("the server gives no more rows than these %d of a result", rows.count)
	}
	s.noteNotRead(rows.end.NotRead, rows.end.NotReadTotal)
	return nil
}

// told prints what is wrong with a query, if that is what an error says.
func (s *session) told(text, from string, err error) error {
	var wrong *client.Error
	if !errors.As(err, &wrong) {
		return err
	}
	var body struct{ Problems []kql.Problem }
	if json.Unmarshal(wrong.Body, &body) != nil || len(body.Problems) == 0 {
		return err
	}
	for _, p := range body.Problems {
		if p.Start < 0 || p.End < p.Start || p.End > len(text) {
			return err
		}
	}
	s.bar()
	s.printProblems(text, from, &kql.Error{Problems: body.Problems})
	return coded{exitError, errTold}
}

// serverRows are the rows of an answer, as a table that is read once.
type serverRows struct {
	in      *bufio.Reader
	columns []kql.Column
	count   int
	end     struct {
		Truncated    bool
		Warnings     []kql.Problem
		NotRead      []resourcegraph.NotRead
		NotReadTotal int
		Error        json.RawMessage
	}
}

func newServerRows(body io.Reader) (*serverRows, error) {
	r := &serverRows{in: bufio.NewReaderSize(body, 1<<16)}
	line, err := r.line()
	var head struct{ Columns json.RawMessage }
	if err == nil {
		err = json.Unmarshal(line, &head)
	}
	if err == nil {
		r.columns, err = columnsOfJSON(head.Columns)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the server's answer: %w", err)
	}
	return r, nil
}

// line reads one without its end.
func (r *serverRows) line() ([]byte, error) {
	line, err := r.in.ReadBytes('\n')
	if errors.Is(err, io.EOF) {
		return nil, errors.New("it ended before its end; the connection broke, or the server was stopped")
	}
	return line, err
}

// Columns implements kql.Table.
func (r *serverRows) Columns() []kql.Column { return r.columns }

// rowsAtOnce is how many rows are handed on together.
const rowsAtOnce = 256

// Scan implements kql.Table.
func (r *serverRows) Scan(ctx context.Context, want kql.Request) iter.Seq2[*kql.Batch, error] {
	return func(yield func(*kql.Batch, error) bool) {
		for ended := false; !ended; {
			var rows [][]kql.Value
			var err error
			for len(rows) < rowsAtOnce && !ended && err == nil {
				var row []kql.Value
				if row, err = r.row(); err == nil {
					if ended = row == nil; !ended {
						rows = append(rows, row)
					}
				}
			}
			r.count += len(rows)
			for b, wrong := range kql.MemoryTable(r.columns, rows...).Scan(ctx, want) {
				if !yield(b, wrong) || wrong != nil {
					return
				}
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// row reads a row; nil at the end.
func (r *serverRows) row() ([]kql.Value, error) {
	line, err := r.line()
	if err != nil {
		return nil, fmt.Errorf("reading the server's answer: %w", err)
	}
	if strings.HasPrefix(string(line), "{") {
		return nil, r.ended(line)
	}
	var cells []json.RawMessage
	if err := json.Unmarshal(line, &cells); err != nil || len(cells) != len(r.columns) {
		return nil, fmt.Errorf("reading the server's answer: %.40q is no row of %d cells", line, len(r.columns))
	}
	row := make([]kql.Value, len(cells))
	for i, cell := range cells {
		row[i] = valueOfJSON(string(cell), r.columns[i].Type)
	}
	return row, nil
}

// ended reads the last line, which may say why there are no more rows.
func (r *serverRows) ended(line []byte) error {
	if err := json.Unmarshal(line, &r.end); err != nil {
		return fmt.Errorf("reading the server's answer: %w", err)
	}
	if r.end.Error == nil {
		return nil
	}
	wrong := &client.Error{Body: r.end.Error}
	if err := json.Unmarshal(r.end.Error, wrong); err != nil {
		return fmt.Errorf("reading the server's answer: %w", err)
	}
	return wrong
}

// serverSchema gives the server's tables, empty.
func (s *session) serverSchema(ctx context.Context) (kql.Named, error) {
	var schema struct {
		Tables []struct {
			Table   string
			Columns json.RawMessage
		}
	}
	if err := s.remote.Do(ctx, client.Request{Path: "/api/v1/query/schema"}, &schema); err != nil {
		return nil, err
	}
	tables := kql.Named{}
	for _, t := range schema.Tables {
		columns, err := columnsOfJSON(t.Columns)
		if err != nil {
			return nil, fmt.Errorf("reading the server's answer: %w", err)
		}
		tables[t.Table] = kql.MemoryTable(columns)
	}
	return tables, nil
}
