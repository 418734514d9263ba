package store

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

var jobColumns = []string{
	"id", "kind", "owner", "name", "state", "spec", "answer", "message", "done", "total", "unit", "file", "type", "size", "process", "stop",
	"beat_ms", "created_ms", "ended_ms", "expires_ms",
}

// AddJob keeps a job, with the entries of the audit log that tell of it. Of one owner, at most so many may not have ended: more are
// Invalid.
func (s *Store) AddJob(ctx context.Context, j ledger.Job, most int, entries ...ledger.AuditEntry) error {
	err := s.beside(ctx, entries, func(at *session) error {
		var count int
		if _, err := at.one(ctx, "SELECT count(*) FROM job WHERE owner = ? AND ended_ms = 0", []any{j.Owner}, &count); err != nil {
			return err
		}
		if count >= most {
			return access.Errorf(access.TooOften, "%d of your jobs are under way; wait for one to end, or cancel it", count)
		}
		return at.insertValues(ctx, "job", jobColumns, "", [][]any{{
			j.ID, j.Kind, j.Owner, clean(j.Name), string(j.State), clean(string(j.Spec)), clean(string(j.Answer)), clean(j.Message), j.Done, j.Total, j.Unit,
			clean(j.File), j.Type, j.Size, j.Process, bit(j.Stop), milliseconds(j.Beat), milliseconds(j.Created), milliseconds(j.Ended), milliseconds(j.Expires),
		}})
	})
	if err != nil {
		return fmt.Errorf("keep job %s: %w", j.ID, err)
	}
	return nil
}

// SetJob says how far a job is, if its process still has it, and reports whether
// somebody wants it to stop or it is no longer that process's. One that somebody wants
// to stop does not become done.
func (s *Store) SetJob(ctx context.Context, j ledger.Job) (stop bool, err error) {
	err = s.beside(ctx, nil, func(at *session) error {
		const statement = `UPDATE job SET state = ?, answer = ?, message = ?, done = ?, total = ?, unit = ?, file = ?, type = ?, size = ?, beat_ms = ?, ended_ms = ?, expires_ms = ?
			WHERE id = ? AND process = ? AND ended_ms = 0 AND (stop = 0 OR ? = 0)`
		touched, err := at.exec(ctx, statement, string(j.State), clean(string(j.Answer)), clean(j.Message), j.Done, j.Total, j.Unit, clean(j.File), j.Type, j.Size,
			milliseconds(j.Beat), milliseconds(j.Ended), milliseconds(j.Expires), j.ID, j.Process, bit(j.State == ledger.JobDone))
		if err != nil {
			return err
		}
		var stopped int64
		_, err = at.one(ctx, "SELECT stop FROM job WHERE id = ?", []any{j.ID}, &stopped)
		stop = touched == 0 || stopped != 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("keep how far job %s is: %w", j.ID, err)
	}
	return stop, nil
}

// BeatJobs says that a process is alive and has its jobs still.
func (s *Store) BeatJobs(ctx context.Context, process string, now time.Time) error {
	return s.beside(ctx, nil, func(at *session) error {
		if _, err := at.exec(ctx, "UPDATE job SET beat_ms = ? WHERE process = ? AND ended_ms = 0", milliseconds(now), process); err != nil {
			return fmt.Errorf("keep that jobs are worked on: %w", err)
		}
		return nil
	})
}

// StopJob says that somebody wants a job to stop, and reports whether it had not ended:
// then it does not become done. One that no process works on yet is cancelled at once.
func (s *Store) StopJob(ctx context.Context, id string, now time.Time) (stops bool, err error) {
	err = s.beside(ctx, nil, func(at *session) error {
		touched, err := at.exec(ctx, "UPDATE job SET stop = 1 WHERE id = ? AND ended_ms = 0", id)
		if err == nil {
			_, err = at.exec(ctx, "UPDATE job SET state = ?, ended_ms = ? WHERE id = ? AND state = ?", string(ledger.JobCancelled), milliseconds(now), id, string(ledger.JobQueued))
		}
		stops = touched > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("stop job %s: %w", id, err)
	}
	return stops, nil
}

// InterruptJobs says of the jobs that have not ended and whose process is gone that they
// were interrupted: those of processes that said nothing since a time and, where only
// one process may be at the database, those of every other process than that one.
func (s *Store) InterruptJobs(ctx context.Context, process string, silent, now time.Time) error {
	return s.beside(ctx, nil, func(at *session) error {
		_, err := at.exec(ctx, "UPDATE job SET state = ?, message = ?, ended_ms = ? WHERE ended_ms = 0 AND (beat_ms < ? OR ? = 1 AND process <> ?)",
			string(ledger.JobInterrupted), "the server was stopped before it was done", milliseconds(now), milliseconds(silent), bit(s.owner != nil), process)
		if err != nil {
			return fmt.Errorf("end jobs of processes that are gone: %w", err)
		}
		return nil
	})
}

// SweepJobs removes results that have expired, those of jobs that were not done, and
// jobs that ended before a time.
func (s *Store) SweepJobs(ctx context.Context, now, ended time.Time) error {
	return s.beside(ctx, nil, func(at *session) error {
		_, err := at.exec(ctx, "DELETE FROM job WHERE ended_ms > 0 AND ended_ms < ?", milliseconds(ended))
		if err == nil {
			_, err = at.exec(ctx, `DELETE FROM job_part WHERE NOT EXISTS (SELECT 1 FROM job j WHERE j.id = job_part.job AND (j.ended_ms = 0 OR j.state = ? AND j.expires_ms > ?))`,
				string(ledger.JobDone), milliseconds(now))
		}
		if err != nil {
			return fmt.Errorf("sweep jobs: %w", err)
		}
		return nil
	})
}

// RemoveJob removes a job with its result.
func (s *Store) RemoveJob(ctx context.Context, id string, entries ...ledger.AuditEntry) error {
	return s.beside(ctx, entries, func(at *session) error {
		for _, statement := range []string{"DELETE FROM job WHERE id = ?", "DELETE FROM job_part WHERE job = ?"} {
			if _, err := at.exec(ctx, statement, id); err != nil {
				return fmt.Errorf("remove job %s: %w", id, err)
			}
		}
		return nil
	})
}

// Job gives a job; one that is not there is Missing.
func (s *Store) Job(ctx context.Context, id string) (ledger.Job, error) {
	jobs, err := s.readJobs(ctx, "id = ?", 1, id)
	if err == nil && len(jobs) == 0 {
		return ledger.Job{}, access.Errorf(access.Missing, "there is no job %s", id)
	}
	if err != nil {
		return ledger.Job{}, err
	}
	return jobs[0], nil
}

// Jobs gives the jobs of a principal, or all for "", the newest first.
func (s *Store) Jobs(ctx context.Context, owner string, most int) ([]ledger.Job, error) {
	if owner == "" {
		return s.readJobs(ctx, "owner <> ''", most)
	}
	return s.readJobs(ctx, "owner = ?", most, owner)
}

// UnendedJobs gives the jobs that a process has, or none has yet.
func (s *Store) UnendedJobs(ctx context.Context, process string) ([]ledger.Job, error) {
	return s.readJobs(ctx, "ended_ms = 0 AND process = ?", 1000, process)
}

func (s *Store) readJobs(ctx context.Context, which string, most int, args ...any) (jobs []ledger.Job, err error) {
	const query = `SELECT id, kind, owner, name, state, spec, answer, message, done, total, unit, file, type, size, process, stop, beat_ms, created_ms, ended_ms, expires_ms
		FROM job WHERE `
	err = s.reading(ctx, func(at *session) error {
		return at.each(ctx, query+which+" ORDER BY created_ms DESC, id LIMIT ?", append(args, most), func(scan func(...any) error) error {
			var j ledger.Job
			var spec, answer string
			var stop, beat, created, ended, expires int64
			err := scan(&j.ID, &j.Kind, &j.Owner, &j.Name, &j.State, &spec, &answer, &j.Message, &j.Done, &j.Total, &j.Unit, &j.File, &j.Type, &j.Size, &j.Process, &stop,
				&beat, &created, &ended, &expires)
			j.Spec, j.Stop, j.Beat, j.Created, j.Ended, j.Expires = []byte(spec), stop != 0, moment(beat), moment(created), moment(ended), moment(expires)
			if answer != "" {
				j.Answer = []byte(answer)
			}
			jobs = append(jobs, j)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read jobs: %w", err)
	}
	return jobs, nil
}

// AddJobPart adds a part of a job's result, which is kept packed.
func (s *Store) AddJobPart(ctx context.Context, id string, place int64, data []byte) error {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	packed := encoder.EncodeAll(data, nil)
	err = s.beside(ctx, nil, func(at *session) error {
		return at.insertValues(ctx, "job_part", []string{"job", "place", "data"}, "", [][]any{{id, place, packed}})
	})
	if err != nil {
		return fmt.Errorf("keep the result of job %s: %w", id, err)
	}
	return nil
}

// JobParts gives the result of a job, part by part.
func (s *Store) JobParts(ctx context.Context, id string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
		if err != nil {
			yield(nil, err)
			return
		}
		defer decoder.Close()
		for place := int64(0); ; place++ {
			var packed []byte
			found := false
			err := s.reading(ctx, func(at *session) (err error) {
				found, err = at.one(ctx, "SELECT data FROM job_part WHERE job = ? AND place = ?", []any{id, place}, &packed)
				return err
			})
			var data []byte
			if err == nil && found {
				data, err = decoder.DecodeAll(packed, nil)
			}
			if err != nil {
				yield(nil, fmt.Errorf("read the result of job %s: %w", id, err))
				return
			}
			if !found || !yield(data, nil) {
				return
			}
		}
	}
}
