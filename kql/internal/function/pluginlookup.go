package function

import (
	"errors"
	"fmt"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func lookupPlugins() []Plugin {
	return []Plugin{
		{
			Name: "ipv4_lookup", Signatures: []string{"(LookupTable:Tabular, SourceIPv4Key:Scalar{Column}, IPv4LookupKey:Scalar{Column_Parameter0}, ExtraKey:Scalar{Column_Parameter0_Common}×0..n, return_unmatched:bool{Literal}?) → Custom"},
			Doc: "Joins a table of IPv4 ranges.", Keeps: true, Columns: lookupColumns, Run: lookupRun(ipv4Within),
		},
		{
			Name: "ipv6_lookup", Signatures: []string{"(LookupTable:Tabular, SourceIPv6Key:Scalar{Column}, IPv6LookupKey:Scalar{Column_Parameter0}, return_unmatched:bool{Literal}?) → Custom"},
			Doc: "Joins a table of IPv6 and IPv4 ranges.", Keeps: true, Columns: lookupColumns, Run: lookupRun(ipv6Within),
		},
	}
}

// A within tells whether an address is in one of many ranges, of which it
// knows the texts beforehand; it gives the positions of those.
type within func(ranges []string) func(address string) []int32

func ipv4Within(ranges []string) func(string) []int32 {
	read := make([]ipv4, len(ranges))
	valid := make([]bool, len(ranges))
	for i, text := range ranges {
		read[i], valid[i] = readIPv4(text)
	}
	return func(address string) (found []int32) {
		ip, ok := readIPv4(address)
		for i, r := range read {
			if ok && valid[i] && r.contains(ip) {
				found = append(found, int32(i))
			}
		}
		return found
	}
}

func ipv6Within(ranges []string) func(string) []int32 {
	read := make([]ipv6, len(ranges))
	valid := make([]bool, len(ranges))
	for i, text := range ranges {
		read[i], valid[i] = readIPv6(text)
	}
	return func(address string) (found []int32) {
		ip, ok := readIPv6(address)
		for i, r := range read {
			if ok && valid[i] && r.contains(ip) {
				found = append(found, int32(i))
			}
		}
		return found
	}
}

// A lookup is the arguments of ipv4_lookup: extra keys are columns of both tables.
type lookup struct {
	table       *Table
	source, key int
	extra       [][2]int // column of the input, column of the table
	unmatched   bool
}

func readLookup(input []data.Column, args []PluginArg) (lookup, error) {
	l := lookup{}
	if len(args) < 3 || args[0].Table == nil {
		return l, errors.New("want a table, a column of the input and a column of the table")
	}
	l.table = args[0].Table
	var err error
	if l.source, err = findColumn(input, args[1].Name); err != nil {
		return l, err
	}
	if l.key, err = findColumn(l.table.Columns, args[2].Name); err != nil {
		return l, err
	}
	for _, a := range args[3:] {
		if a.Const != nil {
			l.unmatched = a.Const.Bool()
			continue
		}
		of, err := findColumn(input, a.Name)
		in, err2 := findColumn(l.table.Columns, a.Name)
		if err := errors.Join(err, err2); err != nil {
			return l, err
		}
		l.extra = append(l.extra, [2]int{of, in})
	}
	return l, nil
}

func findColumn(columns []data.Column, name string) (int, error) {
	for i, c := range columns {
		if c.Name == name && name != "" {
			return i, nil
		}
	}
	return 0, fmt.Errorf("no column %q", name)
}

// added are the columns of the table that the result has.
func (l lookup) added() []int {
	var out []int
	for i := range l.table.Columns {
		key := false
		for _, e := range l.extra {
			key = key || e[1] == i
		}
		if !key {
			out = append(out, i)
		}
	}
	return out
}

func (l lookup) columns(input []data.Column) []data.Column {
	out := append([]data.Column(nil), input...)
	used := namesOf(out)
	for _, i := range l.added() {
		c := l.table.Columns[i]
		out = append(out, data.Column{Name: freeName(c.Name, used), Type: c.Type})
	}
	return out
}

func lookupColumns(input []data.Column, args []PluginArg) ([]data.Column, bool, error) {
	l, err := readLookup(input, args)
	if err != nil {
		return nil, false, err
	}
	return l.columns(input), false, nil
}

func lookupRun(search within) func(*Context, Table, []PluginArg) (Table, error) {
	return func(c *Context, input Table, args []PluginArg) (Table, error) {
		l, err := readLookup(input.Columns, args)
		if err != nil {
			return Table{}, err
		}
		ranges := make([]string, l.table.Rows)
		for i := range ranges {
			ranges[i] = data.Convert(l.table.Vectors[l.key].Value(i), data.String).Text()
		}
		left, right := l.matches(c, input, search(ranges))
		out := gathered(c, input, left)
		out.Columns = l.columns(input.Columns)
		for _, at := range l.added() {
			c.mustSpend(len(right), cellBytes)
			out.Vectors = append(out.Vectors, gatherOrNull(l.table.Vectors[at], right))
		}
		return out, nil
	}
}

// matches pairs rows; -1 on the right stands for none.
func (l lookup) matches(c *Context, input Table, find func(string) []int32) (left, right []int32) {
	for row := range input.Rows {
		address := data.Convert(input.Vectors[l.source].Value(row), data.String).Text()
		found, before := false, len(left)
		for _, r := range find(address) {
			if l.sameKeys(input, row, int(r)) {
				found = true
				left, right = append(left, int32(row)), append(right, r)
			}
		}
		if !found && l.unmatched {
			left, right = append(left, int32(row)), append(right, -1)
		}
		c.mustSpend(len(left)-before, 8)
	}
	return left, right
}

func (l lookup) sameKeys(input Table, row, other int) bool {
	for _, e := range l.extra {
		if !data.EqualValues(input.Vectors[e[0]].Value(row), l.table.Vectors[e[1]].Value(other)) {
			return false
		}
	}
	return true
}

func gatherOrNull(v *data.Vector, rows []int32) *data.Vector {
	out := data.NewVector(v.Type, len(rows))
	for i, r := range rows {
		if r < 0 {
			out.Put(i, data.Null(v.Type))
			continue
		}
		out.Put(i, v.Value(int(r)))
	}
	return out
}
