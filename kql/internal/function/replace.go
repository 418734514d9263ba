package function

import (
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
	"github.com/bartizan-dev/bartizan/kql/internal/operator"
)

func replaceFunctions() []Scalar {
	return []Scalar{
		{
			Name:       "replace_regex",
			Signatures: []string{"(source:string, lookup_regex:string{Constant}, rewrite_pattern:string{Constant}) → string"},
			Doc:        "Replaces all matches of a regular expression.", Prepare: replaceRegex(0, 1, 2),
		},
		{
			Name: "replace", Hidden: true, Obsolete: "replace_regex' or 'replace_string",
			Signatures: []string{"(regex:string{Constant}, rewrite:string{Constant}, source:string) → string"},
			Doc:        "Replaces all matches of a regular expression.", Prepare: replaceRegex(2, 0, 1),
		},
		{
			Name:       "trim",
			Signatures: []string{"(regex:string{Constant}, source:string) → string"},
			Doc:        "Removes all matches of a regular expression from both ends of a text.", Prepare: trimming(trimBoth), Kernel: trimKernel(trimBoth),
		},
		{
			Name:       "trim_start",
			Signatures: []string{"(regex:string{Constant}, source:string) → string"},
			Doc:        "Removes a match of a regular expression from the start of a text.", Prepare: trimming(trimStart), Kernel: trimKernel(trimStart),
		},
		{
			Name:       "trim_end",
			Signatures: []string{"(regex:string{Constant}, source:string) → string"},
			Doc:        "Removes a match of a regular expression from the end of a text.", Prepare: trimming(trimEnd), Kernel: trimKernel(trimEnd),
		},
	}
}

// replaceRegex is told where source, expression and replacement stand.
func replaceRegex(source, regex, rewrite int) func(args []Arg) (Eval, error) {
	return func(args []Arg) (Eval, error) {
		re, err := compilePattern(args, regex)
		if err != nil {
			return nil, err
		}
		p, template := pattern{fixed: re}, ""
		text, fixed := constText(args, rewrite)
		if fixed {
			template = goTemplate(text)
		}
		return func(c *Context, args []data.Value) data.Value {
			re, s := p.of(args[regex]), args[source].String()
			if re == nil {
				return data.OfString(s)
			}
			template := template
			if !fixed {
				template = goTemplate(args[rewrite].String())
			}
			affordReplacing(c, re, s, template)
			return data.OfString(re.ReplaceAll(s, template, c.asker()))
		}, nil
	}
}

// affordReplacing refuses what would grow beyond measure: each match becomes the
// template, each group in it at most the match.
func affordReplacing(c *Context, re *operator.Pattern, s, template string) {
	if (len(s)+1)*(len(template)+1) > mostSmall {
		c.afford(len(c.allMatches(re, s))*len(template) + len(s)*(1+strings.Count(template, "${")))
	}
}

// goTemplate turns \1 into ${1}, and \\ into \.
func goTemplate(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '$':
			b.WriteString("$$")
		case c == '\\' && i+1 < len(s) && s[i+1]-'0' <= 9:
			i++
			b.WriteString("${" + s[i:i+1] + "}")
		case c == '\\' && i+1 < len(s) && s[i+1] == '\\':
			i++
			b.WriteByte('\\')
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// Ends of a text that trim cuts.
const (
	trimStart = 1 << iota
	trimEnd
	trimBoth = trimStart | trimEnd
)

func trimming(ends int) func(args []Arg) (Eval, error) {
	return func(args []Arg) (Eval, error) {
		if text, ok := constText(args, 0); ok {
			trim, err := trimmer(text, ends)
			if err != nil {
				return nil, err
			}
			return func(c *Context, args []data.Value) data.Value { return data.OfString(trim(c, args[1].String())) }, nil
		}
		return func(c *Context, args []data.Value) data.Value {
			s := args[1].String()
			if trim, err := trimmer(args[0].String(), ends); err == nil {
				s = trim(c, s)
			}
			return data.OfString(s)
		}, nil
	}
}

func trimKernel(ends int) func(args []Arg) Kernel {
	return func(args []Arg) Kernel {
		text, ok := constText(args, 0)
		if !ok {
			return nil
		}
		trim, err := trimmer(text, ends)
		if err != nil {
			return nil
		}
		return func(c *Context, n int, in []*data.Vector) *data.Vector {
			apply := mapTexts(func(s string) string { return trim(c, s) })(args[1:])
			return apply(c, n, in[1:])
		}
	}
}

// trimmer removes a match at one end, or all at both, as Kusto's documentation has
// it; an expression that is a plain text needs no matching.
func trimmer(text string, ends int) (func(c *Context, s string) string, error) {
	re, err := compileText(text)
	if err != nil {
		return nil, err
	}
	if literal, whole := re.Literal(); whole {
		return func(_ *Context, s string) string { return trimLiteral(s, literal, ends) }, nil
	}
	times := ""
	if ends == trimBoth {
		times = "+"
	}
	start, err := operator.CompilePattern(`\A(?:` + text + `)` + times)
	if err != nil {
		return nil, err
	}
	end, err := operator.CompilePattern(`(?:` + text + `)` + times + `\z`)
	if err != nil {
		return nil, err
	}
	return func(c *Context, s string) string {
		if ends&trimStart != 0 {
			if at := start.First(s, c.asker()); at != nil {
				s = s[at[1]:]
			}
		}
		if ends&trimEnd != 0 {
			if at := end.First(s, c.asker()); at != nil {
				s = s[:at[0]]
			}
		}
		return s
	}, nil
}

func trimLiteral(s, literal string, ends int) string {
	switch {
	case literal == "":
		return s
	case ends == trimStart:
		return strings.TrimPrefix(s, literal)
	case ends == trimEnd:
		return strings.TrimSuffix(s, literal)
	}
	for strings.HasPrefix(s, literal) {
		s = s[len(literal):]
	}
	for strings.HasSuffix(s, literal) {
		s = s[:len(s)-len(literal)]
	}
	return s
}
