package assess

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/policy"
)

// given are the parameter values that the options give for a policy, under one
// of its names.
func (b *ruleBook) given(names ...string) map[string]policy.Value {
	var found []string
	for _, key := range slices.Sorted(maps.Keys(b.options.Parameters)) {
		if isAny(key, names...) {
			b.used[key] = true
			found = append(found, key)
		}
	}
	switch len(found) {
	case 0:
		return nil
	case 1:
		return b.options.Parameters[found[0]]
	}
	b.mistake(found[1], "has values under the name %q too; want them once", found[0])
	return nil
}

// check notes what is wrong with values that the options give for a policy or
// initiative of these names, each once. That others are missing is not their
// fault.
func (b *ruleBook) check(declared []policy.Parameter, given map[string]policy.Value, names ...string) {
	key := names[0]
	for candidate := range b.options.Parameters {
		if isAny(candidate, names...) {
			key = candidate
		}
	}
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
	place := b.options.ParameterPlaces[key]
	if place == "" {
		place = "--parameters"
	}
	if text := fmt.Sprintf("%s: policy %q: %s", place, key, fmt.Sprintf(format, args...)); !slices.Contains(b.mistakes, text) {
		b.mistakes = append(b.mistakes, text)
	}
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
		if !b.used[key] && !knows(o, key) {
			b.mistake(key, "want a recommendation, or a policy or initiative of --catalog, by name or id")
		}
	}
}
