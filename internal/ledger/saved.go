package ledger

import (
	"fmt"
	"slices"
	"time"
)

// SavedView is a page with its parameters under a name, of one principal or shared
// with who sees its scope. It has no history.
type SavedView struct {
	ID         string
	Owner      string // id of a principal
	Name       string
	Page       string // such as recommendations
	Scope      string
	Shared     bool
	Parameters []byte // a JSON object
	Created    time.Time
	Changed    time.Time
}

// JobState is how far a job is.
type JobState string

// The states of jobs.
const (
	JobQueued      JobState = "queued"
	JobRunning     JobState = "running"
	JobDone        JobState = "done"
	JobFailed      JobState = "failed"
	JobCancelled   JobState = "cancelled"
	JobInterrupted JobState = "interrupted" // its process ended before it did
)

// ParseJobState reads a state.
func ParseJobState(word string) (JobState, error) {
	all := []JobState{JobQueued, JobRunning, JobDone, JobFailed, JobCancelled, JobInterrupted}
	if !slices.Contains(all, JobState(word)) {
		return "", fmt.Errorf("state %q: want some of %s", word, all)
	}
	return JobState(word), nil
}

// Ended reports whether the job changes no more.
func (s JobState) Ended() bool { return s != JobQueued && s != JobRunning }

// Job is work that takes longer than an answer: an import, an export, judging
// anew. It has no history.
type Job struct {
	ID      string
	Kind    string // export, import, rejudge
	Owner   string // id of the principal by whose rights it works
	Name    string // for people
	State   JobState
	Spec    []byte // a JSON object: what is to be done
	Answer  []byte // a JSON object: what it came to, nil for nothing yet
	Message string // why it failed, for people
	// Done of Total are so many of what Unit says; Total is 0 where it is not known.
	Done, Total int64
	Unit        string
	File, Type  string // of the result: its name and media type, "" for none
	Size        int64  // of the result, in bytes
	Process     string // that works on it
	Stop        bool   // somebody wants it to stop
	Beat        time.Time
	Created     time.Time
	Ended       time.Time // zero for not yet
	Expires     time.Time // from when on the result is there no longer
}
