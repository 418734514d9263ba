package policy

import "strings"

// starless warns of a field count over what is no array with [*]: it counts
// nothing. A table may have the [*] in an alias's path alone.
func (l *linter) starless(c *Condition) {
	if c.Kind != CountLeaf || c.Count == nil || c.Count.Field == "" || strings.Contains(c.Count.Field, "[*]") {
		return
	}
	name, suggestion := c.Count.Field, ""
	if table := l.lib.Aliases; table != nil {
		entry := table.first(name)
		starred := table.first(name + "[*]")
		for row := entry; row != nil; row = table.after(row) {
			if strings.Contains(row.path, "[*]") {
				return
			}
		}
		switch {
		case starred != nil:
			suggestion = name + "[*]"
		case entry == nil:
			return // unknown, which is told
		}
	}
	l.warn(c.Count.Pos, suggestion, "count over %q, which is no array with \"[*]\"", name)
}

// currents warns of calls of current() in a condition that no count around them
// answers. Around are the names of the members that are counted.
func (l *linter) currents(c *Condition, around []string) {
	if c == nil {
		return
	}
	l.currentsOf(c.Left, around)
	l.currentsOf(c.Right, around)
	for _, child := range c.Children {
		l.currents(child, around)
	}
	if c.Count == nil {
		return
	}
	name := c.Count.Field
	if c.Count.Value != nil {
		l.currentsOf(*c.Count.Value, around)
		if name = c.Count.Name; name == "" {
			name = "default"
		}
	}
	l.currents(c.Count.Where, append(around[:len(around):len(around)], name))
}

func (l *linter) currentsOf(t Template, around []string) {
	visitTerms(t, func(at Position, call *term) {
		if call.kind != callTerm || call.function.name != "current" {
			return
		}
		if len(around) == 0 && len(call.args) == 0 {
			l.warn(at, "", "current() outside any count")
		}
		name, ok := callWithName(call, "current")
		if !ok {
			return
		}
		for _, counted := range around {
			if answers(counted, name) {
				return
			}
		}
		l.warn(at, "", "current('%s') outside a count of that name", name)
	})
}

// answers reports whether a count over what is counted gives current(name) a
// value: its name, or an alias that is or runs through the array.
func answers(counted, name string) bool {
	if strings.EqualFold(counted, name) {
		return true
	}
	array, _, isArray := strings.Cut(counted, "[*]")
	if !isArray {
		return strings.Contains(counted, "/") // an alias with the [*] in its path alone
	}
	return len(name) >= len(array) && strings.EqualFold(name[:len(array)], array)
}
