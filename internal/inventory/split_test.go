package inventory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// cut is what Split makes of a stream: each record with its line.
func cut(t testing.TB, r io.Reader, limit int) (records, problems []string) {
	t.Helper()
	err := split(r, "f", limit, func(c Chunk) error {
		for _, p := range c.Problems {
			problems = append(problems, fmt.Sprintf("%d: %s", p.Line, p.Reason))
		}
		c.records(func(record []byte, line int) {
			records = append(records, fmt.Sprintf("%d: %s", line, record))
		})
		c.Release()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return records, problems
}

func TestSplit(t *testing.T) {
	tests := map[string]struct {
		in       string
		records  []string
		problems []string
	}{
		"lines":                 {in: "{\"id\":1}\n\n{\"id\":2}\r\n{\"id\":3}", records: []string{`1: {"id":1}`, `3: {"id":2}`, `4: {"id":3}`}},
		"one_line":              {in: `{"id":1}`, records: []string{`1: {"id":1}`}},
		"broken_line_goes_on":   {in: "{\"id\":1}\n{\"id\":\n{\"id\":3}\n", records: []string{`1: {"id":1}`, `2: {"id":`, `3: {"id":3}`}},
		"blank_lines_before":    {in: "\n \n{\"id\":1}\n{\"id\":2}\n", records: []string{`3: {"id":1}`, `4: {"id":2}`}},
		"byte_order_mark":       {in: "\xEF\xBB\xBF{\"id\":1}\n{\"id\":2}\n", records: []string{`1: {"id":1}`, `2: {"id":2}`}},
		"array":                 {in: "[\n {\"id\":1},\n {\"id\":[\"]\", 2]}\n]\n", records: []string{`2: {"id":1}`, `3: {"id":["]", 2]}`}},
		"array_on_one_line":     {in: `[{"id":1},{"id":2}]`, records: []string{`1: {"id":1}`, `1: {"id":2}`}},
		"empty_array":           {in: `[]`},
		"several_arrays":        {in: "[{\"id\":1}]\n[{\"id\":2}]", records: []string{`1: {"id":1}`, `2: {"id":2}`}},
		"pretty_object":         {in: "{\n \"id\": 1\n}\n", records: []string{"1: {\n \"id\": 1\n}"}},
		"pretty_objects":        {in: "{\n\"id\":1}\n{\n\"id\":2}", records: []string{"1: {\n\"id\":1}", "3: {\n\"id\":2}"}},
		"value":                 {in: `{"nextLink":"x","value":[{"id":1},{"id":2}],"count":2}`, records: []string{`1: {"id":1}`, `1: {"id":2}`}},
		"pages":                 {in: "{\"value\":[{\"id\":1}]}\n{\"value\":[{\"id\":2}]}\n", records: []string{`1: {"id":1}`, `2: {"id":2}`}},
		"graph_query":           {in: "{\n\"count\":1,\n\"data\":[\n{\"id\":1}\n],\"skip_token\":null,\"total_records\":1}", records: []string{`4: {"id":1}`}},
		"graph_table":           {in: `{"data":{"columns":[{"name":"id"}],"rows":[["a"],["b"]]}}`, records: []string{`1: ["a"]`, `1: ["b"]`}},
		"graph_table_backwards": {in: `{"data":{"rows":[["a"]],"columns":[{"name":"id"}]}}`, records: []string{`1: {"data":{"rows":[["a"]],"columns":[{"name":"id"}]}}`}},
		"config_snapshot": {
			in:      `{"fileVersion":"1.0","configSnapshotId":"s","configurationItems":[{"resourceId":"a"},{"resourceId":"b"}]}`,
			records: []string{`1: {"resourceId":"a"}`, `1: {"resourceId":"b"}`},
		},
		"config_query":            {in: `{"Results":["{\"resourceId\":\"a\"}"],"QueryInfo":{"SelectFields":[]}}`, records: []string{`1: "{\"resourceId\":\"a\"}"`}},
		"resource_with_resources": {in: "{\n\"id\":\"x\",\"resources\":[{\"id\":\"y\"}]}", records: []string{"1: {\n\"id\":\"x\",\"resources\":[{\"id\":\"y\"}]}"}},
		"asset_with_data":         {in: "{\n\"name\":\"x\",\"data\":{\"columns\":[1],\"rows\":[2]}}", records: []string{"1: {\n\"name\":\"x\",\"data\":{\"columns\":[1],\"rows\":[2]}}"}},
		"cloud_control_list": {
			in: `{"TypeName":"AWS::S3::Bucket","ResourceDescriptions":[{"Identifier":"a"}]}`, records: []string{`1: {"Identifier":"a"}`},
		},
		"cloud_control_sorted_by_key": {
			in:      `{"ResourceDescriptions":[{"Identifier":"a"}],"TypeName":"AWS::S3::Bucket"}`,
			records: []string{`1: {"ResourceDescriptions":[{"Identifier":"a"}],"TypeName":"AWS::S3::Bucket"}`},
		},
		"escaped_key":       {in: `{"v\u0061lue":[{"id":1}]}`, records: []string{`1: {"id":1}`}},
		"empty":             {in: " \n", problems: []string{"1: empty, want resources as JSON"}},
		"text":              {in: "hello there\nagain\n", problems: []string{"1: not JSON, want an object or an array", "2: not JSON, want an object or an array"}},
		"text_before_lines": {in: "WARNING: slow\n{\"id\":1}\n", records: []string{`2: {"id":1}`}, problems: []string{"1: not JSON, want an object or an array"}},
		"array_cut_off": {
			in: "[\n{\"id\":1},\n{\"id\":", records: []string{`2: {"id":1}`},
			problems: []string{"3: record cannot be read: the input ends inside it"},
		},
		"cut_on_one_line":         {in: `[{"id":1},{"id":`, records: []string{`1: {"id":1}`}, problems: []string{"1: record cannot be read: the input ends inside it"}},
		"answer_cut_on_one_line":  {in: `{"value":[{"id":1},{"id":`, records: []string{`1: {"id":1}`}, problems: []string{"1: record cannot be read: the input ends inside it"}},
		"answer_cut_off":          {in: "{\"value\":[\n{\"id\":1},\n{\"id\":", records: []string{`2: {"id":1}`}, problems: []string{"3: record cannot be read: the input ends inside it"}},
		"answer_without_list_end": {in: "{\"value\":[\n{\"id\":1}\n", records: []string{`2: {"id":1}`}, problems: []string{"3: the input ends inside the list that begins on line 1"}},
		"answer_without_end":      {in: "{\"value\":[\n{\"id\":1}]\n", records: []string{`2: {"id":1}`}, problems: []string{"3: the input ends inside what begins on line 1"}},
		"array_without_end":       {in: "[\n{\"id\":1}\n", records: []string{`2: {"id":1}`}, problems: []string{"3: the input ends inside the list that begins on line 1"}},
		"array_goes_on_behind_a_broken_record": {
			in: "[\n  {\"id\":1},\n  {\"id\":[}},\n  {\"id\":3}\n]", records: []string{`2: {"id":1}`, `4: {"id":3}`},
			problems: []string{"3: record cannot be read: its brackets do not match"},
		},
		"array_goes_on_behind_an_open_quote": {
			in: "[\n  {\n    \"id\":\"1},\n  {\n    \"id\":3\n  }\n]", records: []string{"4: {\n    \"id\":3\n  }"},
			problems: []string{"2: record cannot be read: the input ends inside it"},
		},
		"broken_on_one_line": {
			in: `[{"id":1},{"id":[}},{"id":3}]`, records: []string{`1: {"id":1}`},
			problems: []string{"1: record cannot be read: its brackets do not match", "1: the rest of the input cannot be told apart into records"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for how, r := range map[string]io.Reader{
				"at_once": strings.NewReader(test.in), "by_byte": iotest.OneByteReader(strings.NewReader(test.in)),
			} {
				records, problems := cut(t, r, MaxRecord)
				if diff := cmp.Diff(test.records, records); diff != "" {
					t.Errorf("%s: records (-want +got)\n%s", how, diff)
				}
				if diff := cmp.Diff(test.problems, problems); diff != "" {
					t.Errorf("%s: problems (-want +got)\n%s", how, diff)
				}
			}
		})
	}
}

// Streams of several chunks lose no record and no line number, whatever the
// shape.
func TestSplitManyChunks(t *testing.T) {
	const n = 3000
	pad := strings.Repeat("x", 1500)
	record := func(i int) string { return fmt.Sprintf(`{"id":%d,"pad":%q}`, i, pad) }
	var lines, pretty, page strings.Builder
	pretty.WriteString("[\n")
	page.WriteString(`{"value":[`)
	for i := range n {
		lines.WriteString(record(i) + "\n")
		pretty.WriteString(strings.Replace(record(i), ",", ",\n", 1))
		page.WriteString(record(i))
		if i < n-1 {
			pretty.WriteString(",\n")
			page.WriteString(",")
		}
	}
	pretty.WriteString("\n]")
	page.WriteString("]}")
	for name, test := range map[string]struct {
		in   string
		line func(i int) int
	}{
		"lines":  {lines.String(), func(i int) int { return i + 1 }},
		"pretty": {pretty.String(), func(i int) int { return 2*i + 2 }},
		"page":   {page.String(), func(int) int { return 1 }},
	} {
		t.Run(name, func(t *testing.T) {
			i, chunks := 0, 0
			err := Split(iotest.HalfReader(strings.NewReader(test.in)), "f", func(c Chunk) error {
				chunks++
				c.records(func(b []byte, line int) {
					var got struct{ ID int }
					if err := json.Unmarshal(b, &got); err != nil || got.ID != i || line != test.line(i) {
						t.Fatalf("record %d: got %d on line %d, %v; want line %d", i, got.ID, line, err, test.line(i))
					}
					i++
				})
				c.Release()
				return nil
			})
			if err != nil || i != n || chunks < 4 {
				t.Errorf("%d records in %d chunks, %v; want %d in several", i, chunks, err, n)
			}
		})
	}
}

func TestSplitTooLarge(t *testing.T) {
	large := `{"id":"` + strings.Repeat("x", 3<<20) + `"}`
	tests := map[string]struct {
		in       string
		records  []string
		problems []string
	}{
		"line": {
			"{\"id\":1}\n" + large + "\n{\"id\":3}\n",
			[]string{`1: {"id":1}`, `3: {"id":3}`},
			[]string{"2: record larger than 2097152 bytes"},
		},
		"element_on_its_line": {
			"[\n{\"id\":1},\n" + large + ",\n{\"id\":3}]",
			[]string{`2: {"id":1}`, `4: {"id":3}`},
			[]string{"3: record larger than 2097152 bytes"},
		},
		"element_within_a_line": {
			"[{\"id\":1}, " + large + ", {\"id\":3}]",
			[]string{`1: {"id":1}`, `1: {"id":3}`},
			[]string{"1: record larger than 2097152 bytes"},
		},
		"value_in_a_wrapper": {"{\"value\":[{\"id\":1}],\"x\":" + large + "}", []string{`1: {"id":1}`}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			records, problems := cut(t, strings.NewReader(test.in), 2<<20)
			if diff := cmp.Diff(test.records, records); diff != "" {
				t.Errorf("records (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(test.problems, problems); diff != "" {
				t.Errorf("problems (-want +got)\n%s", diff)
			}
		})
	}
}

// A reader that fails half-way costs the record it failed in, not those before.
func TestSplitReadError(t *testing.T) {
	broken := errors.New("unexpected EOF in the archive")
	tests := map[string]struct {
		in       string
		problems []string
	}{
		"lines":         {"{\"id\":1}\n{\"id\":2}\n{\"id\"", []string{"3: the input ends early: unexpected EOF in the archive"}},
		"array":         {"[\n{\"id\":1},\n{\"id\":2},\n{\"id\"", []string{"4: record cut off: unexpected EOF in the archive"}},
		"on_one_line":   {"[{\"id\":1},{\"id\":2},{\"id\"", []string{"1: record cut off: unexpected EOF in the archive"}},
		"answer":        {"{\"value\":[{\"id\":1},{\"id\":2},{\"id\"", []string{"1: record cut off: unexpected EOF in the archive"}},
		"between":       {"{\"value\":[{\"id\":1},{\"id\":2},", []string{"1: the input ends early: unexpected EOF in the archive"}},
		"array_between": {"[{\"id\":1},\n{\"id\":2},", []string{"2: the input ends early: unexpected EOF in the archive"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			records, problems := cut(t, io.MultiReader(strings.NewReader(test.in), iotest.ErrReader(broken)), MaxRecord)
			if len(records) != 2 {
				t.Errorf("records %q, want two", records)
			}
			if diff := cmp.Diff(test.problems, problems); diff != "" {
				t.Errorf("problems (-want +got)\n%s", diff)
			}
			unread := 0
			_ = Split(io.MultiReader(strings.NewReader(test.in), iotest.ErrReader(broken)), "f", func(c Chunk) error {
				for _, p := range c.Problems {
					if p.Unread {
						unread++
					}
				}
				return nil
			})
			if unread != 1 {
				t.Errorf("%d problems say that the rest was not read, want one", unread)
			}
		})
	}
}

// What a broken line names is lost alone, unless the input ends in it: there it was cut
// off, and anything may have followed.
func TestNamed_where_the_input_ends(t *testing.T) {
	const id = "/subscriptions/0a1b2c3d-0000-4000-8000-00000000000a/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/a"
	const whole, broken = `{"id":"` + id + `2","type":"Microsoft.Storage/storageAccounts"}`, `{"id":"` + id + `","type":"Microsoft.Stor`
	for text, want := range map[string]string{
		whole + "\n" + broken + "\n":                             id,
		whole + "\n" + broken + "\n" + whole:                     id,
		whole + "\n" + broken:                                    "",
		whole + "\n" + broken + " ":                              "",
		whole + "\n" + broken + strings.Repeat(" ", 2*blockSize): "",
		strings.Repeat(whole+"\n", 4000) + broken:                "",
		strings.Repeat(whole+"\n", 4000) + broken + "\n":         id,
	} {
		var sink namedSink
		read := func(c Chunk) error {
			NewDecoder().Decode(c, &sink)
			return nil
		}
		if blocks := NewBlocks(strings.NewReader(text), "f"); blocks != nil {
			for r := blocks.Reader(); ; {
				c, more := r.Next()
				if !more {
					break
				}
				_ = read(c) // gives none
			}
		} else if err := Split(strings.NewReader(text), "f", read); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{want}, sink.named); diff != "" {
			t.Errorf("%d bytes, ending in %q: -want +got\n%s", len(text), text[len(text)-10:], diff)
		}
	}
}

// namedSink keeps what the places that could not be read name.
type namedSink struct {
	found
	named []string
}

func (s *namedSink) Problem(p Problem) {
	if p.Listed == "" {
		s.named = append(s.named, p.Named)
	}
}

func TestSplitEndsWithEmit(t *testing.T) {
	refused := errors.New("refused")
	for name, in := range map[string]string{"lines": "{\"id\":1}\n", "array": "[{\"id\":1}]"} {
		t.Run(name, func(t *testing.T) {
			err := Split(strings.NewReader(in), "f", func(Chunk) error { return refused })
			if !errors.Is(err, refused) {
				t.Errorf("got %v, want %v", err, refused)
			}
		})
	}
}

func TestSplitUTF16(t *testing.T) {
	const text = "[{\"id\":\"Zürich 🏔\"}]"
	for name, test := range map[string]struct{ mark, big bool }{
		"little": {true, false}, "big": {true, true}, "little_without_a_mark": {false, false}, "big_without_a_mark": {false, true},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			units := utf16.Encode([]rune(text))
			if test.mark {
				units = append([]uint16{0xFEFF}, units...)
			}
			for _, unit := range units {
				if test.big {
					b.Write([]byte{byte(unit >> 8), byte(unit)})
				} else {
					b.Write([]byte{byte(unit), byte(unit >> 8)})
				}
			}
			records, problems := cut(t, &b, MaxRecord)
			if diff := cmp.Diff([]string{`1: {"id":"Zürich 🏔"}`}, records); diff != "" || problems != nil {
				t.Errorf("%s problems %q", diff, problems)
			}
		})
	}
}
