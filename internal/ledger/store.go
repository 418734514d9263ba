package ledger

import (
	"context"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Tuple is a list of verdicts under a number, in the order of their evaluations.
type Tuple struct {
	Number   int64
	Verdicts []Verdict
}

// ScopeVersion is a node of the tree for an interval.
type ScopeVersion struct {
	posture.Scope
	Interval
}

// ResourceBody is a resource, what it was, and what was read of it.
type ResourceBody struct {
	Resource Resource
	Version  Version
	Record   []byte
}

// Neighbourhood is a part of a unit: all resources of some types, and those of
// others that are in some groups. Types and groups are compared without case.
type Neighbourhood struct {
	Types        []string
	Groups       []string
	TypesInGroup []string
}

// Record is which body a resource has.
type Record struct {
	Resource uint32
	Hash     Hash // of its record
	Partial  bool // the body was not read completely
}

// Intake is the right to put bodies and facts that no commit refers to yet.
type Intake interface {
	PutBodies(ctx context.Context, bodies []Body) ([]int64, error)
	PutFacts(ctx context.Context, facts []Facts) ([]int64, error)
	Close()
}

// Tx is a commit in the making. What equals what is kept writes nothing.
type Tx interface {
	Number() Number // of the commit
	NewResources(ctx context.Context, resources []Resource) error
	PutBodies(ctx context.Context, bodies []Body) ([]int64, error) // for a few; see Intake
	PutFacts(ctx context.Context, facts []Facts) ([]int64, error)
	SetVersions(ctx context.Context, versions []Version) error
	Delete(ctx context.Context, resources []uint32) error
	Evaluations(ctx context.Context, evaluations []Evaluation) error
	Tuples(ctx context.Context, tuples [][]Verdict) ([]int64, error)
	SetVerdicts(ctx context.Context, judged []Judged) error
	SetReads(ctx context.Context, reads []Read) error
	RemoveReads(ctx context.Context, reads []Read) error
	SetLosses(ctx context.Context, losses []Loss) error
	RemoveLosses(ctx context.Context, losses []Loss) error // of each, Scope and Type count
	SetScopes(ctx context.Context, scopes []posture.Scope) error
	RemoveScopes(ctx context.Context, ids []string) error
	SetDocuments(ctx context.Context, documents []DocumentVersion) error
	RemoveDocuments(ctx context.Context, documents []DocumentVersion) error
	SetUnitScores(ctx context.Context, scores []UnitScore) error
	AddEffects(ctx context.Context, effects []Effect) error
	// Audit adds an entry of the audit log that tells of this commit, if it is
	// made; time, commit and, if they are "", actor and object are the commit's.
	Audit(ctx context.Context, entry AuditEntry) error
	// Stand makes it a commit, also if it changes no row: answers do all the same.
	Stand()
}
