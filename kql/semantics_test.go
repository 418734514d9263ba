package kql

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rowsOf runs a query and prints each row as a JSON array.
func rowsOf(text string, tables Tables, options Options) (columns string, rows []string, err error) {
	q, err := Prepare(text, tables, options)
	if err != nil {
		return "", nil, err
	}
	result := q.Run(context.Background())
	for row, err := range result.Rows() {
		if err != nil {
			return "", nil, err
		}
		rows = append(rows, printed(row))
	}
	var names []string
	for _, c := range result.Columns() {
		names = append(names, c.Name)
	}
	return strings.Join(names, ","), rows, nil
}

func printed(row []Value) string {
	line := []byte{'['}
	for i, v := range row {
		if i > 0 {
			line = append(line, ',')
		}
		line = AppendJSON(line, v)
	}
	return string(append(line, ']'))
}

// TestMicroVectors holds the vectors and traps of the reference, section 6.
func TestMicroVectors(t *testing.T) {
	const (
		n  = `datatable(n:int)[1, int(null)] | `
		d  = `datatable(d:dynamic)[dynamic({"x":null}), dynamic({})] | `
		a  = `datatable(a:string)["prefix_data"] | `
		al = `datatable(a:string)["Allow"] | `
		lr = `let L = datatable(k:long, name:string)[1,"a",1,"b",2,"c",long(null),"n"]; let R = datatable(k:long, name:string)[1,"x",1,"y",3,"z",long(null),"m"]; `
	)
	tests := map[string]struct {
		query string
		want  []string
	}{
		"has_a_term":                {a + `where a has "data" | count`, []string{`[1]`}},
		"has_a_part":                {a + `where a has "dat" | count`, []string{`[0]`}},
		"contains":                  {a + `where a contains "dat" | count`, []string{`[1]`}},
		"equal_is_sensitive":        {al + `where a == "allow" | count`, []string{`[0]`}},
		"tilde_is_not":              {al + `where a =~ "allow" | count`, []string{`[1]`}},
		"in_is_sensitive":           {al + `where a in ("allow") | count`, []string{`[0]`}},
		"in_tilde_is_not":           {al + `where a in~ ("allow") | count`, []string{`[1]`}},
		"null_differs":              {n + `where n != 1`, []string{`[null]`}},
		"null_equals_nothing":       {n + `where n == int(null) | count`, []string{`[0]`}},
		"isnull":                    {n + `where isnull(n) | count`, []string{`[1]`}},
		"isnotnull_of_missing":      {d + `project isnotnull(d.x)`, []string{`[false]`, `[false]`}},
		"isempty_of_missing":        {d + `project isempty(tostring(d.x))`, []string{`[true]`, `[true]`}},
		"missing_equals_empty":      {d + `where d.x == "" | count`, []string{`[0]`}},
		"expand_two":                {`print d=dynamic([1,2]) | mv-expand d`, []string{`[1]`, `[2]`}},
		"expand_none":               {`print d=dynamic([]) | mv-expand d`, nil},
		"expand_null":               {`print d=dynamic(null) | mv-expand d`, []string{`[null]`}},
		"expand_zips":               {`print d=dynamic([1,2]), e=dynamic(["a"]) | mv-expand d, e`, []string{`[1,"a"]`, `[2,null]`}},
		"expand_bag":                {`print d=dynamic({"a":1,"b":2}) | mv-expand d`, []string{`[{"a":1}]`, `[{"b":2}]`}},
		"expand_bag_to_pairs":       {`print d=dynamic({"a":1}) | mv-expand kind=array d`, []string{`[["a",1]]`}},
		"expand_typed":              {`print d=dynamic([1,"x",2.5]) | mv-expand d to typeof(long)`, []string{`[1]`, `[null]`, `[2]`}},
		"expand_index":              {`print d=dynamic(["a","b"]) | mv-expand with_itemindex=i d | project i, d`, []string{`[0,"a"]`, `[1,"b"]`}},
		"expand_limit":              {`print d=dynamic([1,2,3]) | mv-expand d limit 2 | count`, []string{`[2]`}},
		"innerunique":               {lr + `L | join (R) on k`, []string{`[1,"a",1,"x"]`, `[1,"a",1,"y"]`}},
		"inner":                     {lr + `L | join kind=inner (R) on k`, []string{`[1,"a",1,"x"]`, `[1,"a",1,"y"]`, `[1,"b",1,"x"]`, `[1,"b",1,"y"]`}},
		"leftouter":                 {lr + `L | join kind=leftouter (R) on k | where name != "a"`, []string{`[1,"b",1,"x"]`, `[1,"b",1,"y"]`, `[2,"c",null,""]`, `[null,"n",null,""]`}},
		"rightouter":                {lr + `L | join kind=rightouter (R) on k | where name != "a"`, []string{`[1,"b",1,"x"]`, `[1,"b",1,"y"]`, `[null,"",3,"z"]`, `[null,"",null,"m"]`}},
		"fullouter":                 {lr + `L | join kind=fullouter (R) on k | where name !in ("a", "b")`, []string{`[2,"c",null,""]`, `[null,"n",null,""]`, `[null,"",3,"z"]`, `[null,"",null,"m"]`}},
		"leftsemi":                  {lr + `L | join kind=leftsemi (R) on k`, []string{`[1,"a"]`, `[1,"b"]`}},
		"leftanti":                  {lr + `L | join kind=leftanti (R) on k`, []string{`[2,"c"]`, `[null,"n"]`}},
		"anti":                      {lr + `L | join kind=anti (R) on k`, []string{`[2,"c"]`, `[null,"n"]`}},
		"rightsemi":                 {lr + `L | join kind=rightsemi (R) on k`, []string{`[1,"x"]`, `[1,"y"]`}},
		"rightanti":                 {lr + `L | join kind=rightanti (R) on k`, []string{`[3,"z"]`, `[null,"m"]`}},
		"lookup":                    {lr + `L | lookup (R | project k, other=name) on k | where name == "c"`, []string{`[2,"c",""]`}},
		"sort_is_descending":        {`datatable(x:long)[1, 2, long(null)] | sort by x`, []string{`[2]`, `[1]`, `[null]`}},
		"sort_ascending":            {`datatable(x:long)[2, 1, long(null)] | sort by x asc`, []string{`[null]`, `[1]`, `[2]`}},
		"sort_nulls_last":           {`datatable(x:long)[2, 1, long(null)] | sort by x asc nulls last`, []string{`[1]`, `[2]`, `[null]`}},
		"sort_nan_beside_null":      {`datatable(x:real)[2, real(nan), real(null), 1] | sort by x desc`, []string{`[2.0]`, `[1.0]`, `["NaN"]`, `[null]`}},
		"sort_is_stable":            {`datatable(x:long, y:string)[1,"a",2,"b",1,"c",2,"d"] | sort by x asc`, []string{`[1,"a"]`, `[1,"c"]`, `[2,"b"]`, `[2,"d"]`}},
		"top":                       {`datatable(x:long)[3, 1, 2, long(null)] | top 2 by x`, []string{`[3]`, `[2]`}},
		"take":                      {`range x from 1 to 10 step 1 | take 2`, []string{`[1]`, `[2]`}},
		"regex_replace":             {`print replace("a.c","X","abc a.c")`, []string{`["X X"]`}},
		"literal_replace":           {`print replace_string("abc a.c","a.c","X")`, []string{`["abc X"]`}},
		"split_indexof_division":    {`print split("a/b/c","/")[-1], indexof("abc","z"), 5/2`, []string{`["c",-1,2]`}},
		"summarize_skips_null":      {`datatable(x:long)[1, 2, long(null)] | summarize count(), sum(x), avg(x), dcount(x)`, []string{`[3,3,1.5,2]`}},
		"summarize_nothing":         {`datatable(x:long)[] | summarize count(), sum(x), max(x)`, []string{`[0,0,null]`}},
		"summarize_nothing_by":      {`datatable(x:long)[] | summarize count() by x`, nil},
		"summarize_by_null":         {`datatable(x:long)[1, long(null), 1] | summarize count() by x`, []string{`[1,2]`, `[null,1]`}},
		"summarize_by_three":        {`datatable(x:long,y:string,z:bool)[1,"a",true,1,"a",false,1,"a",true] | summarize count() by x, y, z`, []string{`[1,"a",true,2]`, `[1,"a",false,1]`}},
		"distinct":                  {`datatable(x:long,y:string)[1,"a",1,"a",2,"a"] | distinct x, y`, []string{`[1,"a"]`, `[2,"a"]`}},
		"arg_max_star":              {`datatable(k:string,x:long,y:string)["a",1,"p","a",3,"q","b",2,"r"] | summarize arg_max(x, *) by k`, []string{`["a",3,"q"]`, `["b",2,"r"]`}},
		"union_fills":               {`union (print a=1), (print b="x")`, []string{`[1,""]`, `[null,"x"]`}},
		"mv_apply":                  {`datatable(k:string, d:dynamic)["a", dynamic([3,1,2]), "b", dynamic([])] | mv-apply d to typeof(long) on (top 2 by d) | project k, d`, []string{`["a",3]`, `["a",2]`}},
		"mv_apply_row_wise":         {`datatable(k:string, d:dynamic)["a", dynamic([3,1,2]), "b", dynamic([5])] | mv-apply d to typeof(long) on (where d > 1 | extend e = strcat(k, d)) | project k, d, e`, []string{`["a",3,"a3"]`, `["a",2,"a2"]`, `["b",5,"b5"]`}},
		"mv_apply_summarize":        {`datatable(k:string, d:dynamic)["a", dynamic([3,1,2])] | mv-apply d to typeof(long) on (summarize s = sum(d)) | project k, s`, []string{`["a",6]`}},
		"mv_apply_counted":          {`datatable(k:string, d:dynamic)["a", dynamic([3,1,2]), "b", dynamic([5,6])] | mv-apply d to typeof(long) on (top 2 by d) | count`, []string{`[4]`}},
		"mv_apply_without_columns":  {`datatable(k:string, d:dynamic)["a", dynamic([3,1,2]), "b", dynamic([5,6])] | mv-apply d to typeof(long) on (summarize s = sum(d)) | project k = 1`, []string{`[1]`, `[1]`}},
		"scan_counted":              {`range x from 1 to 3 step 1 | scan with (step a: true;) | count`, []string{`[3]`}},
		"parse":                     {`print s="id=5;name=x" | parse s with "id=" id:long ";name=" name`, []string{`["id=5;name=x",5,"x"]`}},
		"parse_fails":               {`print s="other" | parse s with "id=" id:long ";name=" name`, []string{`["other",null,""]`}},
		"parse_where":               {`datatable(s:string)["id=5;", "x"] | parse-where s with "id=" id:long ";" | project id`, []string{`[5]`}},
		"row_number":                {`range x from 3 to 1 step -1 | serialize n=row_number()`, []string{`[3,1]`, `[2,2]`, `[1,3]`}},
		"prev_next":                 {`range x from 1 to 3 step 1 | serialize p=prev(x), n=next(x, 1, -1)`, []string{`[1,null,2]`, `[2,1,3]`, `[3,2,-1]`}},
		"row_cumsum_restarts":       {`datatable(k:string,x:long)["a",1,"a",2,"b",5] | serialize s=row_cumsum(x, k != prev(k)) | project s`, []string{`[1]`, `[3]`, `[5]`}},
		"row_rank":                  {`datatable(x:long)[2,3,3,9] | serialize d=row_rank_dense(x), m=row_rank_min(x)`, []string{`[2,1,1]`, `[3,2,2]`, `[3,2,2]`, `[9,3,4]`}},
		"toscalar":                  {`let m = toscalar(range x from 1 to 3 step 1 | summarize max(x)); print m + 1`, []string{`[4]`}},
		"in_subquery":               {`range x from 1 to 4 step 1 | where x in ((range y from 2 to 3 step 1))`, []string{`[2]`, `[3]`}},
		"in_dynamic_array":          {`let l = dynamic(["a","b"]); datatable(s:string)["a","c"] | where s in (l)`, []string{`["a"]`}},
		"has_any":                   {`datatable(s:string)["a b","c d","bb"] | where s has_any ("b", "d")`, []string{`["a b"]`, `["c d"]`}},
		"between":                   {`range x from 1 to 5 step 1 | where x between (2 .. 3)`, []string{`[2]`, `[3]`}},
		"not_between":               {`range x from 1 to 4 step 1 | where x !between (2 .. 3)`, []string{`[1]`, `[4]`}},
		"between_datetime_and_span": {`print t=datetime(2020-01-02) | where t between (datetime(2020-01-01) .. 1d) | count`, []string{`[1]`}},
		"materialize":               {`let m = materialize(range x from 1 to 2 step 1); union m, m | summarize sum(x)`, []string{`[6]`}},
		"top_nested":                {`datatable(a:string,b:string,n:long)["x","p",5,"x","q",3,"y","p",1,"z","p",2] | top-nested 1 of a with others="rest" by s=sum(n), top-nested 1 of b with others="other" by t=sum(n)`, []string{`["x",8,"p",5]`, `["x",8,"other",3]`, `["rest",3,"other",3]`}},
		"make_series":               {`datatable(t:long,n:long)[1,10,3,30] | make-series s=sum(n) default=0 on t from 0 to 5 step 1`, []string{`[[0,10,0,30,0],[0,1,2,3,4]]`}},
		"partition":                 {`datatable(k:string,n:long)["a",1,"b",5,"a",3] | partition by k (top 1 by n)`, []string{`["a",3]`, `["b",5]`}},
		"scan":                      {`range x from 1 to 3 step 1 | scan declare (s:long=0) with (step a: true => s = x + a.s;)`, []string{`[1,1]`, `[2,3]`, `[3,6]`}},
		"range_down":                {`range x from 3 to 1 step -1`, []string{`[3]`, `[2]`, `[1]`}},
		"range_of_reals":            {`range x from 0.0 to 1.0 step 0.5`, []string{`[0.0]`, `[0.5]`, `[1.0]`}},
		"division_by_zero":          {`print 1/0, 1.0/0, -1 % 5`, []string{`[null,"Infinity",4]`}},
		"default_table":             {`where x > 1 | project x`, []string{`[2]`}},
		"dynamic_number":            {`print d=dynamic({"a":5}) | where d.a == 5 and d.a > 4.5 | count`, []string{`[1]`}},
		"case":                      {`range x from 1 to 3 step 1 | project case(x == 1, "one", x == 2, "two", "many")`, []string{`["one"]`, `["two"]`, `["many"]`}},
		"timespan_division":         {`print 1d / 1h, datetime(2020-01-02) - datetime(2020-01-01)`, []string{`[24.0,"1.00:00:00"]`}},
		"project_away":              {`print a=1, b=2 | project-away a`, []string{`[2]`}},
		"count_of_nothing":          {`print a=1 | where a == 2 | count`, []string{`[0]`}},
		"sample":                    {`range x from 1 to 100 step 1 | sample 5 | count`, []string{`[5]`}},
		"serialize_then_filter":     {`range x from 1 to 5 step 1 | serialize n=row_number() | where n % 2 == 0 | project x`, []string{`[2]`, `[4]`}},
		"join_on_dynamic_text":      {`datatable(d:dynamic)[dynamic({"k":"a"})] | extend k=tostring(d.k) | join kind=inner (datatable(k:string,n:long)["a",1]) on k | project n`, []string{`[1]`}},
	}
	tables := Named{"T": MemoryTable([]Column{{Name: "x", Type: long}}, []Value{ofLong(1)}, []Value{ofLong(2)})}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			options := Options{Now: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC), Default: "T"}
			for _, plain := range []bool{false, true} {
				options.Plain = plain
				_, got, err := rowsOf(tt.query, tables, options)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("plain %t: rows differ (-want +got):\n%s", plain, diff)
				}
			}
		})
	}
}

func TestColumnNames(t *testing.T) {
	tests := map[string]struct{ query, want string }{
		"aggregates":        {`datatable(k:string,x:long)["a",1] | summarize count(), dcount(x), make_set(x) by k`, "k,count_,dcount_x,set_x"},
		"join_suffix":       {`print k=1, name="a" | join (print k=1, name="b") on k`, "k,name,k1,name1"},
		"unnamed":           {`print 1, 2`, "print_0,print_1"},
		"path":              {`print d=dynamic({"a":{"b":1}}) | project d.a.b`, "d_a_b"},
		"bag_unpack":        {`print d=dynamic({"a":1,"b":"x"}) | evaluate bag_unpack(d)`, "a,b"},
		"above_bag_unpack":  {`print d=dynamic({"a":1,"b":"x"}) | evaluate bag_unpack(d) | project b`, "b"},
		"expand_a_path":     {`print d=dynamic({"a":[1]}) | mv-expand d.a`, "d,d_a"},
		"several_functions": {`print x=dynamic([1,2]) | extend series_stats(x)`, "x,series_stats_x_min,series_stats_x_min_idx,series_stats_x_max,series_stats_x_max_idx,series_stats_x_avg,series_stats_x_stdev,series_stats_x_variance"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, _, err := rowsOf(tt.query, nil, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("columns %s, want %s", got, tt.want)
			}
		})
	}
}

// TestLateProblems: what is wrong behind columns that are known only when the query
// runs has its place too.
func TestLateProblems(t *testing.T) {
	const bag = "datatable(d:dynamic)[dynamic({\"size\":1})] | evaluate bag_unpack(d)\n| "
	tests := map[string]struct {
		query string
		want  []Problem // Start and End are not compared
	}{
		"bag_unpack": {bag + "project nope", []Problem{{Line: 2, Column: 11, Token: "nope", Code: "UnknownColumn", Message: `unknown column "nope"`}}},
		"suggestion": {bag + "project sise", []Problem{{
			Line: 2, Column: 11, Token: "sise", Code: "UnknownColumn", Message: `unknown column "sise"; did you mean "size"?`, Suggestion: "size",
		}}},
		"pivot": {`datatable(k:string)["a"] | evaluate pivot(k) | where b == 1`, []Problem{{
			Line: 1, Column: 54, Token: "b", Code: "UnknownColumn", Message: `unknown column "b"`,
		}}},
		"join": {bag + `join kind=inner (print size="x") on size`, []Problem{{
			Line: 2, Column: 39, Token: "size", Code: "TypeMismatch", Message: "cannot join on long and string; convert one of them before",
		}}},
		"several": {bag + "project x, size, y", []Problem{
			{Line: 2, Column: 11, Token: "x", Code: "UnknownColumn", Message: `unknown column "x"`},
			{Line: 2, Column: 20, Token: "y", Code: "UnknownColumn", Message: `unknown column "y"`},
		}},
		"in_toscalar": {`print 1, toscalar(` + bag + `project nope)`, []Problem{{Line: 2, Column: 11, Token: "nope", Code: "UnknownColumn", Message: `unknown column "nope"`}}},
		"of_toscalar": {`print "a" + ` + "\n" + `toscalar(` + bag + `project size)`, []Problem{{
			Line: 1, Column: 7, Token: "\"a\" + \ntoscalar(datatable(d:dynamic)[dynamic({\"size\":1})] | evaluate bag_unpack(d)\n| project size)",
			Code: "TypeMismatch", Message: `"+" is not defined for string and long; strcat(…) joins texts`,
		}}},
		"of_a_let": {`let x = toscalar(` + bag + `project size); print x, x =~ "a"`, []Problem{{
			Line: 2, Column: 27, Token: `x =~ "a"`, Code: "TypeMismatch", Message: `"=~" is not defined for long and string`,
		}}},
		"no_column": {`print toscalar(print d = dynamic({}) | evaluate bag_unpack(d))`, []Problem{{
			Line: 1, Column: 7, Token: "toscalar(print d = dynamic({}) | evaluate bag_unpack(d))", Code: "TypeMismatch", Message: "toscalar(): the table has no column",
		}}},
		"table_of_a_plugin": {`print ip = "1.2.3.4" | evaluate ipv4_lookup((print d = dynamic({"net":"1.2.3.0/24"}) | evaluate bag_unpack(d)), ip, nett)`, []Problem{{
			Line: 1, Column: 117, Token: "nett", Code: "UnknownColumn", Message: `unknown column "nett"`,
		}}},
		"in_a_let": {"let t = " + bag + "project nope; t | take 1", []Problem{{Line: 2, Column: 11, Token: "nope", Code: "UnknownColumn", Message: `unknown column "nope"`}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, err := rowsOf(tt.query, nil, Options{})
			wrong, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("error %v, want an *Error", err)
			}
			for i := range wrong.Problems {
				wrong.Problems[i].Start, wrong.Problems[i].End = 0, 0
			}
			if diff := cmp.Diff(tt.want, wrong.Problems); diff != "" {
				t.Errorf("problems differ (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWarnings: a query that runs, but not as some may think, says where.
func TestWarnings(t *testing.T) {
	const head = `datatable(p:dynamic, s:string)[dynamic({}), ""] | `
	tests := map[string]struct {
		query string
		want  []string // token: a part of the message
	}{
		"missing_is_not_empty":   {`where p.x == ""`, []string{`p.x == "": isempty(…)`}},
		"missing_is_not_unequal": {`where s == "a" or "" != p.x`, []string{`"" != p.x: isnotempty(…)`}},
		"in_order":               {`extend a = p.x != "" | where p.y == ""`, []string{`p.x != "": lets pass`, `p.y == "": does not find`}},
		"told_once":              {`extend a = p.x == "", b = 1 | where a`, []string{`p.x == "": isempty(…)`}},
		"a_text":                 {`where tostring(p.x) == "" and s != ""`, nil},
		"another_value":          {`where p.x == "a" and p.y != 1`, nil},
		"rows_without_order":     {`extend n = row_number()`, []string{"row_number(): without a defined order"}},
		"rows_serialized":        {`serialize n = row_number(), before = prev(s) | extend c = row_cumsum(n)`, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			q, err := Prepare(head+tt.query, Named{}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := q.Warnings()
			if len(got) != len(tt.want) {
				t.Fatalf("got %v, want %q", got, tt.want)
			}
			for i, w := range got {
				token, part, _ := strings.Cut(tt.want[i], ": ")
				if w.Line != 1 || !strings.HasPrefix(w.Token, strings.TrimSuffix(token, "()")) || !strings.Contains(w.Message, part) {
					t.Errorf("got %+v, want %s", w, tt.want[i])
				}
			}
		})
	}
}
