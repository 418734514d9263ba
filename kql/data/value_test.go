package data

import (
	"bytes"
	"math"
	"slices"
	"testing"
)

func nodeOf(text string) Value {
	n, _ := ParseDynamic(text)
	return OfNode(n)
}

func ticksOf(text string) int64 {
	ticks, _ := ParseDateTime(text)
	return ticks
}

func TestConvert(t *testing.T) {
	guid := "74be27de-1e4e-49d9-b579-fe0b331d3642"
	tests := map[string]struct {
		in   Value
		want Value
	}{
		"string_to_long":       {OfString(" 12 "), OfLong(12)},
		"hex_to_long":          {OfString("0xff"), OfLong(255)},
		"real_text_to_long":    {OfString("x12"), Null(Long)},
		"real_to_long":         {OfReal(-2.7), OfLong(-2)},
		"nan_to_long":          {OfReal(math.NaN()), Null(Long)},
		"long_to_int":          {OfLong(1 << 40), Null(Int)},
		"bool_to_int":          {OfBool(true), OfInt(1)},
		"datetime_to_long":     {OfDateTime(ticksOf("1970-01-01")), OfLong(621355968000000000)},
		"string_to_real":       {OfString("1e3"), OfReal(1000)},
		"words_to_real":        {OfString("12 apples"), Null(Real)},
		"inf_to_real":          {OfString("-inf"), OfReal(math.Inf(-1))},
		"long_to_bool":         {OfLong(123), OfBool(true)},
		"text_to_bool":         {OfString("FALSE"), OfBool(false)},
		"yes_to_bool":          {OfString("yes"), Null(Bool)},
		"bool_to_string":       {OfBool(true), OfString("true")},
		"null_to_string":       {Null(Long), OfString("")},
		"bag_to_string":        {nodeOf(`{"a":1}`), OfString(`{"a":1}`)},
		"text_node_to_string":  {nodeOf(`"a"`), OfString("a")},
		"text_node_to_long":    {nodeOf(`"7"`), OfLong(7)},
		"bag_to_long":          {nodeOf(`{}`), Null(Long)},
		"node_to_datetime":     {nodeOf(`"2024-01-02"`), OfDateTime(ticksOf("2024-01-02"))},
		"string_to_timespan":   {OfString("00:00:01"), OfTimeSpan(TicksPerSecond)},
		"string_to_guid":       {OfString("74BE27DE1E4E49D9B579FE0B331D3642"), OfGUID(guid)},
		"text_to_guid":         {OfString("74be"), Null(GUID)},
		"guid_to_string":       {OfGUID(guid), OfString(guid)},
		"string_to_decimal":    {OfString("1.50"), OfDecimal("1.5")},
		"real_to_decimal":      {OfReal(0.1), OfDecimal("0.1")},
		"decimal_to_long":      {OfDecimal("-12.9"), OfLong(-12)},
		"decimal_to_real":      {OfDecimal("0.5"), OfReal(0.5)},
		"string_to_dynamic":    {OfString(`[1]`), nodeOf(`[1]`)},
		"no_json_to_dynamic":   {OfString(`a b`), nodeOf(`"a b"`)},
		"timespan_to_dynamic":  {OfTimeSpan(5), OfNode(NodeOf(OfTimeSpan(5)))},
		"null_dynamic_to_bool": {Null(Dynamic), Null(Bool)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := Convert(test.in, test.want.Type())
			if got.Type() != test.want.Type() || !EqualValues(got, test.want) || got.String() != test.want.String() {
				t.Errorf("got %s %q, want %s %q", got.Type(), got, test.want.Type(), test.want)
			}
		})
	}
}

var samples = []Value{
	Null(Long), OfBool(false), OfBool(true), OfLong(0), OfLong(-1), OfInt(7), OfLong(7), OfReal(7), OfReal(7.5), OfDecimal("7"),
	OfDecimal("7.5"), OfDecimal("7.51"), OfReal(math.NaN()), OfReal(math.Inf(1)), OfLong(math.MaxInt64), OfReal(9223372036854775807),
	OfString(""), OfString("a"), OfString("b"), OfDateTime(5), OfTimeSpan(5), OfReal(0.1), OfDecimal("0.1"), OfReal(math.Copysign(0, -1)),
}

func TestKeysAndHashesFollowEquality(t *testing.T) {
	for _, a := range samples {
		for _, b := range samples {
			equal := EqualValues(a, b)
			if same := bytes.Equal(AppendKey(nil, a), AppendKey(nil, b)); same != equal {
				t.Errorf("%s %q, %s %q: equal %v, same key %v", a.Type(), a, b.Type(), b, equal, same)
			}
			if equal && Hash(a) != Hash(b) {
				t.Errorf("%s %q, %s %q: hashes differ", a.Type(), a, b.Type(), b)
			}
			if (a.Type() == b.Type() || isNumber(a.Type()) && isNumber(b.Type())) && (Compare(a, b) == 0) != equal {
				t.Errorf("%s %q, %s %q: equal %v, compare %d", a.Type(), a, b.Type(), b, equal, Compare(a, b))
			}
			if Compare(a, b) != -Compare(b, a) {
				t.Errorf("%s %q, %s %q: order depends on the side", a.Type(), a, b.Type(), b)
			}
		}
	}
}

func TestDecimals(t *testing.T) {
	got := []string{}
	for _, f := range []func(a, b string) (string, bool){AddDecimals, SubDecimals, MulDecimals, QuoDecimals, RemDecimals} {
		s, _ := f("10", "4")
		got = append(got, s)
	}
	if want := []string{"14", "6", "40", "2.5", "2"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if s, ok := QuoDecimals("1", "3"); !ok || s != "0.3333333333333333333333333333333333" {
		t.Errorf("1/3 is %s", s)
	}
	if _, ok := QuoDecimals("1", "0"); ok {
		t.Error("1/0 is a number")
	}
	for in, want := range map[string]string{"1.500": "1.5", "1e3": "1000", "-0": "0", "1E-3": "0.001", "x": "", "NaN": "", "": ""} {
		if got, _ := ParseDecimal(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func values(v *Vector) []Value {
	out := make([]Value, v.Len)
	for i := range out {
		out[i] = v.Value(i)
	}
	return out
}

func TestVectorsGatherSliceAndConcat(t *testing.T) {
	for _, typ := range Types {
		b := NewBuilder(typ, 2)
		for i := range 130 {
			if i%5 == 3 {
				b.Append(Null(typ))
				continue
			}
			b.Append(Convert(OfLong(int64(i)), typ))
		}
		v := b.Build()
		all := values(v)
		rows := []int32{129, 3, -1, 0, 64}
		want := []Value{all[129], all[3], Null(typ), all[0], all[64]}
		if got := values(v.Gather(rows)); !slices.EqualFunc(got, want, EqualValues) {
			t.Errorf("%s gather: got %v, want %v", typ, got, want)
		}
		for _, from := range []int{0, 7, 64} {
			if got := values(v.Slice(from, 100)); !slices.EqualFunc(got, all[from:100], EqualValues) {
				t.Errorf("%s slice from %d: got %v", typ, from, got)
			}
		}
		constant := Constant(all[5], 3)
		if got := values(Concat(typ, v, constant, v)); !slices.EqualFunc(got, slices.Concat(all, values(constant.Expand()), all), EqualValues) {
			t.Errorf("%s concat: got %v", typ, got)
		}
		if got := values(constant.Gather([]int32{2, -1})); !got[1].IsNull() && typ != String || !EqualValues(got[0], all[5]) {
			t.Errorf("%s gather of a constant: got %v", typ, got)
		}
		if nulls := Constant(Null(typ), 70).Expand(); !nulls.Null(69) && typ != String {
			t.Errorf("%s: a constant null expands to %v", typ, nulls.Value(69))
		}
	}
}

func TestConvertVectorConvertsEveryRow(t *testing.T) {
	for _, from := range Types {
		for _, to := range Types {
			b := NewBuilder(from, 8)
			for _, s := range []Value{OfString("12"), OfString("x"), OfString("1.5"), Null(from), OfString("4000000000"), OfString("true"), OfString(`[1, 2]`), OfString("2020-01-01")} {
				b.Append(Convert(s, from))
			}
			v := b.Build()
			got := values(ConvertVector(v, to))
			for i := range v.Len {
				want := Convert(v.Value(i), to)
				if got[i].Type() != to || got[i].String() != want.String() || got[i].IsNull() != want.IsNull() {
					t.Errorf("%s to %s, row %d: got %s %q, want %s %q", from, to, i, got[i].Type(), got[i], want.Type(), want)
				}
			}
		}
	}
}
