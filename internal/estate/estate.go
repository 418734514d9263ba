// Package estate keeps an inventory judged: it takes in what was read, judges
// what that touches by the engine of assess, and commits resources, verdicts,
// score and what moved it together.
//
// Start with [Open] and [Estate.Import]; [Estate.SetDocument] lays exemptions,
// attestations and disablings over verdicts, [Estate.Tick] ends what expired;
// [Estate.ChangePolicy] says what judges where, [Estate.Rejudge] takes over from
// another catalogue. An Estate holds in memory, by the number of each resource, what the next import is
// compared with, and a posture index of what it knows, from which scores are
// computed; bodies stay in the store. See docs/decisions/0011-posture-store.md.
package estate

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/follow"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// Store is what an estate needs of where it is kept; internal/store has it.
type Store interface {
	follow.Rows
	Head(ctx context.Context) (ledger.Number, error)
	Records(ctx context.Context, n ledger.Number) iter.Seq2[ledger.Record, error]
	Reads(ctx context.Context, n ledger.Number) ([]ledger.Read, error)
	Losses(ctx context.Context, n ledger.Number) ([]ledger.Loss, error)
	UnitScores(ctx context.Context, n ledger.Number) ([]ledger.UnitScore, error)
	Documents(ctx context.Context, n ledger.Number, kind ledger.DocumentKind) ([]ledger.DocumentVersion, error)
	Commits(ctx context.Context, from, to ledger.Number) ([]ledger.Commit, error)
	Bodies(ctx context.Context, numbers []int64) ([]ledger.Body, error)
	UnitBodies(ctx context.Context, n ledger.Number, unit string, types ...string) iter.Seq2[ledger.ResourceBody, error]
	Neighbours(ctx context.Context, n ledger.Number, unit string, part ledger.Neighbourhood) iter.Seq2[ledger.ResourceBody, error]
	Changed(ctx context.Context, after ledger.Number) iter.Seq2[ledger.Change, error]
	AuditLog(ctx context.Context, f ledger.AuditFilter) iter.Seq2[ledger.AuditEntry, error]
	Intake(ctx context.Context) (ledger.Intake, error)
	Write(ctx context.Context, c ledger.Commit, work func(ledger.Tx) error) (ledger.Commit, error)
}

// Options say how an estate is kept.
type Options struct {
	Catalog *catalog.Catalog
	Judges  *Judges // of the catalogue; nil: they are made
	// Key seals secrets of bodies; see intake.Options.
	Key     []byte
	Workers int // 0: one a core
	// Known is a file of [Estate.WriteKnown], nil for none. Why one cannot be used
	// is told to Note.
	Known []byte
	Note  func(text string) // may be nil
	// Now tells the time; it is asked for every commit.
	Now func() time.Time
	// Scratch opens a place for what a dry run of an import needs; nil: memory.
	Scratch func() (Scratch, error)
}

// Estate is a kept inventory as of the last commit that it knows. One goroutine at
// a time may import or refresh; others may do the rest meanwhile.
type Estate struct {
	// mu is held while something is committed: of what an import changes then,
	// others read nothing without it.
	mu      sync.Mutex
	store   Store
	options Options
	head    ledger.Number
	known   *known
	tree    *tree
	reads   []ledger.Read
	rules   *rules
	scores  map[string]ledger.UnitScore // by folded unit
	judges  *Judges
	judging *judging                        // what judges by the kept documents
	shown   atomic.Pointer[govern.Policies] // those of judging, for who does not wait
	over    over
	index   *index.Index // nil until it is needed
}

// Open reads what is kept, some hundred bytes a resource.
func Open(ctx context.Context, s Store, o Options) (*Estate, error) {
	e := &Estate{store: s, options: o, scores: map[string]ledger.UnitScore{}}
	var err error
	if e.head, err = s.Head(ctx); err != nil {
		return nil, fmt.Errorf("opening the estate: %w", err)
	}
	e.options.Known = nil // it is not true for long
	reading, within := errgroup.WithContext(ctx)
	reading.Go(func() error { return e.readRows(within, o) })
	reading.Go(func() (err error) {
		if e.judges = o.Judges; e.judges == nil {
			if e.judges, err = NewJudges(o.Catalog); err != nil {
				return err
			}
		}
		return e.readDocuments(within)
	})
	if err := reading.Wait(); err != nil {
		return nil, fmt.Errorf("opening the estate: %w", err)
	}
	return e, nil
}

// readRows reads what is known of resources, where they lie, and what they score.
func (e *Estate) readRows(ctx context.Context, o Options) (err error) {
	if e.known, err = knownAt(ctx, e.store, o, e.head); err != nil {
		return err
	}
	scopes, err := e.store.Scopes(ctx, e.head)
	if err != nil {
		return err
	}
	e.tree = newTree(scopes)
	if e.reads, err = e.store.Reads(ctx, e.head); err != nil {
		return err
	}
	slices.SortFunc(e.reads, compareReads)
	scores, err := e.store.UnitScores(ctx, e.head)
	if err != nil {
		return err
	}
	for _, u := range scores {
		e.scores[posture.Fold(u.Unit)] = u
	}
	e.rules, err = newRules(ctx, e.store)
	return err
}

// readDocuments reads what judges, and what lies over verdicts.
func (e *Estate) readDocuments(ctx context.Context) error {
	documents, err := e.store.Documents(ctx, e.head, "")
	if err != nil {
		return err
	}
	by, err := e.judges.by(documents)
	if err != nil {
		return err
	}
	e.judgeBy(by)
	return e.readOver(ctx, documents)
}

// judgeBy takes what judges from now on.
func (e *Estate) judgeBy(j *judging) {
	e.judging = j
	e.shown.Store(j.policies)
}

// Judges say what judges by documents.
func (e *Estate) Judges() *Judges { return e.judges }

// knownAt gives what is known of resources as of a commit: from the file that was
// kept, or else from the rows.
func knownAt(ctx context.Context, s Store, o Options, head ledger.Number) (*known, error) {
	if o.Known != nil {
		k, err := readKnownFile(ctx, s, o.Known, head)
		if err == nil || ctx.Err() != nil {
			return k, err
		}
		if o.Note != nil {
			o.Note(fmt.Sprintf("what is known of resources is read from the database, not from the file beside it: %v", err))
		}
	}
	return readKnown(ctx, s, head)
}

// Head is the last commit that the estate knows.
func (e *Estate) Head() ledger.Number {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.head
}

// UnitScore is the score of a unit as of the last commit.
func (e *Estate) UnitScore(unit string) score.Unit {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.unitScore(unit)
}

func (e *Estate) unitScore(unit string) score.Unit {
	return ScoreOf(e.judging.content.Controls, e.scores[posture.Fold(unit)])
}
