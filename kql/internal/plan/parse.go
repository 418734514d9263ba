package plan

import (
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/operator"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

func (b *binder) parseText(in *relation, op *syntax.ParseText) *relation {
	s := b.over(in)
	node := &Parse{Where: op.Where, Mode: strings.ToLower(op.Kind), Flags: op.Flags}
	if node.Mode == "" {
		node.Mode = "simple"
	}
	node.Value = s.convert(s.expr(op.Value), data.String)
	b.parsePattern(op.Parts)
	if node.Mode == "regex" {
		b.parseExpressions(op.Parts)
	}
	set := newSetter(in)
	for _, p := range op.Parts {
		part := ParsePart{Text: p.Text, Star: p.Star, Column: p.Column != nil}
		if p.Column != nil {
			if part.Of = p.Column.Type; part.Of == 0 {
				part.Of = data.String
			}
			node.Into = append(node.Into, set.column(p.Column.Name.Text, part.Of))
		}
		node.Parts = append(node.Parts, part)
	}
	node.Base = Base{Cols: set.cols.list, From: []Node{in.node}}
	return set.relation(in, node)
}

// parsePattern refuses patterns that could be read in several ways.
func (b *binder) parsePattern(parts []syntax.ParsePart) {
	for i := 1; i < len(parts); i++ {
		before, p := &parts[i-1], &parts[i]
		switch {
		case before.Star && p.Text == nil:
			b.problem(p.Span, codeValue, `a text must follow *, such as * "key=" column`)
		case before.Column != nil && p.Column != nil:
			b.problem(p.Span, codeValue, "a text must stand between the columns %q and %q", before.Column.Name.Text, p.Column.Name.Text)
		case before.Column != nil && p.Star && (before.Column.Type == 0 || before.Column.Type == data.String):
			b.problem(p.Span, codeValue, "* behind %q, a string, may begin anywhere: want a text between, or another type", before.Column.Name.Text)
		}
	}
}

// parseExpressions refuses texts that are no regular expressions.
func (b *binder) parseExpressions(parts []syntax.ParsePart) {
	for _, p := range parts {
		if p.Text == nil {
			continue
		}
		if _, err := operator.CompilePattern(*p.Text); err != nil {
			b.problem(p.Span, codeValue, "parse kind=regex: %v", err)
		}
	}
}

func (b *binder) parseKV(in *relation, op *syntax.ParseKV) *relation {
	s := b.over(in)
	node := &ParseKV{Value: s.convert(s.expr(op.Value), data.String), Options: properties(op.With)}
	set := newSetter(in)
	for _, c := range op.Columns {
		node.Keys = append(node.Keys, c.Name.Text)
		node.Into = append(node.Into, set.column(c.Name.Text, c.Type))
	}
	node.Base = Base{Cols: set.cols.list, From: []Node{in.node}}
	return set.relation(in, node)
}

// A setter replaces columns of an input or adds some.
type setter struct {
	cols   *columns
	hidden []bool
}

func newSetter(in *relation) *setter {
	return &setter{cols: newColumns(in.cols()...), hidden: append([]bool{}, in.hidden...)}
}

func (s *setter) column(name string, t data.Type) int {
	if i := s.cols.index(name); i >= 0 {
		s.cols.list[i].Type = t
		if i < len(s.hidden) {
			s.hidden[i] = false
		}
		return i
	}
	s.cols.add(data.Column{Name: name, Type: t})
	s.hidden = append(s.hidden, false)
	return len(s.cols.list) - 1
}

func (s *setter) relation(in *relation, n Node) *relation {
	r := in.keeping(n)
	if in.hidden != nil {
		r.hidden = s.hidden
	}
	return r
}
