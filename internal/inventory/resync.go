package inventory

import (
	"bytes"
	"errors"

	"github.com/cespare/xxhash/v2"
)

// broken reports the record that begins at keep and looks for the next one.
// False: there is none that could be told apart.
func (s *scan) broken(line int, err error) bool {
	start := s.keep
	s.keep = -1
	if s.emitErr != nil || start < 0 {
		return false
	}
	if errors.Is(err, errTooLarge) {
		s.problem(line, "record larger than %d bytes", s.max)
	} else if end := s.endReason(); errors.Is(err, errEnds) && end != "" {
		s.unread(line, "record cut off: %s", end)
	} else {
		s.problem(line, "record cannot be read: %s", err)
		s.problems[len(s.problems)-1].Content = xxhash.Sum64(s.buf[start:min(s.pos, len(s.buf))]) // up to its fault
	}
	s.endTold = errors.Is(err, errEnds)
	told := len(s.problems) - 1
	if !s.atStart {
		s.lost()
	} else if s.resync(s.margin, start) {
		return true
	}
	s.problems[told].Unread = s.problems[told].Unread || errors.Is(err, errEnds)
	return false
}

// resync moves to the next line after buf[from] on which an object begins as
// far in as indent.
func (s *scan) resync(indent string, from int) bool {
	if s.resyncs++; s.resyncs > maxResyncs {
		s.lost()
		return false
	}
	want := []byte("\n" + indent + "{")
	s.pos = min(from, len(s.buf))
	for {
		if i := bytes.Index(s.buf[s.pos:], want); i >= 0 {
			s.pos += i + len(want) - 1
			s.endTold = false // it was not the input's
			return true
		}
		s.pos = max(s.pos, len(s.buf)-len(want)+1)
		if ok, err := s.more(); err != nil || !ok {
			s.pos = len(s.buf)
			return false
		}
	}
}

// lost gives up on the rest of the input.
func (s *scan) lost() {
	if !s.endTold {
		s.problem(s.lineOf(min(s.pos, len(s.buf))), "the rest of the input cannot be told apart into records")
	}
	s.pos, s.gaveUp = len(s.buf), true
}
