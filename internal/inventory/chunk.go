package inventory

import (
	"bytes"
	"sync"
)

const (
	// chunkSize is the size of a chunk's buffer; a chunk holds the whole
	// records that fit.
	chunkSize = 1 << 20
	// MaxRecord is the largest record that is read, in bytes. A larger one is
	// a Problem and costs no more memory than this.
	MaxRecord = 64 << 20
)

// Chunk is a run of whole records of one input, made by [Split] and taken
// apart by [Decoder.Decode]. Release it when it is decoded.
type Chunk struct {
	// File is the input's name as given to Split.
	File string
	// Line is the line of the chunk's first record, from 1.
	Line int
	// Number is the chunk's place among those of its input, from 0, so that what
	// several goroutines decode can be brought back into the input's order.
	Number int
	// Problems are the places in the input, before the end of this chunk,
	// that are no record at all.
	Problems []Problem

	data   []byte
	at     int64 // place of data in the file, of blocks
	placed bool  // at is known
	// spans are the records in data. Without them data is JSON lines.
	spans []span
	wrap  *wrapper
	pages []Page // that end before the end of this chunk
	buf   *[]byte
}

// span is one record in a chunk's data.
type span struct {
	start, end int
	line       int
}

// wrapper is what a chunk's records lay in.
type wrapper struct {
	container string   // in words: "JSON lines", "JSON array", `list in "value"`
	columns   []string // of a Resource Graph table; its records are rows
	typeName  string   // of a Cloud Control list
	query     bool     // its records hold what a query of AWS Config chose
}

var linesWrapper = &wrapper{container: "JSON lines"}

var buffers = sync.Pool{New: func() any {
	b := make([]byte, 0, chunkSize)
	return &b
}}

// Bytes is the size of the chunk's records, in bytes of the input.
func (c Chunk) Bytes() int { return len(c.data) }

// Release gives the chunk's memory back. Nothing of the chunk may be used
// afterwards. Releasing is optional and may happen once.
func (c Chunk) Release() {
	if c.buf == nil || cap(*c.buf) > 4*chunkSize {
		return
	}
	*c.buf = (*c.buf)[:0]
	buffers.Put(c.buf)
}

// records calls yield with each record's bytes and line, white space around
// it removed; blank lines are no records.
func (c Chunk) records(yield func(record []byte, line int)) {
	if c.spans != nil {
		for _, s := range c.spans {
			yield(c.data[s.start:s.end], s.line)
		}
		return
	}
	line := c.Line
	for rest := c.data; len(rest) > 0; line++ {
		record := rest
		if n := bytes.IndexByte(rest, '\n'); n >= 0 {
			record, rest = rest[:n], rest[n+1:]
		} else {
			rest = nil
		}
		if record = trimSpace(record); len(record) > 0 {
			yield(record, line)
		}
	}
}

// trimSpace removes JSON's white space from both ends of b.
func trimSpace(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }
