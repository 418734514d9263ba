package estate

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// refuse leaves out of an import what its caller may not write, and counts it.
// What is left decides as if the rest had not been sent.
func (i *importing) refuse(ctx context.Context, root posture.Scope) ([]inventory.Problem, error) {
	if i.options.Allowed == nil {
		return nil, nil
	}
	scopes := i.estate.tree.scopes
	isKnown := func(scope string) bool {
		_, known := scopes[posture.Fold(scope)]
		return known
	}
	may := map[string]bool{}
	allowed := func(scope string) bool {
		if !isKnown(scope) && !isKnown(policy.UnitOf(scope)) {
			scope = cmp.Or(i.options.Parent, root.ID)
		}
		folded := posture.Fold(scope)
		if _, asked := may[folded]; !asked {
			may[folded] = i.options.Allowed(scope)
		}
		return may[folded]
	}
	refused := map[string]int{}
	k := i.estate.known
	// One may write at a unit, or at the group of a unit that is known.
	not := func(unit string, group func() string) bool {
		if allowed(unit) || isKnown(unit) && allowed(group()) {
			return false
		}
		refused[unit]++
		return true
	}
	i.estate.mu.Lock()
	x, err := i.estate.posture(ctx)
	i.estate.mu.Unlock()
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	notKnown := func(n uint32) bool {
		return not(k.units.texts[k.resources[n].unit], func() string { return x.PlaceOf(n) })
	}
	r := i.read
	r.Changed = slices.DeleteFunc(r.Changed, func(f intake.Found) bool {
		return not(f.Unit, func() string { return cmp.Or(f.Group, policy.GroupOf(f.ID), f.Unit) })
	})
	before := len(r.Seen)
	r.Seen = slices.DeleteFunc(r.Seen, notKnown)
	i.answer.Unchanged -= before - len(r.Seen)
	r.Gone = slices.DeleteFunc(r.Gone, notKnown)
	r.Scopes = slices.DeleteFunc(r.Scopes, func(s posture.Scope) bool { return !allowed(s.ID) })
	reads := map[string]int{}
	forbidden := func(read posture.ReadRecord) bool {
		if allowed(read.Scope) {
			return false
		}
		reads[read.Scope]++
		return true
	}
	r.Reads = slices.DeleteFunc(r.Reads, forbidden)
	i.answer.Reads = r.Reads
	i.options.Complete = slices.DeleteFunc(slices.Clone(i.options.Complete), forbidden)
	var told []inventory.Problem
	for _, unit := range slices.Sorted(maps.Keys(refused)) {
		i.answer.Read -= refused[unit]
		told = append(told, inventory.Problem{Reason: fmt.Sprintf("%d records of %s: who imports may not write there", refused[unit], unit)})
	}
	for _, scope := range slices.Sorted(maps.Keys(reads)) {
		told = append(told, inventory.Problem{Reason: fmt.Sprintf("%d read records of %s: who imports may not write there", reads[scope], scope)})
	}
	return told, nil
}
