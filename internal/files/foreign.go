package files

import (
	"bytes"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
)

// foreign are forms that are not read, by their first bytes.
var foreign = []struct{ magic, told string }{
	{"PK\x03\x04", inZip},
	{"PK\x05\x06", inZip},
	{"BZh", "this is packed with bzip2" + repack},
	{"\xFD7zXZ\x00", "this is packed with xz" + repack},
	{"\xFF\xFE\x00\x00", inUTF32},
	{"\x00\x00\xFE\xFF", inUTF32},
	{"{\x00\x00\x00", inUTF32},
	{"[\x00\x00\x00", inUTF32},
	{"\x00\x00\x00{", inUTF32},
	{"\x00\x00\x00[", inUTF32},
}

const (
	repack  = "; unpack it, or pack it with gzip or Zstandard"
	inZip   = "this is a zip archive" + repack
	inUTF32 = "this is text in UTF-32; want UTF-8 or UTF-16, as of iconv -f UTF-32 -t UTF-8"
)

// whyForeign says what a stream is that is not read, nil if it may be.
func whyForeign(head []byte) error {
	for _, f := range foreign {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			return errors.New(f.told)
		}
	}
	return nil
}

// errWindow is about an archive that wants more memory than is given to it.
var errWindow = errors.New("its window is larger than 512 MiB; pack it again with zstd --long=29 or less")

// windowed is a Zstandard stream that says so.
type windowed struct{ io.Reader }

// Read implements io.Reader.
func (w windowed) Read(to []byte) (int, error) {
	n, err := w.Reader.Read(to)
	if errors.Is(err, zstd.ErrWindowSizeExceeded) {
		err = errWindow
	}
	return n, err
}
