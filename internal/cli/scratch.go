package cli

import (
	"errors"
	"os"

	"github.com/bartizan-dev/bartizan/internal/estate"
	"github.com/bartizan-dev/bartizan/internal/report"
)

// scratch is a temporary file that only its owner can read.
type scratch struct {
	*os.File
	named bool // the system keeps the name of an open file
}

// newScratch opens one. The file loses its name at once where the system
// allows, so that not even a killed process leaves it behind.
func newScratch() (report.Scratch, error) {
	f, err := os.CreateTemp("", "bartizan-scratch-*") // made with mode 0600
	if err != nil {
		return nil, err
	}
	return &scratch{f, os.Remove(f.Name()) != nil}, nil
}

// newEstateScratch is newScratch for dry runs of imports.
func newEstateScratch() (estate.Scratch, error) { return newScratch() }

// Close removes the file.
func (s *scratch) Close() error {
	err := s.File.Close()
	if s.named {
		err = errors.Join(err, os.Remove(s.Name()))
	}
	return err
}
