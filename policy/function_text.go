package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// textFunctions work on texts. Positions and lengths count UTF-16 units.
var textFunctions = []function{
	{signature: "concat(value, …)", most: -1, partly: true, call: callConcat, summary: "Some texts, numbers and booleans joined to one text, or some arrays to one array."},
	{signature: "toLower(text)", least: 1, most: 1, call: mapText(strings.ToLower), summary: "The text in lower case."},
	{signature: "toUpper(text)", least: 1, most: 1, call: mapText(strings.ToUpper), summary: "The text in upper case."},
	{signature: "trim(text)", least: 1, most: 1, call: mapText(strings.TrimSpace), summary: "The text without white space at its ends."},
	{signature: "replace(text, old, new)", least: 3, most: 3, call: callReplace, summary: "The text with every occurrence of old, case counting, replaced by new."},
	{signature: "substring(text, start, length?)", least: 2, most: 3, call: callSubstring, summary: "The part of a text that begins at start, from 0."},
	{signature: "split(text, delimiter)", least: 2, most: 2, call: callSplit, summary: "The pieces between the delimiters, of which there may be an array."},
	{signature: "join(array, delimiter)", least: 2, most: 2, call: callJoin, summary: "The items of an array as one text with the delimiter between them."},
	{signature: "startsWith(text, part)", least: 2, most: 2, call: ends(strings.HasPrefix), summary: "Whether a text begins with a part, ignoring case."},
	{signature: "endsWith(text, part)", least: 2, most: 2, call: ends(strings.HasSuffix), summary: "Whether a text ends with a part, ignoring case."},
	{signature: "indexOf(value, part)", least: 2, most: 2, call: callIndexOf, summary: "Where a part first begins in a text, ignoring case, or stands in an array; -1 if nowhere."},
	{signature: "lastIndexOf(value, part)", least: 2, most: 2, call: callLastIndexOf, summary: "Where a part last begins in a text, ignoring case, or stands in an array; -1 if nowhere."},
	{signature: "padLeft(text, width, character?)", least: 2, most: 3, call: callPadLeft, summary: "The text filled up on its left to a width, with spaces or a character."},
	{signature: "string(value)", least: 1, most: 1, call: callString, summary: "The text form of a value; arrays and objects as JSON."},
}

// utf16Length counts the UTF-16 units of s.
func utf16Length(s string) int {
	n := 0
	for _, r := range s {
		n += utf16Width(r)
	}
	return n
}

func utf16Width(r rune) int {
	if r >= 0x10000 {
		return 2
	}
	return 1
}

// byteAt is the byte at which a UTF-16 position of s is; inside a pair of
// surrogates it is the byte after the character. ok is false beyond the end.
func byteAt(s string, position int64) (at int, ok bool) {
	if position < 0 {
		return 0, false
	}
	for i, r := range s {
		if position <= 0 {
			return i, true
		}
		position -= int64(utf16Width(r))
	}
	return len(s), position <= 0
}

func mapText(change func(string) string) func([]Value) (Value, error) {
	return func(args []Value) (Value, error) {
		s, err := textArg(args, 0)
		if err != nil {
			return Value{}, err
		}
		return StringValue(change(s)), nil
	}
}

func callConcat(args []Value) (Value, error) {
	if len(args) > 0 && args[0].kind == Array {
		var items []Value
		var open Outcome
		for i, arg := range args {
			if arg.kind != Array {
				return Value{}, unfit(i, arg, "an array as argument 1 is")
			}
			open |= arg.open()
			items = append(items, arg.unfolded()...)
		}
		return arrayOf(items...).opened(open, ""), nil
	}
	var b strings.Builder
	for i, arg := range args {
		text, ok := textOfScalar(arg.filled())
		if !ok {
			return Value{}, unfit(i, arg, "a string, a number or a boolean")
		}
		b.WriteString(text)
	}
	return StringValue(b.String()), nil
}

func callReplace(args []Value) (Value, error) {
	s, old, err := textArgs(args)
	if err != nil {
		return Value{}, err
	}
	replacement, err := textArg(args, 2)
	switch {
	case err != nil:
		return Value{}, err
	case old == "":
		return Value{}, errors.New("argument 2: got an empty string, want what to replace")
	case len(s)+strings.Count(s, old)*(len(replacement)-len(old)) > utf8.UTFMax*maxResultText:
		return Value{}, errTooLarge
	}
	return StringValue(strings.ReplaceAll(s, old, replacement)), nil
}

func callSubstring(args []Value) (Value, error) {
	s, err := textArg(args, 0)
	if err != nil {
		return Value{}, err
	}
	start, err := countArg(args, 1)
	if err != nil {
		return Value{}, err
	}
	from, ok := byteAt(s, start)
	if !ok {
		return Value{}, fmt.Errorf("argument 2: got %d, want 0 to %d, the length of the text", start, utf16Length(s))
	}
	rest := s[from:]
	if len(args) < 3 {
		return StringValue(rest), nil
	}
	length, err := countArg(args, 2)
	if err != nil {
		return Value{}, err
	}
	to, ok := byteAt(rest, length)
	if !ok {
		return Value{}, fmt.Errorf("argument 3: got %d, want 0 to %d, what remains of the text", length, utf16Length(rest))
	}
	return StringValue(rest[:to]), nil
}

func callSplit(args []Value) (Value, error) {
	s, err := textArg(args, 0)
	if err != nil {
		return Value{}, err
	}
	delimiters, err := delimitersOf(args[1].filled())
	if err != nil {
		return Value{}, err
	}
	var pieces []Value
	start := 0
	for i := 0; i < len(s); {
		size := 0
		for _, d := range delimiters {
			if strings.HasPrefix(s[i:], d) {
				size = len(d)
				break
			}
		}
		if size == 0 {
			i++
			continue
		}
		pieces = append(pieces, StringValue(s[start:i]))
		i += size
		start = i
	}
	return ArrayValue(append(pieces, StringValue(s[start:]))...), nil
}

// delimitersOf are the delimiters of split that are not empty, the longest
// first.
func delimitersOf(v Value) ([]string, error) {
	if v.kind == String {
		v = ArrayValue(v)
	}
	if v.kind != Array {
		return nil, unfit(1, v, "a string or an array of strings")
	}
	var delimiters []string
	v.each(func(_ string, item Value) bool {
		if item.str != "" {
			delimiters = append(delimiters, item.str)
		}
		return true
	})
	slices.SortStableFunc(delimiters, func(a, b string) int { return len(b) - len(a) })
	return delimiters, nil
}

func callJoin(args []Value) (Value, error) {
	if args[0].kind != Array {
		return Value{}, unfit(0, args[0], "an array")
	}
	delimiter, err := textArg(args, 1)
	if err != nil {
		return Value{}, err
	}
	var b strings.Builder
	for i, item := range args[0].unfolded() {
		if i > 0 {
			b.WriteString(delimiter)
		}
		text, err := printed(item)
		if err != nil || b.Len() > utf8.UTFMax*maxResultText {
			return Value{}, errTooLarge
		}
		b.WriteString(text)
	}
	return StringValue(b.String()), nil
}

func callString(args []Value) (Value, error) {
	text, err := printed(args[0].filled())
	return StringValue(text), err
}

// printed is the text form of any value: scalars as they are, null as null,
// arrays and objects as JSON.
func printed(v Value) (string, error) {
	if text, ok := textOfScalar(v); ok {
		return text, nil
	}
	if room := utf8.UTFMax * maxResultText; !fits(v, &room) {
		return "", errTooLarge
	}
	return v.String(), nil
}

// fits reports whether the texts in v have no more bytes than there is room.
func fits(v Value, room *int) bool {
	*room -= len(v.str) + 1
	v.each(func(key string, item Value) bool {
		*room -= len(key)
		return *room >= 0 && fits(item, room)
	})
	return *room >= 0
}

// ends is startsWith and endsWith; of what is no text neither is true.
func ends(has func(s, part string) bool) func([]Value) (Value, error) {
	return func(args []Value) (Value, error) {
		s, part := args[0].filled(), args[1].filled()
		return BoolValue(s.kind == String && part.kind == String && has(fold(s.str), fold(part.str))), nil
	}
}

func callIndexOf(args []Value) (Value, error) {
	if args[0].kind == Array {
		at := slices.IndexFunc(args[0].unfolded(), func(item Value) bool { return strictEqual(item, args[1]) })
		return IntValue(int64(at)), nil
	}
	s, part, err := textArgs(args)
	if err != nil {
		return Value{}, err
	}
	return IntValue(position(s, strings.Index(fold(s), fold(part)))), nil
}

func callLastIndexOf(args []Value) (Value, error) {
	if args[0].kind == Array {
		items := args[0].unfolded()
		for at := len(items) - 1; at >= 0; at-- {
			if strictEqual(items[at], args[1]) {
				return IntValue(int64(at)), nil
			}
		}
		return IntValue(-1), nil
	}
	s, part, err := textArgs(args)
	switch {
	case err != nil:
		return Value{}, err
	case part == "":
		return IntValue(int64(utf16Length(s))), nil
	}
	return IntValue(position(s, strings.LastIndex(fold(s), fold(part)))), nil
}

// position is the UTF-16 position in s of the character to which the byte at
// folded of the folded s belongs; -1 stays -1.
func position(s string, folded int) int64 {
	if folded < 0 {
		return -1
	}
	n, at := int64(0), 0
	for i, r := range s {
		at += len(fold(s[i : i+runeWidth(s[i:])]))
		if folded < at {
			return n
		}
		n += int64(utf16Width(r))
	}
	return n
}

func runeWidth(s string) int {
	_, width := utf8.DecodeRuneInString(s)
	return width
}

func callPadLeft(args []Value) (Value, error) {
	v := args[0].filled()
	text, ok := textOfScalar(v)
	if !ok || v.kind == Bool {
		return Value{}, unfit(0, v, "a string or a number")
	}
	width, err := numberOf(args[1])
	if err != nil || width.Int() < 0 {
		return Value{}, unfit(1, args[1], "a number that is not negative")
	}
	fill := " "
	if len(args) == 3 && args[2].str != "" {
		fill = args[2].str[:runeWidth(args[2].str)]
	}
	missing := width.Int() - int64(utf8.RuneCountInString(text))
	switch {
	case missing <= 0:
		return StringValue(text), nil
	case missing > maxResultText:
		return Value{}, errTooLarge
	}
	return StringValue(strings.Repeat(fill, int(missing)) + text), nil
}
