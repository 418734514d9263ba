package function

import (
	"strings"

	"github.com/bartizan-dev/bartizan/kql/data"
)

// parseCSV reads one record; quotes may enclose commas, line ends and doubled quotes.
func parseCSV(c *Context, args []data.Value) data.Value {
	s := args[0].String()
	affordParts(c, s, ",")
	fields := []string{}
	for {
		var field string
		var end byte
		field, s, end = csvField(s)
		fields = append(fields, field)
		if end != ',' {
			return data.OfNode(data.NodeOfStrings(fields))
		}
	}
}

// csvField reads up to a comma or the record's end, which it also gives.
func csvField(s string) (field, rest string, end byte) {
	var b strings.Builder
	if strings.HasPrefix(s, `"`) {
		s = s[1:]
		for {
			before, after, found := strings.Cut(s, `"`)
			b.WriteString(before)
			s = after
			if !found || !strings.HasPrefix(s, `"`) {
				break
			}
			b.WriteByte('"')
			s = s[1:]
		}
	}
	at := strings.IndexAny(s, ",\r\n")
	if at < 0 {
		b.WriteString(s)
		return b.String(), "", 0
	}
	b.WriteString(s[:at])
	return b.String(), s[at+1:], s[at]
}

// parseCommandLine follows the rules of CommandLineToArgvW.
func parseCommandLine(c *Context, args []data.Value) data.Value {
	s := strings.TrimSpace(args[0].String())
	if args[1].String() != "windows" || s == "" {
		return data.Null(data.Dynamic)
	}
	var words []string
	for first := true; s != ""; first = false {
		var word string
		if first {
			word, s = programName(s)
		} else {
			word, s = commandWord(s)
		}
		words = append(words, word)
		c.affordItems(len(words))
		s = strings.TrimLeft(s, " \t")
	}
	return data.OfNode(data.NodeOfStrings(words))
}

// programName knows no escapes: only quotes and blanks end it.
func programName(s string) (word, rest string) {
	if strings.HasPrefix(s, `"`) {
		word, rest, _ = strings.Cut(s[1:], `"`)
		return word, rest
	}
	end := strings.IndexAny(s, " \t")
	if end < 0 {
		return s, ""
	}
	return s[:end], s[end:]
}

func commandWord(s string) (word, rest string) {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '\\':
			slashes := len(s[i:]) - len(strings.TrimLeft(s[i:], `\`))
			i += slashes
			if i >= len(s) || s[i] != '"' {
				b.WriteString(strings.Repeat(`\`, slashes))
				continue
			}
			b.WriteString(strings.Repeat(`\`, slashes/2))
			if slashes%2 == 1 {
				b.WriteByte('"')
				i++
			}
		case c == '"' && quoted && i+1 < len(s) && s[i+1] == '"':
			b.WriteByte('"')
			i += 2
		case c == '"':
			quoted = !quoted
			i++
		case (c == ' ' || c == '\t') && !quoted:
			return b.String(), s[i:]
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String(), ""
}
