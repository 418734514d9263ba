package plan

import (
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

func (b *binder) where(in *relation, predicate syntax.Expr) *relation {
	s := b.over(in)
	cond := s.boolean(predicate)
	if s.windows == 0 {
		return in.keeping(&Filter{b.over1(in), cond})
	}
	with, exprs := b.hoist(in, []Expr{cond})
	filtered := &Filter{b.over1(with), exprs[0]}
	all := make([]int, len(in.cols()))
	for i := range all {
		all[i] = i
	}
	return in.keeping(pick(filtered, all))
}

func (b *binder) extend(in *relation, items []syntax.Named) *relation {
	return b.extended(in, items, &itemList{replace: true})
}

// serialize is an extend after which rows have an order, and whose derived names take no column's place.
func (b *binder) serialize(in *relation, items []syntax.Named) *relation {
	ordered := *in
	ordered.serial = true
	return b.extended(&ordered, items, &itemList{replace: true, apart: true})
}

func (b *binder) extended(in *relation, items []syntax.Named, list *itemList) *relation {
	if len(items) == 0 {
		return in
	}
	list.s, list.cols, list.exprs = b.over(in), newColumns(in.cols()...), identity(in.cols())
	list.cols.input = in.cols()
	if list.apart {
		list.cols.reserve(items)
	}
	for _, item := range items {
		list.add(item)
	}
	r := in.keeping(list.project(in.node))
	if in.hidden != nil {
		r.hidden = make([]bool, len(r.cols()))
		for i, hidden := range in.hidden {
			r.hidden[i] = hidden && !list.touched[i]
		}
	}
	return r
}

func (b *binder) project(in *relation, op *syntax.Project) *relation {
	list := &itemList{s: b.over(in), cols: reading(in)}
	for _, item := range op.Items {
		list.add(item)
	}
	r := made(list.project(in.node))
	r.serial = in.serial
	return r
}

// projectColumns is project-away, -keep, -reorder and -by-names.
func (b *binder) projectColumns(in *relation, op *syntax.ProjectColumns) *relation {
	r := *in
	r.hidden = append([]bool(nil), in.hidden...) // those that are named are shown
	var at []int
	switch op.Word.Text {
	case "project-away":
		at = b.away(&r, op.Patterns)
	case "project-reorder":
		at = b.reorder(&r, op)
	case "project-by-names":
		at = b.byNames(&r, op)
	default:
		at = b.keep(&r, op.Patterns)
	}
	return r.keepingOnly(at)
}

// meeting lists the columns that a pattern stands for. A hidden one has to be named,
// and is shown from then on.
func (b *binder) meeting(r *relation, p syntax.Pattern) []int {
	var at []int
	for i, c := range r.cols() {
		if r.isHidden(i) && c.Name == p.Name.Text {
			r.hidden[i] = false
		}
		if c.Name == p.Name.Text || p.Wildcard && !r.isHidden(i) && matches(p.Name.Text, c.Name) {
			at = append(at, i)
		}
	}
	if len(at) == 0 && !p.Wildcard && !r.partial {
		b.unknown(p.Name.Span, codeColumn, "column", p.Name.Text, r.row().columnNames())
	}
	return at
}

func (b *binder) away(r *relation, patterns []syntax.Pattern) []int {
	gone := map[int]bool{}
	for _, p := range patterns {
		for _, i := range b.meeting(r, p) {
			gone[i] = true
		}
	}
	var at []int
	for i := range r.cols() {
		if !gone[i] {
			at = append(at, i)
		}
	}
	return at
}

// keep keeps columns in the order of the input.
func (b *binder) keep(r *relation, patterns []syntax.Pattern) []int {
	kept := map[int]bool{}
	for _, p := range patterns {
		list := b.meeting(r, p)
		for _, i := range list {
			kept[i] = true
		}
		if len(list) == 0 && p.Wildcard && !r.partial {
			b.problem(p.Name.Span, codeColumn, "no column's name is like %q", p.Name.Text)
		}
	}
	var at []int
	for i := range r.cols() {
		if kept[i] {
			at = append(at, i)
		}
	}
	return at
}

// reorder puts the named columns first.
func (b *binder) reorder(r *relation, op *syntax.ProjectColumns) []int {
	first := map[int]bool{}
	var at []int
	take := func(list []int) {
		for _, i := range list {
			if !first[i] {
				first[i] = true
				at = append(at, i)
			}
		}
	}
	for n, p := range op.Patterns {
		list := b.meeting(r, p)
		if n < len(op.Orders) {
			orderNames(r.cols(), list, op.Orders[n])
		}
		take(list)
	}
	all := make([]int, len(r.cols()))
	for i := range all {
		all[i] = i
	}
	take(all)
	return at
}

// orderNames sorts columns by name; granny order compares the numbers in names as numbers.
func orderNames(cols []data.Column, list []int, order string) {
	by := func(x, y string) int { return compareText(x, y) }
	if order == "granny-asc" || order == "granny-desc" {
		by = compareNatural
	}
	switch order {
	case "asc", "granny-asc":
		slices.SortStableFunc(list, func(i, j int) int { return by(cols[i].Name, cols[j].Name) })
	case "desc", "granny-desc":
		slices.SortStableFunc(list, func(i, j int) int { return by(cols[j].Name, cols[i].Name) })
	}
}

func compareText(x, y string) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// compareNatural orders a2 before a10.
func compareNatural(x, y string) int {
	for x != "" && y != "" {
		n, m := digits(x), digits(y)
		if n > 0 && m > 0 {
			if c := compareDigits(x[:n], y[:m]); c != 0 {
				return c
			}
			x, y = x[n:], y[m:]
			continue
		}
		if x[0] != y[0] {
			return int(x[0]) - int(y[0])
		}
		x, y = x[1:], y[1:]
	}
	return len(x) - len(y)
}

func digits(s string) (n int) {
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

func compareDigits(x, y string) int {
	for len(x) > 1 && x[0] == '0' {
		x = x[1:]
	}
	for len(y) > 1 && y[0] == '0' {
		y = y[1:]
	}
	if len(x) != len(y) {
		return len(x) - len(y)
	}
	return compareText(x, y)
}

// byNames takes names from texts and arrays of texts, wildcards allowed.
func (b *binder) byNames(r *relation, op *syntax.ProjectColumns) []int {
	var at []int
	seen := map[int]bool{}
	add := func(name string, span syntax.Span) {
		pattern := syntax.Pattern{Name: syntax.Name{Text: name, Span: span}, Wildcard: true}
		for _, i := range b.meeting(r, pattern) {
			if !seen[i] {
				seen[i] = true
				at = append(at, i)
			}
		}
	}
	for _, e := range op.Values {
		for _, it := range (&scalars{binder: b, row: noRow}).listItem(e) {
			v, ok := data.Value{}, false
			if it.expr != nil {
				v, ok = constant(it.expr)
			}
			if !ok || v.Type() != data.String {
				b.problem(e.At(), codeValue, "project-by-names wants constant texts or arrays of them")
				continue
			}
			add(v.Text(), e.At())
		}
	}
	return at
}

func (b *binder) rename(in *relation, op *syntax.ProjectRename) *relation {
	in = in.giving(onlyNew(op)...)
	shown := *in
	shown.hidden = append([]bool(nil), in.hidden...)
	r := &shown
	all := make([]int, len(r.cols()))
	for i := range all {
		all[i] = i
	}
	p := pick(r.node, all)
	taken := map[string]bool{}
	for _, c := range r.cols() {
		taken[c.Name] = true
	}
	for _, item := range op.Items {
		delete(taken, item.Old.Text)
	}
	renamed := map[string]bool{}
	for _, item := range op.Items {
		if renamed[item.Old.Text] {
			b.problem(item.Old.Span, codeDuplicate, "column %q is renamed twice", item.Old.Text)
		}
		renamed[item.Old.Text] = true
		i := r.find(item.Old.Text)
		switch {
		case i < 0 && !r.partial:
			b.unknown(item.Old.Span, codeColumn, "column", item.Old.Text, r.row().columnNames())
		case i >= 0 && taken[item.New.Text]:
			b.duplicate(item.New)
		case i >= 0:
			p.Cols[i].Name = item.New.Text
			if r.isHidden(i) {
				r.hidden[i] = false
			}
		}
		taken[item.New.Text] = true
	}
	return r.keeping(p)
}

// onlyNew lists the new names that are none of the old ones.
func onlyNew(op *syntax.ProjectRename) []string {
	old := map[string]bool{}
	for _, item := range op.Items {
		old[item.Old.Text] = true
	}
	var list []string
	for _, item := range op.Items {
		if !old[item.New.Text] {
			list = append(list, item.New.Text)
		}
	}
	return list
}

func (b *binder) top(in *relation, op *syntax.Top) *relation {
	key, in := b.key(in, op.By, false)
	r := in.keeping(&Top{b.over1(in), b.rows(op.Rows), []Key{key}})
	r.serial = true
	return r
}

func (b *binder) sort(in *relation, op *syntax.Sort) *relation {
	node := &Sort{Base: b.over1(in)}
	for _, o := range op.By {
		key, _ := b.key(in, o, true)
		node.Keys = append(node.Keys, key)
	}
	r := in.keeping(node)
	r.serial = true
	return r
}

// key binds one key of an order. Kusto sorts by no dynamic, but finds the top of them.
func (b *binder) key(in *relation, o syntax.Order, strict bool) (Key, *relation) {
	s := b.over(in)
	e := s.expr(o.Value)
	if strict && e.Type() == data.Dynamic {
		b.problem(o.Value.At(), codeType, "cannot sort by a dynamic; cast it first, e.g. tostring(…)")
	}
	if s.windows > 0 {
		b.problem(o.Value.At(), codeRefused, "a window function cannot be a key; extend a column with it first")
	}
	return Key{Value: e, Descending: o.Descending, NullsFirst: o.NullsFirst}, in
}
