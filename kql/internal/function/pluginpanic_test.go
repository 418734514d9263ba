package function

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// TestNoPluginPanics calls every plug-in with odd tables and arguments that
// its signatures allow: an error or a table of the columns it promised.
func TestNoPluginPanics(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, f := range Plugins() {
		if f.Refused != "" {
			continue
		}
		for range 2 * *oddCalls {
			s, err := ParseSignature(f.Signatures[r.IntN(len(f.Signatures))])
			if err != nil {
				t.Fatal(err)
			}
			tryPlugin(t, f, oddTable(r, r.IntN(8)), oddPluginArgs(r, s))
		}
	}
}

func oddTable(r *rand.Rand, rows int) Table {
	out := Table{Rows: rows}
	for _, of := range data.Types {
		v := data.NewVector(of, rows)
		for row := range rows {
			v.Put(row, oddValue(r, of))
		}
		out.Columns = append(out.Columns, data.Column{Name: of.String(), Type: of})
		out.Vectors = append(out.Vectors, v)
	}
	return out
}

// oddPluginArgs gives arguments as functions of the table they are for.
func oddPluginArgs(r *rand.Rand, s *Signature) func(Table) []PluginArg {
	return func(input Table) []PluginArg {
		var out []PluginArg
		for _, p := range s.Params {
			if p.Optional && r.IntN(2) == 0 {
				break
			}
			for range max(p.Min, 0) + b2i(p.Max < 0)*r.IntN(3) {
				out = append(out, oddPluginArg(r, p, input))
			}
		}
		return out
	}
}

func oddPluginArg(r *rand.Rand, p Param, input Table) PluginArg {
	types := typesOf(p.Class)
	of := types[r.IntN(len(types))]
	switch {
	case p.Class == "Tabular":
		other := oddTable(r, 3)
		return PluginArg{Table: &other, Column: -1}
	case p.Kind == "Aggregate":
		f, _ := FindAggregate("count")
		return PluginArg{Aggregate: f, Column: -1}
	case p.Kind == "Column" || p.Kind == "Column_Parameter0" || p.Kind == "Column_Parameter0_Common":
		for i, c := range input.Columns {
			if c.Type == of {
				return PluginArg{Arg: Arg{Type: of, Name: c.Name}, Column: i, Values: input.Vectors[i]}
			}
		}
	}
	v := oddValue(r, of)
	return PluginArg{Arg: Arg{Type: of, Const: &v}, Column: -1, Values: data.Constant(v, input.Rows)}
}

func tryPlugin(t *testing.T, f *Plugin, input Table, make func(Table) []PluginArg) {
	args := make(input)
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("%s(%s) panics: %v", f.Name, describeArgs(args), p)
		}
	}()
	columns, open, err := f.Columns(input.Columns, args)
	if err != nil {
		return
	}
	out, err := f.Run(&Context{}, input, args)
	if err != nil {
		return
	}
	if !open && len(columns) != len(out.Columns) {
		t.Errorf("%s(%s) gives %d columns, but promised %d", f.Name, describeArgs(args), len(out.Columns), len(columns))
	}
	tableLines(t, out)
}

func describeArgs(args []PluginArg) (out string) {
	for _, a := range args {
		switch {
		case a.Const != nil:
			out += fmt.Sprintf("%s %q, ", a.Type, a.Const.String())
		default:
			out += a.Name + ", "
		}
	}
	return out
}
