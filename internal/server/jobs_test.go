package server

import (
	"context"
	"net/http"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// beside is another server on the same store.
func (r *running) beside(over func(Store) Store) *running {
	r.t.Helper()
	o := r.server.Options
	if over != nil {
		o.Store = over(o.Store)
	}
	s, err := New(o)
	if err != nil {
		r.t.Fatal(err)
	}
	other := *r
	other.server = s
	return &other
}

// keepJob keeps a job of a server that works on it.
func (r *running) keepJob(id, owner string) ledger.Job {
	r.t.Helper()
	j := ledger.Job{ID: id, Kind: "export", Owner: owner, Name: "x", State: ledger.JobRunning, Spec: []byte("{}"), Process: r.server.jobs.process, Beat: r.now, Created: r.now}
	if err := r.store.AddJob(r.t.Context(), j, 10); err != nil {
		r.t.Fatal(err)
	}
	return j
}

// TestJobs_cancelled_elsewhere: what another server says was cancelled does not end as
// done, also if the work ends before its own server hears of it.
func TestJobs_cancelled_elsewhere(t *testing.T) {
	r := newRunning(t)
	owner, other := r.token("anna", access.Owner, "/"), r.beside(nil)
	j := r.keepJob("cancelled", "anna")
	_ = r.server.perform(t.Context(), &work{job: j, do: func(context.Context, *progress) error {
		if status, text := other.ask(http.MethodDelete, "/api/v1/jobs?id=cancelled", owner, ""); status != http.StatusNoContent {
			t.Errorf("cancelling: %d %s", status, text)
		}
		return nil
	}})
	if got := get[JobRow](r, "/api/v1/job?id=cancelled", owner); got.State != ledger.JobCancelled || got.Message != errStopped.Error() || got.Ended == nil {
		t.Errorf("a job that was cancelled through another server: %+v", got)
	}
}

// lateStore tells of jobs as they were when they ran.
type lateStore struct{ Store }

func (s lateStore) Job(ctx context.Context, id string) (ledger.Job, error) {
	j, err := s.Store.Job(ctx, id)
	j.State = ledger.JobRunning
	return j, err
}

// TestJobs_cancelled_too_late: one that ended meanwhile is not said to be cancelled.
func TestJobs_cancelled_too_late(t *testing.T) {
	r := newRunning(t)
	owner, other := r.token("anna", access.Owner, "/"), r.beside(func(s Store) Store { return lateStore{s} })
	if err := r.server.perform(t.Context(), &work{job: r.keepJob("done", "anna"), do: func(context.Context, *progress) error { return nil }}); err != nil {
		t.Fatal(err)
	}
	if status, text := other.ask(http.MethodDelete, "/api/v1/jobs?id=done", owner, ""); status != http.StatusConflict {
		t.Errorf("cancelling what has ended: %d %s", status, text)
	}
	if got := get[JobRow](r, "/api/v1/job?id=done", owner); got.State != ledger.JobDone {
		t.Errorf("job %+v", got)
	}
}

// TestJobs_of_a_server_that_was_killed: who owns the data directory after it says at once
// that they were interrupted.
func TestJobs_of_a_server_that_was_killed(t *testing.T) {
	r := newRunning(t)
	owner := r.token("anna", access.Owner, "/")
	r.keepJob("lost", "anna")
	next := r.beside(nil)
	own := next.keepJob("own", "anna")
	if err := next.server.SettleJobs(t.Context()); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]ledger.JobState{"lost": ledger.JobInterrupted, own.ID: ledger.JobRunning} {
		if got := get[JobRow](next, "/api/v1/job?id="+id, owner); got.State != want || (got.Ended != nil) != want.Ended() {
			t.Errorf("job %s: %+v, want %s", id, got, want)
		}
	}
}
