package plan

import (
	"slices"

	"github.com/bartizan-dev/bartizan/kql/internal/function"
	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

func (c *completer) decide() {
	f := c.top()
	last := len(c.tokens) - 1
	before := c.tokenText(last)
	c.inCall()
	if c.takesType() {
		c.place.Function, c.place.Words = "", typeWords
		return
	}
	switch {
	case c.inDynamic():
		c.place.Words = literalWords(before)
		return
	case before == "|", before == "(" && startsPipe(f.owner):
		c.place.Operators = true
	case before == "" || before == ";" || before == "{":
		c.place.Tables, c.place.Words = true, []string{"let", "print", "range", "union", "datatable", "find", "search", "set", "declare"}
	case before == "(" && tableOwners[f.owner]:
		c.place.Tables = true
		c.place.Scalars = f.owner != "join" && f.owner != "lookup" && f.owner != "union"
	case before == "=" && c.isLet():
		c.place.Tables, c.place.Scalars = true, true
	case c.endsTable():
		c.place.Words = []string{"|"}
	case before == ".":
		c.members(c.tokenText(last - 1))
		return
	default:
		c.inOperator(f, before)
	}
	c.fill()
}

// inDynamic tells the inside of dynamic(…), which holds literals only.
func (c *completer) inDynamic() bool {
	return slices.ContainsFunc(c.frames, func(f frame) bool { return f.bracket == "(" && f.owner == "dynamic" })
}

// literalWords are those that may stand where a value is to be written.
func literalWords(before string) []string {
	switch before {
	case "(", "[", ",", ":":
		return []string{"true", "false", "null"}
	}
	return nil
}

// typeWords are the types that a column or parameter may be declared with.
var typeWords = []string{"bool", "datetime", "decimal", "dynamic", "guid", "int", "long", "real", "string", "timespan"}

// takesType tells "name:" where columns or parameters are declared, and typeof(.
func (c *completer) takesType() bool {
	f, last := c.top(), len(c.tokens)-1
	switch c.tokenText(last) {
	case ":":
		op, inner := c.operatorAt()
		outside := !inner && (op == "parse" || op == "parse-where" || op == "find")
		return (f.bracket == "(" || outside) && c.tokenText(last-2) != "step" // of scan
	case "(":
		return f.owner == "typeof"
	}
	return false
}

// ordering is what may stand behind a value that orders rows, or behind its asc
// or nulls; nil where a value is to be written.
func (c *completer) ordering() []string {
	last := len(c.tokens) - 1
	switch c.tokenText(last) {
	case "asc", "desc":
		return []string{"nulls first", "nulls last"}
	case "nulls":
		return []string{"first", "last"}
	case "first", "last":
		if c.tokenText(last-1) == "nulls" {
			return []string{}
		}
	}
	if c.top().clause != "by" || c.tokenText(last) == "by" || !c.endsValue() {
		return nil
	}
	return []string{"asc", "desc", "nulls first", "nulls last"}
}

// rangeWord is the word that range goes on with.
func (c *completer) rangeWord() []string {
	switch c.top().clause {
	case "":
		return []string{"from"}
	case "from":
		return []string{"to"}
	case "to":
		return []string{"step"}
	}
	return nil
}

// namesRange tells the place of the name behind range, which is a new one.
func (c *completer) namesRange(before string) bool {
	if before != "range" {
		return false
	}
	switch c.tokenText(len(c.tokens) - 2) {
	case "", ";", "(", "{":
		return true
	case "=":
		return c.tokenText(len(c.tokens)-4) == "let"
	}
	return false
}

func ordersRows(op string) bool { return op == "sort" || op == "order" || op == "top" }

// endsTable tells that the name of a table stands before the place, where only
// a step can follow.
func (c *completer) endsTable() bool {
	last := len(c.tokens) - 1
	if last < 0 || c.tokens[last].Kind != syntax.TokenName || c.place.Span.Start == c.tokens[last].Span.End {
		return false
	}
	switch c.tokenText(last - 1) {
	case "", ";", "{":
		return true
	case "(":
		return tableOwners[c.top().owner] && c.isTable(c.tokenText(last))
	case "=":
		return c.tokenText(last-3) == "let" && c.isTable(c.tokenText(last))
	}
	return false
}

// isTable tells that a name is one of the caller's tables.
func (c *completer) isTable(name string) bool {
	if c.scope.Table == nil {
		return false
	}
	_, ok := c.scope.Table(name)
	return ok
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
	case c.namesRange(before):
	case op == "range" && !inner && c.endsValue():
		c.place.Words = c.rangeWord()
	case ordersRows(op) && !inner && f.clause == "" && (before == op) == (op != "top"):
		c.place.Words = []string{"by"}
	case ordersRows(op) && !inner && c.ordering() != nil:
		c.place.Words = c.ordering()
	case op == "render" && before == "render":
		c.place.Words = charts
	case (op == "join" || op == "lookup") && f.clause == "" && !inner:
		c.place.Tables, c.place.Words = true, []string{"kind", "hint.strategy"}
		if c.endsValue() {
			c.place.Tables, c.place.Words = false, []string{"on"}
		}
	case op == "union" && !inner:
		c.place.Tables, c.place.Words = true, []string{"kind", "withsource", "isfuzzy"}
	case !inner && endsAlone(op, before):
		c.place.Words = []string{"|"}
	case c.endsValue():
		c.place.Words = c.following(op, f)
	case namesColumns(op):
		c.place.Words = nil
	default:
		c.place.Scalars = true
		c.place.Aggregates = takesAggregates(op) && f.clause != "by"
		c.place.Aggregated = c.place.Aggregates && c.inAggregate()
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

// inAggregate tells whether a bracket around the place is that of an aggregate's call.
func (c *completer) inAggregate() bool {
	for i := len(c.frames) - 1; i > 0 && c.frames[i].op == ""; i-- {
		if _, ok := function.FindAggregate(c.frames[i].function); ok {
			return true
		}
	}
	return false
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
func (c *completer) endsValue() bool { return c.endsValueAt(len(c.tokens) - 1) }

func (c *completer) endsValueAt(i int) bool {
	if i < 0 {
		return false
	}
	text := c.tokenText(i)
	switch c.tokens[i].Kind {
	case syntax.TokenString, syntax.TokenLong, syntax.TokenReal, syntax.TokenTimeSpan, syntax.TokenBool, syntax.TokenTyped, syntax.TokenGUID:
		return true
	case syntax.TokenName:
		op, inner := c.operatorAt()
		return inner || text != op
	case syntax.TokenKeyword: // a name, such as id, where a value must stand
		op, _ := c.operatorAt()
		isOption := c.tokenText(i-2) == "kind" // its value
		return text != op && !clauses[text] && !isOption && c.tokenText(i-1) != "|" && !c.endsValueAt(i-1)
	}
	return text == ")" || text == "]"
}

// endsAlone tells that a step is complete and nothing but a further one follows.
func endsAlone(op, before string) bool {
	switch op {
	case "count", "getschema", "consume":
		return before == op
	case "take", "limit", "sample":
		return before != op
	}
	return false
}

var comparisons = []string{
	"and", "or", "in", "in~", "has", "contains", "startswith", "endswith", "has_any", "has_all", "between", "matches regex",
	"!in", "!has", "!contains", "hasprefix", "hassuffix",
}

func (c *completer) following(op string, f *frame) []string {
	words := slices.Clone(comparisons)
	switch op {
	case "summarize", "top-hitters", "reduce", "partition":
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
	if len(c.frames) == 1 {
		words = append(words, "|")
	}
	return words
}
