package ledger

import "errors"

// ErrForgotten says that history was given up: what is asked for is no longer
// kept.
var ErrForgotten = errors.New("history was given up")

// Change is one commit with the rows that it began and ended. A row whose Since
// is the commit's number began with it; one whose Until is, ended with it; the
// other end says what is known by now.
type Change struct {
	Commit    Commit
	Resources []Resource // that got their number, by number
	Versions  []Version
	Judged    []Judged
	Reads     []Read
	Losses    []Loss
	Scopes    []ScopeVersion
	Documents []DocumentVersion
	Scores    []UnitScore
	Effects   []Effect
}
