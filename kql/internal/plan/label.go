package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// label is the name that Kusto gives an expression's column, "" where it has
// none (Column1, …). It follows the text, not the bound expression.
func (s *scalars) label(e syntax.Expr) string {
	switch e := e.(type) {
	case *syntax.NameRef:
		return e.Text
	case *syntax.Member:
		return join(s.label(e.Base), e.Name.Text)
	case *syntax.Index:
		if name := s.tupleLabel(e); name != "" {
			return name
		}
		base := s.label(e.Base)
		if index := indexLabel(e.Index); base == "" || index != "" {
			return join(base, index)
		}
		return base + "_"
	case *syntax.Call:
		return s.callLabel(e)
	}
	return ""
}

// tupleLabel is f(a, b)[1], where f has several columns: the column's name.
func (s *scalars) tupleLabel(e *syntax.Index) string {
	lit, ok := e.Index.(*syntax.Literal)
	if !ok || lit.Value.Type() != data.Long {
		return ""
	}
	_, cols := s.tuple(e.Base)
	if n := lit.Value.Long(); len(cols) > 1 && n >= 0 && n < int64(len(cols)) {
		return cols[n].Name
	}
	return ""
}

func join(base, name string) string {
	if base == "" {
		return name
	}
	return base + "_" + name
}

// callLabel follows the rule of the function tables.
func (s *scalars) callLabel(e *syntax.Call) string {
	if d := s.names.find(e.Function.Text); d != nil && d.lambda != nil {
		return ""
	}
	rule, ok := s.rule(e.Function.Text)
	if !ok {
		return ""
	}
	first := func() string {
		if len(e.Args) == 0 {
			return ""
		}
		if name := e.Args[0].Name; name != nil { // tostring(group = split(id, "/", 4))
			return name.Text
		}
		return s.label(e.Args[0].Value)
	}
	kind, prefix, _ := strings.Cut(rule, ":")
	switch kind {
	case "FirstArgument":
		return first()
	case "NameAndFirstArgument":
		return e.Function.Text + "_" + first()
	case "PrefixAndFirstArgument":
		return prefix + "_" + first()
	case "PrefixOnly":
		return prefix
	case "OnlyArgument":
		if len(e.Args) == 1 {
			return first()
		}
	case "FirstArgumentValueIfColumn":
		return s.columnNamed(e)
	}
	return ""
}

// rule is how a function's column is named. Where aggregates may stand, they come first.
func (s *scalars) rule(name string) (string, bool) {
	if s.groups != nil {
		if f, ok := function.FindAggregate(name); ok {
			return f.Column, true
		}
	}
	if f, ok := function.FindScalar(name); ok {
		return f.Column, true
	}
	if _, ok := conversions[name]; ok {
		return "FirstArgument", true
	}
	return "", false
}

func (s *scalars) columnNamed(e *syntax.Call) string {
	if len(e.Args) == 0 {
		return ""
	}
	if lit, ok := e.Args[0].Value.(*syntax.Literal); ok && lit.Value.Type() == data.String && s.row.find(lit.Value.Text()) >= 0 {
		return lit.Value.Text()
	}
	return ""
}

// columns collects a step's result columns and keeps their names apart.
type columns struct {
	list []data.Column
	used map[string]bool
	// declared are the names that the query wrote.
	declared map[string]bool
	// input are the columns that the step reads: Column1, … avoids their names too.
	input []data.Column
	// unnamed is the last number of a column without any name of its own.
	unnamed int
}

// reading are the columns of a step over an input, none yet.
func reading(in *relation) *columns {
	c := newColumns()
	c.input = in.cols()
	return c
}

func newColumns(cols ...data.Column) *columns {
	c := &columns{used: map[string]bool{}, declared: map[string]bool{}}
	for _, col := range cols {
		c.add(col)
	}
	return c
}

func (c *columns) add(col data.Column) {
	c.list = append(c.list, col)
	c.used[col.Name] = true
}

// reserve keeps the names that items write from those that follow from an expression.
func (c *columns) reserve(items []syntax.Named) {
	for _, item := range items {
		if item.Name != nil {
			c.used[item.Name.Text] = true
		} else if ref, ok := item.Value.(*syntax.NameRef); ok {
			c.used[ref.Text] = true
		}
		for _, n := range item.Names {
			c.used[n.Text] = true
		}
	}
}

// declare is the name of a column for which the query wrote one: a second that
// it wrote is refused, one that an expression had by itself before makes this one name1, ….
func (c *columns) declare(name string) (string, bool) {
	if c.declared[name] {
		return "", false
	}
	name = c.free(name)
	c.declared[name] = true
	return name, true
}

// free is a name that is not used yet: name, name1, name2, ….
func (c *columns) free(name string) string {
	if !c.used[name] {
		return name
	}
	return c.numbered(name)
}

// numbered is name1, name2, …, the first that is not used.
func (c *columns) numbered(name string) string {
	for n := 1; ; n++ {
		if candidate := name + strconv.Itoa(n); !c.used[candidate] {
			return candidate
		}
	}
}

// named is a free name for a label; without label Column1, Column2, …, past
// the columns of the input. A name that the query wrote gives it a number more.
func (c *columns) named(label string) string {
	if label != "" {
		return c.free(label)
	}
	for {
		c.unnamed++
		name := "Column" + strconv.Itoa(c.unnamed)
		if !slices.ContainsFunc(c.input, func(in data.Column) bool { return in.Name == name }) {
			return c.free(name)
		}
	}
}

// index is where a column stands, or -1.
func (c *columns) index(name string) int {
	if !c.used[name] {
		return -1
	}
	for i, col := range c.list {
		if col.Name == name {
			return i
		}
	}
	return -1
}
