package policy

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

var formatFunctions = []function{
	{signature: "format(text, value, …)", least: 1, most: -1, call: callFormat, summary: "The text with {0}, {1,10}, {2:F2} and the like replaced by the values; N D F X P with a number of digits, and 0 # , . % as in 0.00, are known."},
}

const maxPrecision = 999

// formatter writes a format text with its places filled.
type formatter struct {
	text string
	at   int
	args []Value
	out  strings.Builder
}

func callFormat(args []Value) (Value, error) {
	text, err := textArg(args, 0)
	if err != nil {
		return Value{}, err
	}
	f := formatter{text: text, args: args[1:]}
	for f.at < len(f.text) {
		if err := f.step(); err != nil {
			return Value{}, err
		}
		if f.out.Len() > utf8.UTFMax*maxResultText {
			return Value{}, errTooLarge
		}
	}
	return StringValue(f.out.String()), nil
}

// step writes the text up to the next brace, and what that brace means.
func (f *formatter) step() error {
	n := strings.IndexAny(f.text[f.at:], "{}")
	if n < 0 {
		n = len(f.text) - f.at
	}
	f.out.WriteString(f.text[f.at : f.at+n])
	if f.at += n; f.at >= len(f.text) {
		return nil
	}
	brace := f.text[f.at]
	f.at++
	if f.at < len(f.text) && f.text[f.at] == brace {
		f.out.WriteByte(brace)
		f.at++
		return nil
	}
	if brace == '}' {
		return fmt.Errorf("format text: } at %d closes nothing, want }} for a brace", f.at-1)
	}
	return f.place()
}

// place reads {index,alignment:style}, of which the opening brace is read, and
// writes the argument.
func (f *formatter) place() error {
	start := f.at
	end := strings.IndexByte(f.text[f.at:], '}')
	if end < 0 {
		return fmt.Errorf("format text: { at %d is not closed, want }", start-1)
	}
	inner := f.text[start : start+end]
	f.at = start + end + 1
	inner, style, _ := strings.Cut(inner, ":")
	index, alignment, aligned := strings.Cut(inner, ",")
	for i := range len(index) {
		if !isDigit(index[i]) {
			index = ""
			break
		}
	}
	i, err := strconv.Atoi(index)
	if err != nil {
		return fmt.Errorf("format text: bad place at %d, want {index}", start-1)
	}
	if i >= len(f.args) {
		return fmt.Errorf("format text: place {%d} has no argument, got %d", i, len(f.args))
	}
	width := 0
	if aligned {
		width, err = strconv.Atoi(strings.TrimSpace(alignment))
		if err != nil || width > maxResultText || width < -maxResultText {
			return fmt.Errorf("format text: bad alignment %q at %d, want an integer", alignment, start-1)
		}
	}
	text, err := styled(f.args[i], style)
	if err != nil {
		return err
	}
	f.align(text, width)
	return nil
}

// align pads on the left to a positive width, on the right to a negative one.
func (f *formatter) align(text string, width int) {
	n := utf8.RuneCountInString(text)
	if width > n {
		f.out.WriteString(strings.Repeat(" ", width-n))
	}
	f.out.WriteString(text)
	if -width > n {
		f.out.WriteString(strings.Repeat(" ", -width-n))
	}
}

// styled is the text of a value in a style such as F2 or 0.00. A style that is
// unknown, or not meant for the number, is an error; of other values it changes
// nothing, as in .NET.
func styled(v Value, style string) (string, error) {
	plain, err := formatted(v)
	if err != nil || style == "" || v.kind != Int && v.kind != Float {
		return plain, err
	}
	precision, given := 0, len(style) > 1
	if given {
		if precision, err = strconv.Atoi(style[1:]); err != nil || precision < 0 || !isLetter(rune(style[0])) || style[1] == '+' {
			return custom(v, style)
		}
	} else if !isLetter(rune(style[0])) {
		return custom(v, style)
	}
	if precision > maxPrecision {
		return "", fmt.Errorf("format text: precision %d, want at most %d", precision, maxPrecision)
	}
	kind := style[0] &^ 0x20
	if kind == 'D' || kind == 'X' {
		return integral(v, style, precision)
	}
	if !given {
		precision = 2
	}
	switch kind {
	case 'F':
		return fixed(v, 0, precision), nil
	case 'N':
		return grouped(fixed(v, 0, precision)), nil
	case 'P':
		return grouped(fixed(v, 2, precision)) + " %", nil
	case 'G':
		if !given {
			return plain, nil
		}
	}
	return "", fmt.Errorf("format text: style %q is not known, want one of N D F X P with a number of digits, or one of 0 # , . %%", style)
}

// integral is an integer in the style D or X.
func integral(v Value, style string, width int) (string, error) {
	if v.kind == Float && (!v.isInRange() || v.Float() != float64(v.Int())) {
		return "", fmt.Errorf("format text: style %q of %s, want an integer", style, short(v))
	}
	switch style[0] {
	case 'D', 'd':
		return padded(strconv.FormatInt(v.Int(), 10), width), nil
	case 'X':
		return padded(strings.ToUpper(strconv.FormatUint(uint64(v.Int()), 16)), width), nil
	}
	return padded(strconv.FormatUint(uint64(v.Int()), 16), width), nil
}

// fixed is a number times a power of ten with so many digits behind the point,
// exactly, rounded half away from zero.
func fixed(v Value, power, digits int) string {
	exact := new(big.Rat)
	if v.kind == Int {
		exact.SetInt64(v.Int())
	} else if exact.SetFloat64(v.Float()) == nil {
		return strconv.FormatFloat(v.Float(), 'f', -1, 64) // infinite
	}
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(power)), nil)
	text := exact.Mul(exact, new(big.Rat).SetInt(ten)).FloatString(digits)
	if strings.Trim(text, "-0.") == "" {
		return strings.TrimPrefix(text, "-")
	}
	return text
}

// custom is a number in a style of digits: 0 for one that is always there, # for
// one that is there where it is needed, a comma between them for groups of three,
// a point, and a % at an end, which takes the number times a hundred.
func custom(v Value, style string) (string, error) {
	digits, percent := strings.CutSuffix(style, "%")
	whole, fraction, _ := strings.Cut(digits, ".")
	places := strings.ReplaceAll(whole, ",", "")
	switch {
	case strings.Trim(places+fraction, "0#") != "", places+fraction == "",
		strings.Contains(places, "0#"), strings.Contains(fraction, "#0"),
		strings.HasPrefix(whole, ","), strings.HasSuffix(whole, ","), len(fraction) > maxPrecision, len(places) > maxPrecision:
		return "", fmt.Errorf("format text: style %q is not known, want one of N D F X P with a number of digits, or one of 0 # , . %%", style)
	}
	power := 0
	if percent {
		power = 2
	}
	text := fixed(v, power, len(fraction))
	front, back, _ := strings.Cut(text, ".")
	if front = strings.TrimLeft(strings.TrimPrefix(front, "-"), "0"); strings.Count(places, "0") > len(front) {
		front = padded(front, strings.Count(places, "0"))
	}
	if strings.Contains(whole, ",") {
		front = grouped(front)
	}
	for len(back) > strings.Count(fraction, "0") && back[len(back)-1] == '0' {
		back = back[:len(back)-1]
	}
	if back != "" {
		front += "." + back
	}
	if strings.HasPrefix(text, "-") {
		front = "-" + front
	}
	if percent {
		front += "%"
	}
	return front, nil
}

// formatted is the text of a value in a format text.
func formatted(v Value) (string, error) {
	switch {
	case v.kind == Bool && v.Bool():
		return "True", nil
	case v.kind == Bool:
		return "False", nil
	case v.kind == Null:
		return "", nil
	}
	return printed(v)
}

// padded fills a whole number up with zeros behind its sign.
func padded(digits string, width int) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	return sign + strings.Repeat("0", max(0, width-len(digits))) + digits
}

// grouped puts a comma between every three digits before the point.
func grouped(number string) string {
	whole, fraction, _ := strings.Cut(number, ".")
	digits := strings.TrimPrefix(whole, "-")
	var b strings.Builder
	b.WriteString(whole[:len(whole)-len(digits)])
	for i, c := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	if fraction != "" {
		b.WriteString("." + fraction)
	}
	return b.String()
}
