package policy

import (
	"bufio"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/valyala/fastjson"
)

// TestBuiltInExpressionsParse reads every expression of Microsoft's rules
// outside deployment templates.
func TestBuiltInExpressionsParse(t *testing.T) {
	path := filepath.Join("..", "..", "shared", "azure-policy", "builtin", "definitions.jsonl.gz")
	f, err := os.Open(path)
	if err != nil {
		t.Skipf("no built-in definitions at %s", path)
	}
	t.Cleanup(func() { _ = f.Close() })
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 16<<20)
	n := 0
	var check func(where string, v *fastjson.Value)
	check = func(where string, v *fastjson.Value) {
		switch v.Type() {
		case fastjson.TypeString:
			text := string(v.GetStringBytes())
			_, expr, err := parseText(text)
			if err != nil {
				t.Errorf("%s: %s: %v", where, text, err)
			}
			if expr != nil {
				n++
			}
		case fastjson.TypeArray:
			for _, item := range v.GetArray() {
				check(where, item)
			}
		case fastjson.TypeObject:
			v.GetObject().Visit(func(key []byte, item *fastjson.Value) {
				if name := strings.ToLower(string(key)); name != "deployment" && name != "condition" {
					check(where, item)
				}
			})
		}
	}
	for lines.Scan() {
		doc := fastjson.MustParseBytes(lines.Bytes())
		check(string(doc.GetStringBytes("path")), doc.Get("properties", "policyRule"))
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if n < 6_000 {
		t.Errorf("only %d expressions seen", n)
	}
}
