package inventory

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/valyala/fastjson"
)

// seeds are one input of each shape, whole and broken.
var seeds = []string{
	`{"bartizan":"read","scope":"s","type":"*x","denied":[{"type":"*y","path":"a..b"},{"id":"i","path":"c[*]"}]}`,
	`{"id":"/subscriptions/a/resourceGroups/g/providers/A/b/c","properties":{"x":[1,2]}}` + "\n" + `{"id":`,
	`[{"id":"/subscriptions/a","tenantId":"t"},{"id":17},[],"x",null]`,
	`{"value":[{"id":"/subscriptions/a/b/c"}],"nextLink":"x"}{"value":[]}`,
	`{"data":{"columns":[{"name":"id"},{"name":"location"}],"rows":[["/subscriptions/a","b"],["c"]]}}`,
	`{"data":{"rows":7}}`, `{"data":{"rows":[["a"]]}}`, `{"a":{"b":"\u00e9\\"},"value":[{"c":"]"}]}`,
	`{"type":"AWS::S3::Bucket","id":"arn:aws:s3:::b","account":111122223333,"properties":{"Tags":[{"Key":"a","Value":"b"}]}}`,
	`{"TypeName":"A::B::C","ResourceDescriptions":[{"Identifier":"a","Properties":"{\"A\":1}"}]}`,
	`{"fileVersion":"1.0","configurationItems":[{"resourceType":"AWS::EC2::Volume","resourceId":"v","configuration":"{\"size\":1}","supplementaryConfiguration":{}}]}`,
	`{"Results":["{\"resourceType\":\"AWS::KMS::Key\",\"resourceId\":\"k\",\"configuration\":{},\"supplementaryConfiguration\":{\"Policy\":\"{}\"}}"]}`,
	`{"name":"//a.googleapis.com/projects/p/x","asset_type":"a.googleapis.com/X","resource":{"data":{}},"iam_policy":{},"ancestors":["projects/1","folders/2"]}`,
	`{"results":[{"resource":"//a/projects/p","policy":{"bindings":[]}}]}`,
	`{"type":"machine","id":"m","properties":{"os":{}}}`,
	`{"bartizan":"read","scope":"s","type":"*","complete":true,"denied":[{"action":"a"}]}`,
	`{"Accounts":[{"Id":"111122223333","Arn":"arn:aws:organizations::1:account/o-1/111122223333"}]}`,
	"\xef\xbb\xbf{}", "\xff\xfe[\x00]\x00", "[\n  {\"id\":[}},\n  {\"id\":3}\n]", "{\"a\":\"\x00\"}", "{\"a\":\"\xff\"}",
	"{}\n{}{}", `{"id":"a","id":"b"}`, strings.Repeat("[", 400), `{"id":1e999}`, "",
}

// FuzzSplit: nothing panics, and what is a stream of JSON objects and arrays
// of them comes out value for value as encoding/json reads it.
func FuzzSplit(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var got []string
		clean := true
		if err := Split(bytes.NewReader(in), "f", func(c Chunk) error {
			clean = clean && c.Problems == nil
			c.records(func(record []byte, _ int) { got = append(got, string(record)) })
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		want, ok := streamed(in)
		if !ok || wrapsSomewhere(want) {
			return
		}
		// Of JSON lines the decoder tells apart what stands on one line.
		got, _ = streamed([]byte(strings.Join(got, "\n")))
		if !clean || len(got) != len(want) {
			t.Fatalf("%q\n got %q\nwant %q, clean %v", in, got, want, clean)
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("record %d of %q: got %q, want %q", i, in, got[i], want[i])
			}
		}
	})
}

// streamed is what encoding/json reads: objects, and the elements of arrays.
// False for anything else.
func streamed(in []byte) (records []string, ok bool) {
	if bytes.HasPrefix(in, []byte{0xFF, 0xFE}) || bytes.HasPrefix(in, []byte{0xFE, 0xFF}) {
		return nil, false
	}
	decoder := json.NewDecoder(bytes.NewReader(in))
	for {
		var value json.RawMessage
		err := decoder.Decode(&value)
		if errors.Is(err, io.EOF) {
			return records, len(records) > 0
		}
		if err != nil {
			return nil, false
		}
		switch value[0] {
		case '{':
			records = append(records, string(value))
		case '[':
			var elements []json.RawMessage
			if json.Unmarshal(value, &elements) != nil {
				return nil, false
			}
			for _, element := range elements {
				records = append(records, string(element))
			}
		default:
			return nil, false
		}
	}
}

// wrapsSomewhere reports whether a record may be a wrapper, or the stream may
// be taken for JSON lines though values share a line or an array follows.
func wrapsSomewhere(records []string) bool {
	for _, record := range records {
		v, err := fastjson.Parse(record)
		if err != nil || v.Type() != fastjson.TypeObject || wraps(v) || v.Exists("data") || strings.Contains(record, "\n") {
			return true
		}
	}
	return false
}

// FuzzDecode: every record of any input ends as a resource, a scope, a read
// record or a problem, and what the sink gets is in order. Read records are read
// again as they are written.
func FuzzDecode(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		out := decodeAll(t, bytes.NewReader(in), "f")
		for _, r := range out.Resources {
			if r.ID == "" || r.Line < 1 || r.Cloud == "" {
				t.Errorf("%+v", r)
			}
			if !json.Valid([]byte(r.Body)) && !hasOddNumber(r.Body) {
				t.Errorf("body %s", r.Body)
			}
		}
		if out.seen.Resources != len(out.Resources) || out.seen.Rejected != len(out.Problems) {
			t.Errorf("%+v for %d resources and %d problems", out.seen, len(out.Resources), len(out.Problems))
		}
		if len(out.Resources)+len(out.Scopes)+len(out.Reads)+len(out.Problems) == 0 && out.seen.Records > out.seen.Deleted {
			t.Errorf("%d records went without a word", out.seen.Records)
		}
		for i := range out.Reads { // a store keeps them so, and has to read them again
			kept := AppendRead(nil, &out.Reads[i])
			again := decodeAll(t, bytes.NewReader(kept), "kept")
			if len(again.Problems) > 0 || len(again.Reads) != 1 || again.Reads[0].Scope != out.Reads[i].Scope || again.Reads[0].Type != out.Reads[i].Type {
				t.Errorf("%s is read again as %+v, %v", kept, again.Reads, again.Problems)
			}
		}
	})
}

// hasOddNumber reports whether fastjson read a number that JSON has not.
func hasOddNumber(body string) bool {
	return fastjson.Validate(body) != nil
}

// FuzzStrict holds what decode accepts against encoding/json: fastjson and
// strict together accept all JSON, and nothing else but odd numbers.
func FuzzStrict(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var parser fastjson.Parser
		v, err := parser.ParseBytes(in)
		accepted := strict(in) == "" && err == nil
		valid := json.Valid(in)
		switch {
		case valid && !accepted && !strings.Contains(strict(in), "UTF-8") && !strings.Contains(syntax(in), "nested deeper"):
			t.Errorf("refused: %q: %s %v", in, strict(in), err)
		case accepted && !valid && !oddNumbers(v):
			t.Errorf("accepted: %q", in)
		}
	})
}

// oddNumbers reports whether a number below v is none.
func oddNumbers(v *fastjson.Value) bool {
	odd := false
	switch v.Type() {
	case fastjson.TypeNumber:
		return !json.Valid(v.MarshalTo(nil))
	case fastjson.TypeArray:
		for _, item := range v.GetArray() {
			odd = odd || oddNumbers(item)
		}
	case fastjson.TypeObject:
		v.GetObject().Visit(func(_ []byte, item *fastjson.Value) { odd = odd || oddNumbers(item) })
	}
	return odd
}
