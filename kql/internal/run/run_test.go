package run

import (
	"context"
	"errors"
	"fmt"
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

var kinds = []string{
	"innerunique", "inner", "leftouter", "rightouter", "fullouter", "leftsemi", "rightsemi", "leftanti", "rightanti",
}

// drawRows makes rows of a key, a second key and a number that tells them apart.
func drawRows(t *rapid.T, label string) [][]data.Value {
	n := rapid.IntRange(0, 40).Draw(t, label)
	rows := make([][]data.Value, n)
	for i := range rows {
		key := data.Null(data.Long)
		if k := rapid.IntRange(-1, 5).Draw(t, "key"); k >= 0 {
			key = data.OfLong(int64(k))
		}
		text := rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "text")
		rows[i] = []data.Value{key, data.OfString(text), data.OfLong(int64(i))}
	}
	return rows
}

var rowTypes = []data.Type{data.Long, data.String, data.Long}

// TestJoinIsItsNestedLoop compares every kind of join with its definition.
func TestJoinIsItsNestedLoop(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		left, right := drawRows(t, "left"), drawRows(t, "right")
		keys := rapid.IntRange(1, 2).Draw(t, "keys")
		size := rapid.IntRange(1, 9).Draw(t, "batch")
		l, r := scan(table(rowTypes, left, size)), scan(table(rowTypes, right, size))
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		n := &plan.Join{Base: plan.Base{From: []plan.Node{l, r}}, Kind: kind}
		for k := range keys {
			n.LeftKeys, n.RightKeys = append(n.LeftKeys, col(l, k)), append(n.RightKeys, col(r, k))
		}
		want := nestedLoop(kind, keys, left, right)
		for _, workers := range []int{1, 2} {
			if diff := cmp.Diff(want, mustRows(t, n, Limits{Workers: workers})); diff != "" {
				t.Fatalf("%s, %d workers (-want +got):\n%s", kind, workers, diff)
			}
		}
	})
}

// nestedLoop is the definition of join, in the order that ours keeps.
func nestedLoop(kind string, keys int, left, right [][]data.Value) (out []string) {
	blank := []data.Value{data.Null(data.Long), data.OfString(""), data.Null(data.Long)}
	match := func(l, r []data.Value) bool {
		for k := range keys {
			if l[k].IsNull() || r[k].IsNull() || !data.EqualValues(l[k], r[k]) {
				return false
			}
		}
		return true
	}
	emit := func(rows ...[]data.Value) {
		var cells []string
		for _, row := range rows {
			for _, v := range row {
				cells = append(cells, cell(v))
			}
		}
		out = append(out, strings.Join(cells, "|"))
	}
	matchedRight := make([]bool, len(right))
	used := map[string]bool{}
	for _, l := range left {
		any := false
		unique := fmt.Sprint(l[:keys])
		for j, r := range right {
			if !match(l, r) {
				continue
			}
			any, matchedRight[j] = true, true
			switch kind {
			case "innerunique":
				if !used[unique] {
					emit(l, r)
				}
			case "inner", "leftouter", "rightouter", "fullouter":
				emit(l, r)
			}
		}
		used[unique] = true
		switch {
		case !any && (kind == "leftouter" || kind == "fullouter"):
			emit(l, blank)
		case any && kind == "leftsemi", !any && kind == "leftanti":
			emit(l)
		}
	}
	for j, r := range right {
		switch {
		case !matchedRight[j] && (kind == "rightouter" || kind == "fullouter"):
			emit(blank, r)
		case matchedRight[j] && kind == "rightsemi", !matchedRight[j] && kind == "rightanti":
			emit(r)
		}
	}
	return out
}

// TestOrderIsStableSort compares the order by radix with a plain stable sort.
func TestOrderIsStableSort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{0, 1, 30, 200, 500}).Draw(t, "n")
		texts := rapid.SampledFrom([][]string{
			{"", "a", "a\x00", "ab"},
			{"westeurope", "westeurope2", "westus", "w", "", "westeur"},
			{"abcdefghijklmnopqrstu", "abcdefghijklmnopqrstuv", "abcdefghijklmnopqrstu\x00", "abcdefg", "abcdefgh"},
		}).Draw(t, "texts")
		many := rapid.Bool().Draw(t, "many")
		cols := []*data.Vector{data.NewVector(data.String, n), data.NewVector(data.Long, n), data.NewVector(data.Real, n)}
		for i := range n {
			text := rapid.SampledFrom(texts).Draw(t, "text")
			if many {
				text += fmt.Sprint(rapid.IntRange(0, 1000).Draw(t, "suffix"))
			}
			cols[0].Texts[i] = text
			cols[1].Put(i, maybe(t, data.OfLong(int64(rapid.IntRange(-2, 300).Draw(t, "long")))))
			cols[2].Put(i, maybe(t, data.OfReal(rapid.SampledFrom([]float64{-1, 0, 2.5, nan(), 7}).Draw(t, "real"))))
		}
		keys := make([]plan.Key, rapid.IntRange(1, 3).Draw(t, "keys"))
		vectors := make([]*data.Vector, len(keys))
		for k := range keys {
			keys[k] = plan.Key{Descending: rapid.Bool().Draw(t, "desc"), NullsFirst: rapid.Bool().Draw(t, "nulls first")}
			vectors[k] = rapid.SampledFrom(cols).Draw(t, "column")
		}
		want := make([]int32, n)
		for i := range want {
			want[i] = int32(i)
		}
		slices.SortStableFunc(want, func(a, b int32) int {
			for k := range keys {
				if c := compareRows(keys[k], vectors[k], a, vectors[k], b); c != 0 {
					return c
				}
			}
			return 0
		})
		if diff := cmp.Diff(want, ordered(keys, vectors, n)); diff != "" {
			t.Fatalf("order differs (-want +got):\n%s", diff)
		}
	})
}

func maybe(t *rapid.T, v data.Value) data.Value {
	if rapid.IntRange(0, 9).Draw(t, "null") == 0 {
		return data.Null(v.Type())
	}
	return v
}

func nan() float64 { zero := 0.0; return zero / zero }

// TestTopIsSortAndTake holds for ties and nulls too.
func TestTopIsSortAndTake(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := scan(table(rowTypes, drawRows(t, "rows"), rapid.IntRange(1, 9).Draw(t, "batch")))
		keys := []plan.Key{{Value: col(s, 0), Descending: rapid.Bool().Draw(t, "desc"), NullsFirst: rapid.Bool().Draw(t, "nulls")}}
		rows := &plan.Const{Value: data.OfLong(int64(rapid.IntRange(0, 50).Draw(t, "rows")))}
		base := plan.Base{Cols: s.Cols, From: []plan.Node{s}}
		sorted := &plan.Sort{Base: base, Keys: keys}
		taken := &plan.Take{Base: plan.Base{Cols: s.Cols, From: []plan.Node{sorted}}, Rows: rows}
		want := mustRows(t, taken, Limits{})
		if diff := cmp.Diff(want, mustRows(t, &plan.Top{Base: base, Rows: rows, Keys: keys}, Limits{})); diff != "" {
			t.Fatalf("top differs (-want +got):\n%s", diff)
		}
	})
}

// TestTopOfMany goes through pruning more than once.
func TestTopOfMany(t *testing.T) {
	s := scan(generated(60_000))
	base := plan.Base{Cols: s.Cols, From: []plan.Node{s}}
	keys := []plan.Key{{Value: col(s, 2)}, {Value: col(s, 4), Descending: true}}
	ten := &plan.Const{Value: data.OfLong(10)}
	sorted := &plan.Sort{Base: base, Keys: keys}
	want := mustRows(t, &plan.Take{Base: plan.Base{Cols: s.Cols, From: []plan.Node{sorted}}, Rows: ten}, Limits{})
	if diff := cmp.Diff(want, mustRows(t, &plan.Top{Base: base, Rows: ten, Keys: keys}, Limits{})); diff != "" {
		t.Errorf("top differs (-want +got):\n%s", diff)
	}
}

// TestGroupsAreCounted compares counting groups of several columns with a map.
func TestGroupsAreCounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := drawRows(t, "rows")
		s := scan(table(rowTypes, rows, rapid.IntRange(1, 9).Draw(t, "batch")))
		keys := rapid.IntRange(1, 3).Draw(t, "keys")
		n := &plan.Summarize{Base: plan.Base{From: []plan.Node{s}}, Aggregates: []plan.Aggregation{aggregate(t, "count")}}
		for k := range keys {
			n.Keys = append(n.Keys, col(s, k))
			n.Cols = append(n.Cols, s.Cols[k])
		}
		n.Cols = append(n.Cols, data.Column{Name: "count_", Type: data.Long})
		var order []string
		counts := map[string]int{}
		for _, row := range rows {
			var cells []string
			for _, v := range row[:keys] {
				cells = append(cells, cell(v))
			}
			key := strings.Join(cells, "|")
			if counts[key]++; counts[key] == 1 {
				order = append(order, key)
			}
		}
		var want []string
		for _, key := range order {
			want = append(want, fmt.Sprintf("%s|%d", key, counts[key]))
		}
		if diff := cmp.Diff(want, mustRows(t, n, Limits{})); diff != "" {
			t.Fatalf("groups differ (-want +got):\n%s", diff)
		}
	})
}

func bigger(s *plan.Scan) *plan.Filter {
	return &plan.Filter{Base: plan.Base{Cols: s.Cols, From: []plan.Node{s}}, Where: &plan.Operator{
		Op: ">", Left: col(s, 2), Right: &plan.Const{Value: data.OfLong(500)}, Of: data.Bool,
	}}
}

// TestWorkersKeepTheOrder runs a pipeline over many batches.
func TestWorkersKeepTheOrder(t *testing.T) {
	f := bigger(scan(generated(100_000)))
	if diff := cmp.Diff(mustRows(t, f, Limits{Workers: 1}), mustRows(t, f, Limits{Workers: 4})); diff != "" {
		t.Errorf("rows differ (-one +four):\n%s", diff)
	}
}

// TestWorkersAggregateAlike: the same groups in the same order, and sums of
// reals to the last bit, whatever the number of workers.
func TestWorkersAggregateAlike(t *testing.T) {
	s := scan(generated(120_000))
	for name, keys := range map[string][]plan.Expr{
		"no_keys": nil, "one": {col(s, 1)}, "two": {col(s, 2), col(s, 1)}, "many_groups": {col(s, 3)},
	} {
		n := &plan.Summarize{Base: plan.Base{From: []plan.Node{bigger(s)}}, Keys: keys, Aggregates: []plan.Aggregation{
			aggregate(t, "count"), aggregate(t, "sum", col(s, 4)), aggregate(t, "max", col(s, 3)), aggregate(t, "dcount", col(s, 2)),
		}}
		for _, key := range keys {
			n.Cols = append(n.Cols, data.Column{Type: key.Type()})
		}
		n.Cols = append(n.Cols, columnsOf(data.Long, data.Real, data.String, data.Long)...)
		want := mustRows(t, n, Limits{Workers: 1})
		for _, workers := range []int{2, 3, 8} {
			if diff := cmp.Diff(want, mustRows(t, n, Limits{Workers: workers})); diff != "" {
				t.Errorf("%s: rows differ (-one +%d workers):\n%s", name, workers, diff)
			}
		}
		var order []string
		for _, row := range want {
			order = append(order, strings.Join(strings.Split(row, "|")[:len(keys)], "|"))
		}
		if first := firstAppearance(t, bigger(s), keys); !slices.Equal(first, order) {
			t.Errorf("%s: groups are not in the order in which they first appear", name)
		}
	}
}

// TestLateGroupsKeepTheirOrder has groups that only workers meet.
func TestLateGroupsKeepTheirOrder(t *testing.T) {
	var rows [][]data.Value
	for i := range 150_000 {
		rows = append(rows, []data.Value{data.OfLong(int64(1000 - i/1100))})
	}
	s := scan(table([]data.Type{data.Long}, rows, batchSize))
	n := &plan.Summarize{
		Base: plan.Base{Cols: columnsOf(data.Long, data.Long), From: []plan.Node{s}},
		Keys: []plan.Expr{col(s, 0)}, Aggregates: []plan.Aggregation{aggregate(t, "count")},
	}
	for _, workers := range []int{1, 2, 4} {
		for i, row := range mustRows(t, n, Limits{Workers: workers}) {
			if want := fmt.Sprint(1000-i, "|"); !strings.HasPrefix(row, want) {
				t.Fatalf("%d workers: group %d is %s, want %s…", workers, i, row, want)
			}
		}
	}
}

func firstAppearance(t *testing.T, from plan.Node, keys []plan.Expr) []string {
	if len(keys) == 0 {
		return []string{""}
	}
	p := &plan.Project{Base: plan.Base{From: []plan.Node{from}}, Exprs: keys}
	for _, key := range keys {
		p.Cols = append(p.Cols, data.Column{Type: key.Type()})
	}
	var order []string
	seen := map[string]bool{}
	for _, row := range mustRows(t, p, Limits{}) {
		if !seen[row] {
			seen[row] = true
			order = append(order, row)
		}
	}
	return order
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

func TestMemoryHasACap(t *testing.T) {
	s := scan(generated(100_000))
	base := plan.Base{Cols: s.Cols, From: []plan.Node{s}}
	group := &plan.Summarize{Base: plan.Base{Cols: s.Cols[:1], From: []plan.Node{s}}, Keys: []plan.Expr{col(s, 0)}}
	join := &plan.Join{Base: plan.Base{From: []plan.Node{s, s}}, Kind: "inner", LeftKeys: []plan.Expr{col(s, 0)}, RightKeys: []plan.Expr{col(s, 0)}}
	for name, n := range map[string]plan.Node{
		"sort": &plan.Sort{Base: base, Keys: []plan.Key{{Value: col(s, 0)}}}, "summarize": group, "join": join,
		"materialize": &plan.Materialize{Base: base},
	} {
		_, err := resultRows(n, Limits{Memory: 1 << 20})
		if err == nil || !strings.Contains(err.Error(), "the query holds more than 1024 KB") {
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
