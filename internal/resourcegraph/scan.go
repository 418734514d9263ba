package resourcegraph

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"runtime"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/policy"
)

// inventoryTable is a table whose rows are resources of the inputs.
type inventoryTable struct {
	estate *Estate
	name   string
	parsed bool // every record is parsed, also where its outline would do
}

// Columns are the same for all tables, but that resources has the aliases too.
func (t *inventoryTable) Columns() []data.Column { return schema(t.name) }

// Hidden tells the columns that a query gets only where it names them.
func (t *inventoryTable) Hidden(column int) bool { return isNamedOnly(column) }

// Scan reads the inputs on all cores and gives the wanted rows in the inputs'
// order. Of records of one resource the newest counts, then the first wholly read
// one; one whose body was not read, or that may be old, waits until the end.
func (t *inventoryTable) Scan(ctx context.Context, want kql.Request) iter.Seq2[*data.Batch, error] {
	t.estate.asks(t.name, want.Where)
	return t.estate.source.scan(ctx, t, want, nil)
}

// read also notes the places of all resources, of other tables too.
func (t *inventoryTable) read(ctx context.Context, want kql.Request, at *places) iter.Seq2[*data.Batch, error] {
	return func(yield func(*data.Batch, error) bool) {
		var aliases *policy.Aliases
		if slices.Contains(want.Columns, aliasColumn) {
			var err error
			if aliases, err = t.estate.aliasTable(); err != nil {
				yield(nil, err)
				return
			}
		}
		var unread *assess.UnreadPaths
		if slices.Contains(want.Columns, unreadColumn) {
			var err error
			if unread, err = t.estate.unreadPaths(ctx); err != nil {
				yield(nil, err)
				return
			}
		}
		ctx, stop := context.WithCancel(ctx)
		s := newScan(t, want)
		s.places, s.aliases, s.unread, s.projects = at, aliases, unread, projectsOf(t.estate.source.hierarchy())
		if t.estate.learnt() == nil {
			s.learns = t.estate.newReads()
		}
		ended := make(chan error, 1)
		go func() { ended <- s.read(ctx) }()
		more := s.inOrder(func(b *data.Batch) bool { return yield(b, nil) })
		stop()
		for range s.parts { // of those who have not noticed yet
		}
		switch err := <-ended; {
		case more && err != nil:
			yield(nil, err)
		case more && s.learns != nil:
			t.estate.learn(s.learns, s.among)
		}
	}
}

// projectsOf gives the units of Google that a tree has.
func projectsOf(tree []posture.Scope) *inventory.Tree {
	var projects *inventory.Tree
	for _, s := range tree {
		if s.Kind == posture.Unit && s.Cloud == posture.GCP {
			if projects == nil {
				projects = &inventory.Tree{}
			}
			projects.Add(s)
		}
	}
	return projects
}

// scan is one reading of the inputs for one table.
type scan struct {
	table   *inventoryTable
	want    kql.Request
	where   conditions
	sites   sites  // of what is wanted inside bodies
	cells   []cell // of the wanted columns that are dynamic
	workers int
	parts   chan *part
	// window has a place for each part that is decoded or waits for its turn,
	// so that a slow worker does not let the others run far ahead.
	window   chan struct{}
	projects *inventory.Tree     // of Google, by which those are known that a record names by number; nil for none
	places   *places             // nil where nobody asks
	aliases  *policy.Aliases     // nil where nobody asks
	unread   *assess.UnreadPaths // nil where nobody asks
	learns   *assess.Reads       // takes what read records say; nil where that is known
	heard    [][]uint64          // of all workers
	merger   *inventory.Merger
	done     atomic.Int64
	size     int64 // bytes of all inputs, 0 if not known
	seen     int   // resources of the inputs that were read to their ends
}

// progress tells how far the reading is.
func (s *scan) progress(n int64) {
	if show := s.table.estate.options.Progress; show != nil {
		show("reading", s.done.Add(n), s.size)
	}
}

func (s *scan) scope(scope posture.Scope) {
	if s.places != nil {
		s.places.scope(scope)
	}
	if s.learns != nil {
		s.learns.Scope(scope)
	}
}

func (s *scan) place(r *inventory.Resource) {
	if s.places != nil {
		s.places.of(r)
	}
}

// partsAhead is how many parts there may be for each worker that nobody has
// taken yet: enough for the others to go on while one of them gets no core.
const partsAhead = 32

func newScan(t *inventoryTable, want kql.Request) *scan {
	workers := t.estate.options.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	size := int64(0)
	for i := range t.estate.options.Inputs {
		size += t.estate.options.Inputs[i].Size
	}
	s := &scan{
		size: size, table: t, want: want, workers: workers,
		parts: make(chan *part, partsAhead*workers), window: make(chan struct{}, partsAhead*workers),
		merger: inventory.NewMerger(inventory.DefaultHold),
	}
	s.where, s.cells = newConditions(want.Where, &s.sites), newCells(&want, &s.sites)
	return s
}

// read decodes all inputs and sends their parts.
func (s *scan) read(ctx context.Context) error {
	defer close(s.parts)
	merger := s.merger
	options := &s.table.estate.options
	for i := range options.Inputs {
		if err := s.readOne(ctx, i, &options.Inputs[i], merger); err != nil {
			return err
		}
	}
	s.table.estate.empty.Store(s.seen == 0)
	s.table.estate.read.Store(true)
	// What waited for its other half is a part of its own, after all inputs.
	rest := s.newWorker()
	rest.begin(position{file: len(options.Inputs)})
	merger.Flush(rest)
	s.heard = append(s.heard, rest.heard)
	return cmp.Or(s.send(ctx, rest.part), ctx.Err())
}

// readOne reads one input, and ends its parts with one that says so.
func (s *scan) readOne(ctx context.Context, file int, in *assess.Input, merger *inventory.Merger) error {
	stream, err := in.Open()
	if err != nil {
		return fmt.Errorf("read %s: %w", in.Name, err)
	}
	defer stream.Close()
	g, inner := errgroup.WithContext(ctx)
	next := s.chunks(inner, g, stream, in.Name)
	workers := make([]*worker, s.workers)
	for i := range workers {
		w := s.newWorker()
		workers[i] = w
		sink, next := merger.Sink(w), next()
		g.Go(func() error { return s.work(inner, w, file, next, sink) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	end := position{file: file}
	for _, w := range workers {
		end.chunk = max(end.chunk, w.after)
		s.heard = append(s.heard, w.heard)
		for _, seen := range w.decoder.Seen() {
			s.seen += seen.Resources
		}
	}
	return s.send(ctx, &part{at: end, last: true})
}

// work decodes chunks as long as there are any.
func (s *scan) work(ctx context.Context, w *worker, file int, next func() (inventory.Chunk, bool), sink inventory.Sink) error {
	for {
		select {
		case s.window <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		c, more := next()
		if !more {
			<-s.window
			return nil
		}
		w.begin(position{file, c.Number})
		w.decoder.Decode(c, sink)
		s.progress(int64(c.Bytes()))
		c.Release()
		if err := s.send(ctx, w.part); err != nil {
			return err
		}
	}
}

func (s *scan) send(ctx context.Context, p *part) error {
	select {
	case s.parts <- p:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// chunks gives, for each worker, what hands it chunks of the stream: blocks of
// a file that it reads itself, or what one goroutine cuts for all.
func (s *scan) chunks(ctx context.Context, g *errgroup.Group, stream io.Reader, name string) func() func() (inventory.Chunk, bool) {
	if file, ok := stream.(inventory.Placed); ok {
		if blocks := inventory.NewBlocks(file, name); blocks != nil {
			return func() func() (inventory.Chunk, bool) { return blocks.Reader().Next }
		}
	}
	cut := make(chan inventory.Chunk)
	g.Go(func() error {
		defer close(cut)
		return inventory.Split(stream, name, func(c inventory.Chunk) error {
			select {
			case cut <- c:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	})
	take := func() (inventory.Chunk, bool) {
		c, more := <-cut
		return c, more
	}
	return func() func() (inventory.Chunk, bool) { return take }
}
