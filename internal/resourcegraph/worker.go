package resourcegraph

import (
	"hash/maphash"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/inventory"
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
	ours    map[string]bool // by type: whether it stands in the table
	part    *part
	after   int // one more than the last chunk's number
}

func (s *scan) newWorker() *worker {
	return &worker{scan: s, decoder: inventory.NewDecoder(), texts: newSharedTexts(), ours: map[string]bool{}}
}

// begin starts the part for a chunk.
func (w *worker) begin(at position) {
	w.part, w.after = &part{at: at, batch: newBatch(w.scan.want.Columns)}, at.chunk+1
}

// Resource implements inventory.Sink.
func (w *worker) Resource(r *inventory.Resource) {
	d := decoded{r, w.texts}
	w.scan.place(r)
	if !w.isOurs(d.typeName()) {
		return
	}
	row := int32(-1)
	if w.wanted(&d) {
		row = int32(w.part.batch.Len)
		w.add(&d)
	}
	w.part.ids = append(w.part.ids, hashID(r.ID))
	w.part.whole = append(w.part.whole, r.Whole)
	w.part.rows = append(w.part.rows, row)
}

func (w *worker) isOurs(typeName string) bool {
	ours, known := w.ours[typeName]
	if !known {
		ours = standsIn(typeName, w.scan.table.name)
		w.ours[typeName] = ours
	}
	return ours
}

func (w *worker) wanted(d *decoded) bool {
	for _, meets := range w.scan.where {
		if !meets(d) {
			return false
		}
	}
	return true
}

// add appends a row.
func (w *worker) add(d *decoded) {
	want := &w.scan.want
	for i, n := range want.Columns {
		c, v := &columns[n], w.part.batch.Columns[i]
		switch {
		case c.own:
			v.Texts = append(v.Texts, strings.Clone(c.text(d)))
		case c.text != nil:
			v.Texts = append(v.Texts, c.text(d))
		case i < len(want.Paths) && want.Paths[i] != nil:
			v.Nodes = append(v.Nodes, partly(d.Body.Get(c.member), want.Paths[i]))
		default:
			v.Nodes = append(v.Nodes, whole(d.Body.Get(c.member)))
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
