package access

import (
	"context"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// Tx is a commit of kind [ledger.Access] in the making. Each has at least one
// entry of the audit log.
type Tx interface {
	Audit(ctx context.Context, entry ledger.AuditEntry) error
	// Principals gives all principals as the commit sees them.
	Principals(ctx context.Context) ([]Principal, error)
	// SetPrincipals adds principals or changes them. Of somebody disabled,
	// sessions end. A name that another of its kind has is Taken.
	SetPrincipals(ctx context.Context, principals []Principal) error
	// RemovePrincipals removes principals with their roles, tokens, passwords,
	// sessions and links; one that is not there is Missing.
	RemovePrincipals(ctx context.Context, ids []string) error
	// SetPassword keeps the hash of a password, or none for "". Sessions of the
	// principal but the one of id keep end.
	SetPassword(ctx context.Context, principal, hash, keep string) error
	// AddAssignments adds roles. One that gives a principal the same role at the
	// same scope as one that is there is Taken; of a principal that is not there
	// it is Missing.
	AddAssignments(ctx context.Context, assignments []RoleAssignment) error
	RemoveAssignments(ctx context.Context, ids []string) error
	// AddToken adds a token and what is kept of its secret. One that is made by a token
	// which is not there is Missing.
	AddToken(ctx context.Context, token Token, hash Hash) error
	// RemoveTokens revokes tokens, those that were made by them, and so on. It gives all
	// of them.
	RemoveTokens(ctx context.Context, ids []string) ([]Token, error)
	// SetServerSetting keeps what is set up over the API, or none for "".
	SetServerSetting(ctx context.Context, name, value string) error
	// SetSealed keeps a sealed secret of the server, or none for nil.
	SetSealed(ctx context.Context, place string, sealed []byte) error
	// UseLink uses a link up, for this commit if it is made. One that was used,
	// has ended or is not there is Refused, and so is one of the first run once
	// somebody owns the server. It comes before other changes.
	UseLink(ctx context.Context, secret Secret) (Link, error)
}
