package plan

import (
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// systemTypes are the names that getschema gives types.
var systemTypes = map[data.Type]string{
	data.Bool: "System.SByte", data.Int: "System.Int32", data.Long: "System.Int64", data.Real: "System.Double",
	data.Decimal: "System.Data.SqlTypes.SqlDecimal", data.String: "System.String", data.DateTime: "System.DateTime",
	data.TimeSpan: "System.TimeSpan", data.Dynamic: "System.Object", data.GUID: "System.Guid",
}

// getSchema lists the columns, or spells them in one text.
func (b *binder) getSchema(in *relation, op *syntax.GetSchema) *relation {
	if hasOption(op.Options, "kind", "csl") {
		return spelledSchema(in)
	}
	n := len(in.cols())
	names, ordinals := data.NewVector(data.String, n), data.NewVector(data.Long, n)
	system, kusto := data.NewVector(data.String, n), data.NewVector(data.String, n)
	for i, c := range in.cols() {
		names.Texts[i], ordinals.Longs[i] = c.Name, int64(i)
		system.Texts[i], kusto.Texts[i] = systemTypes[c.Type], c.Type.String()
	}
	return &relation{serial: true, node: &Rows{
		Base: Base{Cols: []data.Column{
			{Name: "ColumnName", Type: data.String},
			{Name: "ColumnOrdinal", Type: data.Long},
			{Name: "DataType", Type: data.String},
			{Name: "ColumnType", Type: data.String},
		}},
		Batch: &data.Batch{Len: n, Columns: []*data.Vector{names, ordinals, system, kusto}},
	}}
}

// spelledSchema is one row with the columns as a query writes them: a:long, b:string.
func spelledSchema(in *relation) *relation {
	var columns []string
	for _, c := range in.cols() {
		columns = append(columns, Spelled(c.Name)+":"+c.Type.String())
	}
	text := data.Constant(data.OfString(strings.Join(columns, ", ")), 1)
	return &relation{serial: true, node: &Rows{
		Base:  Base{Cols: []data.Column{{Name: "Schema", Type: data.String}}},
		Batch: &data.Batch{Len: 1, Columns: []*data.Vector{text}},
	}}
}

// Spelled is a name as a query must write it.
func Spelled(name string) string {
	for i := range len(name) {
		c := name[i]
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || i > 0 && c >= '0' && c <= '9' || c == '$'
		if !letter {
			return "['" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(name) + "']"
		}
	}
	return name
}

func (b *binder) reduce(in *relation, op *syntax.Reduce) *relation {
	for _, o := range op.Options {
		if o.Name.Text == "kind" {
			b.problem(o.Name.Span, codeRefused, "reduce kind=source is not available: patterns are told with their numbers, not beside each row")
		}
	}
	s := b.over(in)
	node := &Reduce{By: s.convert(s.expr(op.By), data.String), Threshold: 0.1}
	for _, o := range op.With {
		v, ok := constant(b.constant(o.Value))
		if !ok {
			continue
		}
		switch o.Name.Text {
		case "threshold":
			node.Threshold = data.Convert(v, data.Real).Real()
		case "characters":
			node.Characters = v.String()
		default:
			b.problem(o.Name.Span, codeValue, "unknown option %q of reduce; want threshold or characters", o.Name.Text)
		}
	}
	node.Base = Base{From: []Node{in.node}, Cols: []data.Column{
		{Name: "Pattern", Type: data.String}, {Name: "Count", Type: data.Long}, {Name: "Representative", Type: data.String},
	}}
	return &relation{node: node}
}

func (b *binder) partition(in *relation, op *syntax.Partition) *relation {
	if op.Sub == nil {
		b.problem(op.Word.Span, codeRefused, "partition by a column takes a subquery in parentheses: partition by %s ( … )", op.By.Text)
		return nothing()
	}
	s := b.over(in)
	by := s.expr(&syntax.NameRef{Name: op.By})
	if by.Type() == data.Dynamic {
		b.problem(op.By.Span, codeType, "cannot partition by a dynamic; cast it first, e.g. tostring(…)")
	}
	subject := &Subject{Base: Base{Cols: in.cols()}}
	sub := b.pipe(&relation{node: subject, hidden: in.hidden, partial: in.partial, serial: in.serial}, op.Sub.Operators)
	sub = b.closedSub(sub, op.Word)
	node := &Partition{Base: Base{Cols: sub.cols(), From: []Node{in.node}}, By: by, Sub: sub.node, Subject: subject}
	return &relation{node: node, hidden: sub.hidden, partial: sub.partial}
}

// fork gives its first branch: one query has one result here.
func (b *binder) fork(in *relation, op *syntax.Fork) *relation {
	first := nothing()
	for i, branch := range op.Branches {
		r := b.pipe(in, branch.Sub.Operators)
		if i == 0 {
			first = r
		}
	}
	if len(op.Branches) > 1 {
		b.warn(op.Word.Span, codeRefused, "only the first of fork's %d results is given", len(op.Branches))
	}
	return first
}

// facet gives the values of its first column with their numbers of rows.
func (b *binder) facet(in *relation, op *syntax.Facet) *relation {
	s := b.over(in)
	first := nothing()
	for i, n := range op.By {
		cols := newColumns()
		g := b.by(s, []syntax.Named{{Value: &syntax.NameRef{Name: n}}}, cols, false)
		g.aggs, g.outs = b.plain(op.Word.Span, "count"), []data.Column{{Name: cols.free("count_"), Type: data.Long}}
		if i == 0 {
			first = made(g.node(in))
		}
	}
	if op.With != nil {
		b.pipe(in, op.With.Operators)
	}
	if len(op.By) > 1 || op.With != nil {
		b.warn(op.Word.Span, codeRefused, "only the first of facet's %d results is given", len(op.By)+1)
	}
	return first
}

// invoke calls a function of the query with the input as its first argument.
func (b *binder) invoke(in *relation, op *syntax.Invoke) *relation {
	d := b.names.find(op.Call.Function.Text)
	if d == nil || d.lambda == nil {
		b.unknown(op.Call.Function.Span, codeFunction, "function", op.Call.Function.Text, b.names.all())
		return nothing()
	}
	const input = "(input of invoke)" // no query can spell it
	outside := b.names
	b.names = &names{parent: outside}
	defer func() { b.names = outside }()
	b.names.define(&definition{name: input, table: in})
	call := *op.Call
	ref := &syntax.NameRef{Name: syntax.Name{Text: input, Span: op.Word.Span}}
	call.Args = append([]syntax.Named{{Value: ref}}, call.Args...)
	return b.callTable(&call, d)
}

// scanSteps binds the scan operator. Conditions see the input's columns, then
// for every step its state; a declared column alone is that of the step at hand.
func (b *binder) scanSteps(in *relation, op *syntax.Scan) *relation {
	cols := newColumns(in.cols()...)
	node := &ScanSteps{MatchID: -1}
	declared := map[string]int{}
	for i, p := range op.Declare {
		if cols.used[p.Name.Text] {
			b.duplicate(p.Name)
			continue
		}
		declared[p.Name.Text] = i
		cols.add(data.Column{Name: p.Name.Text, Type: p.Type})
		value := missing(p.Type)
		if p.Default != nil {
			value = b.defaultOf(p)
		}
		node.Declared = append(node.Declared, value)
	}
	state := cols.list[:len(cols.list):len(cols.list)]
	if op.MatchID != nil {
		node.MatchID = len(cols.list)
		cols.add(data.Column{Name: cols.free(op.MatchID.Text), Type: data.Long})
	}
	b.scanOrder(in, op, node)
	for k, step := range op.Steps {
		s := &scalars{binder: b, row: scanRow(in, op, state, k)}
		node.Steps = append(node.Steps, b.scanStep(s, step, declared, state, len(in.cols())))
	}
	node.Base = Base{Cols: cols.list, From: []Node{in.node}}
	r := in.keeping(node)
	r.serial = true
	return r
}

func (b *binder) scanOrder(in *relation, op *syntax.Scan, node *ScanSteps) {
	s := b.over(in)
	for _, e := range op.Partition {
		node.Partition = append(node.Partition, s.expr(e))
	}
	for _, o := range op.OrderBy {
		key, _ := b.key(in, o, true)
		node.Order = append(node.Order, key)
	}
}

// scanRow is the row that step k's expressions see.
func scanRow(in *relation, op *syntax.Scan, state []data.Column, k int) *row {
	inputs := len(in.cols())
	r := &row{elements: map[string]element{}, partial: in.partial, serial: true}
	r.cols = append(r.cols, in.cols()...)
	for i, step := range op.Steps {
		r.elements[step.Name.Text] = element{first: len(r.cols), cols: state}
		for c, col := range state {
			if i != k || c < inputs {
				col.Name = "\x00" + strconv.Itoa(i) // reached through its step only
			}
			r.cols = append(r.cols, col)
		}
	}
	return r
}

func (b *binder) scanStep(s *scalars, step syntax.ScanStep, declared map[string]int, state []data.Column, inputs int) ScanStep {
	bound := ScanStep{Name: step.Name.Text, Optional: step.Optional, Output: step.Output, Condition: s.boolean(step.Condition)}
	if bound.Output == "" {
		bound.Output = "all"
	}
	for _, a := range step.Assignments {
		if a.Name == nil {
			continue
		}
		i, ok := declared[a.Name.Text]
		if !ok {
			b.unknown(a.Name.Span, codeColumn, "declared column", a.Name.Text, nil)
			continue
		}
		value := s.as(a.Value, state[inputs+i].Type, a.Name.Text)
		bound.Assignments = append(bound.Assignments, ScanAssignment{Declared: i, Value: value})
	}
	return bound
}
