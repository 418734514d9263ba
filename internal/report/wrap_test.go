package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWrap(t *testing.T) {
	tests := map[string]struct {
		width int
		line  string
		want  string
	}{
		"no_limit":     {0, "one two three", "one two three"},
		"fits":         {13, "one two three", "one two three"},
		"at_a_blank":   {12, "one two three", "one two\n    three"},
		"several":      {9, "a bb ccc dd e ffff", "a bb ccc\n    dd e\n    ffff"},
		"keeps_blanks": {18, "  unknown   3 checks: denied", "  unknown   3\n    checks: denied"},
		"long_word":    {10, "id /subscriptions/1", "id\n    /subsc\n    riptio\n    ns/1"},
		"no_room":      {3, "abcdef", "abc\ndef"},
		"colour":       {12, "\x1b[90mone two three\x1b[0m", "\x1b[90mone two\n    three\x1b[0m"},
		"wide":         {9, "日本語 日本語日本語", "日本語\n    日本\n    語日\n    本語"},
		"bar":          {8, "████░░░░  50 %", "████░░░░\n    50 %"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Style{Width: test.width}.wrap(test.line)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// On a terminal no line of the table is wider than that.
func TestTableFitsTheTerminal(t *testing.T) {
	for name, run := range map[string]*Run{"single": single(), "several": several(), "empty": empty(), "hostile": hostile(), "not_read": notAllRead(9)} {
		for _, width := range []int{20, 40, 60, 80} {
			for _, colour := range []bool{false, true} {
				run.Style = Style{Width: width, Unicode: true, Colour: colour}
				var out strings.Builder
				if err := writeTable(&out, run); err != nil {
					t.Fatal(err)
				}
				for line := range strings.SplitSeq(out.String(), "\n") {
					if got := Width(escapes.ReplaceAllString(line, "")); got > width {
						t.Errorf("%s at %d columns: %q has %d", name, width, line, got)
					}
				}
			}
		}
	}
}
