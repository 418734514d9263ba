package assess

import (
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/compliance"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// unjudged is what gives evidence for controls and could not be evaluated: its
// definition is not there, lacks something, or needs what no inventory tells. What
// is disabled, and what Microsoft attests itself, is meant to make no checks.
type unjudged struct {
	id, why    string
	bound      *policy.Bound         // nil: the definition is not there
	links      []catalog.StandardRef // controls of standards
	initiative *policy.Initiative    // nil for none
	controls   []string              // of the initiative
	assignment *policy.Assignment    // nil: everywhere
}

// couldNot notes what could not be evaluated.
func (b *ruleBook) couldNot(u unjudged) { b.unjudged = append(b.unjudged, u) }

// givesNone reports whether something would be evidence for no control that is known.
func (u *unjudged) givesNone() bool { return u.initiative == nil && len(u.links) == 0 }

// allUnjudged lists what the rules of the book could not evaluate.
func (b *ruleBook) allUnjudged() []unjudged {
	all := slices.Clone(b.unjudged)
	broken := func(number int) (u unjudged, ok bool) {
		r := &b.rules[number]
		why := b.set.Broken(number)
		if why == "" || r.recommendation != nil || isDisabled(r.bound) || r.bound.Definition.Class() == policy.ClassStatic {
			return u, false
		}
		return unjudged{id: r.id, why: why, bound: r.bound, links: r.links}, true
	}
	for i := range b.rules {
		if u, ok := broken(i); ok && b.rules[i].everywhere {
			all = append(all, u)
		}
	}
	for i := range b.references {
		ref := &b.references[i]
		for _, v := range ref.variants {
			if v.rule < 0 {
				continue
			}
			u, ok := broken(v.rule)
			if !ok {
				continue
			}
			if u.assignment = ref.assignment; ref.initiative != nil {
				u.initiative, u.controls = ref.initiative, controlsOf(ref.groups, ref.member)
			}
			all = append(all, u)
		}
	}
	return all
}

// standing is where resources of a type are.
type standing struct {
	unit string
	at   *place
}

// standings has, by type, where the resources are that the filter admits.
type standings map[string][]standing

func (run *run) standings(rd *reading, p *placer) standings {
	all := standings{}
	type key struct {
		typeNumber, unit int32
		at               *place
	}
	met := map[key]bool{}
	rd.records(func(w *worker, r *record) bool {
		k := key{int32(r.typeNumber), r.unit, w.placeAt(r)}
		if met[k] {
			return true
		}
		met[k] = true
		if run.shown(r, k.at, p) {
			typeName := run.book.set.TypeName(int(r.typeNumber))
			at := k.at
			if at == nil { // where places do not matter otherwise
				at = &place{unit: run.units[r.unit], typeName: typeName}
			}
			all[typeName] = append(all[typeName], standing{run.units[r.unit], at})
		}
		return true
	})
	return all
}

// mayConcern reports whether there is a resource, in a unit or "" for any, that an
// item is about as far as its type tells.
func (all standings) mayConcern(u *unjudged, unit string, aliases *policy.Aliases, p *placer) bool {
	for typeName, places := range all {
		if !u.isAbout(typeName, aliases) {
			continue
		}
		for _, s := range places {
			if unit != "" && s.unit != unit {
				continue
			}
			if u.assignment == nil || !u.assignment.Covers(p.placeOf(s.at)).False() {
				return true
			}
		}
	}
	return false
}

// isAbout reports whether an item may be about resources of a type. Built-in
// definitions that are not there are about some type of Azure.
func (u *unjudged) isAbout(typeName string, aliases *policy.Aliases) bool {
	if u.bound != nil {
		return u.bound.MayApplyTo(typeName, aliases)
	}
	return !policy.IsNativeType(typeName) || !strings.HasPrefix(posture.Fold(u.id), "/providers/microsoft.authorization/")
}

// openItems has, by control, what could not be evaluated of those that the estate
// has something for.
type openItems struct {
	standards   map[string][]compliance.Unevaluated // by STANDARD:CONTROL
	initiatives map[*policy.Initiative]map[string][]compliance.Unevaluated
}

func (run *run) openItems(unit string) openItems {
	open := openItems{map[string][]compliance.Unevaluated{}, map[*policy.Initiative]map[string][]compliance.Unevaluated{}}
	placer := newPlacer(run.book, run.known)
	for i := range run.unjudged {
		u := &run.unjudged[i]
		if !run.standing.mayConcern(u, unit, run.book.set.Aliases(), placer) {
			continue
		}
		item := compliance.Unevaluated{Rule: u.id, Why: u.why}
		for _, ref := range u.links {
			name := ref.Standard + ":" + ref.Control
			open.standards[name] = addItem(open.standards[name], item)
		}
		if u.initiative == nil {
			continue
		}
		controls := open.initiatives[u.initiative]
		if controls == nil {
			controls = map[string][]compliance.Unevaluated{}
			open.initiatives[u.initiative] = controls
		}
		for _, control := range u.controls {
			folded := strings.ToLower(control)
			controls[folded] = addItem(controls[folded], item)
		}
	}
	return open
}

func addItem(all []compliance.Unevaluated, item compliance.Unevaluated) []compliance.Unevaluated {
	if slices.Contains(all, item) {
		return all
	}
	return append(all, item)
}
