package outline

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"unicode/utf8"
)

// Every way to map a record finds what a walk over its bytes does.
func TestQuoteMap(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	letters := []byte("abc\"{}[]:, 0123\"x")
	for range 20_000 {
		b := make([]byte, random.IntN(300))
		for i := range b {
			b[i] = letters[random.IntN(len(letters))]
		}
		if len(b) > 0 && random.IntN(3) == 0 {
			b[random.IntN(len(b))] = []byte{'\\', '\n', 0, 0x1f, 0x7f, 0x80, 0xff, 0xa2}[random.IntN(8)]
		}
		var q quoteMap
		ok := q.read(b)
		quotes, met, valid := walk(b)
		if ok != valid || q.met != met {
			t.Fatalf("%q: got %t, %v, want %t, %v", b, ok, q.met, valid, met)
		}
		if !ok {
			continue
		}
		checkQuotes(t, &q, b, quotes)
		if whole := b[:len(b)/blockSize*blockSize]; !met.slash && len(whole) > 0 {
			q.met = mapBlocksPlain(whole, q.words)
			if _, met, _ := walk(whole); met != q.met {
				t.Fatalf("%q: plain walk met %v, want %v", whole, q.met, met)
			}
			checkQuotes(t, &q, b, quotes)
		}
	}
}

// walk finds quotes the plain way.
func walk(b []byte) (quotes []int, m met, valid bool) {
	valid = utf8.Valid(b)
	for _, c := range b {
		m.slash, m.control, m.wide = m.slash || c == '\\', m.control || c < ' ', m.wide || c >= 0x80
	}
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '"':
			quotes = append(quotes, i)
		case b[i] == '\\':
			if i++; i == len(b) || !bytes.ContainsRune([]byte("\"\\/bfnrt"), rune(b[i])) {
				return nil, m, false
			}
		}
	}
	return quotes, m, valid
}

func checkQuotes(t *testing.T, q *quoteMap, b []byte, quotes []int) {
	t.Helper()
	for i := range b {
		for len(quotes) > 0 && quotes[0] < i {
			quotes = quotes[1:]
		}
		got := q.next(i)
		if len(quotes) > 0 && got != quotes[0] || len(quotes) == 0 && got < len(b) {
			t.Fatalf("first quote from %d in %q: got %d, want the first of %d", i, b, got, quotes)
		}
	}
}
