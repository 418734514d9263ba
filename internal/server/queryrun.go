package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/kql"
)

// QueryLimits bound what queries may use. Zero values are good.
type QueryLimits struct {
	Time    time.Duration // of one query; two minutes
	Memory  int64         // that one query holds, in bytes; 256 MB
	Rows    int           // of one answer; a million
	AtOnce  int           // queries at a time; 16
	Each    int           // of these, of one caller; 4
	Workers int           // goroutines of one query; one a core
}

// withUsual fills in what is not said.
func (l QueryLimits) withUsual() QueryLimits {
	usual := QueryLimits{Time: 2 * time.Minute, Memory: 256 << 20, Rows: 1_000_000, AtOnce: 16, Each: 4}
	if l.Time <= 0 {
		l.Time = usual.Time
	}
	if l.Memory <= 0 {
		l.Memory = usual.Memory
	}
	if l.Rows <= 0 {
		l.Rows = usual.Rows
	}
	if l.AtOnce <= 0 {
		l.AtOnce = usual.AtOnce
	}
	if l.Each <= 0 {
		l.Each = usual.Each
	}
	return l
}

func (l *QueryLimits) options(now time.Time, parameters map[string]string) kql.Options {
	return kql.Options{Now: now, Default: "resources", Params: parameters, MaxMemory: l.Memory, Workers: l.Workers}
}

// Why a query was ended.
var (
	errCancelled = errors.New("the query was cancelled")
	errTooLong   = errors.New("the query ran for too long")
)

// retryQueries is when it is worth asking again after too many queries.
const retryQueries = 2 * time.Second

// queryKey names a query: callers choose ids of their own.
type queryKey struct{ principal, id string }

// queries are those that run.
type queries struct {
	mu      sync.Mutex
	running map[queryKey]*runningQuery
	each    map[string]int // by principal
}

// runningQuery is a query that runs.
type runningQuery struct {
	id     string
	ctx    context.Context // of the query
	cancel context.CancelCauseFunc
	limit  time.Duration
	end    func()
}

// begin makes room for a query, or refuses it.
func (q *queries) begin(ctx context.Context, l *QueryLimits, principal, id string, random io.Reader) (*runningQuery, error) {
	if id == "" {
		made, err := access.NewID(random)
		if err != nil {
			return nil, err
		}
		id = made
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	key := queryKey{principal, id}
	switch {
	case q.running[key] != nil:
		return nil, huma.Error409Conflict("a query of yours with the id " + id + " is running")
	case len(q.running) >= l.AtOnce, q.each[principal] >= l.Each:
		return nil, huma.ErrorWithHeaders(
			huma.Error429TooManyRequests(fmt.Sprintf("too many queries at a time: %d are answered at once, %d of one caller", l.AtOnce, l.Each)),
			http.Header{"Retry-After": {fmt.Sprint(int(retryQueries.Seconds()))}},
		)
	}
	if q.running == nil {
		q.running, q.each = map[queryKey]*runningQuery{}, map[string]int{}
	}
	run := &runningQuery{id: id, limit: l.Time}
	timed, stop := context.WithTimeoutCause(ctx, l.Time, errTooLong)
	run.ctx, run.cancel = context.WithCancelCause(timed)
	run.end = sync.OnceFunc(func() {
		run.cancel(nil)
		stop()
		q.mu.Lock()
		defer q.mu.Unlock()
		delete(q.running, key)
		if q.each[principal]--; q.each[principal] == 0 {
			delete(q.each, principal)
		}
	})
	q.running[key] = run
	q.each[principal]++
	return run, nil
}

// cancel ends a query, and reports whether there was one.
func (q *queries) cancel(principal, id string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	run := q.running[queryKey{principal, id}]
	if run != nil {
		run.cancel(errCancelled)
	}
	return run != nil
}

// shown turns an error of the query into one that may be shown.
func (r *runningQuery) shown(err error) error {
	if r.ctx.Err() == nil {
		return queryFault(err)
	}
	switch cause := context.Cause(r.ctx); {
	case errors.Is(cause, errCancelled):
		return huma.Error409Conflict(errCancelled.Error())
	case errors.Is(cause, errTooLong):
		return huma.Error422UnprocessableEntity(fmt.Sprintf("%s: queries may take %s; filter earlier, or ask for fewer columns", errTooLong, r.limit))
	}
	return r.ctx.Err() // who asked is gone
}

type cancelInput struct {
	ID string `path:"id" maxLength:"64"`
}

func (s *Server) cancelQuery(_ context.Context, c *caller, in *cancelInput) (*struct{}, error) {
	if !s.running.cancel(c.Caller.Principal.ID, in.ID) {
		return nil, huma.Error404NotFound("no query of yours with the id " + in.ID + " is running")
	}
	return nil, nil
}
