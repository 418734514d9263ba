package catalog

import (
	"slices"
	"strings"
)

// Named finds a recommendation by its id or title, ignoring case. A nil
// catalogue has none.
func (c *Catalog) Named(name string) (Entry, bool) {
	if c == nil {
		return Entry{}, false
	}
	entries := c.Entries()
	at := slices.IndexFunc(entries, func(e Entry) bool { return strings.EqualFold(e.ID, name) || strings.EqualFold(e.Title, name) })
	if at < 0 {
		return Entry{}, false
	}
	return entries[at], true
}

// StandardNamed finds a standard by its id or title, ignoring case; nil for
// none.
func StandardNamed(all []*Standard, name string) *Standard {
	at := slices.IndexFunc(all, func(s *Standard) bool { return strings.EqualFold(s.ID, name) || strings.EqualFold(s.Title, name) })
	if at < 0 {
		return nil
	}
	return all[at]
}

// StandardIDs lists the ids of standards for a message.
func StandardIDs(all []*Standard) string {
	ids := make([]string, len(all))
	for i, s := range all {
		ids[i] = s.ID
	}
	return strings.Join(ids, ", ")
}
