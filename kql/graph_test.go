package kql

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// ring is A→B→C→A, a way out to D, and an island, with kinds for some.
const ring = `let E = datatable(src:string, dst:string, label:string, w:long)[
	"A","B","x",1, "B","C","y",2, "C","A","x",3, "B","D","x",4, "D","D","loop",5];
let N = datatable(id:string, ['kind']:string, p:dynamic)["A","vm",dynamic({"a":1}), "B","vm",dynamic(null), "C","store",dynamic({"a":3}), "I","island",dynamic(null)];
let G = E | make-graph src --> dst with N on id;
`

func TestGraphs(t *testing.T) {
	tests := map[string]struct {
		query string
		want  []string
	}{
		"walks_may_close":       {`G | graph-match (x)-[e*1..3]->(y) where x.id == "A" and y.kind != "" project y.id`, []string{`["A"]`, `["B"]`, `["C"]`}},
		"no_node_twice":         {`G | graph-match cycles=none (x)-[e*1..3]->(y) where x.id == "A" project y.id`, []string{`["B"]`, `["C"]`, `["D"]`}},
		"none_there_again":      {`datatable(s:string, t:string)["A","B", "B","A"] | make-graph s --> t with_node_id=n | graph-match cycles=none (x)-[e1]->(y)-[e2]->(x) project x.n`, nil},
		"none_walk_back":        {`G | graph-match cycles=none (x)-[e*2..3]->(x) project x.id`, nil},
		"none_loop":             {`G | graph-match cycles=none (x)-[e]->(x) project x.id`, nil},
		"none_round_a_comma":    {`G | graph-match cycles=none (x)-[e]->(y), (y)-[f*1..2]->(x) project x.id`, nil},
		"none_triangle":         {`G | graph-match cycles=none (x)-->(y)-->(z)-->(x) project x.id`, nil},
		"none_triangle_commas":  {`G | graph-match cycles=none (x)-->(y), (z)-->(x), (y)-[e]-(z) project x.id`, nil},
		"none_no_hop_back":      {`G | graph-match cycles=none (x)-[e*0..3]->(x) where x.id == "A" project x.id, array_length(e)`, []string{`["A",0]`}},
		"none_two_ways":         {`datatable(s:string, t:string)["a","b", "b","c", "a","c"] | make-graph s --> t with_node_id=n | graph-match cycles=none (x)-->(y)-->(z), (x)-->(z) project x.n, z.n`, []string{`["a","c"]`}},
		"none_there_and_back":   {`datatable(s:string, t:string)["a","b", "a","b"] | make-graph s --> t with_node_id=n | graph-match cycles=none (x)-->(y)<--(x) project x.n`, nil},
		"all_walks":             {`G | graph-match cycles=all (x)-[e*1..4]->(y) where x.id == "A" project y.id, n = array_length(e)`, []string{`["A",3]`, `["B",1]`, `["B",4]`, `["C",2]`, `["D",2]`, `["D",3]`, `["D",4]`}},
		"only_in_edges":         {`G | graph-match (x)-[e]->(n) where isempty(n.kind) and e.label != "loop" project n.id, isnull(n.p)`, []string{`["D",true]`}},
		"condition_on_all":      {`G | graph-match (a)-[e*1..2]->(b) where e.label == "x" project a.id, b.id`, []string{`["A","B"]`, `["A","D"]`, `["B","D"]`, `["C","A"]`, `["C","B"]`}},
		"values_along":          {`G | graph-match (a)-[e*2..2]->(b) where a.id == "A" project b.id, e.w`, []string{`["C",[1,2]]`, `["D",[1,4]]`}},
		"any_edge":              {`G | graph-match (a)-[e*1..2]->(b) where a.id == "A" and any(e, label == "y") project b.id`, []string{`["C"]`}},
		"map_edges":             {`G | graph-match (a)-[e*1..2]->(b) where a.id == "A" and b.id == "C" project m = map(e, w * 10)`, []string{`[[10,20]]`}},
		"inner_nodes":           {`G | graph-match (a)-[e*1..3]->(b) where a.id == "A" and all(inner_nodes(e), kind == "vm") project b.id, map(inner_nodes(e), id)`, []string{`["B",[]]`, `["C",["B"]]`, `["D",["B"]]`}},
		"backwards":             {`G | graph-match (a)<-[e]-(b) where a.id == "B" project b.id, e.w`, []string{`["A",1]`}},
		"either_way":            {`G | graph-match (a)-[e]-(b) where a.id == "B" project b.id`, []string{`["A"]`, `["C"]`, `["D"]`}},
		"a_loop_either_way":     {`G | graph-match (a)-[e]-(b) where a.id == "D" and b.id == "D" project e.w`, []string{`[5]`}},
		"backwards_walk":        {`G | graph-match (b)<-[e*2..2]-(a) where b.id == "C" project a.id, e.w`, []string{`["A",[2,1]]`}},
		"zero_hops":             {`G | graph-match (a)-[e*0..1]->(b) where a.id == "A" project b.id, array_length(e)`, []string{`["A",0]`, `["B",1]`}},
		"zero_hops_all_is_true": {`G | graph-match cycles=none (a)-[e*0..1]->(b) where a.id == "A" and e.label == "nothing" project b.id`, []string{`["A"]`}},
		"shared_node":           {`G | graph-match (a)-[x]->(b), (b)-[y]->(c) where a.id == "A" project c.id`, []string{`["C"]`, `["D"]`}},
		"same_node_twice":       {`G | graph-match (a)-[x]->(b)-[y]->(c)-[z]->(a) where a.id == "A" project b.id, c.id`, []string{`["B","C"]`}},
		"a_node_alone":          {`G | graph-match (a) where a.kind == "island" project a.id`, []string{`["I"]`}},
		"anonymous":             {`G | graph-match (a)-->()-->(c) where a.id == "A" project c.id`, []string{`["C"]`, `["D"]`}},
		"conditions_across":     {`G | graph-match (a)-[e]->(b) where a.kind == b.kind project a.id, b.id`, []string{`["A","B"]`, `["D","D"]`}},
		"degrees":               {`G | graph-match (a) where node_degree_out(a) > 1 project a.id, node_degree_in(a)`, []string{`["B",1]`}},
		"nodes":                 {`G | graph-to-table nodes | project id, kind`, []string{`["A","vm"]`, `["B","vm"]`, `["C","store"]`, `["D",""]`, `["I","island"]`}},
		"edges":                 {`G | graph-to-table edges | summarize sum(w)`, []string{`[15]`}},
		"weak_components":       {`G | graph-mark-components | graph-to-table nodes | project id, ComponentId`, []string{`["A",0]`, `["B",0]`, `["C",0]`, `["D",0]`, `["I",1]`}},
		"strong_components":     {`G | graph-mark-components kind=strong with_component_id=c | graph-to-table nodes | project id, c`, []string{`["A",0]`, `["B",0]`, `["C",0]`, `["D",2]`, `["I",1]`}},
		"where_nodes":           {`G | graph-where-nodes id != "B" | graph-to-table edges | project src, dst`, []string{`["C","A"]`, `["D","D"]`}},
		"where_edges":           {`G | graph-where-edges label == "x" | graph-match (a)-[e]->(b) project a.id, b.id`, []string{`["A","B"]`, `["B","D"]`, `["C","A"]`}},
		"shortest":              {`G | graph-shortest-paths (a)-[e*1..5]->(b) where a.id == "A" and b.id == "D" project e.w`, []string{`[[1,4]]`}},
		"shortest_to_all":       {`G | graph-shortest-paths (a)-[e*1..5]->(b) where a.id == "C" project b.id, array_length(e)`, []string{`["A",1]`, `["B",2]`, `["D",3]`}},
		"shortest_by_a_rule":    {`G | graph-shortest-paths (a)-[e*1..5]->(b) where a.id == "B" and b.id == "A" and e.label == "x" project e.w`, nil},
		"shortest_back":         {`G | graph-shortest-paths (b)<-[e*1..5]-(a) where a.id == "A" and b.id == "C" project e.w`, []string{`[[2,1]]`}},
		"shortest_is_bounded":   {`G | graph-shortest-paths (a)-[e*1..1]->(b) where a.id == "A" and b.id == "D" project e.w`, nil},
		"shortest_of_two_parts": {`G | graph-shortest-paths (a)-[x]->(m)-[e*1..5]->(b) where a.id == "A" and b.id == "D" project m.id, e.w`, []string{`["B",[4]]`}},
		"all_shortest": {`datatable(s:string, t:string)["a","b", "a","c", "b","d", "c","d", "a","e", "e","f", "f","d"]
			| make-graph s --> t with_node_id=n | graph-shortest-paths output=all (x)-[e*1..4]->(y) where x.n == "a" and y.n == "d" project map(inner_nodes(e), n)`, []string{`[["b"]]`, `[["c"]]`}},
		"two_tables_of_nodes": {`let X = datatable(id:string, a:long)["A",1,"B",2]; let Y = datatable(id:string, b:long)["A",7,"Z",9];
			E | make-graph src --> dst with X on id, Y on id | graph-to-table nodes | project id, a, b`, []string{`["A",1,7]`, `["B",2,null]`, `["C",null,null]`, `["D",null,null]`, `["Z",null,9]`}},
		"no_edges": {`datatable(s:string, t:string)[] | make-graph s --> t with_node_id=n | graph-match (a)-->(b) project a.n`, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, got, err := rowsOf(ring+test.query, Named{}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(got)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// TestMatchIsJoins holds graph-match against the joins that it stands for, on
// random graphs.
func TestMatchIsJoins(t *testing.T) {
	const setup = `let G = E | make-graph s --> t with_node_id=n; `
	const edges = `let D = materialize(E | serialize i = row_number()); let X = D | project a = s, b = t, i1 = i, l1 = l; let Y = D | project b = s, c = t, i2 = i, l2 = l; let Z = D | project c = s, d = t, i3 = i, l3 = l; `
	const two = edges + `X | join kind=inner Y on b | where i1 != i2`
	const three = two + ` | join kind=inner Z on c | where i3 != i1 and i3 != i2`
	pairs := map[string]struct{ match, join string }{
		"one":         {`graph-match (a)-[e]->(b) project a.n, b.n`, edges + `X | project a, b`},
		"two":         {`graph-match (a)-[e]->(b)-[f]->(c) project a.n, b.n, c.n`, two + ` | project a, b, c`},
		"three":       {`graph-match (a)-[e]->(b)-[f]->(c)-[g]->(d) project a.n, b.n, c.n, d.n`, three + ` | project a, b, c, d`},
		"back":        {`graph-match (a)-[e]->(b)<-[f]-(c) project a.n, b.n, c.n`, edges + `X | join kind=inner (D | project b = t, c = s, i2 = i) on b | where i1 != i2 | project a, b, c`},
		"triangle":    {`graph-match (a)-[e]->(b)-[f]->(c)-[g]->(a) project a.n, b.n, c.n`, three + ` | where d == a | project a, b, c`},
		"labels":      {`graph-match (a)-[e]->(b)-[f]->(c) where e.l == "x" and f.l != e.l project a.n, c.n`, two + ` | where l1 == "x" and l2 != l1 | project a, c`},
		"walks":       {`graph-match (a)-[e*1..2]->(b) project a.n, b.n`, two + ` | project a, b = c | union (X | project a, b)`},
		"no_cycles":   {`graph-match cycles=none (a)-[e]->(b)-[f]->(c) project a.n, b.n, c.n`, two + ` | where a != b and b != c and a != c | project a, b, c`},
		"none_back":   {`graph-match cycles=none (a)-[e]->(b)-[f]->(a) project a.n, b.n`, two + ` | where false | project a, b`},
		"none_commas": {`graph-match cycles=none (a)-[e]->(b), (a)-[f]->(b) project a.n, b.n`, edges + `X | join kind=inner (D | project a = s, c = t, i2 = i) on a | where i1 != i2 and b == c and a != b | project a, b`},
		"all_cycles":  {`graph-match cycles=all (a)-[e]->(b)-[f]->(c) project a.n, b.n, c.n`, edges + `X | join kind=inner Y on b | project a, b, c`},
		"labelled":    {`graph-match (a)-[e*2..2]->(b) where e.l == "x" project a.n, b.n`, two + ` | where l1 == "x" and l2 == "x" | project a, c`},
		"end_bound":   {`graph-match (a)-[e*1..2]->(b) where b.n == "1" project a.n, e.l`, two + ` | where c == "1" | project a, p = pack_array(l1, l2) | union (X | where b == "1" | project a, p = pack_array(l1))`},
		"comma_joins": {`graph-match (a)-[e]->(b), (c)-[f]->(b) project a.n, b.n, c.n`, edges + `X | join kind=inner (D | project b = t, c = s, i2 = i) on b | where i1 != i2 | project a, b, c`},
	}
	rapid.Check(t, func(t *rapid.T) {
		columns := []Column{{Name: "s", Type: data.String}, {Name: "t", Type: data.String}, {Name: "l", Type: data.String}}
		node := func() Value { return data.OfString(fmt.Sprint(rapid.IntRange(0, 4).Draw(t, "node"))) }
		rows := make([][]Value, rapid.IntRange(0, 9).Draw(t, "edges"))
		for i := range rows {
			rows[i] = []Value{node(), node(), data.OfString(rapid.SampledFrom([]string{"x", "y"}).Draw(t, "label"))}
		}
		name := rapid.SampledFrom(slices.Sorted(maps.Keys(pairs))).Draw(t, "pattern")
		tables := Named{"E": MemoryTable(columns, rows...)}
		_, got, err := rowsOf(setup+"G | "+pairs[name].match, tables, Options{})
		if err != nil {
			t.Fatalf("%s: %v", pairs[name].match, err)
		}
		_, want, err := rowsOf(pairs[name].join, tables, Options{})
		if err != nil {
			t.Fatalf("%s: %v", pairs[name].join, err)
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s (-joins +match):\n%s", pairs[name].match, diff)
		}
	})
}
