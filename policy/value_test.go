package policy

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/valyala/fastjson"
	"pgregory.net/rapid"
)

func TestFromJSON(t *testing.T) {
	tests := map[string]struct {
		text string
		kind Kind
		want string // as JSON; "" for an error
	}{
		"integer":          {`42`, Int, `42`},
		"largest_integer":  {`9223372036854775807`, Int, `9223372036854775807`},
		"larger_integer":   {`9223372036854775808`, Float, `9223372036854776000`},
		"whole_float":      {`1.0`, Float, `1`},
		"small_float":      {`1e-9`, Float, `1e-09`},
		"minus_zero":       {`-0.0`, Float, `0`},
		"escapes":          {`"a\u0000\n\"\\é\ud83d\ude00"`, String, `"a\u0000\n\"\\é😀"`},
		"object_in_order":  {` {"b" : [1, {}], "a": null} `, Object, `{"b":[1,{}],"a":null}`},
		"null":             {`null`, Null, `null`},
		"nothing":          {``, Missing, ``},
		"two_values":       {`1 2`, Missing, ``},
		"leading_zero":     {`01`, Missing, ``},
		"not_a_number":     {`NaN`, Missing, ``},
		"raw_line_in_text": {"\"\n\"", Missing, ``},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			v, err := FromJSON([]byte(test.text))
			if (err != nil) != (test.want == "") {
				t.Fatalf("got %s, %v", v, err)
			}
			if err != nil {
				return
			}
			if diff := cmp.Diff(test.want, v.String()); diff != "" || v.Kind() != test.kind {
				t.Errorf("kind %s: %s", v.Kind(), diff)
			}
		})
	}
}

func TestDocumentsAreWrapped(t *testing.T) {
	var parser fastjson.Parser
	doc, err := parser.Parse(`{"Name": "a", "NAME": "b", "list": [1, "x", {"k": true}], "empty": {}}`)
	if err != nil {
		t.Fatal(err)
	}
	v := FromDocument(doc)
	for how, v := range map[string]Value{"wrapped": v, "copied": v.Clone()} {
		t.Run(how, func(t *testing.T) {
			got := []any{
				v.Len(), v.Keys(), v.Lookup("NAME").Text(), v.Lookup("name").Text(), v.Lookup("no").Kind(),
				v.Lookup("LIST").Len(), v.Lookup("list").Index(1).Text(), v.Lookup("list").Index(3).Kind(),
				v.Lookup("list").Index(-1).Kind(), v.Lookup("list").Index(2).Lookup("K").Bool(), v.Lookup("empty").Len(),
				v.Lookup("list").Lookup("k").Kind(), v.Index(0).Kind(), v.Equal(FromDocument(doc)),
			}
			want := []any{
				4,
				[]string{"Name", "NAME", "list", "empty"},
				"b", "a", Missing,
				3, "x", Missing, Missing, true, 0, Missing, Missing, true,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	kept := v.Clone()
	if _, err := parser.Parse(`{"zzzz": "z", "ZZZZ": "z", "zzzz": [2, "z", {"z": null}], "zzzzz": []}`); err != nil {
		t.Fatal(err)
	}
	if got := kept.String(); got != `{"Name":"a","NAME":"b","list":[1,"x",{"k":true}],"empty":{}}` {
		t.Errorf("a copy changed with the document: %s", got)
	}
	if got := FromDocument(nil).Kind(); got != Missing {
		t.Errorf("nil gives %s", got)
	}
}

func TestJSONIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := anyValue().Draw(t, "value")
		text := v.AppendJSON(nil)
		if !json.Valid(text) {
			t.Fatalf("%s is no JSON", text)
		}
		w, err := FromJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		if v.String() != w.String() {
			t.Fatalf("%s came back as %s", v, w)
		}
	})
}

func TestLenIsZeroForScalars(t *testing.T) {
	for _, v := range []Value{{}, NullValue(), IntValue(5), StringValue("abc")} {
		if v.Len() != 0 || v.Keys() != nil {
			t.Errorf("%s: length %d, keys %v", v, v.Len(), v.Keys())
		}
	}
}
