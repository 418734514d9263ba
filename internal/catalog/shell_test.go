package catalog

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStatements(t *testing.T) {
	tests := map[string]struct {
		in   string
		want [][]string
	}{
		"quotes":     {`a 'b "c" d' "e 'f' \"g\"" h\ i`, [][]string{{"a", `b "c" d`, `e 'f' "g"`, "h i"}}},
		"json":       {`az x --logs '[{"a":"b"}]' -n {name}`, [][]string{{"az", "x", "--logs", `[{"a":"b"}]`, "-n", "{name}"}}},
		"continued":  {"a b \\\n  --c d\\\n e", [][]string{{"a", "b", "--c", "d", "e"}}},
		"lists":      {"a 1 && b 2; c | d\ne", [][]string{{"a", "1"}, {"b", "2"}, {"c"}, {"d"}, {"e"}}},
		"comment":    {"# first\na b#c # last\nd", [][]string{{"a", "b#c"}, {"d"}}},
		"within":     {`a --x "$(b c | d)" --y`, [][]string{{"b", "c"}, {"d"}, {"a", "--x", "…", "--y"}}},
		"backquotes": {"a `b c` d", [][]string{{"b", "c"}, {"a", "…", "d"}}},
		"assigned":   {"ID=$(a b)\nX=1 c $ID", [][]string{{"a", "b"}, {"c", "$ID"}}},
		"redirected": {"a b > file 2>&1 && c < in d 2> /dev/null", [][]string{{"a", "b"}, {"c", "d"}}},
		"loop":       {"for r in $(a b); do c $r; done", [][]string{{"a", "b"}, {"c", "$r"}}},
		"document":   {"a <<'EOF' | b\n{\"x\": 1}\nEOF\nc", [][]string{{"a"}, {"b"}, {"c"}}},
		"empty_text": {`a "" b`, [][]string{{"a", "", "b"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, statements(test.in)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
