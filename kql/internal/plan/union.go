package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// union binds "union T1, T2" (in is nil) and "… | union T1, T2".
func (b *binder) union(in *relation, op *syntax.Union) *relation {
	var legs []*relation
	if in != nil {
		legs = append(legs, in)
	}
	for _, src := range op.Tables {
		for _, leg := range b.legsOf(src, op.Fuzzy) {
			legs = append(legs, b.await(leg))
		}
	}
	if len(legs) == 0 {
		b.problem(op.Word.Span, codeTable, "union finds none of its tables")
		return nothing()
	}
	return b.joinLegs(legs, op.WithSource, strings.EqualFold(op.Kind, "inner"))
}

// legsOf are the tables that one operand stands for: several with a wildcard,
// none where a fuzzy union does not find it.
func (b *binder) legsOf(src syntax.Source, fuzzy bool) []*relation {
	if ref, ok := src.(*syntax.TableRef); ok && ref.Wildcard && b.reachable(ref.On, ref.Name.Span) {
		found := b.matching(ref.Name)
		if len(found) == 0 && !fuzzy {
			b.problem(ref.Name.Span, codeTable, "no table is named like %q", ref.Name.Text)
		}
		return found
	}
	if fuzzy && !b.exists(src) {
		return nil
	}
	return []*relation{b.isolated(func() *relation { return b.source(src) })}
}

// exists tells whether the table that a fuzzy union reads is there.
func (b *binder) exists(src syntax.Source) bool {
	switch src := src.(type) {
	case *syntax.Nested:
		return b.exists(src.Pipeline.Source)
	case *syntax.TableRef:
		if b.names.find(src.Name.Text) != nil {
			return true
		}
		return b.hasTable(src.Name.Text)
	}
	return true
}

// joinLegs puts tables one behind the other: with the columns of all, or with the
// common ones.
func (b *binder) joinLegs(legs []*relation, withSource string, common bool) *relation {
	cols := unionColumns(legs)
	if common {
		cols = commonColumns(legs)
	}
	node := &Union{}
	if withSource != "" {
		cols = besideSource(cols, withSource)
		node.Cols = append(node.Cols, data.Column{Name: withSource, Type: data.String})
	}
	place := make(map[data.Column]int, len(cols))
	for _, c := range cols {
		place[c.in] = len(node.Cols)
		node.Cols = append(node.Cols, c.out)
	}
	r := &relation{node: node, hidden: hiddenIn(legs, place, len(node.Cols))}
	for i, leg := range legs {
		from, into := leg.node, placesOf(leg, place)
		if withSource != "" {
			from, into = named(from, data.Column{Name: withSource, Type: data.String}, legName(leg, i)), append([]int{0}, into...)
		}
		node.From, node.Into = append(node.From, from), append(node.Into, into)
		r.partial = r.partial || leg.partial
	}
	return r
}

// placesOf are the places in a union of a table's columns; -1: it has none, or
// a column before it has it.
func placesOf(leg *relation, place map[data.Column]int) []int {
	into := make([]int, len(leg.cols()))
	taken := make(map[int]bool, len(into))
	for i, c := range leg.cols() {
		at, ok := place[c]
		if !ok || taken[at] {
			at = -1
		}
		into[i] = at
		taken[at] = true
	}
	return into
}

// named puts a column before a table's own that is the same in all rows.
func named(n Node, c data.Column, value string) Node {
	cols := n.Columns()
	return &Project{
		Base:  Base{Cols: append([]data.Column{c}, cols...), From: []Node{n}},
		Exprs: append([]Expr{&Const{data.OfString(value)}}, identity(cols)...),
	}
}

// hiddenIn marks the columns of a union that all its tables hide which have them;
// nil for none.
func hiddenIn(legs []*relation, place map[data.Column]int, width int) []bool {
	if !slices.ContainsFunc(legs, func(leg *relation) bool { return leg.hidden != nil }) {
		return nil
	}
	hidden, shown := make([]bool, width), make([]bool, width)
	for _, leg := range legs {
		for i, at := range placesOf(leg, place) {
			if at >= 0 && leg.isHidden(i) {
				hidden[at] = true
			} else if at >= 0 {
				shown[at] = true
			}
		}
	}
	for i := range hidden {
		hidden[i] = hidden[i] && !shown[i]
	}
	if !slices.Contains(hidden, true) {
		return nil
	}
	return hidden
}

// besideSource numbers a column of the tables that is named like the one that says
// where rows come from.
func besideSource(cols []unionColumn, source string) []unionColumn {
	names := newColumns(data.Column{Name: source})
	for _, c := range cols {
		names.used[c.out.Name] = true
	}
	for i := range cols {
		if cols[i].out.Name == source {
			cols[i].out.Name = names.numbered(source)
		}
	}
	return cols
}

// A unionColumn is a column of the result and the input's column that fills it.
type unionColumn struct{ in, out data.Column }

// unionColumns lists the columns of all tables; one that has several types is
// split: a_long, a_real.
func unionColumns(legs []*relation) []unionColumn {
	var order []string
	typesOf := map[string][]data.Type{}
	for _, leg := range legs {
		for _, c := range leg.cols() {
			if typesOf[c.Name] == nil {
				order = append(order, c.Name)
			}
			typesOf[c.Name] = appendNew(typesOf[c.Name], c.Type)
		}
	}
	var cols []unionColumn
	for _, name := range order {
		for _, t := range typesOf[name] {
			c := unionColumn{in: data.Column{Name: name, Type: t}, out: data.Column{Name: name, Type: t}}
			if len(typesOf[name]) > 1 {
				c.out.Name = splitName(name+"_"+t.String(), typesOf)
			}
			cols = append(cols, c)
		}
	}
	return cols
}

// commonColumns lists the columns that all tables have. Where one of them has
// several types, it lists the columns of all tables, as Kusto's analyser does.
func commonColumns(legs []*relation) []unionColumn {
	having := inAll(legs, func(c data.Column) data.Column { return c })
	var cols []unionColumn
	named := map[string]bool{}
	for _, c := range legs[0].cols() {
		if having[c] {
			cols = append(cols, unionColumn{c, c})
			named[c.Name] = true
			delete(having, c)
		}
	}
	if len(inAll(legs, func(c data.Column) data.Column { return data.Column{Name: c.Name} })) > len(named) {
		return unionColumns(legs)
	}
	return cols
}

// inAll gives what of the columns all tables have.
func inAll(legs []*relation, of func(data.Column) data.Column) map[data.Column]bool {
	having := map[data.Column]int{} // how many of the tables so far, of which all have it
	for i, leg := range legs {
		for _, c := range leg.cols() {
			if having[of(c)] == i {
				having[of(c)] = i + 1
			}
		}
	}
	all := map[data.Column]bool{}
	for c, n := range having {
		if n == len(legs) {
			all[c] = true
		}
	}
	return all
}

// splitName counts on from a name that a table's own column has.
func splitName(name string, own map[string][]data.Type) string {
	free := name
	for n := 1; own[free] != nil; n++ {
		free = name + strconv.Itoa(n)
	}
	return free
}

func appendNew(list []data.Type, t data.Type) []data.Type {
	for _, have := range list {
		if have == t {
			return list
		}
	}
	return append(list, t)
}

// missing is the value of a column that a table has not.
func missing(t data.Type) Expr {
	if t == 0 {
		return failed{}
	}
	return &Const{data.Null(t)}
}

func legName(leg *relation, number int) string {
	if leg.view != "" {
		return leg.view
	}
	return "union_arg" + strconv.Itoa(number)
}
