package files

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// Spool is a copy of a stream in a temporary file that only its owner can
// read, so that what comes once can be read several times.
type Spool struct {
	file *os.File
	size int64
	path string // "" once the file has no name any more
}

// NewSpool copies r to its end. The file loses its name at once where the
// system allows, so that not even a killed process leaves it behind.
func NewSpool(r io.Reader) (*Spool, error) {
	f, err := os.CreateTemp("", "bartizan-input-*") // made with mode 0600
	if err != nil {
		return nil, fmt.Errorf("keep the input: %w", err)
	}
	s := &Spool{file: f, path: f.Name()}
	if os.Remove(s.path) == nil {
		s.path = ""
	}
	if s.size, err = io.Copy(f, r); err != nil {
		return nil, errors.Join(fmt.Errorf("keep the input: %w", err), s.Close())
	}
	return s, nil
}

// Input gives the copy as an input under the name path; it can be opened any
// number of times, also at the same time, until the spool is closed.
func (s *Spool) Input(path string) Input { return Input{Path: path, Size: s.size, spool: s} }

// Size is the number of bytes kept.
func (s *Spool) Size() int64 { return s.size }

func (s *Spool) reader() io.ReadCloser {
	return io.NopCloser(io.NewSectionReader(s.file, 0, s.size))
}

// Close removes the copy.
func (s *Spool) Close() error {
	err := s.file.Close()
	if s.path != "" {
		err = errors.Join(err, os.Remove(s.path))
		s.path = ""
	}
	if err != nil {
		return fmt.Errorf("remove the kept input: %w", err)
	}
	return nil
}
