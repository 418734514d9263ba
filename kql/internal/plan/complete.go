package plan

import (
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// A Place is what may stand at an offset of an unfinished query.
type Place struct {
	// Span is the word that is being written, empty between words.
	Span syntax.Span
	// What is expected there.
	Operators, Tables, Scalars, Aggregates, Plugins bool
	// Words are further words that may stand there: kinds of join, "by", "and", ….
	Words []string
	// Columns can be named there.
	Columns []data.Column
	// Names are the query's own definitions.
	Names []NameDoc
	// Function is the call that the place is an argument of, "" for none.
	Function string
	Argument int
}

// A NameDoc describes a definition of the query.
type NameDoc struct {
	Name   string
	Kind   string // table, function, value
	Detail string // columns, parameters or the type
}

// At tells what may stand at an offset. What follows the offset does not count.
func At(text string, offset int, scope Scope) Place {
	offset = min(max(offset, 0), len(text))
	c := &completer{text: text[:offset], scope: scope}
	c.place.Span = syntax.Span{Start: offset, End: offset}
	if !c.cut() {
		return c.place
	}
	c.read()
	c.decide()
	return c.place
}

// completer reads the tokens before a place, keeping track of brackets.
type completer struct {
	text   string // up to the word at the place
	scope  Scope
	place  Place
	tokens []syntax.Token
	frames []frame
}

// A frame is what is known inside one pair of brackets.
type frame struct {
	bracket  string
	function string // the call that the bracket belongs to
	args     int
	// owner is the operator or word before the bracket: join, in, on, toscalar.
	owner string
	op    string // the operator at hand
	start int    // and where it stands
	// clause is the last word of the operator that begins a part: by, on, with, ….
	clause string
}

// cut sets aside the word at the place. In strings and comments nothing is expected.
func (c *completer) cut() bool {
	for _, t := range syntax.Tokens(c.text) {
		if t.Kind == syntax.TokenComment || t.Kind == syntax.TokenDirective {
			if t.Span.End == len(c.text) {
				return false
			}
			continue
		}
		c.tokens = append(c.tokens, t)
	}
	if n := len(c.tokens); n > 0 && c.openString(c.tokens[n-1]) {
		return false
	}
	start := len(c.text)
	for start > 0 && isWordByte(c.text[start-1]) {
		start--
	}
	if hyphened := c.hyphened(start); hyphened >= 0 {
		start = hyphened
	}
	c.place.Span.Start = start
	c.text = c.text[:start]
	for n := len(c.tokens); n > 0 && c.tokens[n-1].Span.End > start; n-- {
		c.tokens = c.tokens[:n-1]
	}
	return true
}

// hyphened finds the start of an operator's name such as project-aw.
func (c *completer) hyphened(start int) int {
	at := start
	for at > 0 && (isWordByte(c.text[at-1]) || c.text[at-1] == '-') {
		at--
	}
	if before := strings.TrimRight(c.text[:at], " \t\r\n"); strings.HasSuffix(before, "|") && at < start {
		return at
	}
	return -1
}

func isWordByte(b byte) bool {
	return b == '_' || b == '$' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}

// openString tells a string that goes on at the place.
func (c *completer) openString(t syntax.Token) bool {
	if t.Kind != syntax.TokenString || t.Span.End < len(c.text) {
		return false
	}
	text := strings.TrimLeft(c.text[t.Span.Start:t.Span.End], "hH@")
	if len(text) < 2 {
		return true
	}
	quote := text[:1]
	if quote == "`" || quote == "~" {
		quote = text[:min(3, len(text))]
		return len(text) < 6 || !strings.HasSuffix(text, quote)
	}
	return !strings.HasSuffix(text, quote)
}

func (c *completer) tokenText(i int) string {
	if i < 0 || i >= len(c.tokens) {
		return ""
	}
	return c.text[c.tokens[i].Span.Start:c.tokens[i].Span.End]
}

// clauses are words that begin a part of an operator.
var clauses = map[string]bool{
	"by": true, "on": true, "with": true, "where": true, "project": true, "from": true, "to": true, "step": true, "of": true, "in": true,
}

func (c *completer) read() {
	c.frames = []frame{{}}
	for i := range c.tokens {
		c.token(i)
	}
}

func (c *completer) top() *frame { return &c.frames[len(c.frames)-1] }

func (c *completer) token(i int) {
	f, text, before := c.top(), c.tokenText(i), c.tokenText(i-1)
	switch text {
	case "(", "[", "{":
		c.frames = append(c.frames, c.opened(i, text, before))
	case ")", "]", "}":
		if len(c.frames) > 1 {
			c.frames = c.frames[:len(c.frames)-1]
		}
	case "|":
		f.op, f.clause = "", ""
	case ";":
		*f = frame{bracket: f.bracket}
	case ",":
		f.args++
	default:
		switch {
		case before == "|" || i == 0 || before == ";" || before == "(" && startsPipe(f.owner):
			f.op, f.clause, f.start = text, "", c.tokens[i].Span.Start
		case f.op != "" && f.op != "let" && clauses[text] && before != ".":
			f.clause = text
		}
	}
}

func startsPipe(owner string) bool {
	return owner == "mv-apply" || owner == "partition" || owner == "fork"
}

// opened is the frame behind an opening bracket.
func (c *completer) opened(i int, bracket, before string) frame {
	outer := c.top()
	f := frame{bracket: bracket, owner: before}
	if bracket != "(" {
		return f
	}
	if n := len(c.tokens[:i]); n > 0 && c.tokens[i-1].Kind == syntax.TokenName {
		f.function = before
	}
	switch {
	case (outer.op == "mv-apply" || outer.op == "mvapply") && before == "on", outer.op == "fork":
		f.owner = "mv-apply"
	case outer.op == "partition" && f.function != "" && outer.clause == "by":
		f.owner, f.function = "partition", ""
	case (outer.op == "join" || outer.op == "lookup" || outer.op == "union") && outer.clause == "":
		f.owner, f.function = outer.op, ""
	}
	return f
}

// tableOwners are what stands before a bracket with a table in it.
var tableOwners = map[string]bool{
	"join": true, "lookup": true, "union": true, "toscalar": true, "materialize": true, "in": true, "!in": true, "in~": true, "!in~": true,
}

func (c *completer) decide() {
	f := c.top()
	last := len(c.tokens) - 1
	before := c.tokenText(last)
	c.inCall()
	switch {
	case before == "|", before == "(" && startsPipe(f.owner):
		c.place.Operators = true
	case before == "" || before == ";" || before == "{":
		c.place.Tables, c.place.Words = true, []string{"let", "print", "range", "union", "datatable", "find", "search", "set", "declare"}
	case before == "(" && tableOwners[f.owner]:
		c.place.Tables = true
		c.place.Scalars = f.owner != "join" && f.owner != "lookup" && f.owner != "union"
	case before == "=" && c.isLet():
		c.place.Tables, c.place.Scalars = true, true
	case before == ".":
		c.members(c.tokenText(last - 1))
		return
	default:
		c.inOperator(f, before)
	}
	c.fill()
}

// isLet tells "let x =".
func (c *completer) isLet() bool { return c.tokenText(len(c.tokens)-3) == "let" }

// inCall finds the call that the place is an argument of.
func (c *completer) inCall() {
	for i := len(c.frames) - 1; i > 0; i-- {
		if f := c.frames[i]; f.function != "" {
			c.place.Function, c.place.Argument = f.function, f.args
			return
		}
		if c.frames[i].op != "" {
			return
		}
	}
}

// options are the values of an operator's options.
var options = map[string][]string{
	"join.kind":   {"inner", "innerunique", "leftouter", "rightouter", "fullouter", "leftsemi", "rightsemi", "leftanti", "rightanti"},
	"lookup.kind": {"leftouter", "inner"}, "union.kind": {"inner", "outer"},
	"parse.kind": {"simple", "relaxed", "regex"}, "parse-where.kind": {"simple", "relaxed", "regex"},
	"mv-expand.kind": {"array", "bag"}, "graph-match.cycles": {"all", "none", "unique_edges"},
	"graph-shortest-paths.output": {"any", "all"}, "graph-mark-components.kind": {"weak", "strong"},
}

var charts = []string{
	"anomalychart", "areachart", "barchart", "card", "columnchart", "linechart", "piechart", "pivotchart", "scatterchart",
	"stackedareachart", "table", "timechart", "treemap",
}

func (c *completer) inOperator(f *frame, before string) {
	op, inner := c.operatorAt()
	switch {
	case before == "=" && options[op+"."+c.tokenText(len(c.tokens)-2)] != nil:
		c.place.Words = options[op+"."+c.tokenText(len(c.tokens)-2)]
	case op == "evaluate" && before == "evaluate":
		c.place.Plugins = true
	case op == "render" && before == "render":
		c.place.Words = charts
	case (op == "join" || op == "lookup") && f.clause == "" && !inner:
		c.place.Tables, c.place.Words = true, []string{"kind", "hint.strategy"}
		if c.endsValue() {
			c.place.Tables, c.place.Words = false, []string{"on"}
		}
	case op == "union" && !inner:
		c.place.Tables, c.place.Words = true, []string{"kind", "withsource", "isfuzzy"}
	case c.endsValue():
		c.place.Words = c.following(op, f)
	case namesColumns(op):
		c.place.Words = nil
	default:
		c.place.Scalars = true
		c.place.Aggregates = takesAggregates(op) && f.clause != "by"
		if (op == "join" || op == "lookup") && f.clause == "on" {
			c.place.Scalars, c.place.Words = false, []string{"$left", "$right"}
		}
	}
}

// operatorAt is the operator around the place, and whether brackets are between.
func (c *completer) operatorAt() (op string, inner bool) {
	for i := len(c.frames) - 1; i >= 0; i-- {
		if c.frames[i].op != "" {
			return c.frames[i].op, i < len(c.frames)-1
		}
	}
	return "", false
}

// operatorStart is where the operator around the place stands, -1 for none.
func (c *completer) operatorStart() int {
	for i := len(c.frames) - 1; i >= 0; i-- {
		if c.frames[i].op != "" {
			return c.frames[i].start
		}
	}
	return -1
}

func takesAggregates(op string) bool {
	return op == "summarize" || op == "make-series" || op == "top-nested"
}

func namesColumns(op string) bool {
	switch op {
	case "project-away", "project-keep", "project-reorder", "project-rename", "facet":
		return true
	}
	return false
}

// endsValue tells whether the last token ends a value, so that an operator or a word follows.
func (c *completer) endsValue() bool {
	if len(c.tokens) == 0 {
		return false
	}
	t := c.tokens[len(c.tokens)-1]
	switch t.Kind {
	case syntax.TokenString, syntax.TokenLong, syntax.TokenReal, syntax.TokenTimeSpan, syntax.TokenBool, syntax.TokenTyped, syntax.TokenGUID:
		return true
	case syntax.TokenName:
		op, inner := c.operatorAt()
		return inner || c.tokenText(len(c.tokens)-1) != op
	}
	text := c.tokenText(len(c.tokens) - 1)
	return text == ")" || text == "]"
}

var comparisons = []string{
	"and", "or", "in", "in~", "has", "contains", "startswith", "endswith", "has_any", "has_all", "between", "matches regex",
	"!in", "!has", "!contains", "hasprefix", "hassuffix",
}

func (c *completer) following(op string, f *frame) []string {
	words := slices.Clone(comparisons)
	switch op {
	case "summarize", "top", "top-hitters", "reduce", "partition":
		if f.clause == "" {
			words = append(words, "by")
		}
	case "make-series":
		words = append(words, "on", "from", "to", "step", "by", "default")
	case "mv-apply":
		words = append(words, "on", "to typeof(")
	case "mv-expand":
		words = append(words, "to typeof(", "limit")
	case "parse", "parse-where":
		words = append(words, "with")
	}
	if op == "sort" || op == "order" || op == "top" {
		words = append(words, "asc", "desc", "nulls first", "nulls last")
	}
	return words
}

// fill adds the columns and names in sight.
func (c *completer) fill() {
	in, right, names := c.bind()
	c.place.Names = names
	op, inner := c.operatorAt()
	if c.place.Operators || c.place.Plugins || c.place.Tables && !c.place.Scalars || c.endsValue() {
		return
	}
	onKeys := (op == "join" || op == "lookup") && c.top().clause == "on"
	if in != nil && (c.place.Scalars || namesColumns(op) && !inner || onKeys) {
		for _, i := range in.visible() {
			c.place.Columns = append(c.place.Columns, in.cols()[i])
		}
	}
	if right != nil && onKeys {
		c.place.Columns = shared(c.place.Columns, right.cols())
	}
}

// shared are the columns that both sides of a join have.
func shared(left, right []data.Column) []data.Column {
	var both []data.Column
	for _, c := range left {
		if slices.ContainsFunc(right, func(r data.Column) bool { return r.Name == c.Name }) {
			both = append(both, c)
		}
	}
	return both
}

// members are the columns behind $left., $right. and the elements of a graph.
func (c *completer) members(base string) {
	in, right, _ := c.bind()
	switch {
	case in == nil:
	case base == "$left":
		c.place.Columns = in.cols()
	case base == "$right" && right != nil:
		c.place.Columns = right.cols()
	case isGraph(in.node):
		nodes, edges := GraphColumns(in.node)
		c.place.Columns = append(slices.Clone(nodes), edges...)
	}
}

// bind binds the text before the place, with a word in the place, and gives
// the input of the operator there, the right side of a join, and the names.
func (c *completer) bind() (in, right *relation, names []NameDoc) {
	text := c.text + "word"
	q, _ := syntax.Parse(text)
	if q == nil {
		return nil, nil, nil
	}
	b := newBinder(q, c.scope)
	in, right = b.inputAt(q, c.operatorStart())
	return in, right, b.nameDocs(q)
}

// inputAt binds a query for the input of the operator whose name stands at an
// offset, and the right side if that is a join.
func (b *binder) inputAt(q *syntax.Query, start int) (in, right *relation) {
	b.visit = func(op syntax.Operator, input *relation) {
		if op.Keyword().Span.Start == start {
			in = input
		}
	}
	b.visitRight = func(op syntax.Operator, side *relation) {
		if op.Keyword().Span.Start == start {
			right = side
		}
	}
	b.declare(q.Declared)
	b.statements(q.Statements)
	if q.Result != nil {
		b.pipeline(q.Result)
	}
	return in, right
}

// nameDocs describes the query's own definitions.
func (b *binder) nameDocs(q *syntax.Query) []NameDoc {
	var docs []NameDoc
	list := b.names.all()
	slices.Sort(list)
	for _, name := range list {
		d := b.names.find(name)
		switch {
		case d.lambda != nil:
			docs = append(docs, NameDoc{name, "function", parameterText(d.lambda)})
		case d.table != nil:
			docs = append(docs, NameDoc{name, "table", columnNames(d.table.cols())})
		default:
			docs = append(docs, NameDoc{name, "value", describe(d.value)})
		}
	}
	return docs
}

func parameterText(l *syntax.Lambda) string {
	var parts []string
	for _, p := range l.Params {
		of := p.Type.String()
		if p.Star || p.Type == 0 {
			of = "(table)"
		}
		parts = append(parts, p.Name.Text+": "+of)
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// A Word is what is known of the word at an offset of a query.
type Word struct {
	Text   string
	Span   syntax.Span
	Column *data.Column
	Table  []data.Column // of a table
	Name   *NameDoc
}

// WordAt looks a word up where it stands: columns first, then the query's names, then tables.
func WordAt(text string, offset int, scope Scope) (Word, bool) {
	w, ok := wordAround(text, offset)
	if !ok {
		return w, false
	}
	q, _ := syntax.Parse(text)
	if q == nil {
		return w, true
	}
	before := &completer{text: text[:w.Span.Start], scope: scope}
	before.cut()
	before.read()
	b := newBinder(q, scope)
	in, right := b.inputAt(q, before.operatorStart())
	for _, side := range []*relation{in, right} {
		if side == nil {
			continue
		}
		if i := side.find(w.Text); i >= 0 {
			w.Column = &side.cols()[i]
			return w, true
		}
	}
	for _, d := range b.nameDocs(q) {
		if d.Name == w.Text {
			w.Name = &d
			return w, true
		}
	}
	if scope.Table != nil {
		if source, ok := scope.Table(w.Text); ok {
			w.Table = source.Columns()
		}
	}
	return w, true
}

func wordAround(text string, offset int) (Word, bool) {
	for _, t := range syntax.Tokens(text) {
		if offset < t.Span.Start || offset > t.Span.End {
			continue
		}
		if t.Kind == syntax.TokenName || t.Kind == syntax.TokenKeyword {
			return Word{Text: text[t.Span.Start:t.Span.End], Span: t.Span}, true
		}
	}
	return Word{}, false
}
