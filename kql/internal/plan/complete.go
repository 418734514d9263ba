package plan

import (
	"slices"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

// A Place is what may stand at an offset of an unfinished query.
type Place struct {
	// Span is the word that is being written, empty between words.
	Span syntax.Span
	// What is expected there.
	Operators, Tables, Scalars, Aggregates, Plugins bool
	// Aggregated: the place is an argument of an aggregate, which takes no other one.
	Aggregated bool
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
	switch {
	case c.inLiteral():
	case c.cut():
		c.read()
		c.decide()
	case c.cutString():
		c.read()
		c.inString()
	}
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

// inLiteral gives the words that may stand in datetime(…) and its like, where no
// expression may.
func (c *completer) inLiteral() bool {
	tokens := syntax.Tokens(c.text)
	if len(tokens) == 0 {
		return false
	}
	last := tokens[len(tokens)-1]
	word, content, _ := strings.Cut(c.text[last.Span.Start:last.Span.End], "(")
	if last.Kind != syntax.TokenTyped || last.Span.End < len(c.text) && strings.TrimSpace(c.text[last.Span.End:]) != "" || strings.HasSuffix(content, ")") {
		return false
	}
	content = strings.TrimLeft(content, " \t\r\n")
	c.place.Span.Start = c.place.Span.End - len(content)
	c.place.Words = []string{"null"}
	if word == "bool" || word == "boolean" {
		c.place.Words = []string{"true", "false", "null"}
	}
	return true
}

// cutString sets aside a plain string that goes on at the place.
func (c *completer) cutString() bool {
	n := len(c.tokens) - 1
	if n < 0 || !c.openString(c.tokens[n]) {
		return false
	}
	start := c.tokens[n].Span.Start
	if quote := c.text[start]; quote != '"' && quote != '\'' {
		return false
	}
	c.place.Span.Start = start + 1
	c.text, c.tokens = c.text[:start], c.tokens[:n]
	return true
}

// inString gives the words that an argument must be one of.
func (c *completer) inString() {
	if before := c.tokenText(len(c.tokens) - 1); before != "(" && before != "," {
		return
	}
	c.inCall()
	if f, ok := function.FindScalar(c.place.Function); ok {
		c.place.Words = wordsOf(f.Signatures, c.place.Argument)
	}
}

// wordsOf are the words that an argument must be one of, nil for any.
func wordsOf(signatures []string, argument int) []string {
	for _, text := range signatures {
		sig, err := function.ParseSignature(text)
		if err == nil && argument < len(sig.Params) && len(sig.Params[argument].Words) > 0 {
			return sig.Params[argument].Words
		}
	}
	return nil
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
	b.following(q.Statements, func(b *binder) *relation { return b.pipeline(q.Result) })
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
