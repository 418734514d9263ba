package cli

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"unicode/utf16"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/files"
	"github.com/bartizan-dev/bartizan/internal/inventory"
)

// inputs finds what an assessment reads. Standard input is kept, because
// evidence needs a second reading.
func (a *app) inputs(paths []string) ([]assess.Input, error) {
	found, notes, err := files.ExpandNotes(paths)
	if err != nil {
		return nil, err
	}
	for _, n := range notes {
		if n.Unreadable {
			a.unread = append(a.unread, inventory.Problem{File: n.Path, Reason: n.Reason})
		}
		a.note("left out %s: %s", n.Path, n.Reason)
	}
	inputs := make([]assess.Input, len(found))
	for i, in := range found {
		if in.Path == files.Stdin {
			if in, err = a.keep(); err != nil {
				return nil, err
			}
		}
		inputs[i] = assess.Input{
			Name: in.Path, Size: in.Size,
			Open: func() (io.ReadCloser, error) { return in.Open(a.meter.add) },
		}
	}
	return inputs, nil
}

// keep copies standard input, which comes once, to where it can be read again.
func (a *app) keep() (files.Input, error) {
	spool, err := files.NewSpool(a.In)
	if err != nil {
		return files.Input{}, err
	}
	a.closers = append(a.closers, spool)
	return spool.Input(files.Stdin), nil
}

// read reads one file whole, or standard input.
func (a *app) read(path string) ([]byte, error) {
	if path == files.Stdin {
		return io.ReadAll(a.In)
	}
	return content(files.Input{Path: path})
}

// contents calls use with each file that paths name, whole. Of the files below
// folders only those that keep wants are read.
func contents(paths []string, keep func(name string) bool, use func(name string, data []byte)) error {
	if len(paths) == 0 {
		return nil
	}
	found, err := files.Expand(paths)
	if err != nil {
		return err
	}
	for _, in := range found {
		if !slices.Contains(paths, in.Path) && !keep(in.Path) {
			continue
		}
		data, err := content(in)
		if err != nil {
			return err
		}
		use(in.Path, data)
	}
	return nil
}

func content(in files.Input) ([]byte, error) {
	r, err := in.Open(nil)
	if err != nil {
		return nil, err
	}
	defer r.Close() // read to its end or failed already
	data, err := io.ReadAll(r)
	return asUTF8(data), err
}

// asUTF8 turns UTF-16, which PowerShell writes when output is redirected, into
// UTF-8.
func asUTF8(data []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}):
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		order = binary.BigEndian
	default:
		return data
	}
	units := make([]uint16, 0, len(data)/2)
	for rest := data[2:]; len(rest) > 1; rest = rest[2:] {
		units = append(units, order.Uint16(rest))
	}
	return []byte(string(utf16.Decode(units)))
}
