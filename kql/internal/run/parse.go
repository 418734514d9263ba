package run

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/operator"
	"github.com/bartizan-dev/bartizan/kql/internal/plan"
)

// A parsing is parse and parse-where: one pattern for the whole text.
type parsing struct {
	plan    *plan.Parse
	prog    *program
	pattern *operator.Pattern
	groups  []int       // the pattern's group for each column
	types   []data.Type // of each column
}

func (c *compiler) parse(n *plan.Parse) (stage, error) {
	p := &parsing{plan: n}
	var err error
	if p.prog, err = c.program(n.Value); err != nil {
		return nil, err
	}
	for _, part := range n.Parts {
		if part.Column {
			p.types = append(p.types, n.Cols[n.Into[len(p.types)]].Type)
		}
	}
	if err := p.compile(); err != nil {
		return nil, err
	}
	return p.run, nil
}

// compile writes the parts as one regular expression. Groups of the user's own
// patterns shift the numbers, so ours have names.
func (p *parsing) compile() error {
	var b strings.Builder
	switch {
	case p.plan.Mode != "regex":
		b.WriteString("(?s)^")
	case p.plan.Flags != "":
		b.WriteString("(?" + p.plan.Flags + ")^")
	default:
		b.WriteString("^")
	}
	column := 0
	for i, part := range p.plan.Parts {
		switch {
		case part.Text != nil && p.plan.Mode == "regex":
			b.WriteString("(?:" + *part.Text + ")")
		case part.Text != nil:
			b.WriteString(regexp.QuoteMeta(*part.Text))
		case part.Column:
			b.WriteString("(?P<kql" + strconv.Itoa(column) + ">" + p.group(i, p.types[column]) + ")")
			column++
		default:
			b.WriteString(".*?")
		}
	}
	if p.plan.Mode != "regex" {
		b.WriteString("$")
	}
	pattern, err := operator.CompilePattern(b.String())
	if err != nil {
		return fmt.Errorf("parse: %w", err)
	}
	p.pattern = pattern
	for k := range p.types {
		p.groups = append(p.groups, pattern.Group("kql"+strconv.Itoa(k)))
	}
	return nil
}

// group is what a column matches. Relaxed columns match anything, but what
// looks like their type first.
func (p *parsing) group(i int, t data.Type) string {
	any := ".*?"
	if p.plan.Mode == "regex" || i == len(p.plan.Parts)-1 {
		any = ".*"
	}
	typed := ""
	switch t {
	case data.Int, data.Long:
		typed = `[-+]?\d+`
	case data.Real, data.Decimal:
		typed = `[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?`
	case data.Bool:
		typed = `(?i:true|false|0|1)`
	default:
		return any
	}
	if p.plan.Mode == "relaxed" {
		return typed + "|" + any
	}
	return typed
}

func (p *parsing) run(e *env, c *chunk) (*chunk, error) {
	texts := data.ConvertVector(p.prog.one(e, c), data.String).Expand()
	columns := make([]*data.Vector, len(p.types))
	for k, t := range p.types {
		columns[k] = data.NewVector(t, c.n)
	}
	row := make([]data.Value, len(p.types))
	matched := data.NewVector(data.Bool, c.n)
	load := newLoad(e, data.Bool)
	for i, text := range texts.Texts[:c.n] {
		load.text(text)
		matched.Bools[i] = p.match(e, text, row)
		for k, v := range row {
			columns[k].Put(i, v)
		}
	}
	b := &data.Batch{Len: c.n, Columns: make([]*data.Vector, len(p.plan.Cols))}
	for k, at := range p.plan.Into {
		b.Columns[at] = columns[k]
	}
	for i := range p.plan.From[0].Columns() {
		if b.Columns[i] == nil {
			b.Columns[i] = c.column(i)
		}
	}
	if p.plan.Where {
		return wholeChunk(b).keep(matched), nil
	}
	return wholeChunk(b), nil
}

// match fills a row; it is all nulls where the text does not match. Only
// relaxed columns may be null alone.
func (p *parsing) match(e *env, text string, row []data.Value) bool {
	for k, t := range p.types {
		row[k] = data.Null(t)
	}
	found := p.pattern.First(text, e.call.Ask)
	if found == nil {
		return false
	}
	for k, g := range p.groups {
		if found[2*g] < 0 {
			continue
		}
		piece := text[found[2*g]:found[2*g+1]]
		row[k] = parsed(piece, p.types[k])
		if row[k].IsNull() && p.plan.Mode != "relaxed" {
			for k, t := range p.types {
				row[k] = data.Null(t)
			}
			return false
		}
	}
	return true
}

func parsed(text string, t data.Type) data.Value {
	if t == data.Int || t == data.Long {
		text = strings.TrimPrefix(text, "+")
	}
	return data.Convert(data.OfString(text), t)
}
