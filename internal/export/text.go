package export

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// textOf is a cell as text: a list with commas between its items, a map as
// name=value, anything else within as JSON.
func textOf(cell any) (string, error) {
	switch v := cell.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case time.Time:
		return v.UTC().Format(time.RFC3339), nil
	case []string:
		return strings.Join(v, ", "), nil
	case map[string]string:
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, name+"="+v[name])
		}
		return strings.Join(parts, ", "), nil
	}
	text, err := json.Marshal(cell)
	return string(text), err
}

// looksLikeFormula reports whether a spreadsheet would compute a text, or run what
// it says, rather than show it.
func looksLikeFormula(text string) bool {
	return text != "" && strings.ContainsRune("=+-@\t\r\n", rune(text[0])) || strings.HasPrefix(text, "＝") || strings.HasPrefix(text, "＋") ||
		strings.HasPrefix(text, "－") || strings.HasPrefix(text, "＠")
}

// isNumber reports whether a cell is one; of text that looks like one only the
// writer knows.
func isNumber(cell any) bool {
	switch cell.(type) {
	case int64, float64:
		return true
	}
	return false
}

// csvWriter writes RFC 4180 with commas. A text that a spreadsheet would take for a
// formula has an apostrophe in front. The last line begins with # and says what the
// file is of.
type csvWriter struct {
	to  *csv.Writer
	out io.Writer
}

func newCSV(w io.Writer, _ string, columns []string) (Writer, error) {
	c := &csvWriter{csv.NewWriter(w), w}
	return c, c.to.Write(columns)
}

func (c *csvWriter) Row(cells []any) error {
	texts := make([]string, len(cells))
	for i, cell := range cells {
		text, err := textOf(cell)
		if err != nil {
			return err
		}
		if !isNumber(cell) && looksLikeFormula(text) {
			text = "'" + text
		}
		texts[i] = text
	}
	return c.to.Write(texts)
}

func (c *csvWriter) Close(about []Fact) error {
	c.to.Flush()
	if err := c.to.Error(); err != nil {
		return err
	}
	text, err := object(about)
	if err == nil {
		_, err = fmt.Fprintf(c.out, "# %s\n", text)
	}
	return err
}

// object writes facts as one JSON object, in their order.
func object(facts []Fact) ([]byte, error) {
	b := []byte{'{'}
	for i, f := range facts {
		value, err := json.Marshal(f.Value)
		if err != nil {
			return nil, fmt.Errorf("writing %s: %w", f.Name, err)
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, strconv.Quote(f.Name)...), ':'), value...)
	}
	return append(b, '}'), nil
}

// lines writes a JSON object a line, without what is empty. The last one has
// "bartizan":"export" and says what the file is of.
type lines struct {
	to    *bufio.Writer
	names []string
}

func newLines(w io.Writer, _ string, columns []string) (Writer, error) {
	return &lines{bufio.NewWriter(w), columns}, nil
}

func (l *lines) Row(cells []any) error {
	facts := make([]Fact, 0, len(cells))
	for i, cell := range cells {
		if cell != nil {
			facts = append(facts, Fact{l.names[i], cell})
		}
	}
	return l.write(facts)
}

func (l *lines) write(facts []Fact) error {
	text, err := object(facts)
	if err == nil {
		_, err = l.to.Write(append(text, '\n'))
	}
	return err
}

func (l *lines) Close(about []Fact) error {
	if err := l.write(append([]Fact{{"bartizan", "export"}}, about...)); err != nil {
		return err
	}
	return l.to.Flush()
}
