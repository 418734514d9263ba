package index

import (
	"github.com/RoaringBitmap/roaring/v2"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// TypesIn lists the types of which the selection has a resource in a part of the tree.
func (s *Selection) TypesIn(p Part) (types []string) {
	in := and(s.resources, s.index.inParts([]Part{p}))
	for n, of := range s.index.sets.kinds {
		if of != nil && in.Intersects(of) {
			types = append(types, s.index.types.texts[n])
		}
	}
	return types
}

// TypesByUnit lists for each unit the types of which the excerpt has a resource there.
func (e *Excerpt) TypesByUnit() map[string][]string {
	types, met, c := map[string][]string{}, map[[2]uint32]bool{}, &e.columns
	each(e.resources, func(n uint32) {
		if key := [2]uint32{c.unit[n], c.kind[n]}; !met[key] {
			met[key] = true
			unit := e.units[key[0]]
			types[unit] = append(types[unit], e.types[key[1]])
		}
	})
	return types
}

// admitted are those of some resources that the selectors of a part admit: it looks at
// types, locations, and whether there is a group.
func (x *Index) admitted(p *Part, some *roaring.Bitmap) *roaring.Bitmap {
	type looks struct {
		kind, location uint32
		noGroup        bool
	}
	c, known, all := &x.resources, map[looks]bool{}, roaring.New()
	each(some, func(n uint32) {
		key := looks{c.kind[n], x.facts.locations[c.facts[n]], c.group[n] == 0 && posture.IsARM(c.ids.at(n))}
		is, met := known[key]
		if !met {
			is = x.admits(p, n)
			known[key] = is
		}
		if is {
			all.Add(n)
		}
	})
	return all
}
