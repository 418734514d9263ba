package assess

import (
	"slices"
	"sync"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// UnreadPaths knows what was not read of the bodies of resources, for those who
// show them without judging them: what read records say, what a provider always
// returns and a body has not, and what rules cannot go through. It serves several
// goroutines.
type UnreadPaths struct {
	reads  *Reads
	always *policy.Always
	judges sync.Pool // of *policy.Judge, which know what rules take for granted
}

// NewUnreadPaths goes by what was read. The options are those of an assessment:
// their rules say what bodies should be like. Errors are those of the choices.
func NewUnreadPaths(o *Options, reads *Reads) (*UnreadPaths, error) {
	book, err := newRuleBook(o)
	if err != nil {
		return nil, err
	}
	u := &UnreadPaths{reads: reads, always: book.always}
	u.judges.New = func() any { return book.set.Judge() }
	return u, nil
}

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
	gaps := u.reads.known.gaps(r)
	for _, g := range gaps {
		add(g.Path)
	}
	for _, list := range [][]string{r.Unread, r.Broken} {
		for _, path := range list {
			add(path)
		}
	}
	u.look(r, gaps, add)
	return paths
}

// look adds what a body itself shows to be missing, or not to be what it should.
func (u *UnreadPaths) look(r *inventory.Resource, gaps []policy.Gap, add func(path string)) {
	p := policy.Resource{
		Body: r.Body, ID: r.ID, Type: r.Type, Name: r.Name, Location: r.Location, Native: r.Cloud != posture.Azure,
		Partial: !r.Whole, Gaps: gaps, Outline: r.Outline,
	}
	judge := u.judges.Get().(*policy.Judge)
	for _, m := range judge.Misshapes(&p) {
		add(m.Path)
	}
	u.judges.Put(judge)
	if u.always.Has(r.Type) {
		for _, g := range u.always.Gaps(&p) {
			add(g.Path)
		}
	}
}
