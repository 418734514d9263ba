package report

import (
	"fmt"
	"io"
)

// Scratch is a temporary place: what was written can be read again at any
// place, and is gone once it is closed.
type Scratch interface {
	io.Writer
	io.ReaderAt
	io.Closer
}

// sorter sorts pieces of text into groups. Each group gathers its pieces in a
// buffer, and what fills one goes to the scratch, so that memory grows with the
// number of groups and not with that of pieces. Without a scratch everything
// stays in memory.
type sorter struct {
	open    func() (Scratch, error) // nil: memory only
	scratch Scratch                 // nil until something was moved there
	end     int64                   // of the scratch
	groups  []group
	room    int // bytes that a buffer may hold
}

type group struct {
	moved  []extent
	buffer []byte
}

// extent is a part of the scratch.
type extent struct{ from, bytes int64 }

// sorterRoom lets a catalogue of a thousand rules take some 16 MB.
const sorterRoom = 16 << 10

func newSorter(open func() (Scratch, error)) *sorter { return &sorter{open: open, room: sorterRoom} }

// add puts a piece at the end of group i; groups are numbered as they come up.
func (s *sorter) add(i int, piece string) error {
	for len(s.groups) <= i {
		s.groups = append(s.groups, group{})
	}
	g := &s.groups[i]
	g.buffer = append(g.buffer, piece...)
	if s.open == nil || len(g.buffer) < s.room {
		return nil
	}
	return s.move(g)
}

func (s *sorter) move(g *group) error {
	if s.scratch == nil {
		scratch, err := s.open()
		if err != nil {
			return fmt.Errorf("sort checks in a temporary file: %w", err)
		}
		s.scratch = scratch
	}
	n, err := s.scratch.Write(g.buffer)
	if err != nil {
		return fmt.Errorf("sort checks in a temporary file: %w", err)
	}
	g.moved = append(g.moved, extent{s.end, int64(n)})
	s.end += int64(n)
	g.buffer = g.buffer[:0]
	return nil
}

// arrange puts the groups in another order.
func (s *sorter) arrange(order []int) {
	groups := make([]group, len(order))
	for to, from := range order {
		groups[to] = s.groups[from]
	}
	s.groups = groups
}

// copy writes the pieces of a group in the order in which they were added.
func (s *sorter) copy(w io.Writer, i int) error {
	for _, e := range s.groups[i].moved {
		if _, err := io.Copy(w, io.NewSectionReader(s.scratch, e.from, e.bytes)); err != nil {
			return err
		}
	}
	_, err := w.Write(s.groups[i].buffer)
	return err
}

func (s *sorter) close() error {
	if s.scratch == nil {
		return nil
	}
	return s.scratch.Close()
}
