package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// ErrBusy says that something waits for another thing to end first.
var ErrBusy = errors.New("busy")

var _ ledger.Intake = (*Intake)(nil)

// Intake is the right to put bodies and facts that no commit refers to yet:
// while one is open, nothing is swept. Its methods may be called by many
// goroutines at once.
//
// What was put and never referred to, because the process ended before, is used
// when it is put again, or swept ([Store.Sweep]).
type Intake struct {
	store   *Store
	release func()
}

// Intake opens one. It waits for a sweep to end.
func (s *Store) Intake(ctx context.Context) (ledger.Intake, error) {
	if s.readOnly {
		return nil, errors.New("open an intake: the store was opened for reading only")
	}
	s.intakes.RLock()
	release, err := s.dialect.share(ctx, s.held)
	if err != nil {
		s.intakes.RUnlock()
		return nil, fmt.Errorf("open an intake: %w", err)
	}
	return &Intake{s, sync.OnceFunc(func() { release(); s.intakes.RUnlock() })}, nil
}

// Close ends the intake; what was put may be swept unless a commit refers to it.
func (in *Intake) Close() { in.release() }

// PutFacts gives the numbers of facts, in the order given; new facts are added.
func (in *Intake) PutFacts(ctx context.Context, facts []ledger.Facts) (numbers []int64, err error) {
	s := in.store
	err = s.inTransaction(ctx, s.puts, nil, func(at *session) error {
		numbers, err = at.putFacts(ctx, facts)
		return err
	})
	s.fail("put facts")
	return numbers, err
}

// PutFacts is like [Intake.PutFacts], as part of the commit.
func (t *Tx) PutFacts(ctx context.Context, facts []ledger.Facts) ([]int64, error) {
	return t.at.putFacts(ctx, facts)
}

var factContents = &contents{table: "facts", columns: []string{"partial", "json"}}

func (s *session) putFacts(ctx context.Context, facts []ledger.Facts) ([]int64, error) {
	all := make([]content, len(facts))
	for i := range facts {
		text, err := json.Marshal(&facts[i])
		if err != nil {
			return nil, fmt.Errorf("put facts: %w", err)
		}
		all[i] = content{ledger.HashOf(text), []any{bit(facts[i].Partial), string(text)}}
	}
	return s.findOrAdd(ctx, factContents, all)
}

// Facts gives facts by their numbers, in the order given.
func (s *Store) Facts(ctx context.Context, numbers []int64) ([]ledger.Facts, error) {
	texts := make(map[int64]string, len(numbers))
	err := s.reading(ctx, func(at *session) error {
		return eachOf(ctx, at, "SELECT number, json FROM facts WHERE number IN ", nil, numbers, func(scan func(...any) error) error {
			var n int64
			var text string
			err := scan(&n, &text)
			texts[n] = text
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read facts: %w", err)
	}
	facts := make([]ledger.Facts, len(numbers))
	for i, n := range numbers {
		if err := json.Unmarshal([]byte(texts[n]), &facts[i]); err != nil {
			return nil, fmt.Errorf("facts %d: %w", n, err)
		}
	}
	return facts, nil
}
