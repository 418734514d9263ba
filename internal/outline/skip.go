package outline

import "math/bits"

// skip gives the end of the value at i, whatever it is; 0 if it is none, or
// nested too deep. Most of a record is skipped, so that calls are spared here.
func (r *Reader) skip(i, depth int) int {
	b, words := r.b, r.quotes.words
	control := r.quotes.met.control
	var inObject uint64 // a bit a level: 1 for objects
	level := 0
	for {
		if uint(i) >= uint(len(b)) {
			return 0
		}
		switch c := b[i]; c {
		case '"':
			i++
			if w := from(words, i); w != 0 && !control {
				i += bits.TrailingZeros64(w) + 1
			} else if i = r.pastText(i); i == 0 {
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
			goto key
		case 't', 'f', 'n':
			if i = literal(b, i); i == 0 {
				return 0
			}
		default:
			if i = number(b, i); i == 0 {
				return 0
			}
		}
		// Behind a value: out of what ends here, on to what follows.
		for {
			if level == 0 {
				return i
			}
			if uint(i) >= uint(len(b)) {
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
	key:
		if uint(i) >= uint(len(b)) || b[i] != '"' {
			return 0
		}
		i++
		if w := from(words, i); w != 0 && !control {
			i += bits.TrailingZeros64(w) + 1
		} else if i = r.pastText(i); i == 0 {
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
	}
}
