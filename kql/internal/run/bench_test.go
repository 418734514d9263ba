package run

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// memory is a table for tests.
type memory struct {
	columns []data.Column
	batches []*data.Batch
}

func (m *memory) Columns() []data.Column { return m.columns }

func (m *memory) Scan(_ context.Context, want plan.Request) iter.Seq2[*data.Batch, error] {
	return func(yield func(*data.Batch, error) bool) {
		for _, b := range m.batches {
			out := &data.Batch{Len: b.Len}
			for _, i := range want.Columns {
				out.Columns = append(out.Columns, b.Columns[i])
			}
			if !yield(out, nil) {
				return
			}
		}
	}
}

func scan(m *memory) *plan.Scan {
	s := &plan.Scan{Base: plan.Base{Cols: m.columns}, Name: "T", Source: m}
	for i := range m.columns {
		s.Request.Columns = append(s.Request.Columns, i)
	}
	return s
}

func col(n plan.Node, i int) *plan.Column { return &plan.Column{Index: i, Of: n.Columns()[i].Type} }

const million = 1_000_000

// resources is a million rows: id, location, size, name, when.
var resources = sync.OnceValue(func() *memory { return generated(million) })

func generated(rows int) *memory {
	r := rand.New(rand.NewPCG(1, 2))
	m := &memory{columns: []data.Column{
		{Name: "id", Type: data.String},
		{Name: "location", Type: data.String},
		{Name: "size", Type: data.Long},
		{Name: "name", Type: data.String},
		{Name: "cost", Type: data.Real},
	}}
	locations := make([]string, 40)
	for i := range locations {
		locations[i] = fmt.Sprintf("region-number-%d", i)
	}
	for from := 0; from < rows; from += batchSize {
		n := min(batchSize, rows-from)
		b := &data.Batch{Len: n}
		for _, c := range m.columns {
			b.Columns = append(b.Columns, data.NewVector(c.Type, n))
		}
		for i := range n {
			b.Columns[0].Texts[i] = fmt.Sprintf("/subscriptions/0001/resourcegroups/rg%d/vm%d", (from+i)%977, from+i)
			b.Columns[1].Texts[i] = string([]byte(locations[r.IntN(len(locations))]))
			b.Columns[2].Longs[i] = int64(r.IntN(1000))
			b.Columns[3].Texts[i] = fmt.Sprintf("name%d", r.IntN(rows))
			b.Columns[4].Reals[i] = r.Float64()
		}
		m.batches = append(m.batches, b)
	}
	return m
}

func aggregate(t fataler, name string, args ...plan.Expr) plan.Aggregation {
	f, ok := function.FindAggregate(name)
	if !ok {
		t.Fatalf("no aggregate %s", name)
	}
	a := plan.Aggregation{Function: f, Args: args}
	for _, arg := range args {
		a.Known = append(a.Known, function.Arg{Type: arg.Type()})
	}
	return a
}

func columnsOf(types ...data.Type) []data.Column {
	var out []data.Column
	for i, t := range types {
		out = append(out, data.Column{Name: fmt.Sprint("c", i), Type: t})
	}
	return out
}

func drain(t testing.TB, root plan.Node) int {
	rows := 0
	for b, err := range Run(context.Background(), &plan.Plan{Root: root}, World{}, Limits{}, nil) {
		if err != nil {
			t.Fatal(err)
		}
		rows += b.Len
	}
	return rows
}

func benchmark(b *testing.B, root plan.Node) {
	drain(b, root)
	b.ReportAllocs()
	for b.Loop() {
		drain(b, root)
	}
	b.ReportMetric(float64(b.N)*million/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

func BenchmarkFilter(b *testing.B) {
	s := scan(resources())
	benchmark(b, &plan.Filter{Base: plan.Base{Cols: s.Cols, From: []plan.Node{s}}, Where: &plan.Operator{
		Op: "=~", Left: col(s, 1), Right: &plan.Const{Value: data.OfString("REGION-number-7")}, Of: data.Bool,
	}})
}

func BenchmarkSummarizeOne(b *testing.B) {
	s := scan(resources())
	benchmark(b, &plan.Summarize{
		Base: plan.Base{Cols: columnsOf(data.String, data.Long, data.Long), From: []plan.Node{s}},
		Keys: []plan.Expr{col(s, 1)}, Aggregates: []plan.Aggregation{aggregate(b, "count"), aggregate(b, "sum", col(s, 2))},
	})
}

func BenchmarkSummarizeTwo(b *testing.B) {
	s := scan(resources())
	benchmark(b, &plan.Summarize{
		Base: plan.Base{Cols: columnsOf(data.String, data.Long, data.Long), From: []plan.Node{s}},
		Keys: []plan.Expr{col(s, 1), col(s, 2)}, Aggregates: []plan.Aggregation{aggregate(b, "count")},
	})
}

func BenchmarkDistinctMany(b *testing.B) {
	s := scan(resources())
	benchmark(b, &plan.Summarize{Base: plan.Base{Cols: columnsOf(data.String), From: []plan.Node{s}}, Keys: []plan.Expr{col(s, 3)}})
}

func BenchmarkSortTwo(b *testing.B) {
	s := scan(resources())
	benchmark(b, &plan.Sort{Base: plan.Base{Cols: s.Cols, From: []plan.Node{s}}, Keys: []plan.Key{
		{Value: col(s, 1)}, {Value: col(s, 2), Descending: true},
	}})
}

func BenchmarkSortManyTexts(b *testing.B) {
	s := scan(resources())
	benchmark(b, &plan.Sort{Base: plan.Base{Cols: s.Cols, From: []plan.Node{s}}, Keys: []plan.Key{
		{Value: col(s, 3)}, {Value: col(s, 4), Descending: true},
	}})
}

func BenchmarkTop(b *testing.B) {
	s := scan(resources())
	benchmark(b, &plan.Top{
		Base: plan.Base{Cols: s.Cols, From: []plan.Node{s}}, Rows: &plan.Const{Value: data.OfLong(100)},
		Keys: []plan.Key{{Value: col(s, 4), Descending: true}},
	})
}

func BenchmarkJoin(b *testing.B) {
	s := scan(resources())
	small := &memory{columns: resources().columns, batches: resources().batches[:100_000/batchSize+1]}
	for _, kind := range []string{"inner", "innerunique", "leftouter"} {
		b.Run(kind, func(b *testing.B) {
			r := scan(small)
			benchmark(b, &plan.Join{
				Base: plan.Base{Cols: append(append([]data.Column{}, s.Cols...), r.Cols...), From: []plan.Node{s, r}},
				Kind: kind, LeftKeys: []plan.Expr{col(s, 0)}, RightKeys: []plan.Expr{col(r, 0)},
			})
		})
	}
}

// A fataler is a test, of testing or of rapid.
type fataler interface {
	Fatalf(format string, args ...any)
}

// BenchmarkJoinLarge has the large side on the right.
func BenchmarkJoinLarge(b *testing.B) {
	s := scan(resources())
	small := &memory{columns: resources().columns, batches: resources().batches[:100_000/batchSize+1]}
	l := scan(small)
	for _, kind := range []string{"inner", "innerunique"} {
		b.Run(kind, func(b *testing.B) {
			benchmark(b, &plan.Join{
				Base: plan.Base{Cols: append(append([]data.Column{}, l.Cols...), s.Cols...), From: []plan.Node{l, s}},
				Kind: kind, LeftKeys: []plan.Expr{col(l, 0)}, RightKeys: []plan.Expr{col(s, 0)},
			})
		})
	}
}
