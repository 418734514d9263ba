package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/valyala/fastjson"
	"golang.org/x/sync/errgroup"
)

type totals struct {
	lines int
	bytes int64
}

// parseFile parses all lines of a file on several goroutines. A line belongs
// to the block in which it begins.
func parseFile(name string, cores, block int) (totals, error) {
	file, err := os.Open(name)
	if err != nil {
		return totals{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return totals{}, err
	}
	var next atomic.Int64
	lines := make([]int, cores)
	var group errgroup.Group
	for i := range cores {
		group.Go(func() error {
			r := reader{file: file, size: info.Size(), block: block}
			for {
				from := next.Add(int64(block)) - int64(block)
				if from >= info.Size() {
					lines[i] = r.lines
					return nil
				}
				if err := r.parse(from); err != nil {
					return fmt.Errorf("%s: block at %d: %w", name, from, err)
				}
			}
		})
	}
	err = group.Wait()
	sum := totals{bytes: info.Size()}
	for _, n := range lines {
		sum.lines += n
	}
	return sum, err
}

type reader struct {
	file   *os.File
	size   int64
	block  int
	buf    []byte
	parser fastjson.Parser
	lines  int
}

// parse reads the block at from, with the byte before it, which tells whether
// a line begins there, and with what its last line has beyond its end.
func (r *reader) parse(from int64) error {
	start := max(from-1, 0)
	end := min(from+int64(r.block), r.size)
	if err := r.read(start, int(end-start)); err != nil {
		return err
	}
	for end < r.size && r.buf[len(r.buf)-1] != '\n' {
		more := min(int64(16<<10), r.size-end)
		tail, err := r.tail(end, int(more))
		if err != nil {
			return err
		}
		if stop := bytes.IndexByte(tail, '\n'); stop >= 0 {
			r.buf = r.buf[:len(r.buf)-len(tail)+stop+1]
			break
		}
		end += more
	}
	text := r.buf
	if from > 0 {
		// What precedes the first line end began in an earlier block.
		first := bytes.IndexByte(text, '\n')
		if first < 0 {
			return nil // all of it, up to the file's end
		}
		text = text[first+1:]
	}
	return r.each(text)
}

func (r *reader) read(at int64, n int) error {
	if cap(r.buf) < n {
		r.buf = make([]byte, 0, n+64<<10)
	}
	r.buf = r.buf[:n]
	if _, err := r.file.ReadAt(r.buf, at); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// tail appends n bytes to the buffer and gives them.
func (r *reader) tail(at int64, n int) ([]byte, error) {
	held := len(r.buf)
	for cap(r.buf) < held+n {
		r.buf = append(r.buf[:cap(r.buf)], 0)
	}
	r.buf = r.buf[:held+n]
	_, err := r.file.ReadAt(r.buf[held:], at)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return r.buf[held:], nil
}

func (r *reader) each(text []byte) error {
	for len(text) > 0 {
		line := text
		if stop := bytes.IndexByte(text, '\n'); stop >= 0 {
			line, text = text[:stop], text[stop+1:]
		} else {
			text = nil
		}
		if len(line) == 0 {
			continue
		}
		if _, err := r.parser.ParseBytes(line); err != nil {
			return err
		}
		r.lines++
	}
	return nil
}
