package assess

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/policy"
)

// outsideHome lists the assignments of what is stored in a scope that theirs does
// not lie in: Azure refuses them. They are judged all the same.
func (run *run) outsideHome(p *placer) []string {
	l := run.options.Library
	if l == nil {
		return nil
	}
	var all []string
	for _, a := range slices.Concat(l.Assignments, run.options.Assignments) {
		what, id := "definition", ""
		if s, ok := l.Initiative(a.DefinitionID); ok {
			what, id = "initiative", s.ID
		} else if d, ok := l.Definition(a.DefinitionID); ok {
			id = d.ID
		}
		if home := homeOf(id); home != "" && p.isOutside(a.Scope, home) {
			all = append(all, fmt.Sprintf("assignment %q: its %s is stored in %s and can be assigned only there and below; scope %q is elsewhere",
				a.Name, what, home, a.Scope))
		}
	}
	return all
}

// homeOf is the scope in which a definition or initiative with an id is stored, ""
// for what is built in or has none.
func homeOf(id string) string {
	home, _, found := cutFold(id, "/providers/Microsoft.Authorization/policy")
	if !found {
		return ""
	}
	return home
}

func cutFold(s, sep string) (before, after string, found bool) {
	at := strings.LastIndex(strings.ToLower(s), strings.ToLower(sep))
	if at < 0 || at+len(sep) > len(s) {
		return s, "", false
	}
	return s[:at], s[at+len(sep):], true
}

// isOutside reports whether a scope lies elsewhere than in another one, as far as
// is known: that nobody told its management groups says nothing.
func (p *placer) isOutside(scope, home string) bool {
	if scope == home || p.tree.Within(scope, home) {
		return false
	}
	isGroup := func(id string) bool {
		return strings.HasPrefix(strings.ToLower(id), "/providers/microsoft.management/managementgroups/")
	}
	return !isGroup(home) || slices.ContainsFunc(p.tree.Ancestors(scope), isGroup)
}

// repeatedDefinitions tells of definitions that were left out, as another one that
// is judged has the same id, or, without one, the same name.
func (b *ruleBook) repeatedDefinitions() []string {
	if b.options.Library == nil || len(b.options.Library.RepeatedDefinitions) == 0 {
		return nil
	}
	judged := map[*policy.Definition]bool{}
	for i := range b.rules {
		judged[b.rules[i].bound.Definition] = true
	}
	var all []string
	for _, other := range b.options.Library.RepeatedDefinitions {
		name, same := other.ID, "id"
		if name == "" {
			name, same = other.Name, "name"
		}
		d, ok := b.options.Library.Definition(name)
		if !ok || !judged[d] {
			continue
		}
		told := fmt.Sprintf("definition %s of %s is left out; the one in %s has the same %s", other.Name, placed(other.File, other.Pos), placed(d.File, d.Pos), same)
		if !slices.Contains(all, told) {
			all = append(all, told)
		}
	}
	if more := len(all) - maxRepeated; more > 0 {
		all = append(all[:maxRepeated], fmt.Sprintf("%d more definitions are left out as others have the same id; bartizan policy lint names them", more))
	}
	return all
}

// maxRepeated bounds the definitions that are told to be left out.
const maxRepeated = 10
