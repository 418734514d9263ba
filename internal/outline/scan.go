package outline

// pastText gives the place behind the text at i, 0 if it is none.
func (r *Reader) pastText(i int) int {
	end := r.quotes.next(i)
	if end >= len(r.b) || r.quotes.met.control && hasControl(r.b[i:end]) {
		return 0
	}
	return end + 1
}

// hasControl reports whether a text has characters that must be escaped.
func hasControl(text []byte) bool {
	for _, c := range text {
		if c < ' ' {
			return true
		}
	}
	return false
}

// number gives the end of the number at i, 0 if it is none.
func number(b []byte, i int) int {
	if i < len(b) && b[i] == '-' {
		i++
	}
	whole := i
	if i = digits(b, i); i == whole || i > whole+1 && b[whole] == '0' {
		return 0
	}
	if i < len(b) && b[i] == '.' {
		part := i + 1
		if i = digits(b, part); i == part {
			return 0
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		part := i
		if i = digits(b, part); i == part {
			return 0
		}
	}
	return i
}

func digits(b []byte, i int) int {
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	return i
}

// literal gives the end of true, false or null at i, 0 if it is none.
func literal(b []byte, i int) int {
	rest := b[i:]
	switch {
	case len(rest) >= 4 && (string(rest[:4]) == "null" || string(rest[:4]) == "true"):
		return i + 4
	case len(rest) >= 5 && string(rest[:5]) == "false":
		return i + 5
	}
	return 0
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// space gives the first place from i that is not white space.
func space(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' && isSpace(b[i]) {
		i++
	}
	return i
}
