package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/resourcegraph"
	"github.com/bartizan-dev/bartizan/kql"
)

// QueryRequest is a question in KQL.
type QueryRequest struct {
	Query      string            `json:"query" minLength:"1" maxLength:"200000" doc:"KQL over the tables of Azure Resource Graph"`
	Parameters map[string]string `json:"parameters,omitempty" doc:"values of the parameters that the query declares, as text"`
	Scopes     []string          `json:"scopes,omitempty" maxItems:"100" doc:"ids of scopes: only what lies in any of them"`
	At         string            `json:"at,omitempty" maxLength:"40" doc:"as of then: a day (its end, UTC) or an instant; now without it"`
	Limit      int               `json:"limit,omitempty" minimum:"0" maximum:"100000" doc:"most rows of the answer; 1000 without it, and none for application/x-ndjson"`
	ID         string            `json:"id,omitempty" pattern:"^[A-Za-z0-9_-]{1,64}$" doc:"by which you cancel the query; the server gives one without it"`
}

// QueryColumn is a column of an answer or of a table.
type QueryColumn struct {
	Name string `json:"name"`
	Type string `json:"type" doc:"of Kusto: string, long, real, bool, datetime, timespan, dynamic, decimal, guid, int"`
}

// QueryStatistics say what a query cost.
type QueryStatistics struct {
	RowsRead     int64 `json:"rowsRead" doc:"that tables gave"`
	BodiesRead   int64 `json:"bodiesRead" doc:"resources of which what was read of them was looked up"`
	Milliseconds int64 `json:"milliseconds"`
	PeakBytes    int64 `json:"peakBytes" doc:"most that was held at a time"`
}

// QueryVisualization is what render asks for.
type QueryVisualization struct {
	Kind       string            `json:"kind"`
	Properties map[string]string `json:"properties,omitempty"`
}

// QueryAnswer is the rows of a query. As application/x-ndjson it is one line with
// columns, id, asOf and hidden, then a line for each row, an array, and at last one
// with the rest, or with "error".
type QueryAnswer struct {
	ID            string              `json:"id"`
	Columns       []QueryColumn       `json:"columns"`
	Rows          [][]any             `json:"rows" doc:"a value for each column"`
	Total         *int                `json:"total,omitempty" doc:"rows of the result; none if it was cut off"`
	Truncated     bool                `json:"truncated" doc:"there are more rows than these"`
	Statistics    QueryStatistics     `json:"statistics"`
	Visualization *QueryVisualization `json:"visualization,omitempty"`
	Warnings      []QueryProblem      `json:"warnings,omitempty" doc:"what may surprise in the query"`
	NotRead       []QueryNotRead      `json:"notRead,omitempty" doc:"what read records say was not read of what the query asks for: rows may be missing; at most a hundred"`
	NotReadTotal  int                 `json:"notReadTotal,omitempty" doc:"of these, types and places"`
	AsOf          AsOf                `json:"asOf"`
	Hidden        int                 `json:"hidden" doc:"scopes left out that you may not see"`
}

// QueryNotRead says that not all of a type was read.
type QueryNotRead struct {
	Tables []string       `json:"tables" doc:"in which rows may be missing"`
	Type   string         `json:"type" doc:"a resource type; * for all of which nothing more is told"`
	Scope  string         `json:"scope" doc:"where, or the id of the resource below which"`
	Reason posture.Reason `json:"reason"`
	Count  int            `json:"count,omitempty" doc:"resources of the type that were not read, where read records name them"`

	Resources []string `json:"resources,omitempty" doc:"their ids, at most ten"`
}

// QueryProblem is one thing that is wrong with a query.
type QueryProblem struct {
	Line       int    `json:"line" doc:"from 1"`
	Column     int    `json:"column" doc:"from 1, in characters"`
	Start      int    `json:"start" doc:"in bytes, from 0"`
	End        int    `json:"end" doc:"in bytes"`
	Token      string `json:"token"`
	Code       string `json:"code"`
	Message    string `json:"message"`
	Suggestion string `json:"suggestion,omitempty" doc:"what was probably meant"`
}

// QueryError tells all that is wrong with a query, as RFC 9457 says.
type QueryError struct {
	huma.ErrorModel
	Problems []QueryProblem `json:"problems,omitempty"`
}

type queryInput struct {
	Accept string `header:"Accept"`
	Body   QueryRequest
}

type queryOutput struct {
	ContentType string `header:"Content-Type"`
	ID          string `header:"Query-Id"`
	Body        func(huma.Context)
}

func (s *Server) registerQuery() {
	handle(s, route{
		method: http.MethodPost, path: "/api/v1/query", id: "run-query", summary: "Ask a question in KQL", need: seeing, live: true, slow: true,
	}, s.query)
	s.describeQuery()
	handle(s, route{
		method: http.MethodDelete, path: "/api/v1/query/{id}", id: "delete-query", summary: "Cancel a query of your own", need: signedIn, status: http.StatusNoContent,
	}, s.cancelQuery)
	s.registerQueryTools()
}

// describeQuery says what the answers of queries are, which are written piece by
// piece.
func (s *Server) describeQuery() {
	operation := s.api.OpenAPI().Paths["/api/v1/query"].Post
	schemas := s.api.OpenAPI().Components.Schemas
	operation.Responses["200"].Content = map[string]*huma.MediaType{
		"application/json":     {Schema: schemas.Schema(typeOf[QueryAnswer](), true, "QueryAnswer")},
		"application/x-ndjson": {},
	}
	operation.Responses["400"] = &huma.Response{Description: "The query is not one.", Content: map[string]*huma.MediaType{
		"application/problem+json": {Schema: schemas.Schema(typeOf[QueryError](), true, "QueryError")},
	}}
}

// question is what one query is asked of: a moment, as far as who asks sees it.
type question struct {
	estate *resourcegraph.Estate
	read   atomic.Int64 // rows that tables gave
	now    time.Time
	asOf   AsOf
	hidden int
}

// asked takes an excerpt of what is kept, so that the posture goes on while the
// query runs.
func (s *Server) asked(ctx context.Context, c *caller, at string, scopes []string) (*question, error) {
	q := &question{}
	var excerpt *index.Excerpt
	var of *sight
	err := s.see(ctx, c, at, func(v *view) error {
		if q.now = v.at; q.now.IsZero() {
			q.now = s.Now()
		}
		q.asOf, q.hidden = v.asOf(), v.hidden
		if err := v.lacks(scopes); err != nil {
			return err
		}
		f := v.filter()
		f.Scopes = scopes
		excerpt, of = v.x.Select(f).Excerpt(), s.sight(v)
		return nil
	})
	if err != nil {
		return nil, err
	}
	q.estate = resourcegraph.NewKept(resourcegraph.Kept{
		Excerpt: excerpt, Find: s.find, Store: s.Store, Catalog: s.Catalog, Now: q.now, Workers: s.Queries.Workers,
		Shows: func(scope string) bool {
			return of.sees(scope) && (len(scopes) == 0 || covered(of.scopes, scopes, scope))
		},
		Standards: func() ([]resourcegraph.KeptStandard, error) { return s.standardsOf(ctx, of) },
		Manual: func() (func(control, unit string) (index.Verdict, bool), error) {
			people, err := s.saidAt(ctx, of)
			if err != nil {
				return nil, err
			}
			return people.Verdict, nil
		},
		Policies: sync.OnceValues(func() (*resourcegraph.KeptPolicies, error) { return s.policiesOf(ctx, excerpt.Commit()) }),
		Exemptions: func(ctx context.Context) ([]resourcegraph.KeptExemption, error) {
			return s.exemptionsSeen(ctx, c, at, scopes, q)
		},
	})
	return q, nil
}

// standardsOf are the standards whose compliance is told.
func (s *Server) standardsOf(ctx context.Context, of *sight) ([]resourcegraph.KeptStandard, error) {
	told, err := s.toldStandards(ctx, of)
	if err != nil {
		return nil, err
	}
	all := make([]resourcegraph.KeptStandard, len(told))
	for i, t := range told {
		all[i] = resourcegraph.KeptStandard{Standard: t.standard, Asked: t.asked, Evidence: t.evidence, Apart: t.apart, Own: t.own, Gaps: t.gaps, Parts: t.parts}
	}
	return all, nil
}

// policiesOf are the policies that judge as of a commit.
func (s *Server) policiesOf(ctx context.Context, n ledger.Number) (*resourcegraph.KeptPolicies, error) {
	documents, err := s.documentsOf(ctx, n, judgingKinds...)
	if err != nil {
		return nil, err
	}
	judges := s.Estate.Judges()
	assigned, err := judges.Assigned(documents)
	if err != nil {
		return nil, err
	}
	aliases, err := judges.Aliases(documents)
	if err != nil {
		return nil, err
	}
	return &resourcegraph.KeptPolicies{Documents: govern.PoliciesOf(documents, s.Estate.Policies()), Assigned: assigned, Aliases: aliases}, nil
}

func covered(t *access.Tree, tops []string, scope string) bool {
	return slices.ContainsFunc(tops, func(top string) bool { return t.Covers(top, scope) })
}

func (s *Server) find(key uint64) (n uint32, ok bool) {
	_ = s.Follower.Read(func(x *index.Index) error { n, ok = x.Find(key); return nil })
	return n, ok
}

// exemptionsSeen are those of the list of exemptions.
func (s *Server) exemptionsSeen(ctx context.Context, c *caller, at string, scopes []string, q *question) ([]resourcegraph.KeptExemption, error) {
	kept, err := s.Store.Documents(ctx, ledger.Number(q.asOf.Commit), ledger.ExemptionOf)
	if err != nil {
		return nil, err
	}
	var seen []resourcegraph.KeptExemption
	return seen, s.see(ctx, c, at, func(v *view) error {
		for _, version := range govern.Versions(kept) {
			if exemption, ok := version.Document.(*govern.Exemption); ok && v.shows(version.Document, scopes) {
				seen = append(seen, resourcegraph.KeptExemption{Exemption: exemption, Active: govern.Holds(exemption, q.now), Commit: version.Since})
			}
		}
		return nil
	})
}

// Table implements kql.Tables.
func (q *question) Table(name string) (kql.Table, bool) {
	t, ok := q.estate.Table(name)
	if !ok {
		return nil, false
	}
	return counted{t, q}, true
}

// Names implements kql.Tables.
func (q *question) Names() []string { return q.estate.Names() }

// counted is a table whose rows are counted, and whose errors are known from
// those of the query.
type counted struct {
	kql.Table
	of *question
}

// Hidden tells the columns that a query gets only where it names them.
func (t counted) Hidden(column int) bool {
	hides, ok := t.Table.(interface{ Hidden(column int) bool })
	return ok && hides.Hidden(column)
}

// tableError is what kept a table from being read.
type tableError struct{ error }

// Unwrap gives the cause.
func (e *tableError) Unwrap() error { return e.error }

// Scan implements kql.Table.
func (t counted) Scan(ctx context.Context, want kql.Request) iter.Seq2[*kql.Batch, error] {
	return func(yield func(*kql.Batch, error) bool) {
		for b, err := range t.Table.Scan(ctx, want) {
			if err != nil {
				yield(nil, &tableError{err})
				return
			}
			t.of.read.Add(int64(b.Len))
			if !yield(b, nil) {
				return
			}
		}
	}
}

func (s *Server) query(ctx context.Context, c *caller, in *queryInput) (*queryOutput, error) {
	began := s.Now()
	run, err := s.running.begin(ctx, &s.Queries, c.Caller.Principal.ID, in.Body.ID, s.Accounts.Random)
	if err != nil {
		return nil, err
	}
	w, err := s.runQuery(run.ctx, c, in)
	if err != nil {
		err = run.shown(err)
		run.end()
		return nil, err
	}
	w.id, w.took = run.id, func() int64 { return s.Now().Sub(began).Milliseconds() }
	if wantsLines(in.Accept) {
		body := func(ctx huma.Context) {
			defer run.end()
			if err := w.lines(run.ctx, ctx, run.shown); err != nil && run.ctx.Err() == nil {
				s.Log.WarnContext(ctx.Context(), "a query's rows could not be written", "error", err)
			}
		}
		return &queryOutput{linesType, run.id, body}, nil
	}
	defer run.end()
	text, err := w.whole(run.ctx)
	if err != nil {
		return nil, run.shown(err)
	}
	return &queryOutput{"application/json", run.id, func(ctx huma.Context) { _, _ = ctx.BodyWriter().Write(text) }}, nil
}

const linesType = "application/x-ndjson"

// wantsLines reports whether rows are wanted line by line.
func wantsLines(accept string) bool {
	return slices.ContainsFunc(strings.Split(accept, ","), func(wanted string) bool {
		kind, _, _ := strings.Cut(wanted, ";")
		return strings.TrimSpace(kind) == linesType
	})
}

// runQuery begins a query, and gives what writes its answer.
func (s *Server) runQuery(ctx context.Context, c *caller, in *queryInput) (*answerWriter, error) {
	q, err := s.asked(ctx, c, in.Body.At, in.Body.Scopes)
	if err != nil {
		return nil, err
	}
	o := s.Queries.options(q.now, in.Body.Parameters)
	w := &answerWriter{question: q, limit: in.Body.Limit}
	switch lines := wantsLines(in.Accept); {
	case lines && w.limit == 0:
		w.limit = s.Queries.Rows
	case w.limit == 0:
		w.limit = usualRows
	}
	prepared, err := prepare(ctx, in.Body.Query, q, o)
	if err != nil {
		return nil, err
	}
	w.query, w.result = prepared, prepared.Run(ctx)
	w.next, w.stop = iter.Pull2(w.result.Batches())
	return w, w.begin()
}

// usualRows is how many rows an answer has if nobody says.
const usualRows = 1000

// prepare reads a query.
func prepare(ctx context.Context, text string, tables kql.Tables, o kql.Options) (*kql.Query, error) {
	q, err := kql.PrepareContext(ctx, text, kql.IgnoreCase(tables), o)
	if err != nil {
		return nil, err
	}
	var unknown []QueryProblem
	for name := range o.Params {
		if declared := q.Params(); !slices.Contains(declared, name) {
			unknown = append(unknown, QueryProblem{
				Line: 1, Column: 1, Token: name, Code: "UnknownParameter",
				Message: fmt.Sprintf("the query declares no parameter %s; it declares %s", name, cmp.Or(strings.Join(declared, ", "), "none")),
			})
		}
	}
	if len(unknown) > 0 {
		slices.SortFunc(unknown, func(a, b QueryProblem) int { return strings.Compare(a.Token, b.Token) })
		return nil, queryError(unknown)
	}
	return q, nil
}

// queryError is the answer to what is no query.
func queryError(problems []QueryProblem) *QueryError {
	lines := make([]string, len(problems))
	for i, p := range problems {
		lines[i] = fmt.Sprintf("%d:%d: %s", p.Line, p.Column, p.Message)
	}
	return &QueryError{huma.ErrorModel{
		Title: "the query is not one", Status: http.StatusBadRequest, Detail: strings.Join(lines, "\n"),
	}, problems}
}

func queryProblems(found []kql.Problem) []QueryProblem {
	problems := make([]QueryProblem, len(found))
	for i, p := range found {
		problems[i] = QueryProblem(p)
	}
	return problems
}

// queryFault turns an error of a query into one that may be shown. What is not the
// query's fault is left as it is.
func queryFault(err error) error {
	var wrong *kql.Error
	var bug *kql.Bug
	var table *tableError
	var status huma.StatusError
	switch {
	case errors.As(err, &status):
		return err
	case errors.As(err, &wrong):
		return queryError(queryProblems(wrong.Problems))
	case errors.As(err, &table):
		return table.error
	case errors.As(err, &bug):
		return fmt.Errorf("%w\n%s", bug, bug.Stack)
	}
	return huma.Error422UnprocessableEntity(err.Error())
}

func columnsOf(columns []kql.Column) []QueryColumn {
	all := make([]QueryColumn, len(columns))
	for i, c := range columns {
		all[i] = QueryColumn{c.Name, c.Type.String()}
	}
	return all
}
