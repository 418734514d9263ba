package plan

import (
	"slices"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

func (b *binder) mvExpand(in *relation, op *syntax.MvExpand) *relation {
	if op.ItemIndex != nil {
		in = in.giving(op.ItemIndex.Text)
	}
	s := b.over(in)
	cols := newColumns(in.cols()...)
	hidden := append([]bool{}, in.hidden...)
	node := &Expand{Bags: op.Bags, Index: -1}
	for _, it := range op.Items {
		item, name := b.expandItem(s, it, cols)
		if written := it.Written(); written != nil {
			if cols.declared[name] {
				b.duplicate(*written)
			}
			cols.declared[name] = true
		}
		if i := cols.index(name); i >= 0 {
			cols.list[i].Type, item.Into = item.To, i
			if in.hidden != nil {
				hidden[i] = false
			}
		} else {
			item.Into = len(cols.list)
			cols.add(data.Column{Name: name, Type: item.To})
			hidden = append(hidden, false)
		}
		node.Items = append(node.Items, item)
	}
	if op.ItemIndex != nil {
		node.Index = len(cols.list)
		cols.add(data.Column{Name: cols.free(op.ItemIndex.Text), Type: data.Long})
		hidden = append(hidden, false)
	}
	if op.Limit != nil {
		node.Limit = b.rows(op.Limit)
	}
	node.Base = Base{Cols: cols.list, From: []Node{in.node}}
	r := in.keeping(node)
	if in.hidden != nil {
		r.hidden = hidden
	}
	return r
}

// expandItem binds an item and names its column.
func (b *binder) expandItem(s *scalars, it syntax.MvItem, cols *columns) (ExpandItem, string) {
	e := s.expr(it.Value)
	if t := e.Type(); t != 0 && t != data.Dynamic {
		b.problem(it.Value.At(), codeType, "only a dynamic has items to expand, this is %s%s", t, parseHint(e))
	}
	item := ExpandItem{Value: e, To: data.Dynamic}
	if it.Type != 0 {
		item.To = it.Type
	}
	if it.Name != nil {
		return item, it.Name.Text
	}
	if name := s.label(it.Value); name != "" {
		return item, name
	}
	return item, cols.named("")
}

// mvApply binds the subquery over a Subject: the items, their index, then the
// input's columns, which can be named but are not part of the rows.
func (b *binder) mvApply(in *relation, op *syntax.MvApply) *relation {
	s := b.over(in)
	node := &Apply{Index: -1, Subject: &Subject{}}
	cols := newColumns()
	gone := map[string]bool{}
	for _, it := range op.Items {
		item, name := b.expandItem(s, it, cols)
		if ref, ok := it.Value.(*syntax.NameRef); ok && it.Name == nil {
			gone[ref.Text] = true
		}
		item.Into = len(cols.list)
		cols.add(data.Column{Name: cols.free(name), Type: item.To})
		node.Items = append(node.Items, item)
	}
	if op.ItemIndex != nil {
		taken := newColumns(append(slices.Clone(in.cols()), cols.list...)...)
		node.Index = len(cols.list)
		cols.add(data.Column{Name: taken.free(op.ItemIndex.Text), Type: data.Long})
	}
	if op.Limit != nil {
		node.Limit = b.rows(op.Limit)
	}
	sub := b.applied(in, op, node.Subject, cols.list)
	node.Sub = sub.node
	return b.applyColumns(in, node, sub, gone)
}

func (b *binder) applied(in *relation, op *syntax.MvApply, subject *Subject, items []data.Column) *relation {
	subject.Cols = append(append([]data.Column{}, items...), in.cols()...)
	hidden := make([]bool, len(subject.Cols))
	for i := len(items); i < len(hidden); i++ {
		hidden[i] = true
	}
	b.outers = append(b.outers, in)
	defer func() { b.outers = b.outers[:len(b.outers)-1] }()
	var ops []syntax.Operator
	if op.On != nil {
		ops = op.On.Operators
	}
	sub := b.pipe(&relation{node: subject, hidden: hidden, partial: in.partial, serial: true}, ops).shown()
	return b.closedSub(sub, op.Word)
}

// closedSub refuses a subquery whose columns are known only when it runs.
func (b *binder) closedSub(sub *relation, word syntax.Name) *relation {
	if sub.late {
		b.problem(word.Span, codeRefused, "the subquery of %s must have columns that are known beforehand", word.Text)
		return nothing()
	}
	return sub
}

// applyColumns orders the result: the input's columns, of which the subquery's
// of the same name take the place, then the subquery's others.
func (b *binder) applyColumns(in *relation, node *Apply, sub *relation, gone map[string]bool) *relation {
	subAt := map[string]int{}
	for i, c := range sub.cols() {
		subAt[c.Name] = i
	}
	var order []int // positions in the node's columns
	taken := map[int]bool{}
	type slot struct {
		fromSub bool
		at      int
	}
	var slots []slot
	for i, c := range in.cols() {
		name := c.Name
		if _, ok := subAt[name]; in.isHidden(i) && (ok || in.find(name) != i) {
			continue
		}
		if j, ok := subAt[name]; ok && !gone[name] {
			taken[j] = true
			slots = append(slots, slot{true, j})
		} else if !gone[name] {
			slots = append(slots, slot{false, len(node.Keep)})
			node.Keep = append(node.Keep, i)
			node.Cols = append(node.Cols, in.cols()[i])
		}
	}
	kept := len(node.Keep)
	node.Cols = append(node.Cols, sub.cols()...)
	node.From = []Node{in.node}
	for _, s := range slots {
		if s.fromSub {
			s.at += kept
		}
		order = append(order, s.at)
	}
	for j := range sub.cols() {
		if !taken[j] {
			order = append(order, kept+j)
		}
	}
	r := &relation{node: node, partial: in.partial || sub.partial}
	if in.hidden != nil {
		r.hidden = make([]bool, len(node.Cols))
		for to, from := range node.Keep {
			r.hidden[to] = in.hidden[from]
		}
	}
	if isIdentity(order, len(node.Cols)) {
		return r
	}
	return r.keepingOnly(order)
}

func isIdentity(order []int, n int) bool {
	for i, at := range order {
		if i != at {
			return false
		}
	}
	return len(order) == n
}
