package follow

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// replaysAtOnce is how many replays go on at a time: each has an index of its own.
const replaysAtOnce = 2

// Moment is a time in history: a commit, and an instant at or after it and before the
// next.
type Moment struct {
	Commit ledger.Number
	At     time.Time
}

// Step is one step of a replay.
type Step struct {
	Moment
	// Index is the posture after the step. It is good until the next one.
	Index *index.Index
	// Change is the commit; nil for where the replay begins, and for what the clock did.
	Change *ledger.Change
	// Ended is what ended by itself at the instant, one after another.
	Ended []Ending
	// Touched are the resources that came, went, or show other verdicts. Where
	// something else judges now, or lies over other resources, there may be more.
	Touched []uint32
}

// Ending is a laying that ended by itself.
type Ending struct {
	Laying index.Laying
	Relaid []index.Relaid
}

// Replay gives the posture as of one moment, and then after everything that changed it
// up to and with another: commits, and instants at which something that lay over
// verdicts ended. It has an index of its own, whose making is a scan of the rows; a
// commit is then the work of what it changed. While others are under way it waits.
func (f *Follower) Replay(ctx context.Context, from, to Moment) iter.Seq2[*Step, error] {
	return func(yield func(*Step, error) bool) {
		select {
		case f.replays <- struct{}{}:
		case <-ctx.Done():
			yield(nil, ctx.Err())
			return
		}
		defer func() { <-f.replays }()
		r := &replay{store: f.store, options: f.options, at: from}
		if err := r.run(ctx, to, func(s *Step) bool { return yield(s, nil) }); err != nil {
			yield(nil, fmt.Errorf("replaying the posture from commit %d: %w", from.Commit, err))
		}
	}
}

// replay is a posture on its way through history.
type replay struct {
	store     Store
	options   Options
	at        Moment
	x         *index.Index
	documents []ledger.DocumentVersion // that lie over verdicts
	layings   []index.Laying
	until     time.Time // of the layings
}

func (r *replay) run(ctx context.Context, to Moment, yield func(*Step) bool) (err error) {
	if r.x, r.until, err = load(ctx, r.store, r.options, r.at.Commit, r.at.At); err != nil {
		return err
	}
	if r.documents, err = laid(ctx, r.store, r.at.Commit); err != nil {
		return err
	}
	r.layings, _ = r.options.Layings(r.documents, r.at.At)
	if !yield(r.step()) {
		return nil
	}
	if r.at.Commit < to.Commit {
		for change, err := range r.store.Changed(ctx, r.at.Commit) {
			if err != nil {
				return err
			}
			if !r.clock(change.Commit.At, yield) {
				return nil
			}
			step, err := r.take(ctx, &change)
			if err != nil {
				return fmt.Errorf("commit %d: %w", change.Commit.Number, err)
			}
			if !yield(step) {
				return nil
			}
			if r.at.Commit == to.Commit {
				break
			}
		}
	}
	r.clock(to.At, yield)
	return nil
}

func (r *replay) step() *Step { return &Step{Moment: r.at, Index: r.x} }

// take goes over a commit as the follower does.
func (r *replay) take(ctx context.Context, c *ledger.Change) (*Step, error) {
	tuples, facts := r.x.Lacks(c)
	contents, err := contentsOf(ctx, r.store, tuples, facts)
	if err != nil {
		return nil, err
	}
	content, err := contentAfter(ctx, r.store, r.options, c)
	if err != nil {
		return nil, err
	}
	touched, err := applyWith(r.x, c, contents, content)
	if err != nil {
		return nil, err
	}
	r.at = Moment{c.Commit.Number, c.Commit.At}
	if lies(c) {
		if r.documents, err = laid(ctx, r.store, c.Commit.Number); err != nil {
			return nil, err
		}
		r.layings, r.until = r.options.Layings(r.documents, r.at.At)
		touched = append(touched, resourcesOf(r.x.SetLayings(r.layings))...)
	}
	step := r.step()
	step.Change, step.Touched = c, touched
	return step, nil
}

// clock goes over the instants up to and with one at which something ends.
func (r *replay) clock(to time.Time, yield func(*Step) bool) bool {
	for !r.until.IsZero() && !to.Before(r.until) {
		r.at.At = r.until
		before := r.layings
		r.layings, r.until = r.options.Layings(r.documents, r.at.At)
		step := r.step()
		for _, l := range endedOf(before, r.layings) {
			before = slices.DeleteFunc(slices.Clone(before), func(o index.Laying) bool { return same(&o, &l) })
			relaid := r.x.SetLayings(before)
			step.Ended, step.Touched = append(step.Ended, Ending{l, relaid}), append(step.Touched, resourcesOf(relaid)...)
		}
		if !yield(step) {
			return false
		}
	}
	return true
}

// endedOf lists the layings of an instant that are not among those of a later one, as
// long as no document changed.
func endedOf(before, now []index.Laying) (ended []index.Laying) {
	for i := range before {
		if !slices.ContainsFunc(now, func(o index.Laying) bool { return same(&before[i], &o) }) {
			ended = append(ended, before[i])
		}
	}
	return ended
}

// same reports whether layings are of one document: an id is that of one among those
// of its kind.
func same(a, b *index.Laying) bool {
	kind := func(l *index.Laying) index.Mark { return min(l.Mark, index.Waived) }
	return a.ID == b.ID && kind(a) == kind(b)
}

func resourcesOf(relaid []index.Relaid) []uint32 {
	resources := make([]uint32, len(relaid))
	for i := range relaid {
		resources[i] = relaid[i].Resource
	}
	return resources
}
