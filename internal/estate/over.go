package estate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/account"
	"github.com/bartizan-dev/bartizan/internal/follow"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// over is what lies over verdicts as of an instant, and until when that is so.
type over struct {
	documents []govern.Version
	at        time.Time
	until     time.Time // zero for ever
}

func overOf(documents []govern.Version, at time.Time) over {
	o := over{documents: documents, at: at}
	_, o.until = o.layings()
	return o
}

func (o *over) layings() ([]index.Laying, time.Time) { return govern.LayingsOf(o.documents, o.at) }

// due reports whether something has ended by an instant.
func (o *over) due(at time.Time) bool { return !o.until.IsZero() && !at.Before(o.until) }

// readOver reads what lies over verdicts in the scores that are kept: as of the
// last commit that wrote any. What ended since is for [Estate.Tick].
func (e *Estate) readOver(ctx context.Context, documents []ledger.DocumentVersion) error {
	last, err := e.lastWritten(ctx)
	if err != nil {
		return err
	}
	versions := govern.Versions(documents)
	at, err := e.laidBy(ctx, &last, versions)
	e.over = overOf(versions, at)
	return err
}

// laidBy is as of when documents lie over verdicts in the scores that a commit wrote:
// its time, or where it ended something the instant of that, which may be before. What
// ended in between has a commit of its own.
func (e *Estate) laidBy(ctx context.Context, c *ledger.Commit, documents []govern.Version) (time.Time, error) {
	if c.Object != expiries {
		return c.At, nil
	}
	var at time.Time
	for _, kind := range ending {
		f := ledger.AuditFilter{Action: endOf(kind), Since: c.At, Until: c.At.Add(time.Millisecond)}
		for entry, err := range e.store.AuditLog(ctx, f) {
			if err != nil {
				return at, err
			}
			if n := find(documents, kind, entry.Object); n >= 0 && entry.Commit == c.Number && documents[n].Ends().After(at) {
				at = documents[n].Ends()
			}
		}
	}
	if at.IsZero() || at.After(c.At) {
		return c.At, nil // nothing tells
	}
	return at, nil
}

// commitsAtOnce is how many commits are looked at at a time.
const commitsAtOnce = 100

// lastWritten is the last commit of an estate; the oldest one that is known if none
// is.
func (e *Estate) lastWritten(ctx context.Context) (last ledger.Commit, err error) {
	for to := e.head; to > 0; to -= commitsAtOnce {
		commits, err := e.store.Commits(ctx, max(0, to-commitsAtOnce), to)
		if err != nil {
			return last, err
		}
		for _, c := range slices.Backward(commits) {
			last = c
			if writesScores(c.Kind) {
				return last, nil
			}
		}
		if len(commits) == 0 {
			break
		}
	}
	return last, nil
}

// writesScores reports whether commits of a kind are those of estates, which end
// what expired before.
func writesScores(kind ledger.Kind) bool {
	return kind == ledger.Import || kind == ledger.Judge || kind == ledger.Document
}

// posture gives the index of the last commit, with what lies over verdicts. It is
// built when it is first needed.
func (e *Estate) posture(ctx context.Context) (*index.Index, error) {
	if e.index != nil {
		return e.index, nil
	}
	layings, _ := e.over.layings()
	x, err := follow.Load(ctx, e.store, e.judging.content, e.head, layings)
	if err != nil {
		return nil, fmt.Errorf("building the posture index of commit %d: %w", e.head, err)
	}
	e.index = x
	return x, nil
}

// now is the time, as exactly as it is kept.
func (e *Estate) now() time.Time { return e.options.Now().UTC().Truncate(time.Millisecond) }

// Tick writes what ended since the last commit, if something did: what that does
// to scores. It gives the next instant at which something ends; zero for never.
func (e *Estate) Tick(ctx context.Context) (next time.Time, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if at := e.now(); e.over.due(at) {
		err = e.end(ctx, at)
	}
	return e.over.until, err
}

// end commits what has ended by an instant: one commit for each time at which
// something did, which has that time, or that of the commit before if it is later.
func (e *Estate) end(ctx context.Context, at time.Time) error {
	x, err := e.posture(ctx)
	for err == nil && e.over.due(at) {
		err = e.endAt(ctx, x, e.over.until)
	}
	return err
}

// endAt commits what has ended by an instant, one document after another. That is a
// commit also if something else holds longer over the same: who asks why is told by what.
func (e *Estate) endAt(ctx context.Context, x *index.Index, at time.Time) error {
	var m *moves
	c := ledger.Commit{At: at, Kind: ledger.Judge, Actor: access.System, Object: expiries, Words: endedWords(e.over.endedBy(at))}
	_, err := e.commit(ctx, c, func(tx ledger.Tx) error {
		m = e.moves()
		m.weighs = true
		standing := over{documents: slices.Clone(e.over.documents), at: e.over.at}
		for _, d := range e.over.endedBy(at) { // none by now, if another process was first
			tx.Stand()
			if err := e.audit(ctx, tx, account.By{}, d.Document, d.Kind(), d.Name(), "end"); err != nil {
				return err
			}
			standing.remove(d.Kind(), d.Name())
			layings, _ := standing.layings()
			m.stepAll(x, unitsOf(x, relaid(x.SetLayings(layings))), causeOf(d.Kind()), d.Name())
		}
		return m.write(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("ending what expired: %w", err)
	}
	m.learn()
	if at.After(e.over.at) { // another process may have gone further
		e.over = overOf(e.over.documents, at)
	}
	return nil
}

// endedBy lists the documents that ended since, up to and with an instant, the
// first that ended first.
func (o *over) endedBy(at time.Time) []govern.Version {
	var ended []govern.Version
	for _, d := range o.documents {
		if govern.Holds(d, o.at) && !govern.Holds(d, at) {
			ended = append(ended, d)
		}
	}
	slices.SortStableFunc(ended, func(a, b govern.Version) int { return a.Ends().Compare(b.Ends()) })
	return ended
}

// find gives the place of a document, -1 if there is none.
func (o *over) find(kind ledger.DocumentKind, id string) int { return find(o.documents, kind, id) }

func find(documents []govern.Version, kind ledger.DocumentKind, id string) int {
	return slices.IndexFunc(documents, func(d govern.Version) bool { return d.Kind() == kind && d.Name() == id })
}

func (o *over) remove(kind ledger.DocumentKind, id string) {
	if at := o.find(kind, id); at >= 0 {
		o.documents = slices.Delete(o.documents, at, at+1)
	}
}

// expiries is the object of commits by which something ended by itself.
const expiries = "expiries"

// ending are the kinds of documents that may end by themselves.
var ending = []ledger.DocumentKind{ledger.ExemptionOf, ledger.AttestationOf}

// endOf is the action of the entries of the audit log about what ended by itself.
func endOf(kind ledger.DocumentKind) string { return string(kind) + ".end" }

// endedWords says for people what ended.
func endedWords(ended []govern.Version) string {
	exemptions := 0
	for _, d := range ended {
		if d.Kind() == ledger.ExemptionOf {
			exemptions++
		}
	}
	var told []string
	for _, of := range []struct {
		count int
		word  string
	}{{exemptions, "exemption"}, {len(ended) - exemptions, "attestation"}} {
		switch of.count {
		case 0:
		case 1:
			told = append(told, "1 "+of.word)
		default:
			told = append(told, fmt.Sprintf("%d %ss", of.count, of.word))
		}
	}
	return strings.Join(told, " and ") + " ended"
}

// causeOf is why scores change when a document comes, changes or goes.
func causeOf(kind ledger.DocumentKind) ledger.CauseKind {
	switch kind {
	case ledger.ExemptionOf:
		return ledger.Exemption
	case ledger.AttestationOf:
		return ledger.Attestation
	}
	return ledger.Rules
}

// relaid are the resources of which other verdicts show.
func relaid(all []index.Relaid) []uint32 {
	resources := make([]uint32, len(all))
	for i := range all {
		resources[i] = all[i].Resource
	}
	return resources
}
