package kql_test

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/kql"
	"github.com/bartizan-dev/bartizan/kql/conformance"
	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// FuzzQuery runs whatever can be bound. A query gives rows or an error, never a
// panic, within little memory and time; it ends when it is cancelled, with all
// its goroutines; and the optimised plan gives as many rows as the bound one.
// Edits change the text token by token, so that more of it can be bound.
func FuzzQuery(f *testing.F) {
	tables := fuzzTables(f)
	texts := append(fuzzSeeds, conformanceQueries(f)...)
	words := fuzzWords(texts)
	for i, text := range texts {
		f.Add(text, []byte(nil))
		f.Add(text, []byte{byte(i), byte(i >> 2), byte(i >> 5), byte(7 * i), byte(i >> 3), byte(11 * i)})
	}
	f.Fuzz(func(t *testing.T, text string, edits []byte) {
		if text = edited(text, edits, words); len(text) > 2000 {
			return
		}
		rows, err := fuzzRun(t, text, tables, kql.Options{}, 0)
		if err != nil {
			return
		}
		plain, err := fuzzRun(t, text, tables, kql.Options{Plain: true}, 0)
		if err == nil && plain != rows && !strings.Contains(text, "rand") && !strings.Contains(text, "sample") {
			t.Errorf("%q: %d rows optimised, %d as bound", text, rows, plain)
		}
		if _, err := fuzzRun(t, text, tables, kql.Options{Workers: 3}, 1); err != nil && !errors.Is(err, context.Canceled) {
			return
		}
	})
}

// fuzzRun counts the rows of a query. It is cancelled after so many batches; 0: never.
func fuzzRun(t *testing.T, text string, tables kql.Tables, options kql.Options, batches int) (rows int, err error) {
	begin, running := time.Now(), runtime.NumGoroutine()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	options.MaxMemory, options.MaxRows, options.Default, options.Now = 64<<20, 100_000, "T", conformance.Now
	q, err := kql.Prepare(text, tables, options)
	if err == nil {
		for b, failed := range q.Run(ctx).Batches() {
			if err = failed; err != nil {
				break
			}
			rows += b.Len
			if batches--; batches == 0 {
				cancel()
			}
		}
	}
	if bug, ok := errors.AsType[*kql.Bug](err); ok {
		t.Errorf("%v\n%s", bug, bug.Stack)
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("%q took %s; its context ends after 2 s", text, took)
	}
	allEnded(t, text, running)
	return rows, err
}

// allEnded waits a moment for goroutines that are about to end, and names those
// of a run that do not. Others are the test's own.
func allEnded(t *testing.T, text string, running int) {
	t.Helper()
	for range 1000 {
		if runtime.NumGoroutine() <= running {
			return
		}
		runtime.Gosched()
	}
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	if bytes.Contains(stacks, []byte("kql/internal/run.")) {
		t.Errorf("%q goes on:\n%s", text, stacks)
	}
}

func conformanceQueries(f *testing.F) (texts []string) {
	f.Helper()
	subjects, err := conformance.Subjects(conformance.Order...)
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range subjects {
		for _, e := range s.Entries {
			for _, c := range e.Cases {
				texts = append(texts, c.Query)
			}
		}
	}
	return texts
}

// fuzzWords are all tokens of the texts, each once.
func fuzzWords(texts []string) (words []string) {
	seen := map[string]bool{}
	for _, text := range texts {
		for _, token := range syntax.Tokens(text) {
			word := text[token.Span.Start:token.Span.End]
			if !seen[word] {
				seen[word] = true
				words = append(words, word)
			}
		}
	}
	return words
}

// edited changes a text by edits of three bytes: what to do, at which token,
// with which word.
func edited(text string, edits []byte, words []string) string {
	for n := 0; len(edits) >= 3 && n < 6; n, edits = n+1, edits[3:] {
		tokens := syntax.Tokens(text)
		if len(tokens) == 0 {
			return text
		}
		span := tokens[int(edits[1])%len(tokens)].Span
		word := words[(int(edits[2])*int(edits[0]|1)*37)%len(words)]
		before, token, after := text[:span.Start], text[span.Start:span.End], text[span.End:]
		switch edits[0] % 4 {
		case 0:
			text = before + word + after
		case 1:
			text = before + after
		case 2:
			text = before + token + " " + word + after
		case 3:
			other := tokens[int(edits[2])%len(tokens)].Span
			text = before + text[other.Start:other.End] + after
		}
	}
	return text
}

func fuzzTables(f *testing.F) kql.Named {
	f.Helper()
	tables, err := conformance.Tables()
	if err != nil {
		f.Fatal(err)
	}
	tables["T"], tables["U"] = fuzzTable(), fuzzTable()
	return tables
}

func fuzzTable() *kql.Memory {
	columns := []kql.Column{
		{Name: "id", Type: data.String},
		{Name: "n", Type: data.Long},
		{Name: "r", Type: data.Real},
		{Name: "d", Type: data.Dynamic},
		{Name: "t", Type: data.DateTime},
		{Name: "b", Type: data.Bool},
	}
	row := func(id string, n int64, d string) []kql.Value {
		return []kql.Value{data.OfString(id), data.OfLong(n), data.OfReal(float64(n) / 2), data.OfNode(data.RawJSON(d)), data.OfDateTime(6e17 + n*1e9), data.OfBool(n%2 == 0)}
	}
	return kql.MemoryTable(columns,
		row("a", 1, `{"p":{"q":1},"l":[1,2]}`), row("b", 2, `[]`), row("", -3, `null`), row("A b", 1<<40, `"x"`),
		[]kql.Value{data.OfString("z"), data.Null(data.Long), data.Null(data.Real), data.Null(data.Dynamic), data.Null(data.DateTime), data.Null(data.Bool)})
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
	`let m = toscalar(T | evaluate bag_unpack(d) | project p); T | where n > m | as X; X | union (T | evaluate pivot(id)) | where n in ((X | evaluate bag_unpack(d) | project x))`,
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
