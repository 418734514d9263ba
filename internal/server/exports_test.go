package server

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// lines reads an export in JSON lines: its rows, and what it says of itself.
func lines(t *testing.T, text string) (rows []map[string]any, about map[string]any) {
	t.Helper()
	for line := range strings.Lines(text) {
		row := map[string]any{}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 || rows[len(rows)-1]["bartizan"] != "export" {
		t.Fatalf("no end: %s", text)
	}
	return rows[:len(rows)-1], rows[len(rows)-1]
}

// TestExport: a file has exactly the rows of the list, in its order, for every list,
// by the answer and by a job.
func TestExport(t *testing.T) {
	r := newRunning(t)
	owner := r.token("anna", access.Owner, "/")
	r.imports(owner)
	r.writes(http.MethodPost, "/api/v1/definitions", owner, definition("default", "house", "audit"))
	for _, page := range []string{"checks", "overview", "checks"} {
		r.writes(http.MethodPost, "/api/v1/views", owner, `{"name":"of `+page+`","page":"`+page+`","parameters":{"state":["unhealthy"]}}`)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- r.server.RunJobs(ctx) }()
	for list, query := range map[string]string{
		"recommendations": "state=unhealthy&sort=severity", "checks": "state=unknown&cloud=azure&sort=recommendation", "resources": "sort=-name&q=storage",
		"exemptions": "", "attestations": "", "disablings": "", "definitions": "", "reads": "gap=denied", "compliance": "",
		"controls": "standard=mcsb-v1", "scopes": "", "audit": "action=definition.", "roles": "", "tokens": "owner=anybody", "users": "", "service-principals": "",
		"views": "page=checks", "queries": "", "jobs": "kind=import", "difference": "before=2026-11-22T12:00:05Z&by=check", "versions": "id=" + url.QueryEscape(fmt.Sprint(rows(r, "/api/v1/resources?sort=name", owner)[0]["id"])),
	} {
		t.Run(list, func(t *testing.T) {
			var want []map[string]any
			switch list {
			case "compliance", "scopes", "audit", "views", "queries", "roles", "tokens", "users", "service-principals", "jobs": // come whole
				want = get[struct{ Rows []map[string]any }](r, "/api/v1/"+list+"?"+query, owner).Rows
			case "controls":
				want = get[struct{ Controls []map[string]any }](r, "/api/v1/compliance/mcsb-v1", owner).Controls
			case "versions":
				want = rows(r, "/api/v1/resource/versions?"+query, owner)
			default:
				want = rows(r, "/api/v1/"+list+"?"+query, owner)
			}
			status, now := r.ask(http.MethodGet, "/api/v1/exports?format=jsonl&list="+list+"&"+query, owner, "")
			if status != http.StatusOK {
				t.Fatalf("export: %d %s", status, now)
			}
			got, about := lines(t, string(now))
			if about["rows"] != float64(len(want)) || about["version"] != "test" || about["filter"] != mustQuery(t, query) {
				t.Errorf("about %v, want %d rows", about, len(want))
			}
			if diff := cmp.Diff(ids(want), ids(got)); diff != "" {
				t.Errorf("rows (-list +export):\n%s", diff)
			}
			job := r.job(t, owner, fmt.Sprintf(`{"list":%q,"format":"jsonl","query":%q}`, list, query))
			if job.State != ledger.JobDone || job.Result == nil || job.Done != int64(len(want)) {
				t.Fatalf("job %+v", job)
			}
			status, text := r.ask(http.MethodGet, job.Result.Path, owner, "")
			fromJob, _ := lines(t, string(text))
			for _, row := range slices.Concat(got, fromJob) {
				delete(row, "used") // the token is, meanwhile
			}
			if status != http.StatusOK || cmp.Diff(got, fromJob) != "" || int64(len(text)) != job.Result.Size {
				t.Errorf("result: %d, %d bytes of %d, (-answer +job):\n%s", status, len(text), job.Result.Size, cmp.Diff(got, fromJob))
			}
		})
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestExport_anyList: whatever is a list can be exported, and the description names it.
func TestExport_anyList(t *testing.T) {
	s := newRunning(t).server
	paths, names := map[string]bool{}, []string{}
	for name, list := range s.exportables() {
		paths[list.path] = true
		names = append(names, name)
	}
	for _, r := range s.routes {
		if strings.HasPrefix(r.id, "list-") && r.need != anybody && !paths[r.path] {
			t.Errorf("%s cannot be exported", r.path)
		}
	}
	api := s.api.OpenAPI()
	for _, doc := range []string{api.Paths["/api/v1/exports"].Get.Parameters[0].Description, api.Components.Schemas.Map()["NewExport"].Properties["list"].Description} {
		told := strings.Split(strings.ReplaceAll(doc, " (of standard=ID)", ""), ", ")
		slices.Sort(told)
		slices.Sort(names)
		if diff := cmp.Diff(names, told); diff != "" {
			t.Errorf("-lists +told\n%s", diff)
		}
	}
}

func mustQuery(t *testing.T, text string) string {
	t.Helper()
	values, err := url.ParseQuery(text)
	if err != nil {
		t.Fatal(err)
	}
	return values.Encode()
}

// ids names rows by what tells them apart.
func ids(rows []map[string]any) (all []string) {
	for _, row := range rows {
		id := fmt.Sprint(row["id"], row["name"], row["recommendation"], row["scope"], row["type"], row["resource.id"])
		if of, ok := row["resource"].(map[string]any); ok {
			id = fmt.Sprint(row["id"], row["name"], row["recommendation"], row["scope"], row["type"], of["id"])
		}
		all = append(all, id)
	}
	return all
}

// job begins an export and waits for its end, which the server tells of by the job
// alone.
func (r *running) job(t *testing.T, token, body string) JobRow {
	t.Helper()
	status, text := r.ask(http.MethodPost, "/api/v1/exports", token, body)
	var j JobRow
	if err := json.Unmarshal(text, &j); status != http.StatusAccepted || err != nil {
		t.Fatalf("export: %d %s", status, text)
	}
	for !j.State.Ended() {
		j = get[JobRow](r, "/api/v1/job?id="+j.ID, token)
	}
	return j
}

// TestExport_columns: chosen ones, in their order, and no formula.
func TestExport_columns(t *testing.T) {
	r, owner := twoCompanies(t)
	strange := strings.Replace(storageAccount(ownUnit+"/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/=cmd"), `"kind":"StorageV2"`, `"kind":"=cmd|x"`, 1)
	if status, text := r.ask(http.MethodPost, "/api/v1/inventory?root=own", owner, strange); status != http.StatusOK {
		t.Fatalf("import: %d %s", status, text)
	}
	status, text := r.ask(http.MethodGet, "/api/v1/exports?list=resources&columns=kind,name&sort=name&scope=own", owner, "")
	if status != http.StatusOK {
		t.Fatalf("export: %d %s", status, text)
	}
	in := csv.NewReader(strings.NewReader(string(text)))
	in.Comment = '#'
	got, err := in.ReadAll()
	if diff := cmp.Diff([][]string{{"kind", "name"}, {"'=cmd|x", "'=cmd"}, {"StorageV2", "mine"}}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for query, want := range map[string]string{
		"list=nothing": "want one of aliases, assignments, attestations, audit, checks", "list=checks&format=pdf": "csv jsonl xlsx", "list=checks&columns=x": "want some of recommendation",
		"list=checks&state=odd": "query.state", "list=checks&nothing=1": "nothing", "list=checks&limit=5": "leave it out",
	} {
		if status, text := r.ask(http.MethodGet, "/api/v1/exports?"+query, owner, ""); status != http.StatusUnprocessableEntity || !strings.Contains(string(text), want) {
			t.Errorf("%s: %d %s, want %q", query, status, text, want)
		}
	}
}

// TestJobs: an import is one; others' are seen by who may run things everywhere only,
// and a result by its owner; one can be cancelled, and one whose process is gone is
// told so.
func TestJobs(t *testing.T) {
	r, owner := twoCompanies(t)
	reader, other := r.token("reader", access.Reader, "own"), r.token("other", access.Contributor, "foreign")
	states := func(token string) (all []string) {
		for _, j := range get[Page[JobRow]](r, "/api/v1/jobs", token).Rows {
			all = append(all, j.Kind+" "+string(j.State))
		}
		slices.Sort(all)
		return all
	}
	begin := func() (j JobRow) {
		status, text := r.ask(http.MethodPost, "/api/v1/exports", reader, `{"list":"resources","format":"csv"}`)
		if err := json.Unmarshal(text, &j); status != http.StatusAccepted || err != nil {
			t.Fatalf("export: %d %s", status, text)
		}
		return j
	}
	waiting, lost := begin(), begin()
	if diff := cmp.Diff([]string{"export queued", "export queued", "import done", "import done"}, states(owner)); diff != "" {
		t.Errorf("owner sees (-want +got):\n%s", diff)
	}
	if got := states(other); len(got) != 0 {
		t.Errorf("another sees %v", got)
	}
	if status, _ := r.ask(http.MethodDelete, "/api/v1/jobs?id="+waiting.ID, other, ""); status != http.StatusNotFound {
		t.Errorf("another cancels: %d", status)
	}
	if status, text := r.ask(http.MethodDelete, "/api/v1/jobs?id="+waiting.ID, reader, ""); status != http.StatusNoContent {
		t.Errorf("cancel: %d %s", status, text)
	}
	if status, _ := r.ask(http.MethodGet, "/api/v1/exports/result?id="+lost.ID, owner, ""); status != http.StatusNotFound {
		t.Errorf("the result of another: %d", status)
	}
	if status, _ := r.ask(http.MethodGet, "/api/v1/exports/result?id="+lost.ID, reader, ""); status != http.StatusConflict {
		t.Errorf("a result that is not there yet: %d", status)
	}
	r.server.jobs.process = "another run of the server"
	r.now = r.now.Add(2 * jobSilence)
	if err := r.server.tendJobs(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"export cancelled", "export interrupted"}, states(reader)); diff != "" {
		t.Errorf("after a start (-want +got):\n%s", diff)
	}
	done := ledger.Job{ID: "done", Kind: "export", Owner: waiting.Owner, Name: "x", State: ledger.JobDone, File: "x.csv", Size: 1, Ended: r.now, Created: r.now, Expires: r.now.Add(time.Hour)}
	if err := r.store.AddJob(t.Context(), done, 100); err != nil {
		t.Fatal(err)
	}
	r.now = r.now.Add(2 * time.Hour)
	if status, _ := r.ask(http.MethodGet, "/api/v1/exports/result?id=done", reader, ""); status != http.StatusGone {
		t.Errorf("a result that has expired: %d", status)
	}
	for range 2 { // one that is removed is there no longer
		r.ask(http.MethodDelete, "/api/v1/jobs?id=done", reader, "")
	}
	if status, _ := r.ask(http.MethodGet, "/api/v1/job?id=done", reader, ""); status != http.StatusNotFound {
		t.Errorf("a job that was removed: %d", status)
	}
}

// TestPerform: what a job ends with is told by it.
func TestPerform(t *testing.T) {
	r := newRunning(t)
	tests := map[string]struct {
		do   func(ctx context.Context, p *progress) error
		stop bool
		want ledger.JobState
	}{
		"done":   {func(context.Context, *progress) error { return nil }, false, ledger.JobDone},
		"failed": {func(context.Context, *progress) error { return fmt.Errorf("oops") }, false, ledger.JobFailed},
		"cancelled": {func(ctx context.Context, p *progress) error {
			_, err := p.server.Store.StopJob(ctx, p.job.ID, r.now)
			return err
		}, true, ledger.JobCancelled},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			j := ledger.Job{ID: name, Kind: "export", Owner: "anna", Name: "x", State: ledger.JobQueued, Spec: []byte("{}"), Process: r.server.jobs.process, Beat: r.now, Created: r.now}
			if err := r.store.AddJob(t.Context(), j, 10); err != nil {
				t.Fatal(err)
			}
			err := r.server.perform(t.Context(), &work{job: j, do: func(ctx context.Context, p *progress) error {
				if err := test.do(ctx, p); err != nil || !test.stop {
					return err
				}
				if err := p.tell(ctx); err != nil { // as it goes on, it hears that it is to stop
					return err
				}
				return ctx.Err()
			}})
			got, failed := r.store.Job(t.Context(), name)
			if failed != nil || got.State != test.want || (err == nil) != (test.want == ledger.JobDone) || got.Ended.IsZero() || strings.Contains(got.Message, "oops") {
				t.Errorf("job %+v, error %v", got, err)
			}
		})
	}
}
