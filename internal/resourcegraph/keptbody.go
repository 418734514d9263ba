package resourcegraph

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"sync"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// Bodies are read block by block. The first blocks are small and read one by one,
// because most queries want few rows; behind them several are read at a time.
const (
	firstBlock = 64
	lastBlock  = 512
)

// scanBodies gives the rows of resources by their bodies, in the order of the
// resources.
func (k *kept) scanBodies(ctx context.Context, t *inventoryTable, want kql.Request, numbers iter.Seq[uint32], yield func(*data.Batch, error) bool) {
	s := newScan(&inventoryTable{estate: t.estate, name: t.name}, want)
	if slices.Contains(want.Columns, aliasColumn) {
		var err error
		if s.aliases, err = k.aliasTable(); err != nil {
			yield(nil, err)
			return
		}
	}
	if slices.Contains(want.Columns, unreadColumn) {
		var err error
		if s.unread, err = t.estate.unreadPaths(ctx); err != nil {
			yield(nil, err)
			return
		}
	}
	workers := sync.Pool{New: func() any { return s.newWorker() }}
	work := func(ctx context.Context, block []uint32) (*data.Batch, error) {
		w := workers.Get().(*worker)
		defer workers.Put(w)
		return k.rowsOf(ctx, w, block)
	}
	err := inOrder(ctx, blocksOf(numbers), s.workers, work, func(b *data.Batch) bool { return b.Len == 0 || yield(b, nil) })
	if err != nil {
		yield(nil, err)
	}
}

// rowsOf reads a block of bodies and makes their rows.
func (k *kept) rowsOf(ctx context.Context, w *worker, block []uint32) (*data.Batch, error) {
	records, err := k.Store.RecordsOf(ctx, k.Excerpt.Commit(), block)
	if err != nil {
		return nil, err
	}
	k.bodies.Add(int64(len(records)))
	w.begin(position{})
	err = inventory.Split(bytes.NewReader(bytes.Join(records, []byte{'\n'})), "what is kept", func(c inventory.Chunk) error {
		w.decoder.Decode(c, &keptRecords{w, k, block})
		c.Release()
		return ctx.Err()
	})
	return w.part.batch, err
}

// keptRecords are records of which the index knows the units: a record of Google's
// may name its project by number, which stands under its id everywhere.
type keptRecords struct {
	*worker
	kept  *kept
	block []uint32 // resources, by line
}

// Resource implements inventory.Sink.
func (r *keptRecords) Resource(of *inventory.Resource) {
	if of.Line > 0 && of.Line <= len(r.block) {
		of.Unit = r.kept.Excerpt.Resource(r.block[of.Line-1]).Unit
	}
	r.worker.Resource(of)
}

// blocksOf cuts resources into blocks, which grow.
func blocksOf(numbers iter.Seq[uint32]) iter.Seq[[]uint32] {
	return func(yield func([]uint32) bool) {
		size := firstBlock
		var block []uint32
		for n := range numbers {
			if block = append(block, n); len(block) < size {
				continue
			}
			if !yield(block) {
				return
			}
			block, size = nil, min(2*size, lastBlock)
		}
		if len(block) > 0 {
			yield(block)
		}
	}
}

// outcome is what came of a block.
type outcome[U any] struct {
	value U
	err   error
}

// inOrder works on blocks and hands over what comes of them in their order: of
// the first ones one after the other, then of as many at a time as there are
// workers.
func inOrder[T, U any](ctx context.Context, blocks iter.Seq[T], workers int, work func(context.Context, T) (U, error), take func(U) bool) error {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	const single = 3
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	next, end := iter.Pull(blocks)
	defer end()
	for range single {
		block, more := next()
		if !more {
			return nil
		}
		value, err := work(ctx, block)
		if err != nil || !take(value) {
			return err
		}
	}
	var ahead []chan outcome[U]
	for {
		for len(ahead) < workers {
			block, more := next()
			if !more {
				break
			}
			c := make(chan outcome[U], 1)
			ahead = append(ahead, c)
			go func() {
				var o outcome[U]
				defer func() {
					if r := recover(); r != nil { // there is nobody above who would
						o.err = fmt.Errorf("reading what is kept broke: %v", r)
					}
					c <- o
				}()
				o.value, o.err = work(ctx, block)
			}()
		}
		if len(ahead) == 0 {
			return nil
		}
		d := <-ahead[0]
		ahead = ahead[1:]
		if d.err != nil || !take(d.value) {
			stop()
			for _, c := range ahead { // nobody works on when we are gone
				<-c
			}
			return d.err
		}
	}
}
