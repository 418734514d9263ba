package operator

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// shared is the folder of references beside the repository; tests that read it
// skip where it is absent.
func shared(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("../../../../shared", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("../shared/%s is not there", name)
	}
	return path
}

func TestResultIsMicrosoftsTable(t *testing.T) {
	file, err := os.Open(shared(t, "reference/kql/operators.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	checked := 0
	for lines := bufio.NewScanner(file); lines.Scan(); {
		cells := strings.Split(lines.Text(), "\t")
		if cells[0] == "operator" || strings.Contains(cells[0], "(") {
			continue
		}
		left, _ := data.ParseType(cells[1])
		for i, right := range data.Types {
			want := cells[i+2]
			got, ok := Result(cells[0], left, right)
			if ok && got.String() != want || !ok && want != "error" {
				t.Errorf("%s %s %s = %s %t, want %s", left, cells[0], right, got, ok, want)
			}
			checked++
		}
	}
	if checked != 180*10-0 && checked < 1000 {
		t.Errorf("only %d pairs read", checked)
	}
}

func dyn(t *testing.T, text string) data.Value {
	t.Helper()
	node, err := data.ParseJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	return data.OfNode(node)
}

func TestEval(t *testing.T) {
	str, long, real, boolean := data.OfString, data.OfLong, data.OfReal, data.OfBool
	null := data.Null
	tests := map[string]struct {
		op          string
		left, right data.Value
		want        data.Value
	}{
		"equal_is_sensitive":           {"==", str("Allow"), str("allow"), boolean(false)},
		"tilde_is_not":                 {"=~", str("Allow"), str("aLLOW"), boolean(true)},
		"not_tilde":                    {"!~", str("Allow"), str("aLLOW"), boolean(false)},
		"tilde_beyond_ascii":           {"=~", str("ÄÖ"), str("äö"), boolean(true)},
		"null_equals_nothing":          {"==", null(data.Long), long(1), boolean(false)},
		"null_differs_from_a_value":    {"!=", null(data.Long), long(1), boolean(true)},
		"null_and_null":                {"==", null(data.Long), null(data.Long), null(data.Bool)},
		"null_is_not_less":             {"<", null(data.Long), long(1), null(data.Bool)},
		"null_plus":                    {"+", null(data.Long), long(1), null(data.Long)},
		"whole_division":               {"/", long(5), long(2), long(2)},
		"whole_division_of_negatives":  {"/", long(-7), long(2), long(-3)},
		"division_by_zero":             {"/", long(5), long(0), null(data.Long)},
		"modulo_of_negatives":          {"%", long(-14), long(12), long(10)},
		"modulo_by_negatives":          {"%", long(-14), long(-12), long(10)},
		"real_division_by_zero":        {"/", real(1), long(0), real(inf())},
		"mixed_is_real":                {"+", long(1), real(0.5), real(1.5)},
		"overflow_wraps":               {"+", long(1<<63 - 1), long(1), long(-1 << 63)},
		"int_plus_int_is_long":         {"+", data.OfInt(1<<31 - 1), data.OfInt(1), long(1 << 31)},
		"decimal_division":             {"/", data.OfDecimal("1"), long(4), data.OfDecimal("0.25")},
		"decimal_modulo":               {"%", data.OfDecimal("-1.5"), long(1), data.OfDecimal("0.5")},
		"decimal_by_zero":              {"/", data.OfDecimal("1"), long(0), null(data.Decimal)},
		"decimal_equals_long":          {"==", data.OfDecimal("2"), long(2), boolean(true)},
		"datetime_minus_datetime":      {"-", data.OfDateTime(30), data.OfDateTime(10), data.OfTimeSpan(20)},
		"datetime_plus_timespan":       {"+", data.OfDateTime(30), data.OfTimeSpan(10), data.OfDateTime(40)},
		"datetime_out_of_range":        {"-", data.OfDateTime(30), data.OfTimeSpan(40), null(data.DateTime)},
		"timespan_by_timespan":         {"/", data.OfTimeSpan(30), data.OfTimeSpan(20), real(1.5)},
		"timespan_by_real":             {"*", data.OfTimeSpan(30), real(1.5), data.OfTimeSpan(45)},
		"timespan_by_long":             {"/", data.OfTimeSpan(30), long(4), data.OfTimeSpan(7)},
		"has_a_term":                   {"has", str("prefix_data"), str("DATA"), boolean(true)},
		"has_no_part":                  {"has", str("prefix_data"), str("dat"), boolean(false)},
		"contains_part":                {"contains", str("prefix_data"), str("DAT"), boolean(true)},
		"has_several_terms":            {"has", str("a b-c d"), str("b-c"), boolean(true)},
		"has_finds_a_later_term":       {"has", str("database data"), str("data"), boolean(true)},
		"has_cs":                       {"has_cs", str("North America"), str("america"), boolean(false)},
		"not_has":                      {"!has", str("North America"), str("amer"), boolean(true)},
		"hasprefix":                    {"hasprefix", str("North America"), str("ame"), boolean(true)},
		"hasprefix_inside":             {"hasprefix", str("North America"), str("mer"), boolean(false)},
		"hassuffix":                    {"hassuffix", str("North America"), str("ICA"), boolean(true)},
		"startswith":                   {"startswith", str("Fabrikam"), str("fab"), boolean(true)},
		"startswith_cs":                {"startswith_cs", str("Fabrikam"), str("fab"), boolean(false)},
		"endswith":                     {"endswith", str("Fabrikam"), str("Kam"), boolean(true)},
		"regex":                        {"matches regex", str("Fabrikam"), str("b.*k"), boolean(true)},
		"dynamic_text":                 {"==", dyn(t, `"a"`), str("a"), boolean(true)},
		"dynamic_number":               {"==", dyn(t, `5`), long(5), boolean(true)},
		"dynamic_real_is_no_long":      {"==", dyn(t, `5.5`), long(5), boolean(false)},
		"dynamic_number_beside_a_real": {"<", dyn(t, `5.5`), long(6), boolean(true)},
		"dynamic_truth_beside_a_text":  {"==", dyn(t, `true`), str("true"), boolean(true)},
		"dynamic_truth":                {"and", dyn(t, `true`), boolean(true), boolean(true)},
		"dynamic_null_is_no_text":      {"==", null(data.Dynamic), str(""), boolean(false)},
		"dynamic_null_differs":         {"!=", null(data.Dynamic), str("x"), boolean(true)},
		"dynamic_has":                  {"has", dyn(t, `{"a":"x y"}`), str("y"), boolean(true)},
		"dynamic_large_long":           {"==", dyn(t, `9007199254740993`), long(9007199254740992), boolean(false)},
		"dynamic_plus_dynamic":         {"+", dyn(t, `1`), dyn(t, `2.5`), dyn(t, `3.5`)},
		"dynamic_equals_dynamic":       {"==", dyn(t, `[1,{"a":2}]`), dyn(t, `[1,{"a":2.0}]`), boolean(true)},
		"false_and_null":               {"and", boolean(false), null(data.Bool), boolean(false)},
		"true_and_null":                {"and", boolean(true), null(data.Bool), null(data.Bool)},
		"true_or_null":                 {"or", boolean(true), null(data.Bool), boolean(true)},
		"guid_equals_text":             {"==", data.OfGUID("74be27de-1e4e-49d9-b579-fe0b331d3642"), str("74BE27DE-1e4e-49d9-b579-fe0b331d3642"), boolean(true)},
		"bool_equals_long":             {"==", boolean(true), long(1), boolean(true)},
		"regex_of_a_dynamic":           {"matches regex", dyn(t, `"abc"`), str("^a"), boolean(true)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := Eval(tt.op, tt.left, tt.right)
			if got.Type() != tt.want.Type() || !data.EqualValues(got, tt.want) {
				t.Errorf("%v %s %v = %v (%s null %t), want %v", tt.left, tt.op, tt.right, got, got.Type(), got.IsNull(), tt.want)
			}
		})
	}
}

func inf() float64 { zero := 0.0; return 1 / zero }

// TestKernelsAgree runs each pair of types over small columns in all four
// shapes; the value may not depend on the shape.
func TestKernelsAgree(t *testing.T) {
	samples := samplesOf(t)
	ops := []string{
		"+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "and", "or", "=~", "!~",
		"has", "!has_cs", "contains", "startswith", "!endswith_cs", "hasprefix", "hassuffix",
	}
	for _, op := range ops {
		for _, left := range data.Types {
			for _, right := range data.Types {
				if _, ok := Result(op, left, right); ok {
					checkShapes(t, op, samples[left], samples[right])
				}
			}
		}
	}
}

func checkShapes(t *testing.T, op string, left, right []data.Value) {
	t.Helper()
	for _, b := range right {
		column := vectorOf(left)
		n := column.Len
		constant := data.Constant(b, n)
		folded, err := Compile(op, column.Type, b.Type(), nil, &b, nil)
		if err != nil {
			t.Fatal(err)
		}
		open, err := Compile(op, column.Type, b.Type(), nil, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		for shape, got := range map[string]*data.Vector{
			"constant": folded(n, column, constant), "open": open(n, column, constant), "full": open(n, column, constant.Expand()),
		} {
			for i, a := range left {
				if want := Eval(op, a, b); !data.EqualValues(got.Value(i), want) {
					t.Errorf("%s: %v %s %v = %v, alone %v", shape, a, op, b, got.Value(i), want)
				}
			}
		}
		for i, a := range left {
			got := open(n, data.Constant(a, n), constant.Expand())
			if want := Eval(op, a, b); !data.EqualValues(got.Value(i), want) {
				t.Errorf("left constant: %v %s %v = %v, alone %v", a, op, b, got.Value(i), want)
			}
		}
	}
}

func vectorOf(values []data.Value) *data.Vector {
	v := data.NewVector(values[0].Type(), len(values))
	for i, value := range values {
		v.Put(i, value)
	}
	return v
}

func samplesOf(t *testing.T) map[data.Type][]data.Value {
	return map[data.Type][]data.Value{
		data.Bool:     {data.OfBool(true), data.OfBool(false), data.Null(data.Bool)},
		data.Int:      {data.OfInt(3), data.OfInt(-2), data.Null(data.Int), data.OfInt(0)},
		data.Long:     {data.OfLong(3), data.OfLong(-7), data.Null(data.Long), data.OfLong(0)},
		data.Real:     {data.OfReal(3), data.OfReal(-0.5), data.Null(data.Real), data.OfReal(inf())},
		data.Decimal:  {data.OfDecimal("3"), data.OfDecimal("-0.5"), data.Null(data.Decimal)},
		data.String:   {data.OfString("3"), data.OfString("a Bc"), data.OfString(""), data.OfString("bc")},
		data.DateTime: {data.OfDateTime(3), data.OfDateTime(500), data.Null(data.DateTime)},
		data.TimeSpan: {data.OfTimeSpan(3), data.OfTimeSpan(-500), data.Null(data.TimeSpan)},
		data.Dynamic:  {dyn(t, `3`), dyn(t, `"a bc"`), data.Null(data.Dynamic), dyn(t, `true`), dyn(t, `[1]`), dyn(t, `-0.5`)},
		data.GUID:     {data.OfGUID("74be27de-1e4e-49d9-b579-fe0b331d3642"), data.Null(data.GUID)},
	}
}

func TestIn(t *testing.T) {
	str := data.OfString
	tests := map[string]struct {
		op   string
		left data.Value
		list []data.Value
		want bool
	}{
		"sensitive":           {"in", str("Allow"), []data.Value{str("allow")}, false},
		"insensitive":         {"in~", str("Allow"), []data.Value{str("x"), str("allow")}, true},
		"not_in":              {"!in", data.OfLong(3), []data.Value{data.OfLong(4)}, true},
		"null_is_not_in":      {"in", data.Null(data.Long), []data.Value{data.OfLong(0)}, false},
		"null_is_not_in_not":  {"!in", data.Null(data.Long), []data.Value{data.OfLong(0)}, true},
		"array":               {"in", str("b"), []data.Value{dyn(t, `["a","b"]`)}, true},
		"mixed_numbers":       {"in", data.OfLong(3), []data.Value{data.OfReal(3)}, true},
		"dynamic_in_texts":    {"in", dyn(t, `"b"`), []data.Value{str("a"), str("b")}, true},
		"dynamic_null":        {"in", data.Null(data.Dynamic), []data.Value{str("")}, false},
		"has_any":             {"has_any", str("North America"), []data.Value{str("south"), str("north")}, true},
		"has_all":             {"has_all", str("North America"), []data.Value{str("america"), str("south")}, false},
		"has_any_of_nothing":  {"has_any", str("x"), nil, false},
		"in_nothing":          {"in", str("x"), nil, false},
		"dynamic_in_numbers":  {"in", dyn(t, `2`), []data.Value{data.OfLong(2)}, true},
		"beyond_ascii_folded": {"in~", str("ÄÖ"), []data.Value{str("äö")}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			test, err := In(tt.op, tt.left.Type(), tt.list, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range []*data.Vector{data.Constant(tt.left, 3), data.Constant(tt.left, 3).Expand()} {
				if got := test(3, v).Value(2); got.IsNull() || got.Bool() != tt.want {
					t.Errorf("got %v, want %t", got, tt.want)
				}
			}
		})
	}
}

// TestFoldsLikeTheTable compares eight bytes at a time with byte by byte.
func TestFoldsLikeTheTable(t *testing.T) {
	bytes := []byte("AZaz09@[`{\x00\x7f\x80\xc1\xdaMm-")
	for _, x := range bytes {
		for _, y := range bytes {
			for at := range 19 {
				a, b := []byte("Microsoft.Compute/v"), []byte("mICROSOFT.cOMPUTE/V")
				a[at], b[at] = x, y
				if got, want := equalASCII(string(a), string(b)), lower[x] == lower[y]; got != want {
					t.Fatalf("%q and %q at %d: %t, want %t", x, y, at, got, want)
				}
			}
		}
	}
}

func TestBadPatternIsAnError(t *testing.T) {
	for name, pattern := range map[string]string{"bad": "(", "too_long": strings.Repeat("a", MaxPattern+1)} {
		v := data.OfString(pattern)
		if _, err := Compile("matches regex", data.String, data.String, nil, &v, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
