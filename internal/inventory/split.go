package inventory

import (
	"bytes"
	"io"

	"github.com/valyala/fastjson"
)

// Split cuts the stream r, named file in messages, into chunks of whole
// records and hands them to emit in the stream's order. Memory is bounded by
// the chunks not yet released and one record of at most [MaxRecord] bytes.
//
// What cannot be read, a broken record or a reader that fails half-way, is a
// Problem of a chunk, and the rest goes on where it can. The only error
// returned is emit's, which ends the splitting.
func Split(r io.Reader, file string, emit func(Chunk) error) error {
	return split(r, file, MaxRecord, emit)
}

func split(r io.Reader, file string, limit int, emit func(Chunk) error) error {
	r = asUTF8(r)
	number := -1
	w := newWindow(r, file, limit, func(c Chunk) error {
		number++
		c.Number = number
		return emit(c)
	})
	empty, lines := w.sniff()
	switch {
	case empty:
		if reason := w.endReason(); reason != "" {
			w.unread(1, "cannot be read: %s", reason)
		} else {
			w.problem(1, "empty, want resources as JSON")
		}
	case lines:
		w.splitLines()
	default:
		w.splitValues()
	}
	w.flush()
	if w.own != nil && w.emitErr == nil {
		*w.own = w.buf[:0]
		buffers.Put(w.own)
	}
	return w.emitErr
}

// sniff reads the first block and tells whether there is anything but white
// space, and whether the first line is one record on its own.
func (w *window) sniff() (empty, lines bool) {
	for {
		head := trimSpace(w.buf)
		end := bytes.IndexByte(bytes.TrimLeft(w.buf, " \t\r\n"), '\n')
		if end >= 0 {
			return false, isLine(bytes.TrimLeft(w.buf, " \t\r\n")[:end])
		}
		if len(head) == 0 {
			w.skip(len(w.buf))
		}
		if len(w.buf) == cap(w.buf) {
			return false, false
		}
		if ok, _ := w.more(); !ok {
			return len(head) == 0, len(head) > 0 && isLine(head)
		}
	}
}

// skip moves on to buf[to].
func (w *window) skip(to int) {
	w.pos = to
}

// isLine reports whether a file's first line is a complete record, so that
// the file is JSON lines. A line that wraps others is not: its records are
// cut out one by one.
func isLine(line []byte) bool {
	line = trimSpace(line)
	if len(line) == 0 || line[0] != '{' || fastjson.ValidateBytes(line) != nil {
		return false
	}
	v, err := fastjson.ParseBytes(line)
	return err == nil && !wraps(v)
}

// splitLines cuts at the last newline of each block, without looking inside.
func (w *window) splitLines() {
	w.lines, w.pos = true, 0
	limit := w.max
	w.max += len("\r\n")
	for {
		if w.overlong(limit) {
			w.dropLine(limit)
			continue
		}
		if n := bytes.LastIndexByte(w.buf[w.pos:], '\n'); n >= 0 {
			w.cut = w.pos + n + 1
		}
		w.pos = len(w.buf)
		ok, err := w.more()
		if err != nil && w.emitErr == nil {
			w.dropLine(limit)
			continue
		}
		if !ok {
			break
		}
	}
	if w.emitErr != nil {
		return
	}
	last := trimSpace(w.buf[w.cut:])
	if reason := w.endReason(); reason != "" {
		w.unread(w.lineOf(w.cut), "the input ends early: %s", reason)
		return
	}
	switch {
	case len(last) > limit:
		w.problem(w.lineOf(w.cut), "record larger than %d bytes", limit)
	case len(last) > 0:
		w.cut = len(w.buf)
	}
}

// overlong reports whether the line after the cut ends and is too large.
func (w *window) overlong(limit int) bool {
	if len(w.buf)-w.cut <= limit {
		return false
	}
	n := bytes.IndexByte(w.buf[w.pos:], '\n')
	return n >= 0 && len(trimSpace(w.buf[w.cut:w.pos+n])) > limit
}

// dropLine leaves out a line that is larger than a record may be.
func (w *window) dropLine(limit int) {
	w.flush()
	w.problem(w.lineOf(w.cut), "record larger than %d bytes", limit)
	for {
		if n := bytes.IndexByte(w.buf[w.pos:], '\n'); n >= 0 {
			w.pos += n
			break
		}
		w.countTo(len(w.buf))
		w.buf, w.lineAt, w.pos = w.buf[:0], 0, 0
		if ok, _ := w.more(); !ok {
			break
		}
	}
	// What is left of the line is blank to the records that follow.
	w.countTo(w.pos)
	w.shift(w.pos, w.buf[:copy(w.buf, w.buf[w.pos:])])
	w.cutLine = w.line
}
