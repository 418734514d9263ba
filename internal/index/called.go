package index

import (
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Called lists the resources of the selection that somebody may mean by an id that
// is not unique by itself, or by UNIT/REGION/TYPE/ID: those of that id which have
// the type, unit and region given with it, as far as they are. At most some are
// looked for.
func (s *Selection) Called(id, typeName, unit, region string, most int) (found []Resource) {
	if id == "" {
		return nil
	}
	x := s.index
	is := func(given, has string) bool { return given == "" || compareFolded(given, has) == 0 }
	each(s.resources, func(n uint32) {
		own := x.resources.ids.at(n)
		if len(found) >= most || len(own) > len(id) || id[len(id)-len(own):] != own {
			return
		}
		r, _ := x.Resource(n)
		if (own == id || posture.Qualified(own, r.Type, r.Unit, r.Region) == id) && is(typeName, r.Type) && is(unit, r.Unit) && is(region, r.Region) {
			found = append(found, r)
		}
	})
	return found
}

// Has reports whether the selection has the resource of a key.
func (s *Selection) Has(key uint64) bool {
	n, ok := s.index.Find(key)
	return ok && s.resources.Contains(n)
}
