package cli

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/bartizan-dev/bartizan/internal/spelling"
	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// csvTable reads a header, of names or name:type, and rows. Its errors begin with
// the line.
func csvTable(text io.Reader, comma rune, room *tableRoom) (*kql.Memory, error) {
	bounded := &boundedRows{in: &keptReturns{in: text}, room: room}
	in := csv.NewReader(bounded)
	in.Comma, in.FieldsPerRecord, in.ReuseRecord = comma, -1, true
	var t *csvCells
	next := 1 // the line behind the row before
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
			return nil, fmt.Errorf("%d: %w", next, err)
		}
		bounded.row = 0
		line, _ := in.FieldPos(0)
		if t == nil {
			if t, err = newCSVCells(row, room); err != nil {
				return nil, fmt.Errorf("1: %w", err)
			}
		} else {
			for ; next < line && len(t.columns) == 1; next++ { // a blank line is an empty value
				if err := t.row([]string{""}); err != nil {
					return nil, fmt.Errorf("%d: %w", next, err)
				}
			}
			if err := t.row(row); err != nil {
				return nil, fmt.Errorf("%d: %w", line, err)
			}
		}
		last, _ := in.FieldPos(len(row) - 1)
		next = last + 1 + strings.Count(row[len(row)-1], "\n")
	}
	if t == nil {
		return nil, errors.New("1: empty; want a header of names, or of name:type")
	}
	for i, c := range t.columns {
		if c.Type == 0 {
			c.Type = t.kinds[i].typ()
		}
	}
	table, err := t.table(valueOfText)
	if err != nil {
		return nil, fmt.Errorf("%d: %w", next-1, err)
	}
	return table, nil
}

// boundedRows gives what in gives, as long as a row has room: a reader of CSV holds
// a row several times.
type boundedRows struct {
	in   io.Reader
	room *tableRoom
	row  int64 // bytes since the row before
}

// Read implements io.Reader.
func (b *boundedRows) Read(to []byte) (int, error) {
	const copies, ahead = 4, 1 << 16
	if b.room.limit > 0 && b.row > ahead && b.room.held+copies*b.row > b.room.limit {
		return 0, &noRoom{b.room.given}
	}
	n, err := b.in.Read(to)
	b.row += int64(n)
	return n, err
}

// keptReturns doubles the carriage returns before line ends in quoted cells: of
// those a [csv.Reader] takes one away.
type keptReturns struct {
	in     io.Reader
	quoted bool
	before byte   // the last one that was read
	kept   []byte // room
}

// Read implements io.Reader.
func (k *keptReturns) Read(to []byte) (int, error) {
	n, err := k.in.Read(to[:(len(to)+1)/2])
	if text := to[:n]; !k.quoted && bytes.IndexByte(text, '"') < 0 {
		if n > 0 {
			k.before = text[n-1]
		}
		return n, err
	}
	kept := k.kept[:0]
	for _, c := range to[:n] {
		switch {
		case c == '"':
			k.quoted = !k.quoted
		case k.quoted && c == '\n' && k.before == '\r':
			kept = append(kept, '\r')
		}
		kept, k.before = append(kept, c), c
	}
	k.kept = kept
	return copy(to, kept), err
}

// csvCells are the rows of CSV as far as they were read.
type csvCells struct {
	tableColumns
	kinds []cellKinds // by column
}

// newCSVCells reads the header.
func newCSVCells(header []string, room *tableRoom) (*csvCells, error) {
	t := &csvCells{tableColumns: tableColumns{room: room}, kinds: make([]cellKinds, len(header))}
	columns := make([]kql.Column, len(header))
	for i, text := range header {
		var err error
		if columns[i], err = csvColumn(strings.Clone(text)); err != nil {
			return nil, fmt.Errorf("column %d: %w", i+1, err)
		}
		if err := t.add(columns[i].Name, columns[i].Type); err != nil {
			return nil, err
		}
	}
	return t, checkNames(columns)
}

// row adds a row.
func (t *csvCells) row(cells []string) error {
	if len(cells) > len(t.columns) {
		return fmt.Errorf("%d cells; want %d", len(cells), len(t.columns))
	}
	for i, c := range t.columns {
		text := ""
		if i < len(cells) {
			text = cells[i]
		}
		var err error
		switch {
		case c.Type != 0:
			err = c.addText(text)
		case text != "":
			t.kinds[i].see(text)
			err = c.put(t.rows, text)
		}
		if err != nil {
			return err
		}
	}
	t.rows++
	return nil
}

// addText adds a cell's value to a column whose type is known.
func (c *tableColumn) addText(text string) (err error) {
	if c.Type == data.Dynamic {
		if text, err = c.keep(text); err != nil {
			return err
		}
	}
	value := valueOfText(text, c.Type)
	if value.IsNull() && text != "" && c.Type != data.Dynamic {
		return fmt.Errorf("column %q: %.40q is no %s", c.Name, text, c.Type)
	}
	return c.add(value)
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

// csvColumn reads a header's name:type; without a type it is 0, to be found out. A
// word behind a colon that is no type is an error, not part of the name.
func csvColumn(text string) (kql.Column, error) {
	name, typ, ok := cutLast(text, ":")
	if typ = strings.TrimSpace(typ); !ok || !isWord(typ) {
		return kql.Column{Name: text}, nil
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

func cutLast(text, separator string) (before, after string, ok bool) {
	at := strings.LastIndex(text, separator)
	if at < 0 {
		return text, "", false
	}
	return text[:at], text[at+len(separator):], true
}

// cellKinds is what the cells of a column that are not empty read as, in the way in
// which it is printed.
type cellKinds struct{ any, noLong, noWhole, noReal, noBool bool }

// see looks at one of the cells.
func (k *cellKinds) see(text string) {
	k.any = true
	if k.noReal && k.noBool { // then it is no whole number either
		return
	}
	n, err := strconv.ParseInt(text, 10, 64)
	whole := err == nil && isPrinted(n, text)
	k.noLong = k.noLong || !whole
	k.noWhole = k.noWhole || !whole && !isWide(text)
	k.noReal = k.noReal || !whole && !isDecimal(text)
	k.noBool = k.noBool || !strings.EqualFold(text, "true") && !strings.EqualFold(text, "false")
}

// isPrinted tells whether a number is printed as a text.
func isPrinted(n int64, text string) bool {
	var room [20]byte
	return string(strconv.AppendInt(room[:0], n, 10)) == text
}

// typ is long, decimal, real or bool where all cells are; never datetime.
func (k *cellKinds) typ() data.Type {
	switch {
	case !k.any:
		return data.String
	case !k.noLong:
		return data.Long
	case !k.noWhole:
		return data.Decimal
	case !k.noReal:
		return data.Real
	case !k.noBool:
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
