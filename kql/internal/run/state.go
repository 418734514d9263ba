package run

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// A state is what one run shares.
type state struct {
	ctx     context.Context
	call    *function.Context
	workers int
	meter   *meter
	tables  map[*plan.Materialize]*kept
	lent    map[plan.Node][]bool // see compiler.lent
}

func newState(ctx context.Context, w World, l Limits) *state {
	workers := l.Workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	random := w.Random
	if random == nil {
		random = func() float64 { return 0.5 }
	}
	ask := func() {
		if err := ctx.Err(); err != nil {
			panic(&function.Halt{Err: err})
		}
	}
	m := &meter{limit: l.Memory, peak: l.Peak}
	m.held.Store(l.Held)
	return &state{
		ctx: ctx, call: &function.Context{Now: w.Now, Random: random, Ask: ask, Room: m.room}, workers: workers,
		meter: m, tables: map[*plan.Materialize]*kept{},
		lent: map[plan.Node][]bool{},
	}
}

// An env is what a step sees when it runs: the run, the rows of subqueries'
// subjects, the outer rows of mv-apply.
type env struct {
	*state
	subjects *binding
	outer    *outerRow
	match    *matchRows // the embeddings that expressions of graph-match are about
	word     string     // of the step, for errors
	// divides: whoever runs the step can give it fewer rows at once (see through).
	divides bool
	// later takes a row that is too heavy to be computed beside others, with how
	// many stages it has yet to go through; nil where nothing is computed beside.
	later func(stages int, c *chunk) error
}

// at is the env of a step.
func (e *env) at(word string) *env {
	inner := *e
	inner.word = word
	return &inner
}

type binding struct {
	key     *plan.Subject
	batches []*data.Batch
	next    *binding
}

type outerRow struct {
	batch *data.Batch
	row   int
	next  *outerRow
}

// with is the env in which a subject has rows.
func (e *env) with(subject *plan.Subject, batches ...*data.Batch) *env {
	inner := *e
	inner.subjects = &binding{key: subject.Key(), batches: batches, next: e.subjects}
	return &inner
}

func (e *env) subject(key *plan.Subject) ([]*data.Batch, bool) {
	for b := e.subjects; b != nil; b = b.next {
		if b.key == key {
			return b.batches, true
		}
	}
	return nil, false
}

// A meter counts what a run holds.
type meter struct {
	limit int64
	held  atomic.Int64
	peak  *atomic.Int64 // nil where nobody asks
}

// room is how many bytes a function may make at once: what the run does not hold.
func (m *meter) room() int {
	if m.limit <= 0 {
		return noLimit
	}
	return int(max(m.limit-m.held.Load(), m.limit/share))
}

// noLimit is what a run may make at once that may hold any number of bytes.
const noLimit = 1 << 30

// A full is the error of a run that would hold too much.
type full struct {
	step  string
	limit int64
}

// Error names the step that asked for more than there is.
func (f *full) Error() string {
	text := fmt.Sprintf("the query holds more than %s in memory; filter earlier, or project fewer columns", function.Size(f.limit))
	if f.step == "" {
		return text
	}
	return f.step + ": " + text
}

// hold counts bytes that a step keeps from now on, until they are released.
func (e *env) hold(bytes int64) error {
	m := e.meter
	held := m.held.Add(bytes)
	if m.peak != nil {
		for peak := m.peak.Load(); held > peak && !m.peak.CompareAndSwap(peak, held); {
			peak = m.peak.Load()
		}
	}
	if m.limit > 0 && held > m.limit {
		return &full{step: e.word, limit: m.limit}
	}
	return nil
}

// spend counts what binding takes in the middle of the run, and asks whether it
// goes on: see plan.Spend.
func (e *env) spend(bytes int) {
	err := e.hold(int64(bytes))
	if err == nil {
		err = e.ctx.Err()
	}
	if err != nil {
		panic(&function.Halt{Err: err})
	}
}

func (m *meter) release(bytes int64) { m.held.Add(-bytes) }

// nodesBytes measures a sample of the trees: measuring all would cost more
// than what is done with them.
func nodesBytes(nodes []*data.Node) int64 {
	const samples, most = 8, 1 << 30
	if len(nodes) == 0 {
		return 0
	}
	seen, bytes := 0, 0
	for i := 0; i < len(nodes); i += max(len(nodes)/samples, 1) {
		bytes += nodes[i].Size(most)
		seen++
	}
	return int64(float64(bytes) * float64(len(nodes)) / float64(seen))
}
