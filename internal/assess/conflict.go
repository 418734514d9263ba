package assess

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// rivals finds, for each rule that writes fields, the rules that may write one
// of them too. A conflict changes no state, as both rules are unhealthy anyway:
// it is looked for where checks are told one by one.
func rivals(rules []rule) map[int][]int {
	writers := map[string][]int{}
	words := map[int][]string{}
	for i := range rules {
		words[i] = rules[i].bound.Writes()
		for _, word := range words[i] {
			writers[word] = append(writers[word], i)
		}
	}
	found := map[int][]int{}
	for i, own := range words {
		var all []int
		for word, others := range writers {
			if len(own) > 0 && (word == "*" || slices.Contains(own, "*") || slices.Contains(own, word)) {
				all = append(all, others...)
			}
		}
		slices.Sort(all)
		if all = slices.DeleteFunc(slices.Compact(all), func(n int) bool { return n == i }); len(all) > 0 {
			found[i] = all
		}
	}
	return found
}

// conflicts finds conflicts between the checks of one resource at a time.
type conflicts struct {
	run       *run
	finder    *policy.Conflicts
	unhealthy map[int]*mark // the rules that matched and are not exempt
}

// on turns to a resource with its signatures; it must not change until the
// next call.
func (c *conflicts) on(r *policy.Resource, signatures []*policy.Signature, at *placement) {
	if len(c.run.book.rivals) == 0 {
		return
	}
	if c.finder == nil {
		c.finder = policy.NewConflicts(c.run.book.set.Aliases(), c.run.options.Now)
	}
	c.finder.On(r)
	c.unhealthy = map[int]*mark{}
	for _, n := range signatures {
		c.run.views(n, at, func(v view) {
			if v.state == posture.Unhealthy && c.run.book.rivals[v.rule] != nil {
				c.unhealthy[v.rule] = v.mark
			}
		})
	}
}

// of gives what a rule is in conflict with, a piece of evidence for each field
// and other rule.
func (c *conflicts) of(rule int) []policy.Evidence {
	if _, unhealthy := c.unhealthy[rule]; !unhealthy {
		return nil
	}
	var all []policy.Evidence
	rules := c.run.book.rules
	for _, other := range c.run.book.rivals[rule] {
		m, unhealthy := c.unhealthy[other]
		if !unhealthy {
			continue
		}
		for _, found := range c.finder.Between(rules[rule].bound, rules[other].bound) {
			all = append(all, policy.Evidence{
				Path: found.Path, Found: found.Found,
				Wanted: fmt.Sprintf("one value, but this policy %s and %s %s", written(found.Own), named(&rules[other], m), written(found.Other)),
			})
		}
	}
	return all
}

// written says what a rule makes of a field.
func written(v policy.Value) string {
	if v.Kind() == policy.Missing {
		return "removes it"
	}
	return "sets " + v.String()
}

// named names a rule, with what has it judged.
func named(r *rule, m *mark) string {
	if m == nil || len(m.references) == 0 {
		return r.id
	}
	var by []string
	for _, ref := range m.references {
		if ref.Exempt {
			continue
		}
		text := "assignment " + ref.Assignment
		if ref.Member != "" {
			text += ", reference " + ref.Member
		}
		by = append(by, text)
	}
	return r.id + " (" + strings.Join(by, "; ") + ")"
}
