package plan

import (
	"context"
	"iter"
	"os"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// reference reads a table of ../shared/reference/kql, line by line without the heading.
func reference(t *testing.T, name string) [][]string {
	t.Helper()
	text, err := os.ReadFile("../../../../shared/reference/kql/" + name)
	if err != nil {
		t.Skip("no ../shared/reference/kql beside the worktree: ", err)
	}
	var rows [][]string
	for _, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")[1:] {
		rows = append(rows, strings.Split(line, "\t"))
	}
	return rows
}

// schemaOnly is a table without rows.
type schemaOnly []data.Column

func (s schemaOnly) Columns() []data.Column { return s }
func (s schemaOnly) Scan(context.Context, Request) iter.Seq2[*data.Batch, error] {
	return func(func(*data.Batch, error) bool) {}
}

// testTables are those of the reference.
var testTables = map[string]string{
	"T": "id:string, n:long, r:real, b:bool, d:dynamic, t:datetime, s:string, g:guid, ts:timespan",
	"L": "id:string, a:long, name:string",
	"R": "id:string, a:real, other:dynamic",
	"E": "src:string, dst:string, label:string, w:long",
	"N": "nid:string, kind:string, p:dynamic",
}

// everyType has a column of each type, once for the left and once for the right of an operator.
func everyType() []data.Column {
	var cols []data.Column
	for _, side := range []string{"l_", "r_"} {
		for _, t := range data.Types {
			cols = append(cols, data.Column{Name: side + t.String(), Type: t})
		}
	}
	return cols
}

func parseColumns(text string) []data.Column {
	var cols []data.Column
	for _, part := range strings.Split(text, ", ") {
		i := strings.LastIndexByte(part, ':')
		typ, _ := data.ParseType(part[i+1:])
		cols = append(cols, data.Column{Name: part[:i], Type: typ})
	}
	return cols
}

func showColumns(cols []data.Column) string {
	var parts []string
	for _, c := range cols {
		parts = append(parts, c.Name+":"+c.Type.String())
	}
	return strings.Join(parts, ", ")
}

func testScope() Scope {
	return Scope{
		Table: func(name string) (Source, bool) {
			if name == "P" {
				return schemaOnly(everyType()), true
			}
			text, ok := testTables[name]
			if !ok {
				return nil, false
			}
			return schemaOnly(parseColumns(text)), true
		},
		Names: []string{"T", "L", "R", "E", "N"},
		Now:   638_000_000_000_000_000,
	}
}

// bindText parses and binds; problems of both are given.
func bindText(text string) (*Plan, []syntax.Problem) {
	q, problems := syntax.Parse(text)
	if len(problems) > 0 {
		return nil, problems
	}
	return Bind(q, testScope())
}

func showProblems(problems []syntax.Problem) string {
	var parts []string
	for _, p := range problems {
		parts = append(parts, p.Message)
	}
	return strings.Join(parts, " | ")
}

func TestReferenceColumns(t *testing.T) {
	for _, row := range reference(t, "columns.tsv") {
		query, want := row[0], row[1]
		p, problems := bindText(query)
		got := "error"
		if len(problems) == 0 {
			got = showColumns(p.Columns)
		}
		switch {
		case strings.HasPrefix(query, "externaldata"): // refused on purpose
			want = "error"
		case strings.HasPrefix(want, "error"):
			want = "error"
		case want == "group": // several tables: ours is the first
			if got != "error" {
				want = got
			}
		case want == "void":
			want = ""
		}
		if got != want {
			t.Errorf("%s\n got %s %s\nwant %s", query, got, showProblems(problems), want)
		}
	}
}
