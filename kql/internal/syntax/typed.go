package syntax

import (
	"math"
	"strconv"
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// typed reads long(…), datetime(…) and their like, which are one token.
func (p *parser) typed() Expr {
	token := p.take()
	word, content, _ := strings.Cut(token.text, "(")
	content = strings.TrimSpace(strings.TrimSuffix(content, ")"))
	t := typedLiterals[word]
	v, ok := typedValue(t, content)
	if !ok {
		p.report(token.Span, CodeLiteral, "%s is no %s: want %s", excerpt(token.text), t, wanted[t])
		v = data.Null(t)
	}
	return &Literal{Value: v, Span: token.Span}
}

// wanted says what the literals of a type look like.
var wanted = map[data.Type]string{
	data.Bool: "true, false or null", data.Int: "a whole number of 32 bits", data.Long: "a whole number of 64 bits",
	data.Real: "a number", data.Decimal: "a number", data.GUID: "8-4-4-4-12 hexadecimal digits",
	data.DateTime: "a date such as 2024-05-31 or 2024-05-31T12:00:00Z", data.TimeSpan: "a time such as 1d, 00:30:00 or 1.12:00:00",
}

// typedValue reads a typed literal's content; nothing at all and "null" are null.
func typedValue(t data.Type, content string) (data.Value, bool) {
	if content == "" || content == "null" {
		return data.Null(t), true
	}
	switch t {
	case data.Bool:
		return boolValue(content)
	case data.Int, data.Long:
		n, ok := parseLong(strings.TrimPrefix(content, "+"))
		if t == data.Int {
			return data.OfInt(int32(n)), ok && n == int64(int32(n))
		}
		return data.OfLong(n), ok
	case data.Real:
		f, err := strconv.ParseFloat(content, 64)
		return data.OfReal(f), err == nil || math.IsInf(f, 0)
	case data.Decimal:
		canonical, ok := data.ParseDecimal(content)
		return data.OfDecimal(canonical), ok
	case data.GUID:
		canonical, ok := data.ParseGUID(strings.Trim(content, `"'`))
		return data.OfGUID(canonical), ok
	}
	return timeValue(t, strings.Trim(content, `"'`))
}

func boolValue(content string) (data.Value, bool) {
	switch strings.ToLower(content) {
	case "true":
		return data.OfBool(true), true
	case "false":
		return data.OfBool(false), true
	}
	n, err := strconv.ParseInt(content, 10, 64)
	return data.OfBool(n != 0), err == nil
}

func timeValue(t data.Type, content string) (data.Value, bool) {
	if t == data.TimeSpan {
		ticks, ok := data.ParseTimeSpan(content)
		return data.OfTimeSpan(ticks), ok
	}
	ticks, ok := data.ParseDateTime(content)
	return data.OfDateTime(ticks), ok
}
