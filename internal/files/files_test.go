package files

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// folder makes a folder with the files named, each holding its own name.
func folder(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestExpand(t *testing.T) {
	dir := folder(
		t, "b.jsonl", "a.json", "sub/c.jsonl.gz", "sub/d.ndjson.zst", "sub/plain", ".hidden/e.json", ".f.json", "README.md", "readme",
		"LICENSE-2.0.txt", "x.csv", "x.csv.gz",
	)
	inputs, notes, err := ExpandNotes([]string{Stdin, dir, filepath.Join(dir, "x.csv")})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, input := range inputs {
		name := strings.TrimPrefix(strings.TrimPrefix(input.Path, dir), string(filepath.Separator))
		got = append(got, filepath.ToSlash(name))
		if input.Path != Stdin && input.Size != int64(len(filepath.ToSlash(name))) {
			t.Errorf("%s: size %d", name, input.Size)
		}
	}
	want := []string{"-", "a.json", "b.jsonl", "sub/c.jsonl.gz", "sub/d.ndjson.zst", "sub/plain", "x.csv"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("inputs (-want +got)\n%s", diff)
	}
	var left []string
	for _, note := range notes {
		left = append(left, filepath.Base(note.Path)+": "+note.Reason)
	}
	const ending = ", want .json, .jsonl or .ndjson, with or without .gz or .zst"
	wantLeft := []string{
		"LICENSE-2.0.txt: a document", "README.md: a document", "readme: a document",
		"x.csv: the ending .csv" + ending, "x.csv.gz: the ending .csv" + ending,
	}
	wantLeft = append([]string{".f.json: hidden", ".hidden: a hidden folder"}, wantLeft...)
	if diff := cmp.Diff(wantLeft, left); diff != "" {
		t.Errorf("notes (-want +got)\n%s", diff)
	}
}

// A folder may be named by a link, as a user's own folders often are.
func TestExpandOfALink(t *testing.T) {
	dir := t.TempDir()
	real, link := filepath.Join(dir, "real"), filepath.Join(dir, "link")
	if err := os.MkdirAll(filepath.Join(real, "below"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a.json", "below/b.json"} {
		if err := os.WriteFile(filepath.Join(real, name), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(real, link); err != nil {
		t.Skipf("links cannot be made here: %v", err)
	}
	inputs, err := Expand([]string{link})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, in := range inputs {
		got = append(got, in.Path)
	}
	if diff := cmp.Diff([]string{filepath.Join(link, "a.json"), filepath.Join(link, "below", "b.json")}, got); diff != "" {
		t.Errorf("inputs (-want +got)\n%s", diff)
	}
}

func TestExpandProblems(t *testing.T) {
	dir := t.TempDir()
	tests := map[string]struct {
		paths []string
		want  []string
	}{
		"missing_ones":   {[]string{filepath.Join(dir, "a"), filepath.Join(dir, "b")}, []string{"a: no such file", "b: no such file"}},
		"nothing_inside": {[]string{dir}, []string{"nothing to read in " + dir}},
		"stdin_twice":    {[]string{Stdin, Stdin}, []string{"standard input is named twice"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Expand(test.paths)
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q in it", err, want)
				}
			}
		})
	}
}

func gzipped(t *testing.T, members ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, member := range members {
		z := gzip.NewWriter(&b)
		if _, err := io.WriteString(z, member); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func zstandard(t *testing.T, frames ...string) []byte {
	t.Helper()
	var all []byte
	for _, frame := range frames {
		var b bytes.Buffer
		z, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(z, frame); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		all = append(all, b.Bytes()...)
	}
	return all
}

func TestOpen(t *testing.T) {
	long := strings.Repeat("contoso ", 100_000)
	tests := map[string]struct {
		stored []byte
		want   string
	}{
		"plain":             {[]byte(long), long},
		"empty":             {nil, ""},
		"short":             {[]byte("{}"), "{}"},
		"gzip":              {gzipped(t, long), long},
		"gzip_two_members":  {gzipped(t, "a\n", "b\n"), "a\nb\n"},
		"zstandard":         {zstandard(t, long), long},
		"zstandard_twice":   {zstandard(t, "a\n", "b\n"), "a\nb\n"},
		"gzip_of_nothing":   {gzipped(t, ""), ""},
		"gzip_padded":       {append(gzipped(t, "a\n", "b\n"), make([]byte, 300<<10)...), "a\nb\n"},
		"zstandard_skips":   {append([]byte("\x50\x2A\x4D\x18\x04\x00\x00\x00abcd"), zstandard(t, long)...), long},
		"zstandard_skips_f": {append([]byte("\x5F\x2A\x4D\x18\x00\x00\x00\x00"), zstandard(t, "a\n", "b\n")...), "a\nb\n"},
		"begins_like_magic": {[]byte{0x28, 0xB5, '!'}, "\x28\xB5!"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "no-ending-tells")
			if err := os.WriteFile(path, test.stored, 0o600); err != nil {
				t.Fatal(err)
			}
			inputs, err := Expand([]string{path})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // a file can be read again
				counted := 0
				if got := readAll(t, inputs[0], &counted); got != test.want {
					t.Errorf("got %d bytes, want %d", len(got), len(test.want))
				}
				if int64(counted) != inputs[0].Size {
					t.Errorf("progress %d, want %d", counted, inputs[0].Size)
				}
			}
		})
	}
}

func readAll(t *testing.T, input Input, counted *int) string {
	t.Helper()
	r, err := input.Open(t.Context(), func(n int) { *counted += n })
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestOpenCutOff(t *testing.T) {
	// Random-looking text, so that the archive is long enough to cut.
	var text strings.Builder
	for i := range 20_000 {
		text.WriteString(string(rune('a'+i*i%26)) + string(rune('a'+i*7%25)))
	}
	for name, stored := range map[string][]byte{"gzip": gzipped(t, text.String()), "zstandard": zstandard(t, text.String())} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "cut")
			if err := os.WriteFile(path, stored[:len(stored)-5], 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := Input{Path: path}.Open(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			_, err = io.ReadAll(r)
			if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.HasPrefix(err.Error(), "read "+path+": ") {
				t.Errorf("got %v, want an unexpected end of %s", err, path)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// An archive that ends or breaks inside its header opens as one that is cut
// later does: who reads it learns of it, and other inputs go on.
func TestOpenCutInHeader(t *testing.T) {
	for name, stored := range map[string]string{
		"gzip_byte": "\x1F", "gzip_magic": "\x1F\x8B", "gzip_header": "\x1F\x8B\x08\x00\x00", "gzip_of_no_method": "\x1F\x8B\x07\x00\x00\x00\x00\x00\x00\x03",
		"zstandard_bytes": "\x28\xB5\x2F", "zstandard_magic": "\x28\xB5\x2F\xFD", "zstandard_header": "\x28\xB5\x2F\xFD\x04", "zstandard_broken": "\x28\xB5\x2F\xFD\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "t.gz")
			if err := os.WriteFile(path, []byte(stored), 0o644); err != nil {
				t.Fatal(err)
			}
			r, err := Input{Path: path}.Open(t.Context(), nil)
			if err != nil {
				t.Fatalf("open: %v", err)
			}
			defer r.Close()
			if _, err := io.ReadAll(r); err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("read: error %v, want one that names %s", err, path)
			}
		})
	}
}

// So does one whose second member ends inside its header, in the name of the file too: it
// has no end that anybody meant.
func TestOpenCutInLaterHeader(t *testing.T) {
	var named bytes.Buffer
	to := gzip.NewWriter(&named)
	to.Name = "inventory.jsonl"
	if _, err := to.Write([]byte("text")); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	whole := named.String()
	for _, length := range []int{1, 2, 9, 10, 12, 10 + len("inventory.jsonl")} {
		path := filepath.Join(t.TempDir(), "t.gz")
		if err := os.WriteFile(path, []byte(whole+whole[:length]), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := Input{Path: path}.Open(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if string(content) != "text" || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d bytes of the second header: read %q, error %v, want an unexpected end", length, content, err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

// What is behind an archive, or is another one, is told once, in words that say what
// to do.
func TestOpenForeign(t *testing.T) {
	window := []byte("\x28\xB5\x2F\xFD\x04\xA8\x01\x00\x00")
	for name, test := range map[string]struct {
		stored []byte
		want   string
	}{
		"zip":                   {[]byte("PK\x03\x04abc"), "this is a zip archive; unpack it, or pack it with gzip or Zstandard"},
		"zip_of_nothing":        {[]byte("PK\x05\x06\x00\x00"), "this is a zip archive; unpack it, or pack it with gzip or Zstandard"},
		"bzip2":                 {[]byte("BZh91AY&SY"), "this is packed with bzip2; unpack it, or pack it with gzip or Zstandard"},
		"xz":                    {[]byte("\xFD7zXZ\x00\x00"), "this is packed with xz; unpack it, or pack it with gzip or Zstandard"},
		"utf32_little":          {[]byte("\xFF\xFE\x00\x00{\x00\x00\x00"), "this is text in UTF-32; want UTF-8 or UTF-16, as of iconv -f UTF-32 -t UTF-8"},
		"utf32_big":             {[]byte("\x00\x00\xFE\xFF\x00\x00\x00{"), "this is text in UTF-32; want UTF-8 or UTF-16, as of iconv -f UTF-32 -t UTF-8"},
		"utf32_unmarked_little": {[]byte("{\x00\x00\x00\"\x00\x00\x00"), "this is text in UTF-32; want UTF-8 or UTF-16, as of iconv -f UTF-32 -t UTF-8"},
		"utf32_unmarked_big":    {[]byte("\x00\x00\x00[\x00\x00\x00{"), "this is text in UTF-32; want UTF-8 or UTF-16, as of iconv -f UTF-32 -t UTF-8"},
		"window":                {window, "its window is larger than 512 MiB; pack it again with zstd --long=29 or less"},
		"gzip_then_text":        {append(gzipped(t, "a\n"), "no member of it"...), "gzip: invalid header"},
		"gzip_zeros_then_text":  {append(gzipped(t, "a\n"), "\x00\x00\x00no member of it"...), "gzip: invalid header"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "t.json")
			if err := os.WriteFile(path, test.stored, 0o644); err != nil {
				t.Fatal(err)
			}
			r, err := Input{Path: path}.Open(t.Context(), nil)
			if err != nil {
				t.Fatalf("open: %v", err)
			}
			defer r.Close()
			if _, placed := r.(io.ReaderAt); placed {
				t.Error("can be read at any place, where nothing can be read")
			}
			if _, err := io.ReadAll(r); err == nil || err.Error() != "read "+path+": "+test.want {
				t.Errorf("read: %v, want %q", err, test.want)
			}
		})
	}
}

func TestOpenMissing(t *testing.T) {
	_, err := Input{Path: filepath.Join(t.TempDir(), "gone")}.Open(t.Context(), nil)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want a missing file", err)
	}
}

func TestSpool(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s, err := NewSpool(bytes.NewReader(gzipped(t, "kept\n")))
	if err != nil {
		t.Fatal(err)
	}
	input := s.Input(Stdin)
	for range 2 {
		counted := 0
		if got := readAll(t, input, &counted); got != "kept\n" || int64(counted) != s.Size() {
			t.Errorf("got %q and %d bytes of %d", got, counted, s.Size())
		}
	}
	if info, err := s.file.Stat(); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v, want mode 0600", info, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

type brokenReader struct{}

var errBroken = errors.New("broken pipe")

func (brokenReader) Read([]byte) (int, error) { return 0, errBroken }

func TestSpoolFails(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	if _, err := NewSpool(brokenReader{}); !errors.Is(err, errBroken) {
		t.Errorf("got %v, want %v", err, errBroken)
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "report.json")
	write := func(text string, fail error) error {
		return WriteFile(path, func(w io.Writer) error {
			if _, err := io.WriteString(w, text); err != nil {
				return err
			}
			return fail
		})
	}
	if err := write("first", nil); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := write("half", errBroken); !errors.Is(err, errBroken) {
		t.Errorf("got %v, want %v", err, errBroken)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "first" {
		t.Errorf("after a failure: %q %v, want the content before", got, err)
	}
	if err := write("second", nil); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != "second" {
		t.Errorf("%q %v, want second", got, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v %v, want the mode before", info, err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestWriteFileElsewhere(t *testing.T) {
	write := func(w io.Writer) error {
		_, err := io.WriteString(w, "text")
		return err
	}
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	if err := os.WriteFile(target, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Skip("no links here: ", err)
	}
	if err := errors.Join(WriteFile(link, write), WriteFile(os.DevNull, write)); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(target); err != nil || string(got) != "text" {
		t.Errorf("the link's target holds %q, %v", got, err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%s is a file now: %v %v", os.DevNull, info, err)
	}
	if err := WriteFile(dir, write); err == nil {
		t.Error("a folder was written to")
	}
}

// TestExpandUnreadable: a dangling link is a note below a folder, and an error
// where it is named or nothing else is there.
func TestExpandUnreadable(t *testing.T) {
	dir := folder(t, "a.json", "empty/readme")
	for _, name := range []string{"gone.json", "empty/gone.json"} {
		if err := os.Symlink("nowhere", filepath.Join(dir, name)); err != nil {
			t.Skip("no links here: ", err)
		}
	}
	inputs, notes, err := ExpandNotes([]string{dir})
	if err != nil || len(inputs) != 1 {
		t.Fatalf("%v, %v", inputs, err)
	}
	want := []Note{
		{Path: filepath.Join(dir, "empty", "gone.json"), Reason: "no such file or directory", Unreadable: true},
		{Path: filepath.Join(dir, "empty", "readme"), Reason: "a document"},
		{Path: filepath.Join(dir, "gone.json"), Reason: "no such file or directory", Unreadable: true},
	}
	if diff := cmp.Diff(want, notes); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if _, err := Expand([]string{dir}); err == nil || !strings.Contains(err.Error(), "gone.json: no such file") {
		t.Errorf("Expand: %v", err)
	}
	for _, path := range []string{filepath.Join(dir, "gone.json"), filepath.Join(dir, "empty")} {
		if _, _, err := ExpandNotes([]string{path}); err == nil || !strings.Contains(err.Error(), "gone.json: no such file") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestStamp(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.json")
	write := func(text string) string {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return Input{Path: file}.Stamp()
	}
	first := write("{}")
	if again := (Input{Path: file}).Stamp(); again != first || first == "" {
		t.Errorf("stamps %q and %q of one file, want one", first, again)
	}
	if longer := write("{} "); longer == first {
		t.Errorf("stamp %q of two contents", first)
	}
	if err := os.Chtimes(file, time.Time{}, time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if old := (Input{Path: file}).Stamp(); old == first {
		t.Errorf("stamp %q of two times", first)
	}
	for _, path := range []string{Stdin, os.DevNull} {
		if got := (Input{Path: path}).Stamp(); got != "" {
			t.Errorf("stamp %q of %s, want none", got, path)
		}
	}
}

// TestExpandTwice: whatever paths lead to a file, it is one input.
func TestExpandTwice(t *testing.T) {
	dir := folder(t, "a.json", "sub/b.json", "sub/c.json")
	t.Chdir(dir)
	if err := os.Symlink("a.json", "link.json"); err != nil {
		t.Skip("no links here: ", err)
	}
	tests := map[string]struct{ paths, inputs, notes []string }{
		"two_files":     {[]string{"a.json", "sub/b.json"}, []string{"a.json", "sub/b.json"}, nil},
		"same_path":     {[]string{"a.json", "a.json"}, []string{"a.json"}, []string{"a.json: given twice; it is read once"}},
		"dot":           {[]string{"a.json", "./a.json"}, []string{"a.json"}, []string{"./a.json: the same file as a.json, which is read once"}},
		"absolute":      {[]string{dir + "/a.json", "a.json"}, []string{dir + "/a.json"}, []string{"a.json: the same file as " + dir + "/a.json, which is read once"}},
		"link":          {[]string{"link.json", "a.json"}, []string{"link.json"}, []string{"a.json: the same file as link.json, which is read once"}},
		"in_its_folder": {[]string{"sub", "sub/c.json"}, []string{"sub/b.json", "sub/c.json"}, []string{"sub/c.json: given twice; it is read once"}},
		"folder_after":  {[]string{"sub/c.json", "sub"}, []string{"sub/c.json", "sub/b.json"}, []string{"sub/c.json: given twice; it is read once"}},
		"folder_twice":  {[]string{"sub", "./sub/"}, []string{"sub/b.json", "sub/c.json"}, []string{"./sub/: 2 of its files are given twice, such as sub/b.json; each is read once"}},
		"link_below":    {[]string{"."}, []string{"a.json", "sub/b.json", "sub/c.json"}, []string{"link.json: the same file as a.json, which is read once"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inputs, notes, err := ExpandNotes(test.paths)
			if err != nil {
				t.Fatal(err)
			}
			var got, told []string
			for _, in := range inputs {
				got = append(got, in.Path)
			}
			for _, n := range notes {
				told = append(told, n.Path+": "+n.Reason)
				if !n.Twice || n.Unreadable {
					t.Errorf("%+v", n)
				}
			}
			if diff := cmp.Diff(test.inputs, got) + cmp.Diff(test.notes, told); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
