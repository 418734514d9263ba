package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/report"
	"github.com/bartizan-dev/bartizan/internal/resourcegraph"
	"github.com/bartizan-dev/bartizan/kql"
)

// noEstate has no inputs: its tables have columns, and no rows.
var noEstate assess.Options

type schemaTable struct {
	Table   string         `json:"table"`
	About   string         `json:"about,omitempty"`
	Columns []schemaColumn `json:"columns"`
}

type schemaColumn struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

func columnsOf(columns []kql.Column) []schemaColumn {
	all := make([]schemaColumn, len(columns))
	for i, c := range columns {
		all[i] = schemaColumn{c.Name, c.Type.String()}
	}
	return all
}

// printSchema lists tables, or the columns of one. Without an inventory the
// tables are those that one would give.
func (s *session) printSchema(args []string) error {
	if s.estate == nil {
		described := *s
		described.estate = resourcegraph.New(noEstate)
		s = &described
	}
	name := s.flags.schema
	if (name == allTables || name == "") && len(args) > 0 {
		name = args[0]
	}
	if name == allTables || name == "" {
		return s.printTables()
	}
	t, ok := s.Table(name)
	if !ok {
		return usagef("--schema %q: there is no such table; bartizan query --schema lists them", name)
	}
	if s.flags.format == formatJSON {
		return s.printJSON(schemaTable{name, resourcegraph.About(name), columnsOf(t.Columns())})
	}
	grid := report.Grid{Columns: []report.Column{{Title: "column"}, {Title: "type"}}}
	for _, c := range t.Columns() {
		grid.Add(report.Cell{Text: c.Name}, report.Cell{Text: c.Type.String()})
	}
	return grid.Write(s.Out, s.style(s.Out))
}

func (s *session) printTables() error {
	var tables []schemaTable
	for _, name := range s.Names() {
		if t, ok := s.Table(name); ok {
			tables = append(tables, schemaTable{name, resourcegraph.About(name), columnsOf(t.Columns())})
		}
	}
	if s.flags.format == formatJSON {
		return s.printJSON(tables)
	}
	grid := report.Grid{Columns: []report.Column{{Title: "table"}, {Title: "holds", Flexible: true}, {Title: "columns", Flexible: true}}}
	for _, t := range tables {
		var all []string
		for _, c := range t.Columns {
			all = append(all, c.Name+":"+c.Type)
		}
		grid.Add(report.Cell{Text: t.Table}, report.Cell{Text: t.About}, report.Cell{Text: strings.Join(all, " ")})
	}
	return grid.Write(s.Out, s.style(s.Out))
}

type listedQuestion struct {
	Name       string   `json:"name"`
	Title      string   `json:"title"`
	Words      string   `json:"words"`
	Tables     []string `json:"tables"`
	Parameters []string `json:"parameters"`
}

// listQuestions lists the questions that come with the program.
func (a *app) listQuestions(f *queryFlags) error {
	all, err := catalog.Questions()
	if err != nil {
		return err
	}
	if f.format == formatJSON {
		listed := []listedQuestion{}
		for _, q := range all {
			listed = append(listed, listedQuestion{q.Name, q.Title, q.Words, q.Tables, append([]string{}, q.Parameters...)})
		}
		return a.printJSON(listed)
	}
	grid := report.Grid{Columns: []report.Column{{Title: "name"}, {Title: "question", Flexible: true}, {Title: "tables", Spare: true}, {Title: "parameters", Optional: true, Spare: true}}}
	for _, q := range all {
		grid.Add(report.Cell{Text: q.Name}, report.Cell{Text: q.Title}, report.Cell{Text: strings.Join(slices.Clone(q.Tables), ", ")},
			report.Cell{Text: strings.Join(q.Parameters, ", ")})
	}
	if err := grid.Write(a.Out, a.style(a.Out)); err != nil {
		return err
	}
	if a.device(a.Out).Terminal {
		fmt.Fprintf(a.Out, "\n  bartizan query --name NAME --inventory PATH asks one of them.\n")
	}
	return nil
}
