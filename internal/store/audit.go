package store

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

var auditColumns = []string{"at_ms", "actor", "name", "action", "object", "scope", "commit_number", "address", "detail"}

// Audit adds an entry of the audit log that tells of this commit, if it is made.
func (t *Tx) Audit(_ context.Context, e ledger.AuditEntry) error {
	if err := checkAudit(e); err != nil {
		return err
	}
	t.audit = append(t.audit, e)
	return nil
}

func checkAudit(e ledger.AuditEntry) error {
	object, verb, ok := strings.Cut(e.Action, ".")
	if !ok || object == "" || verb == "" {
		return fmt.Errorf("audit: action %q: want object.verb", e.Action)
	}
	if len(e.Detail) > 0 && (!json.Valid(e.Detail) || e.Detail[0] != '{') {
		return fmt.Errorf("audit %s: detail: want a JSON object", e.Action)
	}
	return nil
}

// logAudit writes the entries of a commit.
func (t *Tx) logAudit(ctx context.Context, c ledger.Commit) error {
	for i := range t.audit {
		e := &t.audit[i]
		e.At, e.Commit = c.At, c.Number
		if e.Actor == "" {
			e.Actor, e.Name = c.Actor, c.Actor
		}
		if e.Object == "" {
			e.Object = c.Object
		}
	}
	return t.at.addAudit(ctx, t.audit)
}

func (s *session) addAudit(ctx context.Context, entries []ledger.AuditEntry) error {
	rows := make([][]any, len(entries))
	for i, e := range entries {
		rows[i] = []any{
			e.At.UnixMilli(), clean(e.Actor), clean(e.Name), clean(e.Action), clean(e.Object), clean(e.Scope), int64(e.Commit), clean(e.From), clean(string(e.Detail)),
		}
	}
	if err := s.insertValues(ctx, "audit", auditColumns, "", rows); err != nil {
		return fmt.Errorf("write the audit log: %w", err)
	}
	return nil
}

// Audit adds an entry of the audit log that tells of no commit: a sign-in, or one
// that failed. It wants the time and the action.
func (s *Store) Audit(ctx context.Context, e ledger.AuditEntry) error {
	return s.beside(ctx, []ledger.AuditEntry{e}, func(*session) error { return nil })
}

// beside writes what is no commit, with entries of the audit log that tell of it.
func (s *Store) beside(ctx context.Context, entries []ledger.AuditEntry, work func(*session) error) error {
	for i := range entries {
		if err := checkAudit(entries[i]); err != nil {
			return err
		}
		if entries[i].Commit = 0; entries[i].At.IsZero() {
			return fmt.Errorf("audit %s: want a time", entries[i].Action)
		}
	}
	return s.inTransaction(ctx, s.puts, nil, func(at *session) error {
		if err := work(at); err != nil {
			return err
		}
		return at.addAudit(ctx, entries)
	})
}

// AuditLog gives the entries that a filter leaves, the newest first. Nothing is
// held open between them.
func (s *Store) AuditLog(ctx context.Context, f ledger.AuditFilter) iter.Seq2[ledger.AuditEntry, error] {
	return func(yield func(ledger.AuditEntry, error) bool) {
		for {
			var page []ledger.AuditEntry
			err := s.reading(ctx, func(at *session) (err error) {
				page, err = at.auditPage(ctx, f)
				return err
			})
			if err != nil {
				yield(ledger.AuditEntry{}, fmt.Errorf("read the audit log: %w", err))
				return
			}
			for _, e := range page {
				if !yield(e, nil) {
					return
				}
			}
			if len(page) < auditRows {
				return
			}
			f.Before = page[len(page)-1].Number
		}
	}
}

// AuditCounts tells how many entries a filter leaves at each scope, whatever page it
// begins at.
func (s *Store) AuditCounts(ctx context.Context, f ledger.AuditFilter) (counts map[string]int, err error) {
	f.Before = 0
	where, args := auditWhere(f)
	counts = map[string]int{}
	err = s.reading(ctx, func(at *session) error {
		return at.each(ctx, "SELECT scope, count(*) FROM audit"+where+" GROUP BY scope", args, func(scan func(...any) error) error {
			var scope string
			var n int
			err := scan(&scope, &n)
			counts[scope] = n
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("count the audit log: %w", err)
	}
	return counts, nil
}

// auditRows is how many entries are read at a time.
const auditRows = 200

func (s *session) auditPage(ctx context.Context, f ledger.AuditFilter) (page []ledger.AuditEntry, err error) {
	where, args := auditWhere(f)
	query := "SELECT number, " + strings.Join(auditColumns, ", ") + " FROM audit" + where + fmt.Sprintf(" ORDER BY number DESC LIMIT %d", auditRows)
	err = s.each(ctx, query, args, func(scan func(...any) error) error {
		var e ledger.AuditEntry
		var ms int64
		var detail string
		if err := scan(&e.Number, &ms, &e.Actor, &e.Name, &e.Action, &e.Object, &e.Scope, &e.Commit, &e.From, &detail); err != nil {
			return err
		}
		if e.At = moment(ms); detail != "" {
			e.Detail = []byte(detail)
		}
		page = append(page, e)
		return nil
	})
	return page, err
}

func auditWhere(f ledger.AuditFilter) (where string, args []any) {
	var parts []string
	and := func(part string, more ...any) {
		parts, args = append(parts, part), append(args, more...)
	}
	if f.Before != 0 {
		and("number < ?", f.Before)
	}
	if f.Actor != "" {
		and("actor = ?", f.Actor)
	}
	if object, all := strings.CutSuffix(f.Action, "."); all {
		and("action >= ? AND action < ?", object+".", object+"/") // the byte after the dot
	} else if f.Action != "" {
		and("action = ?", f.Action)
	}
	if f.Object != "" {
		and("object = ?", f.Object)
	}
	if !f.Since.IsZero() {
		and("at_ms >= ?", f.Since.UnixMilli())
	}
	if !f.Until.IsZero() {
		and("at_ms < ?", f.Until.UnixMilli())
	}
	if len(parts) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(parts, " AND "), args
}
