package policy

import (
	"strings"
	"testing"

	"github.com/valyala/fastjson"
)

// TestBuiltInExpressionsParse reads every expression of Microsoft's rules
// outside deployment templates.
func TestBuiltInExpressionsParse(t *testing.T) {
	lines := sharedLines(t, "azure-policy", "builtin", "definitions.jsonl.gz")
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
