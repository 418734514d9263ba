package inventory

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"
	"github.com/valyala/fastjson"

	"github.com/bartizan-dev/bartizan/internal/outline"
	"github.com/bartizan-dev/bartizan/internal/posture"
)

// largeRecord is the size, in bytes, after which a decoder gives its parser's
// memory back.
const largeRecord = 4 << 20

// Decoder turns chunks into resources. It serves one goroutine.
type Decoder struct {
	// Outline reads a record without parsing it, if it can; it is optional.
	Outline func(record []byte) *outline.Record
	// Known reports whether a record is one that the caller has taken by itself,
	// word for word; it is then counted and goes no further. It is optional.
	Known func(record []byte) bool

	parser fastjson.Parser
	inner  []*fastjson.Parser // for JSON inside strings
	inUse  int                // how many of inner the record at hand uses
	arena  fastjson.Arena

	sink   Sink
	chunk  Chunk
	record []byte // at hand
	line   int
	at     int64 // see Resource.At
	size   int
	f      fields
	// temporal is what stands around the asset at hand.
	temporal temporal
	res      Resource
	visit    func(key []byte, v *fastjson.Value)

	seen    map[string]*Seen
	now     *Seen
	shapes  [shapeCount]int
	names   map[string]string // texts that stay: types, units
	scopes  map[string]bool   // scopes told to the sink
	unit    string            // the last unit and group told
	group   string
	groups  map[string]string // those told
	pages   pageList          // of the chunk at hand, that came as records
	scratch []byte
}

// NewDecoder makes a Decoder.
func NewDecoder() *Decoder {
	d := &Decoder{
		seen: map[string]*Seen{}, names: map[string]string{},
		scopes: map[string]bool{}, groups: map[string]string{},
	}
	d.visit = d.f.take
	return d
}

// Seen says what this decoder saw, by file. The caller merges it with what
// other decoders saw of the same file.
func (d *Decoder) Seen() map[string]*Seen { return d.seen }

// Decode hands what is in c to s: resources, scopes, read records, and a
// Problem for what could not be read. It does not release c.
func (d *Decoder) Decode(c Chunk, s Sink) {
	d.sink, d.chunk, d.shapes = s, c, [shapeCount]int{}
	if d.now = d.seen[c.File]; d.now == nil {
		d.now = &Seen{File: c.File}
		d.seen[c.File] = d.now
	}
	for _, problem := range c.Problems {
		d.now.Rejected++
		s.Problem(problem)
	}
	d.pages = pageList{}
	c.records(d.decode)
	d.now.Pages = append(append(d.now.Pages, c.pages...), d.pages.kept...)
	for i, n := range d.shapes {
		if n > 0 {
			d.now.countShape(shapeNames[i]+", "+c.wrap.container, n)
		}
	}
	d.now.describe()
	d.sink, d.chunk, d.record = nil, Chunk{}, nil
}

// Again decodes a record of JSON lines that was decoded before, without
// counting it among what was seen, unless it can no longer be read.
func (d *Decoder) Again(file string, line int, record []byte, s Sink) {
	d.sink, d.chunk, d.now = s, Chunk{File: file, Line: line, data: record, wrap: linesWrapper}, &Seen{}
	d.chunk.records(d.decode)
	if d.now.Rejected > 0 && d.seen[file] != nil {
		d.seen[file].Rejected += d.now.Rejected
	}
	d.sink, d.chunk, d.record = nil, Chunk{}, nil
}

// Lose tells that a record which was decoded before cannot be read after all, or
// that a part of it cannot.
func (d *Decoder) Lose(p Problem, s Sink) {
	if d.seen[p.File] == nil {
		d.seen[p.File] = &Seen{File: p.File}
	}
	d.seen[p.File].Rejected++
	s.Problem(p)
}

// locate notes where the record at hand stands.
func (d *Decoder) locate(record []byte) {
	d.at, d.size = 0, 0
	if d.chunk.placed {
		// The record is a part of data: what follows it is the same in both.
		d.at, d.size = d.chunk.at+int64(cap(d.chunk.data)-cap(record)), len(record)
	}
}

// decode reads one record.
func (d *Decoder) decode(record []byte, line int) {
	d.locate(record)
	d.record, d.line, d.inUse = record, line, 0
	if d.Known != nil && d.Known(record) {
		d.now.Records++
		d.now.Resources++
		d.shapes[shapeKept]++
		return
	}
	if d.outlined(record, line) {
		return
	}
	d.arena.Reset()
	if reason := strict(record); reason != "" {
		d.breaks(record, reason)
		return
	}
	v, err := d.parser.ParseBytes(record)
	if err != nil {
		if !d.several(record, line) {
			d.breaks(record, syntax(record))
		}
		return
	}
	d.value(v)
	if len(record) > largeRecord {
		d.parser, d.inner, d.arena = fastjson.Parser{}, nil, fastjson.Arena{}
	}
}

// reject says why the record at hand is none, once for each record.
func (d *Decoder) reject(format string, args ...any) {
	d.lose(Problem{Reason: fmt.Sprintf(format, args...)})
}

// breaks says why the record at hand is no JSON, with what may be lost. Behind one that
// the input ends in anything may have followed.
func (d *Decoder) breaks(record []byte, reason string) {
	p := Problem{Reason: reason}
	if d.endsIn(record) {
		p.Cut = isCut(record)
	} else {
		p.Named = namedIn(record)
	}
	d.lose(p)
}

// endsIn reports whether the input ends in a record of JSON lines: no line end follows.
func (d *Decoder) endsIn(record []byte) bool {
	// The record is a part of data: what follows it is the same in both.
	at := cap(d.chunk.data) - cap(record)
	return d.chunk.spans == nil && bytes.IndexByte(d.chunk.data[at+len(record):], '\n') < 0
}

// spoil says what part of the record at hand is lost; its resource is handed over.
func (d *Decoder) spoil(format string, args ...any) {
	d.lose(Problem{Reason: fmt.Sprintf(format, args...), Kept: true})
}

func (d *Decoder) lose(p Problem) {
	p.File, p.Line, p.Content = d.chunk.File, d.line, xxhash.Sum64(d.record)
	d.now.Rejected++
	d.sink.Problem(p)
}

// notice tells what is odd about the record at hand although nothing is lost by it;
// "" is nothing.
func (d *Decoder) notice(reason string) {
	if reason != "" {
		d.sink.Problem(Problem{File: d.chunk.File, Line: d.line, Reason: reason, Notice: true})
	}
}

// value takes a value of the input: a record, or what is around records.
func (d *Decoder) value(v *fastjson.Value) {
	switch v.Type() {
	case fastjson.TypeObject:
		d.object(v)
	case fastjson.TypeArray:
		if d.chunk.wrap.columns != nil {
			d.row(d.chunk.wrap.columns, v.GetArray())
			return
		}
		d.size = 0
		for _, item := range v.GetArray() {
			d.value(item)
		}
	case fastjson.TypeString:
		d.quoted(v)
	default:
		d.reject("found %s, want an object", v.Type())
	}
}

// quoted takes a record that came as a string, as AWS Config's queries give.
func (d *Decoder) quoted(v *fastjson.Value) {
	inside, err := d.parseInner(v.GetStringBytes())
	if err != nil || inside.Type() != fastjson.TypeObject {
		d.reject("found string, want an object")
		return
	}
	outer := d.chunk.wrap
	row := *outer
	row.query, d.chunk.wrap = true, &row
	d.object(inside)
	d.chunk.wrap = outer
	d.inUse--
}

// parseInner parses JSON that came in a string. The value lives as long as
// the record at hand.
func (d *Decoder) parseInner(b []byte) (*fastjson.Value, error) {
	if d.inUse == len(d.inner) {
		d.inner = append(d.inner, new(fastjson.Parser))
	}
	v, err := d.inner[d.inUse].ParseBytes(b)
	d.inUse++
	return v, err
}

// row takes a row of a Resource Graph table.
func (d *Decoder) row(columns []string, cells []*fastjson.Value) {
	if len(cells) != len(columns) {
		d.reject("a row of %d cells, want %d as the table has columns", len(cells), len(columns))
		return
	}
	v := d.arena.NewObject()
	for i, cell := range cells {
		v.Set(columns[i], cell)
	}
	d.object(v)
}

// emit hands the resource over that the recogniser has filled in.
func (d *Decoder) emit(s shape) {
	if why := unfit(d.res.ID, d.res.Type, d.res.Unit, d.res.Group); why != "" {
		d.reject("resource with the name %s", why)
		return
	}
	d.shapes[s]++
	d.now.Resources++
	d.placeRecord()
	d.sink.Resource(&d.res)
}

// outdated hands over that the resource is gone which the recogniser has filled in.
func (d *Decoder) outdated(s shape) {
	d.shapes[s]++
	d.now.Deleted++
	d.placeRecord()
	d.sink.Outdated(&d.res, "")
}

// longestName is how long what is looked up may be, in bytes. No id of a cloud comes near.
const longestName = 2000

// unfit says which of some names is none and why, "" if all are.
func unfit(names ...string) string {
	for _, name := range names {
		switch {
		case len(name) > longestName:
			return fmt.Sprintf("%.60q…: %d bytes, want at most %d", name, len(name), longestName)
		case strings.IndexByte(name, 0) >= 0:
			return fmt.Sprintf("%.60q: want text without NUL", name)
		}
	}
	return ""
}

func (d *Decoder) placeRecord() {
	d.res.File, d.res.Line, d.res.At, d.res.Size = d.chunk.File, d.line, d.at, d.size
}

// scope tells the sink a scope, once unless it says more than its id.
func (d *Decoder) scope(s posture.Scope) {
	if s.ID == "" || unfit(s.ID, s.Parent) != "" {
		return // who names it tells
	}
	if s.Name == "" {
		s.Named = posture.NameStated
	}
	d.scratch = append(append(append(d.scratch[:0], s.ID...), 0), s.Parent...)
	d.scratch = append(append(d.scratch, byte(s.Named)), s.Name...)
	if d.scopes[string(d.scratch)] {
		return
	}
	d.scopes[string(d.scratch)] = true
	s.ID, s.Parent, s.Name = strings.Clone(s.ID), strings.Clone(s.Parent), strings.Clone(s.Name)
	d.sink.Scope(s)
}

// intern gives a text that stays, equal to b.
func (d *Decoder) intern(b []byte) string {
	if known, ok := d.names[string(b)]; ok {
		return known
	}
	if len(d.names) > 1<<16 {
		clear(d.names)
	}
	s := string(b)
	d.names[s] = s
	return s
}

// string makes a string value for a body.
func (d *Decoder) string(s string) *fastjson.Value {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' {
			// The arena's own escaping is Go's, not JSON's.
			d.scratch = appendString(d.scratch[:0], []byte(s))
			v, _ := d.parseInner(d.scratch)
			return v
		}
	}
	return d.arena.NewString(s)
}

// occurs counts how often key is a key of v.
func occurs(v *fastjson.Value, key string) (n int) {
	v.GetObject().Visit(func(k []byte, _ *fastjson.Value) {
		if string(k) == key {
			n++
		}
	})
	return n
}

// keysOf names an object's first keys, for messages.
func keysOf(v *fastjson.Value) string {
	var keys []string
	v.GetObject().Visit(func(key []byte, _ *fastjson.Value) {
		if len(keys) < 6 {
			keys = append(keys, fmt.Sprintf("%.40q", key))
		}
	})
	if len(keys) == 0 {
		return "an object without keys"
	}
	return "an object with " + strings.Join(slices.Clip(keys), ", ")
}
