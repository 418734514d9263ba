package index

import (
	"github.com/RoaringBitmap/roaring/v2"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// byWord are sets of resources by a number; what has none is empty.
type byWord []*roaring.Bitmap

var empty = roaring.New()

func (b byWord) at(n uint32) *roaring.Bitmap {
	if int(n) >= len(b) || b[n] == nil {
		return empty
	}
	return b[n]
}

func (b *byWord) add(n, resource uint32) {
	for int(n) >= len(*b) {
		*b = append(*b, nil)
	}
	if (*b)[n] == nil {
		(*b)[n] = roaring.New()
	}
	(*b)[n].Add(resource)
}

func (b byWord) remove(n, resource uint32) { b[n].Remove(resource) }

// statesEach is how many numbers a thing with a set for each state takes.
const statesEach = 8

// sets are the resources that are there, and those of them that have something.
type sets struct {
	here                           *roaring.Bitmap
	clouds, units, kinds, location byWord
	states                         byWord         // by the resource's own state
	checks                         byWord         // by evaluation and state: statesEach × evaluation + state
	perTuple, perCheck             []uint32       // how many there are, by tuple and by what checks are by
	details                        map[detail]int // how many checks have them
}

// detail is what a check has besides its state. Few have one.
type detail struct {
	evaluation uint32
	state      posture.State
	reason     posture.Reason
	mark       Mark
}

func newSets() *sets { return &sets{here: roaring.New(), details: map[detail]int{}} }

// countDetail counts the detail of a check in or out.
func (s *sets) countDetail(v Verdict, by int) {
	d := detail{evaluation: v.Evaluation, state: v.State}
	if v.State == posture.Unknown {
		d.reason = v.Reason
	}
	if v.Mark == Mitigated && v.State == posture.Exempt || v.Mark == Attested {
		d.mark = v.Mark
	}
	if d.reason == 0 && d.mark == 0 {
		return
	}
	if s.details[d] += by; s.details[d] == 0 {
		delete(s.details, d)
	}
}

// add takes a resource in, with what the columns say of it.
func (s *sets) add(x *Index, n uint32) {
	c := &x.resources
	s.here.Add(n)
	s.clouds.add(uint32(c.cloud[n]), n)
	s.units.add(c.unit[n], n)
	s.kinds.add(c.kind[n], n)
	s.location.add(x.facts.locations[c.facts[n]], n)
	tuple := c.laid[n]
	s.states.add(uint32(x.tuples.rollUp[tuple]), n)
	for _, v := range x.tuples.of(tuple) {
		check := v.Evaluation*statesEach + uint32(v.State)
		s.checks.add(check, n)
		count(&s.perCheck, check)
		s.countDetail(v, 1)
	}
	count(&s.perTuple, tuple)
	x.score.count(x, n, 1)
}

// count counts one more of a number.
func count(per *[]uint32, n uint32) {
	for int(n) >= len(*per) {
		*per = append(*per, 0)
	}
	(*per)[n]++
}

// recount counts checks anew.
func (s *sets) recount() {
	s.perCheck = make([]uint32, len(s.checks))
	for n, set := range s.checks {
		if set != nil {
			s.perCheck[n] = uint32(set.GetCardinality())
		}
	}
}

// remove takes a resource out, as add took it in.
func (s *sets) remove(x *Index, n uint32) {
	c := &x.resources
	x.names.changedAt(n)
	s.here.Remove(n)
	s.clouds.remove(uint32(c.cloud[n]), n)
	s.units.remove(c.unit[n], n)
	s.kinds.remove(c.kind[n], n)
	s.location.remove(x.facts.locations[c.facts[n]], n)
	tuple := c.laid[n]
	s.states.remove(uint32(x.tuples.rollUp[tuple]), n)
	for _, v := range x.tuples.of(tuple) {
		check := v.Evaluation*statesEach + uint32(v.State)
		s.checks.remove(check, n)
		s.perCheck[check]--
		s.countDetail(v, -1)
	}
	s.perTuple[tuple]--
	x.score.count(x, n, -1)
}

// words lists the sets that are by number.
func (s *sets) words() []*byWord {
	return []*byWord{&s.clouds, &s.units, &s.kinds, &s.location, &s.states, &s.checks}
}

// optimize stores runs as runs.
func (s *sets) optimize() {
	s.here.RunOptimize()
	for _, by := range s.words() {
		for _, set := range *by {
			if set != nil {
				set.RunOptimize()
			}
		}
	}
}
