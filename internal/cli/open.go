package cli

import (
	"context"
	"encoding/binary"
	"io"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unicode/utf16"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/files"
	"github.com/bartizan-dev/bartizan/internal/inventory"
)

// inputs finds what an assessment reads. What comes once is kept, because
// evidence needs a second reading.
func (a *app) inputs(paths []string) ([]assess.Input, error) {
	found, err := a.found(paths)
	if err != nil {
		return nil, err
	}
	inputs := make([]assess.Input, len(found))
	for i, in := range found {
		inputs[i] = assess.Input{
			Name: in.Path, Size: in.Size,
			Open: func() (io.ReadCloser, error) {
				if i == 0 {
					a.meter.begin()
				}
				return in.Open(a.reading, a.meter.add)
			},
			Stamp: in.Stamp,
		}
	}
	return inputs, nil
}

// found finds the files that paths name, which can all be read more than once.
func (a *app) found(paths []string) ([]files.Input, error) {
	found, notes, err := files.ExpandNotes(paths)
	if err != nil {
		return nil, err
	}
	for _, n := range notes {
		if n.Unreadable {
			a.unread = append(a.unread, inventory.Problem{File: n.Path, Reason: n.Reason, Unread: true})
		} else {
			a.leftOut = append(a.leftOut, inventory.Problem{File: n.Path, Reason: n.Reason, Notice: true})
		}
		a.note("left out %s: %s", n.Path, n.Reason)
	}
	for i, in := range found {
		if in.Once {
			if found[i], err = a.keep(in); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

// keep copies an input that comes once, such as standard input or a pipe, to
// where it can be read again.
func (a *app) keep(in files.Input) (files.Input, error) {
	from, err := a.stored(in)
	if err != nil {
		return files.Input{}, err
	}
	defer from.Close() // nothing was written
	spool, err := files.NewSpool(from)
	if err != nil {
		return files.Input{}, err
	}
	a.closers = append(a.closers, spool)
	return spool.Input(in.Path), nil
}

// stored opens an input as it is stored.
func (a *app) stored(in files.Input) (io.ReadCloser, error) {
	if in.Path == files.Stdin {
		return files.Until(a.reading, a.In), nil
	}
	return in.Stored(a.reading)
}

// read reads one file whole, or standard input.
func (a *app) read(path string) ([]byte, error) {
	if path == files.Stdin {
		in, err := files.OpenStdin(a.reading, a.In)
		if err != nil {
			return nil, err
		}
		defer in.Close() // nothing was written
		return io.ReadAll(in)
	}
	text, err := files.Input{Path: path}.Text(a.reading)
	return []byte(asUTF8(text)), err
}

// contents calls use with what read makes of each file that paths name, in
// their order. Of the files below folders only those that keep wants are read.
// As many files are read at once as there are cores: use never runs twice at a
// time, read does.
func contents[T any](ctx context.Context, paths []string, keep func(name string) bool, read func(name, text string) T, use func(name string, value T)) error {
	if len(paths) == 0 {
		return nil
	}
	found, err := files.Expand(paths)
	if err != nil {
		return err
	}
	for one, err := range eachContent(ctx, found, keep, read) {
		if err != nil {
			return err
		}
		use(one.name, one.value)
	}
	return nil
}

// content is what was read of a file, as far as that went.
type content[T any] struct {
	name  string
	named bool // itself, not only a folder above it
	value T
}

// eachContent is [contents] for files that were found, which goes on behind one
// that cannot be read to its end: with the error comes what could be read.
func eachContent[T any](ctx context.Context, found []files.Input, keep func(name string) bool, read func(name, text string) T) iter.Seq2[content[T], error] {
	found = slices.DeleteFunc(found, func(in files.Input) bool { return !in.Named && !keep(in.Path) })
	next := ahead(found, runtime.GOMAXPROCS(0), func(in files.Input) (value T, err error) {
		text, err := in.Text(ctx)
		if text = asUTF8(text); err != nil {
			text = text[:strings.LastIndexByte(text, '\n')+1] // whole lines
		}
		return read(in.Path, text), err
	})
	return func(yield func(content[T], error) bool) {
		for i, result := range next {
			if !yield(content[T]{found[i].Path, found[i].Named, result.value}, result.err) {
				return
			}
		}
	}
}

// asUTF8 turns UTF-16, which PowerShell writes when output is redirected, into
// UTF-8. Without a byte order mark it is known by the first letter, which in JSON is
// never outside ASCII.
func asUTF8(text string) string {
	var order binary.ByteOrder
	mark := 2
	switch {
	case strings.HasPrefix(text, "\xFF\xFE"):
		order = binary.LittleEndian
	case strings.HasPrefix(text, "\xFE\xFF"):
		order = binary.BigEndian
	case len(text) < 2 || (text[0] == 0) == (text[1] == 0):
		return text
	case text[1] == 0:
		order, mark = binary.LittleEndian, 0
	default:
		order, mark = binary.BigEndian, 0
	}
	units := make([]uint16, 0, len(text)/2)
	for rest := []byte(text[mark:]); len(rest) > 1; rest = rest[2:] {
		units = append(units, order.Uint16(rest))
	}
	return string(utf16.Decode(units))
}

// result is what a function gave.
type result[T any] struct {
	value T
	err   error
}

// ahead yields the results of do for each input in order, while it runs on at
// most so many of the inputs that come next.
func ahead[T any](inputs []files.Input, most int, do func(files.Input) (T, error)) iter.Seq2[int, result[T]] {
	return func(yield func(int, result[T]) bool) {
		var running sync.WaitGroup
		defer running.Wait()
		results := make([]chan result[T], len(inputs))
		started := 0
		for i := range inputs {
			for ; started < len(inputs) && started < i+most; started++ {
				to, in := make(chan result[T], 1), inputs[started]
				results[started] = to
				running.Go(func() {
					value, err := do(in)
					to <- result[T]{value, err}
				})
			}
			if !yield(i, <-results[i]) {
				return
			}
		}
	}
}
