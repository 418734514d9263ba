package plan

import (
	"slices"

	"github.com/bartizan-dev/bartizan/kql/internal/syntax"
)

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
