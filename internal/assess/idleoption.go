package assess

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// looksFor reports whether some rule may look for related resources of a type.
func (run *run) looksFor(typeName string) bool {
	folded := policy.FoldType(typeName)
	return slices.ContainsFunc(run.book.rules, func(r rule) bool {
		target := r.target()
		computed := target == "" && strings.HasSuffix(strings.ToLower(r.bound.Effect), "ifnotexists")
		return computed || target != "" && policy.FoldType(target) == folded
	})
}

// idleHierarchy tells of a hierarchy that says nothing of any unit of the input.
func (run *run) idleHierarchy() []string {
	given := run.options.Hierarchy
	if len(given) == 0 || len(run.units) == 0 {
		return nil
	}
	known := map[string]bool{}
	for _, unit := range run.namedUnits() {
		known[posture.Fold(unit)] = true
	}
	if slices.ContainsFunc(given, func(s posture.Scope) bool {
		unit := posture.Fold(run.known.tree.Unit(s.ID))
		return known[unit] || slices.ContainsFunc(run.namedUnits(), func(u string) bool { return u != "" && posture.Within(s.ID, u) })
	}) {
		return nil
	}
	return []string{fmt.Sprintf("--hierarchy: no unit of the input is among its scopes, such as %q", given[0].ID)}
}

// idleStandards tells of standards that are asked for one by one and speak about
// no cloud of the input.
func (run *run) idleStandards() []string {
	if len(run.units) == 0 || isAny(AllStandards, run.options.Standards...) || !run.book.told.any {
		return nil
	}
	var all []string
	for _, s := range run.book.standards {
		if !slices.ContainsFunc(run.namedUnits(), func(unit string) bool { return slices.Contains(s.Clouds, posture.CloudOfUnit(unit)) }) {
			all = append(all, fmt.Sprintf("--standard %s: it is about %s, and no unit of the input is of that", s.ID, cloudNames(s.Clouds)))
		}
	}
	return all
}

// idleChoice tells of an assignment whose definition is there and is not chosen.
// That it is refused, or not there, is told as not evaluated.
func (run *run) idleChoice(a *policy.Assignment) []string {
	l := run.options.Library
	_, set := l.Initiative(a.DefinitionID)
	_, definition := l.Definition(a.DefinitionID)
	told := slices.ContainsFunc(run.book.notEvaluated, func(n NotEvaluated) bool { return strings.Contains(n.Why, "assignment "+a.Name) })
	if !set && !definition || told || len(run.options.Policies)+len(run.options.Initiatives) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("assignment %q: what it assigns is not chosen with --policy or --initiative", a.Name)}
}

// idleParameters tells of values for a policy or initiative that there is, which
// nothing is judged with.
func (b *ruleBook) idleParameters() []string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(b.options.Parameters)) {
		if b.given.used[key] || !knows(b.options, key) {
			continue
		}
		why := "it is not chosen"
		if len(b.options.Assignments) > 0 || b.options.Library != nil && len(b.options.Library.Assignments) > 0 {
			why = "it is not chosen, or judged as it is assigned, with the values of the assignment"
		}
		all = append(all, fmt.Sprintf("%s: the values for policy %q change nothing: %s", b.placeOfParameters(key), key, why))
	}
	return all
}
