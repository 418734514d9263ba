package function

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// table reads columns written as "name type value …".
func table(t *testing.T, columns ...string) Table {
	t.Helper()
	out := Table{}
	for _, c := range columns {
		name, rest, _ := strings.Cut(c, " ")
		v := col(t, rest)
		out.Columns = append(out.Columns, data.Column{Name: name, Type: v.Type})
		out.Vectors, out.Rows = append(out.Vectors, v), v.Len
	}
	return out
}

// pluginArgOf reads an argument: "User" is a column, "=long 5" a constant,
// "mode=string x" one by name, "sum(n)" an aggregate.
func pluginArgOf(t *testing.T, input Table, text string) PluginArg {
	t.Helper()
	if i, err := findColumn(input.Columns, text); err == nil {
		v := input.Vectors[i]
		return PluginArg{Arg: Arg{Type: v.Type, Name: text}, Column: i, Values: v}
	}
	if name, value, ok := strings.Cut(text, "="); ok {
		v := col(t, value)
		if v.Len != 1 { // a condition for every row
			return PluginArg{Arg: Arg{Type: v.Type, Name: name}, Column: -1, Values: v}
		}
		c := v.Value(0)
		return PluginArg{Arg: Arg{Type: v.Type, Name: name, Const: &c}, Column: -1, Values: data.Constant(c, input.Rows)}
	}
	name, arg, _ := strings.Cut(strings.TrimSuffix(text, ")"), "(")
	f, ok := FindAggregate(name)
	if !ok {
		t.Fatalf("no argument %q", text)
	}
	a := PluginArg{Aggregate: f, Column: -1}
	if arg != "" {
		a.AggregateArgs = []PluginArg{pluginArgOf(t, input, arg)}
	}
	return a
}

// runPlugin runs a plug-in: the header, then the rows. The columns that it
// gave beforehand must be those of the result, as far as they were known.
func runPlugin(t *testing.T, name string, input Table, other *Table, args ...string) []string {
	t.Helper()
	f, ok := FindPlugin(name)
	if !ok {
		t.Fatalf("no plug-in %q", name)
	}
	var read []PluginArg
	if other != nil {
		read = append(read, PluginArg{Table: other, Column: -1})
	}
	for _, a := range args {
		if other != nil && len(read) == 2 {
			read = append(read, PluginArg{Arg: Arg{Name: a}, Column: -1})
			continue
		}
		read = append(read, pluginArgOf(t, input, a))
	}
	columns, open, err := f.Columns(input.Columns, read)
	if err != nil {
		return []string{"error: " + err.Error()}
	}
	out, err := f.Run(&Context{}, input, read)
	if err != nil {
		return []string{"error: " + err.Error()}
	}
	if !open {
		if diff := cmp.Diff(columns, out.Columns); diff != "" {
			t.Errorf("columns (-beforehand +result):\n%s", diff)
		}
	}
	return tableLines(t, out)
}

func tableLines(t *testing.T, out Table) []string {
	t.Helper()
	var header []string
	for i, c := range out.Columns {
		header = append(header, c.Name+":"+c.Type.String())
		if v := out.Vectors[i]; v.Len != out.Rows || v.Type != c.Type {
			t.Errorf("column %s has %d rows of %s, want %d of %s", c.Name, v.Len, v.Type, out.Rows, c.Type)
		}
	}
	lines := []string{strings.Join(header, " ")}
	for row := range out.Rows {
		var cells []string
		for _, v := range out.Vectors {
			cells = append(cells, strings.TrimPrefix(show(data.Constant(v.Value(row), 1)), v.Type.String()+" "))
		}
		lines = append(lines, strings.ReplaceAll(strings.Join(cells, " "), "T00:00:00.0000000Z", ""))
	}
	return lines
}

func TestPlugins(t *testing.T) {
	people := table(t, "d dynamic {'Name':'John','Age':20} {'Name':'Dave','Height':170,'Age':40} null", "n long 1 2 3")
	storms := table(t, "event string Wind Rain Wind Wind", "state string AL AL AK AL", "deaths long 1 2 3 4")
	users := table(t, "User string B B A B B A A A A B",
		"Time datetime 2018-06-29 2018-06-30 2018-07-02 2018-07-04 2018-07-08 2018-07-10 2018-07-14 2018-07-17 2018-07-20 2018-07-24")
	week := table(t, "User string Bob David David John Bob Ananda Atul John Ananda Atul Atul John Bob Betsy Bob",
		"Time datetime"+strings.Repeat(" 2017-08-01", 5)+strings.Repeat(" 2017-08-02", 3)+strings.Repeat(" 2017-08-03", 5)+" 2017-08-04 2017-08-05")
	steps := table(t, "s string CA CA TX CA", "t datetime 2007-05-08 2007-05-10 2007-05-09 2007-05-30")
	tests := map[string]struct {
		name  string
		input Table
		args  []string
		want  []string
	}{
		"bag_unpack": {
			"bag_unpack", people,
			[]string{"d"},
			[]string{"n:long Age:long Height:long Name:string", "1 20 null John", "2 40 170 Dave", "3 null null "},
		},
		"bag_unpack_prefix": {
			"bag_unpack", people,
			[]string{"d", "=string p~", "ignoredProperties=dynamic ['Age','Height']"},
			[]string{"n:long p_Name:string", "1 John", "2 Dave", "3 "},
		},
		"bag_unpack_conflict": {
			"bag_unpack", table(t, "d dynamic {'n':'x'}", "n long 1"),
			[]string{"d"},
			[]string{`error: the bag's key "n" is a column already; say what to do by columnsConflict or a prefix`},
		},
		"bag_unpack_keep": {
			"bag_unpack", table(t, "d dynamic {'n':'x'}", "n long 1"),
			[]string{"d", "columnsConflict=string keep~source"},
			[]string{"n:long", "1"},
		},
		"bag_unpack_replace": {
			"bag_unpack", table(t, "d dynamic {'n':'x'}", "n long 1"),
			[]string{"d", "columnsConflict=string replace~source"},
			[]string{"n:string", "x"},
		},
		"bag_unpack_types": {
			"bag_unpack", table(t, `d dynamic {'a':1} {'a':'x'} {'b':null}`),
			[]string{"d"},
			[]string{"a:dynamic b:dynamic", "1 null", "x null", "null null"},
		},
		"bag_unpack_wrong": {"bag_unpack", people, []string{"n"}, []string{`error: column "n" is a long; want dynamic`}},
		"pivot_count":      {"pivot", table(t, "event string Wind Rain Wind Wind", "state string AL AL AK AL"), []string{"state"}, []string{"event:string AK:long AL:long", "Wind 1 2", "Rain 0 1"}},
		"pivot_sum": {
			"pivot", storms,
			[]string{"state", "sum(deaths)"},
			[]string{"event:string AK:long AL:long", "Wind 3 5", "Rain 0 2"},
		},
		"pivot_columns": {
			"pivot", storms,
			[]string{"state", "max(deaths)", "event"},
			[]string{"event:string AK:long AL:long", "Wind 3 4", "Rain null 2"},
		},
		"pivot_nothing": {"pivot", table(t, "state string", "n long"), []string{"state"}, []string{"n:long"}},
		"narrow": {
			"narrow", table(t, "a long 1 null", "b bool true false"), nil,
			[]string{"Row:long Column:string Value:string", "0 a 1", "0 b true", "1 a ", "1 b false"},
		},
		"rows_near": {
			"rows_near", table(t, "n long 1 2 3 4 5 6 7"),
			[]string{"=bool false false true true false false false", "=long 1", "=long 2"},
			[]string{"n:long", "2", "3", "4", "5", "6"},
		},
		"identity": {"identity", table(t, "n long 1"), nil, []string{"n:long", "1"}},
		"active_users_count": {
			"active_users_count", users,
			[]string{"User", "Time", "=datetime 2018-07-01", "=datetime 2018-07-31", "=timespan 8d", "=timespan 1d", "=long 3", "=timespan 7d"},
			[]string{"Time:datetime dcount:long", "2018-07-01 1", "2018-07-15 1"},
		},
		"activity_counts_metrics": {
			"activity_counts_metrics", table(t, "u string A D J B C T J H T T J B S S",
				"t datetime"+strings.Repeat(" 2017-08-01", 4)+strings.Repeat(" 2017-08-02", 3)+strings.Repeat(" 2017-08-03", 6)+" 2017-08-04"),
			[]string{"u", "t", "=datetime 2017-08-01", "=datetime 2017-08-04", "=timespan 1d"},
			[]string{
				"t:datetime count:long dcount:long new_dcount:long aggregated_dcount:long",
				"2017-08-01 4 4 4 4", "2017-08-02 3 3 2 6", "2017-08-03 6 5 2 8", "2017-08-04 1 1 0 8",
			},
		},
		"sliding_window_counts": {
			"sliding_window_counts", week,
			[]string{"User", "Time", "=datetime 2017-08-01", "=datetime 2017-08-07", "=timespan 3d", "=timespan 1d"},
			[]string{
				"Time:datetime Count:long Dcount:long", "2017-08-01 5 3", "2017-08-02 8 5", "2017-08-03 13 5", "2017-08-04 9 5",
				"2017-08-05 7 5", "2017-08-06 2 2", "2017-08-07 1 1",
			},
		},
		"session_count": {
			"session_count", table(t, "id long 1 1 1 2", "t long 1 2 60 3"),
			[]string{"id", "t", "=long 1", "=long 100", "=long 50", "=long 41"},
			[]string{"t:long count_sessions:long", "1 2", "51 1"},
		},
		"activity_engagement": {
			"activity_engagement", week,
			[]string{"User", "Time", "=datetime 2017-08-03", "=datetime 2017-08-04", "=timespan 1d", "=timespan 3d"},
			[]string{"Time:datetime dcount_activities_inner:long dcount_activities_outer:long activity_ratio:real", "2017-08-03 4 5 0.8", "2017-08-04 1 5 0.2"},
		},
		"activity_metrics": {
			"activity_metrics", week,
			[]string{"User", "Time", "=datetime 2017-08-01", "=datetime 2017-08-03", "=timespan 1d"},
			[]string{
				"Time:datetime dcount_values:long dcount_newvalues:long retention_rate:real churn_rate:real",
				"2017-08-01 3 3 NaN NaN", "2017-08-02 3 2 0.3333333333333333 0.6666666666666667", "2017-08-03 4 1 1 0",
			},
		},
		"activity_metrics_by_word": {
			"activity_metrics", week,
			[]string{"User", "Time", "=string month"},
			[]string{"Time:datetime dcount_values:long dcount_newvalues:long retention_rate:real churn_rate:real", "2017-08-01 6 6 NaN NaN"},
		},
		"sequence_detect": {
			"sequence_detect", steps,
			[]string{"t", "=timespan 5d", "=timespan 5d", "heat=bool true false true true", "fire=bool false true false false", "s"},
			[]string{"s:string heat_t:datetime fire_t:datetime Duration:timespan", "CA 2007-05-08 2007-05-10 2.00:00:00"},
		},
		"funnel_sequence": {
			"funnel_sequence", table(t, "id long 1 1 1 2 2", "t long 1 2 3 1 2", "s string H T W H T"),
			[]string{"id", "t", "=long 0", "=long 9", "=long 5", "=long 10", "s", "=dynamic ['T']"},
			[]string{"t:long prev:string next:string dcount:long samples:dynamic", "0 H  1 [2]", "0 H W 1 [1]"},
		},
		"funnel_sequence_completion": {
			"funnel_sequence_completion", table(t, "id long 1 1 1 2 2", "t long 1 2 8 1 2", "s string H T W H T"),
			[]string{"id", "t", "=long 0", "=long 9", "=long 10", "s", "=dynamic ['H','T','W']", "=dynamic [3,9]"},
			[]string{"t:long s:string Period:long dcount:long", "0 H 3 2", "0 T 3 2", "0 W 3 0", "0 H 9 2", "0 T 9 2", "0 W 9 1"},
		},
		"rolling_percentile": {
			"rolling_percentile", table(t, "v long 1 2 3 4 5 6", "t long 0 1 10 11 20 21"),
			[]string{"v", "=long 50", "t", "=long 10", "=long 2"},
			[]string{"t:long rolling_2_percentile_v_50:long", "0 1", "10 2", "20 4"},
		},
		"basket": {
			"basket", storms,
			[]string{"=real 0.5", "deaths"},
			[]string{"SegmentId:long Count:long Percent:real event:string state:string deaths:long", "0 8 80 Wind  null", "1 7 70  AL null", "2 5 50 Wind AL null"},
		},
		"autocluster": {
			"autocluster", table(t, "a string x x x y", "b string p p p q"), nil,
			[]string{"SegmentId:long Count:long Percent:real a:string b:string", "0 3 75 x p", "1 1 25 y q"},
		},
		"diffpatterns": {
			"diffpatterns", table(t, "side string A A B B", "a string x x y y"),
			[]string{"side", "=string A", "=string B"},
			[]string{
				"SegmentId:long CountA:long CountB:long PercentA:real PercentB:real PercentDiffAB:real side:string a:string",
				"0 2 0 100 0 100  x", "1 0 2 0 100 100  y",
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, runPlugin(t, test.name, test.input, nil, test.args...)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLookups(t *testing.T) {
	ranges := table(t, "network string 111.68.128.0/17 5.8.0.0/19 2.20.183.0/24", "ip string a b c")
	input := table(t, "ip string 2.20.183.12 5.8.1.2 192.165.12.17")
	tests := map[string]struct {
		plugin string
		args   []string
		want   []string
	}{
		"matching": {
			"ipv4_lookup",
			[]string{"ip", "network"},
			[]string{"ip:string network:string ip1:string", "2.20.183.12 2.20.183.0/24 c", "5.8.1.2 5.8.0.0/19 b"},
		},
		"unmatched": {
			"ipv4_lookup",
			[]string{"ip", "network", "return_unmatched=bool true"},
			[]string{"ip:string network:string ip1:string", "2.20.183.12 2.20.183.0/24 c", "5.8.1.2 5.8.0.0/19 b", "192.165.12.17  "},
		},
		"ipv6_of_ipv4": {
			"ipv6_lookup",
			[]string{"ip", "network"},
			[]string{"ip:string network:string ip1:string", "2.20.183.12 2.20.183.0/24 c", "5.8.1.2 5.8.0.0/19 b"},
		},
		"no_column": {"ipv4_lookup", []string{"ip", "net"}, []string{`error: no column "net"`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, runPlugin(t, test.plugin, input, &ranges, test.args...)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestNewActivityMetrics is Microsoft's documented example.
func TestNewActivityMetrics(t *testing.T) {
	users, times := "u long", "t datetime"
	for day, ids := range []string{"0 2 3 4", "0 1 3 4 5", "0 2 4 5", "0 1 2 3", "0 1 2 3 4"} {
		users += " " + ids
		times += strings.Repeat(fmt.Sprintf(" 2019-11-0%d", day+1), len(strings.Fields(ids)))
	}
	got := runPlugin(t, "new_activity_metrics", table(t, users, times), nil, "u", "t", "=datetime 2019-11-01", "=datetime 2019-11-06T23:59:59", "=timespan 1d")
	want := []string{
		"from_t:datetime to_t:datetime dcount_new_values:long dcount_retained_values:long dcount_churn_values:long retention_rate:real churn_rate:real",
		"2019-11-01 2019-11-01 4 4 0 1 0", "2019-11-01 2019-11-02 2 3 1 0.75 0.25", "2019-11-01 2019-11-03 1 3 1 0.75 0.25",
		"2019-11-01 2019-11-04 1 3 1 0.75 0.25", "2019-11-01 2019-11-05 1 4 0 1 0", "2019-11-01 2019-11-06 0 0 4 0 1",
		"2019-11-02 2019-11-02 2 2 0 1 0", "2019-11-02 2019-11-03 0 1 1 0.5 0.5", "2019-11-02 2019-11-04 0 1 1 0.5 0.5",
		"2019-11-02 2019-11-05 0 1 1 0.5 0.5", "2019-11-02 2019-11-06 0 0 2 0 1",
	}
	if diff := cmp.Diff(want, got[:len(want)]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestIntersections is Microsoft's documented example: the even numbers up to
// 100, those that 3 divides too, those that 5 divides as well, each with 0.
func TestIntersections(t *testing.T) {
	input := Table{Rows: 1}
	var args []string
	for _, n := range []int{2, 3, 5} {
		s := newSketch(sketchRoom[2])
		for x := 0; x <= 100; x += n {
			s.add(sketchHash(data.NodeOfLong(int64(x))))
		}
		name := fmt.Sprintf("hll%d", n)
		args = append(args, name)
		input.Columns = append(input.Columns, data.Column{Name: name, Type: data.Dynamic})
		input.Vectors = append(input.Vectors, &data.Vector{Type: data.Dynamic, Len: 1, Nodes: []*data.Node{s.node()}})
	}
	f, _ := FindPlugin("dcount_intersect")
	var read []PluginArg
	for _, a := range args {
		read = append(read, pluginArgOf(t, input, a))
	}
	out, err := f.Run(&Context{}, input, read)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int64{51, 17, 4} {
		if got := out.Vectors[3+i].Longs[0]; math.Abs(float64(got-want)) > 0 {
			t.Errorf("s%d is %d, want %d", i, got, want)
		}
	}
}
