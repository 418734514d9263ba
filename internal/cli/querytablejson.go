package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// jsonTable reads lines of objects, or of arrays where the first line is
// {"$schema":[[name,type]…]}; or one array of objects. Its errors begin with the
// line.
func jsonTable(text io.Reader, room *tableRoom) (*kql.Memory, error) {
	w := &jsonWindow{in: text, room: room}
	t := newJSONRows(room)
	err := w.read(t)
	line := w.line()
	room.give(cap(w.text))
	w.text = nil
	var table *kql.Memory
	if err == nil {
		table, err = t.table()
	}
	if err != nil {
		return nil, fmt.Errorf("%d: %w", line, err)
	}
	return table, nil
}

// A jsonWindow is the part of a text of JSON that is at hand: values are read from
// it one by one.
type jsonWindow struct {
	in    io.Reader
	room  *tableRoom
	text  []byte
	at    int  // where the next value begins
	lines int  // before the window
	whole bool // there is nothing behind the window
}

// windowBytes is how much of a text is at hand, or more where a value needs it.
const windowBytes = 1 << 16

// line is the number of the line that is at hand.
func (w *jsonWindow) line() int { return w.lines + 1 + bytes.Count(w.text[:w.at], []byte("\n")) }

// fill reads on, until there are at least so many bytes from the place at hand on,
// or the text ends.
func (w *jsonWindow) fill(size int) error {
	w.lines += bytes.Count(w.text[:w.at], []byte("\n"))
	w.text, w.at = w.text[:copy(w.text, w.text[w.at:])], 0
	for !w.whole && len(w.text) < size {
		if len(w.text) == cap(w.text) {
			larger := max(2*cap(w.text), windowBytes)
			if err := w.room.take(larger - cap(w.text)); err != nil {
				return err
			}
			w.text = append(make([]byte, 0, larger), w.text...)
		}
		n, err := w.in.Read(w.text[len(w.text):cap(w.text)])
		w.text = w.text[:len(w.text)+n]
		switch {
		case errors.Is(err, io.EOF):
			w.whole = true
		case err != nil:
			return err
		}
	}
	return nil
}

// ended is what comes next at the end of a text.
const ended = -1

// next is the first byte of what comes next, or ended.
func (w *jsonWindow) next() (int, error) {
	for {
		for ; w.at < len(w.text); w.at++ {
			if c := w.text[w.at]; c != ' ' && c != '\n' && c != '\r' && c != '\t' {
				return int(c), nil
			}
		}
		if w.whole {
			return ended, nil
		}
		if err := w.fill(1); err != nil {
			return 0, err
		}
	}
}

// read reads the whole text.
func (w *jsonWindow) read(t *jsonRows) error {
	first, err := w.next()
	if err == nil && first == '[' {
		return w.readArray(t)
	}
	for err == nil {
		var c int
		if c, err = w.next(); err != nil || c == ended {
			return err
		}
		err = w.value(t)
	}
	return err
}

// readArray reads an array of objects, with which the text begins.
func (w *jsonWindow) readArray(t *jsonRows) error {
	w.at++
	c, err := w.next()
	for item := 1; err == nil && (c != ']' || item > 1); item++ {
		if c == ended {
			return errUnended
		}
		if err := w.value(t); err != nil {
			if item == 1 && c != '{' {
				err = fmt.Errorf("%w; lines of arrays want a first line %s", err, schemaLine)
			}
			return fmt.Errorf("item %d: %w", item, err)
		}
		if c, err = w.next(); err != nil || c == ']' {
			break
		}
		if c == ended {
			return errUnended
		}
		if c != ',' {
			return w.foreign(&json.SyntaxError{Offset: 1})
		}
		w.at++
		c, err = w.next()
	}
	if err != nil {
		return err
	}
	w.at++
	if c, err = w.next(); err == nil && c != ended {
		err = errors.New("text behind the array; want one array of objects, or lines of objects")
	}
	return err
}

const schemaLine = `{"$schema":[[name,type]…]}`

var errUnended = errors.New("the value does not end")

// value reads the value at hand, as far as there is room for it.
func (w *jsonWindow) value(t *jsonRows) error {
	for {
		// The bytes do not change until the window is filled again.
		text := unsafe.String(unsafe.SliceData(w.text), len(w.text))
		end, err := t.read(text, w.at)
		if end < 0 {
			size := len(w.text) - w.at
			if err := w.broken(); err != nil {
				return err
			}
			if err := w.fill(2 * size); err != nil {
				return err
			}
			continue
		}
		if err == nil {
			w.at = end
		}
		return err
	}
}

// broken says what is wrong with the value at hand; nothing if it may go on behind
// the window.
func (w *jsonWindow) broken() error {
	const copies = 3 // of the value, that the decoder makes
	size := copies * (len(w.text) - w.at)
	if err := w.room.take(size); err != nil && size > copies*windowBytes {
		return err
	}
	defer w.room.give(size)
	var value json.RawMessage
	err := json.NewDecoder(bytes.NewReader(w.text[w.at:])).Decode(&value)
	switch syntax := (*json.SyntaxError)(nil); {
	case err == nil:
		return errors.New("the value is nested deeper than 500 levels")
	case errors.As(err, &syntax):
		return w.foreign(syntax)
	case w.whole:
		return errUnended
	}
	return nil
}

// foreign says what of the value at hand is no JSON.
func (w *jsonWindow) foreign(syntax *json.SyntaxError) error {
	const told = 1 << 12
	if err := w.fill(int(syntax.Offset) + told); err != nil {
		return err
	}
	at, said := wrongJSON(w.text[w.at:], syntax)
	w.at += at
	for w.at < len(w.text) && (w.text[w.at] == '\n' || w.text[w.at] == ' ' || w.text[w.at] == '\r') {
		w.at++
	}
	return said
}

// wrongJSON says in our words, and where, what of a value is no JSON.
func wrongJSON(value []byte, wrong *json.SyntaxError) (at int, said error) {
	at = max(min(int(wrong.Offset)-1, len(value)-1), 0)
	for at > 0 && isLetter(value[at-1]) {
		at-- // to the beginning of what may be null or true
	}
	rest, _, _ := bytes.Cut(value[at:], []byte("\n"))
	if len(bytes.TrimSpace(rest)) == 0 {
		return at, errors.New("the value does not end in its line")
	}
	return at, fmt.Errorf("%.40q is no JSON", bytes.TrimSpace(rest))
}

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }

// jsonRows are the rows of JSON as far as they were read.
type jsonRows struct {
	tableColumns
	known  bool           // the columns, by a schema
	places map[string]int // of the columns, by name
	types  []data.Type    // that the cells of each column have; 0: none yet
	keys   []string       // of the object at hand
	values []string       // of the object or array at hand
	row    []string       // by column
	filled []int          // columns that have a cell in row
}

func newJSONRows(room *tableRoom) *jsonRows {
	return &jsonRows{tableColumns: tableColumns{room: room}, places: map[string]int{}}
}

// read adds the row that begins somewhere in a text, and gives its end; below 0 if
// there is no whole value.
func (t *jsonRows) read(text string, at int) (end int, err error) {
	t.keys, t.values = t.keys[:0], t.values[:0]
	if text[at] != '{' && text[at] != '[' {
		if end = data.EndOfJSON(text, at); end < 0 {
			return end, nil
		}
		return end, fmt.Errorf("%.20q: want an object", text[at:end])
	}
	if end = t.members(text, at); end < 0 {
		return end, nil
	}
	switch {
	case text[at] == '{':
		return end, t.object()
	case !t.known:
		return end, errors.New("an array; want an object, or first a line " + schemaLine)
	}
	return end, t.addCells(t.values)
}

// members splits an object, or an array, into its members, and gives its end; below
// 0 if it is not whole.
func (t *jsonRows) members(text string, at int) (end int) {
	isObject := text[at] == '{'
	last := byte(']')
	if isObject {
		last = '}'
	}
	at = skipBlanks(text, at+1)
	if at < len(text) && text[at] == last {
		return at + 1
	}
	for at < len(text) {
		if isObject {
			if text[at] != '"' {
				return -1
			}
			end := data.EndOfJSON(text, at)
			if end < 0 {
				return -1
			}
			t.keys = append(t.keys, text[at:end])
			if at = skipBlanks(text, end); at == len(text) || text[at] != ':' {
				return -1
			}
			at = skipBlanks(text, at+1)
		}
		end := data.EndOfJSON(text, at)
		if end < 0 {
			return -1
		}
		t.values = append(t.values, text[at:end])
		if at = skipBlanks(text, end); at == len(text) {
			return -1
		}
		switch text[at] {
		case last:
			return at + 1
		case ',':
			at = skipBlanks(text, at+1)
		default:
			return -1
		}
	}
	return -1
}

func skipBlanks(text string, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t') {
		at++
	}
	return at
}

// object adds the row of the object at hand. Of members with the same name the last
// counts.
func (t *jsonRows) object() error {
	if t.rows == 0 && !t.known && len(t.keys) == 1 && unquoted(t.keys[0]) == "$schema" {
		t.known = true
		return t.schema(t.values[0])
	}
	for _, at := range t.filled {
		t.row[at] = ""
	}
	t.filled = t.filled[:0]
	guess := 0 // rows have their members in the same order
	for i, quoted := range t.keys {
		key := unquoted(quoted)
		at, ok := guess, guess < len(t.columns) && t.columns[guess].Name == key
		if !ok {
			at, ok = t.places[key]
		}
		switch {
		case !ok && t.known:
			return fmt.Errorf("%q is no column of $schema", key)
		case key == "":
			return fmt.Errorf("column %d has no name", len(t.columns)+1)
		case !ok:
			at = len(t.columns)
			if err := t.add(strings.Clone(key), 0); err != nil {
				return err
			}
			t.places[t.columns[at].Name] = at
			t.types, t.row = append(t.types, 0), append(t.row, "")
		}
		if guess = at + 1; t.row[at] == "" {
			t.filled = append(t.filled, at)
		}
		t.row[at] = t.values[i]
	}
	if t.known {
		return t.addCells(t.row)
	}
	for _, at := range t.filled {
		if t.row[at] == "null" {
			continue
		}
		t.types[at] = joinedType(t.types[at], typeOfJSON(t.row[at]))
		if err := t.columns[at].put(t.rows, t.row[at]); err != nil {
			return err
		}
	}
	t.rows++
	return nil
}

// unquoted is the text that a JSON string stands for.
func unquoted(quoted string) string {
	if text := quoted[1 : len(quoted)-1]; strings.IndexByte(text, '\\') < 0 && utf8.ValidString(text) {
		return text
	}
	var text string
	_ = json.Unmarshal([]byte(quoted), &text) // it is one
	return text
}

// addCells adds a row in the order of a schema's columns, whose types its cells must
// have.
func (t *jsonRows) addCells(cells []string) error {
	if len(cells) != len(t.columns) {
		return fmt.Errorf("%d cells; want %d", len(cells), len(t.columns))
	}
	for i, c := range t.columns {
		cell := cells[i]
		if c.Type == data.Dynamic {
			var err error
			if cell, err = c.keep(cell); err != nil {
				return err
			}
		}
		value := valueOfJSON(cell, c.Type)
		if isOther(cell, value) {
			return fmt.Errorf("column %q: %.40s is no %s", c.Name, cell, c.Type)
		}
		if err := c.add(value); err != nil {
			return err
		}
	}
	t.rows++
	return nil
}

// isOther tells a cell that is lost, or changed, in a column's type. An empty
// text is null.
func isOther(cell string, value kql.Value) bool {
	if len(cell) == 0 || cell == "null" || cell == `""` || value.Type() == data.Dynamic {
		return false
	}
	if value.IsNull() {
		return true
	}
	if value.Type() != data.Int && value.Type() != data.Long || !strings.ContainsAny(cell, ".eE") || cell[0] == '"' {
		return false
	}
	n, err := strconv.ParseFloat(cell, 64)
	return err == nil && n != float64(value.Long())
}

func (t *jsonRows) schema(list string) error {
	columns, err := columnsOfJSON(json.RawMessage(list))
	if err != nil {
		return fmt.Errorf("$schema: %w", err)
	}
	return t.setColumns(columns)
}

// setColumns says what columns the rows have.
func (t *jsonRows) setColumns(columns []kql.Column) error {
	t.known, t.row = true, make([]string, len(columns))
	for i, c := range columns {
		t.places[c.Name] = i
		if err := t.add(c.Name, c.Type); err != nil {
			return err
		}
	}
	return nil
}

// columnsOfJSON reads [[name, type], …] or [{name, type}, …].
func columnsOfJSON(list json.RawMessage) ([]kql.Column, error) {
	var items []json.RawMessage
	if err := json.Unmarshal(list, &items); err != nil {
		return nil, errors.New("want [[name, type], …]")
	}
	columns := make([]kql.Column, len(items))
	for i, item := range items {
		var pair []string
		var named struct{ Name, Type string }
		switch {
		case json.Unmarshal(item, &pair) == nil && len(pair) == 2:
			named.Name, named.Type = pair[0], pair[1]
		case json.Unmarshal(item, &named) == nil && named.Name != "":
		default:
			return nil, fmt.Errorf("%s: want [name, type]", item)
		}
		typ, ok := data.ParseType(named.Type)
		if !ok {
			return nil, fmt.Errorf("column %q: %q is no type of Kusto", named.Name, named.Type)
		}
		columns[i] = kql.Column{Name: named.Name, Type: typ}
	}
	return columns, checkNames(columns)
}

// table is the table of the rows.
func (t *jsonRows) table() (*kql.Memory, error) {
	for i, typ := range t.types {
		if t.columns[i].Type = typ; typ == 0 {
			t.columns[i].Type = data.String
		}
	}
	return t.tableColumns.table(valueOfJSON)
}

// joinedType is the type that holds the values of both: dynamic, if no other does.
func joinedType(found, typ data.Type) data.Type {
	switch {
	case found == 0 || found == typ:
		return typ
	case found == data.Dynamic || min(slices.Index(numbers, found), slices.Index(numbers, typ)) < 0:
		return data.Dynamic
	}
	return numbers[max(slices.Index(numbers, found), slices.Index(numbers, typ))]
}

// numbers are the types that numbers have by themselves; a column with several is of
// the last of them.
var numbers = []data.Type{data.Long, data.Decimal, data.Real}

func typeOfJSON(cell string) data.Type {
	switch cell[0] {
	case '"':
		return data.String
	case 't', 'f':
		return data.Bool
	case '{', '[':
		return data.Dynamic
	}
	if _, err := strconv.ParseInt(cell, 10, 64); err == nil {
		return data.Long
	}
	if isWide(cell) {
		return data.Decimal
	}
	return data.Real
}

// valueOfJSON makes a cell's value in a column's type.
func valueOfJSON(cell string, t data.Type) kql.Value {
	if len(cell) == 0 || cell == "null" {
		return data.Null(t)
	}
	if cell[0] == '"' && t != data.Dynamic {
		return data.Convert(data.OfString(unquoted(cell)), t)
	}
	if isExact(cell, t) {
		return data.Convert(data.OfString(cell), t)
	}
	return data.Convert(data.OfNode(data.RawJSON(cell)), t)
}

// isExact tells a number that is read as its text: of types that have all its
// digits, and of times, as in CSV.
func isExact(cell string, t data.Type) bool {
	if cell[0] != '-' && (cell[0] < '0' || cell[0] > '9') {
		return false
	}
	switch t {
	case data.String, data.Decimal, data.DateTime, data.TimeSpan:
		return true
	case data.Long, data.Int:
		return !strings.ContainsAny(cell, ".eE")
	}
	return false
}
