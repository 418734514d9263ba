package run

import (
	"sync"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// parallel runs the stages of a pipeline over a stream. Batch i goes to worker
// i mod workers, and results are taken in the same turn, which puts them in
// order without sorting. The goroutine that reads the source also hands the
// results on. A short stream never starts a worker.
type parallel struct {
	env     *env
	first   []stage
	more    func() ([]stage, error)
	out     emit
	workers int
	lanes   []lane
	spare   []stage // for rows that the lanes leave; see rest
	wait    sync.WaitGroup
	// sent and taken count the batches of the lanes, seen all; what was sent and
	// not yet taken is in flight.
	seen, sent, taken int
}

// A lane is the way to one worker and back.
type lane struct {
	in   chan *data.Batch
	out  chan result
	quit chan struct{} // closed where nobody takes results any more
}

// A result is what became of a batch, or a piece of it with more to follow.
type result struct {
	batch *data.Batch
	more  bool
	err   error
	// row is one that is too heavy to be computed beside others; it has yet to
	// go through the last so many stages.
	row    *chunk
	stages int
}

// inline is how many batches are computed before workers start.
const inline = 2

// ahead is how many batches a lane holds.
const ahead = 2

func (p *parallel) run(source stream) error {
	defer p.stop()
	if err := source(p.push); err != nil {
		return err
	}
	return p.drain()
}

// push takes the next batch of the source.
func (p *parallel) push(b *data.Batch) error {
	p.seen++
	if p.seen <= inline || p.workers < 2 {
		return p.here(b)
	}
	if p.lanes == nil {
		if err := p.start(); err != nil {
			return err
		}
	}
	return p.send(b)
}

// drain takes what is still under way.
func (p *parallel) drain() error {
	for p.taken < p.sent {
		if err := p.take(); err != nil {
			return err
		}
	}
	return nil
}

func (p *parallel) here(b *data.Batch) error {
	return through(p.env, p.first, wholeChunk(b), func(c *chunk) error { return p.out(c.batch()) })
}

func (p *parallel) start() error {
	p.lanes = make([]lane, p.workers)
	quit := make(chan struct{})
	for i := range p.lanes {
		stages := p.first
		if i > 0 {
			var err error
			if stages, err = p.more(); err != nil {
				p.lanes = p.lanes[:i]
				return err
			}
		}
		l := lane{in: make(chan *data.Batch, ahead), out: make(chan result, ahead), quit: quit}
		p.lanes[i] = l
		p.wait.Go(func() { l.work(p.env, stages) })
	}
	return nil
}

func (l lane) work(e *env, stages []stage) {
	for b := range l.in {
		var last result // kept back until it is known whether more follow
		next := func(r result) error {
			if (last.batch != nil || last.row != nil) && !l.put(last) {
				return errStop
			}
			last = r
			last.more = true
			return nil
		}
		own := *e
		own.later = func(stages int, c *chunk) error { return next(result{row: c, stages: stages}) }
		last.err = guarded(func() error {
			return through(&own, stages, wholeChunk(b), func(c *chunk) error { return next(result{batch: c.batch()}) })
		})
		last.more = false
		l.put(last)
	}
}

// put hands a result on, unless nobody takes it.
func (l lane) put(r result) bool {
	select {
	case l.out <- r:
		return true
	case <-l.quit:
		return false
	}
}

// send hands a batch to its worker; where the lane is full, a result is taken first.
func (p *parallel) send(b *data.Batch) error {
	if p.sent-p.taken >= ahead*len(p.lanes) {
		if err := p.take(); err != nil {
			return err
		}
	}
	p.lanes[p.sent%len(p.lanes)].in <- b
	p.sent++
	return nil
}

func (p *parallel) take() error {
	l := p.lanes[p.taken%len(p.lanes)]
	p.taken++
	for {
		r := <-l.out
		switch {
		case r.row != nil:
			if err := p.rest(r); err != nil {
				return err
			}
		case r.batch != nil:
			if err := p.out(r.batch); err != nil {
				return err
			}
		}
		if r.err != nil || !r.more {
			return r.err
		}
	}
}

// rest takes a row that a lane left through the rest of its stages.
func (p *parallel) rest(r result) (err error) {
	if p.spare == nil { // the first lane uses the first stages
		if p.spare, err = p.more(); err != nil {
			return err
		}
	}
	return through(p.env, p.spare[len(p.spare)-r.stages:], r.row, func(c *chunk) error { return p.out(c.batch()) })
}

// stop ends the workers; those that wait for a reader see that there is none.
func (p *parallel) stop() {
	if len(p.lanes) > 0 {
		close(p.lanes[0].quit)
	}
	for _, l := range p.lanes {
		close(l.in)
	}
	p.wait.Wait()
	p.lanes = nil
}
