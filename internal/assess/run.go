// Package assess is the use case behind the command of that name: it reads
// inventories, judges every resource by every rule that applies, and sums up.
//
// Start with [Run]. It keeps some hundred bytes a resource and no body; what
// needs bodies, the evidence of single checks and [Explain], reads the inputs
// again, with everything known that the first reading taught. See
// docs/decisions/0003-two-readings.md.
package assess

import (
	"context"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/policy"
)

// run is one assessment on its way.
type run struct {
	options *Options
	book    *ruleBook
	known   *knowledge
	workers int
	size    int64 // bytes of all inputs, 0 if not known
	files   map[string]uint64
	stamps  []string // of the inputs, before the first reading
	// unjudged are the items of controls that could not be evaluated, standing is
	// where there are resources, for these.
	unjudged []unjudged
	standing standings

	// again says that this is not the first reading: what is not a resource
	// is known already. winners then has, of every id that occurs more than
	// once, the record that counts.
	// Repeated has where the others stand as well.
	again    bool
	surveys  bool // it is read once, to explain
	winners  map[uint64]winner
	repeated map[uint64][]uint64 // orders
	torn     map[uint64]bool     // by record.id: what its records tell is not believed
	halves   *inventory.Merger   // of the reading before

	units      []string // all units, by number
	settlement *policy.Settlement
	noted      []*policy.Settler // that settled, if the checks are to be told
	complete   *completeness
	candidates []*policy.Resource      // related resources that could not be read
	unseen     []*unseen               // resources that could not be read
	apart      map[uint64][]relatedGap // by record.id: see settleApart
	manual     []manualCheck           // of manual controls
	hints      map[string]string
}

// Run assesses. The checks may be ranged over any number of times, each of
// which reads the inputs again.
func Run(ctx context.Context, o Options) (*Result, Checks, error) {
	run, err := newRun(&o)
	if err != nil {
		return nil, nil, err
	}
	rd, err := run.read(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := run.settle(ctx, rd); err != nil {
		return nil, nil, err
	}
	result, err := run.sum(rd)
	if err != nil {
		return nil, nil, err
	}
	return result, run.checks(ctx, rd), nil
}

func newRun(o *Options) (*run, error) {
	if err := CheckComplete("--complete", o.Complete); err != nil {
		return nil, err
	}
	book, err := newRuleBook(o)
	if err != nil {
		return nil, err
	}
	r := &run{options: o, book: book, known: newKnowledge(), workers: o.Workers, files: map[string]uint64{}, stamps: o.stamps(), hints: map[string]string{}}
	r.known.problems.files, r.known.notices.files, r.known.matters = r.files, r.files, book.looksInGCP()
	if r.workers <= 0 {
		r.workers = runtime.GOMAXPROCS(0)
	}
	r.workers = min(r.workers, 4*runtime.GOMAXPROCS(0)) // more only cost memory
	for i, in := range o.Inputs {
		r.size += in.Size
		r.files[in.Name] = uint64(i)
	}
	for _, s := range o.Hierarchy {
		r.known.scope(s)
	}
	for i := range o.Unread {
		p := o.Unread[i]
		r.known.lose(&p)
	}
	return r, nil
}

// read reads the inputs, a second time if the first reading learnt something
// that judgements before it lacked.
func (run *run) read(ctx context.Context) (*reading, error) {
	rd, err := run.pass(ctx, "reading")
	if err != nil {
		return nil, err
	}
	run.winners = rd.winners()
	run.torn = rd.torn()
	run.known.doubt()
	if len(run.repeated) == 0 && !run.known.learntLate() && !run.halves.Late() {
		return rd, nil
	}
	run.again = true
	again, err := run.pass(ctx, "reading again")
	if err != nil {
		return nil, err
	}
	return again, run.unchanged(nil, nil)
}

// records yields every record with its worker.
func (rd *reading) records(yield func(*worker, *record) bool) {
	for _, w := range rd.workers {
		for _, block := range w.blocks {
			for i := range block {
				if !yield(w, &block[i]) {
					return
				}
			}
		}
	}
}

func (rd *reading) count() int {
	n := 0
	for _, w := range rd.workers {
		for _, block := range w.blocks {
			n += len(block)
		}
	}
	return n
}

// settle settles all existence checks.
func (run *run) settle(ctx context.Context, rd *reading) error {
	run.numberUnits(rd)
	run.complete = run.completeness(rd)
	run.apart = run.gapsMet(rd)
	apart := run.apart
	judges := make([]*policy.Judge, len(rd.workers))
	for i, w := range rd.workers {
		judges[i] = w.judge
	}
	around := &surrounded{knowledge: run.known}
	for _, c := range run.candidates {
		c.Surroundings = around
		judges[0].Unseen(c)
	}
	run.settlement = run.book.set.Settle(judges, run.complete.of)
	g, ctx := errgroup.WithContext(ctx)
	for _, w := range rd.workers {
		st := run.settler()
		g.Go(func() error {
			for _, block := range w.blocks {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				for i := range block {
					if r := &block[i]; len(apart) == 0 || apart[r.id] == nil {
						st.settle(&w.records, r, run.units[r.unit])
					}
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	run.settleApart(rd, apart)
	return nil
}

// numberUnits gives all workers' units common numbers, under the ids that the
// tree knows them by.
func (run *run) numberUnits(rd *reading) {
	numbers := map[string]int32{}
	for _, w := range rd.workers {
		common := make([]int32, len(w.units))
		for i, id := range w.units {
			id = run.known.tree.Unit(id)
			n, ok := numbers[id]
			if !ok {
				n = int32(len(run.units))
				numbers[id] = n
				run.units = append(run.units, id)
			}
			common[i] = n
		}
		for _, block := range w.blocks {
			for i := range block {
				block[i].unit = common[block[i].unit]
			}
		}
	}
}

// typesSeen lists which types occur in which units, or are told not to.
func (run *run) typesSeen(rd *reading) map[unitType]bool {
	type pair struct{ unit, typeNumber int32 }
	found := map[pair]bool{}
	last := make([]int32, 0, 256) // by type: one more than the unit that was met last
	rd.records(func(_ *worker, r *record) bool {
		for int(r.typeNumber) >= len(last) {
			last = append(last, 0)
		}
		if last[r.typeNumber] != r.unit+1 {
			last[r.typeNumber] = r.unit + 1
			found[pair{r.unit, r.typeNumber}] = true
		}
		return true
	})
	seen := map[unitType]bool{}
	for _, input := range rd.seen() {
		for in := range input.None {
			seen[unitType{in.Unit, policy.FoldType(in.Type)}] = true
		}
	}
	for p := range found {
		seen[unitType{run.units[p.unit], policy.FoldType(run.book.set.TypeName(int(p.typeNumber)))}] = true
	}
	return seen
}

// seen merges what all decoders saw, by input.
func (rd *reading) seen() []inventory.Seen {
	byFile := map[string]*inventory.Seen{}
	for _, w := range rd.workers {
		for file, s := range w.decoder.Seen() {
			if byFile[file] == nil {
				byFile[file] = &inventory.Seen{File: file}
			}
			byFile[file].Merge(s)
		}
	}
	var all []inventory.Seen
	for _, in := range rd.run.options.Inputs {
		if s := byFile[in.Name]; s != nil {
			all = append(all, *s)
			continue
		}
		all = append(all, inventory.Seen{File: in.Name, Format: inventory.NothingRecognised})
	}
	return all
}
