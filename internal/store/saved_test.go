//go:build unix

package store

import (
	"errors"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

func TestViews(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		s, ctx := open(t, where), t.Context()
		view := func(id, owner string, shared bool) ledger.SavedView {
			return ledger.SavedView{
				ID: id, Owner: owner, Name: "view " + id, Page: "recommendations", Scope: "/", Shared: shared, Parameters: []byte(`{"state":["unhealthy"]}`), Created: noon, Changed: noon,
			}
		}
		entry := ledger.AuditEntry{At: noon, Action: "view.write", Object: "c"}
		for _, v := range []ledger.SavedView{view("a", "anna", false), view("b", "anna", true), view("c", "bob", true), view("d", "bob", false)} {
			if err := s.PutView(ctx, v, 2, entry); err != nil {
				t.Fatal(err)
			}
		}
		changed := view("a", "anna", false)
		changed.Name, changed.Changed = "a view of another name", noon.Add(time.Hour)
		if err := s.PutView(ctx, changed, 2); err != nil {
			t.Fatal(err)
		}
		if err := s.PutView(ctx, view("e", "anna", false), 2); access.FaultOf(err) != access.Invalid {
			t.Errorf("one view too many: %v", err)
		}
		want := []ledger.SavedView{changed, view("b", "anna", true), view("c", "bob", true)}
		if diff := gocmp.Diff(want, must(s.Views(ctx, "anna"))(t)); diff != "" {
			t.Errorf("views (-want +got):\n%s", diff)
		}
		if err := s.RemoveView(ctx, "b", entry); err != nil {
			t.Fatal(err)
		}
		if left := must(s.Views(ctx, "anna"))(t); len(left) != 2 {
			t.Errorf("views after one was removed: %+v", left)
		}
		if logged := all(t, s.AuditLog(ctx, ledger.AuditFilter{Action: "view."})); len(logged) != 5 {
			t.Errorf("%d entries of the audit log, want 5", len(logged))
		}
		for _, value := range []string{`{"theme":"dark"}`, `{"theme":"light"}`} {
			if err := s.SetPreferences(ctx, "anna", []byte(value), noon); err != nil {
				t.Fatal(err)
			}
			if got := must(s.Preferences(ctx, "anna"))(t); string(got) != value {
				t.Errorf("preferences %s, want %s", got, value)
			}
		}
		if got := must(s.Preferences(ctx, "bob"))(t); got != nil {
			t.Errorf("preferences of another: %s", got)
		}
		people(t, s)
		if err := errors.Join(s.PutView(ctx, view("f", bert.ID, true), 2), s.SetPreferences(ctx, bert.ID, []byte(`{}`), noon)); err != nil {
			t.Fatal(err)
		}
		if _, err := accessCommit(s, func(tx access.Tx) error { return tx.RemovePrincipals(ctx, []string{bert.ID}) }); err != nil {
			t.Fatal(err)
		}
		if views, value := must(s.Views(ctx, bert.ID))(t), must(s.Preferences(ctx, bert.ID))(t); len(views) != 1 || value != nil {
			t.Errorf("of a user who was removed there are views %+v and preferences %s", views, value)
		}
	})
}

func TestJobs(t *testing.T) {
	onBoth(t, func(t *testing.T, where Options) {
		s, ctx := open(t, where), t.Context()
		job := func(id, process string, created time.Time) ledger.Job {
			return ledger.Job{
				ID: id, Kind: "export", Owner: "anna", Name: "checks", State: ledger.JobRunning, Spec: []byte(`{}`), Total: 10, Unit: "rows", Process: process,
				Beat: created, Created: created,
			}
		}
		one, two := job("one", "p", noon), job("two", "q", noon.Add(time.Minute))
		for _, j := range []ledger.Job{one, two} {
			if err := s.AddJob(ctx, j, 2); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.AddJob(ctx, job("three", "p", noon), 2); access.FaultOf(err) != access.TooOften {
			t.Errorf("one job too many: %v", err)
		}
		if diff := gocmp.Diff([]ledger.Job{two, one}, must(s.Jobs(ctx, "anna", 10))(t)); diff != "" {
			t.Errorf("jobs (-want +got):\n%s", diff)
		}
		for place, part := range []string{"first ", "second"} {
			if err := s.AddJobPart(ctx, "one", int64(place), []byte(part)); err != nil {
				t.Fatal(err)
			}
		}
		one.State, one.Done, one.Size, one.File, one.Type, one.Answer = ledger.JobDone, 10, 12, "checks.csv", "text/csv", []byte(`{"rows":10}`)
		one.Ended, one.Expires = noon.Add(time.Hour), noon.Add(25*time.Hour)
		if stop := must(s.SetJob(ctx, one))(t); stop {
			t.Error("a job that nobody stopped is to stop")
		}
		if diff := gocmp.Diff(one, must(s.Job(ctx, "one"))(t)); diff != "" {
			t.Errorf("job that is done (-want +got):\n%s", diff)
		}
		if stop := must(s.SetJob(ctx, one))(t); !stop {
			t.Error("a job that has ended goes on")
		}
		if must(s.StopJob(ctx, "one", noon))(t) || !must(s.StopJob(ctx, "two", noon))(t) {
			t.Error("a job that has ended stops, or one that has not does not")
		}
		done := two
		done.State, done.Ended = ledger.JobDone, noon
		for _, j := range []ledger.Job{two, done} {
			if stop := must(s.SetJob(ctx, j))(t); !stop {
				t.Error("a job that was stopped goes on")
			}
		}
		if got := must(s.Job(ctx, "two"))(t); got.State != ledger.JobRunning || !got.Stop {
			t.Errorf("a job that was stopped is %+v", got)
		}
		// Who owns a data directory knows that nobody else is there.
		if err := s.InterruptJobs(ctx, "next", noon.Add(-time.Hour), noon); err != nil {
			t.Fatal(err)
		}
		if got := must(s.Job(ctx, "two"))(t); got.State.Ended() != (where.Dir != "") {
			t.Errorf("job of another process, which spoke: %+v", got)
		}
		if err := s.InterruptJobs(ctx, "next", noon.Add(2*time.Minute), noon.Add(3*time.Minute)); err != nil {
			t.Fatal(err)
		}
		if got := must(s.Job(ctx, "two"))(t); got.State != ledger.JobInterrupted || got.Message == "" || got.Ended.IsZero() {
			t.Errorf("job of a process that is gone: %+v", got)
		}
		text := func() (text string) {
			for _, part := range all(t, s.JobParts(ctx, "one")) {
				text += string(part)
			}
			return text
		}
		for _, test := range []struct {
			now, ended time.Time
			text       string
			jobs       int
		}{
			{noon.Add(2 * time.Hour), noon, "first second", 2},
			{noon.Add(26 * time.Hour), noon, "", 2},
			{noon.Add(26 * time.Hour), noon.Add(30 * time.Minute), "", 1},
		} {
			if err := s.SweepJobs(ctx, test.now, test.ended); err != nil {
				t.Fatal(err)
			}
			if left := must(s.Jobs(ctx, "", 10))(t); text() != test.text || len(left) != test.jobs {
				t.Errorf("swept at %s: result %q and %d jobs, want %q and %d", test.now, text(), len(left), test.text, test.jobs)
			}
		}
		if _, err := s.Job(ctx, "two"); access.FaultOf(err) != access.Missing {
			t.Errorf("a job that is there no longer: %v", err)
		}
	})
}
