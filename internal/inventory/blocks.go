package inventory

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
)

// A Placed stream can be read at any place.
type Placed interface {
	io.ReaderAt
	Size() int64
}

// blockSize is how much of a file one goroutine reads at a time: little enough
// to be in the processor's cache still when it is decoded.
const blockSize = 256 << 10

// Blocks are JSON lines that several goroutines read at once, each block by the
// one that decodes it. A line belongs to the block that it begins in.
type Blocks struct {
	from  Placed
	file  string
	size  int64
	limit int // of one line, in bytes
	block int

	mu    sync.Mutex
	moved *sync.Cond // a block's first line has become known
	taken int        // blocks handed out
	lines []int      // by block: line breaks in it, -1 if not counted yet
	first []int      // by block, as far as known: line breaks before it
}

// NewBlocks looks at the beginning of a stream. Nil: it is no JSON lines in
// UTF-8, or too short to be worth it; [Split] takes anything.
func NewBlocks(from Placed, file string) *Blocks { return newBlocks(from, file, MaxRecord, blockSize) }

func newBlocks(from Placed, file string, limit, block int) *Blocks {
	head := make([]byte, min(from.Size(), chunkSize))
	n, err := from.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) || from.Size() <= int64(block) {
		return nil
	}
	head = bytes.TrimLeft(head[:n], " \t\r\n")
	end := bytes.IndexByte(head, '\n')
	if end < 0 || !isLine(head[:end]) {
		return nil
	}
	b := &Blocks{from: from, file: file, size: from.Size(), limit: limit, block: block, first: []int{0}}
	b.moved = sync.NewCond(&b.mu)
	b.lines = make([]int, (b.size+int64(block)-1)/int64(block))
	for i := range b.lines {
		b.lines[i] = -1
	}
	return b
}

// Reader gives a reader for one goroutine.
func (b *Blocks) Reader() *BlockReader { return &BlockReader{Blocks: b} }

// BlockReader reads blocks for one goroutine.
type BlockReader struct {
	*Blocks
	buf []byte
}

// Next reads the next block that nobody has read. Its chunk is valid until the
// next call. False: there are no more.
func (r *BlockReader) Next() (Chunk, bool) {
	r.mu.Lock()
	k := r.taken
	if k == len(r.lines) {
		r.mu.Unlock()
		return Chunk{}, false
	}
	r.taken++
	r.mu.Unlock()
	return r.read(k), true
}

// read reads block k, with the byte before it, which tells whether a line begins
// there, and with what its last line has beyond its end.
func (r *BlockReader) read(k int) Chunk {
	c := Chunk{File: r.file, Number: k, wrap: linesWrapper, placed: true}
	from := int64(k) * int64(r.block)
	start := max(from-1, 0)
	err := r.fill(start, int(min(from+int64(r.block), r.size)-start))
	own := r.buf[min(from-start, int64(len(r.buf))):]
	c.Line = r.settle(k, bytes.Count(own, newline)) + 1
	if err != nil {
		c.Problems = append(c.Problems, Problem{File: r.file, Line: c.Line, Reason: "the input ends early: " + err.Error(), Unread: true})
		return c
	}
	if k > 0 {
		// What precedes the first line break began in an earlier block.
		at := bytes.IndexByte(r.buf, '\n')
		if at < 0 || at == len(r.buf)-1 && from+int64(r.block) < r.size {
			return c
		}
		if own = r.buf[at+1:]; at > 0 {
			c.Line++
		}
	}
	c.data, c.at = own, start+int64(len(r.buf)-len(own))
	return r.finish(c, start+int64(len(r.buf)))
}

// finish reads the rest of the last line, which goes on at a place.
func (r *BlockReader) finish(c Chunk, at int64) Chunk {
	skip := len(r.buf) - len(c.data)
	for scanned := len(r.buf) - 1; ; {
		if i := bytes.IndexByte(r.buf[scanned:], '\n'); i >= 0 {
			return r.end(c, r.buf[skip:scanned+i+1])
		}
		if scanned = len(r.buf); at == r.size {
			return r.end(c, r.buf[skip:])
		}
		last := bytes.LastIndexByte(r.buf[skip:], '\n') + 1
		if len(r.buf)-skip-last > r.limit+len("\r") {
			return r.end(c, r.buf[skip:])
		}
		held := len(r.buf)
		n := int(min(int64(max(16<<10, held-skip-last)), r.size-at))
		if err := r.extend(at, n); err != nil {
			line := c.Line + bytes.Count(r.buf[skip:held], newline)
			c.Problems = append(c.Problems, Problem{File: r.file, Line: line, Reason: "the input ends early: " + err.Error(), Unread: true})
			c.data = r.buf[skip : skip+last]
			return c
		}
		at += int64(n)
	}
}

// end gives c its lines, but for the last one if that is too large.
func (r *BlockReader) end(c Chunk, data []byte) Chunk {
	c.data = data
	if len(data) <= r.limit {
		return c
	}
	last := bytes.LastIndexByte(data[:len(data)-1], '\n') + 1
	if len(trimSpace(data[last:])) > r.limit {
		line := c.Line + bytes.Count(data[:last], newline)
		c.Problems = append(c.Problems, Problem{File: r.file, Line: line, Reason: fmt.Sprintf("record larger than %d bytes", r.limit)})
		c.data = data[:last]
		r.shrink()
	}
	return c
}

// shrink gives the memory of a long line back.
func (r *BlockReader) shrink() { r.buf = r.buf[:len(r.buf):len(r.buf)] }

// fill reads n bytes at a place.
func (r *BlockReader) fill(at int64, n int) error {
	if cap(r.buf) < n || cap(r.buf) > 16*r.block {
		r.buf = make([]byte, 0, n+64<<10)
	}
	r.buf = r.buf[:0]
	return r.extend(at, n)
}

// extend appends n bytes from a place.
func (r *BlockReader) extend(at int64, n int) error {
	held := len(r.buf)
	if held+n > cap(r.buf) {
		grown := make([]byte, held, 2*(held+n))
		copy(grown, r.buf)
		r.buf = grown
	}
	read, err := r.from.ReadAt(r.buf[held:held+n], at)
	r.buf = r.buf[:held+read]
	switch {
	case read == n:
		return nil
	case errors.Is(err, io.EOF):
		return errors.New("it has become shorter while it was read")
	}
	return err
}

// settle notes how many line breaks a block has, and gives how many there are
// before it, for which it waits where others still count.
func (b *Blocks) settle(k, lines int) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines[k] = lines
	for n := len(b.first); n <= len(b.lines) && b.lines[n-1] >= 0; n++ {
		b.first = append(b.first, b.first[n-1]+b.lines[n-1])
		b.moved.Broadcast()
	}
	for len(b.first) <= k {
		b.moved.Wait()
	}
	return b.first[k]
}
