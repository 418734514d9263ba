package function

import (
	"strings"
	"unicode/utf8"

	"github.com/bartizan-dev/bartizan/kql/data"
)

func stringFunctions() []Scalar {
	return []Scalar{
		{
			Name:       "tolower",
			Signatures: []string{"(value:Scalar) → string"},
			Doc:        "Gives a text in lower case.", Eval: textFunction(strings.ToLower), Kernel: caseKernelOf(strings.ToLower, 'A'),
		},
		{
			Name:       "toupper",
			Signatures: []string{"(value:Scalar) → string"},
			Doc:        "Gives a text in upper case.", Eval: textFunction(strings.ToUpper), Kernel: caseKernelOf(strings.ToUpper, 'a'),
		},
		{
			Name: "strlen", Column: "NameAndFirstArgument",
			Signatures: []string{"(string:StringOrDynamic) → long"},
			Doc:        "Counts the characters of a text.",
			Eval:       countFunction(characters), Kernel: mapCounts(characters),
		},
		{
			Name: "string_size", Column: "NameAndFirstArgument",
			Signatures: []string{"(string:StringOrDynamic) → long"},
			Doc:        "Counts the bytes of a text in UTF-8.",
			Eval:       countFunction(byteCount), Kernel: mapCounts(byteCount),
		},
		{
			Name:       "strcmp",
			Signatures: []string{"(s1:Scalar, s2:Scalar) → long"},
			Doc:        "Orders two texts by their bytes: -1, 0 or 1.", Eval: strcmp,
		},
		{
			Name:       "substring",
			Signatures: []string{"(string:Scalar, start:Integer, length:Integer?) → string"},
			Doc:        "Takes part of a text, from a position that counts from the end where it is negative.",
			Eval:       substring, Kernel: substringKernel,
		},
		{
			Name:       "reverse",
			Signatures: []string{"(value:Scalar) → string"},
			Doc:        "Gives the characters of a text in reverse order.", Eval: textFunction(reverseText), Kernel: mapTexts(reverseText),
		},
		{
			Name:       "strrep",
			Signatures: []string{"(value:Scalar, multiplier:long, delimiter:Scalar?) → string"},
			Doc:        "Repeats a text, with a delimiter between the copies.", Eval: strrep,
		},
		{
			Name:       "translate",
			Signatures: []string{"(searchList:string, replacementList:string, source:string) → string"},
			Doc:        "Replaces each character found in one list by its counterpart in another.", Eval: translate,
		},
		{
			Name:       "replace_string",
			Signatures: []string{"(text:string, lookup:string, rewrite:string) → string"},
			Doc:        "Replaces all occurrences of a text by another.",
			Eval:       replaceString, Kernel: mapStrings(replaceStringPrepared),
		},
		{
			Name:       "replace_strings",
			Signatures: []string{"(text:string, lookups:DynamicArray, rewrites:DynamicArray) → string"},
			Doc:        "Replaces several texts, each by its own counterpart.", Eval: replaceStrings,
		},
		{
			Name:       "isascii",
			Signatures: []string{"(value:Scalar) → bool"},
			Doc:        "Tells whether a text has ASCII characters only.", Eval: isASCII,
		},
		{
			Name:       "isutf8",
			Signatures: []string{"(value:Scalar) → bool"},
			Doc:        "Tells whether a text is valid UTF-8.", Eval: isUTF8,
		},
	}
}

func byteCount(s string) int { return len(s) }

func strcmp(_ *Context, args []data.Value) data.Value {
	return data.OfLong(int64(strings.Compare(args[0].String(), args[1].String())))
}

// runeStart is the byte at which character n begins, len(s) where there is none.
func runeStart(s string, n int64) int {
	if n >= int64(len(s)) {
		return len(s)
	}
	i := 0
	for ; n > 0 && i < len(s); n-- {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return i
}

func substringOf(s string, start, length int64, bounded bool) string {
	if start < 0 {
		start = max(0, start+int64(utf8.RuneCountInString(s)))
	}
	s = s[runeStart(s, start):]
	if !bounded {
		return s
	}
	if length <= 0 {
		return ""
	}
	return s[:runeStart(s, length)]
}

func substring(_ *Context, args []data.Value) data.Value {
	start, _ := integerArg(args, 1)
	length, bounded := integerArg(args, 2)
	return data.OfString(substringOf(args[0].String(), start, length, bounded))
}

func substringKernel(args []Arg) Kernel {
	var bounds [2]int64
	for i := range args[1:] {
		c := args[i+1].Const
		if c == nil || c.IsNull() {
			return nil
		}
		bounds[i] = data.Convert(*c, data.Long).Long()
	}
	bounded := len(args) > 2
	return mapTexts(func(s string) string { return substringOf(s, bounds[0], bounds[1], bounded) })(args)
}

func reverseText(s string) string {
	out := make([]byte, len(s))
	end := len(s)
	for i := 0; i < len(s); {
		_, size := utf8.DecodeRuneInString(s[i:])
		end -= size
		copy(out[end:], s[i:i+size])
		i += size
	}
	return string(out)
}

// mostRepeats bounds strrep, as Kusto does.
const mostRepeats = 1024

func strrep(c *Context, args []data.Value) data.Value {
	n, _ := integerArg(args, 1)
	n = min(n, mostRepeats)
	if n <= 0 {
		return data.OfString("")
	}
	text, delimiter := args[0].String(), ""
	if len(args) > 2 {
		delimiter = args[2].String()
	}
	if (len(text)+len(delimiter))*int(n) > mostText {
		return data.OfString("")
	}
	c.afford((len(text) + len(delimiter)) * int(n))
	return data.OfString(strings.Repeat(text+delimiter, int(n)-1) + text)
}

func translate(_ *Context, args []data.Value) data.Value {
	replacements := []rune(args[1].String())
	counterpart := map[rune]rune{}
	for i, s := range []rune(args[0].String()) {
		if _, twice := counterpart[s]; twice {
			continue
		}
		counterpart[s] = -1 // is left out
		if len(replacements) > 0 {
			counterpart[s] = replacements[min(i, len(replacements)-1)]
		}
	}
	return data.OfString(strings.Map(func(r rune) rune {
		if other, ok := counterpart[r]; ok {
			return other
		}
		return r
	}, args[2].String()))
}

func replaceString(c *Context, args []data.Value) data.Value {
	return data.OfString(replaceText(c, args[0].String(), args[1].String(), args[2].String()))
}

func replaceText(c *Context, s, old, replacement string) string {
	if old == "" {
		return s
	}
	if len(s)/len(old)*len(replacement) > mostSmall {
		c.afford(strings.Count(s, old)*(len(replacement)-len(old)) + len(s))
	}
	return strings.ReplaceAll(s, old, replacement)
}

func replaceStringPrepared(args []Arg) func(*Context, string) string {
	old, ok := constText(args, 1)
	replacement, fine := constText(args, 2)
	if !ok || !fine {
		return nil
	}
	return func(c *Context, s string) string { return replaceText(c, s, old, replacement) }
}

// replaceStrings replaces one text after the other; what was replaced is not
// looked at again. A replacement that is not a string leaves what was found.
func replaceStrings(c *Context, args []data.Value) data.Value {
	parts := []replacedPart{{text: args[0].String()}}
	replacements, work := args[2].Node(), c.work()
	for i, lookup := range args[1].Node().Items() {
		old, with := data.OfNode(lookup).String(), replacements.Index(i)
		if old == "" || i >= replacements.Len() {
			continue
		}
		replacement := old
		if with.Kind() == data.KindString {
			replacement = with.Text()
		}
		work.Add(len(args[0].String()))
		parts = replaceIn(c, parts, old, replacement)
	}
	size := 0
	for _, p := range parts {
		size += len(p.text)
	}
	c.afford(size)
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.text)
	}
	return data.OfString(b.String())
}

type replacedPart struct {
	text string
	done bool
}

func replaceIn(c *Context, parts []replacedPart, old, replacement string) []replacedPart {
	var out []replacedPart
	for _, p := range parts {
		for !p.done {
			before, after, found := strings.Cut(p.text, old)
			if !found {
				break
			}
			out = append(out, replacedPart{text: before}, replacedPart{text: replacement, done: true})
			c.affordItems(len(out))
			p.text = after
		}
		out = append(out, p)
	}
	return out
}

func isASCII(_ *Context, args []data.Value) data.Value {
	for _, c := range []byte(args[0].String()) {
		if c >= utf8.RuneSelf {
			return data.OfBool(false)
		}
	}
	return data.OfBool(true)
}

func isUTF8(_ *Context, args []data.Value) data.Value {
	return data.OfBool(utf8.ValidString(args[0].String()))
}
