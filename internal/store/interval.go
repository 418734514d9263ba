package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

// intervals is a table whose rows hold for an interval of commits. Of one key at
// most one row holds at a commit.
type intervals struct {
	table string
	key   []string // one column or two
	value []string // another value is another row
	aside []string // kept beside the value; a change of it is no commit
}

// change is what a key's row shall be from this commit on. Cells are int64,
// string or []byte.
type change struct {
	key   []any
	value []any // nil: no row
	aside []any
}

// place is a key that can be compared.
type place [2]any

func placeOf(key []any) place {
	var p place
	copy(p[:], key)
	return p
}

// holding is a row of the table.
type holding struct {
	since, until ledger.Number
	value, aside []any
}

// steps are the changes of rows that come of some changes.
type steps struct {
	undone   [][]any // keys whose row began in this commit and is another now
	ended    [][]any // keys whose row ends
	reopened [][]any // keys whose row ended in this commit and holds again
	begun    [][]any // new rows
	aside    []change
}

// set makes the changes. A change to what holds already writes nothing; of two
// changes of one key the later counts.
func (t *Tx) set(ctx context.Context, in *intervals, changes []change) error {
	for some := range slices.Chunk(changes, inBatch/len(in.key)/len(in.key)) {
		if err := t.setSome(ctx, in, some); err != nil {
			return fmt.Errorf("change %s: %w", in.table, err)
		}
	}
	return nil
}

func (t *Tx) setSome(ctx context.Context, in *intervals, changes []change) error {
	wanted := make(map[place]change, len(changes))
	keys := make([][]any, 0, len(changes))
	for _, c := range changes {
		p := placeOf(c.key)
		if _, seen := wanted[p]; !seen {
			keys = append(keys, c.key)
		}
		wanted[p] = c
	}
	holds, ended, err := t.holdings(ctx, in, keys)
	if err != nil {
		return err
	}
	return t.take(ctx, in, t.plan(wanted, keys, holds, ended))
}

// holdings reads the rows of keys that hold, and those that this commit ended.
func (t *Tx) holdings(ctx context.Context, in *intervals, keys [][]any) (holds, ended map[place]holding, err error) {
	holds, ended = make(map[place]holding, len(keys)), map[place]holding{}
	where, args := in.where(keys)
	columns := slices.Concat(in.key, []string{"since", "until"}, in.value, in.aside)
	query := "SELECT " + strings.Join(columns, ", ") + " FROM " + in.table + " WHERE until >= ? AND " + where
	err = t.at.each(ctx, query, append([]any{int64(t.number)}, args...), func(scan func(...any) error) error {
		cells, err := scanCells(scan, len(columns))
		if err != nil {
			return err
		}
		k, v := len(in.key), len(in.key)+2+len(in.value)
		h := holding{ledger.Number(cells[k].(int64)), ledger.Number(cells[k+1].(int64)), cells[k+2 : v], cells[v:]}
		if p := placeOf(cells[:k]); h.until == ledger.Open {
			holds[p] = h
		} else {
			ended[p] = h
		}
		return nil
	})
	return holds, ended, err
}

// scanCells reads a row of n columns.
func scanCells(scan func(...any) error, n int) ([]any, error) {
	cells, places := make([]any, n), make([]any, n)
	for i := range cells {
		places[i] = &cells[i]
	}
	return cells, scan(places...)
}

func (t *Tx) plan(wanted map[place]change, keys [][]any, holds, ended map[place]holding) steps {
	var s steps
	for _, key := range keys {
		p := placeOf(key)
		c := wanted[p]
		now, held := holds[p]
		if held && c.value != nil && same(now.value, c.value) {
			if !same(now.aside, c.aside) {
				s.aside = append(s.aside, c)
			}
			continue
		}
		before, endedNow := ended[p]
		if held && now.since == t.number {
			s.undone = append(s.undone, key)
		} else if held {
			s.ended = append(s.ended, key)
			before, endedNow = now, true
		}
		switch {
		case c.value == nil:
		case endedNow && same(before.value, c.value):
			s.reopened = append(s.reopened, key)
			s.aside = append(s.aside, c)
		default:
			s.begun = append(s.begun, slices.Concat(key, []any{int64(t.number), int64(ledger.Open)}, c.value, c.aside))
		}
	}
	return s
}

// take changes the rows.
func (t *Tx) take(ctx context.Context, in *intervals, s steps) error {
	if err := t.forKeys(ctx, in, "DELETE FROM "+in.table+" WHERE since = ? AND ", []any{int64(t.number)}, s.undone); err != nil {
		return err
	}
	update := "UPDATE " + in.table + " SET until = ? WHERE until = ? AND "
	if err := t.forKeys(ctx, in, update, []any{int64(t.number), int64(ledger.Open)}, s.ended); err != nil {
		return err
	}
	if err := t.forKeys(ctx, in, update, []any{int64(ledger.Open), int64(t.number)}, s.reopened); err != nil {
		return err
	}
	if len(s.ended) > 0 {
		t.store.fail("set ended")
	}
	if len(s.begun) > 0 {
		columns := slices.Concat(in.key, []string{"since", "until"}, in.value, in.aside)
		if err := t.at.insert(ctx, in.table, columns, s.begun); err != nil {
			return err
		}
		t.wrote = true
		t.store.fail("set begun")
	}
	return t.setAside(ctx, in, s.aside)
}

func (t *Tx) forKeys(ctx context.Context, in *intervals, statement string, before []any, keys [][]any) error {
	if len(keys) == 0 {
		return nil
	}
	t.wrote = true
	where, args := in.where(keys)
	_, err := t.at.exec(ctx, statement+where, append(before, args...)...)
	return err
}

// setAside writes what stands beside values that stay.
func (t *Tx) setAside(ctx context.Context, in *intervals, changes []change) error {
	if len(in.aside) == 0 {
		return nil
	}
	statement := "UPDATE " + in.table + " SET " + strings.Join(in.aside, " = ?, ") + " = ? WHERE until = ? AND "
	for _, c := range changes {
		where, args := in.where([][]any{c.key})
		if _, err := t.at.exec(ctx, statement+where, slices.Concat(c.aside, []any{int64(ledger.Open)}, args)...); err != nil {
			return err
		}
	}
	return nil
}

// where is the condition that a row has one of the keys.
func (in *intervals) where(keys [][]any) (condition string, args []any) {
	args = make([]any, 0, len(keys)*len(in.key))
	for _, k := range keys {
		args = append(args, k...)
	}
	if len(in.key) == 1 {
		return in.key[0] + " IN " + list(len(keys)), args
	}
	one := "(" + strings.Join(in.key, " = ? AND ") + " = ?)"
	return "(" + one + strings.Repeat(" OR "+one, len(keys)-1) + ")", args
}

// same compares cells.
func same(a, b []any) bool {
	return slices.EqualFunc(a, b, func(x, y any) bool {
		bytesOfX, isBytes := x.([]byte)
		if !isBytes {
			return x == y
		}
		bytesOfY, isBytes := y.([]byte)
		return isBytes && bytes.Equal(bytesOfX, bytesOfY)
	})
}
