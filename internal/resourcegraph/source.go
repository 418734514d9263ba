package resourcegraph

import (
	"context"
	"iter"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/policy"
)

// A source is where the rows of an estate come from: inputs that are read and
// assessed ([inputs]), or what is kept ([kept]). How rows look is not its affair.
type source interface {
	// scan gives the rows of a table of the inventory that may meet a request. It
	// notes the places of all resources, of other tables too, unless at is nil.
	scan(ctx context.Context, t *inventoryTable, want kql.Request, at *places) iter.Seq2[*data.Batch, error]
	// assessed gives what the verdicts come to, and who tells them; with what they
	// were judged on if that is wanted.
	assessed(ctx context.Context, evidence bool) (*assessed, error)
	// hierarchy is the tree, as far as it does not follow from resources.
	hierarchy() []posture.Scope
	// policies are the documents by which is judged beside the catalogue.
	policies() (*policy.Library, []*policy.Assignment, error)
	// shows reports whether a scope is to be told of that only the tree knows.
	shows(scope string) bool
	// reads are all read records; readsSoFar may be none, where it would cost another
	// reading of the inputs.
	reads(ctx context.Context) (*assess.Reads, error)
	readsSoFar(ctx context.Context) (*assess.Reads, error)
	// scopesBelow are those that show and stand below one that does not.
	scopesBelow() []string
	// kinds are those that a table has besides the usual ones.
	kinds(table string) []kind
}

// inputs are the source that the options of an assessment name.
type inputs struct{ *Estate }

func (in inputs) scan(ctx context.Context, t *inventoryTable, want kql.Request, at *places) iter.Seq2[*data.Batch, error] {
	return t.read(ctx, want, at)
}

func (in inputs) hierarchy() []posture.Scope { return in.options.Hierarchy }

func (in inputs) policies() (*policy.Library, []*policy.Assignment, error) {
	library := in.options.Library
	if library == nil {
		library = &policy.Library{}
	}
	if len(in.options.Assignments) == 0 {
		return library, library.Assignments, nil
	}
	return library, slices.Concat(in.options.Assignments, library.Assignments), nil
}

func (in inputs) shows(string) bool { return true }

func (in inputs) kinds(string) []kind { return nil }
