package cli

import (
	"sync/atomic"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/terminal"
)

// meter counts the stored bytes of the inputs as they are read, which, unlike
// what comes out of a packed file, have a known end.
type meter struct {
	read atomic.Int64
	from atomic.Int64 // read when the inputs were begun last
}

func (m *meter) add(n int) { m.read.Add(int64(n)) }

// begin notes that the inputs are read from the first one on, as every stage
// does, and every format that has checks.
func (m *meter) begin() { m.from.Store(m.read.Load()) }

func (m *meter) done() int64 { return m.read.Load() - m.from.Load() }

// of is how far the inputs of some size are read, once more if they are; 0 is one that
// is not known.
func (m *meter) of(size int64) int64 {
	done := m.done()
	if size > 0 && done > size {
		done = (done-1)%size + 1
	}
	return done
}

// progress shows how far the assessment is on standard error, unless quiet;
// what it returns takes the bar away.
func (a *app) progress(o *assess.Options) func() {
	if a.quiet {
		return func() {}
	}
	var size int64
	for _, in := range o.Inputs {
		if in.Size == 0 {
			size = 0
			break
		}
		size += in.Size
	}
	p := terminal.NewProgress(a.Err, a.device(a.Err), a.Now)
	o.Progress = func(stage string, _, _ int64) {
		if a.purpose != "" {
			stage += " for " + a.purpose
		}
		p.Update(stage, terminal.Bytes, a.meter.of(size), size)
	}
	return p.Clear
}
