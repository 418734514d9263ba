package estate

import (
	"context"

	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// preview says what an import would come to.
func (i *importing) preview(ctx context.Context, root posture.Scope) error {
	i.tree = &tree{scopes: map[string]posture.Scope{}}
	for _, s := range i.estate.tree.all() {
		i.tree.set(s)
	}
	for _, s := range i.grown(root) {
		i.tree.set(s)
	}
	changes, err := i.plan(ctx)
	for _, u := range changes {
		i.count(u, i.estate.known.added(u.found))
	}
	return err
}

// count takes a unit's change into the answer.
func (i *importing) count(u *unitChange, added int) {
	i.answer.New, i.answer.Changed, i.answer.Deleted = i.answer.New+added, i.answer.Changed+len(u.found)-added, i.answer.Deleted+len(u.gone)
}

// added counts the resources among some that are not there yet.
func (k *known) added(found []intake.Found) (added int) {
	for _, f := range found {
		if standing, ok := k.Resource(f.Key); !ok || standing.Record == (ledger.Hash{}) {
			added++ // never met, or gone since
		}
	}
	return added
}

// forgetful is an intake that keeps nothing.
type forgetful struct{}

func (forgetful) PutBodies(_ context.Context, bodies []ledger.Body) ([]int64, error) {
	return make([]int64, len(bodies)), nil
}

func (forgetful) PutFacts(_ context.Context, facts []ledger.Facts) ([]int64, error) {
	return make([]int64, len(facts)), nil
}

func (forgetful) Close() {}
