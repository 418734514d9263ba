package assess

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// parents are resources that others say they hang below, as far as rules look for
// such: there is one of each, whether or not an input has it.
type parents struct {
	wanted map[string]bool // folded types that rules look for
	below  map[string]bool // whether resources of a type, as it is written, hang below one of these
	ids    map[uint64]string
	last   string // id that was noted last
}

// What ARM ids name that is no resource of a provider.
const (
	subscriptionType = "microsoft.resources/subscriptions"
	groupType        = "microsoft.resources/subscriptions/resourcegroups"
)

func newParents(b *ruleBook) parents {
	p := parents{wanted: map[string]bool{}, below: map[string]bool{}, ids: map[uint64]string{}}
	for i := range b.rules {
		if target := b.rules[i].target(); target != "" {
			p.wanted[policy.FoldType(target)] = true
		}
	}
	return p
}

// note takes the parents that the id of a resource names.
func (p *parents) note(id, typeName string) {
	if p.wanted[subscriptionType] || p.wanted[groupType] || p.hangsBelow(typeName) {
		p.noteAll(id)
	}
}

// hangsBelow reports whether some type above a type is looked for.
func (p *parents) hangsBelow(typeName string) bool {
	if strings.Count(typeName, "/") < 2 {
		return false
	}
	below, known := p.below[typeName]
	if !known {
		above := typeName[:strings.LastIndexByte(typeName, '/')]
		for ; !below && strings.Contains(above, "/"); above = above[:strings.LastIndexByte(above, '/')] {
			below = p.wanted[policy.FoldType(above)]
		}
		p.below[strings.Clone(typeName)] = below
	}
	return below
}

func (p *parents) noteAll(id string) {
	for parent := range above(id) {
		if parent == p.last {
			continue
		}
		hash := hashID(parent)
		known, ok := p.ids[hash]
		if !ok && p.wanted[typeOfParent(parent)] {
			known = strings.Clone(parent)
			p.ids[hash] = known
		}
		if known != "" {
			p.last = known
		}
	}
}

// above yields the ids of what an ARM id says that a resource is in or hangs below,
// the outermost first.
func above(id string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for depth, at := 0, 0; depth < 4; depth++ { // subscriptions/GUID/resourceGroups/NAME
			next := strings.IndexByte(id[at+1:], '/')
			if next < 0 {
				return
			}
			at += 1 + next
			if depth%2 == 1 && containerType(id[:at]) != "" && !yield(id[:at]) {
				return
			}
		}
		for parent := range policy.Ancestors(id) {
			if !yield(parent) {
				return
			}
		}
	}
}

// typeOfParent gives the folded type that an ARM id names.
func typeOfParent(id string) string { return cmp.Or(containerType(id), policy.TypeOfID(id)) }

// containerType is the type of what is no resource of a provider, "" of others.
func containerType(id string) string {
	switch segments := strings.Split(posture.Fold(id), "/"); {
	case len(segments) == 3 && segments[1] == "subscriptions":
		return subscriptionType
	case len(segments) == 5 && segments[1] == "subscriptions" && segments[3] == "resourcegroups":
		return groupType
	}
	return ""
}

// missingParents gives the parents that no input has.
func (run *run) missingParents(rd *reading) []string {
	all := newParents(run.book)
	for _, w := range rd.workers {
		for hash, id := range w.parents.ids {
			all.ids[hash] = id
		}
	}
	for _, id := range run.known.listed {
		all.noteAll(id)
	}
	if len(all.ids) == 0 {
		return nil
	}
	rd.records(func(_ *worker, r *record) bool {
		delete(all.ids, r.id)
		return len(all.ids) > 0
	})
	return slices.Sorted(maps.Values(all.ids))
}

// readOf gives why a parent that no input has was not read. False: a record or an
// option says that all of its type were, so that what hangs below it is out of date.
func (c *completeness) readOf(parent string) (posture.Reason, bool) {
	reason, said := c.said(c.k.tree.Unit(unitOfID(parent)), typeOfParent(parent))
	if !said {
		return posture.NotCollected, true
	}
	return reason, reason != posture.NoReason
}
