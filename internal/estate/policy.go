package estate

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/account"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// Policies are the kept policy documents. It does not wait while something is judged
// or committed.
func (e *Estate) Policies() *govern.Policies { return e.shown.Load() }

// PolicyRequest asks for a policy document to be written or removed.
type PolicyRequest struct {
	Kind   ledger.DocumentKind
	ID     string
	Policy *govern.Policy // nil: it is removed
	// Of says of which resources a preview tells the score; nil is no preview.
	Of     *index.Filter
	DryRun bool // nothing is written
}

// SetPolicy keeps a definition, initiative, assignment, standard or alias table; see
// [Estate.ChangePolicy].
func (e *Estate) SetPolicy(ctx context.Context, by account.By, p *govern.Policy) (ledger.Commit, error) {
	_, c, err := e.ChangePolicy(ctx, by, PolicyRequest{Kind: p.Kind, ID: p.ID, Policy: p})
	return c, err
}

// RemovePolicy ends a policy document, as SetPolicy begins it.
func (e *Estate) RemovePolicy(ctx context.Context, by account.By, kind ledger.DocumentKind, id string) (ledger.Commit, error) {
	_, c, err := e.ChangePolicy(ctx, by, PolicyRequest{Kind: kind, ID: id})
	return c, err
}

// ChangePolicy writes or removes a policy document: one commit with its entry of the
// audit log, the verdicts that it changes and what that does to scores. Judged
// again is what it touches: rules that come, go or change, beneath the scopes
// concerned. What is wrong with a document is [govern.Problems]; that others need
// one which is to be removed is a [NeededError]; one that is kept already is no
// commit.
func (e *Estate) ChangePolicy(ctx context.Context, by account.By, r PolicyRequest) (p *Preview, c ledger.Commit, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	change, err := e.policyChange(r.Kind, r.ID, r.Policy)
	if err != nil {
		return nil, c, err
	}
	again, err := e.judgeAgain(ctx, change.next)
	if err != nil {
		return nil, c, err
	}
	if r.Of != nil {
		if p, err = e.previewAgain(ctx, again, *r.Of); err != nil {
			return nil, c, err
		}
		if r.Kind == ledger.AliasTable {
			p.Warnings = change.next.silences(e.judging)
		}
	}
	if r.DryRun || change.nothing() {
		return p, c, nil
	}
	c, err = e.writePolicy(ctx, by, change, again)
	return p, c, err
}

// nothing reports whether the document is kept already.
func (c *policyChange) nothing() bool {
	return c.before != nil && c.after != nil && string(c.before.Text) == string(c.after.Text)
}

// policyChange is a policy document that is written or removed, and what judges
// then.
type policyChange struct {
	kind          ledger.DocumentKind
	id            string
	before, after *govern.Policy // nil: there is none
	next          *judging
}

// policyChange works out what a change leads to.
func (e *Estate) policyChange(kind ledger.DocumentKind, id string, p *govern.Policy) (*policyChange, error) {
	if e.pending() {
		return nil, ErrOtherCatalogue
	}
	c := &policyChange{kind: kind, id: id, after: p}
	before, known := e.judging.policies.Find(kind, id)
	switch {
	case !known && p == nil:
		return nil, access.Errorf(access.Missing, "there is no %s %s", kind.Words(), id)
	case known:
		c.before, c.id = before, before.ID
	}
	next := e.judging.policies.Without(kind, c.id)
	if p != nil {
		if err := e.judges.Check(e.judging.policies, p, access.NewTree(e.tree.all()).Covers); err != nil {
			return nil, err
		}
		next = next.With(p)
	} else if needing := next.Needing(before); len(needing) > 0 {
		return nil, &NeededError{before, needing}
	}
	var err error
	c.next, err = e.judges.judging(next, e.judging.kept)
	return c, err
}

// silences warns of the definitions that made checks by what judged before and make
// none now.
func (j *judging) silences(before *judging) []string {
	speak := j.speaking()
	var ids []string
	for id := range before.speaking() {
		if !speak[id] {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	const most = 3
	slices.Sort(ids)
	named := strings.Join(ids[:min(len(ids), most)], ", ")
	if more := len(ids) - most; more > 0 {
		named += fmt.Sprintf(" and %d more", more)
	}
	return []string{fmt.Sprintf("definitions that read an alias which no table has then, and make no checks: %d, %s", len(ids), named)}
}

// speaking are the definitions that make checks, by id.
func (j *judging) speaking() map[string]bool {
	ids := map[string]bool{}
	for i := range j.assigned.Rules {
		if r := &j.assigned.Rules[i]; r.Judged && !r.Recommendation {
			ids[r.ID] = true
		}
	}
	return ids
}

// NeededError says that a document is not removed, as others need it.
type NeededError struct {
	Policy *govern.Policy
	By     []*govern.Policy
}

// Error names those that need it.
func (e *NeededError) Error() string {
	text := fmt.Sprintf("%s %s is needed by", e.Policy.Kind, e.Policy.ID)
	for i, p := range e.By {
		if i > 0 {
			text += ","
		}
		text += fmt.Sprintf(" %s %s", p.Kind, p.ID)
	}
	return text + "; remove that first"
}

func (e *Estate) writePolicy(ctx context.Context, by account.By, change *policyChange, again *again) (ledger.Commit, error) {
	x, err := e.posture(ctx)
	if err != nil {
		return ledger.Commit{}, err
	}
	var m *moves
	c := ledger.Commit{Kind: ledger.Document, Actor: by.ID, Object: change.id, Words: change.words()}
	commit, err := e.write(ctx, c, func(tx ledger.Tx) error {
		if err := change.keep(ctx, tx, by); err != nil {
			return err
		}
		if err := again.write(ctx, tx, x); err != nil {
			return err
		}
		touched, err := again.apply(x)
		if err != nil {
			return err
		}
		m = e.moves()
		m.stepAll(x, unitsOf(x, touched), ledger.Rules, change.id)
		return m.write(ctx, tx)
	})
	if err != nil {
		return ledger.Commit{}, fmt.Errorf("writing %s %s: %w", change.kind, change.id, err)
	}
	m.learn()
	again.learn()
	if change.after != nil {
		change.after.Since = commit.Number
	}
	e.judgeBy(change.next)
	return commit, nil
}

// words says for people what the commit does.
func (c *policyChange) words() string {
	switch {
	case c.after == nil:
		return c.kind.Words() + " removed"
	case c.before != nil:
		return c.kind.Words() + " changed"
	}
	return c.kind.Words() + " added"
}

// keep writes the document and its entry of the audit log.
func (c *policyChange) keep(ctx context.Context, tx ledger.Tx, by account.By) error {
	row := ledger.DocumentVersion{Kind: c.kind, ID: c.id}
	shown, action := c.after, "write"
	if shown == nil {
		shown, action = c.before, "remove"
		if err := tx.RemoveDocuments(ctx, []ledger.DocumentVersion{row}); err != nil {
			return err
		}
	} else {
		row.Scope, row.Text = shown.Scope, shown.Text
		if err := tx.SetDocuments(ctx, []ledger.DocumentVersion{row}); err != nil {
			return err
		}
	}
	told := map[string]any{"title": shown.Title()}
	switch {
	case shown.Assignment != nil:
		told["policy"] = shown.Assignment.DefinitionID
	case shown.Aliases != nil:
		told["aliases"] = shown.Aliases.Table().Len()
	}
	detail, err := json.Marshal(told)
	if err != nil {
		return err
	}
	return tx.Audit(ctx, ledger.AuditEntry{
		Actor: by.ID, Name: by.Name, From: by.From, Action: string(c.kind) + "." + action, Object: c.id, Scope: shown.Scope, Detail: detail,
	})
}

// unitsBeneath lists the units at, below or around some scopes, and what stands
// above units.
func (e *Estate) unitsBeneath(scopes []string) []string {
	units := map[string]bool{}
	for n, unit := range e.known.units.texts {
		if len(e.known.members[int32(n)]) == 0 {
			continue
		}
		if unit == "" || slices.ContainsFunc(scopes, func(scope string) bool { return e.tree.touches(scope, unit) }) {
			units[unit] = true
		}
	}
	return slices.SortedFunc(maps.Keys(units), compareText)
}
