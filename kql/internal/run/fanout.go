package run

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// A summarizing is a summarize over a pipeline. Where no aggregate depends on
// the order of rows and groups are few, workers aggregate apart and the parts
// are merged. Which batch goes to which part depends on nothing but its number,
// so that sums of reals are the same whatever the number of workers.
type summarizing struct {
	plan   *plan.Summarize
	source runner
	// ready makes stages and aggregation; each worker needs its own, because a
	// prepared function may keep a cache.
	ready func() ([]stage, *aggregation, error)
	first []stage
	agg   *aggregation
	alone bool
}

// shares is how many parts there are; warming how many batches go to the first
// before the number of groups decides.
const (
	shareCount = 4
	warming    = 8
)

func (c *compiler) summarize(n *plan.Summarize) (runner, error) {
	s := &summarizing{plan: n}
	var nodes []plan.Node
	var err error
	if s.source, nodes, s.alone, err = c.grouped(n); err != nil {
		return nil, err
	}
	lent := c.lent(n.From[0])
	s.ready = func() ([]stage, *aggregation, error) {
		stages, err := c.stages(nodes)
		if err != nil {
			return nil, nil, err
		}
		agg, err := c.aggregation(n.Keys, n.Aggregates, lent)
		return stages, agg, err
	}
	if s.first, s.agg, err = s.ready(); err != nil {
		return nil, err
	}
	return func(e *env) stream {
		return func(out emit) error { return s.run(e, out) }
	}, nil
}

// grouped is what a summarize reads, and the stages that its workers run; where
// rows must be grouped in turn, the input's own pipeline uses the workers.
func (c *compiler) grouped(n *plan.Summarize) (source runner, nodes []plan.Node, alone bool, err error) {
	leaf, nodes := chain(n.From[0])
	if alone = inTurn(n, nodes); alone {
		leaf, nodes = n.From[0], nil
	}
	if scan, ok := leaf.(*plan.Scan); ok {
		return scanned(scan), nodes, alone, nil
	}
	source, err = c.runner(leaf)
	return source, nodes, alone, err
}

// inTurn tells whether rows must be aggregated in their order.
func inTurn(n *plan.Summarize, nodes []plan.Node) bool {
	for _, a := range n.Aggregates {
		if a.Function.Ordered || slices.ContainsFunc(a.Args, volatile) {
			return true
		}
	}
	return slices.ContainsFunc(nodes, byChance) || slices.ContainsFunc(n.Keys, volatile)
}

func (s *summarizing) run(e *env, out emit) error {
	f := &fanout{summarizing: s, env: e}
	defer f.release()
	defer f.stop()
	whole, err := s.agg.start()
	if err != nil {
		return err
	}
	f.parts[0] = whole
	err = s.source(e)(f.take)
	if err == nil && f.pipe != nil {
		err = f.pipe.drain()
	}
	f.stop()
	if err == nil {
		err = f.failed()
	}
	if err == nil {
		err = f.addLeft()
	}
	if err == nil {
		err = f.merge()
	}
	if err != nil {
		return err
	}
	b, err := whole.result(s.plan.Cols)
	if err != nil {
		return err
	}
	return sliced(f.inOrder(b), out)
}

// A fanout is one run.
type fanout struct {
	*summarizing
	env     *env
	parts   [shareCount]*groups
	batches int
	rows    int
	workers []chan numberedBatch
	// pipe runs only the stages on workers, where groups are many.
	pipe  *parallel
	wait  sync.WaitGroup
	fault atomic.Pointer[error]
	// left are the rows that are too heavy to be computed beside others.
	lock sync.Mutex
	left []leftRow
}

// A leftRow is a row that waits until no worker computes: of which batch, with
// how many stages to go through, and with the number of its place there.
type leftRow struct {
	batch  int
	stages int
	row    *chunk
	first  int64
}

type numberedBatch struct {
	number int
	batch  *data.Batch
}

func (f *fanout) take(b *data.Batch) error {
	number := f.batches
	f.batches++
	f.rows += b.Len
	if number == warming && !f.alone {
		if err := f.spread(); err != nil {
			return err
		}
	}
	if f.pipe != nil {
		return f.pipe.push(b)
	}
	if f.workers == nil {
		g := f.parts[number%shareCount]
		if g == nil {
			g = f.parts[0]
		}
		return f.add(f.env, g, f.first, wholeChunk(b), int64(number)<<32)
	}
	if err := f.failed(); err != nil {
		return err
	}
	f.workers[number%shareCount%len(f.workers)] <- numberedBatch{number, b}
	return f.env.ctx.Err()
}

// spread gives the rest to workers: groups and all where groups are few, else
// the stages only, because merging would cost more than is saved.
func (f *fanout) spread() error {
	if f.parts[0].grouping.len()*8 < f.rows {
		return f.start()
	}
	if len(f.first) > 0 {
		f.pipe = &parallel{env: f.env, first: f.first, workers: f.env.workers, out: f.grouped}
		f.pipe.more = func() ([]stage, error) {
			stages, _, err := f.ready()
			return stages, err
		}
	}
	return nil
}

// grouped adds a batch that has gone through the stages.
func (f *fanout) grouped(b *data.Batch) error {
	f.batches++
	return f.parts[0].addAt(f.env, wholeChunk(b), int64(f.batches)<<32)
}

func (f *fanout) add(e *env, g *groups, stages []stage, rows *chunk, first int64) error {
	return through(e, stages, rows, func(c *chunk) error {
		err := g.addAt(e, c, first)
		first += int64(c.n)
		return err
	})
}

// addBeside is add for a worker: a row that is too heavy is left.
func (f *fanout) addBeside(stages []stage, b numberedBatch) error {
	own, rows := *f.env, int64(0)
	own.later = func(stages int, c *chunk) error {
		f.lock.Lock()
		defer f.lock.Unlock()
		f.left = append(f.left, leftRow{b.number, stages, c, int64(b.number)<<32 + rows})
		return nil
	}
	return through(&own, stages, wholeChunk(b.batch), func(c *chunk) error {
		err := f.parts[b.number%shareCount].addAt(&own, c, int64(b.number)<<32+rows)
		rows += int64(c.n)
		return err
	})
}

// addLeft adds the rows that the workers left, one after the other.
func (f *fanout) addLeft() error {
	slices.SortStableFunc(f.left, func(a, b leftRow) int { return cmp.Compare(a.batch, b.batch) })
	for _, l := range f.left {
		g, stages := f.parts[l.batch%shareCount], f.first[len(f.first)-l.stages:]
		if err := f.add(f.env, g, stages, l.row, l.first); err != nil {
			return err
		}
	}
	return nil
}

// start makes the shares and a worker for each, or for several where cores are few.
func (f *fanout) start() error {
	workers := min(f.env.workers, shareCount)
	for w := range workers {
		stages, agg, err := f.ready()
		if err != nil {
			return err
		}
		for share := w; share < shareCount; share += workers {
			if share == 0 {
				continue // goes on with what the warming began
			}
			if f.parts[share], err = agg.start(); err != nil {
				return err
			}
		}
		if w == 0 {
			f.parts[0].aggregation = agg
		}
		if workers == 1 {
			f.first = stages
			return nil
		}
		in := make(chan numberedBatch, ahead)
		f.workers = append(f.workers, in)
		f.wait.Go(func() { f.work(in, stages) })
	}
	return nil
}

func (f *fanout) work(in chan numberedBatch, stages []stage) {
	for b := range in {
		if f.fault.Load() != nil {
			continue
		}
		err := guarded(func() error { return f.addBeside(stages, b) })
		if err != nil {
			f.fault.CompareAndSwap(nil, &err)
		}
	}
}

func (f *fanout) failed() error {
	if err := f.fault.Load(); err != nil {
		return *err
	}
	return nil
}

// stop waits for the workers; it may be called again.
func (f *fanout) stop() {
	for _, in := range f.workers {
		close(in)
	}
	f.wait.Wait()
	f.workers = nil
	if f.pipe != nil {
		f.pipe.stop()
	}
}

func (f *fanout) release() {
	for _, g := range f.parts {
		if g != nil {
			f.env.meter.release(g.held)
		}
	}
}

// merge adds the other parts to the first.
func (f *fanout) merge() error {
	whole := f.parts[0]
	for _, part := range f.parts[1:] {
		if part == nil {
			continue
		}
		size := part.grouping.len()
		into := make([]uint32, size)
		whole.grouping.number(part.grouping.keys(), into)
		for id, group := range into {
			if int(group) < len(whole.first) {
				whole.first[group] = min(whole.first[group], part.firstOf(id))
			} else {
				whole.first = append(whole.first, part.firstOf(id))
			}
		}
		for i, acc := range whole.accs {
			acc.Merge(whole.grouping.len(), part.accs[i], into)
		}
		if err := whole.weigh(f.env); err != nil {
			return err
		}
	}
	return nil
}

func (g *groups) firstOf(id int) int64 {
	if id < len(g.first) {
		return g.first[id]
	}
	return 0
}

// inOrder puts the groups in the order in which they first appeared.
func (f *fanout) inOrder(b *data.Batch) *data.Batch {
	first := f.parts[0].first
	if slices.IsSorted(first) || b.Len != len(first) {
		return b
	}
	rows := make([]int32, b.Len)
	for i := range rows {
		rows[i] = int32(i)
	}
	slices.SortFunc(rows, func(a, b int32) int { return cmp.Compare(first[a], first[b]) })
	sorted := b.Gather(rows)
	return &sorted
}
