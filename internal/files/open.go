package files

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// readAhead is how much is read at once, and what sniffing may look at.
const readAhead = 256 << 10

var (
	gzipMagic = []byte{0x1F, 0x8B}
	zstdMagic = []byte{0x28, 0xB5, 0x2F, 0xFD}
	// skipMagic is that of Zstandard's frames without content, behind a byte from
	// 0x50 to 0x5F: pzstd begins with one.
	skipMagic = []byte{0x2A, 0x4D, 0x18}
)

func isZstandard(head []byte) bool {
	return bytes.HasPrefix(head, zstdMagic) || len(head) > 0 && head[0]>>4 == 5 && bytes.HasPrefix(head[1:], skipMagic)
}

// isCutMagic reports whether a stream is no more than the first bytes of an archive.
func isCutMagic(stream []byte) bool {
	return len(stream) == 1 && stream[0] == gzipMagic[0] || len(stream) > 1 && len(stream) < len(zstdMagic) && bytes.HasPrefix(zstdMagic, stream)
}

// Open opens the input for reading, from its beginning each time, with gzip
// (of several members too) and Zstandard undone by what the first bytes are,
// whatever the file is called. progress, which may be nil, is called with the
// number of stored bytes that each read took; their sum ends at Size. Standard
// input can be opened once unless it was kept, see [Spool]. A regular file that
// is not compressed can also be read at any place: the result then has ReadAt
// and Size. What ctx ends is said at [Input.Stored].
func (i Input) Open(ctx context.Context, progress func(bytesRead int)) (io.ReadCloser, error) {
	stored, err := i.Stored(ctx)
	if err != nil {
		return nil, err
	}
	name := i.Path
	if name == Stdin {
		name = stdinName
	}
	return decompress(name, stored, progress)
}

// OpenStdin gives what in, the standard input, gives until ctx is done, with its
// compression undone.
func OpenStdin(ctx context.Context, in io.Reader) (io.ReadCloser, error) {
	return decompress(stdinName, Until(ctx, in), nil)
}

// Unpack gives what a stream holds with its compression undone, as [Input.Open] does.
// The name is for errors. It closes stored if it fails.
func Unpack(name string, stored io.ReadCloser) (io.ReadCloser, error) {
	return decompress(name, stored, nil)
}

// Sniffed is how many of a stream's first bytes tell what it is.
const Sniffed = 8

// IsPlain reports whether Unpack gives a stream that begins like this as it is: it is
// neither packed nor of a form that is refused. Of one shorter than [Sniffed] head is all.
func IsPlain(head []byte) bool {
	return !bytes.HasPrefix(head, gzipMagic) && !isZstandard(head) && !isCutMagic(head) && whyForeign(head) == nil
}

// stdinName is what errors call standard input.
const stdinName = "standard input"

// Stamp gives another text once a file was written to; "" for what comes once
// and is no file.
func (i Input) Stamp() string {
	if i.spool != nil || i.Path == Stdin {
		return ""
	}
	info, err := os.Stat(i.Path)
	switch {
	case err != nil:
		return cause(err).Error()
	case !info.Mode().IsRegular():
		return ""
	}
	return fmt.Sprint(info.Size(), info.ModTime().UnixNano())
}

// decompress closes stored if it fails.
func decompress(name string, stored io.ReadCloser, progress func(int)) (io.ReadCloser, error) {
	s := &stream{name: name, stored: stored}
	var counted io.Reader = stored
	if progress != nil {
		counted = &counting{stored, progress}
	}
	buffered := bufio.NewReaderSize(counted, readAhead)
	head, err := buffered.Peek(Sniffed)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.Join(fmt.Errorf("read %s: %w", name, cause(err)), stored.Close())
	}
	switch why := whyForeign(head); {
	case why != nil:
		s.Reader = failing{why}
	case isCutMagic(head):
		s.Reader = failing{io.ErrUnexpectedEOF}
	case bytes.HasPrefix(head, gzipMagic):
		s.Reader = unpacked(buffered)
	case isZstandard(head):
		// One goroutine: reading is not what a run waits for.
		z, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, errors.Join(fmt.Errorf("read %s as Zstandard: %w", name, err), stored.Close())
		}
		s.Reader, s.release = windowed{z}, z.Close
	default:
		s.Reader = buffered
		if file, ok := stored.(*os.File); ok {
			return s.placed(file, progress), nil
		}
	}
	return s, nil
}

// unpacked undoes gzip. A header that is broken or cut off is found by the first
// read, as damage behind it is found by a later one.
func unpacked(stored *bufio.Reader) io.Reader {
	z, err := gzip.NewReader(stored)
	switch {
	case errors.Is(err, io.EOF):
		return failing{io.ErrUnexpectedEOF}
	case err != nil:
		return failing{err}
	}
	z.Multistream(false)
	return &members{z, stored}
}

// members reads the members of a gzip stream one after another. Zeros behind the
// last one are padding, such as tapes have.
type members struct {
	member *gzip.Reader
	stored *bufio.Reader
}

// Read implements io.Reader.
func (m *members) Read(to []byte) (int, error) {
	for {
		n, err := m.member.Read(to)
		if !errors.Is(err, io.EOF) {
			return n, err
		}
		if err := m.next(); err != nil || n > 0 {
			return n, err
		}
	}
}

// next begins the next member; io.EOF if there is none.
func (m *members) next() error {
	head, err := m.stored.Peek(1)
	if err != nil {
		return err
	}
	if head[0] == 0 {
		if err := m.padding(); err != nil {
			return err
		}
		return gzip.ErrHeader
	}
	if err := m.member.Reset(m.stored); errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF // in the fields behind the header's first bytes
	} else if err != nil {
		return err
	}
	m.member.Multistream(false)
	return nil
}

// padding reads zeros; nil says that something else follows.
func (m *members) padding() error {
	for {
		switch b, err := m.stored.ReadByte(); {
		case err != nil:
			return err
		case b != 0:
			return nil
		}
	}
}

// failing is a stream that cannot be read.
type failing struct{ err error }

// Read implements io.Reader.
func (f failing) Read([]byte) (int, error) { return 0, f.err }

// placed gives a stream that can be read at any place, if its file can.
func (s *stream) placed(file *os.File, progress func(int)) io.ReadCloser {
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return s
	}
	return &placed{s, file, info.Size(), progress}
}

// placed is an open input that can be read at any place.
type placed struct {
	*stream
	file     *os.File
	size     int64
	progress func(int) // may be nil
}

// Size is that of the file when it was opened, in bytes.
func (p *placed) Size() int64 { return p.size }

// ReadAt implements io.ReaderAt.
func (p *placed) ReadAt(to []byte, at int64) (int, error) {
	n, err := p.file.ReadAt(to, at)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("read %s: %w", p.name, cause(err))
	}
	if p.progress != nil && n > 0 {
		p.progress(n)
	}
	return n, err
}

// stream is an open input.
type stream struct {
	io.Reader
	name    string
	stored  io.Closer
	release func()
}

// Read names the archive that is cut off or broken.
func (s *stream) Read(to []byte) (int, error) {
	n, err := s.Reader.Read(to)
	if err != nil && !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("read %s: %w", s.name, cause(err))
	}
	return n, err
}

// Close frees the decompressor and closes the file.
func (s *stream) Close() error {
	if s.release != nil {
		s.release()
	}
	if err := s.stored.Close(); err != nil {
		return fmt.Errorf("close %s: %w", s.name, cause(err))
	}
	return nil
}

// counting tells how much was read.
type counting struct {
	io.Reader
	progress func(int)
}

func (c *counting) Read(to []byte) (int, error) {
	n, err := c.Reader.Read(to)
	if n > 0 {
		c.progress(n)
	}
	return n, err
}
