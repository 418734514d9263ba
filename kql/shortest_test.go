package kql

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The shortest paths are those of all walks that have the fewest edges.
func TestShortest_paths_are_the_shortest_walks(t *testing.T) {
	if testing.Short() {
		t.Skip("long: runs without the race detector; shorter tests cover what runs at once")
	}
	r := rand.New(rand.NewPCG(11, 12))
	for range 60 {
		graph := randomEdges(r)
		for _, where := range []string{"a.id != ''", "b.id == '3'", "b.id in ('1', '4') and a.id != '2'", "a.id == '0' and b.k == 'odd'"} {
			for _, pattern := range []string{"(a)-[e*1..4]->(b)", "(a)<-[e*1..4]-(b)", "(a)-[e*1..3]-(b)"} {
				walks := graph + fmt.Sprintf("| graph-match %s where %s project x = a.id, y = b.id, n = array_length(e) | where x != y | as W | join kind=inner (W | summarize m = min(n) by x, y) on x, y | where n == m", pattern, where)
				all := graph + fmt.Sprintf("| graph-shortest-paths output=all %s where %s project x = a.id, y = b.id, n = array_length(e)", pattern, where)
				compareAnswers(t, walks+"| summarize c = count() by x, y, n | order by strcat(x, ' ', y) asc", all+"| summarize c = count() by x, y, n | order by strcat(x, ' ', y) asc")
				compareAnswers(t, walks+"| distinct x, y, n | order by strcat(x, ' ', y) asc", strings.Replace(all, "output=all", "output=any", 1)+"| order by strcat(x, ' ', y) asc")
			}
		}
	}
}

// randomEdges is a graph of up to seven nodes.
func randomEdges(r *rand.Rand) string {
	var edges []string
	nodes := 2 + r.IntN(6)
	for range r.IntN(14) {
		edges = append(edges, fmt.Sprintf("'%d','%d'", r.IntN(nodes), r.IntN(nodes)))
	}
	return "let N = range i from 0 to 6 step 1 | project id = tostring(i), k = iff(i % 2 == 1, 'odd', 'even');\n" +
		"datatable(s:string, t:string)[" + strings.Join(edges, ", ") + "] | make-graph s --> t with N on id "
}

func compareAnswers(t *testing.T, want, got string) {
	t.Helper()
	if diff := cmp.Diff(answered(t, want), answered(t, got)); diff != "" {
		t.Fatalf("%s\n%s\n(-first +second):\n%s", want, got, diff)
	}
}

func answered(t *testing.T, text string) (rows []string) {
	t.Helper()
	q, err := Prepare(text, nil, Options{})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	for row, err := range q.Run(context.Background()).Rows() {
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var line []byte
		for _, v := range row {
			line = append(AppendJSON(line, v), ' ')
		}
		rows = append(rows, string(line))
	}
	return rows
}
