package export

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// row is like those of lists.
type row struct {
	Inner
	Title string            `json:"title"`
	Ref   Inner             `json:"ref"`
	Gain  float64           `json:"gain"`
	Count int               `json:"count"`
	Rate  *float64          `json:"rate"`
	Yes   bool              `json:"yes"`
	Tags  map[string]string `json:"tags,omitempty"`
	At    *time.Time        `json:"at"`
	Parts []struct {
		A int `json:"a"`
	} `json:"parts"`
	State word `json:"state"`
}

// Inner is embedded in a row, and within one.
type Inner struct {
	ID string `json:"id"`
}

type word uint8

// MarshalText writes the word.
func (w word) MarshalText() ([]byte, error) { return []byte([]string{"", "healthy"}[w]), nil }

func sample() row {
	at, rate := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), -1.5
	return row{
		Inner: Inner{"=1+1"}, Title: `a "b", c`, Ref: Inner{"x"}, Gain: -0.25, Count: 7, Rate: &rate, Yes: true, Tags: map[string]string{"b": "2", "a": "1"}, At: &at,
		Parts: []struct {
			A int `json:"a"`
		}{{1}}, State: 1,
	}
}

func written(t *testing.T, format string, rows int) []byte {
	t.Helper()
	f, err := Named(format)
	if err != nil {
		t.Fatal(err)
	}
	columns := ColumnsOf(row{})
	var b bytes.Buffer
	w, err := f.New(&b, "rows", columns.Names())
	if err != nil {
		t.Fatal(err)
	}
	if x, ok := w.(*xlsx); ok {
		x.most = 3
	}
	for range rows {
		if err := w.Row(columns.Cells(sample())); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close([]Fact{{"rows", rows}, {"scope", []string{"/"}}}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCSV(t *testing.T) {
	text := string(written(t, "csv", 1))
	r := csv.NewReader(strings.NewReader(text))
	r.Comment = '#'
	got, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"id", "title", "ref.id", "gain", "count", "rate", "yes", "tags", "at", "parts", "state"},
		{"'=1+1", `a "b", c`, "x", "-0.25", "7", "-1.5", "true", "a=1, b=2", "2026-11-22T12:00:00Z", `[{"a":1}]`, "healthy"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !strings.HasSuffix(text, "\n# {\"rows\":1,\"scope\":[\"/\"]}\n") {
		t.Errorf("the end is not what the file is of: %s", text)
	}
}

func TestLines(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(string(written(t, "jsonl", 2))), "\n")
	if len(lines) != 3 || lines[2] != `{"bartizan":"export","rows":2,"scope":["/"]}` {
		t.Fatalf("lines %q", lines)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &got); err != nil {
		t.Fatal(err)
	}
	if got["id"] != "=1+1" || got["ref.id"] != "x" || got["gain"] != -0.25 || fmt.Sprint(got["tags"]) != "map[a:1 b:2]" || got["state"] != "healthy" {
		t.Errorf("row %v", got)
	}
}

// sheet is what a spreadsheet reads of one.
type sheet struct {
	Rows []struct {
		Cells []struct {
			Type  string `xml:"t,attr"`
			Style int    `xml:"s,attr"`
			Text  string `xml:"is>t"`
			Value string `xml:"v"`
		} `xml:"c"`
	} `xml:"sheetData>row"`
}

func TestXLSX_splits_sheets_and_holds_no_formula(t *testing.T) {
	data := written(t, "xlsx", 5)
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if parts[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(parts[f.Name], []byte("<f>")) {
			t.Errorf("%s holds a formula", f.Name)
		}
		if err := xml.Unmarshal(parts[f.Name], new(struct{})); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := xml.Unmarshal(parts["xl/workbook.xml"], &book); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(book.Sheets); got != "[{rows} {rows 2} {rows 3} {About}]" {
		t.Errorf("sheets %s", got)
	}
	counts := map[string]int{"sheet1": 3, "sheet2": 3, "sheet3": 2, "sheet4": 3} // each with its head
	for name, want := range counts {
		var s sheet
		if err := xml.Unmarshal(parts["xl/worksheets/"+name+".xml"], &s); err != nil {
			t.Fatal(err)
		}
		if len(s.Rows) != want {
			t.Errorf("%s has %d rows, want %d", name, len(s.Rows), want)
		}
		if name != "sheet1" {
			continue
		}
		if first := s.Rows[1].Cells[0]; first.Text != "=1+1" || first.Type != "inlineStr" || first.Style != quoted {
			t.Errorf("what looks like a formula is %+v", first)
		}
		if number := s.Rows[1].Cells[3]; number.Type != "" || number.Value != "-0.25" {
			t.Errorf("a number is %+v", number)
		}
	}
	if text := string(appendXML(nil, strings.Repeat("x", cellText+5)+"<")); len(text) != cellText-1+len("…") {
		t.Errorf("a long text has %d bytes", len(text))
	}
}

func TestLooksLikeFormula(t *testing.T) {
	for text, want := range map[string]bool{"=1": true, "+1": true, "-1": true, "@x": true, "\t=1": true, "\r=1": true, "＝1": true, "a=1": false, "": false, "/a": false} {
		if looksLikeFormula(text) != want {
			t.Errorf("%q: want %v", text, want)
		}
	}
}

func TestColumns_Only(t *testing.T) {
	c, err := ColumnsOf(row{}).Only([]string{"count", "ref.id"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{int64(7), "x"}, c.Cells(sample())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := ColumnsOf(row{}).Only([]string{"nothing"}); err == nil || !strings.Contains(err.Error(), "title") {
		t.Errorf("a column that there is not: %v", err)
	}
}
