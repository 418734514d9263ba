package assess

import (
	"cmp"
	"fmt"
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
	keys   map[string][]string // folded → as written, in order
	used   map[string]bool     // keys that some policy asked for
}

func newGivenValues(values map[string]map[string]policy.Value) givenValues {
	g := givenValues{values: values, keys: make(map[string][]string, len(values)), used: map[string]bool{}}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		folded := foldName(key)
		g.keys[folded] = append(g.keys[folded], key)
	}
	return g
}

// under gives the keys that are one of some names, in order.
func (g *givenValues) under(names []string) []string {
	if len(g.keys) == 0 {
		return nil
	}
	var found []string
	for _, name := range names {
		if name != "" {
			found = append(found, g.keys[foldName(name)]...)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// givenFor gives the values that the options give for a policy or initiative,
// under one of its names, and notes what is wrong with them.
func (b *ruleBook) givenFor(declared []policy.Parameter, names ...string) map[string]policy.Value {
	key, given := b.givenUnder(names...)
	b.check(key, declared, given)
	return given
}

// givenUnder gives the values under one of some names, and the name.
func (b *ruleBook) givenUnder(names ...string) (key string, given map[string]policy.Value) {
	keys := b.given.under(names)
	for _, key := range keys {
		b.given.used[key] = true
	}
	switch len(keys) {
	case 0:
		return "", nil
	case 1:
		return keys[0], b.given.values[keys[0]]
	}
	b.mistake(keys[1], "has values under the name %q too; want them once", keys[0])
	return "", nil
}

// check notes what is wrong with values, each mistake once. That others are
// missing is not their fault.
func (b *ruleBook) check(key string, declared []policy.Parameter, given map[string]policy.Value) {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		at := slices.IndexFunc(declared, func(p policy.Parameter) bool { return strings.EqualFold(p.Name, name) })
		if at < 0 {
			b.mistake(key, "unknown parameter %q, want %s", name, parameterNames(declared))
			continue
		}
		about := declared[at : at+1]
		_, problems := policy.CheckParameters(about, map[string]policy.Value{name: given[name]})
		if err := problems.Err(); err != nil {
			b.mistake(key, "%v", err)
		}
	}
}

// mistake notes what is wrong with the values given under a name.
func (b *ruleBook) mistake(key, format string, args ...any) {
	if text := fmt.Sprintf("%s: policy %q: %s", b.placeOfParameters(key), key, fmt.Sprintf(format, args...)); !slices.Contains(b.mistakes, text) {
		b.mistakes = append(b.mistakes, text)
	}
}

// placeOfParameters says where the values of a policy stand.
func (b *ruleBook) placeOfParameters(key string) string {
	return cmp.Or(b.options.ParameterPlaces[key], "--parameters")
}

func parameterNames(declared []policy.Parameter) string {
	if len(declared) == 0 {
		return "none, as it has no parameters"
	}
	names := make([]string, len(declared))
	for i := range declared {
		names[i] = declared[i].Name
	}
	return "one of " + strings.Join(names, ", ")
}

// unknownParameters notes values for a policy that there is not.
func (b *ruleBook) unknownParameters(o *Options) {
	for _, key := range slices.Sorted(maps.Keys(o.Parameters)) {
		if !b.given.used[key] && !knows(o, key) {
			b.mistake(key, "want a recommendation, or a policy or initiative of --catalog, by name or id")
		}
	}
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
