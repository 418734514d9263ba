package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/ledger"
)

var scoreRows = &intervals{table: "unit_score", key: []string{"unit"}, value: []string{"counts"}}

// SetUnitScores says what units count from this commit on; their intervals do
// not count, and neither does the order of their controls. A unit without
// controls and weight has no score.
func (t *Tx) SetUnitScores(ctx context.Context, scores []ledger.UnitScore) error {
	units := make([]string, len(scores))
	for i := range scores {
		units[i] = scores[i].Unit
	}
	unitOf, err := t.numbers(ctx, t.store.scopes, units)
	if err != nil {
		return fmt.Errorf("set scores: %w", err)
	}
	changes := make([]change, len(scores))
	for i := range scores {
		changes[i] = change{key: []any{unitOf(scores[i].Unit)}}
		if len(scores[i].Controls) > 0 || scores[i].Weight > 0 {
			changes[i].value = []any{encodeCounts(&scores[i])}
		}
	}
	return t.set(ctx, scoreRows, changes)
}

// encodeCounts writes the weight and then the counts by control: the control's
// name after its length, then the three counts.
func encodeCounts(score *ledger.UnitScore) []byte {
	data := binary.AppendUvarint(nil, uint64(score.Weight))
	for _, c := range slices.SortedFunc(slices.Values(score.Controls), func(a, b ledger.ControlCount) int { return cmp.Compare(a.Control, b.Control) }) {
		data = binary.AppendUvarint(data, uint64(len(c.Control)))
		data = append(data, c.Control...)
		for _, n := range []uint32{c.Healthy, c.Unhealthy, c.Unknown} {
			data = binary.AppendUvarint(data, uint64(n))
		}
	}
	return data
}

func decodeCounts(data []byte, score *ledger.UnitScore) error {
	from := bytes.NewReader(data)
	weight, err := binary.ReadUvarint(from)
	if err != nil {
		return fmt.Errorf("weight of a score: %w", err)
	}
	score.Weight = uint32(weight)
	for from.Len() > 0 {
		n, err := binary.ReadUvarint(from)
		if err != nil || n > uint64(from.Len()) {
			return fmt.Errorf("counts of a score: %w", cmp.Or(err, io.ErrUnexpectedEOF))
		}
		name := make([]byte, n)
		_, _ = io.ReadFull(from, name) // it is there
		c := ledger.ControlCount{Control: string(name)}
		for _, place := range []*uint32{&c.Healthy, &c.Unhealthy, &c.Unknown} {
			count, err := binary.ReadUvarint(from)
			if err != nil {
				return fmt.Errorf("counts of a score: %w", err)
			}
			*place = uint32(count)
		}
		score.Controls = append(score.Controls, c)
	}
	return nil
}

// UnitScores gives the scores as of commit n, in no order.
func (s *Store) UnitScores(ctx context.Context, n ledger.Number) (scores []ledger.UnitScore, err error) {
	err = s.view(ctx, n, func(at *session) error {
		scores, err = s.readScores(ctx, at, "since <= ? AND until > ?", int64(n), int64(n))
		return err
	})
	return scores, err
}

// ScoreHistory gives the scores that a unit had at a commit after from, up to
// and with to, in order; the first may have begun before.
func (s *Store) ScoreHistory(ctx context.Context, unit string, from, to ledger.Number) (scores []ledger.UnitScore, err error) {
	err = s.view(ctx, from, func(at *session) error {
		number, err := s.scopes.known(ctx, at, []string{unit})
		if err != nil || number[unit] == 0 {
			return err
		}
		scores, err = s.readScores(ctx, at, "unit = ? AND since <= ? AND until > ?", number[unit], int64(to), int64(from+1))
		return err
	})
	return scores, err
}

// ScoresChanged gives the rows of scores that began or ended at a commit after from,
// up to and with to, by unit and in order.
func (s *Store) ScoresChanged(ctx context.Context, from, to ledger.Number) (scores []ledger.UnitScore, err error) {
	err = s.view(ctx, from, func(at *session) error {
		scores, err = s.readScores(ctx, at, changedBetween, int64(from), int64(to), int64(from), int64(to))
		return err
	})
	return scores, err
}

// changedBetween is the condition that a row began or ended in a range of commits.
// The number is told literally, as the index covers only rows that have ended.
const changedBetween = "(since > ? AND since <= ? OR until > ? AND until <= ? AND until < 4611686018427387904)"

func (s *Store) readScores(ctx context.Context, at *session, which string, args ...any) ([]ledger.UnitScore, error) {
	var scores []ledger.UnitScore
	var units []int64
	words := map[int64]bool{}
	err := at.each(ctx, "SELECT unit, since, until, counts FROM unit_score WHERE "+which+" ORDER BY unit, since", args, func(scan func(...any) error) error {
		var u ledger.UnitScore
		var unit int64
		var data []byte
		if err := scan(&unit, &u.Since, &u.Until, &data); err != nil {
			return err
		}
		err := decodeCounts(data, &u)
		scores, units = append(scores, u), append(units, unit)
		words[unit] = true
		return err
	})
	if err == nil {
		err = s.scopes.spell(ctx, at, words)
	}
	if err != nil {
		return nil, fmt.Errorf("read scores: %w", err)
	}
	for i := range scores {
		scores[i].Unit = s.scopes.name(units[i])
	}
	return scores, nil
}

// AddEffects tells what this commit does to scores; the effects' Commit does not
// count.
func (t *Tx) AddEffects(ctx context.Context, effects []ledger.Effect) error {
	if len(effects) == 0 {
		return nil
	}
	units := make([]string, len(effects))
	for i := range effects {
		units[i] = effects[i].Unit
	}
	unitOf, err := t.numbers(ctx, t.store.scopes, units)
	if err != nil {
		return fmt.Errorf("add effects: %w", err)
	}
	rows := make([][]any, len(effects))
	for i, e := range effects {
		rows[i] = []any{int64(t.number), int64(t.effects + i), unitOf(e.Unit), e.Cause.String(), clean(e.Object), e.Points, int64(e.Weight)}
	}
	t.effects += len(effects)
	t.wrote = true
	return t.at.insert(ctx, "effect", []string{"number", "place", "unit", "cause", "object", "points", "weight"}, rows)
}

// Effects gives the effects of the commits after from, up to and with to, in the
// order in which they were added.
func (s *Store) Effects(ctx context.Context, from, to ledger.Number) (effects []ledger.Effect, err error) {
	err = s.view(ctx, from, func(at *session) error {
		effects, err = s.readEffects(ctx, at, from, to)
		return err
	})
	return effects, err
}

func (s *Store) readEffects(ctx context.Context, at *session, from, to ledger.Number) ([]ledger.Effect, error) {
	var effects []ledger.Effect
	var units []int64
	words := map[int64]bool{}
	const query = "SELECT number, unit, cause, object, points, weight FROM effect WHERE number > ? AND number <= ? ORDER BY number, place"
	err := at.each(ctx, query, []any{int64(from), int64(to)}, func(scan func(...any) error) error {
		var e ledger.Effect
		var unit, weight int64
		var cause string
		if err := scan(&e.Commit, &unit, &cause, &e.Object, &e.Points, &weight); err != nil {
			return err
		}
		var err error
		e.Weight = int(weight)
		e.Cause, err = ledger.ParseCauseKind(cause)
		effects, units = append(effects, e), append(units, unit)
		words[unit] = true
		return err
	})
	if err == nil {
		err = s.scopes.spell(ctx, at, words)
	}
	if err != nil {
		return nil, fmt.Errorf("read effects: %w", err)
	}
	for i := range effects {
		effects[i].Unit = s.scopes.name(units[i])
	}
	return effects, nil
}
