package catalog

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/data"
)

// questionCase is one case of a question: rows of tables with Resource Graph's
// columns, of which what is not written is empty, and the rows of the answer.
type questionCase struct {
	Name       string
	Parameters map[string]string
	Tables     map[string][]map[string]any
	Want       [][]any
}

// graphColumns are the columns of every table of Resource Graph.
var graphColumns = []kql.Column{
	{Name: "id", Type: data.String},
	{Name: "name", Type: data.String},
	{Name: "type", Type: data.String},
	{Name: "tenantId", Type: data.String},
	{Name: "kind", Type: data.String},
	{Name: "location", Type: data.String},
	{Name: "resourceGroup", Type: data.String},
	{Name: "subscriptionId", Type: data.String},
	{Name: "managedBy", Type: data.String},
	{Name: "sku", Type: data.Dynamic},
	{Name: "plan", Type: data.Dynamic},
	{Name: "properties", Type: data.Dynamic},
	{Name: "tags", Type: data.Dynamic},
	{Name: "identity", Type: data.Dynamic},
	{Name: "zones", Type: data.Dynamic},
	{Name: "extendedLocation", Type: data.Dynamic},
	{Name: "unread", Type: data.Dynamic}, // where a question names it
}

func TestQuestionCases(t *testing.T) {
	all, err := Questions()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 30 {
		t.Errorf("%d questions, want at least 30", len(all))
	}
	for _, q := range all {
		cases := questionCases(t, q)
		if len(cases) == 0 {
			t.Errorf("%s: no cases", q.Name)
		}
		for _, c := range cases {
			t.Run(q.Name+"/"+c.Name, func(t *testing.T) {
				if diff := cmp.Diff(asJSON(t, c.Want), answerOf(t, q, c)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}

func questionCases(t *testing.T, q *Question) []questionCase {
	text, err := os.ReadFile(filepath.Join("../../catalog/queries/cases", q.Name+".yaml"))
	if err != nil {
		t.Error(err)
		return nil
	}
	var cases []questionCase
	decoder := yaml.NewDecoder(strings.NewReader(string(text)))
	decoder.KnownFields(true)
	if err := decoder.Decode(&cases); err != nil {
		t.Errorf("%s: %v", q.Name, err)
	}
	return cases
}

// answerOf gives the rows of the answer, each as JSON.
func answerOf(t *testing.T, q *Question, c questionCase) []string {
	tables := kql.Named{}
	for _, name := range q.Tables {
		tables[name] = caseTable(t, c.Tables[name])
	}
	for name := range c.Tables {
		if tables[name] == nil {
			t.Errorf("the case has a table %s, which the question does not name", name)
		}
	}
	prepared, err := kql.Prepare(q.Text, tables, kql.Options{
		Now: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC), Params: c.Parameters,
	})
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]any
	for row, err := range prepared.Run(context.Background()).Rows() {
		if err != nil {
			t.Fatal(err)
		}
		cells := make([]any, len(row))
		for i, v := range row {
			if err := json.Unmarshal(kql.AppendJSON(nil, v), &cells[i]); err != nil {
				t.Fatal(err)
			}
		}
		rows = append(rows, cells)
	}
	return asJSON(t, rows)
}

// graphTable hides the column unread from who does not name it.
type graphTable struct{ *kql.Memory }

func (graphTable) Hidden(column int) bool { return graphColumns[column].Name == "unread" }

func caseTable(t *testing.T, rows []map[string]any) kql.Table {
	known := map[string]bool{}
	for _, c := range graphColumns {
		known[c.Name] = true
	}
	values := make([][]kql.Value, len(rows))
	for n, row := range rows {
		for name := range row {
			if !known[name] {
				t.Errorf("row %d: %s is no column", n+1, name)
			}
		}
		for _, c := range graphColumns {
			text, err := json.Marshal(row[c.Name])
			if err != nil {
				t.Fatal(err)
			}
			values[n] = append(values[n], data.OfNode(data.RawJSON(string(text))))
		}
	}
	return graphTable{kql.MemoryTable(graphColumns, values...)}
}

func asJSON(t *testing.T, rows [][]any) []string {
	lines := make([]string, len(rows))
	for i, row := range rows {
		text, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		lines[i] = string(text)
	}
	return lines
}

func TestParseQuestion(t *testing.T) {
	tests := map[string]struct {
		text, wrong string
		want        Question
	}{
		"whole": {
			text: "// title: T\n// words: one,\n//   two.\n// tables: resources, securityresources\n// parameters: days\nresources",
			want: Question{Name: "q", Title: "T", Words: "one, two.", Tables: []string{"resources", "securityresources"}, Parameters: []string{"days"}},
		},
		"comment_of_the_query": {
			text: "// title: T\n// words: w\n// tables: resources\n// What was denied: all.\nresources",
			want: Question{Name: "q", Title: "T", Words: "w", Tables: []string{"resources"}, Parameters: []string{}},
		},
		"no_title": {text: "// words: w\n// tables: resources\n", wrong: "want // title:"},
		"unknown":  {text: "// owner: me\n", wrong: "queries/q.kql:1: want a line of // title"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			q, err := parseQuestion("q.kql", test.text)
			if err != nil || test.wrong != "" {
				if err == nil || test.wrong == "" || !strings.Contains(err.Error(), test.wrong) {
					t.Fatalf("error %v, want %q", err, test.wrong)
				}
				return
			}
			test.want.Text = test.text
			if diff := cmp.Diff(&test.want, q); diff != "" {
				t.Error(diff)
			}
		})
	}
}
