package function

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/operator"
)

func regexFunctions() []Scalar {
	return []Scalar{
		{
			Name: "extract",
			Signatures: []string{
				"(regex:string{Constant}, captureGroup:long, source:string) → string",
				"(regex:string{Constant}, captureGroup:long, source:string, typeLiteral:type{Literal}) → ParameterNLiteral",
			},
			Doc:     "Finds a regular expression in a text and gives one of its groups.",
			Prepare: extract, Kernel: extractKernel,
		},
		{
			Name: "extract_all",
			Signatures: []string{
				"(regex:string{Constant}, captureGroups:DynamicArray, source:string) → dynamic",
				"(regex:string{Constant}, source:string) → dynamic",
			},
			Doc: "Finds all matches of a regular expression and gives their groups.", Prepare: extractAll,
		},
		{
			Name: "extractall", Hidden: true, Obsolete: "extract_all",
			Signatures: []string{
				"(regex:string{Constant}, captureGroups:DynamicArray, source:string) → dynamic",
				"(regex:string{Constant}, source:string) → dynamic",
			},
			Doc: "Finds all matches of a regular expression and gives their groups.", Prepare: extractAll,
		},
		{
			Name:       "countof",
			Signatures: []string{"(source:string, search:string, kind:string{Literal}{one of normal regex}?) → long"},
			Doc:        "Counts how often a text or a regular expression occurs in a text.", Prepare: countOf,
		},
		{
			Name:       "indexof_regex",
			Signatures: []string{"(string:Scalar, match:Scalar{Constant}, start:Integer?, length:Integer?, occurrence:Integer{Constant}?) → long"},
			Doc:        "Finds the position of a match of a regular expression, -1 where there is none.", Prepare: indexOfRegex,
		},
		{
			Name:       "regex_quote",
			Signatures: []string{"(string:Scalar) → string"},
			Doc:        "Escapes a text so that a regular expression matches it literally.", Eval: textFunction(regexp.QuoteMeta),
		},
	}
}

// compilePattern compiles a constant argument; nil without an error where it
// is not constant.
func compilePattern(args []Arg, i int) (*operator.Pattern, error) {
	text, ok := constText(args, i)
	if !ok {
		return nil, nil
	}
	return compileText(text)
}

func compileText(text string) (*operator.Pattern, error) {
	re, err := operator.CompilePattern(text)
	if err != nil {
		return nil, fmt.Errorf("regular expression: %w", err)
	}
	return re, nil
}

// A pattern is a regular expression of an argument: compiled once if constant.
type pattern struct{ fixed *operator.Pattern }

// of is the expression for one row; nil where the text is none.
func (p pattern) of(v data.Value) *operator.Pattern {
	if p.fixed != nil {
		return p.fixed
	}
	re, _ := compileText(v.String())
	return re
}

func extract(args []Arg) (Eval, error) {
	re, err := compilePattern(args, 0)
	if err != nil {
		return nil, err
	}
	to, p := typeArg(args, 3, data.String), pattern{fixed: re}
	return func(c *Context, args []data.Value) data.Value {
		group, _ := integerArg(args, 1)
		text, found := groupOf(c, p.of(args[0]), args[2].String(), int(group))
		return extracted(text, found, to)
	}, nil
}

func extracted(text string, found bool, to data.Type) data.Value {
	switch {
	case to == data.String:
		return data.OfString(text)
	case !found:
		return data.Null(to)
	}
	return data.Convert(data.OfString(text), to)
}

func groupOf(c *Context, re *operator.Pattern, s string, group int) (string, bool) {
	if re == nil || group < 0 || group > re.Groups() {
		return "", false
	}
	at := re.First(s, c.asker())
	if at == nil || at[2*group] < 0 {
		return "", false
	}
	return s[at[2*group]:at[2*group+1]], true
}

func extractKernel(args []Arg) Kernel {
	re, err := compilePattern(args, 0)
	if re == nil || err != nil || args[1].Const == nil || typeArg(args, 3, data.String) != data.String {
		return nil
	}
	group := int(data.Convert(*args[1].Const, data.Long).Long())
	return func(c *Context, n int, in []*data.Vector) *data.Vector {
		column, out := textsOf(in[2]), make([]string, n)
		for i := range out {
			out[i], _ = groupOf(c, re, column.at(i), group)
		}
		return textVector(out)
	}
}

// extractAll gives texts where one group is wanted, else an array for each match.
func extractAll(args []Arg) (Eval, error) {
	re, err := compilePattern(args, 0)
	if err != nil {
		return nil, err
	}
	if re != nil && re.Groups() == 0 {
		return nil, fmt.Errorf("the regular expression has no group in parentheses to give back")
	}
	p := pattern{fixed: re}
	return func(c *Context, args []data.Value) data.Value {
		re := p.of(args[0])
		if re == nil {
			return data.Null(data.Dynamic)
		}
		groups := groupNumbers(re, args)
		var items []*data.Node
		s := args[len(args)-1].String()
		found := c.allMatches(re, s)
		c.affordItems(len(found) * (1 + len(groups)))
		for _, at := range found {
			items = append(items, matchNode(s, at, groups))
		}
		if items == nil {
			return data.Null(data.Dynamic)
		}
		return arrayOf(items)
	}, nil
}

func groupNumbers(re *operator.Pattern, args []data.Value) []int {
	var groups []int
	if len(args) < 3 || args[1].IsNull() {
		for g := 1; g <= re.Groups(); g++ {
			groups = append(groups, g)
		}
		return groups
	}
	for _, item := range args[1].Node().Items() {
		g := int(item.Long())
		if item.Kind() == data.KindString {
			g = re.Group(item.Text())
		}
		if g >= 0 && g <= re.Groups() {
			groups = append(groups, g)
		}
	}
	return groups
}

func matchNode(s string, at, groups []int) *data.Node {
	found := make([]string, len(groups))
	for i, g := range groups {
		if at[2*g] >= 0 {
			found[i] = s[at[2*g]:at[2*g+1]]
		}
	}
	if len(found) == 1 {
		return data.NodeOfString(found[0])
	}
	return data.NodeOfStrings(found)
}

// countOf counts plain texts overlapping, matches of a regular expression not.
func countOf(args []Arg) (Eval, error) {
	kind, _ := constText(args, 2)
	if kind != "regex" {
		return func(c *Context, args []data.Value) data.Value {
			return data.OfLong(countOverlapping(c, args[0].String(), args[1].String()))
		}, nil
	}
	re, err := compilePattern(args, 1)
	if err != nil {
		return nil, err
	}
	p := pattern{fixed: re}
	return func(c *Context, args []data.Value) data.Value {
		re := p.of(args[1])
		if re == nil {
			return data.Null(data.Long)
		}
		return data.OfLong(int64(len(c.allMatches(re, args[0].String()))))
	}, nil
}

func countOverlapping(c *Context, s, search string) (n int64) {
	if search == "" {
		return 0
	}
	for work := c.work(); ; work.Add(len(search)) {
		at := strings.Index(s, search)
		if at < 0 {
			return n
		}
		n++
		s = s[at+1:]
	}
}

func indexOfRegex(args []Arg) (Eval, error) {
	re, err := compilePattern(args, 1)
	if err != nil {
		return nil, err
	}
	p := pattern{fixed: re}
	return func(c *Context, args []data.Value) data.Value {
		s := args[0].String()
		start, _ := integerArg(args, 2)
		w, ok := windowOf(s, args, 2)
		re := p.of(args[1])
		if !ok || start < 0 || re == nil {
			return data.Null(data.Long)
		}
		found := re.All(s[w.start:w.end], int(max(w.nth, 1)), c.asker())
		if len(found) < int(max(w.nth, 1)) {
			return data.OfLong(-1)
		}
		return w.position(s, w.start+found[len(found)-1][0])
	}, nil
}
