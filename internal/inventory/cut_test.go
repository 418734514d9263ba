package inventory

import (
	"bytes"
	"strings"
	"testing"
)

// placedText is an input that blocks are read of.
type placedText struct{ *bytes.Reader }

func (placedText) Close() error { return nil }

// Where a file ends within a record, or within the list of them, nobody knows what else
// it was to have; a record that is broken loses itself alone.
func TestCut(t *testing.T) {
	const whole, half = `{"id":"/subscriptions/s/resourceGroups/g/providers/A.B/c/d","name":"d","type":"A.B/c","properties":{}}`, `{"id":"/subscriptions/s/resourceGroups/g/providers/A.B/c/e","name":"e","type":"A.B`
	pretty := strings.ReplaceAll(strings.ReplaceAll(whole, "{\"id", "  {\n    \"id"), "{}}", "{}\n  }")
	tests := map[string]struct {
		text string
		cut  bool
	}{
		"whole":                  {whole + "\n" + whole, false},
		"last_line":              {whole + "\n" + half, true},
		"only_line":              {half, true},
		"last_line_with_its_end": {whole + "\n" + half + "\n", false},
		"line_in_the_middle":     {half + "\n" + whole, false},
		"no_json":                {whole + "\n" + `{"id": oops}`, false},
		"in_an_array":            {"[" + whole + "," + half, true},
		"between_two":            {"[" + whole + ",", true},
		"behind_one":             {"[" + whole, true},
		"in_a_wrapper":           {`{"value":[` + whole + "," + half, true},
		"behind_its_list":        {`{"value":[` + whole + "]", true},
		"pretty":                 {"[\n" + pretty + ",\n" + strings.TrimSuffix(pretty, "}\n  }"), true},
		"pretty_in_the_middle":   {"[\n" + strings.TrimSuffix(pretty, "}\n  }") + "\n" + pretty + "\n]", false},
		"pretty_whole":           {"[\n" + pretty + "\n]", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			check := func(how string, read func(decode func(Chunk) error) error) {
				d, sink := NewDecoder(), cutSink{}
				if err := read(func(c Chunk) error { d.Decode(c, &sink); return nil }); err != nil {
					t.Fatal(err)
				}
				if sink.cut != test.cut {
					t.Errorf("%s: cut %v, want %v: %v", how, sink.cut, test.cut, sink.problems)
				}
			}
			check("as a stream", func(decode func(Chunk) error) error { return Split(strings.NewReader(test.text), "in", decode) })
			blocks := newBlocks(placedText{bytes.NewReader([]byte(test.text))}, "in", MaxRecord, 50)
			if blocks == nil {
				return
			}
			check("in blocks", func(decode func(Chunk) error) error {
				r := blocks.Reader()
				for c, more := r.Next(); more; c, more = r.Next() {
					if err := decode(c); err != nil {
						return err
					}
				}
				return nil
			})
		})
	}
}

// cutSink notes whether a problem is that the input is cut off.
type cutSink struct {
	found
	cut      bool
	problems []Problem
}

func (s *cutSink) Problem(p Problem) {
	s.cut = s.cut || p.Cut || p.Unread
	s.problems = append(s.problems, p)
}
