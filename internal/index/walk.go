package index

import (
	"cmp"
	"iter"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
)

// named is the resources of the selection in a bucket, run by run of the order of
// names.
type named struct {
	in      *order
	columns *columns
	set     *roaring.Bitmap
	rare    bool // the set is of those only that may have a check which is meant

	members, ends []uint32 // by run, see order.among; nil if all resources are gone through instead
	bits          []uint64 // of the set then
}

func (s *Selection) named(b *bucket, checks bool) *named {
	r := &named{in: &s.index.names, columns: &s.index.resources, set: s.meant(b.set())}
	if checks && b.atoms == nil {
		if rare := s.rare(); rare != nil {
			r.set, r.rare = and(r.set, rare), true
		}
	}
	return r
}

// gather puts the resources in runs, if they are few: a page of them is close together
// if they are many.
func (r *named) gather() {
	if m := r.set.GetCardinality(); m*m < 16*uint64(len(r.in.names)) {
		r.members, r.ends = r.in.among(r.set)
	}
}

func (r *named) contains(n uint32) bool {
	if r.bits == nil {
		r.bits = r.set.ToDense()
	}
	word := int(n >> 6)
	return word < len(r.bits) && r.bits[word]>>(n&63)&1 != 0
}

// ordered calls with the resources of a run by name until told to stop, and reports
// whether it was.
func (r *named) ordered(run int, backwards bool, call func(uint32) bool) (stopped bool) {
	in, all := r.in.members(run), false
	if r.ends != nil {
		begin := uint32(0)
		if run > 0 {
			begin = r.ends[run-1]
		}
		in, all = r.members[begin:r.ends[run]], true
		slices.SortFunc(in, r.columns.byName)
	}
	for i := range in {
		n := in[i]
		if backwards {
			n = in[len(in)-1-i]
		}
		if (all || r.contains(n)) && !call(n) {
			return true
		}
	}
	return false
}

// toward gives the runs from one on, in the direction of a list.
func (r *named) toward(from int, backwards bool) iter.Seq[int] {
	return func(yield func(int) bool) {
		step := 1
		if backwards {
			step = -1
		}
		for run := from; run >= 0 && run < r.in.runs() && yield(run); run += step {
		}
	}
}

// first is the run at which a list begins.
func (r *named) first(backwards bool) int {
	if backwards {
		return r.in.runs() - 1
	}
	return 0
}

// begin is the run in which a place is.
func (r *named) begin(from *Place, backwards bool) int {
	if from == nil || len(r.in.names) == 0 {
		return r.first(backwards)
	}
	at, _ := slices.BinarySearchFunc(r.in.names, from, r.compare)
	return min(at, len(r.in.names)-1) / runOf
}

func (r *named) compare(n uint32, p *Place) int {
	return cmp.Or(compareFolded(r.columns.name(n), p.Name), cmp.Compare(n, p.Resource))
}

// passed reports whether a resource has no rows behind a place: other checks of the
// place's own may still follow, itself not.
func (r *named) passed(n uint32, from *Place, backwards bool) bool {
	if from == nil {
		return false
	}
	at := r.compare(n, from)
	return at == 0 && from.Rule == "" || at < 0 && !backwards || at > 0 && backwards
}

// few resources are put in order at once, without regard to runs.
const few = 32

// eachOf calls with few resources by name, from that of a place on, until told to stop.
func (r *named) eachOf(backwards bool, from *Place, call func(uint32) bool) {
	members := r.set.ToArray()
	slices.SortFunc(members, r.columns.byName)
	if backwards {
		slices.Reverse(members)
	}
	for _, n := range members {
		if !r.passed(n, from, backwards) && !call(n) {
			return
		}
	}
}

// patience is how many runs without a resource are gone through before it is looked
// which have one: names of one kind often begin alike.
const patience = 4

// walk calls with the resources of the selection in a bucket by name, from that
// of a place on, until told to stop.
func (s *Selection) walk(b *bucket, checks, backwards bool, from *Place, call func(uint32) bool) {
	r := s.named(b, checks)
	if r.set.GetCardinality() <= few {
		r.eachOf(backwards, from, call)
		return
	}
	r.gather()
	idle, has := 0, []int(nil)
	for run := range r.toward(r.begin(from, backwards), backwards) {
		if has != nil && has[run] == 0 {
			continue
		}
		idle++
		stopped := r.ordered(run, backwards, func(n uint32) bool {
			idle = 0
			return r.passed(n, from, backwards) || call(n)
		})
		if stopped {
			return
		}
		if idle == patience && r.ends == nil {
			has = s.runSums(b, b.atoms != nil, r, func(uint32) int { return 1 })
		}
	}
}
