package inventory

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// errTooLarge says that what has to be kept no longer fits the limit.
var errTooLarge = errors.New("larger than the limit")

// window is the part of a stream that Split has in memory: one chunk's buffer
// that grows only for a record larger than itself. When it is full, the
// records in it leave as a chunk, together with the buffer, and what is not
// yet a record moves to a new one.
type window struct {
	r    io.Reader
	file string
	emit func(Chunk) error

	buf  []byte
	own  *[]byte // the pool's handle of buf
	pos  int     // next byte to look at
	keep int     // first byte that must stay; -1: nothing before pos
	max  int     // limit of what is kept

	line, lineAt int // line is the line of buf[lineAt]

	spans    []span
	wrap     *wrapper
	problems []Problem
	pages    pageList
	lines    bool // buf[:cut] is JSON lines, without spans
	cut      int
	cutLine  int

	ended   error // what the reader ended with
	emitErr error // what emit refused with; ends everything
}

func newWindow(r io.Reader, file string, limit int, emit func(Chunk) error) *window {
	w := &window{r: r, file: file, emit: emit, keep: -1, line: 1, cutLine: 1, max: limit, wrap: linesWrapper}
	w.own = buffers.Get().(*[]byte)
	w.buf = (*w.own)[:0]
	return w
}

// more reads at least one byte more, whatever pos is.
func (w *window) more() (bool, error) {
	for w.ended == nil && w.emitErr == nil {
		if err := w.room(); err != nil {
			return false, err
		}
		n, err := w.r.Read(w.buf[len(w.buf):cap(w.buf)])
		w.buf = w.buf[:len(w.buf)+n]
		w.ended = err
		if n > 0 {
			return true, nil
		}
	}
	return false, nil
}

// room makes the buffer have free space.
func (w *window) room() error {
	if len(w.buf) < cap(w.buf) {
		return nil
	}
	if len(w.spans) > 0 || w.cut > 0 {
		w.flush()
	}
	if w.emitErr != nil {
		return w.emitErr
	}
	if from := w.needed(); from > 0 {
		w.countTo(from)
		w.shift(from, w.buf[:copy(w.buf, w.buf[from:])])
	}
	if len(w.buf) < cap(w.buf) {
		return nil
	}
	if len(w.buf) >= w.max {
		return errTooLarge
	}
	grown := make([]byte, len(w.buf), min(2*cap(w.buf), max(w.max, len(w.buf)+1)))
	copy(grown, w.buf)
	w.buf, w.own = grown, nil
	return nil
}

// needed is the first byte that must stay.
func (w *window) needed() int {
	if w.keep >= 0 {
		return w.keep
	}
	if w.lines {
		return w.cut
	}
	return w.pos
}

func (w *window) shift(from int, to []byte) {
	w.buf = to
	w.pos -= from
	w.lineAt -= from
	w.cut = max(w.cut-from, 0)
	if w.keep >= 0 {
		w.keep -= from
	}
}

// flush emits the records found so far. The window goes on in a new buffer.
func (w *window) flush() {
	if len(w.spans) == 0 && w.cut == 0 && len(w.problems) == 0 && len(w.pages.kept) == 0 || w.emitErr != nil {
		return
	}
	c := Chunk{File: w.file, Line: w.line, Problems: w.problems, spans: w.spans, wrap: w.wrap, pages: w.pages.kept}
	w.problems, w.spans, w.pages.kept = nil, nil, nil
	from := w.needed()
	w.countTo(from)
	old, rest := w.own, w.buf[from:]
	switch {
	case c.spans != nil:
		c.Line, c.data = c.spans[0].line, w.buf[:c.spans[len(c.spans)-1].end]
	case w.cut > 0:
		c.Line, c.data = w.cutLine, w.buf[:w.cut]
		w.cutLine = w.line
	default:
		w.emitErr = w.emit(c)
		return
	}
	c.buf = old
	w.own = buffers.Get().(*[]byte)
	fresh := (*w.own)[:0]
	if len(rest) > cap(fresh)/2 {
		fresh, w.own = make([]byte, 0, max(2*len(rest), chunkSize)), nil
	}
	w.shift(from, append(fresh, rest...))
	w.emitErr = w.emit(c)
}

// lineOf is the line of buf[at]; at never goes back.
func (w *window) lineOf(at int) int {
	w.countTo(at)
	return w.line
}

func (w *window) countTo(at int) {
	if at > w.lineAt {
		w.line += bytes.Count(w.buf[w.lineAt:at], newline)
		w.lineAt = at
	}
}

var newline = []byte{'\n'}

func (w *window) problem(line int, format string, args ...any) {
	w.problems = append(w.problems, Problem{File: w.file, Line: line, Reason: fmt.Sprintf(format, args...)})
}

// unread is the problem of an input that cannot be read to its end.
func (w *window) unread(line int, format string, args ...any) {
	w.problem(line, format, args...)
	w.problems[len(w.problems)-1].Unread = true
}

// endReason says in words why the reader ended, "" for a proper end.
func (w *window) endReason() string {
	if w.ended == nil || errors.Is(w.ended, io.EOF) && !errors.Is(w.ended, io.ErrUnexpectedEOF) {
		return ""
	}
	return w.ended.Error()
}
