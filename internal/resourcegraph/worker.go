package resourcegraph

import (
	"strings"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/inventory"
	"github.com/bartizan-dev/bartizan/internal/outline"
	"github.com/bartizan-dev/bartizan/internal/posture"
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/policy"
)

// position is a chunk's place in the inputs.
type position struct{ file, chunk int }

// part is what one chunk gives: its rows, and which of its resources they are.
type part struct {
	at   position
	last bool // nothing comes after it in its file
	// Of every resource of the table: its identity's hash, whether its body was
	// read wholly, of when it is, and its row in batch, -1 where a condition was
	// not met.
	ids   []uint64
	whole []bool
	dated []inventory.Dated
	rows  []int32
	batch *data.Batch
}

// worker decodes chunks for one goroutine and makes rows. It is the sink of
// its decoder.
type worker struct {
	scan    *scan
	decoder *inventory.Decoder
	types   map[string]*typed // by type, as it came
	part    *part
	after   int      // one more than the last chunk's number
	heard   []uint64 // hashes of all resources, of other tables too, where the scan learns
	now     decoded

	text  outline.Map
	plain *outline.Reader // of what nobody looks into
	guess []byte
}

// typed is what holds for all resources of a type.
type typed struct {
	name, lower  string
	ours, wanted bool
	reader       *outline.Reader     // finds the sites; nil until somebody asks
	aliases      []policy.AliasEntry // those that are asked for; nil until somebody asks
}

func (s *scan) newWorker() *worker {
	w := &worker{
		scan: s, decoder: inventory.NewDecoder(), types: map[string]*typed{}, now: decoded{texts: newSharedTexts()},
		plain: outline.NewReader(&outline.Want{Slot: -1}, s.sites.slots, nil),
	}
	if !s.table.parsed {
		w.decoder.Outline = w.outline
	}
	return w
}

// outline reads a record without parsing it, which is enough to tell of most
// resources that nobody wants them. The decoder parses what cannot be read so.
func (w *worker) outline(record []byte) *outline.Record {
	w.text.Read(record)
	w.guess = w.text.Type(w.guess[:0])
	guess, reader := w.types[string(w.guess)], w.plain
	if guess != nil && guess.wanted {
		reader = w.readerOf(guess)
	}
	if !reader.Read(&w.text) {
		return nil
	}
	kind, plain := reader.Record.HeadText(outline.Type)
	if !plain {
		return nil
	}
	if guess == nil || guess.name != string(kind) {
		guess = w.typed(text(kind))
	}
	if w.now.typed = guess; guess.wanted && reader != w.readerOf(guess) {
		if reader = w.readerOf(guess); !reader.Read(&w.text) {
			return nil
		}
	}
	return &reader.Record
}

// readerOf gives what reads a wanted resource of a type.
func (w *worker) readerOf(t *typed) *outline.Reader {
	if w.scan.sites.slots == 0 {
		return w.plain
	}
	if t.reader == nil {
		t.reader = outline.NewReader(&w.scan.sites.want, w.scan.sites.slots, nil)
	}
	return t.reader
}

// begin starts the part for a chunk.
func (w *worker) begin(at position) {
	w.part, w.after = &part{at: at, batch: newBatch(w.scan.want.Columns)}, at.chunk+1
}

// Resource implements inventory.Sink.
func (w *worker) Resource(r *inventory.Resource) {
	d := &w.now
	if d.Resource = r; r.Outline == nil {
		d.typed = w.typed(r.Type)
	}
	if r.Cloud == posture.GCP && w.scan.projects != nil {
		r.Unit = w.scan.projects.Unit(r.Unit)
	}
	w.scan.place(r)
	learns := w.scan.learns != nil
	if !d.typed.ours && !learns {
		return
	}
	id := assess.HashResource(r)
	if learns {
		w.hear(r, id)
	}
	if !d.typed.ours {
		return
	}
	row := int32(-1)
	if d.typed.wanted && w.wanted(d) {
		row = int32(w.part.batch.Len)
		w.add(d)
	}
	w.part.ids = append(w.part.ids, id)
	w.part.whole = append(w.part.whole, r.Whole)
	w.part.dated = append(w.part.dated, r.Dated)
	w.part.rows = append(w.part.rows, row)
}

// hear notes that a resource is there, also under its bare id.
func (w *worker) hear(r *inventory.Resource, id uint64) {
	w.heard = append(w.heard, id)
	if posture.IsBare(r.ID, r.Type) {
		return
	}
	if name := assess.HashName(r); name != id {
		w.heard = append(w.heard, name)
	}
}

// typed gives what is known of a type.
func (w *worker) typed(name string) *typed {
	if t := w.types[name]; t != nil {
		return t
	}
	if len(w.types) > mostShared {
		clear(w.types)
	}
	name = strings.Clone(name)
	t := &typed{name: name, lower: strings.ToLower(name)}
	t.ours = standsIn(t.lower, w.scan.table.name)
	t.wanted = t.ours
	for _, admits := range w.scan.where.types {
		t.wanted = t.wanted && admits(t.lower)
	}
	w.types[name] = t
	return t
}

func (w *worker) wanted(d *decoded) bool {
	for _, meets := range w.scan.where.others {
		if !meets(d) {
			return false
		}
	}
	return true
}

// add appends a row.
func (w *worker) add(d *decoded) {
	for i, n := range w.scan.want.Columns {
		c, v := &columns[n], w.part.batch.Columns[i]
		switch {
		case n == aliasColumn:
			v.Nodes = append(v.Nodes, w.aliasesOf(d, i))
		case n == unreadColumn:
			v.Nodes = append(v.Nodes, w.scan.unreadOf(d))
		case c.own:
			v.Texts = append(v.Texts, strings.Clone(c.text(d)))
		case c.text != nil:
			v.Texts = append(v.Texts, c.text(d))
		default:
			v.Nodes = append(v.Nodes, w.scan.cells[i].node(d))
		}
		v.Len++
	}
	w.part.batch.Len++
}

// Outdated implements inventory.Sink.
func (w *worker) Outdated(*inventory.Resource, string) {}

// Scope implements inventory.Sink.
func (w *worker) Scope(s posture.Scope) { w.scan.scope(s) }

// Read implements inventory.Sink.
func (w *worker) Read(r posture.ReadRecord) {
	if w.scan.learns != nil {
		w.scan.learns.Read(r)
	}
}

// Problem implements inventory.Sink.
func (w *worker) Problem(p inventory.Problem) { w.scan.table.estate.problem(p) }
