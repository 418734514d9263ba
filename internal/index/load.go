package index

import (
	"slices"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Loader builds an index from the rows that hold as of one commit. Evaluations
// come before tuples, all contents before the rows that refer to them, and
// resources, by number, before versions and judged rows.
type Loader struct {
	x     *Index
	there []uint32
}

// NewLoader begins an index.
func NewLoader(c Content) *Loader { return &Loader{x: newIndex(c)} }

// Scopes takes in the tree.
func (l *Loader) Scopes(scopes []posture.Scope) {
	for _, s := range scopes {
		l.x.tree.set(s)
	}
}

// Contents takes in what rows refer to.
func (l *Loader) Contents(c Contents) error { return l.x.learn(c) }

// Resource takes in a resource that has a number.
func (l *Loader) Resource(r *ledger.Resource) { l.x.addResource(r) }

// Version says that a resource is there.
func (l *Loader) Version(v ledger.Version) {
	l.x.resources.facts[v.Resource], _ = l.x.facts.find(v.Facts)
	l.there = append(l.there, v.Resource)
}

// Judged says which verdicts a resource has.
func (l *Loader) Judged(j ledger.Judged) {
	l.x.resources.judged[j.Resource], _ = l.x.tuples.find(j.Tuple)
}

// Index ends the loading. Layings are those of the commit.
func (l *Loader) Index(commit ledger.Number, layings []Laying) *Index {
	x := l.x
	x.commit = commit
	x.resources.settle()
	x.facts.bodies.settle()
	x.cover = x.coverOf(layings)
	slices.Sort(l.there)
	for _, n := range l.there {
		x.resources.laid[n] = x.laidOver(n)
		x.sets.add(x, n)
	}
	x.sets.optimize()
	x.names.sort(&x.resources, x.sets.here)
	return x
}
