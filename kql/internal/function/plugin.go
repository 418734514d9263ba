package function

import (
	"fmt"
	"strconv"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// plugins are what evaluate can call.
func plugins() []Plugin {
	var all []Plugin
	for _, table := range [][]Plugin{
		shapePlugins(), lookupPlugins(), activityPlugins(), sequencePlugins(), windowPlugins(), patternPlugins(), refusedPlugins(),
	} {
		all = append(all, table...)
	}
	return all
}

// A tableBuilder makes a table row by row.
type tableBuilder struct {
	context  *Context
	columns  []data.Column
	builders []*data.Builder
	rows     int
	unspent  int // bytes that the run has not been told of
}

func newTableBuilder(c *Context, columns []data.Column) *tableBuilder {
	t := &tableBuilder{context: c, columns: columns}
	for _, c := range columns {
		t.builders = append(t.builders, data.NewBuilder(c.Type, 16))
	}
	return t
}

// add appends a row; a value of another type than the column's is converted.
func (t *tableBuilder) add(values ...data.Value) {
	for i, v := range values {
		if of := t.columns[i].Type; v.Type() != of {
			v = data.Convert(v, of)
		}
		t.builders[i].Append(v)
		t.unspent += 16 + v.Size(mostUnspent)
	}
	if t.rows++; t.unspent > mostUnspent || t.rows&1023 == 0 {
		t.context.mustSpend(1, t.unspent)
		t.unspent = 0
	}
}

// mostUnspent is up to how many bytes the run need not be told of.
const mostUnspent = 64 << 10

func (t *tableBuilder) table() Table {
	out := Table{Columns: t.columns, Rows: t.rows}
	for _, b := range t.builders {
		out.Vectors = append(out.Vectors, b.Build())
	}
	return out
}

// gathered is the table of some rows of another.
func gathered(c *Context, t Table, rows []int32) Table {
	c.mustSpend(len(rows), 16*len(t.Vectors))
	out := Table{Columns: t.Columns, Rows: len(rows)}
	for _, v := range t.Vectors {
		out.Vectors = append(out.Vectors, v.Gather(rows))
	}
	return out
}

// rowGroups numbers the rows by their values in some columns: groups in order
// of first appearance, of each its first row. What that holds is spent.
func (c *Context) rowGroups(t Table, columns []int) (groups []uint32, first []int32) {
	const groupBytes = 80 // in the map, and its first row
	work := c.work()
	groups = make([]uint32, t.Rows)
	seen := map[string]uint32{}
	var key []byte
	for row := range groups {
		work.Add(1)
		key = key[:0]
		for _, at := range columns {
			key = data.AppendKey(key, t.Vectors[at].Value(row))
		}
		g, ok := seen[string(key)]
		if !ok {
			c.mustSpend(1, groupBytes+len(key))
			g = uint32(len(first))
			seen[string(key)] = g
			first = append(first, int32(row))
		}
		groups[row] = g
	}
	return groups, first
}

// freeName is a name that is not in use, by a number behind it where it is.
func freeName(name string, used map[string]bool) string {
	free := name
	for n := 1; used[free]; n++ {
		free = name + strconv.Itoa(n)
	}
	used[free] = true
	return free
}

func namesOf(columns []data.Column) map[string]bool {
	used := map[string]bool{}
	for _, c := range columns {
		used[c.Name] = true
	}
	return used
}

// columnArg is the position of a column argument.
func columnArg(args []PluginArg, at int) (int, error) {
	if at >= len(args) || args[at].Column < 0 {
		return 0, fmt.Errorf("argument %d: want a column", at+1)
	}
	return args[at].Column, nil
}

// constantArg is a constant that is not null.
func constantArg(args []PluginArg, at int) (data.Value, error) {
	if at >= len(args) || args[at].Const == nil || args[at].Const.IsNull() {
		return data.Value{}, fmt.Errorf("argument %d: want a constant", at+1)
	}
	return *args[at].Const, nil
}

// namedArg finds an argument given by name, or at a place without one.
func namedArg(args []PluginArg, name string, at int) (data.Value, bool) {
	for i, a := range args {
		if a.Const != nil && (a.Name == name || i == at && a.Name == "" && a.Column < 0) {
			return *a.Const, !a.Const.IsNull()
		}
	}
	return data.Value{}, false
}
