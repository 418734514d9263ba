package catalog

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/klauspost/compress/zstd"

	"github.com/bartizan-dev/bartizan/internal/posture"
)

// The packed form, in reading order:
//
//	magic
//	entries: id title cloud service severity control preview, block, place in the block
//	controls
//	number of blocks, then each block's length
//	the blocks, each a zstd frame: block 0 holds aliases, what is always
//	returned and of what kinds, and standards, every other one the
//	recommendations of one service
//
// Numbers are uvarints, strings a length and their bytes. Only the entries,
// the controls and the lengths are read on opening; strings of the entries
// point into the packed text and are not copied.
const magic = "bartizan catalogue 6\n"

// pack writes a catalogue that Parse has read.
func pack(c *Catalog) ([]byte, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("pack catalogue: %w", err)
	}
	defer encoder.Close() // writes nothing: only EncodeAll is used
	blocks, places := blocksOf(c)
	w := writer{b: []byte(magic)}
	w.number(len(c.entries))
	for i, e := range c.entries {
		w.entry(e)
		w.number(places[i].block)
		w.number(places[i].at)
	}
	w.number(len(c.controls))
	for _, control := range c.controls {
		w.control(control)
	}
	w.number(len(blocks))
	for i, b := range blocks {
		blocks[i] = encoder.EncodeAll(b, nil)
		w.number(len(blocks[i]))
	}
	return append(w.b, slices.Concat(blocks...)...), nil
}

// place says where a recommendation's details are.
type place struct{ block, at int }

func blocksOf(c *Catalog) (blocks [][]byte, places []place) {
	first := writer{}
	first.raw(c.aliases)
	first.number(len(c.always))
	for _, t := range slices.Sorted(maps.Keys(c.always)) {
		first.text(t)
		first.texts(c.always[t])
	}
	first.raw(c.kinds)
	first.number(len(c.standards))
	for _, s := range c.standards {
		first.standard(s)
	}
	byService := map[[2]string]int{}
	writers := []*writer{&first}
	counts := []int{0}
	for _, r := range c.recommendations {
		key := [2]string{r.Cloud.String(), r.Service}
		b, known := byService[key]
		if !known {
			b = len(writers)
			byService[key] = b
			writers, counts = append(writers, &writer{}), append(counts, 0)
		}
		writers[b].details(r)
		places = append(places, place{b, counts[b]})
		counts[b]++
	}
	for _, w := range writers {
		blocks = append(blocks, w.b)
	}
	return blocks, places
}

// writer appends the parts of the packed form.
type writer struct{ b []byte }

func (w *writer) number(n int)            { w.b = binary.AppendUvarint(w.b, uint64(n)) }
func (w *writer) text(s string)           { w.number(len(s)); w.b = append(w.b, s...) }
func (w *writer) raw(raw json.RawMessage) { w.text(string(raw)) }

func (w *writer) truth(b bool) {
	if b {
		w.b = append(w.b, 1)
	} else {
		w.b = append(w.b, 0)
	}
}

func (w *writer) texts(all []string) {
	w.number(len(all))
	for _, s := range all {
		w.text(s)
	}
}

func (w *writer) entry(e Entry) {
	w.text(e.ID)
	w.text(e.Title)
	w.number(int(e.Cloud))
	w.text(e.Service)
	w.number(int(e.Severity))
	w.text(e.Control)
	w.truth(e.Preview)
}

func (w *writer) control(c Control) {
	w.text(c.ID)
	w.text(c.Name)
	w.text(c.GUID)
	w.number(int(math.Round(c.Max * 100)))
	w.text(c.Description)
}

func (w *writer) standard(s *Standard) {
	w.text(s.ID)
	w.text(s.Title)
	w.text(s.Authority)
	w.text(s.Version)
	w.number(len(s.Clouds))
	for _, c := range s.Clouds {
		w.number(int(c))
	}
	w.truth(s.Default)
	w.number(len(s.Nodes))
	for _, n := range s.Nodes {
		w.text(n.ID)
		w.text(n.Title)
		w.text(n.Parent)
		w.truth(n.Manual)
	}
}

// details writes what an entry does not have. Cases stay with the authors.
func (w *writer) details(r *Recommendation) {
	w.text(r.Why)
	w.text(r.UserImpact)
	w.text(r.Effort)
	w.number(len(r.Attack))
	for _, t := range r.Attack {
		w.text(t.ID)
		w.text(t.Name)
	}
	w.text(r.Remediation.Steps)
	w.number(len(r.Remediation.Commands))
	for _, c := range r.Remediation.Commands {
		w.text(c.For)
		w.texts(c.Types)
		w.text(c.Text)
	}
	w.text(r.Remediation.Terraform)
	w.text(r.Remediation.Bicep)
	w.text(r.Remediation.CloudFormation)
	w.text(r.Remediation.Breaks)
	w.raw(r.Remediation.Fix)
	w.number(len(r.Standards))
	for _, s := range r.Standards {
		w.text(s.Standard)
		w.text(s.Control)
	}
	w.texts(r.AzurePolicies)
	w.texts(r.Types)
	w.raw(r.Definition)
	w.raw(r.Applies)
	w.texts(r.Brief.Types)
	w.text(r.Brief.Target)
	w.truth(r.Brief.Beyond)
	w.text(r.Brief.Effect)
	w.text(r.Brief.Hash)
	w.text(r.File)
}

// reader takes the parts back. After a failure every read gives a zero value
// and err says where it happened.
type reader struct {
	s   string
	at  int
	err error
}

func (r *reader) fail(what string) {
	r.err = cmp.Or(r.err, fmt.Errorf("packed catalogue: byte %d: %s; run go generate ./internal/catalog", r.at, what))
	r.at = len(r.s)
}

func (r *reader) number() int {
	var n uint64
	for shift := 0; shift < 64 && r.at < len(r.s); shift += 7 {
		b := r.s[r.at]
		r.at++
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			if n > math.MaxInt32 {
				r.fail("a number is out of range")
				return 0
			}
			return int(n)
		}
	}
	r.fail("a number is cut off")
	return 0
}

// count is a number of things of which each takes a byte at least.
func (r *reader) count() int {
	n := r.number()
	if n > len(r.s)-r.at {
		r.fail("a list is cut off")
		return 0
	}
	return n
}

func (r *reader) text() string {
	n := r.count()
	s := r.s[r.at : r.at+n]
	r.at += n
	return s
}

func (r *reader) truth() bool { return r.number() == 1 }

func (r *reader) raw() json.RawMessage {
	if s := r.text(); s != "" {
		return json.RawMessage(s)
	}
	return nil
}

func (r *reader) texts() []string {
	var all []string
	for range r.count() {
		all = append(all, r.text())
	}
	return all
}

// cloud gives a cloud; a number that is none is a failure.
func (r *reader) cloud() posture.Cloud {
	n := r.number()
	if n > int(posture.Machine) {
		r.fail("there is no such cloud")
		return posture.NoCloud
	}
	return posture.Cloud(n)
}

func (r *reader) severity() posture.Severity {
	n := r.number()
	if n > int(posture.Critical) {
		r.fail("there is no such severity")
		return posture.NotRated
	}
	return posture.Severity(n)
}
