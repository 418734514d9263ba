package outline

// skip gives the end of the value at i, whatever it is; 0 if it is none, or
// nested too deep. Most of a record is skipped, so that calls are spared here.
func (r *Reader) skip(i, depth int) int {
	b, q := r.b, r.quotes
	var inObject uint64 // a bit a level: 1 for objects
	level := 0
	for {
		if i >= len(b) {
			return 0
		}
		switch c := b[i]; c {
		case '"':
			if end := q.near(b, i); end > 0 {
				i = end
			} else if i = r.pastText(i + 1); i == 0 {
				return 0
			}
		case '{', '[':
			if level++; level+depth > maxDepth {
				return 0
			}
			inObject <<= 1
			if i = space(b, i+1); i >= len(b) {
				return 0
			}
			if b[i] == c+2 { // the closing bracket
				level--
				inObject >>= 1
				i++
				break
			}
			if c == '[' {
				continue
			}
			inObject |= 1
			if i = r.skipKey(i); i == 0 {
				return 0
			}
			continue
		default:
			if i = skipScalar(b, i); i == 0 {
				return 0
			}
		}
		// Behind a value: out of what ends here, on to what follows.
		for {
			if level == 0 {
				return i
			}
			if i >= len(b) {
				return 0
			}
			c := b[i]
			if c <= ' ' {
				if i = space(b, i); i >= len(b) {
					return 0
				}
				c = b[i]
			}
			if c == ',' {
				break
			}
			if c != ']'+byte(inObject&1)*('}'-']') {
				return 0
			}
			inObject >>= 1
			level--
			i++
		}
		if i++; i < len(b) && b[i] <= ' ' {
			i = space(b, i)
		}
		if inObject&1 == 0 {
			continue
		}
		if i = r.skipKey(i); i == 0 {
			return 0
		}
	}
}

// skipKey gives the place of the value whose key stands at i.
func (r *Reader) skipKey(i int) int {
	b := r.b
	if i >= len(b) || b[i] != '"' {
		return 0
	}
	if end := r.quotes.near(b, i); end > 0 {
		i = end
	} else if i = r.pastText(i + 1); i == 0 {
		return 0
	}
	if i < len(b) && b[i] != ':' {
		i = space(b, i)
	}
	if i >= len(b) || b[i] != ':' {
		return 0
	}
	if i++; i < len(b) && b[i] <= ' ' {
		i = space(b, i)
	}
	return i
}

func skipScalar(b []byte, i int) int {
	switch c := b[i]; {
	case c == 't' || c == 'f' || c == 'n':
		return literal(b, i)
	}
	return number(b, i)
}
