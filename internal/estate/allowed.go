package estate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// refuse leaves out of an import what its caller may not write, and counts it.
// What is left decides as if the rest had not been sent.
func (i *importing) refuse(root posture.Scope) []inventory.Problem {
	if i.options.Allowed == nil {
		return nil
	}
	may := map[string]bool{}
	allowed := func(scope string) bool {
		folded := posture.Fold(scope)
		if _, known := i.estate.tree.scopes[folded]; !known {
			scope = cmp.Or(i.options.Parent, root.ID)
			folded = posture.Fold(scope)
		}
		if _, asked := may[folded]; !asked {
			may[folded] = i.options.Allowed(scope)
		}
		return may[folded]
	}
	refused := map[string]int{}
	k := i.estate.known
	unitOf := func(number uint32) string { return k.units.texts[k.resources[number].unit] }
	not := func(unit string) bool {
		if allowed(unit) {
			return false
		}
		refused[unit]++
		return true
	}
	r := i.read
	r.Changed = slices.DeleteFunc(r.Changed, func(f intake.Found) bool { return not(f.Unit) })
	before := len(r.Seen)
	r.Seen = slices.DeleteFunc(r.Seen, func(n uint32) bool { return not(unitOf(n)) })
	i.answer.Unchanged -= before - len(r.Seen)
	r.Gone = slices.DeleteFunc(r.Gone, func(n uint32) bool { return not(unitOf(n)) })
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
	return told
}
