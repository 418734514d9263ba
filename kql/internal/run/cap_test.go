package run_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bartizan-dev/bartizan/kql"
)

// count reads a query's rows under a cap of memory.
func count(ctx context.Context, t *testing.T, text string, memory int64) (rows int, err error) {
	t.Helper()
	q, err := kql.Prepare(text, nil, kql.Options{MaxMemory: memory, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	for b, err := range q.Run(ctx).Batches() {
		if err != nil {
			return rows, err
		}
		rows += b.Len
	}
	return rows, nil
}

// TestMemoryHasACap: the error names the step, and the limit as it was given.
func TestMemoryHasACap(t *testing.T) {
	for name, c := range map[string]struct{ text, step string }{
		"pivot":                    {`range i from 1 to 9000 step 1 | extend s=strcat("k",i) | evaluate pivot(s)`, "evaluate pivot"},
		"unpacked":                 {`range i from 1 to 9000 step 1 | project b=bag_pack(strcat("k",i), i) | evaluate bag_unpack(b)`, "evaluate bag_unpack"},
		"narrow":                   {`range i from 1 to 900000 step 1 | extend a=i, b=i, c=i | project-away i | evaluate narrow()`, "evaluate narrow"},
		"make-series":              {`range i from 1 to 20000 step 1 | make-series count() on i from 1 to 20000 step 1 by k=i`, "make-series"},
		"top-nested":               {`range i from 1 to 150000 step 1 | top-nested of i by count(), top-nested of tostring(i) by count()`, "top-nested"},
		"keys of sort":             {`range i from 1 to 300000 step 1 | sort by tostring(i)`, "sort"},
		"keys of top":              {`range i from 1 to 300000 step 1 | top 300000 by tostring(i)`, "top"},
		"set of in":                {`range i from 1 to 10 step 1 | where i in ((range y from 1 to 300000 step 1))`, "in"},
		"nodes":                    {`range i from 1 to 300000 step 1 | make-graph i --> i with_node_id=n | graph-to-table nodes`, "graph-to-table"},
		"components":               {`range i from 1 to 150000 step 1 | make-graph i --> i with_node_id=n | graph-mark-components | graph-to-table nodes`, "graph-to-table"},
		"nodes kept":               {`range i from 1 to 150000 step 1 | make-graph i --> i with_node_id=n | graph-where-nodes n > 5 | graph-to-table nodes`, "graph-to-table"},
		"partition":                {`range i from 1 to 400000 step 1 | partition by i (take 1) | count`, "partition"},
		"autocluster":              {`range i from 1 to 300000 step 1 | evaluate autocluster()`, "evaluate autocluster"},
		"funnel":                   {`range i from 1 to 200000 step 1 | evaluate funnel_sequence(i, i, 0, 300000, 1, 1, i, dynamic(["1"]))`, "evaluate funnel_sequence"},
		"top":                      {`range i from 1 to 9000000 step 1 | top 8000000 by i desc`, "top"},
		"make_list(s)":             {`range i from 1 to 1000000 step 1 | extend s=strcat(strrep("abcdefgh", 64), i), d=pack_array(strrep("abcdefgh", 64), i) | summarize make_list(s)`, "summarize"},
		"make_set(s)":              {`range i from 1 to 1000000 step 1 | extend s=strcat(strrep("abcdefgh", 64), i), d=pack_array(strrep("abcdefgh", 64), i) | summarize make_set(s)`, "summarize"},
		"make_bag(bag_pack(s, i))": {`range i from 1 to 1000000 step 1 | extend s=strcat(strrep("abcdefgh", 64), i), d=pack_array(strrep("abcdefgh", 64), i) | summarize make_bag(bag_pack(s, i))`, "summarize"},
		"dcount(s)":                {`range i from 1 to 1000000 step 1 | extend s=strcat(strrep("abcdefgh", 64), i), d=pack_array(strrep("abcdefgh", 64), i) | summarize dcount(s)`, "summarize"},
		"count_distinct(s)":        {`range i from 1 to 1000000 step 1 | extend s=strcat(strrep("abcdefgh", 64), i), d=pack_array(strrep("abcdefgh", 64), i) | summarize count_distinct(s)`, "summarize"},
		"arg_max(i, s)":            {`range i from 1 to 1000000 step 1 | extend s=strcat(strrep("abcdefgh", 64), i), d=pack_array(strrep("abcdefgh", 64), i) | summarize arg_max(i, s) by i`, "summarize"},
		"take_any(s)":              {`range i from 1 to 1000000 step 1 | extend s=strcat(strrep("abcdefgh", 64), i), d=pack_array(strrep("abcdefgh", 64), i) | summarize take_any(s) by i`, "summarize"},
		"max(s)":                   {`range i from 1 to 1000000 step 1 | extend s=strcat(strrep("abcdefgh", 64), i), d=pack_array(strrep("abcdefgh", 64), i) | summarize max(s) by i`, "summarize"},
		"make_list(i)":             {`range i from 1 to 1000000 step 1 | extend s=strcat(strrep("abcdefgh", 64), i), d=pack_array(strrep("abcdefgh", 64), i) | summarize make_list(i)`, "summarize"},
		"make_list(d)":             {`range i from 1 to 1000000 step 1 | extend s=strcat(strrep("abcdefgh", 64), i), d=pack_array(strrep("abcdefgh", 64), i) | summarize make_list(d)`, "summarize"},
		"dcount(d)":                {`range i from 1 to 1000000 step 1 | extend s=strcat(strrep("abcdefgh", 64), i), d=pack_array(strrep("abcdefgh", 64), i) | summarize dcount(d)`, "summarize"},
		"make_list_if(s, i > 0)":   {`range i from 1 to 1000000 step 1 | extend s=strcat(strrep("abcdefgh", 64), i), d=pack_array(strrep("abcdefgh", 64), i) | summarize make_list_if(s, i > 0)`, "summarize"},
		"series of lists":          {`range i from 1 to 1000000 step 1 | make-series make_list(strcat(strrep("abcdefgh", 64), i)) on i step 10`, "make-series"},
		"list of series":           {`range i from 1 to 4000 step 1 | summarize make_list(range(i, 10000+i, 1))`, "summarize"},
		"sort's own room":          {`range i from 1 to 800000 step 1 | sort by i desc`, "sort"},
		"tables of groups":         {`range i from 1 to 350000 step 1 | summarize by s=strcat("k", i)`, "distinct"},
		"sort":                     {`range i from 1 to 9000000 step 1 | sort by i desc`, "sort"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := count(t.Context(), t, c.text, 20e6)
			want := c.step + ": the query holds more than 20 MB in memory"
			if err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("error %.200v, want %s", err, want)
			}
		})
	}
}

// TestTopNestedCountsBeforeItMakes: groups are refused, not made first.
func TestTopNestedCountsBeforeItMakes(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := count(t.Context(), t, `range i from 1 to 300000 step 1 | top-nested 5 of tostring(i) by sum(i)`, 20e6)
	runtime.ReadMemStats(&after)
	if err == nil || !strings.HasPrefix(err.Error(), "top-nested: the query holds more than 20 MB") {
		t.Errorf("error %.200v, want one about the memory", err)
	}
	if made := (after.TotalAlloc - before.TotalAlloc) / 1e6; made > 90 {
		t.Errorf("made %d MB in all, want little more than the 20 that it may hold", made)
	}
}

// TestFunctionsAskBeforeTheyMake: what does not fit is refused, not made first.
func TestFunctionsAskBeforeTheyMake(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	const text = `print n=1+rand(), s=strcat(strrep(strrep("a,", 1000), 500), rand()) | `
	for name, query := range map[string]string{
		"strcat":          `print s=strcat(strrep(strrep("a", 1000), 1000), rand()) | extend s=strcat(s, s, s, s, s, s, s, s) | extend s=strcat(s, s, s, s, s, s, s, s) | extend s=strcat(s, s, s, s, s, s, s, s)`,
		"strcat_delim":    text + `project strcat_delim(s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s)`,
		"strcat_array":    text + `project strcat_array(repeat("a", 1000), s)`,
		"strrep":          text + `project strrep(s, 60)`,
		"replace_string":  text + `project replace_string(s, "a", "0123456789012345678901234567890123456789")`,
		"of constants":    `print n=1+rand(), s=strrep(strrep("a", 1000), 1000) | project replace_string(strcat("a", n), "1", strcat(s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s))`,
		"replace_regex":   text + `project replace_regex(s, "a|b", "0123456789012345678901234567890123456789")`,
		"replace_strings": text + `project replace_strings(s, dynamic(["a"]), dynamic(["0123456789"]))`,
		"split":           text + `project split(s, ",")`,
		"extract_all":     text + `project extract_all("(a)", s)`,
		"countof":         text + `project countof(s, "a|,", "regex")`,
		"parse_csv":       text + `project parse_csv(s)`,
		"parse_json":      text + `project array_length(parse_json(strcat("[", replace_string(s, "a", "1"), "]")))`,
		"parse_urlquery":  text + `project parse_urlquery(replace_string(s, ",", "&"))`,
		"code points":     text + `project unicode_codepoints_from_string(s)`,
		"bytes":           text + `project base64_decode_toarray(base64_encode_tostring(s))`,
		"range":           text + `project range(1, tolong(900000*n), 1)`,
		"repeat":          text + `project repeat("a", tolong(900000*n))`,
		"array_concat":    text + `extend a=range(1, tolong(30000*n), 1) | project array_concat(a, a, a, a, a, a, a, a, a, a, a, a, a, a)`,
		"zip":             text + `extend a=range(1, tolong(100000*n), 1) | project zip(a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a)`,
		"make_string":     text + `extend a=repeat(128512, tolong(200000*n)) | project make_string(a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a)`,
		"gzip":            text + `extend z=gzip_compress_to_base64_string(replace_string(s, "a", "b")) | project strlen(gzip_decompress_from_base64_string(z)), strlen(strcat(s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s))`,
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := count(t.Context(), t, query, 20e6)
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), "at most ") {
				t.Errorf("error %.200v, want one about what a function makes", err)
			}
			if made := (after.TotalAlloc - before.TotalAlloc) / 1e6; made > 90 {
				t.Errorf("made %d MB in all, want little more than the 20 that it may hold", made)
			}
		})
	}
}

// TestColumnsAreMadeInPieces: rows with large values come few at a time, and one
// by one where each is a large part of what may be held.
func TestColumnsAreMadeInPieces(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	const limit = 20e6
	for text, most := range map[string]int{
		`range x from 1 to 600 step 1 | extend s=strcat(strrep(strrep("a", 100), 1000), x) | project s`:                                                                                          limit / 16,
		`range x from 1 to 6000 step 1 | extend s=strcat(strrep(strrep("a", 100), 100), x) | project s=tostring(pack_array(s, s))`:                                                               limit / 16,
		`range x from 1 to 20000 step 1 | extend s=strcat(strrep("a", 1000), x) | project s, t=strcat(s, s), u=strcat(s, s, s), v=toupper(s)`:                                                    limit / 16,
		`range x from 1 to 12000 step 1 | project s=strrep(strcat(strrep("b", 1000), strrep("b", 999), x), iff(x % 4000 == 0, 1000, 0))`:                                                         limit / 2,
		`range x from 1 to 12000 step 1 | project s=strrep("a", iff(x % 4000 == 0, 1000, 0)) | project s=replace_string(s, "a", strrep("b", 1024)), t=replace_string(s, "a", strrep("c", 1024))`: limit / 2,
	} {
		q, err := kql.Prepare(text, nil, kql.Options{MaxMemory: limit, Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		for b, err := range q.Run(t.Context()).Batches() {
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			bytes := 0
			for _, v := range b.Columns {
				for _, text := range v.Texts {
					bytes += len(text)
				}
			}
			if bytes > most {
				t.Errorf("%s: a batch of %d rows with %d bytes; want at most %d", text, b.Len, bytes, most)
			}
		}
	}
}

// TestHeavyRowsKeepTheirPlace: rows that the workers leave for later are neither
// lost nor moved.
func TestHeavyRowsKeepTheirPlace(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	const heavy = `range x from 1 to 50000 step 1 | extend s=strrep(strcat(strrep("b", 1000), strrep("b", 999), x), iff(x % 4500 == 0, 1000, 0)) | `
	for _, text := range []string{
		heavy + `project x, n=strlen(s)`,
		heavy + `project x, n=strlen(strcat(s, "c")) | where n > 1 or x % 2 == 0`,
		heavy + `summarize sum(strlen(s)), count() by x % 7`,
		heavy + `summarize sum(strlen(strcat(s, "c"))), count() by strlen(s)`,
	} {
		want, err := printedRows(t, text, -1)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := printedRows(t, text, 20e6); err != nil || got != want {
			t.Errorf("%s: error %v, or other rows under a cap than without", text, err)
		}
	}
}

func printedRows(t *testing.T, text string, memory int64) (string, error) {
	q, err := kql.Prepare(text, nil, kql.Options{MaxMemory: memory, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for row, err := range q.Run(t.Context()).Rows() {
		if err != nil {
			return "", err
		}
		fmt.Fprintln(&out, row)
	}
	return out.String(), nil
}

func TestColumnsOfPlugInsAreBounded(t *testing.T) {
	for _, text := range []string{
		`range i from 1 to 200000 step 1 | extend s=strcat("k",i) | evaluate pivot(s) | count`,
		`range i from 1 to 20000 step 1 | project b=bag_pack(strcat("k",i), i) | evaluate bag_unpack(b) | count`,
	} {
		_, err := count(t.Context(), t, text, 0)
		if err == nil || !strings.Contains(err.Error(), "columns; want at most 10000") {
			t.Errorf("%s: error %.200v, want one about the columns", text, err)
		}
	}
}

// TestRunsEndWhenTheyAreCancelled asks of queries that would run for minutes.
func TestRunsEndWhenTheyAreCancelled(t *testing.T) {
	for name, text := range map[string]string{
		"pivot":       `range i from 1 to 8000000 step 1 | extend s=strcat("k", i % 9000) | evaluate pivot(s)`,
		"expanded":    `range x from 1 to 5 step 1 | mv-expand y=range(1,1000000,1) | mv-expand z=range(1,1000,1) | count`,
		"applied":     `range x from 1 to 5 step 1 | mv-expand y=range(1,1000000,1) | mv-apply z=range(1,1000,1) on (where z > 5) | count`,
		"subquery":    `range x from 1 to 5 step 1 | mv-expand y=range(1,1000000,1) | mv-apply z=range(1,1000,1) on (top 1 by tolong(z)) | count`,
		"make-series": `range i from 1 to 20000 step 1 | make-series count() on i from 1 to 200000 step 1 by k=i`,
		"series":      `range x from 1 to 100 step 1 | extend d=range(x,500000+x,1) | extend y=series_fft(d) | where isnull(y)`,
		"join":        `range x from 1 to 2000000 step 1 | extend k=1 | join kind=inner (range y from 1 to 100000 step 1 | extend k=1) on k | count`,
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			if _, err := count(ctx, t, text, -1); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error %.200v, want the context's", err)
			}
		})
	}
}

// A patient context is cancelled once it was asked so often.
type patient struct {
	context.Context
	asks atomic.Int64
}

func (p *patient) Err() error {
	if p.asks.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// TestCallsEndWhenTheyAreCancelled: one step for one row, or one table, asks in
// between, more often than all that is around it.
func TestCallsEndWhenTheyAreCancelled(t *testing.T) {
	const (
		as   = `print s=strcat(strrep(strrep("a", 1000), 300), rand()), p=strcat(strrep(strrep("a", 1000), 100), "b") | `
		abs  = `print s=strcat(strrep(strrep("ab", 1000), 20), rand()) | `
		ring = `print n=tolong(2000+rand()) | extend x=series_divide(range(1, n, 1), 100) | extend p=zip(x, x) | `
	)
	for name, text := range map[string]string{
		"matches regex":      `print s=strcat(strrep(strrep("ab", 1000), 1000), rand()) | where s matches regex "x{999}[yz]"`,
		"pattern of the row": `print s=strcat(strrep(strrep("ab", 1000), 1000), rand()), p=strcat("x{999}[yz]", rand()) | where s matches regex p`,
		"contains":           as + `where s contains p`,
		"has":                as + `where s has p`,
		"hassuffix":          as + `where s hassuffix p`,
		"has_any":            as + `where s has_any (p, "x")`,
		"has_any_index":      as + `project has_any_index(s, pack_array(p))`,
		"extract":            `print s=strcat(strrep(strrep("ab", 1000), 1000), rand()) | project extract("x{999}[yz]", 0, s)`,
		"trim":               `print s=strcat(strrep(strrep("ab", 1000), 1000), rand()) | project trim_end("x{999}[yz]", s)`,
		"parse":              `print s=strcat(strrep(strrep("ab", 1000), 1000), rand()) | parse kind=regex s with * "x{999}[yz]" y`,
		"extract_all":        abs + `project extract_all("(a.*c|b)", s)`,
		"countof":            abs + `project countof(s, "a.*c|b", "regex")`,
		"countof, a text":    as + `project countof(s, strrep("a", 1000))`,
		"indexof_regex":      abs + `project indexof_regex(s, "a.*c|b", 0, -1, 19000)`,
		"indexof":            as + `project indexof(s, strrep("a", 1000), 0, -1, 200000)`,
		"replace_regex":      abs + `project replace_regex(s, "a.*c|b", "x")`,
		"looks back":         abs + `project replace_regex(s, "a.*c|\\Bb", "x")`,
		"parse-kv":           abs + `parse-kv s as (k:string) with (regex=@"(a.*c|b)(a)")`,
		"replace_strings":    `print s=strcat(strrep(strrep("a", 1000), 100), rand()), n=100+rand() | extend k=range(1, n, 1) | project replace_strings(s, k, k)`,
		"bag_remove_keys":    `range i from 1 to 2000 step 1 | summarize b=make_bag(bag_pack(tostring(i), i)), k=make_list(strcat("k", i)) | project bag_remove_keys(b, k)`,
		"array_sort_asc":     `print d=range(1, 200000+rand(), 1) | project array_sort_desc(d)`,
		"series_fir":         `print d=range(1, 10000+rand(), 1) | project series_fir(d, range(1, 1000, 1))`,
		"series_iir":         `print d=range(1, 10000+rand(), 1) | project series_iir(d, range(1, 1000, 1), range(1, 1000, 1))`,
		"lines":              ring + `project geo_intersects_2lines(bag_pack("type", "LineString", "coordinates", p), bag_pack("type", "LineString", "coordinates", zip(x, series_add(x, 10))))`,
		"ring":               ring + `project geo_polygon_area(bag_pack("type", "Polygon", "coordinates", pack_array(array_concat(p, pack_array(p[0])))))`,
	} {
		t.Run(name, func(t *testing.T) {
			ctx := &patient{Context: t.Context()}
			ctx.asks.Store(30)
			if _, err := count(ctx, t, text, -1); !errors.Is(err, context.Canceled) {
				t.Errorf("error %.200v, want the context's; it could be asked %d times more", err, ctx.asks.Load())
			}
		})
	}
}

// TestPiecesAreSmall: what a batch would hold at once is made in pieces.
func TestPiecesAreSmall(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	for text, want := range map[string]int{
		`range x from 1 to 5 step 1 | mv-expand y=range(1,50000,1) | mv-expand z=range(1,3,1) | count`:                                                 1,
		`range x from 1 to 100 step 1 | extend d=range(x,20000+x,1) | extend y=series_add(d, d) | where isnotnull(y) | project x`:                      100,
		`range x from 1 to 6000 step 1 | extend s=strrep("abcdefgh", 1000) | extend s=strcat(s, x) | where s endswith tostring(x) | project x`:         6000,
		`range x from 1 to 100 step 1 | mv-apply y=range(1,20000,1) on (summarize n=count()) | where n == 20000`:                                       100,
		`range x from 1 to 20000 step 1 | extend s=strcat("k", x) | scan declare (n:long=0) with (step a: true => n = a.n + 1;) | where n > 100`:       19900,
		`datatable(s:string, d:string)["a","b", "b","a"] | make-graph s --> d with_node_id=n | graph-match cycles=all (x)-[e*1..900]->(y) project w=e`: 1800,
	} {
		rows, err := count(t.Context(), t, text, 64e6)
		if err != nil || rows != want {
			t.Errorf("%s: %d rows, error %.200v; want %d", text, rows, err, want)
		}
	}
}
