package kql

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// unionOf is one of n tables, each with a column of its own.
func unionOf(n int) string {
	var b strings.Builder
	b.WriteString("union ")
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "(print a%d=1)", i)
	}
	return b.String()
}

// longTexts are queries whose text alone is much.
var longTexts = map[string]string{
	"union":     unionOf(1000),
	"in":        "print 1 in (0" + strings.Repeat(",1", 20_000) + ")",
	"datatable": "datatable(x:long)[0" + strings.Repeat(",1", 40_000) + "]",
	"literal":   `print x="` + strings.Repeat("a", 3_000_000) + `"`,
	"dynamic":   "print dynamic([0" + strings.Repeat(",1", 20_000) + "])",
	"columns":   "print x=1 | extend " + manyItems(20_000),
	"steps":     "print x=1" + manySteps(500),
	"folded":    "print x=1" + strings.Repeat(`, strrep(strrep("a", 1000), 1000)`, 10),
}

func manyItems(n int) string {
	items := make([]string, n)
	for i := range items {
		items[i] = "a" + strconv.Itoa(i) + "=0"
	}
	return strings.Join(items, ",")
}

func manySteps(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " | extend a%d=0", i)
	}
	return b.String()
}

// TestTextsCountTowardsMemory: what a query says is held while it runs.
func TestTextsCountTowardsMemory(t *testing.T) {
	for name, text := range longTexts {
		_, err := Prepare(text, nil, Options{MaxMemory: 2e6})
		if name == "union" { // wide when it runs, not before
			if err != nil {
				t.Errorf("%s: error %.200v", name, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), "takes more than 2 MB in memory") {
			t.Errorf("%s: error %.200v, want one about the memory", name, err)
		}
		if _, err := Prepare(text, nil, Options{}); err != nil {
			t.Errorf("%s: error %.200v without a cap of its own", name, err)
		}
	}
}

// TestRunsHoldTheirText: a run begins with what its plan holds.
func TestRunsHoldTheirText(t *testing.T) {
	q, err := Prepare("datatable(x:long)[0"+strings.Repeat(",1", 9_999)+"] | summarize count() by x", nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := q.Run(t.Context())
	for _, err := range r.Batches() {
		if err != nil {
			t.Fatal(err)
		}
	}
	if r.Peak() < 80_000 {
		t.Errorf("peak %d, want the 80000 bytes of the table at least", r.Peak())
	}
}

// A patient context ends once it was asked so often.
type patient struct {
	context.Context
	left atomic.Int64
}

func (c *patient) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

func askedFor(t *testing.T, text string, o Options) int64 {
	t.Helper()
	ctx := &patient{Context: t.Context()}
	const many = 1 << 40
	ctx.left.Store(many)
	if _, err := PrepareContext(ctx, text, nil, o); err != nil {
		t.Fatalf("%.40s: %.200v", text, err)
	}
	return many - ctx.left.Load()
}

// TestPreparingEndsWithTheContext: wherever the context ends, so does the work.
func TestPreparingEndsWithTheContext(t *testing.T) {
	for name, text := range longTexts {
		if name == "literal" || name == "folded" { // few tokens
			text += strings.Repeat(" | where x == 'a'", 500)
		}
		asked := askedFor(t, text, Options{})
		if asked < 10 {
			t.Errorf("%s: the context is asked %d times, want 10 at least", name, asked)
		}
		for _, after := range []int64{0, asked / 2, asked - 1} {
			ctx := &patient{Context: t.Context()}
			ctx.left.Store(after)
			if _, err := PrepareContext(ctx, text, nil, Options{}); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: error %.200v once it was asked %d times of %d, want the context's", name, err, after, asked)
			}
		}
	}
}

// TestAllOfPreparingAsks: reading, binding and rewriting each ask.
func TestAllOfPreparingAsks(t *testing.T) {
	text := longTexts["steps"]
	bound, all := askedFor(t, text, Options{Plain: true}), askedFor(t, text, Options{})
	if all < bound+5 {
		t.Errorf("asked %d times with rewriting, %d without; want 5 more", all, bound)
	}
}

// TestUnionsCostTheirLegs: the cost of a union does not grow with the square of
// its legs, though the columns of its result do.
func TestUnionsCostTheirLegs(t *testing.T) {
	for _, rest := range []string{"", " | where a1 == 1", " | take 5", " | count"} {
		once, twice := bytesToPrepare(t, unionOf(500)+rest), bytesToPrepare(t, unionOf(1000)+rest)
		if twice > 3*once {
			t.Errorf("%s: %d bytes are made for 500 legs, %d for 1000", rest, once, twice)
		}
	}
}

func bytesToPrepare(t *testing.T, text string) uint64 {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Prepare(text, nil, Options{}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
