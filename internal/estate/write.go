package estate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// ErrMoved says that another process committed since this one looked.
var ErrMoved = errors.New("another process has changed the estate meanwhile")

// write makes a commit on top of the one that the estate knows. What has expired
// by then is ended before, by a commit of its own.
func (e *Estate) write(ctx context.Context, c ledger.Commit, work func(ledger.Tx) error) (ledger.Commit, error) {
	c.At = e.now()
	if e.over.due(c.At) {
		if err := e.end(ctx, c.At); err != nil {
			return ledger.Commit{}, err
		}
	}
	if c.At.After(e.over.at) {
		e.over.at = c.At // nothing ended in between
	}
	if e.judging.kept != nil {
		return e.commit(ctx, c, work)
	}
	return e.first(ctx, c, work)
}

// first makes the first commit of an estate, which keeps which catalogue judges.
func (e *Estate) first(ctx context.Context, c ledger.Commit, work func(ledger.Tx) error) (ledger.Commit, error) {
	document, err := e.judges.own.document()
	if err != nil {
		return ledger.Commit{}, err
	}
	commit, err := e.commit(ctx, c, func(tx ledger.Tx) error {
		if err := work(tx); err != nil {
			return err
		}
		return tx.SetDocuments(ctx, []ledger.DocumentVersion{document})
	})
	if err == nil {
		kept := *e.judging
		kept.kept = e.judges.own
		e.judgeBy(&kept)
	}
	return commit, err
}

// commit makes a commit of a time.
func (e *Estate) commit(ctx context.Context, c ledger.Commit, work func(ledger.Tx) error) (ledger.Commit, error) {
	for {
		moved := false
		commit, err := e.store.Write(ctx, c, func(tx ledger.Tx) error {
			if moved = tx.Number() != e.head+1; moved {
				return ErrMoved
			}
			return work(tx)
		})
		switch {
		case moved:
			if err := e.passOver(ctx); err != nil {
				return commit, err
			}
			continue
		case err != nil:
			e.index = nil // the work may have changed it
		case commit.Number != 0:
			e.head = commit.Number
		}
		return commit, err
	}
}

// passOver goes on to the last commit over those of others that change no resource
// and nothing of what judges: a token that was made, an exemption. Any other is
// ErrMoved.
func (e *Estate) passOver(ctx context.Context) error {
	for c, err := range e.store.Changed(ctx, e.head) {
		if err != nil {
			return err
		}
		judges := slices.ContainsFunc(c.Documents, func(d ledger.DocumentVersion) bool { return d.Kind.Judges() || govern.IsPolicy(d.Kind) })
		if judges || len(c.Versions)+len(c.Judged)+len(c.Reads)+len(c.Scopes) > 0 || c.Commit.Forgets() {
			return ErrMoved
		}
		if err := e.takeIn(ctx, &c); err != nil {
			return err
		}
		e.head = c.Commit.Number
	}
	return nil
}

// takeIn takes in what a commit of another process laid over verdicts, and the
// scores that came of it.
func (e *Estate) takeIn(ctx context.Context, c *ledger.Change) error {
	for _, u := range c.Scores {
		if u.Until == c.Commit.Number {
			delete(e.scores, posture.Fold(u.Unit))
		}
	}
	for _, u := range c.Scores {
		if u.Since == c.Commit.Number {
			e.scores[posture.Fold(u.Unit)] = u
		}
	}
	next := e.over
	if len(c.Documents) > 0 {
		documents, err := e.store.Documents(ctx, c.Commit.Number, "")
		if err != nil {
			return err
		}
		next.documents = govern.Versions(documents)
	}
	if writesScores(c.Commit.Kind) {
		at, err := e.laidBy(ctx, &c.Commit, next.documents)
		if err != nil {
			return err
		}
		if at.After(next.at) {
			next.at = at
		}
	}
	e.over = overOf(next.documents, next.at)
	if e.index != nil {
		layings, _ := e.over.layings()
		e.index.SetLayings(layings)
	}
	return nil
}

// Refresh reads anew what other processes have changed since the last commit
// that the estate knows, if they have.
func (e *Estate) Refresh(ctx context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	err := e.passOver(ctx)
	if !errors.Is(err, ErrMoved) {
		return err
	}
	now, err := Open(ctx, e.store, e.options)
	if err == nil {
		// The rest is read without mu, and stays.
		e.head, e.known, e.tree, e.reads, e.rules, e.scores, e.over, e.index = now.head, now.known, now.tree, now.reads, now.rules, now.scores, now.over, now.index
		e.judgeBy(now.judging)
	}
	return err
}

// unitWriting writes what changes of one unit.
type unitWriting struct {
	estate *Estate
	change *unitChange
	found  *judged
	by     *judging
	facts  []int64

	added   int
	numbers []uint32         // of the changed resources, in their order
	tuples  map[uint32]int64 // of resources that are judged anew
	learnt  []ledger.Evaluation
	met     []ledger.Tuple // that resources of the unit have now
	moves   *moves
}

func (w *unitWriting) write(ctx context.Context, tx ledger.Tx) error {
	if err := w.writeResources(ctx, tx); err != nil {
		return err
	}
	if err := tx.RemoveReads(ctx, w.change.dropped); err != nil {
		return err
	}
	if err := tx.SetReads(ctx, w.change.told); err != nil {
		return err
	}
	if err := w.writeVerdicts(ctx, tx); err != nil {
		return err
	}
	return w.writeScore(ctx, tx)
}

func (w *unitWriting) writeResources(ctx context.Context, tx ledger.Tx) error {
	resources := make([]ledger.Resource, len(w.change.found))
	for i, f := range w.change.found {
		resources[i] = f.Resource
	}
	if err := tx.NewResources(ctx, resources); err != nil {
		return err
	}
	w.numbers = make([]uint32, len(resources))
	versions := make([]ledger.Version, len(resources))
	for i, r := range resources {
		w.numbers[i] = r.Number
		w.change.found[i].Resource = r
		versions[i] = ledger.Version{Resource: r.Number, Body: w.change.found[i].Body, Facts: w.facts[i]}
	}
	if err := tx.SetVersions(ctx, versions); err != nil {
		return err
	}
	var gone []uint32
	for n := range w.change.gone {
		gone = append(gone, n)
	}
	slices.Sort(gone)
	return tx.Delete(ctx, gone)
}

// writeVerdicts gives rules and tuples their numbers, and says of every resource
// of the unit that is judged otherwise how.
func (w *unitWriting) writeVerdicts(ctx context.Context, tx ledger.Tx) error {
	e := w.estate
	evaluations := make([]ledger.Evaluation, len(w.found.rules))
	used := make([]bool, len(w.found.rules))
	for _, tuple := range w.found.tuples {
		for _, v := range tuple {
			used[v.Rule] = true
		}
	}
	var fresh []ledger.Evaluation
	for i, r := range w.found.rules {
		evaluations[i] = w.by.evaluation(r)
		number, ok := e.rules.numbers[evaluations[i]]
		if evaluations[i].Number = number; !ok && used[i] {
			fresh = append(fresh, evaluations[i])
		}
	}
	if err := tx.Evaluations(ctx, fresh); err != nil {
		return err
	}
	given := map[ledger.Evaluation]uint32{}
	for _, f := range fresh {
		number := f.Number
		f.Number = 0
		given[f] = number
	}
	w.learnt = fresh
	tuples := make([][]ledger.Verdict, len(w.found.tuples))
	for i, tuple := range w.found.tuples {
		for _, v := range tuple {
			number := evaluations[v.Rule].Number
			if number == 0 {
				number = given[evaluations[v.Rule]]
			}
			tuples[i] = append(tuples[i], ledger.Verdict{Evaluation: number, State: v.State, Reason: v.Reason})
		}
	}
	numbers, err := tx.Tuples(ctx, tuples)
	if err != nil {
		return err
	}
	w.met = w.met[:0]
	for i, n := range numbers {
		w.met = append(w.met, ledger.Tuple{Number: n, Verdicts: tuples[i]})
	}
	w.tuples = map[uint32]int64{}
	var changed []ledger.Judged
	for m := range w.members {
		at, ok := w.found.of[m.key]
		switch {
		case ok:
		case w.change.near != nil:
			continue // it is not near what changed
		default:
			return fmt.Errorf("resource %d of %s was not judged", m.number, w.change.unit)
		}
		if tuple := numbers[at]; tuple != m.tuple {
			w.tuples[m.number] = tuple
			changed = append(changed, ledger.Judged{Resource: m.number, Tuple: tuple})
		}
	}
	slices.SortFunc(changed, func(a, b ledger.Judged) int { return int(a.Resource) - int(b.Resource) })
	return tx.SetVerdicts(ctx, changed)
}

// member is a resource of the unit as it will be.
type member struct {
	number uint32
	key    uint64
	tuple  int64 // so far
}

// members lists the resources of the unit as it will be.
func (w *unitWriting) members(yield func(member) bool) {
	known := w.estate.known
	if w.change.number >= 0 {
		for _, n := range known.members[w.change.number] {
			r := &known.resources[n]
			if !w.change.gone[n] && !w.change.changes[n] && !yield(member{n, r.key, r.tuple}) {
				return
			}
		}
	}
	for i, n := range w.numbers {
		m := member{number: n, key: w.change.found[i].Key}
		if int(n) < len(known.resources) {
			m.tuple = known.resources[n].tuple
		}
		if !yield(m) {
			return
		}
	}
}

// forget takes it as known that what the commit removed is gone.
func (w *unitWriting) forget() {
	if len(w.change.gone) > 0 {
		w.estate.known.remove(w.change.number, w.change.gone)
	}
}

// learn takes the rest of what was committed as known.
func (w *unitWriting) learn() {
	e := w.estate
	e.learnReads(w.change.told, w.change.dropped)
	for _, f := range w.change.found {
		if !e.known.numbersOne(f.Number) {
			e.known.add(&f.Resource)
		}
		e.known.set(f.Number, f.Record, !f.Whole)
	}
	for number, tuple := range w.tuples {
		e.known.resources[number].tuple = tuple
	}
	for _, evaluation := range w.learnt {
		e.rules.learn(evaluation)
	}
	w.moves.learn()
}
