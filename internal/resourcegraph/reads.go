package resourcegraph

import (
	"context"
	"strings"
	"sync"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// gaps are what was not read, as far as it is known.
type gaps struct {
	mu    sync.Mutex
	reads *assess.Reads       // once all inputs were read
	lost  []ledger.Loss       // of what is kept; with the reads
	paths *assess.UnreadPaths // once somebody asked; under the lock of verdicts
}

// reads are the read records of the inputs, which may stand behind the resources
// that they are about: all inputs are read for them, once for all queries, unless
// a scan has been through all of them.
func (in inputs) reads(ctx context.Context) (*assess.Reads, error) {
	if reads := in.learnt(); reads != nil {
		return reads, nil
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s := newScan(&inventoryTable{estate: in.Estate}, kql.Request{}) // of no table: it has no rows
	s.learns = in.newReads()
	ended := make(chan error, 1)
	go func() { ended <- s.read(ctx) }()
	s.inOrder(func(*data.Batch) bool { return true })
	if err := <-ended; err != nil {
		return nil, err
	}
	return in.learn(s.learns, s.among), nil
}

// learnt is what a whole reading of the inputs told; nil before there was one.
func (e *Estate) learnt() *assess.Reads {
	e.gaps.mu.Lock()
	defer e.gaps.mu.Unlock()
	return e.gaps.reads
}

// learn keeps what the first whole reading told, and gives that.
func (e *Estate) learn(reads *assess.Reads, among func([]assess.NamedResource) []bool) *assess.Reads {
	e.gaps.mu.Lock()
	defer e.gaps.mu.Unlock()
	if e.gaps.reads == nil {
		reads.Present(among)
		e.gaps.reads = reads
	}
	return e.gaps.reads
}

// among tells which resources are among the inputs, after they were read.
func (s *scan) among(named []assess.NamedResource) []bool {
	there, of := make([]bool, len(named)), map[uint64][]int{}
	if len(named) == 0 {
		return there
	}
	for i := range named {
		for _, hash := range named[i].Hashes() {
			of[hash] = append(of[hash], i)
		}
	}
	for _, heard := range s.heard {
		for _, hash := range heard {
			for _, i := range of[hash] {
				there[i] = true
			}
		}
	}
	return there
}

// newReads knows of the tree, and of no read record yet.
func (e *Estate) newReads() *assess.Reads {
	reads := assess.NewReads()
	for _, scope := range e.source.hierarchy() {
		reads.Scope(scope)
	}
	return reads
}

func (in inputs) readsSoFar(context.Context) (*assess.Reads, error) { return in.learnt(), nil }

// scopesBelow: all scopes of inputs are shown.
func (in inputs) scopesBelow() []string { return nil }

// reads takes the read records that are kept.
func (k *kept) reads(ctx context.Context) (*assess.Reads, error) {
	if reads := k.estate.learnt(); reads != nil {
		return reads, nil
	}
	all, err := k.Store.Reads(ctx, k.Excerpt.Commit())
	if err != nil {
		return nil, err
	}
	lost, err := k.Store.Losses(ctx, k.Excerpt.Commit())
	if err != nil {
		return nil, err
	}
	k.estate.gaps.mu.Lock()
	k.estate.gaps.lost = lost
	k.estate.gaps.mu.Unlock()
	reads := k.estate.newReads()
	for i := range all {
		reads.Read(all[i].Record)
	}
	return k.estate.learn(reads, k.among), nil
}

// among tells which resources are seen, as of the moment.
func (k *kept) among(named []assess.NamedResource) []bool {
	there := make([]bool, len(named))
	for i := range named {
		n := &named[i]
		at, found := k.Find(ledger.KeyOf(posture.IdentityOf(n.ID, n.Type, n.Unit, "")))
		there[i] = found && k.Excerpt.Has(at) || !posture.SaysAll(n.ID) && k.hasID(n)
	}
	return there
}

// hasID reports whether a resource of the type has an id that may be that of others
// too.
func (k *kept) hasID(n *assess.NamedResource) bool {
	ofType := func(name string) bool { return n.Type == "" || strings.EqualFold(name, n.Type) }
	for number := range k.Excerpt.Resources(ofType, nil) {
		if k.Excerpt.Resource(number).ID == n.ID {
			return true
		}
	}
	return false
}

func (k *kept) readsSoFar(ctx context.Context) (*assess.Reads, error) { return k.reads(ctx) }

// scopesBelow are the scopes that are shown below one that is not.
func (k *kept) scopesBelow() []string {
	shown, below := map[string]bool{}, []string{}
	for _, s := range k.scopes() {
		shown[posture.Fold(s.ID)] = k.Shows(s.ID)
	}
	for _, s := range k.scopes() {
		if shown[posture.Fold(s.ID)] && !shown[posture.Fold(s.Parent)] {
			below = append(below, s.ID)
		}
	}
	return below
}
