package function

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// oddTexts are what functions on texts tend to stumble over.
var oddTexts = []string{
	"", " ", "abc", "äöü😀", "\xff\xfe", "0", "-1", "1.5", "a.b.c/d", "192.168.1.1/24", "fe80::1/64", `{"a":[1,{"b":null}]}`, "[1,2",
	"2020-01-01", "1d", "(", "[", "x*", "$.a[0].b", "<a b='c'>d</a>", "xn--a-ecp.com", "H4sIAAAA", "a=b&c=%zz", "year", "regex",
	`C:\x\y.z`, "///", "::", "%", "+", "A-", "1.2.3.4.5", "US/Pacific", "yyyy-MM-dd HH:mm:ss.fffffff tt", "9q8yy", "8928308280fffff",
}

var oddLongs = []int64{0, 1, -1, 2, 7, 63, 64, -64, 255, 1000, math.MaxInt32, math.MinInt32, math.MaxInt64, math.MinInt64, 637134336000000000}

var oddReals = []float64{0, 1, -1, 0.5, 1e300, -1e300, math.NaN(), math.Inf(1), math.Inf(-1), math.SmallestNonzeroFloat64, 89.9, 180}

var oddNodes = []string{
	"null", "[]", "{}", "[1,2,3]", `["a","b",null]`, "[1.5,null,-2]", `{"a":1,"b":{"c":[2]}}`, "[[1,2],[3]]", `"text"`, "5", "true",
	`{"type":"Point","coordinates":[1,2]}`, `{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}`,
	`{"type":"LineString","coordinates":[[0,0],[1,1]]}`, `{"type":"Polygon","coordinates":[[]]}`, "[datetime(2020-01-01),1h]", "[true,false]",
}

func oddValue(r *rand.Rand, t data.Type) data.Value {
	if r.IntN(8) == 0 {
		return data.Null(t)
	}
	switch t {
	case data.Dynamic:
		n, _ := data.ParseDynamic(oddNodes[r.IntN(len(oddNodes))])
		return data.OfNode(n)
	case data.Real:
		return data.OfReal(oddReals[r.IntN(len(oddReals))])
	case data.String:
		return data.OfString(oddTexts[r.IntN(len(oddTexts))])
	case data.Bool:
		return data.OfBool(r.IntN(2) == 0)
	case data.GUID:
		return data.OfGUID("74be27de-1e4e-49d9-b579-fe0b331d3642")
	case data.DateTime:
		return data.OfDateTime(min(max(oddLongs[r.IntN(len(oddLongs))], 0), data.MaxDateTime))
	}
	return data.Convert(data.OfLong(oddLongs[r.IntN(len(oddLongs))]), t)
}

// typesOf are the types that a class of parameters takes.
func typesOf(class string) []data.Type {
	if t, ok := data.ParseType(class); ok {
		return []data.Type{t}
	}
	switch class {
	case "Number":
		return []data.Type{data.Int, data.Long, data.Real, data.Decimal}
	case "Integer":
		return []data.Type{data.Int, data.Long}
	case "Summable", "Orderable", "CommonOrderable":
		return []data.Type{data.Int, data.Long, data.Real, data.Decimal, data.DateTime, data.TimeSpan}
	case "DynamicArray", "DynamicBag":
		return []data.Type{data.Dynamic}
	case "StringOrDynamic", "StringOrArray":
		return []data.Type{data.String, data.Dynamic}
	}
	return data.Types
}

// oddCall makes arguments for a signature; some are columns, the rest constant.
func oddCall(r *rand.Rand, s *Signature) (args []data.Value, known []Arg) {
	for i := 0; i < len(s.Params); {
		group := s.Params[i : i+1]
		for i++; i < len(s.Params) && group[0].Max != 1 && s.Params[i].Max == group[0].Max; i++ {
			group = s.Params[i-len(group) : i+1]
		}
		times := group[0].Min
		if group[0].Max != 1 {
			times += r.IntN(3)
		}
		if group[0].Optional && r.IntN(2) == 0 {
			break
		}
		for range times {
			for _, p := range group {
				v, arg := oddArg(r, p)
				args, known = append(args, v), append(known, arg)
			}
		}
	}
	return args, known
}

func oddArg(r *rand.Rand, p Param) (data.Value, Arg) {
	types := typesOf(p.Class)
	v := oddValue(r, types[r.IntN(len(types))])
	switch {
	case p.Class == "type":
		return v, Arg{Schema: []data.Column{{Type: data.Types[r.IntN(len(data.Types))]}}}
	case len(p.Words) > 0:
		v = data.OfString(p.Words[r.IntN(len(p.Words))])
	case p.Kind == "" && r.IntN(2) == 0:
		return v, Arg{Type: v.Type(), Name: "c"}
	}
	return v, Arg{Type: v.Type(), Const: &v}
}

var oddCalls = flag.Int("calls", 30, "how many odd calls of each function to try")

// TestNoScalarPanics calls every function with odd arguments: an error or a
// value, never a panic, and the kernel agrees with Eval.
func TestNoScalarPanics(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, f := range Scalars() {
		if f.Refused != "" {
			continue
		}
		for range *oddCalls {
			s, err := ParseSignature(f.Signatures[r.IntN(len(f.Signatures))])
			if err != nil {
				t.Fatal(err)
			}
			args, known := oddCall(r, s)
			if !tryCall(t, f, args, known) {
				break
			}
		}
	}
}

func tryCall(t *testing.T, f *Scalar, args []data.Value, known []Arg) (ok bool) {
	t.Helper()
	shown := ""
	for _, v := range args {
		shown += fmt.Sprintf(" %s %q", v.Type(), v)
	}
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("%s:%s: panic: %v", f.Name, shown, p)
			ok = false
		}
	}()
	c := &Context{Now: 637134336000000000, Random: func() float64 { return 0.25 }}
	eval := f.Eval
	if f.Prepare != nil {
		var err error
		if eval, err = f.Prepare(known); err != nil {
			return true
		}
	}
	want := eval(c, args)
	if f.Kernel == nil {
		return true
	}
	vectors := make([]*data.Vector, len(args))
	for i, v := range args {
		vectors[i] = data.Constant(v, 2)
		if known[i].Const == nil {
			vectors[i] = vectors[i].Expand()
		}
	}
	kernel := f.Kernel(known)
	if kernel == nil {
		return true
	}
	if got := kernel(c, 2, vectors).Value(1); !data.EqualValues(got, want) || got.Type() != want.Type() {
		t.Errorf("%s:%s: the kernel gives %s %q, Eval %s %q", f.Name, shown, got.Type(), got, want.Type(), want)
		return false
	}
	return true
}
