package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

var lossRows = &intervals{
	table: "loss", key: []string{"scope", "type"},
	value: []string{"total", "places"},
	aside: []string{"at_ms"},
}

// SetLosses says what of inventories could not be read. When only the time is another,
// that is written, and it makes no commit.
func (t *Tx) SetLosses(ctx context.Context, losses []ledger.Loss) error {
	changes, err := t.lossChanges(ctx, losses)
	if err != nil {
		return fmt.Errorf("set losses: %w", err)
	}
	for i := range losses {
		l := &losses[i]
		places, err := json.Marshal(l.Places)
		if err != nil {
			return fmt.Errorf("set losses: %w", err)
		}
		changes[i].value, changes[i].aside = []any{int64(l.Total), string(places)}, []any{milliseconds(l.At)}
	}
	return t.set(ctx, lossRows, changes)
}

// RemoveLosses says that what was lost is no longer so; of each loss Scope and Type count.
func (t *Tx) RemoveLosses(ctx context.Context, losses []ledger.Loss) error {
	changes, err := t.lossChanges(ctx, losses)
	if err != nil {
		return fmt.Errorf("remove losses: %w", err)
	}
	return t.set(ctx, lossRows, changes)
}

// lossChanges has the keys of losses.
func (t *Tx) lossChanges(ctx context.Context, losses []ledger.Loss) ([]change, error) {
	var scopes, types []string
	for i := range losses {
		scopes, types = append(scopes, losses[i].Scope), append(types, losses[i].Type)
	}
	scopeOf, err := t.numbers(ctx, t.store.scopes, scopes)
	if err != nil {
		return nil, err
	}
	typeOf, err := t.numbers(ctx, t.store.types, types)
	if err != nil {
		return nil, err
	}
	changes := make([]change, len(losses))
	for i := range losses {
		changes[i].key = []any{scopeOf(losses[i].Scope), typeOf(losses[i].Type)}
	}
	return changes, nil
}

// Losses gives what of inventories could not be read, as of commit n. The time is that
// of the last read by now for as long as the row holds.
func (s *Store) Losses(ctx context.Context, n ledger.Number) (losses []ledger.Loss, err error) {
	err = s.view(ctx, n, func(at *session) error {
		losses, err = s.readLosses(ctx, at, "since <= ? AND until > ?", int64(n), int64(n))
		return err
	})
	return losses, err
}

// lossRow is a loss with words by number.
type lossRow struct {
	ledger.Loss
	scope, kind, at int64
	places          string
}

func (s *Store) readLosses(ctx context.Context, at *session, which string, args ...any) ([]ledger.Loss, error) {
	var rows []lossRow
	types, scopes := map[int64]bool{}, map[int64]bool{}
	query := "SELECT scope, type, since, until, total, places, at_ms FROM loss WHERE " + which + " ORDER BY scope, type, since"
	err := at.each(ctx, query, args, func(scan func(...any) error) error {
		var r lossRow
		err := scan(&r.scope, &r.kind, &r.Since, &r.Until, &r.Total, &r.places, &r.at)
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
		return nil, fmt.Errorf("read losses: %w", err)
	}
	losses := make([]ledger.Loss, len(rows))
	for i, r := range rows {
		r.Scope, r.Type, r.At = s.scopes.name(r.scope), s.types.name(r.kind), moment(r.at)
		if err := json.Unmarshal([]byte(r.places), &r.Places); err != nil {
			return nil, fmt.Errorf("loss of %s in %s: %w", r.Type, r.Scope, err)
		}
		losses[i] = r.Loss
	}
	return losses, nil
}
