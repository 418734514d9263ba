package policy

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseNodeErrors(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"empty":             {"", "f.json:1:1: unexpected end of file; want a JSON value"},
		"word":              {"\n nul", "f.json:2:2: unexpected 'n'; want a JSON value"},
		"trailing_comma":    {"{\"a\": 1,\n}", "f.json:2:1: unexpected '}'; want a property name in double quotes"},
		"no_colon":          {`{"a" 1}`, `f.json:1:6: unexpected '1' after a property name; want ":"`},
		"no_comma":          {`[1 2]`, `f.json:1:4: unexpected '2'; want "," or "]"`},
		"open_array":        {"[1,\n2", `f.json:2:2: unexpected end of file; want "," or "]"`},
		"two_documents":     {"{}\n{}", "f.json:2:1: unexpected '{' after the end of the JSON document; want nothing there"},
		"open_string":       {"[\n\"ab]", "f.json:2:1: string without closing quote"},
		"newline_in_string": {"[\"a\nb\"]", "f.json:1:4: control character '\\n' in a string; want it escaped"},
		"bad_escape":        {`["é\x"]`, `f.json:1:4: unknown escape in a string; want one of \" \\ \/ \b \f \n \r \t \uXXXX`},
		"bad_number":        {"[-]", "f.json:1:3: unexpected ']' in a number; want a digit"},
		"leading_zero":      {"[01]", `f.json:1:3: unexpected '1'; want "," or "]"`},
		"characters":        {"[\"äöü\", x]", "f.json:1:9: unexpected 'x'; want a JSON value"},
		"deep": {
			strings.Repeat("[", 201) + strings.Repeat("]", 201),
			"f.json:1:201: arrays and objects inside each other; want at most 200 levels",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			n, err := ParseNode("f.json", []byte(test.in))
			if err == nil || n != nil {
				t.Fatalf("got node %v, error %v; want only an error", n, err)
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNodePositionsAndText(t *testing.T) {
	n, err := ParseNode("", []byte("\xef\xbb\xbf{\r\n  \"näme\": \"x\\u00e9\\ud83d\\ude00\\ud83d\", \"B\": [1, -0, 1.50e3, 9223372036854775808],\n\"b\": {\"c\": null}}"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := n.Members[0].Value.Text, "xé😀\uFFFD"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	b := n.Get("B").Items
	got := map[string]Position{
		"name": n.Members[0].Pos, "B": n.Members[1].Pos, "float": b[2].Pos,
		"b": n.property("b").Pos, "null": n.Get("b").Get("C").Pos,
	}
	want := map[string]Position{"name": {2, 3}, "B": {2, 40}, "float": {2, 53}, "b": {3, 1}, "null": {3, 12}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	kinds := []Kind{b[0].Kind, b[1].Kind, b[2].Kind, b[3].Kind}
	if diff := cmp.Diff([]Kind{Int, Int, Float, Float}, kinds); diff != "" {
		t.Error(diff)
	}
	if got, want := string(n.AppendJSON(nil)), `{"näme":"xé😀`+"\uFFFD"+`","B":[1,-0,1.50e3,9223372036854775808],"b":{"c":null}}`; got != want {
		t.Errorf("JSON %s, want %s", got, want)
	}
	if got, want := n.Get("B").Value().String(), `[1,0,1500,9223372036854776000]`; got != want {
		t.Errorf("value %s, want %s", got, want)
	}
}

func TestGetPrefersExactKey(t *testing.T) {
	n, err := ParseNode("", []byte(`{"NAME": 1, "Name": 2, "name": 3}`))
	if err != nil {
		t.Fatal(err)
	}
	got := []string{n.Get("Name").Text, n.Get("naME").Text, (*Node)(nil).text("x")}
	if diff := cmp.Diff([]string{"2", "1", ""}, got); diff != "" {
		t.Error(diff)
	}
	if n.Get("other") != nil {
		t.Error("a key that is not there has a value")
	}
}

func FuzzNode(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,2.5e-3,true,false,null,"x\n\u00e9"]}`, "[\"\xff\", \"é\"]", `"\ud800\udc00\ud800"`,
		`[[[]]]`, `{"a":{},"A":1}`, "\xef\xbb\xbf1", "-0.0E+1", `{"":0,}`, " \t\r\n0 ",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := ParseNode("f", data)
		if (n == nil) != (err != nil) {
			t.Fatalf("node %v with error %v", n, err)
		}
		body := bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
		deep := err != nil && strings.Contains(err.Error(), "levels")
		if json.Valid(body) != (err == nil) && !deep {
			t.Fatalf("%q: error %v, but encoding/json says valid is %v", data, err, json.Valid(body))
		}
		if err != nil {
			return
		}
		again, err := ParseNode("f", n.AppendJSON(nil))
		if err != nil {
			t.Fatalf("%q comes out as %q: %v", data, n.AppendJSON(nil), err)
		}
		if !n.Value().Equal(again.Value()) && !repeats(n) {
			t.Fatalf("%q comes out as %q", data, n.AppendJSON(nil))
		}
	})
}

// repeats reports whether an object at or below n has a key twice.
func repeats(n *Node) bool {
	seen := map[string]bool{}
	for _, p := range n.Members {
		if seen[p.Key] || repeats(p.Value) {
			return true
		}
		seen[p.Key] = true
	}
	for _, item := range n.Items {
		if repeats(item) {
			return true
		}
	}
	return false
}
