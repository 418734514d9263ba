package function

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// cell reads a value of a type as a person writes it; "null" is null, two quotes the empty string.
func cell(t *testing.T, of data.Type, text string) data.Value {
	t.Helper()
	if text == "null" {
		return data.Null(of)
	}
	if text == "''" {
		return data.OfString("")
	}
	if of == data.Dynamic {
		n, err := data.ParseDynamic(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return data.OfNode(n)
	}
	v := data.Convert(data.OfString(text), of)
	if v.IsNull() {
		t.Fatalf("%q is no %s", text, of)
	}
	return v
}

// col reads a column: "long 1 2 null"; within a value "_" is a space and "~" is "_".
func col(t *testing.T, text string) *data.Vector {
	t.Helper()
	words := strings.Fields(text)
	of, ok := data.ParseType(words[0])
	if !ok {
		t.Fatalf("no type %q", words[0])
	}
	v := data.NewVector(of, len(words)-1)
	for i, w := range words[1:] {
		v.Put(i, cell(t, of, strings.NewReplacer("_", " ", "~", "_").Replace(w)))
	}
	return v
}

// show prints a column as col reads it, with nulls told from empty strings.
func show(v *data.Vector) string {
	out := []string{v.Type.String()}
	for i := range v.Len {
		text := "null"
		if !v.Null(i) {
			text = v.Value(i).String()
		}
		out = append(out, strings.ReplaceAll(text, " ", "_"))
	}
	return strings.Join(out, " ")
}

// summarize runs an aggregate over columns; groups has a digit for each row.
// Constant arguments stand behind "=". It runs the rows at once, in two
// batches, and in two accumulators that are merged: all must agree.
func summarize(t *testing.T, name, groups string, columns ...string) []string {
	t.Helper()
	f, ok := FindAggregate(name)
	if !ok {
		t.Fatalf("no aggregate %q", name)
	}
	var args []Arg
	var vectors []*data.Vector
	for _, c := range columns {
		c, constant := strings.CutPrefix(c, "=")
		v := col(t, c)
		a := Arg{Type: v.Type, Name: "x"}
		if constant {
			value := v.Value(0)
			a.Const, v = &value, data.Constant(value, len(groups))
		}
		args, vectors = append(args, a), append(vectors, v)
	}
	rows := make([]uint32, len(groups))
	size := 1
	for i, g := range groups {
		rows[i] = uint32(g - '0')
		size = max(size, int(g-'0')+1)
	}
	build := func() Accumulator {
		acc, err := f.New(args)
		if err != nil {
			t.Fatal(err)
		}
		return acc
	}
	part := func(from, to int) []*data.Vector {
		out := make([]*data.Vector, len(vectors))
		for k, v := range vectors {
			out[k] = v.Slice(from, to)
		}
		return out
	}
	into := make([]uint32, size)
	for g := range into {
		into[g] = uint32(g)
	}
	half := len(rows) / 2
	ways := map[string]Accumulator{"at_once": build(), "batches": build(), "merged": build()}
	ways["at_once"].Add(size, rows, vectors)
	ways["batches"].Add(size, rows[:half], part(0, half))
	ways["batches"].Add(size, rows[half:], part(half, len(rows)))
	ways["merged"].Add(size, rows[:half], part(0, half))
	second := build()
	second.Add(size, rows[half:], part(half, len(rows)))
	ways["merged"].Merge(size, second, into)
	var want []string
	for _, v := range ways["at_once"].Results(size) {
		want = append(want, show(v))
	}
	for way, acc := range ways {
		if way == "at_once" {
			continue
		}
		var got []string
		for _, v := range acc.Results(size) {
			got = append(got, show(v))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s differs from all rows at once (-once +%s):\n%s", way, way, diff)
		}
	}
	return want
}

func TestAggregates(t *testing.T) {
	tests := map[string]struct {
		name    string
		groups  string
		columns []string
		want    []string
	}{
		"count":                 {"count", "0010", nil, []string{"long 3 1"}},
		"count_of_nothing":      {"count", "", nil, []string{"long 0"}},
		"count_predicate":       {"count", "0010", []string{"bool true null true false"}, []string{"long 1 1"}},
		"countif":               {"countif", "0010", []string{"bool true null true false"}, []string{"long 1 1"}},
		"sum_of_int_is_long":    {"sum", "0011", []string{"int 1 null 3 4"}, []string{"long 1 7"}},
		"sum_of_nothing":        {"sum", "", []string{"long"}, []string{"long 0"}},
		"sum_of_nulls":          {"sum", "00", []string{"real null null"}, []string{"real 0"}},
		"sum_of_real":           {"sum", "000", []string{"real 1.5 null 2"}, []string{"real 3.5"}},
		"sum_of_decimal":        {"sum", "000", []string{"decimal 0.1 null 0.2"}, []string{"decimal 0.3"}},
		"sum_of_timespan":       {"sum", "00", []string{"timespan 1h 30m"}, []string{"timespan 01:30:00"}},
		"sum_of_many_timespans": {"sum", "0011", []string{"timespan 10675199d 10675199d 10675199d -10675198d"}, []string{"timespan null 1.00:00:00"}},
		"sum_of_constant":       {"sum", "0001", []string{"=long 2"}, []string{"long 6 2"}},
		"sum_of_dynamic":        {"sum", "0000", []string{"dynamic 1 2.5 'a' null"}, []string{"dynamic 3.5"}},
		"sumif":                 {"sumif", "0011", []string{"long 1 2 3 4", "bool true false null true"}, []string{"long 1 4"}},
		"avg_of_long":           {"avg", "000", []string{"long 1 null 2"}, []string{"real 1.5"}},
		"avg_of_nothing":        {"avg", "", []string{"long"}, []string{"real NaN"}},
		"avg_of_datetime":       {"avg", "00", []string{"datetime 2024-01-01 2024-01-03"}, []string{"datetime 2024-01-02T00:00:00.0000000Z"}},
		"avg_of_many_dates":     {"avg", strings.Repeat("0", 40), []string{"datetime" + strings.Repeat(" 9999-12-31", 40)}, []string{"datetime 9999-12-31T00:00:00.0000000Z"}},
		"avg_of_timespan":       {"avg", "00", []string{"timespan -1h -2h"}, []string{"timespan -01:30:00"}},
		"avg_of_no_timespan":    {"avg", "", []string{"timespan"}, []string{"timespan null"}},
		"avg_of_decimal":        {"avg", "00", []string{"decimal 1 2"}, []string{"decimal 1.5"}},
		"avgif":                 {"avgif", "00", []string{"long 1 2", "bool false true"}, []string{"real 2"}},
		"min_and_null":          {"min", "0001", []string{"long null 3 2 null"}, []string{"long 2 null"}},
		"max_of_real":           {"max", "0011", []string{"real NaN 1 -1 -2"}, []string{"real 1 -1"}},
		"max_of_string":         {"max", "000", []string{"string b a B"}, []string{"string b"}},
		"min_of_no_string":      {"min", "", []string{"string"}, []string{"string "}},
		"max_of_bool":           {"max", "001", []string{"bool false true null"}, []string{"bool true null"}},
		"min_of_decimal":        {"min", "00", []string{"decimal 10 9"}, []string{"decimal 9"}},
		"max_of_dynamic":        {"max", "00", []string{"dynamic 10 9"}, []string{"dynamic 10"}},
		"minif":                 {"minif", "00", []string{"datetime 2024-01-01 2023-01-01", "bool true false"}, []string{"datetime 2024-01-01T00:00:00.0000000Z"}},
		"dcount":                {"dcount", "00001", []string{"long 1 1 2 null 1"}, []string{"long 2 1"}},
		"dcount_of_string":      {"dcount", "0000", []string{"string a A a b"}, []string{"long 3"}},
		"dcount_of_real":        {"dcount", "0000", []string{"real 0 -0.0 NaN NaN"}, []string{"long 2"}},
		"dcount_of_dynamic":     {"dcount", "0000", []string{`dynamic {"a":1,"b":2} {"b":2,"a":1} [1] null`}, []string{"long 2"}},
		"dcountif":              {"dcountif", "000", []string{"guid 74be27de-1e4e-49d9-b579-fe0b331d3642 null 74be27de-1e4e-49d9-b579-fe0b331d3642", "bool true true true"}, []string{"long 1"}},
		"make_list":             {"make_list", "0101", []string{"long 1 2 null 4"}, []string{"dynamic [1] [2,4]"}},
		"make_list_max":         {"make_list", "000", []string{"string b a c", "=long 2"}, []string{`dynamic ["b","a"]`}},
		"make_list_of_nothing":  {"make_list", "", []string{"long"}, []string{"dynamic []"}},
		"make_list_with_nulls":  {"make_list_with_nulls", "000", []string{"long 1 null 2"}, []string{"dynamic [1,null,2]"}},
		"make_list_if":          {"make_list_if", "000", []string{"long 1 2 3", "bool true false true"}, []string{"dynamic [1,3]"}},
		"make_set":              {"make_set", "00010", []string{"string b a b b c"}, []string{`dynamic ["b","a","c"] ["b"]`}},
		"make_set_of_arrays":    {"make_set", "000", []string{`dynamic ["A1","A2"] ["A2","C1"] null`}, []string{`dynamic ["A1","A2","C1"]`}},
		"make_set_max":          {"make_set", "0000", []string{"long 1 1 2 3", "=long 2"}, []string{"dynamic [1,2]"}},
		"make_set_of_real":      {"make_set", "00", []string{"real null 5"}, []string{"dynamic [5.0]"}},
		"make_bag":              {"make_bag", "000", []string{`dynamic {"a":1} {"a":2,"b":3} 5`}, []string{`dynamic {"a":1,"b":3}`}},
		"arg_max":               {"arg_max", "0011", []string{"long 1 3 null null", "string a b c d"}, []string{"long 3 null", "string b c"}},
		"arg_max_takes_first":   {"arg_max", "000", []string{"real 3 3 1", "string a b c"}, []string{"real 3", "string a"}},
		"arg_min":               {"arg_min", "0000", []string{"datetime 2024-01-02 null 2024-01-01 2024-01-03", "long 1 2 null 4"}, []string{"datetime 2024-01-01T00:00:00.0000000Z", "long null"}},
		"arg_max_of_nothing":    {"arg_max", "", []string{"long", "string"}, []string{"long null", "string "}},
		"take_any_not_empty":    {"take_any", "000", []string{"string '' a b"}, []string{"string a"}},
		"take_any_not_null":     {"take_any", "0001", []string{"long null 2 3 null"}, []string{"long 2 null"}},
		"take_any_of_a_row":     {"take_any", "00", []string{"long null 2", "long 1 3"}, []string{"long null", "long 1"}},
		"take_anyif":            {"take_anyif", "00", []string{"long 1 2", "bool false true"}, []string{"long 2"}},
		"stdev":                 {"stdev", "00000", []string{"long 1 2 3 4 5"}, []string{"real 1.5811388300841898"}},
		"stdev_of_one":          {"stdev", "0", []string{"long 1"}, []string{"real 0"}},
		"stdevp":                {"stdevp", "00000", []string{"long 1 2 3 4 5"}, []string{"real 1.4142135623730951"}},
		"variance":              {"variance", "000001", []string{"long 1 2 3 4 5 null"}, []string{"real 2.5 0"}},
		"varianceif":            {"varianceif", "0000", []string{"long 1 2 3 4", "bool true true true false"}, []string{"real 1"}},
		"covariance":            {"covariance", "000", []string{"long 1 2 3", "real 2 4 6"}, []string{"real 2"}},
		"covariancepif":         {"covariancepif", "000", []string{"long 1 3 9", "real 1 3 9", "bool true true false"}, []string{"real 1"}},
		"binary_all_or":         {"binary_all_or", "001", []string{"long 1 4 null"}, []string{"long 5 null"}},
		"binary_all_and":        {"binary_all_and", "00", []string{"int 6 3"}, []string{"int 2"}},
		"binary_all_xor":        {"binary_all_xor", "00", []string{"real 6 3"}, []string{"real 5"}},
		"percentile":            {"percentile", "00000", []string{"long 5 1 4 2 3", "=long 50"}, []string{"long 3"}},
		"percentiles":           {"percentiles", "0000", []string{"int 4 1 2 3", "=long 0", "=real 50", "=long 100"}, []string{"long 1", "long 2", "long 4"}},
		"percentile_none":       {"percentile", "", []string{"long", "=long 50"}, []string{"long null"}},
		"percentiles_array":     {"percentiles_array", "000", []string{"real 1 2 3", "=dynamic [0,100]"}, []string{"dynamic [1.0,3.0]"}},
		"percentilesw":          {"percentilesw", "0000", []string{"long 10 20 30 40", "long 8 6 3 1", "=long 50", "=long 75", "=real 99.9"}, []string{"long 20", "long 20", "long 40"}},
		"percentile_of_string":  {"percentile", "000", []string{"string c a b", "=long 50"}, []string{"string b"}},
		"buildschema": {
			"buildschema", "000",
			[]string{`dynamic {"x":1,"y":3.5} {"x":"somevalue","z":[1,2,3]} {"y":{"w":"zzz"},"t":["aa","bb"],"z":["foo"]}`},
			[]string{"dynamic {\"x\":[\"long\",\"string\"],\"y\":[\"double\",{\"w\":\"string\"}],\"z\":{\"`indexer`\":[\"long\",\"string\"]},\"t\":{\"`indexer`\":\"string\"}}"},
		},
		"buildschema_of_nothing": {"buildschema", "", []string{"dynamic"}, []string{"dynamic null"}},
		"hll_of_nothing":         {"hll", "", []string{"string"}, []string{"dynamic null"}},
		"tdigest":                {"tdigest", "000", []string{"long 3 1 1"}, []string{`dynamic ["tdigest","long",[1.0,3.0],[2,1]]`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := summarize(t, test.name, test.groups, test.columns...)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
