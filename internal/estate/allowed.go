package estate

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// refuse leaves out of an import what its caller may not write, and counts it.
// What is left decides as if the rest had not been sent.
func (i *importing) refuse(ctx context.Context) ([]inventory.Problem, error) {
	if i.options.Allowed == nil {
		i.inScope()
		return i.growth.tells(func(posture.Scope) bool { return false }), nil
	}
	refused := map[string]int{} // by place
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
		return nil, fmt.Errorf("import: %w", err)
	}
	k, r := i.estate.known, i.read
	notKnown := func(n uint32) bool {
		unit := k.units.texts[k.resources[n].unit]
		return not(unit, func() string {
			if found, _ := x.Resource(n); unit == "" {
				return placeAboveUnits(found.ID)
			}
			return x.PlaceOf(n)
		})
	}
	r.Changed = slices.DeleteFunc(r.Changed, func(f intake.Found) bool {
		return not(f.Unit, func() string {
			if f.Unit == "" {
				return placeAboveUnits(f.ID)
			}
			return cmp.Or(f.Group, policy.GroupOf(f.ID), f.Unit)
		})
	})
	before := len(r.Seen)
	r.Seen = slices.DeleteFunc(r.Seen, notKnown)
	i.answer.Unchanged -= before - len(r.Seen)
	r.Gone = slices.DeleteFunc(r.Gone, notKnown)
	reads := map[string]int{}
	forbidden := func(read posture.ReadRecord) bool {
		if i.mayWrite(read.Scope) {
			return false
		}
		reads[read.Scope]++
		return true
	}
	r.Reads = slices.DeleteFunc(r.Reads, forbidden)
	i.answer.Reads = r.Reads
	i.options.Complete = slices.DeleteFunc(slices.Clone(i.options.Complete), forbidden)
	i.inScope()
	var told []inventory.Problem
	for _, unit := range slices.Sorted(maps.Keys(refused)) {
		i.answer.Read -= refused[unit]
		told = append(told, inventory.Problem{Reason: fmt.Sprintf("%d records of %s: who imports may not write there", refused[unit], unit)})
	}
	for _, scope := range slices.Sorted(maps.Keys(reads)) {
		told = append(told, inventory.Problem{Reason: fmt.Sprintf("%d read records of %s: who imports may not write there", reads[scope], scope)})
	}
	byRecords := func(s posture.Scope) bool { // of which nothing was told but that they are there
		return (s.Parent == "" || s.Kind == posture.Group) && slices.ContainsFunc(slices.Collect(maps.Keys(refused)), func(place string) bool {
			return posture.Within(s.ID, place)
		})
	}
	return append(told, i.growth.tells(byRecords)...), nil
}

func (i *importing) isKept(scope string) bool {
	_, known := i.estate.tree.scopes[posture.Fold(scope)]
	return known
}

// mayWrite reports whether who imports may write at a scope: at one that is kept, or
// lies in one; at one that comes with the import, if it came; at one that nobody knows,
// where such stand.
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
	case g.refused[posture.Fold(scope)] != "", g.refused[posture.Fold(unit)] != "":
		return false
	}
	return i.allowed(g.below)
}

// allowed asks once of each scope whether who imports may write there.
func (i *importing) allowed(scope string) bool {
	folded := posture.Fold(scope)
	if _, asked := i.may[folded]; !asked {
		i.may[folded] = i.options.Allowed == nil || i.options.Allowed(scope)
	}
	return i.may[folded]
}

// placeAboveUnits gives the scope that a resource of no unit is or lies in, or else its
// id.
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
	if last := parts[len(parts)-1]; posture.CloudOfScope(last) == posture.AWS {
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
