package server

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/sync/errgroup"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// JobRow is work that takes longer than an answer.
type JobRow struct {
	ID      string          `json:"id"`
	Kind    string          `json:"kind" doc:"export, import, rejudge"`
	Name    string          `json:"name" doc:"for people: the list, the file"`
	State   ledger.JobState `json:"state" doc:"queued, running, done, failed, cancelled; interrupted if its server was stopped"`
	Owner   string          `json:"owner" doc:"id of the principal by whose rights it works"`
	Own     bool            `json:"own" doc:"it is yours"`
	Done    int64           `json:"done" doc:"of total, in unit"`
	Total   int64           `json:"total" doc:"0 while it is not known"`
	Unit    string          `json:"unit" doc:"rows, bytes, units"`
	Message string          `json:"message,omitempty" doc:"why it failed"`
	Answer  json.RawMessage `json:"answer,omitempty" doc:"what it came to"`
	Result  *JobResult      `json:"result,omitempty" doc:"that can be downloaded by its owner"`
	Created time.Time       `json:"created"`
	Ended   *time.Time      `json:"ended,omitempty"`
}

// JobResult is the file that a job made.
type JobResult struct {
	File    string    `json:"file" doc:"its name"`
	Type    string    `json:"type" doc:"media type"`
	Size    int64     `json:"size" doc:"bytes"`
	Path    string    `json:"path" doc:"where it is"`
	Expires time.Time `json:"expires" doc:"from when on it is there no longer"`
}

type jobsInput struct {
	Kind  string `query:"kind" enum:"export,import,rejudge" doc:"only those of this kind"`
	State string `query:"state" doc:"only those in one of these states, comma between them" maxLength:"200"`
	Owner string `query:"owner" enum:"me,anybody" default:"anybody" doc:"anybody is all that you may see: your own, and those of others if you may run things at /"`
}

type jobsOutput struct{ Body Page[JobRow] }

type jobInput struct {
	ID string `query:"id" required:"true" maxLength:"200"`
}

type jobOutput struct{ Body JobRow }

const (
	jobsAtOnce  = 2                // exports of one process that work
	jobsOfOne   = 10               // of one principal that have not ended
	jobsQueued  = 1000             // of one process
	jobsListed  = 500              // the newest
	jobBeat     = 5 * time.Second  // how often a process says that it works on its jobs
	jobSilence  = 30 * time.Second // after which it is gone
	resultsKept = 24 * time.Hour
	jobsKept    = 30 * 24 * time.Hour
	progressGap = time.Second // between two words of how far a job is
)

// errStopped is why the context of a job ends that somebody cancelled.
var errStopped = errors.New("it was cancelled")

// jobStore keeps jobs.
type jobStore interface {
	AddJob(ctx context.Context, j ledger.Job, most int, entries ...ledger.AuditEntry) error
	SetJob(ctx context.Context, j ledger.Job) (stop bool, err error)
	BeatJobs(ctx context.Context, process string, now time.Time) error
	StopJob(ctx context.Context, id string, now time.Time) (stops bool, err error)
	InterruptJobs(ctx context.Context, process string, silent, now time.Time) error
	SweepJobs(ctx context.Context, now, ended time.Time) error
	RemoveJob(ctx context.Context, id string, entries ...ledger.AuditEntry) error
	Audit(ctx context.Context, e ledger.AuditEntry) error
	Job(ctx context.Context, id string) (ledger.Job, error)
	Jobs(ctx context.Context, owner string, most int) ([]ledger.Job, error)
	UnendedJobs(ctx context.Context, process string) ([]ledger.Job, error)
	AddJobPart(ctx context.Context, id string, place int64, data []byte) error
	JobParts(ctx context.Context, id string) iter.Seq2[[]byte, error]
}

// jobs are those that this process works on, or has in its queue.
type jobs struct {
	process string
	queue   chan *work

	mu      sync.Mutex
	running map[string]context.CancelCauseFunc
}

// work is a job and what there is to do.
type work struct {
	job ledger.Job
	do  func(ctx context.Context, p *progress) error
}

// progress is how far a job is. Several goroutines may tell it.
type progress struct {
	server *Server
	stop   context.CancelCauseFunc

	mu   sync.Mutex
	job  *ledger.Job
	told time.Time
}

func (s *Server) registerJobs() {
	handle(s, route{method: http.MethodGet, path: "/api/v1/jobs", id: "list-jobs", summary: "List imports and exports, the newest first", need: signedIn, live: true}, s.listJobs)
	handle(s, route{method: http.MethodGet, path: "/api/v1/job", id: "get-job", summary: "One job: how far it is, what it came to", need: signedIn, live: true}, s.oneJob)
	handle(s, route{method: http.MethodDelete, path: "/api/v1/jobs", id: "delete-job", summary: "Cancel a job; of one that has ended, remove it with its result", need: signedIn, status: http.StatusNoContent}, s.removeJob)
}

// newJob gives a job of the caller.
func (s *Server) newJob(c *caller, kind, name, unit string) (ledger.Job, error) {
	id, err := access.NewID(s.Accounts.Random)
	now := s.Now().UTC().Truncate(time.Millisecond)
	return ledger.Job{
		ID: id, Kind: kind, Owner: c.Caller.Principal.ID, Name: name, State: ledger.JobQueued, Spec: []byte("{}"), Unit: unit, Process: s.jobs.process, Beat: now, Created: now,
	}, err
}

// toldOfJob is the entry of the audit log about a job.
func (s *Server) toldOfJob(c *caller, action string, j *ledger.Job) ledger.AuditEntry {
	return s.entry(c, action, j.ID, access.Top, map[string]any{"kind": j.Kind, "name": j.Name})
}

// enqueue keeps a job and puts it behind the others; RunJobs works on it.
func (s *Server) enqueue(ctx context.Context, c *caller, w *work) error {
	if err := s.Store.AddJob(ctx, w.job, jobsOfOne, s.toldOfJob(c, "job.create", &w.job)); err != nil {
		return err
	}
	select {
	case s.jobs.queue <- w:
		return nil
	default:
		return errors.Join(huma.Error503ServiceUnavailable("too many jobs are waiting here; try again later"), s.Store.RemoveJob(ctx, w.job.ID))
	}
}

// RunJobs works on jobs until the context ends, and tends those that are kept. It
// gives the error that stopped it, nil for the context.
func (s *Server) RunJobs(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for range jobsAtOnce {
		g.Go(func() error {
			for {
				select {
				case <-ctx.Done():
					return nil
				case w := <-s.jobs.queue:
					_ = s.perform(ctx, w) // it is told where the job is
				}
			}
		})
	}
	g.Go(func() error {
		for beat := time.NewTicker(jobBeat); ; {
			if err := s.tendJobs(ctx); err != nil && ctx.Err() == nil {
				s.Log.WarnContext(ctx, "tending jobs", "error", err)
			}
			select {
			case <-ctx.Done():
				beat.Stop()
				return nil
			case <-beat.C:
			}
		}
	})
	return g.Wait()
}

// tendJobs says that this process is alive, stops what somebody wants to stop by
// another process, ends what belongs to processes that are gone, and sweeps.
func (s *Server) tendJobs(ctx context.Context) error {
	now := s.Now()
	if err := s.Store.BeatJobs(ctx, s.jobs.process, now); err != nil {
		return err
	}
	own, err := s.Store.UnendedJobs(ctx, s.jobs.process)
	if err != nil {
		return err
	}
	for _, j := range own {
		if j.Stop {
			s.jobs.stop(j.ID)
		}
	}
	if err := s.SettleJobs(ctx); err != nil {
		return err
	}
	return s.Store.SweepJobs(ctx, now, now.Add(-jobsKept))
}

// stop ends the work of this process on a job.
func (j *jobs) stop(id string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if cancel := j.running[id]; cancel != nil {
		cancel(errStopped)
	}
}

// perform works on a job to its end, and gives the error that it ended with.
func (s *Server) perform(ctx context.Context, w *work) error {
	working, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s.jobs.mu.Lock()
	s.jobs.running[w.job.ID] = cancel
	s.jobs.mu.Unlock()
	defer func() {
		s.jobs.mu.Lock()
		delete(s.jobs.running, w.job.ID)
		s.jobs.mu.Unlock()
	}()
	p := &progress{server: s, stop: cancel, job: &w.job}
	w.job.State = ledger.JobRunning
	err := p.tell(ctx)
	if err == nil && working.Err() == nil {
		err = w.do(working, p)
	}
	if cause := context.Cause(working); err == nil && cause != nil {
		err = cause
	}
	switch {
	case err == nil:
		w.job.State = ledger.JobDone
	case errors.Is(context.Cause(working), errStopped):
		w.job.State, w.job.Message, err = ledger.JobCancelled, errStopped.Error(), errStopped
	case ctx.Err() != nil:
		w.job.State, w.job.Message = ledger.JobInterrupted, "the server was stopped, or who asked went away, before it was done"
	default:
		shown, internal := answerable(err)
		if internal {
			s.Log.ErrorContext(ctx, "job", "job", w.job.ID, "kind", w.job.Kind, "error", err)
		}
		w.job.State, w.job.Message = ledger.JobFailed, messageOf(shown)
	}
	w.job.Ended = s.Now()
	w.job.Expires = w.job.Ended.Add(resultsKept)
	return errors.Join(err, p.end(context.WithoutCancel(ctx)))
}

// messageOf is what an error that may be shown says, with its details.
func messageOf(err error) string {
	text := err.Error()
	var model *huma.ErrorModel
	if errors.As(err, &model) {
		for _, d := range model.Errors {
			text += "; " + d.Location + ": " + d.Message
		}
	}
	return text
}

// tell keeps how far the job is. A job that somebody cancelled stops.
func (p *progress) tell(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.keep(ctx)
}

func (p *progress) keep(ctx context.Context) error {
	p.told = p.server.Now()
	p.job.Beat = p.told
	stop, err := p.server.Store.SetJob(ctx, *p.job)
	if stop && err == nil && !p.job.State.Ended() {
		p.stop(errStopped)
	}
	return err
}

// end keeps what the job ended with. One that is done, and that somebody cancelled by
// another server before this was kept, is cancelled.
func (p *progress) end(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	stop, err := p.server.Store.SetJob(ctx, *p.job)
	if err != nil || !stop || p.job.State != ledger.JobDone {
		return err
	}
	kept, err := p.server.Store.Job(ctx, p.job.ID)
	if err != nil || !kept.Stop || kept.State.Ended() {
		return err // it ended otherwise, as of a process that said nothing
	}
	p.job.State, p.job.Message = ledger.JobCancelled, errStopped.Error()
	if _, err = p.server.Store.SetJob(ctx, *p.job); err != nil {
		return err
	}
	return errStopped
}

// at says how far the job is, now and then.
func (p *progress) at(ctx context.Context, unit string, done, total int64) error {
	if !p.mu.TryLock() { // another goroutine is saying it
		return nil
	}
	defer p.mu.Unlock()
	p.job.Unit, p.job.Done, p.job.Total = unit, done, total
	if p.server.Now().Sub(p.told) < progressGap {
		return nil
	}
	return p.keep(ctx)
}

func (s *Server) jobRow(c *caller, j *ledger.Job) JobRow {
	row := JobRow{
		ID: j.ID, Kind: j.Kind, Name: j.Name, State: j.State, Owner: j.Owner, Own: j.Owner == c.Caller.Principal.ID, Done: j.Done, Total: j.Total, Unit: j.Unit,
		Message: j.Message, Answer: j.Answer, Created: j.Created,
	}
	if !j.Ended.IsZero() {
		row.Ended = &j.Ended
	}
	if j.State == ledger.JobDone && j.File != "" && j.Expires.After(s.Now()) {
		row.Result = &JobResult{j.File, j.Type, j.Size, "/api/v1/exports/result?id=" + url.QueryEscape(j.ID), j.Expires}
	}
	return row
}

func (s *Server) listJobs(ctx context.Context, c *caller, in *jobsInput) (*jobsOutput, error) {
	owner := c.Caller.Principal.ID
	if in.Owner != "me" && s.may(c, access.Run, access.Top) {
		owner = ""
	}
	all, err := s.Store.Jobs(ctx, owner, jobsListed)
	if err != nil {
		return nil, err
	}
	var p problems
	states := choose(&p, "state", in.State, ledger.ParseJobState)
	var rows []JobRow
	for i := range all {
		j := &all[i]
		if (in.Kind == "" || j.Kind == in.Kind) && (len(states.Values) == 0 || slices.Contains(states.Values, j.State) != states.Not) {
			rows = append(rows, s.jobRow(c, j))
		}
	}
	return &jobsOutput{pageOf("jobs", rows)}, p.err()
}

// job gives a job that who asks may see. Others' jobs are there for who may run
// things everywhere.
func (s *Server) job(ctx context.Context, c *caller, id string) (ledger.Job, error) {
	j, err := s.Store.Job(ctx, id)
	if err == nil && j.Owner != c.Caller.Principal.ID && !s.may(c, access.Run, access.Top) {
		err = huma.Error404NotFound("there is no job " + id)
	}
	return j, err
}

func (s *Server) oneJob(ctx context.Context, c *caller, in *jobInput) (*jobOutput, error) {
	j, err := s.job(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	return &jobOutput{s.jobRow(c, &j)}, nil
}

func (s *Server) removeJob(ctx context.Context, c *caller, in *idInput) (*struct{}, error) {
	j, err := s.job(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	switch {
	case in.DryRun.DryRun:
		return nil, nil
	case j.State.Ended():
		return nil, s.Store.RemoveJob(ctx, j.ID, s.toldOfJob(c, "job.remove", &j))
	}
	stops, err := s.Store.StopJob(ctx, j.ID, s.Now())
	s.jobs.stop(j.ID)
	switch {
	case err != nil:
	case stops:
		err = s.Store.Audit(ctx, s.toldOfJob(c, "job.cancel", &j))
	default:
		err = huma.Error409Conflict("job " + j.ID + " has ended meanwhile; ask again to remove it")
	}
	return nil, err
}

// SettleJobs ends the jobs of processes that are known to be gone. A server calls it
// before it listens, so that nobody is told that they run still.
func (s *Server) SettleJobs(ctx context.Context) error {
	now := s.Now()
	return s.Store.InterruptJobs(ctx, s.jobs.process, now.Add(-jobSilence), now)
}
