package syntax

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestExpressions: precedence, literals, paths and calls.
func TestExpressions(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"two_escapes_one_rune":                          {`"\ud83d\ude00 \ud83d \ude00"`, `"😀 � �"`},
		"a_1":                                           {`a == 1`, `(a == 1)`},
		"a_1_and_b_x_and_c_2_and_d_3_and_e_4":           {`a <> 1 and b !~ 'x' and c <= 2 and d >= -3 and e < +4`, `(((((a != 1) and (b !~ "x")) and (c <= 2)) and (d >= (-3))) and (e < (+4)))`},
		"a_has_x_or_b_has_y_or_c_has_cs_z_or_d":         {`a has "x" or b !has "y" or c has_cs "z" or d !has_cs 'w'`, `((((a has "x") or (b !has "y")) or (c has_cs "z")) or (d !has_cs "w"))`},
		"a_hasprefix_x_and_b_hasprefix_cs_y_and":        {`a hasprefix "x" and b !hasprefix_cs "y" and c hassuffix "z" and d !hassuffix_cs "w"`, `((((a hasprefix "x") and (b !hasprefix_cs "y")) and (c hassuffix "z")) and (d !hassuffix_cs "w"))`},
		"a_contains_x_and_b_contains_y_and_c_co":        {`a contains "x" and b !contains "y" and c contains_cs "z" and d !contains_cs "w"`, `((((a contains "x") and (b !contains "y")) and (c contains_cs "z")) and (d !contains_cs "w"))`},
		"a_notcontains_x_or_b_containscs_y_or_c":        {`a notcontains "x" or b containscs "y" or c notcontainscs "z" or d like "w%" or e notlike "v%"`, `(((((a !contains "x") or (b contains_cs "y")) or (c !contains_cs "z")) or (d like "w%")) or (e notlike "v%"))`},
		"a_startswith_x_and_b_startswith_cs_y_a":        {`a startswith "x" and b !startswith_cs "y" and c endswith "z" and d !endswith_cs "w"`, `((((a startswith "x") and (b !startswith_cs "y")) and (c endswith "z")) and (d !endswith_cs "w"))`},
		"a_in_1_2_3_and_b_in_x_and_c_in_y_z_and":        {`a in (1, 2, 3) and b !in ("x") and c in~ ("y", "z") and d !in~ ((U | project k))`, `((((a in [1, 2, 3]) and (b !in ["x"])) and (c in~ ["y", "z"])) and (d !in~ [Subquery(Pipeline=Pipeline(Source=TableRef(Name=U) Operators=[Project(Items=[k])]))]))`},
		"a_in_u_where_b_1_project_a_and_c_has_a":        {`a in (U | where b == 1 | project a) and c has_any ("x", "y") and d has_all (dynamic(["x"]))`, `(((a in [Subquery(Pipeline=Pipeline(Source=TableRef(Name=U) Operators=[Where(Predicate=(b == 1)), Project(Items=[a])]))]) and (c has_any ["x", "y"])) and (d has_all [dynamic(["x"])]))`},
		"a_between_1_10_and_t_between_datetime":         {`a between (1 .. 10) and t !between (datetime(2024-01-01) .. 1d) and n between (1..5)`, `(((a between 1..10) and (t !between datetime(2024-01-01T00:00:00.0000000Z)..timespan(1.00:00:00))) and (n between 1..5))`},
		"a_matches_regex_a_z_d":                         {`a matches regex @"^[a-z]+\d$"`, `(a matches regex "^[a-z]+\\d$")`},
		"has_x_and_y_and_contains_z":                    {`* has "x" and * == "y" and * contains 'z'`, `(((* has "x") and (* == "y")) and (* contains "z"))`},
		"a_b_c_d_e_f_g_and_h_or_i_and_1_j":              {`a + b * c / d % e - f == -g and (h or i) and -1 < j`, `(((((a + (((b * c) / d) % e)) - f) == (-g)) and (h or i)) and ((-1) < j))`},
		"a_has_x_y":                                     {`a has "x" + "y"`, `((a has "x") + "y")`},
		"tostring_a_b_c_x_and_a_b_1_and_a_b_0_k":        {`tostring(a.b.c) == 'x' and a['b'] == 1 and a.b[0]['k'] == 2 and a.['odata.type'] != 3 and x.y(z) == 4`, `(((((tostring(a.b.c) == "x") and (a["b"] == 1)) and (a.b[0]["k"] == 2)) and (a["odata.type"] != 3)) and (x.y(z) == 4))`},
		"a_column_1_and_b_2_and_left_3":                 {`['a column'] == 1 and ["b"] == 2 and $left == 3`, `(((a column == 1) and (b == 2)) and ($left == 3))`},
		"number_1":                                      {`1`, `1`},
		"a_1_x_y_z_w_v_h_u_t_s_r":                       {"a = 1, \"x\", 'y', @\"z\\\", @'w''v', h\"u\", ```t s```, ~~~r~~~", "a = 1, \"x\", \"y\", \"z\\\\\", \"w'v\", \"u\", \"t s\", \"r\""},
		"a_b_c":                                         {`"a" "b" 'c'`, `"abc"`},
		"tab_t_quote_back_uni_u00e9_hex_x41_oct":        {`"tab\t quote\" back\\ uni\u00e9 hex\x41 oct\101"`, `"tab\t quote\" back\\ unié hexA octA"`},
		"number_0x1f_12_1_5_1e5_1_5e_3_2_0":             {`0x1F, 12, 1.5, 1e5, 1.5E-3, 2., 0`, `31, 12, real(1.5), real(100000), real(0.0015), real(2), 0`},
		"number_1d_1_5h_10ms_3microseconds_5ticks_7m_9": {`1d, 1.5h, 10ms, 3microseconds, 5ticks, 7m, 9s, 2days`, `timespan(1.00:00:00), timespan(01:30:00), timespan(00:00:00.0100000), timespan(00:00:00.0000030), timespan(00:00:00.0000005), timespan(00:07:00), timespan(00:00:09), timespan(2.00:00:00)`},
		"true_false_true_false_bool_true_bool_n":        {`true, false, True, FALSE, bool(true), bool(null)`, `true, false, true, false, true, bool(null)`},
		"int_5_long_null_real_nan_double_1_5_de":        {`int(5), long(null), real(nan), double(1.5), decimal(1.2), guid(74be27de-1e4e-49d9-b579-fe0b331d3642)`, `int(5), long(null), real(NaN), real(1.5), decimal(1.2), guid(74be27de-1e4e-49d9-b579-fe0b331d3642)`},
		"datetime_2024_05_31_datetime_2024_05_3":        {`datetime(2024-05-31), datetime(2024-05-31T12:00:00Z), date(null), time(1.02:03:04), timespan(1d)`, `datetime(2024-05-31T00:00:00.0000000Z), datetime(2024-05-31T12:00:00.0000000Z), datetime(null), timespan(1.02:03:04), timespan(1.00:00:00)`},
		"dynamic_null_dynamic_1_a_2_5_true_null":        {`dynamic(null), dynamic([1, "a", 2.5, true, null, -3]), dynamic({"a": {"b": [1, 2]}, 'c': 'd'})`, `dynamic(null), dynamic([1,"a",2.5,true,null,-3]), dynamic({"a":{"b":[1,2]},"c":"d"})`},
		"dynamic_t_datetime_2024_01_01_s_timesp":        {`dynamic({"t": datetime(2024-01-01), "s": timespan(1h), "g": guid(74be27de-1e4e-49d9-b579-fe0b331d3642), "d": 1d})`, `dynamic({"t":"2024-01-01T00:00:00.0000000Z","s":"01:00:00","g":"74be27de-1e4e-49d9-b579-fe0b331d3642","d":"1.00:00:00"})`},
		"dynamic_x_dynamic_5_dynamic_dynamic":           {`dynamic("x"), dynamic(5), dynamic([]), dynamic({})`, `dynamic("x"), dynamic(5), dynamic([]), dynamic({})`},
		"x_toscalar_t_summarize_max_a_y_toscala":        {`x = toscalar(T | summarize max(a)), y = toscalar(f())`, `x = toscalar(Subquery(Pipeline=Pipeline(Source=TableRef(Name=T) Operators=[Summarize(Aggregates=[max(a)])]))), y = toscalar(f())`},
		"x_iff_a_1_b_case_c_1_d_2_3_y_typeof_lo":        {`x = iff(a == 1, "b", case(c, 1, d, 2, 3)), y = typeof(long)`, `x = iff((a == 1), "b", case(c, 1, d, 2, 3)), y = TypeOf(Type=long)`},
		"a_1_a_comment":                                 {`a == 1 // a comment`, `(a == 1)`},
		"url_http_x_y_done":                             {`url == "http://x/y" // done`, `(url == "http://x/y")`},
		"type_1_and_id_2_and_bin_a_1_3_and_coun":        {`type == 1 and id == 2 and bin(a, 1) == 3 and count == 4 and kind == 5`, `(((((type == 1) and (id == 2)) and (bin(a, 1) == 3)) and (count == 4)) and (kind == 5))`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			items := parsed(t, "print "+tt.text).Result.Source.(*Print).Items
			got := show(items)
			if diff := cmp.Diff("["+tt.want+"]", got); diff != "" {
				t.Errorf("%s\n%s", tt.text, diff)
			}
		})
	}
}
