package server

import (
	"io"
	"sync/atomic"

	"github.com/bartizan-dev/bartizan/internal/intake"
	"github.com/bartizan-dev/bartizan/internal/inventory"
)

// sent is what somebody sent to be imported, kept in a file.
type sent struct {
	unpack func(name string, in io.ReadCloser) (io.ReadCloser, error)
	inputs []intake.Input
	parts  []*sentPart
	unread []inventory.Problem // files that the sender could not read
}

// sentPart is one input, as it was sent.
type sentPart struct {
	size int64
	read atomic.Int64 // of it, since it was opened last
}

// read is how much of what was sent is read, in the bytes of its size: what comes out of
// something packed is more.
func (s *sent) read() (bytes int64) {
	for _, p := range s.parts {
		bytes += min(p.read.Load(), p.size)
	}
	return bytes
}

// add takes an input that stands in a file.
func (s *sent) add(name string, file io.ReaderAt, begin, size int64) {
	p := &sentPart{size: size}
	s.parts = append(s.parts, p)
	s.inputs = append(s.inputs, intake.Input{Name: name, Size: size, Open: func() (io.ReadCloser, error) {
		p.read.Store(0)
		return s.unpack(name, io.NopCloser(&countedSection{io.NewSectionReader(file, begin, size), &p.read}))
	}})
}

// countedSection counts what is read of it in order.
type countedSection struct {
	*io.SectionReader
	read *atomic.Int64
}

// Read implements [io.Reader].
func (c *countedSection) Read(to []byte) (int, error) {
	n, err := c.SectionReader.Read(to)
	c.read.Add(int64(n))
	return n, err
}
