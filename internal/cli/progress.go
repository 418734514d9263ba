package cli

import (
	"strings"
	"sync"
	"sync/atomic"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/terminal"
)

// meter counts the stored bytes of the inputs as they are read, which, unlike
// what comes out of a packed file, have a known end.
type meter struct {
	read atomic.Int64

	mu    sync.Mutex
	stage string
	from  int64 // read when the stage began
}

func (m *meter) add(n int) { m.read.Add(int64(n)) }

// done gives the bytes read in a stage. Each stage reads from the beginning.
func (m *meter) done(stage string) int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	read := m.read.Load()
	if m.stage != stage {
		if m.stage != "" {
			m.from = read
		}
		m.stage = stage
	}
	return read - m.from
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
	o.Progress = func(stage string, done, total int64) {
		if strings.HasPrefix(stage, "reading") {
			p.Update(stage, terminal.Bytes, a.meter.done(stage), size)
			return
		}
		p.Update(stage, terminal.Items, done, total)
	}
	return p.Clear
}
