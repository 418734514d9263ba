package store

import (
	"context"
	"fmt"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// The unit of a number never changes, so that what was said of it stays true. What
// comes to another unit under the same identity gets another number; the row of the old
// one keeps everything but its key, which the new one has.

// retiredKey is the key in the row of a number that was retired: half of the key that it
// had, and the number. A resource that was not has one that looks like it once in four
// thousand million, and reads as what it is all the same: see [resourceRow.restoreKey].
func retiredKey(key uint64, number uint32) uint64 { return key>>32<<32 | uint64(number) }

// restoreKey makes the key of a row that of the resource's identity, whether or not
// its number was retired.
func (r *resourceRow) restoreKey() {
	if r.Number != 0 && r.Key == retiredKey(r.Key, r.Number) {
		r.Key = ledger.KeyOf(r.Identity())
	}
}

// Retire takes their identities from numbers of resources that are not there, so that
// [Tx.NewResources] gives new numbers to what has these identities.
func (t *Tx) Retire(ctx context.Context, resources []uint32) error {
	if len(resources) == 0 {
		return nil
	}
	numbers := make([]int64, len(resources))
	for i, n := range resources {
		numbers[i] = int64(n)
	}
	err := eachOf(ctx, t.at, "SELECT resource FROM version WHERE until = 4611686018427387904 AND resource IN ", nil, numbers, func(scan func(...any) error) error {
		var n int64
		if err := scan(&n); err != nil {
			return err
		}
		return fmt.Errorf("resource %d is there, want one that has gone", n)
	})
	if err != nil {
		return fmt.Errorf("retire resources: %w", err)
	}
	const statement = "UPDATE resource SET key = (key & -4294967296) | number WHERE number IN " // retiredKey
	changed, err := execOf(ctx, t.at, statement, nil, numbers)
	if err != nil {
		return fmt.Errorf("retire resources: %w", err)
	}
	if int(changed) != len(numbers) {
		return fmt.Errorf("retire resources: %d of %d numbers are those of resources", changed, len(numbers))
	}
	t.wrote = true
	return nil
}
