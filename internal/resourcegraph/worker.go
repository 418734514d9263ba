package resourcegraph

import (
	"hash/maphash"
	"strings"

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
	// Of every resource of the table: its id's hash, whether its body was read
	// wholly, and its row in batch, -1 where a condition was not met.
	ids   []uint64
	whole []bool
	rows  []int32
	batch *data.Batch
}

// worker decodes chunks for one goroutine and makes rows. It is the sink of
// its decoder.
type worker struct {
	scan    *scan
	decoder *inventory.Decoder
	texts   *sharedTexts
	types   map[string]typed // by type, as it came
	part    *part
	after   int // one more than the last chunk's number

	text   outline.Map
	reader *outline.Reader
	now    decoded
}

// typed is what holds for all resources of a type.
type typed struct{ ours, wanted bool }

func (s *scan) newWorker() *worker {
	w := &worker{
		scan: s, decoder: inventory.NewDecoder(), texts: newSharedTexts(), types: map[string]typed{},
		reader: outline.NewReader(&s.spots.want, s.spots.slots),
	}
	w.now.texts = w.texts
	w.decoder.Outline = w.outline
	return w
}

// outline reads a record without parsing it, which is enough to tell of most
// resources that nobody wants them. The decoder parses the others.
func (w *worker) outline(record []byte) *outline.Record {
	if w.text.Read(record); !w.reader.Read(&w.text) {
		return nil
	}
	return &w.reader.Record
}

// begin starts the part for a chunk.
func (w *worker) begin(at position) {
	w.part, w.after = &part{at: at, batch: newBatch(w.scan.want.Columns)}, at.chunk+1
}

// Resource implements inventory.Sink.
func (w *worker) Resource(r *inventory.Resource) {
	d := &w.now
	d.Resource = r
	w.scan.place(r)
	typ := w.typed(d)
	if !typ.ours {
		return
	}
	row := int32(-1)
	if typ.wanted && w.wanted(d) {
		row = int32(w.part.batch.Len)
		w.add(d)
	}
	w.part.ids = append(w.part.ids, hashID(r.ID))
	w.part.whole = append(w.part.whole, r.Whole)
	w.part.rows = append(w.part.rows, row)
}

func (w *worker) typed(d *decoded) typed {
	known, ok := w.types[d.Type]
	if ok {
		return known
	}
	if len(w.types) > mostShared {
		clear(w.types)
	}
	name := d.typeName()
	known = typed{standsIn(name, w.scan.table.name), true}
	for _, admits := range w.scan.where.types {
		known.wanted = known.wanted && admits(name)
	}
	w.types[strings.Clone(d.Type)] = known
	return known
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

// Scope implements inventory.Sink.
func (w *worker) Scope(s posture.Scope) { w.scan.scope(s) }

// Read implements inventory.Sink.
func (w *worker) Read(posture.ReadRecord) {}

// Problem implements inventory.Sink.
func (w *worker) Problem(p inventory.Problem) { w.scan.table.estate.problem(p) }

var idSeed = maphash.MakeSeed()

// hashID hashes an id in the form in which equal ids are equal.
func hashID(id string) uint64 {
	if !posture.IsARM(id) {
		return maphash.String(idSeed, id)
	}
	return policy.HashID(strings.TrimRight(id, "/"))
}
