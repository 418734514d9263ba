package intake

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/ledger"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/policy"
)

// Bodies are kept when so many, or so many bytes of them, are at hand: those of
// one type are compressed one after another, which pays where they are many.
const (
	batch      = 4096
	batchBytes = 8 << 20
)

// first is the record that counts of a resource, so far.
type first struct {
	order  uint64
	whole  bool
	placed bool   // the record names the unit
	torn   bool   // nothing of it is believed; it counts before all others
	known  uint32 // number of the resource if its record is as it was
	found  *Found // otherwise
}

// worker decodes for one goroutine. It is the sink of its decoder.
type worker struct {
	reading *reading
	ctx     context.Context
	decoder *inventory.Decoder
	sealer  *policy.Sealer
	record  []byte
	r       policy.Resource
	words   words

	bodies []ledger.Body
	owners []*Found
	size   int // bytes of the bodies
	err    error
}

func (r *reading) newWorker(ctx context.Context) *worker {
	w := &worker{reading: r, ctx: ctx, decoder: inventory.NewDecoder(), words: newWords(), sealer: NewSealer(r.options.Key)}
	w.decoder.Known = w.known
	return w
}

// NewSealer gives what replaces secrets in bodies before they are kept. It serves
// one goroutine.
func NewSealer(key []byte) *policy.Sealer { return policy.NewSealer(nil, seal(key)) }

// seal gives what stands for secrets: their keyed hash. A text that was sealed
// before stays as it is.
func seal(key []byte) func(secret []byte) string {
	mac := hmac.New(sha256.New, key)
	return func(secret []byte) string {
		if strings.HasPrefix(string(secret), policy.SealedPrefix) {
			return string(secret)
		}
		mac.Reset()
		mac.Write(secret)
		return policy.SealedPrefix + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16]) + ")"
	}
}

func (w *worker) do(t work, sink inventory.Sink) {
	decode := func(c inventory.Chunk) {
		if w.ctx.Err() == nil && w.err == nil {
			w.decoder.Decode(c, sink)
			w.reading.progress(int64(c.Bytes()))
		}
		c.Release()
	}
	if t.blocks == nil {
		decode(t.chunk)
		return
	}
	defer t.done.Done()
	blocks := t.blocks.Reader()
	for c, more := blocks.Next(); more && w.ctx.Err() == nil && w.err == nil; c, more = blocks.Next() {
		decode(c)
	}
}

func (r *reading) progress(bytes int64) {
	done := r.read.Add(bytes)
	if r.options.Progress != nil {
		r.options.Progress(done, r.size)
	}
}

// known reports whether a record is that of a known resource word for word. It
// then counts as read.
func (w *worker) known(record []byte) bool {
	standing, ok := w.reading.options.Known.Record(ledger.HashOf(record))
	if !ok {
		return false
	}
	w.reading.take(standing.Key, first{order: w.order(), whole: standing.Whole, placed: true, known: standing.Number})
	return true
}

// order numbers the place of the record at hand in the inputs.
func (w *worker) order() uint64 {
	file, line := w.decoder.At()
	return w.reading.files[file]<<40 | uint64(line)
}

// Resource implements inventory.Sink.
func (w *worker) Resource(r *inventory.Resource) {
	if w.err != nil {
		return
	}
	w.r = policy.Resource{Body: r.Body, ID: r.ID, Type: r.Type, Name: r.Name}
	w.sealer.Seal(&w.r)
	w.record = inventory.AppendRecord(w.record[:0], r)
	hash, key := ledger.HashOf(w.record), ledger.KeyOf(posture.IdentityOf(r.ID, r.Type, r.Unit, r.Location))
	now := first{order: w.reading.files[r.File]<<40 | uint64(r.Line), whole: r.Whole, placed: r.Unit != ""}
	if r.Dated.Of == 0 && posture.MayBeSeveral(r.ID, r.Type, r.Unit, r.Location) && w.reading.tears(key, r.Contents()) {
		r.Tear()
		w.record, now.torn = inventory.AppendRecord(w.record[:0], r), true
		hash = ledger.HashOf(w.record)
	}
	if standing, ok := w.reading.options.Known.Resource(key); ok {
		if now.known = standing.Number; standing.Record == hash {
			w.reading.take(key, now)
			return
		}
	}
	found := &Found{
		Resource: ledger.Resource{
			Number: now.known, Key: key, ID: strings.Clone(r.ID), Type: w.words.of(r.Type),
			Cloud: r.Cloud, Unit: w.words.of(r.Unit), Group: w.words.of(r.Group), Region: w.words.of(regionOf(r)),
		},
		Record: hash, Whole: r.Whole, Facts: w.words.facts(r), File: r.File, Line: r.Line,
	}
	found.Name = nameIn(found.ID, r.Name)
	now.known, now.found = 0, found
	if !w.reading.take(key, now) {
		return
	}
	w.bodies = append(w.bodies, ledger.Body{Hash: hash, Type: found.Type, Record: slices.Clone(w.record)})
	w.owners, w.size = append(w.owners, found), w.size+len(w.record)
	if len(w.bodies) == batch || w.size >= batchBytes {
		w.flush()
	}
}

// Outdated implements inventory.Sink: a record that says that its resource has
// gone, without a newer one of it.
func (w *worker) Outdated(r *inventory.Resource, why string) {
	if why != "" {
		w.reading.mu.Lock()
		defer w.reading.mu.Unlock()
		w.reading.duplicates++
		return
	}
	key := ledger.KeyOf(posture.IdentityOf(r.ID, r.Type, r.Unit, r.Location))
	if standing, ok := w.reading.options.Known.Resource(key); ok && standing.Record != (ledger.Hash{}) {
		w.reading.mu.Lock()
		defer w.reading.mu.Unlock()
		w.reading.gone[key] = standing.Number
	}
}

// flush keeps the bodies at hand.
func (w *worker) flush() {
	if w.err != nil || len(w.bodies) == 0 {
		return
	}
	numbers, err := w.reading.options.Keeper.PutBodies(w.ctx, w.bodies)
	if err == nil && len(numbers) != len(w.bodies) {
		err = errNoNumber
	}
	if err != nil {
		w.err = err
		return
	}
	for i, n := range numbers {
		w.owners[i].Body = n
	}
	clear(w.bodies)
	w.bodies, w.owners, w.size = w.bodies[:0], w.owners[:0], 0
}

// tears reports whether the record of a resource that names no account contradicts
// another one: they may be of two. See docs/decisions/0006-completeness.md.
func (r *reading) tears(key, contents uint64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	before, met := r.vague[key]
	if !met {
		r.vague[key] = contents
	}
	return met && before != contents
}

// take notes a record of a resource, and reports whether it is the one that
// counts so far: the first that is whole, else the first, and of those one that names
// its unit.
func (r *reading) take(key uint64, now first) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.first[key]
	if before == nil {
		r.first[key] = &now
		return true
	}
	r.duplicates++
	if !now.better(before) {
		return false
	}
	*before = now
	return true
}

// better reports whether a record counts before another one of its resource.
func (f *first) better(than *first) bool {
	switch {
	case f.torn || than.torn:
		return !than.torn
	case f.whole != than.whole:
		return f.whole
	case f.placed != than.placed:
		return f.placed
	}
	return f.order <= than.order // of several on one line the last
}

// Scope implements inventory.Sink.
func (w *worker) Scope(s posture.Scope) {
	w.reading.mu.Lock()
	defer w.reading.mu.Unlock()
	w.reading.tree.Add(s)
}

// Read implements inventory.Sink.
func (w *worker) Read(r posture.ReadRecord) {
	w.reading.mu.Lock()
	defer w.reading.mu.Unlock()
	if !w.reading.secondTime {
		w.reading.reads = append(w.reading.reads, r)
	}
}

// Problem implements inventory.Sink.
func (w *worker) Problem(p inventory.Problem) {
	w.reading.mu.Lock()
	defer w.reading.mu.Unlock()
	if !w.reading.secondTime {
		w.reading.problems = append(w.reading.problems, p)
	}
}

// order puts a result into an order that does not depend on who read what.
func order(found *Result) {
	slices.Sort(found.Seen)
	slices.Sort(found.Gone)
	slices.SortFunc(found.Changed, func(a, b Found) int {
		return cmp.Or(cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(found.Problems, func(a, b inventory.Problem) int {
		notice := map[bool]int{true: 1}
		return cmp.Or(notice[a.Notice]-notice[b.Notice], cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Reason, b.Reason))
	})
}
