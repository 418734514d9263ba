package files

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// zipped packs each text as a gzip member of its own.
func zipped(t *testing.T, texts ...string) string {
	t.Helper()
	var b bytes.Buffer
	for _, text := range texts {
		w := gzip.NewWriter(&b)
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

func TestTextIsWholeWhateverTheSizeSays(t *testing.T) {
	long := strings.Repeat("0123456789", 10_000)
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ stored, want string }{
		"plain":         {long, long},
		"empty":         {"", ""},
		"short":         {"x", "x"},
		"gzip_magic":    {"\x1f\x8a", "\x1f\x8a"},
		"gzip":          {zipped(t, long), long},
		"gzip_members":  {zipped(t, long, "", "end"), long + "end"},
		"gzip_of_empty": {zipped(t, ""), ""},
		"zstd":          {string(z.EncodeAll([]byte(long), nil)), long},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "f")
			if err := os.WriteFile(path, []byte(test.stored), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := Input{Path: path}.Text(t.Context())
			if err != nil || got != test.want {
				t.Errorf("%d bytes, %v; want %d", len(got), err, len(test.want))
			}
		})
	}
}

func TestTextNamesWhatIsBroken(t *testing.T) {
	whole := zipped(t, strings.Repeat("0123456789", 10_000))
	tests := map[string]struct{ stored, want string }{
		"cut_off":      {whole[:len(whole)/2], "unexpected EOF"},
		"lies_of_size": {whole[:len(whole)-4] + "\xff\xff\xff\xff", "checksum"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "f")
			if err := os.WriteFile(path, []byte(test.stored), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := (Input{Path: path}).Text(t.Context()); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want an error of %s with %q", err, path, test.want)
			}
		})
	}
	if _, err := (Input{Path: filepath.Join(t.TempDir(), "none")}).Text(t.Context()); err == nil {
		t.Error("a file that is not there has a text")
	}
}
