// Package builtin chooses the built-in definitions that the benchmark of a
// whole assessment judges, and fills their required parameters.
//
// The definitions lie beside the project, not in it: folder azure-policy of
// the shared data, whose README says where they come from.
package builtin

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Definition is one line of definitions.jsonl.gz.
type Definition struct {
	Name       string // GUID
	Parameters map[string]Parameter
	Line       []byte // as published
}

// Parameter is a declared parameter of a definition.
type Parameter struct {
	Type    string            `json:"type"`
	Default json.RawMessage   `json:"defaultValue"` // nil without one
	Allowed []json.RawMessage `json:"allowedValues"`
	Meta    struct {
		StrongType string `json:"strongType"`
	} `json:"metadata"`
}

// Select reads the definitions in folder that are of class config or related
// and whose aliases are all in the table: 1,710 of them, in file order.
func Select(folder string) ([]Definition, error) {
	wanted, err := evaluable(filepath.Join(folder, "evaluable.tsv"))
	if err != nil {
		return nil, err
	}
	file, err := os.Open(filepath.Join(folder, "builtin", "definitions.jsonl.gz"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := gzip.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file.Name(), err)
	}
	var all []Definition
	lines := bufio.NewScanner(text)
	lines.Buffer(nil, 8<<20)
	for lines.Scan() {
		var d struct {
			Name       string `json:"name"`
			Properties struct {
				Parameters map[string]Parameter `json:"parameters"`
			} `json:"properties"`
		}
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			return nil, fmt.Errorf("%s: %w", file.Name(), err)
		}
		if wanted[d.Name] {
			all = append(all, Definition{Name: d.Name, Parameters: d.Properties.Parameters, Line: []byte(lines.Text())})
		}
	}
	return all, lines.Err()
}

// evaluable gives the names whose class is config or related and whose column
// of missing aliases is empty.
func evaluable(file string) (map[string]bool, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(cells) < 6 {
			return nil, fmt.Errorf("%s: line with %d columns, want at least 6", file, len(cells))
		}
		if (cells[1] == "config" || cells[1] == "related") && cells[5] == "" {
			names[cells[0]] = true
		}
	}
	return names, nil
}

// WriteDefinitions writes the definitions as JSON lines.
func WriteDefinitions(file string, all []Definition) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	for _, d := range all {
		w.Write(d.Line)
		w.WriteByte('\n')
	}
	if err := w.Flush(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// WriteParameters writes values for all required parameters in the form that
// assess --parameters takes: {policy: {name: value}}.
func WriteParameters(file string, all []Definition) error {
	text, err := json.MarshalIndent(Fill(all), "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o666)
}
