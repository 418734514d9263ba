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
		"pivot":    {`range i from 1 to 9000 step 1 | extend s=strcat("k",i) | evaluate pivot(s)`, "evaluate pivot"},
		"unpacked": {`range i from 1 to 9000 step 1 | project b=bag_pack(strcat("k",i), i) | evaluate bag_unpack(b)`, "evaluate bag_unpack"},
		"narrow":   {`range i from 1 to 900000 step 1 | extend a=i, b=i, c=i | project-away i | evaluate narrow()`, "evaluate narrow"},
		"sort":     {`range i from 1 to 9000000 step 1 | sort by i desc`, "sort"},
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
		"pivot": `range i from 1 to 8000000 step 1 | extend s=strcat("k", i % 9000) | evaluate pivot(s)`,
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
