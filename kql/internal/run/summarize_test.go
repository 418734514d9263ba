package run

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

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
		distinct := &plan.Summarize{Base: plan.Base{Cols: n.Cols[:keys], From: n.From}, Keys: n.Keys}
		if diff := cmp.Diff(order, mustRows(t, distinct, Limits{})); diff != "" {
			t.Fatalf("distinct rows differ (-want +got):\n%s", diff)
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
		distinct := &plan.Summarize{Base: plan.Base{Cols: n.Cols[:1], From: n.From}, Keys: n.Keys}
		for i, row := range mustRows(t, distinct, Limits{Workers: workers}) {
			if want := fmt.Sprint(1000 - i); row != want {
				t.Fatalf("%d workers: distinct row %d is %s, want %s", workers, i, row, want)
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
