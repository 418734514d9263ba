package server

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bartizan-dev/bartizan/internal/export"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

const (
	// exportRows is how many rows an answer has at most; more are a job.
	exportRows = 10_000
	// mostResult bounds the result of a job, in bytes.
	mostResult = 512 << 20
	resultPart = 1 << 20
)

// NewExport says what is exported.
type NewExport struct {
	List    string   `json:"list" doc:"recommendations, checks, resources, exemptions, attestations, disablings, definitions, initiatives, assignments, standards, aliases, reads, compliance, controls (of standard=ID), difference, versions, scopes, audit, views, queries, jobs, roles, tokens, users, service-principals"`
	Format  string   `json:"format" enum:"csv,jsonl,xlsx"`
	Columns []string `json:"columns,omitempty" doc:"in this order; all without it" maxItems:"100"`
	Query   string   `json:"query,omitempty" doc:"the list's own parameters, as in its address: state=unhealthy&sort=severity" maxLength:"16000"`
}

type exportInput struct {
	DryRun
	Body NewExport
}

type exportOutput struct {
	Status   int
	Location string `header:"Location"`
	Body     JobRow
}

// exportable is a list that can be exported.
type exportable struct {
	path    string
	columns *export.Columns
	// read gives a page of a moment, by the parameters of the list: with a view of that
	// moment, else of the one that the parameters name.
	read func(ctx context.Context, c *caller, v *view, parameters url.Values, limit int, cursor string) (exportPage, error)
}

// exportPage is a page of any list.
type exportPage struct {
	rows     []any
	total    int
	cursor   string
	asOf     AsOf
	coverage *Coverage
	hidden   int
}

// exports makes a list exportable: by what its route does, and by what gives a page of
// a view.
func exports[I, R any](path string, route func(context.Context, *caller, *I) (List[R], error), page func(context.Context, *view, *I) (List[R], error)) exportable {
	return reading(path, func(ctx context.Context, c *caller, v *view, in *I) ([]R, exportPage, error) {
		var list List[R]
		var err error
		if v == nil {
			list, err = route(ctx, c, in)
		} else {
			list, err = page(ctx, v, in)
		}
		return list.Rows, exportPage{total: list.Total, cursor: list.Cursor, asOf: list.AsOf, coverage: list.Coverage, hidden: list.Hidden}, err
	})
}

// reading makes a list exportable by what gives a page with the input of its route.
func reading[I, R any](path string, read func(context.Context, *caller, *view, *I) ([]R, exportPage, error)) exportable {
	return exportable{path, export.ColumnsOf(*new(R)), func(ctx context.Context, c *caller, v *view, parameters url.Values, limit int, cursor string) (exportPage, error) {
		in := new(I)
		of := reflect.ValueOf(in).Elem()
		if err := readParameters(of, parameters); err != nil {
			return exportPage{}, err
		}
		if at := of.FieldByName("Limit"); at.IsValid() {
			at.SetInt(int64(limit))
			of.FieldByName("Cursor").SetString(cursor)
		}
		rows, p, err := read(ctx, c, v, in)
		for _, row := range rows {
			p.rows = append(p.rows, row)
		}
		return p, err
	}}
}

// readParameters reads parameters of a list that its route has taken already, into its
// input.
func readParameters(in reflect.Value, parameters url.Values) error {
	for i := range in.NumField() {
		f, to := in.Type().Field(i), in.Field(i)
		if f.Anonymous {
			if err := readParameters(to, parameters); err != nil {
				return err
			}
			continue
		}
		name, _, _ := strings.Cut(cmp.Or(f.Tag.Get("query"), f.Tag.Get("path")), ",")
		values := parameters[name]
		if len(values) == 0 {
			if values = []string{f.Tag.Get("default")}; values[0] == "" {
				continue
			}
		}
		var err error
		switch to.Kind() {
		case reflect.String:
			to.SetString(values[0])
		case reflect.Slice:
			to.Set(reflect.ValueOf(slices.Clone(values)))
		case reflect.Int:
			var n int64
			n, err = strconv.ParseInt(values[0], 10, 64)
			to.SetInt(n)
		case reflect.Float64:
			var n float64
			n, err = strconv.ParseFloat(values[0], 64)
			to.SetFloat(n)
		case reflect.Bool:
			var yes bool
			yes, err = strconv.ParseBool(values[0])
			to.SetBool(yes)
		}
		if err != nil {
			return huma.Error422UnprocessableEntity(fmt.Sprintf("the parameter %s: %v", name, err))
		}
	}
	return nil
}

func (s *Server) registerExports(mux *http.ServeMux) {
	handle(s, route{method: http.MethodPost, path: "/api/v1/exports", id: "create-export", summary: "Export a list of any length, as a job", need: signedIn, status: http.StatusAccepted}, s.createExport)
	get := route{method: http.MethodGet, path: "/api/v1/exports", id: "get-export", summary: "A list as a file: with exactly the rows, in their order, that the list has for the same parameters; up to 10,000", need: seeing}
	result := route{method: http.MethodGet, path: "/api/v1/exports/result", id: "get-export-result", summary: "The file that an export made, for its owner", need: signedIn}
	s.describeFile(get, []*huma.Param{
		parameter("list", "recommendations, checks, resources, exemptions, attestations, disablings, definitions, initiatives, assignments, standards, aliases, reads, compliance, controls (of standard=ID), difference, versions, scopes, audit, views, queries, jobs, roles, tokens, users, service-principals", true),
		parameter("format", "csv, jsonl, xlsx; csv without it", false),
		parameter("columns", "comma between them, in this order; all without it", false),
		parameter("*", "those of the list, but limit and cursor", false),
	})
	s.describeFile(result, []*huma.Param{parameter("id", "of the job", true)})
	mux.HandleFunc("GET "+get.path, func(w http.ResponseWriter, r *http.Request) {
		if err := s.exportNow(w, r); err != nil {
			s.fail(w, r, get, err)
		}
	})
	mux.HandleFunc("GET "+result.path, func(w http.ResponseWriter, r *http.Request) {
		if err := s.exportResult(w, r); err != nil {
			s.fail(w, r, result, err)
		}
	})
	s.lists = mux
}

func parameter(name, doc string, required bool) *huma.Param {
	p := queryParameters(name)[0]
	p.Description, p.Required = doc, required
	return p
}

// describeFile adds a route that answers with a file to the description of the API.
func (s *Server) describeFile(r route, parameters []*huma.Param) {
	s.routes = append(s.routes, r)
	content := map[string]*huma.MediaType{}
	for _, f := range export.Formats {
		content[f.Media] = &huma.MediaType{}
	}
	s.api.OpenAPI().AddOperation(&huma.Operation{
		Method: r.method, Path: r.path, OperationID: r.id, Summary: r.summary, Security: []map[string][]string{{"bearer": {}}, {"session": {}}}, Parameters: parameters,
		Responses: map[string]*huma.Response{
			"200": {Description: "The file.", Content: content},
			"default": {Description: "Error", Content: map[string]*huma.MediaType{
				"application/problem+json": {Schema: s.api.OpenAPI().Components.Schemas.Schema(typeOf[huma.ErrorModel](), true, "ErrorModel")},
			}},
		},
	})
}

// wanted is an export that is well asked for.
type wanted struct {
	list       exportable
	name       string
	format     export.Format
	columns    *export.Columns
	parameters url.Values
	total      int
}

// wants reads what is to be exported, and lets the list's own route check the
// parameters: what is wrong with them is told as the list tells it.
func (s *Server) wants(ctx context.Context, name, format string, columns []string, parameters url.Values) (*wanted, error) {
	var p problems
	w := &wanted{name: name, parameters: parameters}
	lists := s.exportables()
	w.list = lists[name]
	if w.list.read == nil {
		names := make([]string, 0, len(lists))
		for name := range lists {
			names = append(names, name)
		}
		slices.Sort(names)
		p.add("list", "want one of "+strings.Join(names, ", "), name)
		return nil, p.err()
	}
	var err error
	if w.format, err = export.Named(format); err != nil {
		p.add("format", err.Error(), format)
	}
	if w.columns, err = w.list.columns.Only(columns); err != nil {
		p.add("columns", err.Error(), columns)
	}
	for _, own := range []string{"limit", "cursor", "seek", "facets"} {
		if parameters.Has(own) {
			p.add(own, "an export has all rows; leave it out", parameters.Get(own))
		}
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	path, asked := w.list.path, maps.Clone(parameters)
	if at, _, of := strings.Cut(path, "{standard}"); of {
		id := asked.Get("standard")
		if asked.Del("standard"); id == "" {
			p.add("standard", "want the id of a standard", id)
			return nil, p.err()
		}
		path = at + url.PathEscape(id)
	}
	w.total, err = s.asks(ctx, path, asked)
	parameters.Del("group") // the list's route knows them: the rows are those of the list without groups
	parameters.Del("open")
	return w, err
}

// asks sends parameters to a list's own route, and gives how many rows it has.
func (s *Server) asks(ctx context.Context, path string, parameters url.Values) (total int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, path+"?"+parameters.Encode(), nil)
	if err != nil {
		return 0, err
	}
	answer := &answerBuffer{header: http.Header{}, status: http.StatusOK}
	s.lists.ServeHTTP(answer, request)
	if answer.status != http.StatusOK {
		model := &huma.ErrorModel{}
		if err := json.Unmarshal(answer.Bytes(), model); err != nil {
			return 0, fmt.Errorf("list %s answered with %d: %w", path, answer.status, err)
		}
		return 0, model
	}
	var list struct{ Total int }
	return list.Total, json.Unmarshal(answer.Bytes(), &list)
}

// answerBuffer keeps an answer.
type answerBuffer struct {
	bytes.Buffer
	header http.Header
	status int
}

// Header implements http.ResponseWriter.
func (a *answerBuffer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *answerBuffer) WriteHeader(status int) { a.status = status }

// exportNow answers with a file.
func (s *Server) exportNow(w http.ResponseWriter, r *http.Request) error {
	ctx, c := r.Context(), callerOf(r.Context())
	if err := s.allow(route{need: signedIn}, c, nil); err != nil {
		return err
	}
	parameters := r.URL.Query()
	list, format, columns := parameters.Get("list"), parameters.Get("format"), parameters.Get("columns")
	for _, own := range []string{"list", "format", "columns"} {
		parameters.Del(own)
	}
	if format == "" {
		format = "csv"
	}
	wanted, err := s.wants(ctx, list, format, splitList(columns), parameters)
	if err != nil {
		return err
	}
	tooMany := huma.Error422UnprocessableEntity(fmt.Sprintf("the list has over %d rows: an export of so many is a job, which POST /api/v1/exports begins", exportRows))
	if wanted.total > exportRows {
		return tooMany
	}
	page, err := wanted.list.read(ctx, c, nil, parameters, exportRows, "")
	switch {
	case err != nil:
		return err
	case page.cursor != "": // it has grown meanwhile
		return tooMany
	}
	w.Header().Set("Content-Type", wanted.format.Media)
	w.Header().Set("Content-Disposition", attachment(wanted.file(s.Now())))
	return s.writeExport(w, c, wanted, func(row func([]any) error) (exportPage, error) {
		for _, of := range page.rows {
			if err := row(wanted.columns.Cells(of)); err != nil {
				return page, err
			}
		}
		return page, nil
	})
}

func splitList(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

func attachment(file string) string {
	return mime.FormatMediaType("attachment", map[string]string{"filename": file})
}

func (w *wanted) file(at time.Time) string {
	return "bartizan-" + w.name + "-" + at.UTC().Format("2006-01-02-1504") + "." + w.format.Name
}

// writeExport writes a file: its rows, and what it is of.
func (s *Server) writeExport(to io.Writer, c *caller, w *wanted, rows func(row func([]any) error) (exportPage, error)) error {
	file, err := w.format.New(to, w.name, w.columns.Names())
	if err != nil {
		return err
	}
	count := 0
	last, err := rows(func(cells []any) error {
		count++
		return file.Row(cells)
	})
	if err != nil {
		return err
	}
	at := last.asOf.Time
	if at == nil {
		now := s.Now()
		at = &now
	}
	scope := w.parameters["scope"]
	if len(scope) == 0 {
		scope = []string{"/"}
	}
	return file.Close([]export.Fact{
		{Name: "list", Value: w.name},
		{Name: "rows", Value: count},
		{Name: "scope", Value: scope},
		{Name: "filter", Value: w.parameters.Encode()},
		{Name: "at", Value: at.UTC().Format(time.RFC3339)},
		{Name: "commit", Value: last.asOf.Commit},
		{Name: "coverage", Value: last.coverage},
		{Name: "hidden", Value: last.hidden},
		{Name: "by", Value: c.Caller.Principal.Name},
		{Name: "version", Value: s.Version},
	})
}

// createExport begins a job. Its rows are those that who asks may see when it begins to
// work, and all of one commit.
func (s *Server) createExport(ctx context.Context, c *caller, in *exportInput) (*exportOutput, error) {
	b := &in.Body
	parameters, err := url.ParseQuery(b.Query)
	if err != nil {
		return nil, huma.Error422UnprocessableEntity("the query", &huma.ErrorDetail{Location: "body.query", Message: err.Error(), Value: b.Query})
	}
	wanted, err := s.wants(ctx, b.List, b.Format, b.Columns, parameters)
	if err != nil {
		return nil, err
	}
	j, err := s.newJob(c, "export", b.List, "rows")
	if err != nil {
		return nil, err
	}
	j.Total = int64(wanted.total)
	if j.Spec, err = json.Marshal(b); err != nil {
		return nil, err
	}
	if in.DryRun.DryRun {
		j.ID = ""
		return &exportOutput{Status: http.StatusOK, Body: s.jobRow(c, &j)}, nil
	}
	w := &work{job: j, do: func(ctx context.Context, p *progress) error { return s.exportAll(ctx, c, wanted, p) }}
	if err := s.enqueue(ctx, c, w); err != nil {
		return nil, err
	}
	return &exportOutput{http.StatusAccepted, "/api/v1/job?id=" + url.QueryEscape(j.ID), s.jobRow(c, &j)}, nil
}

// exportAll writes the result of a job. It reads the posture of one past moment, which
// nothing changes, so that nobody waits for it.
func (s *Server) exportAll(ctx context.Context, c *caller, w *wanted, p *progress) error {
	at := w.parameters.Get("at")
	if at == "" {
		at = s.Now().UTC().Format(time.RFC3339Nano)
	}
	parts := &partWriter{ctx: ctx, store: s.Store, job: p.job}
	if err := s.see(ctx, c, at, func(v *view) error {
		return s.writeExport(parts, c, w, func(row func([]any) error) (exportPage, error) {
			done := int64(0)
			for cursor := ""; ; {
				page, err := w.list.read(ctx, c, v, w.parameters, exportRows, cursor)
				if err != nil {
					return page, err
				}
				for _, of := range page.rows {
					if err := row(w.columns.Cells(of)); err != nil {
						return page, err
					}
				}
				done += int64(len(page.rows))
				if err := p.at(ctx, "rows", done, int64(page.total)); err != nil {
					return page, err
				}
				if cursor = page.cursor; cursor == "" || ctx.Err() != nil {
					return page, ctx.Err()
				}
			}
		})
	}); err != nil {
		return err
	}
	if err := parts.flush(); err != nil {
		return err
	}
	p.job.File, p.job.Type, p.job.Size = w.file(s.Now()), w.format.Media, parts.size
	return nil
}

// partWriter keeps a result part by part.
type partWriter struct {
	ctx   context.Context // of the job
	store jobStore
	job   *ledger.Job
	part  []byte
	place int64
	size  int64
}

// Write implements io.Writer.
func (w *partWriter) Write(data []byte) (int, error) {
	if w.size += int64(len(data)); w.size > mostResult {
		return 0, huma.Error422UnprocessableEntity(fmt.Sprintf("the result is larger than %d MiB; narrow the list, or leave columns out", mostResult>>20))
	}
	if w.part = append(w.part, data...); len(w.part) >= resultPart {
		return len(data), w.flush()
	}
	return len(data), nil
}

func (w *partWriter) flush() error {
	if len(w.part) == 0 {
		return nil
	}
	err := w.store.AddJobPart(w.ctx, w.job.ID, w.place, w.part)
	w.part, w.place = w.part[:0], w.place+1
	return err
}

// exportResult answers with what a job made. Its rows are those that its owner may
// see, so that nobody else has it.
func (s *Server) exportResult(w http.ResponseWriter, r *http.Request) error {
	ctx, c := r.Context(), callerOf(r.Context())
	if err := s.allow(route{need: signedIn}, c, nil); err != nil {
		return err
	}
	id := r.URL.Query().Get("id")
	j, err := s.Store.Job(ctx, id)
	switch {
	case err != nil:
		return err
	case j.Owner != c.Caller.Principal.ID:
		return huma.Error404NotFound("there is no job " + id)
	case !j.State.Ended():
		return huma.Error409Conflict("the job is not done yet")
	case j.State != ledger.JobDone || j.File == "" || !j.Expires.After(s.Now()):
		return huma.NewError(http.StatusGone, "the job has no result, or has it no longer")
	}
	w.Header().Set("Content-Type", j.Type)
	w.Header().Set("Content-Disposition", attachment(j.File))
	w.Header().Set("Content-Length", strconv.FormatInt(j.Size, 10))
	for part, err := range s.Store.JobParts(ctx, id) {
		if err == nil {
			_, err = w.Write(part)
		}
		if err != nil { // what was sent is shorter than was said
			s.Log.WarnContext(ctx, "sending a result", "job", id, "error", err)
			return nil
		}
	}
	return nil
}
