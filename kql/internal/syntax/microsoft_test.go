package syntax

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

var (
	texts  = flag.String("texts", "testdata/microsoft.jsonl.gz", "texts with Microsoft's verdict, from tools/kqlsyntax")
	update = flag.Bool("update", false, "write the figures into docs/kql-syntax.md")
)

// A verdict is what Microsoft's parser says of a text.
type verdict struct {
	Text    string
	OK      bool
	At      int
	Message string
}

// TestMicrosoft holds our parser against Microsoft's: each text that one of
// them refuses is refused by the other, but for what we read on purpose.
// Without that, both agree on every text.
func TestMicrosoft(t *testing.T) {
	f := figures{beyond: map[string]int{}, codes: map[string]int{}}
	for _, v := range verdicts(t) {
		p := newParser(v.Text, nil)
		p.query()
		if len(p.extras) > 0 {
			checkStrict(t, v)
		}
		first := slices.IndexFunc(p.problems, func(p Problem) bool { return p.Code == CodeSyntax })
		f.add(p, v, first < 0)
		switch {
		case v.OK && first >= 0:
			t.Errorf("only we refuse %s\n%d: %s", v.Text, p.problems[first].Span.Start, p.problems[first].Message)
		case !v.OK && first < 0 && len(p.extras) == 0:
			t.Errorf("only they refuse %s\n%d: %s", v.Text, v.At, v.Message)
		}
	}
	t.Logf("\n%s", f.table())
	if *texts == "testdata/microsoft.jsonl.gz" {
		f.compare(t, "../../../docs/kql-syntax.md")
	}
}

func checkStrict(t *testing.T, v verdict) {
	t.Helper()
	p := newParser(v.Text, nil)
	p.strict = true
	p.query()
	refused := slices.ContainsFunc(p.problems, func(p Problem) bool { return p.Code == CodeSyntax })
	if refused == v.OK && !strings.HasPrefix(strings.TrimSpace(v.Text), ".") {
		t.Errorf("read strictly, refused by us: %t, by them: %t: %s", refused, !v.OK, v.Text)
	}
}

func verdicts(t *testing.T) []verdict {
	t.Helper()
	file, err := os.Open(*texts)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var in io.Reader = file
	if strings.HasSuffix(*texts, ".gz") {
		if in, err = gzip.NewReader(file); err != nil {
			t.Fatal(err)
		}
	}
	var all []verdict
	for lines := json.NewDecoder(bufio.NewReader(in)); ; {
		var v verdict
		if err := lines.Decode(&v); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
}

// figures count how the two parsers agree.
type figures struct {
	texts, accepted, agreed int
	beyond, codes           map[string]int
}

func (f *figures) add(p *parser, v verdict, ours bool) {
	f.texts++
	if v.OK {
		f.accepted++
	}
	switch {
	case v.OK == ours:
		f.agreed++
	case len(p.extras) > 0:
		f.beyond[p.extras[0]]++
	}
	if ours && v.OK && len(p.problems) > 0 {
		f.codes[p.problems[0].Code]++
	}
}

// table is the part of the page that is generated.
func (f *figures) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "| texts | %d |\n|---|---|\n", f.texts)
	fmt.Fprintf(&b, "| accepted by Microsoft's parser | %d |\n", f.accepted)
	fmt.Fprintf(&b, "| same verdict from ours | %d (%.2f %%) |\n", f.agreed, 100*float64(f.agreed)/float64(f.texts))
	for _, what := range slices.Sorted(maps.Keys(f.beyond)) {
		fmt.Fprintf(&b, "| accepted by ours only: %s | %d |\n", what, f.beyond[what])
	}
	for _, code := range slices.Sorted(maps.Keys(f.codes)) {
		fmt.Fprintf(&b, "| accepted by both as syntax, but ours says %s | %d |\n", code, f.codes[code])
	}
	return b.String()
}

// compare holds the page against the figures, or with -update writes them.
func (f *figures) compare(t *testing.T, page string) {
	t.Helper()
	const begin, end = "<!-- figures -->\n", "<!-- end -->"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(text), begin)
	old, after, found := strings.Cut(rest, end)
	if !found {
		t.Fatalf("%s: no place for the figures", page)
	}
	if *update {
		if err := os.WriteFile(page, []byte(before+begin+f.table()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if old != f.table() {
		t.Errorf("%s: the figures are old: run go test -run Microsoft ./kql/internal/syntax -update", page)
	}
}
