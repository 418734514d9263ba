package inventory

import (
	"bytes"
	"errors"
	"strings"

	"github.com/valyala/fastjson"
)

// maxResyncs bounds how often a broken input is taken up again, because each
// time may read a whole record's limit ahead.
const maxResyncs = 100

var (
	errEnds    = errors.New("the input ends inside it")
	errBracket = errors.New("its brackets do not match")
)

// splitValues cuts out records by structure: whole objects, and the elements
// of arrays and of the lists in wrapping objects. It holds one record at most.
func (w *window) splitValues() {
	w.pos = 0
	s := &scan{window: w}
	for s.next() {
		s.wrapIn(&wrapper{container: "JSON objects"})
		switch s.buf[s.pos] {
		case '[':
			s.array(&wrapper{container: "JSON array"})
		case '{':
			s.object()
		case ',':
			s.pos++
		default:
			s.topScalar()
		}
	}
	if reason := w.endReason(); reason != "" && !s.endTold {
		w.unread(w.lineOf(w.pos), "the input ends early: %s", reason)
	}
}

// scan is the state of splitValues.
type scan struct {
	*window
	stack   []byte // closing brackets still to come in the value at hand
	resyncs int
	gaveUp  bool
	found   int // records so far

	indent  []byte // white space before the last token, on its line
	fresh   bool   // the last token began its line
	margin  string // indent of the record at hand
	atStart bool   // fresh of the record at hand
	dropped bool   // the record at hand is too large and no longer held
	endTold bool   // that the input ends where it should not was told
}

// next moves to the next byte that is not white space; false at the end.
func (s *scan) next() bool {
	s.fresh = s.pos == 0 && s.line == 1 && s.lineAt == 0
	s.indent = s.indent[:0]
	for !s.gaveUp {
		for s.pos < len(s.buf) {
			c := s.buf[s.pos]
			if !isSpace(c) {
				return true
			}
			if c == '\n' {
				s.fresh, s.indent = true, s.indent[:0]
			} else if len(s.indent) < 1<<10 {
				s.indent = append(s.indent, c)
			}
			s.pos++
		}
		if ok, err := s.more(); err != nil || !ok {
			return false
		}
	}
	return false
}

// more reads more. A record that outgrows the limit in the middle of a line
// is given up but walked on through, because what follows it on the line can
// only be found behind it.
func (s *scan) more() (bool, error) {
	ok, err := s.window.more()
	if errors.Is(err, errTooLarge) && s.keep >= 0 && !s.atStart {
		s.keep, s.dropped = -1, true
		return s.window.more()
	}
	return ok, err
}

// begin makes pos the first byte of a record that is held until it is whole.
func (s *scan) begin() (line int) {
	s.keep, s.dropped, s.atStart, s.margin = s.pos, false, s.fresh, string(s.indent)
	return s.lineOf(s.pos)
}

// wrapIn says what the records from here on lie in.
func (s *scan) wrapIn(to *wrapper) {
	if s.wrap.container == to.container && s.wrap.columns == nil && to.columns == nil && s.wrap.typeName == to.typeName {
		return
	}
	if len(s.spans) > 0 {
		s.flush()
	}
	s.wrap = to
}

// array cuts the elements of the array at pos. False: nothing sensible follows.
func (s *scan) array(in *wrapper) bool {
	line := s.lineOf(s.pos)
	s.pos++
	s.wrapIn(in)
	for s.next() {
		switch s.buf[s.pos] {
		case ']':
			s.pos++
			return true
		case ',':
			s.pos++
		default:
			if !s.element() {
				return false
			}
		}
	}
	if !s.gaveUp && s.emitErr == nil && s.endReason() == "" && !s.endTold {
		s.unread(s.lineOf(s.pos), "the input ends inside the list that begins on line %d", line)
		s.endTold = true
	}
	return false
}

// element makes the value at pos a record.
func (s *scan) element() bool {
	line := s.begin()
	err := s.value()
	if err == nil {
		s.record(line)
		return true
	}
	return s.broken(line, err)
}

// topScalar handles what begins neither an object nor an array between them.
func (s *scan) topScalar() {
	line := s.begin()
	if err := s.value(); err == nil && !s.dropped && fastjson.ValidateBytes(s.buf[s.keep:s.pos]) == nil {
		s.record(line)
		return
	}
	s.keep = -1
	s.problem(line, "not JSON, want an object or an array")
	if s.resyncs++; s.resyncs > maxResyncs {
		s.lost()
	}
	s.toLineEnd()
}

// toLineEnd moves to the next line break.
func (s *scan) toLineEnd() {
	for !s.gaveUp {
		if i := bytes.IndexByte(s.buf[min(s.pos, len(s.buf)):], '\n'); i >= 0 {
			s.pos += i
			return
		}
		s.pos = len(s.buf)
		if ok, err := s.more(); err != nil || !ok {
			return
		}
	}
}

// record keeps what was read from begin to pos as a record.
func (s *scan) record(line int) {
	if s.dropped {
		s.dropped = false
		s.problem(line, "record larger than %d bytes", s.max)
		return
	}
	s.spans = append(s.spans, span{start: s.keep, end: s.pos, line: line})
	s.found++
	s.keep = -1
}

// text reads the string at pos.
func (s *scan) text() (string, error) {
	relative := s.keep >= 0
	mark := s.pos - max(s.keep, 0)
	if !relative {
		s.keep, mark = s.pos, 0
	}
	if err := s.stringValue(); err != nil || s.dropped {
		return "", err
	}
	raw := s.buf[s.keep+mark : s.pos]
	if !relative {
		s.keep = -1
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1]), nil
	}
	v, err := fastjson.ParseBytes(raw)
	if err != nil {
		return "", errBracket
	}
	return string(v.GetStringBytes()), nil
}

// value moves past the value at pos. It looks at brackets and strings only.
func (s *scan) value() error {
	s.stack = s.stack[:0]
	for {
		if !s.next() {
			return s.why()
		}
		switch c := s.buf[s.pos]; c {
		case '{', '[':
			s.stack = append(s.stack, c+2) // both closing brackets are two further on
			s.pos++
			continue
		case '}', ']':
			if len(s.stack) == 0 || s.stack[len(s.stack)-1] != c {
				s.pos++
				return errBracket
			}
			s.stack = s.stack[:len(s.stack)-1]
			s.pos++
		case '"':
			if err := s.stringValue(); err != nil {
				return err
			}
		case ',', ':':
			s.pos++
			if len(s.stack) == 0 {
				return errBracket
			}
			continue
		default:
			if err := s.scalar(); err != nil {
				return err
			}
		}
		if len(s.stack) == 0 {
			return nil
		}
	}
}

// why says why the input went no further: its end, or the limit.
func (s *scan) why() error {
	if s.ended == nil && s.emitErr == nil && !s.gaveUp {
		return errTooLarge
	}
	return errEnds
}

// stringValue moves past the string at pos.
func (s *scan) stringValue() error {
	s.pos++
	for {
		rest := s.buf[s.pos:]
		i := bytes.IndexByte(rest, '"')
		if slash := bytes.IndexByte(rest[:max(i, 0)], '\\'); i >= 0 && slash < 0 {
			s.pos += i + 1
			return nil
		}
		n, done := skipEscapes(rest)
		s.pos += n
		if done {
			return nil
		}
		if ok, err := s.more(); err != nil || !ok {
			return s.why()
		}
	}
}

// skipEscapes moves over the inside of a string: behind its closing quote,
// or, without one, to where reading has to go on once there is more.
func skipEscapes(b []byte) (n int, done bool) {
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			return i + 1, true
		case '\\':
			if i+1 == len(b) {
				return i, false
			}
			i++
		}
	}
	return len(b), false
}

// scalar moves past the number, literal or rubbish at pos.
func (s *scan) scalar() error {
	for {
		rest := s.buf[s.pos:]
		for i, c := range rest {
			if isSpace(c) || strings.IndexByte(`,:{}[]"`, c) >= 0 {
				s.pos += i
				return nil
			}
		}
		s.pos = len(s.buf)
		ok, err := s.more()
		if err != nil {
			return s.why()
		}
		if !ok {
			return nil
		}
	}
}
