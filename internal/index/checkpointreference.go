package index

import (
	"maps"
	"slices"
)

// checkpointReferences are references, of which many have the same texts and parts.
type checkpointReferences struct {
	Texts []string
	Parts []*Part
	Rows  [][4]int // assignment, member and rule among the texts, part
}

func referencesIn(all []Reference) (c checkpointReferences) {
	texts, parts := map[string]int{}, map[*Part]int{}
	text := func(s string) int {
		n, known := texts[s]
		if !known {
			n = len(c.Texts)
			texts[s], c.Texts = n, append(c.Texts, s)
		}
		return n
	}
	for _, r := range all {
		n, known := parts[r.Part]
		if !known {
			n = len(c.Parts)
			parts[r.Part], c.Parts = n, append(c.Parts, r.Part)
		}
		c.Rows = append(c.Rows, [4]int{text(r.Assignment), text(r.Member), text(r.Rule), n})
	}
	return c
}

func (c *checkpointReferences) all() (all []Reference) {
	for _, row := range c.Rows {
		all = append(all, Reference{c.Texts[row[0]], c.Texts[row[1]], c.Texts[row[2]], c.Parts[row[3]]})
	}
	return all
}

// allStands gives those of tuples that have some, as a checkpoint has them.
func (t *tuples) allStands() map[uint32][][2]uint32 {
	all := map[uint32][][2]uint32{}
	for n := range t.stands {
		for _, s := range t.standing(uint32(n)) {
			all[uint32(n)] = append(all[uint32(n)], [2]uint32{s.evaluation, s.under})
		}
	}
	return all
}

// recallStands takes over those of a checkpoint.
func (t *tuples) recallStands(h *checkpointHead) {
	t.unders.lists = h.Unders
	for _, n := range slices.Sorted(maps.Keys(h.Stands)) {
		var list []stand
		for _, s := range h.Stands[n] {
			list = append(list, stand{s[0], s[1]})
		}
		t.putStands(n, list)
	}
}
