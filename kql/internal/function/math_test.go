package function

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// ticksNow is the time of the queries of tests: 2024-05-06T07:08:09Z.
func ticksNow() int64 {
	t, _ := data.ParseDateTime("2024-05-06T07:08:09Z")
	return t
}

// call computes a scalar function of values written as for col: "long 5". With
// a kernel it must give the same for a column of three such rows and a null.
func call(t *testing.T, name string, texts ...string) string {
	t.Helper()
	f, ok := FindScalar(name)
	if !ok {
		t.Fatalf("no function %q", name)
	}
	args, values := make([]Arg, len(texts)), make([]data.Value, len(texts))
	for i, text := range texts {
		v := col(t, text)
		values[i] = v.Value(0)
		args[i] = Arg{Type: v.Type, Const: &values[i], Name: "x"}
	}
	c := &Context{Now: ticksNow(), Random: func() float64 { return 0.5 }}
	eval := f.Eval
	if f.Prepare != nil {
		var err error
		if eval, err = f.Prepare(args); err != nil {
			return "error: " + err.Error()
		}
	}
	got := eval(c, values)
	if f.Kernel != nil {
		checkKernel(t, f, c, args, values, got)
	}
	return show(data.Constant(got, 1).Slice(0, 1))
}

func checkKernel(t *testing.T, f *Scalar, c *Context, args []Arg, values []data.Value, want data.Value) {
	t.Helper()
	known := append([]Arg{{Type: args[0].Type}}, args[1:]...)
	kernel := f.Kernel(known)
	if kernel == nil {
		return
	}
	in := make([]*data.Vector, len(values))
	for i, v := range values {
		in[i] = data.Constant(v, 4)
	}
	checkRow(t, "constant", kernel(c, 4, in), 2, want)
	column := data.NewVector(values[0].Type(), 4)
	for i := range 3 {
		column.Put(i, values[0])
	}
	column.Put(3, data.Null(values[0].Type()))
	in[0] = column
	out := kernel(c, 4, in)
	checkRow(t, "column", out, 2, want)
	if !out.Null(3) {
		t.Errorf("kernel of null: %s, want null", show(out))
	}
}

func checkRow(t *testing.T, what string, v *data.Vector, row int, want data.Value) {
	t.Helper()
	if v.Len != 4 || v.Type != want.Type() {
		t.Errorf("kernel of a %s: %d rows of %s, want 4 of %s", what, v.Len, v.Type, want.Type())
		return
	}
	got, wanted := show(data.Constant(v.Value(row), 1)), show(data.Constant(want, 1))
	if got != wanted {
		t.Errorf("kernel of a %s: %s, want %s", what, got, wanted)
	}
}

// A scalarTest calls a function: the arguments stand between semicolons.
type scalarTest struct{ name, args, want string }

func runScalarTests(t *testing.T, tests map[string]scalarTest) {
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var args []string
			if test.args != "" {
				args = strings.Split(test.args, "; ")
			}
			if diff := cmp.Diff(test.want, call(t, test.name, args...)); diff != "" {
				t.Errorf("%s(%s) (-want +got):\n%s", test.name, test.args, diff)
			}
		})
	}
}

func TestMath(t *testing.T) {
	runScalarTests(t, map[string]scalarTest{
		"bin_real":               {"bin", "real 4.5; long 1", "real 4"},
		"bin_least_long":         {"bin", "long -9223372036854775808; long 5", "long null"},
		"bin_least_long_by_1":    {"bin", "long -9223372036854775808; long 1", "long -9223372036854775808"},
		"abs_least":              {"abs", "long -9223372036854775808", "long null"},
		"diff_nanoseconds":       {"datetime_diff", "string nanosecond; datetime 2300-01-01; datetime 1900-01-01", "long null"},
		"diff_nanoseconds_fit":   {"datetime_diff", "string nanosecond; datetime 2000-01-02; datetime 2000-01-01", "long 86400000000000"},
		"bin_long":               {"bin", "long -7; long 5", "long -10"},
		"bin_int":                {"bin", "int 7; int 5", "long 5"},
		"bin_int_by_long":        {"bin", "int 7; long 5", "long 5"},
		"bin_long_by_real":       {"bin", "long 7; real 2.5", "real 5"},
		"bin_decimal":            {"bin", "decimal -7.3; long 2", "decimal -8"},
		"bin_by_zero":            {"bin", "long 7; long 0", "long null"},
		"bin_by_negative":        {"bin", "real 7; real -1", "real null"},
		"bin_null":               {"bin", "long null; long 5", "long null"},
		"bin_timespan":           {"bin", "timespan 16d; timespan 7d", "timespan 14.00:00:00"},
		"bin_negative_timespan":  {"bin", "timespan -1h; timespan 1d", "timespan -1.00:00:00"},
		"bin_datetime":           {"bin", "datetime 1970-05-11_13:45:07; timespan 1d", "datetime 1970-05-11T00:00:00.0000000Z"},
		"bin_week_is_monday":     {"bin", "datetime 2024-05-08; timespan 7d", "datetime 2024-05-06T00:00:00.0000000Z"},
		"floor":                  {"floor", "real 4.5; long 1", "real 4"},
		"bin_at_real":            {"bin_at", "real 6.5; real 2.5; long 7", "real 4.5"},
		"bin_at_timespan":        {"bin_at", "timespan 1h; timespan 1d; timespan 12h", "timespan -12:00:00"},
		"bin_at_datetime":        {"bin_at", "datetime 2017-05-15_10:20; timespan 1d; datetime 1970-01-01_12:00", "datetime 2017-05-14T12:00:00.0000000Z"},
		"bin_at_week":            {"bin_at", "datetime 2017-05-17_10:20; timespan 7d; datetime 2017-06-04", "datetime 2017-05-14T00:00:00.0000000Z"},
		"bin_auto":               {"bin_auto", "datetime 2017-01-01_00:10; timespan 1h; datetime 2017-01-01_00:05", "datetime 2017-01-01T00:05:00.0000000Z"},
		"bin_auto_without":       {"bin_auto", "long 5", `error: bin_auto: want "set query_bin_auto_size=…;" before the query`},
		"round":                  {"round", "real 2.98765; long 3", "real 2.988"},
		"round_half":             {"round", "real 2.15; long 1", "real 2.2"},
		"round_away":             {"round", "real -2.5", "real -3"},
		"round_hundreds":         {"round", "real -50.55; long -2", "real -100"},
		"round_tens":             {"round", "real 21.5; long -1", "real 20"},
		"round_long":             {"round", "long 25", "long 25"},
		"round_long_tens":        {"round", "long 25; long -1", "long 30"},
		"round_decimal":          {"round", "decimal 2.345; long 2", "decimal 2.35"},
		"round_negative_decimal": {"round", "decimal -2.5", "decimal -3"},
		"ceiling_real":           {"ceiling", "real -1.1", "real -1"},
		"ceiling_long":           {"ceiling", "long 0", "long 0"},
		"ceiling_decimal":        {"ceiling", "decimal 1.2", "decimal 2"},
		"abs_int":                {"abs", "int -5", "long 5"},
		"abs_timespan":           {"abs", "timespan -1h", "timespan 01:00:00"},
		"abs_decimal":            {"abs", "decimal -1.5", "decimal 1.5"},
		"sqrt":                   {"sqrt", "long 16", "real 4"},
		"sqrt_negative":          {"sqrt", "long -1", "real null"},
		"log_negative":           {"log", "real -1", "real null"},
		"log_of_zero":            {"log", "long 0", "real -Infinity"},
		"exp":                    {"exp", "long 0", "real 1"},
		"exp10":                  {"exp10", "long 3", "real 1000"},
		"pow":                    {"pow", "long 2; long 3", "real 8"},
		"acos_outside":           {"acos", "real 2", "real null"},
		"cos":                    {"cos", "real 0", "real 1"},
		"degrees":                {"degrees", "real 3.141592653589793", "real 180"},
		"sign":                   {"sign", "decimal -2", "real -1"},
		"gamma":                  {"gamma", "real 5", "real 24"},
		"loggamma":               {"loggamma", "real 1", "real 0"},
		"isnan":                  {"isnan", "real NaN", "bool true"},
		"isfinite":               {"isfinite", "real 1", "bool true"},
		"isinf_null":             {"isinf", "real null", "bool null"},
		"rand":                   {"rand", "", "real 0.5"},
		"rand_10":                {"rand", "long 10", "real 5"},
		"binary_and":             {"binary_and", "long 6; int 3", "long 2"},
		"binary_not":             {"binary_not", "long 0", "long -1"},
		"binary_shift_left":      {"binary_shift_left", "long 1; long 66", "long 4"},
		"binary_shift_negative":  {"binary_shift_right", "long 1; long -1", "long null"},
		"bitset_count_ones":      {"bitset_count_ones", "long 42", "long 3"},
		"beta_cdf":               {"beta_cdf", "real 0.9; real 10; real 20", "real 0.9999999999999593"},
		"beta_cdf_outside":       {"beta_cdf", "real 1.5; real 10; real 50", "real NaN"},
		"beta_pdf":               {"beta_pdf", "real 0.5; real 10; real 20", "real 0.7461760193109575"},
		"beta_inv":               {"beta_inv", "real 0.1; real 10; real 20", "real 0.22641502238874833"},
		"beta_inv_outside":       {"beta_inv", "real 1.5; real 10; real 20", "real null"},
		"beta_inv_parameter":     {"beta_inv", "real 0.1; real -1; real 20", "real NaN"},
		"welch_test":             {"welch_test", "real 20.82; real 7.867428571428573; long 15; real 22.986666666666668; real 3.8126666666666678; long 15", "real 0.021378001462866926"},
	})
}

func TestDateTime(t *testing.T) {
	const dt = "datetime 2017-10-30T01:02:03.7654321Z"
	runScalarTests(t, map[string]scalarTest{
		"now":                  {"now", "", "datetime 2024-05-06T07:08:09.0000000Z"},
		"now_offset":           {"now", "timespan -1d", "datetime 2024-05-05T07:08:09.0000000Z"},
		"ago":                  {"ago", "timespan 1h", "datetime 2024-05-06T06:08:09.0000000Z"},
		"ago_null":             {"ago", "timespan null", "datetime null"},
		"around":               {"around", "datetime 2021-01-01_01:31; datetime 2021-01-01_01:30; timespan 1m", "bool true"},
		"around_number":        {"around", "real 1.5; long 1; real 0.4", "bool false"},
		"startofday":           {"startofday", "datetime 2017-01-01_10:10:17; long -1", "datetime 2016-12-31T00:00:00.0000000Z"},
		"startofday_kernel":    {"startofday", "datetime 2017-01-01_10:10:17", "datetime 2017-01-01T00:00:00.0000000Z"},
		"startofweek":          {"startofweek", "datetime 2017-01-03_10:10:17; long 1", "datetime 2017-01-08T00:00:00.0000000Z"},
		"startofweek_sunday":   {"startofweek", "datetime 2017-01-01_10:10:17", "datetime 2017-01-01T00:00:00.0000000Z"},
		"startofweek_before":   {"startofweek", "datetime 0001-01-02", "datetime null"},
		"startofmonth":         {"startofmonth", "datetime 2017-01-03_10:10:17; long -1", "datetime 2016-12-01T00:00:00.0000000Z"},
		"startofyear":          {"startofyear", "datetime 2017-01-03_10:10:17; long 1", "datetime 2018-01-01T00:00:00.0000000Z"},
		"endofday":             {"endofday", "datetime 2017-01-01_10:10:17", "datetime 2017-01-01T23:59:59.9999999Z"},
		"endofweek":            {"endofweek", "datetime 2017-01-01_10:10:17", "datetime 2017-01-07T23:59:59.9999999Z"},
		"endofmonth":           {"endofmonth", "datetime 2017-01-01_10:10:17; long 1", "datetime 2017-02-28T23:59:59.9999999Z"},
		"endofyear_last":       {"endofyear", "datetime 9999-02-01", "datetime 9999-12-31T23:59:59.9999999Z"},
		"endofyear_past_last":  {"endofyear", "datetime 9999-02-01; long 1", "datetime null"},
		"dayofweek":            {"dayofweek", "datetime 1947-11-30_10:00:05", "timespan 00:00:00"},
		"dayofweek_tuesday":    {"dayofweek", "datetime 1970-05-12", "timespan 2.00:00:00"},
		"dayofmonth":           {"dayofmonth", "datetime 2015-12-14", "int 14"},
		"dayofyear":            {"dayofyear", "datetime 2015-12-14", "int 348"},
		"hourofday":            {"hourofday", "datetime 2015-12-14_18:54", "int 18"},
		"monthofyear":          {"monthofyear", "datetime 2015-12-14", "int 12"},
		"getyear":              {"getyear", "datetime 2015-10-12", "int 2015"},
		"week_of_year":         {"week_of_year", "datetime 2020-12-31", "int 53"},
		"week_of_year_early":   {"week_of_year", "datetime 2020-06-15", "int 25"},
		"week_of_next_year":    {"week_of_year", "datetime 1970-01-01", "int 1"},
		"week_of_2024_12_30":   {"week_of_year", "datetime 2024-12-30", "int 1"},
		"part_year":            {"datetime_part", "string Year; " + dt, "int 2017"},
		"part_quarter":         {"datetime_part", "string quarter; " + dt, "int 4"},
		"part_week":            {"datetime_part", "string week~of~year; " + dt, "int 44"},
		"part_dayofyear":       {"datetime_part", "string dayOfYear; " + dt, "int 303"},
		"part_millisecond":     {"datetime_part", "string millisecond; " + dt, "int 765"},
		"part_microsecond":     {"datetime_part", "string microsecond; " + dt, "int 765432"},
		"part_nanosecond":      {"datetime_part", "string nanosecond; " + dt, "int 765432100"},
		"part_unknown":         {"datetime_part", "string century; " + dt, `error: argument 1: unknown part "century"; want one of ` + partNames},
		"add_month_clamps":     {"datetime_add", "string month; long 1; datetime 2017-01-31_05:00", "datetime 2017-02-28T05:00:00.0000000Z"},
		"add_quarter":          {"datetime_add", "string quarter; long -1; datetime 2017-01-01", "datetime 2016-10-01T00:00:00.0000000Z"},
		"add_week":             {"datetime_add", "string week; long 1; datetime 2017-01-01", "datetime 2017-01-08T00:00:00.0000000Z"},
		"add_too_much":         {"datetime_add", "string year; long 9000; datetime 2017-01-01", "datetime null"},
		"diff_year":            {"datetime_diff", "string year; datetime 2017-01-01; datetime 2000-12-31", "long 17"},
		"diff_quarter":         {"datetime_diff", "string quarter; datetime 2017-07-01; datetime 2017-03-30", "long 2"},
		"diff_month":           {"datetime_diff", "string month; datetime 2017-01-01; datetime 2015-12-30", "long 13"},
		"diff_week":            {"datetime_diff", "string week; datetime 2017-10-29; datetime 2017-09-30_23:59", "long 5"},
		"diff_day":             {"datetime_diff", "string day; datetime 2017-10-29; datetime 2017-09-30_23:59", "long 29"},
		"diff_hour":            {"datetime_diff", "string hour; datetime 2017-10-31_01:00; datetime 2017-10-30_23:59", "long 2"},
		"diff_second":          {"datetime_diff", "string second; datetime 2017-10-30_23:00:10.100; datetime 2017-10-30_23:00:00.900", "long 10"},
		"diff_millisecond":     {"datetime_diff", "string millisecond; datetime 2017-10-30_23:00:00.200100; datetime 2017-10-30_23:00:00.100900", "long 100"},
		"diff_nanosecond":      {"datetime_diff", "string nanosecond; datetime 2017-10-30_23:00:00.0000000; datetime 2017-10-30_23:00:00.0000007", "long -700"},
		"format_datetime":      {"format_datetime", "datetime 2017-01-29_09:00:05; string yy-MM-dd_[HH:mm:ss]", "string 17-01-29_[09:00:05]"},
		"format_single":        {"format_datetime", "datetime 2017-01-29_09:00:05; string yyyy-M-d_[H:m:s_tt]", "string 2017-1-29_[9:0:5_AM]"},
		"format_12_hours":      {"format_datetime", "datetime 2017-01-29_13:00:05; string h_hh_tt", "string 1_01_PM"},
		"format_fraction":      {"format_datetime", "datetime 2009-06-15_13:45:30.05; string f_ff_F_FFF_fffffff", "string 0_05__05_0500000"},
		"format_iso":           {"format_datetime", "datetime 2009-06-15_13:45:30; string yyyy-MM-ddTHH:mm:ssZ", "string 2009-06-15T13:45:30Z"},
		"format_null":          {"format_datetime", "datetime null; string yyyy", "string "},
		"format_timespan":      {"format_timespan", "timespan 29.09:00:05.12345; string dd.hh:mm:ss:FF", "string 29.09:00:05:12"},
		"format_timespan_long": {"format_timespan", "timespan 29.09:00:05.12345; string ddd.h:mm:ss_[fffffff]", "string 029.9:00:05_[1234500]"},
		"make_datetime":        {"make_datetime", "long 2017; long 10; long 1; long 12; long 11; real 0.1234567", "datetime 2017-10-01T12:11:00.1234567Z"},
		"make_datetime_wrong":  {"make_datetime", "long 2017; long 13; long 1", "datetime null"},
		"make_datetime_text":   {"make_datetime", "string 2017-10-01", "datetime 2017-10-01T00:00:00.0000000Z"},
		"make_timespan":        {"make_timespan", "long 1; long 12; long 30; real 55.123", "timespan 1.12:30:55.1230000"},
		"make_timespan_short":  {"make_timespan", "long 1; long 12", "timespan 01:12:00"},
		"make_timespan_wrong":  {"make_timespan", "long 24; long 0", "timespan null"},
		"unix_seconds":         {"unixtime_seconds_todatetime", "long 1546300800", "datetime 2019-01-01T00:00:00.0000000Z"},
		"unix_real":            {"unixtime_seconds_todatetime", "real 1546300800.5", "datetime 2019-01-01T00:00:00.5000000Z"},
		"unix_milliseconds":    {"unixtime_milliseconds_todatetime", "long 1546300800000", "datetime 2019-01-01T00:00:00.0000000Z"},
		"unix_nanoseconds":     {"unixtime_nanoseconds_todatetime", "long 1546300800000000100", "datetime 2019-01-01T00:00:00.0000001Z"},
		"unix_too_much":        {"unixtime_seconds_todatetime", "long 1546300800000000", "datetime null"},
		"to_utc":               {"datetime_local_to_utc", "datetime 2020-02-02_20:02:20; string US/Pacific", "datetime 2020-02-03T04:02:20.0000000Z"},
		"to_utc_skipped":       {"datetime_local_to_utc", "datetime 2022-03-27_02:00; string Europe/Brussels", "datetime 2022-03-27T00:00:00.0000000Z"},
		"to_utc_before":        {"datetime_local_to_utc", "datetime 2022-03-27_01:00; string Europe/Brussels", "datetime 2022-03-27T00:00:00.0000000Z"},
		"to_local":             {"datetime_utc_to_local", "datetime 2022-03-27_01:00; string europe/brussels", "datetime 2022-03-27T03:00:00.0000000Z"},
		"unknown_zone":         {"datetime_utc_to_local", "datetime 2022-03-27; string Atlantis", "datetime null"},
	})
}
