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
	wait    sync.WaitGroup
	// sent and taken count the batches of the lanes, seen all; what was sent and
	// not yet taken is in flight.
	seen, sent, taken int
}

// A lane is the way to one worker and back.
type lane struct {
	in  chan *data.Batch
	out chan result
}

type result struct {
	batch *data.Batch
	err   error
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
	done, err := apply(p.env, p.first, b)
	if err != nil || done == nil {
		return err
	}
	return p.out(done)
}

func apply(e *env, stages []stage, b *data.Batch) (*data.Batch, error) {
	c := wholeChunk(b)
	for _, s := range stages {
		var err error
		if c, err = s(e, c); err != nil || c == nil || c.n == 0 {
			return nil, err
		}
	}
	return c.batch(), nil
}

func (p *parallel) start() error {
	p.lanes = make([]lane, p.workers)
	for i := range p.lanes {
		stages := p.first
		if i > 0 {
			var err error
			if stages, err = p.more(); err != nil {
				p.lanes = p.lanes[:i]
				return err
			}
		}
		l := lane{in: make(chan *data.Batch, ahead), out: make(chan result, ahead)}
		p.lanes[i] = l
		p.wait.Go(func() { l.work(p.env, stages) })
	}
	return nil
}

func (l lane) work(e *env, stages []stage) {
	for b := range l.in {
		var r result
		err := guarded(func() (err error) {
			r.batch, err = apply(e, stages, b)
			return err
		})
		r.err = err
		l.out <- r
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
	r := <-p.lanes[p.taken%len(p.lanes)].out
	p.taken++
	if r.err != nil || r.batch == nil {
		return r.err
	}
	return p.out(r.batch)
}

// stop ends the workers. Each lane has room for all results that it still
// owes, so that no worker waits for a reader.
func (p *parallel) stop() {
	for _, l := range p.lanes {
		close(l.in)
	}
	p.wait.Wait()
	p.lanes = nil
}
