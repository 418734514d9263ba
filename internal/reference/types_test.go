package reference_test

import (
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/internal/reference"
)

func TestTypes_rows(t *testing.T) {
	tests := map[string]struct{ property, row string }{
		"a_type":                    {`{"type": "string", "description": "its name"}`, "| string | its name |"},
		"several_types":             {`{"type": ["string", "null"], "description": "its name"}`, "| string null | its name |"},
		"words_behind_a_sentence":   {`{"type": "string", "enum": ["a", "b"], "description": "Its kind."}`, "| string | Its kind. One of a, b. |"},
		"words_behind_no_full_stop": {`{"type": "string", "enum": ["a", "b"], "description": "its kind"}`, "| string | its kind. One of a, b. |"},
		"words_without_a_type":      {`{"enum": ["a", "b"], "description": "its kind"}`, "| string | its kind. One of a, b. |"},
		"numbers_without_a_type":    {`{"enum": [1, 2], "description": "its kind"}`, "| number | its kind. One of 1, 2. |"},
		"one_word":                  {`{"type": "string", "enum": ["a"], "description": "its kind"}`, "| string | its kind. Always a. |"},
		"neither_type_nor_words":    {`{"description": "what it likes"}`, "| any | what it likes |"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			text := `{"title": "T", "properties": {"p": ` + test.property + `}}`
			got, err := reference.Types([]reference.Schema{{File: "t.schema.json", Text: []byte(text)}})
			if err != nil {
				t.Fatal(err)
			}
			if want := "| `p` " + test.row + "\n"; !strings.Contains(got, want) {
				t.Errorf("got\n%s\nwant the row %s", got, want)
			}
		})
	}
}
