package server

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// TestRejudgeAsJob: judging anew is told of as a job while it works and when it ended,
// by servers on the same database to who may run things everywhere; where there is
// nothing to do there is none.
func TestRejudgeAsJob(t *testing.T) {
	r := newRunning(t)
	owner, reader := r.token("anna", access.Owner, "/"), r.token("bert", access.Reader, "/")
	list := func(token string) []JobRow {
		return get[struct{ Rows []JobRow }](r, "/api/v1/jobs?kind=rejudge", token).Rows
	}
	as := func(do func(progress func(done, total int64)) error) error {
		return RejudgeAsJob(t.Context(), r.server.Store, r.server.Now, "1.1", do)
	}
	if err := as(func(func(int64, int64)) error { return nil }); err != nil || len(list(owner)) != 0 {
		t.Errorf("nothing to do: %v, %v", err, list(owner))
	}
	err := as(func(progress func(done, total int64)) error {
		progress(0, 3)
		if rows := list(owner); len(rows) != 1 || rows[0].State != ledger.JobRunning || rows[0].Total != 3 || rows[0].Name != "1.1" || rows[0].Owner != access.System {
			t.Errorf("at work: %+v", rows)
		}
		if rows := list(reader); len(rows) != 0 {
			t.Errorf("told to a reader: %+v", rows)
		}
		progress(3, 3)
		return nil
	})
	rows := list(owner)
	if err != nil || len(rows) != 1 || rows[0].State != ledger.JobDone || rows[0].Done != 3 || rows[0].Ended == nil {
		t.Errorf("done: %v, %+v", err, rows)
	}
	broken := errors.New("the disk is full")
	err = as(func(progress func(done, total int64)) error {
		progress(0, 3)
		id := list(owner)[0].ID
		if status, text := r.ask(http.MethodDelete, "/api/v1/jobs?id="+id, owner, ""); status >= http.StatusBadRequest {
			t.Errorf("cancelling: %d %s", status, text)
		}
		return broken
	})
	if rows := list(owner); !errors.Is(err, broken) || len(rows) != 2 || rows[0].State != ledger.JobFailed || rows[0].Message != broken.Error() {
		t.Errorf("failed: %v, %+v", err, rows)
	}
	err = as(func(progress func(done, total int64)) error {
		progress(0, 3)
		if status, _ := r.ask(http.MethodDelete, "/api/v1/jobs?id="+list(owner)[0].ID, owner, ""); status >= http.StatusBadRequest {
			t.Errorf("cancelling: %d", status)
		}
		return nil
	})
	if rows := list(owner); err != nil || len(rows) != 3 || rows[0].State != ledger.JobInterrupted || rows[0].Ended == nil || rows[0].Ended.After(time.Now().AddDate(10, 0, 0)) {
		t.Errorf("cancelled: %v, %+v", err, rows)
	}
}
