package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/bartizan-dev/bartizan/kql"
)

// maxAnswer bounds an answer that comes as one document, in bytes.
const maxAnswer = 64 << 20

// answerWriter writes the answer to a query.
type answerWriter struct {
	*question
	query  *kql.Query
	result *kql.Result
	id     string
	limit  int // rows
	took   func() int64

	next  func() (*kql.Batch, error, bool)
	stop  func()
	first *kql.Batch // nil for none

	rows      int
	truncated bool
	line      []byte
}

// begin reads up to the first rows, so that what is wrong with a query is known
// before anything is written.
func (w *answerWriter) begin() error {
	for w.first == nil || w.first.Len == 0 {
		b, err, more := w.next()
		if err != nil {
			w.stop()
			return err
		}
		if !more {
			return nil
		}
		w.first = b
	}
	return nil
}

// each hands over the rows, as JSON, one by one.
func (w *answerWriter) each(take func(row []byte) error, ended func() error) error {
	defer w.stop()
	for b := w.first; b != nil; {
		for i := range b.Len {
			if w.rows == w.limit {
				w.truncated = true
				return nil
			}
			w.rows++
			w.line = appendRow(w.line[:0], b, i)
			if err := take(w.line); err != nil {
				return err
			}
		}
		if err := ended(); err != nil {
			return err
		}
		next, err, more := w.next()
		if err != nil {
			return err
		}
		if b = next; !more {
			return nil
		}
	}
	return nil
}

func appendRow(dst []byte, b *kql.Batch, i int) []byte {
	dst = append(dst, '[')
	for n, v := range b.Columns {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = kql.AppendJSON(dst, v.Value(i))
	}
	return append(dst, ']')
}

// whole gives the answer as one document.
func (w *answerWriter) whole(ctx context.Context) ([]byte, error) {
	rows := []byte{'['}
	err := w.each(func(row []byte) error {
		if w.rows > 1 {
			rows = append(rows, ',')
		}
		if rows = append(rows, row...); len(rows) > maxAnswer {
			return huma.Error422UnprocessableEntity(fmt.Sprintf("the answer is larger than %d MB: ask for fewer rows or columns, or for %s", maxAnswer>>20, linesType))
		}
		return nil
	}, func() error { return nil })
	if err != nil {
		return nil, err
	}
	end, err := w.end(ctx)
	if err != nil {
		return nil, err
	}
	return json.Marshal(struct {
		queryHead
		Rows json.RawMessage `json:"rows"`
		queryEnd
	}{w.head(), append(rows, ']'), end})
}

// queryHead is what is known before the rows.
type queryHead struct {
	ID      string        `json:"id"`
	Columns []QueryColumn `json:"columns"`
	AsOf    AsOf          `json:"asOf"`
	Hidden  int           `json:"hidden"`
}

// queryEnd is what is known behind them.
type queryEnd struct {
	Total         *int                `json:"total,omitempty"`
	Truncated     bool                `json:"truncated"`
	Statistics    QueryStatistics     `json:"statistics"`
	Visualization *QueryVisualization `json:"visualization,omitempty"`
	Warnings      []QueryProblem      `json:"warnings,omitempty"`
	NotRead       []QueryNotRead      `json:"notRead,omitempty"`
	NotReadTotal  int                 `json:"notReadTotal,omitempty"`
}

func (w *answerWriter) head() queryHead {
	return queryHead{w.id, columnsOf(w.result.Columns()), w.asOf, w.hidden}
}

// mostNotRead is how many types and places are told of which not all was read.
const mostNotRead = 100

func (w *answerWriter) end(ctx context.Context) (queryEnd, error) {
	e := queryEnd{Truncated: w.truncated, Warnings: queryProblems(w.query.Warnings()), Statistics: QueryStatistics{
		RowsRead: w.read.Load(), BodiesRead: w.estate.BodiesRead(), Milliseconds: w.took(), PeakBytes: w.result.Peak(),
	}}
	if !w.truncated {
		e.Total = &w.rows
	}
	if kind, properties := w.query.Chart(); kind != "" {
		e.Visualization = &QueryVisualization{kind, properties}
	}
	missing, err := w.estate.NotRead(ctx)
	if err != nil {
		return e, &tableError{err}
	}
	e.NotReadTotal = len(missing)
	for _, n := range missing[:min(len(missing), mostNotRead)] {
		e.NotRead = append(e.NotRead, QueryNotRead(n))
	}
	return e, nil
}

// lines writes the answer line by line. What ends it early is told in the last
// line.
func (w *answerWriter) lines(ctx context.Context, to huma.Context, shown func(error) error) error {
	_, answer := humago.Unwrap(to)
	out := http.NewResponseController(answer)
	write := func(value any) error {
		text, err := json.Marshal(value)
		if err == nil {
			_, err = answer.Write(append(text, '\n'))
		}
		return err
	}
	if err := write(w.head()); err != nil {
		w.stop()
		return err
	}
	var writing error // not the query's fault
	err := w.each(func(row []byte) error {
		_, writing = answer.Write(append(row, '\n'))
		return writing
	}, func() error {
		writing = out.Flush()
		return writing
	})
	if writing != nil {
		return writing
	}
	var end queryEnd
	if err == nil {
		end, err = w.end(ctx)
	}
	if err == nil {
		return write(end)
	}
	told, _ := answerable(shown(err))
	var known *QueryError
	if errors.As(told, &known) {
		return write(map[string]any{"error": known})
	}
	return write(map[string]any{"error": huma.ErrorModel{Title: "the query ended early", Status: statusOf(told), Detail: told.Error()}})
}

func statusOf(err error) int {
	var known huma.StatusError
	if errors.As(err, &known) {
		return known.GetStatus()
	}
	return http.StatusInternalServerError
}
