package server

import (
	"context"
	"crypto/rand"
	"errors"
	"math"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/account"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// rejudging is the kind of jobs that judge anew.
const rejudging = "rejudge"

// RejudgeAsJob judges anew before there is a server, as a job that other servers on the
// same database tell of. There is one only if there is something to do, which do says by
// telling how far it is. It cannot be cancelled: what is kept is judged by one catalogue.
func RejudgeAsJob(ctx context.Context, store Store, now func() time.Time, name string, do func(progress func(done, total int64)) error) error {
	r := rejudgeJob{store: store, now: now, job: ledger.Job{
		Kind: rejudging, Owner: account.System.ID, Name: name, State: ledger.JobRunning, Spec: []byte("{}"), Unit: "units", Process: rand.Text(),
	}}
	worked := do(func(done, total int64) { r.tell(ctx, done, total) })
	if r.job.ID == "" {
		return errors.Join(worked, r.failed)
	}
	r.job.State = ledger.JobDone
	if worked != nil {
		r.job.State, r.job.Message = ledger.JobFailed, worked.Error()
	}
	return errors.Join(worked, r.failed, r.end(context.WithoutCancel(ctx)))
}

type rejudgeJob struct {
	store  Store
	now    func() time.Time
	job    ledger.Job
	failed error // the first error of the store
}

func (r *rejudgeJob) tell(ctx context.Context, done, total int64) {
	at := r.now().UTC().Truncate(time.Millisecond)
	r.job.Done, r.job.Total = done, total
	switch {
	case r.failed != nil:
	case r.job.ID == "":
		if r.job.ID, r.failed = access.NewID(rand.Reader); r.failed != nil {
			return
		}
		r.job.Beat, r.job.Created = at, at
		r.failed = r.store.AddJob(ctx, r.job, math.MaxInt)
	case at.Sub(r.job.Beat) >= progressGap:
		r.job.Beat = at
		_, r.failed = r.store.SetJob(ctx, r.job)
	}
}

func (r *rejudgeJob) end(ctx context.Context) error {
	r.job.Ended = r.now().UTC().Truncate(time.Millisecond)
	r.job.Beat, r.job.Expires = r.job.Ended, r.job.Ended
	stop, err := r.store.SetJob(ctx, r.job)
	if err == nil && stop && r.job.State == ledger.JobDone {
		r.job.State, r.job.Message = ledger.JobInterrupted, "somebody cancelled it, and it went on to its end: all is judged by this version"
		_, err = r.store.SetJob(ctx, r.job)
	}
	return err
}
