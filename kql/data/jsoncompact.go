package data

// compactor copies JSON without blanks, in the form that AppendJSON prints,
// without building a tree. Where that is not simple (escapes that print
// differently, a key twice, many keys) it gives up, and the tree is built.
type compactor struct {
	text string
	dst  []byte
	keys []string // of the open bags, innermost last
}

// mostCompactKeys is how many keys of one bag are compared with each other.
const mostCompactKeys = 40

// appendCompact appends the container; ok is false where it gave up.
func appendCompact(dst []byte, text string) (_ []byte, ok bool) {
	c := &compactor{text: text, dst: dst}
	i := c.value(0, 0)
	if i < 0 || skipSpace(text, i) < len(text) {
		return dst, false
	}
	return c.dst, true
}

func (c *compactor) value(i, depth int) int {
	if i >= len(c.text) {
		return -1
	}
	switch c.text[i] {
	case '{':
		return c.bag(skipSpace(c.text, i+1), depth+1)
	case '[':
		return c.array(skipSpace(c.text, i+1), depth+1)
	case '"':
		return c.str(i)
	case 't':
		return c.word(i, "true")
	case 'f':
		return c.word(i, "false")
	case 'n':
		return c.word(i, "null")
	}
	return c.number(i)
}

func (c *compactor) word(i int, word string) int {
	end := validWord(c.text, i, word)
	if end > 0 {
		c.dst = append(c.dst, word...)
	}
	return end
}

// str copies a string that prints as it stands: without escapes, ASCII or not.
func (c *compactor) str(i int) int {
	end, plain := skipString(c.text, i+1)
	if !plain || end <= i+1 || c.text[end-1] != '"' || !printsAsIs(c.text[i+1:end-1]) {
		return -1
	}
	c.dst = append(c.dst, c.text[i:end]...)
	return end
}

// number copies whole numbers that surely fit a long.
func (c *compactor) number(i int) int {
	end := validNumber(c.text, i)
	if end < 0 {
		return -1
	}
	digits := c.text[i:end]
	if len(digits) > 18 || digits == "-0" || !wholeDigits(digits) {
		n, err := (&parser{text: digits}).number()
		if err != nil {
			return -1
		}
		c.dst = n.AppendJSON(c.dst)
		return end
	}
	c.dst = append(c.dst, digits...)
	return end
}

func wholeDigits(s string) bool {
	for i := range len(s) {
		if s[i]-'0' > 9 && (i > 0 || s[0] != '-') {
			return false
		}
	}
	return true
}

func (c *compactor) array(i, depth int) int {
	c.dst = append(c.dst, '[')
	for first := true; depth <= maxDepth; first = false {
		if i >= len(c.text) {
			return -1
		}
		if first && c.text[i] == ']' {
			return c.end(i, ']')
		}
		if i = c.value(i, depth); i < 0 {
			return -1
		}
		if i = skipSpace(c.text, i); i >= len(c.text) || c.text[i] != ',' {
			return c.end(i, ']')
		}
		c.dst = append(c.dst, ',')
		i = skipSpace(c.text, i+1)
	}
	return -1
}

func (c *compactor) end(i int, with byte) int {
	if i >= len(c.text) || c.text[i] != with {
		return -1
	}
	c.dst = append(c.dst, with)
	return i + 1
}

func (c *compactor) bag(i, depth int) int {
	c.dst = append(c.dst, '{')
	base := len(c.keys)
	for first := true; depth <= maxDepth; first = false {
		if i >= len(c.text) {
			return -1
		}
		if first && c.text[i] == '}' {
			return c.end(i, '}')
		}
		if i = c.key(i, base); i < 0 {
			return -1
		}
		if i = c.value(i, depth); i < 0 {
			return -1
		}
		if i = skipSpace(c.text, i); i >= len(c.text) || c.text[i] != ',' {
			c.keys = c.keys[:base]
			return c.end(i, '}')
		}
		c.dst = append(c.dst, ',')
		i = skipSpace(c.text, i+1)
	}
	return -1
}

// key copies a key and its colon; the value starts where it returns.
func (c *compactor) key(i, base int) int {
	if c.text[i] != '"' {
		return -1
	}
	end := c.str(i)
	if end < 0 || len(c.keys)-base >= mostCompactKeys {
		return -1
	}
	key := c.text[i:end]
	for _, other := range c.keys[base:] {
		if other == key {
			return -1
		}
	}
	c.keys = append(c.keys, key)
	if end = skipSpace(c.text, end); end >= len(c.text) || c.text[end] != ':' {
		return -1
	}
	c.dst = append(c.dst, ':')
	return skipSpace(c.text, end+1)
}
