package follow

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// pastKept is how many indexes of past times are kept for the next question.
const pastKept = 3

// pastIndexes are indexes of past times, the latest used first.
type pastIndexes struct {
	mu   sync.Mutex
	kept []*pastIndex
}

// pastIndex is made once, by the first who asks.
type pastIndex struct {
	commit ledger.Number
	at     time.Time
	made   chan struct{}
	x      *index.Index
	err    error
}

// ReadAt lends the index of a commit with what lay over verdicts at a time after
// it and before the next.
func (f *Follower) ReadAt(ctx context.Context, n ledger.Number, at time.Time, call func(*index.Index) error) error {
	p, mine := f.past.take(n, at)
	if mine {
		// The work is for all who wait: it goes on when this one gives up.
		go func() {
			p.x, _, p.err = load(context.WithoutCancel(ctx), f.store, f.options, n, at)
			if p.err != nil {
				f.past.drop(p)
			}
			close(p.made)
		}()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-p.made:
	}
	if p.err != nil {
		return fmt.Errorf("reading the posture as of commit %d: %w", n, p.err)
	}
	return call(p.x)
}

func (k *pastIndexes) take(n ledger.Number, at time.Time) (p *pastIndex, mine bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, p := range k.kept {
		if p.commit == n && p.at.Equal(at) {
			copy(k.kept[1:], k.kept[:i])
			k.kept[0] = p
			return p, false
		}
	}
	p = &pastIndex{commit: n, at: at, made: make(chan struct{})}
	k.kept = append([]*pastIndex{p}, k.kept...)
	if len(k.kept) > pastKept {
		k.kept = k.kept[:pastKept]
	}
	return p, true
}

func (k *pastIndexes) drop(p *pastIndex) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range k.kept {
		if k.kept[i] == p {
			k.kept = append(k.kept[:i], k.kept[i+1:]...)
			return
		}
	}
}
