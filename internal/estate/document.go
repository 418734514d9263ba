package estate

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"reflect"
	"time"

	"github.com/bartizan-dev/bartizan/internal/access"
	"github.com/bartizan-dev/bartizan/internal/account"
	"github.com/bartizan-dev/bartizan/internal/govern"
	"github.com/bartizan-dev/bartizan/internal/index"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/internal/score"
)

// SetDocument keeps an exemption, attestation or disabling under an id: one commit
// with its entry of the audit log and what it does to scores. What the text says
// of its id does not count; its problems are [govern.Problems]. A text that is
// kept already is no commit.
func (e *Estate) SetDocument(ctx context.Context, by account.By, kind ledger.DocumentKind, id string, text []byte) (ledger.Commit, error) {
	d, err := govern.Parse(kind, text)
	if err != nil {
		return ledger.Commit{}, err
	}
	if id == "" {
		return ledger.Commit{}, &UsageError{fmt.Sprintf("%s without an id", kind)}
	}
	d = govern.Named(d, id)
	e.mu.Lock()
	defer e.mu.Unlock()
	if at := e.over.find(kind, id); at >= 0 && reflect.DeepEqual(e.over.documents[at].Document, d) {
		return ledger.Commit{}, nil
	}
	return e.writeDocument(ctx, by, &documentChange{kind: kind, id: id, document: d})
}

// RemoveDocument ends an exemption, attestation or disabling, as SetDocument
// begins it.
func (e *Estate) RemoveDocument(ctx context.Context, by account.By, kind ledger.DocumentKind, id string) (ledger.Commit, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.over.find(kind, id) < 0 {
		return ledger.Commit{}, access.Errorf(access.Missing, "there is no %s %s", kind, id)
	}
	return e.writeDocument(ctx, by, &documentChange{kind: kind, id: id})
}

// documentChange is a document that is written or, without one, removed.
type documentChange struct {
	kind     ledger.DocumentKind
	id       string
	document govern.Document
}

func (e *Estate) writeDocument(ctx context.Context, by account.By, change *documentChange) (ledger.Commit, error) {
	if e.pending() {
		return ledger.Commit{}, ErrOtherCatalogue
	}
	x, err := e.posture(ctx)
	if err != nil {
		return ledger.Commit{}, err
	}
	var m *moves
	var next over
	c := ledger.Commit{Kind: ledger.Document, Actor: by.ID, Object: change.id, Words: change.words(&e.over)}
	commit, err := e.write(ctx, c, func(tx ledger.Tx) error {
		next = change.on(&e.over, tx.Number())
		if err := e.keepDocument(ctx, tx, by, change); err != nil {
			return err
		}
		m = e.moves()
		layings, _ := next.layings()
		m.stepAll(x, unitsOf(x, relaid(x.SetLayings(layings))), causeOf(change.kind), change.id)
		return m.write(ctx, tx)
	})
	if err != nil {
		return ledger.Commit{}, fmt.Errorf("writing %s %s: %w", change.kind, change.id, err)
	}
	m.learn()
	e.over = next
	return commit, nil
}

// on gives what lies over verdicts once a commit has made the change.
func (d *documentChange) on(o *over, n ledger.Number) over {
	next := over{documents: append([]govern.Version{}, o.documents...)}
	next.remove(d.kind, d.id)
	if d.document != nil {
		next.documents = append(next.documents, govern.Version{Document: d.document, Since: n})
	}
	return overOf(next.documents, o.at)
}

// words says for people what the commit does.
func (d *documentChange) words(o *over) string {
	switch known := o.find(d.kind, d.id) >= 0; {
	case d.document == nil:
		return fmt.Sprintf("%s withdrawn", d.kind)
	case known:
		return fmt.Sprintf("%s changed", d.kind)
	}
	return fmt.Sprintf("%s granted", d.kind)
}

// keepDocument writes the document and its entries of the audit log.
func (e *Estate) keepDocument(ctx context.Context, tx ledger.Tx, by account.By, change *documentChange) error {
	row := ledger.DocumentVersion{Kind: change.kind, ID: change.id}
	shown, action := change.document, "write"
	if shown == nil {
		shown, action = e.over.documents[e.over.find(change.kind, change.id)].Document, "remove"
		if err := tx.RemoveDocuments(ctx, []ledger.DocumentVersion{row}); err != nil {
			return err
		}
	} else {
		var err error
		if row.Text, err = govern.Text(shown); err != nil {
			return err
		}
		row.Scope = shown.Where().Scope
		if err := tx.SetDocuments(ctx, []ledger.DocumentVersion{row}); err != nil {
			return err
		}
	}
	return e.audit(ctx, tx, by, shown, change.kind, change.id, action)
}

// audit adds the entries of the audit log about a document: one for each unit whose
// resources it names, so that who may see what was done there does. Without a principal
// they are by who makes the commit.
func (e *Estate) audit(ctx context.Context, tx ledger.Tx, by account.By, d govern.Document, kind ledger.DocumentKind, id, action string) error {
	told := map[string]any{"recommendations": d.Rules(), "resources": len(d.Where().Resources), "reason": d.Why()}
	if x, ok := d.(*govern.Exemption); ok && x.Assignment != "" {
		if told["assignment"] = x.Assignment; x.Members != nil {
			told["members"] = x.Members
		}
	}
	if action == "end" {
		told["expiresOn"] = d.Ends().UTC().Format(time.RFC3339Nano) // see [EndsOf]
	}
	detail, err := json.Marshal(told)
	if err != nil {
		return err
	}
	for _, scope := range e.scopesOf(d) {
		entry := ledger.AuditEntry{Actor: by.ID, Name: by.Name, From: by.From, Action: string(kind) + "." + action, Object: id, Scope: scope, Detail: detail}
		if err := tx.Audit(ctx, entry); err != nil {
			return err
		}
	}
	return nil
}

// Ended says which document ended by itself, and when it was to.
type Ended struct {
	Kind ledger.DocumentKind
	ID   string
	At   time.Time // UTC
}

// AuditLog gives entries of the audit log.
type AuditLog interface {
	AuditLog(ctx context.Context, f ledger.AuditFilter) iter.Seq2[ledger.AuditEntry, error]
}

// EndsOf gives the commits by which something ended, as the audit log tells them, from
// an instant on.
func EndsOf(ctx context.Context, log AuditLog, since time.Time) (map[Ended]ledger.Number, error) {
	ends := map[Ended]ledger.Number{}
	for _, kind := range ending {
		for entry, err := range log.AuditLog(ctx, ledger.AuditFilter{Action: endOf(kind), Since: since}) {
			if err != nil {
				return nil, err
			}
			var told struct {
				ExpiresOn time.Time `json:"expiresOn"`
			}
			if err := json.Unmarshal(entry.Detail, &told); err != nil {
				return nil, fmt.Errorf("entry %d of the audit log: its detail: %w", entry.Number, err)
			}
			ends[Ended{kind, entry.Object, told.ExpiresOn.UTC()}] = entry.Commit
		}
	}
	return ends, nil
}

// Document gives the exemption, attestation or disabling that there is under an
// id. It is not to be changed.
func (e *Estate) Document(kind ledger.DocumentKind, id string) (govern.Document, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	at := e.over.find(kind, id)
	if at < 0 {
		return nil, false
	}
	return e.over.documents[at].Document, true
}

// Scopes lists where a document lies: its scope, or the units of the resources
// that it names, each once.
func (e *Estate) Scopes(d govern.Document) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.scopesOf(d)
}

func (e *Estate) scopesOf(d govern.Document) []string {
	place := d.Where()
	if place.Scope != "" {
		return []string{place.Scope}
	}
	var scopes []string
	met := map[string]bool{}
	for i := range place.Resources {
		scope := access.Top // of what is not known
		if n, ok := e.known.find(place.Resources[i].Key()); ok {
			scope = e.known.units.texts[e.known.resources[n].unit]
		}
		if folded := posture.Fold(scope); !met[folded] {
			met[folded] = true
			scopes = append(scopes, scope)
		}
	}
	return scopes
}

// Preview is what a change would do.
type Preview struct {
	Checks    int // that would show otherwise
	Resources int // of them
	Before    score.Score
	After     score.Score
	Warnings  []string // what may surprise
}

// PreviewDocument says what SetDocument would do, or RemoveDocument where no
// document is given, without writing anything. The scores are those of what a
// filter leaves.
func (e *Estate) PreviewDocument(ctx context.Context, kind ledger.DocumentKind, id string, d govern.Document, of index.Filter) (*Preview, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	x, err := e.posture(ctx)
	if err != nil {
		return nil, err
	}
	as, _ := e.over.layings()
	defer x.SetLayings(as)
	now := overOf(e.over.documents, e.now())
	layings, _ := now.layings()
	x.SetLayings(layings)
	p := &Preview{Before: x.Select(of).Score()}
	if d != nil {
		d = govern.Named(d, id)
	}
	change := documentChange{kind: kind, id: id, document: d}
	next := change.on(&now, e.head+1)
	layings, _ = next.layings()
	for _, r := range x.SetLayings(layings) {
		if n := differences(x.Tuple(r.Before), x.Tuple(r.Now)); n > 0 {
			p.Resources, p.Checks = p.Resources+1, p.Checks+n
		}
	}
	p.After = x.Select(of).Score()
	if x, ok := d.(*govern.Exemption); ok && x.Assignment != "" && p.Checks == 0 && e.over.find(kind, id) < 0 && govern.Holds(d, now.at) {
		p.Warnings = append(p.Warnings, "assignment: no check is exempt by it: what it names judges nothing there, or nothing that is not exempt already, or each check is judged in another way too")
	}
	if d != nil && !govern.Holds(d, now.at) {
		p.Warnings = append(p.Warnings, "expiresOn: "+d.Ends().UTC().Format(time.RFC3339)+" is over; it holds no longer, and changes nothing")
	}
	return p, nil
}

// differences counts the evaluations that two lists of verdicts differ in, as they
// show.
func differences(a, b []index.Verdict) int {
	before := map[uint32]index.Verdict{}
	for _, v := range a {
		before[v.Evaluation] = shown(v)
	}
	same, there := 0, 0
	for _, v := range b {
		if o, ok := before[v.Evaluation]; ok {
			there++
			if o == shown(v) {
				same++
			}
		}
	}
	return len(a) + len(b) - there - same
}

// shown is a verdict without the mark of an exemption that does not show: what does not
// apply is not exempt.
func shown(v index.Verdict) index.Verdict {
	if v.State != posture.Exempt && v.Mark > index.Attested {
		v.Mark = index.NoMark
	}
	return v
}
