package data

import (
	"encoding/json"
	"math"
	"strings"
	"sync"
	"testing"
)

func TestParseJSONPrintsCompact(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"bag":              {` { "a" : 1 , "b" : [ 1 , 2.0, -3e2 ] } `, `{"a":1,"b":[1,2.0,-300.0]}`},
		"last_key_counts":  {`{"a":1,"b":2,"a":3}`, `{"a":3,"b":2}`},
		"escapes":          {`"\u00e9\n\ud83d\ude00\/"`, `"é\n😀/"`},
		"large_long":       {`9223372036854775807`, `9223372036854775807`},
		"larger_than_long": {`9223372036854775808`, `9.223372036854776E+18`},
		"empty":            {`[{},[],"",null,true,false]`, `[{},[],"",null,true,false]`},
		"lone_surrogate":   {`"\ud83dx"`, "\"\uFFFDx\""},
		"small_real":       {`0.000001`, `1E-06`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			n, err := ParseJSON(test.in)
			if err != nil || n.JSON() != test.want {
				t.Errorf("got %s, %v, want %s", n.JSON(), err, test.want)
			}
			if got := RawJSON(test.in).JSON(); got != test.want {
				t.Errorf("raw: got %s, want %s", got, test.want)
			}
		})
	}
}

func TestParseJSONRefuses(t *testing.T) {
	for _, text := range []string{
		``, ` `, `{`, `[1,]`, `{"a":1,}`, `{a:1}`, `'a'`, `01`, `1.`, `.5`, `+1`, `nul`, `truex`, `"a`, `"\x"`, `[1] 2`,
		"\"\n\"", `{"a" 1}`, `{"a":}`, `"\u12"`, `1e`, `-`, strings.Repeat("[", 600) + strings.Repeat("]", 600),
	} {
		if n, err := ParseJSON(text); err == nil || n != nil {
			t.Errorf("%q: got %v, %v, want an error", text, n.JSON(), err)
		}
		if ValidJSON(text) {
			t.Errorf("%q is valid", text)
		}
	}
}

func TestParseDynamicTakesKustoLiterals(t *testing.T) {
	n, err := ParseDynamic(`{'a': datetime(2024-01-02), "b": [1h, -1.5, timespan(2d), guid(74BE27DE-1E4E-49D9-B579-FE0B331D3642)],
		'c': long(5), 'd': real(null), "e": dynamic([1, 'it\'s']), f: null}`)
	want := `{"a":"2024-01-02T00:00:00.0000000Z","b":["01:00:00",-1.5,"2.00:00:00","74be27de-1e4e-49d9-b579-fe0b331d3642"],` +
		`"c":5,"d":null,"e":[1,"it's"],"f":null}`
	if err != nil || n.JSON() != want {
		t.Fatalf("got %s, %v\nwant %s", n.JSON(), err, want)
	}
	if a, _ := n.Key("a"); a.Kind() != KindDateTime {
		t.Errorf("a is kind %d", a.Kind())
	}
	for _, text := range []string{`datetime(x)`, `foo(1)`, `{'a'}`, `1x`, `dynamic(1`} {
		if n, err := ParseDynamic(text); err == nil {
			t.Errorf("%q: got %s, want an error", text, n.JSON())
		}
	}
}

func TestPathFindsTheSameRawAndParsed(t *testing.T) {
	text := ` {"a" : {"b":[10, {"c":"x\"y"}, [], "]"], "a":1}, "n":null, "\u0061b": true, "": "empty",
		"twice":1, "s":"{[\"", "twice":{"x":2}, "long": "` + strings.Repeat("abc ", 50) + `"} `
	whole, err := ParseJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	paths := map[string]struct {
		steps []Step
		want  string
	}{
		"item":         {[]Step{KeyStep("a"), KeyStep("b"), IndexStep(0)}, "10"},
		"from_end":     {[]Step{KeyStep("a"), KeyStep("b"), IndexStep(-1)}, `"]"`},
		"before_start": {[]Step{KeyStep("a"), KeyStep("b"), IndexStep(-5)}, "null"},
		"nested":       {[]Step{KeyStep("a"), KeyStep("b"), IndexStep(1), KeyStep("c")}, `"x\"y"`},
		"escaped_key":  {[]Step{KeyStep("ab")}, "true"},
		"empty_key":    {[]Step{KeyStep("")}, `"empty"`},
		"last_counts":  {[]Step{KeyStep("twice"), KeyStep("x")}, "2"},
		"missing":      {[]Step{KeyStep("a"), KeyStep("z")}, "null"},
		"null":         {[]Step{KeyStep("n"), KeyStep("z")}, "null"},
		"not_a_bag":    {[]Step{KeyStep("s"), KeyStep("z")}, "null"},
		"wrong_step":   {[]Step{IndexStep(0)}, "null"},
		"key_of_inner": {[]Step{KeyStep("c")}, "null"},
		"none":         {nil, whole.JSON()},
	}
	for name, test := range paths {
		t.Run(name, func(t *testing.T) {
			looked := RawJSON(text)
			looked.Len()
			for form, n := range map[string]*Node{"parsed": whole, "raw": RawJSON(text), "looked": looked} {
				if got := n.Path(test.steps).JSON(); got != test.want {
					t.Errorf("%s: got %s, want %s", form, got, test.want)
				}
				if got := NodeOf(n.PathValue(test.steps)).JSON(); got != test.want {
					t.Errorf("%s value: got %s, want %s", form, got, test.want)
				}
			}
		})
	}
}

func TestRawNodesAreSafeForConcurrentReaders(t *testing.T) {
	n := RawJSON(`{"a":[1,2,{"b":3}]}`)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			a, _ := n.Key("a")
			if got := a.Index(2).JSON(); got != `{"b":3}` {
				t.Errorf("got %s", got)
			}
		})
	}
	wait.Wait()
}

func TestInvalidRawJSONIsAString(t *testing.T) {
	for _, text := range []string{`{bad`, `[1`, `nope`} {
		if n := RawJSON(text); n.Kind() != KindString || n.Text() != text {
			t.Errorf("%q: kind %d, text %q", text, n.Kind(), n.Text())
		}
	}
}

func TestEqualNodesGoByValue(t *testing.T) {
	parse := func(s string) *Node { n, _ := ParseDynamic(s); return n }
	same := [][2]string{
		{`1`, `1.0`},
		{`{"a":1,"b":2}`, `{"b":2,"a":1.0}`},
		{`[1,"x"]`, `[decimal(1),"x"]`},
		{`null`, `real(null)`},
		{`int(7)`, `7`},
		{`decimal(0.1)`, `0.1`},
	}
	for _, pair := range same {
		a, b := parse(pair[0]), parse(pair[1])
		if !EqualNodes(a, b) || CompareNodes(a, b) != 0 || a.Hash() != b.Hash() {
			t.Errorf("%v differ", pair)
		}
	}
	order := []string{`null`, `false`, `true`, `-1`, `0.5`, `2`, `datetime(2020-01-01)`, `"a"`, `"b"`, `[]`, `[1]`, `{}`}
	for i, a := range order {
		for j, b := range order {
			if got, want := CompareNodes(parse(a), parse(b)), sign(i-j); got != want {
				t.Errorf("%s, %s: got %d, want %d", a, b, got, want)
			}
			if EqualNodes(parse(a), parse(b)) != (i == j) {
				t.Errorf("%s equals %s", a, b)
			}
		}
	}
}

func sign(n int) int { return min(max(n, -1), 1) }

func TestBagsWithManyKeys(t *testing.T) {
	var keys []string
	var values []*Node
	for i := range 100 {
		keys = append(keys, strings.Repeat("k", i%60))
		values = append(values, NodeOfLong(int64(i)))
	}
	n := NodeOfBag(keys, values)
	if n.Len() != 60 {
		t.Fatalf("got %d keys", n.Len())
	}
	if v, ok := n.Key("kk"); !ok || v.Long() != 62 {
		t.Errorf("got %v", v.JSON())
	}
}

// A caller may break the promise that raw JSON is valid: wrong, but no panic.
func FuzzPathOfAnything(f *testing.F) {
	f.Add(`{"":`, "", 0)
	f.Add(`{"a":{"b":[1,2`, "a", -1)
	f.Add(`[[{"a"`, "a", 1)
	f.Fuzz(func(_ *testing.T, text, key string, index int) {
		for _, steps := range [][]Step{{KeyStep(key)}, {IndexStep(index)}, {KeyStep(key), IndexStep(index)}, {IndexStep(index), KeyStep(key)}} {
			RawJSON(text).Path(steps).JSON()
			(&Node{kind: kindRaw, text: text}).PathValue(steps)
		}
	})
}

func FuzzParseJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5,"x\u00e9",null,true]}`, `[[]]`, `"\ud800\udc00"`, `1e400`, `{"a":1,"a":2}`, `-0`, "\"\u007f\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := ParseJSON(text)
		valid := json.Valid([]byte(text))
		if ValidJSON(text) != (err == nil) {
			t.Fatalf("%q: valid %v, error %v", text, ValidJSON(text), err)
		}
		if (err == nil) != valid {
			if valid && strings.Count(text, "[")+strings.Count(text, "{") > maxDepth {
				t.Skip()
			}
			t.Fatalf("%q: error %v, valid %v", text, err, valid)
		}
		if err != nil {
			return
		}
		printed := n.JSON()
		again, err := ParseJSON(printed)
		if err != nil {
			t.Fatalf("%q prints %q: %v", text, printed, err)
		}
		if again.JSON() != printed {
			t.Fatalf("%q prints %q, then %q", text, printed, again.JSON())
		}
		if raw := RawJSON(text).JSON(); raw != printed {
			t.Fatalf("%q prints %q, raw %q", text, printed, raw)
		}
		samePaths(t, n, RawJSON(text))
	})
}

// samePaths checks every path one step down, raw against parsed.
func samePaths(t *testing.T, whole, raw *Node) {
	for i, item := range whole.Items() {
		step := IndexStep(i)
		if whole.Kind() == KindBag {
			step = KeyStep(whole.Keys()[i])
		}
		found := RawJSON(raw.text).Path([]Step{step})
		if raw.kind == kindRaw && found.JSON() != item.JSON() {
			t.Fatalf("%s, step %v: raw %s, parsed %s", raw.text, step, found.JSON(), item.JSON())
		}
		samePaths(t, item, found)
	}
}

func TestRealsPrintAsInKusto(t *testing.T) {
	tests := map[float64]string{
		1: "1", 0.1: "0.1", 1e20: "1E+20", 123456789012345: "123456789012345", 1e15: "1E+15", 0.00001: "1E-05", 0.0001: "0.0001",
		-2.5: "-2.5", math.Copysign(0, -1): "0", math.Inf(-1): "-Infinity",
	}
	for f, want := range tests {
		if got := OfReal(f).String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func benchText() string {
	return `{"provisioningState":"Succeeded","tags":{"env":"prod","owner":"team-a"},"list":[` +
		strings.Repeat(`{"name":"item","value":12345,"enabled":true,"text":"some longer text with words in it"},`, 25) +
		`null],"a":{"b":true}}`
}

func BenchmarkPathOfRaw(b *testing.B) {
	text := benchText()
	steps := []Step{KeyStep("a"), KeyStep("b")}
	b.SetBytes(int64(len(text)))
	n := RawJSON(text)
	for b.Loop() {
		if !n.PathValue(steps).Bool() {
			b.Fatal("not found")
		}
	}
}

func BenchmarkParseJSON(b *testing.B) {
	text := benchText()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := ParseJSON(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkValidJSON(b *testing.B) {
	text := benchText()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if !ValidJSON(text) {
			b.Fatal("not valid")
		}
	}
}

func BenchmarkPrintRaw(b *testing.B) {
	text := benchText()
	b.SetBytes(int64(len(text)))
	var buf []byte
	for b.Loop() {
		buf = RawJSON(text).AppendJSON(buf[:0])
	}
}
