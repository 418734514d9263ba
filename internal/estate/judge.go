package estate

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// bodiesAtOnce is how many changed records are held while a unit is judged.
const bodiesAtOnce = 256

// judged is what resources were judged to be. Tuples are of evaluations
// without a number yet: index among the rules.
type judged struct {
	rules  []assess.JudgedRule
	tuples [][]assess.Verdict
	of     map[uint64]int // by key of the resource: index among the tuples
}

// judge judges a unit as it will be, by rules that are wanted; nil is all.
func (e *Estate) judge(ctx context.Context, u *unitChange, by *judging, only func(assess.JudgedRule) bool) (*judged, error) {
	stream := &unitStream{estate: e, change: u}
	o := by.options(u.unit, u.tree, u.at)
	o.Inputs = []assess.Input{{Name: u.unit, Open: func() (io.ReadCloser, error) { return stream.open(ctx), nil }}}
	o.Partial = true // what a read record does not call complete is not
	o.Hierarchy, o.Workers, o.Only = u.scopes, e.options.Workers, only
	j, err := assess.Judge(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("judging %s: %w", u.unit, err)
	}
	for _, p := range j.Result.Problems {
		if !p.Notice {
			return nil, fmt.Errorf("judging %s: a kept record cannot be read: line %d: %s", u.unit, p.Line, p.Reason)
		}
	}
	found := &judged{rules: j.Rules(), tuples: j.Tuples(), of: make(map[uint64]int, len(j.Resources()))}
	for _, r := range j.Resources() {
		if key := stream.keys[r.Line-1]; key != 0 {
			found.of[key] = r.Tuple
		}
	}
	if u.near != nil {
		found.keepMet()
	}
	return found, nil
}

// keepMet leaves out the tuples of resources that were only read.
func (j *judged) keepMet() {
	places, tuples := map[int]int{}, [][]assess.Verdict{}
	for key, at := range j.of {
		place, met := places[at]
		if !met {
			place = len(tuples)
			places[at], tuples = place, append(tuples, j.tuples[at])
		}
		j.of[key] = place
	}
	j.tuples = tuples
}

// unitStream is the inventory of a unit as it will be: its read records, and
// the records of its resources.
type unitStream struct {
	estate *Estate
	change *unitChange

	// keys are of resources by line, from 0: 0 for a read record, and for a resource
	// that is only read to judge others.
	keys []uint64
}

// open gives the stream from its beginning. One is read at a time.
func (s *unitStream) open(ctx context.Context) io.ReadCloser {
	r, w := io.Pipe()
	s.keys = s.keys[:0]
	go func() {
		to := bufio.NewWriterSize(w, 1<<16)
		err := s.write(ctx, to)
		if err == nil {
			err = to.Flush()
		}
		w.CloseWithError(err)
	}()
	return r
}

func (s *unitStream) write(ctx context.Context, to *bufio.Writer) error {
	var line []byte
	for i := range s.change.reads {
		line = append(inventory.AppendRead(line[:0], &s.change.reads[i]), '\n')
		s.keys = append(s.keys, 0)
		if _, err := to.Write(line); err != nil {
			return err
		}
	}
	put := func(key uint64, record []byte) error {
		s.keys = append(s.keys, key)
		if _, err := to.Write(record); err != nil {
			return err
		}
		return to.WriteByte('\n')
	}
	near := s.change.near
	bodies := s.estate.store.UnitBodies(ctx, s.change.head, s.change.unit, s.change.types...)
	if near != nil {
		bodies = s.estate.store.Neighbours(ctx, s.change.head, s.change.unit, near.part())
	}
	for r, err := range bodies {
		if err != nil {
			return err
		}
		if s.change.gone[r.Resource.Number] || s.change.changes[r.Resource.Number] {
			continue
		}
		key := r.Resource.Key
		if near != nil && !near.judges(&r.Resource) {
			key = 0
		}
		if err := put(key, r.Record); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(s.change.found, bodiesAtOnce) {
		numbers := make([]int64, len(some))
		for i := range some {
			numbers[i] = some[i].Body
		}
		bodies, err := s.estate.store.Bodies(ctx, numbers)
		if err != nil {
			return err
		}
		for i := range some {
			if err := put(some[i].Key, bodies[i].Record); err != nil {
				return err
			}
		}
	}
	return nil
}

// readsOf lists the read records that are about a unit: of itself, of what is
// above it, of groups in it.
func readsOf(reads []ledger.Read, t *tree, unit string) []posture.ReadRecord {
	above := t.above(unit)
	var about []posture.ReadRecord
	for i := range reads {
		r := &reads[i].Record
		if slices.Contains(above, posture.Fold(r.Scope)) || posture.Within(r.Scope, unit) {
			about = append(about, *r)
		}
	}
	return about
}
