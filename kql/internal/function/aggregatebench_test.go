package function

import (
	"fmt"
	"testing"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// BenchmarkAggregates adds batches of 1,024 rows in 1,000 groups; it must not
// allocate per row.
func BenchmarkAggregates(b *testing.B) {
	const rows, groups = 1024, 1000
	longColumn, text, real := data.NewVector(data.Long, rows), data.NewVector(data.String, rows), data.NewVector(data.Real, rows)
	yes, of := data.NewVector(data.Bool, rows), make([]uint32, rows)
	for i := range rows {
		longColumn.Longs[i], text.Texts[i], real.Reals[i] = int64(i*7919%5000), fmt.Sprintf("value %d", i%97), float64(i%31)
		yes.Bools[i], of[i] = i%3 == 0, uint32(i*31%groups)
	}
	for _, test := range []struct {
		name string
		args []*data.Vector
	}{
		{"count", nil},
		{"countif", []*data.Vector{yes}},
		{"sum", []*data.Vector{longColumn}},
		{"avg", []*data.Vector{real}},
		{"min", []*data.Vector{text}},
		{"max", []*data.Vector{longColumn}},
		{"sumif", []*data.Vector{longColumn, yes}},
		{"dcount", []*data.Vector{longColumn}},
		{"dcount", []*data.Vector{text}},
		{"make_set", []*data.Vector{text}},
		{"arg_max", []*data.Vector{longColumn, text}},
		{"take_any", []*data.Vector{text}},
		{"stdev", []*data.Vector{real}},
	} {
		name := test.name
		var args []Arg
		for _, v := range test.args {
			args = append(args, Arg{Type: v.Type})
			name += "_" + v.Type.String()
		}
		b.Run(name, func(b *testing.B) {
			f, _ := FindAggregate(test.name)
			acc, err := f.New(args)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				acc.Add(groups, of, test.args)
			}
			b.ReportMetric(float64(b.N)*rows/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}
