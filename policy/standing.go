package policy

import (
	"hash/maphash"
	"math/bits"
	"strings"
)

// standing is where a resource stands: its ARM id, cut and hashed once. The
// hash of anything that the id begins with, its group or what it hangs below,
// costs next to nothing then. Ids are equal if they differ in case alone.
type standing struct {
	id        string
	unit      int // how much of id names the subscription
	group     int // how much of it names the resource group, 0 for none
	providers int // where its last /providers/ begins, -1 for none
	// states are those of the hash before each word of id. Those of the group's
	// words stay from one resource to the next as long as the group does.
	states []uint64
	before []byte // the group of the id before, with the slash behind it
}

// wordSize is how many bytes are hashed at a time.
const wordSize = 8

// Of an unknown seed, so that nobody can make ids which collide.
var (
	seed                         = maphash.MakeSeed()
	seedStart, seedWord, seedEnd = maphash.String(seed, "start"), maphash.String(seed, "word"), maphash.String(seed, "end")
)

// HashID hashes an ARM id so that ids which differ in case alone are equal.
// Hashes differ from one process to the next.
func HashID(id string) uint64 {
	state, at := seedStart, 0
	for ; at+wordSize <= len(id); at += wordSize {
		state = mixed(state, folded(wordAt(id, at)))
	}
	return ended(state, tail(id, at, len(id)), len(id))
}

// read takes an id to pieces.
func (s *standing) read(id string) {
	id = strings.TrimRight(id, "/")
	s.id = id
	kept := 0
	if n := len(s.before); n > 0 && len(id) > n && id[:n] == string(s.before) {
		kept = n / wordSize
	} else {
		s.unit, s.group, s.before = len(UnitOf(id)), len(GroupOf(id)), s.before[:0]
		if s.group > 0 && s.group < len(id) {
			s.before = append(s.before, id[:s.group+1]...)
		}
	}
	s.providers = LastProviders(id)
	if kept == 0 {
		s.states = append(s.states[:0], seedStart)
	}
	s.states = s.states[:kept+1]
	state := s.states[kept]
	for at := kept * wordSize; at+wordSize <= len(id); at += wordSize {
		state = mixed(state, folded(wordAt(id, at)))
		s.states = append(s.states, state)
	}
}

// hash is the hash of the first n bytes of the id.
func (s *standing) hash(n int) uint64 {
	at := n / wordSize
	return ended(s.states[at], tail(s.id, at*wordSize, n), n)
}

// above gives how much of the id names the resource that it hangs below.
func (s *standing) above() int {
	if s.providers >= 0 && strings.Count(s.id[s.providers+len("/providers/"):], "/") <= 2 {
		return s.providers
	}
	n := len(s.id)
	for range 2 {
		n = max(strings.LastIndexByte(s.id[:n], '/'), 0)
	}
	return n
}

// ancestors adds the resources that the id names on its way: after the
// namespace come pairs of type and name.
func (s *standing) ancestors(places []uint64) []uint64 {
	slashes := 0
	for i := s.providers + len("/providers/"); i < len(s.id); i++ {
		if s.id[i] != '/' {
			continue
		}
		if slashes++; slashes > 1 && slashes%2 == 1 {
			places = append(places, s.hash(i))
		}
	}
	return places
}

// nested reports whether the resource stands below another.
func (s *standing) nested() bool { return s.providers > s.group && s.providers > s.unit }

// appendFullName writes the names that the id has after its last namespace.
func (s *standing) appendFullName(dst []byte) []byte {
	segment, start := 0, s.providers+len("/providers/")
	for i := start; i <= len(s.id); i++ {
		if i < len(s.id) && s.id[i] != '/' {
			continue
		}
		if segment >= 2 && segment%2 == 0 {
			if segment > 2 {
				dst = append(dst, '/')
			}
			dst = append(dst, s.id[start:i]...)
		}
		segment++
		start = i + 1
	}
	return dst
}

// mixed is a step of the hash: a product with both halves folded together, as
// wyhash has it.
func mixed(state, word uint64) uint64 {
	hi, lo := bits.Mul64(word^seedWord, state^seedEnd)
	return hi ^ lo
}

func ended(state, rest uint64, size int) uint64 { return mixed(mixed(state, rest), uint64(size)) }

// wordAt reads eight bytes.
func wordAt(s string, at int) uint64 {
	b := s[at : at+wordSize]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// tail reads what is less than a word.
func tail(s string, from, to int) uint64 {
	if from+wordSize <= len(s) {
		return folded(wordAt(s, from)) & (1<<(8*uint(to-from)) - 1)
	}
	word := uint64(0)
	for i := from; i < to; i++ {
		word |= uint64(s[i]) << (8 * uint(i-from))
	}
	return folded(word)
}

// folded makes the letters A to Z of a word small.
func folded(word uint64) uint64 {
	const ones = 0x0101010101010101
	low := word &^ (0x80 * ones)
	atLeastA, aboveZ := low+(0x80-'A')*ones, low+(0x7f-'Z')*ones
	capital := (atLeastA &^ aboveZ) &^ word & (0x80 * ones)
	return word | capital>>2
}
