package files

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"unsafe"
)

// mostPacking is how many bytes a byte of gzip holds at most.
const mostPacking = 1032

// Text reads a whole input as [Input.Open] gives it.
func (i Input) Text(ctx context.Context) (string, error) {
	r, err := i.Open(ctx, nil)
	if err != nil {
		return "", err
	}
	defer r.Close() // read to its end or failed already
	data, err := readWhole(r, i.expected())
	// Nobody else has the bytes, so nobody changes them.
	return unsafe.String(unsafe.SliceData(data), len(data)), err
}

// expected guesses the size of the text: for gzip its last bytes tell, unless
// it has several members. 0 means no idea.
func (i Input) expected() int64 {
	if i.spool != nil || i.Path == Stdin {
		return 0
	}
	info, err := os.Stat(i.Path)
	if err != nil || !info.Mode().IsRegular() {
		return 0
	}
	f, err := os.Open(i.Path)
	if err != nil {
		return 0
	}
	defer f.Close() // nothing was written
	var head [2]byte
	var tail [4]byte
	if _, err := f.ReadAt(head[:], 0); err != nil || [2]byte(gzipMagic) != head {
		return info.Size()
	}
	if _, err := f.ReadAt(tail[:], info.Size()-int64(len(tail))); err != nil {
		return 0
	}
	return min(int64(binary.LittleEndian.Uint32(tail[:])), mostPacking*info.Size())
}

// readWhole is [io.ReadAll] into room for what is expected, at most 64 MiB of it
// before anything is read: the size is only what the file says.
func readWhole(r io.Reader, expected int64) ([]byte, error) {
	data := make([]byte, 0, min(max(expected, 0), 64<<20)+512)
	for {
		n, err := r.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if errors.Is(err, io.EOF) {
			return data, nil
		}
		if err != nil {
			return data, err
		}
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
	}
}
