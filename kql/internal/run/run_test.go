package run

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// table makes a table of one batch for every few rows.
func table(types []data.Type, rows [][]data.Value, perBatch int) *memory {
	m := &memory{columns: columnsOf(types...)}
	for chunk := range slices.Chunk(rows, perBatch) {
		b := &data.Batch{Len: len(chunk)}
		for i, t := range types {
			v := data.NewVector(t, len(chunk))
			for r, row := range chunk {
				v.Put(r, row[i])
			}
			b.Columns = append(b.Columns, v)
		}
		m.batches = append(m.batches, b)
	}
	return m
}

// resultRows runs a plan and prints its rows.
func resultRows(root plan.Node, l Limits) ([]string, error) {
	var rows []string
	for b, err := range Run(context.Background(), &plan.Plan{Root: root}, World{}, l, nil) {
		if err != nil {
			return rows, err
		}
		for i := range b.Len {
			var cells []string
			for _, v := range b.Columns {
				cells = append(cells, cell(v.Value(i)))
			}
			rows = append(rows, strings.Join(cells, "|"))
		}
	}
	return rows, nil
}

func cell(v data.Value) string {
	if v.IsNull() {
		return "null"
	}
	return v.String()
}

func mustRows(t rapid.TB, root plan.Node, l Limits) []string {
	t.Helper()
	rows, err := resultRows(root, l)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// counted counts the batches that a scan gives.
type counted struct {
	*memory
	given int
}

func (c *counted) Scan(ctx context.Context, want plan.Request) iter.Seq2[*data.Batch, error] {
	return func(yield func(*data.Batch, error) bool) {
		for b, err := range c.memory.Scan(ctx, want) {
			c.given++
			if !yield(b, err) {
				return
			}
		}
	}
}

func TestTakeStopsTheScan(t *testing.T) {
	source := &counted{memory: generated(400_000)}
	s := scan(source.memory)
	s.Source = source
	f := bigger(s)
	n := &plan.Take{Base: plan.Base{Cols: f.Cols, From: []plan.Node{f}}, Rows: &plan.Const{Value: data.OfLong(100)}}
	if rows := mustRows(t, n, Limits{}); len(rows) != 100 {
		t.Errorf("%d rows, want 100", len(rows))
	}
	if source.given > 2 {
		t.Errorf("%d batches read for 100 rows", source.given)
	}
}

func TestReaderMayStop(t *testing.T) {
	f := bigger(scan(generated(400_000)))
	for range Run(t.Context(), &plan.Plan{Root: f}, World{}, Limits{Workers: 4}, nil) {
		break // goleak tells whether a worker is left
	}
}

func TestCancelledRunEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f := bigger(scan(generated(400_000)))
	var last error
	batches := 0
	for _, err := range Run(ctx, &plan.Plan{Root: f}, World{}, Limits{Workers: 2}, nil) {
		cancel()
		batches++
		last = err
	}
	if !errors.Is(last, context.Canceled) || batches > 3 {
		t.Errorf("after %d batches: %v, want that the run was cancelled", batches, last)
	}
}

func TestStepsHaveACap(t *testing.T) {
	s := scan(generated(100_000))
	base := plan.Base{Cols: s.Cols, From: []plan.Node{s}}
	group := &plan.Summarize{Base: plan.Base{Cols: s.Cols[:1], From: []plan.Node{s}}, Keys: []plan.Expr{col(s, 0)}}
	join := &plan.Join{Base: plan.Base{From: []plan.Node{s, s}}, Kind: "inner", LeftKeys: []plan.Expr{col(s, 0)}, RightKeys: []plan.Expr{col(s, 0)}}
	for name, n := range map[string]plan.Node{
		"sort": &plan.Sort{Base: base, Keys: []plan.Key{{Value: col(s, 0)}}}, "summarize": group, "join": join,
		"materialize": &plan.Materialize{Base: base},
	} {
		_, err := resultRows(n, Limits{Memory: 1 << 20})
		if err == nil || !strings.Contains(err.Error(), ": the query holds more than 1 MB in memory") {
			t.Errorf("%s: error %v, want one about memory", name, err)
		}
		if _, err := resultRows(n, Limits{Memory: 1 << 30}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestABugIsAnError: a function that panics must not end the process.
func TestABugIsAnError(t *testing.T) {
	s := scan(generated(50_000))
	broken := &function.Scalar{Name: "broken", Eval: func(*function.Context, []data.Value) data.Value { panic("boom") }}
	for _, rows := range []int64{3, 400} { // in the reader's goroutine, and on a worker
		call := &plan.Call{Function: broken, Known: []function.Arg{{Type: data.Long}}, Args: []plan.Expr{col(s, 2)}, Of: data.Long}
		some := &plan.Filter{Base: plan.Base{Cols: s.Cols, From: []plan.Node{s}}, Where: &plan.Operator{
			Op: "==", Left: col(s, 2), Right: &plan.Const{Value: data.OfLong(rows)}, Of: data.Bool,
		}}
		n := &plan.Project{Base: plan.Base{Cols: columnsOf(data.Long), From: []plan.Node{some}}, Exprs: []plan.Expr{call}}
		if _, err := resultRows(n, Limits{Workers: 2}); err == nil || !strings.Contains(err.Error(), "boom") {
			t.Errorf("error %v, want the panic", err)
		}
	}
}

// TestSharedExpressionsRunOnce counts the calls of a function that stands twice.
func TestSharedExpressionsRunOnce(t *testing.T) {
	s := scan(table([]data.Type{data.Long}, [][]data.Value{{data.OfLong(1)}, {data.OfLong(2)}}, 9))
	calls := 0
	f := &function.Scalar{Name: "slow", Eval: func(_ *function.Context, args []data.Value) data.Value {
		calls++
		return data.OfLong(args[0].Long() * 10)
	}}
	slow := func() plan.Expr {
		return &plan.Call{Function: f, Known: []function.Arg{{Type: data.Long}}, Args: []plan.Expr{col(s, 0)}, Of: data.Long}
	}
	n := &plan.Project{Base: plan.Base{Cols: columnsOf(data.Long, data.Long), From: []plan.Node{s}}, Exprs: []plan.Expr{
		slow(), &plan.Operator{Op: "+", Left: slow(), Right: slow(), Of: data.Long},
	}}
	if diff := cmp.Diff([]string{"10|20", "20|40"}, mustRows(t, n, Limits{})); diff != "" || calls != 2 {
		t.Errorf("%d calls, want 2; rows (-want +got):\n%s", calls, diff)
	}
}

// TestNoAllocationPerRow measures a filter and an aggregate over many rows.
func TestNoAllocationPerRow(t *testing.T) {
	few, many := scan(generated(40_000)), scan(generated(80_000))
	for name, make := range map[string]func(*plan.Scan) plan.Node{
		"filter": func(s *plan.Scan) plan.Node { return bigger(s) },
		"summarize": func(s *plan.Scan) plan.Node {
			return &plan.Summarize{
				Base: plan.Base{Cols: columnsOf(data.String, data.Long), From: []plan.Node{s}},
				Keys: []plan.Expr{col(s, 1)}, Aggregates: []plan.Aggregation{aggregate(t, "count")},
			}
		},
	} {
		a := testing.AllocsPerRun(3, func() { drain(t, make(few)) })
		b := testing.AllocsPerRun(3, func() { drain(t, make(many)) })
		if perRow := (b - a) / 40_000; perRow > 0.01 {
			t.Errorf("%s: %.3f allocations a row", name, perRow)
		}
	}
}

// resident is a table whose values stand in memory anyway.
type resident struct{ *memory }

func (resident) Resident() bool { return true }

// TestLentValuesAreNotCharged: sorting a table that is in memory holds its
// references, not once more its texts.
func TestLentValuesAreNotCharged(t *testing.T) {
	long := data.OfString(strings.Repeat("x", 1000))
	var rows [][]data.Value
	for range 1000 {
		rows = append(rows, []data.Value{long})
	}
	m := table([]data.Type{data.String}, rows, 100)
	s := scan(m)
	sorted := func() plan.Node {
		return &plan.Sort{Base: plan.Base{Cols: s.Cols, From: []plan.Node{s}}, Keys: []plan.Key{{Value: col(s, 0)}}}
	}
	if _, err := resultRows(sorted(), Limits{Memory: 100_000}); err == nil {
		t.Error("no error where the texts must be held")
	}
	s.Source = resident{m}
	if _, err := resultRows(sorted(), Limits{Memory: 100_000}); err != nil {
		t.Errorf("lent: %v", err)
	}
}

// TestTakeOfDistinctStopsTheScan: rows come as they first appear, of one key and of two,
// whether a worker or the reader finds them.
func TestTakeOfDistinctStopsTheScan(t *testing.T) {
	for _, keys := range []int{1, 2} {
		for _, rows := range []int64{3, 60_000} {
			source := &counted{memory: generated(400_000)}
			s := scan(source.memory)
			s.Source = source
			n := &plan.Summarize{Base: plan.Base{From: []plan.Node{s}}}
			for i := range keys {
				n.Keys, n.Cols = append(n.Keys, col(s, i)), append(n.Cols, s.Cols[i])
			}
			all := mustRows(t, n, Limits{Workers: 2})
			source.given = 0
			some := &plan.Take{Base: plan.Base{Cols: n.Cols, From: []plan.Node{n}}, Rows: &plan.Const{Value: data.OfLong(rows)}}
			if diff := cmp.Diff(all[:rows], mustRows(t, some, Limits{Workers: 2})); diff != "" {
				t.Errorf("%d keys, %d rows (-want +got):\n%s", keys, rows, diff)
			}
			if source.given > 30 {
				t.Errorf("%d keys: %d batches read for %d rows", keys, source.given, rows)
			}
		}
	}
}
