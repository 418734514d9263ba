package outline

import (
	"hash/maphash"
	"math/bits"
)

const (
	maxNames = 1 << 12 // values remembered at one place
	allNames = 1 << 14 // values remembered by one reader
	manyNew  = 1 << 9  // so many new values before it is asked whether any came twice
)

// names numbers the values at one place.
type names struct {
	room   *int // how many more values the reader remembers
	recent [4]named
	byText map[string]Code
	texts  []string // by number
	byHash map[uint64]Code
	count  Code
	hits   int
	// unique says that values here hardly ever come twice.
	unique bool
}

// named is a value and its number. The text of a string is that behind its
// opening quote, with the closing one.
type named struct {
	text string
	code Code
}

// code numbers a scalar.
func (n *names) code(text []byte) Code {
	if n.unique {
		return Unique
	}
	c, ok := n.byText[string(text)]
	if ok {
		n.hits++
	} else {
		if c = n.number(); c == Unique {
			return c
		}
		if n.byText == nil {
			n.byText = map[string]Code{}
		}
		n.texts = append(n.texts, string(text))
		n.byText[n.texts[c-firstCode]] = c
	}
	copy(n.recent[1:], n.recent[:])
	n.recent[0] = named{n.texts[c-firstCode], c}
	return c
}

// hashed numbers an array or object by the hash of what counts of it.
func (n *names) hashed(h uint64) Code {
	if n.unique {
		return Unique
	}
	c, ok := n.byHash[h]
	if ok {
		n.hits++
		return c
	}
	if c = n.number(); c == Unique {
		return c
	}
	if n.byHash == nil {
		n.byHash = map[uint64]Code{}
	}
	n.texts = append(n.texts, "") // keeps numbers and texts side by side
	n.byHash[h] = c
	return c
}

// number gives the next number, or finds that numbering does not pay.
func (n *names) number() Code {
	if n.count >= manyNew && n.hits < int(n.count)/4 {
		n.unique, n.byText, n.byHash, n.texts, n.recent = true, nil, nil, nil, [4]named{}
		*n.room += int(n.count)
		return Unique
	}
	if n.count >= maxNames || *n.room <= 0 {
		return Unique
	}
	*n.room--
	n.count++
	return firstCode + n.count - 1
}

var textSeed = maphash.MakeSeed()

func hashText(b []byte) uint64 { return maphash.Bytes(textSeed, b) }

// mix makes one number of two, so that their order matters.
func mix(h, x uint64) uint64 {
	hi, lo := bits.Mul64(h^0x9e3779b97f4a7c15, x^0xbf58476d1ce4e5b9)
	return hi ^ lo ^ h
}
