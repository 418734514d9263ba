package assess

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sync/errgroup"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// reading is one pass over all inputs.
type reading struct {
	run     *run
	workers []*worker
	twice   *duplicates
	old     *problemList // records left out for newer states
	read    atomic.Int64 // bytes
	ended   bool         // all inputs were read once: nobody waits any more
}

func (run *run) newReading() *reading {
	return &reading{run: run, twice: newDuplicates(run.winners), old: &problemList{files: run.files, max: maxNotices, notices: true}}
}

// worker decodes and judges for one goroutine.
type worker struct {
	reading *reading
	decoder *inventory.Decoder
	judge   *policy.Judge
	placer  *placer
	records
	units    []string
	unitOf   map[string]int32
	last     string // unit of the resource before
	lastNo   int32
	places   []*place
	placeOf  map[string]int32
	key      []byte
	name     []byte
	around   *surrounded
	waiting  []waiting
	otherIDs []otherID
	parents  parents
	dated    []datedRecord
	vague    []vagueRecord
	odd      []policy.Misshape // of the resource at hand
	faults   changeFaults
	r        policy.Resource
}

func (rd *reading) newWorker() *worker {
	w := &worker{
		reading: rd, decoder: inventory.NewDecoder(), judge: rd.run.book.set.Judge(),
		placer: newPlacer(rd.run.book, rd.run.known), around: &surrounded{knowledge: rd.run.known},
		unitOf: map[string]int32{}, placeOf: map[string]int32{}, lastNo: -1, parents: newParents(rd.run.book),
	}
	w.faults = rd.run.book.newChangeFaults()
	w.judge.Wait = func() bool { return w.around.missed }
	return w
}

// pass reads all inputs once and judges every resource.
func (run *run) pass(ctx context.Context, stage string) (*reading, error) {
	rd := run.newReading()
	todo := make(chan work, 2*run.workers)
	merger := run.merger()
	for range run.workers {
		w := rd.newWorker()
		if !run.options.Filter.readsBodies() {
			w.decoder.Outline = w.judge.Outline
		}
		rd.workers = append(rd.workers, w)
	}
	g, inner := errgroup.WithContext(ctx)
	for _, w := range rd.workers {
		sink := merger.Sink(w)
		g.Go(func() error {
			decode := func(c inventory.Chunk) {
				if inner.Err() == nil {
					w.decoder.Decode(c, sink)
					rd.progress(stage, int64(c.Bytes()))
				}
				c.Release()
			}
			for t := range todo {
				t.do(inner, decode)
			}
			return nil
		})
	}
	g.Go(func() error {
		defer close(todo)
		return run.split(inner, todo)
	})
	// Who is cancelled may have passed over chunks without a word.
	if err := cmp.Or(g.Wait(), ctx.Err()); err != nil {
		return nil, err
	}
	merger.Flush(rd.workers[0])
	run.halves = merger
	rd.ended = true
	return rd, rd.judgeWaiting(ctx)
}

// work is a chunk to decode, or blocks that all workers share.
type work struct {
	chunk  inventory.Chunk
	blocks *inventory.Blocks
	done   *sync.WaitGroup // of blocks
}

// do decodes a chunk, or all blocks that nobody else takes.
func (t *work) do(ctx context.Context, decode func(inventory.Chunk)) {
	if t.blocks == nil {
		decode(t.chunk)
		return
	}
	defer t.done.Done()
	r := t.blocks.Reader()
	for c, more := r.Next(); more && ctx.Err() == nil; c, more = r.Next() {
		decode(c)
	}
}

// split cuts all inputs into chunks, in their order. An input that breaks off
// is a problem of that input; one that cannot be opened is an error.
func (run *run) split(ctx context.Context, todo chan<- work) error {
	for i := range run.options.Inputs {
		in := &run.options.Inputs[i]
		if err := run.splitOne(ctx, in, todo); err != nil {
			return err
		}
	}
	return nil
}

func (run *run) splitOne(ctx context.Context, in *Input, todo chan<- work) error {
	stream, err := in.open()
	if err != nil {
		return err
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
			return run.share(blocks, send)
		}
	}
	// What cannot be read, to where an input breaks off, is a problem of a chunk.
	return inventory.Split(stream, in.Name, func(c inventory.Chunk) error { return send(work{chunk: c}) })
}

// share lets all workers read blocks, and waits until they have.
func (run *run) share(blocks *inventory.Blocks, send func(work) error) error {
	var done sync.WaitGroup
	defer done.Wait()
	for range run.workers {
		done.Add(1)
		if err := send(work{blocks: blocks, done: &done}); err != nil {
			done.Done()
			return err
		}
	}
	return nil
}

func (rd *reading) progress(stage string, bytes int64) {
	if p := rd.run.options.Progress; p != nil {
		p(stage, rd.read.Add(bytes), rd.run.size)
	}
}

// Scope implements inventory.Sink.
func (w *worker) Scope(s posture.Scope) { w.reading.run.known.scope(s) }

// Read implements inventory.Sink.
func (w *worker) Read(r posture.ReadRecord) {
	if !w.reading.run.again {
		file, line := w.decoder.At()
		w.reading.run.known.read(r, file, line)
	}
}

// Outdated implements inventory.Sink.
func (w *worker) Outdated(r *inventory.Resource, why string) {
	if why != "" {
		w.reading.old.add(inventory.Problem{
			File: r.File, Line: r.Line, Notice: true, Reason: strings.Clone(r.ID) + ": " + why + "; this one is left out",
		})
	}
}

// Problem implements inventory.Sink.
func (w *worker) Problem(p inventory.Problem) {
	if !p.Notice {
		w.reading.run.known.lose(&p)
	}
	switch {
	case w.reading.run.again:
	case p.Notice:
		w.reading.run.known.notices.add(p)
	default:
		w.reading.run.known.problems.add(p)
		w.reading.run.known.list(p.Listed)
	}
}

// orderOf numbers the place of a record in the input.
func (run *run) orderOf(r *inventory.Resource) uint64 {
	return run.files[r.File]<<40 | uint64(r.Line)
}

// Resource implements inventory.Sink: it judges r and keeps a record.
func (w *worker) Resource(r *inventory.Resource) {
	run := w.reading.run
	order := run.orderOf(r)
	if len(run.winners) > 0 {
		if id := HashResource(r); w.reading.loses(r, id) {
			run.tellDuplicate(r, id)
			return
		}
	}
	if !run.again && r.Outline == nil {
		run.known.around(r, order)
	}
	run.known.markJudged()
	w.around.waits, w.around.missed = !run.again && !w.reading.ended && r.Size > 0, false
	judged := w.judge.Resource(w.fill(r))
	if w.around.missed {
		w.wait(r)
		return
	}
	w.tellOdd(r)
	rec := w.add(&judged)
	if rec.id = judged.ID; !posture.IsARM(r.ID) {
		rec.id = HashResource(r)
		w.noteOtherIDs(r, rec.id)
		if !run.again {
			w.noteVague(r, rec.id)
		}
	} else {
		w.parents.note(r.ID, r.Type)
	}
	rec.order, rec.whole, rec.placed, rec.unit = order, r.Whole, r.Unit != "", w.unit(siteOf(r.Unit, r.ID))
	if r.Dated.Of != 0 {
		w.dated = append(w.dated, datedRecord{rec.id, winner{order, r.Whole, rec.placed}, r.Dated})
	}
	if !w.placer.plain {
		rec.place = w.place(r)
	}
	w.around.waits = false // it is judged
	w.faults.look(&judged, &w.r, rec.place, r.Line)
}

// tellOdd names the places of a resource that are not as they should be, which makes
// them unread.
func (w *worker) tellOdd(r *inventory.Resource) {
	var words []string
	for _, m := range w.odd {
		if m.Path != "properties" || r.Whole || r.Cloud != posture.Azure { // the decoder lost them
			words = append(words, m.Words)
		}
	}
	if len(words) == 0 {
		return
	}
	w.decoder.Lose(inventory.Problem{File: r.File, Line: r.Line, Reason: fmt.Sprintf("%s %q: %s", r.Type, r.ID, strings.Join(words, "; ")), Kept: true}, w)
}

func (w *worker) unit(id string) int32 {
	if w.lastNo >= 0 && id == w.last {
		return w.lastNo
	}
	n, ok := w.unitOf[id]
	if !ok {
		n = int32(len(w.units))
		id = strings.Clone(id)
		w.units = append(w.units, id)
		w.unitOf[id] = n
	}
	w.last, w.lastNo = w.units[n], n
	return n
}

// fill turns an inventory's resource into one that rules are judged on. The
// result is the worker's own and valid until the next call.
func (w *worker) fill(r *inventory.Resource) *policy.Resource {
	p := &w.r
	*p = policy.Resource{
		Body: r.Body, ID: r.ID, Type: r.Type, Name: r.Name, FullName: r.Name, Location: r.Location,
		Native: r.Cloud != posture.Azure, Unit: siteOf(w.reading.run.known.unit(r), r.ID), Partial: !r.Whole,
		Gaps: w.reading.run.known.gaps(r), Surroundings: w.around, Outline: r.Outline,
	}
	for _, path := range r.Unread {
		p.Gaps = append(p.Gaps[:len(p.Gaps):len(p.Gaps)], policy.Gap{Path: path, Reason: posture.NotCollected.String()})
	}
	for _, path := range r.Broken {
		p.Gaps = append(p.Gaps[:len(p.Gaps):len(p.Gaps)], policy.Gap{Path: path, Reason: posture.Failed.String()})
	}
	w.odd = w.judge.Misshapes(p)
	for _, m := range w.odd {
		p.Gaps = append(p.Gaps[:len(p.Gaps):len(p.Gaps)], policy.Gap{Path: m.Path, Reason: posture.Failed.String(), Is: m.Is})
	}
	if always := w.reading.run.book.always; always.Has(r.Type) {
		p.Gaps = append(p.Gaps[:len(p.Gaps):len(p.Gaps)], always.Gaps(p)...)
	}
	for _, g := range p.Gaps {
		p.Partial = p.Partial || g.Path == ""
	}
	if p.Outline != nil && (p.Partial || len(p.Gaps) > 0) {
		p.Body, p.Outline = r.Outline.Tree(), nil
	}
	if p.Outline != nil {
		p.FullName = "" // found when it is needed
		p.Location = cmp.Or(p.Location, "global")
		return p
	}
	if !p.Native {
		p.FullName = w.fullName(r.ID)
		if p.Location == "" && r.Whole && p.UnreadLocation() == "" {
			p.Location = "global"
		}
	}
	return p
}

// fullName joins the names that an ARM id has after its last provider. It
// writes to the worker's buffer.
func (w *worker) fullName(id string) string {
	last := id[strings.LastIndexByte(id, '/')+1:]
	at := policy.LastProviders(id)
	if at < 0 {
		return last
	}
	w.name = w.name[:0]
	segment, start := 0, at+len("/providers/")
	for i := start; i <= len(id); i++ {
		if i < len(id) && id[i] != '/' {
			continue
		}
		// Namespace, type, name, type, name …
		if segment >= 2 && segment%2 == 0 {
			if len(w.name) > 0 {
				w.name = append(w.name, '/')
			}
			w.name = append(w.name, id[start:i]...)
		}
		segment++
		start = i + 1
	}
	if len(w.name) == 0 {
		return last
	}
	return unsafe.String(&w.name[0], len(w.name))
}

// place numbers the shared place of a resource that was filled last, from 1.
func (w *worker) place(r *inventory.Resource) int32 {
	p := place{r.ID, r.Unit, r.Group, r.Type, r.Location, w.r.UnreadLocation(), w.reading.run.options.Filter.tagsOf(r.Body)}
	p.unit = siteOf(p.unit, p.id)
	w.key = w.placer.key(w.key[:0], &p)
	if known, ok := w.placeOf[string(w.key)]; ok {
		return known
	}
	w.places = append(w.places, &place{
		strings.Clone(r.ID), strings.Clone(p.unit), strings.Clone(r.Group), strings.Clone(r.Type), strings.Clone(r.Location),
		p.unread, p.tags,
	})
	n := int32(len(w.places))
	w.placeOf[string(w.key)] = n
	return n
}

// placeAt gives the place of a record, nil if places do not matter.
func (w *worker) placeAt(r *record) *place {
	if r.place == 0 {
		return nil
	}
	return w.places[r.place-1]
}
