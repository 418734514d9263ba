package data

import (
	"strconv"
	"strings"
)

// KeyStep goes to a bag's key.
func KeyStep(key string) Step { return Step{Key: key} }

// IndexStep goes to an array's item.
func IndexStep(i int) Step { return Step{Index: i, IsIndex: true} }

// Path is the node that the steps lead to, nil where one leads nowhere. In a
// raw node it is found by scanning the text.
func (n *Node) Path(steps []Step) *Node {
	n, found := n.walk(steps)
	if n == nil || found == "" {
		return n
	}
	return RawJSON(found)
}

// PathValue is Path(steps).Value(), without building a node where the path
// leads through raw JSON to a scalar.
func (n *Node) PathValue(steps []Step) Value {
	n, found := n.walk(steps)
	if n == nil {
		return Null(Dynamic)
	}
	if found == "" {
		return n.Value()
	}
	if found[0] == '{' || found[0] == '[' {
		return Value{typ: Dynamic, node: RawJSON(found)}
	}
	if found[0] == '"' {
		if s, err := (&parser{text: found}).str(); err == nil {
			return Value{typ: String, text: s}
		}
	}
	if v, ok := scalarText(found); ok {
		return v
	}
	return RawJSON(found).Value()
}

// scalarText is a number or a word of valid JSON as a value.
func scalarText(text string) (Value, bool) {
	switch c := text[0]; {
	case text == "true" || text == "false":
		return OfBool(c == 't'), true
	case text == "null":
		return Null(Dynamic), true
	case c == '-' || c >= '0' && c <= '9':
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return OfLong(n), true
		}
		f, err := strconv.ParseFloat(text, 64)
		return OfReal(f), err == nil
	}
	return Value{}, false
}

// walk follows the steps as far as there are trees; found is the JSON at the
// path where the rest was found in a raw node.
func (n *Node) walk(steps []Step) (at *Node, found string) {
	for i, step := range steps {
		if n == nil {
			return nil, ""
		}
		if n.kind == kindRaw {
			p := n.lazy.Load()
			if p == nil {
				found = pathText(n.text, steps[i:])
				if found == "" {
					return nil, ""
				}
				return n, found
			}
			n = p
		}
		if step.IsIndex {
			n = n.Index(step.Index)
		} else {
			n, _ = n.Key(step.Key)
		}
	}
	return n, ""
}

// pathText is the text of the value that the steps lead to, "" for none.
func pathText(s string, steps []Step) string {
	at := 0
	for _, step := range steps {
		at = skipSpace(s, at)
		if at >= len(s) {
			return ""
		}
		switch {
		case step.IsIndex && s[at] == '[':
			at = findIndex(s, at+1, step.Index)
		case !step.IsIndex && s[at] == '{':
			at = findKey(s, at+1, step.Key)
		default:
			return ""
		}
		if at < 0 {
			return ""
		}
	}
	return s[at:skipValue(s, at)]
}

// findKey is where the value of a key starts in the bag that i is inside of,
// or -1. Of keys that occur twice the last counts.
func findKey(s string, i int, key string) int {
	found := -1
	for {
		i = skipSpace(s, i)
		if i < len(s) && s[i] == ',' {
			i = skipSpace(s, i+1)
		}
		if i >= len(s) || s[i] != '"' {
			return found
		}
		end, plain := skipString(s, i+1)
		same := keyIs(s[i:end], key, plain)
		i = skipSpace(s, end)
		if i >= len(s) || s[i] != ':' {
			return found
		}
		i = skipSpace(s, i+1)
		if same {
			found = i
			if !mayRepeat(s[i:], key) {
				return found
			}
		}
		i = skipValue(s, i)
	}
}

func keyIs(quoted, key string, plain bool) bool {
	if plain {
		return len(quoted) == len(key)+2 && quoted[1:len(quoted)-1] == key
	}
	s, err := (&parser{text: quoted}).str()
	return err == nil && s == key
}

// mayRepeat tells quickly that a key does not stand in the text again.
func mayRepeat(rest, key string) bool {
	if key == "" {
		return strings.Contains(rest, `""`) || strings.IndexByte(rest, '\\') >= 0
	}
	for {
		i := strings.Index(rest, key)
		if i < 0 {
			return strings.IndexByte(rest, '\\') >= 0
		}
		after := i + len(key)
		if i > 0 && rest[i-1] == '"' && after < len(rest) && rest[after] == '"' {
			return true
		}
		rest = rest[i+1:]
	}
}

// findIndex is where item n starts in the array that i is inside of, or -1.
func findIndex(s string, i, n int) int {
	if n < 0 {
		n += countItems(s, i)
		if n < 0 {
			return -1
		}
	}
	for {
		i = skipSpace(s, i)
		if i >= len(s) || s[i] == ']' {
			return -1
		}
		if n == 0 {
			return i
		}
		next := nextItem(s, i)
		if next <= i {
			return -1
		}
		i = next
		n--
	}
}

// nextItem goes past an item and the comma after it.
func nextItem(s string, i int) int {
	i = skipSpace(s, skipValue(s, i))
	if i < len(s) && s[i] == ',' {
		return skipSpace(s, i+1)
	}
	return i
}

func countItems(s string, i int) int {
	n := 0
	for i = skipSpace(s, i); i < len(s) && s[i] != ']'; n++ {
		next := nextItem(s, i)
		if next <= i {
			return n
		}
		i = next
	}
	return n
}
