package inventory

import (
	"bufio"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// asUTF8 removes a byte order mark, and turns UTF-16, which PowerShell writes
// when output is redirected, into UTF-8. Without a mark it is known by the first
// letter, which in JSON is never outside ASCII.
func asUTF8(r io.Reader) io.Reader {
	// The mark is read alone, so that blocks of the rest go straight from r
	// into chunks.
	head := make([]byte, 3)
	n, err := io.ReadFull(r, head)
	head = head[:n]
	rest := r
	if err != nil {
		if err == io.ErrUnexpectedEOF {
			err = io.EOF
		}
		rest = failing{err}
	}
	switch {
	case n == 3 && head[0] == 0xEF && head[1] == 0xBB && head[2] == 0xBF:
		return rest
	case n >= 2 && head[0] == 0xFF && head[1] == 0xFE:
		return &utf16Reader{r: bufio.NewReader(&prefixed{head[2:], rest})}
	case n >= 2 && head[0] == 0xFE && head[1] == 0xFF:
		return &utf16Reader{r: bufio.NewReader(&prefixed{head[2:], rest}), big: true}
	case n >= 2 && head[0] != 0 && head[1] == 0:
		return &utf16Reader{r: bufio.NewReader(&prefixed{head, rest})}
	case n >= 2 && head[0] == 0 && head[1] != 0:
		return &utf16Reader{r: bufio.NewReader(&prefixed{head, rest}), big: true}
	}
	return &prefixed{head, rest}
}

// failing is a reader at its end.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// prefixed reads head and then r.
type prefixed struct {
	head []byte
	r    io.Reader
}

func (p *prefixed) Read(to []byte) (int, error) {
	if len(p.head) == 0 {
		return p.r.Read(to)
	}
	n := copy(to, p.head)
	p.head = p.head[n:]
	return n, nil
}

// utf16Reader turns UTF-16 into UTF-8; half a pair becomes U+FFFD.
type utf16Reader struct {
	r     *bufio.Reader
	big   bool
	first rune // high half of a pair that waits for its low half
	out   []byte
	err   error
}

func (u *utf16Reader) Read(to []byte) (int, error) {
	for len(u.out) < len(to) && u.err == nil {
		u.unit()
	}
	n := copy(to, u.out)
	u.out = append(u.out[:0], u.out[n:]...)
	if n == 0 && len(to) > 0 {
		return 0, u.err
	}
	return n, nil
}

func (u *utf16Reader) unit() {
	a, err := u.r.ReadByte()
	if err != nil {
		u.end(err)
		return
	}
	b, err := u.r.ReadByte()
	if err != nil {
		u.end(io.ErrUnexpectedEOF)
		return
	}
	if u.big {
		a, b = b, a
	}
	unit := rune(a) | rune(b)<<8
	if u.first != 0 {
		pair := utf16.DecodeRune(u.first, unit)
		u.first = 0
		u.out = utf8.AppendRune(u.out, pair)
		if pair != utf8.RuneError {
			return
		}
	}
	if utf16.IsSurrogate(unit) && unit < 0xDC00 {
		u.first = unit
		return
	}
	u.out = utf8.AppendRune(u.out, unit)
}

func (u *utf16Reader) end(err error) {
	if u.first != 0 {
		u.out = utf8.AppendRune(u.out, utf8.RuneError)
		u.first = 0
	}
	u.err = err
}
