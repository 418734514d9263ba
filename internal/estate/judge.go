package estate

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/valyala/fastjson"

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
	faults []fault
}

// fault is what of a kept record cannot be read.
type fault struct {
	key    uint64 // of the resource
	id     string // where nothing of it can
	reason string
}

// judge judges a unit as it will be, by rules that are wanted; nil is all.
func (e *Estate) judge(ctx context.Context, u *unitChange, by *judging, only func(assess.JudgedRule) bool) (*judged, error) {
	stream := &unitStream{estate: e, change: u}
	o := by.options(u.unit, u.tree, u.at)
	o.Inputs = []assess.Input{{Name: u.unit, Open: func() (io.ReadCloser, error) { return stream.open(ctx), nil }}}
	o.Partial = true // what a read record does not call complete is not
	o.Hierarchy, o.Workers, o.Only = u.scopes, e.options.Workers, only
	j, err := assess.Judge(ctx, o)
	if err == nil && stream.replace(j) { // what cannot be read makes its own checks unknown, and no others
		j, err = assess.Judge(ctx, o)
	}
	if err != nil {
		return nil, fmt.Errorf("judging %s: %w", u.unit, err)
	}
	found := &judged{rules: j.Rules(), tuples: j.Tuples(), of: make(map[uint64]int, len(j.Resources())), faults: stream.faults()}
	for _, r := range j.Resources() {
		if key := stream.keys[r.Line-1]; key != 0 {
			found.of[key] = r.Tuple
		}
	}
	for _, p := range j.Result.Problems {
		if key := stream.keyAt(p.Line); p.Kept && key != 0 {
			found.faults = append(found.faults, fault{key: key, reason: p.Reason})
		}
	}
	if u.near != nil {
		found.keepMet()
	}
	return found, nil
}

// replace finds the records that could not be read, so that the stream has in place
// of each what is known of its resource beside its body; false if all could.
func (s *unitStream) replace(j *assess.Judgement) bool {
	read := make(map[uint64]bool, len(s.keys))
	for _, r := range j.Resources() {
		read[s.keys[r.Line-1]] = true
	}
	for _, key := range s.keys {
		if key != 0 && !read[key] {
			if s.lost == nil {
				s.lost = map[uint64]*fault{}
			}
			s.lost[key] = &fault{key: key, reason: "it is no resource"}
		}
	}
	for _, p := range j.Result.Problems {
		if f := s.lost[s.keyAt(p.Line)]; f != nil && !p.Kept && !p.Notice {
			f.reason = p.Reason
		}
	}
	return len(s.lost) > 0
}

// faults are the records that the stream does not have as they are kept.
func (s *unitStream) faults() (all []fault) {
	for _, key := range slices.Sorted(maps.Keys(s.lost)) {
		all = append(all, *s.lost[key])
	}
	return all
}

// keyAt gives the key of a line of the stream, 0 for none.
func (s *unitStream) keyAt(line int) uint64 {
	if line < 1 || line > len(s.keys) {
		return 0
	}
	return s.keys[line-1]
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
	lost map[uint64]*fault // by key: records that cannot be read
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
	line, listed := appendListed(line[:0], s.change.reads, s.change.unit)
	s.keys = append(s.keys, make([]uint64, listed)...)
	if _, err := to.Write(line); err != nil {
		return err
	}
	put := func(key uint64, r *ledger.Resource, record []byte) error {
		if f := s.lost[r.Key]; f != nil {
			f.id, record = r.ID, unreadRecord(r)
		}
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
		if err := put(key, &r.Resource, r.Record); err != nil {
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
			if err := put(some[i].Key, &some[i].Resource, bodies[i].Record); err != nil {
				return err
			}
		}
	}
	return nil
}

// unreadRecord is a record of a resource of whose body nothing could be read.
func unreadRecord(r *ledger.Resource) []byte {
	return inventory.AppendRecord(nil, &inventory.Resource{
		ID: r.ID, Type: r.Type, Name: r.Name, Cloud: r.Cloud, Unit: r.Unit, Group: r.Group, Location: r.Region,
		Broken: []string{""}, Body: fastjson.MustParse("{}"),
	})
}

// readsOf lists the read records that are about a unit: of itself, of what is
// above it, of groups in it.
func readsOf(reads []ledger.Read, t *tree, unit string) []posture.ReadRecord {
	above := t.above(unit)
	var about []posture.ReadRecord
	for i := range reads {
		r := &reads[i].Record
		if slices.Contains(above, posture.Fold(r.Scope)) || liesIn(r.Scope, unit) {
			about = append(about, *r)
		}
	}
	return about
}
