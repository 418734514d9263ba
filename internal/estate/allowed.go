package estate

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// refuse leaves out of an import what its caller may not write, and counts it.
// What is left decides as if the rest had not been sent.
func (i *importing) refuse(ctx context.Context) ([]inventory.Problem, error) {
	told := i.refuseInRoots()
	refused := map[string]int{} // by place
	i.refuseElsewhere(refused)
	if i.options.Allowed != nil {
		if err := i.refuseRecords(ctx, refused); err != nil {
			return nil, err
		}
	}
	for _, place := range slices.Sorted(maps.Keys(refused)) {
		i.answer.Read -= refused[place]
		told = append(told, inventory.Problem{Reason: fmt.Sprintf("%d records of %s: %s", refused[place], place, i.growth.whyNot(place, "who imports may not write there"))})
	}
	told = append(told, i.refuseReads()...)
	i.inScope()
	if i.options.CompleteAll {
		i.whole = i.metWhole() // by the tree of before: what comes with the import is not kept yet
	}
	byRecords := func(s posture.Scope) bool { // of which nothing was told but that they are there
		return (s.Parent == "" || s.Kind == posture.Group) && slices.ContainsFunc(slices.Collect(maps.Keys(refused)), func(place string) bool {
			return place != access.Top && posture.Within(s.ID, place)
		})
	}
	return append(told, i.growth.tells(byRecords)...), nil
}

// refuseInRoots leaves out records of units that are called as a root is: an account of
// that number would come to be seen by whoever sees the root.
func (i *importing) refuseInRoots() (told []inventory.Problem) {
	refused := map[string]int{}
	last, inRoot := "", false
	i.read.Changed = slices.DeleteFunc(i.read.Changed, func(f intake.Found) bool {
		if f.Unit != last { // they come unit by unit
			last, inRoot = f.Unit, i.growth.tree.scopes[posture.Fold(f.Unit)].Kind == posture.Root
		}
		if inRoot {
			refused[f.Unit]++
		}
		return inRoot
	})
	for _, unit := range slices.Sorted(maps.Keys(refused)) {
		i.answer.Read -= refused[unit]
		told = append(told, inventory.Problem{Reason: fmt.Sprintf("%d records of %s: a root is called so, and nothing lies in a root itself", refused[unit], unit)})
	}
	return told
}

// refuseRecords leaves out records of resources, and counts them by where they lie.
func (i *importing) refuseRecords(ctx context.Context, refused map[string]int) error {
	// One may write at a unit, or at the group of a unit that is known.
	not := func(unit string, place func() string) bool {
		if unit != "" && i.mayWrite(unit) || (unit == "" || i.isKept(unit)) && i.mayWrite(place()) {
			return false
		}
		refused[cmp.Or(unit, place())]++
		return true
	}
	i.estate.mu.Lock()
	x, err := i.estate.posture(ctx)
	i.estate.mu.Unlock()
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	k, r := i.estate.known, i.read
	notKnown := func(n uint32) bool {
		unit := k.units.texts[k.resources[n].unit]
		return not(unit, func() string {
			if found, _ := x.Resource(n); unit == "" {
				return i.placeAboveUnits(found.ID)
			}
			return x.PlaceOf(n)
		})
	}
	// A record may tell of what is somebody else's as if it were one's own.
	claims := func(f *intake.Found) bool {
		if said := unitByID(f.ID); said != "" && said != f.Unit && posture.Fold(said) != posture.Fold(f.Unit) && (posture.IsARM(said) || i.isKept(said)) && !i.mayWrite(said) {
			return true
		}
		if f.Number == 0 {
			return false
		}
		if i.moving.named[f.Key] && f.Unit != "" && !i.mayWrite(f.Unit) {
			return true
		}
		if i.comesElsewhere(f) && k.resources[f.Number].record == (ledger.Hash{}) {
			return false // nobody has it any more
		}
		unit := k.units.texts[k.resources[f.Number].unit]
		return unit != f.Unit && posture.Fold(unit) != posture.Fold(f.Unit) && !i.mayWrite(cmp.Or(unit, i.placeAboveUnits(f.ID)))
	}
	r.Changed = slices.DeleteFunc(r.Changed, func(f intake.Found) bool {
		if claims(&f) {
			refused[f.ID]++ // whose it is is not told
			return true
		}
		return not(f.Unit, func() string {
			if f.Unit == "" {
				return i.placeAboveUnits(f.ID)
			}
			return cmp.Or(f.Group, policy.GroupOf(f.ID), f.Unit)
		})
	})
	before := len(r.Seen)
	r.Seen = slices.DeleteFunc(r.Seen, notKnown)
	i.answer.Unchanged -= before - len(r.Seen)
	r.Gone = slices.DeleteFunc(r.Gone, notKnown)
	return nil
}

// refuseReads leaves out what is told of reads of what who imports may not write: above
// all of "/", which is every company's. Of a scope that nobody knows nothing can be
// known either: kept, it would count for whoever comes to be called so.
func (i *importing) refuseReads() (told []inventory.Problem) {
	refused, unknown := map[string]int{}, map[string]int{}
	left := func(read posture.ReadRecord) bool {
		switch there := i.isThere(read.Scope) || read.Scope == access.Top; {
		case i.growth.elsewhere[posture.Fold(read.Scope)]:
			refused[read.Scope]++
		case there && i.mayWrite(read.Scope) && i.mayWrite(i.growth.tree.projectOf(read.Scope)):
			return false
		case there, !i.allowed(access.Top):
			refused[read.Scope]++
		default:
			unknown[read.Scope]++
		}
		return true
	}
	i.read.Reads = slices.DeleteFunc(i.read.Reads, left)
	i.answer.Reads = slices.Clone(i.read.Reads)
	for n := range i.answer.Reads {
		r := &i.answer.Reads[n]
		if r.Complete && !HasAll(r) && len(r.Gaps) == 0 {
			i.answer.Notices = append(i.answer.Notices, inventory.Problem{Notice: true, Reason: "read record of " + r.Scope + ": " + assess.SaysNothingOfGroup})
		}
		r.Complete = HasAll(r)
	}
	i.options.Complete = slices.DeleteFunc(slices.Clone(i.options.Complete), left)
	for _, scope := range slices.Sorted(maps.Keys(refused)) { // one text: who may not see a scope hears nothing of it
		told = append(told, inventory.Problem{Reason: fmt.Sprintf("%d read records of %s: %s", refused[scope], scope, i.growth.whyNot(scope, "who imports may not write there, or nothing is called so"))})
	}
	for _, scope := range slices.Sorted(maps.Keys(unknown)) {
		i.answer.Notices = append(i.answer.Notices, inventory.Problem{Notice: true, Reason: fmt.Sprintf("%d read records of %s count for nothing: no resource and no line of a hierarchy tells of it", unknown[scope], scope)})
	}
	return told
}

func (i *importing) isKept(scope string) bool {
	_, known := i.estate.tree.scopes[posture.Fold(scope)]
	return known
}

// HasAll reports whether all of a type is there by a read record, but for its gaps: what
// it tells of a resource group alone says nothing of the unit, and nothing is taken to
// be gone by it. It is kept all the same, for its time and for what fails later.
func HasAll(r *posture.ReadRecord) bool { return r.Complete && !assess.IsBelowUnit(r.Scope) }

// isThere reports whether a scope is a node of the tree as it will be, or lies in a
// unit that is one.
func (i *importing) isThere(scope string) bool {
	of := i.growth.tree.scopes
	_, node := of[posture.Fold(scope)]
	_, within := of[posture.Fold(policy.UnitOf(scope))]
	return node || within
}

// isRefused reports whether a scope, or the unit that it lies in, would have come with
// the import.
func (i *importing) isRefused(scope string) bool {
	g := i.growth
	return g.refused[posture.Fold(scope)] != "" || g.refused[posture.Fold(policy.UnitOf(scope))] != ""
}

// mayWrite reports whether who imports may write at a scope: at one that is kept, or
// lies in one; at one that comes with the import, if it came. What nobody knows lies
// at "/".
func (i *importing) mayWrite(scope string) bool {
	unit := policy.UnitOf(scope)
	g := i.growth
	_, comes := g.tree.scopes[posture.Fold(scope)]
	if unit != "" {
		_, comes = g.tree.scopes[posture.Fold(unit)]
	}
	switch {
	case i.isKept(scope), i.isKept(unit):
		return i.allowed(scope)
	case comes:
		return true
	}
	return !i.isRefused(scope) && i.allowed(access.Top)
}

// allowed asks once of each scope whether who imports may write there.
func (i *importing) allowed(scope string) bool {
	folded := posture.Fold(scope)
	if _, asked := i.may[folded]; !asked {
		i.may[folded] = i.options.Allowed == nil || i.options.Allowed(scope)
	}
	return i.may[folded]
}

// unitByID gives the unit that an id of Azure or an ARN names, "" for none.
func unitByID(id string) string {
	parts := strings.SplitN(id, ":", 6)
	if len(parts) == 6 && parts[0] == "arn" && posture.CloudOfUnit(parts[4]) == posture.AWS && !strings.Contains(id, posture.FurtherID) {
		return parts[4]
	}
	return policy.UnitOf(id)
}

// placeAboveUnits gives the scope that a resource of no unit is or lies in: one of the
// tree, or "/".
func (i *importing) placeAboveUnits(id string) string {
	if place := placeAboveUnits(id); i.isThere(place) || i.isRefused(place) {
		return place
	}
	return access.Top
}

// placeAboveUnits gives the scope that the id of a resource of no unit names, or else
// the id.
func placeAboveUnits(id string) string {
	const groups, google = "/providers/microsoft.management/managementgroups/", "//"
	if folded := posture.Fold(id); strings.HasPrefix(folded, groups) {
		name, _, _ := strings.Cut(folded[len(groups):], "/")
		return id[:len(groups)+len(name)]
	}
	parts := strings.Split(id, "/")
	if strings.HasPrefix(id, google) && len(parts) > 4 && (parts[3] == "organizations" || parts[3] == "folders") {
		return parts[3] + "/" + parts[4]
	}
	if last := parts[len(parts)-1]; posture.CloudOfScope(last) == posture.AWS && (last == id || strings.HasPrefix(id, "arn:")) {
		return last
	}
	return id
}

// inScope leaves out of read records the ids of what does not lie in their scopes.
func (i *importing) inScope() {
	for n := range i.read.Reads {
		r := &i.read.Reads[n]
		before := len(r.Gaps)
		r.Gaps = i.growth.tree.gapsIn(r.Gaps, r.Scope)
		if left := before - len(r.Gaps); left > 0 {
			i.answer.Notices = append(i.answer.Notices, noticeOfRead(r, "%d ids of it are of what lies elsewhere, and count for nothing", left))
		}
	}
}

// metWhole gives the units of which there is a resource in the inputs, as far as who
// imports may write all of each. Of the others nothing is taken to be gone.
func (i *importing) metWhole() []string {
	return slices.DeleteFunc(i.met(), func(unit string) bool {
		may := i.mayWrite(unit)
		if !may {
			i.answer.Notices = append(i.answer.Notices, inventory.Problem{Notice: true, Reason: fmt.Sprintf("complete all: who imports may not write all of %s, so nothing there is taken to be gone", unit)})
		}
		return !may
	})
}
