// Package intake reads inventories for a store: every resource becomes a record
// without secrets, told apart from what is known of it already. It knows no
// database; what is new is handed to whoever keeps bodies while the reading goes
// on, so that memory does not grow with the inputs' bodies.
//
// Start with [Read].
package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// Input is one stream of inventory. It may be opened more than once.
type Input struct {
	Name string
	Size int64 // bytes, 0 if not known
	Open func() (io.ReadCloser, error)
}

// Known tells what is known of resources before the reading. Its methods are
// called by several goroutines.
type Known interface {
	// Record gives the resource that has a record of this hash now.
	Record(ledger.Hash) (Standing, bool)
	// Resource gives the resource of a key, also one that is gone.
	Resource(key uint64) (Standing, bool)
}

// Standing is what is known of one resource.
type Standing struct {
	Number uint32
	Key    uint64
	Record ledger.Hash // of its record now, zero for one that is gone
	Whole  bool        // its body was read completely
}

// Keeper keeps bodies and gives their numbers, in order.
type Keeper interface {
	PutBodies(ctx context.Context, bodies []ledger.Body) ([]int64, error)
}

// Options say what is read and against what.
type Options struct {
	Inputs    []Input
	Hierarchy []posture.Scope
	Known     Known
	Keeper    Keeper
	// Key seals secrets: equal ones of one key look equal, and nobody who does not
	// have it can tell or guess them.
	Key     []byte
	Workers int // 0: one a core
	// Progress is told how many bytes of the inputs are read, of those that are packed
	// unpacked ones; total is the sum of their sizes, 0 if one is not known. It may be
	// called from several goroutines.
	Progress func(done, total int64)
}

// Result is what a reading found.
type Result struct {
	// Seen are the numbers of known resources whose record is as it was.
	Seen []uint32
	// Changed are resources that are new, or whose record is another one.
	Changed []Found
	// Gone are the numbers of known resources that a record says have gone.
	Gone       []uint32
	Scopes     []posture.Scope // the tree, as far as the inputs tell, by id; with what names come from
	Reads      []posture.ReadRecord
	Resources  int                 // that were read, each once
	Duplicates int                 // records left out because another one of the same id counts
	Problems   []inventory.Problem // what could not be read, then notices
}

// Found is a resource whose record is not known yet.
type Found struct {
	ledger.Resource             // Number is 0 for a new one
	Record          ledger.Hash // of its record
	Body            int64       // number of its body
	Whole           bool        // the body was read completely
	Facts           ledger.Facts
	File            string // where its record stands, and from which line
	Line            int
}

// Read reads all inputs. Unreadable inputs are an error, unreadable parts of
// them are problems.
func Read(ctx context.Context, o Options) (*Result, error) {
	r := &reading{options: &o, workers: o.Workers, files: map[string]uint64{}, first: map[uint64]*first{}, gone: map[uint64]uint32{}, vague: map[uint64]uint64{}}
	if r.workers <= 0 {
		r.workers = runtime.GOMAXPROCS(0)
	}
	known := true
	for i, in := range o.Inputs {
		r.size += in.Size
		known = known && in.Size > 0
		r.files[in.Name] = uint64(i)
	}
	if !known {
		r.size = 0
	}
	for _, s := range o.Hierarchy {
		r.tree.Add(s)
	}
	merger := inventory.NewMerger(inventory.DefaultHold)
	if err := r.pass(ctx, merger); err != nil {
		return nil, err
	}
	if merger.Late() {
		// A policy came after its resource had gone on without it: once more, with
		// all policies known.
		r.again()
		if err := r.pass(ctx, merger.Again()); err != nil {
			return nil, err
		}
	}
	return r.result(), nil
}

// reading is one call of Read.
type reading struct {
	options *Options
	workers int
	size    int64 // bytes of all inputs, 0 if not known
	files   map[string]uint64
	read    atomic.Int64 // bytes

	mu         sync.Mutex
	tree       inventory.Tree
	reads      []posture.ReadRecord
	problems   []inventory.Problem
	first      map[uint64]*first // by key
	gone       map[uint64]uint32 // by key: numbers
	vague      map[uint64]uint64 // by key: contents, as a hash, of resources whose records name no account
	duplicates int
	secondTime bool
}

// again forgets the resources of a pass that has to be repeated.
func (r *reading) again() {
	r.first, r.gone, r.vague, r.duplicates, r.secondTime = map[uint64]*first{}, map[uint64]uint32{}, map[uint64]uint64{}, 0, true
	r.read.Store(0)
}

// work is a chunk to decode, or blocks that all workers share.
type work struct {
	chunk  inventory.Chunk
	blocks *inventory.Blocks
	done   *sync.WaitGroup
}

func (r *reading) pass(ctx context.Context, merger *inventory.Merger) error {
	todo := make(chan work, 2*r.workers)
	g, inner := errgroup.WithContext(ctx)
	workers := make([]*worker, r.workers)
	for i := range workers {
		w := r.newWorker(inner)
		workers[i] = w
		sink := merger.Sink(w)
		g.Go(func() error {
			for t := range todo {
				w.do(t, sink)
			}
			return w.err
		})
	}
	g.Go(func() error {
		defer close(todo)
		for i := range r.options.Inputs {
			if err := r.split(inner, &r.options.Inputs[i], todo); err != nil {
				return err
			}
		}
		return nil
	})
	if err := cmp.Or(g.Wait(), ctx.Err()); err != nil {
		return err
	}
	// What waited is told to one worker, whose context has ended with the group.
	workers[0].ctx = ctx
	merger.Flush(workers[0])
	for _, w := range workers {
		w.ctx = ctx
		w.flush()
		if w.err != nil {
			return w.err
		}
	}
	return nil
}

func (r *reading) split(ctx context.Context, in *Input, todo chan<- work) error {
	stream, err := in.Open()
	if err != nil {
		return fmt.Errorf("reading %s: %w", in.Name, err)
	}
	defer stream.Close()
	send := func(t work) error {
		select {
		case todo <- t:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if file, ok := stream.(inventory.Placed); ok {
		if blocks := inventory.NewBlocks(file, in.Name); blocks != nil {
			var done sync.WaitGroup
			defer done.Wait()
			for range r.workers {
				done.Add(1)
				if err := send(work{blocks: blocks, done: &done}); err != nil {
					done.Done()
					return err
				}
			}
			return nil
		}
	}
	return inventory.Split(stream, in.Name, func(c inventory.Chunk) error { return send(work{chunk: c}) })
}

func (r *reading) result() *Result {
	found := &Result{Scopes: r.tree.Told(), Reads: r.reads, Resources: len(r.first), Duplicates: r.duplicates, Problems: r.problems}
	for key, number := range r.gone {
		if r.first[key] == nil {
			found.Gone = append(found.Gone, number)
		}
	}
	changed := 0
	for _, f := range r.first {
		if f.found != nil {
			changed++
		}
	}
	found.Changed, found.Seen = make([]Found, 0, changed), make([]uint32, 0, len(r.first)-changed)
	for key, f := range r.first {
		if f.found == nil {
			found.Seen = append(found.Seen, f.known)
		} else {
			f.found.Unit = r.tree.Unit(f.found.Unit)
			found.Changed = append(found.Changed, *f.found)
		}
		delete(r.first, key) // there may be millions
	}
	order(found)
	return found
}

var errNoNumber = errors.New("the keeper of bodies gave another count of numbers than of bodies")
