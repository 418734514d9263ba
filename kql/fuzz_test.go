package kql

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// FuzzRun runs whatever can be bound. A query gives rows or an error, never a
// panic, within little memory and time; the optimised plan gives as many rows
// as the one that was bound.
func FuzzRun(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add(seed)
	}
	tables := Named{"T": fuzzTable(), "U": fuzzTable()}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 {
			return
		}
		rows, err := fuzzRun(text, tables, false)
		if err != nil {
			return
		}
		plain, err := fuzzRun(text, tables, true)
		if err == nil && plain != rows && !strings.Contains(text, "rand") && !strings.Contains(text, "sample") {
			t.Errorf("%d rows optimised, %d as bound", rows, plain)
		}
	})
}

func fuzzTable() *Memory {
	columns := []Column{
		{Name: "id", Type: data.String},
		{Name: "n", Type: data.Long},
		{Name: "r", Type: data.Real},
		{Name: "d", Type: data.Dynamic},
		{Name: "t", Type: data.DateTime},
		{Name: "b", Type: data.Bool},
	}
	row := func(id string, n int64, d string) []Value {
		return []Value{data.OfString(id), data.OfLong(n), data.OfReal(float64(n) / 2), data.OfNode(data.RawJSON(d)), data.OfDateTime(6e17 + n*1e9), data.OfBool(n%2 == 0)}
	}
	return MemoryTable(columns,
		row("a", 1, `{"p":{"q":1},"l":[1,2]}`), row("b", 2, `[]`), row("", -3, `null`), row("A b", 1<<40, `"x"`),
		[]Value{data.OfString("z"), data.Null(data.Long), data.Null(data.Real), data.Null(data.Dynamic), data.Null(data.DateTime), data.Null(data.Bool)})
}

func fuzzRun(text string, tables Tables, plain bool) (rows int, err error) {
	defer func(begin time.Time) {
		if took := time.Since(begin); took > 10*time.Second {
			panic(fmt.Sprintf("took %s; the context ends after 2 s", took))
		}
	}(time.Now())
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	q, err := Prepare(text, tables, Options{Plain: plain, MaxMemory: 64 << 20, MaxRows: 100_000, Default: "T"})
	if err != nil {
		return 0, err
	}
	for b, err := range q.Run(ctx).Batches() {
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			return 0, err
		case err != nil && strings.Contains(err.Error(), "internal error"):
			panic(err.Error())
		case err != nil:
			return 0, err
		}
		rows += b.Len
	}
	return rows, nil
}

var fuzzSeeds = []string{
	`T | where n > 1 and id has "a" | project id, n`,
	`T | summarize count(), sum(n), make_list(id), arg_max(n, *) by b, bin(r, 1) | sort by count_ desc`,
	`T | join kind=leftouter (U | where n < 5) on id | extend x = n + n1 | top 3 by x`,
	`T | mv-expand d to typeof(long) limit 3 | extend y = d * 2`,
	`T | mv-apply x = d.l on (summarize s = sum(tolong(x))) | project id, s`,
	`T | extend a = split(id, "b"), c = extract("(.)", 1, id), e = replace_string(id, "a", "b")`,
	`T | parse id with * "a" x:long * | parse-where id with "a" y`,
	`let m = toscalar(T | summarize max(n)); T | where n == m | union (U | take 2)`,
	`T | sort by n asc | serialize p = prev(n), q = next(n, 2, 0), s = row_cumsum(n, b), k = row_number()`,
	`T | make-series avg(r) default=0 on t from datetime(1901-01-01) to datetime(1903-01-01) step 30d by b`,
	`T | top-nested 2 of id with others="x" by sum(n), top-nested of b by max(r)`,
	`range x from 1 to 10 step 3 | extend y = case(x > 3, "a", x < 2, "b", "c"), z = format_timespan(1h * x, "hh:mm")`,
	`print a = dynamic({"x":[1,{"y":null}]}) | extend b = a.x[1].y, c = a["x"][-1], d = bag_keys(a)`,
	`T | evaluate bag_unpack(d) | take 3`,
	`T | evaluate pivot(id, sum(n))`,
	`T | scan declare (s:long=0) with (step a: true => s = n + a.s; step c output=last: n > a.n;)`,
	`T | partition by id (top 1 by n) | distinct id, b | count`,
	`T | where t between (datetime(1902-01-01) .. 30d) or d.p.q in (1, 2) or id matches regex "^a"`,
	`T | reduce by id with threshold=0.3 | lookup (U | project id) on $left.Pattern == $right.id`,
	`T | make-graph id --> id with U on id | graph-match (a)-[e*1..2]->(b) where a.n > 1 project a.id, b.id`,
	`T | search "a" | getschema`,
	`T | parse-kv id as (a:long, b:string) with (pair_delimiter=" ", kv_delimiter="=")`,
	`let f = (x:long) { x * 2 }; T | extend y = f(n) % 7, z = -n, w = 1.0 / n, v = n / 0`,
	`T | summarize percentiles(r, 5, 95), dcount(id), stdev(n), make_bag(d), take_any(id), countif(b)`,
	`T | extend series_stats(d.l), x = range(1, 5, 2), s = series_fit_line(dynamic([1,2,4]))`,
	`print d = decimal(1.5) * 3, g = guid(74be27de-1e4e-49d9-b579-fe0b331d3642), t = datetime(2020-02-29) + 365d, i = int(7) / 2`,
	`T | join kind=fullouter U on $left.n == $right.n, id | where id1 != "" | project-away *1`,
	`| where strlen(tostring(d)) > 3 | extend h = hash(id), s = strcat_array(d.l, ","), u = parse_url("http://a/b?c=d")`,
}
