package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
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

// ownFiles are the tables that --tables names. A file is read once a query asks for
// its table.
type ownFiles struct {
	app   *app
	files map[string]string // by the table's name
	room  *tableRoom
	read  kql.Named
	asked []string // and not read yet
}

// ownFiles checks what --tables names, and that the files are there.
func (a *app) ownFiles(list []string, room *tableRoom) (*ownFiles, error) {
	o := &ownFiles{app: a, files: map[string]string{}, room: room, read: kql.Named{}}
	var wrong problemList
	for _, text := range list {
		name, file, ok := strings.Cut(text, "=")
		_, path := tableFormat(file)
		switch {
		case !ok || name == "" || path == "":
			wrong.add(usagef("--tables %q: want NAME=FILE or NAME=FORMAT:FILE", text))
		case o.files[name] != "":
			wrong.add(usagef("--tables: two files for the table %s", name))
		default:
			o.files[name] = file
			wrong.add(a.canOpen(path))
		}
	}
	return o, wrong.err()
}

// canOpen tells of a file that cannot be opened; pipes are not tried.
func (a *app) canOpen(path string) error {
	if info, err := os.Stat(path); path == files.Stdin || err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return nil
	}
	in, err := a.openTable(a.reading, path)
	if err != nil {
		return err
	}
	return in.Close()
}

// Table implements [kql.Tables]. One that is not read yet has no columns.
func (o *ownFiles) Table(name string) (kql.Table, bool) {
	if t, ok := o.read[name]; ok {
		return t, true
	}
	_, ok := o.files[name]
	if ok && !slices.Contains(o.asked, name) {
		o.asked = append(o.asked, name)
	}
	return kql.MemoryTable(nil), ok
}

// Names implements [kql.Tables].
func (o *ownFiles) Names() []string { return slices.Sorted(maps.Keys(o.files)) }

// readAsked reads the files that were asked for, as far as they have room.
func (o *ownFiles) readAsked(ctx context.Context) error {
	var wrong problemList
	for _, name := range o.asked {
		before := o.room.held
		table, err := o.app.ownTable(ctx, name, o.files[name], o.room)
		if wrong.add(err); err == nil {
			o.read[name] = table
		} else {
			o.room.held = before // nothing of it stays
		}
	}
	o.asked = nil
	return wrong.err()
}

// readAll reads all tables that --tables names.
func (s *session) readAll(ctx context.Context) error {
	if s.files == nil {
		return nil
	}
	for _, name := range s.files.Names() {
		s.files.Table(name)
	}
	return s.readAsked(ctx)
}

// readAsked reads those that were asked for. What they hold counts towards --max-memory.
func (s *session) readAsked(ctx context.Context) error {
	before := s.files.room.held
	err := s.files.readAsked(ctx)
	s.options.Held += s.files.room.held - before
	return err
}

// bind reads and binds a query, and reads the tables of one's own that it asks for.
func (s *session) bind(ctx context.Context, text string) (*kql.Query, error) {
	for {
		q, err := kql.PrepareContext(ctx, text, s.tables(), s.options)
		if s.files == nil || len(s.files.asked) == 0 {
			return q, err
		}
		if err := s.readAsked(ctx); err != nil {
			return nil, err
		}
	}
}

// tables are those that queries are asked of.
func (s *session) tables() kql.Tables { return kql.IgnoreCase(s) }

// Table finds a table whatever the case of its name: the caller's own, of which
// the exact name goes first, then those of the estate.
func (s *session) Table(name string) (kql.Table, bool) {
	if t, ok := kql.IgnoreCase(s.own).Table(name); ok {
		return t, true
	}
	if s.estate != nil {
		return s.estate.Table(name)
	}
	return nil, false
}

// Names lists all tables that can be found.
func (s *session) Names() []string {
	names := s.own.Names()
	if s.estate == nil {
		return names
	}
	for _, name := range s.estate.Names() {
		if !hasName(s.own, name) {
			names = append(names, name)
		}
	}
	return names
}

// hasName tells whether there is a table of a name, whatever its case.
func hasName(tables kql.Tables, name string) bool {
	return slices.ContainsFunc(tables.Names(), func(other string) bool { return strings.EqualFold(other, name) })
}

// meansResources lets queries that name no table mean resources, where there is
// such a table.
func (s *session) meansResources() {
	if hasName(s, "resources") {
		s.options.Default = "resources"
	}
}

// ownTable reads one file: CSV, TSV or JSON lines, as FORMAT: before its name or
// else the name's end says.
func (a *app) ownTable(ctx context.Context, name, file string, room *tableRoom) (*kql.Memory, error) {
	format, path := tableFormat(file)
	opened, err := a.openTable(ctx, path)
	if err != nil {
		return nil, err
	}
	defer opened.Close() // nothing was written
	source := &tableSource{ctx: ctx, in: opened}
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
