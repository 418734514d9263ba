package estate

import (
	"context"
	"fmt"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// commitUnits judges units as they will be, and commits what that changes: one, or
// several of which one has what left another.
func (i *importing) commitUnits(ctx context.Context, units []*unitChange) error {
	e, object := i.estate, units[0]
	for _, u := range units {
		if len(u.found) > len(object.found) {
			object = u
		}
	}
	writings := make([]*unitWriting, len(units))
	for n, u := range units {
		writings[n] = &unitWriting{estate: e, change: u}
		facts := make([]ledger.Facts, len(u.found))
		for n := range u.found {
			facts[n] = u.found[n].Facts
		}
		var err error
		if writings[n].facts, err = i.keeper.PutFacts(ctx, facts); err != nil {
			return fmt.Errorf("import %s: %w", u.unit, err)
		}
	}
	judge := func() (err error) {
		for _, w := range writings {
			if w.found, w.by, err = e.judgeNow(ctx, w.change); err != nil {
				return fmt.Errorf("import: %w", err)
			}
		}
		return nil
	}
	if err := judge(); err != nil {
		return err
	}
	e.mu.Lock()
	for slices.ContainsFunc(writings, func(w *unitWriting) bool { return e.judging.judgesOtherwise(w.by) }) { // somebody assigned something meanwhile
		e.mu.Unlock()
		if err := judge(); err != nil {
			return err
		}
		e.mu.Lock()
	}
	defer e.mu.Unlock()
	if _, err := e.posture(ctx); err != nil { // before other processes have to wait
		return fmt.Errorf("import %s: %w", object.unit, err)
	}
	words, numbers := i.wordsOf(writings)
	var lost []ledger.Loss
	for _, w := range writings {
		lost = append(lost, i.loseOf(w.change, w.found.faults)...)
	}
	if err := i.commit(ctx, object.unit, words, numbers, func(tx ledger.Tx) error {
		for _, w := range writings {
			if err := w.write(ctx, tx); err != nil {
				return err
			}
		}
		return tx.SetLosses(ctx, lost)
	}); err != nil {
		return fmt.Errorf("import %s: %w", object.unit, err)
	}
	for _, w := range writings {
		i.count(w.change, w.added)
		w.forget() // before what left is known elsewhere
	}
	for _, w := range writings {
		w.learn()
		i.tell(w.change, w.found.faults)
	}
	return nil
}

// wordsOf says for people, and in numbers for the audit log, what a commit does.
func (i *importing) wordsOf(writings []*unitWriting) (words string, numbers map[string]int) {
	added, changed, gone, left := 0, 0, 0, 0
	numbers = map[string]int{}
	for _, w := range writings {
		u := w.change
		w.added = i.estate.known.added(u.found)
		added, changed, gone, left = added+w.added, changed+len(u.found)-w.added, gone+len(u.gone)-u.left, left+u.left
		numbers["reads"] += len(u.told)
		numbers["readsForgotten"] += len(u.dropped)
	}
	numbers["new"], numbers["changed"], numbers["deleted"] = added, changed, gone
	words = fmt.Sprintf("%d new, %d changed, %d gone", added, changed, gone)
	if left > 0 {
		numbers["moved"] = left
		words += fmt.Sprintf(", %d from another unit", left)
	}
	return words, numbers
}

// tell says of what the import brought to a unit what of it could not be read. Of the
// rest of the unit that was told when it came.
func (i *importing) tell(u *unitChange, faults []fault) {
	for _, f := range faults {
		n := slices.IndexFunc(u.found, func(r intake.Found) bool { return r.Key == f.key && isRead(&r) })
		switch {
		case n >= 0:
			p := inventory.Problem{File: u.found[n].File, Line: u.found[n].Line, Reason: f.reason, Kept: true}
			if !i.isTold(p) {
				i.answer.Rejected = append(i.answer.Rejected, p)
			}
		case f.id != "":
			i.answer.Notices = append(i.answer.Notices, inventory.Problem{Notice: true, Reason: fmt.Sprintf("what is kept of %s cannot be read, so its checks are unknown: %s", f.id, f.reason)})
		}
	}
}

// isTold reports whether a part of a body was told to be lost when it was read.
func (i *importing) isTold(p inventory.Problem) bool {
	if i.toldKept == nil {
		i.toldKept = map[inventory.Problem]bool{}
		for n := range i.read.Problems {
			if o := &i.read.Problems[n]; o.Kept {
				i.toldKept[inventory.Problem{File: o.File, Line: o.Line, Reason: o.Reason, Kept: true}] = true
			}
		}
	}
	return i.toldKept[p]
}

// judgeNow judges a unit by what judges now.
func (e *Estate) judgeNow(ctx context.Context, u *unitChange) (*judged, *judging, error) {
	e.mu.Lock()
	by := e.judging
	u.head, u.near = e.head, e.nearbyOf(u, by)
	if u.scopes = e.tree.about(u.unit); u.near != nil {
		u.scopes = e.tree.upFrom(slices.Concat(u.near.groups, []string{u.unit})...)
	}
	e.mu.Unlock()
	found, err := e.judge(ctx, u, by, nil)
	return found, by, err
}
