package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/text/encoding/unicode"

	"github.com/bartizan-dev/bartizan/internal/files"
	"github.com/bartizan-dev/bartizan/kql"
)

// boundMemory bounds the process to what is held already, what a query and its own
// tables may hold with a quarter more, and room for what passes by. An estate that
// is assessed holds more than queries do: there the process's own bound stays.
func (s *session) boundMemory() {
	const room = 48 << 20
	if s.BoundMemory == nil || s.options.MaxMemory < 0 {
		return
	}
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	s.BoundMemory(int64(now.HeapAlloc) + s.options.MaxMemory*5/4 + room)
}

// readTables reads what --tables names. It counts towards --max-memory.
func (s *session) readTables() (err error) {
	room := &tableRoom{limit: s.options.MaxMemory, given: s.flags.memory}
	s.own, err = s.ownTables(s.flags.tables, room)
	s.options.Held = room.held
	return err
}

// ownTables reads the files that --tables names, as far as they have room.
func (a *app) ownTables(list []string, room *tableRoom) (kql.Named, error) {
	tables := kql.Named{}
	var wrong problemList
	for _, text := range list {
		name, file, ok := strings.Cut(text, "=")
		if _, path := tableFormat(file); !ok || name == "" || path == "" {
			wrong.add(usagef("--tables %q: want NAME=FILE or NAME=FORMAT:FILE", text))
			continue
		}
		if tables[name] != nil {
			wrong.add(usagef("--tables: two files for the table %s", name))
			continue
		}
		before := room.held
		table, err := a.ownTable(name, file, room)
		if wrong.add(err); err == nil {
			tables[name] = table
		} else {
			room.held = before // nothing of it stays
		}
	}
	return tables, wrong.err()
}

// ownTable reads one file: CSV, TSV or JSON lines, as FORMAT: before its name or
// else the name's end says.
func (a *app) ownTable(name, file string, room *tableRoom) (*kql.Memory, error) {
	format, path := tableFormat(file)
	opened, err := a.openTable(a.reading, path)
	if err != nil {
		return nil, err
	}
	defer opened.Close() // nothing was written
	source := &tableSource{ctx: a.reading, in: opened}
	text, err := plainText(source, path)
	if err != nil {
		return nil, err
	}
	var table *kql.Memory
	switch format {
	case "csv":
		table, err = csvTable(text, ',', room)
	case "tsv":
		table, err = csvTable(text, '\t', room)
	default:
		if table, err = jsonTable(text, room); err != nil && format == "" && !errors.As(err, new(*noRoom)) {
			err = fmt.Errorf("%w; a name that does not end in .csv or .tsv is taken for JSON lines: --tables %s=csv:%s names another format", err, name, path)
		}
	}
	switch {
	case source.err != nil:
		return nil, source.err
	case err != nil:
		return nil, fmt.Errorf("--tables %s=%s:%w", name, file, err)
	}
	return table, nil
}

// openTable opens a file or standard input, which may be packed.
func (a *app) openTable(ctx context.Context, path string) (io.ReadCloser, error) {
	if path == files.Stdin {
		return files.OpenStdin(ctx, a.In)
	}
	return files.Input{Path: path}.Open(ctx, nil)
}

// stdinOnce tells of several things that are to be read from standard input.
func (f *queryFlags) stdinOnce(paths, rest []string) error {
	var from []string
	if len(rest) > 0 && f.schema == "" && strings.TrimPrefix(rest[0], "@") == files.Stdin {
		from = append(from, "the query "+rest[0])
	}
	if f.cases == files.Stdin {
		from = append(from, "--cases -")
	}
	for _, text := range f.tables {
		_, file, _ := strings.Cut(text, "=")
		if _, path := tableFormat(file); path == files.Stdin {
			from = append(from, "--tables "+text)
		}
	}
	if slices.Contains(paths, files.Stdin) {
		from = append(from, "--inventory -")
	}
	if len(from) < 2 {
		return nil
	}
	return usagef(`%s: standard input is read once; want one "-"`, strings.Join(from, " and "))
}

// tableSource is the input of a table. It remembers what ended the reading of it
// too early.
type tableSource struct {
	ctx context.Context // of the one reading
	in  io.Reader
	err error
}

// Read implements io.Reader.
func (s *tableSource) Read(to []byte) (int, error) {
	if s.err = s.ctx.Err(); s.err != nil {
		return 0, s.err
	}
	n, err := s.in.Read(to)
	if err != nil && !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		s.err = err
	}
	return n, err
}

// byteOrderMark may stand before UTF-8.
var byteOrderMark = []byte("\xEF\xBB\xBF")

// plainText is UTF-8 without a byte order mark. Files in UTF-16 are known as
// [asUTF8] knows them.
func plainText(in io.Reader, path string) (io.Reader, error) {
	text := bufio.NewReaderSize(in, 1<<16)
	head, err := text.Peek(len(byteOrderMark))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if bytes.Equal(head, byteOrderMark) {
		_, err := text.Discard(len(head))
		return text, err
	}
	var order unicode.Endianness
	switch {
	case path == files.Stdin || len(head) < 2:
		return text, nil
	case head[0] == 0xFF && head[1] == 0xFE, head[0] != 0 && head[1] == 0:
		order = unicode.LittleEndian
	case head[0] == 0xFE && head[1] == 0xFF, head[0] == 0 && head[1] != 0:
		order = unicode.BigEndian
	default:
		return text, nil
	}
	return unicode.UTF16(order, unicode.UseBOM).NewDecoder().Reader(text), nil
}

// tableFormats are what a file can be said to be.
var tableFormats = []string{"csv", "tsv", "jsonl", "json"}

// tableFormat takes FORMAT: off a file's name, or finds the format in its end;
// "" where neither tells.
func tableFormat(file string) (format, path string) {
	if before, rest, ok := strings.Cut(file, ":"); ok && slices.Contains(tableFormats, strings.ToLower(before)) {
		return strings.ToLower(before), rest
	}
	name := strings.ToLower(file)
	for _, packed := range []string{".gz", ".zst"} {
		name = strings.TrimSuffix(name, packed)
	}
	end := strings.TrimPrefix(filepath.Ext(name), ".")
	switch {
	case slices.Contains(tableFormats, end):
		return end, file
	case end == "ndjson":
		return "jsonl", file
	}
	return "", file
}
