package assess

import (
	"fmt"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Namesakes are the resources that have the name by which one is asked for, by how it
// tells them from others.
type Namesakes[T any] struct {
	Name string
	of   [shownInCase + 1]sharers[T]
}

// How a name tells what is only shown so, after the ways of [posture.Naming]: letter by
// letter where case tells names apart, and in any case.
const (
	shown = posture.Given + 1 + iota
	shownInCase
)

type sharers[T any] struct {
	first T
	told  []string // as they are told from all others
}

// Keep takes a resource if it has the name; kept makes what is kept of it.
func (n *Namesakes[T]) Keep(id, typeName, unit, location, name string, kept func() T) {
	as := posture.NamedBy(n.Name, id, typeName, unit, location)
	switch {
	case as != posture.NotNamed:
	case !strings.EqualFold(name, n.Name):
		return
	case name == n.Name && !posture.IsARM(id):
		as = shown
	default:
		as = shownInCase
	}
	of := &n.of[as]
	if len(of.told) == 0 {
		of.first = kept()
	}
	of.told = append(of.told, strings.Clone(posture.Qualified(id, typeName, unit, location)))
}

// Find gives the resource that is meant: of those that have the name the one that it
// tells best. Where says where they were looked for, as "in the input".
func (n *Namesakes[T]) Find(where string) (found T, err error) {
	for as, of := range n.of {
		told := strings.Join(of.told[:min(mostNamed, len(of.told))], "\n")
		switch {
		case len(of.told) == 1:
			return of.first, nil
		case len(of.told) > 1 && as >= int(shown):
			return found, fmt.Errorf("explain: %d resources are named %q; give the id of one of them:\n%s", len(of.told), n.Name, told)
		case len(of.told) > 1:
			return found, fmt.Errorf("explain: %d resources have the id %q; give one of them as:\n%s", len(of.told), n.Name, told)
		}
	}
	return found, fmt.Errorf("explain: no resource %q %s; want its id, or a name that only one has", n.Name, where)
}
