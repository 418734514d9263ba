package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// Tables reads tables.txt: "Name (column:type, …)", and a JSON array a row.
func Tables() (kql.Named, error) {
	text, err := files.ReadFile("tables.txt")
	if err != nil {
		return nil, err
	}
	all := kql.Named{}
	for block := range strings.SplitSeq(string(text), "\n\n") {
		lines := strings.Split(strings.TrimSpace(block), "\n")
		name, rest, ok := strings.Cut(lines[0], " (")
		if !ok {
			continue // the title
		}
		if all[name], err = table(strings.TrimSuffix(rest, ")"), lines[1:]); err != nil {
			return nil, fmt.Errorf("tables.txt: %s: %w", name, err)
		}
	}
	return all, nil
}

func table(schema string, lines []string) (*kql.Memory, error) {
	var columns []kql.Column
	for part := range strings.SplitSeq(schema, ", ") {
		name, typ, _ := strings.Cut(part, ":")
		t, ok := data.ParseType(typ)
		if !ok {
			return nil, fmt.Errorf("column %s: unknown type %q", name, typ)
		}
		columns = append(columns, kql.Column{Name: name, Type: t})
	}
	var rows [][]kql.Value
	for _, line := range lines {
		cells, err := decode(line)
		if err != nil {
			return nil, err
		}
		list, ok := cells.([]any)
		if !ok || len(list) != len(columns) {
			return nil, fmt.Errorf("row %s: want %d values", line, len(columns))
		}
		row := make([]kql.Value, len(columns))
		for i, cell := range list {
			row[i] = valueOf(cell, columns[i].Type)
		}
		rows = append(rows, row)
	}
	return kql.MemoryTable(columns, rows...), nil
}

func valueOf(cell any, t data.Type) kql.Value {
	text, isText := cell.(string)
	switch {
	case cell == nil:
		return data.Null(t)
	case isText && t != data.Dynamic:
		return data.OfString(text)
	}
	raw, err := json.Marshal(cell)
	if err != nil { // was JSON before
		return data.Null(t)
	}
	return data.OfNode(data.RawJSON(string(raw)))
}

// decode reads JSON and keeps numbers as they are written.
func decode(text string) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("%s: %w", text, err)
	}
	if d.More() {
		return nil, fmt.Errorf("%s: text behind the value", text)
	}
	return v, nil
}
