package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/resourcegraph"
	"github.com/bartizan-dev/bartizan/kql"
)

// QueryPlace is a place in a query that need not be finished.
type QueryPlace struct {
	Query  string `json:"query" maxLength:"200000"`
	Offset int    `json:"offset" minimum:"0" doc:"of the place in the text's UTF-8, in bytes"`
}

// QueryWord is a word of the language, a table or a column.
type QueryWord struct {
	Label  string `json:"label"`
	Kind   string `json:"kind" doc:"column, table, function, aggregate, plug-in, operator, value or word"`
	Detail string `json:"detail,omitempty" doc:"a function's signature, a column's type, an operator's form"`
	Doc    string `json:"doc,omitempty"`
}

// QueryCompletion is what may stand at a place.
type QueryCompletion struct {
	Start    int         `json:"start" doc:"of what a word replaces, in bytes"`
	End      int         `json:"end"`
	Items    []QueryWord `json:"items"`
	Call     *QueryWord  `json:"call,omitempty" doc:"the function whose argument is being written"`
	Argument int         `json:"argument,omitempty" doc:"which of its arguments, from 0"`
}

// QueryHover tells of the word at a place.
type QueryHover struct {
	Word  *QueryWord `json:"word" doc:"null where there is nothing to tell"`
	Start int        `json:"start" doc:"of the word, in bytes"`
	End   int        `json:"end"`
}

// QueryPlan is how a query would be run.
type QueryPlan struct {
	Plan     string         `json:"plan" doc:"each step above what it reads, and of tables what is asked of them"`
	Columns  []QueryColumn  `json:"columns"`
	Warnings []QueryProblem `json:"warnings"`
}

// QueryTable is a table that queries may name.
type QueryTable struct {
	Table   string        `json:"table"`
	About   string        `json:"about"`
	Columns []QueryColumn `json:"columns"`
}

// ReadyQuery is a question that comes with the program.
type ReadyQuery struct {
	Name       string   `json:"name"`
	Title      string   `json:"title"`
	Words      string   `json:"words"`
	Tables     []string `json:"tables"`
	Parameters []string `json:"parameters" doc:"that it declares"`
	Query      string   `json:"query"`
}

type (
	placeInput struct{ Body QueryPlace }
	planInput  struct {
		Body struct {
			Query      string            `json:"query" minLength:"1" maxLength:"200000"`
			Parameters map[string]string `json:"parameters,omitempty"`
		}
	}
	completionOutput struct{ Body QueryCompletion }
	hoverOutput      struct{ Body QueryHover }
	planOutput       struct{ Body QueryPlan }
	schemaOutput     struct {
		Body struct {
			Tables []QueryTable `json:"tables"`
		}
	}
	readyOutput struct{ Body Page[ReadyQuery] }
)

func (s *Server) registerQueryTools() {
	handle(s, route{method: http.MethodPost, path: "/api/v1/query/complete", id: "complete-query", summary: "What may stand at a place of a query", need: seeing, live: true}, s.completeQuery)
	handle(s, route{method: http.MethodPost, path: "/api/v1/query/hover", id: "hover-query", summary: "What the word at a place of a query is", need: seeing, live: true}, s.hoverQuery)
	hover := s.api.OpenAPI().Components.Schemas.Map()["QueryHover"]
	word := hover.Properties["word"]
	hover.Properties["word"] = &huma.Schema{Description: word.Description, AnyOf: []*huma.Schema{{Ref: word.Ref}, {Type: "null"}}}
	handle(s, route{method: http.MethodPost, path: "/api/v1/query/explain", id: "explain-query", summary: "How a query would be run", need: seeing, live: true}, s.explainQuery)
	handle(s, route{method: http.MethodGet, path: "/api/v1/query/schema", id: "get-query-schema", summary: "Tables that queries may name, with their columns", need: seeing}, s.querySchema)
	handle(s, route{method: http.MethodGet, path: "/api/v1/queries", id: "list-queries", summary: "Questions that come with the program, by name", need: seeing}, s.readyQueries)
}

// noRows are the tables without their rows.
var noRows = kql.IgnoreCase(resourcegraph.New(assess.Options{}))

// seesAnything refuses who sees nothing.
func (s *Server) seesAnything(ctx context.Context, c *caller) error {
	return s.see(ctx, c, "", func(*view) error { return nil })
}

// check refuses a place that is none.
func (p *QueryPlace) check() error {
	if p.Offset > len(p.Query) {
		return huma.Error422UnprocessableEntity("a place of a query", &huma.ErrorDetail{Message: "want at most the length of the query in bytes", Location: "body.offset", Value: p.Offset})
	}
	return nil
}

func (s *Server) completeQuery(ctx context.Context, c *caller, in *placeInput) (*completionOutput, error) {
	if err := s.seesAnything(ctx, c); err != nil {
		return nil, err
	}
	if err := in.Body.check(); err != nil {
		return nil, err
	}
	found := kql.Complete(in.Body.Query, in.Body.Offset, noRows, s.Queries.options(s.Now(), nil))
	out := &completionOutput{QueryCompletion{Start: found.Start, End: found.End, Items: make([]QueryWord, len(found.Items)), Argument: found.Argument}}
	for i, item := range found.Items {
		out.Body.Items[i] = QueryWord(item)
	}
	if found.Call != nil {
		call := QueryWord(*found.Call)
		out.Body.Call = &call
	}
	return out, nil
}

func (s *Server) hoverQuery(ctx context.Context, c *caller, in *placeInput) (*hoverOutput, error) {
	if err := s.seesAnything(ctx, c); err != nil {
		return nil, err
	}
	if err := in.Body.check(); err != nil {
		return nil, err
	}
	out := &hoverOutput{QueryHover{Start: in.Body.Offset, End: in.Body.Offset}}
	if item, start, end, ok := kql.Hover(in.Body.Query, in.Body.Offset, noRows, s.Queries.options(s.Now(), nil)); ok {
		word := QueryWord(item)
		out.Body = QueryHover{&word, start, end}
	}
	return out, nil
}

func (s *Server) explainQuery(ctx context.Context, c *caller, in *planInput) (*planOutput, error) {
	if err := s.seesAnything(ctx, c); err != nil {
		return nil, err
	}
	timed, stop := context.WithTimeoutCause(ctx, s.Queries.Time, errTooLong)
	defer stop()
	q, err := prepare(timed, in.Body.Query, noRows, s.Queries.options(s.Now(), in.Body.Parameters))
	if err != nil {
		return nil, (&runningQuery{ctx: timed, limit: s.Queries.Time}).shown(err)
	}
	return &planOutput{QueryPlan{q.Explain(), columnsOf(q.Columns()), queryProblems(q.Warnings())}}, nil
}

func (s *Server) querySchema(ctx context.Context, c *caller, _ *struct{}) (*schemaOutput, error) {
	out := &schemaOutput{}
	for _, name := range noRows.Names() {
		if t, ok := noRows.Table(name); ok {
			out.Body.Tables = append(out.Body.Tables, QueryTable{name, resourcegraph.About(name), columnsOf(t.Columns())})
		}
	}
	return out, s.seesAnything(ctx, c)
}

func (s *Server) readyQueries(ctx context.Context, c *caller, _ *struct{}) (*readyOutput, error) {
	if err := s.seesAnything(ctx, c); err != nil {
		return nil, err
	}
	all, err := catalog.Questions()
	if err != nil {
		return nil, err
	}
	rows := make([]ReadyQuery, len(all))
	for i, q := range all {
		rows[i] = ReadyQuery{q.Name, q.Title, q.Words, q.Tables, append([]string{}, q.Parameters...), q.Text}
	}
	return &readyOutput{pageOf("queries", rows)}, nil
}
