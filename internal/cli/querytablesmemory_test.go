package cli

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// repeated is a text with a beginning, and then the same again and again. It ends
// where nobody should have read it to.
type repeated struct {
	text string
	at   int
}

// farTooMuch is how many bytes a test has.
const farTooMuch = 40 << 20

func repeat(head, again string) *counted {
	return &counted{from: io.LimitReader(io.MultiReader(strings.NewReader(head), &repeated{text: again}), farTooMuch)}
}

// counted counts what is read of it, be it by somebody who goes on in the background.
type counted struct {
	from io.Reader
	read atomic.Int64
}

func (c *counted) Read(to []byte) (int, error) {
	n, err := c.from.Read(to)
	c.read.Add(int64(n))
	return n, err
}

func (r *repeated) Read(to []byte) (int, error) {
	for i := range to {
		to[i] = r.text[r.at%len(r.text)]
		r.at++
	}
	r.at %= len(r.text)
	return len(to), nil
}

// TestTablesHaveACap: a table that would take more than --max-memory is not read
// to its end, whatever its form.
func TestTablesHaveACap(t *testing.T) {
	tests := map[string]struct {
		format, head, again string
		line                string // "": any
	}{
		"jsonl":             {"jsonl", "", `{"a":1}` + "\n", ""},
		"jsonl, texts":      {"jsonl", "", `{"a":"x","b":"\u00e9","c":{"d":[1]}}` + "\n", ""},
		"jsonl, types":      {"jsonl", `{"$schema":[["a","long"],["b","dynamic"]]}` + "\n", `[1,{"a":1}]` + "\n", ""},
		"jsonl, new nulls":  {"jsonl", `{"$schema":[["a","long"]]}` + "\n", `[null]` + "\n", ""},
		"array":             {"json", "[", `{"a":1},`, "1"},
		"csv":               {"csv", "a,b\n", "1,x\n", ""},
		"csv, types":        {"csv", "a:real,b:decimal\n", "1,2\n", ""},
		"csv, blank":        {"csv", "a:long\n", "\n", ""},
		"tsv":               {"tsv", "a\tb\n", "1\tx\n", ""},
		"jsonl, one line":   {"jsonl", "{}\n" + `{"a":"`, "x", "2"},
		"jsonl, one object": {"jsonl", "{", `"a":1,` + "\n", "1"},
		"array, one item":   {"json", `[{"a":"`, "x", "1"},
		"csv, one line":     {"csv", "a\n", "x", "2"},
		"csv, one cell":     {"csv", "a\n\"", "x\n", "2"},
		"csv, header":       {"csv", "", "x,", "1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, cap := range []string{"1MB", "3MB"} {
				in := repeat(test.head, test.again)
				code, said := ends(t.Context(), in, "query", "t | take 1", "--tables", "t="+test.format+":-", "--max-memory", cap)
				want := "--max-memory " + cap + "; raise it (0: any number)"
				if begins := "bartizan: --tables t=" + test.format + ":-:" + test.line; code != exitError || !strings.HasPrefix(said, begins) || !strings.Contains(said, want) {
					t.Errorf("exit %d, %q; want %s… %s", code, said, begins, want)
				}
				if read := in.read.Load(); read > farTooMuch*3/4 {
					t.Errorf("%d of %d bytes were read", read, farTooMuch)
				}
			}
		})
	}
}

// TestPackedTablesHaveACap: what a packed file holds is read as far as it has room.
func TestPackedTablesHaveACap(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	for i := range 1 << 18 {
		fmt.Fprintf(z, "{\"a\":\"text %d\"}\n", i)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "t.jsonl.gz")
	if err := os.WriteFile(path, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	code, said := ends(t.Context(), strings.NewReader(""), "query", "t", "--tables", "t="+path, "--max-memory", "2MB")
	if code != exitError || !strings.Contains(said, "more memory than --max-memory 2MB") {
		t.Errorf("exit %d, %q", code, said)
	}
	code, said = ends(t.Context(), strings.NewReader(""), "query", "t | count", "--tables", "t="+path, "--max-memory", "20MB")
	if code != exitFine {
		t.Errorf("below the cap: exit %d, %q", code, said)
	}
}

// TestTablesAndQueriesShareACap: what tables hold is not there for a query, and all
// tables count.
func TestTablesAndQueriesShareACap(t *testing.T) {
	const query = "range x from 1 to 30000 step 1 | distinct x | count"
	rows := strings.Repeat(`{"a":1}`+"\n", 42_000)
	if code, said := ends(t.Context(), strings.NewReader(""), "query", query, "--max-memory", "1MB"); code != exitFine {
		t.Errorf("without tables: exit %d, %q", code, said)
	}
	code, said := ends(t.Context(), strings.NewReader(rows), "query", query+" | where toscalar(t | count) > 0", "--tables", "t=jsonl:-", "--max-memory", "1MB")
	if code != exitError || !strings.Contains(said, "the query holds more than 1 MB in memory") {
		t.Errorf("beside a table: exit %d, %q", code, said)
	}
	path := filepath.Join(t.TempDir(), "t.jsonl")
	if err := os.WriteFile(path, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	code, said = ends(t.Context(), strings.NewReader(""), "query", "union t, u | take 1", "--tables", "t="+path, "--tables", "u="+path, "--max-memory", "1MB")
	if code != exitError || !strings.HasPrefix(said, "bartizan: --tables u=") {
		t.Errorf("two tables: exit %d, %q", code, said)
	}
}

// TestTablesOfManyRows: the type of a column is found over all of them, and a column
// may begin late, or have gaps.
func TestTablesOfManyRows(t *testing.T) {
	const rows, late = 20_000, 15_000
	var jsonl, csv strings.Builder
	csv.WriteString("n,text,size,gap\n")
	for i := range rows {
		switch {
		case i < late:
			fmt.Fprintf(&jsonl, "{\"n\":%d,\"text\":\"t%d\",\"size\":1,\"mixed\":1}\n", i, i)
			fmt.Fprintf(&csv, "%d,t%d,1,\n", i, i)
		case i == late:
			fmt.Fprintf(&jsonl, "{\"n\":%d,\"text\":\"\\u0074%d\",\"size\":1.5,\"mixed\":\"x\",\"late\":true}\n", i, i)
			fmt.Fprintf(&csv, "%d,t%d,1.5,7\n", i, i)
		default:
			fmt.Fprintf(&jsonl, "{\"text\":\"t%d\",\"n\":%d}\n", i, i)
			fmt.Fprintf(&csv, "%d,t%d\n", i, i)
		}
	}
	for format, test := range map[string]struct{ in, query, want string }{
		"jsonl": {
			jsonl.String(),
			"t | summarize count(), sum(n), dcount(text, 4), countif(text == strcat('t', n)), sum(size), countif(isnull(size)), take_anyif(gettype(mixed), n == 15000), countif(late), countif(isnull(late))",
			"20000,199990000,20000,20000,15001.5,4999,string,1,19999",
		},
		"csv": {
			csv.String(),
			"t | summarize count(), sum(n), countif(text == strcat('t', n)), sum(size), countif(isnull(size)), sum(gap), countif(isnull(gap))",
			"20000,199990000,20000,15001.5,4999,7,19999",
		},
	} {
		t.Run(format, func(t *testing.T) {
			var out, problems bytes.Buffer
			Run(t.Context(), Process{
				Args: []string{"query", test.query, "--tables", "t=" + format + ":-", "--format", "csv"},
				In:   strings.NewReader(test.in), Out: &out, Err: &problems, Now: time.Now, Getenv: func(string) string { return "" },
			})
			_, got, _ := strings.Cut(strings.TrimSpace(out.String()), "\n")
			if strings.TrimSpace(got) != test.want {
				t.Errorf("got %s %s; want %s", got, &problems, test.want)
			}
		})
	}
}
