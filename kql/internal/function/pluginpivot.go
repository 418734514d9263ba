package function

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// A pivoting is the arguments of pivot: by is what rows are grouped by.
type pivoting struct {
	column    int
	by        []int
	aggregate *Aggregate
	args      []PluginArg
}

func readPivoting(input []data.Column, args []PluginArg) (pivoting, error) {
	p := pivoting{}
	var err error
	if p.column, err = columnArg(args, 0); err != nil {
		return p, err
	}
	rest := args[1:]
	if len(rest) > 0 && rest[0].Aggregate != nil {
		p.aggregate, p.args, rest = rest[0].Aggregate, rest[0].AggregateArgs, rest[1:]
	}
	for i := range rest {
		c, err := columnArg(args, i+len(args)-len(rest))
		if err != nil {
			return p, err
		}
		p.by = append(p.by, c)
	}
	if len(rest) == 0 {
		p.by = p.others(input)
	}
	return p, nil
}

// others are the columns that are neither pivoted nor aggregated.
func (p pivoting) others(input []data.Column) []int {
	var out []int
	for i, c := range input {
		aggregated := slices.ContainsFunc(p.args, func(a PluginArg) bool { return a.Name == c.Name })
		if i != p.column && !aggregated {
			out = append(out, i)
		}
	}
	return out
}

func pivotColumns(input []data.Column, args []PluginArg) ([]data.Column, bool, error) {
	p, err := readPivoting(input, args)
	if err != nil {
		return nil, false, err
	}
	var out []data.Column
	for _, c := range p.by {
		out = append(out, input[c])
	}
	return out, true, nil
}

func pivot(c *Context, input Table, args []PluginArg) (Table, error) {
	p, err := readPivoting(input.Columns, args)
	if err != nil {
		return Table{}, err
	}
	groups, first := c.rowGroups(input, p.by)
	columns, names := c.rowGroups(input, []int{p.column})
	if len(names) > mostColumns {
		return Table{}, tooWide(p.column, input, len(names))
	}
	// The aggregate's state, its results, and the columns that they become.
	if err := c.Spend(len(first)*len(names), 4*cellBytes); err != nil {
		return Table{}, err
	}
	if n := len(first) * len(names); n > math.MaxInt32 {
		return Table{}, fmt.Errorf("the result would have %d cells; want at most %d", n, math.MaxInt32)
	}
	out := Table{Rows: len(first)}
	for _, by := range p.by {
		out.Columns = append(out.Columns, input.Columns[by])
		out.Vectors = append(out.Vectors, input.Vectors[by].Gather(first))
	}
	cells, err := p.aggregated(c, input.Rows, groups, columns, len(first), len(names))
	if err != nil {
		return Table{}, err
	}
	used, rows := namesOf(out.Columns), make([]int32, len(first))
	for _, k := range byName(input.Vectors[p.column], names) {
		if err := c.Spend(0, 0); err != nil {
			return Table{}, err
		}
		for g := range rows {
			rows[g] = int32(g*len(names) + k)
		}
		name := data.Convert(input.Vectors[p.column].Value(int(names[k])), data.String).Text()
		out.Columns = append(out.Columns, data.Column{Name: freeName(name, used), Type: cells.Type})
		out.Vectors = append(out.Vectors, cells.Gather(rows))
	}
	return out, nil
}

// byName orders the new columns by their values.
func byName(v *data.Vector, rows []int32) []int {
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(data.Convert(v.Value(int(rows[a])), data.String).Text(), data.Convert(v.Value(int(rows[b])), data.String).Text())
	})
	return order
}

// aggregated has the aggregate of each cell: row group by row group.
func (p pivoting) aggregated(c *Context, rows int, groups, columns []uint32, height, width int) (*data.Vector, error) {
	acc, known, in := Accumulator(&counting{}), []Arg(nil), []*data.Vector(nil)
	for _, a := range p.args {
		known, in = append(known, a.Arg), append(in, a.Values)
	}
	if p.aggregate != nil {
		var err error
		if acc, err = p.aggregate.New(known); err != nil {
			return nil, err
		}
	}
	cells := make([]uint32, rows)
	for i := range cells {
		cells[i] = groups[i]*uint32(width) + columns[i]
	}
	if rows > 0 {
		acc.Add(height*width, cells, in)
	}
	if err := c.Spend(1, acc.Bytes()); err != nil {
		return nil, err
	}
	return acc.Results(height * width)[0], nil
}
