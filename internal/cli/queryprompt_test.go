package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/internal/assess"
	"github.com/bartizan-dev/bartizan/internal/resourcegraph"
	"github.com/bartizan-dev/bartizan/kql"
)

// typed is a lineReader that a test fills.
type typed struct{ queries []string }

func (t *typed) ReadQuery() (string, error) {
	if len(t.queries) == 0 {
		return "", io.EOF
	}
	q := t.queries[0]
	t.queries = t.queries[1:]
	if q == "^C" {
		return "", errInterrupt
	}
	return q, nil
}

func promptSession() (*session, *bytes.Buffer, *bytes.Buffer) {
	var out, problems bytes.Buffer
	a := &app{Process: Process{Out: &out, Err: &problems, In: strings.NewReader(""), Getenv: func(string) string { return "" }, Now: time.Now}}
	s := &session{app: a, flags: &queryFlags{format: formatCSV}, own: kql.Named{}, bar: func() {}, silent: &atomic.Bool{}}
	return s, &out, &problems
}

func TestPrompt(t *testing.T) {
	tests := map[string]struct {
		queries       []string
		out, problems string // parts
	}{
		"queries":             {[]string{"print a = 1", "print b = 2;"}, "a\n1\nb\n2\n", ""},
		"a_mistake_and_on":    {[]string{"prin a", "print 1"}, "print_0\n1\n", "^"},
		"given_up":            {[]string{"^C", "print 1"}, "print_0\n1\n", ""},
		"exit":                {[]string{".exit", "print 1"}, "", ""},
		"help":                {[]string{".help"}, ".schema [TABLE]", ""},
		"format":              {[]string{".format jsonl", "print a = 1"}, `{"a":1}`, ""},
		"no_format":           {[]string{".format xml"}, "", "want table, json"},
		"explain":             {[]string{".explain range i from 1 to 2 step 1 | take 1"}, "take", ""},
		"begun_with_a_pipe":   {[]string{"| count"}, "", "end the line before it with |"},
		"unknown_word":        {[]string{".drop"}, "", ".drop: want .schema"},
		"columns_of_tables":   {[]string{".schema resources"}, "subscriptionId", ""},
		"columns_and_a_query": {[]string{".schema resources", "resources | count"}, "apiVersion", "--inventory PATH gives this table"},
		"question":            {[]string{".ask nothing"}, "", ".ask nothing: there is no such question; .list names them\n"},
		"near_table":          {[]string{".schema resorces"}, "", "bartizan: .schema resorces: there is no such table; did you mean \"resources\"?\n"},
		"no_table":            {[]string{".schema nope"}, "", "bartizan: .schema nope: there is no such table; .schema lists them\n"},
		"empty":               {[]string{" ; ", ""}, "", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, out, problems := promptSession()
			if err := s.converse(context.Background(), &typed{test.queries}); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(out.String(), test.out) || test.out == "" && out.Len() > 0 {
				t.Errorf("got %q, want %q", out, test.out)
			}
			if !strings.Contains(problems.String(), test.problems) || test.problems == "" && problems.Len() > 0 {
				t.Errorf("problems %q, want %q", problems, test.problems)
			}
		})
	}
}

// TestParamsAtThePrompt are for all queries, of which each takes what it declares.
func TestParamsAtThePrompt(t *testing.T) {
	s, out, problems := promptSession()
	s.options.Params, s.several = map[string]string{"n": "7"}, true
	queries := []string{"print 1", "declare query_parameters(n: long); print n"}
	if err := s.converse(context.Background(), &typed{queries}); err != nil || problems.Len() > 0 || !strings.HasSuffix(out.String(), "\n7\n") {
		t.Errorf("%v, %s; got %q", err, problems, out)
	}
}

func TestIsWhole(t *testing.T) {
	tests := map[string]struct {
		text string
		want bool
	}{
		"whole":             {"resources | count", true},
		"bar_at_the_end":    {"resources |", false},
		"bar_and_comment":   {"resources | // go on", false},
		"open_bracket":      {"resources | where (a", false},
		"closed":            {"resources | where (a == 1)", true},
		"bracket_in_string": {`print "(" , '['`, true},
		"escaped_quote":     {`print "a\"(", 1`, true},
		"verbatim":          {`print @"a\" | count`, true},
		"comma":             {"print a,", false},
		"empty_line":        {"resources |\n", true},
		"dot_word":          {".exit", true},
		"only_let":          {"let x=5;", false},
		"let_without_end":   {"let x = 5", false},
		"two_lets":          {"let x=5; // five\nlet f = (a: long) { let b = 2; a + b };", false},
		"let_and_result":    {"let x=5;\nprint x", true},
		"result_and_end":    {"let x=5;\nprint x;", true},
		"let_and_empty":     {"let x=5;\n", true},
		"comment_and_let":   {"// a;\nlet x = ';';", false},
		"letters":           {"letters | count", true},
		"end":               {";", true},
		"open_literal":      {"print ```a", false},
		"empty_in_literal":  {"print ```a\n\n", false},
		"closed_literal":    {"print ```a(\n\"b```", true},
		"other_literal":     {"print ~~~a```", false},
		"fold_operators":    {"resources | where a =~ b and c !~ d", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := isWhole(test.text); got != test.want {
				t.Errorf("%q: got %v", test.text, got)
			}
		})
	}
}

// Tab completes commands, and what stands behind them.
func TestCompletionsOfCommands(t *testing.T) {
	s, _, _ := promptSession()
	s.own = kql.Named{"rooms": kql.MemoryTable(textColumns("name"))}
	tests := map[string]struct {
		text  string
		start int
		want  []string
	}{
		"command":  {".sch", 0, []string{".schema"}},
		"dot":      {".", 0, []string{".schema", ".list", ".ask", ".explain", ".format", ".help", ".exit"}},
		"question": {".ask old", 5, []string{"old-access-keys", "oldest-tls"}},
		"own":      {".schema ROO", 8, []string{"rooms"}},
		"table":    {".schema  resourcecont", 9, []string{"resourcecontainerchanges", "resourcecontainers"}},
		"format":   {".format json", 8, []string{"json", "jsonl"}},
		"query":    {".explain roo", 9, []string{"rooms"}},
		"nothing":  {".list x", 7, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := s.completions(test.text, len(test.text))
			var got []string
			for _, item := range c.Items {
				got = append(got, item.Label)
			}
			if diff := cmp.Diff(test.want, got); diff != "" || c.Start != test.start || c.End != len(test.text) {
				t.Errorf("%d to %d (-want +got):\n%s", c.Start, c.End, diff)
			}
		})
	}
}

// What of the inputs could not be read is told once, and nothing of them behind a
// query that does not read them.
func TestPromptTellsProblemsOnce(t *testing.T) {
	inputs := map[string]string{
		"broken":  oneAccount + "\n{\"broken\":\n",
		"nothing": "{\"broken\":\n",
	}
	for name, content := range inputs {
		t.Run(name, func(t *testing.T) {
			s, _, problems := promptSession()
			s.estate = resourcegraph.New(assess.Options{Now: time.Now(), Inputs: []assess.Input{{Name: "in.jsonl", Open: func() (io.ReadCloser, error) {
				return io.NopCloser(strings.NewReader(content)), nil
			}}}})
			if err := s.converse(context.Background(), &typed{[]string{"resources | count", "resources | count"}}); err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(problems.String(), "in.jsonl:"); n != 1 {
				t.Errorf("told %d times:\n%s", n, problems)
			}
			problems.Reset()
			if err := s.converse(context.Background(), &typed{[]string{"print 1"}}); err != nil || problems.Len() > 0 {
				t.Errorf("%v: %s", err, problems)
			}
		})
	}
}

const oneAccount = `{"id":"/subscriptions/00000000-0000-0000-0000-00000000000a/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a","type":"Microsoft.Storage/storageAccounts","name":"a","properties":{}}`

func TestHistory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state", "bartizan", "query-history")
	h := openHistory(file)
	for _, q := range []string{"resources\n| count", "print 1", "print 1", `print "a\n"`} {
		if _, err := h.Write(q); err != nil {
			t.Fatal(err)
		}
	}
	again := openHistory(file)
	if diff := cmp.Diff([]string{"resources\n| count", "print 1", `print "a\n"`}, again.queries); diff != "" {
		t.Error(diff)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	for range keptQueries {
		again.Write("a")
		again.Write("b")
	}
	if n := openHistory(file).Len(); n != keptQueries {
		t.Errorf("%d queries, want %d", n, keptQueries)
	}
}

func TestMarked(t *testing.T) {
	tests := map[string]struct {
		line                  string
		column, length, width int
		shown, mark           string
	}{
		"word":            {"a | whre b", 4, 4, 0, "a | whre b", "    ^~~~"},
		"end":             {"a |", 3, 0, 0, "a |", "   ^"},
		"tab":             {"\ta | b", 5, 1, 0, "\ta | b", "\t    ^"},
		"cut_at_the_end":  {"0123456789abcdefghij", 15, 3, 9, "…defghij", "   ^~~"},
		"cut_both_ends":   {"0123456789abcdefghij", 8, 3, 9, "…6789abc…", "   ^~~"},
		"cut_behind":      {"0123456789abcdefghij", 1, 12, 9, "0123456…", " ^~~~~~"},
		"cut_at_the_last": {"0123456789abcdefghij", 20, 0, 9, "…defghij", "        ^"},
		"cut_with_tabs":   {"\t0\t123456789abcdefghij", 5, 2, 9, "…1234567…", "   ^~"},
		"other_width":     {"é | whre", 4, 4, 0, "é | whre", "    ^~~~"},
		"wide_letters":    {"日本 | whre", 5, 4, 0, "日本 | whre", "       ^~~~"},
		"marked_wide":     {"a 日本", 2, 2, 0, "a 日本", "  ^~~~"},
		"no_width":        {strings.Repeat("a", 200), 150, 2, 0, "…" + strings.Repeat("a", 118), strings.Repeat(" ", 69) + "^~"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			shown, mark := marked(test.line, test.column, test.length, test.width, "…")
			if shown != test.shown || mark != test.mark {
				t.Errorf("got\n%s\n%s", shown, mark)
			}
		})
	}
}

func TestParseBytes(t *testing.T) {
	tests := map[string]struct {
		want int64
		ok   bool
	}{
		"512MB": {512e6, true}, "1.5 gb": {15e8, true}, "100": {100, true}, "0": {-1, true},
		"": {0, false}, "MB": {0, false}, "-1MB": {0, false}, "1TB": {0, false}, "9e30GB": {0, false},
	}
	for text, test := range tests {
		got, err := parseBytes(text)
		if got != test.want || (err == nil) != test.ok {
			t.Errorf("%q: got %d, %v", text, got, err)
		}
	}
}
