package cli

import (
	"fmt"
	"strings"

	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// A tableRoom counts what tables hold in memory while they are read, and then.
type tableRoom struct {
	limit int64  // bytes; below 1: any number
	given string // the limit, as --max-memory has it
	held  int64
}

// take counts bytes that are about to be held.
func (r *tableRoom) take(bytes int) error {
	if r.held += int64(bytes); r.limit > 0 && r.held > r.limit {
		return &noRoom{r.given}
	}
	return nil
}

// give counts bytes that are held no more.
func (r *tableRoom) give(bytes int) { r.held -= int64(bytes) }

// A noRoom is the error of tables that would hold too much.
type noRoom struct{ given string }

// Error says what the cap is, and how it is raised.
func (n *noRoom) Error() string {
	return fmt.Sprintf("the tables up to here take more memory than --max-memory %s; raise it (0: any number), or leave out rows and columns", n.given)
}

// What a table's parts take in memory, in bytes.
const (
	textBytes   = 16  // a string, without its letters
	nodeBytes   = 64  // a dynamic value, without its text
	nullBytes   = 4   // a null among values
	vectorBytes = 256 // a batch of a column
	columnBytes = 512 // a column without rows
)

// batchRows is how many rows a batch of a table has.
const batchRows = 4096

// tableColumns are a table as far as it was read. Of columns whose types are
// known the values are kept, of others the cells as they stand in the file.
type tableColumns struct {
	room    *tableRoom
	columns []*tableColumn
	rows    int
}

// add adds a column; its type is 0 as long as it is not known.
func (t *tableColumns) add(name string, typ data.Type) error {
	t.columns = append(t.columns, &tableColumn{Column: kql.Column{Name: name, Type: typ}, room: t.room})
	return t.room.take(columnBytes + len(name))
}

// table is what was read, with the types that columns have by now; value reads the
// cells that were kept.
func (t *tableColumns) table(value func(cell string, t data.Type) kql.Value) (*kql.Memory, error) {
	batches := make([]*kql.Batch, (t.rows+batchRows-1)/batchRows)
	if err := t.room.take(len(batches) * (vectorBytes + 8*len(t.columns))); err != nil {
		return nil, err
	}
	for i := range batches {
		batches[i] = &kql.Batch{Len: min(batchRows, t.rows-i*batchRows), Columns: make([]*data.Vector, len(t.columns))}
	}
	columns := make([]kql.Column, len(t.columns))
	empty := map[kql.Column]*data.Vector{} // by type, of full batches
	for i, c := range t.columns {
		columns[i] = c.Column
		if err := c.finish(t.rows, value); err != nil {
			return nil, err
		}
		for n, b := range batches {
			switch key := (kql.Column{Type: c.Type}); {
			case n < len(c.vectors) && c.vectors[n] != nil:
				b.Columns[i] = c.vectors[n]
			case b.Len < batchRows:
				b.Columns[i] = data.Constant(data.Null(c.Type), b.Len)
			default:
				if empty[key] == nil {
					empty[key] = data.Constant(data.Null(c.Type), b.Len)
				}
				b.Columns[i] = empty[key]
			}
		}
	}
	return kql.MemoryBatches(columns, batches...)
}

// A tableColumn is a column of a table that is being read.
type tableColumn struct {
	kql.Column
	room    *tableRoom
	cells   [][]string // as they stand in the file, in batches; "" and what is not there: no value
	vectors []*data.Vector
	builder *data.Builder   // of the vector that comes next
	block   strings.Builder // of texts
	blocks  int             // bytes of all blocks
	last    string          // text that was kept
}

// blockBytes is how large blocks of texts become.
const blockBytes = 1 << 16

// keep copies a text to where the column keeps its own.
func (c *tableColumn) keep(text string) (string, error) {
	if text == c.last || text == "" {
		return c.last[:len(text)], nil
	}
	if c.block.Cap()-c.block.Len() < len(text) {
		size := max(min(2*c.block.Cap(), blockBytes), len(text), 64)
		if err := c.room.take(size); err != nil {
			return "", err
		}
		c.blocks += size
		if len(text) > blockBytes/4 {
			return strings.Clone(text), nil
		}
		c.block = strings.Builder{}
		c.block.Grow(size)
	}
	from := c.block.Len()
	c.block.WriteString(text)
	c.last = c.block.String()[from:]
	return c.last, nil
}

// put keeps the cell of a row, behind those that have one.
func (c *tableColumn) put(row int, cell string) error {
	at := row / batchRows
	for len(c.cells) <= at {
		if err := c.room.take(2 * textBytes); err != nil {
			return err
		}
		c.cells = append(c.cells, nil)
	}
	cells, before := c.cells[at], row%batchRows
	if before >= cap(cells) {
		size := min(max(2*before, 8), batchRows)
		if at > 0 && len(c.cells[at-1]) == batchRows {
			size = batchRows
		}
		if err := c.room.take((size - cap(cells)) * textBytes); err != nil {
			return err
		}
		cells = append(make([]string, 0, size), cells...)
	}
	kept, err := c.keep(cell)
	c.cells[at] = append(cells[:before], kept)
	return err
}

// add adds a value of the column's type behind those that are there.
func (c *tableColumn) add(value kql.Value) error {
	width := c.width()
	if c.builder == nil {
		size := 0
		if len(c.vectors) > 0 {
			size = batchRows
		}
		if err := c.room.take(vectorBytes + size*width); err != nil {
			return err
		}
		c.builder = data.NewBuilder(c.Type, size)
	}
	more := 0
	if len(c.vectors) == 0 {
		more = 2 * width // the first vector grows
	}
	switch {
	case value.IsNull():
		more += 2 * nullBytes
	case c.Type == data.Dynamic:
		more += nodeBytes
	}
	if err := c.room.take(more); err != nil {
		return err
	}
	value, err := c.own(value)
	c.builder.Append(value)
	if c.builder.Len() == batchRows {
		c.vectors, c.builder = append(c.vectors, c.builder.Build()), nil
	}
	return err
}

// width is what a value takes in a vector, in bytes.
func (c *tableColumn) width() int {
	switch c.Type {
	case data.Bool:
		return 1
	case data.String, data.Decimal, data.GUID:
		return textBytes
	}
	return 8
}

// own is a value with a text that the column keeps.
func (c *tableColumn) own(value kql.Value) (kql.Value, error) {
	if value.IsNull() || c.width() != textBytes {
		return value, nil
	}
	text, err := c.keep(value.Text())
	switch c.Type {
	case data.Decimal:
		return data.OfDecimal(text), err
	case data.GUID:
		return data.OfGUID(text), err
	}
	return data.OfString(text), err
}

// finish makes vectors of the cells, batch by batch, and lets go what is not needed
// any more.
func (c *tableColumn) finish(rows int, value func(cell string, t data.Type) kql.Value) error {
	for n, cells := range c.cells {
		var err error
		switch size := min(batchRows, rows-n*batchRows); {
		case len(cells) == 0:
			c.vectors = append(c.vectors, nil)
		case c.Type == data.String:
			err = c.finishTexts(cells, size, value)
		default:
			err = c.finishValues(cells, size, value)
		}
		if err != nil {
			return err
		}
		c.cells[n] = nil
	}
	if c.builder != nil {
		c.vectors, c.builder = append(c.vectors, c.builder.Build()), nil
	}
	if c.block, c.last = (strings.Builder{}), ""; c.width() != textBytes && c.Type != data.Dynamic {
		c.room.give(c.blocks)
	}
	return nil
}

// finishTexts makes texts of cells in their own place.
func (c *tableColumn) finishTexts(cells []string, size int, value func(cell string, t data.Type) kql.Value) error {
	if err := c.room.take(vectorBytes + (size-min(size, cap(cells)))*textBytes); err != nil {
		return err
	}
	for i, cell := range cells {
		text := value(cell, data.String).Text()
		if quotes := len(cell) - len(text); text != "" && quotes != 0 && quotes != len(`""`) { // made anew
			if err := c.room.take(len(text)); err != nil {
				return err
			}
		}
		cells[i] = text
	}
	for len(cells) < size {
		cells = append(cells, "")
	}
	c.vectors = append(c.vectors, &data.Vector{Type: data.String, Len: size, Texts: cells})
	return nil
}

// finishValues makes a vector of cells.
func (c *tableColumn) finishValues(cells []string, size int, value func(cell string, t data.Type) kql.Value) error {
	width := c.width()
	if err := c.room.take(vectorBytes + size*width); err != nil {
		return err
	}
	b := data.NewBuilder(c.Type, size)
	for i := range size {
		cell := ""
		if i < len(cells) {
			cell = cells[i]
		}
		v, more := value(cell, c.Type), 0
		switch {
		case v.IsNull():
			more = 2 * nullBytes
		case c.Type == data.Dynamic:
			more = nodeBytes
		}
		if err := c.room.take(more); err != nil {
			return err
		}
		v, err := c.own(v)
		if err != nil {
			return err
		}
		b.Append(v)
	}
	c.vectors = append(c.vectors, b.Build())
	c.room.give(cap(cells) * textBytes)
	return nil
}
