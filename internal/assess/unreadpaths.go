package assess

import (
	"slices"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// UnreadPaths knows what read records say of the bodies of resources, for those
// who show them without judging them. It serves several goroutines; all records
// and scopes must be told before the first question.
type UnreadPaths struct{ known *knowledge }

// NewUnreadPaths knows of nothing that was not read.
func NewUnreadPaths() *UnreadPaths { return &UnreadPaths{newKnowledge()} }

// Scope takes a node of the tree in which the scopes of read records stand.
func (u *UnreadPaths) Scope(s posture.Scope) { u.known.scope(s) }

// Read takes a read record.
func (u *UnreadPaths) Read(r posture.ReadRecord) { u.known.read(r, "", 0) }

// Of lists the paths of a resource's body that were not read or cannot be
// believed, each once: {"properties.SecurityGroupIngress"}. They and what is
// below them are unknown, except "", which is the whole body: of that only what
// is absent is unknown. Nil: all was read.
func (u *UnreadPaths) Of(r *inventory.Resource) []string {
	var paths []string
	add := func(path string) {
		if !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	if !r.Whole {
		add("")
	}
	for _, g := range u.known.gaps(r) {
		add(g.Path)
	}
	for _, list := range [][]string{r.Unread, r.Broken} {
		for _, path := range list {
			add(path)
		}
	}
	return paths
}
