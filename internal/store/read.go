package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

var readRows = &intervals{
	table: "read_record", key: []string{"scope", "type"},
	value: []string{"complete", "gaps", "stale", "stale_since_ms", "missed"},
	aside: []string{"started_ms"},
}

// SetReads says how far types were read in units. When only the time of the read
// is another, that is written, and it makes no commit.
func (t *Tx) SetReads(ctx context.Context, reads []ledger.Read) error {
	var scopes, types []string
	for i := range reads {
		scopes, types = append(scopes, reads[i].Record.Scope), append(types, reads[i].Record.Type)
	}
	scopeOf, err := t.numbers(ctx, t.store.scopes, scopes)
	if err != nil {
		return fmt.Errorf("set reads: %w", err)
	}
	typeOf, err := t.numbers(ctx, t.store.types, types)
	if err != nil {
		return fmt.Errorf("set reads: %w", err)
	}
	changes := make([]change, len(reads))
	for i := range reads {
		r := &reads[i].Record
		gaps, err := encodeGaps(r.Gaps)
		if err != nil {
			return fmt.Errorf("set reads: %w", err)
		}
		changes[i] = change{
			key:   []any{scopeOf(r.Scope), typeOf(r.Type)},
			value: []any{bit(r.Complete), gaps, int64(reads[i].Stale), milliseconds(reads[i].StaleSince), reads[i].Missed.String()},
			aside: []any{milliseconds(r.StartedAt)},
		}
	}
	return t.set(ctx, readRows, changes)
}

// RemoveReads says that nothing is known any more of how far types were read; of
// each read, Record's Scope and Type count.
func (t *Tx) RemoveReads(ctx context.Context, reads []ledger.Read) error {
	changes := make([]change, len(reads))
	for i := range reads {
		scope, err := t.numbers(ctx, t.store.scopes, []string{reads[i].Record.Scope})
		if err != nil {
			return fmt.Errorf("remove reads: %w", err)
		}
		kind, err := t.numbers(ctx, t.store.types, []string{reads[i].Record.Type})
		if err != nil {
			return fmt.Errorf("remove reads: %w", err)
		}
		changes[i] = change{key: []any{scope(reads[i].Record.Scope), kind(reads[i].Record.Type)}}
	}
	return t.set(ctx, readRows, changes)
}

// Reads gives how far types were read in units as of commit n. The time of a read is
// that of the last one by now for as long as the row holds; see [ledger.Read.Renewed].
func (s *Store) Reads(ctx context.Context, n ledger.Number) (reads []ledger.Read, err error) {
	err = s.view(ctx, n, func(at *session) error {
		reads, err = s.readReads(ctx, at, "since <= ? AND until > ?", int64(n), int64(n))
		return err
	})
	return reads, err
}

// ReadsOf gives those of some scopes as of commit n.
func (s *Store) ReadsOf(ctx context.Context, n ledger.Number, scopes []string) (reads []ledger.Read, err error) {
	err = s.view(ctx, n, func(at *session) error {
		known, err := s.scopes.known(ctx, at, scopes)
		if err != nil {
			return err
		}
		for some := range slices.Chunk(slices.Sorted(maps.Values(known)), inBatch) {
			args := []any{int64(n), int64(n)}
			for _, number := range some {
				args = append(args, number)
			}
			found, err := s.readReads(ctx, at, "since <= ? AND until > ? AND scope IN "+list(len(some)), args...)
			if err != nil {
				return err
			}
			reads = append(reads, found...)
		}
		return nil
	})
	return reads, err
}

// readRow is a read with words by number.
type readRow struct {
	ledger.Read
	scope, kind, complete, stale, staleSince, started, begun int64
	gaps, missed                                             string
}

func (s *Store) readReads(ctx context.Context, at *session, which string, args ...any) ([]ledger.Read, error) {
	var rows []readRow
	types, scopes := map[int64]bool{}, map[int64]bool{}
	query := "SELECT scope, type, since, until, complete, gaps, stale, stale_since_ms, missed, started_ms, COALESCE(at_ms, 0)" +
		" FROM read_record LEFT JOIN commit_log ON number = since WHERE " + which + " ORDER BY scope, type, since"
	err := at.each(ctx, query, args, func(scan func(...any) error) error {
		var r readRow
		err := scan(&r.scope, &r.kind, &r.Since, &r.Until, &r.complete, &r.gaps, &r.stale, &r.staleSince, &r.missed, &r.started, &r.begun)
		rows = append(rows, r)
		types[r.kind], scopes[r.scope] = true, true
		return err
	})
	if err == nil {
		err = s.types.spell(ctx, at, types)
	}
	if err == nil {
		err = s.scopes.spell(ctx, at, scopes)
	}
	if err != nil {
		return nil, fmt.Errorf("read records of reads: %w", err)
	}
	reads := make([]ledger.Read, len(rows))
	for i, r := range rows {
		r.Record = posture.ReadRecord{Scope: s.scopes.name(r.scope), Type: s.types.name(r.kind), Complete: r.complete != 0, StartedAt: moment(r.started)}
		r.Stale, r.StaleSince, r.Begun = posture.Reason(r.stale), moment(r.staleSince), moment(r.begun)
		if r.Record.Gaps, err = decodeGaps(r.gaps); err == nil {
			r.Missed, err = ledger.ParseNumbers(r.missed)
		}
		if err != nil {
			return nil, fmt.Errorf("read of %s in %s: %w", r.Record.Type, r.Record.Scope, err)
		}
		reads[i] = r.Read
	}
	return reads, nil
}

// gap is a gap as it is kept.
type gap struct {
	Reason uint8  `json:"reason"`
	Type   string `json:"type,omitempty"`
	ID     string `json:"id,omitempty"`
	Path   string `json:"path,omitempty"`
	Action string `json:"action,omitempty"`
	Body   bool   `json:"body,omitempty"`
}

func encodeGaps(gaps []posture.Gap) (string, error) {
	if len(gaps) == 0 {
		return "", nil
	}
	kept := make([]gap, len(gaps))
	for i, g := range gaps {
		kept[i] = gap{uint8(g.Reason), g.Type, g.ID, g.Path, g.Action, g.Body}
	}
	text, err := json.Marshal(kept)
	return string(text), err
}

func decodeGaps(text string) ([]posture.Gap, error) {
	if text == "" {
		return nil, nil
	}
	var kept []gap
	if err := json.Unmarshal([]byte(text), &kept); err != nil {
		return nil, fmt.Errorf("gaps: %w", err)
	}
	gaps := make([]posture.Gap, len(kept))
	for i, g := range kept {
		gaps[i] = posture.Gap{Reason: posture.Reason(g.Reason), Type: g.Type, ID: g.ID, Path: g.Path, Action: g.Action, Body: g.Body}
	}
	return gaps, nil
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// milliseconds is a time as it is kept, 0 for none.
func milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
