package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// numbered are the evaluations that are committed, by what makes them: they are
// never removed.
type numbered struct {
	mu   sync.Mutex
	by   map[ledger.Evaluation]uint32 // under number 0
	last uint32
}

// Evaluations gives evaluations their numbers, in place; new ones get one, in
// the order given.
func (t *Tx) Evaluations(ctx context.Context, evaluations []ledger.Evaluation) error {
	known := &t.store.evaluations
	known.mu.Lock()
	defer known.mu.Unlock()
	if t.evaluations == nil {
		if err := known.update(ctx, t.at); err != nil {
			return err
		}
		t.evaluations = map[ledger.Evaluation]uint32{}
	}
	var rows [][]any
	for i := range evaluations {
		e := &evaluations[i]
		key := unnumbered(*e)
		number := max(known.by[key], t.evaluations[key])
		if number == 0 {
			if err := errors.Join(checkKey("rule", e.Rule), checkKey("parameters", e.Parameters)); err != nil {
				return fmt.Errorf("number evaluations: %w", err)
			}
			number = known.last + uint32(len(t.evaluations)) + 1
			t.evaluations[key] = number
			rows = append(rows, []any{int64(number), e.Rule, e.Parameters, e.Definition[:]})
		}
		e.Number = number
	}
	if len(rows) == 0 {
		return nil
	}
	return t.at.insert(ctx, "evaluation", []string{"number", "rule", "parameters", "definition"}, rows)
}

// update learns the evaluations that were added since. Its session has the turn
// to write and has added none itself, so that all it sees are committed.
func (n *numbered) update(ctx context.Context, at *session) error {
	added, err := at.evaluations(ctx, n.last)
	if err != nil {
		return err
	}
	for _, e := range added {
		n.by[unnumbered(e)], n.last = e.Number, e.Number
	}
	return nil
}

func unnumbered(e ledger.Evaluation) ledger.Evaluation {
	e.Number = 0
	return e
}

// Evaluations gives all evaluations that were ever numbered, by number from 1.
func (s *Store) Evaluations(ctx context.Context) (all []ledger.Evaluation, err error) {
	err = s.reading(ctx, func(at *session) error {
		all, err = at.evaluations(ctx, 0)
		return err
	})
	return all, err
}

func (s *session) evaluations(ctx context.Context, after uint32) (all []ledger.Evaluation, err error) {
	err = s.each(ctx, "SELECT number, rule, parameters, definition FROM evaluation WHERE number > ? ORDER BY number", []any{int64(after)}, func(scan func(...any) error) error {
		var e ledger.Evaluation
		var hash []byte
		if err := scan(&e.Number, &e.Rule, &e.Parameters, &hash); err != nil {
			return err
		}
		copy(e.Definition[:], hash)
		all = append(all, e)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read evaluations: %w", err)
	}
	return all, nil
}

// Tuples gives the numbers of tuples of verdicts, in the order given; the order
// of the verdicts within one does not matter. New tuples get a number.
func (t *Tx) Tuples(ctx context.Context, tuples [][]ledger.Verdict) ([]int64, error) {
	contents := make([]content, len(tuples))
	for i, verdicts := range tuples {
		data, err := encodeTuple(verdicts)
		if err != nil {
			return nil, err
		}
		contents[i] = content{hash: ledger.HashOf(data), cells: []any{data}}
	}
	return t.at.findOrAdd(ctx, tupleContents, contents)
}

var tupleContents = &contents{table: "tuple", columns: []string{"verdicts"}}

// encodeTuple writes verdicts in the order of their evaluations: the distance to
// the evaluation before, then state and reason in a byte.
func encodeTuple(verdicts []ledger.Verdict) ([]byte, error) {
	sorted := slices.SortedFunc(slices.Values(verdicts), func(a, b ledger.Verdict) int { return cmp.Compare(a.Evaluation, b.Evaluation) })
	data := make([]byte, 0, 2*len(sorted))
	last := uint32(0)
	for _, v := range sorted {
		switch {
		case v.Evaluation <= last:
			return nil, fmt.Errorf("tuple of verdicts: evaluation %d twice, or 0", v.Evaluation)
		case v.State == 0 || v.State > posture.NotApplicable || v.Reason > posture.NotEvaluable:
			return nil, fmt.Errorf("tuple of verdicts: evaluation %d has state %d and reason %d", v.Evaluation, uint8(v.State), uint8(v.Reason))
		}
		data = binary.AppendUvarint(data, uint64(v.Evaluation-last))
		data = append(data, byte(v.Reason)<<4|byte(v.State))
		last = v.Evaluation
	}
	return data, nil
}

func decodeTuple(data []byte) ([]ledger.Verdict, error) {
	verdicts := make([]ledger.Verdict, 0, len(data)/2)
	from := bytes.NewReader(data)
	for last := uint64(0); from.Len() > 0; {
		step, err := binary.ReadUvarint(from)
		if err != nil {
			return nil, err
		}
		word, err := from.ReadByte()
		if err != nil {
			return nil, err
		}
		last += step
		verdicts = append(verdicts, ledger.Verdict{Evaluation: uint32(last), State: posture.State(word & 15), Reason: posture.Reason(word >> 4)})
	}
	return verdicts, nil
}

// Tuples gives the tuples of verdicts after a number, by number. Which of them
// are there does not depend on a commit.
func (s *Store) Tuples(ctx context.Context, after int64) iter.Seq2[ledger.Tuple, error] {
	return func(yield func(ledger.Tuple, error) bool) {
		for {
			var page []ledger.Tuple
			err := s.reading(ctx, func(at *session) (err error) {
				page, err = at.tuples(ctx, "WHERE number > ? ORDER BY number LIMIT ?", after, pageRows)
				return err
			})
			if err != nil {
				yield(ledger.Tuple{}, err)
				return
			}
			for _, t := range page {
				if !yield(t, nil) {
					return
				}
				after = t.Number
			}
			if len(page) < pageRows {
				return
			}
		}
	}
}

// TuplesOf gives the tuples with these numbers, in no order.
func (s *Store) TuplesOf(ctx context.Context, numbers []int64) (found []ledger.Tuple, err error) {
	err = s.reading(ctx, func(at *session) error {
		for some := range slices.Chunk(numbers, inBatch) {
			args := make([]any, len(some))
			for i, n := range some {
				args[i] = n
			}
			page, err := at.tuples(ctx, "WHERE number IN "+list(len(some)), args...)
			if err != nil {
				return err
			}
			found = append(found, page...)
		}
		return nil
	})
	return found, err
}

func (s *session) tuples(ctx context.Context, which string, args ...any) ([]ledger.Tuple, error) {
	var page []ledger.Tuple
	err := s.each(ctx, "SELECT number, verdicts FROM tuple "+which, args, func(scan func(...any) error) error {
		var t ledger.Tuple
		var data []byte
		if err := scan(&t.Number, &data); err != nil {
			return err
		}
		var err error
		if t.Verdicts, err = decodeTuple(data); err != nil {
			return fmt.Errorf("tuple %d: %w", t.Number, err)
		}
		page = append(page, t)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read tuples of verdicts: %w", err)
	}
	return page, nil
}

// SetVerdicts says how resources are judged from this commit on: of each,
// Resource and Tuple count. Tuple 0 is no verdicts at all.
func (t *Tx) SetVerdicts(ctx context.Context, judged []ledger.Judged) error {
	changes := make([]change, len(judged))
	var resources, tuples []int64
	for i, j := range judged {
		changes[i] = change{key: []any{int64(j.Resource)}}
		if j.Tuple != 0 {
			changes[i].value = []any{j.Tuple}
			resources, tuples = append(resources, int64(j.Resource)), append(tuples, j.Tuple)
		}
	}
	for table, numbers := range map[string][]int64{"resource": resources, "tuple": tuples} {
		if err := t.exist(ctx, table, numbers); err != nil {
			return fmt.Errorf("set verdicts: %w", err)
		}
	}
	return t.set(ctx, judgedRows, changes)
}

// Judged gives how resources were judged as of commit n, by resource.
func (s *Store) Judged(ctx context.Context, n ledger.Number) iter.Seq2[ledger.Judged, error] {
	const query = "SELECT resource, since, until, tuple FROM judged WHERE resource > ? AND +since <= ? AND +until > ? ORDER BY resource LIMIT ?"
	return pages(ctx, s, n, func(at *session, last *ledger.Judged) ([]ledger.Judged, error) {
		var after uint32
		if last != nil {
			after = last.Resource
		}
		return at.judged(ctx, query, int64(after), int64(n), int64(n), pageRows)
	})
}

func (s *session) judged(ctx context.Context, query string, args ...any) ([]ledger.Judged, error) {
	var rows []ledger.Judged
	err := s.each(ctx, query, args, func(scan func(...any) error) error {
		var j ledger.Judged
		err := scan(&j.Resource, &j.Since, &j.Until, &j.Tuple)
		rows = append(rows, j)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read verdicts: %w", err)
	}
	return rows, nil
}
