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

// add puts a resource into a set, which it gives.
func (b *byWord) add(n, resource uint32) *roaring.Bitmap {
	for int(n) >= len(*b) {
		*b = append(*b, nil)
	}
	if (*b)[n] == nil {
		(*b)[n] = roaring.New()
	}
	(*b)[n].Add(resource)
	return (*b)[n]
}

// remove takes a resource out of a set, which it gives.
func (b byWord) remove(n, resource uint32) *roaring.Bitmap {
	b[n].Remove(resource)
	return b[n]
}

// statesEach is how many numbers a thing with a set for each state takes.
const statesEach = 8

// sets are the resources that are there, and those of them that have something.
type sets struct {
	here                           *roaring.Bitmap
	clouds, units, kinds, location byWord
	states                         byWord   // by the resource's own state
	checks                         byWord   // by evaluation and state: statesEach × evaluation + state
	perTuple, perCheck             []uint32 // how many there are, by tuple and by what checks are by
	details                        details  // how many checks have them
}

// detail is what a check has besides its state. Few have one.
type detail struct {
	evaluation uint32
	state      posture.State
	reason     posture.Reason
	mark       Mark
}

func newSets() *sets { return &sets{here: roaring.New(), details: details{}} }

// check is the number of the check, as in sets.checks.
func (d *detail) check() uint32 { return d.evaluation*statesEach + uint32(d.state) }

// details count the checks that have one.
type details map[detail]int

// count counts the detail of checks in or out.
func (all details) count(v Verdict, by int) {
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
	if all[d] += by; all[d] == 0 {
		delete(all, d)
	}
}

// columnsOfSets is how many columns have a set for each of their words.
const columnsOfSets = 5

func (s *sets) columns() [columnsOfSets]*byWord {
	return [...]*byWord{&s.clouds, &s.units, &s.kinds, &s.location, &s.states}
}

// wordsOf gives the words of a resource in these columns.
func (x *Index) wordsOf(n uint32) [columnsOfSets]uint32 {
	c := &x.resources
	return [...]uint32{uint32(c.cloud[n]), c.unit[n], c.kind[n], x.facts.locations[c.facts[n]], uint32(x.tuples.rollUp[c.laid[n]])}
}

// add takes a resource in, with what the columns say of it.
func (s *sets) add(x *Index, n uint32) {
	s.here.Add(n)
	words, in := x.wordsOf(n), [columnsOfSets + 1]*roaring.Bitmap{columnsOfSets: s.here}
	for i, by := range s.columns() {
		in[i] = by.add(words[i], n)
	}
	tuple := x.resources.laid[n]
	verdicts := x.tuples.of(tuple)
	for _, v := range verdicts {
		check := v.Evaluation*statesEach + uint32(v.State)
		s.checks.add(check, n)
		count(&s.perCheck, check)
		s.details.count(v, 1)
	}
	x.counts.count(&in, verdicts, 1)
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
	x.names.changedAt(n)
	s.here.Remove(n)
	words, in := x.wordsOf(n), [columnsOfSets + 1]*roaring.Bitmap{columnsOfSets: s.here}
	for i, by := range s.columns() {
		in[i] = by.remove(words[i], n)
	}
	tuple := x.resources.laid[n]
	verdicts := x.tuples.of(tuple)
	for _, v := range verdicts {
		check := v.Evaluation*statesEach + uint32(v.State)
		s.checks.remove(check, n)
		s.perCheck[check]--
		s.details.count(v, -1)
	}
	x.counts.count(&in, verdicts, -1)
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
