package estate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/account"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Policies are the kept policy documents. It does not wait while something is judged
// or committed.
func (e *Estate) Policies() *govern.Policies { return e.shown.Load() }

// PolicyRequest asks for a policy document to be written or removed, or for several
// of one kind to be written.
type PolicyRequest struct {
	Kind   ledger.DocumentKind
	ID     string
	Policy *govern.Policy // nil: it is removed
	// Others are written with it, in the same commit.
	Others []*govern.Policy
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
	change, err := e.policyChange(&r)
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
	if r.DryRun || len(change.changes) == 0 {
		return p, c, nil
	}
	c, err = e.writePolicy(ctx, by, change, again)
	return p, c, err
}

// policyChange is what becomes of policy documents of one kind, and what judges then.
type policyChange struct {
	kind    ledger.DocumentKind
	changes []documentVersions // those that are kept already are none
	next    *judging
}

// documentVersions are what a policy document was and becomes; nil for none.
type documentVersions struct {
	id            string
	before, after *govern.Policy
}

// policyChange works out what a change leads to.
func (e *Estate) policyChange(r *PolicyRequest) (*policyChange, error) {
	if e.pending() {
		return nil, ErrOtherCatalogue
	}
	c := &policyChange{kind: r.Kind}
	next := e.judging.policies
	if r.Policy == nil {
		before, known := next.Find(r.Kind, r.ID)
		if !known {
			return nil, access.Errorf(access.Missing, "there is no %s %s", r.Kind.Words(), r.ID)
		}
		next = next.Without(before)
		if needing := next.Needing(before); len(needing) > 0 {
			return nil, &NeededError{before, needing}
		}
		c.changes = []documentVersions{{before.ID, before, nil}}
	} else {
		written := append([]*govern.Policy{r.Policy}, r.Others...)
		if err := e.check(written); err != nil {
			return nil, err
		}
		for _, p := range written { // an id in small letters says nothing of how the scope is called
			if s, known := e.tree.scopes[posture.Fold(p.Scope)]; known {
				p.SpellScope(s.ID)
			}
		}
		var changed []*govern.Policy
		for _, p := range written {
			before, known := next.Find(r.Kind, p.ID)
			if !known || string(before.Text) != string(p.Text) || before.Name != p.Name {
				changed = append(changed, p)
				c.changes = append(c.changes, documentVersions{p.ID, before, p})
			}
		}
		next = next.With(changed...)
	}
	var err error
	c.next, err = e.judges.judging(next, e.judging.kept)
	return c, err
}

// check says what is wrong with documents of one kind, all at once.
func (e *Estate) check(written []*govern.Policy) error {
	var wrong govern.Problems
	met := map[string]bool{}
	covers := access.NewTree(e.tree.all()).Covers
	for _, p := range written {
		if met[posture.Fold(p.ID)] {
			wrong = append(wrong, govern.Problem{Pos: p.Beginning(), Want: fmt.Sprintf("there are several documents with the id %s; want each once", p.ID)})
			continue
		}
		met[posture.Fold(p.ID)] = true
		err := e.judges.Check(e.judging.policies, p, covers)
		var of govern.Problems
		if err != nil && !errors.As(err, &of) {
			return err
		}
		wrong = append(wrong, of...)
	}
	if len(wrong) > 0 {
		return wrong
	}
	return nil
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
	return []string{fmt.Sprintf("no table has an alias then that these definitions read, and they make no checks: %s", named)}
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
	c := ledger.Commit{Kind: ledger.Document, Actor: by.ID, Object: change.object(), Words: change.words()}
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
		m.stepAll(x, unitsOf(x, touched), ledger.Rules, change.object())
		return m.write(ctx, tx)
	})
	if err != nil {
		return ledger.Commit{}, fmt.Errorf("writing %s %s: %w", change.kind, change.object(), err)
	}
	m.learn()
	again.learn()
	for _, d := range change.changes {
		if d.after != nil {
			d.after.Since = commit.Number
		}
	}
	e.judgeBy(change.next)
	return commit, nil
}

// object is the id of the document, or of several what their ids begin with.
func (c *policyChange) object() string {
	id := c.changes[0].id
	if len(c.changes) == 1 {
		return id
	}
	for _, d := range c.changes {
		n := 0
		for n < min(len(id), len(d.id)) && id[n] == d.id[n] {
			n++
		}
		id = id[:n]
	}
	return id[:strings.LastIndexByte(id, '/')+1]
}

// words says for people what the commit does.
func (c *policyChange) words() string {
	switch d := &c.changes[0]; {
	case len(c.changes) > 1:
		return fmt.Sprintf("%d %s written", len(c.changes), c.kind.Plural())
	case d.after == nil:
		return c.kind.Words() + " removed"
	case d.before != nil:
		return c.kind.Words() + " changed"
	}
	return c.kind.Words() + " added"
}

// keep writes the documents and their entries of the audit log.
func (c *policyChange) keep(ctx context.Context, tx ledger.Tx, by account.By) error {
	var set, removed []ledger.DocumentVersion
	for _, d := range c.changes {
		row := ledger.DocumentVersion{Kind: c.kind, ID: d.id}
		shown, action := d.after, "write"
		if shown == nil {
			shown, action = d.before, "remove"
			removed = append(removed, row)
		} else {
			row.Name, row.Scope, row.Text = shown.Name, shown.Scope, shown.Text
			set = append(set, row)
		}
		detail, err := json.Marshal(told(shown))
		if err != nil {
			return err
		}
		entry := ledger.AuditEntry{Actor: by.ID, Name: by.Name, From: by.From, Action: string(c.kind) + "." + action, Object: d.id, Scope: shown.Scope, Detail: detail}
		if err := tx.Audit(ctx, entry); err != nil {
			return err
		}
	}
	if len(removed) > 0 {
		return tx.RemoveDocuments(ctx, removed)
	}
	return tx.SetDocuments(ctx, set)
}

// told is what the audit log has of a document.
func told(p *govern.Policy) map[string]any {
	told := map[string]any{"title": p.Title()}
	switch {
	case p.Assignment != nil:
		told["policy"] = p.Assignment.DefinitionID
	case p.Aliases != nil:
		told["aliases"] = p.Aliases.Table().Len()
	}
	return told
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
