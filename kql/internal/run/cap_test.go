package run_test

import (
	"context"
	"errors"
	"strings"
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
