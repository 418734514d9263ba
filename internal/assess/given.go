package assess

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bartizan-dev/bartizan/policy"
)

// givenValues are the parameter values that the options give, found by the name,
// id or title of a policy, ignoring case. Thousands of policies ask for them.
type givenValues struct {
	values map[string]map[string]policy.Value
	keys   map[string]string // folded → as written
	used   map[string]bool   // keys that some policy asked for
}

// newGivenValues sorts the keys, so that of two that differ only in case the
// same one counts in every run.
func newGivenValues(values map[string]map[string]policy.Value) givenValues {
	g := givenValues{values: values, keys: make(map[string]string, len(values)), used: map[string]bool{}}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		folded := foldName(key)
		if _, taken := g.keys[folded]; !taken {
			g.keys[folded] = key
		}
	}
	return g
}

// of gives the values for the first of the names that has some.
func (g *givenValues) of(names ...string) map[string]policy.Value {
	if len(g.keys) == 0 {
		return nil
	}
	for _, name := range names {
		if key, ok := g.keys[foldName(name)]; ok && name != "" {
			g.used[key] = true
			return g.values[key]
		}
	}
	return nil
}

// foldName gives equal texts for names that strings.EqualFold calls equal, and
// only for them: lower case alone keeps apart what Unicode has three of.
func foldName(name string) string {
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			return strings.Map(leastCase, name)
		}
	}
	return strings.ToUpper(name)
}

// leastCase is the first of the characters that differ from r only in case.
func leastCase(r rune) rune {
	least := r
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		least = min(least, other)
	}
	return least
}
