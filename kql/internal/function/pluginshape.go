package function

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// shapePlugins turn tables round.
func shapePlugins() []Plugin {
	same := func(input []data.Column, _ []PluginArg) ([]data.Column, bool, error) { return input, false, nil }
	identity := func(_ *Context, input Table, _ []PluginArg) (Table, error) { return input, nil }
	count := []data.Column{{Name: "EstimatedRowsCount", Type: data.Long}}
	return []Plugin{
		{
			Name: "bag_unpack", Signatures: []string{"(column:Scalar{Column}, column_prefix:string{LiteralNotEmpty}?) → Custom"},
			Doc: "Turns the keys of a property bag into columns.", Keeps: true, Columns: bagColumns, Run: unpackBags,
		},
		{
			Name: "pivot", Signatures: []string{"(pivotColumn:NotDynamic{Column}, aggregateFunction:Scalar{Aggregate}?, columnName:Scalar{Column}×0..n) → Custom"},
			Doc: "Turns the values of a column into columns of an aggregate.", Columns: pivotColumns, Run: pivot,
		},
		{Name: "narrow", Signatures: []string{"() → "}, Doc: "Turns every cell into a row of its own.", Columns: narrowColumns, Run: narrow},
		{
			Name: "rows_near", Signatures: []string{"(Condition:bool, NumRows:Integer{Constant}, NumRowsAfter:Integer{Constant}?) → Custom"},
			Doc: "Keeps rows that are near one that meets a condition.", Keeps: true, Columns: same, Run: rowsNear,
		},
		{Name: "identity", Signatures: []string{"() → Custom"}, Doc: "Gives its input.", Keeps: true, Columns: same, Run: identity},
		{
			Name: "identity_v3", Signatures: []string{"(mode:string{Constant}, exceptionText:string{Constant}) → Custom"},
			Doc: "Gives its input.", Keeps: true, Columns: same, Run: identity,
		},
		{
			Name: "estimate_rows_count", Signatures: []string{"() → Custom"}, Doc: "Counts the rows of its input.",
			Columns: func([]data.Column, []PluginArg) ([]data.Column, bool, error) { return count, false, nil },
			Run: func(c *Context, input Table, _ []PluginArg) (Table, error) {
				t := newTableBuilder(c, count)
				t.add(data.OfLong(int64(input.Rows)))
				return t.table(), nil
			},
		},
	}
}

// An unpacking is the arguments of bag_unpack.
type unpacking struct {
	column           int
	prefix, conflict string
	ignored          map[string]bool
}

func readUnpacking(args []PluginArg) (unpacking, error) {
	u := unpacking{conflict: "error", ignored: map[string]bool{}}
	var err error
	if u.column, err = columnArg(args, 0); err != nil {
		return u, err
	}
	if v, ok := namedArg(args[1:], "OutputColumnPrefix", 0); ok {
		u.prefix = v.Text()
	}
	if v, ok := namedArg(args[1:], "columnsConflict", 1); ok {
		u.conflict = v.Text()
	}
	if v, ok := namedArg(args[1:], "ignoredProperties", 2); ok {
		for _, item := range v.Node().Items() {
			u.ignored[item.Text()] = true
		}
	}
	if !slices.Contains([]string{"error", "replace_source", "keep_source"}, u.conflict) {
		return u, fmt.Errorf("columnsConflict %q: want error, replace_source or keep_source", u.conflict)
	}
	return u, nil
}

func bagColumns(input []data.Column, args []PluginArg) ([]data.Column, bool, error) {
	u, err := readUnpacking(args)
	if err != nil {
		return nil, false, err
	}
	if t := input[u.column].Type; t != data.Dynamic {
		return nil, false, fmt.Errorf("column %q is a %s; want dynamic", input[u.column].Name, t)
	}
	return slices.Delete(slices.Clone(input), u.column, u.column+1), true, nil
}

// A bagColumn is dynamic where its values are of several types.
type bagColumn struct {
	key string
	of  data.Type
}

// unpackBags puts the bag's columns behind the others, in the order of names,
// as Kusto prints them.
func unpackBags(c *Context, input Table, args []PluginArg) (Table, error) {
	u, err := readUnpacking(args)
	if err != nil {
		return Table{}, err
	}
	bags := input.Vectors[u.column]
	out := Table{Rows: input.Rows}
	taken := map[string]bool{}
	keys := unpackedColumns(bags, u.ignored)
	if len(keys) > mostColumns {
		return Table{}, tooWide(u.column, input, len(keys))
	}
	if err := c.Spend(input.Rows*len(keys), cellBytes); err != nil {
		return Table{}, err
	}
	for _, k := range keys {
		taken[u.prefix+k.key] = true
	}
	own := map[string]bool{}
	for i, c := range input.Columns {
		if i == u.column || taken[c.Name] && u.conflict == "replace_source" {
			continue
		}
		if taken[c.Name] && u.conflict == "error" {
			return Table{}, fmt.Errorf("the bag's key %q is a column already; say what to do by columnsConflict or a prefix", c.Name)
		}
		own[c.Name] = true
		out.Columns, out.Vectors = append(out.Columns, c), append(out.Vectors, input.Vectors[i])
	}
	for _, k := range keys {
		if !own[u.prefix+k.key] {
			out.Columns = append(out.Columns, data.Column{Name: u.prefix + k.key, Type: k.of})
			if err := c.Spend(0, 0); err != nil {
				return Table{}, err
			}
			out.Vectors = append(out.Vectors, unpackColumn(bags, k))
		}
	}
	return out, nil
}

// mostColumns is how many columns bag_unpack and pivot may make; cellBytes is
// what a cell of them takes.
const (
	mostColumns = 10_000
	cellBytes   = 16
)

func tooWide(column int, input Table, n int) error {
	return fmt.Errorf("column %q would become %d columns; want at most %d", input.Columns[column].Name, n, mostColumns)
}

func unpackedColumns(bags *data.Vector, ignored map[string]bool) []bagColumn {
	types := map[string]data.Type{}
	for row := range bags.Len {
		n := bags.Nodes[row]
		for i, key := range n.Keys() {
			of := n.Items()[i].Value().Type()
			if old, ok := types[key]; !ok || old == 0 {
				types[key] = 0
				if !n.Items()[i].IsNull() {
					types[key] = of
				}
			} else if old != of && !n.Items()[i].IsNull() {
				types[key] = data.Dynamic
			}
		}
	}
	var out []bagColumn
	for key, of := range types {
		if of == 0 { // only nulls
			of = data.Dynamic
		}
		if !ignored[key] {
			out = append(out, bagColumn{key, of})
		}
	}
	slices.SortFunc(out, func(a, b bagColumn) int { return cmp.Compare(a.key, b.key) })
	return out
}

func unpackColumn(bags *data.Vector, k bagColumn) *data.Vector {
	out := data.NewVector(k.of, bags.Len)
	for row := range bags.Len {
		n, _ := bags.Nodes[row].Key(k.key)
		switch {
		case n.IsNull():
			out.Put(row, data.Null(k.of))
		case k.of == data.Dynamic:
			out.Nodes[row] = n
		default:
			out.Put(row, n.Value())
		}
	}
	return out
}

func narrowColumns([]data.Column, []PluginArg) ([]data.Column, bool, error) {
	return []data.Column{{Name: "Row", Type: data.Long}, {Name: "Column", Type: data.String}, {Name: "Value", Type: data.String}}, false, nil
}

func narrow(c *Context, input Table, _ []PluginArg) (Table, error) {
	columns, _, _ := narrowColumns(nil, nil)
	t := newTableBuilder(c, columns)
	for row := range input.Rows {
		for i, column := range input.Columns {
			t.add(data.OfLong(int64(row)), data.OfString(column.Name), data.Convert(input.Vectors[i].Value(row), data.String))
		}
	}
	return t.table(), nil
}

func rowsNear(c *Context, input Table, args []PluginArg) (Table, error) {
	n, err := constantArg(args, 1)
	if err != nil {
		return Table{}, err
	}
	before, after := n.Long(), n.Long()
	if len(args) > 2 {
		if n, err = constantArg(args, 2); err != nil {
			return Table{}, err
		}
		after = n.Long()
	}
	if before < 0 || after < 0 {
		return Table{}, fmt.Errorf("want a number of rows that is not negative")
	}
	var rows []int32
	next := int64(0)
	for row := range int64(input.Rows) {
		if v := args[0].Values.Value(int(row)); v.IsNull() || !v.Bool() {
			continue
		}
		for next = max(next, row-before); next <= row+min(after, int64(input.Rows)) && next < int64(input.Rows); next++ {
			rows = append(rows, int32(next))
		}
	}
	return gathered(c, input, rows), nil
}
