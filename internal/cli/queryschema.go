package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/catalog"
	"github.com/bartizan-dev/bartizan/internal/report"
	"github.com/bartizan-dev/bartizan/internal/resourcegraph"
	"github.com/bartizan-dev/bartizan/internal/spelling"
	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
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
func (s *session) printSchema(ctx context.Context, args []string) error {
	s = s.described()
	name := s.flags.schema
	if (name == allTables || name == "") && len(args) > 0 {
		name = args[0]
	}
	if name == allTables || name == "" {
		return s.printTables(ctx)
	}
	t, ok := s.Table(name)
	if !ok {
		return s.noTable(name)
	}
	switch s.flags.format {
	case formatJSON:
		return s.printJSON(schemaTable{name, resourcegraph.About(name), columnsOf(t.Columns())})
	case formatTable:
		grid := report.Grid{Columns: []report.Column{{Title: "column"}, {Title: "type"}}}
		for _, c := range t.Columns() {
			grid.Add(report.Cell{Text: c.Name}, report.Cell{Text: c.Type.String()})
		}
		return grid.Write(s.Out, s.style(s.Out))
	}
	var rows [][]kql.Value
	for _, c := range t.Columns() {
		rows = append(rows, texts(c.Name, c.Type.String()))
	}
	return s.printRows(ctx, textColumns("column", "type"), rows)
}

// noTable is the error of a schema that is asked for; it names the table that is meant, or who lists them.
func (s *session) noTable(name string) error {
	asked, lists := fmt.Sprintf("--schema %q", name), "bartizan query --schema"
	if s.dotted {
		asked, lists = ".schema "+name, ".schema"
	}
	return usagef("%s: there is no such table%s", asked, cmp.Or(spelling.Meant(name, s.Names()), "; "+lists+" lists them"))
}

// described has the tables that an inventory would give, if there is none.
func (s *session) described() *session {
	if s.estate != nil {
		return s
	}
	described := *s
	described.estate = resourcegraph.New(noEstate)
	return &described
}

func (s *session) printTables(ctx context.Context) error {
	var tables []schemaTable
	for _, name := range s.Names() {
		if t, ok := s.Table(name); ok {
			tables = append(tables, schemaTable{name, resourcegraph.About(name), columnsOf(t.Columns())})
		}
	}
	switch s.flags.format {
	case formatJSON:
		return s.printJSON(tables)
	case formatTable:
		return s.layOutTables(tables)
	}
	var rows [][]kql.Value
	for _, t := range tables {
		for _, c := range t.Columns {
			rows = append(rows, texts(t.Table, t.About, c.Name, c.Type))
		}
	}
	return s.printRows(ctx, textColumns("table", "about", "column", "type"), rows)
}

// layOutTables lists tables with what they hold, and then each set of columns
// with the tables that have it.
func (s *session) layOutTables(tables []schemaTable) error {
	grid := report.Grid{Columns: []report.Column{{Title: "table"}, {Title: "holds", Flexible: true}}}
	var shapes []string
	with := map[string][]string{} // tables by their columns
	for _, t := range tables {
		grid.Add(report.Cell{Text: t.Table}, report.Cell{Text: t.About})
		shape := shapeOf(t.Columns)
		if with[shape] == nil {
			shapes = append(shapes, shape)
		}
		with[shape] = append(with[shape], t.Table)
	}
	if err := grid.Write(s.Out, s.style(s.Out)); err != nil {
		return err
	}
	columns := report.Grid{Columns: []report.Column{{Title: "of"}, {Title: "columns", Flexible: true}}}
	for _, shape := range shapes {
		of := strings.Join(with[shape], ", ")
		if n := len(with[shape]); n > 1 && n == len(tables) {
			of = "all"
		} else if n > 3 {
			of = fmt.Sprintf("the other %d", n)
		}
		columns.Add(report.Cell{Text: of}, report.Cell{Text: shape})
	}
	if _, err := fmt.Fprintln(s.Out); err != nil {
		return err
	}
	return columns.Write(s.Out, s.style(s.Out))
}

func shapeOf(columns []schemaColumn) string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = c.Name + ":" + c.Type
	}
	return strings.Join(all, " ")
}

type listedQuestion struct {
	Name       string   `json:"name"`
	Title      string   `json:"title"`
	Words      string   `json:"words"`
	Tables     []string `json:"tables"`
	Parameters []string `json:"parameters"`
}

// listQuestions lists the questions that come with the program.
func (a *app) listQuestions(ctx context.Context, f *queryFlags) error {
	all, err := catalog.Questions()
	if err != nil {
		return err
	}
	switch f.format {
	case formatJSON:
		listed := []listedQuestion{}
		for _, q := range all {
			listed = append(listed, listedQuestion{q.Name, q.Title, q.Words, q.Tables, append([]string{}, q.Parameters...)})
		}
		return a.printJSON(listed)
	case formatTable:
		return a.layOutQuestions(all)
	}
	var rows [][]kql.Value
	for _, q := range all {
		rows = append(rows, append(texts(q.Name, q.Title, q.Words), list(q.Tables), list(q.Parameters)))
	}
	columns := append(textColumns("name", "title", "words"), kql.Column{Name: "tables", Type: data.Dynamic}, kql.Column{Name: "parameters", Type: data.Dynamic})
	s := &session{app: a, flags: f, bar: func() {}, silent: &atomic.Bool{}}
	return s.printRows(ctx, columns, rows)
}

func (a *app) layOutQuestions(all []*catalog.Question) error {
	grid := report.Grid{Columns: []report.Column{{Title: "name"}, {Title: "question", Flexible: true}, {Title: "tables", Spare: true}, {Title: "parameters", Optional: true, Spare: true}}}
	for _, q := range all {
		grid.Add(report.Cell{Text: q.Name}, report.Cell{Text: q.Title}, report.Cell{Text: firstOf(q.Tables)},
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

// firstOf lists a few names, and how many more there are.
func firstOf(names []string) string {
	const most = 2
	if more := len(names) - most; more > 1 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), more)
	}
	return strings.Join(names, ", ")
}

// printRows prints rows that are at hand as a result is printed.
func (s *session) printRows(ctx context.Context, columns []kql.Column, rows [][]kql.Value) error {
	q, err := kql.Prepare("rows", kql.Named{"rows": kql.MemoryTable(columns, rows...)}, kql.Options{})
	if err != nil {
		return err
	}
	return s.print(ctx, q.Run(ctx))
}

func textColumns(names ...string) []kql.Column {
	columns := make([]kql.Column, len(names))
	for i, name := range names {
		columns[i] = kql.Column{Name: name, Type: data.String}
	}
	return columns
}

func texts(list ...string) []kql.Value {
	values := make([]kql.Value, len(list))
	for i, text := range list {
		values[i] = data.OfString(text)
	}
	return values
}

// list is an array of texts.
func list(texts []string) kql.Value {
	items := make([]*data.Node, len(texts))
	for i, text := range texts {
		items[i] = data.NodeOf(data.OfString(text))
	}
	return data.OfNode(data.NodeOfArray(items))
}
