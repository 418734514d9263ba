package cli

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/bartizan-dev/bartizan/internal/spelling"
	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// ownTables reads the files that --tables names.
func (a *app) ownTables(list []string) (kql.Named, error) {
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
		table, err := a.ownTable(name, file)
		if wrong.add(err); err == nil {
			tables[name] = table
		}
	}
	return tables, wrong.err()
}

// ownTable reads one file: CSV, TSV or JSON lines, as FORMAT: before its name or
// else the name's end says.
func (a *app) ownTable(name, file string) (*kql.Memory, error) {
	format, path := tableFormat(file)
	content, err := a.read(path)
	if err != nil {
		return nil, err
	}
	var table *kql.Memory
	switch format {
	case "csv":
		table, err = csvTable(content, ',')
	case "tsv":
		table, err = csvTable(content, '\t')
	default:
		if table, err = jsonTable(content); err != nil && format == "" {
			err = fmt.Errorf("%w; a name that does not end in .csv or .tsv is taken for JSON lines: --tables %s=csv:%s names another format", err, name, path)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("--tables %s=%s:%w", name, file, err)
	}
	return table, nil
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

// byteOrderMark may stand before UTF-8.
var byteOrderMark = []byte("\xEF\xBB\xBF")

// csvTable reads a header, of names or name:type, and rows.
func csvTable(content []byte, comma rune) (*kql.Memory, error) {
	in := csv.NewReader(bytes.NewReader(keepReturns(bytes.TrimPrefix(content, byteOrderMark))))
	in.Comma, in.FieldsPerRecord = comma, -1
	var rows [][]string
	var lines []int // where each begins
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			var at *csv.ParseError
			if errors.As(err, &at) {
				return nil, fmt.Errorf("%d: %w", at.Line, at.Err)
			}
			return nil, fmt.Errorf("1: %w", err)
		}
		line, _ := in.FieldPos(0)
		if len(rows) > 0 && len(rows[0]) == 1 { // a blank line is an empty value
			for next := lines[len(lines)-1] + 1 + strings.Count(rows[len(rows)-1][0], "\n"); next < line; next++ {
				rows, lines = append(rows, []string{""}), append(lines, next)
			}
		}
		rows, lines = append(rows, row), append(lines, line)
	}
	if len(rows) == 0 {
		return nil, errors.New("1: empty; want a header of names, or of name:type")
	}
	header := rows[0]
	rows, lines = rows[1:], lines[1:]
	columns := make([]kql.Column, len(header))
	for i, text := range header {
		var err error
		if columns[i], err = csvColumn(text, rows, i); err != nil {
			return nil, fmt.Errorf("1: column %d: %w", i+1, err)
		}
	}
	if err := checkNames(columns); err != nil {
		return nil, fmt.Errorf("1: %w", err)
	}
	return csvRowsTable(columns, rows, lines)
}

// keepReturns doubles the carriage returns before line ends in quoted cells: of
// those a [csv.Reader] takes one away.
func keepReturns(content []byte) []byte {
	var kept []byte
	quoted, from := false, 0
	for i, c := range content {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\r' && bytes.HasPrefix(content[i+1:], []byte("\n")):
			kept = append(append(kept, content[from:i]...), '\r')
			from = i
		}
	}
	if kept == nil {
		return content
	}
	return append(kept, content[from:]...)
}

// checkNames tells of columns that a query could not name.
func checkNames(columns []kql.Column) error {
	places := map[string]int{}
	for i, c := range columns {
		if c.Name == "" {
			return fmt.Errorf("column %d has no name", i+1)
		}
		if before := places[c.Name]; before > 0 {
			return fmt.Errorf("columns %d and %d are both called %q", before, i+1, c.Name)
		}
		places[c.Name] = i + 1
	}
	return nil
}

// csvColumn reads a header's name:type; without a type it is that of the cells.
// A word behind a colon that is no type is an error, not part of the name.
func csvColumn(text string, rows [][]string, column int) (kql.Column, error) {
	name, typ, ok := cutLast(text, ":")
	if typ = strings.TrimSpace(typ); !ok || !isWord(typ) {
		return kql.Column{Name: text, Type: typeOfCells(rows, column)}, nil
	}
	t, known := data.ParseType(typ)
	if !known {
		return kql.Column{}, unknownType(text, typ)
	}
	return kql.Column{Name: name, Type: t}, nil
}

// isWord tells whether a text is made of letters and digits only.
func isWord(text string) bool {
	other := func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }
	return text != "" && !strings.ContainsFunc(text, other)
}

// unknownType says what a header may have behind a colon.
func unknownType(header, typ string) error {
	var names []string
	for _, t := range data.Types {
		names = append(names, t.String())
	}
	meant := ""
	if near := spelling.Nearest(typ, names); near != "" {
		meant = fmt.Sprintf("; did you mean %q?", near)
	}
	return fmt.Errorf("%q: %q is no type, want %s%s (a name with a colon in it has its type behind: %q)",
		header, typ, strings.Join(names, ", "), meant, header+":string")
}

func csvRowsTable(columns []kql.Column, rows [][]string, lines []int) (*kql.Memory, error) {
	values := make([][]kql.Value, len(rows))
	for n, row := range rows {
		if len(row) > len(columns) {
			return nil, fmt.Errorf("%d: %d cells; want %d", lines[n], len(row), len(columns))
		}
		for i, c := range columns {
			text := ""
			if i < len(row) {
				text = row[i]
			}
			value := valueOfText(text, c.Type)
			if value.IsNull() && text != "" && c.Type != data.Dynamic {
				return nil, fmt.Errorf("%d: column %q: %.40q is no %s", lines[n], c.Name, text, c.Type)
			}
			values[n] = append(values[n], value)
		}
	}
	return kql.MemoryTable(columns, values...), nil
}

func cutLast(text, separator string) (before, after string, ok bool) {
	at := strings.LastIndex(text, separator)
	if at < 0 {
		return text, "", false
	}
	return text[:at], text[at+len(separator):], true
}

// typeOfCells is long, decimal, real or bool where all cells of a column that are
// not empty read as such, in the way in which they are printed; never datetime.
func typeOfCells(rows [][]string, column int) data.Type {
	isLong, isWhole, isReal, isBool, any := true, true, true, true, false
	for _, row := range rows {
		if column >= len(row) || row[column] == "" {
			continue
		}
		text := row[column]
		any = true
		n, err := strconv.ParseInt(text, 10, 64)
		whole := err == nil && strconv.FormatInt(n, 10) == text
		isLong = isLong && whole
		isWhole = isWhole && (whole || isWide(text))
		isReal = isReal && (whole || isDecimal(text))
		isBool = isBool && (strings.EqualFold(text, "true") || strings.EqualFold(text, "false"))
	}
	switch {
	case !any:
		return data.String
	case isLong:
		return data.Long
	case isWhole:
		return data.Decimal
	case isReal:
		return data.Real
	case isBool:
		return data.Bool
	}
	return data.String
}

// isWide tells a whole number that does not fit a long, but a decimal.
func isWide(text string) bool {
	const mostDigits = 34
	digits := strings.TrimPrefix(text, "-")
	_, err := strconv.ParseInt(text, 10, 64)
	return errors.Is(err, strconv.ErrRange) && len(digits) <= mostDigits && digits[0] != '0' && digits[0] != '+'
}

// isDecimal tells digits with a point or an exponent from versions, dates and
// numbers that begin with zeros.
func isDecimal(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	if len(digits) > 1 && digits[0] == '0' && digits[1] != '.' || !strings.ContainsAny(digits, "0123456789") || strings.Trim(digits, "0123456789.eE+-") != "" {
		return false
	}
	_, err := strconv.ParseFloat(text, 64)
	return err == nil
}

// valueOfText reads a cell; an empty one is null, but for strings.
func valueOfText(text string, t data.Type) kql.Value {
	switch {
	case t == data.String:
		return data.OfString(text)
	case text == "":
		return data.Null(t)
	case t == data.Dynamic:
		return data.OfNode(data.NodeOfJSON(text))
	}
	return data.Convert(data.OfString(text), t)
}

// jsonTable reads lines of objects, or of arrays where the first line is
// {"$schema":[[name,type]…]}; or one array of objects.
func jsonTable(content []byte) (*kql.Memory, error) {
	content = bytes.TrimPrefix(content, byteOrderMark)
	t := &jsonRows{places: map[string]int{}}
	in := json.NewDecoder(bytes.NewReader(content))
	if first := bytes.TrimLeft(content, " \t\r\n"); len(first) > 0 && first[0] == '[' {
		var list []json.RawMessage
		if err := in.Decode(&list); err == nil && !in.More() {
			for i, item := range list {
				if err := t.add(item); err != nil {
					return nil, fmt.Errorf("1: item %d: %w", i+1, err)
				}
			}
			return t.table(), nil
		}
		in = json.NewDecoder(bytes.NewReader(content))
	}
	for {
		var line json.RawMessage
		at := int(in.InputOffset())
		err := in.Decode(&line)
		if errors.Is(err, io.EOF) {
			return t.table(), nil
		}
		if err != nil {
			at, err = wrongJSON(content, at, err)
		} else {
			err = t.add(line)
		}
		if err != nil {
			return nil, fmt.Errorf("%d: %w", lineOf(content, at), err)
		}
	}
}

// wrongJSON says in our words, and where, what of a value that begins at some
// offset is no JSON.
func wrongJSON(content []byte, begins int, err error) (at int, said error) {
	var wrong *json.SyntaxError
	if !errors.As(err, &wrong) {
		return begins, errors.New("the value does not end")
	}
	at = max(min(int(wrong.Offset)-1, len(content)-1), begins)
	for at > begins && isLetter(content[at-1]) {
		at-- // to the beginning of what may be null or true
	}
	rest, _, _ := bytes.Cut(content[at:], []byte("\n"))
	if len(bytes.TrimSpace(rest)) == 0 {
		return at, errors.New("the value does not end in its line")
	}
	return at, fmt.Errorf("%.40q is no JSON", bytes.TrimSpace(rest))
}

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }

// lineOf is the line of what comes next at an offset.
func lineOf(content []byte, offset int) int {
	for offset < len(content) && (content[offset] == '\n' || content[offset] == ' ' || content[offset] == '\r') {
		offset++
	}
	return 1 + bytes.Count(content[:min(offset, len(content))], []byte("\n"))
}

// jsonRows collects rows and finds out their columns.
type jsonRows struct {
	columns []kql.Column
	known   bool // by a schema
	places  map[string]int
	rows    [][]json.RawMessage
	values  [][]kql.Value // instead of rows, by a schema
}

func (t *jsonRows) add(line json.RawMessage) error {
	if len(line) > 0 && line[0] == '[' {
		var cells []json.RawMessage
		if err := json.Unmarshal(line, &cells); err != nil {
			return err
		}
		if !t.known {
			return errors.New(`an array; want an object, or first a line {"$schema":[[name,type]…]}`)
		}
		return t.addCells(cells)
	}
	keys, values, err := membersOf(line)
	if err != nil {
		return err
	}
	if len(t.rows) == 0 && !t.known && len(keys) == 1 && keys[0] == "$schema" {
		t.known = true
		return t.schema(values[0])
	}
	row := make([]json.RawMessage, len(t.columns))
	for i, key := range keys {
		at, ok := t.places[key]
		switch {
		case !ok && t.known:
			return fmt.Errorf("%q is no column of $schema", key)
		case !ok:
			at = len(t.columns)
			t.places[key] = at
			t.columns = append(t.columns, kql.Column{Name: key})
			row = append(row, nil)
		}
		row[at] = values[i]
	}
	if t.known {
		return t.addCells(row)
	}
	t.rows = append(t.rows, row)
	return nil
}

// addCells adds a row in the order of a schema's columns, whose types its cells must have.
func (t *jsonRows) addCells(cells []json.RawMessage) error {
	if len(cells) != len(t.columns) {
		return fmt.Errorf("%d cells; want %d", len(cells), len(t.columns))
	}
	row := make([]kql.Value, len(t.columns))
	for i, c := range t.columns {
		row[i] = valueOfJSON(cells[i], c.Type)
		if isOther(cells[i], row[i]) {
			return fmt.Errorf("column %q: %.40s is no %s", c.Name, cells[i], c.Type)
		}
	}
	t.values = append(t.values, row)
	return nil
}

// isOther tells a cell that is lost, or changed, in a column's type. An empty
// text is null.
func isOther(cell json.RawMessage, value kql.Value) bool {
	if len(cell) == 0 || string(cell) == "null" || string(cell) == `""` || value.Type() == data.Dynamic {
		return false
	}
	if value.IsNull() {
		return true
	}
	if value.Type() != data.Int && value.Type() != data.Long || !strings.ContainsAny(string(cell), ".eE") || cell[0] == '"' {
		return false
	}
	n, err := strconv.ParseFloat(string(cell), 64)
	return err == nil && n != float64(value.Long())
}

// membersOf gives an object's members in their order.
func membersOf(line json.RawMessage) (keys []string, values []json.RawMessage, err error) {
	in := json.NewDecoder(bytes.NewReader(line))
	if token, err := in.Token(); err != nil || token != json.Delim('{') {
		return nil, nil, fmt.Errorf("%.20q: want an object", line)
	}
	for in.More() {
		key, err := in.Token()
		if err != nil {
			return nil, nil, err
		}
		var value json.RawMessage
		if err := in.Decode(&value); err != nil {
			return nil, nil, err
		}
		name, _ := key.(string) // a key is nothing else
		keys, values = append(keys, name), append(values, value)
	}
	return keys, values, nil
}

func (t *jsonRows) schema(list json.RawMessage) error {
	columns, err := columnsOfJSON(list)
	if err != nil {
		return fmt.Errorf("$schema: %w", err)
	}
	t.columns = columns
	for i, c := range columns {
		t.places[c.Name] = i
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

func (t *jsonRows) table() *kql.Memory {
	if t.known {
		return kql.MemoryTable(t.columns, t.values...)
	}
	values := make([][]kql.Value, len(t.rows))
	for i := range t.columns {
		t.columns[i].Type = t.typeOf(i)
	}
	for n, row := range t.rows {
		for i, c := range t.columns {
			var cell json.RawMessage
			if i < len(row) {
				cell = row[i]
			}
			values[n] = append(values[n], valueOfJSON(cell, c.Type))
		}
	}
	return kql.MemoryTable(t.columns, values...)
}

// typeOf is the type that holds all values of a column: dynamic, if no other does.
func (t *jsonRows) typeOf(column int) data.Type {
	var found data.Type
	for _, row := range t.rows {
		if column >= len(row) || len(row[column]) == 0 || string(row[column]) == "null" {
			continue
		}
		typ := typeOfJSON(row[column])
		switch {
		case found == 0 || found == typ:
			found = typ
		case min(slices.Index(numbers, found), slices.Index(numbers, typ)) < 0:
			return data.Dynamic
		case slices.Index(numbers, found) < slices.Index(numbers, typ):
			found = typ
		}
	}
	if found == 0 {
		return data.String
	}
	return found
}

// numbers are the types that numbers have by themselves; a column with several is of
// the last of them.
var numbers = []data.Type{data.Long, data.Decimal, data.Real}

func typeOfJSON(cell json.RawMessage) data.Type {
	switch cell[0] {
	case '"':
		return data.String
	case 't', 'f':
		return data.Bool
	case '{', '[':
		return data.Dynamic
	}
	if _, err := strconv.ParseInt(string(cell), 10, 64); err == nil {
		return data.Long
	}
	if isWide(string(cell)) {
		return data.Decimal
	}
	return data.Real
}

// valueOfJSON makes a cell's value in a column's type.
func valueOfJSON(cell json.RawMessage, t data.Type) kql.Value {
	if len(cell) == 0 || string(cell) == "null" {
		return data.Null(t)
	}
	if cell[0] == '"' && t != data.Dynamic {
		var text string
		if json.Unmarshal(cell, &text) == nil {
			return data.Convert(data.OfString(text), t)
		}
	}
	if text := string(cell); isExact(text, t) {
		return data.Convert(data.OfString(text), t)
	}
	return data.Convert(data.OfNode(data.RawJSON(string(cell))), t)
}

// isExact tells a number that a type has with all its digits.
func isExact(cell string, t data.Type) bool {
	if cell[0] != '-' && (cell[0] < '0' || cell[0] > '9') {
		return false
	}
	switch t {
	case data.String, data.Decimal:
		return true
	case data.Long, data.Int:
		return !strings.ContainsAny(cell, ".eE")
	}
	return false
}
