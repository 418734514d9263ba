package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// FailPoints are the places of a write at which [Options.FailPoint] is called,
// in the order in which an import meets them.
var FailPoints = []string{
	"put dictionary", "put bodies", "put facts",
	"write begun", "set ended", "set begun", "write worked", "write logged", "write committed",
	"keep recorded", "keep batch", "sweep batch",
}

var _ ledger.Tx = (*Tx)(nil)

// Stand implements ledger.Tx.
func (t *Tx) Stand() { t.wrote = true }

// Tx is a commit in the making. It is used by one goroutine, within the function
// that [Store.Write] calls.
type Tx struct {
	store  *Store
	at     *session
	number ledger.Number
	when   time.Time // of the commit

	lastBefore, last uint32 // highest number of a resource before the commit and now
	wrote            bool   // something that makes it a commit
	effects          int
	audit            []ledger.AuditEntry
	touched, owned   bool                             // principals or roles changed; somebody owned the server before
	evaluations      map[ledger.Evaluation]uint32     // that this transaction added; nil before it asked
	words            map[*dictionary]map[string]int64 // by folded word, as this transaction sees them
	fresh            map[*dictionary][]entry
}

// Number is the commit's.
func (t *Tx) Number() ledger.Number { return t.number }

// Write makes one commit of what work changes, whole or not at all, and gives it
// as it is kept: with its number, the one after the last, and a time that is not
// before the last one's. One commit is written at a time, over all processes, so
// work should do nothing that can be done before. If work changes nothing that
// belongs to history there is no commit, and the zero Commit is given. It must
// not call methods of the store that write.
//
// Once Write has returned without an error the commit outlives the process, and
// on SQLite the machine's loss of power.
func (s *Store) Write(ctx context.Context, c ledger.Commit, work func(ledger.Tx) error) (ledger.Commit, error) {
	return s.commit(ctx, c, func(t *Tx) error { return work(t) })
}

func (s *Store) commit(ctx context.Context, c ledger.Commit, work func(*Tx) error) (ledger.Commit, error) {
	if c.At.IsZero() || c.Actor == "" || c.Kind == ledger.NoKind {
		return ledger.Commit{}, fmt.Errorf("write commit %q: want a time, an actor and a kind", c.Words)
	}
	if s.readOnly {
		return ledger.Commit{}, errors.New("write commit: the store was opened for reading only")
	}
	var t *Tx
	err := s.inTransaction(ctx, s.writer, nil, func(at *session) (err error) {
		t, err = s.begin(ctx, at, &c)
		if err != nil {
			return err
		}
		s.fail("write begun")
		if err := work(t); err != nil {
			return err
		}
		s.fail("write worked")
		return t.log(ctx, c)
	})
	if err != nil {
		return ledger.Commit{}, fmt.Errorf("write commit %q: %w", c.Words, err)
	}
	for d, entries := range t.fresh {
		d.remember(entries)
	}
	if !t.wrote {
		return ledger.Commit{}, nil
	}
	s.fail("write committed")
	s.heads.advance(c.Number)
	return c, nil
}

// begin waits for its turn and gives c its number and time.
func (s *Store) begin(ctx context.Context, at *session, c *ledger.Commit) (*Tx, error) {
	if err := s.dialect.lockWriter(ctx, at); err != nil {
		return nil, fmt.Errorf("wait for other writers: %w", err)
	}
	var before, last int64
	var number ledger.Number
	_, err := at.one(ctx, "SELECT number, at_ms, last_resource FROM commit_log ORDER BY number DESC LIMIT 1", nil, &number, &before, &last)
	if err != nil {
		return nil, fmt.Errorf("read the last commit: %w", err)
	}
	c.Number = number + 1
	c.At = time.UnixMilli(max(before, c.At.UnixMilli())).UTC()
	c.Actor, c.Object, c.Words = clean(c.Actor), clean(c.Object), clean(c.Words)
	return &Tx{
		store: s, at: at, number: c.Number, when: c.At, lastBefore: uint32(last), last: uint32(last),
		words: map[*dictionary]map[string]int64{}, fresh: map[*dictionary][]entry{},
	}, nil
}

// log adds the commit itself, if there is something to tell.
func (t *Tx) log(ctx context.Context, c ledger.Commit) error {
	if !t.wrote {
		return nil
	}
	if err := t.checkOwner(ctx); err != nil {
		return err
	}
	err := t.at.insert(ctx, "commit_log", commitColumns, [][]any{{int64(c.Number), c.At.UnixMilli(), c.Actor, c.Kind.String(), c.Object, c.Words, int64(t.last)}})
	if err != nil {
		return err
	}
	if err := t.logAudit(ctx, c); err != nil {
		return err
	}
	t.store.fail("write logged")
	return t.store.dialect.announce(ctx, t.at)
}

// numbers gives the numbers of words; new ones are added.
func (t *Tx) numbers(ctx context.Context, d *dictionary, words []string) (func(string) int64, error) {
	own := t.words[d]
	if own == nil {
		own = map[string]int64{}
		t.words[d] = own
	}
	spelling := map[string]string{}
	for _, w := range words {
		if f := d.fold(w); f != "" && own[f] == 0 {
			if err := checkKey("name of a type or scope", f); err != nil {
				return nil, err
			}
			if _, seen := spelling[f]; !seen {
				spelling[f] = w
			}
		}
	}
	if err := t.learn(ctx, d, own, spelling); err != nil {
		return nil, err
	}
	return func(word string) int64 { return own[d.fold(word)] }, nil
}

// learn finds or adds words that this transaction has not met.
func (t *Tx) learn(ctx context.Context, d *dictionary, own map[string]int64, spelling map[string]string) error {
	d.recall(own, spelling)
	if len(spelling) == 0 {
		return nil
	}
	entries, err := d.make(ctx, t.at, spelling)
	if err != nil {
		return err
	}
	t.fresh[d] = append(t.fresh[d], entries...)
	for _, e := range entries {
		own[e.folded] = e.number
	}
	return nil
}
